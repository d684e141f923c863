//! The commands `ofd backup` and `ofd restore`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore, Moment, Opening};
use ofd_storage::store::{Head, Note, NoteKind, Record, RecordKind, Row, StoreError, StreamId};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::remote::Remote;
use super::{
    BackupError, BackupKind, BackupOptions, Made, Manifest, Progress, Restored, Source, back_up, restore,
    written,
};
use crate::cli::{BackupArgs, RestoreArgs};
use crate::clock;
use crate::shutdown::Signals;
use crate::world::SystemWorld;

/// Registers that are served meanwhile come first.
const NICE: i32 = 15;

/// How many registers are named.
const NAMED_MAX: usize = 20;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandFailure {
    /// The store is a cluster.
    #[error(
        "a cluster is not backed up by `ofd backup`: take snapshots of its nodes (nodetool snapshot, sctool backup; \
         docs/operations.md#of-the-cluster), or copy it to a directory by `ofd copy` and back that up"
    )]
    Cluster,
    /// The moment is no moment.
    #[error("--until {text:?} is no moment; write it with its offset, such as 2026-11-29T18:00:00+05:00")]
    Moment {
        /// What was given.
        text: String,
        /// What stood in the way.
        #[source]
        source: time::error::Parse,
    },
    /// The moment has not come.
    #[error("--until {text} lies in the future; leave it out to restore the last backup")]
    Future {
        /// What was given.
        text: String,
    },
    /// The store is held by somebody who does not offer it.
    #[error(
        "{path} is in use by a process without a control socket: another command, an `ofd serve` that is just \
         starting, or an older one; try again, or wait for its end"
    )]
    Held {
        /// The store that was named.
        path: PathBuf,
    },
    /// The backup or restore.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Signals cannot be heard.
    #[error("signals cannot be listened for")]
    Signals(#[from] std::io::Error),
    /// The work ended by itself.
    #[error("the work broke off: {0}")]
    BrokeOff(#[from] tokio::task::JoinError),
}

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is to be said.
    pub lines: Vec<String>,
    /// Whether nothing was damaged.
    pub is_good: bool,
}

/// Backs up the embedded store in `store`, through the process that serves from it if there is one.
///
/// # Errors
/// [`CommandFailure`].
pub async fn back_up_store(
    args: &BackupArgs,
    store: PathBuf,
    say: impl Fn(&str) + Send + 'static,
) -> Result<Outcome, CommandFailure> {
    // Without the right to it the work is done as it is.
    let _ = rustix::process::setpriority_process(None, NICE);
    let options = BackupOptions {
        bytes_per_second: u64::from(args.mib_per_second.get()).saturating_mul(1024 * 1024),
        is_full: args.full,
        full_after: Duration::from_secs(u64::from(args.full_days).saturating_mul(24 * 3600)),
    };
    let (to, stop) = (args.to.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || {
        let _ = rustix::process::setpriority_process(None, NICE);
        let mut tell = |progress: Progress| {
            let Progress { seen, written } = progress;
            say(&format!(
                "{} streams and {} records looked at, {} MiB written",
                seen.streams,
                seen.records,
                written.bytes >> 20
            ));
        };
        let open = || Opened::open(&store);
        back_up(&to, &options, open, clock::now, (&stopped, &mut tell))
    });
    let mut signals = Signals::new()?;
    let made = loop {
        tokio::select! {
            made = &mut work => break made?,
            () = signals.recv(), if !stop.load(Ordering::Relaxed) => stop.store(true, Ordering::Relaxed),
        }
    };
    match made {
        Ok(made) => Ok(backed_up(&made)),
        Err(BackupError::Store(StoreError::InUse { path })) => Err(CommandFailure::Held { path }),
        Err(error) => Err(error.into()),
    }
}

/// The store, however it is reached.
enum Opened {
    Remote(Remote),
    /// The moment is over when its store is dropped.
    Own {
        moment: Moment,
        _store: EmbeddedStore,
    },
}

impl Opened {
    fn open(path: &Path) -> Result<Self, BackupError> {
        if let Some(remote) = Remote::connect(path)? {
            return Ok(Self::Remote(remote));
        }
        let options = EmbeddedOptions { opening: Opening::Existing, ..EmbeddedOptions::new(path) };
        let store = EmbeddedStore::open(options)?;
        Ok(Self::Own { moment: store.moment()?, _store: store })
    }
}

