//! The rules of money: what organisations are charged, invoiced and paid for, as pure functions over integer tiyn.
//!
//! There is no clock, no chance and no IO here: days, times and ids come in. What is kept of it, and how it lands once however
//! often it is tried, is `ofd-storage`'s `ledger`. The rules in words, with examples that tests read, are in docs/billing.md.

pub mod charging;
mod day;
mod iban;
pub mod invoices;
pub mod ledger;
pub mod matching;
mod month;
mod personal_account;
pub mod standing;
pub mod statements;
pub mod tariffs;
#[cfg(test)]
mod tests;
mod tiyn;
pub mod words;

pub use day::{Day, NoDay};
pub use iban::{Iban, NoIban};
pub use month::{Month, NoMonth};
pub use personal_account::{NoPersonalAccount, PersonalAccount};
pub use tiyn::{Tiyn, TiynError, half_away_from_zero};
