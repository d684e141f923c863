//! Errors of the API: problem details (RFC 9457). What is wrong, where, and what to do.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ofd_storage::store::StoreError;
use serde::Serialize;

/// The kinds of problems; docs/api.md explains each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A parameter or body is wrong.
    BadRequest,
    /// No token, or another one.
    Unauthorized,
    /// The token is good for less than this.
    InsufficientScope,
    /// Nothing is here for this token.
    NotFound,
    /// No token is configured.
    ApiOff,
    /// The address knows other methods.
    MethodNotAllowed,
    /// The register was taken off the books for good.
    Deregistered,
    /// The payment was told before with another sum or for another account.
    PaymentDiffers,
    /// The body is too long.
    TooLarge,
    /// The body came too slowly.
    TooSlow,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// Over the budget.
    TooManyRequests,
    /// A fault of ours, told in the log.
    Internal,
    /// Nothing can be said now: the store or another service does not answer. Another try may help.
    Unavailable,
}

impl Kind {
    /// Every kind, so that a test can ask that the API's description leaves none out.
    pub const ALL: [Self; 14] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::InsufficientScope,
        Self::NotFound,
        Self::ApiOff,
        Self::MethodNotAllowed,
        Self::Deregistered,
        Self::PaymentDiffers,
        Self::TooLarge,
        Self::TooSlow,
        Self::UnsupportedMediaType,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The name in `type`, status and title.
    pub fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => ("bad-request", StatusCode::BAD_REQUEST, "The request is not right"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "The token is missing or wrong"),
            Self::InsufficientScope => {
                ("insufficient-scope", StatusCode::FORBIDDEN, "The token is good for less than this")
            }
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is nothing here"),
            Self::ApiOff => ("api-off", StatusCode::NOT_FOUND, "The API is switched off"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "This address knows other methods")
            }
            Self::Deregistered => ("deregistered", StatusCode::CONFLICT, "The register was deregistered"),
            Self::PaymentDiffers => ("payment-differs", StatusCode::CONFLICT, "The payment is another"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too long"),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, "The body came too slowly"),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json",
            ),
            Self::TooManyRequests => {
                ("too-many-requests", StatusCode::TOO_MANY_REQUESTS, "Too many requests")
            }
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "The server failed"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Not now"),
        }
    }
}

/// What is wrong with one field or parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its name, as the form or the address has it.
    pub field: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// A problem on its way to the client.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u64>,
    challenge: Option<&'static str>,
}

#[derive(Serialize)]
struct Body {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// Where a store is busy or full, trying again at once does not help.
pub const RETRY_AFTER_SECONDS: u64 = 5;

impl Problem {
    /// A refusal of this kind; `detail` says what to do about it.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None, challenge: None }
    }

    /// Fields that are wrong; the detail names them all.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail =
            errors.iter().map(|error| format!("{}: {}", error.field, error.detail)).collect::<Vec<_>>();
        Self { errors, ..Self::new(Kind::BadRequest, detail.join("; ")) }
    }

    /// One field that is wrong.
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.to_owned(), detail: detail.into() }])
    }

    /// Try again after so many seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// How to identify oneself.
    pub fn challenge(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    /// Others were faster, again and again.
    pub fn busy() -> Self {
        let detail = "the register is busy: others changed it again and again; repeat the request";
        Self::new(Kind::Unavailable, detail).retry_after(1)
    }

    /// There is no such address.
    pub fn no_such_address() -> Self {
        Self::new(Kind::NotFound, "there is no such address; see /api/v1/openapi.json for those there are")
    }
}

/// What the store refused. Its own words are for the log: they name paths of the machine.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict { .. } => Self::busy(),
            StoreError::Unknown { .. } => Self::new(
                Kind::Unavailable,
                "the store gave no answer, the change may have been made or not; repeat the request",
            )
            .retry_after(RETRY_AFTER_SECONDS),
            StoreError::Unavailable { reason } => {
                tracing::warn!(reason, "the store takes no writes now");
                Self::new(
                    Kind::Unavailable,
                    "the store takes no writes now; repeat the request later, /readyz says when",
                )
                .retry_after(RETRY_AFTER_SECONDS)
            }
            StoreError::Corrupt { .. }
            | StoreError::InUse { .. }
            | StoreError::TooLarge { .. }
            | StoreError::TooShort { .. }
            | StoreError::Io { .. } => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a request of the site failed in the store");
                Self::new(
                    Kind::Internal,
                    "the server failed and its log says why; nothing that was accepted is lost",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (name, status, title) = self.kind.parts();
        let body = Body {
            r#type: format!("urn:ofd:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
