//! Lanes: one request at a time per register, bounded, with the register's head kept between requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{LastAnnounced, Loaded};
use tokio::time::Instant;

use crate::profile::Profile;

mod limits;
mod purse;

pub use limits::{LaneLimits, quota};
pub use purse::{Place, Purse};

/// Shards keep the lock of the map short; their number is a power of two.
const SHARDS: usize = 64;

/// Which part of a full shard is forgotten at once, so that idle lanes are seldom searched for.
const PURGED_SHARE: usize = 8;

/// The lane of one register.
#[derive(Debug)]
pub struct Lane {
    profile: Mutex<Arc<Profile>>,
    /// Held by whoever serves the register.
    pub turn: tokio::sync::Mutex<Turn>,
    /// What the register spends.
    pub purse: Purse,
    used: AtomicU64,
}

/// What the holder of a lane finds.
#[derive(Debug, Default)]
pub struct Turn {
    /// The register's head, unless it is not known. Taken out while an append is under way: one that is dropped in
    /// the middle leaves nothing stale behind.
    pub cached: Option<Loaded>,
    /// A shift that was the newest when the register was last seen: the newest is looked for from there.
    pub shift: Option<u32>,
    /// Whether the register's state was held against its last document. It is at the first sight of it; what comes
    /// later was written by a process that had seen it.
    pub is_checked: bool,
    /// The documents that came without a pause.
    pub streak: Streak,
    /// When the register was last announced to those who read behind the service.
    pub announced: LastAnnounced,
}

/// So many documents may come without a pause. Tills send one and wait for their buyers; only a queue that is sent
/// after a day without a link is longer.
const STREAK_MAX: u32 = 16;

/// Whoever else wants to change a register in a cluster reads where it is and then writes. That takes as long as a few
/// appends, and may begin in the middle of a gap, so a gap is as long as this many.
const GAP_APPENDS: u32 = 8;

/// However slow the cluster is, a device that waits in a gap has its answer in time.
const GAP_MAX: Duration = Duration::from_millis(500);

/// The documents of one register that were appended without a pause.
///
/// A device that never pauses would win every race against whoever must read before he writes: a person could not
/// even block it. So it pauses now and then, whether it likes to or not.
#[derive(Debug, Default)]
pub struct Streak {
    length: u32,
    append: Duration,
    ended: Option<Instant>,
}

impl Streak {
    /// A document was appended, which took so long.
    pub fn appended(&mut self, now: Instant, took: Duration) {
        self.length = self.length.saturating_add(1);
        self.append = took;
        self.ended = Some(now);
    }

    /// How long the next request must wait, if it must.
    pub fn gap(&mut self, now: Instant) -> Option<Duration> {
        let gap = self.append.saturating_mul(GAP_APPENDS).min(GAP_MAX);
        let left = gap.saturating_sub(now.saturating_duration_since(self.ended?));
        if !left.is_zero() && self.length < STREAK_MAX {
            return None;
        }
        self.length = 0;
        Some(left).filter(|left| !left.is_zero())
    }
}

