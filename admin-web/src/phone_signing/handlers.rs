//! What the app on the phone asks for and brings.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ofd_desk::content::{ContentError, read_content};
use ofd_office::phone_signing::{self, CALL_LEN_MAX, Call, NotTaken, PhoneSecret, Taken};
use ofd_storage::store::StoreError;
use serde::Serialize;

use crate::budget::{ClientAddress, OverBudget};
use crate::json::json;
use crate::problem::{Kind, Problem};
use crate::site::Site;
use crate::work::Part;

type Said = Result<Path<String>, PathRejection>;

/// How long an app is told to wait when nothing can be said now.
const RETRY_AFTER_SECONDS: u64 = 5;

/// What the app is told of what it brought.
#[derive(Serialize)]
struct Outcome {
    code: &'static str,
    message: &'static str,
}

fn over() -> Problem {
    Problem::new(Kind::NotFound, "there is no such request to sign any more; begin anew on the page")
}

fn not_now() -> Problem {
    Problem::new(Kind::Unavailable, "this cannot be said now; ask again").retry_after(RETRY_AFTER_SECONDS)
}

fn unwell(error: StoreError) -> Problem {
    tracing::warn!(%error, "a request to sign by phone cannot be looked up: {error}");
    not_now()
}

/// Who has a secret of ours may go on, so often; a stranger pays like anybody who guesses addresses.
async fn admitted(site: &Site, said: Said, from: IpAddr) -> Result<PhoneSecret, Problem> {
    if !site.has_phone_signing() {
        return Err(Problem::no_such_address());
    }
    let key = site.office.key().await.map_err(unwell)?;
    let Some(secret) = said.ok().and_then(|Path(text)| PhoneSecret::read(&key, &text)) else {
        return Err(match site.budget.take(from) {
            Ok(()) => over(),
            Err(OverBudget::Address { wait_seconds } | OverBudget::All { wait_seconds }) => {
                too_many(wait_seconds)
            }
        });
    };
    site.phone_calls.take(secret.digest()).map_err(too_many)?;
    Ok(secret)
}

fn too_many(wait_seconds: u64) -> Problem {
    Problem::new(Kind::TooManyRequests, "this was asked for too often").retry_after(wait_seconds)
}

/// `GET /sign/{secret}`: who asks for what.
pub(super) async fn described(
    State(site): State<Arc<Site>>,
    said: Said,
    ClientAddress(from): ClientAddress,
) -> Result<Response, Problem> {
    let secret = admitted(&site, said, from).await?;
    let call = Call { secret: &secret, now: site.office.now(), from };
    let about = (&site.config.imprint, site.config.public_url.as_str());
    let told = phone_signing::described(&site.office, call, about, site.config.zone_offset_seconds).await;
    told.map_err(unwell)?.map(|told| json("no-store", &told)).ok_or_else(over)
}

/// `GET /sign/{secret}/documents`, and POST: what is to be signed. What a POST brings is not read: the secret suffices.
pub(super) async fn documents(
    State(site): State<Arc<Site>>,
    said: Said,
    ClientAddress(from): ClientAddress,
) -> Result<Response, Problem> {
    let secret = admitted(&site, said, from).await?;
    let call = Call { secret: &secret, now: site.office.now(), from };
    let told = phone_signing::documents(&site.office, call).await.map_err(unwell)?;
    told.map(|told| json("no-store", &told)).ok_or_else(over)
}

/// `PUT /sign/{secret}/documents`: what was signed, or that the person does not want to.
pub(super) async fn signed(
    State(site): State<Arc<Site>>,
    said: Said,
    ClientAddress(from): ClientAddress,
    body: Body,
) -> Result<Response, Problem> {
    let secret = admitted(&site, said, from).await?;
    let intake = site.office.work().intake(Part::Documents, from);
    let body = read_content(body, CALL_LEN_MAX, &intake).await.map_err(|error| match error {
        ContentError::TooLarge => Problem::new(Kind::TooLarge, "a call may have 4 MiB"),
        ContentError::Damaged => Problem::new(Kind::BadRequest, "the body ended before its end"),
        ContentError::Busy => not_now(),
    })?;
    let call = Call { secret: &secret, now: site.office.now(), from };
    match phone_signing::take(&site.office, call, &body).await {
        Ok(Taken::Kept | Taken::Refused) => {
            Ok(told(StatusCode::OK, Outcome { code: "200", message: "success" }))
        }
        Err(NotTaken::Wrong) => {
            let message = "the signature does not hold, or is over something else";
            Ok(told(StatusCode::FORBIDDEN, Outcome { code: "403", message }))
        }
        Err(NotTaken::Refused) => {
            let message = "it was refused before; begin anew on the page";
            Ok(told(StatusCode::FORBIDDEN, Outcome { code: "403", message }))
        }
        Err(NotTaken::Over) => Err(over()),
        Err(NotTaken::Unreadable) => Err(Problem::new(
            Kind::BadRequest,
            "send what was got, with a signature in the place of each document",
        )),
        Err(NotTaken::Busy) => Err(not_now()),
        Err(NotTaken::Store(error)) => Err(unwell(error)),
    }
}

fn told(status: StatusCode, outcome: Outcome) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(outcome)).into_response()
}
