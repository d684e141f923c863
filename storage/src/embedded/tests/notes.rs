//! Notes on the embedded store: how they come to the disk, and how they leave it.

use std::collections::BTreeSet;
use std::fs;

use super::engine::Put;
use super::engines::Disk;
use super::*;
use crate::note::{NOTE_GRACE_MS, change_key, heard_key};

const BEGAN_MS: u64 = 1_769_040_000_000;

/// A change in a minute after the beginning, over so much later.
fn change(register: u32, at_ms: u64, life_ms: u64) -> Note {
    let at_ms = BEGAN_MS + at_ms;
    let minute = u32::try_from(at_ms / 60_000).unwrap();
    let bytes = Bytes::from_static(b"changed");
    Note {
        kind: NoteKind::Change,
        key: change_key(minute, register),
        bytes,
        at_ms,
        expires_ms: at_ms + life_ms,
    }
}

fn heard(register: u32, at_ms: u64, life_ms: u64) -> Note {
    Note { kind: NoteKind::Heard, key: heard_key(register), ..change(register, at_ms, life_ms) }
}

fn is_on(disk: &Disk, note: &Note) -> (bool, bool) {
    let key = codec::note_key(note.kind, &note.key);
    let expiry = codec::expiry_key(note.expires_ms, &key);
    (disk.has(Table::Notes, &key), disk.has(Table::Notes, &expiry))
}

async fn write(store: &EmbeddedStore, notes: impl IntoIterator<Item = Note>) {
    for note in notes {
        store.note(note).await.unwrap();
    }
}

#[tokio::test]
async fn a_note_is_on_the_disk_when_its_writer_is_told() {
    let disk = Disk::default();
    let store = disk.start();
    let (alone, with) = (change(1, 0, 1000), change(2, 0, 1000));
    store.note(alone.clone()).await.unwrap();
    assert_eq!(is_on(&disk, &alone), (true, true));
    store.append(Append { notes: vec![with.clone()], ..append(1, 0) }).await.unwrap();
    assert_eq!(is_on(&disk, &with), (true, true));
    let stats = store.stats();
    assert_eq!((stats.batches, stats.writes), (2, 2), "notes ride with their append, in one batch");
}

#[tokio::test]
async fn notes_that_wait_share_a_sync_with_appends() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(0, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    let mut notes: Vec<_> =
        (1..=50).map(|register| Box::pin(store.note(change(register, 0, 1000)))).collect();
    assert!(notes.iter_mut().all(|note| poll(note).is_pending()));
    let mut second = Box::pin(store.append(append(1, 0)));
    assert!(poll(&mut second).is_pending());
    hold.sync_ends();
    hold.sync_ends();
    first.await.unwrap();
    second.await.unwrap();
    for note in notes {
        note.await.unwrap();
    }
    assert_eq!(store.stats().batches, 2);
}

#[tokio::test]
async fn what_is_over_leaves_the_disk_when_later_notes_come() {
    let disk = Disk::default();
    let store = disk.start();
    let short = [change(1, 0, 1000), heard(1, 0, 1000)];
    let long = change(2, 0, NOTE_GRACE_MS * 10);
    let renewed = heard(2, 0, 1000);
    write(&store, short.clone().into_iter().chain([long.clone(), renewed.clone()])).await;
    let renewed_later = heard(2, 500, NOTE_GRACE_MS * 10);
    write(&store, [renewed_later.clone()]).await;
    assert_eq!(is_on(&disk, &renewed), (true, false), "one note has one end");
    write(&store, (100..200).map(|register| change(register, 900, NOTE_GRACE_MS * 10))).await;
    assert_eq!(short.clone().map(|note| is_on(&disk, &note)), [(true, true); 2], "nothing is over yet");
    write(&store, (100..200).map(|register| change(register, NOTE_GRACE_MS + 1000, NOTE_GRACE_MS * 10)))
        .await;
    assert_eq!(short.map(|note| is_on(&disk, &note)), [(false, false); 2]);
    assert_eq!((is_on(&disk, &long), is_on(&disk, &renewed_later)), ((true, true), (true, true)));
}

