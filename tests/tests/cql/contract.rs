//! The contract of every store, and what a cluster adds to it.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use ofd_storage::conformance::{self, Backend};
use ofd_storage::cql::{CqlStore, Extent, migrate};
use ofd_storage::store::{Append, RecordKind, Row, Stamp, Store, StoreError, StreamId, StreamKind, Version};
use ofd_tests::cassandra::{self, Cluster};

use crate::options;

struct InCluster<'a> {
    cluster: &'a Cluster,
    keyspace: String,
}

impl Backend for InCluster<'_> {
    type Store = CqlStore;

    async fn fresh(&mut self) -> CqlStore {
        // To make a keyspace takes seconds, to empty one a fraction of that.
        if self.keyspace.is_empty() {
            self.keyspace = self.cluster.keyspace_name();
            return opened(self.cluster, &self.keyspace).await;
        }
        let session = self.cluster.session().await;
        let listed = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?";
        let listed = session.query_unpaged(listed, (&self.keyspace,)).await.expect("tables are listed");
        let listed = listed.into_rows_result().expect("tables come as rows");
        for table in listed.rows::<(String,)>().expect("tables have names") {
            let (table,) = table.expect("a table has a name");
            // What was migrated stays so.
            if !table.starts_with("schema_") {
                let text = format!("TRUNCATE {}.{table}", self.keyspace);
                session.query_unpaged(text, ()).await.expect("what the last case left goes");
            }
        }
        CqlStore::open(options(self.cluster, &self.keyspace)).await.expect("an empty keyspace opens")
    }

    async fn reopen(&mut self, closed: CqlStore) -> CqlStore {
        drop(closed);
        CqlStore::open(options(self.cluster, &self.keyspace)).await.expect("it opens again")
    }
}

/// A store in a keyspace of its own.
async fn opened(cluster: &Cluster, keyspace: &str) -> CqlStore {
    let options = options(cluster, keyspace);
    migrate(&options, Extent::Expand, |_| ()).await.expect("the keyspace is created");
    CqlStore::open(options).await.expect("a migrated keyspace opens")
}

fn shift(owner: u64, ordinal: u32) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner, ordinal }
}

