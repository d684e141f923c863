//! Restoring: a new store from the backups of a chain, as it was at their end or at an earlier moment.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ofd_edge::World;
use ofd_protocol::register::{Register, Tokens};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::claims::ClaimedName;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::registers::{self, Loaded, ShiftUntil};
use ofd_storage::store::{
    Append, Head, HeadFormat, Record, RecordKind, Row, Stamp, Store, StoreError, StreamId, StreamKind,
    Version,
};
use tokio::task::JoinSet;

use super::BackupError;
use super::folder::Folder;
use super::merge::{ChainNotes, ChainRecords, ChainStreams, Versions, Which};
use super::until::{Choice, RecordsUntil, choose, register_of};
use crate::verify::{self, Break, Walked};

/// Streams and records that are written at once: the store makes all that wait durable with one sync.
const AT_ONCE: usize = 64;

/// Notes are many and small.
const NOTES_AT_ONCE: usize = 512;

/// Rows go over in appends of about so many bytes.
const PART_LEN: usize = 256 * 1024;

/// A store that is being restored has this behind its name.
const UNFINISHED: &str = ".restoring";

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Backups that are of no use, and why.
    pub unusable: Vec<String>,
    /// The moment that the last backup of the chain shows.
    pub last_made_at_ms: u64,
    /// Streams and records that were written.
    pub streams: u64,
    /// Records that were written.
    pub records: u64,
    /// Registers that had more documents: those accepted after the moment were left out.
    pub cut: Vec<RegisterId>,
    /// How many documents that were.
    pub left_out: u64,
    /// What was wrong at the source when the backups were made; the first of it.
    pub faults: Vec<String>,
    /// What was walked in the new store.
    pub walked: Walked,
    /// Where it is broken.
    pub breaks: Vec<Break>,
}

/// Restores from the folder `from` into a new store at `to`, as it was at `until` by time of acceptance; left out: as
/// the last backup has it.
///
/// # Errors
/// [`BackupError`]. What is at `to` is a whole store or nothing.
pub async fn restore(
    from: &Path,
    to: &Path,
    until: Option<UnixMillis>,
    world: &impl World,
) -> Result<Restored, BackupError> {
    let folder = Folder::open(from)?;
    let listed = folder.list()?;
    let empty = || BackupError::Empty { path: from.to_owned(), unusable: listed.unusable.join("; ") };
    let Choice { chain, known } = choose(listed.chains, until).ok_or_else(empty)?;
    let unfinished = unfinished(to)?;
    let options = EmbeddedOptions::new(unfinished.clone());
    let opened = tokio::task::spawn_blocking(move || EmbeddedStore::open(options)).await;
    let opened = opened.map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
    let mut job = Job {
        store: Arc::new(opened?),
        world,
        until,
        crew: JoinSet::new(),
        newest_shifts: HashMap::new(),
        unsold: HashMap::new(),
        streams: 0,
        records: 0,
        cut: Vec::new(),
        left_out: 0,
    };
    let mut streams = ChainStreams::of(&chain, known)?;
    job.streams(&mut streams).await?;
    job.records(&mut ChainRecords::of(&chain, known)?).await?;
    let Some(last) = chain.last() else { return Err(empty()) };
    let moment_ms = until.map_or(last.manifest.made_at_ms, |until| until.0.min(last.manifest.made_at_ms));
    job.notes(&mut ChainNotes::of(&chain), moment_ms).await?;
    let mut breaks = Vec::new();
    let walked = verify::walk(&*job.store, |found| breaks.push(found)).await?;
    // A stream that could never be read is in no backup.
    let is_all = chain.iter().all(|backup| backup.manifest.faults_count == 0);
    if until.is_none() && is_all {
        let held = last.manifest.held;
        for (what, expected, found) in
            [("streams", held.streams, job.streams), ("records", held.records, job.records)]
        {
            if expected != found {
                return Err(BackupError::Incomplete {
                    what: format!("{expected} {what}"),
                    found,
                    path: unfinished,
                });
            }
        }
    }
    job.store.close().await?;
    let Job { streams, records, cut, left_out, store, .. } = job;
    drop(store);
    fs::rename(&unfinished, to).map_err(BackupError::io("renaming", &unfinished))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = fs::File::open(parent).and_then(|parent| parent.sync_all());
    synced.map_err(BackupError::io("syncing", parent))?;
    let faults = chain.iter().flat_map(|backup| backup.manifest.faults.clone()).collect();
    let last_made_at_ms = last.manifest.made_at_ms;
    let unusable = listed.unusable;
    Ok(Restored { unusable, last_made_at_ms, streams, records, cut, left_out, faults, walked, breaks })
}

