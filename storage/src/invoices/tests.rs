//! Documents are issued once, in a row without holes, whatever ends in between, and are what was charged.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::executor::block_on;
use futures::future::join_all;
use ofd_billing::charging::ClockWord;
use ofd_billing::invoices::{ContentError, InvoiceSort, Number, Party};
use ofd_billing::ledger::{LedgerAccount, OwnAccount, SHARDS};
use ofd_billing::tariffs::{
    ConnectionKind, KindPrice, Now, Per, PlanData, PlanVersion, Price, Step as PriceStep, TariffChange,
    TariffHistory, Titles,
};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_protocol::message::answer::Answer;
use ofd_protocol::register::{Accepted, DocumentKind, OpenShift, Phase, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};

use super::kept::stream;
use super::*;
use crate::accounts::{Company, CompanyKind, Registration, RegistrationState};
use crate::charging::{Clock, Pace, charge_organisation, step as charging_step};
use crate::ledger::{self, MonthOf, balance};
use crate::memory::MemoryStore;
use crate::model::{self, Organisation};
use crate::registers::{self, Bearing};
use crate::store::{Append, RecordKind, Row, Stamp, Store, StoreError, Version};
use crate::walks::{self, Walk};
use crate::{samples, tariffs};

const BIN: &str = "010101500123";
const OTHER: &str = "020202500123";
const ZONE: i32 = 5 * 3600;
const HOUR: u64 = 3600 * 1000;

