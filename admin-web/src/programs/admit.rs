//! Who may read what of an organisation: a program with a token of it that is good for that.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ofd_desk::token::offered;
use ofd_office::programs::{Judged, is_token, judge, note_use};
use ofd_storage::accounts::{ProgramToken, TokenScope};

use crate::budget::OverBudget;
use crate::problem::{Kind, Problem};
use crate::site::Site;

/// How a program identifies itself.
const CHALLENGE: &str = "Bearer realm=\"ofd\"";

/// The same, where what it came with is no token.
const CHALLENGE_INVALID: &str = "Bearer realm=\"ofd\", error=\"invalid_token\"";

fn over_budget(spent: OverBudget) -> Problem {
    match spent {
        OverBudget::Address { wait_seconds } => {
            let detail =
                "this address asked too often without a token that is known; wait as Retry-After says";
            Problem::new(Kind::TooManyRequests, detail).retry_after(wait_seconds)
        }
        OverBudget::All { wait_seconds } => {
            Problem::new(Kind::Unavailable, "too many ask at once; repeat the request as Retry-After says")
                .retry_after(wait_seconds)
        }
    }
}

/// The token that a program came with, when it is one of the organisation's and good for `scope`.
///
/// A token that was found good before pays for itself; whoever comes with anything else pays by the address.
pub(super) async fn admit(
    site: &Site,
    (headers, address): (&HeaderMap, IpAddr),
    bin: &str,
    scope: TokenScope,
) -> Result<ProgramToken, Problem> {
    let by_address = || site.budget.take(address).map_err(over_budget);
    let Some(text) = offered(headers) else {
        by_address()?;
        let detail =
            "send the header Authorization: Bearer <token>; administrators of the organisation make tokens";
        return Err(Problem::new(Kind::Unauthorized, detail).challenge(CHALLENGE));
    };
    if !is_token(text) {
        by_address()?;
        let detail = "this is no token of an organisation: those are ofd_ and 43 characters";
        return Err(Problem::new(Kind::Unauthorized, detail).challenge(CHALLENGE_INVALID));
    }
    match site.programs.take(text) {
        Some(Ok(())) => {}
        Some(Err(wait_seconds)) => {
            let detail = "this token asked too often; wait as Retry-After says";
            return Err(Problem::new(Kind::TooManyRequests, detail).retry_after(wait_seconds));
        }
        None => by_address()?,
    }
    let token = match judge(&site.office, bin, text).await? {
        Judged::Good(token) => token,
        // It goes on to pay for itself: it is as good as it was, elsewhere.
        Judged::OfAnother => {
            let detail = format!("there is no organisation {bin} for this token");
            return Err(Problem::new(Kind::NotFound, detail));
        }
        Judged::Nowhere => {
            site.programs.forget(text);
            let detail = "this token is good for nothing: it was revoked, or never made; an administrator of the \
                          organisation makes another on the page API tokens";
            return Err(Problem::new(Kind::Unauthorized, detail).challenge(CHALLENGE_INVALID));
        }
    };
    site.programs.prove(text);
    needs(&token, scope)?;
    note_use(&site.office, bin, &token).await;
    Ok(token)
}

/// Refuses a token that is good for less.
pub(super) fn needs(token: &ProgramToken, scope: TokenScope) -> Result<(), Problem> {
    if token.scopes.contains(&scope) {
        return Ok(());
    }
    let detail = format!("this needs a token with the scope {}", scope.told());
    Err(Problem::new(Kind::InsufficientScope, detail))
}
