//! Bank accounts of a company.

mod handlers;
mod rules;
mod view;

pub(super) use handlers::pages;
pub(crate) use rules::BankInput;
pub(super) use rules::{ACCOUNTS_MAX, with_kbe};
pub(super) use view::kind_name;
pub(crate) use view::{BankView, bank_name};