fn append(stream: StreamId, expected: Option<u64>, stamp: u8, rows: usize) -> Append {
    let row = |number: usize| Row {
        key: Bytes::from(format!("row {number:05}")),
        value: Bytes::from(format!("value {number} of {stamp}")),
    };
    Append {
        stream,
        expected: expected.map(Version),
        stamp: Stamp([stamp; 16]),
        head: Bytes::from(format!("head of {stamp}")),
        rows: (0..rows).map(row).collect(),
        notes: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let cluster = cassandra::shared().await;
    conformance::all(&mut InCluster { cluster: &cluster, keyspace: String::new() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_keeps_its_contract() {
    let cluster = cassandra::shared().await;
    conformance::feed::all(&mut InCluster { cluster: &cluster, keyspace: String::new() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_append_at_once_one_wins_and_the_other_learns_it() {
    let cluster = cassandra::shared().await;
    let keyspace = cluster.keyspace_name();
    let one = Arc::new(opened(&cluster, &keyspace).await);
    let other = Arc::new(CqlStore::open(options(&cluster, &keyspace)).await.expect("a second process"));
    one.append(append(shift(1, 1), None, 1, 1)).await.expect("the first append");
    for round in 1..20_u64 {
        let ours = append(shift(1, 1), Some(round), 2, 1);
        let theirs = append(shift(1, 1), Some(round), 3, 1);
        let (ours, theirs) = tokio::join!(one.append(ours), other.append(theirs));
        let won = [&ours, &theirs].into_iter().filter(|outcome| outcome.is_ok()).count();
        let lost = [&ours, &theirs].into_iter().filter_map(|outcome| outcome.as_ref().err());
        assert_eq!(won, 1, "round {round}: {ours:?} {theirs:?}");
        for error in lost {
            assert!(matches!(error, StoreError::Conflict { .. }), "round {round}: {error}");
        }
        let head = one.head(shift(1, 1)).await.expect("the head").expect("it is there");
        assert_eq!(head.version, Version(round + 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_append_from_two_processes_is_written_once() {
    let cluster = cassandra::shared().await;
    let keyspace = cluster.keyspace_name();
    let one = opened(&cluster, &keyspace).await;
    let other = CqlStore::open(options(&cluster, &keyspace)).await.expect("a second process");
    for round in 0..10_u64 {
        let expected = (round > 0).then_some(round);
        let same = || append(shift(1, 1), expected, u8::try_from(round + 1).expect("small"), 3);
        let (first, second) = tokio::join!(one.append(same()), other.append(same()));
        assert_eq!(first.expect("one"), Version(round + 1));
        assert_eq!(second.expect("the other"), Version(round + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_of_many_rows_lands_as_a_whole() {
    let cluster = cassandra::shared().await;
    let store = opened(&cluster, &cluster.keyspace_name()).await;
    for (ordinal, rows) in [(1, 8), (2, 9), (3, 700)] {
        let stream = shift(7, ordinal);
        assert_eq!(store.append(append(stream, None, 1, rows)).await.expect("it lands"), Version(1));
        let found = store.rows(stream, b"row ", None, 10_000).await.expect("rows");
        assert_eq!(found.len(), rows);
        let lost = store.append(append(stream, None, 2, rows)).await;
        assert!(matches!(lost, Err(StoreError::Conflict { found: Some(Version(1)), .. })), "{lost:?}");
        let found = store.row(stream, b"row 00000").await.expect("row");
        assert_eq!(found, Some(Bytes::from_static(b"value 0 of 1")), "of a lost append nothing is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_wrote_another_one_lists_in_order() {
    let cluster = cassandra::shared().await;
    let keyspace = cluster.keyspace_name();
    let store = opened(&cluster, &keyspace).await;
    // More owners than one page of every shard holds, and such as have the highest bit set.
    let mut owners: Vec<u64> = (1..=150).map(|number| number * 64).collect();
    owners.extend((1..150).chain([u64::MAX, i64::MAX.cast_unsigned() + 1]));
    let written = owners.iter().map(|owner| store.append(append(shift(*owner, 1), None, 1, 0)));
    join_all(written).await.into_iter().for_each(|written| assert!(written.is_ok(), "{written:?}"));
    owners.sort_unstable();
    owners.dedup();
    let other = CqlStore::open(options(&cluster, &keyspace)).await.expect("a second process");
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = other.streams(StreamKind::Shift, after, 37).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = Some(*last);
        listed.extend(page.into_iter().map(|stream| stream.owner));
    }
    assert_eq!(listed, owners);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_listed_in_order_whatever_their_groups() {
    let cluster = cassandra::shared().await;
    let store = opened(&cluster, &cluster.keyspace_name()).await;
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for register in [3_u32, 1, 0x0100_0000, 2] {
        for shift in [2_u32, 1, 300] {
            keys.push([register.to_be_bytes(), shift.to_be_bytes()].concat());
        }
    }
    for key in &keys {
        store.put_record(RecordKind::ShiftSummary, key, None, Bytes::from_static(b"s")).await.expect("put");
    }
    keys.sort();
    for limit in [1, 5, 100] {
        let (mut listed, mut after) = (Vec::new(), None::<Vec<u8>>);
        loop {
            let page = store.records(RecordKind::ShiftSummary, b"", after.as_deref(), limit).await;
            let page = page.expect("a page");
            let Some(last) = page.last() else { break };
            after = Some(last.key.to_vec());
            listed.extend(page.iter().map(|record| record.key.to_vec()));
        }
        assert_eq!(listed, keys, "pages of {limit}");
    }
    let of_one = store.records(RecordKind::ShiftSummary, &[0, 0, 0, 2], None, 10).await.expect("of one");
    assert_eq!(of_one.len(), 3);
    let of_some = store.records(RecordKind::ShiftSummary, &[0, 0], None, 10).await.expect("of some");
    assert_eq!(of_some.len(), 9);
}
