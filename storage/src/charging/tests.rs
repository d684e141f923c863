//! Organisations are charged each night, each day once, whatever ends in between, and the ledger balances.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures::executor::block_on;
use ofd_billing::charging::ServiceEnd;
use ofd_billing::ledger::{LedgerAccount, OwnAccount, SHARDS};
use ofd_billing::tariffs::{
    Chooser, ConnectionKind, KindPrice, Now, Per, PlanData, PlanVersion, Price, ReceiptLimit,
    Step as PriceStep, TariffChange, TariffHistory, Titles,
};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_protocol::message::answer::Answer;
use ofd_protocol::register::{Accepted, DocumentKind, OpenShift, Phase, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};

use super::*;

mod by_hand;
use crate::accounts::{Company, Registration, RegistrationState};
use crate::ending::stamp;
use crate::ledger::{self, MonthOf, balance, check, of_bin};
use crate::memory::MemoryStore;
use crate::model::{self, Connection, RegisterRecord, register_key};
use crate::registers::{self, Bearing, Loaded};
use crate::store::{Append, RecordKind, Store};
use crate::walks::{self, Walk};
use crate::{samples, tariffs};

const BIN: &str = "010101500123";
const ZONE: i32 = 5 * 3600;
const HOUR: u64 = 3600 * 1000;

