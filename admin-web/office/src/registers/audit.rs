//! How a change of a register comes into the audit of its organisation, wherever the process ends.
//!
//! Register and company are two streams. The change is announced in the company's head; it is made, with a row that bears
//! its number; then it is carried over: the audit gets its row in the append that takes the announcement away, so once.
//! What was left half way is carried over before the company is changed or its audit is shown. Whether it was made its
//! row tells; of one that lacks its row after a while an append may still be under way, and is forestalled first.
//!
//! A change is announced after the head was read that it is decided on, so whoever forestalls it moves that head on, and
//! the append that comes late conflicts. It is announced anew before each further try.

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AuditEntry, ChangeId, Company, CompanyKind, Kept, RegisterChange, create, load, organisation, save,
};
use ofd_storage::erased::DynStore;
use ofd_storage::registers::{forestall, is_made};
use ofd_storage::store::{Stamp, StoreError};

use crate::change::{ChangeError, Changeable, Decided, change};

/// A change that was announced so long ago is not waited for: whoever makes one is done, or ended, far sooner.
const UNDER_WAY_FOR_MS: u64 = 60_000;

/// Announcements of one organisation. Each process makes one change of an organisation at a time; the others are of
/// processes that ended half way.
const ANNOUNCED_MAX: usize = 100;

/// What became of a change that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Made,
    Never,
    UnderWay,
}

/// The company as it is written, and the rows that its audit gets.
type Next = (Company, Vec<AuditEntry>);

/// An organisation's audit, with what became of the changes that are announced there.
pub(super) struct Found {
    /// None: the organisation has no people and had no audit yet.
    kept: Option<Kept<Company>>,
    company: Company,
    fates: Vec<(ChangeId, Fate)>,
}

impl Found {
    pub(super) fn company(&self) -> &Company {
        &self.company
    }

    fn fate(&self, id: ChangeId) -> Option<Fate> {
        self.fates.iter().find(|(known, _)| *known == id).map(|(_, fate)| *fate)
    }

    /// The company without what is settled, and the rows of what was made.
    pub(super) fn settled(&self) -> Next {
        let mut company = self.company.clone();
        let is_under_way = |id| matches!(self.fate(id), Some(Fate::UnderWay) | None);
        company.register_changes.retain(|change| is_under_way(change.id));
        let made =
            self.company.register_changes.iter().filter(|change| self.fate(change.id) == Some(Fate::Made));
        (company, made.map(|change| change.entry.clone()).collect())
    }

    /// The company with one more change announced; `None`: there are too many.
    ///
    /// It goes without any row: where the outcome of an append is unknown, the row that is found tells that it landed, and
    /// others may carry over the same rows.
    fn announced(&self, change: &RegisterChange) -> Option<Next> {
        let mut company = self.company.clone();
        company.register_changes.retain(|known| known.id != change.id);
        company.register_changes.push(change.clone());
        (company.register_changes.len() <= ANNOUNCED_MAX).then_some((company, Vec::new()))
    }

    /// The company without a change that was not made; where it was made all the same, it is carried over.
    fn without(&self, id: ChangeId) -> Next {
        if self.fate(id) == Some(Fate::Made) {
            return self.settled();
        }
        let mut company = self.company.clone();
        company.register_changes.retain(|known| known.id != id);
        (company, Vec::new())
    }

    fn unless_same(&self, (company, rows): Next) -> Option<Next> {
        (company != self.company).then_some((company, rows))
    }
}

/// Where the audit of an organisation lies.
pub(super) struct Audit<'a> {
    bin: &'a str,
    world: &'a dyn World,
    /// Whether one begins where there is none.
    begins: bool,
}

impl<'a> Audit<'a> {
    /// One that begins where there is none.
    pub(super) fn that_begins(bin: &'a str, world: &'a dyn World) -> Self {
        Self { bin, world, begins: true }
    }
}

