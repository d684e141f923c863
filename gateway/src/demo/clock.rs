//! The demo's clocks. They can stand behind those of the machine, so that a first start lives through the days before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ofd_edge::{DRAWN_LEN, World};
use ofd_protocol::types::{LocalDateTime, UnixMillis};

use crate::clock::{self, Clocks, Reading, SystemClocks};
use crate::world::SystemWorld;

/// How far the clocks can stand behind. The second clock is ahead by so much, since it cannot stand before its own start.
const BEHIND_MAX_MS: u64 = 400 * 24 * 3600 * 1000;

/// Both clocks of the demo, and its chance. All that have it see the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct DemoClocks {
    behind_ms: Arc<AtomicU64>,
}

impl DemoClocks {
    /// The clocks go on from this moment; from where they are, if that is later: time never runs back.
    pub(super) fn go_to(&self, moment: UnixMillis) {
        let behind_ms = clock::now().0.saturating_sub(moment.0).min(BEHIND_MAX_MS);
        self.behind_ms.fetch_min(behind_ms, Ordering::Relaxed);
    }

    /// Before anything was done: the clocks begin at this moment.
    pub(super) fn begin_at(&self, moment: UnixMillis) {
        let behind_ms = clock::now().0.saturating_sub(moment.0).min(BEHIND_MAX_MS);
        self.behind_ms.store(behind_ms, Ordering::Relaxed);
    }

    /// From now on the clocks are those of the machine.
    pub(super) fn catch_up(&self) {
        self.behind_ms.store(0, Ordering::Relaxed);
    }

    /// What a register's clock shows now, when it is ahead by so many seconds.
    pub(super) fn shown(&self, ahead_seconds: i64) -> LocalDateTime {
        let seconds = i64::try_from(self.now().0 / 1000).unwrap_or(0);
        let zone = ofd_loadtest::clock::KAZAKHSTAN_OFFSET_SECONDS;
        ofd_loadtest::clock::at(seconds.saturating_add(zone).saturating_add(ahead_seconds))
    }
}

impl World for DemoClocks {
    fn now(&self) -> UnixMillis {
        UnixMillis(clock::now().0.saturating_sub(self.behind_ms.load(Ordering::Relaxed)))
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        SystemWorld.draw()
    }
}

impl Clocks for DemoClocks {
    fn read(&self) -> Reading {
        let Reading { wall, boot_ms } = SystemClocks.read();
        let behind_ms = self.behind_ms.load(Ordering::Relaxed);
        Reading {
            wall: UnixMillis(wall.0.saturating_sub(behind_ms)),
            boot_ms: boot_ms.saturating_add(BEHIND_MAX_MS.saturating_sub(behind_ms)),
        }
    }

    /// Not known: what was read of these clocks must not be compared with the machine's own.
    fn boot_id(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ClockGuard;

    const DAY_MS: u64 = 24 * 3600 * 1000;

    #[test]
    fn days_go_by_for_both_clocks_together_and_never_back() {
        let clocks = DemoClocks::default();
        let start = UnixMillis(clock::now().0 - 30 * DAY_MS);
        clocks.begin_at(start);
        let guard = ClockGuard::new(clocks.clone());
        for day in 0..30 {
            clocks.go_to(UnixMillis(start.0 + day * DAY_MS));
            guard.check().unwrap();
            guard.wrote();
            let before = clocks.now();
            assert!(before.0.abs_diff(start.0 + day * DAY_MS) < 60_000, "day {day}");
            clocks.go_to(start);
            assert!(clocks.now() >= before);
        }
        clocks.catch_up();
        guard.check().unwrap();
        assert!(clocks.now().0.abs_diff(clock::now().0) < 60_000);
    }
}
