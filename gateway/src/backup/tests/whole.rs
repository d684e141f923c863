//! What is backed up and restored is what was there.

use std::os::unix::fs::PermissionsExt;

use ofd_storage::note::{CHANGE_LIFE_MS, change_key, heard_key};
use ofd_storage::store::{Note, NoteKind};

use super::*;
use crate::testing::{self, Shop};

#[tokio::test]
async fn a_restored_store_holds_all_that_was_backed_up() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let made = place.back_up(&shop.store).unwrap();
    let manifest = &made.backup.manifest;
    assert_eq!((manifest.kind, manifest.faults_count), (BackupKind::Full, 0));
    assert_eq!(manifest.written.streams, manifest.held.streams);
    let restored = place.restore("new", None).await.unwrap();
    assert!(restored.breaks.is_empty() && restored.cut.is_empty(), "{restored:?}");
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[tokio::test]
async fn devices_go_on_with_a_restored_store() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    place.restore("new", None).await.unwrap();
    shop.serve_from(place.store("new")).await;
    for index in 0..shop.registers() {
        shop.work(index, 2).await;
        shop.close(index).await;
    }
    shop.expect_no_differences();
}

#[tokio::test]
async fn a_later_backup_holds_what_changed_and_all_of_them_make_the_store() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    let full = place.back_up(&shop.store).unwrap();
    let same = place.back_up(&shop.store).unwrap();
    assert_eq!(same.backup.manifest.kind, BackupKind::Increment);
    assert_eq!(same.backup.manifest.written, Default::default());
    assert_eq!(same.backup.manifest.held, full.backup.manifest.held);

    shop.sell(1).await;
    let sold = place.back_up(&shop.store).unwrap();
    assert_eq!((sold.backup.manifest.written.streams, sold.backup.manifest.written.records), (1, 0));
    // A shift and its summary, the next shift, a name.
    shop.close(2).await;
    shop.work(2, 3).await;
    shop.store.claim("invitation", "new", b"d", 8, None).await.unwrap();
    let closed = place.back_up(&shop.store).unwrap();
    assert_eq!((closed.backup.manifest.written.streams, closed.backup.manifest.written.records), (2, 2));

    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[tokio::test]
async fn an_old_chain_or_a_wish_makes_a_full_backup() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let begin = crate::clock::now();
    let kinds = [0, 29, 30, 31].map(|days| {
        let now = UnixMillis(begin.0 + days * 24 * 3_600_000);
        place.back_up_at(&shop.store, now).unwrap().backup.manifest.kind
    });
    use BackupKind::{Full, Increment};
    assert_eq!(kinds, [Full, Increment, Full, Increment]);
    let (options, stop) = (BackupOptions { is_full: true, ..usual() }, AtomicBool::new(false));
    let open = || Ok(shop.store.moment()?);
    let made = back_up(&place.path("to"), &options, open, || begin, (&stop, &mut |_| {})).unwrap();
    assert_eq!(made.backup.manifest.kind, Full);
    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[tokio::test]
async fn a_store_that_was_restored_begins_a_chain_of_its_own() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    place.restore("older", None).await.unwrap();
    shop.work(1, 5).await;
    place.back_up(&shop.store).unwrap();
    // The newer state is lost; the older one goes on otherwise.
    let older = place.store("older");
    older.claim("invitation", "after", b"x", 9, None).await.unwrap();
    let made = place.back_up(&older).unwrap();
    assert_eq!(made.backup.manifest.kind, BackupKind::Full);
    assert!(made.full_because.is_some_and(|because| because.contains("restored")));
    place.restore("again", None).await.unwrap();
    assert_eq!(content(&*place.store("again")).await, content(&*older).await);
}

#[tokio::test]
async fn long_streams_go_over_in_parts() {
    let place = Place::new();
    let store = place.store("data");
    let mut shop = Shop::open(Arc::clone(&store), 1).await;
    shop.sell(0).await;
    let stream = StreamId { kind: StreamKind::Company, owner: 7, ordinal: 1 };
    let mut expected = None;
    for number in 0_u32..40 {
        let append = ofd_storage::store::Append {
            stream,
            expected,
            stamp: Stamp([u8::try_from(number).unwrap(); 16]),
            head: Bytes::from_static(b"head"),
            rows: vec![ofd_storage::store::Row {
                key: Bytes::copy_from_slice(&number.to_be_bytes()),
                value: Bytes::from(vec![7; 100_000]),
            }],
            notes: Vec::new(),
        };
        expected = Some(store.append(append).await.unwrap());
    }
    place.back_up(&store).unwrap();
    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*store).await);
}

