use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::Request;
use ofd_protocol::types::Token;
use ofd_protocol::version::Version;
use serde_json::json;

use super::support::*;
use crate::Limits;

#[tokio::test]
async fn a_receipt_is_answered_as_apps_read_it() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let answer = get(&shop.site(), &paper.check(), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(header_of(&answer, "content-type"), "application/json");
    assert_eq!(header_of(&answer, "access-control-allow-origin"), "*");
    let commodity = |name, quantity, price, sum, barcode, unit, vat| {
        json!({"commodity": {
            "name": name, "quantity": quantity, "price": price, "sum": sum, "barcode": barcode,
            "exciseStamp": null, "exciseStamps": [], "measureUnitCode": unit, "taxes": [{"sum": vat, "layout": {"rate": 16}}],
        }})
    };
    let expected = json!({
        "orgTitle": "ТОО «Көктем»",
        "orgId": "151140001234",
        "retailPlaceAddress": "г. Астана, ул. Сарайшық, 44",
        "kkmSerialNumber": "SWK00032685",
        "kkmFnsId": "640300014538",
        "taxes": [{"rate": 16, "sum": 96.13}],
        "ticket": {
            "fiscalId": paper.i,
            "operationType": 2,
            "totalSum": 696.9,
            "takenSum": 1000,
            "changeSum": 303.1,
            "transactionDate": "2026-01-22T17:09:16",
            "payments": [{"paymentType": "cash", "sum": 696.9}],
            "items": [
                commodity("Хлеб «Бородинский» 400 г", json!(2), json!(273.5), json!(547), json!("4870001234567"), "796", 75.45),
                commodity("Яблоки апорт", json!(0.5), json!(299.8), json!(149.9), json!(null), "166", 20.68),
            ],
        },
    });
    assert_eq!(answer.json(), expected);
    // Exactly these digits: no float was ever between the frame and the answer.
    assert!(
        answer.text.contains("\"totalSum\":696.9,\"takenSum\":1000,\"changeSum\":303.1,"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn storno_lines_are_negative_and_marking_codes_are_a_list() {
    let shop = Shop::open().await;
    let mut marked = Goods::new("Сигареты", 2_000, 50_000, 100_000);
    // A comma is one of the characters that a marking code may have.
    marked.stamps = vec!["0104870001,21'x", "0104870002"];
    marked.vat = Some(13_793);
    let mut storno = Goods::new("Сигареты", 1_000, 50_000, 50_000).storno();
    storno.vat = Some(6_897);
    let ticket = Ticket {
        discount: Some(("акция", 10_000, Some(1_379))),
        card: 40_000,
        taken: None,
        change: None,
        ..Ticket::of(vec![marked, storno], 40_000)
    };
    let paper = shop.accept(&ticket.payload()).await;
    let json = get(&shop.site(), &paper.check(), &[]).await.json();
    let items = json["ticket"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "discounts are no commodities");
    assert_eq!(items[0]["commodity"]["exciseStamp"], "0104870001,21'x");
    assert_eq!(items[0]["commodity"]["exciseStamps"], json!(["0104870001,21'x", "0104870002"]));
    let taken_back = &items[1]["commodity"];
    assert_eq!(taken_back["quantity"], -1);
    assert_eq!(taken_back["sum"], -500);
    assert_eq!(taken_back["price"], 500);
    assert_eq!(taken_back["taxes"], json!([{"sum": -68.97, "layout": {"rate": 16}}]));
    // 137.93 - 68.97 - 13.79
    assert_eq!(json["taxes"], json!([{"rate": 16, "sum": 55.17}]));
    assert_eq!(json["ticket"]["payments"], json!([{"paymentType": "card", "sum": 400}]));
    assert_eq!((&json["ticket"]["takenSum"], &json["ticket"]["changeSum"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn every_mismatch_gets_the_same_404_and_a_missing_parameter_is_named() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site();
    let expected = get(&site, &paper.check().replace("696.90", "1"), &[]).await;
    expected.problem(404);
    for (from, to) in [
        (paper.i.as_str(), "100000000000000"),
        (FNS_KKM_ID, "111111111111"),
        ("696.90", "abc"),
        ("696.90", "696.91"),
        ("T170916", "T170917"),
        ("20260122T170916", ""),
    ] {
        let answer = get(&site, &paper.check().replace(from, to), &[]).await;
        assert_eq!((answer.status, &answer.text), (expected.status, &expected.text), "{to}");
        assert_eq!(header_of(&answer, "access-control-allow-origin"), "*");
    }
    let answer = get(&site, "/api/tickets/get-by-url?i=1&s=2", &[]).await;
    let fields: Vec<_> = answer.problem(400)["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(fields, ["f", "t"]);
    let answer = send(&site, Request::post(paper.check()).body(Body::empty()).unwrap()).await;
    answer.problem(405);
    assert_eq!(header_of(&answer, "allow"), "GET,HEAD,OPTIONS");
}

#[tokio::test]
async fn the_number_may_stand_in_the_path() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site();
    let by_url = get(&site, &paper.check(), &[]).await;
    let path = format!("/api/tickets/ticket/{}?t={}&f={FNS_KKM_ID}&s={}", paper.i, paper.t, paper.s);
    let answer = get(&site, &path, &[]).await;
    assert_eq!((answer.status.as_u16(), &answer.text), (200, &by_url.text));
    assert_eq!(header_of(&answer, "access-control-allow-origin"), "*");
    // What stands in the path counts.
    assert_eq!(get(&site, &format!("{path}&i=1"), &[]).await.status, 200);
    let expected = get(&site, &paper.check().replace("696.90", "1"), &[]).await;
    for (from, to) in
        [(paper.i.as_str(), "100000000000000"), (paper.i.as_str(), "%FF"), ("696.90", "1"), (FNS_KKM_ID, "6")]
    {
        let answer = get(&site, &path.replace(from, to), &[]).await;
        assert_eq!((answer.status, &answer.text), (expected.status, &expected.text), "{to}");
    }
    let answer = get(&site, &format!("/api/tickets/ticket/{}?t={}", paper.i, paper.t), &[]).await;
    let errors = answer.problem(400)["errors"].clone();
    assert_eq!([&errors[0]["field"], &errors[1]["field"]], ["f", "s"]);
}

#[tokio::test]
async fn a_browser_that_asks_beforehand_may_read_the_answer() {
    let shop = Shop::open().await;
    let site = shop.site();
    for path in ["/api/tickets/get-by-url", "/api/tickets/ticket/1"] {
        let ask = Request::options(path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "content-type,x-app")
            .body(Body::empty());
        let answer = send(&site, ask.unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
        assert_eq!(header_of(&answer, "access-control-allow-origin"), "*");
        assert!(header_of(&answer, "access-control-allow-methods").contains("GET"));
        assert_eq!(header_of(&answer, "access-control-allow-headers"), "content-type,x-app");
    }
    let answer = get(&site, "/api/tickets/get-by-url?i=1", &[]).await;
    assert_eq!(header_of(&answer, "access-control-expose-headers"), "Retry-After");
}

#[tokio::test]
async fn what_is_typed_as_it_stands_on_paper_is_understood() {
    let shop = Shop::open().await;
    let goods = vec![Goods::new("Шкаф", 1_000, 12_345_650, 12_345_650)];
    let paper = shop.accept(&Ticket::of(goods, 12_345_650).payload()).await;
    let site = shop.site();
    let groups = paper.i.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap());
    let grouped = groups.collect::<Vec<_>>().join("\u{a0}");
    let query = |i: &str, s: &str| {
        let pairs = [("i", i), ("f", "6403 0001 4538"), ("s", s), ("t", &paper.t)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    for s in ["123456.50", "123\u{a0}456,50\u{a0}₸", "₸123,456.50", "123 456,5 тг", "123\u{202f}456.50"]
    {
        for path in ["/", "/api/tickets/get-by-url"] {
            let answer = get(&site, &format!("{path}?{}", query(&grouped, s)), &[]).await;
            assert_eq!(answer.status, 200, "{path} {s}");
        }
    }
    assert_eq!(get(&site, &format!("/?{}", query(&grouped, "123 456,51 ₸")), &[]).await.status, 404);
}

#[tokio::test]
async fn json_escapes_every_control_character_of_a_name() {
    let shop = Shop::open().await;
    let name = "Сүт\0\u{1b}[2J\u{7f}\u{85}\n3,2 %";
    let paper = shop.accept(&Ticket::of(vec![Goods::new(name, 1_000, 100, 100)], 100).payload()).await;
    let answer = get(&shop.site(), &paper.check(), &[]).await;
    assert!(!answer.text.chars().any(char::is_control), "{:?}", answer.text);
    assert!(answer.text.contains("Сүт\\u0000\\u001b[2J\\u007f\\u0085\\n3,2 %"), "{:?}", answer.text);
    assert_eq!(answer.json()["ticket"]["items"][0]["commodity"]["name"], name);
}

#[tokio::test]
async fn an_address_over_its_budget_waits_and_others_do_not() {
    let shop = Shop::open().await;
    let one = NonZeroU32::MIN;
    let site = shop.site_with(|config| {
        config.limits = Limits {
            address_burst: NonZeroU32::new(3).unwrap(),
            address_per_second: one,
            ..Limits::default()
        };
    });
    for _ in 0..3 {
        assert_eq!(get_from(&site, "/", "2a00:1::1").await.status, 200);
    }
    for path in ["/", "/consumer", "/t/"] {
        let page = get_from(&site, &format!("{path}?lang=en"), "2a00:1::2").await;
        assert_eq!((page.status.as_u16(), header_of(&page, "retry-after")), (429, "1"), "{path}");
        assert!(page.text.contains("Wait 1 second and reload"), "{}", page.text);
    }
    // What asks for no receipt counts as a page does.
    let answer = get_from(&site, "/api/tickets/get-by-url?i=1", "2a00:1::3").await;
    answer.problem(429);
    assert_eq!(header_of(&answer, "retry-after"), "1");
    assert_eq!(get_from(&site, "/", "2a00:2::1").await.status, 200);
    // The API has its token; machines ask for health all the time.
    assert_eq!(get_from(&site, "/healthz", "2a00:1::1").await.status, 200);
}

#[tokio::test]
async fn who_finds_nothing_sixty_times_a_minute_waits_and_what_is_found_is_still_shown() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site();
    let wrong = paper.clone();
    let wrong = Paper { s: "1.00".into(), ..wrong };
    let rest = wrong.query().split_once('&').unwrap().1.to_owned();
    let uris = [
        wrong.page(),
        wrong.check(),
        format!("/ticket/{}?{rest}", paper.i),
        "/t/?i=1&f=1&s=1&t=20260122T1709".to_owned(),
    ];
    for (count, uri) in (0..60).zip(uris.iter().cycle()) {
        assert_eq!(get_from(&site, uri, "10.0.0.1").await.status, 404, "{uri}, the miss {count}");
    }
    // A minute's worth comes back one by one; a machine under load may have let one pass meanwhile.
    let mut spent = 0;
    for uri in uris.iter().cycle().take(8) {
        let answer = get_from(&site, uri, "10.0.0.1").await;
        if answer.status == 429 {
            let wait: u64 = header_of(&answer, "retry-after").parse().unwrap();
            assert!((1..=2).contains(&wait), "{wait}");
            spent += 1;
        }
    }
    assert!(spent >= 4, "only {spent} of 8 were told to wait");
    // 60 misses of one minute leave 540 that may be found; others have budgets of their own.
    for _ in 0..100 {
        assert_eq!(get_from(&site, &paper.page(), "10.0.0.1").await.status, 200);
        assert_eq!(get_from(&site, &paper.check(), "10.0.0.1").await.status, 200);
    }
    assert_eq!(get_from(&site, &wrong.check(), "10.0.0.2").await.status, 404);
}

#[tokio::test]
async fn what_is_found_has_its_budget_too() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site_with(|config| {
        config.limits = Limits { lookups_found_per_minute: NonZeroU32::new(3).unwrap(), ..Limits::default() };
    });
    for _ in 0..3 {
        assert_eq!(get_from(&site, &paper.check(), "10.0.0.1").await.status, 200);
    }
    let answer = get_from(&site, &paper.check(), "10.0.0.1").await;
    answer.problem(429);
    let wait: u64 = header_of(&answer, "retry-after").parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
    let page = get_from(&site, &paper.page(), "10.0.0.1").await;
    assert_eq!(page.status, 429);
    assert!(!header_of(&page, "retry-after").is_empty());
}

#[tokio::test]
async fn all_together_over_their_budget_are_asked_to_come_again() {
    let shop = Shop::open().await;
    let one = NonZeroU32::MIN;
    let site = shop.site_with(|config| {
        config.limits = Limits { all_burst: one, all_per_second: one, ..Limits::default() };
    });
    assert_eq!(get_from(&site, "/", "10.0.0.1").await.status, 200);
    let page = get_from(&site, "/", "10.0.0.2").await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Сейчас не получается"));
    let answer = get_from(&site, "/api/tickets/get-by-url?i=1", "10.0.0.3").await;
    answer.problem(503);
    assert!(!header_of(&answer, "retry-after").is_empty());
}

#[tokio::test]
async fn the_golden_frames_are_shown_and_keep_their_buyers_secret() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut shown = 0;
    for vector in vectors.as_array().unwrap().iter().filter(|vector| vector["request"]["command"] == 1) {
        let mut shop = Shop::open().await;
        shop.version =
            Version::from_code(u16::try_from(vector["version"].as_u64().unwrap()).unwrap()).unwrap();
        let frame = hex::decode(vector["frame"].as_str().unwrap()).unwrap();
        shop.accept(&placement(at(0, 0, 1), 100_000_000)).await;
        let paper = shop.accept(&frame[18..]).await;
        let site = shop.site();
        for uri in [paper.page(), paper.check()] {
            let answer = get(&site, &uri, &[]).await;
            assert_eq!(answer.status, 200, "{}", vector["name"]);
            for field in ["customer_email", "customer_phone", "customer_iin_or_bin"] {
                if let Some(secret) = vector["request"]["ticket"]["extension_options"][field].as_str() {
                    assert!(!answer.text.contains(secret), "{}: {field}", vector["name"]);
                }
            }
            shown += 1;
        }
    }
    assert!(shown >= 20, "{shown}");
    assert_eq!(format!("{:?}", Token(1)), "Token(redacted)");
}
