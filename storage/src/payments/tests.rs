//! Payments: each lands once, and somebody has it or nobody does.

use futures::executor::block_on;
use ofd_billing::ledger::shard_of;
use time::Date;
use time::macros::date;

use super::*;
use crate::ending::{Ending, stamp};
use crate::ledger::{MonthOf, balance, check, open_personal};
use crate::memory::MemoryStore;
use crate::perhaps::{self, PerhapsKnown, Said};

const NOW: u64 = 1_790_000_000_000;
const TODAY: Date = date!(2026 - 11 - 30);
const BIN: &str = "010101500123";

fn november() -> Month {
    Month::of(TODAY).unwrap()
}

fn with_account() -> (MemoryStore, PersonalAccount) {
    let store = MemoryStore::default();
    let draw = || PersonalAccount::FIRST;
    let account = block_on(open_personal(&store, BIN, (november(), NOW), draw)).unwrap();
    (store, account.number)
}

fn matched(number: PersonalAccount) -> MatchedTo {
    MatchedTo {
        number,
        on: Day::new(TODAY).unwrap(),
        by: "a clerk".to_owned(),
        why: vec!["by letter".to_owned()],
    }
}

fn came(id: &str, sum: i64, to: Option<PersonalAccount>) -> Payment {
    Payment {
        id: Source::new(id).unwrap(),
        came_by: CameBy::Statement,
        channel: "KZ86125KZT5004100100".to_owned(),
        sum: Tiyn::new(sum).unwrap(),
        on: Day::new(TODAY).unwrap(),
        number: "17".to_owned(),
        payer: Payer { name: "ТОО Ромашка".to_owned(), bin: BIN.to_owned(), iban: String::new() },
        purpose: "За услуги ОФД".to_owned(),
        mark: None,
        taken_at_ms: NOW,
        taken_by: "a clerk".to_owned(),
        came_unmatched: to.is_none(),
        matched: to.map(matched),
    }
}

fn sum_of(store: &MemoryStore, account: LedgerAccount) -> i64 {
    block_on(balance(store, MonthOf { account, opened: november() }, november())).unwrap().sum.get()
}

fn of_personal(store: &MemoryStore, number: PersonalAccount) -> i64 {
    sum_of(store, LedgerAccount::Personal(number))
}

fn of_own(store: &MemoryStore, own: OwnAccount) -> i64 {
    (0..SHARDS).map(|shard| sum_of(store, LedgerAccount::Own(own, shard))).sum()
}

fn is_balanced(store: &MemoryStore) {
    let mut faults = Vec::new();
    let checked = block_on(check(store, &mut |fault| faults.push(fault))).unwrap();
    assert_eq!((checked.sum, checked.to_carry, faults), (0, 0, vec![]));
}

#[test]
fn a_payment_of_an_organisation_is_on_its_account_at_once() {
    let (store, number) = with_account();
    let taken = block_on(take(&store, came("bank/1", 500_000, Some(number)), (TODAY, NOW), &stamp)).unwrap();
    assert!(!taken.before);
    assert_eq!(of_personal(&store, number), 500_000);
    assert_eq!(of_own(&store, OwnAccount::Bank), -500_000);
    is_balanced(&store);
}

#[test]
fn a_payment_that_comes_again_does_nothing_also_when_it_seems_to_be_anothers_by_now() {
    let (store, number) = with_account();
    for to in [Some(number), None, Some(number)] {
        let taken = block_on(take(&store, came("bank/1", 500, to), (TODAY, NOW), &stamp)).unwrap();
        assert_eq!(
            taken.payment.matched.map(|matched| matched.number),
            Some(number),
            "the first decision stays"
        );
    }
    assert_eq!(of_personal(&store, number), 500);
    assert_eq!(of_own(&store, OwnAccount::Unmatched), 0);
    is_balanced(&store);
}

#[test]
fn another_sum_under_an_id_that_is_known_is_refused() {
    let (store, number) = with_account();
    block_on(take(&store, came("bank/1", 500, Some(number)), (TODAY, NOW), &stamp)).unwrap();
    let refused =
        block_on(take(&store, came("bank/1", 501, Some(number)), (TODAY, NOW), &stamp)).unwrap_err();
    assert!(matches!(refused, PaymentError::Another(_)), "{refused}");
    assert_eq!(of_personal(&store, number), 500);
}

#[test]
fn money_that_nobody_is_known_for_waits_until_somebody_says_whose_it_is() {
    let (store, number) = with_account();
    block_on(take(&store, came("bank/1", 700, None), (TODAY, NOW), &stamp)).unwrap();
    assert_eq!((of_personal(&store, number), of_own(&store, OwnAccount::Unmatched)), (0, 700));
    let id = Source::new("bank/1").unwrap();
    for _ in 0..2 {
        block_on(match_to(&store, &id, matched(number), (TODAY, NOW), &stamp)).unwrap();
    }
    assert_eq!((of_personal(&store, number), of_own(&store, OwnAccount::Unmatched)), (700, 0));
    assert_eq!(of_own(&store, OwnAccount::Bank), -700);
    is_balanced(&store);
}

