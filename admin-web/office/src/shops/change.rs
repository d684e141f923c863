//! Making, changing and deleting trade points.
//!
//! The append to the company's stream decides: it has the row of the audit, and what the record becomes
//! ([`TradePointChange`]). It is decided on a head that was read before everything else it looks at, and whoever decides on
//! trade points or registers of the organisation writes to that head before; so what it looked at has not changed since.

use std::collections::BTreeSet;

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AuditAction, AuditEntry, AuditSubject, Company, Kept, ShopGroup, TradePointChange, joined, save,
};
use ofd_storage::erased::DynStore;
use ofd_storage::holdings::{registers_of, trade_points_of};
use ofd_storage::model::{self, TradePoint, TradePointId};
use ofd_storage::store::{Stamp, StoreError, Version};
use ofd_storage::trade_point_changes::settle;

use super::draft::{TradePointDraft, is_same, told};
use super::holdings::{HOLDINGS_PAGE, REGISTERS_MAX, SHOPS_MAX, all};
use crate::by::By;
use crate::change::{ChangeError, Changeable, Decided, change};
use crate::office::Office;
use crate::part::compare;
use crate::registers::{carry_over, change_what_answers_name};
use crate::registrations::in_shop;
use crate::revision::Revision;

/// What stands in a trade point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many registers do.
    pub registers: usize,
    /// How many registrations were signed that bring others.
    pub registrations: usize,
}

impl Standing {
    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// Why a trade point stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradePointRefusal {
    /// There are as many as may be.
    TooMany,
    /// The organisation has another one of this name at this address.
    Same,
    /// Somebody changed it since the form was opened.
    Stale,
    /// It is not there any more.
    Gone,
    /// Registers stand in it, or registrations will bring some.
    HasRegisters(Standing),
    /// Whether registers stand in it cannot be said yet: the list of the organisation's registers is still being made.
    NotKnownYet,
}

/// What became of a trade point, or why nothing did.
pub type Outcome = Result<TradePoint, TradePointRefusal>;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
enum Wanted<'a> {
    Make(&'a TradePointDraft),
    Change(&'a TradePointDraft, Revision),
    Delete(Revision),
}

/// What a decision looks at.
struct Found {
    company: Kept<Company>,
    /// The trade point, where it is the organisation's.
    kept: Option<(Version, TradePoint)>,
    /// All trade points of the organisation that are there.
    others: Vec<TradePoint>,
    /// What stands in it; `None`: that cannot be said.
    standing: Option<Standing>,
}

/// An organisation's trade points, as far as one wish looks at them.
struct TradePoints<'a> {
    office: &'a Office,
    bin: &'a str,
    id: &'a TradePointId,
    wanted: Wanted<'a>,
}

/// Writes what a process left that ended half way: trade points as they were decided.
///
/// # Errors
/// Those of the store.
pub async fn settle_trade_points(office: &Office, company: &Company) -> Result<(), StoreError> {
    if company.trade_point_changes.is_empty() {
        return Ok(());
    }
    settle(&office.store, &company.bin, &|| office.stamp()).await
}

/// What stands in a trade point; `None`: the list of registers is still being made.
async fn standing(
    (store, now): (&DynStore, UnixMillis),
    company: &Company,
    id: &TradePointId,
) -> Result<Option<Standing>, StoreError> {
    // First what may become registers: whatever has become one since is found among them.
    let coming = in_shop(store, company, id, now).await?;
    let registers =
        all(REGISTERS_MAX, |after| registers_of(store, &company.bin, after, HOLDINGS_PAGE)).await?;
    let here: BTreeSet<u32> =
        registers.found.iter().filter(|one| one.trade_point == *id).map(|one| one.id.0).collect();
    let registrations = coming.iter().filter(|id| !here.contains(&id.0)).count();
    let standing = Standing { registers: here.len(), registrations };
    Ok(if registers.is_complete || !standing.is_nothing() { Some(standing) } else { None })
}

