//! The control socket of a process that serves from an embedded store: by it `ofd backup` reads the store as it was at
//! one moment, while registers go on.
//!
//! It lies in the store's directory, is open to the process's own user (and root) alone, and only reads. A request is a
//! line, its answer a line of JSON and bytes:
//!
//! ```text
//! moment                       from here on the connection sees the store as it is now
//! heads <after|-> <limit>      streams with their heads; addresses and keys are hex
//! rows <stream> <after|-> <limit>
//! records <after|-> <limit>
//! notes <after|-> <limit>
//!
//! {"entries":2,"bytes":57}     then as many bytes: of each entry the length of its key u16, of its value u32, both
//! {"unavailable":"…"}          the moment is over, or the store is closed
//! {"corrupt":["place","reason"]}
//! {"refused":"…"}
//! ```

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use ofd_storage::any::AnyStore;
use ofd_storage::embedded::Moment;
use rustix::process::setpriority_process;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::backup::{
    PAGE_MAX, encode_head, encode_note, encode_record, note_key, note_of_key, record_key, record_of_key,
    stream_key, stream_of_key,
};
use crate::control_talk::{CONTROL_SOCKET, Said, short_path};
use crate::opening::ServedStore;

/// While it is being made.
const UNFINISHED: &str = "CONTROL.new";

/// Connections at once: a backup, and somebody who finds out that there is one.
const CONNECTIONS_MAX: usize = 4;

/// The longest request names a record.
const LINE_LEN_MAX: u64 = 2048;

/// Who holds a moment and asks nothing for so long has gone away: old versions are kept on disk for a moment's sake.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// A stop is looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Registers come first.
const NICE: i32 = 15;

fn refused(why: &str) -> Said {
    Said::Refused { refused: why.to_owned() }
}

/// The socket; gone when dropped.
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens in the directory of a store that this process holds. What lies there from a process that was killed is
    /// replaced.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn listen(directory: &Path) -> io::Result<Self> {
        let (path, unfinished) = (directory.join(CONTROL_SOCKET), directory.join(UNFINISHED));
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let (short, directory) = short_path(&unfinished)?;
        let listener = UnixListener::bind(short)?;
        drop(directory);
        // It gets its name when nobody else can come in any more.
        std::fs::set_permissions(&unfinished, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(&unfinished, &path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path })
    }

    /// Serves until the process goes down, each connection on a thread of low priority.
    pub async fn serve(self, store: Arc<ServedStore>, stop: CancellationToken) {
        let listener = match self.listener.try_clone().and_then(tokio::net::UnixListener::from_std) {
            Ok(listener) => listener,
            Err(error) => {
                warn!(%error, "the control socket cannot be served: {error}; `ofd backup` has to wait for a stop");
                return;
            }
        };
        let open = Arc::new(AtomicUsize::new(0));
        let moments = Arc::new(AtomicUsize::new(0));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) if is_ours(&stream) => stream,
                Ok(_) => continue,
                Err(error) => {
                    warn!(%error, "the control socket: {error}");
                    tokio::time::sleep(LOOK_EVERY).await;
                    continue;
                }
            };
            let Ok(stream) = stream.into_std() else { continue };
            let Some(place) = Place::take(&open, CONNECTIONS_MAX) else { continue };
            let session = Session {
                store: Arc::clone(&store),
                stop: stop.clone(),
                moments: Arc::clone(&moments),
                moment: None,
            };
            let spawned = thread::Builder::new().name("ofd-control".to_owned()).spawn(move || {
                let _place = place;
                // Of this thread alone. Without the right to it the thread is as good as any.
                let _ = setpriority_process(None, NICE);
                session.serve(stream);
            });
            if let Err(error) = spawned {
                warn!(%error, "the control socket: {error}");
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // What cannot be removed is replaced by the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The user that the process runs as, and root, may read the directory anyway.
fn is_ours(stream: &tokio::net::UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || peer.uid() == rustix::process::geteuid().as_raw())
}

/// One of a bounded number, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let one_more = |taken: usize| (taken < max).then(|| taken.saturating_add(1));
        taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Session {
    store: Arc<ServedStore>,
    stop: CancellationToken,
    moments: Arc<AtomicUsize>,
    moment: Option<(Moment, Place)>,
}

