//! Sums and days as files write them, and texts of bounded length.

use time::{Date, Month};

use crate::tiyn::Tiyn;

use super::fault::{SumFault, Wrong};

/// The most characters of a name, a number or a code.
pub(super) const NAME_MAX: usize = 500;

/// The most characters of a purpose.
pub(super) const PURPOSE_MAX: usize = 4_000;

/// How days are written in files of 1C.
pub(super) const DOTTED: &str = "dd.mm.yyyy";

/// How days are written in XML.
pub(super) const ISO: &str = "yyyy-mm-dd";

/// How days are written in MT940.
pub(super) const SIX: &str = "yymmdd";

/// The years that a day of a statement may be of.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// How much of a wrong text is shown.
const SHOWN: usize = 60;

/// A balance: digits with one of these marks before at most two decimals, with a minus where the account is in debt.
pub(super) fn balance(field: &str, text: &str, marks: &[char]) -> Result<Tiyn, Wrong> {
    amount(text.trim(), marks).map_err(|why| sum_fault(field, text, why))
}

/// The sum of a movement: as a balance, but above zero.
pub(super) fn movement(field: &str, text: &str, marks: &[char]) -> Result<Tiyn, Wrong> {
    let positive = |sum: Tiyn| match sum.get() {
        0 => Err(SumFault::Zero),
        ..0 => Err(SumFault::Negative),
        _ => Ok(sum),
    };
    amount(text.trim(), marks).and_then(positive).map_err(|why| sum_fault(field, text, why))
}

/// A fault of a sum, with what stands there.
pub(super) fn sum_fault(field: &str, text: &str, why: SumFault) -> Wrong {
    Wrong::Sum { field: field.to_owned(), text: shown(text), why }
}

fn amount(text: &str, marks: &[char]) -> Result<Tiyn, SumFault> {
    let (minus, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, decimals) = digits.split_once(marks).unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(decimals) {
        return Err(SumFault::Form);
    }
    if decimals.len() > 2 {
        return Err(SumFault::Decimals);
    }
    let tiyn: i64 = format!("{whole}{decimals:0<2}").parse().map_err(|_| SumFault::TooGreat)?;
    let sum = Tiyn::new(tiyn).map_err(|_| SumFault::TooGreat)?;
    Ok(if minus { sum.negated() } else { sum })
}

/// A day as `30.11.2026`; a time behind it is left out.
pub(super) fn dotted(field: &str, text: &str) -> Result<Date, Wrong> {
    let read = || {
        let day = before_time(text.trim())?;
        let [d1, d2, b'.', m1, m2, b'.', year @ ..] = day.as_bytes() else { return None };
        date(year, &[*m1, *m2], &[*d1, *d2])
    };
    read().ok_or_else(|| day_fault(field, text, DOTTED))
}

/// A day as `2026-11-30`; a time or a zone behind it is left out.
pub(super) fn iso(field: &str, text: &str) -> Result<Date, Wrong> {
    let read = || {
        let (day, rest) = text.trim().split_at_checked(10)?;
        let behind = rest.is_empty() || rest.starts_with(['T', ' ', 'Z', '+', '-']);
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = day.as_bytes() else { return None };
        date(&[*y1, *y2, *y3, *y4], &[*m1, *m2], &[*d1, *d2]).filter(|_| behind)
    };
    read().ok_or_else(|| day_fault(field, text, ISO))
}

/// A day as `261130`.
pub(super) fn six(field: &str, text: &str) -> Result<Date, Wrong> {
    let read = || {
        let [y1, y2, m1, m2, d1, d2] = text.as_bytes() else { return None };
        date(&[b'2', b'0', *y1, *y2], &[*m1, *m2], &[*d1, *d2])
    };
    read().ok_or_else(|| day_fault(field, text, SIX))
}

/// The text up to a space, if what follows it looks like a time.
fn before_time(text: &str) -> Option<&str> {
    let Some((day, time)) = text.split_once(' ') else { return Some(text) };
    let is_time = time.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
    is_time.then_some(day)
}

