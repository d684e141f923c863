//! fjall behind the seam: a keyspace for each table, one journal.

use std::any::Any;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fjall::config::{BlockSizePolicy, CompressionPolicy};
use fjall::{
    AbstractTree, CompressionType, Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode,
    Readable, Snapshot, UserValue,
};
use xxhash_rust::xxh3::Xxh3;

use super::directory::Opening;
use super::engine::{Cure, Engine, Outcome, Page, Put, Reach, Table, View, Way, WriteError};
use super::fault::{corrupt, read_error};
use super::memory::{MemoryPlan, sealed_buffers_max};
use super::{journal, keyspaces};
use crate::store::StoreError;

const MIB: u64 = 1024 * 1024;

/// Sealed journals before fjall flushes the keyspaces that hold the oldest one back. Bounds the replay at a start
/// (a second or two) and the disk space beside the data.
const JOURNALS_BYTES_MAX: u64 = 128 * MIB;

/// One thread flushes, one compacts, and one sends the compaction messages that find nothing to do on their way:
/// with fewer, fjall's flushing thread turns in circles while a compaction runs.
const WORKER_THREADS: usize = 3;

/// Open table files; the rest of the process's descriptors belong to connections.
const FILES_CACHED_MAX: u64 = 256;

/// Where the process may open few files, the store keeps this part of them.
const FILES_CACHED_PART: u64 = 8;

/// With fewer every read would open a file.
const FILES_CACHED_MIN: u64 = 4;

/// How many table files are kept open under a limit of open files; `None`: there is no limit.
fn files_cached(limit: Option<u64>) -> usize {
    let files = limit.map_or(FILES_CACHED_MAX, |limit| limit / FILES_CACHED_PART);
    usize::try_from(files.clamp(FILES_CACHED_MIN, FILES_CACHED_MAX)).unwrap_or(usize::MAX)
}

/// Tables on the first level at which a write waits; fjall burns time from 20 and stops from 30.
const FIRST_LEVEL_TABLES_MAX: usize = 16;

/// A write that waits longer than this for flushes is refused: the device has long given up.
const STALL_MAX: Duration = Duration::from_secs(5);
const STALL_STEP: Duration = Duration::from_millis(2);

/// Files that fjall has made when [`FjallEngine::create`] returns: keyspace 0 is its list of keyspaces, ours follow. Stores
/// of before have no keyspace of notes.
const FILES_REQUIRED: [&str; 5] =
    ["version", "keyspaces/0/current", "keyspaces/1/current", "keyspaces/2/current", "keyspaces/3/current"];

/// How long a dropped engine is waited for until the last of its threads let go of its journal.
const GONE_WAIT_MAX: Duration = Duration::from_secs(10);

/// The store in a directory of fjall's.
pub(super) struct FjallEngine {
    /// The applied batch; fjall writes, syncs and then shows it to reads in one call, which is [`Engine::sync`].
    staged: Mutex<Option<OwnedWriteBatch>>,
    heads: Keyspace,
    rows: Keyspace,
    records: Keyspace,
    notes: Keyspace,
    database: Database,
    path: PathBuf,
    /// The greatest sequence number in the journals when they were opened.
    journaled: Option<u64>,
    _gone: WaitUntilGone,
}

impl FjallEngine {
    /// Makes an empty store.
    pub(super) fn create(path: &Path, memory: MemoryPlan) -> Result<(), StoreError> {
        Self::caught(path, memory, Opening::CreateIfMissing, None).map(drop)
    }

    /// Opens the directory. Blocks for the replay of the journals.
    pub(super) fn open(path: &Path, memory: MemoryPlan) -> Result<Self, StoreError> {
        // Looked at before fjall does: it creates what it misses and deletes what it cannot place, so that a store
        // that lost one of these files would come up empty.
        for file in FILES_REQUIRED {
            match path.join(file).try_exists() {
                Ok(true) => {}
                Ok(false) => return Err(corrupt(path, &format!("its file {file} is missing"))),
                Err(error) => return Err(read_error(error.into(), &format!("looking at file {file}"), path)),
            }
        }
        let mut entries = path.read_dir().map_err(|error| read_error(error.into(), "reading", path))?;
        if !entries.any(|entry| entry.is_ok_and(|entry| entry.path().extension() == Some("jnl".as_ref()))) {
            return Err(corrupt(path, "its journal (a file *.jnl) is missing"));
        }
        let journaled = match journal::check(path) {
            Ok(Ok(journaled)) => journaled,
            Ok(Err(damage)) => return Err(corrupt(path, &damage)),
            Err(error) => return Err(read_error(error.into(), "reading the journals of", path)),
        };
        Self::caught(path, memory, Opening::Existing, journaled)
    }

