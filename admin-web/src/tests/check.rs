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
            "exciseStamp": null, "measureUnitCode": unit, "taxes": [{"sum": vat, "layout": {"rate": 16}}],
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
async fn storno_lines_are_negative_and_stamps_are_joined() {
    let shop = Shop::open().await;
    let mut marked = Goods::new("Сигареты", 2_000, 50_000, 100_000);
    marked.stamps = vec!["0104870001", "0104870002"];
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
    assert_eq!(items[0]["commodity"]["exciseStamp"], "0104870001,0104870002");
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
    assert_eq!(header_of(&answer, "allow"), "GET,HEAD");
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
    let page = get_from(&site, "/?lang=en", "2a00:1::2").await;
    assert_eq!((page.status.as_u16(), header_of(&page, "retry-after")), (429, "1"));
    assert!(page.text.contains("Wait 1 second and reload"), "{}", page.text);
    let answer = get_from(&site, "/api/tickets/get-by-url?i=1", "2a00:1::3").await;
    answer.problem(429);
    assert_eq!(header_of(&answer, "retry-after"), "1");
    assert_eq!(get_from(&site, "/", "2a00:2::1").await.status, 200);
    // The API has its token; machines ask for health all the time.
    assert_eq!(get_from(&site, "/healthz", "2a00:1::1").await.status, 200);
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
        let hex = vector["frame"].as_str().unwrap();
        let frame: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
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
