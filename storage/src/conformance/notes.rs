//! Notes: what is written without a condition, and runs out.

use bytes::Bytes;

use super::case::{Backend, Case, append, keys, shift};
use crate::note::{change_group, change_key, heard_key, note_shard};
use crate::store::{
    APPEND_LEN_MAX, Append, NOTE_KEY_LEN_MAX, NOTE_LEN_MAX, Note, NoteKind, PHONE_SIGNING_LEN_MAX, Stamp,
    Store, StoreError,
};

pub(super) async fn all<B: Backend>(backend: &mut B) {
    Box::pin(a_note_is_there_once_it_was_written(&backend.fresh().await)).await;
    Box::pin(of_two_notes_the_later_stays(&backend.fresh().await)).await;
    Box::pin(of_two_notes_of_one_moment_one_stays_whole(&backend.fresh().await)).await;
    Box::pin(a_note_is_gone_at_its_expiry_on_the_callers_clock(&backend.fresh().await)).await;
    Box::pin(notes_are_paged_by_prefix_after_and_limit(&backend.fresh().await)).await;
    Box::pin(what_is_over_takes_no_place_in_a_page(&backend.fresh().await)).await;
    Box::pin(notes_that_break_a_limit_are_refused(&backend.fresh().await)).await;
    Box::pin(notes_as_large_as_allowed_are_kept(&backend.fresh().await)).await;
    Box::pin(an_append_that_succeeds_never_lacks_its_notes(&backend.fresh().await)).await;
    Box::pin(an_append_that_conflicts_may_leave_its_notes(&backend.fresh().await)).await;
    Box::pin(an_append_with_a_note_that_breaks_a_limit_writes_nothing(&backend.fresh().await)).await;
}

/// 2026-01-22: no cluster takes writes from far in the future.
const NOW_MS: u64 = 1_769_040_000_000;

const MINUTE: u32 = 29_484_000;

pub(super) fn change(register: u32, at_ms: u64, bytes: &'static [u8]) -> Note {
    Note {
        kind: NoteKind::Change,
        key: change_key(MINUTE, register),
        bytes: Bytes::from_static(bytes),
        at_ms: NOW_MS + at_ms,
        expires_ms: NOW_MS + 100_000,
    }
}

/// A session under a secret whose hash is this byte over and over.
fn session(hash: u8, bytes: Bytes) -> Note {
    let (at_ms, expires_ms) = (NOW_MS, NOW_MS + 100_000);
    Note { kind: NoteKind::PhoneSigning, key: vec![hash; 32].into(), bytes, at_ms, expires_ms }
}

impl<S: Store> Case<'_, S> {
    pub(super) async fn notes_it(&self, note: &Note) {
        self.ok("note", self.store.note(note.clone()).await);
    }

    /// What is under the note's key a moment after it was written.
    pub(super) async fn noted(&self, note: &Note) -> Option<Note> {
        self.ok("noted", self.store.noted(note.kind, &note.key, note.at_ms).await)
    }

    async fn keys_of_notes(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Bytes> {
        let notes = self.store.notes(NoteKind::PhoneSigning, prefix, after, limit, NOW_MS).await;
        self.ok("notes", notes).into_iter().map(|note| note.key).collect()
    }
}

async fn a_note_is_there_once_it_was_written<S: Store>(store: &S) {
    let case = Case::new("a note is there once it was written", store);
    let (one, other) = (change(1, 0, b"one"), change(33, 0, b""));
    case.same("before", case.noted(&one).await, None);
    case.notes_it(&one).await;
    case.same("the note", case.noted(&one).await, Some(one.clone()));
    case.same("another key", case.noted(&other).await, None);
    case.notes_it(&other).await;
    case.same("an empty one", case.noted(&other).await, Some(other.clone()));
    let group = change_group(MINUTE, note_shard(1));
    let both = case.ok("notes", store.notes(NoteKind::Change, &group, None, 9, NOW_MS).await);
    case.same("both", both, vec![one, other]);
    // Kinds are apart, whatever their keys.
    let heard = Note { kind: NoteKind::Heard, key: heard_key(1), ..change(1, 0, b"heard") };
    case.same("another kind", case.noted(&heard).await, None);
    case.notes_it(&heard).await;
    case.same("another kind", case.noted(&heard).await, Some(heard));
    case.same("rows", case.keys(shift(1, 1), b"", None, 9).await, keys(&[]));
}

