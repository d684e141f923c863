//! Small types that every part of the protocol shares.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id a register got from the operator; 0 is never given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegisterId(pub u32);

impl fmt::Display for RegisterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The key of a register that changes with every fiscal command. Whoever knows it can speak for the register.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token(pub u32);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// The greatest token that is handed out: tills keep it as a signed 32-bit number.
pub const TOKEN_MAX: u32 = 0x7FFF_FFFF;

impl Token {
    /// Makes a token of drawn randomness: 1 to 2^31-1.
    pub fn from_drawn(drawn: u32) -> Self {
        Self((drawn & TOKEN_MAX).max(1))
    }

    /// The drawn token, or its neighbour when it equals `other`: a rotation must rotate.
    pub fn other_than(self, other: Self) -> Self {
        if self != other {
            self
        } else if self.0 >= TOKEN_MAX {
            Self(1)
        } else {
            Self(self.0.saturating_add(1))
        }
    }
}

/// REQNUM: the number of a request, which wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestNumber(pub u16);

/// An amount in tiyn, a hundredth of a tenge.
///
/// Never negative on the wire; counters that may fall below zero are plain `i64` tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tiyn(i64);

/// Tiyn in a tenge.
pub const TIYN_PER_TENGE: i64 = 100;

/// The greatest sum of money that a document may name: 10^13 tenge, more than the country's money. Nine thousand
/// such documents fit a counter.
pub const MONEY_MAX: Tiyn = Tiyn(10_000_000_000_000 * TIYN_PER_TENGE);

impl Tiyn {
    /// No money at all.
    pub const ZERO: Self = Self(0);

    /// An amount of tiyn; `None` when negative.
    pub fn new(tiyn: i64) -> Option<Self> {
        (tiyn >= 0).then_some(Self(tiyn))
    }

    /// The wire's pair. `None` for a hundred coins or more, or for more than 92 quadrillion tenge: the message
    /// allows both, money does not.
    pub fn from_wire(bills: u64, coins: u32) -> Option<Self> {
        let coins = i64::from(coins);
        if coins >= TIYN_PER_TENGE {
            return None;
        }
        i64::try_from(bills).ok()?.checked_mul(TIYN_PER_TENGE)?.checked_add(coins).map(Self)
    }

    /// A counter as it is written: Money has no sign, below zero it is 0.
    pub fn from_counter(tiyn: i64) -> Self {
        Self(tiyn.max(0))
    }

    /// The number of tiyn.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Its whole tenge, without the tiyn.
    pub fn bills(self) -> u64 {
        self.0.unsigned_abs().checked_div(100).unwrap_or(0)
    }

    /// The tiyn beyond whole tenge, 0 to 99.
    pub fn coins(self) -> u32 {
        u32::try_from(self.0.unsigned_abs().checked_rem(100).unwrap_or(0)).unwrap_or(0)
    }
}

/// Tenge with two decimals and a point: `696.90`.
impl fmt::Display for Tiyn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.bills(), self.coins())
    }
}

/// A signed number of tiyn as tenge with two decimals: `-0.05`.
pub struct SignedTenge(pub i64);

impl fmt::Display for SignedTenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tiyn = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (bills, coins) = (tiyn.checked_div(100).unwrap_or(0), tiyn.checked_rem(100).unwrap_or(0));
        write!(f, "{sign}{bills}.{coins:02}")
    }
}