fn draw() -> PersonalAccount {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    PersonalAccount::of_serial(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// An hour of a day on the wall clock where money is counted.
fn at(text: &str, hour: u64) -> UnixMillis {
    let midnight = day(text).date().midnight().assume_offset(time::UtcOffset::from_hms(5, 0, 0).unwrap());
    UnixMillis(u64::try_from(midnight.unix_timestamp()).unwrap() * 1000 + hour * HOUR)
}

fn clock(text: &str) -> Clock {
    Clock { now: at(text, 1), zone_offset_seconds: ZONE }
}

fn tenge(tenge: i64) -> Tiyn {
    Tiyn::new(tenge * 100).unwrap()
}

fn version(from: &str, wired: i64, sim: i64) -> PlanVersion {
    let price = |kind, price| KindPrice {
        kind,
        per: Per::Month,
        steps: vec![PriceStep { registers: 1, price: Price::Tiyn(tenge(price)) }],
    };
    PlanVersion {
        from: day(from),
        last: None,
        prices: vec![price(ConnectionKind::Wired, wired), price(ConnectionKind::Sim, sim)],
        free_months: 0,
        connection_fee: None,
        receipts: None,
    }
}

fn now(today: &str) -> Now {
    Now::new(day(today), None, day(today).month())
}

fn basic(version: PlanVersion) -> PlanData {
    PlanData {
        id: "basic".parse().unwrap(),
        titles: Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() },
        versions: vec![version],
        ..tariffs::free().unwrap().data().clone()
    }
}

/// A store of an operator with a plan `basic` that costs 1500 on a wire and 3000 by SIM, all lists whole.
fn operator() -> MemoryStore {
    let store = MemoryStore::new();
    block_on(async {
        tariffs::add_plan(&store, basic(version("2026-01-01", 1500, 3000)), now("2026-01-01")).await.unwrap();
        while !matches!(
            Walk::Holdings.step(&store, UnixMillis(1)).await.unwrap(),
            walks::Step::Completed { .. }
        ) {}
        organisation(&store, BIN).await;
    });
    store
}

async fn organisation(store: &impl Store, bin: &str) {
    store
        .put_record(RecordKind::Organisation, bin.as_bytes(), None, Bytes::from_static(b"{}"))
        .await
        .unwrap();
}

/// A register of the organisation on the plan `basic` from that day on.
async fn register(store: &impl Store, id: u32, from: &str) {
    register_of(store, BIN, id, from).await;
}

async fn register_of(store: &impl Store, bin: &str, id: u32, from: &str) {
    let id = RegisterId(id);
    model::create(store, &samples::register(id, bin)).await.unwrap();
    registers::create_register(store, id, Token(7), UnixMillis(1), stamp()).await.unwrap();
    let change = TariffChange { from: day(from), plan: "basic".parse().unwrap() };
    let plans = TariffHistory::new(vec![change]).unwrap();
    let registration =
        Registration { state: RegistrationState::Registered, plans, ..samples::registration(id, bin) };
    registered(store, &registration).await;
}

/// Keeps a registration in the stream of its company.
async fn registered(store: &impl Store, registration: &Registration) {
    let stream = Company::stream_of(&registration.bin).unwrap();
    let expected = store.head(stream).await.unwrap().map(|head| head.version);
    let rows = vec![registration.row().unwrap()];
    let head = Bytes::from_static(b"{}");
    store.append(Append { stream, expected, stamp: stamp(), head, rows, notes: Vec::new() }).await.unwrap();
}

async fn sells(store: &impl Store, id: u32, accepted_at: UnixMillis) {
    let id = RegisterId(id);
    let loaded: Loaded = registers::newest(store, id).await.unwrap().unwrap();
    let before = &loaded.register;
    let mut next = Register { clock: accepted_at, ..before.writable() };
    next.documents += 1;
    next.phase = Phase::Open(OpenShift {
        opened_at: LocalDateTime::YEAR_2000,
        accepted_at,
        printed_number: 0,
        first_online_at: None,
    });
    let place = DocumentRef { shift: next.shift_number, number: next.documents };
    let accepted = Accepted {
        begins_stream: false,
        register: next,
        place,
        kind: DocumentKind::Ticket,
        accepted_at,
        // The device's clock says another month: money does not go by it.
        date_time: Some(LocalDateTime::YEAR_2000),
        ticket_number: None,
        offline: None,
        total: None,
        crc: 0,
        chain: [0; 32],
        cancels: None,
        unconfirmed: None,
        answer: Answer::ok(0),
        token: Token(7),
    };
    let bearing = Bearing { stamp: stamp(), announcement: None };
    registers::append_accepted(store, id, &loaded, accepted, b"frame", b"", bearing).await.unwrap();
}

async fn charged(store: &impl Store, up_to: &str) -> Charged {
    let tomorrow = day(up_to).next().unwrap().to_string();
    charge_organisation(store, BIN, (day(up_to).month(), day(up_to)), clock(&tomorrow), draw, &stamp)
        .await
        .unwrap()
}

/// What the organisation has, in tiyn: below zero it owes.
fn balance_of(store: &impl Store, month: &str) -> i64 {
    block_on(has(store, month))
}

async fn has(store: &impl Store, month: &str) -> i64 {
    has_of(store, BIN, month).await
}

async fn has_of(store: &impl Store, bin: &str, month: &str) -> i64 {
    let Some(account) = of_bin(store, bin).await.unwrap() else { return 0 };
    let of = MonthOf { account: LedgerAccount::Personal(account.number), opened: account.opened };
    balance(store, of, day(month).month()).await.unwrap().sum.get()
}

fn own(store: &impl Store, own: OwnAccount, opened: Month) -> i64 {
    let sum = |shard| {
        let of = MonthOf { account: LedgerAccount::Own(own, shard), opened };
        block_on(balance(store, of, opened)).unwrap().sum.get()
    };
    (0..SHARDS).map(sum).sum()
}

fn is_balanced(store: &impl Store) {
    let mut faults = Vec::new();
    let checked = block_on(check(store, &mut |fault| faults.push(fault))).unwrap();
    assert_eq!((checked.sum, checked.to_carry, faults), (0, 0, vec![]));
}

#[test]
fn a_register_is_charged_from_the_day_on_which_its_first_receipt_was_accepted() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        register(&store, 8, "2026-01-01").await;
        // A minute after midnight by the operator's clock: in UTC it is the day before.
        sells(&store, 7, UnixMillis(at("2026-02-10", 0).0 + 60_000)).await;
        let done = charged(&store, "2026-02-28").await;
        assert_eq!((done.postings, done.unpriced), (19, vec![]));
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -101_786, "docs/billing.md: 19 of 28 days at 1500");
    let february = day("2026-02-01").month();
    assert_eq!(own(&store, OwnAccount::Vat, february), 14_039);
    assert_eq!(own(&store, OwnAccount::Revenue, february), 101_786 - 14_039);
    is_balanced(&store);
}

#[test]
fn whoever_is_charged_nothing_has_no_account_and_no_postings() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        assert_eq!(charged(&store, "2026-02-28").await, Charged::default(), "it sold nothing");
        model::create(&store, &samples::register(RegisterId(9), BIN)).await.unwrap();
        registers::create_register(&store, RegisterId(9), Token(7), UnixMillis(1), stamp()).await.unwrap();
        sells(&store, 9, at("2026-02-10", 9)).await;
        assert_eq!(
            charged(&store, "2026-02-28").await,
            Charged::default(),
            "it never chose a plan that costs"
        );
        assert_eq!(of_bin(&store, BIN).await.unwrap(), None);
    });
}

