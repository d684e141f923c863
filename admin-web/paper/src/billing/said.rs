//! Words and sums that several documents have.

use ofd_billing::Tiyn;
use ofd_billing::invoices::{BankDetails, Contract, PaperLanguage, Party};
use ofd_billing::words::{Tongue, in_words};
use time::Date;

use crate::words::{day, or_dash};

/// One of two.
pub(super) fn said(of: PaperLanguage, [kazakh, russian]: [&'static str; 2]) -> &'static str {
    match of {
        PaperLanguage::Kazakh => kazakh,
        PaperLanguage::Russian => russian,
    }
}

/// The same as a text of its own.
pub(super) fn text(of: PaperLanguage, texts: [&'static str; 2]) -> String {
    said(of, texts).to_owned()
}

/// A sum as documents have it: `3 000,30`.
pub(super) fn sum(sum: Tiyn) -> String {
    let all = sum.get().unsigned_abs();
    let (tenge, tiyn) = ((all / 100).to_string(), all % 100);
    let mut grouped = String::new();
    for (at, digit) in tenge.chars().enumerate() {
        if at > 0 && tenge.len().saturating_sub(at) % 3 == 0 {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let minus = if sum.get() < 0 { "-" } else { "" };
    format!("{minus}{grouped},{tiyn:02}")
}

/// A sum in words.
pub(super) fn words(sum: Tiyn, of: PaperLanguage) -> String {
    let tongue = match of {
        PaperLanguage::Kazakh => Tongue::Kazakh,
        PaperLanguage::Russian => Tongue::Russian,
    };
    in_words(sum, tongue)
}

/// `№ A-2026-000001 от 28.02.2026`.
pub(super) fn number_line(number: &str, date: Date, of: PaperLanguage) -> String {
    let date = day(date);
    match of {
        PaperLanguage::Russian => format!("№ {number} от {date}"),
        PaperLanguage::Kazakh => format!("№ {number}, {date}"),
    }
}

/// Name, BIN and address of a party in one line.
pub(super) fn party(party: &Party, of: PaperLanguage) -> String {
    let bin = said(of, ["БСН/ЖСН", "БИН/ИИН"]);
    format!("{}, {bin} {}, {}", party.title, party.bin, party.address)
}

/// BIN and address alone.
pub(super) fn bin_and_address(party: &Party) -> String {
    format!("{}, {}", party.bin, party.address)
}

/// An account at a bank in one line; a dash where none is known.
pub(super) fn bank(bank: Option<&BankDetails>, of: PaperLanguage) -> String {
    let Some(bank) = bank else { return or_dash("") };
    let [iik, bic] = [said(of, ["ЖСК", "ИИК"]), said(of, ["БСК", "БИК"])];
    let kbe =
        bank.kbe.as_ref().map(|kbe| format!(", {} {kbe}", said(of, ["Кбе", "Кбе"]))).unwrap_or_default();
    let place = [bank.bank.as_str(), bank.bic.as_str()];
    match place {
        ["", _] => format!("{iik} {}{kbe}", bank.iik),
        [name, ""] => format!("{iik} {}, {name}{kbe}", bank.iik),
        [name, code] => format!("{iik} {}, {name}, {bic} {code}{kbe}", bank.iik),
    }
}

/// The contract; without one a document says so.
pub(super) fn contract(contract: Option<&Contract>, of: PaperLanguage) -> String {
    match contract {
        Some(contract) => number_line(&contract.number, contract.day.date(), of),
        None => text(of, ["шартсыз", "без договора"]),
    }
}

/// A place for a signature: who signs, and a line to sign on.
pub(super) fn to_sign(who: &str, of: PaperLanguage) -> String {
    let how = said(of, ["аты-жөні, қолы", "Ф.И.О., подпись"]);
    format!("{who} ____________________ / {how}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_grouped_and_have_two_digits_of_tiyn() {
        for (tiyn, told) in [
            (0, "0,00"),
            (7, "0,07"),
            (300_030, "3\u{a0}000,30"),
            (-7_144, "-71,44"),
            (12_345_678_901, "123\u{a0}456\u{a0}789,01"),
        ] {
            assert_eq!(sum(Tiyn::new(tiyn).unwrap()), told);
        }
    }
}
