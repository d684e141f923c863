//! Tokens of organisations' programs: made, shown once, ended, and what is answered to whom.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_protocol::message::Operation;
use ofd_protocol::register::Change;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{AuditAction, Role, TokenScope};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{TradePoint, TradePointId, create};
use ofd_storage::registers::heard_note;
use ofd_storage::store::Store;
use serde_json::Value;

use super::contract::assert_described;
use super::support::people::{Browser, House};
use super::support::{Answer, Goods, ID, Paper, Shop, Ticket, at, close_shift, header_of, placement, send};
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
    let problem = refused.problem(401);
    assert!(problem["detail"].as_str().unwrap().contains("revoked"), "{problem}");
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
    assert_eq!(routes.len(), 7);
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
            (Some(unknown.as_str()), 401, "unauthorized"),
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
    assert_eq!(guessed[..5], [401; 5]);
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
async fn a_token_that_asks_about_another_organisation_stays_as_good_as_it_was() {
    let mut office = Office::open_with(|config| {
        config.limits.address_burst = 3.try_into().unwrap();
        config.limits.address_per_second = 1.try_into().unwrap();
    })
    .await;
    let token = office.token(BIN, "1С", &ALL).await;
    let [ours, theirs] = [BIN, OTHER].map(|bin| format!("/api/v1/organisations/{bin}/registers"));
    // Twice as often as the address could pay for.
    for _ in 0..6 {
        assert_eq!(office.ask(&ours, Some(&token), [10, 0, 0, 1]).await.status, 200);
        let problem = office.ask(&theirs, Some(&token), [10, 0, 0, 1]).await.problem(404);
        assert!(problem["detail"].as_str().unwrap().contains(OTHER), "{problem}");
    }
    // Whoever revoked it reads that everywhere.
    let id = office.house.company_of(BIN).await.program_tokens[0].id;
    let revoke = format!("{TOKENS}/{id}/revoke");
    office.browser.go(&revoke).await;
    office.browser.submit(&revoke, &[]).await;
    for path in [&ours, &theirs] {
        office.ask(path, Some(&token), [10, 0, 0, 2]).await.problem(401);
    }
}

#[tokio::test]
async fn what_does_not_narrow_an_answer_is_refused_with_what_does() {
    let mut office = Office::open().await;
    let token = office.token(BIN, "1С", &ALL).await;
    let root: Value = serde_json::from_str(crate::ops::handlers::OPENAPI).unwrap();
    for (what, taken) in [
        ("registers", &crate::programs::REGISTERS_TAKE[..]),
        ("shifts", &crate::programs::SHIFTS_TAKE[..]),
        ("documents", &crate::programs::DOCUMENTS_TAKE[..]),
        ("balance", &crate::programs::BALANCE_TAKES[..]),
        ("entries", &crate::programs::ENTRIES_TAKE[..]),
        ("invoices", &crate::programs::INVOICES_TAKE[..]),
        ("statements", &crate::programs::STATEMENTS_TAKE[..]),
    ] {
        let path = format!("/api/v1/organisations/{{bin}}/{what}");
        let parameters = root["paths"][&path]["get"]["parameters"].as_array().unwrap();
        let mut described: Vec<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let mut taken = taken.to_vec();
        described.sort_unstable();
        taken.sort_unstable();
        assert_eq!(described, taken, "{what}");
        for (query, field) in [("colour=red", "colour"), ("limit=5&limit=6", "limit"), ("=x", "")] {
            let path = format!("{}?{query}", path.replace("{bin}", BIN));
            let problem = office.ask(&path, Some(&token), [10, 0, 0, 9]).await.problem(400);
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            if field == "colour" {
                let detail = problem["errors"][0]["detail"].as_str().unwrap();
                assert!(taken.iter().all(|name| detail.contains(name)), "{detail}");
            }
        }
    }
    for (what, query) in [
        ("shifts", "cashier=x"),
        ("registers", "from=2026-01-01"),
        ("registers", "status=broken"),
        ("registers", "line=off"),
    ] {
        let path = format!("/api/v1/organisations/{BIN}/{what}?{query}");
        office.ask(&path, Some(&token), [10, 0, 0, 9]).await.problem(400);
    }
}

#[tokio::test]
async fn whether_registers_may_be_missing_is_told_in_every_answer() {
    let mut office = Office::open().await;
    office.sell().await;
    let token = office.token(BIN, "1С", &ALL).await;
    for is_complete in [false, true] {
        if is_complete {
            office.house.list_holdings().await;
        }
        for what in ["registers", "shifts", "documents"] {
            assert_eq!(office.get(what, "", &token).await["complete"], is_complete, "{what}");
        }
    }
}

