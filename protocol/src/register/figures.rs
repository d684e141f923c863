//! Figures of a register's days: its documents counted by the day and the hour that they belong to.
//!
//! Receipts and cash are counted as they are in a shift's totals, by the same code; only the span is another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::recount::{Countable, Uncountable, countable};
use super::totals::{
    Counter, Direction, Lifetime, PlacementCounter, ShiftTotals, Tally, TaxCounter, TicketCounter,
};
use crate::types::{LocalDateTime, UnixMillis};

/// A document counts by the device's time unless that lies further than this from the time of acceptance: receipts made
/// without a link come up to three days later, and a clock that is wrong by more tells nothing of the day.
pub const APART_MAX_SECONDS: i64 = 5 * 24 * 3600;

/// The time by which a document counts, on a wall clock that is `zone_offset_seconds` ahead of UTC. A document without a
/// time of the device counts by its acceptance.
pub fn counts_at(
    date_time: Option<LocalDateTime>,
    accepted_at: UnixMillis,
    zone_offset_seconds: i32,
) -> LocalDateTime {
    let accepted = accepted_at.wall_seconds(zone_offset_seconds);
    let is_near =
        |came: &LocalDateTime| came.wall_seconds().saturating_sub(accepted).abs() <= APART_MAX_SECONDS;
    date_time.filter(is_near).unwrap_or_else(|| accepted_at.wall(zone_offset_seconds))
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// `None` when there is no such day.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        LocalDateTime::new(year, month, day, 0, 0, 0).map(Self::of)
    }

    /// The day of a moment.
    pub fn of(moment: LocalDateTime) -> Self {
        let (year, month, day) = moment.date();
        Self { year, month, day }
    }

    /// Year, month and day.
    pub fn date(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// How many days lie between this day and 1970-01-01; negative before.
    pub fn number(self) -> i64 {
        let midnight = LocalDateTime::new(self.year.into(), self.month.into(), self.day.into(), 0, 0, 0);
        midnight.map_or(0, |midnight| midnight.wall_seconds().div_euclid(24 * 3600))
    }

    /// The day so many days later, or earlier.
    pub fn plus(self, days: i64) -> Self {
        let seconds = self.number().saturating_add(days).saturating_mul(24 * 3600);
        Self::of(LocalDateTime::from_wall_seconds(seconds))
    }
}

/// Written as `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// What a register's documents of one day come to. A cancelled receipt is taken out of the day that it was counted in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Receipts by [`Operation::index`](crate::message::Operation::index): number, sum, payments by type.
    pub tickets: [TicketCounter; 4],
    /// Taxes by type and thousandths of a percent; then by operation. Type 100 is VAT.
    pub taxes: BTreeMap<(u32, u32), [TaxCounter; 4]>,
    /// Receipts by the hour of the day, 0 to 23; then by operation.
    pub hours: BTreeMap<u8, [Counter; 4]>,
    /// Deposits, then withdrawals; what a closing took out is a withdrawal.
    pub placements: [PlacementCounter; 2],
}

impl Figures {
    /// Whether nothing happened on that day, or all of it was cancelled.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Counts a document, a whole frame, that counts at this time. `cash` is what was in the drawer before it, in tiyn,
    /// and becomes what is there then: a closing may take out all of it. A cancellation counts nothing by itself, see
    /// [`Figures::take_back`].
    ///
    /// # Errors
    /// [`Uncountable`] when it is no document that could have been accepted; nothing is counted then.
    pub fn count(&mut self, raw: &[u8], at: LocalDateTime, cash: &mut i64) -> Result<(), Uncountable> {
        self.add(raw, at, cash, Direction::Count)
    }

    /// Takes a receipt back out that was counted at this time, since it was cancelled.
    ///
    /// # Errors
    /// [`Uncountable`] as with [`Figures::count`].
    pub fn take_back(&mut self, raw: &[u8], at: LocalDateTime, cash: &mut i64) -> Result<(), Uncountable> {
        self.add(raw, at, cash, Direction::TakeBack)
    }

