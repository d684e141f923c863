//! The command: opens both stores, shows how far the copy is, stops at a signal, and says what came of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ofd_storage::embedded::Opening;
use ofd_storage::store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::{CopyError, CopyOptions, Copying, Progress, Report};
use crate::cli::CopyArgs;
use crate::config::{Config, StoreConfig};
use crate::server::{self, StartError};
use crate::shutdown::Signals;
use crate::verify::Walked;
use crate::world::SystemWorld;

/// How far the copy is, is said this often.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CopyFailure {
    /// It cannot, or need not, be made.
    #[error(transparent)]
    Refused(CopyError),
    /// It was begun and did not come to its end.
    #[error("the copy is not finished; continue it by `{command}`")]
    Unfinished {
        /// What continues it.
        command: String,
        /// Why it ended.
        #[source]
        source: CopyError,
    },
    /// A store cannot be opened.
    #[error(transparent)]
    Open(#[from] StartError),
    /// Signals cannot be heard.
    #[error("signals cannot be listened for")]
    Signals(#[from] std::io::Error),
}

/// What came of the command.
#[derive(Clone, Debug)]
pub struct Done {
    /// What is to be said.
    pub lines: Vec<String>,
    /// Whether both stores are equal and whole.
    pub is_good: bool,
}

/// Copies the store of one config to that of another; `say` gets lines while the work goes on.
///
/// # Errors
/// [`CopyFailure`].
pub async fn copy(
    args: &CopyArgs,
    (from, to): (&Config, &Config),
    say: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Done, CopyFailure> {
    if is_same(&from.store, &to.store) {
        return Err(CopyFailure::Refused(CopyError::SameStore));
    }
    let mut signals = Signals::new()?;
    let source = Arc::new(server::open_store(from, Opening::Existing).await?);
    if let Some(loss) = source.loss() {
        return Err(CopyFailure::Refused(CopyError::SourceLost { loss: loss.to_string() }));
    }
    let target = Arc::new(server::open_store(to, Opening::CreateIfMissing).await?);
    let command = format!("ofd copy --from {} --to {}", quoted(&args.from), quoted(&args.to));
    let (stop, progress) = (CancellationToken::new(), Arc::new(Progress::new(say)));
    let copying = Copying {
        options: CopyOptions::new(name_of(&from.store), command.clone()),
        world: Arc::new(SystemWorld),
        stop: stop.clone(),
        progress: Arc::clone(&progress),
    };
    let mut ticks = interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let copied = {
        let mut work = std::pin::pin!(copying.run(Arc::clone(&source), Arc::clone(&target)));
        loop {
            tokio::select! {
                copied = &mut work => break copied,
                _ = ticks.tick() => progress.tell(),
                () = signals.recv(), if !stop.is_cancelled() => stop.cancel(),
            }
        }
    };
    // What was acknowledged is durable all the same; the copy's own end is what counts.
    let closed = (source.close().await, target.close().await);
    let report = copied.map_err(|error| failure(error, command))?;
    drop(closed);
    Ok(done(&report, &args.to))
}

fn failure(error: CopyError, command: String) -> CopyFailure {
    match error {
        CopyError::SameStore
        | CopyError::SourceLost { .. }
        | CopyError::NothingThere { .. }
        | CopyError::SourceNotWhole { .. }
        | CopyError::NotEmpty { .. }
        | CopyError::TargetForOlder
        | CopyError::OtherSource { .. }
        | CopyError::Differs { .. } => CopyFailure::Refused(error),
        CopyError::Store { .. }
        | CopyError::TargetInUse { .. }
        | CopyError::Unreadable { .. }
        | CopyError::Damaged { .. }
        | CopyError::Moving { .. }
        | CopyError::Stopped
        | CopyError::BrokeOff(_) => CopyFailure::Unfinished { command, source: error },
    }
}

/// What a report comes to. Breaks that both stores share are no fault of the copy, and still nothing to pass over.
fn done(report: &Report, to: &Path) -> Done {
    let Report { held, walked, breaks, first_breaks, was_complete } = report;
    let Walked { registers, shifts, documents, .. } = walked;
    let mut lines: Vec<String> = first_breaks
        .iter()
        .map(|found| format!("broken at the source, and copied as it is: {found}"))
        .collect();
    lines.push(format!(
        "equal: {} organisations, {} trade points, {} registers, {} other records, {} shifts, {} accounts and companies, figures of {} registers, {} documents, {} other rows, {}",
        held.organisations,
        held.trade_points,
        held.registers,
        held.other_records,
        held.shifts,
        held.people,
        held.figures,
        held.documents,
        held.other_rows,
        held.mib(),
    ));
    lines.push(format!(
        "chains, counts and totals: {documents} documents of {shifts} shifts of {registers} registers walked, {breaks} breaks"
    ));
    lines.push(if *was_complete {
        "the copy had been completed before; nothing was written".to_owned()
    } else {
        format!("the copy is complete: serve with {}, and no more from the source", to.display())
    });
    if *breaks > 0 {
        lines.push(
            "restore the registers named above at the source from a backup, if there is one".to_owned(),
        );
    }
    Done { lines, is_good: *breaks == 0 }
}

/// What a store is called in the mark: always the same words for the same place.
fn name_of(store: &StoreConfig) -> String {
    match store {
        StoreConfig::Embedded { path, .. } => {
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            format!("the store at {}", path.display())
        }
        // Without its nodes: one that fails may leave the list before the copy is continued.
        StoreConfig::Cql(_) => store.to_string(),
    }
}

fn is_same(from: &StoreConfig, to: &StoreConfig) -> bool {
    match (from, to) {
        (StoreConfig::Embedded { path: from, .. }, StoreConfig::Embedded { path: to, .. }) => {
            // A path that leads nowhere yet is not that of the source.
            from == to
                || from.canonicalize().ok().zip(to.canonicalize().ok()).is_some_and(|(from, to)| from == to)
        }
        (StoreConfig::Cql(from), StoreConfig::Cql(to)) => {
            from.keyspace == to.keyspace && from.nodes.iter().any(|node| to.nodes.contains(node))
        }
        (StoreConfig::Embedded { .. }, StoreConfig::Cql(_))
        | (StoreConfig::Cql(_), StoreConfig::Embedded { .. }) => false,
    }
}

/// A path as a shell takes it, from wherever it is started.
fn quoted(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = path.display().to_string();
    let is_plain = |char: char| char.is_alphanumeric() || "/._-+:@%,".contains(char);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_split_it() {
        assert_eq!(quoted(Path::new("/etc/ofd/a.toml")), "/etc/ofd/a.toml");
        assert_eq!(quoted(Path::new("/srv/my store/it's.toml")), r"'/srv/my store/it'\''s.toml'");
        assert!(quoted(Path::new("a.toml")).starts_with('/'));
    }

    #[test]
    fn two_paths_of_one_directory_are_one_store() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        std::fs::create_dir(&path).unwrap();
        std::os::unix::fs::symlink(&path, directory.path().join("link")).unwrap();
        let embedded = |name: &str| StoreConfig::Embedded {
            path: directory.path().join(name),
            scrub_days: 0,
            memory_mib: 128,
        };
        assert!(is_same(&embedded("data"), &embedded("data")));
        assert!(is_same(&embedded("data"), &embedded("link")));
        assert!(is_same(&embedded("none"), &embedded("none")));
        assert!(!is_same(&embedded("data"), &embedded("other")));
        assert_eq!(name_of(&embedded("data")), name_of(&embedded("link")));
    }
}
