//! The directory of a store: who holds it, what format it is in, how it comes to be.
//!
//! ```text
//! LOCK      advisory lock, dies with the process that holds it
//! FORMAT    what is in the directory; written last, so its presence means that creation finished
//! WITNESS   how many batches were made durable, see [`witness`](super::witness); made anew when it is missing
//! data/     the engine's own files
//! data.new/ an engine being created; of no worth if found
//! ```

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use crate::store::StoreError;

/// The format this program writes, and the newest it reads.
const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "FORMAT";
const FORMAT_FILE_NEW: &str = "FORMAT.new";
const FORMAT_PREFIX: &str = "ofd-store format ";
/// The file is one short line; more than this is not ours.
const FORMAT_FILE_LEN_MAX: u64 = 256;
const LOCK_FILE: &str = "LOCK";
const WITNESS: &str = "WITNESS";
const DATA: &str = "data";
const DATA_NEW: &str = "data.new";

/// Whether a store that is missing is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It must exist: for commands that only look.
    Existing,
    /// It is created if the directory is missing or empty.
    CreateIfMissing,
}

/// A store's directory, held by this process until dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Takes hold of the directory and sees that it has a store of a format we know; `create` makes an engine's
    /// files at the path it is given.
    pub(super) fn hold(
        path: &Path,
        opening: Opening,
        create: impl Fn(&Path) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        if opening == Opening::CreateIfMissing {
            // What was sold to whom is nobody else's business.
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(io_at("creating", path))?;
        }
        let entries = entries(path)?;
        if opening == Opening::Existing && !entries.iter().any(|name| name == FORMAT_FILE) {
            return Err(not_a_store(path, "it has no file FORMAT"));
        }
        const OURS: [&str; 6] = [FORMAT_FILE, FORMAT_FILE_NEW, LOCK_FILE, WITNESS, DATA, DATA_NEW];
        let strange = entries.iter().find(|name| !OURS.contains(&name.as_str()));
        if let (Some(strange), false) = (strange, entries.iter().any(|name| name == FORMAT_FILE)) {
            let reason = format!("it has no file FORMAT but has {strange:?}");
            return Err(not_a_store(path, &reason));
        }
        let directory = Self { path: path.to_owned(), _lock: lock(path)? };
        directory.finish_creation(create)?;
        directory.check_format()?;
        Ok(directory)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join(DATA)
    }

    pub(super) fn witness(&self) -> PathBuf {
        self.path.join(WITNESS)
    }

    /// Creates what is not there yet. Until FORMAT is there nothing was ever stored, so starting over is safe.
    fn finish_creation(&self, create: impl Fn(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let marker = self.path.join(FORMAT_FILE);
        if marker.try_exists().map_err(io_at("looking at", &marker))? {
            return Ok(());
        }
        let (data, data_new) = (self.data(), self.path.join(DATA_NEW));
        if !data.try_exists().map_err(io_at("looking at", &data))? {
            match fs::remove_dir_all(&data_new) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(io_at("removing", &data_new)(error)),
            }
            create(&data_new)?;
            fs::rename(&data_new, &data).map_err(io_at("renaming", &data_new))?;
            sync(&self.path)?;
        }
        let marker_new = self.path.join(FORMAT_FILE_NEW);
        fs::write(&marker_new, format!("{FORMAT_PREFIX}{FORMAT}\n"))
            .map_err(io_at("writing", &marker_new))?;
        sync(&marker_new)?;
        fs::rename(&marker_new, &marker).map_err(io_at("renaming", &marker_new))?;
        sync(&self.path)
    }

    fn check_format(&self) -> Result<(), StoreError> {
        let marker = self.path.join(FORMAT_FILE);
        let len = fs::metadata(&marker).map_err(io_at("looking at", &marker))?.len();
        let text = if len > FORMAT_FILE_LEN_MAX {
            String::new()
        } else {
            let bytes = fs::read(&marker).map_err(io_at("reading", &marker))?;
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let format =
            text.trim_end().strip_prefix(FORMAT_PREFIX).and_then(|number| number.parse::<u32>().ok());
        let place = marker.display().to_string();
        match format {
            Some(FORMAT) => Ok(()),
            Some(newer) if newer > FORMAT => Err(StoreError::Corrupt {
                place,
                reason: format!(
                    "it names format {newer}, this program knows up to {FORMAT}; nothing is wrong if a newer \
                     version of it wrote the store: use that one"
                ),
            }),
            Some(_) | None => Err(StoreError::Corrupt {
                place,
                reason: format!("it does not read {FORMAT_PREFIX}{FORMAT}"),
            }),
        }
    }
}

fn entries(path: &Path) -> Result<Vec<String>, StoreError> {
    let list = fs::read_dir(path).map_err(io_at("opening the store at", path))?;
    let names = list.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().map_err(io_at("reading", path))
}

/// The lock is on an open file: the kernel drops it when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, StoreError> {
    let at = path.join(LOCK_FILE);
    let options = File::options().create(true).truncate(false).read(true).write(true).open(&at);
    let file = options.map_err(io_at("opening", &at))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(error) => Err(io_at("locking", &at)(error.into())),
    }
}

pub(super) fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io_at("syncing", path))
}

fn not_a_store(path: &Path, reason: &str) -> StoreError {
    let reason =
        format!("{reason}, so this is no store; name another directory, or an empty one for a new store");
    StoreError::Corrupt { place: path.display().to_string(), reason }
}

pub(super) fn io_at(action: &str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let action = format!("{action} {}", path.display());
    move |source| StoreError::Io { action, source }
}
