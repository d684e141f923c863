//! Appends, heads and rows.

use bytes::Bytes;

use super::case::{Backend, Case, append, keys, shift, stamp};
use crate::store::{APPEND_LEN_MAX, ROW_KEY_LEN_MAX, Stamp, Store, StreamId, StreamKind, Version};

pub(super) async fn all<B: Backend>(backend: &mut B) {
    a_stream_begins_with_version_one(&backend.fresh().await).await;
    every_append_moves_the_head_by_one(&backend.fresh().await).await;
    an_append_on_another_version_is_a_conflict(&backend.fresh().await).await;
    a_conflict_writes_nothing(&backend.fresh().await).await;
    a_repeat_is_answered_and_not_written_again(&backend.fresh().await).await;
    a_repeat_after_the_head_moved_on_is_a_conflict(&backend.fresh().await).await;
    an_append_changes_nothing_outside_its_stream(&backend.fresh().await).await;
    a_row_with_an_existing_key_replaces_it(&backend.fresh().await).await;
    rows_come_in_the_order_of_their_keys(&backend.fresh().await).await;
    rows_are_paged_by_prefix_after_and_limit(&backend.fresh().await).await;
    what_is_too_large_is_refused(&backend.fresh().await).await;
    what_is_as_large_as_allowed_is_kept(&backend.fresh().await).await;
    streams_are_listed_in_order(&backend.fresh().await).await;
}

async fn a_stream_begins_with_version_one<S: Store>(store: &S) {
    let case = Case::new("a stream begins with version one", store);
    case.head_is(shift(7, 1), None).await;
    case.same("row", case.ok("row", store.row(shift(7, 1), b"d").await), None);
    let version = case.appends(append(shift(7, 1), 0, &[(b"d", b"document")])).await;
    case.same("version", version, Version::FIRST);
    let head = case.head(shift(7, 1)).await;
    case.check("the head is there", head.is_some());
    if let Some(head) = head {
        case.same("version", head.version, Version::FIRST);
        case.same("stamp", head.stamp, stamp(shift(7, 1), 0));
        case.same("bytes", head.bytes, Bytes::from_static(b"head after 0"));
    }
    let row = case.ok("row", store.row(shift(7, 1), b"d").await);
    case.same("row", row, Some(Bytes::from_static(b"document")));
}

async fn every_append_moves_the_head_by_one<S: Store>(store: &S) {
    let case = Case::new("every append moves the head by one", store);
    for version in 0..50_u8 {
        let told = case.appends(append(shift(1, 1), version, &[(&[version], b"row")])).await;
        case.same("version", told, Version(u64::from(version) + 1));
        case.head_is(shift(1, 1), Some(told.0)).await;
    }
    case.same("rows", case.keys(shift(1, 1), b"", None, 100).await.len(), 50);
}

async fn an_append_on_another_version_is_a_conflict<S: Store>(store: &S) {
    let case = Case::new("an append on another version is a conflict", store);
    case.conflicts(append(shift(1, 1), 3, &[]), None).await;
    case.appends(append(shift(1, 1), 0, &[])).await;
    case.appends(append(shift(1, 1), 1, &[])).await;
    let mut late = append(shift(1, 1), 0, &[]);
    late.stamp = Stamp([9; 16]);
    case.conflicts(late.clone(), Some(2)).await;
    late.expected = Some(Version(1));
    case.conflicts(late.clone(), Some(2)).await;
    late.expected = Some(Version(3));
    case.conflicts(late, Some(2)).await;
}

async fn a_conflict_writes_nothing<S: Store>(store: &S) {
    let case = Case::new("a conflict writes nothing", store);
    case.appends(append(shift(1, 1), 0, &[(b"a", b"first")])).await;
    let mut late = append(shift(1, 1), 0, &[(b"a", b"late"), (b"b", b"late")]);
    late.stamp = Stamp([9; 16]);
    case.conflicts(late, Some(1)).await;
    case.head_is(shift(1, 1), Some(1)).await;
    let row = case.ok("row", store.row(shift(1, 1), b"a").await);
    case.same("row", row, Some(Bytes::from_static(b"first")));
    case.same("keys", case.keys(shift(1, 1), b"", None, 9).await, keys(&[b"a"]));
}

