//! What the fields `:61:` and `:86:` of MT940 hold.
//!
//! `:86:` is free, and banks put into it what they like, in one of three ways: fields with codes between slashes, as Kazakhstan's own
//! payments have them (`/NAME/…/IDN/…/KNP/…/ASSIGN/…`); fields with a question mark and two digits (`?20…?32…`); or a text.

use time::{Date, Month};

use crate::tiyn::Tiyn;

use super::fault::{SumFault, Wrong};
use super::statement::{Direction, Party};
use super::sums::{NAME_MAX, PURPOSE_MAX, date, day_fault, movement, shown, six, sum_fault, text_of};

/// How long a line of SWIFT is: one that is full goes on within a word.
const FULL_LINE: usize = 65;

/// How long a field with a question mark is: one that is full goes on within a word.
const FULL_FIELD: usize = 27;

/// What `:61:` says.
#[derive(Debug)]
pub(super) struct Line61 {
    /// Whether the account has more or less.
    pub(super) direction: Direction,
    /// Whether an earlier entry is taken back: marks RC and RD.
    pub(super) is_reversal: bool,
    /// What moved, above zero.
    pub(super) sum: Tiyn,
    /// The day of booking where it is told, else that of the value.
    pub(super) day: Date,
    /// The payer's reference.
    pub(super) number: Option<String>,
    /// The bank's reference.
    pub(super) bank_reference: Option<String>,
    /// What stands on the second line.
    pub(super) supplement: String,
}

/// Reads `:61:`: day of value, day of booking, mark, letter of the currency, sum, kind, references.
pub(super) fn line_61(lines: &[String]) -> Result<Line61, Wrong> {
    let text = lines.first().map_or("", |line| line.trim());
    let structure =
        || Wrong::Structure { what: format!(":61: is «{}», which is no movement", shown(text)) };
    let (value_day, rest) = text.split_at_checked(6).ok_or_else(structure)?;
    let value_day = six(":61:", value_day)?;
    let (day, rest) = match rest.split_at_checked(4) {
        Some((digits, rest)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            (booked(value_day, digits).ok_or_else(|| day_fault(":61:", digits, "mmdd"))?, rest)
        }
        _ => (value_day, rest),
    };
    // A reversal of a credit takes money away.
    const MARKS: [(&str, Direction, bool); 4] = [
        ("RC", Direction::Out, true),
        ("RD", Direction::In, true),
        ("C", Direction::In, false),
        ("D", Direction::Out, false),
    ];
    let mark = MARKS.iter().find_map(|(mark, direction, is_reversal)| {
        rest.strip_prefix(mark).map(|rest| (*direction, *is_reversal, rest))
    });
    let unclear = || Wrong::Direction { text: format!(":61: {}", shown(text)) };
    let (direction, is_reversal, rest) = mark.ok_or_else(unclear)?;
    // The third letter of the currency.
    let rest = match rest.strip_prefix(|char: char| char.is_ascii_uppercase()) {
        Some(behind) if rest.starts_with('T') => behind,
        Some(_) => return Err(Wrong::Currency { found: shown(rest) }),
        None => rest,
    };
    let is_of_sum = |char: char| char.is_ascii_digit() || char == ',';
    let end = rest.find(|char| !is_of_sum(char)).unwrap_or(rest.len());
    let (sum, rest) = rest.split_at_checked(end).ok_or_else(structure)?;
    if !sum.contains(',') {
        return Err(sum_fault(":61:", text, SumFault::Form));
    }
    let sum = movement(":61:", sum, &[','])?;
    let (kind, references) = rest.split_at_checked(4).ok_or_else(structure)?;
    if !kind.starts_with(['N', 'F', 'S']) || !kind.is_ascii() {
        return Err(structure());
    }
    let (number, bank_reference) = references.split_once("//").unwrap_or((references, ""));
    let reference = |text: &str| {
        let text = text_of(":61:", text, NAME_MAX)?;
        Ok(text.filter(|text| !text.eq_ignore_ascii_case("NONREF")))
    };
    let supplement = lines.get(1..).unwrap_or_default().join(" ");
    Ok(Line61 {
        direction,
        is_reversal,
        sum,
        day,
        number: reference(number)?,
        bank_reference: reference(bank_reference)?,
        supplement: text_of(":61:", &supplement, PURPOSE_MAX)?.unwrap_or_default(),
    })
}