/// Where the store is until it is whole. Nothing is removed that is there.
fn unfinished(to: &Path) -> Result<PathBuf, BackupError> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(UNFINISHED);
    let unfinished = to.with_file_name(name);
    for path in [to, &unfinished] {
        let is_free = match fs::read_dir(path) {
            Ok(mut entries) => path == to && entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if !is_free {
            return Err(BackupError::Taken { path: path.to_owned() });
        }
    }
    Ok(unfinished)
}

/// The last shift of a register that was restored, whose head waits until it is known what came after it.
struct Pending {
    id: RegisterId,
    writing: Writing,
    head: Head,
    register: Register,
    /// The tokens of its newest state, when something of the register was left out.
    tokens: Option<Tokens>,
    left_out: u64,
}

/// A stream that is being written.
struct Writing {
    stream: StreamId,
    expected: Option<Version>,
    rows: Vec<Row>,
    len: usize,
}

impl Writing {
    fn begin(stream: StreamId) -> Self {
        Self { stream, expected: None, rows: Vec::new(), len: 0 }
    }
}

/// A register that had sold nothing by then.
struct Unsold {
    /// Its first shift before its first document, under the tokens that it has now.
    register: Register,
    format: HeadFormat,
    left_out: u64,
}

struct Job<'a, W> {
    store: Arc<EmbeddedStore>,
    world: &'a W,
    until: Option<UnixMillis>,
    crew: JoinSet<Result<(), StoreError>>,
    newest_shifts: HashMap<RegisterId, u32>,
    /// Whether these were registers by then is known when their records are looked at.
    unsold: HashMap<RegisterId, Unsold>,
    streams: u64,
    records: u64,
    cut: Vec<RegisterId>,
    left_out: u64,
}

