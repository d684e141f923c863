//! Lines of the log that strangers can cause: a few are written, the rest is counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::budget::{Allowance, Bucket};

/// Lines at once: whoever looks at the log sees several of the addresses.
const BURST: u32 = 10;

/// And then one every so often, so that a flood fills no disk.
const PER_SECOND: u32 = 1;

/// One kind of line.
#[derive(Debug)]
pub struct Sampled {
    since: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bucket: Bucket,
    left_out: u64,
}

impl Default for Sampled {
    fn default() -> Self {
        Self { since: Instant::now(), state: Mutex::default() }
    }
}

impl Sampled {
    /// Whether this one is written, and if so how many were left out before it.
    pub fn turn(&self) -> Option<u64> {
        self.turn_at(self.since.elapsed())
    }

    fn turn_at(&self, now: Duration) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.bucket.take(Allowance::per_second(PER_SECOND, BURST), 1, now) {
            return Some(std::mem::take(&mut state.left_out));
        }
        state.left_out = state.left_out.saturating_add(1);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_flood_a_few_lines_are_written_and_the_next_one_tells_how_many_were_not() {
        let sampled = Sampled::default();
        let flood = |now| (0..1000).filter_map(|_| sampled.turn_at(now)).collect::<Vec<_>>();
        assert_eq!(flood(Duration::from_secs(1)), [0; 10]);
        assert_eq!(flood(Duration::from_secs(2)), [990]);
        assert_eq!(flood(Duration::from_secs(60)), [[999].as_slice(), &[0; 9]].concat());
    }
}
