//! What is wrong with a register that its people should look after. Pure.

use ofd_protocol::register::{Register, SHIFT_LENGTH_MAX_SECONDS, StatusName, WarningCount};
use ofd_protocol::types::UnixMillis;
use ofd_protocol::warning::Warning;

/// A shift that ends so soon is told of: a person needs time to go there and close it.
const SHIFT_ENDS_WITHIN_MS: u64 = 60 * 60 * 1000;

/// A register that was heard yesterday and not since is silent: shops close for the night.
const SILENT_FOR_MS: u64 = 24 * 60 * 60 * 1000;

/// Departures from the protocol are news that were seen today or yesterday.
const WARNED_WITHIN_MS: u64 = 2 * 24 * 60 * 60 * 1000;

/// What a till's program leaves out or writes wrongly it does in each document: so often seen, that is its habit. Who made
/// the program can mend it, nobody in the shop, and the register's page has it.
const HABIT_FROM: u32 = 20;

/// What is wrong with a register, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// It was blocked, and sells nothing.
    Blocked,
    /// Its service is not paid for.
    Unpaid,
    /// Its shift is over the 24 hours that the law gives it, and takes no receipt: opened then.
    ShiftOver(UnixMillis),
    /// Its shift comes to those 24 hours within the hour: opened then.
    ShiftEnds(UnixMillis),
    /// Nothing was heard of it since.
    Silent(UnixMillis),
    /// It departs from the protocol: so many kinds of departures are news.
    Warnings(usize),
}

/// Whether a departure is news to a register's people: seen just now, and no habit of the till's program. What a strict
/// version refuses is in what the program writes; everything else happens at the till: its clock, its cash, its link.
fn is_news(warning: Warning, seen: &WarningCount, now: UnixMillis) -> bool {
    let is_late = now.0.saturating_sub(seen.last_seen.0) < WARNED_WITHIN_MS;
    is_late && (!warning.is_refused_when_strict() || seen.count < HABIT_FROM)
}

/// What is wrong with a register that was last heard then. One that is off the books, or that its organisation switched off,
/// has no trouble.
pub fn troubles(register: &Register, heard_at: Option<UnixMillis>, now: UnixMillis) -> Vec<Trouble> {
    let mut found = Vec::new();
    match register.status.name() {
        StatusName::Deregistered | StatusName::Disconnected => return found,
        StatusName::Blocked => found.push(Trouble::Blocked),
        StatusName::Unpaid => found.push(Trouble::Unpaid),
        StatusName::Active => {}
    }
    if let Some(open) = register.open_shift() {
        let length_ms = SHIFT_LENGTH_MAX_SECONDS.unsigned_abs().saturating_mul(1000);
        let age_ms = now.0.saturating_sub(open.accepted_at.0);
        if age_ms >= length_ms {
            found.push(Trouble::ShiftOver(open.accepted_at));
        } else if age_ms.saturating_add(SHIFT_ENDS_WITHIN_MS) >= length_ms {
            found.push(Trouble::ShiftEnds(open.accepted_at));
        }
    }
    // Of one that never sold anything it is not expected yet.
    let silent = heard_at.filter(|at| now.0.saturating_sub(at.0) >= SILENT_FOR_MS);
    if let Some(at) = silent.filter(|_| register.status.name() == StatusName::Active) {
        found.push(Trouble::Silent(at));
    }
    let warnings = register.warnings.iter().filter(|(warning, seen)| is_news(**warning, seen, now)).count();
    if warnings > 0 {
        found.push(Trouble::Warnings(warnings));
    }
    found
}

#[cfg(test)]
mod tests {
    use ofd_protocol::register::{Change, OpenShift, Phase};
    use ofd_protocol::types::Token;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
    const HOUR_MS: u64 = 3_600_000;

    fn ago(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 - ms)
    }

    fn register() -> Register {
        Register::new(Token(7))
    }

    fn of(register: &Register, heard_at: Option<UnixMillis>) -> Vec<Trouble> {
        troubles(register, heard_at, NOW)
    }

    fn with_shift(opened: UnixMillis) -> Register {
        let opened_at = opened.wall(0);
        Register {
            phase: Phase::Open(OpenShift {
                opened_at,
                accepted_at: opened,
                printed_number: 0,
                first_online_at: None,
            }),
            ..register()
        }
    }

    #[test]
    fn a_register_that_works_has_no_trouble() {
        assert_eq!(of(&register(), None), []);
        assert_eq!(of(&with_shift(ago(22 * HOUR_MS)), Some(ago(HOUR_MS))), []);
    }

    #[test]
    fn a_shift_near_its_24_hours_and_over_them_is_told() {
        for (age, expected) in [
            (23 * HOUR_MS - 1, None),
            (23 * HOUR_MS, Some(Trouble::ShiftEnds(ago(23 * HOUR_MS)))),
            (24 * HOUR_MS - 1, Some(Trouble::ShiftEnds(ago(24 * HOUR_MS - 1)))),
            (24 * HOUR_MS, Some(Trouble::ShiftOver(ago(24 * HOUR_MS)))),
        ] {
            assert_eq!(of(&with_shift(ago(age)), Some(NOW)), Vec::from_iter(expected), "{age}");
        }
    }

    #[test]
    fn a_register_is_silent_after_a_day_unless_it_was_stopped() {
        let day = 24 * HOUR_MS;
        assert_eq!(of(&register(), Some(ago(day))), [Trouble::Silent(ago(day))]);
        assert_eq!(of(&register(), Some(ago(day - 1))), []);
        let stopped = |change: Change| change.apply(&register(), NOW, Token(1)).unwrap().unwrap();
        let blocked = stopped(Change::Block { reason: "debt".into() });
        assert_eq!(of(&blocked, Some(ago(day))), [Trouble::Blocked]);
        assert_eq!(of(&stopped(Change::Unpaid { reason: String::new() }), Some(ago(day))), [Trouble::Unpaid]);
        assert_eq!(of(&stopped(Change::Disconnect), Some(ago(day))), []);
        assert_eq!(of(&stopped(Change::Deregister { reason: "sold".into() }), Some(ago(day))), []);
    }

    #[test]
    fn departures_are_told_while_they_are_news() {
        let days = 2 * 24 * HOUR_MS;
        let (of_program, of_till) = (Warning::ServicePartMissing, Warning::ClockWrong);
        for (warning, count, last_seen, is_told) in [
            (of_program, 1, NOW, true),
            (of_program, HABIT_FROM - 1, ago(days - 1), true),
            (of_program, HABIT_FROM, NOW, false),
            (of_program, 1, ago(days), false),
            (of_till, 1_000, ago(days - 1), true),
            (of_till, 1_000, ago(days), false),
        ] {
            let mut register = register();
            register.warnings.insert(warning, WarningCount { count, last_seen, what: None });
            let expected = Vec::from_iter(is_told.then_some(Trouble::Warnings(1)));
            assert_eq!(of(&register, Some(NOW)), expected, "{warning:?} {count} times");
        }
    }
}
