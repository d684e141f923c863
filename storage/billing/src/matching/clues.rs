//! What an entry itself tells of whose it is.

use crate::iban::Iban;
use crate::personal_account::PersonalAccount;
use crate::statements::Entry;
use crate::tiyn::Tiyn;

use super::numbers::{Label, Piece, invoice_key, is_bin, label, pieces};

/// The most clues of one kind that are taken of a purpose: no honest one has more.
const CLUES_MAX: usize = 32;

/// How many digits the number of a personal account has.
const ACCOUNT_DIGITS: usize = 8;

/// A number within the purpose that may be one of a personal account: its check digit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountClue {
    /// The number itself.
    pub account: PersonalAccount,
    /// Whether the words before it say that it is one.
    pub is_labelled: bool,
    /// Whether its digits are a day as well, as `30112026` or `20261130`.
    pub is_day: bool,
}

/// What is to be looked up for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clues {
    /// Numbers in the purpose that may be personal accounts, each once.
    pub accounts: Vec<AccountClue>,
    /// BINs and IINs in the purpose, each once.
    pub bins: Vec<String>,
    /// Pieces of the purpose that may be numbers of invoices, as [`invoice_key`] makes them, each once.
    pub invoices: Vec<String>,
    /// The BIN or IIN of the payer, where it holds.
    pub payer_bin: Option<String>,
    /// The account of the payer.
    pub payer_iban: Option<Iban>,
    /// The sum, by which an open invoice may be found.
    pub sum: Tiyn,
}

impl Clues {
    /// The clues of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let text = entry.purpose.as_str();
        let pieces = pieces(text);
        let mut clues = Self {
            accounts: Vec::new(),
            bins: Vec::new(),
            invoices: Vec::new(),
            payer_bin: entry.payer.bin.clone().filter(|bin| is_bin(bin)),
            payer_iban: entry.payer.iban.clone(),
            sum: entry.sum,
        };
        for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_part) {
            let behind = pieces.get(at.saturating_add(1)..).unwrap_or_default();
            // `л/с10000004`: what is written without a blank has one here.
            let number = digits_at_end(*piece).filter(|digits| label(text, digits.from) == Label::Account);
            let label = label(text, piece.from);
            match number {
                Some(number) => clues.take_account(text, number, behind, Label::Account),
                None => clues.take_account(text, *piece, behind, label),
            }
            if is_bin(piece.text) {
                push(&mut clues.bins, piece.text.to_owned());
            }
            let has_digit = piece.text.bytes().any(|byte| byte.is_ascii_digit());
            // Bare digits are anything: a day, a contract, a sum.
            if has_digit && (!piece.is_digits() || label == Label::Invoice) {
                push(&mut clues.invoices, invoice_key(piece.text));
            }
        }
        clues
    }

    /// Takes the number that begins with the first piece, if it is one of a personal account: eight digits, or groups of digits that make
    /// eight where the words before them say so.
    fn take_account(&mut self, text: &str, first: Piece<'_>, behind: &[Piece<'_>], label: Label) {
        let is_labelled = label == Label::Account;
        let number = if first.is_digits() && first.text.len() == ACCOUNT_DIGITS {
            Some(first.text.to_owned())
        } else if is_labelled {
            grouped(text, first, behind)
        } else {
            None
        };
        // Dashes within a piece are left to the number's own reading.
        let Some(account) = number.and_then(|number| number.parse::<PersonalAccount>().ok()) else { return };
        match self.accounts.iter_mut().find(|clue| clue.account == account) {
            Some(known) => known.is_labelled |= is_labelled,
            None => {
                let clue = AccountClue { account, is_labelled, is_day: is_day(&account.to_string()) };
                push(&mut self.accounts, clue);
            }
        }
    }
}

/// The digits at the end of a piece that begins with letters.
fn digits_at_end(piece: Piece<'_>) -> Option<Piece<'_>> {
    let (at, last) = piece.text.char_indices().rfind(|(_, char)| !char.is_ascii_digit())?;
    let begin = at.saturating_add(last.len_utf8());
    let text = piece.text.get(begin..).filter(|digits| !digits.is_empty())?;
    Some(Piece { text, from: piece.from.saturating_add(begin), ..piece })
}

/// Groups of digits with one blank or with dashes between them, as far as they make a number.
fn grouped(text: &str, first: Piece<'_>, behind: &[Piece<'_>]) -> Option<String> {
    let mut number = String::new();
    let mut end = first.from;
    for piece in std::iter::once(&first).chain(behind) {
        let between = text.get(end..piece.from)?;
        let is_group = piece.text.chars().all(|char| char.is_ascii_digit() || matches!(char, '-' | '–'));
        if !is_group || piece.is_part || between.chars().count() > 1 || !between.trim().is_empty() {
            break;
        }
        number.extend(piece.text.chars().filter(char::is_ascii_digit));
        end = piece.from.saturating_add(piece.text.len());
        if number.len() >= ACCOUNT_DIGITS {
            break;
        }
    }
    Some(number).filter(|number| number.len() == ACCOUNT_DIGITS)
}

/// Whether eight digits are a day of these years, in either order.
fn is_day(digits: &str) -> bool {
    let number = |from: usize, to: usize| {
        digits.get(from..to).and_then(|part| part.parse::<u16>().ok()).unwrap_or_default()
    };
    let is_one = |day: u16, month: u16, year: u16| {
        (1..=31).contains(&day) && (1..=12).contains(&month) && (2000..=2099).contains(&year)
    };
    is_one(number(0, 2), number(2, 4), number(4, 8)) || is_one(number(6, 8), number(4, 6), number(0, 4))
}

/// Adds what is not there yet, up to the most.
fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.len() < CLUES_MAX && !list.contains(&item) {
        list.push(item);
    }
}
