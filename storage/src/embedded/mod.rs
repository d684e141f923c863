//! The default store: one process, one directory, one writing thread that commits in groups.
//!
//! # What keeps it durable
//! Writes wait in a bounded queue. The committer takes all that wait, judges their conditions in order, and
//! writes them as one batch with one sync; answers leave only after the sync returned. A batch grows with the
//! load, and a lone write is not held back for company.
//!
//! # Reads
//! Single values are read on the thread of the caller: from memory in microseconds, from a cold block in one disk
//! read, which is less than handing the call to another thread costs under load. Pages of more than
//! [`PAGE_INLINE_MAX`] entries go to tokio's blocking threads when the caller runs on tokio. Reads show only what
//! was synced.

mod batch;
mod codec;
mod committer;
mod directory;
pub(crate) mod engine;
mod fault;
mod fjall;
mod inspect;
mod journal;
mod judge;
mod keyspaces;
mod loss;
mod memory;
mod moment;
mod recent;
mod request;
mod salvage;
mod space;
mod stats;
mod sweep;
#[cfg(test)]
mod tests;
mod witness;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use self::committer::{Committer, Opener, Progress, Shared};
use self::directory::Directory;
pub use self::directory::Opening;
use self::engine::{Engine, Page, Table};
use self::fjall::FjallEngine;
pub use self::inspect::{Damage, Inspected, PastDamage};
use self::judge::{ClaimWrite, RecordWrite};
pub use self::loss::{Loss, OnLoss};
pub use self::memory::{MEMORY_BYTES, MEMORY_BYTES_MIN};
use self::memory::{MemoryPlan, ROOM_BYTES_MAX};
pub use self::moment::Moment;
use self::request::{Message, Reply, Write, unavailable};
pub use self::space::FreeSpaceProbe;
use self::space::SpaceWatch;
pub use self::stats::EmbeddedStats;
use self::witness::Witness;
use crate::claims::{self, Claimant};
use crate::conditions;
use crate::note::those_not_over;
use crate::store::{
    APPEND_LEN_MAX, Append, Claim, Head, Health, NOTE_KEY_LEN_MAX, Note, NoteKind, PHONE_SIGNING_LEN_MAX,
    RECORD_KEY_LEN_MAX, ROW_KEY_LEN_MAX, Record, RecordKind, Row, Store, StoreError, StreamId, StreamKind,
    Version,
};

/// Free space below which writes stop, if not configured: room for a journal, its flush and a compaction.
pub const FREE_SPACE_MIN_BYTES: u64 = 256 * 1024 * 1024;

/// How often the free space is asked for, at most: a disk filled by others at 1 GB/s loses the reserve in as long.
pub const FREE_SPACE_CHECK_EVERY: Duration = Duration::from_millis(250);

/// Larger pages are read on a blocking thread.
pub const PAGE_INLINE_MAX: usize = 128;

/// The room in the queue, [`ROOM_BYTES_MAX`], is counted in units, at least one a write.
const ROOM_UNIT_BYTES: usize = 1024;

// The largest write must fit into the queue, or it would wait for ever; a batch into the smallest memtable of
// `fjall::options`, or the count of sealed memtables is not bounded as `SEALED_MEMTABLES_MAX` says.
const WRITE_LEN_MAX: usize = PHONE_SIGNING_LEN_MAX + NOTE_KEY_LEN_MAX;
const _: () = assert!(APPEND_LEN_MAX <= WRITE_LEN_MAX && WRITE_LEN_MAX < ROOM_BYTES_MAX);
const _: () = assert!(committer::BATCH_BYTES_MAX + WRITE_LEN_MAX < 8 * 1024 * 1024);

/// How to open an [`EmbeddedStore`].
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// The store's directory.
    pub path: PathBuf,
    /// Whether a missing store is created.
    pub opening: Opening,
    /// Writes stop when less is free on the directory's disk.
    pub free_space_min_bytes: u64,
    /// How often the free space is asked for, at most.
    pub free_space_check_every: Duration,
    /// Who is asked for it.
    pub free_space: FreeSpaceProbe,
    /// What all that it keeps in memory may take: write buffers, blocks, its queue and what it remembers.
    pub memory_bytes: u64,
    /// What is done when something is missing that was acknowledged.
    pub on_loss: OnLoss,
}

impl EmbeddedOptions {
    /// The defaults for a directory, which is created if missing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            opening: Opening::CreateIfMissing,
            free_space_min_bytes: FREE_SPACE_MIN_BYTES,
            free_space_check_every: FREE_SPACE_CHECK_EVERY,
            free_space: FreeSpaceProbe::filesystem(),
            memory_bytes: MEMORY_BYTES,
            on_loss: OnLoss::Hold,
        }
    }
}

/// The embedded store.
///
/// Dropping it does what [`Store::close`] does, and blocks for it.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    queue: Option<Sender<Message>>,
    committer: Mutex<Option<JoinHandle<()>>>,
    loss: Option<Loss>,
}

