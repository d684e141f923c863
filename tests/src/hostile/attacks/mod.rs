//! The attacks, one for each way in which a stranger was seen to stop shops. All go to this machine alone, at a bounded
//! rate and for a bounded time.

mod means;
mod port;
mod site;

pub use self::means::{Attack, Means, Tally};
use super::bounds::QUIET;

impl Attack {
    /// All of them, in the order in which they are made.
    pub fn all() -> Vec<Self> {
        let quiet = Self { name: QUIET, what: "nothing", ..Self::USUAL };
        [vec![quiet], site::attacks(), port::attacks()].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_attack_has_a_name_of_its_own_and_all_together_take_less_than_five_minutes() {
        let all = Attack::all();
        let names: BTreeSet<&str> = all.iter().map(|attack| attack.name).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|attack| !attack.name.is_empty() && !attack.what.contains('|')));
        let seconds: u64 = all.iter().map(|attack| attack.seconds + super::super::BESIDE_SECONDS).sum();
        assert!(seconds < 300, "{seconds} s: two programs must fit into ten minutes");
    }
}
