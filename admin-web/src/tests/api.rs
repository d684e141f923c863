use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_protocol::message::answer::CRC;
use ofd_protocol::register::{Change, WarningCount, chain};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use ofd_protocol::warning::Warning;
use ofd_storage::model::TradePointId;
use ofd_storage::registers::{self, Loaded};
use serde_json::json;

use super::contract::assert_described;
use super::support::*;
use crate::site::SiteConfig;

const REGISTER: &str = "/api/v1/registers/203539";
const PATH: &str = "/api/v1/registers/{id}";
const SHIFTS_PATH: &str = "/api/v1/registers/{id}/shifts";
const DOCUMENTS_PATH: &str = "/api/v1/registers/{id}/shifts/{number}/documents";
const CHANGES: [&str; 6] = ["block", "unblock", "disconnect", "connect", "deregister", "reset-token"];

fn change(name: &str) -> String {
    format!("{REGISTER}/{name}")
}

const REASON: &str = "{\"reason\": \"долг за май\"}";

#[tokio::test]
async fn a_fresh_register_has_no_shift() {
    let shop = Shop::open().await;
    let answer = get(&shop.site(), REGISTER, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_described(PATH, "get", &answer);
    let zero = "0.00";
    let expected = json!({
        "id": 203539, "status": "active", "unpaid_since": null, "fns_kkm_id": "640300014538",
        "organisation": {"bin": "151140001234", "title": "ТОО «Көктем»", "oked": "47111"},
        "shift": null, "cash": zero,
        "non_nullable": {"buy": zero, "buy_return": zero, "sell": zero, "sell_return": zero},
        "last_document": null, "protocol_version": null, "warnings": [],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_register_is_shown_as_it_is_after_each_document() {
    let shop = Shop::open().await;
    let site = shop.site();
    shop.accept(&Ticket::usual().payload()).await;
    let answer = get(&site, REGISTER, &[]).await;
    assert_described(PATH, "get", &answer);
    let register = answer.json();
    let opened = "2026-01-22T17:09:16+05:00";
    assert_eq!(register["shift"], json!({"number": 1, "open": true, "opened_at": opened, "documents": 1}));
    assert_eq!(
        (register["cash"].as_str(), register["non_nullable"]["sell"].as_str()),
        (Some("696.90"), Some("696.90"))
    );
    let accepted_at = "2026-01-22T12:09:18Z";
    assert_eq!(register["last_document"], json!({"number": 1, "kind": "ticket", "accepted_at": accepted_at}));
    assert_eq!(register["protocol_version"], 203);
    let warning =
        register["warnings"].as_array().unwrap().iter().find(|one| one["code"] == "service-part-missing");
    assert_eq!(warning, Some(&json!({"code": "service-part-missing", "count": 1, "last_seen": accepted_at})));
    shop.accept(&close_shift(at(18, 0, 0))).await;
    let closed = json!({"number": 1, "open": false, "opened_at": opened, "documents": 2});
    assert_eq!(get(&site, REGISTER, &[]).await.json()["shift"], closed);
    // A block after the close begins the next stream, not the next shift.
    let blocked = post(&site, &change("block"), REASON).await.json();
    assert_eq!((&blocked["shift"], &blocked["status"]), (&closed, &json!("blocked")));
    assert_eq!(
        get(&site, &format!("{REGISTER}/shifts"), &[]).await.json()["shifts"].as_array().unwrap().len(),
        1
    );
    get(&site, &format!("{REGISTER}/shifts/2/documents"), &[]).await.problem(404);
}

#[tokio::test]
async fn a_warning_that_compares_two_documents_names_the_other_one() {
    let shop = Shop::open().await;
    let before = shop.newest().await;
    let mut register = before.register.clone();
    let what = Some(DocumentRef { shift: 3, number: 14 });
    let count = WarningCount { count: 2, last_seen: NOW, what };
    register.warnings.insert(Warning::PossibleDouble, count);
    let changed = Loaded { register, ..before };
    registers::fence(&*shop.store, ID, &changed, shop.stamp()).await.unwrap();
    let answer = get(&shop.site(), REGISTER, &[]).await;
    assert_described(PATH, "get", &answer);
    let warning = &answer.json()["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["what"]),
        (&json!("possible-double"), &json!("shift 3, document 14"))
    );
}

#[tokio::test]
async fn times_of_a_wrong_clock_are_shown_as_the_device_is_told_them() {
    let shop = Shop::open().await;
    let site = shop.site();
    shop.accept(&Ticket { date_time: at(23, 0, 0), ..Ticket::usual() }.payload()).await;
    let told = "2026-01-22T17:09:18+05:00";
    let register = get(&site, REGISTER, &[]).await.json();
    assert_eq!(register["shift"]["opened_at"], told, "its time of acceptance");
    let warnings: Vec<_> = register["warnings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(warnings.contains(&&json!("clock-wrong")), "{warnings:?}");
    shop.accept(&close_shift(at(23, 30, 0))).await;
    let shift = &get(&site, &format!("{REGISTER}/shifts"), &[]).await.json()["shifts"][0];
    assert_eq!((&shift["opened_at"], &shift["closed_at"]), (&json!(told), &json!(told)));
    let times = ["date_time", "open_shift_time", "close_shift_time"].map(|name| shift["z"][name].clone());
    assert_eq!(times, ["2026-01-22T17:09:18"; 3].map(|at| json!(at)));
}

#[tokio::test]
async fn an_unpaid_register_is_shown_as_unpaid_beside_its_block() {
    let shop = Shop::open().await;
    let site = shop.site();
    let since = "2026-01-22T12:09:18Z";
    shop.change(&Change::Unpaid { reason: String::new() }).await;
    let answer = get(&site, REGISTER, &[]).await;
    assert_described(PATH, "get", &answer);
    assert_eq!((&answer.json()["status"], &answer.json()["unpaid_since"]), (&json!("unpaid"), &json!(since)));
    let blocked = post(&site, &change("block"), REASON).await.json();
    assert_eq!((&blocked["status"], &blocked["unpaid_since"]), (&json!("blocked"), &json!(since)));
    let unblocked = post(&site, &change("unblock"), "").await.json();
    assert_eq!((&unblocked["status"], &unblocked["unpaid_since"]), (&json!("unpaid"), &json!(since)));
    shop.change(&Change::Paid).await;
    let paid = get(&site, REGISTER, &[]).await.json();
    assert_eq!((&paid["status"], &paid["unpaid_since"]), (&json!("active"), &json!(null)));
}

#[tokio::test]
async fn shifts_come_in_pages_with_their_reports() {
    let shop = Shop::open().await;
    let site = shop.site();
    for minute in 0..40 {
        shop.accept(&Ticket { date_time: at(9, minute, 0), ..Ticket::usual() }.payload()).await;
        shop.accept(&close_shift(at(9, minute, 30))).await;
    }
    shop.accept(&placement(at(10, 0, 0), 5_000)).await;
    let all = get(&site, &format!("{REGISTER}/shifts"), &[]).await;
    assert_described(SHIFTS_PATH, "get", &all);
    let json = all.json();
    assert_eq!((json["shifts"].as_array().unwrap().len(), &json["next"]), (41, &json!(null)));
    let open = &json["shifts"][40];
    let opened_at = "2026-01-22T10:00:00+05:00";
    assert_eq!(
        open,
        &json!({"number": 41, "opened_at": opened_at, "closed_at": null, "documents": 1, "z": null})
    );
    let first = &json["shifts"][0];
    assert_eq!((&first["documents"], &first["closed_at"]), (&json!(2), &json!("2026-01-22T09:00:30+05:00")));
    let mut seen = Vec::new();
    let mut after = json!(0);
    while !after.is_null() {
        let page = get(&site, &format!("{REGISTER}/shifts?after={after}&limit=20"), &[]).await.json();
        seen.extend(page["shifts"].as_array().unwrap().iter().map(|shift| shift["number"].as_u64().unwrap()));
        after = page["next"].clone();
    }
    assert_eq!(seen, (1..=41).collect::<Vec<u64>>());
    let exact = get(&site, &format!("{REGISTER}/shifts?after=21&limit=20"), &[]).await.json();
    assert_eq!(exact["next"], json!(null), "the last full page is the last");
    let behind = get(&site, &format!("{REGISTER}/shifts?after=4294967295"), &[]).await.json();
    assert_eq!(behind, json!({"shifts": [], "next": null}));
}

#[tokio::test]
async fn a_closed_shift_has_its_report_by_the_protocols_names() {
    let shop = Shop::open().await;
    shop.accept(&Ticket::usual().payload()).await;
    let close = shop.accept(&close_shift(at(17, 20, 0))).await;
    let z = get(&shop.site(), &format!("{REGISTER}/shifts"), &[]).await.json()["shifts"][0]["z"].clone();
    let four = |sell: &str| {
        json!([
            {"operation": "BUY", "sum": "0.00"}, {"operation": "BUY_RETURN", "sum": "0.00"},
            {"operation": "SELL", "sum": sell}, {"operation": "SELL_RETURN", "sum": "0.00"},
        ])
    };
    assert_eq!(
        (&z["non_nullable_sums"], &z["start_shift_non_nullable_sums"]),
        (&four("696.90"), &four("0.00"))
    );
    let section = &z["sections"][0];
    assert_eq!(section["section_code"], "1");
    assert_eq!(section["operations"][2], json!({"operation": "SELL", "count": 2, "sum": "696.90"}));
    let tax = &z["taxes"][0];
    assert_eq!((&tax["tax_type"], &tax["percent"]), (&json!(100), &json!(16000)));
    let vat =
        json!({"operation": "SELL", "turnover": "696.90", "sum": "96.13", "turnover_without_tax": "600.77"});
    assert_eq!(tax["operations"][2], vat);
    let sold = &z["ticket_operations"][2];
    assert_eq!((&sold["tickets_sum"], &sold["change_sum"]), (&json!("696.90"), &json!("303.10")));
    let names: Vec<_> =
        sold["payments"].as_array().unwrap().iter().map(|paid| paid["payment"].clone()).collect();
    assert_eq!(names, ["CASH", "CARD", "MOBILE"]);
    assert_eq!(z["money_placements"][1]["operation"], "WITHDRAWAL");
    assert_eq!(
        (&z["cash_sum"], &z["revenue"]),
        (&json!("696.90"), &json!({"sum": "696.90", "is_negative": false}))
    );
    assert_eq!(
        (z["date_time"].as_str(), z["open_shift_time"].as_str(), z["close_shift_time"].as_str()),
        (Some("2026-01-22T17:20:00"), Some("2026-01-22T17:09:16"), Some("2026-01-22T17:20:00"))
    );
    // The checksum is the one that the till got.
    let checksum = z["checksum"].as_str().unwrap();
    assert!(String::from_utf8_lossy(&close.answer).contains(checksum), "{checksum}");
}

#[tokio::test]
async fn documents_come_as_they_were_stored() {
    let shop = Shop::open().await;
    let site = shop.site();
    let sale = shop.accept(&Ticket { offline: 42, ..Ticket::usual() }.payload()).await;
    let deposit = shop.accept(&placement(at(17, 10, 0), 5_000)).await;
    let second = shop.accept(&Ticket { date_time: at(17, 11, 0), ..Ticket::usual() }.payload()).await;
    let cancel = shop.accept(&[8, 7]).await;
    let close = shop.accept(&close_shift(at(18, 0, 0))).await;
    let answer = get(&site, &format!("{REGISTER}/shifts/1/documents"), &[]).await;
    assert_described(DOCUMENTS_PATH, "get", &answer);
    let documents = answer.json()["documents"].as_array().unwrap().clone();
    let kinds: Vec<_> = documents.iter().map(|document| document["kind"].clone()).collect();
    assert_eq!(kinds, ["ticket", "money_placement", "ticket", "cancel_ticket", "close_shift"]);
    let mut previous = [0; 32];
    for (document, paper) in documents.iter().zip([&sale, &deposit, &second, &cancel, &close]) {
        let raw = STANDARD.decode(document["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw, paper.raw);
        assert_eq!(document["crc"], format!("{:08X}", CRC.checksum(&raw)));
        previous = chain(&previous, &raw);
        let hex = hex::encode(previous);
        assert_eq!((document["chain"].as_str(), previous), (Some(hex.as_str()), paper.chain));
    }
    let mut first = documents[0].clone();
    for field in ["raw", "crc", "chain"] {
        first.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(
        first,
        json!({
            "number": 1, "kind": "ticket", "ticket_number": sale.i, "offline_number": 42,
            "date_time": "2026-01-22T17:09:16", "accepted_at": "2026-01-22T12:09:18Z", "total": "696.90",
        })
    );
    assert_eq!((&documents[1]["ticket_number"], &documents[1]["total"]), (&json!(null), &json!("50.00")));
    assert_eq!((&documents[3]["date_time"], &documents[3]["total"]), (&json!(null), &json!(null)));
    let page = get(&site, &format!("{REGISTER}/shifts/1/documents?after=1&limit=2"), &[]).await.json();
    let numbers: Vec<_> =
        page["documents"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    assert_eq!((numbers, &page["next"]), (vec![json!(2), json!(3)], &json!(3)));
    let last = get(&site, &format!("{REGISTER}/shifts/1/documents?after=3&limit=2"), &[]).await.json();
    assert_eq!((last["documents"].as_array().unwrap().len(), &last["next"]), (2, &json!(null)));
}

#[tokio::test]
async fn an_answer_of_long_documents_is_bounded_and_next_leads_on() {
    let shop = Shop::open().await;
    let site = shop.site();
    let name = "щ".repeat(400_000);
    for minute in 0..12 {
        let goods = vec![Goods::new(&name, 1_000, 100, 100)];
        shop.accept(&Ticket { date_time: at(9, minute, 0), ..Ticket::of(goods, 100) }.payload()).await;
    }
    let (mut seen, mut pages, mut after) = (0, 0, json!(0));
    while !after.is_null() {
        let answer = get(&site, &format!("{REGISTER}/shifts/1/documents?after={after}"), &[]).await;
        assert!(answer.text.len() < 12 * 1024 * 1024, "{}", answer.text.len());
        seen += answer.json()["documents"].as_array().unwrap().len();
        after = answer.json()["next"].clone();
        pages += 1;
    }
    assert_eq!(seen, 12);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn every_change_is_idempotent_and_answers_as_the_get_does() {
    let shop = Shop::open().await;
    let site = shop.site();
    shop.accept(&Ticket::usual().payload()).await;
    for (name, status) in [
        ("block", "blocked"),
        ("unblock", "active"),
        ("disconnect", "disconnected"),
        ("connect", "active"),
        ("deregister", "deregistered"),
    ] {
        let first = post(&site, &change(name), REASON).await;
        assert_eq!((first.status.as_u16(), first.json()["status"].as_str()), (200, Some(status)), "{name}");
        assert_described(&format!("{PATH}/{name}"), "post", &first);
        let version = shop.newest().await.version;
        let again = post(&site, &change(name), REASON).await;
        assert_eq!((again.status, again.json()), (first.status, first.json()), "{name}");
        assert_eq!(shop.newest().await.version, version, "{name} again writes nothing");
        assert_eq!(get(&site, REGISTER, &[]).await.json(), first.json());
    }
    // Nothing that was accepted is dropped.
    let register = get(&site, REGISTER, &[]).await.json();
    assert_eq!((&register["cash"], &register["last_document"]["number"]), (&json!("696.90"), &json!(1)));
    for name in ["block", "unblock", "disconnect", "connect", "reset-token"] {
        let answer = post(&site, &change(name), REASON).await;
        answer.problem(409);
        assert_described(&format!("{PATH}/{name}"), "post", &answer);
    }
    assert_eq!(get(&site, REGISTER, &[]).await.json()["status"], "deregistered");
}

#[tokio::test]
async fn a_token_reset_draws_a_new_token_each_time() {
    let shop = Shop::open().await;
    let site = shop.site();
    let mut tokens = vec![shop.newest().await.register.tokens.current.0];
    for _ in 0..3 {
        let answer = post(&site, &change("reset-token"), "").await;
        assert_described(&format!("{PATH}/reset-token"), "post", &answer);
        let token = u32::try_from(answer.json()["token"].as_u64().unwrap()).unwrap();
        assert_eq!(answer.json(), json!({"token": token}));
        let kept = shop.newest().await.register.tokens;
        assert_eq!((kept.current.0, kept.kept), (token, None));
        assert!(!tokens.contains(&token) && token > 0 && token < 1 << 31);
        tokens.push(token);
    }
    assert_eq!(header_of(&post(&site, &change("reset-token"), "").await, "cache-control"), "no-store");
}

#[tokio::test]
async fn changes_while_the_register_sells_are_decided_anew() {
    let shop = Shop::open().await;
    let site = shop.site();
    let changes = async {
        for _ in 0..20 {
            assert_eq!(post(&site, &change("block"), REASON).await.status, 200);
            assert_eq!(post(&site, &change("unblock"), REASON).await.status, 200);
            tokio::task::yield_now().await;
        }
    };
    let others = async {
        for _ in 0..20 {
            assert_eq!(post(&site, &change("disconnect"), "").await.status, 200);
            assert_eq!(post(&site, &change("connect"), "").await.status, 200);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(changes, others);
    assert_eq!(get(&site, REGISTER, &[]).await.json()["status"], "active");
}

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let shop = Shop::open().await;
    let site = shop.site();
    let request = |method: &str, uri: &str, header: Option<&str>| {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        request.body(Body::empty()).unwrap()
    };
    let mut all = vec![("GET", REGISTER.to_owned()), ("GET", "/api/v1/registers/1".to_owned())];
    all.extend([("GET", format!("{REGISTER}/shifts")), ("GET", format!("{REGISTER}/shifts/1/documents"))]);
    all.extend(CHANGES.map(|name| ("POST", change(name))));
    for (method, uri) in all {
        let answer = send(&site, request(method, &uri, None)).await;
        answer.problem(401);
        assert_eq!(header_of(&answer, "www-authenticate"), "Bearer realm=\"ofd\"");
        for wrong in ["Bearer test-toke", "Bearer test-tokenn", "Bearer ", "Basic test-token", "test-token"] {
            send(&site, request(method, &uri, Some(wrong))).await.problem(401);
        }
    }
    let answer = send(&site, request("GET", REGISTER, Some("Bearer wrong"))).await;
    assert_eq!(header_of(&answer, "www-authenticate"), "Bearer realm=\"ofd\", error=\"invalid_token\"");
    assert_eq!(send(&site, request("GET", REGISTER, Some("bearer test-token"))).await.status, 200);
    let off = shop.site_with(|config: &mut SiteConfig| config.api_token = None);
    let answer = get(&off, REGISTER, &[]).await;
    assert!(answer.problem(404)["detail"].as_str().unwrap().contains("OFD_API_TOKEN"));
}

#[tokio::test]
async fn what_is_not_there_is_a_404_and_what_is_not_ready_a_503() {
    let shop = Shop::open().await;
    let site = shop.site();
    for id in ["1", "0", "x", "-1", "4294967296", "203539x", "%FF"] {
        get(&site, &format!("/api/v1/registers/{id}"), &[]).await.problem(404);
        get(&site, &format!("/api/v1/registers/{id}/shifts"), &[]).await.problem(404);
        post(&site, &format!("/api/v1/registers/{id}/unblock"), "").await.problem(404);
    }
    for shift in ["0", "1", "2", "x"] {
        get(&site, &format!("{REGISTER}/shifts/{shift}/documents"), &[]).await.problem(404);
    }
    for uri in ["/api/v1/registers", "/api/v1/", "/api/", "/api/v1/registers/203539/nothing"] {
        get(&site, uri, &[]).await.problem(404);
    }
    shop.record(RegisterId(7), TradePointId::derive("151140001234", "Магазин", "Астана")).await;
    for answer in
        [get(&site, "/api/v1/registers/7", &[]).await, post(&site, "/api/v1/registers/7/unblock", "").await]
    {
        answer.problem(503);
        assert_eq!(header_of(&answer, "retry-after"), "1");
    }
}

#[tokio::test]
async fn errors_name_what_is_wrong_where_and_what_to_do() {
    let shop = Shop::open().await;
    let site = shop.site();
    let answer = get(&site, &format!("{REGISTER}/shifts?after=x&limit=1001"), &[]).await;
    assert_described(SHIFTS_PATH, "get", &answer);
    let problem = answer.problem(400);
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][1]["field"]),
        (&json!("after"), &json!("limit"))
    );
    assert_eq!(problem["errors"][1]["detail"], "limit is \"1001\"; it must be a whole number from 1 to 1000");
    let block = change("block");
    for (body, part) in [
        ("", "not JSON at line 1"),
        ("{\"reason\": }", "not JSON at line 1, column 12"),
        ("[1]", "must be an object"),
        ("{}", "reason: it is missing"),
        ("{\"reason\": null}", "reason: it must be a text"),
        ("{\"reason\": \"  \"}", "reason: it is empty"),
        ("{\"reason\": \"a\\nb\"}", "reason: it has a line break"),
        ("{\"reason\": \"a\", \"forever\": true}", "forever: there is no such field"),
    ] {
        let answer = post(&site, &block, body).await;
        assert_described(&format!("{PATH}/block"), "post", &answer);
        let problem = answer.problem(400);
        assert!(problem["detail"].as_str().unwrap().contains(part), "{body}: {problem}");
    }
    let long = format!("{{\"reason\": \"{}\"}}", "ж".repeat(501));
    assert!(
        post(&site, &block, &long).await.problem(400)["detail"].as_str().unwrap().contains("501 characters")
    );
    post(&site, &block, &format!("{{\"reason\": \"{}\"}}", "x".repeat(70_000))).await.problem(413);
    let request = Request::post(&block).header("authorization", format!("Bearer {TOKEN}"));
    send(&site, request.body(Body::from(REASON)).unwrap()).await.problem(415);
    let answer = get(&site, &block, &[]).await;
    answer.problem(405);
    assert_eq!(header_of(&answer, "allow"), "POST");
    assert_eq!(get(&site, REGISTER, &[]).await.json()["status"], "active", "nothing wrong blocked it");
}

#[tokio::test]
async fn health_and_readiness_are_told_to_everyone() {
    let shop = Shop::open().await;
    let site = shop.site();
    let answer = get(&site, "/healthz", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "ok"));
    let answer = get(&site, "/readyz", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"ready": true, "reasons": []})));
    assert_described("/readyz", "get", &answer);
    let site = shop.site_with(|config| config.readiness = std::sync::Arc::new(NotReady));
    let answer = get(&site, "/readyz", &[]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reasons"], json!(["the disk is full; free space"]));
    ofd_storage::store::Store::close(&*shop.store).await.unwrap();
    let answer = get(&shop.site(), "/readyz", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.json()["ready"].as_bool()), (503, Some(false)));
}

#[tokio::test]
async fn a_store_that_fails_is_our_fault_and_its_words_stay_inside() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site();
    ofd_storage::store::Store::close(&*shop.store).await.unwrap();
    for answer in [get(&site, REGISTER, &[]).await, get(&site, &paper.check(), &[]).await] {
        answer.problem(503);
        assert!(!answer.text.contains("it is closed"), "{}", answer.text);
        assert_eq!(header_of(&answer, "retry-after"), "5");
    }
    let page = get(&site, &paper.page(), &[]).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Сейчас не получается"));
}

#[tokio::test]
async fn until_the_store_is_open_everybody_is_asked_to_come_later() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let key = std::sync::Arc::new(std::sync::OnceLock::new());
    let site = shop.site_with(|config| config.ticket_number_key = std::sync::Arc::clone(&key));
    for uri in ["/", "/consumer", &paper.page()] {
        let answer = get(&site, uri, &[]).await;
        assert_eq!((answer.status.as_u16(), header_of(&answer, "retry-after")), (503, "5"), "{uri}");
        assert!(answer.text.contains("Сейчас не получается"), "{uri}");
    }
    for answer in [get(&site, REGISTER, &[]).await, get(&site, &paper.check(), &[]).await] {
        answer.problem(503);
        assert_eq!(header_of(&answer, "retry-after"), "5");
    }
    assert_eq!(get(&site, "/healthz", &[]).await.status, 200);
    get(&site, "/api/v1/nothing", &[]).await.problem(404);
    key.set(KEY).unwrap();
    assert_eq!(get(&site, &paper.page(), &[]).await.status, 200);
    assert_eq!(get(&site, REGISTER, &[]).await.status, 200);
}
