//! The files of a backup: a line that says what it is, then entries, each with its length and CRC, then an entry with
//! their number.
//!
//! ```text
//! file    "ofd-backup 1\n", entries, the end
//! entry   tag u8, length of the key u16, length of the value u32, CRC-32 of all the rest u32, key, value
//! end     an entry with tag 255, no key, and the number of entries before it as u64
//! ```
//!
//! Integers are big-endian. Nothing in it depends on the engine of a store.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::{Buf, Bytes};
use ofd_protocol::message::answer::CRC;
use ofd_storage::store::{APPEND_LEN_MAX, PHONE_SIGNING_LEN_MAX, RECORD_KEY_LEN_MAX, ROW_KEY_LEN_MAX};
use rustix::fs::Advice;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;

const MAGIC: &[u8] = b"ofd-backup 1\n";

/// What waits to be written.
const BUFFER_LEN: usize = 128 * 1024;

/// So much is written between two syncs: the store's own syncs on the same disk wait for no more than that.
const SYNC_EVERY: u64 = 4 * 1024 * 1024;

/// No key is longer: a stream's or kind's number comes before a row's or record's own.
const KEY_LEN_MAX: usize =
    16 + if ROW_KEY_LEN_MAX > RECORD_KEY_LEN_MAX { ROW_KEY_LEN_MAX } else { RECORD_KEY_LEN_MAX };

/// No value is longer: what one append holds, with version and stamp, or the longest note with its times.
const VALUE_LEN_MAX: usize =
    64 + if APPEND_LEN_MAX > PHONE_SIGNING_LEN_MAX { APPEND_LEN_MAX } else { PHONE_SIGNING_LEN_MAX };

const ENTRY_HEADER_LEN: usize = 11;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// A stream begins: its address; version, stamp and head.
    Head = 1,
    /// A row of that stream: its key; its value.
    Row = 2,
    /// A record: kind and key; version and content.
    Record = 3,
    /// Of the list of what was there: the address of a stream or record; version and what tells contents apart.
    Seen = 4,
    /// A note: kind and key; when it was written and is over, and what it says.
    Note = 5,
    /// What tells that nothing is missing.
    End = 255,
}

impl Tag {
    fn of(byte: u8) -> Option<Self> {
        [Self::Head, Self::Row, Self::Record, Self::Seen, Self::Note, Self::End]
            .into_iter()
            .find(|tag| *tag as u8 == byte)
    }
}

/// A key with its value, or that it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tag: Tag,
    pub(super) key: Bytes,
    pub(super) value: Bytes,
}

/// A file of a backup as its manifest has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Its name in the backup's folder.
    pub name: String,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// How many entries it has.
    pub entries: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
}

fn crc(tag: u8, lengths: &[u8], key: &[u8], parts: &[&[u8]]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&[tag]);
    digest.update(lengths);
    digest.update(key);
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize()
}

/// Writes one file.
pub(super) struct Writer {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    hash: Sha256,
    written: u64,
    unsynced: u64,
    entries: u64,
}

/// A place in a file that is being written, to which it can be taken back.
pub(super) struct Mark {
    hash: Sha256,
    written: u64,
    entries: u64,
}

impl Writer {
    pub(super) fn create(path: PathBuf) -> Result<Self, BackupError> {
        let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(BackupError::io("creating", &path))?;
        let (buffer, hash) = (MAGIC.to_vec(), Sha256::new());
        Ok(Self { file, path, buffer, hash, written: 0, unsynced: 0, entries: 0 })
    }