#[test]
fn day_by_day_or_at_once_it_is_the_same_and_a_second_run_posts_nothing() {
    let (by_day, at_once) = (operator(), operator());
    block_on(async {
        for store in [&by_day, &at_once] {
            register(store, 7, "2026-01-01").await;
            sells(store, 7, at("2026-02-10", 9)).await;
        }
        for up_to in day("2026-02-09").to(day("2026-02-28")) {
            let done = charged(&by_day, &up_to.to_string()).await;
            assert_eq!(done.postings, usize::from(up_to >= day("2026-02-10")), "{up_to}");
            assert_eq!(charged(&by_day, &up_to.to_string()).await.postings, 0, "{up_to} again");
        }
        charged(&at_once, "2026-02-28").await;
    });
    assert_eq!(balance_of(&by_day, "2026-02-01"), balance_of(&at_once, "2026-02-01"));
    assert_eq!(balance_of(&by_day, "2026-02-01"), -101_786);
    is_balanced(&by_day);
}

#[test]
fn what_becomes_known_later_is_posted_beside_what_was() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-01", 9)).await;
        charged(&store, "2026-02-28").await;
        // That it was taken off the books is told two days late.
        let registration = Registration {
            state: RegistrationState::Deregistered,
            since: at("2026-02-26", 12),
            ..crate::accounts::registration(&store, Company::stream_of(BIN).unwrap(), RegisterId(7))
                .await
                .unwrap()
                .unwrap()
        };
        registered(&store, &registration).await;
        assert_eq!(charged(&store, "2026-02-28").await.postings, 2, "two days are given back");
        assert_eq!(charged(&store, "2026-02-28").await.postings, 0);
        let services = services_of(&store, BIN).await.unwrap();
        let service = &services[&RegisterId(7)].1.services;
        assert_eq!(service[0].end, Some(ServiceEnd::Deregistered(day("2026-02-26"))));
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -139_286, "26 of 28 days");
    is_balanced(&store);
}

#[test]
fn another_connection_costs_its_price_from_its_day_and_days_before_stay() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-01", 9)).await;
        charged(&store, "2026-02-14").await;
        let key = register_key(RegisterId(7));
        let (version, record) = model::load::<RegisterRecord>(&store, &key).await.unwrap().unwrap();
        let by_sim = RegisterRecord { connection: Connection::Sim, ..record };
        model::replace(&store, version, &by_sim).await.unwrap();
        for up_to in ["2026-02-15", "2026-02-28"] {
            charged(&store, up_to).await;
        }
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -(75_000 + 150_000), "14 days each");
    is_balanced(&store);
}

#[test]
fn a_register_that_went_to_another_organisation_costs_the_first_one_the_days_before() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-01", 9)).await;
        charged(&store, "2026-02-07").await;
        let key = register_key(RegisterId(7));
        let (version, record) = model::load::<RegisterRecord>(&store, &key).await.unwrap().unwrap();
        model::replace(&store, version, &RegisterRecord { bin: "020202500123".into(), ..record })
            .await
            .unwrap();
        for up_to in ["2026-02-08", "2026-02-28"] {
            assert_eq!(charged(&store, up_to).await.postings, 0);
        }
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -37_500, "docs/billing.md: 7 of 28 days");
}

#[test]
fn a_register_that_moved_begins_with_the_receipt_that_it_sends_for_the_other_organisation() {
    const OTHER: &str = "020202500123";
    // Whoever of both is charged first, and however late the one or the other is.
    for first in [BIN, OTHER] {
        let store = operator();
        block_on(async {
            register(&store, 7, "2026-01-01").await;
            sells(&store, 7, at("2026-02-01", 9)).await;
            charged(&store, "2026-02-07").await;
            let key = register_key(RegisterId(7));
            let (version, record) = model::load::<RegisterRecord>(&store, &key).await.unwrap().unwrap();
            let point = record.trade_point.clone();
            model::replace(&store, version, &record.moved(OTHER, point, at("2026-02-08", 8))).await.unwrap();
            let plans = TariffHistory::new(vec![TariffChange {
                from: day("2026-02-08"),
                plan: "basic".parse().unwrap(),
            }]);
            let registration =
                Registration { plans: plans.unwrap(), ..samples::registration(RegisterId(7), OTHER) };
            registered(&store, &registration).await;
            let charge = async |bin: &str, up_to: &str| {
                let now = clock(&day(up_to).next().unwrap().to_string());
                let days = (day("2026-02-01").month(), day(up_to));
                charge_organisation(&store, bin, days, now, draw, &stamp).await.unwrap()
            };
            let second = if first == BIN { OTHER } else { BIN };
            charge(first, "2026-02-10").await;
            charge(second, "2026-02-12").await;
            assert_eq!(has_of(&store, OTHER, "2026-02-01").await, 0, "it sent nothing there yet");
            sells(&store, 7, at("2026-02-15", 9)).await;
            for bin in [first, second] {
                charge(bin, "2026-02-28").await;
            }
            assert_eq!(has(&store, "2026-02-01").await, -37_500, "seven days are the former one's");
            assert_eq!(has_of(&store, OTHER, "2026-02-01").await, -75_000, "and fourteen the other's");
        });
        is_balanced(&store);
    }
}