    /// Fjall asserts where it meets a foreign file; its directory is input, and input must not end the process.
    fn caught(
        path: &Path,
        memory: MemoryPlan,
        opening: Opening,
        journaled: Option<u64>,
    ) -> Result<Self, StoreError> {
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_as(path, memory, opening, journaled)));
        opened.unwrap_or_else(|panic| {
            let reason = format!("fjall stopped in a panic while opening it ({})", words_of(&*panic));
            Err(corrupt(path, &reason))
        })
    }

    fn open_as(
        path: &Path,
        memory: MemoryPlan,
        opening: Opening,
        journaled: Option<u64>,
    ) -> Result<Self, StoreError> {
        let failed = |error| read_error(error, "opening the store", path);
        keyspaces::check(path)?;
        let files_limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let database = Database::builder(path)
            .cache_size(memory.cache_bytes)
            .max_journaling_size(JOURNALS_BYTES_MAX)
            .max_cached_files(Some(files_cached(files_limit)))
            .worker_threads(WORKER_THREADS)
            .open()
            .map_err(failed)?;
        let keyspace = |table: Table| {
            // Notes run out, and nothing rests on them alone: a store without them gets them.
            let may_be_made = opening == Opening::CreateIfMissing || table == Table::Notes;
            if !may_be_made && !database.keyspace_exists(table.name()) {
                return Err(corrupt(path, &format!("keyspace {} is missing", table.name())));
            }
            database.keyspace(table.name(), || options(table, memory)).map_err(failed)
        };
        let (heads, rows, records) =
            (keyspace(Table::Heads)?, keyspace(Table::Rows)?, keyspace(Table::Records)?);
        let notes = keyspace(Table::Notes)?;
        // What the journal held and the crash left unsynced is shown to reads from here on: make it stay.
        database.persist(PersistMode::SyncAll).map_err(failed)?;
        let supervised: Arc<dyn Any + Send + Sync> = database.supervisor.keyspaces.clone();
        let gone = WaitUntilGone(Arc::downgrade(&supervised));
        drop(supervised);
        let staged = Mutex::new(None);
        let path = path.to_owned();
        Ok(Self { staged, heads, rows, records, notes, database, path, journaled, _gone: gone })
    }

    fn keyspace(&self, table: Table) -> &Keyspace {
        match table {
            Table::Heads => &self.heads,
            Table::Rows => &self.rows,
            Table::Records => &self.records,
            Table::Notes => &self.notes,
        }
    }

    fn is_behind(&self) -> bool {
        Table::ALL.into_iter().any(|table| {
            let keyspace = self.keyspace(table);
            keyspace.sealed_memtable_count() >= sealed_buffers_max(table)
                || keyspace.l0_table_count() >= FIRST_LEVEL_TABLES_MAX
        })
    }

    /// Waits while flushes and compactions are behind, so that fjall never has to.
    fn wait_for_flushes(&self) -> Result<(), WriteError> {
        let since = Instant::now();
        loop {
            self.check()?;
            if !self.is_behind() {
                return Ok(());
            }
            if since.elapsed() > STALL_MAX {
                let reason = format!("the disk of {} is too slow for what is written", self.path.display());
                return Err(WriteError { outcome: Outcome::NotWritten, cure: Cure::Wait, reason });
            }
            thread::sleep(STALL_STEP);
        }
    }
}

impl Engine for FjallEngine {
    fn apply(&self, puts: Vec<Put>) -> Result<(), WriteError> {
        self.wait_for_flushes()?;
        let mut batch = OwnedWriteBatch::with_capacity(self.database.clone(), puts.len());
        for put in &puts {
            let keyspace = self.keyspace(put.table);
            match &put.value {
                Some(value) => batch.insert(keyspace, &put.key[..], &value[..]),
                None => batch.remove(keyspace, &put.key[..]),
            }
        }
        *self.staged.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
        Ok(())
    }