    pub(super) fn len(&self) -> u64 {
        self.written.saturating_add(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX))
    }

    /// Writes an entry; its value is the parts one after the other.
    pub(super) fn put(&mut self, tag: Tag, key: &[u8], parts: &[&[u8]]) -> Result<(), BackupError> {
        let too_long = |what: &str| BackupError::Broken {
            path: self.path.clone(),
            reason: format!("a {what} is longer than this program ever writes"),
        };
        let len = parts.iter().fold(0_usize, |len, part| len.saturating_add(part.len()));
        let key_len = u16::try_from(key.len()).ok().filter(|_| key.len() <= KEY_LEN_MAX);
        let key_len = key_len.ok_or_else(|| too_long("key"))?;
        let value_len = u32::try_from(len).ok().filter(|_| len <= VALUE_LEN_MAX);
        let value_len = value_len.ok_or_else(|| too_long("value"))?;
        let lengths = [&key_len.to_be_bytes()[..], &value_len.to_be_bytes()].concat();
        let tag = tag as u8; // `repr(u8)`: the cast is the definition
        self.buffer.push(tag);
        self.buffer.extend_from_slice(&lengths);
        self.buffer.extend_from_slice(&crc(tag, &lengths, key, parts).to_be_bytes());
        self.buffer.extend_from_slice(key);
        parts.iter().for_each(|part| self.buffer.extend_from_slice(part));
        self.entries = self.entries.saturating_add(1);
        if self.buffer.len() >= BUFFER_LEN { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), BackupError> {
        self.file.write_all(&self.buffer).map_err(BackupError::io("writing", &self.path))?;
        self.hash.update(&self.buffer);
        let len = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        self.written = self.written.saturating_add(len);
        self.unsynced = self.unsynced.saturating_add(len);
        self.buffer.clear();
        if self.unsynced >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    fn sync(&mut self) -> Result<(), BackupError> {
        self.unsynced = 0;
        self.file.sync_data().map_err(BackupError::io("syncing", &self.path))
    }

    pub(super) fn mark(&mut self) -> Result<Mark, BackupError> {
        self.flush()?;
        Ok(Mark { hash: self.hash.clone(), written: self.written, entries: self.entries })
    }

    /// Forgets what was written since.
    pub(super) fn back_to(&mut self, mark: Mark) -> Result<(), BackupError> {
        self.buffer.clear();
        let cut =
            self.file.set_len(mark.written).and_then(|()| self.file.seek(SeekFrom::Start(mark.written)));
        cut.map_err(BackupError::io("shortening", &self.path))?;
        (self.hash, self.written, self.entries) = (mark.hash, mark.written, mark.entries);
        Ok(())
    }

    /// Ends the file, makes it durable, and reads it back from the disk.
    pub(super) fn finish(mut self) -> Result<FileFacts, BackupError> {
        let entries = self.entries;
        self.put(Tag::End, &[], &[&entries.to_be_bytes()])?;
        self.flush()?;
        self.file.sync_all().map_err(BackupError::io("syncing", &self.path))?;
        let sha256 = hex::encode(self.hash.finalize());
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let facts = FileFacts { name, bytes: self.written, entries, sha256 };
        // What is in memory proves nothing: a filesystem that does not know this advice only makes it a weaker proof.
        let _ = rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed);
        let mut reader = Reader::open(&self.path, &facts)?;
        while reader.next()?.is_some() {}
        let _ = rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed);
        Ok(facts)
    }
}

/// Reads one file, and at its end knows whether it is what the manifest says.
pub(super) struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    facts: FileFacts,
    hash: Sha256,
    read: u64,
    entries: u64,
    is_over: bool,
}

