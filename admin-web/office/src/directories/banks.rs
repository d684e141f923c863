//! Banks by BIC.

use std::collections::HashSet;
use std::sync::OnceLock;

use ofd_storage::titles::fold;

use super::Names;
use super::table::{Table, TableError};

pub(super) const SOURCE: &str = include_str!("../../data/banks.tsv");

/// A bank, or another participant of the payment system that keeps accounts.
#[derive(Clone, Debug)]
pub struct Bank {
    /// Its BIC, in capitals.
    pub bic: String,
    /// The three digits that its account numbers have after the check digits.
    pub code: String,
    /// What it is called.
    pub names: Names,
    keys: [String; 2],
}

/// Reads the directory, strictly.
pub(super) fn parse(text: &str) -> Result<Vec<Bank>, TableError> {
    let table = Table::read(text)?;
    let mut seen = HashSet::new();
    let mut banks = Vec::new();
    for row in table.rows() {
        let (bic, code) = (row.text("bic")?, row.text("code")?);
        for (given, is_right, form) in [
            (bic, is_bic(bic), "a BIC is six letters and two or five letters or digits, in capitals"),
            (code, is_bank_code(code), "a bank code is three digits"),
        ] {
            if !is_right {
                return Err(TableError::Code { line: row.line(), code: given.to_owned(), form });
            }
            if !seen.insert(given) {
                return Err(TableError::Repeated { line: row.line(), code: given.to_owned() });
            }
        }
        let names = Names { ru: row.text("ru")?.to_owned(), kk: row.text("kk")?.to_owned(), en: None };
        let keys = [fold(&names.ru), fold(&names.kk)];
        banks.push(Bank { bic: bic.to_owned(), code: code.to_owned(), names, keys });
    }
    Ok(banks)
}

fn is_bic(text: &str) -> bool {
    let letters = text.bytes().take(6).all(|byte| byte.is_ascii_uppercase());
    let rest = text.bytes().skip(6).all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    letters && rest && matches!(text.len(), 8 | 11)
}

fn is_bank_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn all() -> &'static [Bank] {
    static READ: OnceLock<Vec<Bank>> = OnceLock::new();
    READ.get_or_init(|| parse(SOURCE).unwrap_or_default())
}

/// Banks whose BIC begins so, then those whose name has it in any place. All of them when nothing is typed.
pub fn banks(typed: &str) -> Vec<&'static Bank> {
    let (bic, part) = (typed.trim().to_uppercase(), fold(typed));
    let (mut found, others): (Vec<_>, Vec<_>) = all().iter().partition(|bank| bank.bic.starts_with(&bic));
    if !part.is_empty() {
        found.extend(others.into_iter().filter(|bank| bank.keys.iter().any(|key| key.contains(&part))));
    }
    found
}

/// The bank of a BIC.
pub fn bank(bic: &str) -> Option<&'static Bank> {
    all().iter().find(|bank| bank.bic.eq_ignore_ascii_case(bic.trim()))
}

/// The bank of the three digits in an account number.
pub(super) fn bank_of_code(code: &str) -> Option<&'static Bank> {
    all().iter().find(|bank| bank.code == code)
}