    fn add(
        &mut self,
        raw: &[u8],
        at: LocalDateTime,
        cash: &mut i64,
        direction: Direction,
    ) -> Result<(), Uncountable> {
        // Warnings were given when the document was accepted.
        let warnings = &mut Vec::new();
        let mut lifetime = Lifetime { cash: *cash, ..Lifetime::default() };
        let document = countable(raw)?;
        if direction == Direction::TakeBack && !matches!(document, Countable::Ticket(_)) {
            return Err(Uncountable("it is no receipt, and no other document is cancelled"));
        }
        let mut totals = ShiftTotals {
            tickets: self.tickets,
            taxes: std::mem::take(&mut self.taxes),
            placements: self.placements,
            ..ShiftTotals::default()
        };
        match &document {
            Countable::Ticket(receipt) => {
                totals.count_ticket(&mut lifetime, receipt, Tally::new(direction, warnings));
                let counters = self.hours.entry(at.time().0).or_default();
                if let Some(counter) = counters.get_mut(receipt.operation.index()) {
                    Tally::new(direction, warnings).add_both(counter, 1, receipt.total.get());
                }
                self.hours.retain(|_, counters| *counters != [Counter::default(); 4]);
            }
            Countable::Placement(placement) => totals.count_placement(&mut lifetime, placement, warnings),
            Countable::Close(close) => {
                if let Some(all) = close.withdrawal(&lifetime) {
                    totals.count_placement(&mut lifetime, &all, warnings);
                }
            }
            Countable::Cancellation => {}
        }
        (self.tickets, self.taxes, self.placements) = (totals.tickets, totals.taxes, totals.placements);
        *cash = lifetime.cash;
        Ok(())
    }

    /// Adds what another day, or another register, came to. A counter stays at its end.
    pub fn add_all(&mut self, other: &Self) {
        let warnings = &mut Vec::new();
        let mut tally = Tally::new(Direction::Count, warnings);
        for (to, from) in self.tickets.iter_mut().zip(&other.tickets) {
            to.add_all(from, &mut tally);
        }
        for (rate, counters) in &other.taxes {
            for (to, from) in self.taxes.entry(*rate).or_default().iter_mut().zip(counters) {
                to.add_all(from, &mut tally);
            }
        }
        for (hour, counters) in &other.hours {
            for (to, from) in self.hours.entry(*hour).or_default().iter_mut().zip(counters) {
                tally.add_both(to, from.count, from.sum);
            }
        }
        for (to, from) in self.placements.iter_mut().zip(&other.placements) {
            tally.add_both(&mut to.total, from.total.count, from.total.sum);
            tally.add(&mut to.offline_count, from.offline_count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32, hour: u32) -> LocalDateTime {
        LocalDateTime::new(2026, 11, day, hour, 0, 0).unwrap()
    }

    #[test]
    fn a_document_counts_by_the_devices_time_unless_that_is_over_five_days_off() {
        const ZONE: i32 = 5 * 3600;
        // 12:00 of the 20th in Kazakhstan.
        let accepted = UnixMillis(1_795_158_000_000);
        assert_eq!(accepted.wall(ZONE), at(20, 12));
        for (came, counts) in [
            (Some(at(20, 11)), at(20, 11)),
            (Some(at(15, 12)), at(15, 12)),
            (Some(at(15, 11)), at(20, 12)),
            (Some(at(25, 12)), at(25, 12)),
            (Some(at(25, 13)), at(20, 12)),
            (Some(LocalDateTime::YEAR_2000), at(20, 12)),
            (None, at(20, 12)),
        ] {
            assert_eq!(counts_at(came, accepted, ZONE), counts, "{came:?}");
        }
    }

    #[test]
    fn days_follow_the_calendar() {
        let last = Day::new(2024, 2, 29).unwrap();
        assert_eq!(last.plus(1), Day::new(2024, 3, 1).unwrap());
        assert_eq!(last.plus(-60), Day::new(2023, 12, 31).unwrap());
        assert_eq!(last.plus(1).number() - last.number(), 1);
        assert_eq!(Day::new(1970, 1, 1).unwrap().number(), 0);
        assert_eq!(Day::new(2026, 2, 29), None);
        assert_eq!(last.to_string(), "2024-02-29");
    }
}
