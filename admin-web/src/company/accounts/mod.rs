//! Bank accounts of a company.

mod handlers;
mod rules;
mod view;

pub(super) use handlers::pages;
pub(crate) use rules::BankInput;
pub(super) use rules::{ACCOUNTS_MAX, with_kbe};
pub(crate) use view::BankView;
pub(super) use view::{bank_name, kind_name};
