//! The API against registers that are at work: every change is felt at once, on connections that are open.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_loadtest::{Answer, Document, Identity};
use ofd_protocol::types::Token;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api::{Api, count};
use crate::device::{Device, Heard, Way};
use crate::process::Setup;

/// The ad that tells the cashier why, in a refusal that carries it.
#[track_caller]
fn notice(heard: &Heard, code: u32) -> String {
    let answer = heard.answer().unwrap_or_else(|| panic!("no answer: {heard:?}"));
    assert_eq!(answer.code, code, "{answer:?}");
    let service = answer.service.as_ref().unwrap_or_else(|| panic!("no service part: {answer:?}"));
    let ad = service.ads.iter().find(|ad| ad.kind == 4).unwrap_or_else(|| panic!("no notice: {answer:?}"));
    ad.text.clone()
}

async fn at_work(setup: &Setup, identity: Identity, version: u16, way: Way) -> Device {
    let mut device = Device::new(identity, version, way.endpoint(setup));
    device.info().await;
    device.deposit(1_000_00).await;
    device.sell().await;
    device
}

async fn next_second() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

async fn sell(device: &mut Device) -> Heard {
    let sale = device.register.draw_sale();
    device.send(sale).await
}

/// A block, what is still taken, and the end of the block.
pub async fn block(setup: &Setup) {
    let server = setup.start().await;
    let api = Api::of(&server);
    let ways = [(203, Way::Plain), (204, Way::Tls), (125, Way::Sim), (202, Way::Plain)];
    for (identity, (version, way)) in setup.fleet.registers().zip(ways) {
        let mut device = at_work(setup, identity, version, way).await;
        let (asked, heard) = (device.asked.clone(), device.heard.clone());
        let id = device.id();
        let before = device.register.draw_sale();
        device.make_offline(before);
        let view = api.change(id, "block", Some("долг за май")).await;
        assert_eq!(view["status"], "blocked");
        assert_eq!(view, api.register(id).await, "a change answers as the GET does");
        // Repeated, it changes nothing and says the same.
        assert_eq!(api.change(id, "block", Some("долг за май")).await["status"], "blocked");

        let refused = sell(&mut device).await;
        assert!(notice(&refused, 15).contains("долг за май"), "{refused:?}");
        assert!(refused.answer().unwrap().text.as_deref().is_some_and(|text| text.contains("долг за май")));
        for document in [Document::System, Document::Info, Document::Close { withdraw: false }] {
            notice(&device.send(document).await, 15);
        }
        device.ask(&asked).await.unwrap();
        assert_eq!(device.heard, heard, "a replay is told although the register is blocked");
        device.drain().await.expect("the queue holds one").accepted();
        next_second().await;
        let after = device.register.draw_sale();
        device.make_offline(after);
        notice(&device.drain().await.expect("the queue holds one"), 15);

        assert_eq!(api.change(id, "unblock", None).await["status"], "active");
        assert_eq!(api.change(id, "unblock", None).await["status"], "active");
        device.ping().await;
        sell(&mut device).await.accepted();
        device.close_shift().await;
        device.expect_no_differences();
        assert_eq!(count(&api.documents(id).await, "ticket"), 3);
    }
}

/// Reasons that hold the words by which tills take a refusal for a broken link.
pub async fn reasons_of_a_block(setup: &Setup) {
    let server = setup.start().await;
    let api = Api::of(&server);
    let mut device = at_work(setup, setup.fleet.registers().next().unwrap(), 203, Way::Plain).await;
    let long = "ж".repeat(500);
    for reason in ["Network timeout", "нет соединения", "UNKNOWN connection", "empty response", &long]
    {
        api.change(device.id(), "block", Some(reason)).await;
        // Device::exchange holds every text against the words and the length.
        let text = notice(&sell(&mut device).await, 15).to_lowercase();
        for word in ["network", "timeout", "connection", "unknown", "empty response", "соединен"] {
            assert!(!text.contains(word), "{text}");
        }
        api.change(device.id(), "unblock", None).await;
    }
    sell(&mut device).await.accepted();
    device.expect_no_differences();
}