async fn of_two_notes_the_later_stays<S: Store>(store: &S) {
    let case = Case::new("of two notes the later stays", store);
    let (early, late) = (change(1, 5, b"zzz"), change(1, 6, b"a"));
    case.notes_it(&early).await;
    case.notes_it(&late).await;
    case.same("the later after the earlier", case.noted(&late).await, Some(late.clone()));
    case.notes_it(&early).await;
    case.same("the earlier after the later", case.noted(&late).await, Some(late.clone()));
    case.notes_it(&late).await;
    case.same("a repeat", case.noted(&late).await, Some(late.clone()));
    let longer = Note { expires_ms: NOW_MS + 300_000, ..change(1, 7, b"longer") };
    case.notes_it(&longer).await;
    let later = case.ok("noted", store.noted(late.kind, &late.key, NOW_MS + 200_000).await);
    case.same("one that runs out later", later, Some(longer));
}

async fn of_two_notes_of_one_moment_one_stays_whole<S: Store>(store: &S) {
    let case = Case::new("of two notes of one moment one stays whole", store);
    let one = change(1, 0, b"one");
    let other = Note { expires_ms: NOW_MS + 200_000, ..change(1, 0, b"another") };
    case.notes_it(&one).await;
    case.notes_it(&other).await;
    let found = case.noted(&one).await;
    case.check("it is one of the two", found.as_ref() == Some(&one) || found.as_ref() == Some(&other));
    case.notes_it(&one).await;
    case.notes_it(&other).await;
    case.same("after repeats of both", case.noted(&one).await, found);
}

async fn a_note_is_gone_at_its_expiry_on_the_callers_clock<S: Store>(store: &S) {
    let case = Case::new("a note is gone at its expiry on the caller's clock", store);
    let note = change(1, 0, b"one");
    case.notes_it(&note).await;
    let group = change_group(MINUTE, note_shard(1));
    for (now_ms, is_there) in
        [(0, true), (NOW_MS, true), (NOW_MS + 99_999, true), (NOW_MS + 100_000, false), (u64::MAX, false)]
    {
        let found = case.ok("noted", store.noted(note.kind, &note.key, now_ms).await);
        case.same("it is there", found.is_some(), is_there);
        let found = case.ok("notes", store.notes(note.kind, &group, None, 9, now_ms).await);
        case.same("it is listed", found.len(), usize::from(is_there));
    }
    // One that was over when it was written is none, and takes nothing away.
    let void = Note { expires_ms: NOW_MS + 5, ..change(1, 5, b"void") };
    case.notes_it(&void).await;
    case.same("the one before", case.noted(&note).await, Some(note));
}

