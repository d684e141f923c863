//! Copies that are cut off anywhere, over stores that lose, delay and refuse, go on and end as an undisturbed one.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{SystemTime, UNIX_EPOCH};

use ofd_loadtest::random::Random;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{CopyMark, check_whole};
use ofd_storage::store::Store;

use super::super::{CopyError, Report};
use super::{content, copying};
use crate::testing;

/// Repeats one run.
const SEED_VARIABLE: &str = "OFD_COPY_SEED";

const FAULTS: FaultRates = FaultRates {
    refused: 40,
    lost_before: 40,
    lost_after: 60,
    late: 60,
    delayed: 100,
    read_refused: 30,
    landing: 30,
};

const READ_FAULTS: FaultRates = FaultRates {
    refused: 0,
    lost_before: 0,
    lost_after: 0,
    late: 0,
    delayed: 0,
    read_refused: 30,
    landing: 0,
};

/// More cuts than this mean that a copy does not get on.
const CUTS_MAX: usize = 2000;

fn seeds() -> Vec<u64> {
    if let Ok(seed) = std::env::var(SEED_VARIABLE) {
        return vec![seed.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={seed} is not a number"))];
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (1..=6).chain([u64::try_from(now.as_micros()).unwrap()]).collect()
}

/// Says the seed when a test fails.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("repeat with {SEED_VARIABLE}={}", self.0);
        }
    }
}

/// Polls up to so often, then drops the future where it is. In between, at some poll, `meanwhile` happens.
async fn cut<V>(work: impl Future<Output = V>, polls: u64, at: u64, meanwhile: impl Fn()) -> Option<V> {
    let mut work = pin!(work);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        polled += 1;
        if polled == at {
            meanwhile();
        }
        if polled > polls {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Without a mark there is nothing; with one nobody serves before the copy is complete.
async fn expect_guarded(source: &impl Store, target: &impl Store) {
    match CopyMark::load(target).await.unwrap() {
        None => {
            let held = content(target).await;
            assert!(held.records.is_empty() && held.streams.is_empty(), "written before the mark: {held:?}");
        }
        // It was cut off between its last write and the end.
        Some((_, mark)) if mark.is_complete() => assert_eq!(content(target).await, content(source).await),
        Some(_) => assert!(check_whole(target).await.is_err()),
    }
}

/// A mark never stands beyond what is there: the source stands still, so comparing finds nothing to write.
fn expect_calm(said: &Mutex<Vec<String>>) {
    let said = said.lock().unwrap();
    assert!(said.iter().all(|line| !line.contains("copied again")), "{said:#?}");
}

/// Copies with cuts until it is done; how many cuts there were.
async fn copy_in_pieces<T: Store>(
    source: &Arc<MemoryStore>,
    truth: &Arc<T>,
    random: &mut Random,
) -> (Report, usize) {
    let mut ghosts: Vec<Arc<Faulty<Arc<T>>>> = Vec::new();
    for cuts in 0..CUTS_MAX {
        let journal = FaultJournal::default();
        let from = Faulty::new(Arc::clone(source), "source", random.bits(), READ_FAULTS, journal.clone());
        let to = Faulty::new(Arc::clone(truth), "target", random.bits(), FAULTS, journal);
        let (from, to) = (Arc::new(from), Arc::new(to));
        let (polls, at) = (random.below(40 + 3 * cuts as u64), random.below(30));
        let (copying, said) = copying();
        // What dead processes sent lands, or vanishes, while the next one works.
        let land = || ghosts.iter().for_each(|ghost| ghost.crash());
        let done = cut(copying.run(from, Arc::clone(&to)), polls, at, land).await;
        for _ in 0..4 {
            tokio::task::yield_now().await; // tasks that were given up let go of the store
        }
        match done {
            Some(Ok(report)) => {
                expect_calm(&said);
                return (report, cuts);
            }
            Some(Err(CopyError::Store { .. } | CopyError::TargetInUse { .. })) | None => {}
            Some(Err(error)) => panic!("{error}"),
        }
        expect_guarded(&**source, &**truth).await;
        expect_calm(&said);
        ghosts.push(to);
    }
    panic!("after {CUTS_MAX} cuts the copy is not done");
}

#[tokio::test]
async fn a_copy_cut_off_anywhere_ends_as_one_that_was_not() {
    let source = testing::store().await.store;
    let before = content(&*source).await;
    let straight = Arc::new(MemoryStore::new());
    let report = super::copy(&source, &straight).await.unwrap();
    let mut cuts = 0;
    for seed in seeds() {
        let _told = Told(seed);
        let target = Arc::new(MemoryStore::new());
        let (pieced, times) = copy_in_pieces(&source, &target, &mut Random::new(seed)).await;
        assert_eq!(content(&*target).await, content(&*straight).await);
        assert_eq!(content(&*source).await, before, "the source is as it was");
        check_whole(&*target).await.unwrap();
        assert_eq!((pieced.held, pieced.walked, pieced.breaks), (report.held, report.walked, 0));
        cuts += times;
    }
    assert!(cuts > 10, "{cuts} cuts are too few to show anything");
}

#[tokio::test]
async fn a_copy_to_a_directory_is_cut_off_as_well() {
    let source = testing::store().await.store;
    let seed = seeds().pop().unwrap();
    let _told = Told(seed);
    let directory = tempfile::tempdir().unwrap();
    let target = Arc::new(EmbeddedStore::open(EmbeddedOptions::new(directory.path())).unwrap());
    copy_in_pieces(&source, &target, &mut Random::new(seed)).await;
    assert_eq!(content(&*target).await, content(&*source).await);
}

#[tokio::test]
async fn of_two_copies_at_once_one_gives_way() {
    let source = testing::store().await.store;
    for seed in seeds() {
        let _told = Told(seed);
        let truth = Arc::new(MemoryStore::new());
        let mut random = Random::new(seed);
        let calm = FaultRates { delayed: 300, ..READ_FAULTS };
        let way =
            |seed| Arc::new(Faulty::new(Arc::clone(&truth), "target", seed, calm, FaultJournal::default()));
        let (one, other) = (copying().0, copying().0);
        let (one_way, other_way, delay) = (way(random.bits()), way(random.bits()), random.below(60));
        let late = async {
            for _ in 0..delay {
                tokio::task::yield_now().await;
            }
            other.run(Arc::clone(&source), other_way).await
        };
        let (first, second) = tokio::join!(one.run(Arc::clone(&source), one_way), late);
        let done = [&first, &second].into_iter().filter(|result| result.is_ok()).count();
        for result in [&first, &second] {
            let is_fine =
                matches!(result, Ok(_) | Err(CopyError::TargetInUse { .. } | CopyError::NotEmpty { .. }));
            assert!(is_fine, "{result:?}");
        }
        if done == 0 {
            super::copy(&source, &truth).await.unwrap();
        }
        assert_eq!(content(&*truth).await, content(&*source).await);
        check_whole(&*truth).await.unwrap();
    }
}
