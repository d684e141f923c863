//! The storage trait: what every backend promises, and nothing more.
//!
//! The one primitive is a *stream*: a partition with a small head and ordered rows. A backend can promise of
//! it what one CQL partition can promise with a conditional batch over a static column; the embedded store
//! promises the same. There is no transaction wider than a stream.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::kinds::kinds;
pub use crate::note::{NOTE_KEY_LEN_MAX, NOTE_LEN_MAX, Note, NoteKind, PHONE_SIGNING_LEN_MAX};

kinds! {
    /// Which family of streams a stream belongs to. The number is stored: never reuse one.
    pub enum StreamKind {
        /// One shift of one register: owner is the register id, ordinal the shift number from 1.
        Shift = 1,
        /// A person's account: owner is its id, ordinal is 1.
        Account = 2,
        /// A company with its people: owner is its BIN or IIN as a number, 0 for the operator itself; ordinal is 1.
        Company = 3,
        /// Figures of a register's days, kept by a reader of the feed: owner is the register id, ordinal is 1. See
        /// [`crate::figures`].
        Figures = 4,
        /// A paper that an organisation signs: owner is its BIN or IIN as a number, ordinal the paper's number there.
        Paper = 5,
        /// A month of an account of the ledger: owner is the account's number, ordinal year and month. See [`crate::ledger`].
        LedgerMonth = 6,
        /// Invoices, acts or bills of a year: owner is the kind of document, ordinal the year. See [`crate::invoices`].
        InvoiceSeries = 7,
    }
}

/// The address of a stream, which is one partition.
///
/// Streams are ordered by kind, then owner, then ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// The family that it belongs to.
    pub kind: StreamKind,
    /// Whose stream it is (of a shift: the register's id).
    pub owner: u64,
    /// Which of the owner's streams (of a shift: its number, from 1, without gaps).
    pub ordinal: u32,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} of {}", self.kind, self.ordinal, self.owner)
    }
}

/// How often a head or record was written: 1 after the first write, +1 with every further one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u64);

impl Version {
    /// The version of a first write.
    pub const FIRST: Self = Self(1);

    /// The version of the write after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1)) // a write every nanosecond reaches the end of u64 after 584 years
    }
}

/// A value no other append ever carries: whoever finds it in a head knows whose append landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp(pub [u8; 16]);

/// The head of a stream as it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How often it was written, from 1.
    pub version: Version,
    /// The stamp of the append that wrote it.
    pub stamp: Stamp,
    /// Its content; a backend does not look inside.
    pub bytes: Bytes,
}

/// A row of a stream. Rows are ordered by key, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key within the stream, at most [`ROW_KEY_LEN_MAX`] bytes.
    pub key: Bytes,
    /// What lies under the key.
    pub value: Bytes,
}

/// Row keys are small: a kind byte and a few integers.
pub const ROW_KEY_LEN_MAX: usize = 64;

/// One conditional write of a stream: a new head and rows, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The stream that is written.
    pub stream: StreamId,
    /// The version the head must have; `None`: the stream must not exist yet.
    pub expected: Option<Version>,
    /// Unique to this append; the repeats of it after an unknown outcome carry the same.
    pub stamp: Stamp,
    /// The new head's content.
    pub head: Bytes,
    /// Rows to write; a row with an existing key replaces it, and of two with one key the later counts.
    pub rows: Vec<Row>,
    /// What is to be noted no later than the head and the rows can be read.
    pub notes: Vec<Note>,
}