async fn a_repeat_is_answered_and_not_written_again<S: Store>(store: &S) {
    let case = Case::new("a repeat is answered and not written again", store);
    for version in 0..2 {
        let once = append(shift(1, 1), version, &[(b"a", b"as it came")]);
        let told = case.appends(once.clone()).await;
        case.same("the repeat's answer", case.appends(once.clone()).await, told);
        // Told by the stamp alone: a repeat is not judged by the version it expects, nor are its rows written.
        let altered = append(shift(1, 1), version, &[(b"a", b"altered"), (b"b", b"altered")]);
        case.same("the repeat's answer", case.appends(altered).await, told);
        case.head_is(shift(1, 1), Some(told.0)).await;
    }
    let row = case.ok("row", store.row(shift(1, 1), b"a").await);
    case.same("row", row, Some(Bytes::from_static(b"as it came")));
    case.same("keys", case.keys(shift(1, 1), b"", None, 9).await, keys(&[b"a"]));
}

async fn a_repeat_after_the_head_moved_on_is_a_conflict<S: Store>(store: &S) {
    let case = Case::new("a repeat after the head moved on is a conflict", store);
    case.appends(append(shift(1, 1), 0, &[])).await;
    case.appends(append(shift(1, 1), 1, &[])).await;
    case.conflicts(append(shift(1, 1), 0, &[]), Some(2)).await;
    case.appends(append(shift(1, 1), 2, &[])).await;
    case.conflicts(append(shift(1, 1), 1, &[]), Some(3)).await;
    case.head_is(shift(1, 1), Some(3)).await;
}

async fn an_append_changes_nothing_outside_its_stream<S: Store>(store: &S) {
    let case = Case::new("an append changes nothing outside its stream", store);
    let neighbours =
        [shift(1, 1), shift(1, 2), shift(2, 1), shift(257, 1), shift(1, 256), shift(u64::MAX, 1)];
    for stream in neighbours {
        case.head_is(stream, None).await;
        case.appends(append(stream, 0, &[(b"d", stream.to_string().as_bytes())])).await;
    }
    case.appends(append(shift(1, 1), 1, &[(b"e", b"more")])).await;
    for stream in neighbours {
        case.head_is(stream, Some(if stream == shift(1, 1) { 2 } else { 1 })).await;
        let row = case.ok("row", store.row(stream, b"d").await);
        case.same("row", row, Some(stream.to_string().into()));
        let rows = case.keys(stream, b"", None, 9).await;
        case.same("rows", rows.len(), if stream == shift(1, 1) { 2 } else { 1 });
    }
}

async fn a_row_with_an_existing_key_replaces_it<S: Store>(store: &S) {
    let case = Case::new("a row with an existing key replaces it", store);
    case.appends(append(shift(1, 1), 0, &[(b"a", b"old"), (b"b", b"kept")])).await;
    case.appends(append(shift(1, 1), 1, &[(b"a", b"newer"), (b"a", b"newest")])).await;
    let row = case.ok("row", store.row(shift(1, 1), b"a").await);
    case.same("row", row, Some(Bytes::from_static(b"newest")));
    case.same("keys", case.keys(shift(1, 1), b"", None, 9).await, keys(&[b"a", b"b"]));
    case.appends(append(shift(1, 1), 2, &[(b"a", b"")])).await;
    let row = case.ok("row", store.row(shift(1, 1), b"a").await);
    case.same("an empty row", row, Some(Bytes::new()));
}

async fn rows_come_in_the_order_of_their_keys<S: Store>(store: &S) {
    let case = Case::new("rows come in the order of their keys", store);
    let unordered: [(&[u8], &[u8]); 6] =
        [(b"\xff\xff", b"6"), (b"b", b"4"), (b"", b"1"), (b"a\x00", b"3"), (b"\xff", b"5"), (b"a", b"2")];
    for (version, row) in (0..).zip(unordered) {
        case.appends(append(shift(1, 1), version, &[row])).await;
    }
    let rows = case.ok("rows", store.rows(shift(1, 1), b"", None, 9).await);
    let values: Vec<u8> = rows.iter().flat_map(|row| row.value.iter().copied()).collect();
    case.same("values", values, b"123456".to_vec());
}

