//! The journal of a run: what happened, in order, the same for the same seed on every backend.

use std::fmt;

use super::world::Clock;

/// The lines of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    lines: Vec<String>,
    /// Of every poll, also those that tell nothing: which task, and whether it ended.
    schedule: u64,
    polls: u64,
}

/// FNV-1a, 64 bits: enough to tell two schedules apart.
const FNV_PRIME: u64 = 0x0100_0000_01B3;

impl Journal {
    /// Writes a line.
    pub fn write(&mut self, clock: &Clock, line: impl fmt::Display) {
        let elapsed = clock.elapsed_ms();
        self.lines.push(format!("+{}.{:03} {line}", elapsed / 1000, elapsed % 1000));
    }

    /// Notes that a task was polled.
    pub fn polled(&mut self, task: u64, is_ready: bool) {
        self.polls += 1;
        for part in [task, u64::from(is_ready)] {
            self.schedule = (self.schedule ^ part).wrapping_mul(FNV_PRIME);
        }
    }

    /// How often tasks were polled.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// A number that stands for the order of all polls.
    pub fn schedule(&self) -> u64 {
        self.schedule
    }

    /// Every line, from the first.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The last `count` lines.
    pub fn tail(&self, count: usize) -> String {
        self.lines[self.lines.len().saturating_sub(count)..].join("\n")
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
