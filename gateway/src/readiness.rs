//! Whether the process can take documents now, and if not, why.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ofd_storage::store::{Health, Store};
use tokio_util::sync::CancellationToken;

/// Tells why the process is not ready.
pub trait Readiness: Send + Sync + 'static {
    /// The reasons; none: it is ready.
    fn reasons(&self) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>>;
}

/// Ready while the store takes writes and nobody stops the process.
pub struct StoreReadiness<S> {
    store: Arc<S>,
    stop: CancellationToken,
}

impl<S> StoreReadiness<S> {
    /// Over a store, until `stop`.
    pub fn new(store: Arc<S>, stop: CancellationToken) -> Self {
        Self { store, stop }
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
            reasons
        })
    }
}
