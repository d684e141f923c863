//! Why a page cannot be answered as asked.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ofd_office::change::ChangeError;
use ofd_office::people::second_factor::Lack;
use ofd_storage::store::StoreError;

/// A page that is not shown.
#[derive(Debug)]
pub enum Failure {
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
    /// The store failed, or what it keeps is damaged.
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
pub enum FormFate {
    /// Nothing was typed.
    Nothing,
    /// It comes back after signing in.
    Whole,
    /// It was longer than is kept, or cannot be told to be this person's.
    Lost,
}

/// Sends the browser on with a GET; addresses are ours and begin with `/`.
pub fn see_other(path: &str) -> Response {
    let location = axum::http::HeaderValue::try_from(path);
    let location = location.unwrap_or(axum::http::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, location)]).into_response()
}