    fn sync(&self) -> Result<(), WriteError> {
        let staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(batch) = staged else { return Ok(()) };
        // fdatasync is enough: it includes the file's length, the one piece of metadata a reader needs.
        let batch = batch.durability(Some(PersistMode::SyncData));
        batch.commit().map_err(|error| write_error(&error, &self.path))
    }

    fn check(&self) -> Result<(), WriteError> {
        // The cheapest question fjall answers about its being poisoned; its buffer is empty between batches.
        self.database.persist(PersistMode::Buffer).map_err(|error| write_error(&error, &self.path))
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        // A snapshot, as fjall shows a batch that is being applied piece by piece to reads without one.
        let found = self.guarded(table, || self.database.snapshot().get(self.keyspace(table), key))?;
        Ok(found.as_ref().map(copy))
    }

    fn scan(&self, table: Table, page: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        self.scan_at(&self.database.snapshot(), table, page)
    }

    fn view(&self) -> View {
        View(Box::new(self.database.snapshot()))
    }

    fn scan_view(
        &self,
        view: &View,
        table: Table,
        page: Page<'_>,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        match view.0.downcast_ref::<Snapshot>() {
            Some(snapshot) => self.scan_at(snapshot, table, page),
            None => Err(StoreError::Unavailable { reason: "the view is another engine's".to_owned() }),
        }
    }

    fn read(
        &self,
        table: Table,
        reach: Reach<'_>,
        see: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        if reach.to.is_some_and(|to| reach.from >= to) {
            return Ok(()); // a range that ends before it begins
        }
        let bounds = (Bound::Included(reach.from), reach.to.map_or(Bound::Unbounded, Bound::Excluded));
        let mut range = self.guarded(table, || {
            Ok(self.database.snapshot().range::<&[u8], _>(self.keyspace(table), bounds))
        })?;
        loop {
            // Each entry by itself: what was handed out before a damaged one stays handed out.
            let entry = self.guarded(table, || {
                let next = match reach.way {
                    Way::Onwards => range.next(),
                    Way::Backwards => range.next_back(),
                };
                next.map(fjall::Guard::into_inner).transpose()
            })?;
            match entry {
                Some((key, value)) if see(&key, &value) => {}
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn flush(&self) -> Result<(), StoreError> {
        for table in Table::ALL {
            let rotated = self.keyspace(table).rotate_memtable_and_wait();
            rotated.map_err(|error| self.read_error(error, table))?;
        }
        Ok(())
    }

    fn check_files(&self, tell: &mut dyn FnMut(String, String)) {
        for table in Table::ALL {
            for file in self.keyspace(table).tree.current_version().iter_tables() {
                match checksum(&file.path) {
                    Ok(found) if found == file.checksum().into_u128() => {}
                    Ok(found) => {
                        let expected = file.checksum().into_u128();
                        let reason = format!(
                            "its checksum is {found:032x}, fjall noted {expected:032x} when it wrote it"
                        );
                        tell(format!("{} of keyspace {}", file.path.display(), table.name()), reason);
                    }
                    Err(error) => {
                        let place = format!("{} of keyspace {}", file.path.display(), table.name());
                        tell(place, format!("it cannot be read: {error}"));
                    }
                }
            }
        }
    }

    fn missing(&self) -> Option<String> {
        // What is in tables went through a journal before, and journals are given up from the oldest on.
        let journaled = self.journaled?;
        let newest = Table::ALL.map(|table| self.keyspace(table).tree.get_highest_persisted_seqno());
        let newest = newest.into_iter().flatten().max()?;
        (newest > journaled).then(|| {
            format!(
                "its journals end with batch {journaled} of the engine's count, while its tables hold batch {newest}"
            )
        })
    }
}

impl FjallEngine {
    fn scan_at(
        &self,
        snapshot: &Snapshot,
        table: Table,
        page: Page<'_>,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let lower = match page.after {
            Some(after) if after >= page.prefix => Bound::Excluded(after),
            Some(_) | None => Bound::Included(page.prefix),
        };
        let end = end_of_prefix(page.prefix);
        if page.after.zip(end.as_deref()).is_some_and(|(after, end)| after >= end) {
            return Ok(Vec::new()); // a range that ends before it begins
        }
        let upper = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        self.guarded(table, || {
            let range = snapshot.range::<&[u8], _>(self.keyspace(table), (lower, upper));
            let entry = |entry: fjall::Guard| {
                entry.into_inner().map(|(key, value)| (Bytes::copy_from_slice(&key), copy(&value)))
            };
            range.take(page.limit).map(entry).collect()
        })
    }
}

/// The checksum of a whole table as fjall computes it, without having all of it in memory.
fn checksum(path: &Path) -> io::Result<u128> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut buffer) = (Xxh3::new(), vec![0; 256 * 1024]);
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hash.digest128()),
            len => hash.update(buffer.get(..len).unwrap_or_default()),
        }
    }
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
}

