//! An answer is lost, the server restarts, memory is forgotten, two speak for one register at once.

use std::sync::Arc;
use std::time::Duration;

use ofd_loadtest::{Document, Fault, Placement, Register, Renumber};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::api::{Api, count};
use crate::device::{Device, Heard, Way};
use crate::process::{Setup, eventually};

/// One of every kind of document that is stored.
fn every_kind(register: &mut Register) -> Vec<Document> {
    let sale = register.draw_sale();
    let sum = 5_000_00;
    vec![
        Document::Placement { operation: Placement::Deposit, sum },
        sale,
        Document::Cancel,
        Document::Close { withdraw: true },
        Document::Close { withdraw: false },
    ]
}

/// Every kind of document, sent four times.
pub async fn sent_again(setup: &Setup) {
    let server = setup.start().await;
    let fleet = setup.fleet.registers();
    for (identity, way) in fleet.zip([Way::PlainPerRequest, Way::Tls]) {
        let mut device = Device::new(identity, 203, way.endpoint(setup));
        device.info().await;
        let documents = every_kind(&mut device.register);
        for document in documents.clone() {
            device.send(document).await.accepted();
            let (asked, heard) = (device.asked.clone(), device.heard.clone());
            for _ in 0..3 {
                device.ask(&asked).await.unwrap();
                assert_eq!(device.heard, heard);
            }
        }
        let kept = Api::of(&server).documents(device.id()).await;
        assert_eq!(kept.len(), documents.len(), "{kept:?}");
        device.expect_no_differences();
    }
}

/// Answers that are lost on the way or never sent, over every kind of link.
pub async fn lost_answers(setup: &Setup) {
    let server = setup.start().await;
    let faults = [Fault::Discard, Fault::Cut];
    let ways = faults.into_iter().flat_map(|fault| [Way::Plain, Way::Tls, Way::Sim].map(|way| (fault, way)));
    for (identity, (fault, way)) in setup.fleet.registers().zip(ways) {
        let mut device = Device::new(identity, 203, way.endpoint(setup));
        device.info().await;
        let documents = every_kind(&mut device.register);
        for document in documents.clone() {
            let lost = device.send_with(document, fault).await;
            assert!(matches!(lost, Heard::Lost(_)), "{lost:?}");
            device.retry().await.accepted();
        }
        // The same receipt as one that got an offline number meanwhile, under a new REQNUM.
        for number in [Renumber::Keep, Renumber::Fresh] {
            let sale = device.register.draw_sale();
            device.send_with(sale, fault).await;
            device.register.resend_offline(number);
            device.retry().await.accepted();
        }
        device.close_shift().await;
        device.expect_no_differences();
        let kept = Api::of(&server).documents(device.id()).await;
        assert_eq!(kept.len(), documents.len() + 3, "{kept:?}");
    }
}

/// Sells until the link breaks or the server goes down; what is under way then stays so.
async fn sell_until_it_ends(device: &mut Device) -> u64 {
    let mut sold = 0;
    loop {
        let sale = device.register.draw_sale();
        match device.send(sale).await {
            Heard::Accepted(_) => sold += 1,
            Heard::Lost(_) | Heard::Later(_) => return sold,
            other => panic!("a sale was refused: {other:?}"),
        }
    }
}

