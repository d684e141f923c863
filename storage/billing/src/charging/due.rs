//! Which days a run charges: those that are over, as far as what was charged before bears the clock out.

use crate::day::Day;
use crate::month::Month;

/// A run charges so many days at once by the clock alone. More of them are weeks in which nobody ran, or a clock that was set ahead:
/// which of both a person must say.
pub const JUMP_DAYS_MAX: u16 = 3;

/// What is known of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockWord {
    /// What the machine says.
    Told,
    /// A person said that it is right.
    Vouched,
}

/// What a run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunDue {
    /// It charges the days up to `day`, those of the months from `from` on: what became known since is posted as well.
    Charge {
        /// The last day that it charges.
        day: Day,
        /// The first month whose days it charges.
        from: Month,
    },
    /// All days that are over are charged.
    Nothing,
    /// By the clock more days are over than it can say alone, or days were charged that are yet to come.
    Doubtful {
        /// The last day that was charged.
        charged: Day,
        /// The last day that is over by the clock.
        over: Day,
    },
}

/// What a run is to do, where all were charged for `charged` last, the job was asked on `seen` last, and `over` is the last day that is
/// over by the clock.
///
/// A clock that is behind makes nothing due: what was charged waits until its day is over. One that is vouched for goes before what was
/// charged by another.
#[must_use]
pub fn run_due(charged: Option<Day>, seen: Option<Day>, over: Day, word: ClockWord) -> RunDue {
    let Some(charged) = charged else {
        return RunDue::Charge { day: over, from: month_before(over) };
    };
    let is_doubtful =
        !is_near(seen.map_or(charged, |seen| seen.max(charged)), over) || !is_near(over, charged);
    match word {
        ClockWord::Told if is_doubtful => RunDue::Doubtful { charged, over },
        ClockWord::Vouched if is_doubtful => {
            RunDue::Charge { day: over, from: month_before(charged.min(over)) }
        }
        ClockWord::Told | ClockWord::Vouched if charged < over => {
            RunDue::Charge { day: over, from: month_before(charged) }
        }
        ClockWord::Told | ClockWord::Vouched => RunDue::Nothing,
    }
}

/// Whether a day is at most so far behind another as a clock can say alone.
#[must_use]
pub fn is_near(earlier: Day, later: Day) -> bool {
    let days = later.date().to_julian_day().saturating_sub(earlier.date().to_julian_day());
    days <= i32::from(JUMP_DAYS_MAX)
}

fn month_before(day: Day) -> Month {
    day.month().previous().unwrap_or(day.month())
}
