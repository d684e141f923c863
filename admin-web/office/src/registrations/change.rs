//! How a registration is read and written: one row, in the append that tells the audit of its company of it.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_billing::tariffs::{PlanId, TariffHistory};
use ofd_edge::World;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditEntry, Company, Kept, Paper, RegisterData, Registration, RegistrationOrder, RegistrationState,
    joined, registration, save_beside,
};
use ofd_storage::erased::DynStore;
use ofd_storage::figures;
use ofd_storage::model::{self, RegisterRecord, TradePoint, register_key};
use ofd_storage::registers;
use ofd_storage::store::{Stamp, StoreError};

use super::chosen::{Chosen, chosen_shop};
use super::fields::chosen;
use crate::change::{self, ChangeError, Changeable};
use crate::office::{Joined, Office};

/// Registrations are read so many at a time.
pub(super) const AT_ONCE: usize = 16;

/// What is decided on: the company, and the registration where it is there.
pub(crate) struct Found {
    pub(crate) company: Kept<Company>,
    pub(crate) registration: Option<Registration>,
    /// The shop in which the register is to stand comes with it, and is not there yet; `false` where no shop was looked at.
    pub(crate) brings_shop: bool,
    /// The shop that it asks for was deleted; `false` where no shop was looked at.
    pub(crate) is_shop_gone: bool,
}

/// What is written: the registration, papers that something became of, and what the audit tells.
pub(crate) struct Next {
    pub(crate) registration: Registration,
    pub(crate) papers: Vec<Paper>,
    pub(crate) audit: Vec<AuditEntry>,
}

pub(crate) type Decided<R> = change::Decided<Next, R, ChangeError>;

/// Whether the shop that a registration asks for is looked at as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shop {
    Read,
    Left,
}

/// A registration of a company that came to the site.
struct Place<'a> {
    bin: &'a str,
    id: RegisterId,
    world: &'a dyn World,
    shop: Shop,
}

pub(super) async fn read(
    store: &DynStore,
    company: &Company,
    id: RegisterId,
) -> Result<Option<Registration>, StoreError> {
    let Some(stream) = Company::stream_of(&company.bin) else { return Ok(None) };
    match registration(store, stream, id).await? {
        Some(found) => Ok(Some(found)),
        None => of_record(store, &company.bin, id).await,
    }
}

/// The registration of a register that did not come by one: the fleet file made it, and it is on the books. It is written
/// with the first change of it.
async fn of_record(store: &DynStore, bin: &str, id: RegisterId) -> Result<Option<Registration>, StoreError> {
    let record = model::load::<RegisterRecord>(store, &register_key(id)).await?;
    let Some((_, record)) = record.filter(|(_, record)| record.bin == bin) else { return Ok(None) };
    let shop = model::load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?;
    // Near its newest shift, as far as its figures tell: an old register has thousands.
    let counted = figures::counted_until(store, id).await?;
    let near = counted.map_or(1, |(position, _)| position.shift);
    let newest = registers::newest_from(store, id, near).await?;
    let is_off = newest.is_some_and(|newest| newest.register.status.deregistered.is_some());
    Ok(Some(taken_over(record, shop.map(|(_, shop)| shop), is_off)))
}

fn taken_over(record: RegisterRecord, shop: Option<TradePoint>, is_off: bool) -> Registration {
    let nameless = || TradePoint::at(record.trade_point.clone(), &record.bin, "", "");
    let shop = chosen(&shop.unwrap_or_else(nameless));
    Registration {
        id: record.id,
        created_at: record.created_at,
        revision: 0,
        data: RegisterData {
            // The fleet file names models, by no directory.
            model: String::new(),
            model_name: record.model,
            serial_number: record.serial_number,
            year: record.year,
            rnm: record.fns_kkm_id,
            connection: record.connection,
            alias: record.alias,
            tariff: PlanId::free(),
            plan: None,
            shop,
        },
        state: if is_off { RegistrationState::Deregistered } else { RegistrationState::Registered },
        since: record.created_at,
        registered_at: Some(record.created_at),
        wanted: None,
        paper: None,
        // Whoever wrote the file has it.
        is_token_shown: true,
        reissued: 0,
        visit: None,
        plans: TariffHistory::default(),
        bin: record.bin,
    }
}

