//! Requests to a router without a socket.

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::TOKEN;
use crate::budget::ClientAddress;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As it came.
    pub(crate) body: Bytes,
    /// The same as text; of files that are none as far as it goes.
    pub(crate) text: String,
}

/// What is no text.
const FILES: [&str; 2] = ["application/pdf", "application/pkcs7-signature"];

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    /// The problem, with all that every problem has.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(header_of(self, "content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert!(json["type"].as_str().unwrap().starts_with("urn:ofd:problem:"), "{json}");
        assert!(json["title"].as_str().unwrap().len() > 3 && json["detail"].as_str().unwrap().len() > 10);
        json
    }
}

pub(crate) fn header_of<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let kind = parts.headers.get("content-type").map(|kind| kind.to_str().unwrap());
    let text = match kind {
        Some(kind) if FILES.contains(&kind) => String::from_utf8_lossy(&body).into_owned(),
        _ => String::from_utf8(body.to_vec()).unwrap(),
    };
    Answer { status: parts.status, headers: parts.headers, body, text }
}

/// A GET with the API's token and other headers.
pub(crate) async fn get(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(uri).header("authorization", format!("Bearer {TOKEN}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

/// A GET from an address.
pub(crate) async fn get_from(router: &Router, uri: &str, address: &str) -> Answer {
    let address: IpAddr = address.parse().unwrap();
    let request = Request::get(uri).extension(ClientAddress(address)).body(Body::empty()).unwrap();
    send(router, request).await
}

/// A POST with the API's token and a JSON body.
pub(crate) async fn post(router: &Router, uri: &str, body: &str) -> Answer {
    let request = Request::post(uri)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap();
    send(router, request).await
}

/// What a reader sees: tags are gone, entities are read, runs of blanks are one.
pub(crate) fn visible(html: &str) -> String {
    let body = html.split("<body>").nth(1).unwrap_or(html);
    let mut text = String::new();
    let mut is_tag = false;
    for char in body.chars() {
        match char {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            char if !is_tag => text.push(char),
            _ => {}
        }
    }
    let text = text
        .replace("&#38;", "&")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#39;", "'")
        .replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