/// Disconnected and connected again, then deregistered for good.
pub async fn disconnected_and_deregistered(setup: &Setup) {
    let server = setup.start().await;
    let api = Api::of(&server);
    for (identity, version) in setup.fleet.registers().zip([204, 203, 201, 124]) {
        let mut device = at_work(setup, identity, version, Way::Plain).await;
        let id = device.id();
        let offline = device.register.draw_sale();
        device.make_offline(offline);
        assert_eq!(api.change(id, "disconnect", None).await["status"], "disconnected");
        assert_eq!(api.change(id, "disconnect", None).await["status"], "disconnected");
        assert_eq!(sell(&mut device).await.code(), Some(if version == 204 { 19 } else { 15 }));
        assert_eq!(device.send(Document::System).await.code(), Some(if version == 204 { 19 } else { 15 }));
        device.drain().await.expect("the queue holds one").accepted();
        assert_eq!(api.change(id, "connect", None).await["status"], "active");
        sell(&mut device).await.accepted();
        let offline = device.register.draw_sale();
        device.make_offline(offline);

        assert_eq!(api.change(id, "deregister", Some("снята с учёта")).await["status"], "deregistered");
        assert_eq!(api.change(id, "deregister", Some("снята с учёта")).await["status"], "deregistered");
        assert_eq!(sell(&mut device).await.code(), Some(if version == 204 { 18 } else { 15 }));
        device.drain().await.expect("the queue holds one").accepted();
        for (change, reason) in [
            ("block", Some("x")),
            ("unblock", None),
            ("disconnect", None),
            ("connect", None),
            ("reset-token", None),
        ] {
            let body = reason.map(|reason| json!({ "reason": reason }));
            let refused = api.post(&format!("/api/v1/registers/{id}/{change}"), body).await.expect(409);
            assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{change}");
            assert_eq!(refused.json()["status"], 409);
        }
        assert_eq!(api.register(id).await["status"], "deregistered");
        device.expect_no_differences();
        assert_eq!(count(&api.documents(id).await, "ticket"), 4);
    }
}

/// Two resets; a retry under the new token.
pub async fn token_reset(setup: &Setup) {
    let server = setup.start().await;
    let api = Api::of(&server);
    for (identity, (version, way)) in
        setup.fleet.registers().zip([(203, Way::Plain), (204, Way::Tls), (124, Way::Sim)])
    {
        let mut device = at_work(setup, identity, version, way).await;
        let (kept, current) = (u32::from_le_bytes(device.asked[12..16].try_into().unwrap()), device.token());
        let (asked, heard) = (device.asked.clone(), device.heard.clone());
        let first = api.reset_token(device.id()).await;
        let second = api.reset_token(device.id()).await;
        assert!(first != second && [first, second].iter().all(|token| (1..1 << 31).contains(token)));
        let with = |token: u32| -> Vec<u8> {
            let mut frame = asked.clone();
            frame[12..16].copy_from_slice(&token.to_le_bytes());
            frame
        };
        for old in [kept, current.0, first] {
            let read = device.ask(&with(old)).await.unwrap();
            assert_eq!((read.code(), read.header.token), (2, Token(old)), "the new token is not told");
            assert!(read.response.service.is_none(), "nor is anything else");
        }
        // The very same document under the new token is a retry: the stored payload, nothing stored.
        let read = device.ask(&with(second)).await.unwrap();
        assert_eq!(read.code(), 0);
        assert_eq!(device.heard[18..], heard[18..], "the stored answer");
        let next = read.header.token;
        device.register.reset_token(next);
        assert_eq!(count(&api.documents(device.id()).await, "ticket"), 1);
        device.ping().await;
        device.sell().await;
        device.close_shift().await;
        device.expect_no_differences();
        assert_eq!(count(&api.documents(device.id()).await, "ticket"), 2);
    }
}

