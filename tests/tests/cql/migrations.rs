//! A keyspace is made by `migrate`, and refused when it does not fit.

use ofd_protocol::types::{RegisterId, Token, UnixMillis};
use ofd_storage::cql::{CqlError, CqlStore, Extent, Migrated, migrate};
use ofd_storage::registers;
use ofd_storage::store::{HeadFormat, Health, Stamp, Store};
use ofd_tests::cassandra::{self, Cluster};

use crate::options;

/// Changes what the keyspace says of its schema.
async fn say_schema(cluster: &Cluster, keyspace: &str, version: i32, oldest_program: i32) {
    let session = cluster.session().await;
    let text = format!("INSERT INTO {keyspace}.schema_changes (version, oldest_program) VALUES (?, ?)");
    session.query_unpaged(text, (version, oldest_program)).await.expect("the row is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_changes_nothing_more() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    let mut said = Vec::new();
    let first =
        migrate(&keyspace, Extent::Expand, |line| said.push(line.to_owned())).await.expect("the first time");
    assert_eq!(first, Migrated { from: None, to: 3, waits: None });
    assert!(said.iter().any(|line| line.contains("Apache Cassandra 5.0")), "{said:?}");
    said.clear();
    let second =
        migrate(&keyspace, Extent::Expand, |line| said.push(line.to_owned())).await.expect("the second time");
    assert_eq!(second, Migrated { from: Some(3), to: 3, waits: None });
    assert_eq!(said, Vec::<String>::new());
    CqlStore::open(keyspace).await.expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_by_several_at_once_gives_one_keyspace_that_works() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    let all = (0..4).map(|_| {
        let keyspace = keyspace.clone();
        tokio::spawn(async move { migrate(&keyspace, Extent::Expand, |_| ()).await })
    });
    for done in futures::future::join_all(all).await {
        assert_eq!(done.expect("no panic").expect("each succeeds").to, 3);
    }
    CqlStore::open(keyspace).await.expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyspace_that_was_not_migrated_is_refused_with_the_command_that_helps() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    let refused = CqlStore::open(keyspace.clone()).await.expect_err("there is no keyspace");
    assert!(matches!(refused, CqlError::Unmigrated { .. }), "{refused}");
    assert!(refused.to_string().contains("ofd migrate"), "{refused}");
    assert!(!refused.is_passing());
    // An empty keyspace that somebody made by hand is as good as none, and is then filled.
    let text = format!(
        "CREATE KEYSPACE {} WITH replication = {{'class': 'NetworkTopologyStrategy', 'replication_factor': 1}}",
        keyspace.keyspace
    );
    cluster.session().await.query_unpaged(text, ()).await.expect("the keyspace");
    let refused = CqlStore::open(keyspace.clone()).await.expect_err("there are no tables");
    assert!(matches!(refused, CqlError::Unmigrated { .. }), "{refused}");
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("it is filled");
    CqlStore::open(keyspace).await.expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_only_newer_programs_may_use_is_refused() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("migrated");
    // What was only added to is still ours: gateways are changed one after the other.
    say_schema(&cluster, &keyspace.keyspace, 4, 3).await;
    CqlStore::open(keyspace.clone()).await.expect("an expanded schema opens");
    let same = migrate(&keyspace, Extent::Expand, |_| ()).await.expect("nothing to do");
    assert_eq!(same, Migrated { from: Some(4), to: 4, waits: None });
    say_schema(&cluster, &keyspace.keyspace, 5, 5).await;
    for refused in [
        CqlStore::open(keyspace.clone()).await.map(|_| ()).expect_err("too new"),
        migrate(&keyspace, Extent::Expand, |_| ()).await.map(|_| ()).expect_err("too new"),
    ] {
        assert!(matches!(refused, CqlError::TooNew { found: 5, oldest: 5, .. }), "{refused}");
        assert!(refused.to_string().contains("install the newer `ofd`"), "{refused}");
    }
}

/// Makes the keyspace as the first release left it.
async fn as_the_first_release_left_it(cluster: &Cluster, keyspace: &str) {
    let session = cluster.session().await;
    for text in [
        format!("DELETE FROM {keyspace}.schema_changes WHERE version IN (2, 3)"),
        format!("DROP TABLE {keyspace}.notes"),
    ] {
        session.query_unpaged(text, ()).await.expect("it goes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyspace_of_before_keeps_its_old_heads_until_the_migration_is_finished() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("migrated");
    as_the_first_release_left_it(&cluster, &keyspace.keyspace).await;
    let refused = CqlStore::open(keyspace.clone()).await.expect_err("a table is missing");
    assert!(matches!(refused, CqlError::TooOld { found: 1, needed: 3, .. }), "{refused}");
    let waits = migrate(&keyspace, Extent::Expand, |_| ()).await.expect("a table more may be made");
    assert_eq!(waits, Migrated { from: Some(1), to: 3, waits: Some(2) });
    let store = CqlStore::open(keyspace.clone()).await.expect("it opens");
    assert_eq!(store.head_format(), HeadFormat::First);
    let (id, token, now) = (RegisterId(7), Token(77), UnixMillis(1_769_040_000_000));
    registers::create_register(&store, id, token, now, Stamp([1; 16])).await.expect("a register");
    let loaded = registers::newest(&store, id).await.expect("it is read").expect("it is there");
    assert_eq!(loaded.format, HeadFormat::First);

    let done = migrate(&keyspace, Extent::Finish, |_| ()).await.expect("finished");
    assert_eq!(done, Migrated { from: Some(3), to: 3, waits: None });
    // The gateway that serves learns it without a restart; the next write of each head is in the new form.
    assert_eq!(store.health().await, Health::Ready);
    assert_eq!(store.head_format(), HeadFormat::Tagged);
    let fenced = registers::fence(&store, id, &loaded, Stamp([2; 16])).await.expect("a write");
    assert_eq!(fenced.format, HeadFormat::Tagged);
    let again = registers::newest(&store, id).await.expect("it is read").expect("it is there");
    assert_eq!(again, fenced);
    assert_eq!(again.register, loaded.register, "nothing of the register is lost on the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_older_than_the_program_is_refused_with_the_command_that_helps() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("migrated");
    let text = format!("TRUNCATE {}.schema_changes", keyspace.keyspace);
    cluster.session().await.query_unpaged(text, ()).await.expect("the rows go");
    say_schema(&cluster, &keyspace.keyspace, 0, 0).await;
    let refused = CqlStore::open(keyspace.clone()).await.expect_err("too old");
    assert!(matches!(refused, CqlError::TooOld { found: 0, .. }), "{refused}");
    assert!(refused.to_string().contains("ofd migrate"), "{refused}");
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("it is brought up");
    CqlStore::open(keyspace).await.expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_died_holds_the_next_one_up_only_while_its_lock_lasts() {
    let cluster = cassandra::shared().await;
    let keyspace = options(&cluster, &cluster.keyspace_name());
    migrate(&keyspace, Extent::Expand, |_| ()).await.expect("migrated");
    let text = format!(
        "INSERT INTO {}.schema_lock (name, holder) VALUES ('migration', 0xdead) IF NOT EXISTS USING TTL 3",
        keyspace.keyspace
    );
    cluster.session().await.query_unpaged(text, ()).await.expect("the lock of a dead one");
    let mut said = Vec::new();
    migrate(&keyspace, Extent::Expand, |line| said.push(line.to_owned()))
        .await
        .expect("it waits and goes on");
    assert_eq!(said, ["another migration is under way, waiting for it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_no_keyspace_is_refused_before_anything_is_asked() {
    let cluster = cassandra::shared().await;
    for name in ["", "Ofd", "1ofd", "ofd; DROP KEYSPACE x", "o-fd", &"o".repeat(49)] {
        let keyspace = options(&cluster, name);
        let refused = migrate(&keyspace, Extent::Expand, |_| ()).await.expect_err("it is no name");
        assert!(matches!(refused, CqlError::Keyspace { .. }), "{refused}");
        let refused = CqlStore::open(keyspace).await.expect_err("it is no name");
        assert!(matches!(refused, CqlError::Keyspace { .. }), "{refused}");
    }
}
