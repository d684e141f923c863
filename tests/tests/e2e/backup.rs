//! `ofd backup` while registers sell, `ofd restore` of everything and of a moment, and who may read what is written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ofd_loadtest::{Endpoint, Options, run};
use ofd_tests::device::Device;
use ofd_tests::process::{Ended, Setup, binary, local, within};
use ofd_tests::settled::compare;
use ofd_tests::tap::Tap;
use serde_json::Value;

const REGISTERS: u32 = 24;

async fn back_up(setup: &Setup, more: &[&str]) -> Ended {
    let arguments = [&["backup", "--config", "ofd.toml", "--to", "backups"], more].concat();
    setup.run(&arguments).await
}

/// The documents of a store that nobody serves from.
async fn export(setup: &Setup, store: &str) -> Vec<Value> {
    setup.run(&["export", "--store", store, "--out", "restored.jsonl"]).await.expect_success();
    let text = fs::read_to_string(setup.path("restored.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn expect_whole(setup: &Setup, store: &str) {
    let verified = setup.run(&["verify", "--store", store]).await;
    verified.expect_success();
    assert!(verified.text.contains(" 0 breaks"), "{}", verified.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_backed_up_while_registers_sell_and_everything_is_restored() {
    within(180, async {
        let setup = Setup::new(REGISTERS);
        let mut server = setup.start().await;
        let tap = Tap::start(local(setup.ports.plain)).await.unwrap();
        let options = Options {
            connections: 24,
            duration: Duration::from_secs(14),
            lose_answers: 0.1,
            offline: 0.1,
            shift_length: Some(40),
            patience: Duration::from_secs(30),
            ..Options::new(Endpoint::plain(tap.address), setup.fleet_file())
        };
        let load = tokio::spawn(async move { run(options, |_| {}).await });
        for number in 1..=3 {
            tokio::time::sleep(Duration::from_millis(1000)).await;
            let made = back_up(&setup, &[]).await;
            made.expect_success();
            assert!(made.text.contains(&format!("backup {number} of ")), "{}", made.text);
            // How many of them a slow machine makes in this time is not what is tried here.
            assert!(number > 1 || !load.is_finished(), "the load ended before the first backup");
        }
        let report = load.await.unwrap().unwrap();
        assert_eq!(report.dead, None, "{report}");
        assert!(report.differences.is_empty(), "{report}");
        let last = back_up(&setup, &[]).await;
        last.expect_success();
        assert!(last.text.contains("what changed"), "{}", last.text);
        let (before, first) = ("backups/00000001-full", setup.path("backups-of-before"));
        // The first backup by itself is a whole store of a moment in the midst of the load.
        fs::create_dir(&first).unwrap();
        fs::copy(setup.path("backups/BACKUPS"), first.join("BACKUPS")).unwrap();
        Command::new("cp").arg("-a").arg(setup.path(before)).arg(&first).status().unwrap();
        server.stop().await;

        setup.run(&["restore", "--from", "backups", "--to", "restored"]).await.expect_success();
        expect_whole(&setup, "restored").await;
        let (all, restored) = (setup.export().await, export(&setup, "restored").await);
        assert_eq!(restored, all);
        compare(&setup, &restored, &tap.seen());

        setup.run(&["restore", "--from", "backups-of-before", "--to", "first"]).await.expect_success();
        expect_whole(&setup, "first").await;
        let early = export(&setup, "first").await;
        assert!(!early.is_empty() && early.len() < all.len(), "{} of {}", early.len(), all.len());

        let mut moments: Vec<&str> = all.iter().map(accepted_at).collect();
        moments.sort_unstable_by_key(|moment| instant(moment));
        let until = moments[moments.len() / 2].to_owned();
        let told = setup.run(&["restore", "--from", "backups", "--to", "then", "--until", &until]).await;
        told.expect_success();
        assert!(told.text.contains("were left out"), "{}", told.text);
        expect_whole(&setup, "then").await;
        let expected: Vec<&Value> =
            all.iter().filter(|document| instant(accepted_at(document)) <= instant(&until)).collect();
        let then = export(&setup, "then").await;
        assert_eq!(then.iter().collect::<Vec<_>>(), expected);
    })
    .await;
}

fn accepted_at(document: &Value) -> &str {
    document["accepted_at"].as_str().unwrap()
}

/// A moment as a number: fractions of a second are written only where there are any.
fn instant(text: &str) -> (String, String) {
    let text = text.strip_suffix('Z').unwrap();
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    (seconds.to_owned(), format!("{fraction:0<9}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_the_one_of_before_and_a_store_that_nobody_serves_is_backed_up_too() {
    within(120, async {
        let setup = Setup::new(4);
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        for _ in 0..30 {
            device.sell().await;
        }
        back_up(&setup, &[]).await.expect_success();
        for pause in [2, 10, 30, 60] {
            let mut command = Command::new(binary());
            command.args(["backup", "--full", "--config"]).arg(setup.config());
            command.arg("--to").arg(setup.path("backups"));
            let mut killed = setup.spawn(command);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            if killed.is_running() {
                killed.kill().await;
            }
        }
        device.sell().await;
        // The place of whoever was killed is free again as soon as the process sees it go.
        let mut made = back_up(&setup, &[]).await;
        for _ in 0..20 {
            if made.status.success() {
                break;
            }
            assert!(made.text.contains("another backup is under way"), "{}", made.text);
            tokio::time::sleep(Duration::from_millis(200)).await;
            made = back_up(&setup, &[]).await;
        }
        made.expect_success();
        server.kill().await;
        // Nobody serves; the socket of the killed process is still there.
        assert!(setup.store_path().join("CONTROL").exists());
        back_up(&setup, &[]).await.expect_success();
        setup.run(&["restore", "--from", "backups", "--to", "restored"]).await.expect_success();
        assert_eq!(export(&setup, "restored").await, setup.export().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_backed_up_or_restored_is_told() {
    within(60, async {
        let mut setup = Setup::new(1);
        setup.run(&["backup", "--store", "none", "--to", "backups"]).await.expect_refusal(&["none"]);
        setup.run(&["restore", "--from", "none", "--to", "new"]).await.expect_refusal(&["none", "BACKUPS"]);
        for (until, words) in
            [("yesterday", "with its offset"), ("2999-01-01T00:00:00Z", "lies in the future")]
        {
            let arguments = ["restore", "--from", "none", "--to", "new", "--until", until];
            setup.run(&arguments).await.expect_refusal(&[until, words]);
        }
        setup.cluster = Some(
            "kind = \"cql\"\nnodes = [\"127.0.0.1:1\"]\nkeyspace = \"ofd\"\nreplication = 3\n".to_owned(),
        );
        setup.write();
        back_up(&setup, &[]).await.expect_refusal(&["nodetool snapshot", "ofd copy"]);
    })
    .await;
}

/// Every file and folder below that others may read.
fn open_to_others(path: &Path, found: &mut Vec<String>) {
    let mode = path.symlink_metadata().unwrap().permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        found.push(format!("{} {mode:o}", path.display()));
    }
    if path.is_dir() {
        path.read_dir().unwrap().for_each(|entry| open_to_others(&entry.unwrap().path(), found));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_written_is_for_its_user_alone_whatever_the_umask_was() {
    within(90, async {
        let setup = Setup::new(1);
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" serve --config \"$1\""]).arg(binary()).arg(setup.config());
        let mut server = setup.start_with(command).await;
        Device::first(&setup, 203).sell().await;
        back_up(&setup, &[]).await.expect_success();
        let mut found = Vec::new();
        for name in ["data", "backups"] {
            open_to_others(&setup.path(name), &mut found);
        }
        server.stop().await;
        setup.run(&["restore", "--from", "backups", "--to", "restored"]).await.expect_success();
        open_to_others(&setup.path("restored"), &mut found);
        // An export over a file that everybody could read.
        fs::write(setup.path("export.jsonl"), "").unwrap();
        fs::set_permissions(setup.path("export.jsonl"), fs::Permissions::from_mode(0o644)).unwrap();
        setup.export().await;
        open_to_others(&setup.path("export.jsonl"), &mut found);
        assert!(found.is_empty(), "{}", found.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_config_warns_of_secrets_that_everybody_may_read() {
    within(60, async {
        let setup = Setup::new(1);
        let secrets = ["fleet.json", "key.pem", "ofd.toml"];
        let set = |mode| {
            for name in secrets {
                fs::set_permissions(setup.path(name), fs::Permissions::from_mode(mode)).unwrap();
            }
        };
        set(0o644);
        let checked = setup.run(&["check-config", "--config", "ofd.toml"]).await;
        checked.expect_success();
        for (name, what) in
            secrets.iter().zip(["tokens of registers", "a private key", "the token of the API"])
        {
            let line = checked.text.lines().find(|line| line.contains(name) && line.contains(what));
            assert!(line.is_some_and(|line| line.starts_with("warning: ")), "{name}: {}", checked.text);
        }
        assert!(
            !checked.text.contains("certificate.pem can"),
            "a certificate is no secret: {}",
            checked.text
        );
        set(0o640);
        let checked = setup.run(&["check-config", "--config", "ofd.toml"]).await;
        checked.expect_success();
        assert!(!checked.text.contains("can be read by everybody"), "{}", checked.text);
    })
    .await;
}
