//! Memory for frames that have not come whole, or wait for their answer: one bound for all of them.
//!
//! Strangers have a part of it that registers do without, and never more: the rest is for frames under tokens that are
//! known, and of those each register has a bound of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lane::Lane;

/// This part of the whole is for strangers.
const STRANGERS_PART: usize = 4;

/// A frame of a stranger may be so long before his token is judged: hardly any honest receipt is longer.
pub(super) const STRANGERS_FRAME_MAX: u32 = 64 * 1024;

/// What all frames under way may take.
#[derive(Debug)]
pub struct FrameBudget {
    strangers: Part,
    registers: Part,
}

#[derive(Debug)]
struct Part {
    max: usize,
    taken: AtomicUsize,
}

impl Part {
    fn new(max: usize) -> Self {
        Self { max, taken: AtomicUsize::new(0) }
    }

    fn take(&self, bytes: usize) -> bool {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.max;
        if !fits {
            self.give_back(bytes);
        }
        fits
    }

    fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Room for one frame, given back on drop.
#[derive(Debug)]
pub(super) struct Room {
    budget: Arc<FrameBudget>,
    bytes: u32,
    /// The register that pays; none: strangers do.
    lane: Option<Arc<Lane>>,
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(lane) = &self.lane {
            lane.purse.gives_frame_back(self.bytes);
        }
        self.budget.part(self.lane.is_none()).give_back(len(self.bytes));
    }
}

fn len(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl FrameBudget {
    /// Nothing is taken yet.
    pub fn new(bytes: usize) -> Self {
        let strangers = bytes / STRANGERS_PART;
        Self { strangers: Part::new(strangers), registers: Part::new(bytes.saturating_sub(strangers)) }
    }

    fn part(&self, is_strangers: bool) -> &Part {
        if is_strangers { &self.strangers } else { &self.registers }
    }

    /// Room for a frame of somebody who is not known.
    pub(super) fn for_stranger(self: &Arc<Self>, bytes: u32) -> Option<Room> {
        let fits = self.strangers.take(len(bytes));
        fits.then(|| Room { budget: Arc::clone(self), bytes, lane: None })
    }

    /// Room for a frame of a register.
    pub(super) fn for_register(self: &Arc<Self>, bytes: u32, lane: Arc<Lane>) -> Option<Room> {
        if !lane.purse.takes_frame(bytes) {
            return None;
        }
        if !self.registers.take(len(bytes)) {
            lane.purse.gives_frame_back(bytes);
            return None;
        }
        Some(Room { budget: Arc::clone(self), bytes, lane: Some(lane) })
    }

    /// How many bytes are taken.
    pub fn taken(&self) -> usize {
        [&self.strangers, &self.registers].map(|part| part.taken.load(Ordering::Relaxed)).iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_have_their_part_and_no_more() {
        let budget = Arc::new(FrameBudget::new(1000));
        let first = budget.for_stranger(200).unwrap();
        assert!(budget.for_stranger(51).is_none());
        let second = budget.for_stranger(50).unwrap();
        assert_eq!(budget.taken(), 250);
        drop(first);
        assert!(budget.for_stranger(201).is_none() && budget.for_stranger(200).is_some());
        drop(second);
        assert_eq!(budget.taken(), 0);
    }
}
