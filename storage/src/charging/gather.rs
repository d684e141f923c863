//! What is known of an organisation when it is charged.

use std::collections::{BTreeMap, BTreeSet};

use ofd_billing::charging::{RegisterFacts, ServiceEnd};
use ofd_billing::tariffs::{Plan, PlanId, TariffHistory};
use ofd_billing::{Day, Month};
use ofd_protocol::types::{RegisterId, UnixMillis};

use super::clock::Clock;
use super::error::ChargingError;
use super::service::{Looked, ServiceRecord, keep, read_services};
use crate::accounts::{Company, REGISTRATION_PAGE_MAX, Registration, RegistrationState, registrations};
use crate::holdings::{Listing, registers_of};
use crate::model::{self, RegisterRecord, register_key};
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

/// What is asked of an organisation's registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) clock: Clock,
    /// The first month that is charged.
    pub(super) from: Month,
    /// The last day that is charged.
    pub(super) day: Day,
    pub(super) way: Keep,
    /// Whether what cannot be read is left out; otherwise nothing is told of the organisation.
    pub(super) leaves_out: bool,
}

/// What is known of an organisation's registers.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) registers: Vec<RegisterFacts>,
    /// Registers of which nothing is known, though something may be: what was posted for them stays.
    pub(super) without: BTreeSet<u64>,
    /// What could not be read.
    pub(super) left_out: Vec<String>,
}

/// Brings what is known of an organisation's registers up to date, and tells it as charging needs it.
pub(super) async fn facts(
    store: &impl Store,
    bin: &str,
    wanted: Wanted,
    plans: &BTreeMap<PlanId, Plan>,
) -> Result<Gathered, ChargingError> {
    let mut gathered = Gathered::default();
    let registers = all_registers(store, bin, wanted, &mut gathered).await?;
    let mut known = all_services(store, bin, wanted, &mut gathered).await?;
    if registers.is_empty() && known.is_empty() {
        return Ok(gathered);
    }
    let registrations = all_registrations(store, bin).await?;
    for register in registers {
        let id = register.id;
        if gathered.without.contains(&u64::from(id.0)) {
            continue;
        }
        let gathering = Gathering { wanted, plans, registration: registrations.get(&id) };
        let before = known.remove(&id);
        let found = gathering.of_register(store, &register, before.clone()).await;
        gathering.take(&mut gathered, (id, before), found)?;
    }
    for (id, found) in known {
        let gathering = Gathering { wanted, plans, registration: registrations.get(&id) };
        let outcome = match gathered.without.contains(&u64::from(id.0)) {
            // It may still be here: it costs what is known of it.
            true => Ok(found.1.clone().facts(gathering.tariffs()?)),
            false => gathering.of_one_that_went(store, found.clone()).await,
        };
        gathered.without.remove(&u64::from(id.0));
        gathering.take(&mut gathered, (id, Some(found)), outcome)?;
    }
    Ok(gathered)
}

/// What a register's service is gathered by.
struct Gathering<'a> {
    wanted: Wanted,
    plans: &'a BTreeMap<PlanId, Plan>,
    registration: Option<&'a Registration>,
}

impl Gathering<'_> {
    /// Takes what is known of a register; of one that cannot be read what was known before, where it is left out.
    fn take(
        &self,
        gathered: &mut Gathered,
        (id, before): (RegisterId, Option<(Version, ServiceRecord)>),
        found: Result<RegisterFacts, StoreError>,
    ) -> Result<(), StoreError> {
        match found {
            Ok(facts) => gathered.registers.push(facts),
            Err(error) if self.wanted.leaves_out => {
                gathered.left_out.push(format!("register {id}: {error}"));
                match before {
                    Some((_, record)) => gathered.registers.push(record.facts(self.tariffs()?)),
                    None => drop(gathered.without.insert(u64::from(id.0))),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

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
        let moved = register.moved_at.map(|at| self.wanted.clock.day_of(at)).transpose()?;
        record.comes(moved);
        record.is_connected(tariffs::kind_of(register.connection), tariffs::ever()?, self.wanted.day);
        let tariffs = self.tariffs()?;
        let counts = self.are_receipts_limited(&tariffs);
        while record.look(store, (self.wanted.clock, self.wanted.day), counts).await? == Looked::AtSome {
            version = self.keep(store, version, &record).await?;
            before = record.clone();
        }
        if let Some(at) = self.taken_off(store, &record).await? {
            record.ends(ServiceEnd::Deregistered(self.wanted.clock.day_of(at)?));
        }
        record.forget_before(kept_from(self.wanted.from, self.wanted.day));
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
        let now = model::load::<RegisterRecord>(store, &register_key(record.register)).await?;
        let moved =
            now.and_then(|(_, now)| now.moved_at).map(|at| self.wanted.clock.day_of(at)).transpose()?;
        record.ends(ServiceEnd::Moved(moved.unwrap_or(self.wanted.day)));
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
        match self.wanted.way {
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
async fn all_registers(
    store: &impl Store,
    bin: &str,
    wanted: Wanted,
    gathered: &mut Gathered,
) -> Result<Vec<RegisterRecord>, ChargingError> {
    let (mut registers, mut after) = (Vec::new(), None);
    loop {
        let page = registers_of(store, bin, after, PAGE).await?;
        if page.listing == Listing::BeingMade {
            return Err(ChargingError::NotListed(bin.to_owned()));
        }
        for id in page.unreadable {
            leave_out(gathered, wanted, id, "its record cannot be read")?;
        }
        registers.extend(page.found);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(registers),
        }
    }
}

/// The services of all registers that an organisation has or had.
async fn all_services(
    store: &impl Store,
    bin: &str,
    wanted: Wanted,
    gathered: &mut Gathered,
) -> Result<BTreeMap<RegisterId, (Version, ServiceRecord)>, StoreError> {
    let mut services = BTreeMap::new();
    for (id, found) in read_services(store, bin).await? {
        match found {
            Ok(found) => drop(services.insert(id, found)),
            Err(error) => leave_out(gathered, wanted, id, &error.to_string())?,
        }
    }
    Ok(services)
}

fn leave_out(
    gathered: &mut Gathered,
    wanted: Wanted,
    id: RegisterId,
    reason: &str,
) -> Result<(), StoreError> {
    if !wanted.leaves_out {
        return Err(StoreError::Corrupt { place: format!("register {id}"), reason: reason.to_owned() });
    }
    gathered.without.insert(u64::from(id.0));
    gathered.left_out.push(format!("register {id}: {reason}"));
    Ok(())
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