kinds! {
    /// Which family of records a record belongs to. The number is stored: never reuse one.
    pub enum RecordKind {
        /// Facts of the store itself: format, ticket number key.
        Store = 1,
        /// Organisations by BIN.
        Organisation = 2,
        /// Trade points by id.
        TradePoint = 3,
        /// Registers by id, 4 bytes big-endian.
        Register = 4,
        /// Which registers an fns_kkm_id ever belonged to: key is fns_kkm_id, `/`, register id. Never deleted.
        FnsKkmIdHistory = 5,
        /// One row per closed shift: register id and shift number, both 4 bytes big-endian.
        ShiftSummary = 6,
        /// Names that are claimed: family of the name, `/`, the name. See [`crate::claims::ClaimedName`].
        Name = 7,
        /// Wishes of companies to add a bank to the directory: BIN, `/`, 16 hex digits.
        BankApplication = 8,
        /// Banks that were added to the directory, by BIC.
        Bank = 9,
        /// Which organisations have a word in their title: key is the word, `/`, BIN. See [`crate::titles`].
        TitleWord = 10,
        /// Which process does a job of the background, by the name of the job. See [`crate::leases`].
        Lease = 11,
        /// Which registers an organisation has: key is BIN, `/`, register id, 4 bytes big-endian. See [`crate::holdings`].
        RegisterOfOrganisation = 12,
        /// Which trade points an organisation has: key is BIN, `/`, trade point id. See [`crate::holdings`].
        TradePointOfOrganisation = 13,
        /// Models of registers, as the tax authority's list has them: key is the model's id, 14 digits.
        RegisterModel = 14,
        /// Which registers have a factory number: key is the number as it is compared, `/`, register id, 4 bytes big-endian. See
        /// [`crate::serials`].
        RegisterOfSerial = 15,
        /// Personal accounts, by BIN. See [`crate::ledger`].
        PersonalAccount = 16,
        /// Payments that came, by their ids. See [`crate::payments`].
        Payment = 17,
        /// Which payments came in a month: key is the month, `/`, the payment's id. See [`crate::payments`].
        PaymentOfMonth = 18,
        /// Tariff plans, by their ids. See [`crate::tariffs`].
        Plan = 19,
        /// What is known of a register's service to an organisation: key is BIN, `/`, register id, 4 bytes big-endian. See
        /// [`crate::charging`].
        ServiceOfOrganisation = 20,
        /// Organisations that a run of charging could not charge, by BIN. See [`crate::charging::ChargeOwed`].
        ChargeOwed = 21,
        /// Entries of statements that may be payments which are known, by the ids that they would have. See [`crate::perhaps`].
        PerhapsKnown = 22,
        /// Runs of charging that people make: key is the month, `/`, the number of the run in it, 6 digits. See [`crate::charging`].
        ChargingRun = 23,
        /// Which invoices, acts and bills an organisation has: key is BIN, `/`, month, kind and number. See [`crate::invoices`].
        InvoiceOfOrganisation = 25,
        /// Which invoices, acts and bills are of a month: key is the month, `/`, kind and number. See [`crate::invoices`].
        InvoiceOfMonth = 26,
        /// How organisations stand with what they owe, by BIN. See [`crate::standing`].
        Standing = 27,
        /// Organisations whose registers were ever stopped for a debt, by BIN. See [`crate::standing`].
        StoppedOrganisation = 28,
        /// Keys by which banks and terminals tell of payments, by their ids. See [`crate::payment_keys`].
        PaymentKey = 29,
        /// What banks were answered about payments, by the ids of these. See [`crate::payment_keys`].
        CallAnswer = 30,
    }
}

/// A versioned record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key within its kind, at most [`RECORD_KEY_LEN_MAX`] bytes.
    pub key: Bytes,
    /// How often it was written, from 1.
    pub version: Version,
    /// The content as it was put.
    pub bytes: Bytes,
}

/// Record keys are ids and names.
pub const RECORD_KEY_LEN_MAX: usize = 256;

/// A record's content; the largest is an organisation with its contacts, far below.
pub const RECORD_LEN_MAX: usize = 1024 * 1024;

/// Owners of names are ids.
pub const CLAIM_OWNER_LEN_MAX: usize = 256;

/// What came of a claim of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The name is the claimant's now, or was already.
    Granted,
    /// Another owner has it, since the given time in milliseconds of the Unix epoch.
    Taken {
        /// Who has it.
        owner: Bytes,
        /// When the name was taken.
        since_ms: u64,
    },
}

