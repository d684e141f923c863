//! Invoices, acts and bills as they are kept: numbers without holes, each document once.
//!
//! What a document says and that it adds up are the rules of [`ofd_billing::invoices`]. A series and year is a stream, its documents
//! the rows, the newest first, and for each an index row under the hash of its source. Entries of two indexes lead to a document: from its
//! organisation and from its month. They are written before it, under the number that it is about to get, so one may lead to
//! another's document or to none: whoever finds a document by an entry looks at what it says.
//!
//! **Once.** A document has a source: for the first invoice of a month the organisation and the month. Whoever tries again looks for it
//! in the same stream, since the day of a document does not change, and appends on the condition that the head did not move since.
//!
//! **To the tiyn.** An invoice names the postings that it stands on, each of which is in one invoice: its lines sum to what they
//! charged, rate by rate. What its VAT as a whole is more than theirs is posted with it.

mod charged;
mod check;
mod error;
mod kept;
mod kind;
mod lists;
mod making;
mod parties;
mod run;
mod series;
#[cfg(test)]
mod tests;

pub use charged::{ChargedPosting, charges_of};
pub use check::{Checked, check};
pub use error::InvoicingError;
pub use kept::{Document, Issued, KeptAct, KeptInvoice};
pub use kind::InvoiceKind;
pub use lists::{Place, document_of_key, of_month, of_organisation};
pub use making::{ByHand, Issuing, Made, additional, bill, correct, make_month};
pub use parties::{contract_of, recipient};
pub use run::{INVOICING_KEY, Ran, Step, step};
pub use series::{act, by_number, series_of};
