//! Directories: banks, the country's administrative units, countries and short classifiers.
//!
//! Each is a file in `data/` that names its source and its date. `docs/directories.md` says what they cover and how
//! they are renewed.

mod banks;
mod codes;
mod fold;
mod iik;
mod latin;
mod located;
mod oked;
mod places;
mod table;
#[cfg(test)]
mod tests;

use crate::language::Language;

pub use banks::{Bank, bank, banks};
pub use codes::{Directory, Kbe, Residency, account_types, countries, legal_forms, ownership_forms, sectors};
pub use iik::{Iik, IikError};
pub(crate) use located::{at_place, street_line};
pub use oked::oked;
pub use places::{settlement, settlements, told_place};

/// A name in the languages a directory has it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    ru: String,
    kk: String,
    en: Option<String>,
}

impl Names {
    /// The name for a page. Where a directory has no English name, the Russian one is shown: it stands on documents.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Kazakh => &self.kk,
            Language::Russian => &self.ru,
            Language::English => self.en.as_deref().unwrap_or(&self.ru),
        }
    }
}
