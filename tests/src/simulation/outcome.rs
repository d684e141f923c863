//! What a simulation came to.

use std::collections::BTreeMap;

use super::journal::Journal;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What happened, line by line.
    pub journal: Journal,
    /// The rule that was broken; the run ended there.
    pub violation: Option<String>,
    /// How often what happened.
    pub tally: Tally,
}

/// How often what happened in a run: a simulation in which nothing goes wrong proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many documents were stored.
    pub documents: u64,
    /// Replies by code.
    pub codes: BTreeMap<u32, u64>,
    /// Faults of the stores.
    pub store_faults: u64,
    /// Writes that landed after a read showed what was before.
    pub late_landings: u64,
    /// Gateways that died.
    pub crashes: u64,
    /// Deaths of everything at once.
    pub crashes_of_all: u64,
    /// Waits that were longer than a device's patience.
    pub answers_lost: u64,
    /// Requests sent to two gateways at once.
    pub duplicates: u64,
    /// Spells without a link.
    pub offline_spells: u64,
    /// Changes that people made.
    pub changes: u64,
    /// Of them new tokens.
    pub token_resets: u64,
    /// Refused documents that a device forgot.
    pub forgotten: u64,
    /// Waits of hours.
    pub long_waits: u64,
    /// Requests of strangers.
    pub strangers: u64,
    /// Receipts sent once more at the end.
    pub repeats: u64,
    /// Sales that were set aside, since no answer came.
    pub set_aside: u64,
    /// Documents that were never confirmed and came again, when others had passed.
    pub again: u64,
    /// Documents that readers of the feed took since they were announced.
    pub read: u64,
    /// Documents that they took by their sweeps.
    pub swept: u64,
}

impl Tally {
    pub(super) fn count_code(&mut self, code: u32) {
        *self.codes.entry(code).or_default() += 1;
    }

    /// How many replies had this code.
    pub fn code(&self, code: u32) -> u64 {
        self.codes.get(&code).copied().unwrap_or(0)
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (code, count) in &other.codes {
            *self.codes.entry(*code).or_default() += count;
        }
        let pairs = [
            (&mut self.documents, other.documents),
            (&mut self.store_faults, other.store_faults),
            (&mut self.late_landings, other.late_landings),
            (&mut self.crashes, other.crashes),
            (&mut self.crashes_of_all, other.crashes_of_all),
            (&mut self.answers_lost, other.answers_lost),
            (&mut self.duplicates, other.duplicates),
            (&mut self.offline_spells, other.offline_spells),
            (&mut self.changes, other.changes),
            (&mut self.token_resets, other.token_resets),
            (&mut self.forgotten, other.forgotten),
            (&mut self.long_waits, other.long_waits),
            (&mut self.strangers, other.strangers),
            (&mut self.repeats, other.repeats),
            (&mut self.set_aside, other.set_aside),
            (&mut self.again, other.again),
            (&mut self.read, other.read),
            (&mut self.swept, other.swept),
        ];
        pairs.into_iter().for_each(|(to, count)| *to += count);
    }
}
