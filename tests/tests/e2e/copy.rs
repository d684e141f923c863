//! `ofd copy` from directory to directory: killed and continued, the copy is the source, and devices go on with it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use ofd_loadtest::{Endpoint, Options, run};
use ofd_tests::device::Device;
use ofd_tests::process::{Server, Setup, binary, local, within};
use ofd_tests::settled::compare;
use ofd_tests::tap::Tap;

const REGISTERS: u32 = 16;

/// The store of `copy.toml`.
const COPY: &str = "copy";

/// Writes a second config beside the setup's, which differs in its store alone.
fn write_copy_config(setup: &Setup) {
    let text = setup.config_text().replace("path = \"data\"", &format!("path = \"{COPY}\""));
    fs::write(setup.path("copy.toml"), text).unwrap();
}

fn copy_command(setup: &Setup) -> Command {
    let mut command = Command::new(binary());
    command.args(["copy", "--from"]).arg(setup.config()).arg("--to").arg(setup.path("copy.toml"));
    command
}

/// Waits until the process says `words`; false when it ended without.
async fn says(process: &mut Server, words: &str) -> bool {
    while !process.log().contains(words) {
        if !process.is_running() {
            return process.log().contains(words);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    true
}

async fn export(setup: &Setup, config: &str) -> String {
    setup.run(&["export", "--config", config, "--out", "export.jsonl"]).await.expect_success();
    fs::read_to_string(setup.path("export.jsonl")).unwrap()
}

/// A copy that is done before it is disturbed is made again, so often.
const TRIES_MAX: usize = 5;

/// Begins or continues the copy and disturbs it `after` it said `words`; what it logged.
async fn disturb(
    setup: &Setup,
    (words, after): (&str, Duration),
    disturbance: impl AsyncFn(&mut Server),
) -> String {
    for _ in 0..TRIES_MAX {
        let mut copy = setup.spawn(copy_command(setup));
        if says(&mut copy, words).await {
            tokio::time::sleep(after).await;
            if copy.is_running() {
                disturbance(&mut copy).await;
            }
        }
        let verified = setup.run(&["verify", "--config", "copy.toml"]).await;
        if verified.text.contains("not finished") {
            return copy.log();
        }
        fs::remove_dir_all(setup.path(COPY)).unwrap();
    }
    panic!("{TRIES_MAX} copies were done before they were disturbed");
}

/// A half copy serves nobody, and says what continues it.
async fn expect_refused(setup: &Setup) {
    let config = setup.path("copy.toml");
    let words = ["not finished", "ofd copy --from", config.to_str().unwrap()];
    for command in ["serve", "verify", "export"] {
        setup.run(&[command, "--config", "copy.toml"]).await.expect_refusal(&words);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_killed_goes_on_and_devices_go_on_with_it() {
    within(180, async {
        let mut setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let tap = Tap::start(local(setup.ports.plain)).await.unwrap();
        let options = |seconds| Options {
            connections: 16,
            duration: Duration::from_secs(seconds),
            lose_answers: 0.1,
            offline: 0.1,
            shift_length: Some(12),
            ..Options::new(Endpoint::plain(tap.address), setup.fleet_file())
        };
        let sold = run(options(5), |_| {}).await.unwrap();
        assert!(sold.differences.is_empty() && sold.shifts_closed > 20, "{sold}");
        server.stop().await;
        let before = export(&setup, "ofd.toml").await;
        write_copy_config(&setup);

        // Killed as soon as anything is written, later, and while it compares.
        let moments = [("copying", 0), ("copying", 20), ("comparing", 0), ("walking", 0)];
        for (words, after) in moments.map(|(words, after)| (words, Duration::from_millis(after))) {
            disturb(&setup, (words, after), Server::kill).await;
            expect_refused(&setup).await;
        }
        let copied = setup.run_command(copy_command(&setup)).await;
        copied.expect_success();
        for words in ["going on with the copy", "equal: ", " 0 breaks", "the copy is complete"] {
            assert!(copied.text.contains(words), "no {words:?}: {}", copied.text);
        }
        assert!(!copied.text.contains("changed meanwhile"), "the source stood still: {}", copied.text);
        assert_eq!(export(&setup, "copy.toml").await, before, "the copy holds what the source held");
        assert_eq!(export(&setup, "ofd.toml").await, before, "the source holds what it held");
        let again = setup.run_command(copy_command(&setup)).await;
        again.expect_success();
        assert!(again.text.contains("nothing was written"), "{}", again.text);

        let fleet = options(2);
        COPY.clone_into(&mut setup.store);
        setup.write();
        let mut server = setup.start().await;
        let sold = run(fleet, |_| {}).await.unwrap();
        assert!(sold.differences.is_empty() && sold.receipts > 50, "{sold}");
        server.stop().await;
        setup.verify().await;
        compare(&setup, &setup.export().await, &tap.seen());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_stopped_says_how_it_goes_on() {
    within(120, async {
        let setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let endpoint = Endpoint::plain(local(setup.ports.plain));
        let options = Options {
            connections: 16,
            duration: Duration::from_secs(4),
            shift_length: Some(8),
            ..Options::new(endpoint, setup.fleet_file())
        };
        run(options, |_| {}).await.unwrap();
        server.stop().await;
        write_copy_config(&setup);
        for interrupts in [false, true] {
            let log = disturb(&setup, ("copying", Duration::ZERO), async |copy| {
                if interrupts {
                    copy.interrupt();
                } else {
                    copy.terminate();
                }
                copy.wait(Duration::from_secs(10)).await;
            })
            .await;
            for words in ["continue it by `ofd copy --from", "stopped; what was copied stays"] {
                assert!(log.contains(words), "no {words:?}: {log}");
            }
            expect_refused(&setup).await;
        }
        setup.run_command(copy_command(&setup)).await.expect_success();
        setup.run(&["verify", "--config", "copy.toml"]).await.expect_success();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_would_harm_a_store_is_refused() {
    within(60, async {
        let setup = Setup::new(1);
        write_copy_config(&setup);
        let copy = |from: &str, to: &str| {
            let mut command = Command::new(binary());
            command.args(["copy", "--from"]).arg(setup.path(from)).arg("--to").arg(setup.path(to));
            setup.run_command(command)
        };
        copy("ofd.toml", "copy.toml").await.expect_refusal(&["data"]);
        assert!(!setup.path(COPY).exists(), "where nothing is to be copied nothing is created");
        copy("none.toml", "copy.toml").await.expect_refusal(&["none.toml", "cannot be read"]);

        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.sell().await;
        copy("ofd.toml", "copy.toml").await.expect_refusal(&["data", "in use"]);
        server.stop().await;
        copy("ofd.toml", "ofd.toml").await.expect_refusal(&["the same store"]);

        // Somebody served from the target.
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(setup.path("copy.toml"));
        setup.start_with(command).await.stop().await;
        copy("ofd.toml", "copy.toml").await.expect_refusal(&["the target is not empty", "served"]);
        setup.verify().await;
        assert_eq!(setup.export().await.len(), 1);
    })
    .await;
}
