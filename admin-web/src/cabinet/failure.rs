//! Why a page cannot be answered as asked, and the page that says so.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ofd_storage::store::{Store, StoreError};

use crate::page::{Visitor, say_failed, say_message, say_not_found, say_unavailable};
use crate::site::Site;

/// A page that is not shown.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing at this address for this person.
    NotFound,
    /// The person is known and may not.
    Forbidden,
    /// The person has to sign in first.
    SignIn,
    /// The form's token is missing or not ours: it was sent from elsewhere, or the session is a new one.
    Csrf,
    /// The form cannot be read.
    Unreadable,
    /// The form is too large.
    TooLarge,
    /// The request names another host than ours.
    Host,
    /// Too much of the same is under way.
    Busy,
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// The page that says it.
    pub(super) fn answer<S: Store>(
        self,
        site: &std::sync::Arc<Site<S>>,
        visitor: &Visitor,
        path: &str,
    ) -> Response {
        let say = |status, key: &str| {
            let text = site.words(visitor).say(match key {
                "forbidden-title" => "forbidden-text",
                "csrf-title" => "csrf-text",
                "unreadable-title" => "unreadable-text",
                _ => "too-large-text",
            });
            say_message(site, visitor, status, key, text)
        };
        match self {
            Self::NotFound => say_not_found(site, visitor),
            Self::Forbidden => say(StatusCode::FORBIDDEN, "forbidden-title"),
            Self::SignIn => {
                let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
                see_other(&format!("/login?{next}"))
            }
            Self::Csrf => say(StatusCode::FORBIDDEN, "csrf-title"),
            Self::Unreadable => say(StatusCode::BAD_REQUEST, "unreadable-title"),
            Self::TooLarge => say(StatusCode::PAYLOAD_TOO_LARGE, "too-large-title"),
            Self::Host => {
                let text = site.words(visitor).say_with("host-text", &site.config.public_url);
                say_message(site, visitor, StatusCode::MISDIRECTED_REQUEST, "host-title", text)
            }
            Self::Busy => say_unavailable(site, visitor),
            Self::Store(error) => say_failed(site, visitor, &error),
        }
    }
}

/// Sends the browser on with a GET; addresses are ours and begin with `/`.
pub(crate) fn see_other(path: &str) -> Response {
    let location = axum::http::HeaderValue::try_from(path);
    let location = location.unwrap_or(axum::http::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, location)]).into_response()
}
