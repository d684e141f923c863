//! A payment that has nobody, a charge, a run of charging and a bill, which paths name.

use ofd_billing::charging::{Basis, DayCharge, Item};
use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source, shard_of};
use ofd_billing::tariffs::{ConnectionKind, PlanId, VatRate};
use ofd_billing::{Day, PersonalAccount, Tiyn};
use ofd_office::billing::calls::make_key;
use ofd_office::day::today;
use ofd_storage::charging::{Clock, Why, begin_hand_run};
use ofd_storage::invoices::{Issuing, bill};
use ofd_storage::ledger::{self, books, open_personal};
use ofd_storage::payments::{CameBy, Payer, Payment, take};

use super::super::support::{OPERATORS_IBAN, ZONE, issuer};
use super::*;

/// The id that paths name it by.
pub(super) const PAYMENT: &str = "bank.00.0";

/// The month that paths name, of the charge and of the run.
pub(super) const MONTH: &str = "2026-01";

/// The run that paths name.
pub(super) const RUN: &str = "2026-01.1";

/// The number of the bill that paths name.
pub(super) const BILL: &str = "B-2026-000001";
/// The bank that paths name, whose first key they name.
pub(super) const CLIENT: &str = "halyk";

impl Town {
    /// Charges an organisation for a day, and begins a run of that month.
    pub(super) async fn charge(&self) {
        let (store, now) = (&*self.house.store, self.house.now());
        let clock = Clock { now, zone_offset_seconds: ZONE };
        let day = clock.today().unwrap().previous().unwrap();
        assert_eq!(day.month().to_string(), MONTH);
        let tiyn = |tiyn| Tiyn::new(tiyn).unwrap();
        let basis = Basis {
            register: u64::from(ID.0),
            item: Item::ByDay,
            plan: PlanId::free(),
            version: 1,
            kind: ConnectionKind::Wired,
            price: tiyn(700),
            step: 1,
            rate: VatRate::new(16).unwrap(),
            free: None,
        };
        let charges = vec![DayCharge { day, basis, sum: tiyn(700), vat: tiyn(97) }];
        let account =
            open_personal(store, OURS, (day.month(), now.0), || PersonalAccount::FIRST).await.unwrap();
        let own = |own| LedgerAccount::Own(own, shard_of(account.number));
        let legs = vec![
            Leg { account: LedgerAccount::Personal(account.number), sum: tiyn(-700) },
            Leg { account: own(OwnAccount::Revenue), sum: tiyn(603) },
            Leg { account: own(OwnAccount::Vat), sum: tiyn(97) },
        ];
        let posting = Posting {
            source: Source::new(format!("charge/{day}/1")).unwrap(),
            on: day.date(),
            purpose: Purpose::Charge,
            legs,
            reverses: None,
            by: None,
            why: serde_json::to_value(Why { charges }).unwrap(),
        };
        let books = books(store, account.opened).await.unwrap();
        let (at, stamps) = ((day.next().unwrap().date(), now.0), || self.house.site.office.stamp());
        ledger::post(store, books, account.opened, vec![posting], at, &stamps).await.unwrap();
        begin_hand_run(store, day.month(), clock, "ЕСЕПШІ").await.unwrap();
        self.house.list_holdings().await;
    }

    /// Makes the bill, once.
    pub(super) async fn bill(&self) {
        let (house, store) = (&self.house, &*self.house.store);
        let clock = Clock { now: house.now(), zone_offset_seconds: ZONE };
        let draw = || PersonalAccount::FIRST;
        let month = clock.today().unwrap().month();
        open_personal(store, OURS, (month, house.now().0), draw).await.unwrap();
        let supplier = issuer().supplier.unwrap();
        let issuing = Issuing { supplier: &supplier, clock };
        let (sum, stamps) = (Tiyn::new(700).unwrap(), || house.site.office.stamp());
        let issued = bill(store, OURS, sum, issuing, ("ҚЫЗМЕТКЕР", "01"), &stamps).await.unwrap();
        assert_eq!(issued.number().to_string(), BILL);
    }

    /// Takes the payment.
    pub(super) async fn pay(&self) {
        let (now, day) = (self.house.now(), today(self.house.now(), ZONE));
        let payment = Payment {
            id: Source::new(PAYMENT).unwrap(),
            came_by: CameBy::Statement,
            channel: OPERATORS_IBAN.into(),
            sum: Tiyn::new(700).unwrap(),
            on: Day::new(day).unwrap(),
            number: "16".into(),
            payer: Payer::default(),
            purpose: "за услуги".into(),
            mark: None,
            taken_at_ms: now.0,
            taken_by: "ЕСЕПШІ".into(),
            came_unmatched: true,
            matched: None,
        };
        let by = ofd_office::by::By::program("test", now, std::net::Ipv4Addr::LOCALHOST.into());
        let office = &self.house.site.office;
        if ofd_storage::payment_keys::client(&office.store, CLIENT).await.unwrap().is_none() {
            make_key(office, &by, CLIENT, "Банк").await.unwrap();
        }
        let stamps = || self.house.site.office.stamp();
        take(&*self.house.store, payment, (day, now.0), &stamps).await.unwrap();
    }
}
