//! Days as people here write them, `22.01.2026`, whatever language the browser is in.

use ofd_protocol::types::UnixMillis;
use time::{Date, Month};

/// No day that is typed here is of another century than this or the last.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// A day as it may be typed: `22.01.2026`, with other marks between, with none as on a keyboard of digits, or with the
/// year first as programs write it.
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    let parts: Vec<&str> = match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (day, rest) = text.split_at_checked(2)?;
            let (month, year) = rest.split_at_checked(2)?;
            vec![day, month, year]
        }
        0..=10 => text.split(['.', '/', '-', ' ']).collect(),
        _ => return None,
    };
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let number = |text: &str, len: std::ops::RangeInclusive<usize>| {
        let is_number = len.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse::<u16>().ok() } else { None }
    };
    let (year, month, day) = (number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// A day as fields show it.
pub fn written(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), u8::from(date.month()), date.year())
}

/// A day as it is kept.
pub fn kept(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// The day it is in wall time that is so far ahead of UTC.
pub fn today(now: UnixMillis, offset_seconds: i32) -> Date {
    let wall = time::OffsetDateTime::from_unix_timestamp(now.wall_seconds(offset_seconds));
    wall.map_or(Date::MAX, time::OffsetDateTime::date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_however_it_is_typed() {
        for text in
            ["22.01.2026", " 22.1.2026 ", "22/01/2026", "22-01-2026", "22 01 2026", "22012026", "2026-01-22"]
        {
            let read = day(text).unwrap();
            assert_eq!((written(read), kept(read)), ("22.01.2026".into(), "2026-01-22".into()), "{text}");
        }
        assert_eq!(written(day("1.2.2026").unwrap()), "01.02.2026", "the day comes first");
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "22",
            "22.01",
            "22.01.26",
            "30.02.2026",
            "01.13.2026",
            "2026-1-32",
            "22.01.2026.",
            "x.y.z",
            "+2.01.2026",
            "22012026000",
            "٢٢.٠١.٢٠٢٦",
            "01.01.1899",
            "22..2026",
            "1 января",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
