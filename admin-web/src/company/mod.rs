//! A company's particulars: contacts, attributes, head, addresses, bank accounts; and banks the directory lacks.

mod accounts;
mod addresses;
mod banks;
mod change;
mod differences;
mod organisation;
mod profile;
mod typed;

pub(crate) use accounts::{BankInput, BankView, bank_name};
pub(crate) use addresses::{ACTUAL_ADDRESS, AddressInput, AddressNames, AddressView, LEGAL_ADDRESS};
pub(crate) use banks::{KnownBank, known_banks};
pub(crate) use differences::registered;
pub(crate) use organisation::{address_line, keep_organisation};
pub(crate) use typed::{Errors, Wrong, tell};

use crate::cabinet::Pages;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let pages = profile::pages(pages);
    let pages = addresses::pages(pages);
    let pages = accounts::pages(pages);
    banks::pages(pages)
}
