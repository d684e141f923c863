//! Statements of bank accounts: bytes of a file in, what was paid out.
//!
//! A file is read whole or not at all. Whatever is wrong with it is a [`Fault`] that says what, where, and what to do; nothing of such a
//! file is taken. Formats are told by their content ([`Format::of`]), except for tables, which are read by a [`CsvMapping`]. What is read
//! of each format, and what is refused, is told in docs/bank-statements.md.

mod balance;
mod camt;
mod camt_entry;
mod charset;
mod day_text;
mod decode;
mod fault;
mod identity;
mod mapping;
mod mt940;
mod mt940_details;
mod one_c;
mod one_c_document;
mod read;
mod statement;
mod sums;
mod table;
mod xml;

pub use charset::Charset;
pub use fault::{Fault, Hint, SumFault, Wrong};
pub use identity::{Fingerprint, Kin, Mark, Seen, marks, sort_out};
pub use mapping::{Column, CsvMapping, DateForm, DirectionBy};
pub use read::{check, read, read_csv};
pub use statement::{Direction, Entry, Format, Party, Place, Statement};

/// The greatest file that is read, in bytes.
pub const FILE_MAX: usize = 16 * 1024 * 1024;

/// The most entries of a file.
pub const ENTRIES_MAX: usize = 100_000;

#[cfg(test)]
mod tests;
