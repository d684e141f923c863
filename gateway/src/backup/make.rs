//! Making a backup.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::model::{COPY_MARK_KEY, CopyMark, TICKET_NUMBER_KEY, key_digest};
use ofd_storage::store::{Head, NoteKind, Record, RecordKind, Row, StoreError, StreamId};
use sha2::{Digest, Sha256};

use super::check::ShiftCheck;
use super::folder::{Backup, BackupKind, Folder, Held, Manifest, Tally};
use super::merge::Sorted;
use super::pace::Pace;
use super::segment::{FileFacts, Tag, Writer};
use super::source::{
    PAGE_FIRST, Source, encode_head, encode_note, encode_record, next_limit, note_key, record_key, stream_key,
};
use super::{BackupError, written};

/// A file of a backup ends after so many bytes, at the end of a stream or record.
const FILE_LEN: u64 = 256 * 1024 * 1024;

/// How many faults are named in a manifest.
const FAULTS_NAMED_MAX: usize = 1000;

/// Notes have no version that tells what is new of them: an increment holds those that were written since the backup before
/// it, and so much before that, as notes come a little later than their time says.
const NOTES_OVERLAP_MS: u64 = 60 * 60 * 1000;

/// How far a backup is, is told this often.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// How a backup is made.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// At most so many bytes of the store are read in a second.
    pub bytes_per_second: u64,
    /// Everything, whatever was backed up before.
    pub is_full: bool,
    /// Everything, when the chain is this old.
    pub full_after: Duration,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The backup as it lies there now.
    pub backup: Backup,
    /// Why everything was backed up, where an increment could have been expected.
    pub full_because: Option<String>,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What was looked at in the store.
    pub seen: Held,
    /// What was written to the backup.
    pub written: Tally,
}

/// Backs up what `open` opens into the folder `to`; `now` is asked when the moment is there.
///
/// What was backed up before stays as it is, whatever happens.
///
/// # Errors
/// [`BackupError`].
pub fn back_up<S: Source>(
    to: &Path,
    options: &BackupOptions,
    open: impl FnOnce() -> Result<S, BackupError>,
    now: impl FnOnce() -> UnixMillis,
    (stop, tell): (&AtomicBool, &mut dyn FnMut(Progress)),
) -> Result<Made, BackupError> {
    // The folder comes first: a moment is not held while somebody else works there.
    let folder = Folder::create(to)?;
    let listed = folder.list()?;
    let number = listed.number_last.saturating_add(1);
    let mut all = listed.chains.iter().flatten();
    let mut source = open()?;
    let store = identity(&mut source)?;
    if all.clone().any(|backup| backup.manifest.store != store) {
        return Err(BackupError::OtherStore { path: to.to_owned() });
    }
    let last_made_at = all.next_back().map_or(0, |last| last.manifest.made_at_ms);
    // Backups are ordered by their moments, so a backup after a clock was set back still gets a later one.
    let made_at_ms = now().0.max(last_made_at.saturating_add(1));
    // When the newest backup is in no chain, the backups that it continued are gone: nothing can go on from it.
    let is_broken = listed.chains.iter().flatten().all(|it| it.manifest.number != listed.number_last);
    let chain = listed.chains.last().filter(|_| !is_broken);
    let chain = chain.map_or(&[][..], |chain| &chain[..]);
    let mut full_because = listed.unusable.first().filter(|_| is_broken).cloned();
    let age = chain.first().map(|first| made_at_ms.saturating_sub(first.manifest.made_at_ms));
    let is_old = age.is_some_and(|age| u128::from(age) >= options.full_after.as_millis());
    let previous = chain.last().filter(|_| !options.is_full && !is_old);
    let mut job = Job {
        folder: &folder,
        source,
        pace: Pace::new(options.bytes_per_second, stop),
        tell,
        told: Instant::now(),
        number,
        made_at_ms,
        store,
    };
    let made = match previous {
        Some(previous) => job.make(Some(previous)),
        None => job.make(None),
    };
    let made = match made {
        Err(Interrupted::WentBack) => {
            let because = "the store is not the one that went on from the last backup: it was restored";
            full_because = Some(because.to_owned());
            job.make(None)
        }
        made => made,
    };
    match made {
        Ok(backup) => Ok(Made { backup, full_because }),
        Err(Interrupted::Failed(error)) => Err(error),
        // A full backup is compared with no earlier one, so it never finds that the store has less than before.
        Err(Interrupted::WentBack) => Err(BackupError::NothingThere),
    }
}

