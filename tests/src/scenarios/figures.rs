//! Figures of days, and the totals that lists of documents show: they equal a recount from the raw frames, wherever the
//! store is.

use std::collections::BTreeMap;
use std::time::Duration;

use ofd_admin_web::office::documents::{
    Bounds, DocumentQuery, Found, Period, Total, TotalName, TotalsOf, Typed, documents,
};
use ofd_edge::World;
use ofd_gateway::config::{Config, StoreConfig};
use ofd_gateway::server::open_store;
use ofd_gateway::world::SystemWorld;
use ofd_loadtest::{Document, Operation, Parent, PaymentKind, Placement, Receipt};
use ofd_protocol::message::{self, PlacementOperation};
use ofd_protocol::register::{Counter, Day, Figures, Lifetime, Recount};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_protocol::version::PaymentType;
use ofd_storage::embedded::Opening;
use ofd_storage::feed::{Step, Sweep, position};
use ofd_storage::figures::{self, FiguresReader};
use ofd_storage::registers;
use ofd_storage::store::{Stamp, Store};

use crate::device::Device;
use crate::process::{Setup, eventually};

/// How far Kazakhstan's time is ahead of UTC, as the default of the config.
const ZONE_SECONDS: i32 = 5 * 3600;

/// What a gateway has seen it has read after this long; a cluster beside other tests takes its time.
const READ_WITHIN: Duration = Duration::from_secs(60);

/// Long after the sweep at the first start.
const LATER_MS: u64 = 2 * 24 * 3_600_000;

/// All documents of a shift of a test.
const DOCUMENTS_MAX: usize = 10_000;

/// A day with every operation, several kinds of payment and taxes, a cancelled receipt, cash in and out, and a closing that
/// takes out all cash.
async fn work(device: &mut Device) {
    device.deposit(5_000_00).await;
    let sale = Receipt::new(Operation::Sell).item("Сүт", "1", 2_000, 450_00).taxed(16_000);
    let sale = sale.item("Шай", "2", 1_000, 990_00).pay(PaymentKind::Card, 1_000_00).pay_rest_in_cash(890_00);
    device.send(Document::Receipt(sale)).await.accepted();
    let sold = device.register.state().last_sale.clone().expect("it was a sale");
    back(device, Operation::SellReturn, sold).await;
    let bought = Receipt::new(Operation::Buy).item("Ет", "3", 1_500, 2_000_00).pay_rest_in_cash(3_000_00);
    device.send(Document::Receipt(bought)).await.accepted();
    let bought = device.register.state().last_purchase.clone().expect("it was a purchase");
    back(device, Operation::BuyReturn, bought).await;
    device.sell().await;
    device.send(Document::Cancel).await.accepted();
    device.send(Document::Placement { operation: Placement::Withdrawal, sum: 100_00 }).await.accepted();
    device.sell().await;
    device.send(Document::Close { withdraw: true }).await.accepted();
    device.sell().await;
    device.expect_no_differences();
}

async fn back(device: &mut Device, operation: Operation, parent: Parent) {
    let receipt = Receipt::new(operation).item("Қайтару", "2", 1_000, 180_00).of(parent);
    device.send(Document::Receipt(receipt.pay_rest_in_cash(180_00))).await.accepted();
}

/// What the raw frames of all shifts come to: the protocol's own recount, shift by shift, added up without days.
async fn recounted(store: &impl Store, id: RegisterId) -> Figures {
    let (mut all, mut lifetime) = (Figures::default(), Lifetime::default());
    let newest = registers::newest(store, id).await.unwrap().expect("a register has a shift").register;
    for shift in 1..=newest.shift_number {
        let mut recount = Recount::begin_shift(lifetime);
        for document in registers::documents(store, id, shift, 0, DOCUMENTS_MAX).await.unwrap() {
            recount.add(&document.raw).unwrap();
        }
        let (tickets, taxes, placements) =
            (recount.totals.tickets, recount.totals.taxes, recount.totals.placements);
        all.add_all(&Figures { tickets, taxes, placements, ..Figures::default() });
        lifetime = recount.lifetime;
    }
    all
}

/// A list of an organisation's documents of these days, narrowed by this and of so many rows.
async fn list(store: &impl Store, bin: &str, narrowed: Typed<'_>, rows: usize) -> Found {
    let today = Day::of(SystemWorld.now().wall(ZONE_SECONDS));
    let mut query = DocumentQuery::read(narrowed, today).expect("it is asked for rightly");
    query.period = Period { from: today.plus(-7), to: today.plus(1) };
    documents(store, bin, &query, None, Bounds::rows(rows), ZONE_SECONDS).await.unwrap()
}

/// What totals say: those that there are.
fn totals(counters: impl Iterator<Item = (TotalName, Counter)>) -> Vec<Total> {
    let moved = counters.filter(|(_, counter)| *counter != Counter::default());
    moved.map(|(name, Counter { count, sum })| Total { name, count, sum }).collect()
}