#[tokio::test]
async fn what_is_over_never_piles_up_however_notes_come() {
    const LIFE_MS: u64 = 20 * 60 * 1000;
    let disk = Disk::default();
    let store = disk.start();
    let mut most = 0;
    for minute in 0..120_u64 {
        let notes: Vec<_> = (0..100).map(|register| change(register, minute * 60_000, LIFE_MS)).collect();
        // Half of them ride with appends, half come alone.
        let (with, alone) = notes.split_at(50);
        store.append(Append { notes: with.to_vec(), ..append(1, minute) }).await.unwrap();
        write(&store, alone.to_vec()).await;
        // A late one does not stay behind.
        write(&store, [change(7, minute.saturating_sub(15) * 60_000 + 1, LIFE_MS)]).await;
        most = most.max(disk.count(Table::Notes));
    }
    // A note and its end; alive, or over since the grace, or since the last look.
    let alive = usize::try_from((LIFE_MS + NOTE_GRACE_MS) / 60_000).unwrap() * 100;
    assert!(most <= 2 * (alive + 2 * 100 + 64), "{most} entries for {alive} notes");
    assert!(most >= 2 * alive, "{most} entries for {alive} notes: some went early");
}

#[tokio::test]
async fn deleting_goes_on_after_a_write_that_failed() {
    let disk = Disk::default();
    let store = disk.start();
    let over: Vec<_> = (0..60).map(|register| change(register, 0, 1000)).collect();
    write(&store, over.clone()).await;
    write(&store, (100..103).map(|register| change(register, NOTE_GRACE_MS * 2, 1000))).await;
    *disk.next_sync.lock().unwrap() = Some(super::engine::WriteError {
        outcome: super::engine::Outcome::Unknown,
        cure: super::engine::Cure::Reopen,
        reason: "no space left".to_owned(),
    });
    // The look that this one brings about is lost with it.
    assert!(store.note(change(103, NOTE_GRACE_MS * 2, 1000)).await.is_err());
    until("recovery", async || store.health().await == Health::Ready).await;
    assert_eq!(is_on(&disk, &over[0]), (true, true));
    write(&store, (200..264).map(|register| change(register, NOTE_GRACE_MS * 2, 1000))).await;
    assert!(over.iter().all(|note| is_on(&disk, note) == (false, false)));
}

#[tokio::test]
async fn a_store_of_before_gets_its_keyspace_of_notes_and_keeps_it() {
    let directory = tempfile::tempdir().unwrap();
    let make = |path: &Path| {
        let database = fjall_database(path);
        for name in ["heads", "rows", "records"] {
            database.keyspace(name, fjall_options).unwrap();
        }
        Ok(())
    };
    drop(Directory::hold(directory.path(), Opening::CreateIfMissing, make).unwrap());
    assert!(!directory.path().join("data/keyspaces/4").exists());
    let note = change(1, 0, 1000);
    let store = EmbeddedStore::open(EmbeddedOptions {
        opening: Opening::Existing,
        ..EmbeddedOptions::new(directory.path())
    })
    .unwrap();
    assert_eq!(store.loss(), None);
    store.append(append(1, 0)).await.unwrap();
    assert_eq!(store.noted(note.kind, &note.key, 0).await.unwrap(), None);
    store.note(note.clone()).await.unwrap();
    store.close().await.unwrap();
    let store = open(directory.path());
    assert_eq!(store.noted(note.kind, &note.key, 0).await.unwrap(), Some(note));
    assert_eq!(store.head(shift(1)).await.unwrap().unwrap().version, Version(1));
    assert_eq!(store.loss(), None);
}

fn fjall_database(path: &Path) -> ::fjall::Database {
    ::fjall::Database::builder(path).open().unwrap()
}

fn fjall_options() -> ::fjall::KeyspaceCreateOptions {
    ::fjall::KeyspaceCreateOptions::default()
}

#[tokio::test]
async fn what_was_deleted_stays_away_after_a_kill_and_in_tables() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let over: Vec<_> = (0..64).map(|register| heard(register, 0, 1000)).collect();
    write(&store, over.clone()).await;
    store.flush().unwrap();
    let mut alive: Vec<_> = (100..228).map(|register| heard(register, NOTE_GRACE_MS * 2, 1000)).collect();
    alive.sort_by_key(|note| note.key.clone());
    write(&store, alive.clone()).await;
    for is_flushed in [false, true] {
        if is_flushed {
            store.flush().unwrap();
        }
        let moment = store.moment().unwrap();
        assert_eq!(moment.notes(None, 999).unwrap(), alive);
        let mut told = Vec::new();
        let inspected = store.inspect(&mut |damage| told.push(damage)).unwrap();
        assert_eq!(told, []);
        assert_eq!(inspected.values, 2 * 128 + 1, "notes, their ends and the count of batches");
    }
    // Journals that hold removals are read at the next start.
    store.close().await.unwrap();
    let store = open(directory.path());
    assert_eq!(store.loss(), None);
    for note in over {
        assert_eq!(store.noted(note.kind, &note.key, 0).await.unwrap(), None);
    }
    for note in alive {
        assert_eq!(store.noted(note.kind, &note.key, 0).await.unwrap(), Some(note));
    }
}