/// Why a trade point could not be deleted at present, if it could not.
///
/// # Errors
/// Those of the store.
pub async fn why_it_stays(
    office: &Office,
    company: &Company,
    id: &TradePointId,
) -> Result<Option<TradePointRefusal>, StoreError> {
    Ok(match standing((&office.store, office.now()), company, id).await? {
        Some(standing) if standing.is_nothing() => None,
        Some(standing) => Some(TradePointRefusal::HasRegisters(standing)),
        None => Some(TradePointRefusal::NotKnownYet),
    })
}

impl Changeable for TradePoints<'_> {
    type Found = Found;
    type Next = (Company, Vec<AuditEntry>);

    async fn read(&self, store: &DynStore) -> Result<Option<Found>, StoreError> {
        let Some(mut company) = joined(store, self.bin).await? else { return Ok(None) };
        if !company.state.trade_point_changes.is_empty() || !company.state.register_changes.is_empty() {
            settle(store, self.bin, &|| self.office.stamp()).await?;
            carry_over((store, &*self.office.world), self.bin).await?;
            let Some(settled) = joined(store, self.bin).await? else { return Ok(None) };
            company = settled;
        }
        let kept = model::load::<TradePoint>(store, self.id.0.as_bytes()).await?;
        let kept = kept.filter(|(_, point)| point.bin == self.bin && point.deleted_at.is_none());
        let (mut others, mut standing) = (Vec::new(), None);
        if matches!(self.wanted, Wanted::Delete(_)) {
            standing = self::standing((store, self.office.now()), &company.state, self.id).await?;
        } else {
            let points =
                all(SHOPS_MAX, |after| trade_points_of(store, self.bin, after, HOLDINGS_PAGE)).await?;
            others = points.found;
            others.retain(|point| point.deleted_at.is_none() && point.id != *self.id);
        }
        Ok(Some(Found { company, kept, others, standing }))
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Found,
        (next, rows): (Company, Vec<AuditEntry>),
        stamp: Stamp,
    ) -> Result<Found, StoreError> {
        Ok(Found { company: save(store, &found.company, next, rows, stamp).await?, ..found })
    }
}

/// A change that was decided, with what the audit tells of it; none where it is so already.
type Next = (Option<(AuditAction, TradePoint)>, Outcome);

/// Decides what becomes of a trade point. Pure.
fn decide(found: &Found, wanted: Wanted<'_>, id: &TradePointId, at: UnixMillis) -> Next {
    let kept = found.kept.as_ref().map(|(_, point)| point);
    let refuse = |refusal| (None, Err(refusal));
    let is_taken = |next: &TradePoint| {
        found.others.iter().any(|other| other.title == next.title && other.address == next.address)
    };
    match (wanted, kept) {
        (Wanted::Make(draft), None) => {
            let next = draft.make(id.clone(), &found.company.state.bin);
            // A form that was sent twice made it the first time.
            if let Some(same) = found.others.iter().find(|other| is_same(other, &next)) {
                return (None, Ok(same.clone()));
            }
            if is_taken(&next) {
                return refuse(TradePointRefusal::Same);
            }
            if found.others.len() >= SHOPS_MAX {
                return refuse(TradePointRefusal::TooMany);
            }
            (Some((AuditAction::TradePointAdded, next.clone())), Ok(next))
        }
        // Its own append landed before, and others wrote since.
        (Wanted::Make(_), Some(kept)) => (None, Ok(kept.clone())),
        (Wanted::Change(..) | Wanted::Delete(_), None) => refuse(TradePointRefusal::Gone),
        (Wanted::Change(draft, revision), Some(kept)) => {
            let next = draft.apply(kept);
            if is_same(kept, &next) {
                return (None, Ok(kept.clone()));
            }
            if !revision.is(kept.revision) {
                return refuse(TradePointRefusal::Stale);
            }
            if is_taken(&next) {
                return refuse(TradePointRefusal::Same);
            }
            (Some((AuditAction::TradePointChanged, next.clone())), Ok(next))
        }
        (Wanted::Delete(revision), Some(kept)) => match found.standing {
            None => refuse(TradePointRefusal::NotKnownYet),
            Some(some) if !some.is_nothing() => refuse(TradePointRefusal::HasRegisters(some)),
            Some(_) if !revision.is(kept.revision) => refuse(TradePointRefusal::Stale),
            Some(_) => {
                let deleted = TradePoint {
                    deleted_at: Some(at),
                    revision: kept.revision.saturating_add(1),
                    ..kept.clone()
                };
                (Some((AuditAction::TradePointDeleted, deleted.clone())), Ok(deleted))
            }
        },
    }
}

