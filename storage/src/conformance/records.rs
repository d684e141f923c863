//! Cases of records and their versions.

use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};

use super::case::{Backend, Case};
use crate::holdings::{Listing, registers_of, trade_points_of};
use crate::leases::{Holder, Taken, give_back, take};
use crate::model;
use crate::samples::{self, SHOP};
use crate::store::{RECORD_KEY_LEN_MAX, RECORD_LEN_MAX, Record, RecordKind, Store, Version};
use crate::walks::{Step, Walk};

pub(super) async fn all<B: Backend>(backend: &mut B) {
    a_record_counts_its_versions(&backend.fresh().await).await;
    a_record_at_another_version_is_a_conflict(&backend.fresh().await).await;
    kinds_of_records_are_apart(&backend.fresh().await).await;
    records_are_paged_by_prefix_after_and_limit(&backend.fresh().await).await;
    records_that_are_too_large_are_refused(&backend.fresh().await).await;
    a_lease_is_of_one_holder_at_a_time(&backend.fresh().await).await;
    what_an_organisation_has_is_listed_by_its_bin(&backend.fresh().await).await;
}

const KIND: RecordKind = RecordKind::Register;

async fn a_record_counts_its_versions<S: Store>(store: &S) {
    let case = Case::new("a record counts its versions", store);
    case.same("record", case.ok("record", store.record(KIND, b"k").await), None);
    case.same("version", case.puts(KIND, b"k", None, b"one").await, Version(1));
    case.same("version", case.puts(KIND, b"k", Some(1), b"two").await, Version(2));
    case.same("version", case.puts(KIND, b"k", Some(2), b"").await, Version(3));
    let want = Record { key: Bytes::from_static(b"k"), version: Version(3), bytes: Bytes::new() };
    case.same("record", case.ok("record", store.record(KIND, b"k").await), Some(want));
}

async fn a_record_at_another_version_is_a_conflict<S: Store>(store: &S) {
    let case = Case::new("a record at another version is a conflict", store);
    let put =
        |expected: Option<u64>| store.put_record(KIND, b"k", expected.map(Version), Bytes::from("late"));
    case.is_conflict(put(Some(1)).await, (Some(1), None));
    case.puts(KIND, b"k", None, b"one").await;
    case.is_conflict(put(None).await, (None, Some(1)));
    case.is_conflict(put(Some(2)).await, (Some(2), Some(1)));
    let record = case.ok("record", store.record(KIND, b"k").await);
    case.same("record", record.map(|record| record.bytes), Some(Bytes::from("one")));
}

async fn kinds_of_records_are_apart<S: Store>(store: &S) {
    let case = Case::new("kinds of records are apart", store);
    for kind in [RecordKind::Organisation, RecordKind::TradePoint, RecordKind::Register] {
        case.puts(kind, b"k", None, b"one").await;
    }
    case.puts(RecordKind::TradePoint, b"k", Some(1), b"two").await;
    let versions = async |kind| {
        let records = case.ok("records", store.records(kind, b"", None, 9).await);
        records.iter().map(|record| record.version.0).collect::<Vec<_>>()
    };
    case.same("organisations", versions(RecordKind::Organisation).await, vec![1]);
    case.same("trade points", versions(RecordKind::TradePoint).await, vec![2]);
    case.same("registers", versions(RecordKind::Register).await, vec![1]);
    case.same("summaries", versions(RecordKind::ShiftSummary).await, vec![]);
}

async fn records_are_paged_by_prefix_after_and_limit<S: Store>(store: &S) {
    let case = Case::new("records are paged by prefix, after and limit", store);
    for key in [b"c1", b"b3", b"b1", b"a1", b"b2", b"\xff1"] {
        case.puts(KIND, key, None, b"x").await;
    }
    let page = async |prefix: &[u8], after: Option<&[u8]>, limit| {
        let records = case.ok("records", store.records(KIND, prefix, after, limit).await);
        records.into_iter().flat_map(|record| record.key.to_vec()).collect::<Vec<_>>()
    };
    case.same("all", page(b"", None, 9).await, b"a1b1b2b3c1\xff1".to_vec());
    case.same("a limit of none", page(b"", None, 0).await, b"".to_vec());
    case.same("a prefix", page(b"b", None, 2).await, b"b1b2".to_vec());
    case.same("after a key", page(b"b", Some(b"b1"), 9).await, b"b2b3".to_vec());
    case.same("after before the prefix", page(b"b", Some(b""), 1).await, b"b1".to_vec());
    case.same("after behind the prefix", page(b"b", Some(b"c"), 9).await, b"".to_vec());
    case.same("the last prefix", page(b"\xff", None, 9).await, b"\xff1".to_vec());
}