/// The day of booking, which is told without a year: it lies in that of the value or, over the turn of a year, beside it.
fn booked(value: Date, digits: &str) -> Option<Date> {
    let (month, day) = digits.split_at_checked(2)?;
    let of = |year: i32| date(year.to_string().as_bytes(), month.as_bytes(), day.as_bytes());
    let month: u8 = month.parse().ok()?;
    let year = value.year();
    match (value.month(), month) {
        (Month::December, 1) => of(year.checked_add(1)?),
        (Month::January, 12) => of(year.checked_sub(1)?),
        _ => of(year),
    }
}

/// What `:86:` says.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// Who is on the other side.
    pub(super) other: Party,
    /// The payee's code of residence and sector.
    pub(super) payee_kbe: Option<String>,
    /// The number of the payer's document.
    pub(super) number: Option<String>,
    /// The code of the purpose.
    pub(super) knp: Option<String>,
    /// What the payment is for.
    pub(super) purpose: String,
}

/// Reads `:86:` in whichever way it is written.
pub(super) fn details(lines: &[String]) -> Result<Details, Wrong> {
    let text = joined(lines);
    let mut details = if has_codes(&text) {
        with_codes(&text)?
    } else if let Some(fields) = question_fields(&text) {
        with_fields(fields)?
    } else {
        Details { purpose: text, ..Details::default() }
    };
    details.purpose = text_of(":86:", &details.purpose, PURPOSE_MAX)?.unwrap_or_default();
    Ok(details)
}

/// Lines as one: a full line goes on within a word, another ends with its word.
fn joined(lines: &[String]) -> String {
    let mut text = String::new();
    let mut was_full = true;
    for line in lines {
        if !was_full {
            text.push(' ');
        }
        text.push_str(line);
        was_full = line.chars().count() >= FULL_LINE;
    }
    text.trim().to_owned()
}

/// The codes between slashes that are known.
const CODES: [&str; 12] =
    ["NAME", "IDN", "IRS", "SECO", "KNP", "ASSIGN", "NUM", "DATE", "IBAN", "ACC", "BIC", "REMI"];

/// Whether a text is of codes between slashes.
fn has_codes(text: &str) -> bool {
    text.strip_prefix('/')
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(code, _)| CODES.contains(&code.trim()))
}

/// Fields with codes: `/NAME/ТОО Ромашка/IDN/050140000017/KNP/859/ASSIGN/за услуги`. A slash that no known code follows is a slash.
fn with_codes(text: &str) -> Result<Details, Wrong> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut pieces = text.split('/').skip(1).peekable();
    while let Some(piece) = pieces.next() {
        let code = CODES.iter().find(|code| **code == piece.trim());
        match (code, fields.last_mut()) {
            (Some(code), _) if pieces.peek().is_some() => {
                fields.push((code, pieces.next().unwrap_or_default().to_owned()));
            }
            (_, Some((_, value))) => {
                value.push('/');
                value.push_str(piece);
            }
            (_, None) => {}
        }
    }
    let mut details = Details::default();
    for (code, value) in fields {
        let value = text_of(code, &value, PURPOSE_MAX)?;
        match code {
            "NAME" => details.other.name = value,
            "IDN" => details.other.bin = value,
            "IRS" => details.other.kbe = value,
            "SECO" => details.payee_kbe = value,
            "KNP" => details.knp = value,
            "NUM" => details.number = value,
            "IBAN" | "ACC" => details.other.take_account(value),
            "BIC" => details.other.bic = value,
            "ASSIGN" | "REMI" => details.purpose = value.unwrap_or_default(),
            _ => {}
        }
    }
    Ok(details)
}

/// Fields with a question mark: three digits of the kind, then `?20` and so on.
fn question_fields(text: &str) -> Option<Vec<(u8, &str)>> {
    let (kind, rest) = text.split_at_checked(3)?;
    if !kind.bytes().all(|byte| byte.is_ascii_digit()) || !rest.starts_with('?') {
        return None;
    }
    let field = |piece: &'_ str| -> Option<u8> { piece.get(..2)?.parse().ok() };
    rest.split('?').skip(1).map(|piece| Some((field(piece)?, piece.get(2..)?))).collect()
}

