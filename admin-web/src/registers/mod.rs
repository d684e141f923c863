//! Registers: the API that reads and changes them.

pub(crate) mod handlers;
mod reading;
mod rules;
mod view;
mod zreport;

use axum::routing::MethodFilter;

use crate::cabinet::{Access, Pages};
use crate::limits::BODY_LEN_MAX;
use crate::routes::Scope;

pub(crate) use view::ShiftView;

#[cfg(test)]
pub(crate) use rules::{LIMIT_MAX, REASON_CHARS_MAX};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (get, post) = (MethodFilter::GET, MethodFilter::POST);
    let (see, change) = (Access::Token(Scope::SeeRegisters), Access::Token(Scope::ChangeRegisters));
    pages
        .api(get, ("/api/v1/registers/{id}", "register"), see, handlers::register)
        .api(get, ("/api/v1/registers/{id}/shifts", "shifts"), see, handlers::shifts)
        .api(get, ("/api/v1/registers/{id}/shifts/{number}/documents", "documents"), see, handlers::documents)
        .api(post, ("/api/v1/registers/{id}/block", "block"), change, handlers::block)
        .json(BODY_LEN_MAX)
        .api(post, ("/api/v1/registers/{id}/unblock", "unblock"), change, handlers::unblock)
        .api(post, ("/api/v1/registers/{id}/disconnect", "disconnect"), change, handlers::disconnect)
        .api(post, ("/api/v1/registers/{id}/connect", "connect"), change, handlers::connect)
        .api(post, ("/api/v1/registers/{id}/deregister", "deregister"), change, handlers::deregister)
        .json(BODY_LEN_MAX)
        .api(post, ("/api/v1/registers/{id}/reset-token", "reset_token"), change, handlers::reset_token)
}

/// A document as the API shows it, for exports.
pub fn document_json(document: &ofd_storage::registers::Document) -> serde_json::Value {
    serde_json::to_value(view::DocumentView::of(document)).unwrap_or_default()
}
