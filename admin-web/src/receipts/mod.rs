//! Receipts: the page for people and the check for apps.

mod check;
pub(crate) mod handlers;
mod lookup;
mod rules;
mod taxes;
mod units;
mod view;
