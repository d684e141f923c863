//! What every walk over a store is made of: what it has seen, how it reads what may be damaged, and how it tells a break.

use std::time::Duration;

use ofd_protocol::types::RegisterId;
use ofd_storage::store::{Store, StoreError, StreamId, StreamKind};

/// Streams, documents and records are walked in pages.
pub(super) const PAGE: usize = 512;

/// A break in a store that others write to is looked at again after this long, which is more than a write takes to
/// reach the copies that missed it: then it is one.
pub(super) const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What was walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Registers that have a stream.
    pub registers: u64,
    /// Shifts that were walked.
    pub shifts: u64,
    /// Documents that were read.
    pub documents: u64,
    /// Rows of shifts beside documents: offline numbers, amendments, cancellations.
    pub rows: u64,
    /// Accounts and companies.
    pub people: u64,
    /// Rows of their audits.
    pub audit_rows: u64,
    /// Papers that companies sign, and signatures under them.
    pub papers: u64,
    /// Registers that have figures.
    pub figures: u64,
    /// Days of which they have some.
    pub days: u64,
    /// Months of accounts of the ledger.
    pub ledger_months: u64,
    /// Entries in them.
    pub ledger_entries: u64,
    /// Records of whatever kind.
    pub records: u64,
}

/// Where something breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a shift.
    Shift {
        /// Whose shift it is.
        register: RegisterId,
        /// The number of the shift, from 1.
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
    /// Where it was found.
    pub place: Place,
    /// What does not fit.
    pub reason: String,
}

impl Break {
    /// In a shift; document 0 is the shift as a whole.
    pub(crate) fn in_shift(register: RegisterId, shift: u32, document: u32, reason: String) -> Self {
        Self { place: Place::Shift { register, shift, document }, reason }
    }

    pub(crate) fn elsewhere(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: Place::Elsewhere(place.into()), reason: reason.into() }
    }
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// What came of reading something that may be damaged.
pub(super) enum Read<T> {
    Whole(T),
    /// It is not what it should be: where and why.
    Damaged(Break),
}

/// Damage is what a walk looks for; any other error of the store ends it.
pub(super) fn read<T>(found: Result<T, StoreError>) -> Result<Read<T>, StoreError> {
    match found {
        Ok(found) => Ok(Read::Whole(found)),
        Err(error) => damage_of(error).map(Read::Damaged),
    }
}

/// Whether something is there; what is there and cannot be read is told where it lies.
pub(super) fn is_there<T>(found: Result<Option<T>, StoreError>) -> Result<bool, StoreError> {
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

/// Walks the streams of a kind, each of which `judge` reads and tells of.
pub(super) async fn each_stream<F: FnMut(Break)>(
    store: &impl Store,
    kind: StreamKind,
    on_break: &mut F,
    mut judge: impl AsyncFnMut(StreamId, &mut F) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = match read(store.streams(kind, after, PAGE).await)? {
            Read::Whole(page) => page,
            Read::Damaged(damage) => {
                on_break(damage);
                return Ok(());
            }
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(*last);
        for stream in page {
            judge(stream, on_break).await?;
        }
    }
}

/// Judges something, in a store that others write to twice if need be, and tells what is wrong with it.
pub(super) async fn tell_of(
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
