//! Bank accounts of a company.

mod pages;
mod view;

pub(super) use pages::BankAccountPages;
pub(crate) use view::{BankView, bank_name};
