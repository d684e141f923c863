//! Numbers of bank accounts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The international number of a bank account (IBAN; in Kazakhstan ИИК): its country, two check digits and what the country puts behind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

/// A text that is no number of an account: of another form, or its check digits do not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is no IBAN: in Kazakhstan it is KZ and 18 digits or letters, of which the first two check the others"
)]
pub struct NoIban(String);

/// The lengths that numbers of accounts have, over all countries.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// The length of those of Kazakhstan.
const LENGTH_KZ: usize = 20;

impl Iban {
    /// The number without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In Kazakhstan the three digits of the bank; of another country's account none.
    #[must_use]
    pub fn bank(&self) -> Option<&str> {
        self.0.get(4..7).filter(|_| self.0.starts_with("KZ"))
    }
}

/// The rest by 97 of a number's check, which is 1 for a good one.
fn rest(text: &str) -> Option<u32> {
    let (head, body) = text.split_at_checked(4)?;
    body.chars().chain(head.chars()).try_fold(0_u32, |rest, char| {
        let value = char.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        rest.checked_mul(shift)?.checked_add(value).map(|rest| rest % 97)
    })
}

impl FromStr for Iban {
    type Err = NoIban;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || NoIban(text.chars().take(*LENGTHS.end()).collect());
        let mut number = String::new();
        for char in text.chars().filter(|char| !char.is_whitespace()) {
            if !char.is_ascii_alphanumeric() || number.len() == *LENGTHS.end() {
                return Err(no());
            }
            number.push(char.to_ascii_uppercase());
        }
        let bytes = number.as_bytes();
        let begins = matches!(bytes, [a, b, c, d, ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase()
            && c.is_ascii_digit() && d.is_ascii_digit());
        let long =
            LENGTHS.contains(&number.len()) && (!number.starts_with("KZ") || number.len() == LENGTH_KZ);
        if begins && long && rest(&number) == Some(1) { Ok(Self(number)) } else { Err(no()) }
    }
}

impl TryFrom<String> for Iban {
    type Error = NoIban;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0
    }
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_and_without_spaces_and_checked() {
        for text in [
            "KZ86125KZT5004100100",
            "KZ86 125K ZT50 0410 0100",
            "kz86125kzt5004100100",
            "GB82WEST12345698765432",
        ] {
            assert!(text.parse::<Iban>().is_ok(), "{text}");
        }
        let iban: Iban = "KZ86 125K ZT50 0410 0100".parse().expect("an IBAN");
        assert_eq!((iban.as_str(), iban.bank()), ("KZ86125KZT5004100100", Some("125")));
        for text in [
            "",
            "KZ",
            "KZ86125KZT5004100101",
            "KZ86125KZT500410010",
            "KZ68125KZT5004100100",
            "KZ86125KZT5004100100KZ86125KZT5004100100",
            "КЗ86125KZT5004100100",
            "40702810900000000001",
            "KZ86125KZT50041001-0",
        ] {
            assert!(text.parse::<Iban>().is_err(), "{text}");
        }
    }
}