/// The totals that a list of an organisation's documents shows are what the raw frames come to: of all, of each kind of
/// payment, and of what a page shows.
async fn totals_equal(store: &impl Store, bin: &str, expected: &Figures) {
    let tickets = || message::Operation::ALL.into_iter().zip(&expected.tickets);
    let receipts = totals(tickets().map(|(operation, all)| (TotalName::Receipts(operation), all.total)));
    let cash = PlacementOperation::ALL.into_iter().zip(expected.placements);
    let cash = totals(cash.map(|(way, all)| (TotalName::Cash(way), all.total)));
    let found = list(store, bin, Typed::default(), 1).await;
    assert_eq!(found.totals.of, TotalsOf::Days { has_uncounted: false });
    assert_eq!(found.totals.lines, [receipts.clone(), cash].concat(), "all of {bin}");
    for way in PaymentType::ALL {
        let paid =
            tickets().map(|(operation, all)| (TotalName::Receipts(operation), all.payments[way.index()]));
        let found = list(store, bin, Typed { payment: way.name(), ..Typed::default() }, 1).await;
        assert_eq!(found.totals.lines, totals(paid), "{} of {bin}", way.name());
    }
    // Narrowed by a sum, figures of days do not tell it: here by one that every document has.
    let found = list(store, bin, Typed { sum_from: "0", ..Typed::default() }, DOCUMENTS_MAX).await;
    assert_eq!((found.totals.of, found.next), (TotalsOf::Page, None));
    let is_receipt = |total: &&Total| matches!(total.name, TotalName::Receipts(_));
    let shown: Vec<Total> = found.totals.lines.iter().filter(is_receipt).copied().collect();
    assert_eq!(shown, receipts, "a page of {bin}");
}

/// Registers sell, the gateway keeps their figures, and those are what the raw frames come to.
pub async fn equal_a_recount(setup: &Setup) {
    let mut server = setup.start().await;
    let mut devices: Vec<Device> = Device::fleet(setup, 203).into_iter().collect();
    for device in &mut devices {
        device.info().await;
        work(device).await;
    }
    eventually("the gateway reads what was announced", READ_WITHIN, || async {
        setup.metric("ofd_gateway_feed_documents_total{reader=\"figures\"}").await.unwrap_or(0.0) > 0.0
    })
    .await;
    server.stop().await;
    // The rest of a minute is read some seconds after it ended: here by whoever opens the store next.
    let mut config = Config::load(&setup.config(), None).expect("the config of the test is good");
    if let StoreConfig::Embedded { path, .. } = &mut config.store {
        // The config says it as seen from its own folder.
        *path = setup.store_path();
    }
    let store = open_store(&config, Opening::Existing).await.expect("the store opens");
    let reader = FiguresReader { zone_offset_seconds: ZONE_SECONDS };
    let later = UnixMillis(SystemWorld.now().0 + LATER_MS);
    let stamps = || Stamp(SystemWorld.bytes());
    while !matches!(Sweep::step(&store, &reader, later, &stamps).await.unwrap(), Step::Wait(_)) {}
    let (from, to) = (Day::new(2000, 1, 1).unwrap(), Day::new(9999, 12, 31).unwrap());
    let mut of_organisation = BTreeMap::<String, Figures>::new();
    for device in &devices {
        let id = RegisterId(device.id());
        let days = figures::days(&store, id, from, to).await.unwrap();
        let mut all = Figures::default();
        for (_, figures) in &days {
            all.add_all(figures);
        }
        let by_hour = all.hours.values().flatten().map(|counter| counter.sum).sum::<i64>();
        let by_operation = all.tickets.iter().map(|tickets| tickets.total.sum).sum::<i64>();
        assert_eq!(by_hour, by_operation, "register {id}: hours");
        let expected = recounted(&store, id).await;
        assert_eq!(
            (all.tickets, &all.taxes, all.placements),
            (expected.tickets, &expected.taxes, expected.placements)
        );
        assert!(expected.tickets.iter().all(|tickets| tickets.total.count > 0), "every operation was there");
        let newest = registers::newest(&store, id).await.unwrap().expect("it is there").register;
        let read = position(&store, &reader, id).await.unwrap().expect("it was read").position;
        assert_eq!((read.shift, read.number), (newest.shift_number, newest.documents));
        let bin = device.register.identity().bin.clone();
        of_organisation.entry(bin).or_default().add_all(&expected);
    }
    for (bin, expected) in &of_organisation {
        totals_equal(&store, bin, expected).await;
    }
    store.close().await.unwrap();
    let verified = setup.verify().await;
    let walked = format!(" of figures of {} registers", devices.len());
    assert!(verified.text.contains(&walked), "{}", verified.text);
}
