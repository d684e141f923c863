//! Decimal numbers in JSON, written digit by digit: no float ever holds a sum.

use ofd_protocol::types::LocalDateTime;
use ofd_protocol::types::UnixMillis;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A number with a fixed count of decimals, written without those that are needless: 69690 hundredths are `696.9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The number without its decimal point.
    digits: i128,
    /// How many of the digits are decimals.
    decimals: usize,
}

impl Decimal {
    /// A sum in tiyn as tenge.
    pub fn tenge(tiyn: i64) -> Self {
        Self { digits: i128::from(tiyn), decimals: 2 }
    }

    /// Thousandths: a quantity, or a rate in percent.
    pub fn thousandths(value: i128) -> Self {
        Self { digits: value, decimals: 3 }
    }

    /// As a number of JSON: a point, and no zeros at its end.
    pub fn text(self) -> String {
        let width = self.decimals.saturating_add(1);
        let digits = format!("{:0>width$}", self.digits.unsigned_abs());
        let (whole, part) = digits.split_at(digits.len().saturating_sub(self.decimals));
        let part = part.trim_end_matches('0');
        let sign = if self.digits < 0 { "-" } else { "" };
        if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.text()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// A moment of the server's clock as RFC 3339 in UTC.
pub fn utc(at: UnixMillis) -> String {
    let nanos = i128::from(at.0).saturating_mul(1_000_000);
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned()) // beyond what RFC 3339 can say
}

/// A moment of a device's clock as RFC 3339 with the offset of the configured zone.
pub fn zoned(at: LocalDateTime, offset_seconds: i32) -> String {
    let sign = if offset_seconds < 0 { '-' } else { '+' };
    let minutes = offset_seconds.unsigned_abs().checked_div(60).unwrap_or(0);
    let (hours, minutes) = (minutes.checked_div(60).unwrap_or(0), minutes.checked_rem(60).unwrap_or(0));
    format!("{at}{sign}{hours:02}:{minutes:02}")
}

/// The device's wall clock at a moment of the server's, in the configured zone.
pub fn wall(at: UnixMillis, offset_seconds: i32) -> Option<LocalDateTime> {
    let at = OffsetDateTime::from_unix_timestamp(at.wall_seconds(offset_seconds)).ok()?;
    let (date, time) = (at.date(), at.time());
    LocalDateTime::new(
        u32::try_from(date.year()).ok()?,
        u32::from(u8::from(date.month())),
        u32::from(date.day()),
        u32::from(time.hour()),
        u32::from(time.minute()),
        u32::from(time.second()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_short() {
        let json = |number: Decimal| serde_json::to_string(&number).unwrap();
        assert_eq!(json(Decimal::tenge(69_690)), "696.9");
        assert_eq!(json(Decimal::tenge(15_000)), "150");
        assert_eq!(json(Decimal::tenge(-5)), "-0.05");
        assert_eq!(json(Decimal::tenge(0)), "0");
        assert_eq!(json(Decimal::tenge(i64::MAX)), "92233720368547758.07");
        assert_eq!(json(Decimal::thousandths(2_500)), "2.5");
        assert_eq!(json(Decimal::thousandths(16_000)), "16");
    }

    #[test]
    fn moments_are_rfc_3339() {
        assert_eq!(utc(UnixMillis(1_769_083_756_120)), "2026-01-22T12:09:16.12Z");
        let at = LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap();
        assert_eq!(zoned(at, 18_000), "2026-01-22T17:09:16+05:00");
        assert_eq!(zoned(at, -12_600), "2026-01-22T17:09:16-03:30");
        assert_eq!(wall(UnixMillis(1_769_083_756_999), 18_000), Some(at));
        assert_eq!(utc(UnixMillis(u64::MAX)), "9999-12-31T23:59:59Z");
    }
}
