//! `ofd verify`: walks everything that a store holds and says where it breaks.
//!
//! Every kind of stream and record is walked, each by what it means: what is stored must read, and what leads to
//! something else must lead to something of which it is true. What is below that, bytes and files, the embedded store
//! looks at by itself (`ofd_storage::embedded`), before.

mod people;
mod records;
mod rows;
mod shifts;
#[cfg(test)]
mod tests;
mod unconfirmed;

use std::sync::Arc;
use std::time::Duration;

use ofd_protocol::types::RegisterId;
use ofd_storage::any::AnyStore;
use ofd_storage::embedded::{EmbeddedStore, PastDamage};
use ofd_storage::model::{NotWhole, check_whole};
use ofd_storage::store::{RecordKind, Store, StoreError, StreamKind};

use self::shifts::Only;
pub use self::shifts::walk as walk_shifts;

/// Streams, documents and records are walked in pages.
const PAGE: usize = 512;

/// A break in a store that others write to is looked at again after this long, which is more than a write takes to
/// reach the copies that missed it: then it is one.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What was walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Registers.
    pub registers: u64,
    /// Shifts.
    pub shifts: u64,
    /// Documents.
    pub documents: u64,
    /// Rows of shifts beside documents: offline numbers, amendments, cancellations.
    pub rows: u64,
    /// Accounts and companies.
    pub people: u64,
    /// Rows of their audits.
    pub audit_rows: u64,
    /// Records.
    pub records: u64,
}

/// Where something breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a shift.
    Shift {
        /// The register.
        register: RegisterId,
        /// The shift.
        shift: u32,
        /// The document; 0: the shift as a whole.
        document: u32,
    },
    /// Anywhere else, in words.
    Elsewhere(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shift { register, shift, document: 0 } => write!(f, "register {register} shift {shift}"),
            Self::Shift { register, shift, document } => {
                write!(f, "register {register} shift {shift} document {document}")
            }
            Self::Elsewhere(place) => f.write_str(place),
        }
    }
}

/// A place where the store is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Where.
    pub place: Place,
    /// What does not fit.
    pub reason: String,
}

impl Break {
    /// In a shift; document 0 is the shift as a whole.
    fn in_shift(register: RegisterId, shift: u32, document: u32, reason: String) -> Self {
        Self { place: Place::Shift { register, shift, document }, reason }
    }

    fn elsewhere(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: Place::Elsewhere(place.into()), reason: reason.into() }
    }
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// Reads all of a store that can be read, telling what cannot, and what does not fit, to `on_break`; then closes it. With
/// `only` what breaks elsewhere than in that register is left out.
///
/// # Errors
/// [`NotWhole`]: the store is a copy that is not finished, or fails otherwise than by damage of one place.
pub async fn store(
    store: AnyStore,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, NotWhole> {
    match store {
        AnyStore::Embedded(store) => finish(&inspected(store, only, on_break)?, only, on_break).await,
        cluster @ AnyStore::Cql(_) => finish(&cluster, only, on_break).await,
    }
}

async fn finish(
    store: &impl Store,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, NotWhole> {
    tell_unfinished(store, on_break).await?;
    let walked = walk_all_or(store, only, on_break).await?;
    store.close().await?;
    Ok(walked)
}

/// Walks the whole store, or the shifts of one register.
///
/// # Errors
/// As [`walk`].
pub(crate) async fn walk_all_or(
    store: &impl Store,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<Walked, StoreError> {
    match only {
        None => walk(store, on_break).await,
        Some(register) => walk_register(store, register, on_break).await,
    }
}

/// Refuses a copy that is not finished. A mark that cannot be read is a break as any other.
pub(crate) async fn tell_unfinished(
    store: &impl Store,
    on_break: &mut impl FnMut(Break),
) -> Result<(), NotWhole> {
    match check_whole(store).await {
        Err(NotWhole::Store(StoreError::Corrupt { place, reason })) => {
            on_break(Break::elsewhere(place, reason));
            Ok(())
        }
        found => found,
    }
}

/// An embedded store as far as it can be read, after a look at all its bytes that told what cannot.
pub(crate) fn inspected(
    store: EmbeddedStore,
    only: Option<RegisterId>,
    on_break: &mut impl FnMut(Break),
) -> Result<PastDamage, StoreError> {
    let store = Arc::new(store);
    if let Some(loss) = store.loss() {
        on_break(Break::elsewhere("the journal", loss.to_string()));
    }
    let found = store.inspect(&mut |damage| {
        if only.is_none() {
            on_break(Break::elsewhere(damage.place, damage.reason));
        }
    })?;
    Ok(PastDamage::new(store, found))
}

/// Walks the whole store, telling each break to `on_break`.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn walk(store: &impl Store, mut on_break: impl FnMut(Break)) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    for &kind in StreamKind::ALL {
        match kind {
            StreamKind::Shift => shifts::walk_into(store, Only::All, &mut walked, &mut on_break).await?,
            StreamKind::Account => people::accounts(store, &mut walked, &mut on_break).await?,
            StreamKind::Company => people::companies(store, &mut walked, &mut on_break).await?,
        }
    }
    for &kind in RecordKind::ALL {
        records::walk(store, kind, &mut walked, &mut on_break).await?;
    }
    Ok(walked)
}

/// Walks the shifts of one register.
///
/// # Errors
/// As [`walk`].
pub async fn walk_register(
    store: &impl Store,
    register: RegisterId,
    mut on_break: impl FnMut(Break),
) -> Result<Walked, StoreError> {
    let mut walked = Walked::default();
    shifts::walk_into(store, Only::Register(register), &mut walked, &mut on_break).await?;
    Ok(walked)
}

/// What came of reading something that may be damaged.
enum Read<T> {
    Whole(T),
    /// It is not what it should be: where and why.
    Damaged(Break),
}

/// Damage is what a walk looks for; any other error of the store ends it.
fn read<T>(found: Result<T, StoreError>) -> Result<Read<T>, StoreError> {
    match found {
        Ok(found) => Ok(Read::Whole(found)),
        Err(error) => damage_of(error).map(Read::Damaged),
    }
}

/// Whether something is there; what is there and cannot be read is told where it lies.
fn is_there<T>(found: Result<Option<T>, StoreError>) -> Result<bool, StoreError> {
    match found {
        Err(StoreError::Corrupt { .. }) => Ok(true),
        found => Ok(found?.is_some()),
    }
}

/// The break that an error tells of, if it is damage.
pub(crate) fn damage_of(error: StoreError) -> Result<Break, StoreError> {
    match error {
        StoreError::Corrupt { place, reason } => Ok(Break::elsewhere(place, reason)),
        error => Err(error),
    }
}

/// Judges something, in a store that others write to twice if need be, and tells what is wrong with it.
async fn tell_of(
    store: &impl Store,
    on_break: &mut impl FnMut(Break),
    mut judge: impl AsyncFnMut() -> Result<Vec<Break>, StoreError>,
) -> Result<(), StoreError> {
    let mut breaks = judge().await?;
    if !breaks.is_empty() && store.is_shared() {
        tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
        breaks = judge().await?;
    }
    breaks.into_iter().for_each(on_break);
    Ok(())
}
