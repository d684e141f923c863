//! Addresses of a company.

mod pages;
mod rules;
mod view;

pub(super) use pages::AddressPages;
pub(crate) use rules::{ACTUAL_ADDRESS, AddressNames, LEGAL_ADDRESS, read_address};
pub(crate) use view::{AddressView, address_line};
