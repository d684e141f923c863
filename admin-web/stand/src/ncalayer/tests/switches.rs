//! What the person does.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use super::*;
use crate::ncalayer::{DELAY_MAX, Encoding, Fault, Outcome, Shape};

#[tokio::test]
async fn the_person_may_cancel() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.set(|switches| switches.outcome = Outcome::Cancel);
    assert_eq!(page.ask(&request()).await, json!({"status": true, "body": {}}));
    stand.handle.set(|switches| switches.outcome = Outcome::Sign);
    signer(&signature(&page.ask(&request()).await), None);
}

#[tokio::test]
async fn it_may_fail_with_each_of_its_codes() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for fault in [Fault::InvalidSigningParams, Fault::SigningFailure, Fault::General, Fault::Invocation] {
        stand.handle.set(|switches| switches.outcome = Outcome::Error(fault));
        let answer = page.ask(&request()).await;
        assert_eq!(answer["status"], false);
        assert_eq!(answer["code"], fault.as_str());
        assert!(answer.get("body").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn it_may_end_in_the_middle() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.set(|switches| switches.outcome = Outcome::Disconnect);
    page.say(request()).await;
    // No closing handshake, as of a program that died.
    assert!(matches!(page.next().await, Some(Err(Error::Protocol(_) | Error::Io(_)))));
    stand.page().await;
}

#[tokio::test]
async fn the_person_may_take_time_and_only_where_a_person_is_asked() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let delay = Duration::from_millis(300);
    stand.handle.set(|switches| switches.delay = delay);
    let started = Instant::now();
    page.say("--heartbeat--").await;
    page.hear_text().await;
    page.ask(&without("/args/format")).await;
    assert!(started.elapsed() < delay);
    let started = Instant::now();
    signature(&page.ask(&request()).await);
    assert!(started.elapsed() >= delay);
    stand.handle.set(|switches| switches.delay = Duration::MAX);
    assert_eq!(stand.handle.switches().delay, DELAY_MAX);
}

#[tokio::test]
async fn signatures_come_in_every_form_that_versions_of_it_have() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let list = with("/args/data", json!([STANDARD.encode(TEXT)]));
    let cases = [
        (Shape::List, Encoding::Pem, request(), true),
        (Shape::List, Encoding::Base64, list.clone(), true),
        (Shape::AsData, Encoding::Pem, request(), false),
        (Shape::AsData, Encoding::Base64, request(), false),
        (Shape::AsData, Encoding::Base64, list, true),
    ];
    for (shape, encoding, request, is_list) in cases {
        stand.handle.set(|switches| (switches.shape, switches.encoding) = (shape, encoding));
        let answer = page.ask(&request).await;
        let result = &answer["body"]["result"];
        assert_eq!(result.is_array(), is_list, "{shape} {encoding}");
        let text = if is_list { &result[0] } else { result }.as_str().expect("a text");
        assert_eq!(text.starts_with("-----BEGIN CMS-----\n"), encoding == Encoding::Pem);
        assert_eq!(STANDARD.decode(text).is_ok(), encoding == Encoding::Base64);
        signer(text, Some(TEXT));
    }
}

#[tokio::test]
async fn keys_that_the_page_excludes_are_not_offered() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.choose_key("head").expect("a key");
    let (pki, pem) = (pki(), |der: &[u8]| crate::ncalayer::pem::pem("CERTIFICATE", der));
    let head = pki.key("head").expect("a key");
    let trusted: Vec<_> = pki.roots().into_iter().map(pem).collect();
    let person = pki.key("person").expect("a key");
    let cases = [
        ("chain", json!([]), true),
        // Absent or null: the national CA's keys alone.
        ("chain", json!(null), false),
        ("chain", json!(trusted), true),
        ("chain", json!([pem(person.certificate())]), false),
        ("extKeyUsageOids", json!(["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2.1"]), true),
        ("extKeyUsageOids", json!(["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1"]), false),
        ("iin", json!(head.iin()), true),
        ("iin", json!(""), true),
        ("iin", json!(person.iin()), false),
        ("bin", json!(head.bin()), true),
        ("bin", json!("000000000000"), false),
        ("serialNumber", json!(head.serial().to_lowercase()), true),
        ("serialNumber", json!(person.serial()), false),
    ];
    for (name, value, is_offered) in cases {
        let answer = page.ask(&with(&format!("/args/signerParams/{name}"), value.clone())).await;
        if is_offered {
            signer(&signature(&answer), None);
        } else {
            assert_eq!(answer, json!({"status": true, "body": {}}), "{name} {value}");
            assert!(stand.handle.journal()[0].contains("not offered"), "{:?}", stand.handle.journal());
        }
    }
    let closed = json!({"status": true, "body": {}});
    assert_eq!(page.ask(&without("/args/signerParams")).await, closed);
    assert_eq!(page.ask(&with("/args/allowedStorages", json!(["AKKaztokenStore"]))).await, closed);
    signature(&page.ask(&with("/args/allowedStorages", json!(["JKS", "PKCS12"]))).await);
}

#[tokio::test]
async fn the_person_may_sign_with_another_key_than_the_page_wants() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.choose_key("person").expect("a key");
    stand.handle.set(|switches| switches.ignores_filters = true);
    let pki = pki();
    let other = pki.key("head").and_then(|key| key.iin()).expect("a number");
    let signed = signature(&page.ask(&with("/args/signerParams/iin", json!(other))).await);
    assert_eq!(label(&signer(&signed, None)), "person");
}

#[tokio::test]
async fn the_key_is_chosen_while_it_runs() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for chosen in ["employee", "accountant", "employee"] {
        stand.handle.choose_key(chosen).expect("a key");
        assert_eq!(label(&signer(&signature(&page.ask(&request()).await), None)), chosen);
    }
    let refused = stand.handle.choose_key("nobody").expect_err("there is none");
    assert_eq!(refused.to_string(), "there is no key nobody; choose one of the list");
    assert_eq!(stand.handle.switches().key, "employee");
}

#[tokio::test]
async fn the_journal_keeps_the_last_answers() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for _ in 0..60 {
        page.ask(&json!({"module": "x", "method": "y\n"})).await;
    }
    page.ask(&request()).await;
    let journal = stand.handle.journal();
    assert_eq!(journal.len(), 50);
    assert_eq!(journal[0], format!("basics sign: signed with the key {}", pki().keys()[0].label()));
    assert_eq!(journal[1], "x y: MODULE_NOT_FOUND");
}

#[test]
fn words_of_switches_are_read_back() {
    for outcome in Outcome::all() {
        assert_eq!(outcome.to_string().parse(), Ok(outcome));
    }
    let unknown = "sing".parse::<Outcome>().expect_err("no such word").to_string();
    assert!(unknown.starts_with("`sing` is not known here; one of: sign, cancel, disconnect, "), "{unknown}");
}
