//! Addresses of a company.

mod handlers;
mod rules;
mod view;

pub(super) use handlers::pages;
pub(crate) use rules::{ACTUAL_ADDRESS, AddressInput, AddressNames, LEGAL_ADDRESS};
pub(super) use rules::{ADDRESSES_MAX, is_only_legal, legal_address};
pub(crate) use view::AddressView;
pub(super) use view::kind_text;
