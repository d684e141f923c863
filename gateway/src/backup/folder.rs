//! The folder of backups: who works in it, which backups are there, and which belong together.
//!
//! ```text
//! BACKUPS                what the folder is; holds the lock
//! 00000001-full/         a backup with all there was
//! 00000002-increment/    what changed since the one before
//! 00000003-increment.new/   one that is being made, or was cut off; of no worth
//! ```
//!
//! A backup is there when its folder has its name: files and manifest are durable by then. A full one and the
//! increments that follow it are a chain; an increment is of use with all of its chain before it.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;
use super::segment::FileFacts;
use crate::causes::with_causes;

const MARKER: &str = "BACKUPS";
const MARKER_TEXT: &str = "ofd-backups 1\n";
const MANIFEST: &str = "manifest.json";

/// What is being made ends in this.
const UNFINISHED: &str = ".new";

/// The format of manifests and files; a later one gets another number and this one stays readable.
const FORMAT: u32 = 1;

/// A manifest lists files of up to 256 MiB and at most a thousand damaged places.
const MANIFEST_LEN_MAX: u64 = 16 * 1024 * 1024;

/// Whether a backup holds everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// All there was.
    Full,
    /// What changed since the one before.
    Increment,
}

impl BackupKind {
    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Increment => "increment",
        }
    }
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// How many streams were written.
    pub streams: u64,
    /// Rows of streams.
    pub rows: u64,
    /// How many records were written.
    pub records: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this backup.
    pub format: u32,
    /// Its number in the folder.
    pub number: u64,
    /// Whether it holds everything.
    pub kind: BackupKind,
    /// The SHA-256 of the manifest of the backup before it, which it continues; none: it is full.
    pub previous_sha256: Option<String>,
    /// The moment that it shows, in milliseconds of the Unix epoch.
    pub made_at_ms: u64,
    /// The same as people write it.
    pub made_at: String,
    /// Tells this store from every other.
    pub store: String,
    /// The version of the program that made it.
    pub program: String,
    /// How many streams and records the store had.
    pub held: Held,
    /// What is in this backup.
    pub written: Tally,
    /// Streams that could not be read, and what is wrong with documents that could; the first of them.
    pub faults: Vec<String>,
    /// How many there were.
    pub faults_count: u64,
    /// Its streams with their rows, in their order.
    pub streams: Vec<FileFacts>,
    /// Its records, in their order.
    pub records: Vec<FileFacts>,
    /// Every stream of the store with its version, changed or not.
    pub streams_seen: FileFacts,
    /// Every record of the store with its version, changed or not.
    pub records_seen: FileFacts,
    /// Its notes, in their order; backups of before have none.
    #[serde(default)]
    pub notes: Vec<FileFacts>,
    /// How many notes are in it.
    #[serde(default)]
    pub notes_written: u64,
}

/// What a store had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// How many streams it holds.
    pub streams: u64,
    /// How many records it holds.
    pub records: u64,
}

/// A backup that is there.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The folder that it lies in.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The SHA-256 of its manifest.
    pub sha256: String,
}

