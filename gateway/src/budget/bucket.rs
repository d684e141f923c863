//! One budget: so much at once, and so much in time.

use std::time::Duration;

/// What a budget holds, and how fast it fills again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// One comes back after this long.
    each: Duration,
    /// How many at once.
    burst: u32,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A wider network may pay so many times what one network within it may.
const WIDER: u32 = 16;

impl Allowance {
    /// As much as anybody wants.
    pub const UNLIMITED: Self = Self { each: Duration::ZERO, burst: u32::MAX };

    /// `count` per second, `burst` at once. With a `count` of 0 one comes back in an hour.
    pub fn per_second(count: u32, burst: u32) -> Self {
        Self { each: SECOND.checked_div(count).unwrap_or(HOUR), burst }
    }

    /// This many per hour, all of them at once if need be.
    pub fn per_hour(count: u32) -> Self {
        Self { each: HOUR.checked_div(count).unwrap_or(HOUR), burst: count }
    }

    /// The allowance of a wider network around those that have this one: more than each of them, far less than all.
    #[must_use]
    pub fn wider(self) -> Self {
        Self { each: self.each / WIDER, burst: self.burst.saturating_mul(WIDER) }
    }

    fn of(self, count: u32) -> Duration {
        self.each.saturating_mul(count)
    }
}

/// How much of a budget is spent, as the moment at which it is whole again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    whole_at: Duration,
}

impl Bucket {
    /// Whether `count` could be taken now.
    pub fn has(self, allowance: Allowance, count: u32, now: Duration) -> bool {
        self.taken(allowance, count, now).is_some()
    }

    /// Takes `count`, or nothing when fewer are left; says which.
    pub fn take(&mut self, allowance: Allowance, count: u32, now: Duration) -> bool {
        let taken = self.taken(allowance, count, now);
        if let Some(taken) = taken {
            *self = taken;
        }
        taken.is_some()
    }

    /// Whether nothing of it is spent any more.
    pub fn is_whole(self, now: Duration) -> bool {
        self.whole_at <= now
    }

    fn taken(self, allowance: Allowance, count: u32, now: Duration) -> Option<Self> {
        let whole_at = self.whole_at.max(now).saturating_add(allowance.of(count));
        let spent = whole_at.saturating_sub(now);
        (spent <= allowance.of(allowance.burst)).then_some(Self { whole_at })
    }

    /// As one number, for whoever keeps it in an atomic.
    pub fn to_nanos(self) -> u64 {
        u64::try_from(self.whole_at.as_nanos()).unwrap_or(u64::MAX)
    }

    /// From that number.
    pub fn from_nanos(nanos: u64) -> Self {
        Self { whole_at: Duration::from_nanos(nanos) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_gives_its_burst_at_once_and_then_its_rate() {
        let (allowance, mut bucket) = (Allowance::per_second(4, 3), Bucket::default());
        let mut now = Duration::from_secs(100);
        let mut take = |now| bucket.take(allowance, 1, now);
        assert_eq!([take(now), take(now), take(now), take(now)], [true, true, true, false]);
        now += Duration::from_millis(249);
        assert!(!take(now));
        now += Duration::from_millis(1);
        assert_eq!([take(now), take(now)], [true, false]);
        now += Duration::from_secs(3600);
        assert_eq!(
            [take(now), take(now), take(now), take(now)],
            [true, true, true, false],
            "no more than whole"
        );
    }

    #[test]
    fn a_volume_of_an_hour_is_given_by_any_pieces() {
        const MIB: u32 = 1024 * 1024;
        let (allowance, mut bucket, now) = (Allowance::per_hour(64 * MIB), Bucket::default(), Duration::ZERO);
        for _ in 0..64 {
            assert!(bucket.take(allowance, MIB, now));
        }
        assert!(!bucket.has(allowance, 1, now) && !bucket.take(allowance, 1, now));
        // A 64th of an hour gives one back; what is kept in a number is the same.
        let later = Duration::from_millis(56_251);
        let mut bucket = Bucket::from_nanos(bucket.to_nanos());
        assert!(bucket.has(allowance, MIB, later) && bucket.take(allowance, MIB, later));
        assert!(!bucket.take(allowance, MIB, later));
        assert!(!bucket.is_whole(later) && bucket.is_whole(Duration::from_secs(3700)));
    }

    #[test]
    fn without_a_bound_there_is_always_enough() {
        let mut bucket = Bucket::default();
        assert!((0..1000).all(|_| bucket.take(Allowance::UNLIMITED, u32::MAX, Duration::ZERO)));
    }
}
