//! Which format a file has, and reading it.

use crate::iban::Iban;

use super::fault::{Fault, Hint, Wrong};
use super::mapping::CsvMapping;
use super::statement::{Format, Statement};
use super::{FILE_MAX, camt, mt940, one_c, table};

/// How many bytes of a file its format is looked for in.
const HEAD: usize = 4_096;

impl Format {
    /// The format of a file by its content. Tables are never found so: they need a mapping.
    ///
    /// # Errors
    /// [`Wrong::UnknownFormat`] with what the file seems to be instead.
    pub fn of(bytes: &[u8]) -> Result<Self, Fault> {
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        let unknown = |hint| Err(Fault::of_file(Wrong::UnknownFormat(hint)));
        if head.starts_with(&[0xFE, 0xFF]) || head.starts_with(&[0xFF, 0xFE]) {
            return unknown(Hint::Utf16);
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return unknown(Hint::Workbook);
        }
        if head.starts_with(b"%PDF") {
            return unknown(Hint::Pdf);
        }
        // Names of formats are of letters that all encodings share.
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        if text.starts_with(one_c::MAGIC) {
            return Ok(Self::OneC);
        }
        if text.starts_with('<') {
            return Self::of_xml(text);
        }
        if text.starts_with(":20:") {
            return Ok(Self::Mt940);
        }
        if text.starts_with("{1:") && text.contains("{4:") {
            let kind = text.split_once("{2:").and_then(|(_, rest)| rest.get(1..4));
            return if kind.is_none_or(|kind| kind == "940") {
                Ok(Self::Mt940)
            } else {
                unknown(Hint::OtherMessage)
            };
        }
        unknown(Hint::Unknown)
    }

    /// The format of XML.
    fn of_xml(text: &str) -> Result<Self, Fault> {
        let small = text.to_lowercase();
        let hint = if text.contains(camt::NAMESPACE) {
            return Ok(Self::Camt053);
        } else if text.contains(camt::FAMILY) {
            Hint::OtherMessage
        } else if small.starts_with("<!doctype html") || small.contains("<html") {
            Hint::Page
        } else {
            Hint::OtherXml
        };
        Err(Fault::of_file(Wrong::UnknownFormat(hint)))
    }
}

/// Reads a file of any format but a table: what it says of each of its accounts.
///
/// # Errors
/// A [`Fault`] that says what is wrong, where, and what to do. Nothing of the file is taken then.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Fault> {
    bounded(bytes)?;
    match Format::of(bytes)? {
        Format::OneC => one_c::read(bytes),
        Format::Mt940 => mt940::read(bytes),
        Format::Camt053 => camt::read(bytes),
        Format::Csv => Err(Fault::of_file(Wrong::UnknownFormat(Hint::Unknown))),
    }
}

/// Reads a table by its mapping, as the statement of an account.
///
/// # Errors
/// A [`Fault`] as [`read`] gives it; also of a mapping that does not fit the table.
pub fn read_csv(bytes: &[u8], mapping: &CsvMapping, account: &Iban) -> Result<Statement, Fault> {
    bounded(bytes)?;
    table::read(bytes, mapping, account)
}

/// Refuses statements of accounts that are not ours.
///
/// # Errors
/// [`Wrong::OtherAccount`] for the first that is another's.
pub fn check(statements: &[Statement], expected: &[Iban]) -> Result<(), Fault> {
    match statements.iter().find(|statement| !expected.contains(&statement.account)) {
        Some(other) => {
            let wrong = Wrong::OtherAccount { found: other.account.clone(), expected: expected.to_vec() };
            Err(Fault::at(&other.place, wrong))
        }
        None => Ok(()),
    }
}

/// Refuses files of nothing and of too much.
fn bounded(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::of_file(Wrong::Empty));
    }
    if bytes.len() > FILE_MAX {
        return Err(Fault::of_file(Wrong::TooLarge { max: FILE_MAX }));
    }
    Ok(())
}
