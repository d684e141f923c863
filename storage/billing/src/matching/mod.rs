//! Whose a payment is.
//!
//! Of an entry the [`Clues`] are taken: numbers in its purpose, its payer, its sum. The caller looks them up and fills a [`Book`] with what
//! it knows of them. [`decide`] then says whose the payment surely is and why, or whose it may be, or that it is no payment to us. It
//! is sure only where nothing speaks against it: a payment that stands with the wrong organisation is worse than one that waits for a
//! person. How each case is decided is told in docs/bank-statements.md.

mod book;
mod clues;
mod decide;
mod numbers;

pub use book::{Book, Holder, OpenInvoice};
pub use clues::{AccountClue, Clues};
pub use decide::{Doubt, Fit, Match, NotOurs, SUGGESTIONS_MAX, Suggestion, Why, decide};
pub use numbers::{invoice_key, is_bin};

#[cfg(test)]
mod tests;
