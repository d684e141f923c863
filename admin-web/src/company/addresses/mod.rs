//! Addresses of a company.

mod pages;
mod view;

pub(super) use pages::AddressPages;
pub(crate) use view::{AddressView, address_line};
