//! Bytes of a store's files are flipped one by one: whatever then reads otherwise, or not at all, is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ofd_loadtest::random::Random;
use ofd_storage::any::AnyStore;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore, Opening};
use ofd_storage::store::{RecordKind, Store, StoreError, StreamKind};

use super::everything::filled;
use crate::verify;

/// Repeats one run.
const SEED_VARIABLE: &str = "OFD_FLIP_SEED";

/// Flips in each file.
const FLIPS: usize = 8;

fn seed() -> u64 {
    if let Ok(seed) = std::env::var(SEED_VARIABLE) {
        return seed.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={seed} is not a number"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(now.as_micros()).unwrap()
}

fn below(random: &mut Random, bound: usize) -> usize {
    usize::try_from(random.below(u64::try_from(bound).unwrap())).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&path, &target).unwrap();
    }
}

fn open(path: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(EmbeddedOptions { opening: Opening::Existing, ..EmbeddedOptions::new(path) })
}

/// Where something is stored, and what.
type Content = BTreeMap<(String, Bytes), Bytes>;

/// All that reads by every path, by which what is stored is read.
async fn content(store: &impl Store) -> Result<Content, StoreError> {
    const ALL: usize = 100_000;
    let mut content = Content::new();
    for &kind in StreamKind::ALL {
        for stream in store.streams(kind, None, ALL).await? {
            let head = store.head(stream).await?.map_or_else(Bytes::new, |head| head.bytes);
            content.insert((stream.to_string(), Bytes::new()), head);
            for row in store.rows(stream, b"", None, ALL).await? {
                let one = store.row(stream, &row.key).await?;
                assert_eq!(one.as_ref(), Some(&row.value), "a row alone and among others");
                content.insert((stream.to_string(), row.key), row.value);
            }
        }
    }
    for &kind in RecordKind::ALL {
        for record in store.records(kind, b"", None, ALL).await? {
            let one = store.record(kind, &record.key).await?;
            assert_eq!(one.as_ref(), Some(&record), "a record alone and among others");
            content.insert((format!("{kind:?}"), record.key), record.bytes);
        }
    }
    Ok(content)
}

/// Everything in tables, and something of it anew in the journal.
async fn stored(path: &Path) -> Content {
    let store = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(path)).unwrap());
    let mut shop = filled(Arc::clone(&store)).await;
    store.flush().unwrap();
    for index in 0..2 {
        shop.work(index, 2).await;
    }
    store.flush().unwrap();
    shop.work(1, 1).await;
    shop.close(1).await;
    let content = content(&*store).await.unwrap();
    store.close().await.unwrap();
    content
}

/// What `verify` tells of a store; nothing: it found no break.
async fn told(store: EmbeddedStore) -> Vec<String> {
    let mut told = Vec::new();
    let walked =
        verify::store(AnyStore::from(store), None, &mut |broken| told.push(broken.to_string())).await;
    told.extend(walked.err().map(|error| error.to_string()));
    told
}

#[tokio::test]
async fn whatever_a_flipped_byte_changes_is_told() {
    let seed = seed();
    let mut random = Random::new(seed);
    let whole = tempfile::tempdir().unwrap();
    let content_before = stored(whole.path()).await;
    assert_eq!(told(open(whole.path()).unwrap()).await, Vec::<String>::new());
    let (mut refused, mut read, mut harmless) = (0, 0, 0);
    for file in files(whole.path()) {
        let name = file.strip_prefix(whole.path()).unwrap().display().to_string();
        let bytes = fs::read(&file).unwrap();
        // A journal is as long as its room; what lies behind its last byte is nobody's.
        let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for _ in 0..FLIPS.min(len) {
            let (at, bit) = (below(&mut random, len), below(&mut random, 8));
            let what = format!("{SEED_VARIABLE}={seed}: {name} byte {at} bit {bit}");
            let damaged = tempfile::tempdir().unwrap();
            copy(whole.path(), damaged.path());
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            fs::write(damaged.path().join(&name), flipped).unwrap();
            let store = match open(damaged.path()) {
                Ok(store) => store,
                Err(error) => {
                    // What a start refuses, `verify` refuses with the same words.
                    assert!(error.to_string().contains(damaged.path().to_str().unwrap()), "{what}: {error}");
                    refused += 1;
                    continue;
                }
            };
            let content_now = content(&store).await;
            let is_same = content_now.as_ref().is_ok_and(|now| *now == content_before);
            let told = told(store).await;
            assert!(
                is_same || !told.is_empty(),
                "{what}: it reads otherwise, and nothing is told: {:?}",
                content_now.err()
            );
            if told.is_empty() { harmless += 1 } else { read += 1 }
        }
    }
    let counts =
        format!("{refused} refused at the opening, {read} told by the walk, {harmless} changed nothing");
    assert!(refused > 5 && read > 20, "{counts}");
    println!("{counts}");
}
