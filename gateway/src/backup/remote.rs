//! A store in the hands of a process that serves from it, read through its control socket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use bytes::{Buf, Bytes};
use ofd_storage::store::{Head, Note, NoteKind, Record, RecordKind, Row, StoreError, StreamId};

use super::BackupError;
use super::source::{
    Source, decode_head, decode_note, decode_record, note_key, record_key, record_of_key, stream_key,
    stream_of_key,
};
use crate::control_talk::{CONTROL_SOCKET, Said, short_path};

/// A process that does not answer for so long never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bounds of an answer's line, which is short, and of its body: at worst a full page of the longest documents.
const LINE_LEN_MAX: u64 = 64 * 1024;
const BODY_LEN_MAX: usize = 512 * 1024 * 1024;

/// A moment of a store that somebody serves from.
pub(super) struct Remote {
    reading: BufReader<UnixStream>,
    writing: UnixStream,
}

impl Remote {
    /// Asks the process that serves from the store in `directory`; `None` when there is none.
    ///
    /// # Errors
    /// It is there and says no.
    pub(super) fn connect(directory: &Path) -> Result<Option<Self>, BackupError> {
        let path = directory.join(CONTROL_SOCKET);
        let connected = short_path(&path).and_then(|(short, _directory)| UnixStream::connect(short));
        let stream = match connected {
            Ok(stream) => stream,
            // Nobody listens: what lies there is left of a process that was killed.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(BackupError::io("connecting to", &path)(error)),
        };
        let set =
            stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
        let reading = set.and_then(|()| stream.try_clone()).map_err(BackupError::io("using", &path))?;
        let mut remote = Self { reading: BufReader::new(reading), writing: stream };
        remote.ask("moment")?;
        Ok(Some(remote))
    }

    fn ask(&mut self, request: &str) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let failed = |source: io::Error| StoreError::Io {
            action: "asking the process that serves from the store".to_owned(),
            source,
        };
        self.writing.write_all(format!("{request}\n").as_bytes()).map_err(failed)?;
        let mut line = Vec::new();
        self.reading.by_ref().take(LINE_LEN_MAX).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            return Err(unavailable("the process that serves from it ended the connection; try again"));
        }
        match serde_json::from_slice::<Said>(&line) {
            Ok(Said::Entries { entries, bytes }) if bytes <= BODY_LEN_MAX => {
                let mut body = vec![0; bytes];
                self.reading.read_exact(&mut body).map_err(failed)?;
                split(entries, Bytes::from(body)).ok_or_else(|| unavailable(STRANGE))
            }
            Ok(Said::Unavailable { unavailable: why } | Said::Refused { refused: why }) => {
                Err(unavailable(&why))
            }
            Ok(Said::Corrupt { corrupt: (place, reason) }) => Err(StoreError::Corrupt { place, reason }),
            Ok(Said::Entries { .. }) | Err(_) => Err(unavailable(STRANGE)),
        }
    }
}

const STRANGE: &str = "the process that serves from it answers otherwise than this program expects; use the same \
                       version of `ofd` for both";

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { reason: reason.to_owned() }
}

fn split(entries: usize, mut body: Bytes) -> Option<Vec<(Bytes, Bytes)>> {
    let mut found = Vec::new();
    for _ in 0..entries {
        let (key, value) =
            (usize::from(body.try_get_u16().ok()?), usize::try_from(body.try_get_u32().ok()?).ok()?);
        if body.len() < key.checked_add(value)? {
            return None;
        }
        let key = body.split_to(key);
        found.push((key, body.split_to(value)));
    }
    body.is_empty().then_some(found)
}

fn after(key: Option<&[u8]>) -> String {
    key.map_or_else(|| "-".to_owned(), hex::encode)
}

impl Source for Remote {
    fn heads(&mut self, last: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError> {
        let last = last.map(stream_key);
        let page = self.ask(&format!("heads {} {limit}", after(last.as_ref().map(|key| &key[..]))))?;
        let head = |(key, value): (Bytes, Bytes)| stream_of_key(&key).zip(decode_head(&value));
        page.into_iter().map(|entry| head(entry).ok_or_else(|| unavailable(STRANGE))).collect()
    }

    fn rows(&mut self, stream: StreamId, last: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let page = self.ask(&format!("rows {} {} {limit}", hex::encode(stream_key(stream)), after(last)))?;
        Ok(page.into_iter().map(|(key, value)| Row { key, value }).collect())
    }

    fn records(
        &mut self,
        last: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        let last = last.map(|(kind, key)| record_key(kind, key));
        let page = self.ask(&format!("records {} {limit}", after(last.as_deref())))?;
        let record = |(key, value): (Bytes, Bytes)| {
            let (kind, key) = record_of_key(&key)?;
            decode_record(key, &value).map(|record| (kind, record))
        };
        page.into_iter().map(|entry| record(entry).ok_or_else(|| unavailable(STRANGE))).collect()
    }

    fn notes(&mut self, last: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError> {
        let last = last.map(|(kind, key)| note_key(kind, key));
        let page = self.ask(&format!("notes {} {limit}", after(last.as_deref())))?;
        let note = |(key, value): (Bytes, Bytes)| decode_note(&key, &value);
        page.into_iter().map(|entry| note(entry).ok_or_else(|| unavailable(STRANGE))).collect()
    }
}
