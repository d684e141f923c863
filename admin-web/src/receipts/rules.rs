//! What was asked for, and whether a stored receipt is it. Everything must match.

use ofd_protocol::register::DocumentKind;
use ofd_protocol::types::{LocalDateTime, TIYN_PER_TENGE, Tiyn};
use ofd_storage::registers::Document;

/// The parameters of a receipt check, as the QR text has them.
pub(crate) const PARAMETERS: [&str; 4] = ["i", "f", "s", "t"];

/// Ticket numbers have 12 to 18 digits, offline numbers up to 10 (WIRE section 7): the two never collide.
const NUMBER_DIGITS_MAX: usize = 18;
const TICKET_NUMBER_DIGITS_MIN: usize = 12;

/// The number the tax authority gives has 12 digits; a longer text is none.
const FNS_KKM_ID_LEN_MAX: usize = 20;

/// A sum with more characters than this is none.
const SUM_LEN_MAX: usize = 32;

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
pub(super) struct Check {
    /// `i`
    pub(super) number: Number,
    /// `f`
    pub(super) fns_kkm_id: String,
    /// `s`
    pub(super) total: Tiyn,
    /// `t`
    pub(super) moment: Moment,
}

impl Check {
    /// Reads the four parameters; `None` when no receipt can have them.
    pub(super) fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let [i, f, s, t] = PARAMETERS.map(|name| parameter(name).map(str::trim));
        Some(Self {
            number: number(i?)?,
            fns_kkm_id: fns_kkm_id(f?)?,
            total: total(s?)?,
            moment: moment(t?)?,
        })
    }

    /// Whether a stored document is the receipt that was asked for by its ticket number.
    pub(super) fn matches(&self, document: &Document) -> bool {
        let is_number = match self.number {
            Number::Ticket(number) => document.ticket_number == Some(number),
            // Which receipts have an offline number, the store's index knows.
            Number::Offline(_) => true,
        };
        document.kind == DocumentKind::Ticket
            && is_number
            && document.total == Some(self.total)
            && document.date_time.is_some_and(|at| self.moment.is(at))
    }
}

impl Moment {
    fn is(self, at: LocalDateTime) -> bool {
        if self.has_seconds {
            return self.at == at;
        }
        self.at.minute() == at.minute()
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str) -> Option<Number> {
    if !is_digits(text) || text.len() > NUMBER_DIGITS_MAX {
        return None;
    }
    let value: u64 = text.parse().ok()?;
    if value.to_string().len() >= TICKET_NUMBER_DIGITS_MIN {
        return Some(Number::Ticket(value));
    }
    u32::try_from(value).ok().filter(|value| *value != 0).map(Number::Offline)
}

fn fns_kkm_id(text: &str) -> Option<String> {
    (is_digits(text) && text.len() <= FNS_KKM_ID_LEN_MAX).then(|| text.to_owned())
}

/// A sum as a number: `696.90`, `696.9`, `696,9` and `1 234.5` are what they say.
fn total(text: &str) -> Option<Tiyn> {
    if text.len() > SUM_LEN_MAX {
        return None;
    }
    let text: String = text
        .chars()
        .filter(|char| !char.is_whitespace())
        .map(|char| if char == ',' { '.' } else { char })
        .collect();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
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

/// `YYYYMMDDTHHMMSS` of the QR text, or `YYYY-MM-DDTHH:MM:SS` of a form; seconds may be left out.
fn moment(text: &str) -> Option<Moment> {
    let is_form = text.len() > 10 && text.as_bytes().get(4) == Some(&b'-');
    let compact: String = if is_form {
        text.chars().filter(|char| !matches!(char, '-' | ':')).collect()
    } else {
        text.to_owned()
    };
    let at = LocalDateTime::parse_compact(&compact)?;
    Some(Moment { at, has_seconds: compact.len() == "YYYYMMDDTHHMMSS".len() })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for text in ["696.90", "696.9", "0696.9", "696,90", "696.900", "6 96.9"] {
            assert_eq!(total(text), Tiyn::new(69_690), "{text}");
        }
        assert_eq!(total("1\u{a0}234"), Tiyn::new(123_400));
        for text in ["", ".", ".9", "-1", "+1", "1e3", "696.901", "1.2.3", "0x1", "99999999999999999999", "٦"]
        {
            assert_eq!(total(text), None, "{text}");
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
        for text in ["", "20260122", "2026-13-22T17:09", "T", "2026-01-22 17:09"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_told_by_their_length() {
        assert_eq!(number("370454329472674"), Some(Number::Ticket(370_454_329_472_674)));
        assert_eq!(number("4228143549"), Some(Number::Offline(4_228_143_549)));
        assert_eq!(number("0000000001"), Some(Number::Offline(1)));
        for text in ["", "0", "9999999999", "12345678901", "1234567890123456789", "12a", "-1", " 1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_part_that_is_missing_or_impossible_makes_no_check() {
        assert!(check("370454329472674", "640300014538", "1", "20260122T170916").is_some());
        assert!(check("370454329472674", "6403/", "1", "20260122T170916").is_none());
        assert!(Check::read(|name| (name != "t").then_some("1")).is_none());
    }
}
