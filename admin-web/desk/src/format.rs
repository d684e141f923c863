//! Sums, quantities, dates and organisations as each language writes them. Integers only.

use ofd_office::language::Language;
use ofd_protocol::types::{LocalDateTime, TIYN_PER_TENGE};
use ofd_protocol::version::PERCENT_SCALE;

/// Between groups of digits, and before a unit: the line does not break there.
const SPACE: char = '\u{a0}';

/// Thousandths in a unit of goods.
pub const QUANTITY_SCALE: u32 = 1000;

/// A number of `scale`-ths (a power of ten) with a group separator and a decimal mark.
struct Number {
    group: char,
    mark: char,
}

impl Number {
    fn of(language: Language) -> Self {
        match language {
            Language::Russian | Language::Kazakh => Self { group: SPACE, mark: ',' },
            Language::English => Self { group: ',', mark: '.' },
        }
    }

    /// Writes whole units and `decimals` digits of the rest.
    fn write(&self, whole: u128, rest: u128, decimals: usize) -> String {
        let digits = whole.to_string();
        let mut out = String::with_capacity(digits.len().saturating_mul(2));
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
                out.push(self.group);
            }
            out.push(digit);
        }
        if decimals > 0 {
            out.push(self.mark);
            out.push_str(&format!("{rest:0>decimals$}"));
        }
        out
    }
}

fn parts(value: u128, scale: u32) -> (u128, u128) {
    let scale = u128::from(scale);
    (value.checked_div(scale).unwrap_or(0), value.checked_rem(scale).unwrap_or(0))
}

/// A sum in tiyn: `1 234,56 ₸` or `₸1,234.56`.
pub fn sum(language: Language, tiyn: i64) -> String {
    let scale = u32::try_from(TIYN_PER_TENGE).unwrap_or(1);
    let (whole, rest) = parts(u128::from(tiyn.unsigned_abs()), scale);
    let number = Number::of(language).write(whole, rest, 2);
    let sign = if tiyn < 0 { "-" } else { "" };
    match language {
        Language::Russian | Language::Kazakh => format!("{sign}{number}{SPACE}₸"),
        Language::English => format!("{sign}₸{number}"),
    }
}

/// Thousandths with as many decimals as are needed: `2,5`.
fn thousandths(language: Language, value: u128, scale: u32) -> String {
    let (whole, rest) = parts(value, scale);
    let digits = format!("{rest:03}");
    let needed = digits.trim_end_matches('0');
    let rest = needed.parse().unwrap_or(0);
    Number::of(language).write(whole, rest, needed.len())
}

/// A quantity in thousandths: `2,5`.
pub fn quantity(language: Language, value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", thousandths(language, value.unsigned_abs(), QUANTITY_SCALE))
}

/// A rate in thousandths of a percent: `16 %` or `16%`.
pub fn percent(language: Language, value: u32) -> String {
    let number = thousandths(language, u128::from(value), PERCENT_SCALE);
    match language {
        Language::Russian | Language::Kazakh => format!("{number}{SPACE}%"),
        Language::English => format!("{number}%"),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time: `22.01.2026, 17:09:16` or `22 Jan 2026, 17:09:16`.
pub fn moment(language: Language, at: LocalDateTime) -> String {
    let ((year, month, day), (hour, minute, second)) = (at.date(), at.time());
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    match language {
        Language::Russian | Language::Kazakh => format!("{day:02}.{month:02}.{year:04}, {time}"),
        Language::English => {
            let month = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
            format!("{day}{SPACE}{month} {year}, {time}")
        }
    }
}

/// What the name of a sole trader begins with in Russian; the site and the authorities write it so.
const SOLE_TRADER: &str = "ИП ";

/// The same in Kazakh.
const SOLE_TRADER_KAZAKH: &str = "ЖК ";

/// An organisation's name. Names are proper names and stay as documents have them; what a sole trader's begins with is
/// a word, and each language has its own.
pub fn organisation(language: Language, title: &str) -> String {
    match (language, title.strip_prefix(SOLE_TRADER)) {
        (Language::Kazakh, Some(name)) => format!("{SOLE_TRADER_KAZAKH}{name}"),
        (Language::Kazakh | Language::Russian | Language::English, _) => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_each_language_does() {
        assert_eq!(sum(Language::Russian, 123_456), "1\u{a0}234,56\u{a0}₸");
        assert_eq!(sum(Language::Kazakh, 100_000_000), "1\u{a0}000\u{a0}000,00\u{a0}₸");
        assert_eq!(sum(Language::English, 123_456), "₸1,234.56");
        assert_eq!(sum(Language::English, -5), "-₸0.05");
        assert_eq!(sum(Language::Russian, -69_690), "-696,90\u{a0}₸");
        assert_eq!(sum(Language::English, i64::MIN), "-₸92,233,720,368,547,758.08");
    }

    #[test]
    fn quantities_and_rates_have_no_needless_zeros() {
        assert_eq!(quantity(Language::Russian, 2_500), "2,5");
        assert_eq!(quantity(Language::English, 1_234_000), "1,234");
        assert_eq!(quantity(Language::English, -1), "-0.001");
        assert_eq!(quantity(Language::English, 1_050), "1.05");
        assert_eq!(percent(Language::Russian, 16_000), "16\u{a0}%");
        assert_eq!(percent(Language::English, 12_500), "12.5%");
        assert_eq!(percent(Language::Kazakh, 0), "0\u{a0}%");
    }

    #[test]
    fn a_sole_trader_is_called_one_in_the_pages_language() {
        assert_eq!(organisation(Language::Kazakh, "ИП АХМЕТОВА АЙГУЛЬ"), "ЖК АХМЕТОВА АЙГУЛЬ");
        assert_eq!(organisation(Language::Russian, "ИП АХМЕТОВА АЙГУЛЬ"), "ИП АХМЕТОВА АЙГУЛЬ");
        assert_eq!(organisation(Language::Kazakh, "ТОО «ИП Плюс»"), "ТОО «ИП Плюс»");
    }

    #[test]
    fn dates_are_written_as_each_language_does() {
        let at = LocalDateTime::new(2026, 1, 2, 7, 9, 6).unwrap();
        assert_eq!(moment(Language::Russian, at), "02.01.2026, 07:09:06");
        assert_eq!(moment(Language::English, at), "2\u{a0}Jan 2026, 07:09:06");
    }
}
