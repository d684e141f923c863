//! The wall clock of the simulated registers: Kazakhstan has one time zone, UTC+5, all year.

use std::time::{SystemTime, UNIX_EPOCH};

use ofd_protocol::types::LocalDateTime;

/// How far the clocks of Kazakhstan are ahead of UTC.
pub const KAZAKHSTAN_OFFSET_SECONDS: i64 = 5 * 3600;

/// The wall time that a register in Kazakhstan shows now.
pub fn now() -> LocalDateTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    at(i64::try_from(seconds).unwrap_or(0).saturating_add(KAZAKHSTAN_OFFSET_SECONDS))
}

/// The wall time that lies `seconds` after 1970-01-01 00:00:00 of the same clock.
pub fn at(seconds: i64) -> LocalDateTime {
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return LocalDateTime::YEAR_2000;
    };
    LocalDateTime::new(
        u32::try_from(moment.year()).unwrap_or(0),
        u32::from(u8::from(moment.month())),
        u32::from(moment.day()),
        u32::from(moment.hour()),
        u32::from(moment.minute()),
        u32::from(moment.second()),
    )
    .unwrap_or(LocalDateTime::YEAR_2000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_wall_seconds_it_was_made_of() {
        for seconds in [0, 951_868_800, 1_769_040_000, 1_769_071_999] {
            assert_eq!(at(seconds).wall_seconds(), seconds);
        }
        assert!(now() > LocalDateTime::YEAR_2000);
    }
}