/// The row of the audit about a change.
fn entry(
    by: &By,
    action: AuditAction,
    (before, after): (Option<&TradePoint>, &TradePoint),
    groups: &[ShopGroup],
) -> AuditEntry {
    let is_there = action != AuditAction::TradePointDeleted;
    let changes = compare(&told(before, groups), &told(is_there.then_some(after), groups));
    by.entry(action, AuditSubject::TradePoint(after.id.clone()).called(after.title.as_str()), changes)
}

/// Decides and writes what is wanted of a trade point.
async fn make_so(office: &Office, by: &By, what: &TradePoints<'_>) -> Result<Outcome, ChangeError> {
    let decide = |found: &Found| -> Decided<(Company, Vec<AuditEntry>), Outcome, ChangeError> {
        let (next, outcome) = decide(found, what.wanted, what.id, by.at);
        let Some((action, point)) = next else { return Ok((None, outcome)) };
        let (on, before) = found.kept.as_ref().map(|(on, before)| (*on, before)).unzip();
        let row = entry(by, action, (before, &point), &found.company.state.shop_groups);
        let mut company = found.company.state.clone();
        company.trade_point_changes.push(TradePointChange::of(on, point));
        Ok((Some((company, vec![row])), outcome))
    };
    let (_, outcome) = change((&office.store, || office.stamp()), what, decide).await?;
    if let Err(error) = settle(&office.store, what.bin, &|| office.stamp()).await {
        // It is decided; whoever looks next writes it.
        tracing::warn!(%error, "the record of a trade point lacks a change for now: {error}");
    }
    Ok(outcome)
}

/// Makes a trade point under an id that was drawn for it, once however often it is asked for.
///
/// # Errors
/// [`ChangeError`].
pub async fn make_trade_point(
    office: &Office,
    by: &By,
    bin: &str,
    id: &TradePointId,
    draft: &TradePointDraft,
) -> Result<Outcome, ChangeError> {
    make_so(office, by, &TradePoints { office, bin, id, wanted: Wanted::Make(draft) }).await
}

/// Changes a trade point that was at `revision` when the form was opened. Registers that stand there are told before this
/// returns, where their answers name something else then.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_trade_point(
    office: &Office,
    by: &By,
    bin: &str,
    (id, revision): (&TradePointId, Revision),
    draft: &TradePointDraft,
) -> Result<Outcome, ChangeError> {
    let wanted = Wanted::Change(draft, revision);
    let what = TradePoints { office, bin, id, wanted };
    // Registers are told of nothing that changes nothing for them.
    let found = what.read(&office.store).await?.ok_or(ChangeError::NotFound)?;
    let named_as_before = match (decide(&found, wanted, id, by.at), &found.kept) {
        ((None, outcome), _) => return Ok(outcome),
        ((Some((_, next)), _), Some((_, before))) => next.is_named_as(before),
        ((Some(_), _), None) => true,
    };
    if named_as_before {
        return make_so(office, by, &what).await;
    }
    let made = make_so(office, by, &what);
    change_what_answers_name((&office.store, &*office.world), bin, made).await
}

/// Deletes a trade point in which no register stands.
///
/// # Errors
/// [`ChangeError`].
pub async fn delete_trade_point(
    office: &Office,
    by: &By,
    bin: &str,
    (id, revision): (&TradePointId, Revision),
) -> Result<Outcome, ChangeError> {
    make_so(office, by, &TradePoints { office, bin, id, wanted: Wanted::Delete(revision) }).await
}

/// A trade point of the organisation that is there; another's is as if there were none.
///
/// # Errors
/// Those of the store.
pub async fn trade_point_of(
    store: &DynStore,
    bin: &str,
    id: &TradePointId,
) -> Result<Option<TradePoint>, StoreError> {
    let found = model::load::<TradePoint>(store, id.0.as_bytes()).await?.map(|(_, point)| point);
    Ok(found.filter(|point| point.bin == bin && point.deleted_at.is_none()))
}
