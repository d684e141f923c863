//! Money: what organisations pay to the operator and owe it, as its people and theirs see and move it.

pub mod charging;
pub mod payments;
mod personal;
pub mod tariffs;
mod words;

pub use personal::{MoneyPage, money, open, this_month};
pub use words::{doubt_words, why_words};
