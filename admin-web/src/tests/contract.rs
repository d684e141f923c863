use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{Method, Request};
use axum::routing::MethodFilter;
use ofd_protocol::warning::Warning;
use ofd_storage::memory::MemoryStore;
use serde_json::Value;

use super::support::*;
use crate::cabinet::{Access, Pages, Route};
use crate::ops::handlers::OPENAPI;
use crate::problem::Kind;
use crate::registers::{LIMIT_MAX, REASON_CHARS_MAX};
use crate::router;
use crate::routes::{Budget, RouteNames, Says, Scope};

/// Pages for people and robots are no part of the API, nor is what the state's app calls.
const NOT_IN_THE_API: &[&str] =
    &["/robots.txt", "/assets/{file}", "/favicon.ico", "/sign/{secret}", "/sign/{secret}/documents"];

/// What is declared of the addresses that ask nobody who came.
fn routes() -> impl Iterator<Item = Route> {
    router::routes().into_iter().filter(|route| route.says != Says::Frame)
}

fn of_the_api() -> impl Iterator<Item = Route> {
    routes().filter(|route| route.says == Says::Problem && !NOT_IN_THE_API.contains(&route.path))
}

fn openapi() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

fn docs(name: &str) -> String {
    let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What in `value` is not as `schema` says; enough of JSON Schema for our own.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return faults(root, root.pointer(&reference[1..]).unwrap(), value, at, found);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let of_each = choices.iter().map(|choice| {
            let mut faults_of = Vec::new();
            faults(root, choice, value, at, &mut faults_of);
            faults_of
        });
        found.extend(of_each.min_by_key(Vec::len).unwrap_or_default());
        return;
    }
    let is_type = match schema["type"].as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type {other} at {at}"),
    };
    if !is_type {
        return found.push(format!("{at} is {value}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        found.push(format!("{at} is {value}, none of {}", schema["enum"]));
    }
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate() {
            faults(root, &schema["items"], item, &format!("{at}[{index}]"), found);
        }
    }
    let Some(fields) = value.as_object() else { return };
    let none = serde_json::Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(
        required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}.{name} is missing")),
    );
    for (name, field) in fields {
        match known.get(name) {
            Some(schema) => faults(root, schema, field, &format!("{at}.{name}"), found),
            None => found.push(format!("{at}.{name} is not in the description")),
        }
    }
}

/// Fails unless an answer is as the description says for this path, method and status.
pub(super) fn assert_described(path: &str, method: &str, answer: &Answer) {
    let root = openapi();
    let mut response = &root["paths"][path][method]["responses"][answer.status.as_str()];
    if let Some(reference) = response["$ref"].as_str() {
        response = root.pointer(&reference[1..]).unwrap();
    }
    let media_type = header_of(answer, "content-type");
    let schema = &response["content"][media_type]["schema"];
    assert!(schema.is_object(), "{method} {path} {} {media_type} is not described", answer.status);
    let mut found = Vec::new();
    faults(&root, schema, &answer.json(), "", &mut found);
    assert!(found.is_empty(), "{method} {path}: {found:#?} in {}", answer.text);
}

#[test]
fn whatever_a_program_changes_takes_a_token_that_is_good_for_it() {
    for route in routes().filter(|route| route.path.starts_with("/api/v1/registers/")) {
        let scope = if route.verb() == "get" { Scope::SeeRegisters } else { Scope::ChangeRegisters };
        assert_eq!(route.access, Access::Token(scope), "{}", route.path);
    }
    // An app on a phone has no token: the secret in the address is its own.
    let takes_one = |access| matches!(access, Access::Token(_) | Access::Secret | Access::Signed);
    assert!(routes().all(|route| route.verb() == "get" || takes_one(route.access)));
    assert!(
        routes().all(|route| (route.access == Access::Secret) == route.path.starts_with("/sign/{secret}"))
    );
}

#[test]
fn all_that_is_asked_of_one_path_is_refused_in_one_way() {
    // Who is sent away before anybody looks at the method is told so by the path alone.
    let mut says = BTreeMap::new();
    for route in routes() {
        assert_eq!(*says.entry(route.path).or_insert(route.says), route.says, "{}", route.path);
    }
}

