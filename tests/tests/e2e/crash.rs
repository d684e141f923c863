//! kill -9 in the middle of a load: whatever was acknowledged is stored, once, as it came.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_loadtest::fleet::memory;
use ofd_loadtest::{Endpoint, Options, run};
use ofd_tests::process::{Setup, local, within};
use ofd_tests::tap::{Seen, Tap};
use serde_json::Value;

const KILLS: usize = 5;

const REGISTERS: u32 = 24;

/// Every document of an export against what devices and the relay know.
fn compare(setup: &Setup, exported: &[Value], seen: &Seen) {
    assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
    let mut receipts: BTreeMap<String, u32> = BTreeMap::new();
    let mut of_register: BTreeMap<u32, u64> = BTreeMap::new();
    let mut stored = HashSet::new();
    for document in exported {
        let register = u32::try_from(document["register"].as_u64().unwrap()).unwrap();
        *of_register.entry(register).or_default() += 1;
        let raw = STANDARD.decode(document["raw"].as_str().unwrap()).unwrap();
        assert!(seen.requests.contains(&raw), "these bytes were never sent: {document}");
        assert!(stored.insert(raw), "these bytes are stored twice: {document}");
        if let Some(number) = document["ticket_number"].as_str() {
            let before = receipts.insert(number.to_owned(), register);
            assert_eq!(before, None, "ticket {number} is stored twice");
        }
    }
    // The load ends at rest: everything stored was acknowledged in the end, and the other way round.
    let lost: Vec<_> = seen.receipts.iter().filter(|(number, _)| !receipts.contains_key(*number)).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");
    assert_eq!(receipts, seen.receipts);
    let (registers, _) = memory::resume(&setup.fleet_file(), &setup.fleet, 203, 1).unwrap();
    for register in registers {
        let id = register.identity().id.0;
        let known = register.state().accepted;
        assert_eq!(of_register.get(&id).copied().unwrap_or(0), known, "documents of register {id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_before_a_kill_is_stored_once() {
    within(100, async {
        let setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let tap = Tap::start(local(setup.ports.plain)).await.unwrap();
        let options = Options {
            connections: 24,
            duration: Duration::from_secs(9),
            lose_answers: 0.1,
            offline: 0.1,
            shift_length: Some(60),
            patience: Duration::from_secs(30),
            ..Options::new(Endpoint::plain(tap.address), setup.fleet_file())
        };
        let load = tokio::spawn(async move { run(options, |_| {}).await });
        for kill in 0..KILLS {
            tokio::time::sleep(Duration::from_millis(900 + 170 * u64::try_from(kill).unwrap())).await;
            server.kill().await;
            // The next one is killed too, in the middle of its recovery.
            let mut halfway = setup.spawn(setup.serve_command());
            tokio::time::sleep(Duration::from_millis(15 * (1 + u64::try_from(kill).unwrap()))).await;
            halfway.kill().await;
            server = setup.start().await;
        }
        let report = load.await.unwrap().unwrap();
        assert_eq!(report.dead, None, "{report}");
        assert!(report.differences.is_empty(), "{report}");
        assert_eq!(report.settled, usize::try_from(REGISTERS).unwrap(), "{report}");
        assert!(report.receipts > 500 && report.retries > report.lost_on_purpose, "{report}");
        server.stop().await;
        setup.verify().await;
        let exported = setup.export().await;
        compare(&setup, &exported, &tap.seen());
    })
    .await;
}