impl Source for Opened {
    fn heads(&mut self, after: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError> {
        match self {
            Self::Remote(remote) => remote.heads(after, limit),
            Self::Own { moment, .. } => Source::heads(moment, after, limit),
        }
    }

    fn rows(&mut self, stream: StreamId, after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Remote(remote) => remote.rows(stream, after, limit),
            Self::Own { moment, .. } => Source::rows(moment, stream, after, limit),
        }
    }

    fn records(
        &mut self,
        after: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        match self {
            Self::Remote(remote) => remote.records(after, limit),
            Self::Own { moment, .. } => Source::records(moment, after, limit),
        }
    }

    fn notes(&mut self, after: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError> {
        match self {
            Self::Remote(remote) => remote.notes(after, limit),
            Self::Own { moment, .. } => Source::notes(moment, after, limit),
        }
    }
}

fn backed_up(made: &Made) -> Outcome {
    let Manifest { number, kind, made_at, held, written, faults, faults_count, .. } = &made.backup.manifest;
    let mut lines: Vec<String> = faults.iter().map(|fault| format!("broken: {fault}")).collect();
    if let Some(because) = &made.full_because {
        lines.push(format!("everything was backed up, since {because}"));
    }
    let kind = match kind {
        BackupKind::Full => "everything",
        BackupKind::Increment => "what changed",
    };
    lines.push(format!(
        "backup {number} of {made_at}: {kind}, {} of {} streams with {} rows and {} of {} records, {} MiB, read back \
         and found good, in {}",
        written.streams,
        held.streams,
        written.rows,
        written.records,
        held.records,
        written.bytes.div_ceil(1024 * 1024),
        made.backup.path.display(),
    ));
    if *faults_count > 0 {
        lines.push(format!(
            "{faults_count} places of the store are broken; what could not be read stays as earlier backups have it: \
             run `ofd verify`"
        ));
    }
    Outcome { lines, is_good: *faults_count == 0 }
}

/// Restores a store from a folder of backups.
///
/// # Errors
/// [`CommandFailure`].
pub async fn restore_store(args: &RestoreArgs) -> Result<Outcome, CommandFailure> {
    let until = args.until.as_deref().map(moment).transpose()?;
    let restored = restore(&args.from, &args.to, until, &SystemWorld).await?;
    Ok(told(&restored, until, &args.to))
}

fn moment(text: &str) -> Result<UnixMillis, CommandFailure> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339);
    let parsed = parsed.map_err(|source| CommandFailure::Moment { text: text.to_owned(), source })?;
    let milliseconds = u64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    if milliseconds > clock::now().0 {
        return Err(CommandFailure::Future { text: text.to_owned() });
    }
    Ok(UnixMillis(milliseconds))
}

fn told(restored: &Restored, until: Option<UnixMillis>, to: &Path) -> Outcome {
    let Restored { last_made_at_ms, streams, records, cut, left_out, faults, walked, breaks, .. } = restored;
    let mut lines: Vec<String> =
        faults.iter().map(|fault| format!("when it was backed up: {fault}")).collect();
    lines.extend(restored.unusable.iter().map(|what| format!("not used: {what}")));
    lines.extend(breaks.iter().map(|found| format!("broken: {found}")));
    let moment = until.map_or(*last_made_at_ms, |until| until.0.min(*last_made_at_ms));
    lines.push(format!(
        "{} is the store as of {}: {streams} streams and {records} records; {} documents of {} shifts of {} registers \
         walked, {} breaks",
        to.display(),
        written(moment),
        walked.documents,
        walked.shifts,
        walked.registers,
        breaks.len(),
    ));
    if !cut.is_empty() {
        lines.push(format!(
            "{left_out} later documents of {} registers were left out ({}); their tills go on under the tokens of the \
             last backup, and do not send these documents again",
            cut.len(),
            named(cut)
        ));
    }
    lines.push(format!(
        "registers that sold after {} hold newer tokens and get 2: reset their tokens through the API and enter the \
         new ones",
        written(*last_made_at_ms)
    ));
    Outcome { lines, is_good: breaks.is_empty() }
}

fn named(registers: &[RegisterId]) -> String {
    let mut names: Vec<String> = registers.iter().take(NAMED_MAX).map(RegisterId::to_string).collect();
    if registers.len() > NAMED_MAX {
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_needs_its_offset_and_must_have_come() {
        assert_eq!(moment("1970-01-01T05:00:01.5+05:00").unwrap(), UnixMillis(1500));
        assert!(matches!(moment("2026-11-29 18:00"), Err(CommandFailure::Moment { .. })));
        assert!(matches!(moment("9999-01-01T00:00:00Z"), Err(CommandFailure::Future { .. })));
    }
}
