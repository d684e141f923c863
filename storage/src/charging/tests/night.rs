//! The run of every night: who cannot be charged keeps nobody up, and no clock charges what it cannot know to be over.

use std::sync::atomic::{AtomicBool, AtomicUsize};

use bytes::Bytes;
use ofd_billing::charging::ClockWord;

use super::*;
use crate::ending::Ending;
use crate::store::{Head, Record, Row, StoreError, StreamId, StreamKind};

const OTHER: &str = "020202500123";
const THIRD: &str = "030303500123";

fn told(clock: Clock) -> Pace {
    Pace { clock, word: ClockWord::Told, at_once: AT_ONCE }
}

/// Makes steps until no more are due: how many postings that were, and who could not be charged.
async fn night(store: &impl Store, pace: Pace) -> Result<(usize, Vec<String>), StoreError> {
    let (mut postings, mut failed) = (0, Vec::new());
    loop {
        match step(store, pace, draw, &stamp).await? {
            Step::More(ran) | Step::Completed(ran) => {
                postings += ran.postings;
                failed.extend(
                    ran.failed
                        .into_iter()
                        .chain(
                            ran.in_part
                                .into_iter()
                                .map(|(bin, what)| (bin, StoreError::Unavailable { reason: what }.into())),
                        )
                        .map(|(bin, error)| format!("{bin}: {error}")),
                );
            }
            Step::Wait(_) => return Ok((postings, failed)),
            Step::Doubtful { charged, over } => panic!("{charged} is charged and {over} is over"),
        }
    }
}

/// The same where everybody can be charged.
async fn run(store: &impl Store, clock: Clock) -> Result<usize, StoreError> {
    let (postings, failed) = night(store, told(clock)).await?;
    assert_eq!(failed, [""; 0]);
    Ok(postings)
}

/// A store that shows the documents of one register, or the record of one organisation, to nobody while it is blind.
struct Blind {
    inner: MemoryStore,
    register: u64,
    organisation: &'static [u8],
    fails: fn() -> StoreError,
    is_blind: AtomicBool,
}

impl Blind {
    fn new(store: &MemoryStore, fails: fn() -> StoreError) -> Self {
        let is_blind = AtomicBool::new(true);
        Self { inner: store.another_handle(), register: 0, organisation: b"", fails, is_blind }
    }

    fn sees(&self, stream: StreamId) -> Result<(), StoreError> {
        let hides = stream.kind == StreamKind::Shift
            && stream.owner == self.register
            && self.is_blind.load(Ordering::Relaxed);
        if hides { Err((self.fails)()) } else { Ok(()) }
    }
}

impl crate::through::Through for Blind {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.sees(stream)?;
        self.inner.head(stream).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.sees(stream)?;
        self.inner.rows(stream, prefix, after, limit).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let records = self.inner.records(kind, prefix, after, limit).await?;
        if kind == RecordKind::Organisation && records.iter().any(|record| record.key == self.organisation) {
            return Err((self.fails)());
        }
        Ok(records)
    }
}

fn damaged() -> StoreError {
    StoreError::Corrupt { place: "a shift".to_owned(), reason: "its bytes are others".to_owned() }
}

fn silent() -> StoreError {
    StoreError::Unavailable { reason: "document 2 cannot be read yet".to_owned() }
}

/// Three organisations, each with a register that sells since the first of February: 7, 8 and 9.
fn three() -> MemoryStore {
    let store = operator();
    block_on(async {
        for (bin, id) in [(BIN, 7), (OTHER, 8), (THIRD, 9)] {
            if bin != BIN {
                organisation(&store, bin).await;
            }
            register_of(&store, bin, id, "2026-01-01").await;
            sells(&store, id, at("2026-02-01", 9)).await;
        }
    });
    store
}

/// Runs night by night, so that no clock is doubted.
async fn nights(store: &impl Store, from: &str, to: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for tonight in day(from).to(day(to)) {
        failed.extend(night(store, told(clock(&tonight.to_string()))).await.unwrap().1);
    }
    failed
}

