//! The registers of an organisation with trouble, and its sales of today beside those of a week ago.

use futures::future::try_join;
use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::message::Operation;
use ofd_protocol::register::{Counter, Day, Figures, Telling};
use ofd_protocol::types::{LocalDateTime, RegisterId};
use ofd_storage::figures;
use ofd_storage::model::RegisterRecord;
use ofd_storage::store::{Store, StoreError};

use super::trouble::{Trouble, troubles};
use crate::shops::{registers_up_to, state_and_heard};

/// So many registers are looked at: each costs some reads, and the page is opened after every sign-in.
const REGISTERS_MAX: usize = 1_000;

/// Registers with trouble that are named one by one.
const NAMED_MAX: usize = 20;

/// Registers are read so many at a time.
const TOGETHER: usize = 32;

/// Days of a week.
const WEEK: i64 = 7;

/// What was sold on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaySales {
    /// How many receipts were sales.
    pub count: i64,
    /// What they come to, in tiyn.
    pub sum: i64,
    /// How many gave goods back that were sold.
    pub return_count: i64,
    /// What they come to, in tiyn.
    pub return_sum: i64,
}

impl DaySales {
    fn add(&mut self, of: impl Fn(Operation) -> Counter) {
        let (sold, returned) = (of(Operation::Sell), of(Operation::SellReturn));
        self.count = self.count.saturating_add(sold.count);
        self.sum = self.sum.saturating_add(sold.sum);
        self.return_count = self.return_count.saturating_add(returned.count);
        self.return_sum = self.return_sum.saturating_add(returned.sum);
    }

    /// Adds what a register sold on a whole day.
    fn add_day(&mut self, figures: &Figures) {
        self.add(|operation| figures.tickets.get(operation.index()).map(|one| one.total).unwrap_or_default());
    }

    /// Adds what a register sold in the first hours of a day.
    fn add_hours(&mut self, figures: &Figures, until_hour: u8) {
        for (_, counters) in figures.hours.range(..until_hour) {
            self.add(|operation| counters.get(operation.index()).copied().unwrap_or_default());
        }
    }
}

/// Figures are kept by the hour, so a day so far is set beside so many whole hours of another one: as many as are nearest.
fn hours_so_far(now: LocalDateTime) -> u8 {
    let (hour, minute, _) = now.time();
    if minute < 30 { hour } else { hour.saturating_add(1) }
}

/// A register that somebody should look after.
#[derive(Clone, Debug)]
pub struct TroubledRegister {
    /// Which it is.
    pub record: RegisterRecord,
    /// What is wrong, the worst first.
    pub troubles: Vec<Trouble>,
}

/// What a company's people should know first.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Registers with trouble, those with the worst first; the first ones alone.
    pub troubled: Vec<TroubledRegister>,
    /// How many have trouble.
    pub troubled_count: usize,
    /// How many registers were looked at.
    pub registers_count: usize,
    /// Whether these are all: the list may still be being made, or be too long.
    pub is_complete: bool,
    /// Today's sales so far, and those of the same day a week ago up to about the same time.
    pub sales: [DaySales; 2],
    /// Up to this hour are those of a week ago.
    pub until_hour: u8,
}

/// Looks over an organisation's registers. `with_sales`: whether who asks may see what they sold.
///
/// # Errors
/// Those of the store.
pub async fn overview(
    store: &impl Store,
    bin: &str,
    telling: Telling,
    with_sales: bool,
) -> Result<Overview, StoreError> {
    let (records, is_complete) = registers_up_to(store, bin, REGISTERS_MAX).await?;
    let now = telling.now.wall(telling.zone_offset_seconds);
    let (today, until_hour) = (Day::of(now), hours_so_far(now));
    let look = |record: RegisterRecord| async move {
        let id = record.id;
        let looked =
            try_join(state_and_heard(store, id, telling.now), sales(store, id, today, with_sales)).await?;
        Ok::<_, StoreError>((record, looked))
    };
    let mut overview =
        Overview { registers_count: records.len(), is_complete, until_hour, ..Overview::default() };
    let mut looks = stream::iter(records.into_iter().map(look)).buffered(TOGETHER);
    while let Some((record, ((state, heard_at), days))) = looks.try_next().await? {
        for (day, figures) in &days {
            let [now, before] = &mut overview.sales;
            if *day == today {
                now.add_day(figures);
            } else {
                before.add_hours(figures, until_hour);
            }
        }
        let troubles = state.map(|state| troubles(&state, heard_at, telling.now)).unwrap_or_default();
        if !troubles.is_empty() {
            overview.troubled.push(TroubledRegister { record, troubles });
        }
    }
    overview.troubled_count = overview.troubled.len();
    overview.troubled.sort_by(|one, other| {
        (one.troubles.first(), one.record.id.0).cmp(&(other.troubles.first(), other.record.id.0))
    });
    overview.troubled.truncate(NAMED_MAX);
    Ok(overview)
}

/// The figures of a register of today and of a week ago, as far as there are any.
async fn sales(
    store: &impl Store,
    id: RegisterId,
    today: Day,
    is_wanted: bool,
) -> Result<Vec<(Day, Figures)>, StoreError> {
    if !is_wanted {
        return Ok(Vec::new());
    }
    let before = today.plus(-WEEK);
    let (mut days, earlier) =
        try_join(figures::days(store, id, today, today), figures::days(store, id, before, before)).await?;
    days.extend(earlier);
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_week_ago_as_many_whole_hours_count_as_are_nearest_to_now() {
        let at = |hour, minute| LocalDateTime::new(2026, 1, 22, hour, minute, 0).unwrap();
        assert_eq!([at(17, 9), at(17, 30), at(0, 10), at(23, 59)].map(hours_so_far), [17, 18, 0, 24]);
        let sold = |sum| {
            let mut counters = [Counter::default(); 4];
            counters[Operation::Sell.index()] = Counter { count: 1, sum };
            counters
        };
        let figures =
            Figures { hours: [(9, sold(100)), (16, sold(20)), (17, sold(3))].into(), ..Figures::default() };
        let until = |hour| {
            let mut sales = DaySales::default();
            sales.add_hours(&figures, hour);
            (sales.count, sales.sum)
        };
        assert_eq!([until(0), until(17), until(18), until(24)], [(0, 0), (2, 120), (3, 123), (3, 123)]);
    }
}