impl<W: World> Job<'_, W> {
    async fn streams(&mut self, chain: &mut ChainStreams) -> Result<(), BackupError> {
        let mut pending: Option<Pending> = None;
        while let Some(versions) = chain.next()? {
            let stream = versions.stream;
            let of_shift = u32::try_from(stream.owner).ok().filter(|_| stream.kind == StreamKind::Shift);
            match (of_shift, self.until) {
                (Some(register), Some(until)) => {
                    let id = RegisterId(register);
                    if let Some(other) = pending.take_if(|pending| pending.id != id) {
                        self.end_register(other).await?;
                    }
                    self.shift(chain, versions, until, id, &mut pending).await?;
                }
                // They may count documents that are left out: a reader makes them anew.
                (None, Some(_)) if stream.kind == StreamKind::Figures => {}
                (None, Some(_)) => {
                    if let Some(known) = versions.known {
                        self.whole(chain, Which::Known, stream, &known).await?;
                    }
                }
                (Some(register), None) => {
                    self.newest_shifts.insert(RegisterId(register), stream.ordinal);
                    self.whole(chain, Which::Newest, stream, &versions.newest).await?;
                }
                (None, None) => self.whole(chain, Which::Newest, stream, &versions.newest).await?,
            }
        }
        if let Some(last) = pending {
            self.end_register(last).await?;
        }
        for (id, unsold) in &self.unsold {
            if unsold.left_out > 0 {
                self.cut.push(*id);
                self.left_out = self.left_out.saturating_add(unsold.left_out);
            }
        }
        self.wait_for(0).await
    }

    /// A stream as a backup has it.
    async fn whole(
        &mut self,
        chain: &mut ChainStreams,
        which: Which,
        stream: StreamId,
        head: &Head,
    ) -> Result<(), BackupError> {
        let mut writing = Writing::begin(stream);
        while let Some(row) = chain.row(which)? {
            self.row(&mut writing, row).await?;
        }
        self.finish(writing, head.bytes.clone(), head.stamp).await
    }

    /// A shift as it was at a moment: as it is, when all of it had happened by then; else made anew from the documents
    /// accepted until then.
    async fn shift(
        &mut self,
        chain: &mut ChainStreams,
        versions: Versions,
        until: UnixMillis,
        id: RegisterId,
        pending: &mut Option<Pending>,
    ) -> Result<(), BackupError> {
        let Versions { stream, newest: head, known } = versions;
        let Loaded { register: newest, format, .. } = registers::decode(id, stream.ordinal, &head)?;
        let mut writing = Writing::begin(stream);
        if newest.clock <= until {
            while let Some(row) = chain.row(Which::Newest)? {
                self.row(&mut writing, row).await?;
            }
            let next = Pending { id, writing, head, register: newest, tokens: None, left_out: 0 };
            return self.follow(pending, next).await;
        }
        let before = pending.as_ref().map(|pending| &pending.register);
        let mut shift = ShiftUntil::begin(id, stream.ordinal, before, until);
        let known = known.map(|known| registers::decode(id, stream.ordinal, &known)).transpose()?;
        // Where no backup is as old as the moment the first one was taken, and what that has may be later.
        let known = known.filter(|known| known.register.clock <= until);
        while let Some(row) = chain.row(Which::Newest)? {
            // Rows of documents come first. A shift that had none by then holds at most the list of unconfirmed
            // documents that it took over.
            if shift.keeps(&row)? && (shift.has_documents() || known.is_some()) {
                self.row(&mut writing, row).await?;
            }
        }
        let left_out = shift.left_out();
        if !shift.has_documents() && known.is_none() {
            // The whole shift began after the moment: the shift before it is the newest one again, under the tokens
            // that the register has now.
            if let Some(pending) = pending {
                pending.tokens = Some(newest.tokens);
                pending.left_out = pending.left_out.saturating_add(left_out);
                return Ok(());
            }
            let first = || Unsold { register: shift.finish(None, &newest), format, left_out: 0 };
            let unsold = self.unsold.entry(id).or_insert_with(first);
            unsold.register.tokens = newest.tokens;
            unsold.register.memory = None;
            unsold.left_out = unsold.left_out.saturating_add(left_out);
            return Ok(());
        }
        let register = shift.finish(known.as_ref().map(|known| &known.register), &newest);
        let stamp = Stamp(self.world.bytes());
        let head = Head { stamp, ..head };
        let tokens = Some(newest.tokens);
        self.follow(pending, Pending { id, writing, head, register, tokens, left_out }).await
    }

    /// Goes on to the next shift of a register. With it the head of the one before is final, and is written.
    async fn follow(&mut self, pending: &mut Option<Pending>, next: Pending) -> Result<(), BackupError> {
        if let Some(before) = pending.replace(next) {
            let bytes = before.bytes()?;
            self.finish(before.writing, bytes, before.head.stamp).await?;
        }
        Ok(())
    }

    async fn end_register(&mut self, mut last: Pending) -> Result<(), BackupError> {
        if let Some(tokens) = last.tokens {
            last.register.tokens = tokens;
            let stamp = Stamp(self.world.bytes());
            last.head.stamp = stamp;
        }
        if last.left_out > 0 {
            // The till has gone on: what it may repeat now was left out, so the remembered command is of no use.
            last.register.memory = None;
            self.cut.push(last.id);
            self.left_out = self.left_out.saturating_add(last.left_out);
        }
        self.newest_shifts.insert(last.id, last.register.shift_number);
        let bytes = last.bytes()?;
        self.finish(last.writing, bytes, last.head.stamp).await
    }

    async fn row(&mut self, writing: &mut Writing, row: Row) -> Result<(), BackupError> {
        writing.len = writing.len.saturating_add(row.key.len()).saturating_add(row.value.len());
        writing.rows.push(row);
        if writing.len < PART_LEN {
            return Ok(());
        }
        let stamp = Stamp(self.world.bytes());
        let rows = std::mem::take(&mut writing.rows);
        let append = Append {
            stream: writing.stream,
            expected: writing.expected,
            stamp,
            head: Bytes::new(),
            rows,
            notes: Vec::new(),
        };
        writing.expected = Some(self.store.append(append).await?);
        writing.len = 0;
        Ok(())
    }

    async fn finish(&mut self, writing: Writing, head: Bytes, stamp: Stamp) -> Result<(), BackupError> {
        let Writing { stream, expected, rows, .. } = writing;
        let store = Arc::clone(&self.store);
        self.streams = self.streams.saturating_add(1);
        self.wait_for(AT_ONCE).await?;
        let append = Append { stream, expected, stamp, head, rows, notes: Vec::new() };
        self.crew.spawn(async move { store.append(append).await.map(drop) });
        Ok(())
    }

    /// Waits until at most so many writes are under way.
    async fn wait_for(&mut self, at_most: usize) -> Result<(), BackupError> {
        while self.crew.len() > at_most {
            if let Some(done) = self.crew.join_next().await {
                done.map_err(|error| StoreError::Unavailable { reason: error.to_string() })??;
            }
        }
        Ok(())
    }

    async fn records(&mut self, chain: &mut ChainRecords) -> Result<(), BackupError> {
        let newest_shifts = std::mem::take(&mut self.newest_shifts);
        let mut until = RecordsUntil::new(self.until.is_none(), &newest_shifts);
        while let Some(versions) = chain.next()? {
            if let Some((kind, record)) = until.judge(versions)? {
                self.begin_if_unsold(kind, &record).await?;
                self.record(kind, record).await?;
            }
        }
        for (kind, record) in until.rest()? {
            self.record(kind, record).await?;
        }
        self.wait_for(0).await
    }

    /// Notes that were there at a moment. What was noted later tells of what is left out.
    async fn notes(&mut self, chain: &mut ChainNotes, moment_ms: u64) -> Result<(), BackupError> {
        while let Some(note) = chain.next()? {
            // A backup has what was noted while it began, by clocks that are a little ahead of its own.
            let is_later = self.until.is_some() && note.at_ms > moment_ms;
            if is_later || note.is_over(moment_ms) {
                continue;
            }
            self.wait_for(NOTES_AT_ONCE).await?;
            let store = Arc::clone(&self.store);
            self.crew.spawn(async move { store.note(note).await });
        }
        self.wait_for(0).await
    }

    /// The record of a register was there: its till shall find its first shift, sold or not.
    async fn begin_if_unsold(&mut self, kind: RecordKind, record: &Record) -> Result<(), BackupError> {
        let id = register_of(kind, &record.key).filter(|_| kind == RecordKind::Register);
        let Some((id, unsold)) = id.and_then(|id| self.unsold.remove_entry(&id)) else { return Ok(()) };
        let stream = registers::stream(id, unsold.register.shift_number);
        let head = registers::encode(id, &unsold.register, unsold.format)?;
        let stamp = Stamp(self.world.bytes());
        self.finish(Writing::begin(stream), head, stamp).await
    }

    async fn record(&mut self, kind: RecordKind, record: Record) -> Result<(), BackupError> {
        let store = Arc::clone(&self.store);
        self.records = self.records.saturating_add(1);
        self.wait_for(AT_ONCE).await?;
        self.crew.spawn(async move {
            if kind != RecordKind::Name {
                return store.put_record(kind, &record.key, None, record.bytes).await.map(drop);
            }
            let corrupt = || StoreError::Corrupt {
                place: format!("the name {}", record.key.escape_ascii()),
                reason: "it is no name".to_owned(),
            };
            let name = std::str::from_utf8(&record.key).ok().and_then(|key| key.split_once('/'));
            let (family, name) = name.ok_or_else(corrupt)?;
            let held = ClaimedName::decode(&record.bytes).ok_or_else(corrupt)?;
            store.claim(family, name, &held.owner, held.since_ms, None).await.map(drop)
        });
        Ok(())
    }
}

impl Pending {
    /// The head to write: the bytes that were, unless something in it is other than it was.
    fn bytes(&self) -> Result<Bytes, StoreError> {
        let read = registers::decode(self.id, self.register.shift_number, &self.head)?;
        if read.register == self.register {
            return Ok(self.head.bytes.clone());
        }
        registers::encode(self.id, &self.register, read.format)
    }
}
