//! The backups of a chain read side by side, in the order of their contents.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ofd_storage::store::{Head, Note, Row, StreamId};

use super::BackupError;
use super::folder::Backup;
use super::segment::{Entry, FileFacts, Reader, Tag};
use super::source::{decode_head, decode_note, stream_of_key};

/// Several files of one backup as if they were one.
pub(super) struct Files {
    folder: PathBuf,
    left: VecDeque<FileFacts>,
    reader: Option<Reader>,
}

impl Files {
    pub(super) fn of(folder: &Path, files: &[FileFacts]) -> Self {
        Self { folder: folder.to_owned(), left: files.iter().cloned().collect(), reader: None }
    }

    /// The next entry; every file is checked as a whole when its end is reached.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, BackupError> {
        loop {
            if let Some(reader) = &mut self.reader
                && let Some(entry) = reader.next()?
            {
                return Ok(Some(entry));
            }
            let Some(facts) = self.left.pop_front() else {
                self.reader = None;
                return Ok(None);
            };
            self.reader = Some(Reader::open(&self.folder.join(&facts.name), &facts)?);
        }
    }

    fn strange(&self, reason: &str) -> BackupError {
        BackupError::Broken { path: self.folder.clone(), reason: reason.to_owned() }
    }
}

/// Entries with their keys in order, one of which is looked at.
pub(super) struct Sorted {
    files: Files,
    front: Option<Entry>,
    tag: Tag,
}

impl Sorted {
    pub(super) fn of(folder: &Path, files: &[FileFacts], tag: Tag) -> Result<Self, BackupError> {
        let mut sorted = Self { files: Files::of(folder, files), front: None, tag };
        sorted.skip()?;
        Ok(sorted)
    }

    pub(super) fn front(&self) -> Option<&Entry> {
        self.front.as_ref()
    }

    /// Takes the entry that is looked at and looks at the next.
    pub(super) fn skip(&mut self) -> Result<Option<Entry>, BackupError> {
        let next = self.files.next()?;
        let taken = std::mem::replace(&mut self.front, next);
        if let Some(front) = &self.front {
            let is_behind = taken.as_ref().is_none_or(|taken| taken.key < front.key);
            if front.tag != self.tag || !is_behind {
                return Err(self.files.strange("its entries are not in their order"));
            }
        }
        Ok(taken)
    }
}

/// The notes of a chain, one backup after the other: of two with one key the store that gets them keeps the later.
pub(super) struct ChainNotes {
    backups: VecDeque<Files>,
}

impl ChainNotes {
    pub(super) fn of(chain: &[Backup]) -> Self {
        Self { backups: chain.iter().map(|it| Files::of(&it.path, &it.manifest.notes)).collect() }
    }

    pub(super) fn next(&mut self) -> Result<Option<Note>, BackupError> {
        while let Some(files) = self.backups.front_mut() {
            if let Some(entry) = files.next()? {
                let note = decode_note(&entry.key, &entry.value).filter(|_| entry.tag == Tag::Note);
                return note.map(Some).ok_or_else(|| files.strange("one of its notes cannot be read"));
            }
            self.backups.pop_front();
        }
        Ok(None)
    }
}

/// The streams of one backup, at one of which it stands.
struct Streams {
    files: Files,
    /// The stream it stands at, until its head was taken.
    at: Option<(StreamId, Option<Head>)>,
    /// The head of the next one, which ended the rows.
    next: Option<(StreamId, Head)>,
}

impl Streams {
    fn of(backup: &Backup) -> Result<Self, BackupError> {
        let files = Files::of(&backup.path, &backup.manifest.streams);
        let mut streams = Self { files, at: None, next: None };
        match streams.files.next()? {
            Some(entry) if entry.tag == Tag::Head => streams.next = Some(streams.head(&entry)?),
            Some(_) => return Err(streams.files.strange("rows come before their head")),
            None => {}
        }
        streams.advance();
        Ok(streams)
    }

    fn head(&self, entry: &Entry) -> Result<(StreamId, Head), BackupError> {
        let head = stream_of_key(&entry.key).zip(decode_head(&entry.value));
        head.ok_or_else(|| self.files.strange("a head is none, or of a kind that this program does not know"))
    }

    fn advance(&mut self) {
        self.at = self.next.take().map(|(stream, head)| (stream, Some(head)));
    }

