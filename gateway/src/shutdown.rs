//! Signals and limits of the process.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

/// SIGTERM and Ctrl-C.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for either.
    pub async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => info!("SIGTERM"),
            _ = self.interrupt.recv() => info!("Ctrl-C"),
        }
    }
}

/// Raises the limit of open files to what the system allows: each connection takes one.
pub fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        warn!(%error, "the limit of open files stays {:?}: {error}", limit.current);
    }
}

/// Files that are no connections of registers: the store's, the site's, logs.
const OTHER_FILES: u64 = 2048;

/// How many connections the limit of open files has room for, at most `wanted`: over the cap a register is told to
/// come later, without a file it is told nothing.
pub fn connections_within_file_limit(wanted: usize, reserve: usize) -> usize {
    use rustix::process::{Resource, getrlimit};
    let Some(files) = getrlimit(Resource::Nofile).current else { return wanted };
    let reserve = u64::try_from(reserve).unwrap_or(u64::MAX);
    // Of a small limit half goes to connections, whatever else wants files.
    let room = files.saturating_sub(OTHER_FILES.saturating_add(reserve)).max(files / 2);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if room < wanted {
        warn!(
            files,
            "the limit of {files} open files has room for {room} connections, not {wanted}; raise it (ulimit -n)"
        );
    }
    wanted.min(room)
}
