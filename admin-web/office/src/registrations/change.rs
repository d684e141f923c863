//! How a registration is read and written: one row, in the append that tells the audit of its company of it.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_edge::World;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditEntry, Company, Kept, Paper, Registration, joined, registration, save_beside,
};
use ofd_storage::erased::DynStore;
use ofd_storage::store::{Stamp, StoreError};

use crate::change::{self, ChangeError, Changeable};
use crate::office::{Joined, Office};

/// Registrations are read so many at a time.
const AT_ONCE: usize = 16;

/// What is decided on: the company, and the registration where it is there.
pub(super) struct Found {
    pub(super) company: Kept<Company>,
    pub(super) registration: Option<Registration>,
}

/// What is written: the registration, papers that something became of, and what the audit tells.
pub(super) struct Next {
    pub(super) registration: Registration,
    pub(super) papers: Vec<Paper>,
    pub(super) audit: Vec<AuditEntry>,
}

pub(super) type Decided<R> = change::Decided<Next, R, ChangeError>;

/// A registration of a company that came to the site.
struct Place<'a> {
    bin: &'a str,
    id: RegisterId,
    world: &'a dyn World,
}

async fn read(
    store: &DynStore,
    company: &Company,
    id: RegisterId,
) -> Result<Option<Registration>, StoreError> {
    match Company::stream_of(&company.bin) {
        Some(stream) => registration(store, stream, id).await,
        None => Ok(None),
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
        Ok(Some(Found { company, registration }))
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
        Ok(Found { company, registration: Some(registration) })
    }
}

/// Changes a registration. `decide` may be called again with what somebody else made of it meanwhile.
pub(super) async fn change_registration<R>(
    office: &Office,
    (bin, id): (&str, RegisterId),
    decide: impl FnMut(&Found) -> Decided<R>,
) -> Result<(Found, R), ChangeError> {
    let place = Place { bin, id, world: &*office.world };
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
