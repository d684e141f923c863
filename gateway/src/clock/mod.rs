//! The system's clocks, read at the edges only, and what is done when the wall clock is wrong.

mod guard;

#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use ofd_protocol::types::UnixMillis;
use rustix::time::{ClockId, clock_gettime};

pub use self::guard::{ClockGuard, KeptClock};

/// Now; a clock before 1970 reads as 1970.
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Two clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What time it is, as far as the machine knows. Anybody may set it.
    pub wall: UnixMillis,
    /// Milliseconds since the machine was started, sleep included. Nobody sets it; NTP makes it faster or slower
    /// together with the wall clock.
    pub boot_ms: u64,
}

/// Clocks, so that tests can have theirs.
pub trait Clocks: Send + Sync + 'static {
    /// Both clocks now.
    fn read(&self) -> Reading;

    /// What tells this start of the machine from every other; `None` when it is not known.
    fn boot_id(&self) -> Option<String>;
}

/// The clocks of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClocks;

/// Where Linux tells it.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

impl Clocks for SystemClocks {
    fn read(&self) -> Reading {
        let boot = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(boot.tv_sec).unwrap_or(0);
        let rest = u64::try_from(boot.tv_nsec).unwrap_or(0) / 1_000_000;
        Reading { wall: now(), boot_ms: seconds.saturating_mul(1000).saturating_add(rest) }
    }

    fn boot_id(&self) -> Option<String> {
        std::fs::read_to_string(BOOT_ID).ok().map(|text| text.trim().to_owned()).filter(|id| !id.is_empty())
    }
}
