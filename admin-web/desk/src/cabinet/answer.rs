//! The pages that say why there is no other.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::store::StoreError;

use super::failure::{Failure, FormFate, see_other};
use super::known::Known;
use super::second_factor;
use crate::page::Visitor;
use crate::site::Site;

/// What the page of signing in is told of what was typed.
fn done(kept: FormFate) -> &'static str {
    match kept {
        FormFate::Nothing => "ended",
        FormFate::Whole => "kept",
        FormFate::Lost => "lost",
    }
}

/// Seconds after which it is worth trying again.
const RETRY_AFTER_SECONDS: u64 = 5;

/// The page that says it.
pub(super) fn answer(
    failure: Failure,
    site: &Site,
    visitor: &Visitor,
    path: &str,
    known: Option<&Known>,
) -> Response {
    let words = site.words(visitor);
    let (status, heading, text) = match failure {
        Failure::SignIn => {
            let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
            return see_other(&format!("/login?{next}"));
        }
        Failure::Ended(next, kept) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair("next", &next).append_pair("done", done(kept)).finish();
            return see_other(&format!("/login?{query}"));
        }
        Failure::Again(address) => return see_other(&address),
        Failure::SecondFactor(lack) => return second_factor::answer(lack, site, visitor, known),
        Failure::NotFound => (StatusCode::NOT_FOUND, "no-page-title", words.say("not-here-text")),
        Failure::Forbidden => (StatusCode::FORBIDDEN, "forbidden-title", words.say("forbidden-text")),
        Failure::Blocked(reason) => {
            (StatusCode::FORBIDDEN, "blocked-title", words.say_with("blocked-text", &reason))
        }
        Failure::Csrf => (StatusCode::FORBIDDEN, "csrf-title", words.say("csrf-text")),
        Failure::Unreadable => (StatusCode::BAD_REQUEST, "unreadable-title", words.say("unreadable-text")),
        Failure::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large-title", words.say("too-large-text")),
        Failure::Host => {
            let text = words.say_with("host-text", &site.config.public_url);
            (StatusCode::MISDIRECTED_REQUEST, "host-title", text)
        }
        Failure::Busy
        | Failure::Store(
            StoreError::Conflict { .. } | StoreError::Unknown { .. } | StoreError::Unavailable { .. },
        ) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable-title", words.say("later-text")),
        Failure::Store(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "a page failed in the store");
            (StatusCode::INTERNAL_SERVER_ERROR, "failed-title", words.say("broken-text"))
        }
    };
    let mut response = site.say_to(visitor, known, status, heading, text);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(axum::http::header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    }
    response
}