impl Changeable for Place<'_> {
    type Found = Found;
    type Next = Next;

    async fn read(&self, store: &DynStore) -> Result<Option<Found>, StoreError> {
        // The row comes behind the head: where it is changed meanwhile, so is the head, and what is written conflicts.
        let Some(company) = Joined { bin: self.bin, world: self.world }.read(store).await? else {
            return Ok(None);
        };
        let registration = read(store, &company.state, self.id).await?;
        let chosen = match &registration {
            // Whatever became of the shop, a register may leave it.
            Some(one) if self.shop == Shop::Read && one.order() != RegistrationOrder::Deregister => {
                Some(chosen_shop(store, &company.state, one).await?)
            }
            Some(_) | None => None,
        };
        let brings_shop = matches!(chosen, Some(Chosen::New));
        let is_shop_gone = matches!(chosen, Some(Chosen::Gone));
        Ok(Some(Found { company, registration, brings_shop, is_shop_gone }))
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Found,
        Next { registration, papers, audit }: Next,
        stamp: Stamp,
    ) -> Result<Found, StoreError> {
        let mut company = found.company.state.clone();
        company.registrations.retain(|known| *known != registration.id);
        if registration.is_under_way() {
            company.registrations.push(registration.id);
        }
        let numbers = papers.iter().map(|paper| paper.number);
        company.papers_last = numbers.chain([company.papers_last]).max().unwrap_or_default();
        let unwritable = |error: serde_json::Error| StoreError::Corrupt {
            place: format!("registration {} to write", registration.id),
            reason: error.to_string(),
        };
        let mut beside = vec![registration.row()?];
        for paper in &papers {
            beside.push(paper.row().map_err(unwritable)?);
        }
        let company = save_beside(store, &found.company, company, (audit, beside), stamp).await?;
        Ok(Found { company, registration: Some(registration), ..found })
    }
}

/// Changes a registration. `decide` may be called again with what somebody else made of it meanwhile.
pub(crate) async fn change_registration<R>(
    office: &Office,
    (bin, id): (&str, RegisterId),
    decide: impl FnMut(&Found) -> Decided<R>,
) -> Result<(Found, R), ChangeError> {
    let place = Place { bin, id, world: &*office.world, shop: Shop::Left };
    change::change((&office.store, || office.stamp()), &place, decide).await
}

/// The same where the shop that it asks for counts: what is signed or answered brings a register into it.
pub(super) async fn change_with_shop<R>(
    office: &Office,
    (bin, id): (&str, RegisterId),
    decide: impl FnMut(&Found) -> Decided<R>,
) -> Result<(Found, R), ChangeError> {
    let place = Place { bin, id, world: &*office.world, shop: Shop::Read };
    change::change((&office.store, || office.stamp()), &place, decide).await
}

/// A company with one of its registrations; `None` when it has none of this id.
///
/// # Errors
/// Those of the store.
pub async fn find(
    store: &DynStore,
    bin: &str,
    id: RegisterId,
) -> Result<Option<(Company, Registration)>, StoreError> {
    let Some(company) = joined(store, bin).await? else { return Ok(None) };
    let registration = read(store, &company.state, id).await?;
    Ok(registration.map(|registration| (company.state, registration)))
}

/// Up to `limit` of a company's registrations that are under way, the newest first.
///
/// # Errors
/// Those of the store.
pub async fn under_way(
    store: &DynStore,
    company: &Company,
    limit: usize,
) -> Result<Vec<Registration>, StoreError> {
    let ids = company.registrations.iter().rev().take(limit).copied();
    let found = stream::iter(ids).map(|id| read(store, company, id)).buffered(AT_ONCE);
    let found: Vec<Option<Registration>> = found.try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