/// Wall time of a device, without a zone, as it came.
///
/// Only dates that exist and years from 1 to 9999 can be made; so the order of fields is the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalDateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl LocalDateTime {
    /// 2000-01-01 00:00:00, the least date of the request that INFO may take.
    pub const YEAR_2000: Self = Self { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

    const FIRST: Self = Self { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    const LAST: Self = Self { year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59 };

    /// `None` when there is no such date or time.
    pub fn new(year: u32, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> Option<Self> {
        let year = u16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
        let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        let day = u8::try_from(day).ok().filter(|day| (1..=days_in_month(year, month)).contains(day))?;
        let hour = u8::try_from(hour).ok().filter(|hour| *hour < 24)?;
        let minute = u8::try_from(minute).ok().filter(|minute| *minute < 60)?;
        let second = u8::try_from(second).ok().filter(|second| *second < 60)?;
        Some(Self { year, month, day, hour, minute, second })
    }

    /// Year, month and day.
    pub fn date(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Hour, minute and second.
    pub fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// Seconds since 1970-01-01 00:00:00 of the same wall clock; negative before.
    pub fn wall_seconds(self) -> i64 {
        // Days by the civil calendar, with years that begin in March so that the leap day is the last.
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let year = if month <= 2 { year.saturating_sub(1) } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = month.saturating_add(9).rem_euclid(12);
        let day_of_year = month_from_march
            .saturating_mul(153)
            .saturating_add(2)
            .div_euclid(5)
            .saturating_add(i64::from(self.day));
        let day_of_era = year_of_era
            .saturating_mul(365)
            .saturating_add(year_of_era.div_euclid(4))
            .saturating_sub(year_of_era.div_euclid(100))
            .saturating_add(day_of_year);
        let days = era.saturating_mul(146_097).saturating_add(day_of_era).saturating_sub(719_469);
        let (hour, minute, second) = (i64::from(self.hour), i64::from(self.minute), i64::from(self.second));
        let in_day =
            hour.saturating_mul(3600).saturating_add(minute.saturating_mul(60)).saturating_add(second);
        days.saturating_mul(86_400).saturating_add(in_day)
    }

    /// The moment of a wall clock that counts these seconds since 1970-01-01 00:00:00; the first or the last one
    /// there is, where the year would not be one of 1 to 9999.
    pub fn from_wall_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let in_day = seconds.rem_euclid(86_400);
        // The inverse of `wall_seconds`, in the same calendar of years that begin in March.
        let days = days.saturating_add(719_468);
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let leaps = day_of_era
            .div_euclid(1460)
            .saturating_sub(day_of_era.div_euclid(36_524))
            .saturating_add(day_of_era.div_euclid(146_096));
        let year_of_era = day_of_era.saturating_sub(leaps).div_euclid(365);
        let first_of_year = year_of_era
            .saturating_mul(365)
            .saturating_add(year_of_era.div_euclid(4))
            .saturating_sub(year_of_era.div_euclid(100));
        let day_of_year = day_of_era.saturating_sub(first_of_year);
        let month_from_march = day_of_year.saturating_mul(5).saturating_add(2).div_euclid(153);
        let day = day_of_year
            .saturating_sub(month_from_march.saturating_mul(153).saturating_add(2).div_euclid(5))
            .saturating_add(1);
        let month = month_from_march.saturating_add(2).rem_euclid(12).saturating_add(1);
        let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(i64::from(month <= 2));
        let part = |part: i64| u32::try_from(part).unwrap_or(u32::MAX);
        let (hour, rest) = (in_day.div_euclid(3600), in_day.rem_euclid(3600));
        let (minute, second) = (rest.div_euclid(60), rest.rem_euclid(60));
        let moment = Self::new(part(year), part(month), part(day), part(hour), part(minute), part(second));
        moment.unwrap_or(if seconds < 0 { Self::FIRST } else { Self::LAST })
    }

    /// The first and the last second of its minute.
    pub fn minute(self) -> (Self, Self) {
        (Self { second: 0, ..self }, Self { second: 59, ..self })
    }

    /// `YYYYMMDDTHHMMSS`, as the QR text has it.
    pub fn compact(self) -> impl fmt::Display {
        struct Compact(LocalDateTime);
        impl fmt::Display for Compact {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let LocalDateTime { year, month, day, hour, minute, second } = self.0;
                write!(f, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
            }
        }
        Compact(self)
    }

    /// Reads `YYYYMMDDTHHMMSS`; seconds may be left out, as some tills print the QR text without them.
    pub fn parse_compact(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        if date.len() != 8 || !(time.len() == 6 || time.len() == 4) {
            return None;
        }
        let number = |text: Option<&str>| {
            text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u32>().ok()
        };
        let second = if time.len() == 6 { number(time.get(4..6))? } else { 0 };
        Self::new(
            number(date.get(..4))?,
            number(date.get(4..6))?,
            number(date.get(6..8))?,
            number(time.get(..2))?,
            number(time.get(2..4))?,
            second,
        )
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Written as `YYYY-MM-DDTHH:MM:SS`.
impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// A moment on the server's clock: milliseconds of the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Milliseconds from `earlier` to this moment; 0 when it lies after.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds of a wall clock that is `offset_seconds` ahead of UTC, comparable with
    /// [`LocalDateTime::wall_seconds`]; the milliseconds are cut off.
    pub fn wall_seconds(self, offset_seconds: i32) -> i64 {
        let seconds = i64::try_from(self.0.checked_div(1000).unwrap_or(0)).unwrap_or(i64::MAX);
        seconds.saturating_add(i64::from(offset_seconds))
    }

    /// What a wall clock shows that is `offset_seconds` ahead of UTC.
    pub fn wall(self, offset_seconds: i32) -> LocalDateTime {
        LocalDateTime::from_wall_seconds(self.wall_seconds(offset_seconds))
    }

    /// This moment and so many seconds.
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_and_writes_as_bills_and_coins() {
        let sum = Tiyn::from_wire(696, 90).unwrap();
        assert_eq!(
            (sum.get(), sum.bills(), sum.coins(), sum.to_string().as_str()),
            (69_690, 696, 90, "696.90")
        );
        assert_eq!(Tiyn::from_wire(1, 100), None);
        assert_eq!(Tiyn::from_wire(u64::MAX, 0), None);
        assert_eq!(Tiyn::from_wire(92_233_720_368_547_758, 7).map(Tiyn::get), Some(i64::MAX));
        assert_eq!(SignedTenge(-5).to_string(), "-0.05");
    }

    #[test]
    fn a_date_that_does_not_exist_cannot_be_made() {
        assert!(LocalDateTime::new(2026, 2, 29, 0, 0, 0).is_none());
        assert!(LocalDateTime::new(2024, 2, 29, 23, 59, 59).is_some());
        assert!(LocalDateTime::new(1900, 2, 29, 0, 0, 0).is_none());
        for (year, month, day, hour, minute, second) in [
            (0, 1, 1, 0, 0, 0),
            (2026, 13, 1, 0, 0, 0),
            (2026, 4, 31, 0, 0, 0),
            (2026, 1, 1, 24, 0, 0),
            (2026, 1, 1, 0, 60, 0),
            (2026, 1, 1, 0, 0, 60),
        ] {
            assert!(LocalDateTime::new(year, month, day, hour, minute, second).is_none());
        }
    }

    #[test]
    fn wall_seconds_follow_the_calendar() {
        let at = |y, m, d| LocalDateTime::new(y, m, d, 0, 0, 0).unwrap().wall_seconds();
        assert_eq!(at(1970, 1, 1), 0);
        assert_eq!(at(2000, 3, 1), 951_868_800);
        assert_eq!(at(2026, 1, 22), 1_769_040_000);
        assert_eq!(at(1899, 12, 30), -2_209_161_600);
        assert_eq!(UnixMillis(1_769_040_000_999).wall_seconds(5 * 3600), 1_769_058_000);
    }

    #[test]
    fn a_moment_is_read_back_from_its_wall_seconds() {
        let moments =
            [(1, 1, 1), (1899, 12, 30), (1969, 12, 31), (2000, 2, 29), (2024, 2, 29), (2026, 1, 22)];
        for (year, month, day) in moments.into_iter().chain([(2100, 3, 1), (9999, 12, 31)]) {
            let moment = LocalDateTime::new(year, month, day, 17, 9, 16).unwrap();
            assert_eq!(LocalDateTime::from_wall_seconds(moment.wall_seconds()), moment);
        }
        let first = LocalDateTime::new(1900, 1, 1, 0, 0, 0).unwrap().wall_seconds();
        for day in 0..80_000 {
            let seconds = first + day * 86_400 + day;
            assert_eq!(LocalDateTime::from_wall_seconds(seconds).wall_seconds(), seconds);
        }
        assert_eq!(LocalDateTime::from_wall_seconds(i64::MAX), LocalDateTime::LAST);
        assert_eq!(LocalDateTime::from_wall_seconds(i64::MIN), LocalDateTime::FIRST);
        assert_eq!(UnixMillis(u64::MAX).wall(5 * 3600), LocalDateTime::LAST);
        assert_eq!(UnixMillis(1_769_040_000_999).wall(5 * 3600).to_string(), "2026-01-22T05:00:00");
    }

    #[test]
    fn the_compact_form_is_read_back() {
        let moment = LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap();
        assert_eq!(moment.compact().to_string(), "20260122T170916");
        assert_eq!(LocalDateTime::parse_compact("20260122T170916"), Some(moment));
        for wrong in
            ["", "T", "20260122", "20260122T17091", "2026012xT170916", "+0260122T170916", "20260132T170916"]
        {
            assert_eq!(LocalDateTime::parse_compact(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_minute_has_a_first_and_a_last_second() {
        let at = |second| LocalDateTime::new(2026, 1, 22, 17, 9, second).unwrap();
        assert_eq!(at(16).minute(), (at(0), at(59)));
    }

    #[test]
    fn a_rotated_token_always_differs() {
        assert_eq!(Token::from_drawn(0), Token(1));
        assert_eq!(Token(5).other_than(Token(5)), Token(6));
        assert_eq!(Token(TOKEN_MAX).other_than(Token(TOKEN_MAX)), Token(1));
        assert_eq!(format!("{:?}", Token(5)), "Token(redacted)");
    }
}
