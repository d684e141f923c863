//! Moments as scenarios write them: `17:09:16`, `17:09` of the scenario's day, `+1` and `-1` for the days around it,
//! or a whole `2026-01-22 17:09:16`.

use ofd_protocol::types::{LocalDateTime, UnixMillis};

/// The day of a scenario. It has nine days after it and 21 before it in its month.
const DAY: (u32, u32, u32) = (2026, 1, 22);

/// Reads a moment.
pub(crate) fn moment(text: &str) -> LocalDateTime {
    let [year, month, day, hour, minute, second] = parts(text);
    LocalDateTime::new(year, month, day, hour, minute, second).unwrap_or_else(|| panic!("no moment: {text}"))
}

/// Year, month, day, hour, minute, second; whether or not there is such a moment.
pub(crate) fn parts(text: &str) -> [u32; 6] {
    let number = |part: &str| part.parse::<u32>().unwrap_or_else(|_| panic!("no moment: {text}"));
    let ((year, month, day), clock) = match text.split_once(' ') {
        Some((date, clock)) => {
            let date: Vec<u32> = date.split('-').map(number).collect();
            ((date[0], date[1], date[2]), clock)
        }
        None => {
            let (clock, days) = match (text.split_once('+'), text.split_once('-')) {
                (Some((clock, days)), _) => (clock, days.parse::<i64>().unwrap()),
                (None, Some((clock, days))) => (clock, -days.parse::<i64>().unwrap()),
                (None, None) => (text, 0),
            };
            let day = u32::try_from(i64::from(DAY.2) + days).unwrap();
            ((DAY.0, DAY.1, day), clock)
        }
    };
    let clock: Vec<u32> = clock.split(':').map(number).collect();
    [year, month, day, clock[0], clock[1], clock.get(2).copied().unwrap_or(0)]
}

/// A moment of Kazakhstan's wall clock (UTC+5) on the server's clock.
pub(crate) fn unix_millis(moment: LocalDateTime) -> UnixMillis {
    UnixMillis(u64::try_from((moment.wall_seconds() - 5 * 3600) * 1000).unwrap())
}
