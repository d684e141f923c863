//! A company's particulars: contacts, attributes, head, addresses, bank accounts; and banks the directory lacks.

mod addresses;
mod bank_accounts;
mod banks;
mod contact_persons;
mod kinds;
mod owner;
mod parts;
mod profile;

pub(crate) use addresses::{AddressView, address_line};
pub(crate) use bank_accounts::{BankView, bank_name};
pub(crate) use owner::OfCompany;

use crate::cabinet::Pages;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let pages = kinds::PARTS.iter().fold(profile::pages(pages), |pages, kind| (kind.pages)(pages));
    banks::pages(pages)
}
