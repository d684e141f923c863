//! What people type into forms, read once: each check returns the value as it is kept.

use ofd_storage::model::check_bin;

use crate::day::{day, kept};
use crate::directories;
use crate::mail::Email;

/// Phones of one company: reception, accounts department and a few more.
pub const PHONES_MAX: usize = 5;

/// Digits of a phone number with its country: the shortest in use, and the longest of E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Characters of one phone number as people write it, brackets and blanks included.
const PHONE_LEN_MAX: usize = 32;

/// Characters of a site's address.
const SITE_LEN_MAX: usize = 200;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is there, and something must be.
    Empty,
    /// More characters than are kept.
    TooLong,
    /// It has characters that no text has.
    Characters,
    /// No e-mail address.
    Email,
    /// No phone number.
    Phone,
    /// More phones than are kept.
    ManyPhones,
    /// No address of a web site.
    Site,
    /// It is no day of the calendar.
    Date,
    /// A day that is still to come.
    DateToCome,
    /// Not one of what can be chosen.
    Choice,
    /// No settlement was chosen.
    Settlement,
    /// Not 12 digits.
    Iin,
    /// 12 digits, one of which is mistyped.
    IinCheck,
    /// No account number.
    Iik,
    /// An account number with something mistyped.
    IikCheck,
    /// The account is kept by the bank of this BIC, not by the chosen one.
    OtherBank(&'static str),
    /// The account number does not tell the bank, and none was chosen.
    NoBank,
    /// It is no code of a kind of activity: five digits, of which the first two are a division.
    Oked,
    /// It is no KBe: residency and sector in two digits.
    Kbe,
    /// It is no BIC of eight characters or eleven.
    Bic,
    /// An employee was chosen and another name was typed.
    TwoHeads,
    /// There is such an address already.
    SameAddress,
    /// It is the only legal address and is to be another kind.
    OnlyLegal,
    /// There is such a bank account already.
    SameAccount,
    /// No latitude and longitude.
    Coordinates,
    /// Latitude and longitude of a place abroad.
    CoordinatesAbroad,
    /// There is a trade point of this name at this address already.
    SameTradePoint,
    /// There is a group of this name already.
    SameGroup,
    /// The group is none of the organisation's any more.
    GroupGone,
    /// It is no number of the tax authority: 12 digits.
    Rnm,
    /// It is no year in which registers were made.
    Year,
    /// An alias has letters, digits and a few marks.
    Alias,
    /// The tariff plan is not for registers that are connected so.
    PlanKind,
    /// The tariff plan cannot be chosen any more.
    PlanGone,
    /// Another register of the organisation has this alias.
    AliasTaken,
    /// Another register has this factory number.
    SerialTaken,
    /// Another register has this number of the tax authority.
    RnmTaken,
    /// The day is over.
    DatePast,
    /// The day is further ahead than anybody plans.
    DateFar,
    /// It is no time of day.
    Time,
    /// The shop is none of the organisation's any more.
    ShopGone,
    /// No register of this model is registered any more.
    ModelNotUsed,
    /// It has a word that some tills take for a broken link.
    TillWord(&'static str),
    /// There is no such organisation, trade point or register.
    Nowhere,
    /// Registers are named, and all of them are chosen.
    ForAll,
    /// The day is over a year ahead.
    DateBeyond,
    /// The last day is before the first.
    DaysTurned,
    /// The text is over: another one is made in its place.
    TextOver,
    /// Registers have the text already: this of it stays.
    TextHolds,
    /// On some of these days another text is for the same registers.
    TextsMeet,
}

/// Fields with what is wrong with each.
pub type Errors = Vec<(&'static str, Wrong)>;

/// Reads fields one by one and gathers what is wrong, so that a person learns all of it at once.
#[derive(Debug, Default)]
pub struct Reader {
    /// What was wrong so far.
    pub errors: Errors,
}

impl Reader {
    /// The value of a field; its default when it is wrong.
    pub fn take<T: Default>(&mut self, field: &'static str, read: Result<T, Wrong>) -> T {
        read.unwrap_or_else(|wrong| {
            self.errors.push((field, wrong));
            T::default()
        })
    }
}

/// A number in an address: digits alone, without a sign, from 1.
pub fn plain_number(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| *number != 0 && is_plain)
}

/// What a box sends that is ticked, or is not.
pub fn ticked(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}

/// A text of one line: runs of blanks become one.
pub fn line(text: &str, chars_max: usize) -> Result<String, Wrong> {
    if text.chars().any(|char| char.is_control() && !char.is_whitespace()) {
        return Err(Wrong::Characters);
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > chars_max { Err(Wrong::TooLong) } else { Ok(line) }
}

/// A text of one line that must be there.
pub fn full_line(text: &str, chars_max: usize) -> Result<String, Wrong> {
    line(text, chars_max).and_then(|line| if line.is_empty() { Err(Wrong::Empty) } else { Ok(line) })
}

/// An e-mail address, or nothing.
pub fn email(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    Email::parse(text).map(|email| email.as_str().to_owned()).map_err(|_| Wrong::Email)
}

/// A phone number, or nothing.
pub fn phone(text: &str) -> Result<String, Wrong> {
    let phone = line(text, PHONE_LEN_MAX)?;
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let is_phone = phone
        .chars()
        .enumerate()
        .all(|(at, char)| char.is_ascii_digit() || " -()".contains(char) || (char == '+' && at == 0));
    if phone.is_empty() || (is_phone && PHONE_DIGITS.contains(&digits)) {
        Ok(phone)
    } else {
        Err(Wrong::Phone)
    }
}

/// Phone numbers with commas, semicolons or line breaks between them, or nothing.
pub fn phones(text: &str) -> Result<String, Wrong> {
    let parts = text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let phones = parts.take(PHONES_MAX.saturating_add(1)).map(phone).collect::<Result<Vec<_>, _>>()?;
    if phones.len() > PHONES_MAX { Err(Wrong::ManyPhones) } else { Ok(phones.join(", ")) }
}

/// The code of a kind of activity, or nothing.
pub fn oked(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    directories::oked(text).ok_or(Wrong::Oked)
}

/// The address of a web site, or nothing. Only web addresses are taken, since pages show it as a link.
pub fn site(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.chars().count() > SITE_LEN_MAX {
        return Err(Wrong::TooLong);
    }
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or(Wrong::Site)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(|char| char.is_alphanumeric() || "-.:".contains(char));
    let is_plain =
        !url.chars().any(|char| char.is_whitespace() || char.is_control() || "\"'<>\\".contains(char));
    if is_host && is_plain { Ok(url) } else { Err(Wrong::Site) }
}

/// A day that is not after `today`, as it is kept, or nothing.
pub fn past_day(text: &str, today: time::Date) -> Result<String, Wrong> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let day = day(text).ok_or(Wrong::Date)?;
    if day > today {
        return Err(Wrong::DateToCome);
    }
    Ok(kept(day))
}

/// A person's number, or nothing.
pub fn iin(text: &str) -> Result<String, Wrong> {
    let iin: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    if iin.is_empty() {
        return Ok(iin);
    }
    if iin.len() != 12 || !iin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Iin);
    }
    check_bin(&iin).map(|()| iin).map_err(|_| Wrong::IinCheck)
}

