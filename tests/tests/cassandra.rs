//! The cluster that other tests rely on does what it says.

use std::path::Path;
use std::time::{Duration, Instant};

use ofd_tests::cassandra::{Cluster, Options, shared};
use ofd_tests::process::{eventually, within};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::Consistency;
use scylla::statement::unprepared::Statement;

/// With the wait for clusters of other tests.
const SECONDS: u64 = 2_400;

/// The server gives up a node that says nothing after 10 to 20 seconds, and later on a busy machine.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(90);

/// A client that got no answer by now gets none.
const SILENT_FOR: Duration = Duration::from_secs(2);

const TABLE: &str = "CREATE TABLE harness.kept (id int PRIMARY KEY, text text)";

/// Creates a row, once, as the store does: conditionally.
async fn write(session: &Session, id: i32) {
    let mut statement =
        Statement::new(format!("INSERT INTO harness.kept (id, text) VALUES ({id}, 'x') IF NOT EXISTS"));
    statement.set_consistency(Consistency::Quorum);
    session
        .query_unpaged(statement, &[])
        .await
        .unwrap_or_else(|error| panic!("row {id} is not written: {error}"));
}

async fn count(session: &Session, consistency: Consistency) -> Result<usize, String> {
    let mut statement = Statement::new("SELECT id FROM harness.kept");
    statement.set_consistency(consistency);
    let read = session.query_unpaged(statement, &[]).await.map_err(|error| error.to_string())?;
    Ok(read.into_rows_result().map_err(|error| error.to_string())?.rows_num())
}

fn told(cluster: &Cluster, what: &str, since: Instant) {
    let mib: Vec<_> = (0..cluster.nodes().len()).filter_map(|node| cluster.resident_mib(node)).collect();
    println!("{what}: {:?}, memory {mib:?} MiB", since.elapsed());
}

#[tokio::test]
async fn tests_share_a_node_and_have_keyspaces_of_their_own() {
    within(SECONDS, async {
        let since = Instant::now();
        let first = shared().await;
        told(&first, "one node", since);
        first.read_by(0, Consistency::Serial).await.expect("it reads");
        let names = [first.keyspace_name(), first.keyspace_name()];
        assert_ne!(names[0], names[1]);
        let pid = first.pid(0).expect("it runs");
        drop(first);
        let second = shared().await;
        // A test with a cluster of its own may have come between; then the first node is gone.
        let is_there = Path::new("/proc").join(pid.to_string()).exists();
        assert_eq!(second.pid(0) == Some(pid), is_there, "there are two nodes");
        assert_eq!(second.nodes(), ["127.0.0.1:9042"]);
    })
    .await;
}

#[tokio::test]
async fn a_node_asks_for_password_and_tls() {
    within(SECONDS, async {
        let cluster = Cluster::one(Options { password: true, tls: true }).await;
        let (user, password) = cluster.credentials().expect("it has a user");
        assert!(cluster.certificate().is_some_and(|file| file.exists()));
        cluster.read_by(0, Consistency::Serial).await.expect("it reads");
        let plain = SessionBuilder::new().known_nodes(cluster.nodes()).user(user, password).build().await;
        plain.expect_err("the node speaks without TLS");
        let tls = Some(cluster.client_config().expect("it has TLS"));
        let stranger = SessionBuilder::new().known_nodes(cluster.nodes()).tls_context(tls).build().await;
        stranger.expect_err("the node asks nobody");
    })
    .await;
}

#[tokio::test]
async fn three_nodes_are_broken_and_come_back() {
    within(SECONDS, async {
        let since = Instant::now();
        let cluster = Cluster::three(Options::default()).await;
        told(&cluster, "three nodes", since);
        let session = cluster.session().await;
        session.query_unpaged(TABLE, &[]).await.expect("a table is created");
        write(&session, 0).await;

        kill_and_start(&cluster, &session).await;
        pause_and_resume(&cluster).await;
        cut_and_join(&cluster).await;
        for node in 0..3 {
            let since = Instant::now();
            cluster.stop(node).await;
            assert!(
                cluster.log(node).contains("Announcing shutdown"),
                "node {node} was not stopped in order"
            );
            let others = (node + 1) % 3;
            cluster.read_by(others, Consistency::Serial).await.expect("two of three are enough");
            cluster.start(node).await;
            told(&cluster, &format!("stop and start of node {node}"), since);
        }
        assert_eq!(count(&cluster.session().await, Consistency::All).await, Ok(2));
    })
    .await;
}

