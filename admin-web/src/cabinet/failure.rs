//! Why a page cannot be answered as asked, and the page that says so.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ofd_storage::store::StoreError;

use super::known::Known;
use super::second_factor::Lack;
use crate::change::ChangeError;
use crate::page::Visitor;
use crate::site::Site;

/// A page that is not shown.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing at this address for this person.
    NotFound,
    /// The person is known and may not.
    Forbidden,
    /// The person was blocked in this company, for this reason.
    Blocked(String),
    /// The person has to sign in first.
    SignIn,
    /// The session is over in which the person asked: where to go on after signing in, and what is said there.
    Ended(String, FormFate),
    /// The form is shown again at this address.
    Again(String),
    /// The person came by password alone, where that does not suffice.
    SecondFactor(Lack),
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
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Busy => Self::Busy,
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// What became of what was typed when a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormFate {
    /// Nothing was typed.
    Nothing,
    /// It comes back after signing in.
    Whole,
    /// It was longer than is kept, or cannot be told to be this person's.
    Lost,
}

impl FormFate {
    /// What the page of signing in is told.
    fn done(self) -> &'static str {
        match self {
            Self::Nothing => "ended",
            Self::Whole => "kept",
            Self::Lost => "lost",
        }
    }
}

/// Seconds after which it is worth trying again.
const RETRY_AFTER_SECONDS: u64 = 5;

impl Failure {
    /// The page that says it.
    pub(super) fn answer(
        self,
        site: &Site,
        visitor: &Visitor,
        path: &str,
        known: Option<&Known>,
    ) -> Response {
        let words = site.words(visitor);
        let (status, heading, text) = match self {
            Self::SignIn => {
                let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
                return see_other(&format!("/login?{next}"));
            }
            Self::Ended(next, kept) => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                let query = query.append_pair("next", &next).append_pair("done", kept.done()).finish();
                return see_other(&format!("/login?{query}"));
            }
            Self::Again(address) => return see_other(&address),
            Self::SecondFactor(lack) => return lack.answer(site, visitor, known),
            Self::NotFound => (StatusCode::NOT_FOUND, "no-page-title", words.say("not-here-text")),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden-title", words.say("forbidden-text")),
            Self::Blocked(reason) => {
                (StatusCode::FORBIDDEN, "blocked-title", words.say_with("blocked-text", &reason))
            }
            Self::Csrf => (StatusCode::FORBIDDEN, "csrf-title", words.say("csrf-text")),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "unreadable-title", words.say("unreadable-text")),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large-title", words.say("too-large-text")),
            Self::Host => {
                let text = words.say_with("host-text", &site.config.public_url);
                (StatusCode::MISDIRECTED_REQUEST, "host-title", text)
            }
            Self::Busy
            | Self::Store(
                StoreError::Conflict { .. } | StoreError::Unknown { .. } | StoreError::Unavailable { .. },
            ) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable-title", words.say("later-text")),
            Self::Store(error) => {
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
}

/// Sends the browser on with a GET; addresses are ours and begin with `/`.
pub(crate) fn see_other(path: &str) -> Response {
    let location = axum::http::HeaderValue::try_from(path);
    let location = location.unwrap_or(axum::http::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, location)]).into_response()
}