#[tokio::test]
async fn a_damaged_note_is_told_with_its_place_and_the_next_one_heals_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let (one, other) = (heard(1, 0, 1000), heard(33, 0, 1000));
    write(&store, [one.clone(), other.clone()]).await;
    store.close().await.unwrap();
    let engine = FjallEngine::open(&directory.path().join("data"), MemoryPlan::of(MEMORY_BYTES)).unwrap();
    let key = codec::note_key(one.kind, &one.key);
    let mut value = engine.get(Table::Notes, &key).unwrap().unwrap().to_vec();
    *value.last_mut().unwrap() ^= 1;
    let damaged = Put { table: Table::Notes, key: key.clone(), value: Some(value.into()) };
    // A key that no note has, and a note that nothing would ever delete.
    let [stray, end] = codec::put_note(&Note { key: Bytes::from_static(b"\x01stray"), ..heard(1, 0, 1000) });
    let [endless, _] = codec::put_note(&heard(65, 0, 2000));
    engine.apply(vec![damaged, stray, end, endless]).unwrap();
    engine.sync().unwrap();
    drop(engine);

    let store = Arc::new(open(directory.path()));
    let place = "note Heard 0x0100000001 in keyspace notes";
    let read = store.noted(one.kind, &one.key, 0).await;
    assert!(matches!(&read, Err(StoreError::Corrupt { place: told, .. }) if told == place), "{read:?}");
    let list = store.notes(one.kind, &one.key[..1], None, 9, 0).await;
    assert!(matches!(&list, Err(StoreError::Corrupt { place: told, .. }) if told == place), "{list:?}");
    let mut told = BTreeSet::new();
    let inspected = store.inspect(&mut |damage| {
        told.insert(format!("{}: {}", damage.place, &damage.reason[..20]));
    });
    let expected = [
        format!("{place}: its CRC is "),
        "note Heard 0x0100000041 in keyspace notes: nothing says when it".to_owned(),
        "note Heard 0x01737472".to_owned(),
    ];
    assert_eq!(told.len(), 3, "{told:?}");
    for beginning in expected {
        assert!(told.iter().any(|told| told.starts_with(&beginning)), "{beginning} in {told:?}");
    }
    // Whoever reads past damage finds what is whole.
    let past = PastDamage::new(Arc::clone(&store), inspected.unwrap());
    let found = past.notes(one.kind, &one.key[..1], None, 1, 0).await.unwrap();
    assert_eq!(found, [other]);
    let later = heard(1, 1, 5000);
    store.note(later.clone()).await.unwrap();
    assert_eq!(store.noted(one.kind, &one.key, 0).await.unwrap(), Some(later));
}

/// What docs/storage.md tells of the disk that the feed takes rests on this.
#[tokio::test]
async fn a_change_with_its_end_takes_few_bytes_of_tables() {
    const REGISTERS: u32 = 1000;
    const MINUTES: u64 = 20;
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    for minute in 0..MINUTES {
        // Registers sell at odd moments of a minute.
        let note = |register: u32| Note {
            bytes: Bytes::new(),
            ..change(
                register * 7,
                minute * 60_000 + u64::from(register * 7919 % 60_000),
                crate::note::CHANGE_LIFE_MS,
            )
        };
        let notes = (0..REGISTERS).map(note).collect();
        store.append(Append { notes, ..append(1, minute) }).await.unwrap();
    }
    store.flush().unwrap();
    let tables = directory.path().join("data/keyspaces/4/tables");
    let bytes: u64 =
        fs::read_dir(tables).unwrap().map(|table| table.unwrap().metadata().unwrap().len()).sum();
    let each = bytes / (u64::from(REGISTERS) * MINUTES);
    assert!((20..=100).contains(&each), "{each} bytes");
}