fn stamps() -> Stamp {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Stamp((u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64).to_be_bytes())
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn february() -> Month {
    day("2026-02-01").month()
}

fn at(text: &str, hour: u64) -> UnixMillis {
    let midnight = day(text).date().midnight().assume_offset(time::UtcOffset::from_hms(5, 0, 0).unwrap());
    UnixMillis(u64::try_from(midnight.unix_timestamp()).unwrap() * 1000 + hour * HOUR)
}

fn clock(text: &str) -> Clock {
    Clock { now: at(text, 1), zone_offset_seconds: ZONE }
}

fn pace(text: &str) -> Pace {
    Pace { clock: clock(text), word: ClockWord::Vouched, at_once: 1 }
}

fn supplier() -> Party {
    Party {
        bin: "100940012345".into(),
        title: "АО «ОФД»".into(),
        address: "г. Астана, пр. Абая, 1".into(),
        bank: None,
        vat_certificate: None,
    }
}

fn draw() -> PersonalAccount {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let serial = u32::try_from(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap();
    PersonalAccount::of_serial(serial % PersonalAccount::COUNT).unwrap()
}

/// A store of an operator with a plan `basic` that costs 1000.10 a month, where an organisation sells by three registers since
/// January.
fn operator() -> MemoryStore {
    let store = MemoryStore::new();
    let price = KindPrice {
        kind: ConnectionKind::Wired,
        per: Per::Month,
        steps: vec![PriceStep { registers: 1, price: Price::Tiyn(Tiyn::new(100_010).unwrap()) }],
    };
    let version = PlanVersion {
        from: day("2026-01-01"),
        last: None,
        prices: vec![price],
        free_months: 0,
        connection_fee: None,
        receipts: None,
    };
    let plan = PlanData {
        id: "basic".parse().unwrap(),
        titles: Titles { ru: "Базовый".into(), kk: "Негізгі".into(), en: "Basic".into() },
        kinds: vec![ConnectionKind::Wired],
        versions: vec![version],
        ..tariffs::free().unwrap().data().clone()
    };
    block_on(async {
        let today = Now::new(day("2026-01-01"), None, day("2026-01-01").month());
        tariffs::add_plan(&store, plan, today).await.unwrap();
        while !matches!(
            Walk::Holdings.step(&store, UnixMillis(1)).await.unwrap(),
            walks::Step::Completed { .. }
        ) {}
        organisation(&store, BIN, "ТОО «Көктем»").await;
        for id in 1..=3 {
            register(&store, id, BIN).await;
            sells(&store, id, at("2026-01-10", 9)).await;
        }
    });
    store
}

async fn organisation(store: &impl Store, bin: &str, title: &str) {
    let address = "г. Алматы, ул. Сатпаева, 5".into();
    let organisation = Organisation { address, ..Organisation::titled(bin, title) };
    model::create(store, &organisation).await.unwrap();
}

async fn register(store: &impl Store, id: u32, bin: &str) {
    let id = RegisterId(id);
    model::create(store, &samples::register(id, bin)).await.unwrap();
    registers::create_register(store, id, Token(7), UnixMillis(1), stamps()).await.unwrap();
    let change = TariffChange { from: day("2026-01-01"), plan: "basic".parse().unwrap() };
    let plans = TariffHistory::new(vec![change]).unwrap();
    let registration =
        Registration { state: RegistrationState::Registered, plans, ..samples::registration(id, bin) };
    keep(store, bin, registration.row().unwrap()).await;
}

async fn keep(store: &impl Store, bin: &str, row: Row) {
    let stream = Company::stream_of(bin).unwrap();
    let head = store.head(stream).await.unwrap();
    let expected = head.as_ref().map(|head| head.version);
    let nobody = Company::new(bin.to_owned(), String::new(), CompanyKind::LegalEntity, UnixMillis(1));
    let nobody = Bytes::from(serde_json::to_vec(&nobody).unwrap());
    let head = head.map_or(nobody, |head| head.bytes);
    let append = Append { stream, expected, stamp: stamps(), head, rows: vec![row], notes: Vec::new() };
    store.append(append).await.unwrap();
}

async fn sells(store: &impl Store, id: u32, accepted_at: UnixMillis) {
    let id = RegisterId(id);
    let loaded = registers::newest(store, id).await.unwrap().unwrap();
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
    let bearing = Bearing { stamp: stamps(), announcement: None };
    registers::append_accepted(store, id, &loaded, accepted, b"frame", b"", bearing).await.unwrap();
}

/// That a register was taken off the books, told late.
async fn taken_off(store: &impl Store, id: u32, since: UnixMillis) {
    let stream = Company::stream_of(BIN).unwrap();
    let known = crate::accounts::registration(store, stream, RegisterId(id)).await.unwrap().unwrap();
    let registration = Registration { state: RegistrationState::Deregistered, since, ..known };
    keep(store, BIN, registration.row().unwrap()).await;
}

/// Charges the days of a month up to one, on the day after.
async fn charged(store: &impl Store, bin: &str, from: &str, up_to: &str) {
    let tomorrow = day(up_to).next().unwrap().to_string();
    let days = (day(from).month(), day(up_to));
    charge_organisation(store, bin, days, clock(&tomorrow), draw, &stamps).await.unwrap();
}

async fn made(store: &impl Store, month: Month, today: &str) -> Result<Vec<String>, InvoicingError> {
    let supplier = supplier();
    let issuing = Issuing { supplier: &supplier, clock: clock(today) };
    let made = make_month(store, BIN, month, issuing, &stamps).await?;
    Ok(made.invoices.iter().map(ToString::to_string).collect())
}

fn number(text: &str) -> Number {
    let (series, rest) = text.split_once('-').unwrap();
    let (year, number) = rest.split_once('-').unwrap();
    Number { series: series.parse().unwrap(), year: year.parse().unwrap(), number: number.parse().unwrap() }
}

fn found(store: &impl Store, text: &str) -> Issued {
    block_on(by_number(store, &number(text))).unwrap().unwrap()
}

fn invoice(store: &impl Store, text: &str) -> KeptInvoice {
    match found(store, text).document {
        Document::Invoice(kept) => *kept,
        other => panic!("{other:?}"),
    }
}

fn faults(store: &impl Store) -> Vec<String> {
    let mut faults = Vec::new();
    let mut tell = |fault: ledger::Fault| faults.push(format!("{}: {}", fault.place, fault.reason));
    let checked = block_on(ledger::check(store, &mut tell)).unwrap();
    block_on(check(store, &mut tell)).unwrap();
    if checked.sum != 0 {
        faults.push(format!("the sum is {}", checked.sum));
    }
    faults
}

fn vat(store: &impl Store) -> i64 {
    let books = block_on(ledger::kept_books(store)).unwrap().unwrap();
    let of = |shard| {
        let of = MonthOf { account: LedgerAccount::Own(OwnAccount::Vat, shard), opened: books.opened };
        block_on(balance(store, of, day("2026-04-01").month())).unwrap().sum.get()
    };
    (0..SHARDS).map(of).sum()
}

#[test]
fn a_month_that_is_over_has_an_invoice_of_what_was_charged_and_an_act() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-01-01", "2026-02-28").await;
        assert_eq!(made(&store, day("2026-01-01").month(), "2026-03-01").await.unwrap(), ["A-2026-000001"]);
        assert_eq!(made(&store, february(), "2026-03-01").await.unwrap(), ["A-2026-000002"]);
    });
    let kept = invoice(&store, "A-2026-000002");
    assert_eq!(kept.invoice.content.total, Tiyn::new(300_030).unwrap(), "three at 1000.10");
    assert_eq!(kept.invoice.content.vat, Tiyn::new(41_383).unwrap(), "docs/billing.md");
    assert_eq!(kept.invoice.head.day, day("2026-02-28"));
    assert_eq!(kept.invoice.head.recipient.title, "ТОО «Көктем»");
    assert_eq!(kept.charged.len(), 28);
    let of_act = found(&store, "W-2026-000002");
    let act = block_on(act(&store, &of_act)).unwrap().unwrap();
    assert_eq!((&act.content, act.invoice), (&kept.invoice.content, kept.invoice.reference()));
    // January has 22 of 31 days: 3 times 709.75, whose VAT is 293.69.
    assert_eq!(vat(&store), 29_369 + 41_383, "the tiyn that days round away is posted with the invoice");
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn documents_of_a_month_are_made_once_however_often_it_is_tried() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-01-01", "2026-02-28").await;
        for _ in 0..3 {
            assert_eq!(made(&store, february(), "2026-03-01").await.unwrap(), ["A-2026-000001"]);
        }
        let (all, next) = of_organisation(&store, BIN, Place::default(), None, 10).await.unwrap();
        let numbers: Vec<String> = all.iter().map(|one| one.number().to_string()).collect();
        assert_eq!((numbers, next), (vec!["W-2026-000001".to_owned(), "A-2026-000001".to_owned()], None));
    });
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn several_processes_at_once_make_each_document_once() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-01-01", "2026-02-28").await;
        let tries = (0..4).map(|_| made(&store, february(), "2026-03-01"));
        for tried in join_all(tries).await {
            assert_eq!(tried.unwrap(), ["A-2026-000001"]);
        }
    });
    assert_eq!(faults(&store), [""; 0]);
}

