//! A payment that has nobody, which paths name.

use ofd_billing::ledger::Source;
use ofd_billing::{Day, Tiyn};
use ofd_office::day::today;
use ofd_storage::payments::{CameBy, Payer, Payment, take};

use super::super::support::{OPERATORS_IBAN, ZONE};
use super::*;

/// The id that paths name it by.
pub(super) const PAYMENT: &str = "bank.00.0";

impl Town {
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
        let stamps = || self.house.site.office.stamp();
        take(&*self.house.store, payment, (day, now.0), &stamps).await.unwrap();
    }
}