async fn records_that_are_too_large_are_refused<S: Store>(store: &S) {
    let case = Case::new("records that are too large are refused", store);
    let (key, value) = (vec![b'k'; RECORD_KEY_LEN_MAX + 1], vec![0; RECORD_LEN_MAX + 1]);
    case.too_large("the key", store.put_record(KIND, &key, None, Bytes::new()).await, key.len());
    let len = value.len();
    case.too_large("the record", store.put_record(KIND, b"k", None, value.into()).await, len);
    case.same("nothing", case.ok("records", store.records(KIND, b"", None, 9).await), vec![]);
    case.same("a long key", case.ok("record", store.record(KIND, &key).await), None);
    let (key, value) = (vec![b'k'; RECORD_KEY_LEN_MAX], vec![0; RECORD_LEN_MAX]);
    case.ok("the largest", store.put_record(KIND, &key, None, value.into()).await);
    case.check("it is there", case.ok("record", store.record(KIND, &key).await).is_some());
}

async fn a_lease_is_of_one_holder_at_a_time<S: Store>(store: &S) {
    let case = Case::new("a lease is of one holder at a time", store);
    let term = Duration::from_secs(60);
    let taken = async |holder: u8, seconds: u64| {
        let now = UnixMillis(1_790_000_000_000 + seconds * 1000);
        case.ok("take", take(store, "job", &Holder::from_drawn([holder; 16]), now, term).await)
    };
    let others = |seconds| Taken::Others { left: Duration::from_secs(seconds) };
    case.check("it is the first one's", matches!(taken(1, 0).await, Taken::Ours(_)));
    case.same("the second waits", taken(2, 20).await, others(40));
    let Taken::Ours(lease) = taken(2, 60).await else { return case.check("it ends", false) };
    case.same("the first waits", taken(1, 61).await, others(59));
    case.ok("give back", give_back(store, lease).await);
    case.check("it is free", matches!(taken(1, 62).await, Taken::Ours(_)));
}

async fn what_an_organisation_has_is_listed_by_its_bin<S: Store>(store: &S) {
    let case = Case::new("what an organisation has is listed by its BIN", store);
    let (one, other) = ("151140001234", "000000000019");
    for (bin, id) in [(one, 2), (other, 3), (one, 1), (one, 0x2f2f_2f2f)] {
        let created = model::create(store, &samples::register(RegisterId(id), bin)).await;
        case.check("it is new", case.ok("create", created));
    }
    case.check("it is new", case.ok("create", model::create(store, &samples::trade_point(one, SHOP)).await));
    let page = async |bin, after, limit| case.ok("page", registers_of(store, bin, after, limit).await);
    let whole = page(one, None, 9).await;
    let ids: Vec<u32> = whole.found.iter().map(|register| register.id.0).collect();
    case.same("registers", (ids, whole.listing), (vec![1, 2, 0x2f2f_2f2f], Listing::BeingMade));
    let last = page(one, Some(RegisterId(1)), 2).await;
    case.same("a page", last.found.iter().map(|found| found.id.0).collect::<Vec<_>>(), vec![2, 0x2f2f_2f2f]);
    case.same("one of another", page(other, None, 9).await.found.len(), 1);
    case.same("trade points", case.ok("page", trade_points_of(store, one, None, 9).await).found.len(), 1);
    let step = async || case.ok("step", Walk::Holdings.step(store, UnixMillis(1_790_000_000_000)).await);
    while !matches!(step().await, Step::Completed { .. }) {}
    case.same("the list", page(one, None, 9).await.listing, Listing::Whole);
}