async fn notes_are_paged_by_prefix_after_and_limit<S: Store>(store: &S) {
    let case = Case::new("notes are paged by prefix, after and limit", store);
    let key = |end: &[u8]| [&[7; 32], end].concat();
    for end in [b"c1", b"b3", b"b1", b"a1", b"b2", b"\xff1"] {
        case.notes_it(&Note { key: key(end).into(), ..session(7, Bytes::new()) }).await;
    }
    for other_group in [6, 8] {
        case.notes_it(&session(other_group, Bytes::new())).await;
    }
    let page = async |prefix: &[u8], after: Option<&[u8]>, limit: usize| {
        let after = after.map(key);
        let found = case.keys_of_notes(&key(prefix), after.as_deref(), limit).await;
        found.iter().flat_map(|key| key.slice(32..).to_vec()).collect::<Vec<_>>()
    };
    case.same("all of the group", page(b"", None, 9).await, b"a1b1b2b3c1\xff1".to_vec());
    case.same("a limit of none", page(b"", None, 0).await, b"".to_vec());
    case.same("a prefix", page(b"b", None, 2).await, b"b1b2".to_vec());
    case.same("after a key", page(b"b", Some(b"b1"), 9).await, b"b2b3".to_vec());
    case.same("after before the prefix", page(b"b", Some(b""), 1).await, b"b1".to_vec());
    case.same("after behind the prefix", page(b"b", Some(b"c"), 9).await, b"".to_vec());
    case.same("the last prefix", page(b"\xff", None, 9).await, b"\xff1".to_vec());
    case.same("after the last", page(b"", Some(b"\xff1"), 9).await, b"".to_vec());
}

async fn what_is_over_takes_no_place_in_a_page<S: Store>(store: &S) {
    let case = Case::new("what is over takes no place in a page", store);
    for number in 0..40_u8 {
        let is_short = number % 4 != 3;
        let expires_ms = NOW_MS + if is_short { 10 } else { 1000 };
        let key = [&[7; 32][..], &[number]].concat().into();
        case.notes_it(&Note { key, expires_ms, ..session(7, Bytes::new()) }).await;
    }
    let (mut seen, mut after) = (Vec::new(), None::<Bytes>);
    loop {
        let kind = NoteKind::PhoneSigning;
        let page = store.notes(kind, &[7; 32], after.as_deref(), 3, NOW_MS + 10).await;
        let page = case.ok("notes", page);
        let Some(last) = page.last() else { break };
        case.check("only the last page is not full", page.len() == 3 || seen.len() + page.len() == 10);
        after = Some(last.key.clone());
        seen.extend(page.iter().filter_map(|note| note.key.last().copied()));
    }
    case.same("all that are not over", seen, (0..40).filter(|number| number % 4 == 3).collect());
}

async fn notes_that_break_a_limit_are_refused<S: Store>(store: &S) {
    let case = Case::new("notes that break a limit are refused", store);
    let too_short = |result: Result<(), StoreError>, len: usize, min: usize| match result {
        Err(StoreError::TooShort { len: told, min: least, .. }) => {
            case.same("the length", (told, least), (len, min));
        }
        other => case.check(&format!("TooShort, not {other:?}"), false),
    };
    let long = vec![7; NOTE_KEY_LEN_MAX + 1];
    let note = Note { key: long.clone().into(), ..session(7, Bytes::new()) };
    case.too_large("the key", store.note(note).await, long.len());
    for (kind, group_len) in [
        (NoteKind::Change, 5),
        (NoteKind::PhoneSigning, 32),
        (NoteKind::Heard, 1),
        (NoteKind::PaperWaiting, 1),
        (NoteKind::RegistrationWaiting, 1),
    ] {
        let short = vec![7; group_len - 1];
        let note = Note { kind, key: short.clone().into(), ..session(7, Bytes::new()) };
        too_short(store.note(note).await, short.len(), group_len);
        too_short(store.noted(kind, &short, NOW_MS).await.map(drop), short.len(), group_len);
        let list = store.notes(kind, &short, None, 9, NOW_MS).await;
        too_short(list.map(drop), short.len(), group_len);
    }
    for (kind, key, max) in [
        (NoteKind::Change, change_key(MINUTE, 1), NOTE_LEN_MAX),
        (NoteKind::Heard, heard_key(1), NOTE_LEN_MAX),
        (NoteKind::PhoneSigning, vec![7; 32].into(), PHONE_SIGNING_LEN_MAX),
    ] {
        let note = Note { kind, key, ..session(7, vec![0; max + 1].into()) };
        case.too_large("the note", store.note(note.clone()).await, max + 1);
        case.same("nothing", case.noted(&note).await, None);
    }
    let found = case.ok("noted", store.noted(NoteKind::PhoneSigning, &long, NOW_MS).await);
    case.same("a long key", found, None);
}