async fn kill_and_start(cluster: &Cluster, session: &Session) {
    let since = Instant::now();
    cluster.kill(0).await;
    assert!(!cluster.is_running(0));
    let refused = tokio::net::TcpStream::connect(cluster.address(0)).await.expect_err("nobody is there");
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    // Until the others know, a statement may go to the dead node.
    eventually("a quorum without node 0", GIVEN_UP_WITHIN, || async {
        cluster.read_by(1, Consistency::Serial).await.is_ok()
            && count(session, Consistency::Quorum).await == Ok(1)
    })
    .await;
    write(&cluster.session_by(2).await.expect("node 2 is there"), 1).await;
    cluster.start(0).await;
    told(cluster, "kill and start", since);
    let session = cluster.session_by(0).await.expect("node 0 is there");
    assert_eq!(count(&session, Consistency::Quorum).await, Ok(2), "an acknowledged row is lost");
}

async fn pause_and_resume(cluster: &Cluster) {
    let since = Instant::now();
    cluster.pause(2).await;
    assert!(cluster.is_running(2));
    cluster.read_by(2, Consistency::One).await.expect_err("a paused node answers");
    eventually("a quorum without node 2", GIVEN_UP_WITHIN, || async {
        cluster.read_by(0, Consistency::Serial).await.is_ok()
    })
    .await;
    cluster.resume(2);
    cluster.wait_until_ready().await;
    told(cluster, "pause and resume", since);
}

async fn cut_and_join(cluster: &Cluster) {
    let client = cluster.session_by(1).await.expect("node 1 is there");
    assert_eq!(count(&client, Consistency::One).await, Ok(2));
    let since = Instant::now();
    cluster.cut(1).await;
    // A link that is there says nothing, and there is no new one, not even a refusal.
    let silent = tokio::time::timeout(SILENT_FOR, count(&client, Consistency::One)).await;
    assert!(!matches!(silent, Ok(Ok(_))), "the client of a node that is cut off got {silent:?}");
    let connecting = tokio::net::TcpStream::connect(cluster.address(1));
    assert!(
        tokio::time::timeout(SILENT_FOR, connecting).await.is_err(),
        "a node that is cut off takes connections"
    );
    for node in [0, 2] {
        cluster.read_by(node, Consistency::Quorum).await.expect("two of three are enough");
        cluster.read_by(node, Consistency::Serial).await.expect("two of three are enough");
        cluster.read_by(node, Consistency::All).await.expect_err("a node that is cut off answers the others");
    }
    // Both sides take each other for down: nothing at all passes, in either direction.
    let unavailable =
        |told: Result<(), String>| told.is_err_and(|told| told.contains("Not enough nodes are alive"));
    eventually("nodes 0 and 2 take node 1 for down", GIVEN_UP_WITHIN, || async {
        unavailable(cluster.read_by(0, Consistency::All).await)
            && unavailable(cluster.read_by(2, Consistency::All).await)
    })
    .await;
    eventually("node 1 takes nodes 0 and 2 for down", GIVEN_UP_WITHIN, || async {
        let log = cluster.log(1);
        // The last word counts: nodes were down before.
        ["/127.0.0.1:7000 is now ", "/127.0.0.3:7000 is now "]
            .iter()
            .all(|words| log.rsplit_once(words).is_some_and(|(_, word)| word.starts_with("DOWN")))
    })
    .await;
    told(cluster, "cut, and known to all", since);
    let since = Instant::now();
    cluster.join(1).await;
    cluster.wait_until_ready().await;
    told(cluster, "join", since);
}
