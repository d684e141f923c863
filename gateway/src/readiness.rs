//! Whether the process can take documents now, and if not, why.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ofd_storage::store::{Health, Store};
use tokio_util::sync::CancellationToken;

use crate::descriptors::Shares;
use crate::listen::ConnectionCaps;

/// Tells why the process is not ready.
pub trait Readiness: Send + Sync + 'static {
    /// The reasons; none: it is ready.
    fn reasons(&self) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>>;

    /// What the operator should know though the process is ready.
    fn notes(&self) -> Vec<String>;
}

/// Ready while the store takes writes, there is room for registers and nobody stops the process.
pub struct StoreReadiness<S> {
    store: Arc<S>,
    caps: Arc<ConnectionCaps>,
    shares: Shares,
    stop: CancellationToken,
}

impl<S> StoreReadiness<S> {
    /// Over a store and the connections it serves, until `stop`.
    pub fn new(store: Arc<S>, caps: Arc<ConnectionCaps>, shares: Shares, stop: CancellationToken) -> Self {
        Self { store, caps, shares, stop }
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

impl<S: Store> Readiness for StoreReadiness<S> {
    fn reasons(&self) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>> {
        Box::pin(async {
            let mut reasons = Vec::new();
            if self.stop.is_cancelled() {
                reasons.push("the process is going down".to_owned());
            }
            if let Health::ReadOnly(reason) = self.store.health().await {
                reasons.push(format!("the store takes no writes: {reason}"));
            }
            reasons.extend(self.crowded());
            reasons
        })
    }

    fn notes(&self) -> Vec<String> {
        self.shares.note().into_iter().collect()
    }
}
