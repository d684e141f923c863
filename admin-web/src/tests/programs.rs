//! Tokens of organisations' programs: made, shown once, ended, and what is answered to whom.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_protocol::message::Operation;
use ofd_storage::accounts::{AuditAction, Role, TokenScope};
use ofd_storage::memory::MemoryStore;
use serde_json::Value;

use super::contract::assert_described;
use super::support::people::{Browser, House};
use super::support::{Answer, ID, Paper, Shop, Ticket, at, close_shift, header_of, placement, send};
use crate::budget::ClientAddress;
use crate::cabinet::Access;
use crate::router;

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
const TOKENS: &str = "/c/151140001234/tokens";

struct Office {
    house: House,
    shop: Shop<Arc<MemoryStore>>,
    browser: Browser,
}

impl Office {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(set: impl FnOnce(&mut crate::SiteConfig)) -> Self {
        let house = House::with(set);
        let shop = Shop::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
        let keeper = house.person("ӘКІМШІ").await;
        house.company(BIN, "ТОО «Көктем»", &[(keeper, &[Role::Administrator])]).await;
        house.company(OTHER, "ТОО «Басқа»", &[(keeper, &[Role::Administrator])]).await;
        let browser = house.sign_in(keeper).await;
        Self { house, shop, browser }
    }