/// A store that ends after so many writes.
struct Ending {
    inner: MemoryStore,
    left: AtomicU64,
}

impl Ending {
    fn lands(&self) -> Result<(), StoreError> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| StoreError::Unavailable { reason: "the process has ended".to_owned() })
    }
}

impl crate::through::Through for Ending {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.lands()?;
        self.inner.append(append).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        self.lands()?;
        self.inner.put_record(kind, key, expected, bytes).await
    }
}

#[test]
fn a_process_that_ends_at_any_write_is_finished_by_the_next() {
    let mut ended = 0;
    for writes in 0..40 {
        let store = operator();
        block_on(async {
            charged(&store, BIN, "2026-01-01", "2026-02-28").await;
            let dying = Ending { inner: store.another_handle(), left: AtomicU64::new(writes) };
            if made(&dying, february(), "2026-03-01").await.is_err() {
                ended += 1;
            }
            assert_eq!(made(&store, february(), "2026-03-01").await.unwrap(), ["A-2026-000001"]);
            ledger::carry_all(&store, at("2026-03-01", 2).0, &stamps).await.unwrap();
        });
        assert_eq!(invoice(&store, "A-2026-000001").invoice.content.total, Tiyn::new(512_955).unwrap());
        assert_eq!(block_on(by_number(&store, &number("A-2026-000002"))).unwrap(), None, "after {writes}");
        assert_eq!(faults(&store), [""; 0], "after {writes}");
        if ended <= writes && writes > 12 {
            return;
        }
    }
    panic!("it writes more than 40 times");
}

#[test]
fn no_invoice_is_made_while_days_are_not_charged() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-02-01", "2026-02-27").await;
        let refused = made(&store, february(), "2026-03-01").await.unwrap_err();
        assert!(
            matches!(refused, InvoicingError::Content(ContentError::NotPosted { .. })),
            "the last day is not charged: {refused}"
        );
    });
    assert_eq!(block_on(by_number(&store, &number("A-2026-000001"))).unwrap(), None);
}

