//! The ledger's promises: once, whole, and provable, whatever fails in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::executor::block_on;
use futures::future::join_all;
use ofd_billing::ledger::{
    self, EntryOf, LedgerAccount, Leg, MonthRefused, OwnAccount, Purpose, Source, reversal, shard_of,
};
use ofd_billing::{Month, PersonalAccount, Tiyn};
use serde_json::Value;
use time::Date;
use time::macros::date;

use super::keys::{entry_key, source_key, stream};
use super::*;
use crate::ending::{Ending, stamp};
use crate::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use crate::memory::MemoryStore;
use crate::store::{Append, Row, Store, StoreError};

const PERSONAL: PersonalAccount = PersonalAccount::FIRST;
const ACCOUNT: LedgerAccount = LedgerAccount::Personal(PERSONAL);
const NOW: u64 = 1_790_000_000_000;
const TODAY: Date = date!(2026 - 11 - 30);

fn month(number: u32) -> Month {
    Month::try_from(number).unwrap()
}

fn tiyn(sum: i64) -> Tiyn {
    Tiyn::new(sum).unwrap()
}

fn posting(
    personal: PersonalAccount,
    source: &str,
    on: Date,
    purpose: Purpose,
    legs: &[(OwnAccount, i64)],
) -> ledger::Posting {
    let own = |own: &(OwnAccount, i64)| Leg {
        account: LedgerAccount::Own(own.0, shard_of(personal)),
        sum: tiyn(own.1),
    };
    let home = Leg {
        account: LedgerAccount::Personal(personal),
        sum: tiyn(-legs.iter().map(|leg| leg.1).sum::<i64>()),
    };
    ledger::Posting {
        source: Source::new(source).unwrap(),
        on,
        purpose,
        legs: [home].into_iter().chain(legs.iter().map(own)).collect(),
        reverses: None,
        by: None,
        why: Value::Null,
    }
}

fn charge(source: &str, on: Date, net: i64, vat: i64) -> ledger::Posting {
    posting(PERSONAL, source, on, Purpose::Charge, &[(OwnAccount::Revenue, net), (OwnAccount::Vat, vat)])
}

fn payment(source: &str, on: Date, sum: i64) -> ledger::Posting {
    posting(PERSONAL, source, on, Purpose::Payment, &[(OwnAccount::Bank, -sum)])
}

/// An operator whose books began in October 2026.
struct Operator<S> {
    store: S,
    books: Books,
}

impl<S: Store> Operator<S> {
    fn new(store: S) -> Self {
        let books = block_on(books(&store, month(202_610))).unwrap();
        let draw = || PERSONAL;
        block_on(open_personal(&store, "010101500123", (month(202_610), NOW), draw)).unwrap();
        Self { store, books }
    }

    fn of(&self, account: LedgerAccount) -> MonthOf {
        MonthOf { account, opened: self.books.opened }
    }

    fn post(&self, postings: Vec<ledger::Posting>) -> Result<Vec<Landed>, LedgerError> {
        block_on(post(&self.store, self.books, self.books.opened, postings, (TODAY, NOW), &stamp))
    }

    fn balance(&self, account: LedgerAccount) -> i64 {
        block_on(balance(&self.store, self.of(account), month(202_611))).unwrap().sum.get()
    }

    fn of_own(&self, own: OwnAccount) -> i64 {
        self.balance(LedgerAccount::Own(own, shard_of(PERSONAL)))
    }

    fn close(&self, account: LedgerAccount, number: u32) -> Result<Tiyn, LedgerError> {
        let (of, now) = (self.of(account), (month(202_612), NOW));
        block_on(close_month(&self.store, self.books, of, month(number), now, &stamp))
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        block_on(check(&self.store, &mut |fault| faults.push(fault))).unwrap();
        let mut open = Vec::new();
        block_on(check_open(&self.store, month(202_612), &mut |fault| open.push(fault))).unwrap();
        let told = |faults: Vec<Fault>| {
            let mut told: Vec<String> =
                faults.into_iter().map(|fault| format!("{}: {}", fault.place, fault.reason)).collect();
            told.sort();
            told
        };
        let (whole, open) = (told(faults), told(open));
        assert_eq!(whole, open, "the walk over accounts finds what that over streams does");
        whole
    }
}

fn operator() -> Operator<MemoryStore> {
    Operator::new(MemoryStore::default())
}

