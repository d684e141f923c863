//! What was asked for, and whether a stored receipt is it. Everything must match.

use ofd_protocol::register::DocumentKind;
use ofd_protocol::types::{LocalDateTime, TIYN_PER_TENGE, Tiyn};
use ofd_storage::registers::Document;

use crate::day::day;

/// The parameters of a receipt check, as the QR text has them.
pub(crate) const PARAMETERS: [&str; 4] = ["i", "f", "s", "t"];

/// A number with more characters than this is none, what divides its groups of digits included: eighteen digits, each with
/// a blank behind it, have some forty.
const NUMBER_LEN_MAX: usize = 64;

/// Ticket numbers have 12 to 18 digits, offline numbers up to 10 (WIRE section 7): the two never collide.
const NUMBER_DIGITS_MAX: usize = 18;
const TICKET_NUMBER_DIGITS_MIN: usize = 12;

/// The number the tax authority gives has 12 digits; a longer text is none.
const FNS_KKM_ID_LEN_MAX: usize = 20;

/// A sum with more characters than this is none.
const SUM_LEN_MAX: usize = 64;

/// What people put between groups of digits, beside blanks: hyphens and dashes of any width.
const DASHES: [char; 6] = ['-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—'];

/// How people write the currency before or behind a sum, in small letters.
const CURRENCY: [&str; 7] = ["₸", "тенге", "теңге", "тнг", "тг.", "тг", "kzt"];

/// The number that a receipt is asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// The fiscal sign.
    Ticket(u64),
    /// The number it got without a link.
    Offline(u32),
}

/// The time that a receipt is asked for by; some tills print it without seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The time; seconds that are left out are zero.
    pub(super) at: LocalDateTime,
    /// Whether seconds were given.
    pub(super) has_seconds: bool,
}

/// A receipt check that can match something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The parameter `i`: a ticket number, or the number that the receipt got without a link.
    pub(super) number: Number,
    /// The parameter `f`: the number of the tax authority.
    pub(super) fns_kkm_id: String,
    /// `s`, as it may be read.
    pub(super) totals: Vec<Tiyn>,
    /// The parameter `t`: when the receipt was made.
    pub(super) moment: Moment,
}

/// What is wrong with a parameter, before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Nothing is there.
    Empty,
    /// A number with something else than digits.
    NoDigits,
    /// As many digits as no fiscal sign and no offline number has.
    NumberLength,
    /// More digits than the tax authority gives a register.
    RegisterLength,
    Sum,
    /// No date with a time.
    Time,
}

impl Check {
    /// Reads the four parameters; `None` when no receipt can have them.
    pub(super) fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Self::judged(parameter).ok()
    }

    /// The same, with what is wrong with each parameter that cannot be read.
    pub(super) fn judged<'a>(
        parameter: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, Vec<(&'static str, Unreadable)>> {
        let text = |name: &str| Some(parameter(name)?.trim()).filter(|text| !text.is_empty());
        let mut wrong = Vec::new();
        let number = note(&mut wrong, "i", text("i").ok_or(Unreadable::Empty).and_then(number));
        let fns_kkm_id = note(&mut wrong, "f", text("f").ok_or(Unreadable::Empty).and_then(fns_kkm_id));
        let totals = text("s")
            .ok_or(Unreadable::Empty)
            .and_then(|text| Some(totals(text)).filter(|totals| !totals.is_empty()).ok_or(Unreadable::Sum));
        let totals = note(&mut wrong, "s", totals);
        let moment = text("t").ok_or(Unreadable::Empty).and_then(|text| moment(text).ok_or(Unreadable::Time));
        let moment = note(&mut wrong, "t", moment);
        match (number, fns_kkm_id, totals, moment) {
            (Some(number), Some(fns_kkm_id), Some(totals), Some(moment)) => {
                Ok(Self { number, fns_kkm_id, totals, moment })
            }
            _ => Err(wrong),
        }
    }

    /// Whether a stored document is the receipt that was asked for, apart from its time.
    pub(super) fn matches(&self, document: &Document) -> bool {
        let is_number = match self.number {
            Number::Ticket(number) => document.ticket_number == Some(number),
            // Which receipts have an offline number, the store's index knows.
            Number::Offline(_) => true,
        };
        let is_total = document.total.is_some_and(|total| self.totals.contains(&total));
        document.kind == DocumentKind::Ticket && is_number && is_total
    }
}

impl Moment {
    /// Whether it is this time, as exactly as it was asked for.
    pub(super) fn is(self, at: LocalDateTime) -> bool {
        if self.has_seconds {
            return self.at == at;
        }
        self.at.minute() == at.minute()
    }
}