    fn row(&mut self) -> Result<Option<Row>, BackupError> {
        if self.next.is_some() {
            return Ok(None);
        }
        match self.files.next()? {
            None => Ok(None),
            Some(entry) if entry.tag == Tag::Row => Ok(Some(Row { key: entry.key, value: entry.value })),
            Some(entry) if entry.tag == Tag::Head => {
                let next = self.head(&entry)?;
                if self.at.as_ref().is_some_and(|(at, _)| *at >= next.0) {
                    return Err(self.files.strange("its streams are not in their order"));
                }
                self.next = Some(next);
                Ok(None)
            }
            Some(_) => Err(self.files.strange("a strange entry is among its streams")),
        }
    }

    fn skip_stream(&mut self) -> Result<(), BackupError> {
        while self.row()?.is_some() {}
        self.advance();
        Ok(())
    }
}

/// A stream in the backups of a chain.
pub(super) struct Versions {
    pub(super) stream: StreamId,
    /// Its newest head.
    pub(super) newest: Head,
    /// Its head in the backups up to the asked one, if it was there by then.
    pub(super) known: Option<Head>,
}

/// From which backup of the chain a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// What the newest backup says.
    Newest,
    /// The last one up to the asked moment.
    Known,
}

/// All streams of a chain, in their order.
pub(super) struct ChainStreams {
    backups: Vec<Streams>,
    /// How many backups, from the first on, were made up to the asked moment.
    known: usize,
    at: Vec<usize>,
}

impl ChainStreams {
    pub(super) fn of(chain: &[Backup], known: usize) -> Result<Self, BackupError> {
        let backups = chain.iter().map(Streams::of).collect::<Result<_, _>>()?;
        Ok(Self { backups, known, at: Vec::new() })
    }

    /// The next stream; what was left of the one before is passed over.
    pub(super) fn next(&mut self) -> Result<Option<Versions>, BackupError> {
        for at in std::mem::take(&mut self.at) {
            if let Some(backup) = self.backups.get_mut(at) {
                backup.skip_stream()?;
            }
        }
        let least =
            self.backups.iter().filter_map(|backup| backup.at.as_ref()).map(|(stream, _)| *stream).min();
        let Some(stream) = least else { return Ok(None) };
        let (mut newest, mut known) = (None, None);
        for (at, backup) in self.backups.iter_mut().enumerate() {
            let Some((_, head)) = backup.at.as_mut().filter(|(at, _)| *at == stream) else { continue };
            self.at.push(at);
            newest = head.take();
            if at < self.known {
                known.clone_from(&newest);
            }
        }
        Ok(newest.map(|newest| Versions { stream, newest, known }))
    }

    /// The next row of the stream.
    pub(super) fn row(&mut self, which: Which) -> Result<Option<Row>, BackupError> {
        let at = match which {
            Which::Newest => self.at.last(),
            Which::Known => self.at.iter().rfind(|at| **at < self.known),
        };
        match at.and_then(|at| self.backups.get_mut(*at)) {
            Some(backup) => backup.row(),
            None => Ok(None),
        }
    }
}

/// All records of a chain, in their order.
pub(super) struct ChainRecords {
    backups: Vec<Sorted>,
    known: usize,
}

/// A record in the backups of a chain: its address, and its values.
pub(super) struct RecordVersions {
    pub(super) key: Bytes,
    pub(super) newest: Bytes,
    pub(super) known: Option<Bytes>,
}

impl ChainRecords {
    pub(super) fn of(chain: &[Backup], known: usize) -> Result<Self, BackupError> {
        let open = |backup: &Backup| Sorted::of(&backup.path, &backup.manifest.records, Tag::Record);
        Ok(Self { backups: chain.iter().map(open).collect::<Result<_, _>>()?, known })
    }

    pub(super) fn next(&mut self) -> Result<Option<RecordVersions>, BackupError> {
        let least =
            self.backups.iter().filter_map(|backup| backup.front()).map(|entry| &entry.key).min().cloned();
        let Some(key) = least else { return Ok(None) };
        let (mut newest, mut known) = (None, None);
        for (at, backup) in self.backups.iter_mut().enumerate() {
            if backup.front().is_none_or(|entry| entry.key != key) {
                continue;
            }
            newest = backup.skip()?.map(|entry| entry.value);
            if at < self.known {
                known.clone_from(&newest);
            }
        }
        Ok(newest.map(|newest| RecordVersions { key, newest, known }))
    }
}
