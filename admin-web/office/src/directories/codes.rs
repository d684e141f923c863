//! Short classifiers: countries, legal forms, forms of ownership, sectors, account types, and KBe.

use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

use super::Names;
use super::table::{Table, TableError};
use crate::language::Language;

/// One line of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its code, as it is kept.
    pub code: String,
    /// What it is called.
    pub names: Names,
}

/// A directory: codes, each once, in the order of its file.
#[derive(Clone, Debug, Default)]
pub struct Directory(Vec<Entry>);

impl Directory {
    /// Reads a directory with the columns `code`, `ru`, `kk`, `en`.
    pub(super) fn parse(text: &str) -> Result<Self, TableError> {
        let table = Table::read(text)?;
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for row in table.rows() {
            let code = row.text("code")?;
            if !seen.insert(code) {
                return Err(TableError::Repeated { line: row.line(), code: code.to_owned() });
            }
            let names = Names {
                ru: row.text("ru")?.to_owned(),
                kk: row.text("kk")?.to_owned(),
                en: Some(row.text("en")?.to_owned()),
            };
            entries.push(Entry { code: code.to_owned(), names });
        }
        Ok(Self(entries))
    }

    /// Every entry, in the order of the table.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The name of a code as documents and the audit keep it: the Russian one. A code that is not listed stays.
    pub fn kept(&self, code: &str) -> String {
        self.find(code).map_or(code, |entry| entry.names.of(Language::Russian)).to_owned()
    }

    /// A Russian name as documents keep it, told in another language; one that is not listed stays.
    pub fn told(&self, kept: &str, language: Language) -> String {
        let found = self.0.iter().find(|entry| entry.names.of(Language::Russian) == kept);
        found.map_or(kept, |entry| entry.names.of(language)).to_owned()
    }

    /// The entry of a code.
    pub fn find(&self, code: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.code == code)
    }
}

/// A directory that is compiled in. The tests of this folder read each strictly, so that none is empty here.
macro_rules! directory {
    ($(#[$doc:meta])* $name:ident, $source:ident, $file:literal) => {
        pub(super) const $source: &str = include_str!(concat!("../../data/", $file));

        $(#[$doc])*
        pub fn $name() -> &'static Directory {
            static READ: OnceLock<Directory> = OnceLock::new();
            READ.get_or_init(|| Directory::parse($source).unwrap_or_default())
        }
    };
}

directory! {
    /// Countries by their two letters.
    countries, COUNTRIES, "countries.tsv"
}
directory! {
    /// Legal forms by their code of KOPF.
    legal_forms, LEGAL_FORMS, "legal_forms.tsv"
}
directory! {
    /// Forms of ownership.
    ownership_forms, OWNERSHIP_FORMS, "ownership_forms.tsv"
}
directory! {
    /// Sectors of the economy by their digit.
    sectors, SECTORS, "sectors.tsv"
}
directory! {
    /// Kinds of bank accounts.
    account_types, ACCOUNT_TYPES, "account_types.tsv"
}

/// Whether somebody is a resident of Kazakhstan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residency {
    /// Somebody of Kazakhstan.
    Resident,
    /// Of another country.
    NonResident,
}

/// KBe, the code of a beneficiary: residency and sector of the economy. 17 is a company of Kazakhstan, 19 a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kbe {
    residency: Residency,
    sector: u8,
}

impl Kbe {
    /// The code of a residency and a sector. `None` for a digit that is no sector.
    pub fn of(residency: Residency, sector: u8) -> Option<Self> {
        (1..=9).contains(&sector).then_some(Self { residency, sector })
    }

    /// Reads the two digits.
    pub fn parse(text: &str) -> Option<Self> {
        let [residency, sector] = text.trim().as_bytes() else { return None };
        let residency = match residency {
            b'1' => Residency::Resident,
            b'2' => Residency::NonResident,
            _ => return None,
        };
        Self::of(residency, sector.checked_sub(b'0')?)
    }

    /// The first digit.
    #[cfg(test)]
    pub fn residency(self) -> Residency {
        self.residency
    }

    /// The second digit, an entry of [`sectors`].
    #[cfg(test)]
    pub fn sector(self) -> Option<&'static Entry> {
        sectors().find(&self.sector.to_string())
    }
}

impl fmt::Display for Kbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let residency = match self.residency {
            Residency::Resident => 1,
            Residency::NonResident => 2,
        };
        write!(f, "{residency}{}", self.sector)
    }
}