/// Notes what is wrong with a parameter.
fn note<T>(
    wrong: &mut Vec<(&'static str, Unreadable)>,
    name: &'static str,
    read: Result<T, Unreadable>,
) -> Option<T> {
    read.map_err(|unreadable| wrong.push((name, unreadable))).ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text as it was typed or copied, without what only divides it: blanks of any width, and marks that nobody sees.
fn without_blanks(text: &str) -> String {
    let is_unseen = |char: char| matches!(char, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    text.chars().filter(|char| !char.is_whitespace() && !is_unseen(*char)).collect()
}

/// The digits of a number as it stands on paper, in groups or with a sign before it: `№ 370-454-329`.
fn digits(typed: &str) -> Result<String, Unreadable> {
    if typed.chars().count() > NUMBER_LEN_MAX {
        return Err(Unreadable::NoDigits);
    }
    let text = without_blanks(typed).replace(DASHES, "");
    let text = text.strip_prefix('№').unwrap_or(&text);
    if is_digits(text) { Ok(text.to_owned()) } else { Err(Unreadable::NoDigits) }
}

/// A number: `370454329472674`, or in groups of digits as it stands on paper.
pub(super) fn number(typed: &str) -> Result<Number, Unreadable> {
    // A number below zero is none.
    if typed.starts_with(DASHES) {
        return Err(Unreadable::NoDigits);
    }
    let text = digits(typed)?;
    if text.len() > NUMBER_DIGITS_MAX {
        return Err(Unreadable::NumberLength);
    }
    let value: u64 = text.parse().map_err(|_| Unreadable::NumberLength)?;
    if value.to_string().len() >= TICKET_NUMBER_DIGITS_MIN {
        return Ok(Number::Ticket(value));
    }
    let offline = u32::try_from(value).ok().filter(|value| *value != 0);
    offline.map(Number::Offline).ok_or(Unreadable::NumberLength)
}

fn fns_kkm_id(typed: &str) -> Result<String, Unreadable> {
    let text = digits(typed)?;
    if text.len() <= FNS_KKM_ID_LEN_MAX { Ok(text) } else { Err(Unreadable::RegisterLength) }
}

/// The sums that a text may mean: `696.90`, `696.9`, `696,9`, `1 234,5 ₸` and `₸1,234.50` are what they say. There are
/// two only where a comma stands before three digits: it may divide groups, and it may divide the tiyn.
fn totals(typed: &str) -> Vec<Tiyn> {
    if typed.len() > SUM_LEN_MAX {
        return Vec::new();
    }
    let text = without_blanks(typed).to_lowercase();
    readings(without_currency(&text)).into_iter().filter_map(|(whole, part)| tiyn_of(&whole, part)).collect()
}

fn tiyn_of(whole: &str, part: &str) -> Option<Tiyn> {
    if !is_digits(whole) || !(part.is_empty() || is_digits(part)) {
        return None;
    }
    let (coins, beyond) = part.split_at_checked(2).unwrap_or((part, ""));
    if beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let coins = format!("{coins:0<2}").parse().ok()?;
    let tiyn = whole.parse::<i64>().ok()?.checked_mul(TIYN_PER_TENGE)?.checked_add(coins)?;
    Tiyn::new(tiyn)
}

fn without_currency(text: &str) -> &str {
    let before = CURRENCY.iter().find_map(|name| text.strip_prefix(name));
    before.or_else(|| CURRENCY.iter().find_map(|name| text.strip_suffix(name))).unwrap_or(text)
}

/// What may divide the digits of a sum.
const MARKS: [char; 4] = ['.', ',', '\'', '’'];

/// Whole tenge and the digits behind the decimal mark, as a text may be read: the last mark is the decimal one, unless
/// it stands there more than once or is none in any language.
fn readings(text: &str) -> Vec<(String, &str)> {
    let mut readings = Vec::new();
    let Some((at, mark)) = text.char_indices().rfind(|(_, char)| MARKS.contains(char)) else {
        return vec![(text.to_owned(), "")];
    };
    let (head, part) = text.split_at_checked(at).unwrap_or((text, ""));
    let part = part.strip_prefix(mark).unwrap_or(part);
    let is_decimal = matches!(mark, '.' | ',') && !head.contains(mark);
    match head.chars().find(|char| MARKS.contains(char)) {
        Some(other) if is_decimal => readings.extend(grouped(head, other).map(|whole| (whole, part))),
        None if is_decimal => readings.push((head.to_owned(), part)),
        Some(_) | None => {}
    }
    // A point never divides groups alone: `696.900` is how programs write `696.9`.
    if !is_decimal || (mark == ',' && !head.contains(MARKS)) {
        readings.extend(grouped(text, mark).map(|whole| (whole, "")));
    }
    readings
}

/// Groups of digits put together: three in each but the first. `None` where they are not divided so.
fn grouped(text: &str, mark: char) -> Option<String> {
    let mut groups = text.split(mark);
    let first =
        groups.next().filter(|first| first.len() <= 3 && is_digits(first) && !first.starts_with('0'))?;
    let others: Vec<&str> = groups.collect();
    let are_whole = others.iter().all(|group| group.len() == 3 && is_digits(group));
    are_whole.then(|| format!("{first}{}", others.concat()))
}

/// What may stand between a date and a time.
const BETWEEN: [char; 3] = [' ', ',', '\u{a0}'];

/// A time as people type it and as pages show it: `22.01.2026 17:09:16`.
fn typed_moment(text: &str) -> Option<Moment> {
    let (date, time) = text.trim().split_once(BETWEEN)?;
    let date = day(date)?;
    let number = |part: &str| {
        let is_number = matches!(part.len(), 1 | 2) && is_digits(part);
        if is_number { part.parse::<u32>().ok() } else { None }
    };
    let parts: Option<Vec<u32>> = time.trim_matches(BETWEEN).split(':').map(number).collect();
    let (hour, minute, second) = match *parts?.as_slice() {
        [hour, minute] => (hour, minute, None),
        [hour, minute, second] => (hour, minute, Some(second)),
        _ => return None,
    };
    let (year, month) = (u32::try_from(date.year()).ok()?, u32::from(u8::from(date.month())));
    let second_shown = second.unwrap_or(0);
    let at = LocalDateTime::new(year, month, date.day().into(), hour, minute, second_shown)?;
    Some(Moment { at, has_seconds: second.is_some() })
}

/// `YYYYMMDDTHHMMSS` of the QR text, `YYYY-MM-DDTHH:MM:SS` of a form, or as people type it; seconds may be left out.
fn moment(text: &str) -> Option<Moment> {
    if let Some(typed) = typed_moment(text) {
        return Some(typed);
    }
    let is_form = text.len() > 10 && text.as_bytes().get(4) == Some(&b'-');
    let compact: String = if is_form {
        text.chars().filter(|char| !matches!(char, '-' | ':')).collect()
    } else {
        text.to_owned()
    };
    let at = LocalDateTime::parse_compact(&compact)?;
    Some(Moment { at, has_seconds: compact.len() == "YYYYMMDDTHHMMSS".len() })
}

/// A time as people type it in the form, as exactly as it was asked for; `None` where the text is no time.
pub(super) fn form_moment(text: &str) -> Option<String> {
    let moment = moment(text)?;
    let at = moment.at.compact().to_string();
    let part = |range: std::ops::Range<usize>| at.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
    let second = if moment.has_seconds { format!(":{second}") } else { String::new() };
    Some(format!("{day}.{month}.{year} {hour}:{minute}{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiyn(sum: i64) -> Tiyn {
        Tiyn::new(sum).unwrap()
    }

    fn check(i: &str, f: &str, s: &str, t: &str) -> Option<Check> {
        Check::read(|name| match name {
            "i" => Some(i),
            "f" => Some(f),
            "s" => Some(s),
            "t" => Some(t),
            _ => None,
        })
    }

    #[test]
    fn a_sum_is_compared_as_a_number() {
        for text in ["696.90", "696.9", "0696.9", "696,90", "696.900", "6 96.9", "0696,900"] {
            assert_eq!(totals(text), [tiyn(69_690)], "{text}");
        }
        let nothing =
            ["", ".", ".9", "-1", "+1", "1e3", "696.901", "1.2.3", "0x1", "99999999999999999999", "٦"];
        for text in nothing {
            assert_eq!(totals(text), [], "{text}");
        }
    }

    #[test]
    fn a_sum_may_be_typed_as_it_stands_on_paper_or_on_our_page() {
        for text in [
            "1\u{a0}234,50\u{a0}₸",
            "1 234,50 ₸",
            "1\u{202f}234,5 тг",
            "1234.50 тг.",
            "₸1,234.50",
            "KZT 1,234.5",
            "1.234,50",
            "1'234.50",
            "1234,5 теңге",
            " \u{feff}1 234.50 Тенге ",
        ] {
            assert_eq!(totals(text), [tiyn(123_450)], "{text}");
        }
        for (text, sum) in [
            ("1\u{a0}234", 123_400),
            ("1,234", 123_400),
            ("1,234,567", 123_456_700),
            ("1.234.567", 123_456_700),
            ("1,234,567.8", 123_456_780),
            ("1’234’567", 123_456_700),
            ("10\u{a0}000\u{a0}000\u{a0}000\u{a0}000,00\u{a0}₸", 1_000_000_000_000_000),
        ] {
            assert_eq!(totals(text), [tiyn(sum)], "{text}");
        }
        assert_eq!(totals("1,230"), [tiyn(123), tiyn(123_000)], "both is meant somewhere");
        for text in ["₸", "₸₸1", "1,23,456.00", "0,123", "12 ₽", "1,234.5.6", "1.234,567.8", "'", "1'2"]
        {
            assert_eq!(totals(text), [], "{text}");
        }
    }

    #[test]
    fn a_time_may_lack_its_seconds_and_may_come_from_a_form() {
        let at = LocalDateTime::new(2026, 1, 22, 17, 9, 16).unwrap();
        let minute = LocalDateTime::new(2026, 1, 22, 17, 9, 0).unwrap();
        let read = |text| moment(text).map(|moment| (moment.at, moment.has_seconds));
        assert_eq!(read("20260122T170916"), Some((at, true)));
        assert_eq!(read("20260122T1709"), Some((minute, false)));
        assert_eq!(read("2026-01-22T17:09:16"), Some((at, true)));
        assert_eq!(read("2026-01-22T17:09"), Some((minute, false)));
        assert!(moment("20260122T1709").unwrap().is(at));
        assert!(!moment("20260122T170900").unwrap().is(at));
        assert_eq!(form_moment("20260122T170916").unwrap(), "22.01.2026 17:09:16");
        assert_eq!(form_moment("20260122T1709").unwrap(), "22.01.2026 17:09");
        assert_eq!(form_moment("завтра"), None);
        for text in
            ["22.01.2026 17:09:16", "22.01.2026, 17:09:16", " 22.1.2026\u{a0}17:9:16 ", "22012026 17:09:16"]
        {
            assert_eq!(read(text), Some((at, true)), "{text}");
        }
        assert_eq!(read("22.01.2026 17:09"), Some((minute, false)));
        assert_eq!(read("2026-01-22 17:09"), Some((minute, false)));
        for text in [
            "",
            "20260122",
            "2026-13-22T17:09",
            "T",
            "22.01.2026",
            "22.01.2026 17",
            "22.01.2026 25:09",
            "22.01.2026 17:09:16:1",
            "22.01.2026 17:",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_told_by_their_length() {
        assert_eq!(number("370454329472674"), Ok(Number::Ticket(370_454_329_472_674)));
        assert_eq!(number("4228143549"), Ok(Number::Offline(4_228_143_549)));
        assert_eq!(number("0000000001"), Ok(Number::Offline(1)));
        let spaced: String = "370454329472674".chars().flat_map(|char| [char, '\u{202f}']).collect();
        for text in [
            "370 454 329 472 674",
            "370\u{a0}454\u{a0}329\u{202f}472674",
            "\u{200e}370454329472674 ",
            "370-454-329-472-674",
            "№ 370454329472674",
            &spaced,
        ] {
            assert_eq!(number(text), Ok(Number::Ticket(370_454_329_472_674)), "{text:?}");
        }
        let long = " ".repeat(NUMBER_LEN_MAX + 1);
        for text in ["", "12a", "-1", "пять", &long] {
            assert_eq!(number(text), Err(Unreadable::NoDigits), "{text}");
        }
        for text in ["0", "9999999999", "12345678901", "1234567890123456789"] {
            assert_eq!(number(text), Err(Unreadable::NumberLength), "{text}");
        }
    }

    #[test]
    fn each_parameter_that_cannot_be_read_is_told_as_what_it_is() {
        let judged = |i: &'static str, f: &'static str, s: &'static str, t: &'static str| {
            let read = move |name: &str| {
                [("i", i), ("f", f), ("s", s), ("t", t)].into_iter().find(|(known, _)| *known == name)
            };
            Check::judged(move |name| read(name).map(|(_, value)| value)).unwrap_err()
        };
        assert_eq!(
            judged("пять", "", " пять ", "завтра"),
            [
                ("i", Unreadable::NoDigits),
                ("f", Unreadable::Empty),
                ("s", Unreadable::Sum),
                ("t", Unreadable::Time)
            ]
        );
        assert_eq!(
            judged("12345678901", "640300014538640300014538", "1", "20260122T170916"),
            [("i", Unreadable::NumberLength), ("f", Unreadable::RegisterLength)]
        );
    }

    #[test]
    fn a_part_that_is_missing_or_impossible_makes_no_check() {
        assert!(check("370454329472674", "640300014538", "1", "20260122T170916").is_some());
        assert!(check("370454329472674", "6403/", "1", "20260122T170916").is_none());
        let typed = check("370 454 329 472 674", "6403 0001 4538", "1 ₸", "20260122T170916").unwrap();
        assert_eq!(typed.fns_kkm_id, "640300014538");
        assert!(Check::read(|name| (name != "t").then_some("1")).is_none());
    }
}