/// 20 to 29 and 60 to 63 are the purpose, 30 the bank, 31 the account, 32 and 33 the name of the other side.
fn with_fields(fields: Vec<(u8, &str)>) -> Result<Details, Wrong> {
    let mut details = Details::default();
    let (mut purpose, mut name, mut was_full) = (String::new(), String::new(), true);
    for (number, value) in fields {
        match number {
            20..=29 | 60..=63 => {
                if !was_full {
                    purpose.push(' ');
                }
                purpose.push_str(value);
                was_full = value.chars().count() >= FULL_FIELD;
            }
            30 => details.other.bic = text_of("?30", value, NAME_MAX)?,
            31 | 38 => details.other.take_account(text_of("?31", value, NAME_MAX)?),
            32 | 33 => name.push_str(value),
            _ => {}
        }
    }
    details.other.name = text_of("?32", &name, NAME_MAX)?;
    details.purpose = purpose;
    Ok(details)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn line(text: &str) -> Result<Line61, Wrong> {
        line_61(&[text.to_owned(), "second".to_owned()])
    }

    #[test]
    fn a_movement_is_read_with_its_marks() {
        let cases = [
            ("2611301130C1000,00NTRFNONREF//B1", Direction::In, false, 100_000, None, Some("B1")),
            ("261130D5,NCHG15", Direction::Out, false, 500, Some("15"), None),
            ("261130CT5,5NTRF15//", Direction::In, false, 550, Some("15"), None),
            ("261130RC0,01S10315//X", Direction::Out, true, 1, Some("15"), Some("X")),
            ("261130RDT0,01FMSC15//X", Direction::In, true, 1, Some("15"), Some("X")),
        ];
        for (text, direction, is_reversal, tiyn, number, bank) in cases {
            let read = line(text).expect(text);
            assert_eq!(
                (read.direction, read.is_reversal, read.sum.get()),
                (direction, is_reversal, tiyn),
                "{text}"
            );
            assert_eq!((read.number.as_deref(), read.bank_reference.as_deref()), (number, bank), "{text}");
            assert_eq!((read.day, read.supplement.as_str()), (date!(2026 - 11 - 30), "second"));
        }
        for text in [
            "",
            "261130",
            "261130X5,NTRF1",
            "261130EC5,NTRF1",
            "261130CD5,NTRF1",
            "261130C5NTRF1",
            "261130C5,001NTRF1",
            "261130C0,00NTRF1",
            "261130C,5NTRF1",
            "261130C-5,NTRF1",
            "261131C5,NTRF1",
            "2611301331C5,NTRF1",
            "261130C5,NT",
            "261130C99999999999999999,NTRF1",
            "261130C5,XTRF1",
        ] {
            assert!(line(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_of_booking_is_in_the_year_that_is_near() {
        assert_eq!(line("2612310102C5,NTRF1").map(|line| line.day), Ok(date!(2027 - 01 - 02)));
        assert_eq!(line("2701021231C5,NTRF1").map(|line| line.day), Ok(date!(2026 - 12 - 31)));
    }

    fn about(lines: &[&str]) -> Details {
        details(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()).expect("details")
    }

    #[test]
    fn details_are_read_in_each_way_that_they_are_written() {
        let codes = about(&[
            "/NAME/TOO ROMASHKA/IDN/050140000017/IRS/17/SECO/17/NUM/15/KNP/859",
            "/IBAN/KZ86125KZT5004100100/BIC/ABCDKZKA/ASSIGN/l/s 10000004 i/ili 5",
        ]);
        assert_eq!(codes.other.name.as_deref(), Some("TOO ROMASHKA"));
        assert_eq!(codes.other.bin.as_deref(), Some("050140000017"));
        assert_eq!(codes.other.iban.as_ref().map(crate::Iban::as_str), Some("KZ86125KZT5004100100"));
        assert_eq!((codes.knp.as_deref(), codes.number.as_deref()), (Some("859"), Some("15")));
        assert_eq!(codes.purpose, "l/s 10000004 i/ili 5");
        let fields = about(&[
            "166?00PAY?20Oplata po schetu nomer pjat?21nadcat?22ls 10000004?30ABCDKZKA?32TOO ROM?33ASHKA",
        ]);
        assert_eq!(fields.purpose, "Oplata po schetu nomer pjatnadcat ls 10000004");
        assert_eq!(fields.other.name.as_deref(), Some("TOO ROMASHKA"));
        let text = about(&["Oplata za uslugi?", "ls 10000004"]);
        assert_eq!(text.purpose, "Oplata za uslugi? ls 10000004");
        let full = "x".repeat(64);
        assert_eq!(about(&[&format!("{full}1"), "0000004"]).purpose, format!("{full}10000004"));
    }
}
