//! Money: what organisations pay to the operator and owe it, as its people and theirs see and move it.

pub mod calls;
pub mod charging;
pub mod impact;
pub mod invoices;
mod issuer;
pub mod offers;
pub mod payments;
mod personal;
pub mod reconciling;
pub mod standing;
pub mod tariff_form;
pub mod tariffs;
mod words;

pub use issuer::{Issuer, QrTemplate, QrTemplateError};
pub use personal::{MoneyPage, entries_of, money, open, this_month};
pub use words::{doubt_words, why_words};

use ofd_storage::accounts::{AuditField, FieldChange};

/// A field of a row of the audit that tells what is so, where nothing was before.
fn set(field: AuditField, value: String) -> FieldChange {
    FieldChange { field: field.name().to_owned(), before: None, after: Some(value) }
}
