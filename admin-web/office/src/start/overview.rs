//! The registers of an organisation with trouble, and its sales of today beside those of a week ago.

use futures::future::try_join;
use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::message::Operation;
use ofd_protocol::register::{Day, Figures, Telling};
use ofd_protocol::types::RegisterId;
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
    fn add(&mut self, figures: &Figures) {
        let of = |operation: Operation| {
            figures.tickets.get(operation.index()).map(|one| one.total).unwrap_or_default()
        };
        let (sold, returned) = (of(Operation::Sell), of(Operation::SellReturn));
        self.count = self.count.saturating_add(sold.count);
        self.sum = self.sum.saturating_add(sold.sum);
        self.return_count = self.return_count.saturating_add(returned.count);
        self.return_sum = self.return_sum.saturating_add(returned.sum);
    }
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
    /// Today's sales, and those of the same day a week ago.
    pub sales: [DaySales; 2],
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
    let today = Day::of(telling.now.wall(telling.zone_offset_seconds));
    let look = |record: RegisterRecord| async move {
        let id = record.id;
        let looked =
            try_join(state_and_heard(store, id, telling.now), sales(store, id, today, with_sales)).await?;
        Ok::<_, StoreError>((record, looked))
    };
    let mut overview = Overview { registers_count: records.len(), is_complete, ..Overview::default() };
    let mut looks = stream::iter(records.into_iter().map(look)).buffered(TOGETHER);
    while let Some((record, ((state, heard_at), days))) = looks.try_next().await? {
        for (day, figures) in &days {
            let [now, before] = &mut overview.sales;
            let of_day = if *day == today { now } else { before };
            of_day.add(figures);
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