#[test]
fn whoever_comes_without_a_token_is_paid_for_unless_the_answer_costs_nothing() {
    let free = routes().filter(|route| route.access == Access::Anyone && route.budget == Budget::None);
    let free: BTreeSet<&str> = free.map(|route| route.path).collect();
    let known =
        ["/api/v1/openapi.json", "/assets/{file}", "/favicon.ico", "/healthz", "/readyz", "/robots.txt"];
    assert_eq!(free, BTreeSet::from(known));
}

#[tokio::test]
async fn an_address_can_be_put_to_and_reads_no_more_than_it_says() {
    let keep = |body: Bytes| async move { body.len().to_string() };
    let declared = Pages::default().api(MethodFilter::PUT, ("/kept", "keep"), Access::Anyone, keep).json(8);
    let router = ofd_desk::router::put_together(
        declared,
        crate::site_over(Arc::new(MemoryStore::new()), config()).unwrap(),
    );
    for (method, body, status) in [("PUT", "12345678", 200), ("PUT", "123456789", 413), ("GET", "", 405)] {
        let request = Request::builder().method(method).uri("/kept").body(body.into()).unwrap();
        assert_eq!(send(&router, request).await.status, status, "{method} {body}");
    }
}

#[test]
fn the_description_has_every_route_and_no_other() {
    let root = openapi();
    let described: BTreeSet<(String, String)> = root["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (path.clone(), method.clone()))
        })
        .collect();
    let routed: BTreeSet<(String, String)> =
        of_the_api().map(|route| (route.path.to_owned(), route.verb().to_owned())).collect();
    assert_eq!(described, routed);
}

#[tokio::test]
async fn every_route_of_the_table_is_served() {
    let shop = Shop::open().await;
    let site = shop.site();
    let names = RouteNames::of(&router::routes());
    for route in routes() {
        let (path, name) = (route.path, route.name);
        let uri = path
            .replace("{id}", "203539")
            .replace("{number}", "1")
            .replace("{i}", "1")
            .replace("{bin}", "151140001234");
        let (method, answer) = match route.verb() {
            "get" => (Method::GET, get(&site, &uri, &[]).await),
            "put" => {
                let request = Request::put(&uri).body("{}".into()).unwrap();
                (Method::PUT, send(&site, request).await)
            }
            _ => (Method::POST, post(&site, &uri, "{}").await),
        };
        assert_ne!(answer.status, 405, "{name}");
        assert!(!answer.text.contains("no such address"), "{name}: {}", answer.text);
        assert_eq!(names.name(path, &method), Some(name));
    }
}

#[tokio::test]
async fn the_description_is_served_and_its_references_lead_somewhere() {
    let shop = Shop::open().await;
    let answer = get(&shop.site(), "/api/v1/openapi.json", &[]).await;
    assert_eq!((answer.status.as_u16(), header_of(&answer, "content-type")), (200, "application/json"));
    let root = answer.json();
    for reference in answer.text.split("\"$ref\": \"").skip(1) {
        let reference = reference.split('"').next().unwrap();
        assert!(root.pointer(&reference[1..]).is_some(), "{reference}");
    }
    assert!(answer.text.contains(&format!("\"maximum\": {LIMIT_MAX}")));
    assert!(answer.text.contains(&format!("\"maxLength\": {REASON_CHARS_MAX}")));
}

#[test]
fn the_docs_name_every_route_and_every_problem() {
    let docs = docs("api.md");
    for route in of_the_api() {
        assert!(docs.contains(route.path), "{} is not in docs/api.md", route.path);
    }
    for kind in Kind::ALL {
        let (name, status, _) = kind.parts();
        assert!(
            docs.contains(&format!("| `{name}` | {} |", status.as_u16())),
            "{name} is not in docs/api.md"
        );
    }
}

#[test]
fn the_docs_explain_every_warning() {
    let docs = docs("warnings.md");
    for warning in Warning::ALL {
        let row = docs.lines().find(|line| line.starts_with(&format!("| `{}` |", warning.name())));
        let row = row.unwrap_or_else(|| panic!("{} is not in docs/warnings.md", warning.name()));
        let cells: Vec<&str> = row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells.len(), 4, "{row}");
        let strict = if warning.is_refused_when_strict() { "yes" } else { "no" };
        assert_eq!(cells[3], strict, "{row}");
    }
    assert_eq!(docs.matches("\n| `").count(), Warning::ALL.len());
}