impl EmbeddedStore {
    /// Opens the store. Blocks for the replay of its journals, a second or two after a crash under load: call it
    /// before the runtime starts or on a blocking thread.
    ///
    /// # Errors
    /// [`StoreError::InUse`]: another process, or another handle in this one, has it. [`StoreError::Corrupt`]: the
    /// directory is not a store, is damaged, or its format is newer than this program. [`StoreError::Io`]: the
    /// operating system refused. A store that lacks what was acknowledged opens, see [`EmbeddedStore::loss`].
    pub fn open(options: EmbeddedOptions) -> Result<Self, StoreError> {
        let memory = MemoryPlan::of(options.memory_bytes);
        let create = |path: &Path| FjallEngine::create(path, memory);
        let directory = Directory::hold(&options.path, options.opening, create)?;
        let data = directory.data();
        let opener: Opener = Box::new(move || {
            let engine: Arc<dyn Engine> = Arc::new(FjallEngine::open(&data, memory)?);
            Ok(engine)
        });
        let witness = Witness::open(&directory.witness())?;
        Self::start(&options, opener, witness, directory)
    }

    /// Starts a store over what `opener` makes; `holds` is dropped when the committer stopped.
    fn start<T: Send + 'static>(
        options: &EmbeddedOptions,
        mut opener: Opener,
        witness: Witness,
        holds: T,
    ) -> Result<Self, StoreError> {
        let engine = opener()?;
        let progress = Progress::of_opened(&*engine, witness, options.on_loss);
        let shared = Arc::new(Shared::new(engine, ROOM_BYTES_MAX / ROOM_UNIT_BYTES));
        let (queue, messages) = channel(); // bounded by the room that every write takes first
        let space = SpaceWatch {
            probe: options.free_space.clone(),
            path: options.path.clone(),
            bytes_min: options.free_space_min_bytes,
            every: options.free_space_check_every,
            last: None,
        };
        let loss = progress.loss().cloned();
        let committer = Committer::new(Arc::clone(&shared), messages, space, opener, progress);
        let spawned = thread::Builder::new().name("ofd-committer".to_owned()).spawn(move || {
            let closer = committer.run();
            drop(holds);
            if let Some(closer) = closer {
                let _gone = closer.send(());
            }
        });
        let thread = spawned.map_err(|source| StoreError::Io {
            action: "starting the committer's thread".to_owned(),
            source,
        })?;
        Ok(Self { shared, queue: Some(queue), committer: Mutex::new(Some(thread)), loss })
    }

    /// What the committer did so far.
    #[must_use]
    pub fn stats(&self) -> EmbeddedStats {
        self.shared.counters.read()
    }

    /// The store as it is now, whatever is written later.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it is closed, or is being opened again.
    pub fn moment(&self) -> Result<Moment, StoreError> {
        Ok(Moment::of(Arc::clone(&self.shared), &self.engine()?))
    }

    /// Moves what the journals hold into tables, and blocks for it: the next start has nothing to replay. Tests look
    /// so at what becomes of tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is closed, else what the engine says.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.engine()?.flush()
    }

    /// What was acknowledged and is missing, as far as it showed when the store was opened.
    #[must_use]
    pub fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// Hands a write to the committer and waits for its answer.
    async fn write<T>(&self, bytes: usize, write: impl FnOnce(Reply<T>) -> Write) -> Result<T, StoreError> {
        let since = Instant::now();
        let units = bytes.saturating_div(ROOM_UNIT_BYTES).saturating_add(1);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.shared.room).acquire_many_owned(units).await;
        let room = room.map_err(|_| self.closed())?;
        let (sender, answer) = oneshot::channel();
        let message = Message::Write(write(Reply { sender, since, room }));
        let queue = self.queue.as_ref().ok_or_else(|| self.closed())?;
        queue.send(message).map_err(|_| self.closed())?;
        // The committer answers everything it takes; when it stopped in a panic nobody knows what was written.
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown { waited: since.elapsed() }))
    }

    fn closed(&self) -> StoreError {
        match self.shared.health() {
            Health::Ready => unavailable("it is closed"),
            Health::ReadOnly(reason) => unavailable(&reason),
        }
    }

    fn engine(&self) -> Result<Arc<dyn Engine>, StoreError> {
        self.shared.engine().ok_or_else(|| self.closed())
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.engine()?.get(table, key)
    }

    async fn scan(
        &self,
        table: Table,
        prefix: Bytes,
        after: Option<Bytes>,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let engine = self.engine()?;
        let scan = move || engine.scan(table, Page { prefix: &prefix, after: after.as_deref(), limit });
        match Handle::try_current() {
            Ok(tokio) if limit > PAGE_INLINE_MAX => tokio.spawn_blocking(scan).await.unwrap_or_else(|_| {
                Err(unavailable("the process is stopping, or reading panicked, see the log"))
            }),
            Ok(_) | Err(_) => scan(),
        }
    }
}

/// A row as it was found among all rows.
fn row_of(stream: StreamId, (key, value): (Bytes, Bytes)) -> Result<Row, StoreError> {
    let key = key.slice(codec::STREAM_KEY_LEN.min(key.len())..);
    codec::row(stream, &key, &value).map(|value| Row { key, value })
}

