//! The binary on a cluster: what it refuses, what it waits for, and that it then serves.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ofd_loadtest::{Document, ReportKind};
use ofd_tests::cassandra::{self, Cluster, Options};
use ofd_tests::device::{Device, Heard};
use ofd_tests::http::get;
use ofd_tests::process::{Setup, eventually, local};

#[tokio::test(flavor = "multi_thread")]
async fn a_keyspace_is_refused_until_it_is_migrated_and_served_then() {
    let cluster = cassandra::shared().await;
    let keyspace = cluster.keyspace_name();
    let setup = Setup::new(2).in_keyspace(&cluster, &keyspace);
    for command in ["serve", "verify", "export"] {
        let ended = setup.run(&[command, "--config", "ofd.toml"]).await;
        ended.expect_refusal(&[&keyspace, "holds no tables", "ofd migrate"]);
    }
    let told = setup.migrate().await.text;
    assert!(told.contains("was created with schema 3") && told.contains(&keyspace), "{told}");
    assert!(setup.migrate().await.text.contains("has schema 3 already"));

    let mut server = setup.start().await;
    let mut device = Device::first(&setup, 203);
    device.info().await;
    for _ in 0..5 {
        device.sell().await;
    }
    device.report(ReportKind::X).await;
    eventually("numbers are copied", Duration::from_secs(20), || async {
        setup.metric("ofd_gateway_store_ready").await > Some(0.0)
            && setup.metric("ofd_gateway_store_statements_total").await > Some(5.0)
    })
    .await;
    // While it serves.
    let verified = setup.verify().await;
    assert!(verified.text.contains(&format!("keyspace {keyspace}")), "{}", verified.text);
    assert_eq!(setup.export().await.len(), 5);
    device.close_shift().await;
    device.sell().await;
    server.stop().await;
    device.client.close();

    let mut server = setup.start().await;
    device.sell().await;
    device.close_shift().await;
    device.expect_no_differences();
    server.stop().await;
    setup.verify().await;
    assert_eq!(setup.export().await.len(), 9);

    let session = cluster.session().await;
    let newer = format!("INSERT INTO {keyspace}.schema_changes (version, oldest_program) VALUES (99, 98)");
    session.query_unpaged(newer, ()).await.expect("the row is written");
    let ended = setup.run(&["serve", "--config", "ofd.toml"]).await;
    ended.expect_refusal(&[&keyspace, "schema 99", "install the newer `ofd`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_moves_under_the_walk_is_not_called_broken() {
    const WALKS: usize = 4;
    let cluster = cassandra::shared().await;
    let keyspace = cluster.keyspace_name();
    let setup = Setup::new(2).in_keyspace(&cluster, &keyspace);
    setup.migrate().await;
    let mut server = setup.start().await;
    let mut devices = Device::fleet(&setup, 203);
    // However long a walk takes here, the registers sell until there were enough of them.
    let is_enough = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_enough);
    let sells = tokio::spawn(async move {
        let mut rounds = 0;
        while !asked.load(Ordering::Relaxed) {
            for device in &mut devices {
                device.info().await;
                for _ in 0..25 {
                    device.sell().await;
                }
                device.close_shift().await;
            }
            rounds += 1;
        }
        devices.iter_mut().for_each(Device::expect_no_differences);
        rounds
    });
    for _ in 0..WALKS {
        setup.verify().await;
    }
    is_enough.store(true, Ordering::Relaxed);
    let rounds: usize = sells.await.expect("every sale is accepted");
    server.stop().await;
    let verified = setup.verify().await;
    let told = format!(" {} documents of {} shifts of 2 registers", rounds * 52, rounds * 2);
    assert!(verified.text.contains(&told), "{told} in {}", verified.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_there_before_its_cluster_serves_when_that_comes() {
    let cluster = Cluster::one(Options { password: true, tls: true }).await;
    let [ready, bare] = [1, 2].map(|_| Setup::new(2).in_keyspace(&cluster, &cluster.keyspace_name()));
    ready.migrate().await;
    fs::write(ready.path("wrong"), "guess").expect("a file is written");
    cluster.stop(0).await;

    let mut server = ready.spawn(ready.serve_command());
    let mut doomed = bare.spawn(bare.serve_command());
    eventually("it says why it is not ready", Duration::from_secs(30), || async {
        let answer = get(local(ready.ports.metrics), "/readyz").await;
        answer.is_ok_and(|answer| answer.status == 503 && answer.text().contains("127.0.0.1:9042"))
    })
    .await;
    let mut device = Device::first(&ready, 203);
    assert_eq!(device.send(Document::Info).await.code(), Some(254));
    cluster.start(0).await;
    // The same process. The connection has shown no good token for too long, since nobody could judge one.
    server.wait_until_ready().await;
    let answered = match device.retry().await {
        Heard::Lost(_) => device.retry().await,
        answered => answered,
    };
    assert!(matches!(answered, Heard::Accepted(_)), "{answered:?}");
    device.sell().await;
    assert!(server.log().contains("not open yet") && server.log().contains("is open"), "{}", server.log());
    server.stop().await;
    ready.verify().await;

    // The other one finds a keyspace that it cannot use: waiting does not help.
    let status = doomed.wait(Duration::from_secs(30)).await;
    assert_eq!(status.code(), Some(1), "{}", doomed.log());
    assert!(doomed.log().contains("ofd migrate"), "{}", doomed.log());

    let text = fs::read_to_string(ready.config()).expect("the config is there");
    fs::write(ready.config(), text.replace("\"password\"", "\"wrong\"")).expect("the config is written");
    let ended = ready.run(&["serve", "--config", "ofd.toml"]).await;
    ended.expect_refusal(&["password_file"]);
    assert!(!ended.text.contains("guess"), "{}", ended.text);
}