impl Reader {
    pub(super) fn open(path: &Path, facts: &FileFacts) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(BackupError::io("opening", path))?;
        let mut reader = Self {
            file: BufReader::with_capacity(BUFFER_LEN, file),
            path: path.to_owned(),
            facts: facts.clone(),
            hash: Sha256::new(),
            read: 0,
            entries: 0,
            is_over: false,
        };
        let magic = reader.take(MAGIC.len())?;
        if magic != MAGIC {
            return Err(reader.broken("it does not begin as a file of a backup"));
        }
        Ok(reader)
    }

    fn broken(&self, reason: &str) -> BackupError {
        BackupError::Broken { path: self.path.clone(), reason: format!("byte {}: {reason}", self.read) }
    }

    fn take(&mut self, len: usize) -> Result<Vec<u8>, BackupError> {
        let mut bytes = vec![0; len];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(self.broken("it ends too early"));
            }
            Err(error) => return Err(BackupError::io("reading", &self.path)(error)),
        }
        self.hash.update(&bytes);
        self.read = self.read.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        Ok(bytes)
    }

    /// The next entry; `None` at the end, when all of the file was as it should be.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, BackupError> {
        if self.is_over {
            return Ok(None);
        }
        let header = self.take(ENTRY_HEADER_LEN)?;
        let mut rest = header.as_slice();
        let (tag, lengths) = (rest.get_u8(), header.get(1..7).unwrap_or_default());
        let (key_len, value_len) = (usize::from(rest.get_u16()), rest.get_u32());
        let (stored, value_len) = (rest.get_u32(), usize::try_from(value_len).unwrap_or(usize::MAX));
        if key_len > KEY_LEN_MAX || value_len > VALUE_LEN_MAX {
            return Err(self.broken("an entry is longer than any that is written"));
        }
        let mut body = Bytes::from(self.take(key_len.saturating_add(value_len))?);
        let key = body.split_to(key_len);
        if crc(tag, lengths, &key, &[&body]) != stored {
            return Err(self.broken("the CRC of the entry before it does not fit"));
        }
        let tag =
            Tag::of(tag).ok_or_else(|| self.broken("an entry has a tag that this program does not know"))?;
        if tag == Tag::End {
            return self.end(&body).map(|()| None);
        }
        self.entries = self.entries.saturating_add(1);
        Ok(Some(Entry { tag, key, value: body }))
    }

    fn end(&mut self, count: &[u8]) -> Result<(), BackupError> {
        self.is_over = true;
        let is_behind = self.file.read(&mut [0]).map_err(BackupError::io("reading", &self.path))? > 0;
        let sha256 = hex::encode(std::mem::take(&mut self.hash).finalize());
        if count != self.entries.to_be_bytes() || self.entries != self.facts.entries {
            return Err(self.broken("it has another number of entries than it should have"));
        }
        if is_behind || self.read != self.facts.bytes || sha256 != self.facts.sha256 {
            return Err(self.broken("its length or SHA-256 is not that of the manifest"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> (PathBuf, FileFacts) {
        let path = folder.join("a");
        let mut writer = Writer::create(path.clone()).unwrap();
        writer.put(Tag::Head, b"stream", &[b"version", b"head"]).unwrap();
        let mark = writer.mark().unwrap();
        writer.put(Tag::Row, b"lost", &[&[7; 300_000]]).unwrap();
        writer.back_to(mark).unwrap();
        writer.put(Tag::Row, b"row", &[b"value"]).unwrap();
        (path, writer.finish().unwrap())
    }

    fn read(path: &Path, facts: &FileFacts) -> Result<Vec<Entry>, BackupError> {
        let mut reader = Reader::open(path, facts)?;
        std::iter::from_fn(|| reader.next().transpose()).collect()
    }

    #[test]
    fn what_is_written_is_read_and_what_was_taken_back_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, facts) = written(folder.path());
        let entries = read(&path, &facts).unwrap();
        let found: Vec<_> =
            entries.iter().map(|entry| (entry.tag, &entry.key[..], &entry.value[..])).collect();
        let expected: [(Tag, &[u8], &[u8]); 2] =
            [(Tag::Head, b"stream", b"versionhead"), (Tag::Row, b"row", b"value")];
        assert_eq!(found, expected);
    }

    #[test]
    fn every_flipped_byte_and_every_missing_end_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, facts) = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(read(&path, &facts).is_err(), "byte {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(read(&path, &facts).is_err(), "cut at {at}");
        }
        std::fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(read(&path, &facts).is_err());
    }

    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = written(folder.path());
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
