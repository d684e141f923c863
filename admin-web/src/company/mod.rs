//! A company's particulars: contacts, attributes, head, addresses, bank accounts; and banks the directory lacks.

/// Where the parts of a kind lie in a company, and how they are numbered.
macro_rules! kept_in {
    ($list:ident) => {
        type Whole = Company;

        fn all(company: &Company) -> &Vec<Self> {
            &company.$list
        }

        fn all_mut(company: &mut Company) -> &mut Vec<Self> {
            &mut company.$list
        }

        fn id(&self) -> u32 {
            self.id
        }

        fn revision(&self) -> u32 {
            self.revision
        }

        fn numbered(self, id: u32, revision: u32) -> Self {
            Self { id, revision, ..self }
        }
    };
}

mod addresses;
mod bank_accounts;
mod banks;
mod change;
mod contact_persons;
mod differences;
mod kinds;
mod parts;
mod profile;

pub(crate) use addresses::{
    ACTUAL_ADDRESS, AddressNames, AddressView, LEGAL_ADDRESS, address_line, read_address,
};
pub(crate) use bank_accounts::{BankView, bank_name, is_blank_bank_account, read_bank_account};
pub(crate) use banks::{KnownBank, known_banks};
pub(crate) use differences::registered;

use crate::cabinet::Pages;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let pages = kinds::PARTS.iter().fold(profile::pages(pages), |pages, kind| (kind.pages)(pages));
    banks::pages(pages)
}
