//! The close of a month holds for all accounts, whoever posts meanwhile, and tells what is to be done before.

use std::sync::Arc;

use futures::executor::block_on;
use futures::future::join_all;
use ofd_billing::ledger::{
    LedgerAccount, Leg, MonthHead, OwnAccount, Posting, Purpose, SHARDS, Source, shard_of,
};
use ofd_billing::{PersonalAccount, Tiyn};
use time::Date;
use time::macros::date;

use super::*;
use crate::charging::CHARGING_KEY;
use crate::ending::{Ending, stamp};
use crate::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use crate::ledger::{books, check, head, of_bin, open_personal, post};
use crate::memory::MemoryStore;
use crate::store::RecordKind;

const NOW: u64 = 1_790_000_000_000;
const TODAY: Date = date!(2026 - 12 - 05);
const LATE: Date = date!(2026 - 11 - 20);

fn month(number: u32) -> Month {
    Month::try_from(number).unwrap()
}

fn november() -> Closing {
    let by = "a clerk".to_owned();
    Closing { month: month(202_611), this_month: month(202_612), now_ms: NOW, by, leaves_owed: false }
}

fn number(serial: u32) -> PersonalAccount {
    PersonalAccount::of_serial(serial).unwrap()
}

fn bin(serial: u32) -> String {
    format!("0101015{serial:05}")
}

async fn account(store: &impl Store, serial: u32, opened: u32) {
    open_personal(store, &bin(serial), (month(opened), NOW), || number(serial)).await.unwrap();
}

/// Says that all organisations are charged up to a day.
async fn charged(store: &impl Store, day: &str) {
    let bytes = format!("{{\"done\":\"{day}\"}}").into();
    let before = store.record(RecordKind::Store, CHARGING_KEY).await.unwrap();
    let version = before.map(|record| record.version);
    store.put_record(RecordKind::Store, CHARGING_KEY, version, bytes).await.unwrap();
}

/// Three accounts, of which the third has no posting, and November is charged.
fn operator() -> MemoryStore {
    let store = MemoryStore::default();
    block_on(async {
        books(&store, month(202_611)).await.unwrap();
        for serial in 1..=3 {
            account(&store, serial, 202_611).await;
        }
        charged(&store, "2026-11-30").await;
        for serial in 1..=2 {
            pays(&store, serial, "payment/1", LATE).await.unwrap();
        }
    });
    store
}

async fn pays(store: &impl Store, serial: u32, source: &str, on: Date) -> Result<Month, LedgerError> {
    let number = number(serial);
    let leg = |account, sum| Leg { account, sum: Tiyn::new(sum).unwrap() };
    let bank = LedgerAccount::Own(OwnAccount::Bank, shard_of(number));
    let posting = Posting {
        source: Source::new(source).unwrap(),
        on,
        purpose: Purpose::Payment,
        legs: vec![leg(LedgerAccount::Personal(number), 500), leg(bank, -500)],
        reverses: None,
        by: None,
        why: serde_json::Value::Null,
    };
    let books = kept_books(store).await?.unwrap();
    let opened = of_bin(store, &bin(serial)).await?.unwrap().opened;
    Ok(post(store, books, opened, vec![posting], (TODAY, NOW), &stamp).await?[0].month)
}

/// November of every account.
fn kept(store: &MemoryStore) -> Vec<MonthHead> {
    let own = [OwnAccount::Bank, OwnAccount::Revenue, OwnAccount::Vat, OwnAccount::Unmatched];
    let own = own.into_iter().flat_map(|own| (0..SHARDS).map(move |shard| LedgerAccount::Own(own, shard)));
    let personal = (1..=9).map(|serial| LedgerAccount::Personal(number(serial)));
    let found = |account| block_on(head(store, account, month(202_611))).unwrap().map(|(_, head)| head);
    own.chain(personal).filter_map(found).collect()
}

fn is_balanced(store: &MemoryStore) {
    let mut faults = Vec::new();
    block_on(carry_all(store, NOW, &stamp)).unwrap();
    block_on(check(store, &mut |fault| faults.push(fault))).unwrap();
    assert_eq!(faults, []);
}

