//! What was acknowledged and is gone: told at the opening, and nothing written over it before a person decided.

use std::fs;
use std::path::PathBuf;

use super::*;

const APPENDS: u64 = 40;

/// A store that was closed with so many appends in its journal.
async fn stored() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    for version in 0..APPENDS {
        store.append(append(1, version)).await.unwrap();
    }
    store.close().await.unwrap();
    directory
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(&from, &to).map(drop).unwrap() }
    }
}

fn journal(store: &Path) -> PathBuf {
    let files = fs::read_dir(store.join("data")).unwrap().flatten().map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "jnl")).max().unwrap()
}

fn cut(store: &Path, len: usize) {
    let mut bytes = fs::read(journal(store)).unwrap();
    bytes.truncate(len);
    fs::write(journal(store), bytes).unwrap();
}

async fn version(store: &EmbeddedStore) -> u64 {
    store.head(shift(1)).await.unwrap().map_or(0, |head| head.version.0)
}

fn accepting(path: &Path) -> EmbeddedStore {
    EmbeddedStore::open(EmbeddedOptions { on_loss: OnLoss::Accept, ..EmbeddedOptions::new(path) }).unwrap()
}

/// Where the last whole batch of the journal ends.
fn whole_len(store: &Path) -> usize {
    let bytes = fs::read(journal(store)).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

#[tokio::test]
async fn a_journal_that_is_cut_anywhere_is_noticed_and_what_is_missing_is_counted() {
    const CUTS: usize = 60;
    let whole = stored().await;
    let len = whole_len(whole.path());
    let mut noticed = 0;
    for step in 0..CUTS {
        // The first cut leaves nothing, the last one takes a byte of the last batch.
        let at = (len - 1) * step / (CUTS - 1);
        let damaged = tempfile::tempdir().unwrap();
        copy(whole.path(), damaged.path());
        cut(damaged.path(), at);
        if at == 0 {
            // An empty file is a journal too.
            assert_eq!(fs::metadata(journal(damaged.path())).unwrap().len(), 0);
        }
        let opened = EmbeddedStore::open(EmbeddedOptions::new(damaged.path()));
        // Where not even the list of keyspaces is left, the store does not open at all.
        let Ok(store) = opened else { continue };
        let left = version(&store).await;
        let loss =
            store.loss().unwrap_or_else(|| panic!("cut at {at} of {len}: {left} of {APPENDS} are left"));
        assert_eq!(loss.writes, Some(APPENDS - left), "cut at {at}");
        assert!(matches!(store.health().await, Health::ReadOnly(reason) if reason.contains("--accept-loss")));
        assert!(reason(store.append(append(1, left)).await).contains("acknowledged documents are missing"));
        assert_eq!(version(&store).await, left, "what is left can be read");
        noticed += 1;
    }
    assert!(noticed > CUTS / 2, "{noticed}");
}

#[tokio::test]
async fn a_store_goes_on_without_what_is_missing_once_a_person_said_so() {
    let directory = stored().await;
    cut(directory.path(), whole_len(directory.path()) / 2);
    for _ in 0..2 {
        // A start that is not told so changes nothing, however often it comes.
        let store = open(directory.path());
        assert!(store.loss().is_some());
        store.close().await.unwrap();
    }
    let store = accepting(directory.path());
    let (loss, left) = (store.loss().cloned().unwrap(), version(&store).await);
    assert_eq!(loss.writes, Some(APPENDS - left));
    assert_eq!(store.append(append(1, left)).await.unwrap(), Version(left + 1));
    store.close().await.unwrap();
    let store = open(directory.path());
    assert_eq!((store.loss(), store.health().await), (None, Health::Ready));
    store.append(append(1, left + 1)).await.unwrap();
    store.close().await.unwrap();
    // And the next loss is noticed again.
    cut(directory.path(), whole_len(directory.path()) - 1);
    assert_eq!(open(directory.path()).loss().unwrap().writes, Some(1));
}

#[tokio::test]
async fn a_loss_that_was_accepted_and_followed_by_nothing_is_not_told_again() {
    let directory = stored().await;
    cut(directory.path(), whole_len(directory.path()) / 2);
    let store = accepting(directory.path());
    until("the acceptance", async || store.health().await == Health::Ready).await;
    store.close().await.unwrap();
    assert_eq!(open(directory.path()).loss(), None);
}

#[tokio::test]
async fn neither_a_kill_nor_a_torn_end_that_nobody_was_told_of_is_a_loss() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    for version in 0..APPENDS {
        store.append(append(1, version)).await.unwrap();
        // What a kill leaves: the files as the kernel has them, nothing closed.
        let killed = tempfile::tempdir().unwrap();
        copy(directory.path(), killed.path());
        let torn = version % 4;
        let mut bytes = fs::read(journal(killed.path())).unwrap();
        let len = whole_len(killed.path());
        let begun = bytes[..usize::try_from(torn * 17).unwrap()].to_vec();
        bytes.truncate(len);
        bytes.extend(begun);
        fs::write(journal(killed.path()), bytes).unwrap();
        let left = open(killed.path());
        assert_eq!((left.loss(), left.health().await), (None, Health::Ready), "after append {version}");
    }
}

