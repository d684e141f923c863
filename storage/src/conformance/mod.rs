//! One suite that every backend must pass: the sentences of the [`Store`] contract, each as a case.
//!
//! Test code in a library, so that the tests of any crate can run it against any backend. A failed case panics
//! and names itself.
#![expect(clippy::panic, reason = "a failed case is a failed test")]

mod case;
mod claims;
mod contention;
pub mod feed;
mod notes;
mod people;
mod probe;
mod records;
mod streams;

use bytes::Bytes;

pub use self::case::Backend;
use self::case::{Case, append, shift};
pub use self::probe::Probe;
use crate::store::{Append, RecordKind, Store, Version};

/// Runs every case, each on a fresh store. Cases are boxed: together they are too large for the stack of a test.
pub async fn all<B: Backend>(backend: &mut B) {
    Box::pin(streams::all(backend)).await;
    Box::pin(records::all(backend)).await;
    Box::pin(claims::all(backend)).await;
    Box::pin(contention::all(backend)).await;
    Box::pin(people::all(backend)).await;
    Box::pin(notes::all(backend)).await;
    Box::pin(what_was_acknowledged_is_there_after_reopening(backend)).await;
    Box::pin(a_closed_store_refuses_everything(backend)).await;
}

async fn what_was_acknowledged_is_there_after_reopening<B: Backend>(backend: &mut B) {
    let store = backend.fresh().await;
    let case = Case::new("what was acknowledged is there after reopening", &store);
    let stream = shift(1, 1);
    for version in 0..20 {
        let append = append(stream, version, &[(&[b'd', version], b"document")]);
        case.appends(append).await;
    }
    case.puts(RecordKind::Register, b"r", None, b"register").await;
    case.ok("claim", store.claim("login", "asel", b"u1", 5, None).await);
    let (note, with) = (notes::change(1, 0, b"alone"), notes::change(2, 0, b"with an append"));
    case.notes_it(&note).await;
    case.appends(Append { notes: vec![with.clone()], ..append(shift(2, 1), 0, &[]) }).await;
    case.ok("close", store.close().await);
    let store = backend.reopen(store).await;
    let case = Case::new("what was acknowledged is there after reopening", &store);
    case.head_is(stream, Some(20)).await;
    case.same("rows", case.ok("rows", store.rows(stream, b"", None, 100).await).len(), 20);
    let record = case.ok("record", store.record(RecordKind::Register, b"r").await);
    case.same("record", record.map(|record| record.bytes), Some(Bytes::from_static(b"register")));
    let claim = case.ok("claim", store.claim("login", "asel", b"u2", 9, None).await);
    case.same("claim", claim, crate::store::Claim::Taken { owner: Bytes::from_static(b"u1"), since_ms: 5 });
    case.same("a note", case.noted(&note).await, Some(note));
    case.same("a note that came with an append", case.noted(&with).await, Some(with));
    // The conditions still hold against what was reopened, not only the reads.
    case.conflicts(append(stream, 0, &[]), Some(20)).await;
    case.same("version", case.appends(append(stream, 20, &[])).await, Version(21));
}

async fn a_closed_store_refuses_everything<B: Backend>(backend: &mut B) {
    let store = backend.fresh().await;
    let case = Case::new("a closed store refuses everything", &store);
    case.appends(append(shift(1, 1), 0, &[])).await;
    case.ok("close", store.close().await);
    case.unavailable("append", store.append(append(shift(1, 1), 1, &[])).await);
    case.unavailable("head", store.head(shift(1, 1)).await);
    case.unavailable("rows", store.rows(shift(1, 1), b"", None, 1).await);
    case.unavailable("put_record", store.put_record(RecordKind::Register, b"r", None, Bytes::new()).await);
    case.unavailable("claim", store.claim("login", "asel", b"u", 1, None).await);
    let note = notes::change(1, 0, b"late");
    case.unavailable("note", store.note(note.clone()).await);
    case.unavailable("noted", store.noted(note.kind, &note.key, 0).await);
    case.unavailable("notes", store.notes(note.kind, &note.key, None, 1, 0).await);
    case.check("health tells", store.health().await != crate::store::Health::Ready);
}