#[tokio::test]
async fn registers_are_narrowed_as_on_their_page_and_tell_what_it_tells() {
    let mut office = Office::open().await;
    let second = TradePointId::derive(BIN, "Дүкен-2", "Алматы");
    let point = TradePoint::at(second.clone(), BIN, "Дүкен-2", "г. Алматы, пр. Абая, 1");
    create(&*office.shop.store, &TradePoint { groups: vec![7], ..point }).await.unwrap();
    let (silent, blocked) = (RegisterId(203_540), RegisterId(203_541));
    for id in [silent, blocked] {
        office.shop.register(id, second.clone()).await;
    }
    office.shop.change_of(blocked, &Change::Block { reason: "Қарыз".into() }).await;
    office.house.store.note(heard_note(ID, office.house.now())).await.unwrap();
    let token = office.token(BIN, "1С", &ALL).await;
    for (query, expected) in [
        ("", vec![ID, silent, blocked]),
        ("?q=%D0%B4%D2%AF%D0%BA%D0%B5%D0%BD", vec![silent, blocked]),
        ("?q=203540", vec![silent]),
        ("?q=%20", vec![ID, silent, blocked]),
        ("?status=blocked", vec![blocked]),
        ("?status=active", vec![ID, silent]),
        ("?line=on", vec![ID]),
        ("?line=silent&status=active", vec![silent]),
        ("?q=203540&line=on", vec![]),
        ("?shop=%D0%B0%D0%B1%D0%B0%D1%8F&register=203541", vec![blocked]),
        (&format!("?shop_id={}", second.0), vec![silent, blocked]),
        ("?shop_id=nowhere", vec![]),
        ("?group=7", vec![silent, blocked]),
        ("?group=8", vec![]),
    ] {
        let found = office.get("registers", query, &token).await;
        let ids: Vec<u64> = found["registers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|register| register["id"].as_u64().unwrap())
            .collect();
        let expected: Vec<u64> = expected.into_iter().map(|id| id.0.into()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    // Page by page it is the same.
    let (mut at, mut ids) = ("?limit=1".to_owned(), Vec::new());
    loop {
        let page = office.get("registers", &at, &token).await;
        ids.extend(page["registers"].as_array().unwrap().iter().map(|register| register["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        at = format!("?limit=1&after={next}");
    }
    assert_eq!(ids, [ID, silent, blocked].map(|id| Value::from(id.0)));
    let register = &office.get("registers", "", &token).await["registers"][0];
    assert_eq!(
        (&register["on_line"], &register["connection"], &register["alias"]),
        (&true.into(), &"wired".into(), &"".into())
    );
    assert!(register["heard_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{register}");
}

#[tokio::test]
async fn an_answer_that_is_cut_has_the_sums_of_what_it_sends_and_no_more() {
    let mut office = Office::open().await;
    let mut sold = 0;
    for number in 0..16 {
        // Frames of most of a mebibyte.
        let goods = vec![Goods::new(&"n".repeat(900_000), 1000, 10_000 + number, 10_000 + number)];
        let ticket = Ticket {
            date_time: at(9, 0, u32::try_from(number).unwrap()),
            ..Ticket::of(goods, 10_000 + number)
        };
        office.shop.accept(&ticket.payload()).await;
        sold += 10_000 + number;
    }
    let token = office.token(BIN, "1С", &ALL).await;
    let cashier = form_urlencoded::byte_serialize("Айг".as_bytes()).collect::<String>();
    let (mut at, mut count, mut sum, mut pages) = (String::new(), 0, 0, 0);
    loop {
        let page = office.get("documents", &format!("?raw=true&cashier={cashier}{at}"), &token).await;
        assert_eq!(page["totals"]["of"], "page");
        let sent = page["documents"].as_array().unwrap().len();
        let total = &page["totals"]["lines"][0];
        assert_eq!(total["count"].as_u64().unwrap(), u64::try_from(sent).unwrap(), "of what is sent");
        count += sent;
        let text = total["sum"].as_str().unwrap().replace('.', "");
        sum += text.parse::<i64>().unwrap();
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        at = format!("&after={next}");
    }
    assert_eq!((count, sum, pages > 1), (16, sold, true), "each once: {pages} pages");
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
