//! The ledger as it is kept: months of accounts are streams, and a posting lands once however often it is tried.
//!
//! What a posting is, when it is refused and what a month's head says are the rules of [`ofd_billing::ledger`]. An account's months
//! follow each other without holes, from the one in which the account was opened. A month's rows are its entries, the newest first,
//! and for each an index row under the hash of its source.
//!
//! **Once.** A posting goes into the month of its day, or into the first one after it that is not closed. Whoever posts it again
//! finds the same months: its day does not change and a closed month stays closed. So it looks for the source in those months,
//! and appends on the condition that the head did not move since.
//!
//! **Closed.** One record says up to which month the books of all accounts are closed; see [`ClosedBooks`].
//!
//! **Whole.** A posting is written whole into its home; until its other legs are in their accounts the home's head names it.
//! Whoever posts to the home carries them, and [`carry_all`] those of homes that nobody posts to. A crash in between leaves a name in
//! the head, and the leg's own source keeps it from landing twice.

mod accounts;
mod books;
mod check;
mod checked;
mod closed;
mod keys;
mod month;
mod personal;
mod post;
#[cfg(test)]
mod tests;

pub use accounts::{Accounts, Fault, Place, accounts};
pub use books::{BOOKS_KEY, Books, LedgerError, books, kept as kept_books};
pub use check::{Checked, check, check_accounts, check_month, check_open};
pub use checked::{BREAKS_KEPT_MAX, CHECKED_KEY, LastCheck, keep_check, last_check, unproven_from};
pub use closed::{CLOSED_KEY, ClosedBooks, closed_books, first_open, say_closed};
pub use month::{Balance, MonthOf, balance, entries, find, head};
pub use personal::{PersonalAccountRecord, of_bin, of_number, open_personal};
pub use post::{Landed, carry_accounts, carry_all, close_month, post};
