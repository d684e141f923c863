//! Whose turn it is: one cluster at a time in a process.

use std::time::Duration;

use tokio::sync::{RwLock, RwLockWriteGuard};

/// A turn comes when those before are done. Tests with three nodes take some minutes each, and the last of a binary
/// waits for all others.
pub(super) const TURN_WITHIN: Duration = Duration::from_secs(1200);

/// Read by whoever uses the shared node, written by whoever has a cluster of its own.
pub(super) static TURN: RwLock<()> = RwLock::const_new(());

/// The right to a cluster of one's own in this process.
pub(super) type Turn = RwLockWriteGuard<'static, ()>;
