//! Who a certificate belongs to, and as whom its owner may act.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::tlv::FormatError;
use crate::{name, oid};

/// What kind of owner the numbers in a name speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person, also one who trades as an individual entrepreneur.
    Individual,
    /// A person of an organisation.
    OrganisationPerson,
    /// A program of an organisation.
    InformationSystem,
    /// Neither number: a service, a CA.
    Other,
}

impl Owner {
    /// The word that the JSON of a verdict has as `template`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::OrganisationPerson => "organisation_person",
            Self::InformationSystem => "information_system",
            Self::Other => "other",
        }
    }
}

/// A subject's name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Surname and given name of a person, or the name of a system.
    pub common_name: Option<String>,
    /// The surname, as the certificate writes it.
    pub surname: Option<String>,
    /// Patronymic, which the profile keeps in the attribute givenName.
    pub patronymic: Option<String>,
    /// The individual's number, 12 digits.
    pub iin: Option<String>,
    /// The organisation's number, 12 digits.
    pub bin: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// E-mail, in older certificates.
    pub email: Option<String>,
}

impl fmt::Debug for Subject {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

impl Subject {
    /// Reads a Name.
    pub(crate) fn read(name: &[u8]) -> Result<Self, FormatError> {
        let mut subject = Self::default();
        name::walk(name, |_, id, tag, value| {
            if let Some(text) = shown(tag, value) {
                subject.take(id, text);
            }
        })?;
        Ok(subject)
    }

    /// Of an attribute that comes twice the first counts, so that a second one cannot replace a number.
    fn take(&mut self, id: ObjectIdentifier, text: String) {
        let place = match id {
            oid::COMMON_NAME => &mut self.common_name,
            oid::SURNAME => &mut self.surname,
            oid::PATRONYMIC => &mut self.patronymic,
            oid::ORGANISATION => &mut self.organisation,
            oid::EMAIL => &mut self.email,
            oid::SERIAL_NUMBER | oid::ORGANISATION_UNIT => {
                if let Some(number) = number(&text, "IIN").filter(|_| id == oid::SERIAL_NUMBER) {
                    self.iin.get_or_insert(number);
                } else if let Some(number) = number(&text, "BIN") {
                    self.bin.get_or_insert(number);
                }
                return;
            }
            _ => return,
        };
        place.get_or_insert(text);
    }

    /// Surname, given name and patronymic, as people call it ФИО; or the system's name.
    pub fn full_name(&self) -> Option<String> {
        let parts = [self.common_name.as_deref(), self.patronymic.as_deref()];
        let joined = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty());
        let joined = joined.collect::<Vec<_>>().join(" ");
        (!joined.is_empty()).then_some(joined)
    }

    /// What kind of owner this is.
    pub fn owner(&self) -> Owner {
        match (&self.iin, &self.bin) {
            (Some(_), None) => Owner::Individual,
            (Some(_), Some(_)) => Owner::OrganisationPerson,
            (None, Some(_)) => Owner::InformationSystem,
            (None, None) => Owner::Other,
        }
    }
}

/// The 12 digits behind `prefix`.
fn number(text: &str, prefix: &str) -> Option<String> {
    let digits = text.trim().strip_prefix(prefix)?;
    let is_number = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

/// A string attribute; `None` for kinds that are no text. Control characters do not reach a terminal or a page.
fn shown(tag: u8, value: &[u8]) -> Option<String> {
    let text = name::text(tag, value)?;
    Some(text.chars().map(|char| if is_unsafe(char) { '\u{fffd}' } else { char }).collect())
}

/// Controls, and marks that turn the direction of what follows.
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As whom the owner of a certificate may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A person who acts for nobody else.
    Individual,
    /// An information system of an individual.
    IndividualSystem,
    /// An organisation; always together with a further role.
    Organisation,
    /// The first head of an organisation.
    Head,
    /// Person with the right of signature.
    Signatory,
    /// Person with the right of signature for financial documents.
    FinancialSignatory,
    /// Employee of the personnel department.
    Personnel,
    /// Somebody who works for an organisation.
    Employee,
    /// Information system of an organisation.
    OrganisationSystem,
    /// Staff of the national CA.
    AuthorityStaff,
    /// How the person was identified.
    Identification,
    /// The treasury's client.
    Treasury,
}

impl Role {
    /// The role that an OID of extKeyUsage stands for.
    pub(crate) fn of(oid: &ObjectIdentifier) -> Option<Self> {
        let text = oid.to_string();
        if text == "1.2.398.5.19.1.2.2.1" {
            return Some(Self::Treasury);
        }
        let rest = text.strip_prefix("1.2.398.3.3.4.")?;
        Some(match rest {
            "1.1" => Self::Individual,
            "1.1.1" => Self::IndividualSystem,
            "1.2" => Self::Organisation,
            "1.2.1" => Self::Head,
            "1.2.2" => Self::Signatory,
            "1.2.3" => Self::FinancialSignatory,
            "1.2.4" => Self::Personnel,
            "1.2.5" => Self::Employee,
            system if system == "1.2.6" || system.starts_with("1.2.6.") => Self::OrganisationSystem,
            staff if staff == "2" || staff.starts_with("2.") => Self::AuthorityStaff,
            seen if seen == "3" || seen.starts_with("3.") => Self::Identification,
            _ => return None,
        })
    }

    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::IndividualSystem => "individual_system",
            Self::Organisation => "organisation",
            Self::Head => "head",
            Self::Signatory => "signatory",
            Self::FinancialSignatory => "financial_signatory",
            Self::Personnel => "personnel",
            Self::Employee => "employee",
            Self::OrganisationSystem => "organisation_system",
            Self::AuthorityStaff => "authority_staff",
            Self::Identification => "identification",
            Self::Treasury => "treasury",
        }
    }
}