/// What tells the store from others; refuses one that is of no use.
fn identity(source: &mut impl Source) -> Result<String, BackupError> {
    let mut key = None;
    let mut after: Option<Bytes> = None;
    loop {
        let place = after.as_ref().map(|after| (RecordKind::Store, &after[..]));
        let page = source.records(place, PAGE_FIRST)?;
        let is_over = page.last().is_none_or(|(kind, _)| *kind != RecordKind::Store);
        for (_, record) in page.iter().filter(|(kind, _)| *kind == RecordKind::Store) {
            if record.key == TICKET_NUMBER_KEY {
                key = Some(key_digest(&record.bytes));
            }
            if record.key == COPY_MARK_KEY {
                refuse_half_copied(record)?;
            }
        }
        if is_over {
            return key.ok_or(BackupError::NothingThere);
        }
        after = page.last().map(|(_, record)| record.key.clone());
    }
}

fn refuse_half_copied(record: &Record) -> Result<(), BackupError> {
    match serde_json::from_slice::<CopyMark>(&record.bytes) {
        Ok(mark) if mark.is_complete() => Ok(()),
        Ok(mark) => Err(BackupError::HalfCopied { command: mark.command }),
        Err(error) => Err(BackupError::Store(StoreError::Corrupt {
            place: "the mark of a copy".to_owned(),
            reason: error.to_string(),
        })),
    }
}

enum Interrupted {
    /// The store has less, or other things, than the last backup saw.
    WentBack,
    Failed(BackupError),
}

impl<E: Into<BackupError>> From<E> for Interrupted {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

struct Job<'a, S> {
    folder: &'a Folder,
    source: S,
    pace: Pace<'a>,
    tell: &'a mut dyn FnMut(Progress),
    told: Instant,
    number: u64,
    made_at_ms: u64,
    store: String,
}

/// What one backup comes to, while it is made.
struct Making {
    path: PathBuf,
    held: Held,
    written: Tally,
    notes_written: u64,
    faults: Vec<String>,
    faults_count: u64,
}

impl Making {
    fn fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_NAMED_MAX {
            self.faults.push(fault);
        }
        self.faults_count = self.faults_count.saturating_add(1);
    }

    fn count(&mut self, key: &[u8], value: &[u8]) {
        let len = u64::try_from(key.len().saturating_add(value.len())).unwrap_or(u64::MAX);
        self.written.bytes = self.written.bytes.saturating_add(len);
    }
}