    /// Makes a token on the page and reads it there.
    async fn token(&mut self, bin: &str, name: &str, scopes: &[TokenScope]) -> String {
        let at = format!("/c/{bin}/tokens");
        self.browser.go(&at).await;
        let mut fields = vec![("name", name)];
        fields.extend(scopes.iter().map(|scope| ("scope", scope.name())));
        let answer = self.browser.submit(&at, &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = answer.text.split("<code>").nth(1).unwrap_or_else(|| panic!("{}", answer.text));
        text.split('<').next().unwrap().to_owned()
    }

    async fn ask(&self, path: &str, token: Option<&str>, address: [u8; 4]) -> Answer {
        let mut request = Request::get(path).extension(ClientAddress(address.into()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        send(&self.house.router, request.body(Body::empty()).unwrap()).await
    }

    /// Asks for something of the organisation, which must be answered as described.
    async fn get(&self, what: &str, query: &str, token: &str) -> Value {
        let answer =
            self.ask(&format!("/api/v1/organisations/{BIN}/{what}{query}"), Some(token), [10, 0, 0, 9]).await;
        assert_eq!(answer.status, 200, "{what}{query}: {}", answer.text);
        assert_described(&format!("/api/v1/organisations/{{bin}}/{what}"), "get", &answer);
        answer.json()
    }

    /// Two receipts, cash, a return, a closing.
    async fn sell(&self) -> Paper {
        let buyer = Some(("buyer@example.kz", "+77010000000", "900101300017"));
        let sold = self.shop.accept(&Ticket { buyer, ..Ticket::usual() }.payload()).await;
        self.shop.accept(&Ticket { operation: Operation::SellReturn, ..Ticket::usual() }.payload()).await;
        self.shop.accept(&placement(at(17, 9, 30), 500_000)).await;
        self.shop.accept(&close_shift(at(17, 10, 0))).await;
        sold
    }
}

const ALL: [TokenScope; 4] = TokenScope::ALL;

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let mut office = Office::open().await;
    let token = office.token(BIN, "1С", &[TokenScope::RegistersRead]).await;
    assert!(token.starts_with("ofd_") && token.len() == 47, "{token}");
    let company = office.house.company_of(BIN).await;
    assert!(!serde_json::to_string(&company).unwrap().contains(&token[4..]), "it is kept nowhere");
    assert!(!format!("{company:?}{:?}", company.program_tokens).contains(&token[4..]));
    let page = office.browser.go(TOKENS).await.text;
    assert!(page.contains("1С") && page.contains("never") && !page.contains(&token), "{page}");
    let audit = office.house.audit(BIN).await;
    assert_eq!(audit[0].action, AuditAction::TokenMade);
    assert!(!format!("{:?}", serde_json::to_string(&audit[0])).contains(&token[4..]));
}

#[tokio::test]
async fn a_form_that_is_wrong_or_sent_twice_makes_no_token_and_keeps_what_was_typed() {
    let mut office = Office::open().await;
    office.token(BIN, "1С", &[TokenScope::RegistersRead]).await;
    for (fields, said) in [
        (vec![("name", "1С"), ("scope", "registers_read")], "There is a token of this name already."),
        (vec![("name", "Склад")], "Choose at least one."),
        (vec![("name", "Склад"), ("scope", "everything")], "Choose at least one."),
        (vec![("name", " "), ("scope", "registers_read")], "programs-name"),
    ] {
        office.browser.go(TOKENS).await;
        let answer = office.browser.submit(TOKENS, &fields).await;
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(answer.text.contains(said) || said == "programs-name", "{said} is not in {}", answer.text);
        assert!(answer.text.contains(&format!("value=\"{}\"", fields[0].1)), "{}", answer.text);
        assert!(!answer.text.contains("<code>"), "{}", answer.text);
    }
    assert_eq!(office.house.company_of(BIN).await.program_tokens.len(), 1);
}

#[tokio::test]
async fn a_token_that_was_revoked_opens_nothing_from_then_on() {
    let mut office = Office::open().await;
    let token = office.token(BIN, "1С", &ALL).await;
    office.get("registers", "", &token).await;
    let id = office.house.company_of(BIN).await.program_tokens[0].id;
    let revoke = format!("{TOKENS}/{id}/revoke");
    office.browser.go(&revoke).await;
    assert_eq!(office.browser.submit(&revoke, &[]).await.status, 303);
    let refused =
        office.ask(&format!("/api/v1/organisations/{BIN}/registers"), Some(&token), [10, 0, 0, 9]).await;
    refused.problem(404);
    assert_eq!(office.house.audit(BIN).await[0].action, AuditAction::TokenRevoked);
    assert_eq!(office.browser.open(&revoke).await.status, 404, "it is gone");
    assert!(office.browser.go(TOKENS).await.text.contains("There are no tokens yet."));
}

#[tokio::test]
async fn every_route_of_organisations_is_refused_to_whoever_has_no_token_for_it() {
    let mut office = Office::open().await;
    office.sell().await;
    let theirs = office.token(OTHER, "1С", &ALL).await;
    let routes: Vec<_> = router::routes()
        .into_iter()
        .filter_map(|route| match route.access {
            Access::Program(scope) => Some((route.path, scope)),
            _ => None,
        })
        .collect();
    assert_eq!(routes.len(), 3);
    let all = office.token(BIN, "all", &ALL).await;
    let mut by_scope = Vec::new();
    for scope in ALL {
        by_scope.push((scope, office.token(BIN, scope.name(), &[scope]).await));
    }
    let unknown = format!("ofd_{}", "a".repeat(43));
    for (path, scope) in routes {
        let ours = path.replace("{bin}", BIN);
        for (token, status, name) in [
            (None, 401, "unauthorized"),
            (Some("ofd_short"), 401, "unauthorized"),
            (Some(super::support::TOKEN), 401, "unauthorized"),
            (Some(unknown.as_str()), 404, "not-found"),
            (Some(theirs.as_str()), 404, "not-found"),
        ] {
            let answer = office.ask(&ours, token, [10, 0, 0, 9]).await;
            let problem = answer.problem(status);
            assert_eq!(problem["type"], format!("urn:ofd:problem:{name}"), "{path} {token:?}");
            assert_described(path, "get", &answer);
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{path}");
        }
        for bin in [OTHER, "000000000000", "111111111111", "x", "-1"] {
            office.ask(&path.replace("{bin}", bin), Some(&all), [10, 0, 0, 9]).await.problem(404);
        }
        for (given, token) in &by_scope {
            let answer = office.ask(&ours, Some(token), [10, 0, 0, 9]).await;
            if *given == scope {
                assert_eq!(answer.status, 200, "{path} {given:?}: {}", answer.text);
            } else {
                let problem = answer.problem(403);
                assert_eq!(problem["type"], "urn:ofd:problem:insufficient-scope");
                assert!(problem["detail"].as_str().unwrap().contains(scope.told()), "{problem}");
                assert_described(path, "get", &answer);
            }
        }
    }
}

#[tokio::test]
async fn programs_read_registers_shifts_and_documents_with_sums_digit_by_digit() {
    let mut office = Office::open().await;
    let sold = office.sell().await;
    let token = office.token(BIN, "1С", &[TokenScope::RegistersRead, TokenScope::DocumentsRead]).await;
    let registers = office.get("registers", "", &token).await;
    let register = &registers["registers"][0];
    assert_eq!((register["id"].as_u64(), &registers["next"]), (Some(ID.0.into()), &Value::Null));
    assert_eq!(register["trade_point"]["title"], "Магазин");
    assert_eq!(register["shift"]["sales"]["sum"], "696.90");
    assert_eq!(register["shift"]["open"], false);
    assert!(
        office.get("registers", "?shop=nowhere", &token).await["registers"].as_array().unwrap().is_empty()
    );
    assert_eq!(
        office.get("registers", "?register=203539", &token).await["registers"].as_array().unwrap().len(),
        1
    );

    let shifts = office.get("shifts", "?from=2026-01-22&to=2026-01-22", &token).await;
    assert_eq!((&shifts["shifts"][0]["register"], &shifts["shifts"][0]["number"]), (&ID.0.into(), &1.into()));
    assert_eq!(shifts["shifts"][0]["closed_at"], "2026-01-22T17:10:00+05:00");

    let answer = office.get("documents", "?from=2026-01-22", &token).await;
    let documents = answer["documents"].as_array().unwrap();
    let kinds: Vec<&str> = documents.iter().map(|document| document["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["close_shift", "money_placement", "ticket", "ticket"], "the newest first");
    let sale = &documents[3];
    assert_eq!(
        (&sale["ticket_number"], &sale["total"], &sale["operation"]),
        (&sold.i.as_str().into(), &"696.90".into(), &"sell".into())
    );
    assert_eq!(sale["payments"][0]["sum"], "696.90");
    assert_eq!(
        (&sale["date_time"], &sale["accepted_at"]),
        (&"2026-01-22T17:09:16".into(), &"2026-01-22T12:09:18Z".into())
    );
    let text = answer.to_string();
    for secret in ["buyer@example.kz", "77010000000", "900101300017", "\"raw\""] {
        assert!(!text.contains(secret), "{secret} is told");
    }
    let page = office.get("documents", "?limit=3", &token).await;
    let next = page["next"].as_str().unwrap();
    let rest = office.get("documents", &format!("?limit=3&after={next}"), &token).await;
    assert_eq!((rest["documents"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    assert_eq!(rest["documents"][0], *sale, "each once");
    let cash = office.get("documents", "?operation=cash_in", &token).await;
    assert_eq!(cash["documents"].as_array().unwrap().len(), 1);
    assert_eq!(cash["totals"]["of"], "period");
}

#[tokio::test]
async fn frames_as_they_came_take_a_scope_of_their_own() {
    let mut office = Office::open().await;
    let sold = office.sell().await;
    let path = format!("/api/v1/organisations/{BIN}/documents?raw=true");
    let less = office.token(BIN, "less", &[TokenScope::DocumentsRead]).await;
    let problem = office.ask(&path, Some(&less), [10, 0, 0, 9]).await.problem(403);
    assert!(problem["detail"].as_str().unwrap().contains("documents:raw"), "{problem}");
    let more = office.token(BIN, "more", &[TokenScope::DocumentsRead, TokenScope::DocumentsRaw]).await;
    let answer = office.get("documents", "?raw=true", &more).await;
    let sale = &answer["documents"][3];
    assert_eq!(STANDARD.decode(sale["raw"].as_str().unwrap()).unwrap(), sold.raw.to_vec());
    assert_eq!(sale["chain"], hex::encode(sold.chain));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_field_by_field() {
    let mut office = Office::open().await;
    let token = office.token(BIN, "1С", &ALL).await;
    for (query, fields) in [
        ("from=2021-01-01&to=2026-01-22", vec!["to"]),
        ("from=x&limit=0&after=y", vec!["after", "from", "limit"]),
        ("limit=99999", vec!["limit"]),
        ("operation=steal&payment=shells", vec!["operation", "payment"]),
        ("offline=perhaps&raw=1", vec!["offline", "raw"]),
        ("sum_from=-1", vec!["sum_from"]),
    ] {
        let answer = office
            .ask(&format!("/api/v1/organisations/{BIN}/documents?{query}"), Some(&token), [10, 0, 0, 9])
            .await;
        let problem = answer.problem(400);
        let mut told: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        told.sort_unstable();
        assert_eq!(told, fields, "{query}");
    }
}

#[tokio::test]
async fn a_token_has_its_own_budget_and_an_unknown_one_spends_its_askers() {
    let mut office = Office::open_with(|config| {
        config.limits.address_burst = 5.try_into().unwrap();
        config.limits.address_per_second = 1.try_into().unwrap();
    })
    .await;
    let token = office.token(BIN, "1С", &ALL).await;
    let path = format!("/api/v1/organisations/{BIN}/registers");
    let unknown = format!("ofd_{}", "b".repeat(43));
    // Whoever guesses is stopped at an address, and keeps nobody else from asking.
    let mut guessed = Vec::new();
    for _ in 0..7 {
        guessed.push(office.ask(&path, Some(&unknown), [10, 0, 0, 1]).await.status.as_u16());
    }
    assert_eq!(guessed[..5], [404; 5]);
    assert!(guessed.ends_with(&[429]), "{guessed:?}");
    assert_eq!(office.ask(&path, Some(&token), [10, 0, 0, 2]).await.status, 200);
    // A token that is known is counted by itself, wherever it comes from.
    let mut spent = None;
    for number in 0..200 {
        let answer = office.ask(&path, Some(&token), [10, 0, 0, 1]).await;
        if answer.status == 429 {
            answer.problem(429);
            assert!(header_of(&answer, "retry-after").parse::<u64>().unwrap() >= 1);
            spent = Some(number);
            break;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert!(spent.is_some_and(|number| number >= 100), "{spent:?}");
}

#[tokio::test]
async fn the_last_use_of_a_token_is_written_once_a_day() {
    let mut office = Office::open().await;
    let token = office.token(BIN, "1С", &ALL).await;
    office.get("registers", "", &token).await;
    let first = office.house.company_of(BIN).await.program_tokens[0].used_at;
    assert_eq!(first, Some(office.house.now()));
    office.house.wait(3600);
    office.get("registers", "", &token).await;
    assert_eq!(office.house.company_of(BIN).await.program_tokens[0].used_at, first);
    office.house.wait(24 * 3600);
    office.get("registers", "", &token).await;
    assert_eq!(office.house.company_of(BIN).await.program_tokens[0].used_at, Some(office.house.now()));
}