#[test]
fn whoever_cannot_be_charged_keeps_nobody_up_and_is_charged_later_for_all_months() {
    let store = three();
    block_on(async {
        let blind = Blind { register: 8, ..Blind::new(&store, damaged) };
        let failed = nights(&blind, "2026-02-28", "2026-03-02").await;
        assert_eq!(failed.len(), 3, "{failed:?}");
        assert!(failed[0].starts_with("020202500123: a shift is damaged"), "{failed:?}");
        assert_eq!(has(&store, "2026-03-01").await, has_of(&store, THIRD, "2026-03-01").await);
        assert_eq!(has_of(&store, OTHER, "2026-03-01").await, 0);
        // It is read again after two more months are over.
        nights(&blind, "2026-03-03", "2026-05-02").await;
        let noted = owed(&store).await.unwrap();
        assert_eq!(noted.len(), 1, "{noted:?}");
        assert_eq!((noted[0].bin.as_str(), noted[0].from), (OTHER, Some(day("2026-01-01").month())));
        assert!(noted[0].reason.contains("register 8"), "{noted:?}");
        blind.is_blind.store(false, Ordering::Relaxed);
        assert_eq!(nights(&blind, "2026-05-03", "2026-05-03").await, [""; 0]);
        assert_eq!(owed(&store).await.unwrap(), []);
        assert_eq!(has_of(&store, OTHER, "2026-05-01").await, has(&store, "2026-05-01").await);
        assert_eq!(
            has(&store, "2026-05-01").await,
            -(3 * 150_000 + 9_677),
            "three months and two days of May"
        );
    });
    is_balanced(&store);
}

#[test]
fn a_register_that_the_store_does_not_tell_of_is_tried_some_times_and_then_the_run_goes_on() {
    let store = three();
    block_on(async {
        let blind = Blind { register: 7, ..Blind::new(&store, silent) };
        let mut tries = 0;
        let failed = loop {
            match night(&blind, told(clock("2026-02-28"))).await {
                Ok((_, failed)) => break failed,
                Err(error) => assert!(error.to_string().contains("organisation 010101500123"), "{error}"),
            }
            tries += 1;
            assert_eq!(charged_until(&store).await.unwrap(), Some(day("2026-02-27")), "the run stays");
        };
        assert_eq!((tries, failed.len()), (3, 1), "{failed:?}");
        assert_ne!(has_of(&store, OTHER, "2026-02-01").await, 0);
        let dead = Ending::after(&store, 0);
        assert!(night(&dead, told(clock("2026-03-01"))).await.is_err());
        assert!(
            night(&dead, told(clock("2026-03-01"))).await.is_err(),
            "where no try can be noted none counts"
        );
    });
}

#[test]
fn after_some_runs_the_others_of_an_organisation_are_charged_without_the_register_that_cannot_be_read() {
    let store = three();
    block_on(async {
        register(&store, 17, "2026-01-01").await;
        sells(&store, 17, at("2026-02-01", 9)).await;
        night(&store, told(clock("2026-02-10"))).await.unwrap();
        let both = has(&store, "2026-02-01").await;
        let blind = Blind { register: 17, ..Blind::new(&store, damaged) };
        assert_eq!(nights(&blind, "2026-02-11", "2026-02-13").await.len(), 3);
        assert_eq!(has(&store, "2026-02-01").await, both);
        let failed = nights(&blind, "2026-02-14", "2026-02-14").await;
        assert!(failed[0].contains("register 17"), "it is still named: {failed:?}");
        // What is known of the other is that it serves.
        assert_eq!(has(&store, "2026-02-01").await, -2 * 69_643, "13 of 28 days of both");
        let key = [b"010101500123/".as_slice(), &register_key(RegisterId(17))].concat();
        let kept = store.record(RecordKind::ServiceOfOrganisation, &key).await.unwrap().unwrap();
        let spoilt = Bytes::from_static(b"{");
        store.put_record(RecordKind::ServiceOfOrganisation, &key, Some(kept.version), spoilt).await.unwrap();
        assert_eq!(nights(&store, "2026-02-15", "2026-02-15").await.len(), 1);
        assert_eq!(
            has(&store, "2026-02-01").await,
            -69_643 - 75_000,
            "nothing is known: what was posted stays"
        );
    });
    is_balanced(&store);
}