impl<S: Source> Job<'_, S> {
    fn make(&mut self, previous: Option<&Backup>) -> Result<Backup, Interrupted> {
        let kind = if previous.is_some() { BackupKind::Increment } else { BackupKind::Full };
        let mut making = Making {
            path: self.folder.begin(self.number, kind)?,
            held: Held::default(),
            written: Tally::default(),
            notes_written: 0,
            faults: Vec::new(),
            faults_count: 0,
        };
        let (records, records_seen) = self.records(&mut making, previous)?;
        let (streams, streams_seen) = self.streams(&mut making, previous)?;
        let notes = self.notes(&mut making, previous)?;
        let manifest = Manifest {
            format: Manifest::FORMAT,
            number: self.number,
            kind,
            previous_sha256: previous.map(|previous| previous.sha256.clone()),
            made_at_ms: self.made_at_ms,
            made_at: written(self.made_at_ms),
            store: self.store.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            held: making.held,
            written: making.written,
            faults: making.faults,
            faults_count: making.faults_count,
            streams,
            records,
            streams_seen,
            records_seen,
            notes,
            notes_written: making.notes_written,
        };
        Ok(self.folder.finish(&making.path, &manifest)?)
    }

    fn records(
        &mut self,
        making: &mut Making,
        previous: Option<&Backup>,
    ) -> Result<(Vec<FileFacts>, FileFacts), Interrupted> {
        let mut seen =
            Seen::begin(making, "records-seen", previous.map(|it| (it, &it.manifest.records_seen)))?;
        let mut out = Parts::begin(making, "records");
        let (mut after, mut limit): (Option<(RecordKind, Bytes)>, usize) = (None, PAGE_FIRST);
        loop {
            let page = self.source.records(after.as_ref().map(|(kind, key)| (*kind, &key[..])), limit)?;
            let len =
                page.iter().map(|(_, record)| record.key.len().saturating_add(record.bytes.len())).sum();
            for (kind, record) in &page {
                let (key, value) = (record_key(*kind, &record.key), encode_record(record));
                let digest = Sha256::digest(&record.bytes);
                let mark = [&record.version.0.to_be_bytes(), digest.get(..16).unwrap_or_default()].concat();
                making.held.records = making.held.records.saturating_add(1);
                if seen.is_news(&key, &mark)? {
                    out.writer()?.put(Tag::Record, &key, &[&value])?;
                    out.end_if_long()?;
                    making.count(&key, &value);
                    making.written.records = making.written.records.saturating_add(1);
                }
            }
            self.spent(making, len)?;
            limit = next_limit(limit, len);
            match page.last() {
                Some((kind, record)) => after = Some((*kind, record.key.clone())),
                None => return Ok((out.finish()?, seen.finish()?)),
            }
        }
    }

    fn streams(
        &mut self,
        making: &mut Making,
        previous: Option<&Backup>,
    ) -> Result<(Vec<FileFacts>, FileFacts), Interrupted> {
        let mut seen =
            Seen::begin(making, "streams-seen", previous.map(|it| (it, &it.manifest.streams_seen)))?;
        let mut out = Parts::begin(making, "streams");
        let mut check = ShiftCheck::default();
        let (mut after, mut limit): (Option<StreamId>, usize) = (None, PAGE_FIRST);
        loop {
            let page = self.source.heads(after, limit)?;
            let len = page.iter().map(|(_, head)| head.bytes.len().saturating_add(40)).sum();
            self.spent(making, len)?;
            for (stream, head) in &page {
                let key = stream_key(*stream);
                let mark = [&head.version.0.to_be_bytes()[..], &head.stamp.0].concat();
                making.held.streams = making.held.streams.saturating_add(1);
                if !seen.is_news(&key, &mark)? {
                    check.pass_over(*stream, head);
                    continue;
                }
                match self.stream(making, &mut out, (*stream, head), &mut check) {
                    Ok(()) => {}
                    Err(BackupError::Store(error @ StoreError::Corrupt { .. })) => {
                        // What an earlier backup has of it stays what is known of it.
                        making.fault(format!("{stream} is left out: {error}"));
                        seen.take_back()?;
                        check.lose();
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            limit = next_limit(limit, len);
            match page.last() {
                Some((stream, _)) => after = Some(*stream),
                None => return Ok((out.finish()?, seen.finish()?)),
            }
        }
    }

    /// Writes one stream, all of it or nothing.
    fn stream(
        &mut self,
        making: &mut Making,
        out: &mut Parts,
        (stream, head): (StreamId, &Head),
        check: &mut ShiftCheck,
    ) -> Result<(), BackupError> {
        let before = making.written;
        let mark = out.writer()?.mark()?;
        let copied = self.copy(making, out, (stream, head), check);
        if copied.is_err() {
            out.writer()?.back_to(mark)?;
            making.written = before;
            return copied;
        }
        out.end_if_long()
    }

    fn copy(
        &mut self,
        making: &mut Making,
        out: &mut Parts,
        (stream, head): (StreamId, &Head),
        check: &mut ShiftCheck,
    ) -> Result<(), BackupError> {
        let (key, value) = (stream_key(stream), encode_head(head));
        out.writer()?.put(Tag::Head, &key, &[&value])?;
        making.count(&key, &value);
        making.written.streams = making.written.streams.saturating_add(1);
        check.begin(stream);
        let (mut after, mut limit): (Option<Bytes>, usize) = (None, PAGE_FIRST);
        loop {
            let page: Vec<Row> = self.source.rows(stream, after.as_deref(), limit)?;
            let len = page.iter().map(|row| row.key.len().saturating_add(row.value.len())).sum();
            for row in &page {
                out.writer()?.put(Tag::Row, &row.key, &[&row.value])?;
                making.count(&row.key, &row.value);
                making.written.rows = making.written.rows.saturating_add(1);
                if let Some(fault) = check.row(row) {
                    making.fault(fault);
                }
            }
            self.spent(making, len)?;
            limit = next_limit(limit, len);
            match page.last() {
                Some(row) => after = Some(row.key.clone()),
                None => break,
            }
        }
        if let Some(fault) = check.end(head) {
            making.fault(fault);
        }
        Ok(())
    }

    /// The notes that are not over. What cannot be read of them costs no document its backup: it is told, and runs out.
    fn notes(
        &mut self,
        making: &mut Making,
        previous: Option<&Backup>,
    ) -> Result<Vec<FileFacts>, BackupError> {
        let since_ms = previous.map_or(0, |it| it.manifest.made_at_ms.saturating_sub(NOTES_OVERLAP_MS));
        let mut out = Parts::begin(making, "notes");
        let (mut after, mut limit): (Option<(NoteKind, Bytes)>, usize) = (None, PAGE_FIRST);
        loop {
            let page = match self.source.notes(after.as_ref().map(|(kind, key)| (*kind, &key[..])), limit) {
                Err(error @ StoreError::Corrupt { .. }) => {
                    making.fault(format!("notes from there on are left out: {error}"));
                    return out.finish();
                }
                page => page?,
            };
            let len = page.iter().map(|note| note.key.len().saturating_add(note.bytes.len())).sum();
            for note in page.iter().filter(|it| it.at_ms >= since_ms && !it.is_over(self.made_at_ms)) {
                let (key, value) = (note_key(note.kind, &note.key), encode_note(note));
                out.writer()?.put(Tag::Note, &key, &[&value])?;
                out.end_if_long()?;
                making.notes_written = making.notes_written.saturating_add(1);
            }
            self.spent(making, len)?;
            limit = next_limit(limit, len);
            match page.last() {
                Some(note) => after = Some((note.kind, note.key.clone())),
                None => return out.finish(),
            }
        }
    }

    fn spent(&mut self, making: &Making, len: usize) -> Result<(), BackupError> {
        self.pace.spend(u64::try_from(len).unwrap_or(u64::MAX))?;
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            (self.tell)(Progress { seen: making.held, written: making.written });
        }
        Ok(())
    }
}

/// What a backup writes of one sort, in files that do not grow without end.
struct Parts {
    path: PathBuf,
    name: &'static str,
    writer: Option<Writer>,
    done: Vec<FileFacts>,
}

impl Parts {
    fn begin(making: &Making, name: &'static str) -> Self {
        Self { path: making.path.clone(), name, writer: None, done: Vec::new() }
    }

    fn writer(&mut self) -> Result<&mut Writer, BackupError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => {
                let number = self.done.len().saturating_add(1);
                Writer::create(self.path.join(format!("{}-{number:06}", self.name)))?
            }
        };
        Ok(self.writer.insert(writer))
    }

    fn end_if_long(&mut self) -> Result<(), BackupError> {
        if self.writer.as_ref().is_some_and(|writer| writer.len() >= FILE_LEN) { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), BackupError> {
        if let Some(writer) = self.writer.take() {
            self.done.push(writer.finish()?);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<FileFacts>, BackupError> {
        self.end()?;
        Ok(self.done)
    }
}

/// The list of all there is, written while that of the last backup is read beside it.
struct Seen {
    before: Option<Sorted>,
    now: Writer,
    /// What the last backup had of the key that was looked at last, and where its own entry begins.
    last: Option<(super::segment::Mark, Option<(Bytes, Bytes)>)>,
    may_take_back: bool,
}

impl Seen {
    fn begin(
        making: &Making,
        name: &'static str,
        previous: Option<(&Backup, &FileFacts)>,
    ) -> Result<Self, BackupError> {
        let before =
            previous.map(|(backup, facts)| Sorted::of(&backup.path, std::slice::from_ref(facts), Tag::Seen));
        let now = Writer::create(making.path.join(name))?;
        Ok(Self { before: before.transpose()?, now, last: None, may_take_back: name == "streams-seen" })
    }

    /// Whether the backups of before lack this key, or have it with another mark. A mark begins with a version.
    fn is_news(&mut self, key: &[u8], mark: &[u8]) -> Result<bool, Interrupted> {
        let before = match &mut self.before {
            None => None,
            Some(before) => match before.front().map(|entry| entry.key.as_ref().cmp(key)) {
                None | Some(std::cmp::Ordering::Greater) => None,
                Some(std::cmp::Ordering::Equal) => before.skip()?.map(|entry| (entry.key, entry.value)),
                Some(std::cmp::Ordering::Less) => return Err(Interrupted::WentBack),
            },
        };
        let is_news = match &before {
            None => true,
            Some((_, seen)) if seen == mark => false,
            Some((_, seen)) if seen.get(..8) < mark.get(..8) => true,
            Some(_) => return Err(Interrupted::WentBack),
        };
        if self.may_take_back && is_news {
            self.last = Some((self.now.mark()?, before));
        }
        self.now.put(Tag::Seen, key, &[mark])?;
        Ok(is_news)
    }

    /// Takes back the entry that was added last: what it stands for could not be backed up.
    fn take_back(&mut self) -> Result<(), BackupError> {
        let Some((mark, before)) = self.last.take() else { return Ok(()) };
        self.now.back_to(mark)?;
        match before {
            Some((key, seen)) => self.now.put(Tag::Seen, &key, &[&seen]),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<FileFacts, Interrupted> {
        if self.before.is_some_and(|before| before.front().is_some()) {
            return Err(Interrupted::WentBack);
        }
        Ok(self.now.finish()?)
    }
}
