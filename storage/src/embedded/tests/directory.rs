//! The store on a real directory with the real engine.

use std::fs;

use futures::future::join_all;

use super::engine::Put;
use super::*;
use crate::conformance::{self, Backend};

#[derive(Default)]
struct OnDisk {
    directories: Vec<tempfile::TempDir>,
}

impl Backend for OnDisk {
    type Store = EmbeddedStore;

    async fn fresh(&mut self) -> EmbeddedStore {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        self.directories.push(directory);
        store
    }

    async fn reopen(&mut self, closed: EmbeddedStore) -> EmbeddedStore {
        let reopened = open(self.directories.last().unwrap().path());
        drop(closed);
        reopened
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    conformance::all(&mut OnDisk::default()).await;
}

#[tokio::test]
async fn the_feed_keeps_its_contract() {
    conformance::feed::all(&mut OnDisk::default()).await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_drop_without_close() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    for version in 0..10 {
        store.append(append(1, version)).await.unwrap();
    }
    drop(store);
    let store = open(directory.path());
    assert_eq!(store.head(shift(1)).await.unwrap().unwrap().version, Version(10));
    assert_eq!(store.rows(shift(1), b"", None, 99).await.unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_appends_share_few_syncs() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(directory.path()));
    let appenders = (0..200).map(|owner| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for version in 0..10 {
                store.append(append(owner, version)).await.unwrap();
            }
        })
    });
    join_all(appenders).await.into_iter().for_each(Result::unwrap);
    let stats = store.stats();
    assert_eq!(stats.writes, 2000);
    assert!(stats.batches * 4 < stats.writes, "{stats:?}");
    assert!(stats.sync_nanoseconds_max <= stats.sync_nanoseconds_sum);
}

#[tokio::test]
async fn large_pages_are_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let mut many = append(1, 0);
    let row =
        |key: u32| Row { key: Bytes::copy_from_slice(&key.to_be_bytes()), value: Bytes::from_static(b"d") };
    many.rows = (0..1000).map(row).collect();
    store.append(many).await.unwrap();
    let page = store.rows(shift(1), b"", Some(&99_u32.to_be_bytes()), 800).await.unwrap();
    assert_eq!(page, (100..900).map(row).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_damaged_value_is_reported_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.append(append(7, 0)).await.unwrap();
    store.append(append(7, 1)).await.unwrap();
    store.put_record(RecordKind::Register, b"reg-7", None, Bytes::from_static(b"register")).await.unwrap();
    store.close().await.unwrap();

    let engine = FjallEngine::open(&directory.path().join("data"), MemoryPlan::of(MEMORY_BYTES)).unwrap();
    let flip = |table: Table, key: &[u8]| {
        let mut value = engine.get(table, key).unwrap().unwrap().to_vec();
        *value.last_mut().unwrap() ^= 1;
        Put { table, key: Bytes::copy_from_slice(key), value: Some(value.into()) }
    };
    // A whole value in another's place is damage, too.
    let second = codec::row_key(shift(7), &1_u64.to_be_bytes());
    let first = engine.get(Table::Rows, &codec::row_key(shift(7), &0_u64.to_be_bytes())).unwrap().unwrap();
    let swapped = Put { table: Table::Rows, key: second, value: Some(first) };
    let record = codec::record_key(RecordKind::Register, b"reg-7");
    let damage =
        vec![flip(Table::Heads, &codec::stream_key(shift(7))), swapped, flip(Table::Records, &record)];
    engine.apply(damage).unwrap();
    engine.sync().unwrap();
    drop(engine);

    let store = open(directory.path());
    let place = |result: Result<(), StoreError>| match result {
        Err(StoreError::Corrupt { place, reason }) => format!("{place}: {}", &reason[..10]),
        other => panic!("{other:?}"),
    };
    let head = place(store.head(shift(7)).await.map(drop));
    assert_eq!(head, "the head of Shift 1 of 7 in keyspace heads: its CRC is");
    let row = place(store.row(shift(7), &1_u64.to_be_bytes()).await.map(drop));
    assert_eq!(row, "row 0x0000000000000001 of Shift 1 of 7 in keyspace rows: its CRC is");
    assert_eq!(place(store.rows(shift(7), b"", None, 9).await.map(drop)), row);
    let record = place(store.record(RecordKind::Register, b"reg-7").await.map(drop));
    assert_eq!(record, "record Register \"reg-7\" in keyspace records: its CRC is");
    assert_eq!(place(store.append(append(7, 2)).await.map(drop)), head, "no append goes over a damaged head");
    assert!(store.row(shift(7), &0_u64.to_be_bytes()).await.unwrap().is_some(), "what is whole is read");
    assert_eq!(store.append(append(8, 0)).await.unwrap(), Version(1), "other streams go on");
}