async fn notes_as_large_as_allowed_are_kept<S: Store>(store: &S) {
    let case = Case::new("notes as large as allowed are kept", store);
    let largest =
        Note { key: vec![7; NOTE_KEY_LEN_MAX].into(), ..session(7, vec![9; PHONE_SIGNING_LEN_MAX].into()) };
    case.notes_it(&largest).await;
    let large = Note { bytes: vec![9; NOTE_LEN_MAX].into(), ..change(1, 0, b"") };
    case.notes_it(&large).await;
    case.check("a session is whole", case.noted(&largest).await == Some(largest));
    case.check("another note is whole", case.noted(&large).await == Some(large));
}

async fn an_append_that_succeeds_never_lacks_its_notes<S: Store>(store: &S) {
    let case = Case::new("an append that succeeds never lacks its notes", store);
    for version in 0..5_u8 {
        let notes = vec![change(1, version.into(), b"one"), change(u32::from(version) + 2, 0, b"other")];
        let append = Append {
            notes: notes.clone(),
            ..append(shift(1, 1), version, &[(&[b'd', version], b"document")])
        };
        case.appends(append.clone()).await;
        case.head_is(shift(1, 1), Some(u64::from(version) + 1)).await;
        for note in &notes {
            case.same("a note", case.noted(note).await, Some(note.clone()));
        }
        case.appends(append).await;
        for note in &notes {
            case.same("a note after a repeat", case.noted(note).await, Some(note.clone()));
        }
    }
    let many = (0..40).map(|register| change(register, 9, b"of many")).collect::<Vec<_>>();
    case.appends(Append { notes: many.clone(), ..append(shift(2, 1), 0, &[]) }).await;
    for note in &many {
        case.same("one of many", case.noted(note).await, Some(note.clone()));
    }
}

async fn an_append_that_conflicts_may_leave_its_notes<S: Store>(store: &S) {
    let case = Case::new("an append that conflicts may leave its notes", store);
    case.appends(append(shift(1, 1), 0, &[])).await;
    let note = change(1, 0, b"announced");
    let mut late = append(shift(1, 1), 0, &[(b"d", b"document")]);
    (late.stamp, late.notes) = (Stamp([9; 16]), vec![note.clone()]);
    case.conflicts(late, Some(1)).await;
    case.same("rows", case.keys(shift(1, 1), b"", None, 9).await, keys(&[]));
    // It may be there or not; what it says is never another thing.
    let found = case.noted(&note).await;
    case.check("it is whole where it is", found.is_none() || found == Some(note));
}

async fn an_append_with_a_note_that_breaks_a_limit_writes_nothing<S: Store>(store: &S) {
    let case = Case::new("an append with a note that breaks a limit writes nothing", store);
    let with = |notes| Append { notes, ..append(shift(1, 1), 0, &[(b"d", b"document")]) };
    let good = change(1, 0, b"good");
    let long = Note { key: vec![7; NOTE_KEY_LEN_MAX + 1].into(), ..session(7, Bytes::new()) };
    case.too_large("a key", store.append(with(vec![good.clone(), long])).await, NOTE_KEY_LEN_MAX + 1);
    let large = Note { bytes: vec![0; NOTE_LEN_MAX + 1].into(), ..change(2, 0, b"") };
    case.too_large("a note", store.append(with(vec![good.clone(), large])).await, NOTE_LEN_MAX + 1);
    let large = |hash| session(hash, vec![0; APPEND_LEN_MAX / 2].into());
    let refused = store.append(with(vec![good.clone(), large(1), large(2)])).await;
    let len = b"head after 0".len() + b"ddocument".len() + 9 + b"good".len() + 2 * 32 + APPEND_LEN_MAX;
    case.too_large("all of it", refused, len);
    case.head_is(shift(1, 1), None).await;
    case.same("the good note", case.noted(&good).await, None);
}
