//! What of an organisation's charges stands in the ledger, and the postings that are due beside it.

use std::collections::BTreeMap;

use ofd_billing::charging::{DayCharge, difference};
use ofd_billing::ledger::{EntryOf, LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source, shard_of};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn, TiynError};
use serde::{Deserialize, Serialize};

use super::error::ChargingError;
use crate::ledger::{self, PersonalAccountRecord};
use crate::store::{Store, StoreError};

/// So many charges one posting explains: as JSON they are below what a posting may say.
pub const CHARGES_PER_POSTING: usize = 200;

/// Entries are walked in pages.
const PAGE: usize = 64;

/// Why a posting is the sum that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The charges that it is of, all of its day.
    pub charges: Vec<DayCharge>,
}

/// What was posted of charges.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// The charges, each as often as it was posted.
    pub charges: Vec<DayCharge>,
    /// The greatest number that a source of a day has.
    numbers: BTreeMap<Day, u32>,
}

/// The day and the number of a charge's source; `None` for another source.
fn numbered(source: &Source) -> Option<(Day, u32)> {
    let (day, number) = source.as_str().strip_prefix("charge/")?.split_once('/')?;
    Some((day.parse().ok()?, number.parse().ok()?))
}

fn source(day: Day, number: u32) -> Result<Source, ChargingError> {
    Ok(Source::new(format!("charge/{day}/{number}"))?)
}

impl Posted {
    /// What was posted to an account of days of `from` and of later months.
    pub(super) async fn read(
        store: &impl Store,
        account: &PersonalAccountRecord,
        from: Month,
    ) -> Result<Self, ChargingError> {
        let mut posted = Self::default();
        let mut by_source: BTreeMap<Source, Vec<DayCharge>> = BTreeMap::new();
        let mut taken_back: Vec<Source> = Vec::new();
        let home = LedgerAccount::Personal(account.number);
        let mut month = Some(from.max(account.opened));
        while let Some(at) = month {
            if ledger::head(store, home, at).await?.is_none() {
                break;
            }
            let mut before = None;
            loop {
                let page = ledger::entries(store, home, at, before, PAGE).await?;
                for entry in &page {
                    let EntryOf::Posting(posting) = &entry.of else { continue };
                    taken_back.extend(posting.reverses.clone());
                    if let Some((day, number)) = numbered(&posting.source) {
                        let greatest = posted.numbers.entry(day).or_default();
                        *greatest = number.max(*greatest);
                        by_source.insert(posting.source.clone(), charges_of(account.number, posting)?);
                    }
                }
                match page.last() {
                    Some(last) if page.len() == PAGE => before = Some(last.number),
                    Some(_) | None => break,
                }
            }
            month = at.next();
        }
        for source in taken_back {
            by_source.remove(&source);
        }
        posted.charges = by_source.into_values().flatten().filter(|one| from <= one.day.month()).collect();
        Ok(posted)
    }

    /// The charges of one month.
    pub(super) fn of_month(&self, month: Month) -> Vec<DayCharge> {
        self.charges.iter().filter(|one| one.day.month() == month).cloned().collect()
    }

    /// The postings that make of what was posted of a month what is planned.
    pub(super) fn due(
        &self,
        month: Month,
        planned: &[DayCharge],
        number: PersonalAccount,
    ) -> Result<Vec<Posting>, ChargingError> {
        let posted = self.of_month(month);
        let mut by_day: BTreeMap<Day, [Vec<DayCharge>; 2]> = BTreeMap::new();
        for due in difference(&posted, planned)? {
            let sides = by_day.entry(due.day).or_default();
            for one in movements(&posted, due)? {
                let [back, more] = &mut *sides;
                if one.sum < Tiyn::ZERO { back.push(one) } else { more.push(one) }
            }
        }
        let mut postings = Vec::new();
        for (day, sides) in by_day {
            let before = self.numbers.get(&day).copied().unwrap_or_default();
            let parts = sides.iter().flat_map(|side| side.chunks(CHARGES_PER_POSTING));
            for (part, place) in parts.zip(1_u32..) {
                postings.push(posting(number, source(day, before.saturating_add(place))?, day, part)?);
            }
        }
        Ok(postings)
    }
}

fn charges_of(account: PersonalAccount, posting: &Posting) -> Result<Vec<DayCharge>, StoreError> {
    let why: Why = serde_json::from_value(posting.why.clone()).map_err(|error| StoreError::Corrupt {
        place: format!("posting {} of personal account {account}", posting.source),
        reason: format!("what it was charged for cannot be read: {error}"),
    })?;
    Ok(why.charges)
}

/// A difference as movements that have a sum. Where only the tax in a charge is another one, the charge is taken back and posted anew: no
/// posting moves nothing in its home.
fn movements(posted: &[DayCharge], due: DayCharge) -> Result<Vec<DayCharge>, TiynError> {
    if due.sum != Tiyn::ZERO {
        return Ok(vec![due]);
    }
    let same = posted.iter().filter(|one| one.day == due.day && one.basis == due.basis);
    let (mut sum, mut vat) = (Tiyn::ZERO, Tiyn::ZERO);
    for one in same {
        (sum, vat) = (sum.plus(one.sum)?, vat.plus(one.vat)?);
    }
    let back = DayCharge { sum: sum.negated(), vat: vat.negated(), ..due.clone() };
    let anew = DayCharge { sum, vat: vat.plus(due.vat)?, ..due };
    Ok([back, anew].into_iter().filter(|one| one.sum != Tiyn::ZERO).collect())
}

/// The posting of charges of one day, all of them on one side.
fn posting(
    number: PersonalAccount,
    source: Source,
    day: Day,
    charges: &[DayCharge],
) -> Result<Posting, ChargingError> {
    let sum = Tiyn::sum(charges.iter().map(|one| one.sum))?;
    let vat = Tiyn::sum(charges.iter().map(|one| one.vat))?;
    let own = |own| LedgerAccount::Own(own, shard_of(number));
    let legs = [
        Leg { account: LedgerAccount::Personal(number), sum: sum.negated() },
        Leg { account: own(OwnAccount::Revenue), sum: sum.minus(vat)? },
        Leg { account: own(OwnAccount::Vat), sum: vat },
    ];
    let why = serde_json::to_value(Why { charges: charges.to_vec() }).map_err(|error| {
        StoreError::Corrupt { place: format!("posting {source}"), reason: error.to_string() }
    })?;
    Ok(Posting {
        source,
        on: day.date(),
        purpose: Purpose::Charge,
        legs: legs.into_iter().filter(|leg| leg.sum != Tiyn::ZERO).collect(),
        reverses: None,
        by: None,
        why,
    })
}