impl Lane {
    /// What is known of the register.
    pub fn profile(&self) -> Arc<Profile> {
        // A panic elsewhere leaves it whole: it is changed in one step.
        Arc::clone(&self.profile.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a profile that was read anew.
    pub fn keep(&self, profile: Profile) -> Arc<Profile> {
        let profile = Arc::new(profile);
        *self.profile.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&profile);
        profile
    }
}

type Shard = Mutex<HashMap<RegisterId, Arc<Lane>>>;

/// The lanes of the registers that were served lately.
#[derive(Debug)]
pub struct Lanes {
    shards: Vec<Shard>,
    limits: LaneLimits,
    uses: AtomicU64,
}

impl Lanes {
    /// No lanes yet.
    pub fn new(limits: LaneLimits) -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), limits, uses: AtomicU64::new(0) }
    }

    fn with_shard<T>(
        &self,
        id: RegisterId,
        act: impl FnOnce(&mut HashMap<RegisterId, Arc<Lane>>) -> T,
    ) -> Option<T> {
        let index = usize::try_from(id.0).unwrap_or(0) % SHARDS;
        let shard = self.shards.get(index)?;
        // A panic elsewhere leaves the map whole: entries go in and out in one step.
        Some(act(&mut shard.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The lane of a register that was served lately.
    pub fn find(&self, id: RegisterId) -> Option<Arc<Lane>> {
        self.with_shard(id, |shard| shard.get(&id).map(Arc::clone)).flatten()
    }

    /// A good token came: the lane is forgotten later than all that were not used since. Strangers do not keep a lane,
    /// and one that they had made is the first to go.
    pub fn touch(&self, lane: &Lane) {
        let use_number = self.uses.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        lane.used.store(use_number, Ordering::Relaxed);
    }

    /// The register's lane, made of `profile` when it has none.
    pub fn enter(&self, profile: Profile) -> Arc<Lane> {
        let id = profile.record.id;
        let lane = Arc::new(Lane {
            profile: Mutex::new(Arc::new(profile)),
            turn: tokio::sync::Mutex::default(),
            purse: Purse::new(self.limits),
            used: AtomicU64::new(0),
        });
        let capacity = self.limits.lanes_max.div_ceil(SHARDS).max(1);
        let entered = self.with_shard(id, |shard| {
            if shard.len() >= capacity && !shard.contains_key(&id) {
                purge(shard, capacity.div_ceil(PURGED_SHARE));
            }
            Arc::clone(shard.entry(id).or_insert_with(|| Arc::clone(&lane)))
        });
        entered.unwrap_or(lane)
    }

    /// Forgets a register's lane, so that its profile and head are read anew.
    pub fn forget(&self, id: RegisterId) {
        self.with_shard(id, |shard| shard.remove(&id));
    }

    /// How many lanes there are.
    pub fn len(&self) -> usize {
        let len = |shard: &Shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Removes the `count` lanes that were used longest ago and that nobody holds. A lane in use stays, even beyond
/// the capacity: its holders are bounded by the connections.
fn purge(shard: &mut HashMap<RegisterId, Arc<Lane>>, count: usize) {
    let idle = shard.iter().filter(|(_, lane)| Arc::strong_count(lane) == 1);
    let mut idle: Vec<(u64, RegisterId)> =
        idle.map(|(id, lane)| (lane.used.load(Ordering::Relaxed), *id)).collect();
    idle.sort_unstable_by_key(|(used, _)| *used);
    for (_, id) in idle.into_iter().take(count) {
        shard.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPEND: Duration = Duration::from_millis(3);

    #[test]
    fn a_long_row_of_documents_has_gaps() {
        let (mut streak, mut now) = (Streak::default(), Instant::now());
        assert_eq!(streak.gap(now), None);
        for _ in 0..3 {
            for _ in 0..STREAK_MAX {
                assert_eq!(streak.gap(now), None);
                streak.appended(now, APPEND);
                now += Duration::from_millis(1);
            }
            let left = APPEND * GAP_APPENDS - Duration::from_millis(1);
            assert_eq!(streak.gap(now), Some(left));
            now += left;
        }
    }

    #[test]
    fn who_pauses_by_himself_waits_for_nobody() {
        let (mut streak, mut now) = (Streak::default(), Instant::now());
        for _ in 0..5 * STREAK_MAX {
            assert_eq!(streak.gap(now), None);
            streak.appended(now, APPEND);
            now += APPEND * GAP_APPENDS;
        }
    }

    #[test]
    fn a_gap_is_short_for_a_device_that_waits_however_slow_the_store_is() {
        let (mut streak, now) = (Streak::default(), Instant::now());
        (0..STREAK_MAX).for_each(|_| streak.appended(now, Duration::from_secs(4)));
        assert_eq!(streak.gap(now), Some(GAP_MAX));
        assert_eq!(streak.gap(now), None, "it was told to wait");
    }
}
