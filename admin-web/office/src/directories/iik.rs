//! IIK, the number of a bank account: an IBAN of Kazakhstan.

use std::fmt;

use super::banks::{Bank, bank_of_code};

/// The characters of an IIK: `KZ`, two check digits, three digits of the bank, thirteen of the account.
const LENGTH: usize = 20;

/// The number of an account, checked. Shown whole only by [`Iik::as_str`]: whose money is where concerns nobody else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Iik(String);

/// Why a text is no account number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IikError {
    /// It is shorter or longer.
    #[error("an account number has {LENGTH} characters, this one {0}; copy it from the bank's paper")]
    Length(usize),
    /// It does not begin with KZ and five digits.
    #[error("an account number begins with KZ and five digits; accounts of other countries are not taken")]
    Beginning,
    /// Something that is neither a Latin letter nor a digit.
    #[error("character {0} of the account number is no Latin letter and no digit; retype it")]
    Character(usize),
    /// The check digits say that something is mistyped.
    #[error("the check digits of the account number do not fit; a character is mistyped")]
    Check,
}

impl Iik {
    /// Reads an account number as people write it: blanks and small letters are forgiven.
    ///
    /// # Errors
    /// [`IikError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, IikError> {
        let iik: String =
            text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_uppercase();
        let length = iik.chars().count();
        if length != LENGTH {
            return Err(IikError::Length(length));
        }
        if let Some(at) = iik.chars().position(|letter| !letter.is_ascii_alphanumeric()) {
            return Err(IikError::Character(at.saturating_add(1)));
        }
        if !iik.starts_with("KZ") || !iik.bytes().skip(2).take(5).all(|byte| byte.is_ascii_digit()) {
            return Err(IikError::Beginning);
        }
        if remainder(&iik) == Some(1) { Ok(Self(iik)) } else { Err(IikError::Check) }
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three digits of the bank.
    pub fn bank_code(&self) -> &str {
        self.0.get(4..7).unwrap_or_default()
    }

    /// The bank that keeps the account. `None` for a code that the directory of banks does not know: the list grows.
    pub fn bank(&self) -> Option<&'static Bank> {
        bank_of_code(self.bank_code())
    }

    /// The number in groups of four, as on paper.
    pub fn grouped(&self) -> String {
        let mut grouped = String::with_capacity(LENGTH.saturating_add(4));
        for (index, letter) in self.0.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(letter);
        }
        grouped
    }
}

/// The remainder of ISO 7064 mod 97-10: the first four characters go last, letters count from 10.
fn remainder(iban: &str) -> Option<u32> {
    let (first, rest) = iban.split_at_checked(4)?;
    rest.chars().chain(first.chars()).try_fold(0_u32, |sum, letter| {
        let value = letter.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        // At most 96 * 100 + 35.
        Some((sum * shift + value) % 97)
    })
}

impl fmt::Debug for Iik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iik(bank {}, redacted)", self.bank_code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Kazakhstan in the registry of IBANs.
    const EXAMPLE: &str = "KZ86125KZT5004100100";

    #[test]
    fn an_account_number_is_read_as_people_write_it() {
        let iik = Iik::parse(" kz86 125k zt50 0410 0100 ").unwrap();
        assert_eq!(iik.as_str(), EXAMPLE);
        assert_eq!(iik.grouped(), "KZ86 125K ZT50 0410 0100");
        assert_eq!(iik.bank().unwrap().bic, "NBRKKZKX");
    }

    #[test]
    fn any_mistyped_character_is_noticed() {
        for at in 2..EXAMPLE.len() {
            let mut typed: Vec<char> = EXAMPLE.chars().collect();
            typed[at] = if typed[at] == '7' { '8' } else { '7' };
            let typed: String = typed.into_iter().collect();
            assert_eq!(Iik::parse(&typed), Err(IikError::Check), "{typed}");
        }
    }

    #[test]
    fn what_is_no_account_number_says_why() {
        assert_eq!(Iik::parse("KZ1234567890E93123456"), Err(IikError::Length(21)));
        assert_eq!(Iik::parse(""), Err(IikError::Length(0)));
        assert_eq!(Iik::parse("DE86125KZT5004100100"), Err(IikError::Beginning));
        assert_eq!(Iik::parse("KZ86A25KZT5004100100"), Err(IikError::Beginning));
        assert_eq!(Iik::parse("KZ86125КZT5004100100"), Err(IikError::Character(8)));
    }

    #[test]
    fn a_bank_that_is_not_listed_is_no_error() {
        let iik =
            (0..100).find_map(|check| Iik::parse(&format!("KZ{check:02}9990000000000001")).ok()).unwrap();
        assert_eq!(iik.bank_code(), "999");
        assert!(iik.bank().is_none());
    }

    #[test]
    fn logs_do_not_show_the_account() {
        let shown = format!("{:?}", Iik::parse(EXAMPLE).unwrap());
        assert_eq!(shown, "Iik(bank 125, redacted)");
    }
}
