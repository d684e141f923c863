//! `ofd backup` and `ofd restore`: an embedded store as files that do not depend on its engine.
//!
//! A backup shows the store as it was at one moment: no document is in it without its head. It reads through a
//! [`Source`]: the store itself when nobody serves from it, else the control socket of the process that does. The first
//! backup in a folder holds everything, later ones what changed: a stream whose version or stamp moved, a record whose
//! version or content did, the notes that came since. A restore writes a new store through the contract that every backend keeps.

mod check;
mod command;
mod folder;
mod make;
mod merge;
mod pace;
mod remote;
mod restore;
mod segment;
mod source;
mod until;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use ofd_storage::store::StoreError;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use self::command::{CommandFailure, Outcome, back_up_store, restore_store};
pub use self::folder::{Backup, BackupKind, Held, Manifest, Tally};
pub use self::make::{BackupOptions, Made, Progress, back_up};
pub use self::restore::{Restored, restore};
pub use self::segment::FileFacts;
pub use self::source::Source;
pub(crate) use self::source::{
    PAGE_MAX, encode_head, encode_note, encode_record, note_key, note_of_key, record_key, record_of_key,
    stream_key, stream_of_key,
};

/// Why there is no backup, or no restored store.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The operating system refused.
    #[error("{action} {path} failed")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder that was reached for.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A file of a backup is not what was written.
    #[error(
        "{path} is damaged: {reason}; use another copy of the backups, or the last one before it (--until)"
    )]
    Broken {
        /// The file that is not as it was written.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The folder is no folder of backups.
    #[error("{path} is no folder of backups: {reason}")]
    NoFolder {
        /// The folder that was named.
        path: PathBuf,
        /// What it lacks to be one.
        reason: &'static str,
    },
    /// Somebody else works in the folder.
    #[error("{path} is in use by another backup or restore; wait for its end")]
    InUse {
        /// The folder that was named.
        path: PathBuf,
    },
    /// The folder holds backups of another store.
    #[error("{path} holds backups of another store; name another folder")]
    OtherStore {
        /// The folder that was named.
        path: PathBuf,
    },
    /// Nobody ever served from the store.
    #[error(
        "the store holds no key of ticket numbers, so nobody ever served from it; there is nothing to back up"
    )]
    NothingThere,
    /// The store is being filled.
    #[error("the store is a copy that is not finished; finish it by `{command}`, then back it up")]
    HalfCopied {
        /// What finishes it.
        command: String,
    },
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// No backup is there to restore from.
    #[error("{path} holds no backup that is whole; {unusable}")]
    Empty {
        /// The folder that was named.
        path: PathBuf,
        /// What is there instead.
        unusable: String,
    },
    /// The place of the new store is taken.
    #[error("{path} is there already; name a directory that does not exist yet")]
    Taken {
        /// The directory that was named.
        path: PathBuf,
    },
    /// The restored store lacks something.
    #[error("{what} should be in the restored store and {found} are; it was left at {path} to be looked at")]
    Incomplete {
        /// What and how many.
        what: String,
        /// How many there are.
        found: u64,
        /// Where it is.
        path: PathBuf,
    },
    /// SIGTERM or Ctrl-C.
    #[error("stopped; the backups of before are as they were")]
    Stopped,
}

impl BackupError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// A moment as people write it, in UTC.
fn written(moment_ms: u64) -> String {
    let nanoseconds = i128::from(moment_ms).saturating_mul(1_000_000);
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{moment_ms} ms"))
}
