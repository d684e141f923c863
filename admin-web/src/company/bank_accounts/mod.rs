//! Bank accounts of a company.

mod pages;
mod rules;
mod view;

pub(super) use pages::BankAccountPages;
pub(super) use rules::with_kbe;
pub(crate) use rules::{is_blank_bank_account, read_bank_account};
pub(crate) use view::{BankView, bank_name};