/// A note as it was found among all notes.
fn note_of(kind: NoteKind, (key, value): (Bytes, Bytes)) -> Result<Note, StoreError> {
    codec::note(kind, key.slice(1.min(key.len())..), &value)
}

/// Notes as they were found, and behind which key the next page begins, if there is one.
fn note_page(
    kind: NoteKind,
    found: Vec<(Bytes, Bytes)>,
    wanted: usize,
) -> Result<(Vec<Note>, Option<Option<Bytes>>), StoreError> {
    let last = found.last().filter(|_| found.len() >= wanted).map(|(key, _)| Some(key.clone()));
    let notes = found.into_iter().map(|entry| note_of(kind, entry)).collect::<Result<_, _>>()?;
    Ok((notes, last))
}

/// A record as it was found among all records.
fn record_of(kind: RecordKind, (key, value): (Bytes, Bytes)) -> Result<Record, StoreError> {
    codec::record(kind, key.slice(1.min(key.len())..), &value)
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.shared.room.close();
        drop(self.queue.take());
        let thread = self.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _panicked = thread.join(); // the committer's epitaph told it already
        }
    }
}

impl Store for EmbeddedStore {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        conditions::check_append(&append)?;
        self.write(conditions::append_len(&append), |reply| Write::Append(append, reply)).await
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let value = self.get(Table::Heads, &codec::stream_key(stream))?;
        value.map(|value| codec::head(stream, &value)).transpose()
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        if key.len() > ROW_KEY_LEN_MAX {
            return Ok(None); // fjall asserts that keys are short
        }
        let value = self.get(Table::Rows, &codec::row_key(stream, key))?;
        value.map(|value| codec::row(stream, key, &value)).transpose()
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let after = after.map(|after| codec::row_key(stream, after));
        let found = self.scan(Table::Rows, codec::row_key(stream, prefix), after, limit).await?;
        found.into_iter().map(|entry| row_of(stream, entry)).collect()
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        let after = after.map(|after| Bytes::copy_from_slice(&codec::stream_key(after)));
        let prefix = Bytes::copy_from_slice(&[kind.number()]);
        let found = self.scan(Table::Heads, prefix, after, limit).await?;
        let stream = |(key, _): (Bytes, Bytes)| {
            codec::stream_of_key(kind, &key).ok_or_else(|| StoreError::Corrupt {
                place: format!("key {} in keyspace heads", conditions::readable(&key)),
                reason: "it is not the key of a stream".to_owned(),
            })
        };
        found.into_iter().map(stream).collect()
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        if key.len() > RECORD_KEY_LEN_MAX {
            return Ok(None); // fjall asserts that keys are short
        }
        let value = self.get(Table::Records, &codec::record_key(kind, key))?;
        value.map(|value| codec::record(kind, Bytes::copy_from_slice(key), &value)).transpose()
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        conditions::check_record(key, &bytes)?;
        let write = RecordWrite { kind, key: Bytes::copy_from_slice(key), expected, bytes };
        self.write(write.bytes.len(), |reply| Write::Record(write, reply)).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let after = after.map(|after| codec::record_key(kind, after));
        let found = self.scan(Table::Records, codec::record_key(kind, prefix), after, limit).await?;
        found.into_iter().map(|entry| record_of(kind, entry)).collect()
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        let claimant = Claimant::new(owner, now_ms, take_over_from)?;
        let write = ClaimWrite { key: claims::name_key(family, name)?, claimant };
        self.write(write.key.len(), |reply| Write::Claim(write, reply)).await
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        conditions::check_note(&note)?;
        self.write(conditions::note_len(&note), |reply| Write::Note(note, reply)).await
    }

    async fn noted(&self, kind: NoteKind, key: &[u8], now_ms: u64) -> Result<Option<Note>, StoreError> {
        conditions::check_note_key("the key of a note", kind, key)?;
        if key.len() > NOTE_KEY_LEN_MAX {
            return Ok(None); // fjall asserts that keys are short
        }
        let value = self.get(Table::Notes, &codec::note_key(kind, key))?;
        let note = value.map(|value| codec::note(kind, Bytes::copy_from_slice(key), &value)).transpose()?;
        Ok(note.filter(|note| !note.is_over(now_ms)))
    }

    async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        conditions::check_note_key("the prefix of notes", kind, prefix)?;
        let prefix = codec::note_key(kind, prefix);
        let first = after.map(|after| codec::note_key(kind, after));
        those_not_over((limit, now_ms), first, |after, wanted| {
            let found = self.scan(Table::Notes, prefix.clone(), after, wanted);
            async move { note_page(kind, found.await?, wanted) }
        })
        .await
    }

    async fn health(&self) -> Health {
        self.shared.health()
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.shared.room.close();
        let (closer, closed) = oneshot::channel();
        if let Some(queue) = &self.queue
            && queue.send(Message::Close(closer)).is_ok()
        {
            // An error means that the committer stopped before it read the message: what it took is synced.
            let _stopped = closed.await;
        }
        Ok(())
    }

    fn is_shared(&self) -> bool {
        false
    }
}