fn refused(store: &MemoryStore, closing: &Closing) -> Vec<Obstacle> {
    match block_on(close(store, closing, &stamp)) {
        Err(ClosingError::Refused { obstacles, .. }) => obstacles,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_to_be_done_before_a_close_is_named() {
    let store = operator();
    let december = Closing { month: month(202_612), ..november() };
    assert_eq!(
        refused(&store, &december),
        [
            Obstacle::NotOver,
            Obstacle::Before(month(202_611)),
            Obstacle::NotCharged(Some("2026-11-30".parse().unwrap()))
        ]
    );
    assert_eq!(refused(&store, &Closing { month: month(202_610), ..november() }), [Obstacle::NoBooks]);
    block_on(charged(&store, "2026-11-29"));
    let told = block_on(close(&store, &november(), &stamp)).unwrap_err().to_string();
    assert_eq!(told, "2026-11 is not closed: its days are charged up to 2026-11-29 only");
    block_on(charged(&store, "2026-11-30"));
    let owed = br#"{"bin":"010101500123","from":202611,"failures":1,"reason":"a shift is damaged"}"#;
    let owes = store.put_record(RecordKind::ChargeOwed, b"010101500123", None, owed.as_slice().into());
    block_on(owes).unwrap();
    assert_eq!(refused(&store, &november()), [Obstacle::Owed(vec!["010101500123".to_owned()], 1)]);
    let third = bin(3);
    let account = block_on(store.record(RecordKind::PersonalAccount, third.as_bytes())).unwrap().unwrap();
    let spoilt = store.put_record(
        RecordKind::PersonalAccount,
        third.as_bytes(),
        Some(account.version),
        b"{".as_slice().into(),
    );
    let version = block_on(spoilt).unwrap();
    let leaving = Closing { leaves_owed: true, ..november() };
    assert!(matches!(&refused(&store, &leaving)[..], [Obstacle::Broken(faults, 1)] if faults.len() == 1));
    let mended =
        store.put_record(RecordKind::PersonalAccount, third.as_bytes(), Some(version), account.bytes);
    block_on(mended).unwrap();
    let closed = block_on(close(&store, &leaving, &stamp)).unwrap();
    assert_eq!((closed.closed, closed.by.as_str()), (Some(month(202_611)), "a clerk"));
    assert_eq!(block_on(close(&store, &november(), &stamp)).unwrap(), closed, "what is closed stays so");
}

#[test]
fn after_a_close_nothing_is_posted_into_the_month_on_any_account() {
    let store = operator();
    block_on(close(&store, &november(), &stamp)).unwrap();
    let before = kept(&store);
    block_on(async {
        // One that has postings, one without any, one that is new.
        account(&store, 4, 202_611).await;
        assert_eq!(of_bin(&store, &bin(4)).await.unwrap().unwrap().opened, month(202_612));
        for serial in 1..=4 {
            assert_eq!(pays(&store, serial, "late/1", LATE).await.unwrap(), month(202_612), "{serial}");
        }
        // What landed before the close is found where it is.
        assert_eq!(pays(&store, 1, "payment/1", LATE).await.unwrap(), month(202_611));
        assert_eq!(crate::ledger::first_open(&store, month(202_701)).await.unwrap(), month(202_612));
    });
    assert_eq!(kept(&store), before);
    is_balanced(&store);
}

#[test]
fn an_account_whose_opening_was_under_way_at_the_close_begins_with_closed_months() {
    let store = operator();
    block_on(async {
        close(&store, &november(), &stamp).await.unwrap();
        // As a process writes it that looked at the close before it was said.
        let kept = store.record(RecordKind::PersonalAccount, bin(1).as_bytes()).await.unwrap().unwrap();
        let mut account: serde_json::Value = serde_json::from_slice(&kept.bytes).unwrap();
        account["bin"] = bin(5).into();
        account["number"] = serde_json::to_value(number(5)).unwrap();
        let bytes = serde_json::to_vec(&account).unwrap().into();
        store.put_record(RecordKind::PersonalAccount, bin(5).as_bytes(), None, bytes).await.unwrap();
        assert_eq!(pays(&store, 5, "late/1", LATE).await.unwrap(), month(202_612));
        let (_, november) =
            head(&store, LedgerAccount::Personal(number(5)), month(202_611)).await.unwrap().unwrap();
        assert_eq!((november.entries, november.closed.map(|closed| closed.balance)), (0, Some(Tiyn::ZERO)));
    });
    is_balanced(&store);
}

#[test]
fn a_close_that_ends_at_any_write_is_finished_by_the_same_one_again() {
    // Each account is begun and closed, and there are some hundreds.
    for writes in [0, 1, 2, 3, 4, 5, 8, 100, 320, 322, 324, 326] {
        let store = operator();
        let dying = Ending::after(&store, writes);
        let ended = block_on(close(&dying, &november(), &stamp));
        let late = block_on(pays(&store, 1, "late/1", LATE)).unwrap();
        block_on(close(&store, &november(), &stamp)).unwrap();
        let before = kept(&store);
        assert!(ended.is_err() || late == month(202_612), "after {writes} writes");
        for serial in 1..=3 {
            assert_eq!(block_on(pays(&store, serial, "late/2", LATE)).unwrap(), month(202_612));
        }
        assert_eq!(kept(&store), before, "after {writes} writes");
        is_balanced(&store);
    }
}

#[test]
fn gateways_that_post_while_a_month_is_closed_leave_it_as_it_was_closed() {
    let base: u64 =
        std::env::var("OFD_SIM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_201);
    for seed in base..base + 4 {
        let rates = FaultRates {
            refused: 20,
            lost_before: 30,
            lost_after: 40,
            late: 40,
            delayed: 60,
            read_refused: 10,
            landing: 50,
        };
        let store = Arc::new(operator());
        let gateways: Vec<_> = (0..3)
            .map(|gateway| {
                let (store, journal) = (Arc::clone(&store), FaultJournal::default());
                Faulty::new(store, "gateway", seed * 10 + gateway, rates, journal).sharing(Sharing::Shared)
            })
            .collect();
        let work = gateways.iter().zip(0_u32..).map(|(gateway, which)| {
            let store = Arc::clone(&store);
            async move {
                for number in 0..20_u32 {
                    let source = format!("payment/{which}.{number}");
                    for _ in 0..400 {
                        if pays(gateway, 1 + number % 3, &source, LATE).await.is_ok() {
                            break;
                        }
                    }
                    if which == 1 && number == 7 {
                        // Whoever closes sees a store without faults: what is asked is what the others make of it.
                        close(&store, &november(), &stamp).await.unwrap();
                    }
                }
            }
        });
        block_on(join_all(work));
        gateways.iter().for_each(Faulty::land_all);
        let closed = kept(&store);
        assert!(closed.iter().all(|head| head.closed.is_some()), "seed {seed}");
        for serial in 1..=3 {
            assert_eq!(block_on(pays(&*store, serial, "late/1", LATE)).unwrap(), month(202_612));
        }
        assert_eq!(kept(&store), closed, "seed {seed}");
        is_balanced(&store);
    }
}
