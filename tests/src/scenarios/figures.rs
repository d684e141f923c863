//! Figures of days: they equal a recount from the raw frames, wherever the store is.

use std::time::Duration;

use ofd_edge::World;
use ofd_gateway::config::{Config, StoreConfig};
use ofd_gateway::server::open_store;
use ofd_gateway::world::SystemWorld;
use ofd_loadtest::{Document, Operation, Parent, PaymentKind, Placement, Receipt};
use ofd_protocol::register::{Day, Figures, Lifetime, Recount};
use ofd_protocol::types::{RegisterId, UnixMillis};
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
    }
    store.close().await.unwrap();
    let verified = setup.verify().await;
    let walked = format!(" of figures of {} registers", devices.len());
    assert!(verified.text.contains(&walked), "{}", verified.text);
}
