//! A keyspace as the first release left it: it is served in the old form, then the migration is finished.

use bytes::Bytes;
use ofd_storage::cql::{CqlStore, Extent, migrate};
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore, Opening};
use ofd_storage::store::{Append, HeadFormat, RecordKind, Store, StreamKind};
use ofd_tests::cassandra;
use ofd_tests::process::within;
use ofd_tests::scenarios::first_release;

use crate::options;

/// More than the store of the first release has of anything.
const ALL: usize = 1000;

/// Puts every head, row and record of the old store into the keyspace, byte by byte.
async fn fill(from: &EmbeddedStore, to: &CqlStore) {
    for kind in [
        RecordKind::Store,
        RecordKind::Organisation,
        RecordKind::TradePoint,
        RecordKind::Register,
        RecordKind::FnsKkmIdHistory,
        RecordKind::ShiftSummary,
    ] {
        for record in from.records(kind, b"", None, ALL).await.expect("records") {
            to.put_record(kind, &record.key, None, record.bytes).await.expect("the record is written");
        }
    }
    for stream in from.streams(StreamKind::Shift, None, ALL).await.expect("streams") {
        let head = from.head(stream).await.expect("a head").expect("it is there");
        assert_eq!(head.bytes.first(), Some(&1), "the first release wrote the first form");
        let rows = from.rows(stream, b"", None, ALL).await.expect("rows");
        let (stamp, bytes) = (head.stamp, Bytes::copy_from_slice(&head.bytes));
        let append = Append { stream, expected: None, stamp, head: bytes, rows, notes: Vec::new() };
        to.append(append).await.expect("the stream is written");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyspace_of_the_first_release_is_opened_and_its_registers_sell_on_before_and_after_the_finish() {
    let cluster = cassandra::shared().await;
    for extent in [Extent::Expand, Extent::Finish] {
        let keyspace = options(&cluster, &cluster.keyspace_name());
        migrate(&keyspace, Extent::Expand, |_| ()).await.expect("the tables are made");
        let text = format!("DELETE FROM {}.schema_changes WHERE version = 2", keyspace.keyspace);
        cluster.session().await.query_unpaged(text, ()).await.expect("the first release knew one version");
        let setup = first_release::setup().in_keyspace(&cluster, &keyspace.keyspace);
        let folder = tempfile::tempdir().expect("a folder");
        first_release::lay(folder.path());
        let old = EmbeddedOptions { opening: Opening::Existing, ..EmbeddedOptions::new(folder.path()) };
        let old = EmbeddedStore::open(old).expect("the store of the first release opens");
        let store = CqlStore::open(keyspace.clone()).await.expect("the keyspace opens");
        fill(&old, &store).await;
        migrate(&keyspace, extent, |_| ()).await.expect("migrated");
        within(120, first_release::sells_on(&setup)).await;
        // Whoever looks after the gateway finds the form that all programs there can read.
        let newest = ofd_storage::registers::newest(&store, ofd_protocol::types::RegisterId(200_001)).await;
        let format = newest.expect("it is read").expect("it is there").format;
        let want = if extent == Extent::Finish { HeadFormat::Tagged } else { HeadFormat::First };
        assert_eq!(format, want);
    }
}
