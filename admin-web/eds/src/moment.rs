//! Points in time, to the second.

use std::fmt;
use std::time::Duration;

use der::DateTime;

use crate::tlv::{FormatError, GENERALIZED_TIME, Items, UTC_TIME};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// From seconds since 1970.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// So many seconds later, or as late as can be said.
    pub(crate) const fn later(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    fn from_parts(text: &[u8], year_digits: usize) -> Option<Self> {
        let number = |at: usize, digits: usize| -> Option<u16> {
            let part = text.get(at..at.checked_add(digits)?)?;
            part.iter().try_fold(0_u16, |sum, byte| {
                byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte.wrapping_sub(b'0')))
            })
        };
        let pair = |index: usize| u8::try_from(number(year_digits + 2 * index, 2)?).ok();
        let year = number(0, year_digits)?;
        // Two digits mean 1950 to 2049 (RFC 5280).
        let year = match year_digits {
            2 if year < 50 => year + 2000,
            2 => year + 1900,
            _ => year,
        };
        // The days before 1970 are not told apart: no certificate is older.
        if year < 1970 {
            return Some(Self(0));
        }
        let time = DateTime::new(year, pair(0)?, pair(1)?, pair(2)?, pair(3)?, pair(4)?).ok()?;
        i64::try_from(time.unix_duration().as_secs()).ok().map(Self)
    }

    fn utc(text: &[u8]) -> Option<Self> {
        Self::from_parts(text.strip_suffix(b"Z").filter(|digits| digits.len() == 12)?, 2)
    }

    /// Fractions of a second, which time stamps may have, are left out.
    fn generalized(text: &[u8]) -> Option<Self> {
        let (whole, rest) = text.strip_suffix(b"Z")?.split_at_checked(14)?;
        let fraction = rest.strip_prefix(b".");
        let is_whole = rest.is_empty();
        let is_fraction =
            fraction.is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
        if is_whole || is_fraction { Self::from_parts(whole, 4) } else { None }
    }
}

impl fmt::Display for Moment {
    /// As RFC 3339 has it, in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = u64::try_from(self.0).unwrap_or_default();
        match DateTime::from_unix_duration(Duration::from_secs(seconds)) {
            Ok(time) => time.fmt(f),
            Err(_) => write!(f, "{} seconds after 1970", self.0),
        }
    }
}

impl Items<'_> {
    /// A Time: UTCTime or GeneralizedTime.
    pub(crate) fn time(&mut self) -> Result<Moment, FormatError> {
        let item = self.any()?;
        match item.tag {
            UTC_TIME => Moment::utc(item.value),
            GENERALIZED_TIME => Moment::generalized(item.value),
            _ => None,
        }
        .ok_or_else(|| self.malformed())
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn times_are_read_as_the_standards_write_them() {
        assert_eq!(
            Moment::utc(b"260703205151Z").map(|t| t.to_string()).as_deref(),
            Some("2026-07-03T20:51:51Z")
        );
        assert_eq!(
            Moment::utc(b"490101000000Z").map(|t| t.to_string()).as_deref(),
            Some("2049-01-01T00:00:00Z")
        );
        assert_eq!(
            Moment::generalized(b"20260703205151.25Z").map(|t| t.to_string()).as_deref(),
            Some("2026-07-03T20:51:51Z")
        );
        for wrong in ["260703205151", "2607032051Z", "261303205151Z", "26070320515xZ", "", "Z"] {
            assert_eq!(Moment::utc(wrong.as_bytes()), None, "{wrong}");
        }
        for wrong in ["20260703205151", "20260703205151.Z", "20260703205151+0500", "20260230000000Z", "é2026"]
        {
            assert_eq!(Moment::generalized(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
