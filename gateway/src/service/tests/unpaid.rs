//! Registers that are stopped for a debt, and a payment that no gateway told them of.

use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source};
use ofd_billing::standing::{Aged, Costs, Standing, State};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_protocol::register::Change;
use ofd_storage::ledger;
use ofd_storage::model::{self, RegisterRecord, register_key};
use ofd_storage::standing::{StandingRecord, keep, of};
use ofd_storage::store::Stamp;

use super::*;

const NUMBER: PersonalAccount = PersonalAccount::FIRST;

/// An organisation that is stopped for a debt of 500.00, three days of which cost 150.00.
struct Debt {
    shop: Shop<MemoryStore>,
    bin: String,
    day: Day,
}

impl Debt {
    async fn stopped() -> Self {
        let mut shop = Shop::open(Arc::new(MemoryStore::new()), 1).await;
        shop.add_gateway().await;
        let (_, record) =
            model::load::<RegisterRecord>(&*shop.store, &register_key(shop.id(0))).await.unwrap().unwrap();
        let (year, month, day) = crate::world::SystemWorld.now().wall(5 * 3600).date();
        let day: Day = format!("{year:04}-{month:02}-{day:02}").parse().unwrap();
        let debt = Self { shop, bin: record.bin, day };
        let opened = Month::of(day.date()).unwrap();
        ledger::open_personal(&*debt.shop.store, &debt.bin, (opened, 1), || NUMBER).await.unwrap();
        debt.posts("charge/1", -50_000).await;
        let standing = Standing { ended: Some(day), stopped: Some(day), ..Standing::default() };
        let sum = Tiyn::new(50_000).unwrap();
        let record = StandingRecord {
            bin: debt.bin.clone(),
            number: NUMBER,
            opened,
            standing,
            state: State::Stopped(day),
            balance: sum.negated(),
            aged: Aged::default(),
            ends: Some(day),
            costs: Costs { charged: day.previous().unwrap(), days: vec![Tiyn::new(5_000).unwrap(); 9] },
            told: Some(sum),
            is_carried_out: true,
            at_ms: 1,
        };
        keep(&*debt.shop.store, None, &record).await.unwrap().unwrap();
        debt.shop.change(0, &Change::Unpaid { reason: "10000004 500.00".into() }).await;
        debt
    }

    /// Posts to the account, as a process does that ends right behind it.
    async fn posts(&self, source: &str, tiyn: i64) {
        let store = &*self.shop.store;
        let account = ledger::of_number(store, NUMBER).await.unwrap().unwrap();
        let books = ledger::books(store, account.opened).await.unwrap();
        let sum = Tiyn::new(tiyn).unwrap();
        let legs = vec![
            Leg { account: LedgerAccount::Personal(NUMBER), sum },
            Leg { account: LedgerAccount::Own(OwnAccount::Bank, 0), sum: sum.negated() },
        ];
        let posting = Posting {
            source: Source::new(source).unwrap(),
            on: self.day.date(),
            purpose: Purpose::Payment,
            legs,
            reverses: None,
            by: None,
            why: serde_json::Value::Null,
        };
        let drawn = AtomicU64::new(tiyn.unsigned_abs() << 8);
        let stamps = || Stamp(u128::from(drawn.fetch_add(1, Ordering::Relaxed)).to_be_bytes());
        let at = (self.day.date(), 1);
        ledger::post(store, books, account.opened, vec![posting], at, &stamps).await.unwrap();
    }

    /// The code of a sale by way of a gateway.
    async fn sells(&mut self, gateway: usize) -> u32 {
        self.shop.go_to(gateway);
        self.shop.try_to_sell(0).await
    }
}

#[tokio::test]
async fn a_payment_is_felt_at_every_gateway_though_nobody_told_the_register() {
    let mut debt = Debt::stopped().await;
    for gateway in [0, 1] {
        assert_eq!(debt.sells(gateway).await, 15);
    }
    debt.posts("payment/1", 34_999).await;
    assert_eq!(debt.sells(1).await, 15, "three days cost 150.00, and 150.01 are owed");
    debt.posts("payment/2", 1).await;
    for gateway in [1, 0] {
        assert_eq!(debt.sells(gateway).await, 0);
    }
    let status = debt.shop.newest(0).await.register.status;
    assert!(status.unpaid.is_some(), "its state is told later, by whoever comes to it");
    debt.shop.change(0, &Change::Block { reason: "проверка".into() }).await;
    assert_eq!(debt.sells(0).await, 15, "a payment ends no block");
}

#[tokio::test]
async fn a_promise_is_felt_as_soon_as_it_is_kept() {
    let mut debt = Debt::stopped().await;
    assert_eq!(debt.sells(0).await, 15);
    let (version, record) = of(&*debt.shop.store, &debt.bin).await.unwrap().unwrap();
    let standing = Standing { stopped: None, ..record.standing.clone() };
    let released = StandingRecord { standing, is_carried_out: false, ..record };
    keep(&*debt.shop.store, Some(version), &released).await.unwrap().unwrap();
    assert_eq!(debt.sells(1).await, 0);
}

#[tokio::test]
async fn a_register_that_nobody_knows_a_debt_of_stays_stopped() {
    let mut shop = Shop::open(Arc::new(MemoryStore::new()), 1).await;
    shop.change(0, &Change::Unpaid { reason: String::new() }).await;
    assert_eq!(shop.try_to_sell(0).await, 15);
    shop.change(0, &Change::Paid).await;
    assert_eq!(shop.try_to_sell(0).await, 0);
}