/// A folder of backups, held by this process.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes hold of a folder of backups; makes it where it is missing or empty.
    pub(super) fn create(path: &Path) -> Result<Self, BackupError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(BackupError::io("creating", path))?;
        let marker = path.join(MARKER);
        if !marker.try_exists().map_err(BackupError::io("looking at", &marker))? {
            let mut entries = fs::read_dir(path).map_err(BackupError::io("reading", path))?;
            if entries.next().is_some() {
                return Err(BackupError::NoFolder {
                    path: path.to_owned(),
                    reason: "it has no file BACKUPS and is not empty; name another folder, or an empty one",
                });
            }
            let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&marker);
            let written = file.and_then(|mut file| {
                file.write_all(MARKER_TEXT.as_bytes())?;
                file.sync_all()
            });
            written.map_err(BackupError::io("writing", &marker))?;
            sync(path)?;
        }
        Self::open(path)
    }

    /// Takes hold of a folder of backups that is there.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let marker = path.join(MARKER);
        let missing = || BackupError::NoFolder {
            path: path.to_owned(),
            reason: "it has no file BACKUPS; name the folder that `ofd backup --to` was given",
        };
        let lock = match File::open(&marker) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(BackupError::io("opening", &marker)(error)),
        };
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(BackupError::InUse { path: path.to_owned() }),
            Err(error) => return Err(BackupError::io("locking", &marker)(error.into())),
        }
        let text = fs::read(&marker).map_err(BackupError::io("reading", &marker))?;
        if text != MARKER_TEXT.as_bytes() {
            let reason = "its file BACKUPS is of another program or a newer one";
            return Err(BackupError::NoFolder { path: path.to_owned(), reason });
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The backups that are there. What was cut off is not one.
    pub(super) fn list(&self) -> Result<Listed, BackupError> {
        let (mut backups, mut listed) = (Vec::new(), Listed::default());
        for entry in fs::read_dir(&self.path).map_err(BackupError::io("reading", &self.path))? {
            let name = entry.map_err(BackupError::io("reading", &self.path))?.file_name();
            let name = name.to_string_lossy();
            let number = name.split_once('-').and_then(|(number, _)| number.parse::<u64>().ok());
            let Some(number) = number.filter(|_| !name.ends_with(UNFINISHED)) else { continue };
            listed.number_last = listed.number_last.max(number);
            match read_backup(self.path.join(name.as_ref()), number) {
                Ok(backup) => backups.push(backup),
                Err(error) => listed.unusable.push(with_causes(&error)),
            }
        }
        backups.sort_by_key(|backup| backup.manifest.number);
        for backup in backups {
            listed.add(backup);
        }
        Ok(listed)
    }

    /// An empty folder for a backup that is being made; what was cut off before goes.
    pub(super) fn begin(&self, number: u64, kind: BackupKind) -> Result<PathBuf, BackupError> {
        for entry in fs::read_dir(&self.path).map_err(BackupError::io("reading", &self.path))? {
            let path = entry.map_err(BackupError::io("reading", &self.path))?.path();
            if path.to_string_lossy().ends_with(UNFINISHED) {
                fs::remove_dir_all(&path).map_err(BackupError::io("removing", &path))?;
            }
        }
        let path = self.path.join(format!("{number:08}-{}{UNFINISHED}", kind.name()));
        DirBuilder::new().mode(0o700).create(&path).map_err(BackupError::io("creating", &path))?;
        Ok(path)
    }

    /// Writes the manifest and gives the backup its name: from then on it is there.
    pub(super) fn finish(&self, unfinished: &Path, manifest: &Manifest) -> Result<Backup, BackupError> {
        let at = unfinished.join(MANIFEST);
        let bytes = serde_json::to_vec_pretty(manifest).map_err(|error| broken(&at, &error.to_string()))?;
        let file = File::options().write(true).create_new(true).mode(0o600).open(&at);
        let written = file.and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(BackupError::io("writing", &at))?;
        sync(unfinished)?;
        let path = self.path.join(format!("{:08}-{}", manifest.number, manifest.kind.name()));
        fs::rename(unfinished, &path).map_err(BackupError::io("renaming", unfinished))?;
        sync(&self.path)?;
        read_backup(path, manifest.number)
    }
}

/// What is in a folder of backups.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The chains, oldest first: each begins with a full backup and goes on without a gap.
    pub(super) chains: Vec<Vec<Backup>>,
    /// What is of no use, and why.
    pub(super) unusable: Vec<String>,
    /// The greatest number of a backup, of use or not.
    pub(super) number_last: u64,
}

impl Listed {
    /// Adds the backup with the next number.
    fn add(&mut self, backup: Backup) {
        if backup.manifest.kind == BackupKind::Full {
            self.chains.push(vec![backup]);
            return;
        }
        let previous = backup.manifest.previous_sha256.as_ref();
        let chain = self.chains.last_mut();
        match chain.filter(|chain| chain.last().is_some_and(|last| previous == Some(&last.sha256))) {
            Some(chain) => chain.push(backup),
            None => self.unusable.push(format!(
                "{} continues a backup that is not there or was changed; chains are kept and deleted whole",
                backup.path.display()
            )),
        }
    }
}

fn broken(path: &Path, reason: &str) -> BackupError {
    BackupError::Broken { path: path.to_owned(), reason: reason.to_owned() }
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::io("syncing", path))
}

fn read_backup(path: PathBuf, number: u64) -> Result<Backup, BackupError> {
    let at = path.join(MANIFEST);
    let len = fs::metadata(&at).map_err(BackupError::io("looking at", &at))?.len();
    if len > MANIFEST_LEN_MAX {
        return Err(broken(&at, "it is longer than any that is written"));
    }
    let bytes = fs::read(&at).map_err(BackupError::io("reading", &at))?;
    let format = serde_json::from_slice::<serde_json::Value>(&bytes).ok();
    let format = format.as_ref().and_then(|value| value.get("format")).and_then(serde_json::Value::as_u64);
    match format {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(newer) if newer > u64::from(FORMAT) => {
            return Err(broken(&at, &format!("it has format {newer}; use the newer program that made it")));
        }
        Some(_) | None => return Err(broken(&at, "it is no manifest of a backup")),
    }
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| broken(&at, &error.to_string()))?;
    manifest.check_names(&path)?;
    if manifest.number != number {
        return Err(broken(&at, "its number is not that of its folder"));
    }
    Ok(Backup { path, manifest, sha256: hex::encode(Sha256::digest(&bytes)) })
}

impl Manifest {
    /// The format that this program writes.
    pub(super) const FORMAT: u32 = FORMAT;

    /// A file has a plain name: a manifest leads to nothing outside of its folder.
    fn check_names(&self, path: &Path) -> Result<(), BackupError> {
        let seen = [&self.streams_seen, &self.records_seen];
        for file in self.streams.iter().chain(&self.records).chain(&self.notes).chain(seen) {
            let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '-';
            if file.name.is_empty() || !file.name.chars().all(is_plain) {
                return Err(broken(&path.join(MANIFEST), "a file in it has a strange name"));
            }
        }
        Ok(())
    }
}