/// What a store can say of its own fitness to take writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Reads and writes work.
    Ready,
    /// Writes are refused for now; the text says why and what helps. Reads may still work.
    ReadOnly(String),
}

/// Why a storage call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The head or record was not at the expected version. Nothing was written.
    #[error("{what} moved on to version {found:?} while {expected:?} was expected; reload and decide again")]
    Conflict {
        /// Which stream or record.
        what: String,
        /// What the caller expected.
        expected: Option<Version>,
        /// What is there.
        found: Option<Version>,
    },
    /// The outcome is not known: the write may have landed or may land later. Repeat the identical append.
    #[error(
        "no answer within {waited:?}; the write may have landed: repeat the identical append to learn it"
    )]
    Unknown {
        /// How long was waited.
        waited: Duration,
    },
    /// Nothing was written and nothing will be: the store cannot take writes now. Trying later may help.
    #[error("the store takes no writes now: {reason}")]
    Unavailable {
        /// Why, and what helps.
        reason: String,
    },
    /// Stored bytes do not read back as they were written.
    #[error(
        "{place} is damaged: {reason}; restore it from a backup; while the store still opens, `ofd verify` names every damaged place"
    )]
    Corrupt {
        /// The stream, record or file that is damaged.
        place: String,
        /// What does not fit.
        reason: String,
    },
    /// Another process holds the store.
    #[error("{path} is in use by another process; stop that one, or ask it instead")]
    InUse {
        /// The store's directory.
        path: PathBuf,
    },
    /// An argument breaks a limit of the contract. Nothing was written.
    #[error("{what} is {len} bytes long, at most {max} are allowed")]
    TooLarge {
        /// Which argument of the call is too large.
        what: &'static str,
        /// How long it is, in bytes.
        len: usize,
        /// How long it may be, in bytes.
        max: usize,
    },
    /// A key does not say where it belongs. Nothing was written.
    #[error("{what} is {len} bytes long, at least {min} are needed")]
    TooShort {
        /// Which argument of the call is too short.
        what: &'static str,
        /// How long it is, in bytes.
        len: usize,
        /// How long it must be, in bytes.
        min: usize,
    },
    /// The operating system refused.
    #[error("{action} failed")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

/// What every program that writes to a store can read of a register's head.
///
/// A head that was written in a later form stays so: only programs that read it can have met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeadFormat {
    /// The fields of the first release, and nothing else: a gateway of before may serve from the same store.
    First,
    /// Those, and tagged parts beside them; a program keeps the parts that it does not know.
    Tagged,
}

/// The head, all rows and all notes of one append together; a shift's head is a few hundred bytes, a frame at most 1 MiB.
pub const APPEND_LEN_MAX: usize = 4 * 1024 * 1024;