#[test]
fn an_organisation_whose_record_is_damaged_is_charged_as_the_others() {
    let store = three();
    block_on(async {
        for damaged_one in [BIN, OTHER, THIRD] {
            let blind = Blind { organisation: damaged_one.as_bytes(), ..Blind::new(&store, damaged) };
            let tonight = if damaged_one == BIN { "2026-02-26" } else { "2026-02-28" };
            night(&blind, told(clock(tonight))).await.unwrap();
            for bin in [OTHER, THIRD] {
                assert_eq!(has_of(&store, bin, "2026-02-01").await, has(&store, "2026-02-01").await);
            }
        }
        assert_eq!(has(&store, "2026-02-01").await, -144_643, "27 of 28 days");
    });
}

#[test]
fn a_run_that_ends_at_any_write_is_finished_by_the_next_process() {
    let mut writes = 0;
    loop {
        let store = three();
        let dying = Ending::after(&store, writes);
        let ended = block_on(run(&dying, clock("2026-02-05")));
        block_on(run(&store, clock("2026-02-05"))).unwrap();
        block_on(ledger::carry_all(&store, at("2026-03-01", 2).0, &stamp)).unwrap();
        for bin in [BIN, OTHER, THIRD] {
            let has = block_on(has_of(&store, bin, "2026-02-01"));
            assert_eq!(has, -21_429, "{bin} after {writes} writes: 4 of 28 days");
        }
        is_balanced(&store);
        if ended.is_ok() {
            break;
        }
        writes += 1;
    }
    assert!(writes > 30, "{writes}");
}

/// A store that counts how many calls are under way.
struct Counting {
    inner: MemoryStore,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl crate::through::Through for Counting {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let now = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.inner.head(stream).await
    }
}

#[test]
fn so_many_organisations_are_charged_beside_each_other_and_no_more() {
    for at_once in [1, 4] {
        let store = operator();
        block_on(async {
            for number in 0..20_u32 {
                let bin = format!("0303035001{number:02}");
                organisation(&store, &bin).await;
                register_of(&store, &bin, 100 + number, "2026-01-01").await;
                sells(&store, 100 + number, at("2026-02-25", 9)).await;
            }
            let counting = Counting {
                inner: store.another_handle(),
                under_way: AtomicUsize::new(0),
                most: AtomicUsize::new(0),
            };
            let pace = Pace { at_once, ..told(clock("2026-02-27")) };
            assert_eq!(night(&counting, pace).await.unwrap(), (40, vec![]));
            assert_eq!(counting.most.load(Ordering::Relaxed), at_once);
        });
        is_balanced(&store);
    }
}

#[test]
fn a_run_is_made_once_a_day_and_a_clock_that_is_set_back_makes_none() {
    let store = operator();
    block_on(async {
        for number in 0..200 {
            organisation(&store, &format!("030303500{number:03}")).await;
        }
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-25", 9)).await;
        assert_eq!(charged_until(&store).await.unwrap(), None);
        assert_eq!(run(&store, clock("2026-02-27")).await.unwrap(), 2);
        assert_eq!(charged_until(&store).await.unwrap(), Some(day("2026-02-26")));
        for earlier in ["2026-02-27", "2026-02-25"] {
            assert_eq!(run(&store, clock(earlier)).await.unwrap(), 0, "{earlier}");
        }
        assert_eq!(run(&store, clock("2026-03-02")).await.unwrap(), 2 + 1);
        let early = Clock { now: UnixMillis(at("2026-03-03", 0).0 + 60_000), zone_offset_seconds: ZONE };
        let Step::Wait(wait) = step(&store, told(early), draw, &stamp).await.unwrap() else {
            panic!("too early")
        };
        assert_eq!(wait.as_secs(), 9 * 60, "receipts of the last minute are still being stored");
    });
    is_balanced(&store);
}

/// Whether charging waits for a person's word.
async fn waits_for_a_word(store: &impl Store, today: &str) -> bool {
    matches!(step(store, told(clock(today)), draw, &stamp).await.unwrap(), Step::Doubtful { .. })
}

#[test]
fn a_clock_that_was_set_ahead_charges_nothing_until_a_person_vouches_for_it() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-25", 9)).await;
        run(&store, clock("2026-02-27")).await.unwrap();
        let before = has(&store, "2026-02-01").await;
        for ahead in ["2026-03-03", "2026-04-01", "2036-02-27"] {
            assert!(waits_for_a_word(&store, ahead).await, "{ahead}");
        }
        assert_eq!(has(&store, "2026-02-01").await, before);
        assert_eq!(run(&store, clock("2026-02-28")).await.unwrap(), 1, "set right it goes on by itself");
        // Nobody ran for weeks, and a person says so: the days that are over are posted at once.
        let vouched = Pace { word: ClockWord::Vouched, ..told(clock("2026-03-11")) };
        assert_eq!(night(&store, vouched).await.unwrap(), (1 + 10, vec![]));
    });
    is_balanced(&store);
}