#[test]
fn what_becomes_known_of_an_invoiced_month_is_in_an_additional_invoice_of_the_next() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-02-01", "2026-02-28").await;
        made(&store, february(), "2026-03-01").await.unwrap();
        taken_off(&store, 1, at("2026-02-26", 12)).await;
        charged(&store, BIN, "2026-02-01", "2026-03-31").await;
        let march = february().next().unwrap();
        assert_eq!(made(&store, march, "2026-04-01").await.unwrap(), ["A-2026-000002", "A-2026-000003"]);
        assert_eq!(made(&store, march, "2026-04-01").await.unwrap(), ["A-2026-000002", "A-2026-000003"]);
    });
    let additional = invoice(&store, "A-2026-000002");
    let first = invoice(&store, "A-2026-000001").invoice.reference();
    assert_eq!(additional.invoice.sort, InvoiceSort::Additional(first));
    assert_eq!(additional.invoice.content.month, february());
    assert_eq!(additional.invoice.head.day, day("2026-03-31"));
    // Two days of 28 at 1000.10.
    assert_eq!(additional.invoice.content.total, Tiyn::new(-7_144).unwrap());
    assert_eq!(invoice(&store, "A-2026-000003").invoice.content.total, Tiyn::new(200_020).unwrap());
    assert_eq!(block_on(by_number(&store, &number("W-2026-000003"))).unwrap(), None, "no act of less");
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn a_person_issues_an_additional_invoice_before_the_month_is_over_and_no_other_has_the_same() {
    let store = operator();
    let supplier = supplier();
    block_on(async {
        charged(&store, BIN, "2026-02-01", "2026-02-28").await;
        made(&store, february(), "2026-03-01").await.unwrap();
        let issuing = Issuing { supplier: &supplier, clock: clock("2026-03-05") };
        let by = ByHand { by: "БУХГАЛТЕРОВА", reason: "перерасчёт", once: "0f" };
        let of = number("A-2026-000001");
        let nothing = additional(&store, &of, issuing, by, &stamps).await.unwrap_err();
        assert!(matches!(nothing, InvoicingError::Content(ContentError::Empty)), "{nothing}");
        taken_off(&store, 1, at("2026-02-26", 12)).await;
        charged(&store, BIN, "2026-02-01", "2026-03-04").await;
        let issued = additional(&store, &of, issuing, by, &stamps).await.unwrap();
        assert_eq!(additional(&store, &of, issuing, by, &stamps).await.unwrap(), issued, "a form sent twice");
        assert_eq!((issued.day(), issued.reason.as_deref()), (day("2026-03-05"), Some("перерасчёт")));
        charged(&store, BIN, "2026-02-01", "2026-03-31").await;
        let march = february().next().unwrap();
        assert_eq!(made(&store, march, "2026-04-01").await.unwrap(), ["A-2026-000003"]);
    });
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn an_invoice_is_corrected_by_one_with_the_same_lines_and_the_parties_of_now() {
    let store = operator();
    let supplier = supplier();
    block_on(async {
        charged(&store, BIN, "2026-02-01", "2026-02-28").await;
        made(&store, february(), "2026-03-01").await.unwrap();
        let (version, known) = model::load::<Organisation>(&store, BIN.as_bytes()).await.unwrap().unwrap();
        let renamed = Organisation { title: "ТОО «Жаз»".into(), ..known };
        model::replace(&store, version, &renamed).await.unwrap();
        let issuing = Issuing { supplier: &supplier, clock: clock("2026-03-05") };
        let by = ByHand { by: "БУХГАЛТЕРОВА", reason: "новое название", once: "0f" };
        let of = number("A-2026-000001");
        let issued = correct(&store, &of, issuing, by, &stamps).await.unwrap();
        assert_eq!(correct(&store, &of, issuing, by, &stamps).await.unwrap(), issued, "a form sent twice");
        let again = correct(&store, issued.number(), issuing, by, &stamps).await.unwrap_err();
        assert!(matches!(again, InvoicingError::Document(_)), "only a first one is corrected: {again}");
    });
    let (first, corrected) = (invoice(&store, "A-2026-000001"), invoice(&store, "A-2026-000002"));
    assert_eq!(corrected.invoice.content, first.invoice.content);
    assert_eq!(corrected.invoice.head.recipient.title, "ТОО «Жаз»");
    assert_eq!(corrected.invoice.sort, InvoiceSort::Corrected(first.invoice.reference()));
    assert_eq!(vat(&store), 41_383, "no money moves");
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn a_bill_is_made_for_a_sum_once_and_for_nobody_else() {
    let store = operator();
    let supplier = supplier();
    block_on(async {
        let issuing = Issuing { supplier: &supplier, clock: clock("2026-03-05") };
        let sum = Tiyn::new(300_030).unwrap();
        let none = bill(&store, BIN, sum, issuing, ("ТЕСТОВ", "01"), &stamps).await.unwrap_err();
        assert!(matches!(none, InvoicingError::NoAccount(_)), "{none}");
        let opened = (february(), 1);
        let account = ledger::open_personal(&store, BIN, opened, draw).await.unwrap();
        let first = bill(&store, BIN, sum, issuing, ("ТЕСТОВ", "01"), &stamps).await.unwrap();
        assert_eq!(bill(&store, BIN, sum, issuing, ("ТЕСТОВ", "01"), &stamps).await.unwrap(), first);
        let second = bill(&store, BIN, sum, issuing, ("ТЕСТОВ", "02"), &stamps).await.unwrap();
        assert_eq!(second.number().to_string(), "B-2026-000002");
        let Document::Bill(bill) = &first.document else { panic!("{first:?}") };
        assert_eq!((bill.total, bill.vat), (sum, Tiyn::new(41_383).unwrap()));
        assert_eq!(bill.account, account.number.to_string());
        let (others, _) = of_organisation(&store, OTHER, Place::default(), None, 10).await.unwrap();
        assert_eq!(others, []);
    });
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn the_run_makes_the_month_of_all_organisations_and_tries_again_where_it_could_not() {
    let store = operator();
    let supplier = supplier();
    block_on(async {
        // Nobody knows where this one is.
        model::create(&store, &Organisation::titled(OTHER, "ТОО «Где-то»")).await.unwrap();
        register(&store, 9, OTHER).await;
        sells(&store, 9, at("2026-02-01", 9)).await;
        let run = async |today: &str| {
            let (mut invoices, mut failed) = (0, Vec::new());
            loop {
                match step(&store, &supplier, clock(today), &stamps).await.unwrap() {
                    Step::More(ran) | Step::Completed(_, ran) => {
                        invoices += ran.invoices;
                        failed.extend(ran.failed.into_iter().map(|(bin, _)| bin));
                    }
                    Step::Wait(_) => return (invoices, failed),
                }
            }
        };
        assert_eq!(run("2026-03-01").await, (0, vec![]), "February is not charged");
        while !matches!(
            charging_step(&store, pace("2026-03-01"), draw, &stamps).await.unwrap(),
            crate::charging::Step::Wait(_)
        ) {}
        assert_eq!(run("2026-03-01").await, (1, vec![OTHER.to_owned()]));
        assert_eq!(run("2026-03-01").await, (0, vec![]), "not again on the same day");
        let (version, known) = model::load::<Organisation>(&store, OTHER.as_bytes()).await.unwrap().unwrap();
        let known = Organisation { address: "г. Тараз".into(), ..known };
        model::replace(&store, version, &known).await.unwrap();
        assert_eq!(run("2026-03-02").await, (2, vec![]));
        assert_eq!(run("2026-03-03").await, (0, vec![]), "it is done");
        let (all, _) = of_month(&store, february(), Some(InvoiceKind::Invoice), None, 10).await.unwrap();
        let bins: Vec<&str> = all.iter().map(Issued::bin).collect();
        assert_eq!(bins, [OTHER, BIN], "the newest first");
    });
    assert_eq!(faults(&store), [""; 0]);
}

#[test]
fn lists_go_page_by_page_and_by_kind() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-01-01", "2026-02-28").await;
        made(&store, day("2026-01-01").month(), "2026-03-01").await.unwrap();
        made(&store, february(), "2026-03-01").await.unwrap();
        let (first, next) = of_organisation(&store, BIN, Place::default(), None, 3).await.unwrap();
        let (rest, end) = of_organisation(&store, BIN, Place::default(), next.as_deref(), 3).await.unwrap();
        let numbers: Vec<String> = first.iter().chain(&rest).map(|one| one.number().to_string()).collect();
        assert_eq!(numbers, ["W-2026-000002", "A-2026-000002", "W-2026-000001", "A-2026-000001"]);
        assert_eq!(end, None);
        let place = Place { month: Some(february()), kind: Some(InvoiceKind::Invoice) };
        let (found, _) = of_organisation(&store, BIN, place, None, 3).await.unwrap();
        assert_eq!(found.iter().map(|one| one.number().to_string()).collect::<Vec<_>>(), ["A-2026-000002"]);
    });
}

#[test]
fn what_does_not_fit_is_named() {
    let store = operator();
    block_on(async {
        charged(&store, BIN, "2026-02-01", "2026-02-28").await;
        made(&store, february(), "2026-03-01").await.unwrap();
        let of = stream(InvoiceKind::Invoice, 2026);
        let key = super::kept::document_key(1);
        let row = store.row(of, &key).await.unwrap().unwrap();
        let told = String::from_utf8(row.to_vec()).unwrap();
        let damaged = told.replacen("charge/2026-02-01/1", "charge/2026-02-01/9", 1);
        let head = store.head(of).await.unwrap().unwrap();
        let rows = vec![Row { key, value: Bytes::from(damaged) }];
        let (expected, notes) = (Some(head.version), Vec::new());
        let append = Append { stream: of, expected, stamp: stamps(), head: head.bytes, rows, notes };
        store.append(append).await.unwrap();
    });
    let told = faults(&store);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("A-2026-000001: charge/2026-02-01/9, which it stands on, was not posted"),
        "{told:?}"
    );
    assert!(told[1].contains("its lines are 3000.30 and what was posted is"), "{told:?}");
}