/// A store of streams, records, names and notes.
///
/// # What holds on every backend
/// - **Once**: of all appends to a stream with the same `expected`, at most one ever succeeds.
/// - **All or nothing**: the head and every row of an append, or none of them.
/// - **Durable**: after `Ok`, a crash of this process or of any one machine loses nothing.
/// - **Seen**: a read that begins after an `Ok` returned sees that write, from every process that shares the store.
/// - **Narrow**: an append changes nothing outside its stream, save the notes that it brings.
/// - A dropped future counts as [`StoreError::Unknown`].
pub trait Store: Send + Sync + 'static {
    /// Writes `append` if the head is at the expected version, and returns the head's new version.
    ///
    /// Repeating an append whose outcome was unknown is safe: when the head already carries its stamp the
    /// answer is `Ok` with the head's version, and nothing is written again.
    ///
    /// Its notes are written first, as by [`Store::note`]: whoever reads the head or a row of this append finds them. They
    /// have no condition, so an append that fails may leave them, whatever it fails with.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: the head moved on, nothing of head and rows was written. [`StoreError::Unknown`]: it may
    /// have been, or may yet be. [`StoreError::Unavailable`]: it was not and will not be. [`StoreError::TooLarge`]: head,
    /// rows and notes are over [`APPEND_LEN_MAX`] or a row's key is over [`ROW_KEY_LEN_MAX`]; and what [`Store::note`]
    /// refuses.
    fn append(&self, append: Append) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// The head of a stream; `None` when the stream was never written.
    fn head(&self, stream: StreamId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send;

    /// One row of a stream; a key longer than the limit is not found.
    fn row(
        &self,
        stream: StreamId,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;

    /// Up to `limit` rows in key order, those whose key starts with `prefix` and is greater than `after`.
    fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// Up to `limit` streams of a kind that come after `after`, by owner, then ordinal.
    ///
    /// For walks over everything: verification, export, copy. Not for the way of a receipt. Streams that appear
    /// behind the walk are missed.
    fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StreamId>, StoreError>> + Send;

    /// One record; a key longer than the limit is not found.
    fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Writes a record if it is at the expected version (`None`: absent), and returns its new version.
    ///
    /// Records carry no stamp: after [`StoreError::Unknown`] read the record and compare what it holds. Names are
    /// written by [`Store::claim`] only.
    fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// Up to `limit` records of a kind in key order, those whose key starts with `prefix` and is greater than `after`.
    fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// Claims `name` of the family `family` for `owner`, durably, unless another owner has it.
    ///
    /// Claims come before the record they protect. A repeat by the owner is granted again and keeps the first
    /// `since`; so after [`StoreError::Unknown`] repeat the claim. `take_over_from` names an owner whose claim may be replaced
    /// (one that never got its record); the replacement is conditional on that owner still having it. The claim
    /// is readable as a record of kind [`RecordKind::Name`]. `family` is one of ours and contains no `/`.
    fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Writes a note, durably and whatever is there: of two under one key that with the later `at_ms` stays, whole, and
    /// an earlier one that comes late is `Ok` and changes nothing. So after [`StoreError::Unknown`] repeat the note.
    ///
    /// Of two different ones with the same `at_ms` one stays, and which is not said: whoever changes a note writes a later
    /// time, and no earlier end than before, or what was there before may come back. One that expires no later than its `at_ms` is not written. None is kept for longer than
    /// [`NOTE_LIFE_MAX_MS`](crate::note::NOTE_LIFE_MAX_MS).
    ///
    /// # Errors
    /// [`StoreError::TooLarge`]: the key is over [`NOTE_KEY_LEN_MAX`] or the note over [`NoteKind::len_max`].
    /// [`StoreError::TooShort`]: the key is shorter than the kind's group.
    fn note(&self, note: Note) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The note under a key, unless it is over at `now_ms`; a key longer than the limit is not found.
    ///
    /// What is over is deleted some time later: a caller whose clock is by more than
    /// [`NOTE_GRACE_MS`](crate::note::NOTE_GRACE_MS) behind that of those who write may not find what it should still see.
    ///
    /// # Errors
    /// [`StoreError::TooShort`]: the key is shorter than the kind's group.
    fn noted(
        &self,
        kind: NoteKind,
        key: &[u8],
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Note>, StoreError>> + Send;

    /// Up to `limit` notes in key order that are not over at `now_ms`, those whose key starts with `prefix` and is greater
    /// than `after`. `prefix` begins with a whole group of the kind: no list goes over several.
    ///
    /// # Errors
    /// [`StoreError::TooShort`]: `prefix` is shorter than the kind's group.
    fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<Note>, StoreError>> + Send;

    /// Whether the store takes writes now.
    fn health(&self) -> impl Future<Output = Health> + Send;

    /// Makes all that was acknowledged durable (it already is) and releases the store; later calls fail.
    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether other processes may write to this store, so that a cached head must be confirmed before it answers.
    fn is_shared(&self) -> bool;

    /// In which form heads are written here. A store that no other program shares has no need of the first one.
    fn head_format(&self) -> HeadFormat {
        HeadFormat::Tagged
    }
}