#[test]
fn receipts_above_the_limit_are_counted_by_the_time_of_their_acceptance() {
    let store = operator();
    let limit = ReceiptLimit { receipts: 3, over: Price::Tiyn(tenge(2)) };
    block_on(async {
        let limited = PlanVersion { receipts: Some(limit), ..version("2026-02-01", 1400, 1400) };
        tariffs::add_version(&store, &"basic".parse().unwrap(), &limited, now("2026-01-02")).await.unwrap();
        register(&store, 7, "2026-01-01").await;
        for hour in [9, 10, 11, 12, 13] {
            sells(&store, 7, at("2026-02-10", hour)).await;
        }
        charged(&store, "2026-02-10").await;
        sells(&store, 7, at("2026-02-11", 9)).await;
        charged(&store, "2026-02-11").await;
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -(5_000 + 400 + 5_000 + 200));
    is_balanced(&store);
}

#[test]
fn what_has_no_price_is_told_and_charged_when_it_has_one() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-02-01").await;
        let stray = TariffChange { from: day("2026-02-01"), plan: "lost".parse().unwrap() };
        let registration = Registration {
            plans: TariffHistory::new(vec![stray]).unwrap(),
            ..samples::registration(RegisterId(7), BIN)
        };
        registered(&store, &registration).await;
        sells(&store, 7, at("2026-02-01", 9)).await;
        let done = charged(&store, "2026-02-28").await;
        assert_eq!((done.postings, done.unpriced.len(), done.unpriced[0].to), (0, 1, day("2026-02-28")));
        tariffs::add_plan(
            &store,
            PlanData { id: "lost".parse().unwrap(), ..basic(version("2026-02-01", 1400, 1400)) },
            now("2026-02-01"),
        )
        .await
        .unwrap();
        assert_eq!(charged(&store, "2026-02-28").await.unpriced, vec![]);
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -140_000);
}

#[test]
fn a_month_is_looked_at_before_it_is_posted_and_given_back_as_a_whole() {
    let store = operator();
    let month = day("2026-02-01").month();
    block_on(async {
        register(&store, 7, "2026-01-01").await;
        sells(&store, 7, at("2026-02-10", 9)).await;
        let seen = preview(&store, BIN, month, clock("2026-03-01")).await.unwrap();
        assert_eq!((seen.comparison.before, seen.comparison.after.get()), (Tiyn::ZERO, 101_786));
        assert!(services_of(&store, BIN).await.unwrap().is_empty(), "nothing is written");
        assert_eq!(of_bin(&store, BIN).await.unwrap(), None);
        charged(&store, "2026-02-28").await;
        let seen = preview(&store, BIN, month, clock("2026-03-01")).await.unwrap();
        assert_eq!((seen.comparison.registers.len(), seen.posted.len()), (0, 19));
        let back = take_back(&store, BIN, month, clock("2026-03-01"), &stamp).await.unwrap();
        assert_eq!((back, has(&store, "2026-02-01").await), (19, 0));
        assert_eq!(take_back(&store, BIN, month, clock("2026-03-01"), &stamp).await.unwrap(), 0);
        charged(&store, "2026-02-28").await;
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -101_786, "the next run posts anew");
    is_balanced(&store);
}

#[test]
fn a_day_of_more_registers_than_one_posting_explains_is_several_postings() {
    let store = operator();
    let registers = u32::try_from(CHARGES_PER_POSTING).unwrap() + 1;
    block_on(async {
        for id in 1..=registers {
            register(&store, id, "2026-01-01").await;
            sells(&store, id, at("2026-02-28", 9)).await;
        }
        assert_eq!(charged(&store, "2026-02-28").await.postings, 2);
        assert_eq!(charged(&store, "2026-02-28").await.postings, 0);
    });
    assert_eq!(balance_of(&store, "2026-02-01"), -5_357 * i64::from(registers));
    is_balanced(&store);
}

mod night;
