//! Backups that are cut off, damaged, or refused.

use ofd_storage::store::{Head, Note, NoteKind, Record, Row, StoreError};

use super::*;
use crate::testing::{self, Shop};

/// A source that fails, or has a damaged stream.
struct Disturbed {
    moment: ofd_storage::embedded::Moment,
    /// So many pages of rows are read before it fails.
    pages_left: usize,
    damaged: Option<StreamId>,
    has_damaged_notes: bool,
}

impl Source for Disturbed {
    fn heads(&mut self, after: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError> {
        self.moment.heads(after, limit)
    }

    fn rows(&mut self, stream: StreamId, after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.pages_left = self
            .pages_left
            .checked_sub(1)
            .ok_or_else(|| StoreError::Unavailable { reason: "the power is gone".to_owned() })?;
        if self.damaged == Some(stream) && after.is_some() {
            return Err(StoreError::Corrupt {
                place: format!("{stream}"),
                reason: "bits fell over".to_owned(),
            });
        }
        self.moment.rows(stream, after, limit.min(2))
    }

    fn records(
        &mut self,
        after: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        self.moment.records(after, limit)
    }

    fn notes(&mut self, after: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError> {
        if self.has_damaged_notes && after.is_some() {
            return Err(StoreError::Corrupt {
                place: "note 7".to_owned(),
                reason: "bits fell over".to_owned(),
            });
        }
        self.moment.notes(after, limit.min(2))
    }
}

#[tokio::test]
async fn a_backup_that_is_cut_off_leaves_those_of_before_and_the_next_one_goes_through() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    let before = content(&*shop.store).await;
    for index in 0..shop.registers() {
        shop.work(index, 3).await;
    }
    for pages_left in [0, 1, 5, 12] {
        let moment = shop.store.moment().unwrap();
        let source = Disturbed { moment, pages_left, damaged: None, has_damaged_notes: false };
        let cut = back_up_source(&place.path("to"), crate::clock::now(), || Ok(source));
        assert!(matches!(cut, Err(BackupError::Store(StoreError::Unavailable { .. }))), "{cut:?}");
        let name = format!("after-{pages_left}");
        place.restore(&name, None).await.unwrap();
        assert_eq!(content(&*place.store(&name)).await, before);
    }
    let stopped = back_up(
        &place.path("to"),
        &usual(),
        || Ok(shop.store.moment()?),
        crate::clock::now,
        (&AtomicBool::new(true), &mut |_| {}),
    );
    assert!(matches!(stopped, Err(BackupError::Stopped)), "{stopped:?}");
    let made = place.back_up(&shop.store).unwrap();
    assert_eq!(made.backup.manifest.kind, BackupKind::Increment);
    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[tokio::test]
async fn a_damaged_stream_is_named_and_never_replaces_the_good_copy_of_before() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    let before = content(&*shop.store).await;
    let stream = ofd_storage::registers::stream(shop.id(1), 2);
    shop.work(1, 3).await;
    shop.work(3, 3).await;
    let damaged = |shop: &Shop<EmbeddedStore>| Disturbed {
        moment: shop.store.moment().unwrap(),
        pages_left: usize::MAX,
        damaged: Some(stream),
        has_damaged_notes: false,
    };
    let source = damaged(&shop);
    let made = back_up_source(&place.path("to"), crate::clock::now(), || Ok(source)).unwrap();
    let manifest = made.backup.manifest;
    assert_eq!(manifest.faults_count, 1, "{:?}", manifest.faults);
    assert!(manifest.faults[0].contains("bits fell over"), "{:?}", manifest.faults);
    let restored = place.restore("new", None).await.unwrap();
    assert!(restored.faults.iter().any(|fault| fault.contains("bits fell over")));
    let (found, now) = (content(&*place.store("new")).await, content(&*shop.store).await);
    for (id, held) in &found.streams {
        let expected = if *id == stream { &before } else { &now };
        assert_eq!(Some(held), expected.streams.get(id), "{id}");
    }
    assert_eq!(found.streams.len(), now.streams.len());
    // Mended, it is backed up again, though nobody wrote to it.
    let mended = place.back_up(&shop.store).unwrap();
    assert_eq!((mended.backup.manifest.written.streams, mended.backup.manifest.faults_count), (1, 0));
    place.restore("mended", None).await.unwrap();
    assert_eq!(content(&*place.store("mended")).await, now);
}

#[tokio::test]
async fn a_note_that_cannot_be_read_is_told_and_costs_no_document_its_backup() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let now_ms = crate::clock::now().0;
    for register in 0..9_u32 {
        let (key, bytes) = (ofd_storage::note::heard_key(register), Bytes::new());
        let note = Note { kind: NoteKind::Heard, key, bytes, at_ms: now_ms, expires_ms: now_ms + 900_000 };
        shop.store.note(note).await.unwrap();
    }
    let moment = shop.store.moment().unwrap();
    let source = Disturbed { moment, pages_left: usize::MAX, damaged: None, has_damaged_notes: true };
    let made = back_up_source(&place.path("to"), UnixMillis(now_ms), || Ok(source)).unwrap();
    let manifest = made.backup.manifest;
    assert_eq!((manifest.notes_written, manifest.faults_count), (2, 1));
    assert!(manifest.faults[0].contains("note 7 is damaged: bits fell over"), "{:?}", manifest.faults);
    place.restore("new", None).await.unwrap();
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[tokio::test]
async fn a_document_that_was_changed_is_told_when_it_passes() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let (id, store) = (shop.id(2), &shop.store);
    let stream = ofd_storage::registers::stream(id, 3);
    let head = store.head(stream).await.unwrap().unwrap();
    let mut row = store.rows(stream, &[1], None, 1).await.unwrap().remove(0);
    let mut value = row.value.to_vec();
    *value.last_mut().unwrap() ^= 1;
    row.value = value.into();
    let append = ofd_storage::store::Append {
        stream,
        expected: Some(head.version),
        stamp: Stamp([5; 16]),
        head: head.bytes,
        rows: vec![row],
        notes: Vec::new(),
    };
    store.append(append).await.unwrap();
    let made = place.back_up(store).unwrap();
    let faults = &made.backup.manifest.faults;
    assert!(
        faults.len() == 1 && faults[0].contains(&format!("register {id} shift 3 document 1: its CRC")),
        "{faults:?}"
    );
}