impl Session {
    fn serve(mut self, stream: UnixStream) {
        let set = stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_read_timeout(Some(LOOK_EVERY)))
            .and_then(|()| stream.set_write_timeout(Some(SILENCE_MAX)));
        let Ok(reading) = set.and_then(|()| stream.try_clone()) else { return };
        let (mut reading, mut writing) = (BufReader::new(reading), stream);
        while let Some(line) = self.line(&mut reading) {
            let (said, body) = match self.answer(&line) {
                Ok((entries, body)) => (Said::Entries { entries, bytes: body.len() }, body),
                Err(said) => (said, Bytes::new()),
            };
            let Ok(mut answer) = serde_json::to_vec(&said) else { return };
            answer.push(b'\n');
            if writing.write_all(&answer).and_then(|()| writing.write_all(&body)).is_err() {
                return;
            }
        }
        if self.moment.is_some() {
            info!("a backup has ended");
        }
    }

    /// The next request; `None` at the end of the connection, at a stop, after a long silence.
    fn line(&self, reading: &mut BufReader<UnixStream>) -> Option<String> {
        let (mut line, since) = (Vec::new(), Instant::now());
        loop {
            let room = LINE_LEN_MAX.saturating_sub(u64::try_from(line.len()).unwrap_or(u64::MAX));
            match reading.by_ref().take(room).read_until(b'\n', &mut line) {
                Ok(_) if line.ends_with(b"\n") => {
                    line.pop();
                    return String::from_utf8(line).ok();
                }
                // The end, or a line without one.
                Ok(_) => return None,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if self.stop.is_cancelled() || since.elapsed() > SILENCE_MAX {
                        return None;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    fn answer(&mut self, line: &str) -> Result<(usize, Bytes), Said> {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["moment"] => self.begin().map(|()| (0, Bytes::new())),
            ["heads", after, limit] => {
                let after =
                    optional(after)?.map(|key| stream_of_key(&key).ok_or_else(|| refused("no stream")));
                let page = self.moment()?.heads(after.transpose()?, limited(limit)?)?;
                Ok(entries(
                    page.iter().map(|(stream, head)| {
                        (Bytes::copy_from_slice(&stream_key(*stream)), encode_head(head))
                    }),
                ))
            }
            ["rows", stream, after, limit] => {
                let stream = optional(stream)?.and_then(|key| stream_of_key(&key));
                let stream = stream.ok_or_else(|| refused("no stream"))?;
                let after = optional(after)?;
                let page = self.moment()?.rows(stream, after.as_deref(), limited(limit)?)?;
                Ok(entries(page.into_iter().map(|row| (row.key, row.value))))
            }
            ["records", after, limit] => {
                let after =
                    optional(after)?.map(|key| record_of_key(&key).ok_or_else(|| refused("no record")));
                let after = after.transpose()?;
                let after = after.as_ref().map(|(kind, key)| (*kind, &key[..]));
                let page = self.moment()?.records(after, limited(limit)?)?;
                Ok(entries(
                    page.iter().map(|(kind, record)| (record_key(*kind, &record.key), encode_record(record))),
                ))
            }
            ["notes", after, limit] => {
                let after = optional(after)?.map(|key| note_of_key(&key).ok_or_else(|| refused("no note")));
                let after = after.transpose()?;
                let after = after.as_ref().map(|(kind, key)| (*kind, &key[..]));
                let page = self.moment()?.notes(after, limited(limit)?)?;
                Ok(entries(page.iter().map(|note| (note_key(note.kind, &note.key), encode_note(note)))))
            }
            _ => Err(refused("this request is not known")),
        }
    }

    fn begin(&mut self) -> Result<(), Said> {
        self.moment = None;
        let place = Place::take(&self.moments, 1).ok_or_else(|| refused("another backup is under way"))?;
        let moment = match self.store.opened().map(Arc::as_ref) {
            Some(AnyStore::Embedded(store)) => store.moment()?,
            Some(AnyStore::Cql(_)) => return Err(refused("a cluster has ways of its own")),
            None => return Err(Said::Unavailable { unavailable: "the store is not open yet".to_owned() }),
        };
        self.moment = Some((moment, place));
        info!("a backup has begun");
        Ok(())
    }

    fn moment(&self) -> Result<&Moment, Said> {
        self.moment.as_ref().map(|(moment, _)| moment).ok_or_else(|| refused("there is no moment yet"))
    }
}

fn entries(page: impl Iterator<Item = (Bytes, Bytes)>) -> (usize, Bytes) {
    let (mut count, mut body) = (0_usize, BytesMut::new());
    for (key, value) in page {
        count = count.saturating_add(1);
        // Keys and values of a store are far below.
        body.put_u16(u16::try_from(key.len()).unwrap_or(u16::MAX));
        body.put_u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        body.put_slice(&key);
        body.put_slice(&value);
    }
    (count, body.freeze())
}

fn limited(word: &str) -> Result<usize, Said> {
    let limit = word.parse::<usize>().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
    limit.ok_or_else(|| refused("the limit of a page is 1 to 512"))
}

/// `-`, or bytes in hex.
fn optional(word: &str) -> Result<Option<Bytes>, Said> {
    if word == "-" {
        return Ok(None);
    }
    hex::decode(word).map(|bytes| Some(bytes.into())).map_err(|_| refused("no hex"))
}
