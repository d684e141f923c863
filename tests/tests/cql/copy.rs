//! `ofd copy` from a directory to a cluster and back: killed and continued, nothing is lost on the way.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ofd_loadtest::{Endpoint, Options, run};
use ofd_tests::cassandra;
use ofd_tests::process::{Setup, binary, local, within};
use ofd_tests::settled::compare;
use ofd_tests::tap::Tap;

const REGISTERS: u32 = 8;

/// Copies are killed when they have written for so long.
const KILLED_AFTER: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(900)];

fn copy_command(from: &Path, to: &Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["copy", "--from"]).arg(from).arg("--to").arg(to);
    command
}

/// Copies in several tries, of which all but the last are killed.
async fn copy(setup: &Setup, from: &str, to: &str) {
    let (from, to) = (setup.path(from), setup.path(to));
    let mut killed = 0;
    for after in KILLED_AFTER {
        let mut copy = setup.spawn(copy_command(&from, &to));
        while copy.is_running() && !copy.log().contains("copying") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(after).await;
        if copy.is_running() {
            copy.kill().await;
            killed += 1;
        }
    }
    let copied = setup.run_command(copy_command(&from, &to)).await;
    copied.expect_success();
    for words in ["equal: ", " 0 breaks", "the copy is complete"] {
        assert!(copied.text.contains(words), "after {killed} kills no {words:?}: {}", copied.text);
    }
}

async fn export(setup: &Setup, config: &str) -> String {
    setup.run(&["export", "--config", config, "--out", "export.jsonl"]).await.expect_success();
    fs::read_to_string(setup.path("export.jsonl")).expect("the export is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_moves_to_a_cluster_and_back_and_devices_go_on_with_it() {
    within(240, async {
        let cluster = cassandra::shared().await;
        let mut setup = Setup::new(REGISTERS);
        let embedded = setup.config_text();
        let mut server = setup.start().await;
        let tap = Tap::start(local(setup.ports.plain)).await.expect("a relay");
        let fleet_file = setup.fleet_file();
        let options = |seconds| Options {
            connections: REGISTERS as usize,
            duration: Duration::from_secs(seconds),
            requests: Some(1_500),
            lose_answers: 0.1,
            offline: 0.1,
            shift_length: Some(20),
            ..Options::new(Endpoint::plain(tap.address), &fleet_file)
        };
        let sold = run(options(5), |_| {}).await.expect("the load begins");
        assert!(sold.differences.is_empty() && sold.shifts_closed > 20, "{sold}");
        server.stop().await;
        let before = export(&setup, "ofd.toml").await;

        fs::write(setup.path("first.toml"), &embedded).expect("a config");
        fs::write(setup.path("back.toml"), embedded.replace("\"data\"", "\"back\"")).expect("a config");
        setup = setup.in_keyspace(&cluster, &cluster.keyspace_name());
        setup.migrate().await;
        copy(&setup, "first.toml", "ofd.toml").await;
        assert_eq!(export(&setup, "ofd.toml").await, before, "the cluster holds what the directory held");

        // Registers go on with the cluster, then with the directory that it is copied to.
        let mut server = setup.start().await;
        let sold = run(options(3), |_| {}).await.expect("the load begins");
        assert!(sold.differences.is_empty() && sold.receipts > 20, "{sold}");
        server.stop().await;
        let before = export(&setup, "ofd.toml").await;
        copy(&setup, "ofd.toml", "back.toml").await;
        assert_eq!(export(&setup, "back.toml").await, before, "the directory holds what the cluster held");
        setup.cluster = None;
        "back".clone_into(&mut setup.store);
        setup.write();
        let mut server = setup.start().await;
        let sold = run(options(2), |_| {}).await.expect("the load begins");
        assert!(sold.differences.is_empty() && sold.receipts > 20, "{sold}");
        server.stop().await;
        setup.verify().await;
        compare(&setup, &setup.export().await, &tap.seen());
    })
    .await;
}