#[tokio::test]
async fn nobody_else_may_look_into_backups_and_restored_stores() {
    fn private(path: &Path) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        if path.is_dir() {
            path.read_dir().unwrap().for_each(|entry| private(&entry.unwrap().path()));
        }
    }
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    place.restore("new", None).await.unwrap();
    private(&place.path("to"));
    let mode = place.path("new").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700, "what is in it has the process's umask");
}

const MINUTE_MS: u64 = 60_000;

fn change(register: u32, at_ms: u64) -> Note {
    let minute = u32::try_from(at_ms / MINUTE_MS).unwrap();
    let (key, bytes) = (change_key(minute, register), Bytes::from_static(b"changed"));
    Note { kind: NoteKind::Change, key, bytes, at_ms, expires_ms: at_ms + CHANGE_LIFE_MS }
}

fn session(at_ms: u64, len: usize) -> Note {
    let (key, bytes) = (Bytes::from_static(&[7; 32]), vec![9; len].into());
    Note { kind: NoteKind::PhoneSigning, key, bytes, at_ms, expires_ms: at_ms + 15 * MINUTE_MS }
}

/// The notes of a store without those by which its registers announced themselves, which are empty.
fn notes(store: &EmbeddedStore) -> Vec<Note> {
    let all = store.moment().unwrap().notes(None, ALL).unwrap();
    all.into_iter().filter(|note| !note.bytes.is_empty()).collect()
}

fn announcements(store: &EmbeddedStore) -> u64 {
    let all = store.moment().unwrap().notes(None, ALL).unwrap();
    all.iter().filter(|note| note.bytes.is_empty()).count() as u64
}

#[tokio::test]
async fn notes_that_are_not_over_come_back_and_an_increment_holds_the_new_ones() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let announced = announcements(&shop.store);
    let now_ms = crate::clock::now().0;
    let ago = |hours: u64| now_ms - hours * 60 * MINUTE_MS;
    let old = change(1, ago(100));
    let over = Note { expires_ms: ago(1), ..change(2, ago(100)) };
    let unsigned = session(ago(0), 10);
    for note in [old.clone(), over, change(3, ago(2)), unsigned] {
        shop.store.note(note).await.unwrap();
    }
    let full = place.back_up_at(&shop.store, UnixMillis(now_ms)).unwrap();
    assert_eq!(full.backup.manifest.notes_written, 3 + announced);

    let later = |note: Note| Note { at_ms: note.at_ms + 1, ..note };
    // The largest there is, written over the smaller one of before.
    let signed = later(session(ago(0), ofd_storage::store::PHONE_SIGNING_LEN_MAX));
    let heard = Note { kind: NoteKind::Heard, key: heard_key(7), ..change(7, now_ms) };
    for note in [signed.clone(), heard.clone(), later(change(3, ago(2)))] {
        shop.store.note(note).await.unwrap();
    }
    let increment = place.back_up_at(&shop.store, UnixMillis(now_ms + MINUTE_MS)).unwrap();
    assert_eq!(increment.backup.manifest.kind, BackupKind::Increment);
    assert_eq!(
        increment.backup.manifest.notes_written,
        2 + announced,
        "what is older than an hour is there already"
    );

    place.restore("new", None).await.unwrap();
    let held = notes(&place.store("new"));
    assert_eq!(held, [old.clone(), change(3, ago(2)), signed, heard]);
    // And they run out where they are now: nothing of a note is lost on the way.
    assert_eq!(held[0].expires_ms, old.expires_ms);
}

#[tokio::test]
async fn of_an_earlier_moment_come_the_notes_that_were_there_by_then() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let now_ms = crate::clock::now().0;
    let (before, after) = (change(1, now_ms - 10 * MINUTE_MS), change(2, now_ms - MINUTE_MS));
    for note in [before.clone(), after] {
        shop.store.note(note).await.unwrap();
    }
    place.back_up_at(&shop.store, UnixMillis(now_ms)).unwrap();
    place.restore("new", Some(UnixMillis(now_ms - 5 * MINUTE_MS))).await.unwrap();
    assert_eq!(notes(&place.store("new")), [before]);
}

#[tokio::test]
async fn a_backup_that_an_older_program_made_restores_without_notes() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let made = place.back_up(&shop.store).unwrap();
    let manifest = made.backup.path.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut fields: serde_json::Value = serde_json::from_str(&text).unwrap();
    for field in ["notes", "notes_written"] {
        assert!(fields.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    std::fs::write(&manifest, fields.to_string()).unwrap();
    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}
