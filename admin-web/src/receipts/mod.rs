//! Receipts: the page for people and the check for apps.

mod budget;
mod check;
pub(crate) mod handlers;
mod lookup;
mod rules;
mod taxes;
mod units;
mod view;

pub(crate) use budget::Lookups;
