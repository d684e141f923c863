//! Who may use the API: whoever has the token of the config.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Kind, Problem};
use crate::site::Site;

/// The token offered in `Authorization: Bearer …`.
pub fn offered(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets a request pass that has the token.
pub(crate) async fn authorise(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let Some(token) = &site.config.api_token else {
        let detail = "no token is configured; set api_token in [site] or OFD_API_TOKEN and restart";
        return Problem::new(Kind::ApiOff, detail).into_response();
    };
    match offered(request.headers()) {
        Some(offered) if token.is(offered) => next.run(request).await,
        Some(_) => Problem::new(Kind::Unauthorized, "this is not the token; see api_token in the config")
            .challenge("Bearer realm=\"ofd\", error=\"invalid_token\"")
            .into_response(),
        None => Problem::new(Kind::Unauthorized, "send the header Authorization: Bearer <token>")
            .challenge("Bearer realm=\"ofd\"")
            .into_response(),
    }
}