impl Changeable for Audit<'_> {
    type Found = Found;
    type Next = Next;

    async fn read(&self, store: &DynStore) -> Result<Option<Found>, StoreError> {
        let kept = match Company::stream_of(self.bin) {
            Some(stream) => load::<Company>(store, stream).await?,
            None => None,
        };
        let company = match &kept {
            Some(kept) => kept.state.clone(),
            None if self.begins => empty(store, self.bin, self.world.now()).await?,
            None => return Ok(None),
        };
        let mut fates = Vec::with_capacity(company.register_changes.len());
        for change in &company.register_changes {
            fates.push((change.id, fate(store, self.world, change).await?));
        }
        Ok(Some(Found { kept, company, fates }))
    }

    async fn write(
        &self,
        store: &DynStore,
        found: Found,
        (next, rows): Next,
        stamp: Stamp,
    ) -> Result<Found, StoreError> {
        let kept = match &found.kept {
            Some(before) => save(store, before, next, rows, stamp).await?,
            None => create(store, next, rows, stamp).await?,
        };
        Ok(Found { company: kept.state.clone(), kept: Some(kept), fates: Vec::new() })
    }
}

/// The audit of an organisation without people, before its first row.
async fn empty(store: &DynStore, bin: &str, now: UnixMillis) -> Result<Company, StoreError> {
    let known = organisation(store, bin).await?.ok_or_else(|| StoreError::Corrupt {
        place: "the audit of a register's organisation".to_owned(),
        reason: "the organisation has no record".to_owned(),
    })?;
    Ok(Company::new(known.bin, known.title, CompanyKind::of_number(bin), now))
}

/// A stamp that no other append has.
pub(super) fn stamp(world: &dyn World) -> Stamp {
    Stamp(world.token_and_stamp().1)
}

async fn fate(store: &DynStore, world: &dyn World, change: &RegisterChange) -> Result<Fate, StoreError> {
    if is_made(store, change).await? {
        return Ok(Fate::Made);
    }
    if world.now().0 < change.entry.at.0.saturating_add(UNDER_WAY_FOR_MS) {
        return Ok(Fate::UnderWay);
    }
    match forestall(store, change, stamp(world)).await {
        // The register is busy; the next one who looks tries again.
        Err(StoreError::Conflict { .. }) => return Ok(Fate::UnderWay),
        forestalled => forestalled?,
    }
    Ok(if is_made(store, change).await? { Fate::Made } else { Fate::Never })
}

/// Announces a change that is about to be made; announced again, it takes the place of what it was before.
pub(super) async fn announce(
    (store, world): (&DynStore, &dyn World),
    bin: &str,
    told: &RegisterChange,
) -> Result<(), ChangeError> {
    let audit = Audit::that_begins(bin, world);
    let decide = |found: &Found| -> Decided<Next, (), ChangeError> {
        let announced = found.announced(told).ok_or(ChangeError::Busy)?;
        Ok((Some(announced), ()))
    };
    change((store, || stamp(world)), &audit, decide).await.map(|_| ())
}

/// Takes back what was announced and, for sure, not made.
pub(super) async fn withdraw(
    (store, world): (&DynStore, &dyn World),
    bin: &str,
    id: ChangeId,
) -> Result<(), ChangeError> {
    let audit = Audit { bin, world, begins: false };
    let decide =
        |found: &Found| -> Decided<Next, (), ChangeError> { Ok((found.unless_same(found.without(id)), ())) };
    change((store, || stamp(world)), &audit, decide).await.map(|_| ())
}

/// Carries changes of registers that were made over into the audit of their organisation. What is under way, and what
/// cannot be carried over for others who change the same, is left to who looks next.
///
/// # Errors
/// Those of the store.
pub async fn carry_over((store, world): (&DynStore, &dyn World), bin: &str) -> Result<(), StoreError> {
    let audit = Audit { bin, world, begins: false };
    let decide =
        |found: &Found| -> Decided<Next, (), ChangeError> { Ok((found.unless_same(found.settled()), ())) };
    match change((store, || stamp(world)), &audit, decide).await {
        Ok(_) | Err(ChangeError::NotFound | ChangeError::Busy) => Ok(()),
        Err(ChangeError::Store(error)) => Err(error),
    }
}
