//! The fleet file at the start: repeated, changed, interrupted, by two at once. It ends with one result.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ofd_gateway::bootstrap;
use ofd_gateway::world::SystemWorld;
use ofd_loadtest::Fleet;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::store::{RecordKind, Store};
use ofd_tests::api::Api;
use ofd_tests::device::{Device, Way};
use ofd_tests::process::{Setup, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_creates_nothing_and_overwrites_nothing() {
    within(60, async {
        let setup = Setup::new(4);
        let mut server = setup.start().await;
        assert!(
            server.log().contains("created 1 organisations, 2 trade points and 4 registers"),
            "{}",
            server.log()
        );
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        let title = setup.fleet.organisations[0].title.clone();
        server.stop().await;

        let mut server = setup.start().await;
        assert!(!server.log().contains("created"), "{}", server.log());
        device.client.close();
        device.sell().await;
        server.stop().await;

        // Another title, another token, another model, and one register more.
        let mut fleet = setup.fleet.clone();
        let more = Fleet::of_size(5, 1).organisations.swap_remove(1);
        fleet.organisations[0].title = "ТОО «Другое имя»".to_owned();
        let register = &mut fleet.organisations[0].trade_points[0].registers[0];
        register.token = ofd_protocol::types::Token(4_242);
        register.model = "another".to_owned();
        fleet.organisations.push(more);
        fleet.write(&setup.fleet_file()).unwrap();
        let server = setup.start().await;
        let log = server.log();
        assert!(log.contains("created 1 organisations, 1 trade points and 1 registers"), "{log}");
        assert!(
            log.contains("kept as it is in the store")
                && log.contains("Другое имя")
                && log.contains("another"),
            "{log}"
        );
        let kept = Api::of(&server).register(device.id()).await;
        assert_eq!(kept["organisation"]["title"], title.as_str());
        device.client.close();
        device.sell().await;
        device.close_shift().await;
        device.expect_no_differences();
        let new = fleet.registers().last().unwrap();
        Device::new(new, 203, Way::Plain.endpoint(&setup)).info().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_was_killed_in_the_middle_of_the_fleet_is_finished_by_the_next() {
    const REGISTERS: u32 = 3_000;
    within(100, async {
        let setup = Setup::new(REGISTERS);
        for kill_after in [30, 60, 90, 130, 180] {
            let mut server = setup.spawn(setup.serve_command());
            tokio::time::sleep(Duration::from_millis(kill_after)).await;
            server.kill().await;
        }
        let mut server = setup.start().await;
        let mut devices = Device::fleet(&setup, 203);
        let api = Api::of(&server);
        for at in [0, 1, 255, 256, 257, 1_500, 2_998, 2_999] {
            let device = &mut devices[at];
            device.info().await;
            device.sell().await;
            device.expect_no_differences();
            assert_eq!(api.register(device.id()).await["status"], "active");
        }
        server.stop().await;
        let verified = setup.verify().await;
        assert!(verified.text.contains("of 3000 registers walked"), "{}", verified.text);
        let mut server = setup.start().await;
        assert!(!server.log().contains("created"), "{}", server.log());
        server.stop().await;
    })
    .await;
}

async fn keys(store: &EmbeddedStore, kind: RecordKind) -> Vec<Vec<u8>> {
    store
        .records(kind, &[], None, 10_000)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.key.to_vec())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_start_at_once_end_with_one_result() {
    within(60, async {
        let setup = Setup::new(400);
        let fleet = ofd_gateway::fleet::Fleet::load(&setup.fleet_file()).unwrap();
        let store = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(setup.store_path())).unwrap());
        let (one, other) = tokio::join!(
            bootstrap::run(&store, &fleet, &SystemWorld),
            bootstrap::run(&store, &fleet, &SystemWorld)
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.registers + other.registers, 400, "{one:?} and {other:?}");
        assert_eq!(one.trade_points + other.trade_points, 200, "{one:?} and {other:?}");
        assert_eq!(one.organisations + other.organisations, 100, "{one:?} and {other:?}");
        for (kind, count) in [
            (RecordKind::Organisation, 100),
            (RecordKind::TradePoint, 200),
            (RecordKind::Register, 400),
            (RecordKind::FnsKkmIdHistory, 400),
        ] {
            assert_eq!(keys(&store, kind).await.len(), count, "{kind:?}");
        }
        store.close().await.unwrap();
        drop(store);
        let mut server = setup.start().await;
        assert!(!server.log().contains("created"), "{}", server.log());
        for device in &mut Device::fleet(&setup, 203)[..20] {
            device.info().await;
            device.sell().await;
            device.expect_no_differences();
        }
        server.stop().await;
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_that_start_at_once_one_serves_and_one_says_why_not() {
    within(60, async {
        let setup = Setup::new(50);
        let text = setup.config_text();
        fs::write(setup.path("same.toml"), &text).unwrap();
        let mut command = setup.serve_command();
        let mut one = setup.spawn(command);
        command = setup.serve_command();
        let mut other = setup.spawn(command);
        one.wait_for_either(&mut other).await;
        let (mut served, refused) = if one.is_running() { (one, other) } else { (other, one) };
        let log = refused.log();
        assert!(log.contains("another program has this port") || log.contains("in use"), "{log}");
        served.wait_until_ready().await;
        Device::first(&setup, 203).sell().await;
        served.stop().await;
        setup.verify().await;
    })
    .await;
}