async fn rows_are_paged_by_prefix_after_and_limit<S: Store>(store: &S) {
    let case = Case::new("rows are paged by prefix, after and limit", store);
    let (it, all) = (shift(1, 1), [b"a1", b"b1", b"b2", b"b3", b"c1", b"\xff1"]);
    let rows = all.map(|key| (key.as_slice(), b"row".as_slice()));
    case.appends(append(it, 0, &rows)).await;
    case.appends(append(shift(1, 2), 0, &rows)).await;
    case.same("a limit of none", case.keys(it, b"", None, 0).await, keys(&[]));
    case.same("a limit", case.keys(it, b"", None, 2).await, keys(&[b"a1", b"b1"]));
    case.same("a prefix", case.keys(it, b"b", None, 9).await, keys(&[b"b1", b"b2", b"b3"]));
    case.same("a whole key as prefix", case.keys(it, b"b2", None, 9).await, keys(&[b"b2"]));
    case.same("the last prefix", case.keys(it, b"\xff", None, 9).await, keys(&[b"\xff1"]));
    case.same("a prefix of nothing", case.keys(it, b"bb", None, 9).await, keys(&[]));
    case.same("after a key", case.keys(it, b"b", Some(b"b1"), 9).await, keys(&[b"b2", b"b3"]));
    case.same("after no key there is", case.keys(it, b"b", Some(b"b11"), 1).await, keys(&[b"b2"]));
    case.same("after before the prefix", case.keys(it, b"b", Some(b"a"), 1).await, keys(&[b"b1"]));
    case.same("after behind the prefix", case.keys(it, b"b", Some(b"c"), 9).await, keys(&[]));
    case.same("after the last", case.keys(it, b"", Some(b"\xff1"), 9).await, keys(&[]));
    let (mut seen, mut after) = (Vec::new(), None::<Bytes>);
    while let Some(key) = case.keys(it, b"", after.as_deref(), 1).await.pop() {
        after = Some(key.clone());
        seen.push(key);
    }
    case.same("all pages", seen, all.iter().map(|key| Bytes::from_static(*key)).collect());
}

async fn what_is_too_large_is_refused<S: Store>(store: &S) {
    let case = Case::new("what is too large is refused", store);
    let key = vec![b'k'; ROW_KEY_LEN_MAX + 1];
    let refused = store.append(append(shift(1, 1), 0, &[(b"a", b"a"), (&key, b"row")])).await;
    case.too_large("the key", refused, key.len());
    let value = vec![0; APPEND_LEN_MAX];
    let refused = store.append(append(shift(1, 1), 0, &[(b"k", &value)])).await;
    case.too_large("the append", refused, b"head after 0".len() + 1 + value.len());
    case.head_is(shift(1, 1), None).await;
    case.same("rows", case.keys(shift(1, 1), b"", None, 9).await, keys(&[]));
    case.same("a long key", case.ok("row", store.row(shift(1, 1), &key).await), None);
}

async fn what_is_as_large_as_allowed_is_kept<S: Store>(store: &S) {
    let case = Case::new("what is as large as allowed is kept", store);
    let key = vec![b'k'; ROW_KEY_LEN_MAX];
    let value = vec![7; APPEND_LEN_MAX - b"head after 0".len() - key.len()];
    case.appends(append(shift(1, 1), 0, &[(&key, &value)])).await;
    let row = case.ok("row", store.row(shift(1, 1), &key).await);
    case.check("the row is whole", row.is_some_and(|row| row == value));
}

async fn streams_are_listed_in_order<S: Store>(store: &S) {
    let case = Case::new("streams are listed in order", store);
    let list = async |after: Option<StreamId>, limit| {
        case.ok("streams", store.streams(StreamKind::Shift, after, limit).await)
    };
    case.same("of an empty store", list(None, 9).await, vec![]);
    let sorted =
        [shift(0, 0), shift(1, 1), shift(1, 2), shift(1, 256), shift(256, 1), shift(u64::MAX, u32::MAX)];
    for stream in sorted.iter().rev() {
        case.appends(append(*stream, 0, &[(b"d", b"row")])).await;
    }
    case.same("all", list(None, 9).await, sorted.to_vec());
    case.same("a page", list(Some(shift(1, 1)), 2).await, vec![shift(1, 2), shift(1, 256)]);
    case.same("after none there is", list(Some(shift(5, 5)), 1).await, vec![shift(256, 1)]);
    case.same("after the last", list(Some(shift(u64::MAX, u32::MAX)), 9).await, vec![]);
}
