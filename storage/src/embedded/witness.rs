//! The witness: how many batches were made durable, told by a file beside the engine's.
//!
//! An engine takes the end of its journal for the end of what was written. A journal that lost its second half on a bad
//! disk, or that came from an older copy, is to it one that ends earlier. So every batch carries its number, and once it
//! is durable, before anybody is told, the number goes into the witness. A store that opens with fewer batches than its
//! witness counts has lost some.
//!
//! The witness never says more than is durable. A kill leaves it exact, since the kernel keeps what was written; it is
//! synced apart from the batches once in [`SYNC_EVERY`], so that after a loss of power it says that much less.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::codec::{self, Count, WITNESS_LEN};
use super::directory::{io_at, sync};
use crate::store::StoreError;

/// How often what the witness says is made durable, at most.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Two places, written in turns: a write that is torn leaves the other one. They lie in blocks of their own, as disks
/// write blocks.
const PLACES: [u64; 2] = [0, 4096];

/// Where the count of durable batches is kept; nowhere in tests of other engines.
#[derive(Debug, Default)]
pub(super) struct Witness {
    kept: Option<Kept>,
    /// The greatest count that was read or written.
    said: Count,
    is_failing: bool,
}

#[derive(Debug)]
struct Kept {
    file: Arc<File>,
    path: PathBuf,
    syncer: Syncer,
}

impl Witness {
    /// Opens the witness at `path`, which is made when it is missing: then nothing is known.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let is_new = !path.try_exists().map_err(io_at("looking at", path))?;
        let options = File::options().create(true).truncate(false).read(true).write(true).open(path);
        let file = Arc::new(options.map_err(io_at("opening", path))?);
        if is_new && let Some(folder) = path.parent() {
            sync(folder)?;
        }
        let said = PLACES.iter().filter_map(|place| read(&file, *place)).max().unwrap_or_default();
        let syncer = Syncer::start(Arc::clone(&file))
            .map_err(|source| StoreError::Io { action: "starting a thread".to_owned(), source })?;
        Ok(Self { kept: Some(Kept { file, path: path.to_owned(), syncer }), said, is_failing: false })
    }

    /// What was durable at least.
    pub(super) fn said(&self) -> Count {
        self.said
    }

    /// Writes down what is durable now. Where that fails the witness says less than it could, and nothing else is wrong.
    pub(super) fn say(&mut self, count: Count) {
        self.said = count;
        let Some(kept) = &self.kept else { return };
        let [even, odd] = PLACES;
        let place = if count.batches.is_multiple_of(2) { even } else { odd };
        let written = kept.file.write_all_at(&codec::witness(count), place);
        kept.syncer.is_due.store(true, Ordering::Release);
        match written {
            Ok(()) => self.is_failing = false,
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                let path = kept.path.display();
                tracing::warn!(
                    "{path} cannot be written ({error}): a loss of what is stored from now on may go unnoticed"
                );
            }
            Err(_) => {}
        }
    }
}

/// What a place of the file says; `None` when it was torn, or never written.
fn read(file: &File, place: u64) -> Option<Count> {
    let mut bytes = [0; WITNESS_LEN];
    file.read_exact_at(&mut bytes, place).ok()?;
    codec::read_witness(&bytes)
}

/// Syncs the witness now and then, on a thread of its own: no batch waits for it.
#[derive(Debug)]
struct Syncer {
    is_due: Arc<AtomicBool>,
    /// Dropped to end the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Syncer {
    fn start(file: Arc<File>) -> io::Result<Self> {
        let is_due = Arc::new(AtomicBool::new(false));
        let (running, over) = channel::<()>();
        let due = Arc::clone(&is_due);
        let work = move || {
            loop {
                let is_over = over.recv_timeout(SYNC_EVERY) != Err(RecvTimeoutError::Timeout);
                if due.swap(false, Ordering::AcqRel)
                    && let Err(error) = file.sync_data()
                {
                    tracing::warn!("the witness of the store cannot be synced: {error}");
                }
                if is_over {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("ofd-witness".to_owned()).spawn(work)?;
        Ok(Self { is_due, running: Some(running), thread: Some(thread) })
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join(); // the last sync is lost with it, which a loss of power may do as well
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(batches: u64) -> Count {
        Count { batches, writes: batches * 3 }
    }

    #[test]
    fn it_says_what_was_said_last_and_after_a_torn_write_what_was_said_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("WITNESS");
        let mut witness = Witness::open(&path).unwrap();
        assert_eq!(witness.said(), Count::default());
        for batches in 1..=7 {
            witness.say(count(batches));
        }
        drop(witness);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(Witness::open(&path).unwrap().said(), count(7));
        for at in 0..WITNESS_LEN {
            let mut torn = whole.clone();
            torn[4096 + at] ^= 0x10;
            std::fs::write(&path, &torn).unwrap();
            assert_eq!(Witness::open(&path).unwrap().said(), count(6), "byte {at}");
        }
    }

    #[test]
    fn an_empty_or_foreign_file_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("WITNESS");
        for content in [Vec::new(), vec![0; 9000], vec![0xA5; 9000]] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(Witness::open(&path).unwrap().said(), Count::default());
        }
    }
}
