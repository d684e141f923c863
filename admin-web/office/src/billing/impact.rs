//! Whom a change of a plan touches: counted before it is confirmed.

use std::collections::{BTreeMap, BTreeSet};

use ofd_billing::Day;
use ofd_billing::tariffs::{PlanId, TariffHistory};
use ofd_storage::accounts::{Company, REGISTRATION_PAGE_MAX, registrations};
use ofd_storage::holdings::registers_of;
use ofd_storage::store::{RecordKind, Store, StoreError};
use ofd_storage::tariffs;

use crate::office::Office;

/// Organisations that are looked at for a page: more take longer than a person waits, and are told to be left out.
const ORGANISATIONS_MAX: usize = 500;

/// Organisations and registers are read in pages.
const PAGE: usize = 256;

/// Whom a plan is charged to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Organisations with at least one register on it.
    pub organisations: u32,
    /// Their registers on it.
    pub registers: u32,
    /// Not all organisations were looked at: there may be more.
    pub is_cut: bool,
}

/// How many registers of how many organisations are on a plan on a day, by what was chosen until now.
///
/// # Errors
/// Those of the store.
pub async fn touched(office: &Office, plan: &PlanId, day: Day) -> Result<Touched, StoreError> {
    let (mut touched, mut after, mut seen) = (Touched::default(), None::<Vec<u8>>, 0_usize);
    loop {
        let page = office.store.records(RecordKind::Organisation, b"", after.as_deref(), PAGE).await?;
        for bin in page.iter().filter_map(|record| std::str::from_utf8(&record.key).ok()) {
            if seen >= ORGANISATIONS_MAX {
                return Ok(Touched { is_cut: true, ..touched });
            }
            seen = seen.saturating_add(1);
            let registers = of_organisation(office, bin, plan, day).await?;
            touched.registers = touched.registers.saturating_add(registers);
            touched.organisations = touched.organisations.saturating_add(u32::from(registers > 0));
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.key.to_vec()),
            Some(_) | None => return Ok(touched),
        }
    }
}

async fn of_organisation(office: &Office, bin: &str, plan: &PlanId, day: Day) -> Result<u32, StoreError> {
    let (mut plans, mut gone) = (BTreeMap::new(), BTreeSet::new());
    if let Some(stream) = Company::stream_of(bin) {
        let mut after = None;
        loop {
            let page = registrations(&office.store, stream, after, REGISTRATION_PAGE_MAX).await?;
            after = page.last().map(|last| last.id);
            let is_last = page.len() < REGISTRATION_PAGE_MAX;
            for registration in page {
                if !registration.is_registered() {
                    gone.insert(registration.id);
                }
                plans.insert(registration.id, registration.plans);
            }
            if is_last {
                break;
            }
        }
    }
    let (mut count, mut after) = (0_u32, None);
    loop {
        let page = registers_of(&office.store, bin, after, PAGE).await?;
        for register in page.found.iter().filter(|register| !gone.contains(&register.id)) {
            let chosen = plans.get(&register.id).cloned().unwrap_or_else(TariffHistory::default);
            if tariffs::history(&chosen)?.on(day) == Some(plan) {
                count = count.saturating_add(1);
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(count),
        }
    }
}
