//! The seam behind which the commit point lies: what the committer needs of whatever keeps the bytes.
//!
//! fjall stands behind it today; a log of our own may tomorrow. Tests put an engine there that forgets.

use std::any::Any;

use bytes::Bytes;

use crate::store::StoreError;

/// The ordered maps of the store. Names are stored: never change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Table {
    /// Heads of streams.
    Heads,
    /// Rows of streams.
    Rows,
    /// Records, claimed names among them.
    Records,
    /// Notes, and when each is over.
    Notes,
}

impl Table {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Heads, Self::Rows, Self::Records, Self::Notes];

    /// Its name on disk and in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Rows => "rows",
            Self::Records => "records",
            Self::Notes => "notes",
        }
    }
}

/// What becomes of one key.
#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub(crate) table: Table,
    pub(crate) key: Bytes,
    /// Its value from now on; `None`: it has none any more.
    pub(crate) value: Option<Bytes>,
}

/// What keeps the bytes.
///
/// Only the committer writes, and it calls [`apply`](Engine::apply) and [`sync`](Engine::sync) in turns from one
/// thread. Reads come from any thread at any time.
pub(crate) trait Engine: Send + Sync {
    /// Takes the puts of one batch, all or nothing. Reads may see them from now on, or only after the sync, but
    /// never a part of them.
    fn apply(&self, puts: Vec<Put>) -> Result<(), WriteError>;

    /// Makes durable all that was applied. Only what this returned `Ok` for may be acknowledged.
    fn sync(&self) -> Result<(), WriteError>;

    /// Whether writes can work at all: background work may have failed since the last one.
    fn check(&self) -> Result<(), WriteError>;

    /// The value of one key, if it has one.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// A page of one table in key order.
    fn scan(&self, table: Table, page: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError>;

    /// All tables as they are now.
    fn view(&self) -> View;

    /// A page of one table as it was when the view was made. The view is one of this engine's.
    fn scan_view(&self, view: &View, table: Table, page: Page<'_>)
    -> Result<Vec<(Bytes, Bytes)>, StoreError>;

    /// Hands entries to `see` one by one, as far as they can be read and until it says no.
    fn read(
        &self,
        table: Table,
        reach: Reach<'_>,
        see: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError>;

    /// Moves what its journals hold into tables.
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Looks at files that reads may never come to, and tells what is wrong with each by its place.
    fn check_files(&self, _tell: &mut dyn FnMut(String, String)) {}

    /// Why the engine's own files show that something is missing which was durable; `None` when they do not.
    fn missing(&self) -> Option<String> {
        None
    }
}

/// Which entries of a table, and from which end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) from: &'a [u8],
    /// This one not included.
    pub(crate) to: Option<&'a [u8]>,
    pub(crate) way: Way,
}

/// Which way the page goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Onwards,
    Backwards,
}

/// What an engine needs to find the tables as they were at a moment. It keeps nothing of the engine open.
pub(crate) struct View(pub(crate) Box<dyn Any + Send + Sync>);

/// Which entries of a table: up to `limit` whose key starts with `prefix` and is greater than `after`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    pub(crate) prefix: &'a [u8],
    pub(crate) after: Option<&'a [u8]>,
    pub(crate) limit: usize,
}

/// Why a write failed, what became of it and what helps.
#[derive(Debug)]
pub(crate) struct WriteError {
    pub(crate) outcome: Outcome,
    pub(crate) cure: Cure,
    /// What failed, in words for the operator; what helps is added from the cure.
    pub(crate) reason: String,
}

/// What became of a write that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing of it is there, nor will be.
    NotWritten,
    /// It may be there, or turn up when the engine is opened again.
    Unknown,
}

/// What makes an engine take writes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cure {
    /// Time: the next write may work.
    Wait,
    /// Opening it again in this process.
    Reopen,
    /// A restart after somebody looked at the disk: what the kernel shows of the file may differ from the disk.
    Restart,
}