#[tokio::test]
async fn a_witness_that_lags_or_is_gone_raises_no_alarm() {
    let directory = tempfile::tempdir().unwrap();
    let witness = directory.path().join("WITNESS");
    let store = open(directory.path());
    store.append(append(1, 0)).await.unwrap();
    let early = fs::read(&witness).unwrap();
    for version in 1..APPENDS {
        store.append(append(1, version)).await.unwrap();
    }
    store.close().await.unwrap();
    fs::write(&witness, early).unwrap();
    assert_eq!(open(directory.path()).loss(), None);
    // The opening brought it up to date.
    let killed = tempfile::tempdir().unwrap();
    copy(directory.path(), killed.path());
    cut(killed.path(), whole_len(killed.path()) - 1);
    assert_eq!(open(killed.path()).loss().unwrap().writes, Some(1));
    fs::remove_file(&witness).unwrap();
    assert_eq!(open(directory.path()).loss(), None);
}

#[tokio::test]
async fn tables_that_are_ahead_of_their_journal_show_a_loss_without_any_witness() {
    let directory = stored().await;
    let store = open(directory.path());
    store.flush().unwrap();
    store.append(append(1, APPENDS)).await.unwrap();
    store.close().await.unwrap();
    fs::remove_file(directory.path().join("WITNESS")).unwrap();
    assert_eq!(open(directory.path()).loss(), None);
    fs::remove_file(directory.path().join("WITNESS")).unwrap();
    // So far that the journal ends before what the tables hold.
    cut(directory.path(), whole_len(directory.path()) / 2);
    let store = open(directory.path());
    let loss = store.loss().unwrap();
    assert!(loss.writes.is_none() && loss.reason.contains("its tables hold batch"), "{loss}");
    store.close().await.unwrap();
    accepting(directory.path()).close().await.unwrap();
    assert_eq!(open(directory.path()).loss(), None);
}

#[tokio::test]
async fn after_a_failed_write_the_count_goes_on_from_what_the_engine_holds() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("WITNESS");
    let disk = super::engines::Disk::default();
    let store = disk.start_with_witness(Witness::open(&path).unwrap());
    store.append(append(1, 0)).await.unwrap();
    *disk.next_sync.lock().unwrap() = Some(super::engine::WriteError {
        outcome: super::engine::Outcome::Unknown,
        cure: super::engine::Cure::Reopen,
        reason: "no space left".to_owned(),
    });
    assert!(store.append(append(1, 1)).await.is_err());
    until("recovery", async || store.health().await == Health::Ready).await;
    store.append(append(1, 1)).await.unwrap();
    assert_eq!(Witness::open(&path).unwrap().said().batches, 2);
}