impl FjallEngine {
    /// Reads something of fjall's. It asserts where a damaged block tells it nonsense; a block is input, and input must
    /// not end the thread of whoever asked.
    fn guarded<T>(&self, table: Table, read: impl FnOnce() -> fjall::Result<T>) -> Result<T, StoreError> {
        match catch_unwind(AssertUnwindSafe(read)) {
            Ok(found) => found.map_err(|error| self.read_error(error, table)),
            Err(panic) => {
                let (table, words) = (table.name(), words_of(&*panic));
                Err(corrupt(
                    &self.path,
                    &format!("reading keyspace {table}: fjall stopped in a panic ({words})"),
                ))
            }
        }
    }

    fn read_error(&self, error: fjall::Error, table: Table) -> StoreError {
        read_error(error, &format!("reading keyspace {}", table.name()), &self.path)
    }
}

/// A slice of fjall's would keep the whole block it was read from in memory for as long as the value lives.
fn copy(value: &UserValue) -> Bytes {
    Bytes::copy_from_slice(value)
}

/// The first key behind all that start with `prefix`; `None` when there is none.
fn end_of_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let (kept, _) = prefix.split_at_checked(last.saturating_add(1))?;
    let mut end = kept.to_vec();
    let byte = end.last_mut()?;
    *byte = byte.saturating_add(1);
    Some(end)
}

/// Receipts and their answers share much text, and neighbours of one shift most of all: large blocks let LZ4 find
/// it. Heads are read alone and rewritten often: small blocks. Small memtables keep flushes short and memory
/// bounded: see [`super::memory`].
fn options(table: Table, memory: MemoryPlan) -> KeyspaceCreateOptions {
    let block_bytes = match table {
        Table::Heads => 4 * 1024,
        Table::Rows => 32 * 1024,
        Table::Records | Table::Notes => 8 * 1024,
    };
    KeyspaceCreateOptions::default()
        .data_block_size_policy(BlockSizePolicy::all(block_bytes))
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .max_memtable_size(memory.buffer_bytes(table))
}

/// What a failed commit leaves behind.
///
/// fjall writes the batch to its journal through a buffer, then syncs. When either fails it is poisoned: it takes
/// no further write, and its buffer may still hold the end of the batch and write it when it is closed. So
/// the outcome is unknown, except when it was poisoned before (by a flush or compaction that failed). A full
/// disk fails in `write`, and what was synced before is untouched: opening it again drops the torn batch or
/// replays the whole one. Any other error may come from `fsync`, after which the kernel may show bytes that
/// are not on the disk: no opening can tell, so it takes a person and a restart.
fn write_error(error: &fjall::Error, path: &Path) -> WriteError {
    let path = path.display();
    let io = match error {
        fjall::Error::Poisoned => {
            let reason = format!("a background task of fjall in {path} failed, its error is in the log");
            return WriteError { outcome: Outcome::NotWritten, cure: Cure::Reopen, reason };
        }
        fjall::Error::Io(io) | fjall::Error::Storage(fjall::LsmError::Io(io)) => Some(io),
        _ => None, // foreign and `non_exhaustive`
    };
    let full = io.is_some_and(|io| is_disk_full(io.kind()));
    let cure = if full { Cure::Reopen } else { Cure::Restart };
    let what = io.map_or_else(|| error.to_string(), io::Error::to_string);
    WriteError { outcome: Outcome::Unknown, cure, reason: format!("writing to {path} failed ({what})") }
}

fn is_disk_full(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

/// Dropped last: waits until the threads of the database let go of its insides.
///
/// fjall's own drop returns a moment before its threads drop theirs, and the last one to do so flushes what the
/// journal's buffer still holds. That must be over before the directory is opened again.
struct WaitUntilGone(Weak<dyn Any + Send + Sync>);

impl Drop for WaitUntilGone {
    fn drop(&mut self) {
        let since = Instant::now();
        while self.0.strong_count() > 0 && since.elapsed() < GONE_WAIT_MAX {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
