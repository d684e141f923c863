//! Numbers of personal accounts, which people copy by hand into the purposes of payments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number of a personal account: eight digits, the first of which is no zero and the last of which checks the others.
///
/// The check is Damm's: the digits are walked through a table of ten by ten, and a good number ends at zero. It notices every
/// single wrong digit and every swap of two neighbours, which are what people do to numbers that they type. A first digit of zero is
/// not given out, since spreadsheets lose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonalAccount(u32);

/// Damm's table: an anti-symmetric quasigroup of ten with zeros in its diagonal. What was reached so far says the row, the next digit
/// the column.
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The body of the first number: the seven digits before the check.
const FIRST_BODY: u32 = 1_000_000;

/// How many bodies there are: all of seven digits whose first is no zero.
const BODIES: u32 = 9_000_000;

/// How many digits a number has.
const DIGITS: usize = 8;

/// Why a text is no number of a personal account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPersonalAccount {
    /// Other than eight digits, or something that is neither a digit nor a space, dash or number sign.
    #[error(
        "the number of a personal account has eight digits, which may stand in groups with spaces or dashes"
    )]
    Form,
    /// The last digit does not fit the others.
    #[error("the last digit does not fit the others: a digit is wrong, or two stand in each other's place")]
    Check,
}

impl PersonalAccount {
    /// How many numbers there are.
    pub const COUNT: u32 = BODIES;

    /// The number of the first serial.
    pub const FIRST: Self = Self(10_000_004);

    /// The account of a number as records have it; `None` where its check digit is wrong.
    #[must_use]
    pub fn of_number(number: u32) -> Option<Self> {
        number.to_string().parse().ok()
    }

    /// The number that is given out as the one of this serial, counted from zero; `None` when all are given out.
    #[must_use]
    pub fn of_serial(serial: u32) -> Option<Self> {
        if serial >= BODIES {
            return None;
        }
        let body = FIRST_BODY.checked_add(serial)?;
        let check = walked(body.to_string().bytes())?;
        body.checked_mul(10)?.checked_add(u32::from(check)).map(Self)
    }

    /// The number that these drawn bytes give out, among all.
    #[must_use]
    pub fn of_drawn(drawn: [u8; 4]) -> Self {
        let serial = u32::from_be_bytes(drawn).checked_rem(BODIES).unwrap_or(0);
        Self::of_serial(serial).unwrap_or(Self::FIRST)
    }

    /// The number as eight digits of a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Where digits lead through the table; `None` when one is no digit.
fn walked(digits: impl IntoIterator<Item = u8>) -> Option<u8> {
    digits.into_iter().try_fold(0_u8, |at, digit| {
        let column = digit.checked_sub(b'0')?;
        TABLE.get(usize::from(at))?.get(usize::from(column)).copied()
    })
}

/// Spaces of any width, and dashes that people and their programs put between groups of digits.
fn separates(char: char) -> bool {
    char.is_whitespace() || matches!(char, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl FromStr for PersonalAccount {
    type Err = NoPersonalAccount;

    /// Reads a number as people write it: `10000004`, `1000 0004`, `10-00-00-04`, `№ 10000004`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let text = text.strip_prefix('№').unwrap_or(text);
        let mut digits = String::with_capacity(DIGITS);
        for char in text.chars().filter(|char| !separates(*char)) {
            if !char.is_ascii_digit() || digits.len() == DIGITS {
                return Err(NoPersonalAccount::Form);
            }
            digits.push(char);
        }
        if digits.len() != DIGITS || digits.starts_with('0') {
            return Err(NoPersonalAccount::Form);
        }
        if walked(digits.bytes()) != Some(0) {
            return Err(NoPersonalAccount::Check);
        }
        digits.parse().map(Self).map_err(|_| NoPersonalAccount::Form)
    }
}

impl TryFrom<String> for PersonalAccount {
    type Error = NoPersonalAccount;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PersonalAccount> for String {
    fn from(account: PersonalAccount) -> Self {
        account.to_string()
    }
}

impl fmt::Display for PersonalAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from all over, and those beside each other.
    fn many() -> impl Iterator<Item = PersonalAccount> {
        let serials = (0..2_000).chain((0..BODIES).step_by(9_973)).chain([BODIES - 1]);
        serials
            .map(|serial| PersonalAccount::of_serial(serial).expect("a serial of those that are given out"))
    }

    #[test]
    fn every_single_wrong_digit_is_noticed() {
        for account in many() {
            let good = account.to_string().into_bytes();
            for at in 0..good.len() {
                for digit in b'0'..=b'9' {
                    let mut bad = good.clone();
                    bad[at] = digit;
                    let text = String::from_utf8(bad).expect("digits");
                    assert_eq!(text.parse() == Ok(account), digit == good[at], "{text} of {account}");
                    assert!(digit == good[at] || text.parse::<PersonalAccount>().is_err(), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_swap_of_neighbours_is_noticed() {
        for account in many() {
            let good = account.to_string().into_bytes();
            for at in 1..good.len() {
                let mut bad = good.clone();
                bad.swap(at - 1, at);
                let text = String::from_utf8(bad.clone()).expect("digits");
                assert!(bad == good || text.parse::<PersonalAccount>().is_err(), "{text} of {account}");
            }
        }
    }

    #[test]
    fn the_table_notices_whatever_stands_before() {
        // What the samples above rest on: in each row all digits differ, and no two digits lead to one place in both orders.
        for (row, line) in TABLE.iter().enumerate() {
            assert_eq!(line[row], 0);
            for one in 0..10 {
                for other in (0..10).filter(|other| *other != one) {
                    assert_ne!(line[one], line[other]);
                    assert_ne!(TABLE[usize::from(line[one])][other], TABLE[usize::from(line[other])][one]);
                }
            }
        }
    }

    #[test]
    fn numbers_are_given_out_in_their_order_and_end() {
        let first = PersonalAccount::of_serial(0).expect("the first");
        assert_eq!(first.to_string(), "10000004");
        assert_eq!(first.get(), 10_000_004);
        assert!(PersonalAccount::of_serial(1).expect("the second") > first);
        assert!(PersonalAccount::of_serial(BODIES - 1).expect("the last").to_string().starts_with("9999999"));
        assert_eq!(PersonalAccount::of_serial(BODIES), None);
        assert_eq!(PersonalAccount::of_serial(u32::MAX), None);
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let account = PersonalAccount::of_serial(0).expect("the first");
        for text in ["10000004", " 1000 0004 ", "10-00-00-04", "№10000004", "№ 1000\u{a0}0004", "1000–0004"]
        {
            assert_eq!(text.parse(), Ok(account), "{text}");
        }
        for text in ["", "1000000", "100000045", "1000000a", "１0000005", "+1000005", "00000000", "10.000005"]
        {
            assert_eq!(text.parse::<PersonalAccount>(), Err(NoPersonalAccount::Form), "{text}");
        }
        assert_eq!("10000007".parse::<PersonalAccount>(), Err(NoPersonalAccount::Check));
    }
}