#[test]
fn a_run_that_cannot_charge_for_days_doubts_no_clock() {
    let store = three();
    block_on(async {
        run(&store, clock("2026-02-10")).await.unwrap();
        let plan = store.record(RecordKind::Plan, b"basic").await.unwrap().unwrap();
        let spoilt =
            store.put_record(RecordKind::Plan, b"basic", Some(plan.version), Bytes::from_static(b"{"));
        let spoilt = spoilt.await.unwrap();
        for tonight in day("2026-02-11").to(day("2026-02-20")) {
            assert!(night(&store, told(clock(&tonight.to_string()))).await.is_err());
        }
        store.put_record(RecordKind::Plan, b"basic", Some(spoilt), plan.bytes).await.unwrap();
        run(&store, clock("2026-02-21")).await.unwrap();
        assert_eq!(charged_until(&store).await.unwrap(), Some(day("2026-02-20")));
    });
}

#[test]
fn a_run_under_a_clock_that_was_ahead_waits_for_its_day_or_for_a_persons_word() {
    let store = three();
    block_on(async {
        run(&store, clock("2026-02-10")).await.unwrap();
        // It ends in the midst, two days ahead of the time that is; the clock is set right then.
        let dying = Ending::after(&store, 6);
        assert!(run(&dying, clock("2026-02-12")).await.is_err());
        assert_eq!(run(&store, clock("2026-02-10")).await.unwrap(), 0);
        run(&store, clock("2026-02-12")).await.unwrap();
        for bin in [BIN, OTHER, THIRD] {
            assert_eq!(has_of(&store, bin, "2026-02-01").await, -58_929, "{bin}: 11 of 28 days");
        }
        // The clock was weeks ahead when all was charged: a person vouches for the one that is.
        let weeks = Pace { word: ClockWord::Vouched, ..told(clock("2026-03-12")) };
        assert!(matches!(step(&store, weeks, draw, &stamp).await, Ok(Step::Completed(_))));
        assert!(waits_for_a_word(&store, "2026-02-13").await);
        let right = Pace { word: ClockWord::Vouched, ..told(clock("2026-02-13")) };
        assert!(matches!(step(&store, right, draw, &stamp).await, Ok(Step::Completed(_))));
        assert_eq!(charged_until(&store).await.unwrap(), Some(day("2026-02-12")));
        assert_eq!(
            nights(&store, "2026-02-14", "2026-02-15").await,
            [""; 0],
            "what was charged too early waits"
        );
    });
    is_balanced(&store);
}

#[test]
fn a_plan_is_changed_for_days_alone_that_were_not_charged() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-25", 9)).await;
        run(&store, clock("2026-02-27")).await.unwrap();
        let set_back =
            Now::new(day("2026-02-20"), charged_until(&store).await.unwrap(), day("2026-02-01").month());
        let id = "basic".parse().unwrap();
        let late = version("2026-02-26", 1600, 1600);
        let refused = tariffs::add_version(&store, &id, &late, set_back).await.unwrap_err().to_string();
        assert!(refused.contains("the past never changes"), "{refused}");
        let mut plans = TariffHistory::default();
        let free = tariffs::free().unwrap();
        let chooser = Chooser { bin: BIN, kind: ConnectionKind::Wired };
        assert_eq!(
            plans.choose(&free, chooser, set_back).unwrap(),
            day("2026-02-26"),
            "nor is a choice backdated"
        );
    });
}

#[test]
fn while_lists_are_still_made_nobody_is_charged() {
    let store = MemoryStore::new();
    block_on(async {
        organisation(&store, BIN).await;
        register(&store, 7, "2026-01-01").await;
        let refused = charge_organisation(
            &store,
            BIN,
            (day("2026-02-01").month(), day("2026-02-28")),
            clock("2026-03-01"),
            draw,
            &stamp,
        );
        assert!(matches!(refused.await, Err(ChargingError::NotListed(_))));
        assert!(step(&store, told(clock("2026-03-01")), draw, &stamp).await.is_err());
    });
}
