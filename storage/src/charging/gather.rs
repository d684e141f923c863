//! What is known of an organisation when it is charged.

use std::collections::BTreeMap;

use ofd_billing::charging::{RegisterFacts, ServiceEnd};
use ofd_billing::tariffs::{Plan, PlanId, TariffHistory};
use ofd_billing::{Day, Month};
use ofd_protocol::types::{RegisterId, UnixMillis};

use super::clock::Clock;
use super::error::ChargingError;
use super::service::{Looked, ServiceRecord, keep, services_of};
use crate::accounts::{Company, REGISTRATION_PAGE_MAX, Registration, RegistrationState, registrations};
use crate::holdings::{Listing, registers_of};
use crate::model::RegisterRecord;
use crate::registers;
use crate::store::{Store, StoreError, Version};
use crate::tariffs;

/// Registers are read in pages.
const PAGE: usize = 128;

/// Whether what was learned is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Each next look begins there.
    Kept,
    /// Only somebody looks.
    Forgotten,
}

/// Brings what is known of an organisation's registers up to date, and tells it as charging needs it that charges the months from
/// `from` on.
pub(super) async fn facts(
    store: &impl Store,
    bin: &str,
    (clock, from, day): (Clock, Month, Day),
    plans: &BTreeMap<PlanId, Plan>,
    way: Keep,
) -> Result<Vec<RegisterFacts>, ChargingError> {
    let registers = all_registers(store, bin).await?;
    let mut known = services_of(store, bin).await?;
    if registers.is_empty() && known.is_empty() {
        return Ok(Vec::new());
    }
    let registrations = all_registrations(store, bin).await?;
    let mut facts = Vec::with_capacity(registers.len());
    for register in registers {
        let registration = registrations.get(&register.id);
        let gathering = Gathering { clock, from, day, plans, way, registration };
        facts.push(gathering.of_register(store, &register, known.remove(&register.id)).await?);
    }
    for (id, found) in known {
        let gathering = Gathering { clock, from, day, plans, way, registration: registrations.get(&id) };
        facts.push(gathering.of_one_that_went(store, found).await?);
    }
    Ok(facts)
}

/// What a register's service is gathered by.
struct Gathering<'a> {
    clock: Clock,
    from: Month,
    day: Day,
    plans: &'a BTreeMap<PlanId, Plan>,
    way: Keep,
    registration: Option<&'a Registration>,
}

impl Gathering<'_> {
    /// A register that is the organisation's.
    async fn of_register(
        &self,
        store: &impl Store,
        register: &RegisterRecord,
        known: Option<(Version, ServiceRecord)>,
    ) -> Result<RegisterFacts, StoreError> {
        let (mut version, mut before) = match known {
            Some((version, record)) => (Some(version), record),
            None => (None, ServiceRecord::new(&register.bin, register.id)),
        };
        let mut record = before.clone();
        record.is_connected(tariffs::kind_of(register.connection), tariffs::ever()?, self.day);
        let tariffs = self.tariffs()?;
        let counts = self.are_receipts_limited(&tariffs);
        while record.look(store, (self.clock, self.day), counts).await? == Looked::AtSome {
            version = self.keep(store, version, &record).await?;
            before = record.clone();
        }
        if let Some(at) = self.taken_off(store, &record).await? {
            record.ends(ServiceEnd::Deregistered(self.clock.day_of(at)?));
        }
        record.forget_before(kept_from(self.from, self.day));
        if record != before {
            self.keep(store, version, &record).await?;
        }
        Ok(record.facts(tariffs))
    }

    /// A register that is another organisation's by now.
    async fn of_one_that_went(
        &self,
        store: &impl Store,
        (version, before): (Version, ServiceRecord),
    ) -> Result<RegisterFacts, StoreError> {
        let mut record = before.clone();
        record.ends(ServiceEnd::Moved(self.day));
        if record != before {
            self.keep(store, Some(version), &record).await?;
        }
        Ok(record.facts(self.tariffs()?))
    }

    /// When the register was taken off the books: the register itself knows, and where it was not told yet its registration.
    async fn taken_off(
        &self,
        store: &impl Store,
        record: &ServiceRecord,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let near = record.read.map_or(1, |read| read.shift);
        let newest = registers::newest_from(store, record.register, near).await?;
        if let Some(stop) = newest.and_then(|newest| newest.register.status.deregistered) {
            return Ok(Some(stop.at));
        }
        let registration = self.registration.filter(|one| one.state == RegistrationState::Deregistered);
        Ok(registration.map(|registration| registration.since))
    }

    async fn keep(
        &self,
        store: &impl Store,
        version: Option<Version>,
        record: &ServiceRecord,
    ) -> Result<Option<Version>, StoreError> {
        match self.way {
            Keep::Kept => keep(store, version, record).await.map(Some),
            Keep::Forgotten => Ok(version),
        }
    }

    /// The plans that the register was on.
    fn tariffs(&self) -> Result<TariffHistory, StoreError> {
        match self.registration {
            Some(registration) => tariffs::history(&registration.plans),
            None => tariffs::history(&TariffHistory::default()),
        }
    }

    /// Whether any plan that it was or will be on has a limit of receipts: without one nobody needs their number.
    fn are_receipts_limited(&self, tariffs: &TariffHistory) -> bool {
        let plans = tariffs.changes().iter().filter_map(|change| self.plans.get(&change.plan));
        plans.flat_map(|plan| &plan.data().versions).any(|version| version.receipts.is_some())
    }
}

/// Receipts of days before this one are not charged any more by any run: after a pause a run charges from long before.
fn kept_from(from: Month, day: Day) -> Day {
    let month = day.month();
    Day::first_of(month.previous().and_then(|before| before.previous()).unwrap_or(month).min(from))
}

/// All registers of an organisation. Who charged by some of them would take back what was posted for the others.
async fn all_registers(store: &impl Store, bin: &str) -> Result<Vec<RegisterRecord>, ChargingError> {
    let (mut registers, mut after) = (Vec::new(), None);
    loop {
        let page = registers_of(store, bin, after, PAGE).await?;
        if page.listing == Listing::BeingMade {
            return Err(ChargingError::NotListed(bin.to_owned()));
        }
        if let Some(id) = page.unreadable.first() {
            let (place, reason) = (format!("register {id}"), "it cannot be read".to_owned());
            return Err(StoreError::Corrupt { place, reason }.into());
        }
        registers.extend(page.found);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(registers),
        }
    }
}

/// The registrations of an organisation, by register.
async fn all_registrations(
    store: &impl Store,
    bin: &str,
) -> Result<BTreeMap<RegisterId, Registration>, StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(BTreeMap::new()) };
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let page = registrations(store, stream, after, REGISTRATION_PAGE_MAX).await?;
        after = page.last().map(|last| last.id);
        let is_last = page.len() < REGISTRATION_PAGE_MAX;
        found.extend(page.into_iter().map(|registration| (registration.id, registration)));
        if is_last {
            return Ok(found);
        }
    }
}