/// An orderly end with fifty registers at work and twenty silent ones.
pub async fn orderly_end(setup: &Setup) {
    let mut server = setup.start().await;
    let mut devices = Vec::new();
    for (index, identity) in setup.fleet.registers().enumerate() {
        let way = Way::ALL[index % Way::ALL.len()];
        let mut device = Device::new(identity, 203, way.endpoint(setup));
        device.info().await;
        device.sell().await;
        devices.push((device.asked.clone(), device.heard.clone(), device));
    }
    // Fifty are at work, twenty are silent on kept connections.
    let silent = devices.split_off(50);
    let mut at_work = JoinSet::new();
    for (_, _, mut device) in devices {
        at_work.spawn(async move { (sell_until_it_ends(&mut device).await, device) });
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let took = server.stop().await;
    let log = server.log();
    assert!(log.contains("every connection has ended"), "after {took:?}:\n{log}");
    let worked: Vec<(u64, Device)> = at_work.join_all().await;
    assert!(worked.iter().all(|(sold, _)| *sold > 0), "somebody sold nothing before the stop");
    assert!(worked.iter().any(|(_, device)| device.register.flight().is_some()), "nobody was interrupted");

    let server = setup.start().await;
    let mut kept = silent;
    for (_, mut device) in worked {
        // A request of which a part had come was finished; nobody heard less than a whole answer.
        device.expect_no_differences();
        device.client.close();
        device.retry().await.accepted();
        kept.push((device.asked.clone(), device.heard.clone(), device));
    }
    for (asked, heard, device) in &mut kept {
        device.client.close();
        device.ask(asked).await.unwrap();
        assert_eq!(device.heard, *heard, "register {} got another answer after the restart", device.id());
        device.close_shift().await;
        device.expect_no_differences();
        let known = device.register.state().accepted;
        let stored = Api::of(&server).register(device.id()).await["shift"]["documents"].as_u64();
        assert_eq!(stored, Some(known), "register {}", device.id());
    }
}

/// What is in memory is forgotten, what is stored is not.
pub async fn evicted_lanes(setup: &Setup) {
    // One lane in each of 64 shards by id: every register of the second 65 drives out one of the first.
    let _server = setup.start().await;
    let mut devices = Device::fleet(setup, 203);
    let mut kept = Vec::new();
    for device in &mut devices {
        device.sell().await;
        kept.push((device.asked.clone(), device.heard.clone()));
    }
    eventually("lanes are evicted", Duration::from_secs(10), || async {
        setup.metric("ofd_gateway_lanes_open").await.is_some_and(|open| (1.0..=64.0).contains(&open))
    })
    .await;
    for (device, (asked, heard)) in devices.iter_mut().zip(&kept) {
        device.ask(asked).await.unwrap();
        assert_eq!(device.heard, *heard);
        device.close_shift().await;
        device.expect_no_differences();
    }
    assert_eq!(setup.metric("ofd_gateway_replays_total").await, Some(130.0));
}

/// The same bytes by six connections at once.
pub async fn same_at_once(setup: &Setup) {
    const ROUNDS: usize = 25;
    const AT_ONCE: usize = 6;
    let server = setup.start().await;
    let identity = setup.fleet.registers().next().unwrap();
    let mut device = Device::first(setup, 203);
    device.info().await;
    for round in 0..ROUNDS {
        let ping = Arc::new(device.ping_frame());
        let frame = Arc::new(device.sale_frame());
        let start = Arc::new(Barrier::new(AT_ONCE));
        let mut rivals = JoinSet::new();
        for rival in 0..AT_ONCE {
            let way = [Way::Plain, Way::Tls, Way::Sim][rival % 3];
            let mut rival = Device::new(identity.clone(), 203, way.endpoint(setup));
            let (ping, frame, start) = (Arc::clone(&ping), Arc::clone(&frame), Arc::clone(&start));
            rivals.spawn(async move {
                // The connection is open before the race begins.
                rival.ask(&ping).await.unwrap();
                start.wait().await;
                rival.ask(&frame).await.unwrap();
                rival.heard
            });
        }
        let answers = rivals.join_all().await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "round {round}");
        device.register.take(&answers[0]);
        device.expect_no_differences();
    }
    device.close_shift().await;
    device.expect_no_differences();
    let kept = Api::of(&server).documents(device.id()).await;
    assert_eq!(count(&kept, "ticket"), ROUNDS, "{kept:?}");
}

/// Other documents under the same token and REQNUM by four connections at once.
pub async fn different_at_once(setup: &Setup) {
    let server = setup.start().await;
    let identity = setup.fleet.registers().next().unwrap();
    let mut stored = 0;
    let mut device = Device::first(setup, 203);
    device.info().await;
    for _ in 0..10 {
        let start = Arc::new(Barrier::new(4));
        let mut rivals = JoinSet::new();
        for _ in 0..4 {
            // The same token and the same REQNUM, but every one sells something else.
            let mut rival = Device::new(identity.clone(), 203, Way::Plain.endpoint(setup));
            rival.register = Register::with_state(identity.clone(), device.register.state().clone());
            let sale = rival.register.draw_sale();
            drop((0..rivals.len()).map(|_| rival.register.draw_sale()).collect::<Vec<_>>());
            let other = rival.register.draw_sale();
            let sale = if rivals.is_empty() { sale } else { other };
            let start = Arc::clone(&start);
            rivals.spawn(async move {
                start.wait().await;
                let heard = rival.send(sale).await;
                (heard, rival)
            });
        }
        let mut next = None;
        for (heard, rival) in rivals.join_all().await {
            match heard.code() {
                Some(0) => next = Some(rival),
                Some(9) => {}
                other => panic!("a rival got {other:?}: {heard:?}"),
            }
        }
        device = next.expect("one of them is the first");
        stored += 1;
    }
    device.close_shift().await;
    device.expect_no_differences();
    let kept = Api::of(&server).documents(device.id()).await;
    assert_eq!(count(&kept, "ticket"), stored, "{kept:?}");
}
