//! The API of registers, as a program of the operator uses it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::http::{Request, Response};
use crate::process::{API_TOKEN, Server, local};

/// Entries of one page, where a test does not mind.
const LIMIT: usize = 1000;

/// A register that sells without a pause is changed in so many tries.
const TRIES_MAX: usize = 200;

/// The API of a server.
#[derive(Clone, Copy, Debug)]
pub struct Api(SocketAddr);

impl Api {
    /// That of a server.
    pub fn of(server: &Server) -> Self {
        Self(local(server.ports.site))
    }

    /// Any GET with the token.
    pub async fn get(&self, target: &str) -> Response {
        let sent = Request::authorised(target, API_TOKEN, None).send(self.0).await;
        sent.unwrap_or_else(|error| panic!("GET {target}: {error}"))
    }

    /// Any POST with the token.
    pub async fn post(&self, target: &str, body: Option<Value>) -> Response {
        let body = body.map_or_else(String::new, |body| body.to_string());
        let sent = Request::authorised(target, API_TOKEN, Some(body)).send(self.0).await;
        sent.unwrap_or_else(|error| panic!("POST {target}: {error}"))
    }

    /// Asks `GET /api/v1/registers/{id}` and takes what it says.
    pub async fn register(&self, id: u32) -> Value {
        self.get(&format!("/api/v1/registers/{id}")).await.expect(200).json()
    }

    /// A change of a register, which must succeed; the register as it is then.
    pub async fn change(&self, id: u32, change: &str, reason: Option<&str>) -> Value {
        let body = reason.map(|reason| json!({ "reason": reason }));
        self.post(&format!("/api/v1/registers/{id}/{change}"), body).await.expect(200).json()
    }

    /// The same of a register that sells without a pause. Who is always a step behind is told to repeat it, and does.
    pub async fn change_busy(&self, id: u32, change: &str, reason: Option<&str>) -> Value {
        let target = format!("/api/v1/registers/{id}/{change}");
        for _ in 0..TRIES_MAX {
            let answer = self.post(&target, reason.map(|reason| json!({ "reason": reason }))).await;
            if answer.status == 200 {
                return answer.json();
            }
            let is_told_to_repeat = answer.header("retry-after").is_some();
            assert_eq!((answer.status, is_told_to_repeat), (503, true), "{}", answer.text());
        }
        panic!("{change} of a busy register did not succeed in {TRIES_MAX} tries");
    }

    /// `POST /api/v1/registers/{id}/reset-token`: the new token.
    pub async fn reset_token(&self, id: u32) -> u32 {
        token(&self.change(id, "reset-token", None).await)
    }

    /// Every shift of a register.
    pub async fn shifts(&self, id: u32) -> Vec<Value> {
        self.pages(&format!("/api/v1/registers/{id}/shifts"), "shifts", LIMIT).await
    }

    /// Every document of a shift.
    pub async fn documents_of(&self, id: u32, shift: u64) -> Vec<Value> {
        self.pages(&format!("/api/v1/registers/{id}/shifts/{shift}/documents"), "documents", LIMIT).await
    }

    /// Every document of a register.
    pub async fn documents(&self, id: u32) -> Vec<Value> {
        let mut all = Vec::new();
        for shift in self.shifts(id).await {
            all.extend(self.documents_of(id, shift["number"].as_u64().expect("shifts are numbered")).await);
        }
        all
    }

    /// A whole list, page by page.
    pub async fn pages(&self, target: &str, list: &str, limit: usize) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self.get(&format!("{target}?after={after}&limit={limit}")).await.expect(200).json();
            let entries = page[list].as_array().unwrap_or_else(|| panic!("no {list} in {page}"));
            assert!(entries.len() <= limit, "{target} is longer than {limit}");
            all.extend(entries.iter().cloned());
            match page["next"].as_u64() {
                Some(next) => {
                    let last = entries.last().and_then(|entry| entry["number"].as_u64());
                    assert_eq!(Some(next), last, "next is the number of the last entry");
                    after = next;
                }
                None => return all,
            }
        }
    }
}

/// The token in the answer to a reset.
pub fn token(answer: &Value) -> u32 {
    answer["token"].as_u64().and_then(|token| u32::try_from(token).ok()).expect("a token")
}

/// Counts the documents of a kind.
pub fn count(documents: &[Value], kind: &str) -> usize {
    documents.iter().filter(|document| document["kind"] == kind).count()
}

/// Tiyn of a decimal text in tenge.
pub fn tiyn(text: &Value) -> i64 {
    let text = text.as_str().unwrap_or_else(|| panic!("{text} is no sum"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or_else(|| panic!("{text} has no two decimals"));
    assert!(part.len() == 2, "{text} has no two decimals");
    let number = |digits: &str| digits.parse::<i64>().unwrap_or_else(|error| panic!("{text}: {error}"));
    sign * (number(whole) * 100 + number(part))
}