/// The code of a bank: ISO 9362, eight characters or eleven, in capitals.
pub fn bic(text: &str) -> Result<String, Wrong> {
    let bic = text.trim().to_ascii_uppercase();
    if bic.is_empty() {
        return Err(Wrong::Empty);
    }
    let is_letters = bic.bytes().take(6).all(|byte| byte.is_ascii_uppercase());
    let is_rest = bic.bytes().skip(6).all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_letters && is_rest && matches!(bic.len(), 8 | 11) { Ok(bic) } else { Err(Wrong::Bic) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_no_needless_blanks_and_an_end() {
        assert_eq!(line("  ул.  Абая,\t1 ", 20).unwrap(), "ул. Абая, 1");
        assert_eq!(line("ааа", 2), Err(Wrong::TooLong), "letters are counted, not bytes");
        assert_eq!(line("ааа", 3).unwrap(), "ааа");
        assert_eq!(line("a\u{0}b", 9), Err(Wrong::Characters));
        assert_eq!(full_line("  ", 9), Err(Wrong::Empty));
    }

    #[test]
    fn phones_are_taken_as_people_write_them() {
        assert_eq!(phone("+7 (7172) 123-456").unwrap(), "+7 (7172) 123-456");
        assert_eq!(phone("").unwrap(), "");
        for wrong in ["123", "7+7172123456", "+7 717 2 abc 456", "1234567890123456"] {
            assert_eq!(phone(wrong), Err(Wrong::Phone), "{wrong}");
        }
        assert_eq!(
            phones("+77172123456; 87011234567\n\n+77272334455").unwrap(),
            "+77172123456, 87011234567, +77272334455"
        );
        let many = ["+77172123456"; PHONES_MAX + 1].join(",");
        assert_eq!(phones(&many), Err(Wrong::ManyPhones));
        assert_eq!(phones("+77172123456, no"), Err(Wrong::Phone));
    }

    #[test]
    fn a_site_is_a_web_address_and_nothing_that_runs() {
        assert_eq!(site("example.kz").unwrap(), "https://example.kz");
        assert_eq!(site("http://пример.қаз/кім?a=1").unwrap(), "http://пример.қаз/кім?a=1");
        assert_eq!(site("").unwrap(), "");
        for wrong in [
            "javascript:alert(1)",
            "javascript://a.kz/%0aalert(1)",
            "ftp://example.kz",
            "example",
            "a b.kz",
            "https://",
            ".kz",
            "https://a.kz/\"x",
        ] {
            assert_eq!(site(wrong), Err(Wrong::Site), "{wrong}");
        }
    }

    #[test]
    fn a_day_of_registration_lies_in_the_past() {
        let today = day("2026-11-22").unwrap();
        assert_eq!(past_day("22.11.2026", today).unwrap(), "2026-11-22");
        assert_eq!(past_day("2026-11-22", today).unwrap(), "2026-11-22");
        assert_eq!(past_day("", today).unwrap(), "");
        assert_eq!(past_day("23.11.2026", today), Err(Wrong::DateToCome));
        for wrong in ["30.02.2026", "01.01.1899", "22.11.26", "+026-01-01"] {
            assert_eq!(past_day(wrong, today), Err(Wrong::Date), "{wrong}");
        }
    }

    #[test]
    fn a_mistyped_iin_is_noticed() {
        let right =
            (0..10).map(|digit| format!("90010135012{digit}")).find(|iin| check_bin(iin).is_ok()).unwrap();
        assert_eq!(iin(&right).unwrap(), right);
        assert_eq!(iin(" ").unwrap(), "");
        let digit = right.as_bytes()[0];
        let other = format!("{}{}", if digit == b'8' { '7' } else { '8' }, &right[1..]);
        assert_eq!(iin(&other), Err(Wrong::IinCheck));
        assert_eq!(iin("12345678901"), Err(Wrong::Iin));
        assert_eq!(iin("12345678901a"), Err(Wrong::Iin));
    }

    #[test]
    fn a_bic_has_eight_characters_or_eleven() {
        assert_eq!(bic(" hsbkkzkx ").unwrap(), "HSBKKZKX");
        assert_eq!(bic("HSBKKZKXABC").unwrap(), "HSBKKZKXABC");
        assert_eq!(bic(""), Err(Wrong::Empty));
        for wrong in ["HSBKKZK", "HSBKKZKX1", "1SBKKZKX", "HSBKKZKХ"] {
            assert_eq!(bic(wrong), Err(Wrong::Bic), "{wrong}");
        }
    }
}