#[tokio::test]
async fn every_damaged_file_of_a_backup_is_named_and_nothing_is_restored() {
    let place = Place::new();
    let shop = testing::fill(place.store("data")).await;
    let made = place.back_up(&shop.store).unwrap();
    let mut names: Vec<_> = made.backup.path.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 6, "{names:?}");
    for (number, path) in names.iter().enumerate() {
        let whole = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 4;
        std::fs::write(path, changed).unwrap();
        let to = format!("new-{number}");
        let restored = place.restore(&to, None).await;
        if name.ends_with("-seen") || name == "manifest.json" {
            // The list is read by the next backup alone; a flipped bit of the manifest may fall on a word of no matter.
        } else {
            let told = restored.unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("damaged"), "{told}");
            assert!(!place.path(&to).exists(), "{name}");
        }
        std::fs::write(path, whole).unwrap();
    }
    place.restore("whole", None).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_backed_up_or_restored_says_why() {
    let place = Place::new();
    let empty = place.store("empty");
    assert!(matches!(place.back_up(&empty), Err(BackupError::NothingThere)));
    let shop = testing::fill(place.store("data")).await;
    place.back_up(&shop.store).unwrap();
    let other = Arc::clone(&empty);
    ofd_storage::model::ticket_number_key(&*other, [3; 32]).await.unwrap();
    assert!(matches!(place.back_up(&other), Err(BackupError::OtherStore { .. })));

    let taken = place.restore("data", None).await.unwrap_err().to_string();
    assert!(taken.contains("is there already"), "{taken}");
    std::fs::create_dir(place.path("strange")).unwrap();
    std::fs::write(place.path("strange/file"), "x").unwrap();
    let open = || Ok(shop.store.moment()?);
    let strange = back_up_source(&place.path("strange"), UnixMillis(1), open);
    assert!(matches!(strange, Err(BackupError::NoFolder { .. })), "{strange:?}");
    let none = restore(&place.path("strange"), &place.path("new"), None, &SystemWorld).await;
    assert!(matches!(none, Err(BackupError::NoFolder { .. })), "{none:?}");

    let held = super::super::folder::Folder::open(&place.path("to")).unwrap();
    assert!(matches!(place.back_up(&shop.store), Err(BackupError::InUse { .. })));
    drop(held);
    place.back_up(&shop.store).unwrap();
}

#[tokio::test]
async fn an_increment_without_its_chain_is_refused_and_the_next_backup_is_full() {
    let place = Place::new();
    let mut shop = testing::fill(place.store("data")).await;
    let full = place.back_up(&shop.store).unwrap();
    shop.sell(1).await;
    place.back_up(&shop.store).unwrap();
    std::fs::remove_dir_all(&full.backup.path).unwrap();
    let told = place.restore("new", None).await.unwrap_err().to_string();
    assert!(told.contains("00000002-increment") && told.contains("not there"), "{told}");
    let made = place.back_up(&shop.store).unwrap();
    assert_eq!((made.backup.manifest.kind, made.backup.manifest.number), (BackupKind::Full, 3));
    assert!(made.full_because.is_some_and(|because| because.contains("00000002-increment")));
    let restored = place.restore("new", None).await.unwrap();
    assert_eq!(restored.unusable.len(), 1, "{:?}", restored.unusable);
    assert_eq!(content(&*place.store("new")).await, content(&*shop.store).await);
}

#[test]
fn the_rate_is_bounded_and_a_stop_ends_a_pause() {
    let (stop, since) = (AtomicBool::new(false), std::time::Instant::now());
    let mut pace = super::super::pace::Pace::new(1_000_000, &stop);
    for _ in 0..3 {
        pace.spend(50_000).unwrap();
    }
    assert!(since.elapsed() >= Duration::from_millis(150));
    stop.store(true, Ordering::Relaxed);
    assert!(matches!(pace.spend(u64::MAX), Err(BackupError::Stopped)));
}