/// A hundred changes of a register that sells without a pause.
pub async fn changed_all_the_time(setup: &Setup) {
    let server = setup.start().await;
    let api = Api::of(&server);
    let mut device = at_work(setup, setup.fleet.registers().next().unwrap(), 204, Way::Plain).await;
    let id = device.id();
    let people = tokio::spawn(async move {
        for change in ["block", "unblock", "disconnect", "connect"].into_iter().cycle().take(100) {
            let reason = (change == "block").then_some("x");
            api.change_busy(id, change, reason).await;
        }
    });
    let (mut sold, mut refused) = (1, 0);
    while !people.is_finished() {
        match sell(&mut device).await {
            Heard::Accepted(_) => sold += 1,
            Heard::Refused(answer) if [15, 19].contains(&answer.code) => {
                refused += 1;
                // Refusals are quick: ten thousand a second would meet the register's own limit.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            other => panic!("{other:?}"),
        }
    }
    people.await.unwrap();
    sell(&mut device).await.accepted();
    device.close_shift().await;
    device.expect_no_differences();
    assert!(refused > 0, "of {sold} sales none met a change");
    assert_eq!(count(&api.documents(id).await, "ticket"), sold + 1);
}

fn crc32(bytes: &[u8]) -> String {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    let crc =
        !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)));
    format!("{crc:08X}")
}

/// Documents, shifts and the chain, page by page.
pub async fn listed(setup: &Setup) {
    let mut server = setup.start().await;
    let api = Api::of(&server);
    let mut device = Device::first(setup, 203);
    device.info().await;
    let id = device.id();
    assert_eq!(api.register(id).await["shift"], Value::Null);
    let mut sent: Vec<(Vec<u8>, Answer, u64)> = Vec::new();
    for shift in 1..=3 {
        for _ in 0..5 {
            let answer = device.sell().await;
            sent.push((device.asked.clone(), answer, shift));
        }
        let open = api.register(id).await["shift"].clone();
        assert_eq!(
            (&open["number"], &open["open"], &open["documents"]),
            (&json!(shift), &json!(true), &json!(5))
        );
        let last = api.shifts(id).await.pop().unwrap();
        assert_eq!(
            (&last["closed_at"], &last["z"]),
            (&Value::Null, &Value::Null),
            "the open shift is listed too"
        );
        let answer = device.close_shift().await;
        sent.push((device.asked.clone(), answer, shift));
    }
    // Page by page it is the same list.
    let documents = api.documents(id).await;
    let paged = api.pages(&format!("/api/v1/registers/{id}/shifts/2/documents"), "documents", 2).await;
    assert_eq!(paged, documents[6..12]);
    assert_eq!(api.pages(&format!("/api/v1/registers/{id}/shifts"), "shifts", 1).await, api.shifts(id).await);
    let mut chain = vec![0; 32];
    assert_eq!(documents.len(), sent.len());
    for (index, (document, (frame, answer, _))) in documents.iter().zip(&sent).enumerate() {
        assert_eq!(document["number"], index % 6 + 1);
        let raw = STANDARD.decode(document["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw, *frame, "the bytes as they came, header included");
        assert_eq!(document["crc"], crc32(&raw).as_str());
        chain = Sha256::new().chain_update(&chain).chain_update(&raw).finalize().to_vec();
        assert_eq!(document["chain"], hex::encode(&chain).as_str());
        let number = answer.ticket.as_ref().map(|ticket| ticket.number.clone());
        assert_eq!(document["ticket_number"].as_str(), number.as_deref());
    }
    server.stop().await;
    let exported =
        setup.run(&["export", "--config", "ofd.toml", "--register", &id.to_string(), "--out", "one"]).await;
    exported.expect_success();
    assert_eq!(std::fs::read_to_string(setup.path("one")).unwrap().lines().count(), documents.len());
}