/// A day of its digits.
pub(super) fn date(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    let number = |digits: &[u8], len: usize| {
        let good = digits.len() == len && digits.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(digits).ok().filter(|_| good)?.parse::<u16>().ok()
    };
    let year = i32::from(number(year, 4)?);
    let month = Month::try_from(u8::try_from(number(month, 2)?).ok()?).ok()?;
    let day = u8::try_from(number(day, 2)?).ok()?;
    Date::from_calendar_date(year, month, day).ok().filter(|_| YEARS.contains(&year))
}

/// A fault of a day, with what stands there.
pub(super) fn day_fault(field: &str, text: &str, form: &'static str) -> Wrong {
    Wrong::Day { field: field.to_owned(), text: shown(text), form }
}

/// The beginning of a text that is told in a fault.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// The text without what surrounds it, `None` when nothing is left.
///
/// # Errors
/// [`Wrong::TooLong`] beyond so many characters.
pub(super) fn text_of(field: &str, text: &str, max: usize) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Wrong::TooLong { field: field.to_owned(), max });
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Refuses every currency but the tenge.
pub(super) fn tenge(found: &str) -> Result<(), Wrong> {
    let found = found.trim();
    if matches!(found.to_lowercase().as_str(), "kzt" | "398" | "тенге" | "теңге") {
        Ok(())
    } else {
        Err(Wrong::Currency { found: shown(found) })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn sums_are_read_exactly_or_refused() {
        let read = |text: &str| movement("Сумма", text, &['.', ',']).map(Tiyn::get);
        for (text, tiyn) in [
            ("1", 100),
            ("1.", 100),
            ("1.5", 150),
            ("0,01", 1),
            ("202742.8", 20_274_280),
            ("0001.10", 110),
            (" 7745.70 ", 774_570),
            ("10000000000000", 1_000_000_000_000_000),
        ] {
            assert_eq!(read(text), Ok(tiyn), "{text}");
        }
        for (text, why) in [
            ("", SumFault::Form),
            (".5", SumFault::Form),
            ("1 000", SumFault::Form),
            ("1.2.3", SumFault::Form),
            ("+1", SumFault::Form),
            ("1e5", SumFault::Form),
            ("--1", SumFault::Form),
            ("１", SumFault::Form),
            ("NaN", SumFault::Form),
            ("1.005", SumFault::Decimals),
            ("1.000", SumFault::Decimals),
            ("10000000000000.01", SumFault::TooGreat),
            ("99999999999999999999999999", SumFault::TooGreat),
            ("-5", SumFault::Negative),
            ("0", SumFault::Zero),
            ("-0.00", SumFault::Zero),
        ] {
            assert_eq!(read(text), Err(sum_fault("Сумма", text, why)), "{text}");
        }
        assert_eq!(balance("Остаток", "-1.50", &['.']).map(Tiyn::get), Ok(-150));
        assert_eq!(balance("Остаток", "0", &['.']).map(Tiyn::get), Ok(0));
    }

    #[test]
    fn days_are_read_or_refused() {
        let day = date!(2026 - 11 - 30);
        assert_eq!(dotted("Дата", "30.11.2026"), Ok(day));
        assert_eq!(dotted("Дата", "30.11.2026 12:13:14"), Ok(day));
        assert_eq!(iso("Dt", "2026-11-30"), Ok(day));
        assert_eq!(iso("Dt", "2026-11-30T23:59:59+05:00"), Ok(day));
        assert_eq!(iso("Dt", "2026-11-30+05:00"), Ok(day));
        assert_eq!(six("61", "261130"), Ok(day));
        for text in [
            "",
            "31.11.2026",
            "30.11.26",
            "30/11/2026",
            "2026-11-30",
            "30.11.2026x",
            "30.11.1999",
            "3٠.11.2026",
        ] {
            assert_eq!(dotted("Дата", text), Err(day_fault("Дата", text, DOTTED)), "{text}");
        }
        for text in ["2026-11-3", "2026-02-29", "2026-11-30x", "30.11.2026"] {
            assert!(iso("Dt", text).is_err(), "{text}");
        }
        assert!(six("61", "261131").is_err());
    }

    #[test]
    fn only_tenge_are_taken() {
        for text in ["KZT", "kzt", "398", " Тенге "] {
            assert_eq!(tenge(text), Ok(()));
        }
        for text in ["", "USD", "RUB", "KZ"] {
            assert!(tenge(text).is_err(), "{text}");
        }
    }
}
