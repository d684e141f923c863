//! What is known of an organisation's registers when a month is charged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::month::Month;
use crate::tariffs::{ConnectionKind, Plan, PlanId, TariffHistory, VatRates};

/// By what the service of a register ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEnd {
    /// The tax authority took it off the books on this day, which is charged.
    Deregistered(Day),
    /// The contract for it ended on this day, which is charged.
    Disconnected(Day),
    /// From this day on it is another organisation's, which this one is not charged.
    Moved(Day),
}

impl ServiceEnd {
    /// The last day that is charged; `None` where there is no day before.
    #[must_use]
    pub fn last_day(self) -> Option<Day> {
        match self {
            Self::Deregistered(day) | Self::Disconnected(day) => Some(day),
            Self::Moved(day) => day.previous(),
        }
    }
}

/// A time in which a register served the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The day on which its first receipt was accepted there, in the operator's time zone.
    pub from: Day,
    /// How it ended; none: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<ServiceEnd>,
}

impl Service {
    /// Whether the day is one of those that are charged.
    #[must_use]
    pub fn has(&self, day: Day) -> bool {
        self.from <= day && self.end.is_none_or(|end| end.last_day().is_some_and(|last| day <= last))
    }
}

/// From when a register is connected in a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindChange {
    /// The first day of it.
    pub from: Day,
    /// How it is connected from then on.
    pub kind: ConnectionKind,
}

/// What is known of a register of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterFacts {
    /// The id of the register.
    pub register: u64,
    /// When it served this organisation: one time, or several where it went and came back.
    pub services: Vec<Service>,
    /// How it was connected, ascending by day.
    pub kinds: Vec<KindChange>,
    /// The plans that it was on.
    pub tariffs: TariffHistory,
    /// How many receipts were accepted on which day, in the month that is charged; days without any may be left out.
    pub receipts: BTreeMap<Day, u64>,
}

impl RegisterFacts {
    /// Whether this organisation is charged for it on that day.
    #[must_use]
    pub fn is_served_on(&self, day: Day) -> bool {
        self.services.iter().any(|service| service.has(day))
    }

    /// The day of the first receipt that this organisation sent by it.
    #[must_use]
    pub fn first_receipt(&self) -> Option<Day> {
        let with_days = self.services.iter().filter(|service| service.has(service.from));
        with_days.map(|service| service.from).min()
    }

    /// How it was connected on that day.
    #[must_use]
    pub fn kind_on(&self, day: Day) -> Option<ConnectionKind> {
        self.kinds
            .iter()
            .filter(|change| change.from <= day)
            .max_by_key(|change| change.from)
            .map(|change| change.kind)
    }

    /// How many receipts of the day are above a limit for the month. All receipts of the month count, whatever plan they were made on.
    #[must_use]
    pub fn receipts_over(&self, limit: u64, day: Day) -> u64 {
        let month = self.receipts.range(Day::first_of(day.month())..=day);
        let through = month.fold(0_u64, |all, (_, receipts)| all.saturating_add(*receipts));
        let today = self.receipts.get(&day).copied().unwrap_or_default();
        through.saturating_sub(limit).min(today)
    }
}

/// The prices and rates that a month is charged by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Every plan that a register of it is or was on.
    pub plans: &'a BTreeMap<PlanId, Plan>,
    /// The rates of VAT.
    pub vat: &'a VatRates,
}

/// An organisation in a month that is charged.
#[derive(Clone, Copy, Debug)]
pub struct OrganisationMonth<'a> {
    /// The month itself.
    pub month: Month,
    /// The last day that is over: later ones are not charged yet.
    pub up_to: Day,
    /// Every register that served it in the month.
    pub registers: &'a [RegisterFacts],
    /// What it is charged by.
    pub rules: Rules<'a>,
}
