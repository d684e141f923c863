//! Sums in words, as documents have them: the tenge in words, the tiyn in two digits.
//!
//! `Шесть тысяч восемьсот сорок шесть тенге 59 тиын`, `Алты мың сегіз жүз қырық алты теңге 59 тиын`. The words begin with a capital, since
//! they stand alone in brackets or on a line. Both currencies' names stay as they are behind any number: `тенге` and `тиын` are not
//! declined in documents.

mod kazakh;
mod russian;
mod triples;

use crate::tiyn::Tiyn;

/// The languages that documents have sums in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// The Russian language.
    Russian,
    /// The Kazakh language.
    Kazakh,
}

/// A sum in words. A sum below zero begins with a minus, in words as well.
#[must_use]
pub fn in_words(sum: Tiyn, tongue: Tongue) -> String {
    let all = sum.get().unsigned_abs();
    let (tenge, tiyn) = (all / 100, all % 100);
    let (number, currency) = match tongue {
        Tongue::Russian => (russian::number(tenge), "тенге"),
        Tongue::Kazakh => (kazakh::number(tenge), "теңге"),
    };
    let minus = if sum.get() < 0 { "минус " } else { "" };
    capital(&format!("{minus}{number} {currency} {tiyn:02} тиын"))
}

/// The text with a capital at its beginning.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