#[test]
fn a_posting_moves_money_between_accounts_and_all_of_it_sums_to_zero() {
    let operator = operator();
    operator.post(vec![payment("payment/1", TODAY, 100_000)]).unwrap();
    operator.post(vec![charge("charge/2026-11-30", TODAY, 10_000, 1_600)]).unwrap();
    assert_eq!(operator.balance(ACCOUNT), 88_400);
    assert_eq!(operator.of_own(OwnAccount::Bank), -100_000);
    assert_eq!(operator.of_own(OwnAccount::Revenue), 10_000);
    assert_eq!(operator.of_own(OwnAccount::Vat), 1_600);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn a_posting_lands_once_however_often_it_is_tried() {
    let operator = operator();
    let first = operator.post(vec![payment("payment/1", TODAY, 500)]).unwrap();
    let again = operator.post(vec![payment("payment/1", TODAY, 500)]).unwrap();
    assert!(!first[0].before && again[0].before);
    assert_eq!((first[0].month, first[0].number), (again[0].month, again[0].number));
    assert_eq!(operator.balance(ACCOUNT), 500);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn another_sum_under_a_source_that_landed_is_refused() {
    let operator = operator();
    operator.post(vec![payment("payment/1", TODAY, 500)]).unwrap();
    let refused = operator.post(vec![payment("payment/1", TODAY, 501)]).unwrap_err();
    assert!(matches!(refused, LedgerError::Another { .. }), "{refused}");
    assert_eq!(operator.balance(ACCOUNT), 500);
}

#[test]
fn of_postings_that_go_together_those_that_landed_before_are_not_written_again() {
    let operator = operator();
    operator.post(vec![payment("payment/2", TODAY, 20)]).unwrap();
    let three = ["payment/1", "payment/2", "payment/3"].map(|source| payment(source, TODAY, 20)).to_vec();
    let landed = operator.post(three).unwrap();
    assert_eq!(landed.iter().map(|landed| landed.before).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(landed.iter().map(|landed| landed.number).collect::<Vec<_>>(), [2, 1, 3]);
    assert_eq!(operator.balance(ACCOUNT), 60);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let operator = operator();
    for postings in [
        vec![],
        vec![payment("payment/1", TODAY, 1), payment("payment/1", TODAY, 1)],
        vec![payment("payment/1", TODAY, 1), payment("payment/2", date!(2026 - 10 - 31), 1)],
        (0..65).map(|number| payment(&format!("payment/{number}"), TODAY, 1)).collect(),
    ] {
        assert!(matches!(operator.post(postings), Err(LedgerError::Together(_))));
    }
}

#[test]
fn a_balance_goes_on_over_months() {
    let operator = operator();
    operator.post(vec![payment("payment/1", date!(2026 - 10 - 31), 700)]).unwrap();
    operator.post(vec![payment("payment/2", TODAY, 7)]).unwrap();
    assert_eq!(operator.balance(ACCOUNT), 707);
    assert_eq!(operator.close(ACCOUNT, 202_610).unwrap(), tiyn(700));
    assert_eq!(operator.balance(ACCOUNT), 707);
    assert_eq!(operator.close(ACCOUNT, 202_611).unwrap(), tiyn(707));
    assert_eq!(operator.balance(ACCOUNT), 707);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn months_without_postings_leave_no_holes() {
    let operator = operator();
    operator.post(vec![payment("payment/1", TODAY, 7)]).unwrap();
    let october = block_on(head(&operator.store, ACCOUNT, month(202_610))).unwrap().unwrap().1;
    assert_eq!((october.entries, october.closed), (0, None));
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn after_a_close_a_posting_goes_into_the_open_month_with_its_own_day() {
    let operator = operator();
    operator.post(vec![payment("payment/1", date!(2026 - 10 - 20), 700)]).unwrap();
    operator.close(ACCOUNT, 202_610).unwrap();
    let late = operator.post(vec![charge("charge/2026-10-31", date!(2026 - 10 - 31), 100, 16)]).unwrap();
    assert_eq!(late[0].month, month(202_611));
    let (found, entry) = block_on(find(
        &operator.store,
        operator.of(ACCOUNT),
        month(202_611),
        &Source::new("charge/2026-10-31").unwrap(),
    ))
    .unwrap()
    .unwrap();
    assert_eq!((found, entry.on()), (month(202_611), date!(2026 - 10 - 31)));
    assert_eq!(operator.balance(ACCOUNT), 584);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn what_landed_before_its_month_was_closed_is_found_there() {
    let operator = operator();
    let first = operator.post(vec![payment("payment/1", date!(2026 - 10 - 20), 700)]).unwrap();
    operator.close(ACCOUNT, 202_610).unwrap();
    let again = operator.post(vec![payment("payment/1", date!(2026 - 10 - 20), 700)]).unwrap();
    assert_eq!((again[0].month, again[0].before), (first[0].month, true));
    assert_eq!(operator.balance(ACCOUNT), 700);
}

#[test]
fn a_month_is_closed_after_the_one_before_it_and_once_it_is_over() {
    let operator = operator();
    operator.post(vec![payment("payment/1", TODAY, 7)]).unwrap();
    assert!(matches!(operator.close(ACCOUNT, 202_611), Err(LedgerError::NotYet(at)) if at == month(202_610)));
    assert!(matches!(operator.close(ACCOUNT, 202_612), Err(LedgerError::NotYet(at)) if at == month(202_612)));
    operator.close(ACCOUNT, 202_610).unwrap();
    assert_eq!(operator.close(ACCOUNT, 202_610).unwrap(), Tiyn::ZERO, "closing what is closed is no mistake");
}

#[test]
fn a_mistake_is_taken_back_once_and_stays_in_the_books() {
    let operator = operator();
    let wrong = charge("charge/2026-11-30", TODAY, 10_000, 1_600);
    operator.post(vec![wrong.clone()]).unwrap();
    for _ in 0..2 {
        let back = reversal(&wrong, TODAY, Some("a clerk".to_owned()), Value::Null).unwrap();
        operator.post(vec![back]).unwrap();
    }
    assert_eq!(operator.balance(ACCOUNT), 0);
    assert_eq!(operator.of_own(OwnAccount::Vat), 0);
    let entries = block_on(entries(&operator.store, ACCOUNT, month(202_611), None, 10)).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn a_day_that_is_yet_to_come_is_refused_also_when_the_clock_was_set_back() {
    let operator = operator();
    let refused = operator.post(vec![payment("payment/1", date!(2026 - 12 - 01), 1)]).unwrap_err();
    assert!(matches!(refused, LedgerError::Posting(_)), "{refused}");
    operator.post(vec![payment("payment/2", TODAY, 7)]).unwrap();
    // The balance is that of all entries, whatever month the clock says.
    let seen = block_on(balance(&operator.store, operator.of(ACCOUNT), month(202_610))).unwrap();
    assert_eq!(seen.sum, tiyn(7));
}

#[test]
fn a_process_that_ends_at_any_step_leaves_what_is_finished_and_never_doubled() {
    for appends in 0..16 {
        let operator = operator();
        let dying = Ending::after(&operator.store, appends);
        let postings = || vec![charge("charge/1", TODAY, 100, 16), payment("payment/1", TODAY, 5_000)];
        let died =
            block_on(post(&dying, operator.books, operator.books.opened, postings(), (TODAY, NOW), &stamp));
        let landed = operator.balance(ACCOUNT);
        assert!(landed == 0 || landed == 4_884, "{landed} after {appends} appends");
        assert_eq!(died.is_ok(), landed != 0, "what landed is told so, after {appends} appends");
        assert_eq!(operator.faults(), [""; 0], "after {appends} appends");
        operator.post(postings()).unwrap();
        block_on(carry_all(&operator.store, NOW, &stamp)).unwrap();
        assert_eq!(operator.balance(ACCOUNT), 4_884);
        assert_eq!(operator.of_own(OwnAccount::Bank), -5_000);
        assert_eq!(operator.of_own(OwnAccount::Revenue), 100);
        assert_eq!(operator.faults(), [""; 0]);
        let checked = block_on(check(&operator.store, &mut |_| ())).unwrap();
        assert_eq!((checked.to_carry, checked.entries), (0, 5));
    }
}

#[test]
fn a_month_with_legs_to_carry_is_closed_after_they_were_carried() {
    let operator = operator();
    // The home's month begins with two appends, and the third is the posting.
    let dying = Ending::after(&operator.store, 3);
    let charge = vec![charge("charge/1", TODAY, 100, 16)];
    block_on(post(&dying, operator.books, operator.books.opened, charge, (TODAY, NOW), &stamp)).unwrap();
    assert_eq!(operator.of_own(OwnAccount::Vat), 0);
    operator.close(ACCOUNT, 202_610).unwrap();
    operator.close(ACCOUNT, 202_611).unwrap();
    assert_eq!(operator.of_own(OwnAccount::Vat), 16);
    assert_eq!(operator.faults(), [""; 0]);
}

#[test]
fn clerks_gateways_and_closings_at_once_over_a_store_with_faults_end_with_balanced_books() {
    let base: u64 =
        std::env::var("OFD_SIM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_130);
    for seed in base..base + 12 {
        let rates = FaultRates {
            refused: 30,
            lost_before: 40,
            lost_after: 60,
            late: 60,
            delayed: 100,
            read_refused: 20,
            landing: 50,
        };
        let store = Arc::new(MemoryStore::default());
        let operator = Operator::new(Arc::clone(&store));
        let gateways: Vec<_> = (0..3)
            .map(|gateway| {
                let (store, journal) = (Arc::clone(&store), FaultJournal::default());
                Faulty::new(store, "gateway", seed * 10 + gateway, rates, journal).sharing(Sharing::Shared)
            })
            .collect();
        let books = operator.books;
        let work = gateways.iter().map(|gateway| async move {
            // Each gateway brings every posting, as a file that came twice and a callback that was repeated.
            for number in 0..20_u32 {
                let on = if number % 3 == 0 { date!(2026 - 10 - 31) } else { TODAY };
                let one = match number % 4 {
                    0 => charge(&format!("charge/{number}"), on, 100, 16),
                    _ => payment(&format!("payment/{number}"), on, i64::from(number) + 1),
                };
                until_ok(seed, || {
                    post(gateway, books, books.opened, vec![one.clone()], (TODAY, NOW), &stamp)
                })
                .await;
                if number == 10 {
                    let of = MonthOf { account: ACCOUNT, opened: books.opened };
                    let now = (month(202_611), NOW);
                    until_ok(seed, || close_month(gateway, books, of, month(202_610), now, &stamp)).await;
                }
            }
        });
        block_on(join_all(work));
        gateways.iter().for_each(Faulty::land_all);
        block_on(carry_all(&store, NOW, &stamp)).unwrap();
        let expected: i64 = (0..20).map(|number| if number % 4 == 0 { -116 } else { number + 1 }).sum();
        assert_eq!(operator.balance(ACCOUNT), expected, "seed {seed}");
        assert_eq!(operator.of_own(OwnAccount::Revenue), 500, "seed {seed}");
        assert_eq!(operator.faults(), [""; 0], "seed {seed}");
    }
}

/// Tries again as a job does, until it is done. What a rule refuses is no fault of the store.
async fn until_ok<T, F: Future<Output = Result<T, LedgerError>>>(
    seed: u64,
    mut step: impl FnMut() -> F,
) -> T {
    for _ in 0..400 {
        match step().await {
            Ok(done) => return done,
            Err(
                LedgerError::Busy
                | LedgerError::Store(StoreError::Unknown { .. } | StoreError::Unavailable { .. }),
            ) => {}
            Err(other) => panic!("seed {seed}: {other}"),
        }
    }
    panic!("seed {seed}: never done")
}

/// Overwrites rows of a month, as no program does.
fn tamper(operator: &Operator<MemoryStore>, account: LedgerAccount, row: Row) {
    let at = stream(account, month(202_611));
    let head = block_on(operator.store.head(at)).unwrap().unwrap();
    let stamp = stamp();
    let append = Append {
        stream: at,
        expected: Some(head.version),
        stamp,
        head: head.bytes,
        rows: vec![row],
        notes: Vec::new(),
    };
    block_on(operator.store.append(append)).unwrap();
}

#[test]
fn what_does_not_fit_is_named() {
    let entry_of = |operator: &Operator<MemoryStore>, account, number| {
        block_on(super::month::entry(&operator.store, account, month(202_611), number)).unwrap().unwrap()
    };
    let vat = LedgerAccount::Own(OwnAccount::Vat, shard_of(PERSONAL));
    let charged = || {
        let operator = operator();
        operator.post(vec![charge("charge/1", TODAY, 100, 16)]).unwrap();
        operator
    };

    let operator = charged();
    let mut entry = entry_of(&operator, ACCOUNT, 1);
    if let EntryOf::Posting(posting) = &mut entry.of {
        posting.legs[0].sum = tiyn(-115);
    }
    tamper(&operator, ACCOUNT, Row { key: entry_key(1), value: serde_json::to_vec(&entry).unwrap().into() });
    let told = operator.faults().join("\n");
    assert!(told.contains("the legs of charge/1 sum to 0.01 and not to zero"), "{told}");
    assert!(
        told.contains("its head counts 1 entries with 0.00 and -1.16, its rows are 1 with 0 and -115 tiyn"),
        "{told}"
    );

    let operator = charged();
    let mut entry = entry_of(&operator, vat, 1);
    if let EntryOf::Leg { sum, .. } = &mut entry.of {
        *sum = tiyn(17);
    }
    tamper(&operator, vat, Row { key: entry_key(1), value: serde_json::to_vec(&entry).unwrap().into() });
    let told = operator.faults().join("\n");
    assert!(told.contains("entry 1 moves 0.16 in vat/"), "{told}");
    assert!(
        told.contains("is a leg of personal/10000004/charge/1, which personal/10000004 does not have"),
        "{told}"
    );
    assert!(told.contains("all entries sum to 1 tiyn and not to zero"), "{told}");

    let operator = charged();
    let source = Source::new("charge/1").unwrap();
    tamper(&operator, ACCOUNT, Row { key: source_key(&source), value: vec![0, 0, 0, 9].into() });
    let told = operator.faults().join("\n");
    assert!(told.contains("entry 1 is not found by its source, charge/1"), "{told}");
    assert!(!told.contains("and not to zero"), "a lost row of an index moves no money: {told}");
}

#[test]
fn one_row_that_cannot_be_read_is_named_and_the_check_goes_on() {
    let operator = operator();
    for number in 1..=3 {
        operator.post(vec![payment(&format!("payment/{number}"), TODAY, number)]).unwrap();
    }
    tamper(&operator, ACCOUNT, Row { key: entry_key(2), value: "{".into() });
    let bank = LedgerAccount::Own(OwnAccount::Bank, shard_of(PERSONAL));
    let mut entry = block_on(super::month::entry(&operator.store, bank, month(202_611), 3)).unwrap().unwrap();
    if let EntryOf::Leg { sum, .. } = &mut entry.of {
        *sum = tiyn(-4);
    }
    tamper(&operator, bank, Row { key: entry_key(3), value: serde_json::to_vec(&entry).unwrap().into() });
    let told = operator.faults().join("\n");
    for part in ["personal/10000004 in 2026-11: entry 2 cannot be read", "entry 3 moves -0.03 in bank/"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// A store in which a posting lands, with its legs, between any two looks.
struct Posting {
    inner: MemoryStore,
    books: Books,
    next: AtomicU64,
}

impl crate::through::Through for Posting {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn head(&self, stream: crate::store::StreamId) -> Result<Option<crate::store::Head>, StoreError> {
        let head = self.inner.head(stream).await?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number < 200 {
            let one = payment(&format!("payment/{number}"), TODAY, 5);
            let posted = post(&self.inner, self.books, self.books.opened, vec![one], (TODAY, NOW), &stamp);
            Box::pin(posted).await.unwrap();
        }
        Ok(head)
    }
}

#[test]
fn the_sum_is_proven_also_while_others_post() {
    let operator = operator();
    operator.post(vec![payment("payment/first", TODAY, 7)]).unwrap();
    let store =
        Posting { inner: operator.store.another_handle(), books: operator.books, next: AtomicU64::new(0) };
    let mut faults = Vec::new();
    let checked = block_on(check_open(&store, month(202_611), &mut |fault| faults.push(fault))).unwrap();
    assert_eq!((checked.sum, faults), (0, vec![]));
    assert!(store.next.load(Ordering::Relaxed) > 5);
}

#[test]
fn a_closed_month_takes_no_entry_even_by_hand() {
    let operator = operator();
    operator.post(vec![payment("payment/1", date!(2026 - 10 - 20), 700)]).unwrap();
    operator.close(ACCOUNT, 202_610).unwrap();
    let (_, october) = block_on(head(&operator.store, ACCOUNT, month(202_610))).unwrap().unwrap();
    let refused = october.take(vec![EntryOf::Posting(payment("payment/2", TODAY, 1))], NOW).unwrap_err();
    assert!(matches!(refused, MonthRefused::Closed { .. }));
}

#[test]
fn an_organisation_has_one_personal_account_which_its_number_leads_to() {
    let store = MemoryStore::default();
    let next = AtomicU64::new(0);
    let numbers = [7, 7, 8].map(|serial| PersonalAccount::of_serial(serial).unwrap());
    let draw = || numbers[next.fetch_add(1, Ordering::Relaxed) as usize % 3];
    let first = block_on(open_personal(&store, "010101500123", (month(202_611), NOW), draw)).unwrap();
    let again = block_on(open_personal(&store, "010101500123", (month(202_612), NOW + 1), draw)).unwrap();
    assert_eq!((first.number, &first), (numbers[0], &again));
    let second = block_on(open_personal(&store, "020202500123", (month(202_612), NOW), draw)).unwrap();
    assert_eq!(second.number, numbers[2]);
    assert_eq!(block_on(of_number(&store, numbers[2])).unwrap(), Some(second));
    assert_eq!(block_on(of_number(&store, PersonalAccount::of_serial(9).unwrap())).unwrap(), None);
    assert_eq!(block_on(of_bin(&store, "030303500123")).unwrap(), None);
}