#[test]
fn two_clerks_who_say_different_things_do_not_both_have_their_way() {
    let (store, number) = with_account();
    let draw = || PersonalAccount::of_serial(1).unwrap();
    let other = block_on(open_personal(&store, "020202500123", (november(), NOW), draw)).unwrap().number;
    block_on(take(&store, came("bank/1", 700, None), (TODAY, NOW), &stamp)).unwrap();
    let id = Source::new("bank/1").unwrap();
    block_on(match_to(&store, &id, matched(number), (TODAY, NOW), &stamp)).unwrap();
    let refused = block_on(match_to(&store, &id, matched(other), (TODAY, NOW), &stamp)).unwrap_err();
    assert!(matches!(refused, PaymentError::Matched(_)), "{refused}");
    assert_eq!((of_personal(&store, number), of_personal(&store, other)), (700, 0));
}

#[test]
fn there_is_no_payment_to_an_account_that_nobody_has() {
    let (store, _) = with_account();
    block_on(take(&store, came("bank/1", 700, None), (TODAY, NOW), &stamp)).unwrap();
    let nobody = PersonalAccount::of_serial(77).unwrap();
    let refused =
        block_on(match_to(&store, &Source::new("bank/1").unwrap(), matched(nobody), (TODAY, NOW), &stamp));
    assert!(matches!(refused, Err(PaymentError::NoAccount(number)) if number == nobody));
    let unknown = Source::new("bank/2").unwrap();
    let refused = block_on(match_to(&store, &unknown, matched(PersonalAccount::FIRST), (TODAY, NOW), &stamp));
    assert!(matches!(refused, Err(PaymentError::Unknown(_))));
}

#[test]
fn a_process_that_ends_at_any_step_is_finished_by_whoever_brings_the_payment_again() {
    for writes in 0..12 {
        for to_somebody in [true, false] {
            let (store, number) = with_account();
            let to = to_somebody.then_some(number);
            let dying = Ending::after(&store, writes);
            let _ = block_on(take(&dying, came("bank/1", 700, to), (TODAY, NOW), &stamp));
            block_on(take(&store, came("bank/1", 700, to), (TODAY, NOW), &stamp)).unwrap();
            block_on(ledger::carry_all(&store, NOW, &stamp)).unwrap();
            let (personal, unmatched) = (of_personal(&store, number), of_own(&store, OwnAccount::Unmatched));
            assert_eq!(
                (personal, unmatched),
                if to_somebody { (700, 0) } else { (0, 700) },
                "after {writes}"
            );
            assert_eq!(of_own(&store, OwnAccount::Bank), -700, "after {writes}");
            is_balanced(&store);
        }
    }
}

#[test]
fn payments_of_a_month_are_found_page_by_page() {
    let (store, number) = with_account();
    for id in ["bank/1", "bank/2", "bank/3"] {
        block_on(take(&store, came(id, 700, Some(number)), (TODAY, NOW), &stamp)).unwrap();
    }
    let (first, next) = block_on(of_month(&store, november(), None, 2)).unwrap();
    assert_eq!(first.len(), 2);
    let (rest, end) = block_on(of_month(&store, november(), next.as_deref(), 2)).unwrap();
    assert_eq!((rest[0].id.as_str(), end), ("bank/3", None));
    let october = november().previous().unwrap();
    assert_eq!(block_on(of_month(&store, october, None, 2)).unwrap(), (vec![], None));
}

#[test]
fn parts_of_the_operators_accounts_are_those_that_there_are() {
    assert!(came("bank/1", 1, None).shard() < SHARDS);
    assert!(shard_of(PersonalAccount::FIRST) < SHARDS);
}

#[test]
fn an_entry_that_may_be_known_is_posted_once_a_person_says_that_it_is_another_whatever_ends_in_between() {
    for writes in 0..12 {
        let (store, number) = with_account();
        block_on(take(&store, came("bank/1", 700, Some(number)), (TODAY, NOW), &stamp)).unwrap();
        let rival = Source::new("bank/1").unwrap();
        let one = PerhapsKnown { payment: came("bank/2", 700, Some(number)), rival, said: None };
        for _ in 0..2 {
            assert_eq!(block_on(perhaps::keep(&store, one.clone())).unwrap().said, None);
        }
        assert_eq!(block_on(perhaps::waiting(&store, None, 5)).unwrap().0, std::slice::from_ref(&one));
        assert_eq!(of_personal(&store, number), 700, "nothing is posted before");
        let dying = Ending::after(&store, writes);
        let say = (Said::Another, "a clerk");
        let _ = block_on(perhaps::say(&dying, &one.payment.id, say, (TODAY, NOW), &stamp));
        block_on(perhaps::say(&store, &one.payment.id, say, (TODAY, NOW), &stamp)).unwrap();
        block_on(ledger::carry_all(&store, NOW, &stamp)).unwrap();
        assert_eq!(of_personal(&store, number), 1_400, "after {writes} writes");
        let opposite = (Said::Same, "a clerk");
        let refused = block_on(perhaps::say(&store, &one.payment.id, opposite, (TODAY, NOW), &stamp));
        assert!(matches!(refused, Err(PaymentError::Matched(_))));
        assert_eq!(block_on(perhaps::waiting(&store, None, 5)).unwrap(), (vec![], None));
        is_balanced(&store);
    }
}
