//! Whether the process can take documents now, and if not, why.

use std::sync::Arc;

use ofd_edge::Readiness;
use tokio_util::sync::CancellationToken;

use crate::descriptors::Shares;
use crate::listen::ConnectionCaps;

/// Not ready while the process goes down.
pub struct UntilStopped(pub CancellationToken);

impl Readiness for UntilStopped {
    fn reasons_not_ready(&self) -> Vec<String> {
        if self.0.is_cancelled() { vec!["the process is going down".to_owned()] } else { Vec::new() }
    }
}

/// Ready while there is room for registers and nobody stops the process.
pub struct RoomForRegisters {
    caps: Arc<ConnectionCaps>,
    shares: Shares,
    running: UntilStopped,
}

impl RoomForRegisters {
    /// Of the connections of a process, until `stop`.
    pub fn new(caps: Arc<ConnectionCaps>, shares: Shares, stop: CancellationToken) -> Self {
        Self { caps, shares, running: UntilStopped(stop) }
    }

    /// What is wrong with open files and connections. That all connections the config allows are taken is no fault:
    /// the operator has set their number.
    fn crowded(&self) -> Option<String> {
        let note = self.shares.note();
        let limit = || note.clone().unwrap_or_else(|| "raise the limit of open files (ulimit -n)".to_owned());
        if self.caps.is_short_of_files() {
            return Some(format!("there was no file for a connection a moment ago: {}", limit()));
        }
        let is_cut = note.is_some() && self.caps.are_full();
        is_cut.then(|| format!("every place for a register is taken: {}", limit()))
    }
}

impl Readiness for RoomForRegisters {
    fn reasons_not_ready(&self) -> Vec<String> {
        self.running.reasons_not_ready().into_iter().chain(self.crowded()).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.shares.note().into_iter().collect()
    }
}
