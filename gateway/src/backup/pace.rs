//! A bounded rate: registers that are served meanwhile must not feel a backup.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::BackupError;

/// A pause is looked out of this often: a stop must not wait for its end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Lets so many bytes through in a second.
pub(super) struct Pace<'a> {
    bytes_per_second: u64,
    due: Instant,
    stop: &'a AtomicBool,
}

impl<'a> Pace<'a> {
    pub(super) fn new(bytes_per_second: u64, stop: &'a AtomicBool) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), due: Instant::now(), stop }
    }

    /// Waits until `bytes` that were read or written are due. Time that was not used is not saved up.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), BackupError> {
        let nanoseconds = u128::from(bytes).saturating_mul(1_000_000_000) / u128::from(self.bytes_per_second);
        let cost = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let now = Instant::now();
        self.due = self.due.max(now).checked_add(cost).unwrap_or(now);
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(BackupError::Stopped);
            }
            let left = self.due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK_EVERY));
        }
    }
}