/// fjall would remove what such a list does not name, or end the process.
#[tokio::test]
async fn a_damaged_list_of_tables_is_told_before_anything_is_removed_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.append(append(7, 0)).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    for keyspace in 0..=4 {
        let folder = directory.path().join(format!("data/keyspaces/{keyspace}"));
        let lists = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let list = lists.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with('v'));
        let list = list.max().unwrap();
        for file in [list, folder.join("current")] {
            let whole = fs::read(&file).unwrap();
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] ^= 2;
                fs::write(&file, &damaged).unwrap();
                let opened = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).map(drop);
                let Err(error) = opened else { panic!("byte {at} of {} is not missed", file.display()) };
                let told = error.to_string();
                assert!(told.contains(directory.path().to_str().unwrap()), "byte {at}: {told}");
            }
            fs::write(&file, &whole).unwrap();
        }
    }
    let stray = directory.path().join("data/keyspaces/holiday");
    fs::create_dir(&stray).unwrap();
    let error = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).map(drop).unwrap_err();
    assert!(error.to_string().contains("keyspaces/holiday is no keyspace"), "{error}");
    fs::remove_dir(&stray).unwrap();
    assert!(open(directory.path()).head(shift(7)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_directory_is_held_by_one_store_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let second = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).map(drop);
    assert!(matches!(second, Err(StoreError::InUse { path }) if path == directory.path()));
    store.close().await.unwrap();
    drop(open(directory.path()));
}

#[test]
fn a_missing_store_is_created_only_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    let existing = |path: &Path| {
        let mut options = EmbeddedOptions::new(path);
        options.opening = Opening::Existing;
        EmbeddedStore::open(options).map(drop)
    };
    let missing = directory.path().join("store");
    assert!(matches!(existing(&missing), Err(StoreError::Io { .. })));
    assert!(!missing.exists());
    let empty = existing(directory.path());
    assert!(matches!(empty, Err(StoreError::Corrupt { .. })), "{empty:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    drop(open(&missing));
    existing(&missing).unwrap();
}

#[test]
fn a_creation_that_was_cut_off_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    for leftover in ["data.new/keyspaces", "data.new"] {
        fs::create_dir_all(directory.path().join(leftover)).unwrap();
    }
    fs::write(directory.path().join("data.new/0.jnl"), b"").unwrap();
    fs::write(directory.path().join("LOCK"), b"").unwrap();
    drop(open(directory.path()));
    fs::remove_file(directory.path().join("FORMAT")).unwrap();
    fs::write(directory.path().join("FORMAT.new"), b"ofd-st").unwrap();
    drop(open(directory.path()));
}

#[test]
fn what_is_no_store_or_a_newer_one_is_left_alone() {
    let failure = |path: &Path| match EmbeddedStore::open(EmbeddedOptions::new(path)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{path:?} was opened"),
    };
    let foreign = tempfile::tempdir().unwrap();
    fs::write(foreign.path().join("photo.jpg"), b"").unwrap();
    assert!(failure(foreign.path()).contains("has \"photo.jpg\", so this is no store"));
    assert_eq!(fs::read_dir(foreign.path()).unwrap().count(), 1);

    let newer = tempfile::tempdir().unwrap();
    drop(open(newer.path()));
    fs::write(newer.path().join("FORMAT"), "ofd-store format 2\n").unwrap();
    assert!(
        failure(newer.path()).contains("FORMAT is damaged: it names format 2, this program knows up to 1")
    );
    fs::write(newer.path().join("FORMAT"), "hello").unwrap();
    assert!(failure(newer.path()).contains("it does not read ofd-store format 1"));

    let file = newer.path().join("FORMAT");
    assert!(failure(&file).starts_with("creating "), "{}", failure(&file));
}

#[test]
fn damaged_or_missing_files_of_the_engine_are_an_error_and_no_new_store() {
    for file in ["data/version", "data/keyspaces/0/current", "data/keyspaces/2/current"] {
        for damage in ["garbage", "nothing", "missing"] {
            let directory = tempfile::tempdir().unwrap();
            drop(open(directory.path()));
            let path = directory.path().join(file);
            match damage {
                "garbage" => fs::write(&path, [0x5a; 512]).unwrap(),
                "nothing" => fs::write(&path, b"").unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            let opened = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).map(drop);
            let is_told = matches!(opened, Err(StoreError::Corrupt { .. } | StoreError::Io { .. }));
            assert!(is_told, "{file} {damage}: {opened:?}");
            let left = fs::read_dir(directory.path().join("data/keyspaces")).unwrap().count();
            assert_eq!(left, 5, "{file} {damage}: opening it deleted keyspaces");
        }
    }
    for lost in ["data/0.jnl", "data"] {
        let directory = tempfile::tempdir().unwrap();
        drop(open(directory.path()));
        let path = directory.path().join(lost);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        let opened = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).map(drop);
        assert!(matches!(opened, Err(StoreError::Corrupt { .. })), "{lost}: {opened:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_a_head_sees_the_rows_written_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(open(directory.path()));
    let reader = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let mut seen = 0;
            while seen < 500 {
                let Some(head) = store.head(shift(1)).await.unwrap() else { continue };
                seen = head.version.0;
                let row = store.row(shift(1), &(seen - 1).to_be_bytes()).await.unwrap();
                assert!(row.is_some(), "head {seen} is there, its row is not");
                tokio::task::yield_now().await;
            }
        }
    });
    for version in 0..500 {
        store.append(append(1, version)).await.unwrap();
    }
    reader.await.unwrap();
}
