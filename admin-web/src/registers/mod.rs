//! Registers: the API that reads and changes them.

pub(crate) mod auth;
mod change;
pub(crate) mod handlers;
mod reading;
mod rules;
mod view;
mod zreport;

#[cfg(test)]
pub(crate) use rules::{LIMIT_MAX, REASON_CHARS_MAX};

/// A document as the API shows it, for exports.
pub fn document_json(document: &ofd_storage::registers::Document) -> serde_json::Value {
    serde_json::to_value(view::DocumentView::of(document)).unwrap_or_default()
}
