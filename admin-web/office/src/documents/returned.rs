//! Which returns undo a receipt. No index tells it, so they are looked for: in the registers of the organisation, those of the
//! same shop first, on the days after the receipt on which they had returns, and no further than a page may cost. How far that
//! was is told.

use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::message::Operation;
use ofd_protocol::register::{Day, Figures};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::figures::{self, DayPlaces};
use ofd_storage::holdings::{Listing, registers_of};
use ofd_storage::model::{RegisterRecord, registers_of_fns_kkm_id};
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::backwards::Documents;
use super::line::DocumentLine;
use super::merge::{Merge, TOGETHER};
use super::query::{DAYS_MAX, Period};
use super::reach::{Reach, Span, accepted_within};

/// So many documents are read for it.
const READ_MAX: usize = 2_000;

/// Registers of an organisation of which it may be known.
const REGISTERS_MAX: usize = 1_000;

/// So many days of figures are read, of all registers together: of a receipt of two weeks ago those of a thousand registers,
/// of one of a year ago those of a shop.
const DAYS_READ_MAX: i64 = 20_000;

/// Returns of one receipt that are told.
const RETURNS_MAX: usize = 20;

/// The first document of a register, where it has one.
const FIRST: DocumentRef = DocumentRef { shift: 1, number: 1 };

/// How far returns were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// In so many registers.
    pub registers: usize,
    /// Whether the organisation has no more.
    pub is_all: bool,
    /// Among documents that were accepted since, where not back to the receipt.
    pub since: Option<UnixMillis>,
    /// Until this day, where not until today.
    pub until: Option<Day>,
}

impl Looked {
    /// Whether there can be no return that was not found.
    pub fn is_everywhere(&self) -> bool {
        self.is_all && self.since.is_none() && self.until.is_none()
    }
}

/// The returns of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// These undo it, in part at least; the newest first.
    pub by: Vec<(RegisterId, DocumentRef)>,
    /// How far they were looked for.
    pub looked: Looked,
}

/// The operation that undoes another one.
fn undoing(operation: Operation) -> Option<Operation> {
    match operation {
        Operation::Sell => Some(Operation::SellReturn),
        Operation::Buy => Some(Operation::BuyReturn),
        Operation::SellReturn | Operation::BuyReturn => None,
    }
}

/// Where the documents lie of the days of a period on which a register has receipts of an operation, and what is not counted
/// yet.
async fn reach_of(
    store: &impl Store,
    register: RegisterId,
    (period, operation): (Period, Operation),
    zone: i32,
) -> Result<Reach, StoreError> {
    // The position first, then days, then the head: what is counted meanwhile is in what is read later.
    let counted = figures::counted_until(store, register).await?;
    let (position, zone) = counted.unwrap_or((DocumentRef { number: 0, ..FIRST }, zone));
    let days = match counted {
        Some(_) => figures::kept_days(store, register, period.from, period.to).await?,
        None => Vec::new(),
    };
    let has_any = |figures: &Figures| {
        figures.tickets.get(operation.index()).is_some_and(|counter| counter.total.count > 0)
    };
    let span = |places: &DayPlaces| match places {
        DayPlaces::None => None,
        DayPlaces::Known(places) => {
            Some(Span { first: places.first, last: places.last, accepted_until: places.last_accepted_at })
        }
        // Figures of before do not say it: any document that is counted may be one.
        DayPlaces::Unknown => {
            Some(Span { first: FIRST, last: position, accepted_until: UnixMillis(u64::MAX) })
        }
    };
    let wanted = days.iter().filter(|day| has_any(&day.figures));
    let mut spans = merged(wanted.filter_map(|day| span(&day.places)).collect());
    let known_until = spans.last().map_or(position, |span| span.last.max(position));
    let newest = registers::newest_from(store, register, position.shift).await?;
    let last = newest.and_then(|newest| newest.register.last_document);
    let rest = last.filter(|last| last.place > known_until).map(|last| Span {
        first: DocumentRef { number: known_until.number.saturating_add(1), ..known_until },
        last: last.place,
        accepted_until: last.accepted_at,
    });
    spans.extend(rest);
    Ok(Reach { register, zone, spans, figures: Figures::default(), has_uncounted: rest.is_some() })
}

/// Spans in their order, each document in one of them: days overlap where tills send late.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.first, span.last));
    let mut apart: Vec<Span> = Vec::new();
    for span in spans {
        match apart.last_mut().filter(|before| span.first <= before.last) {
            Some(before) => {
                before.last = before.last.max(span.last);
                before.accepted_until = before.accepted_until.max(span.accepted_until);
            }
            None => apart.push(span),
        }
    }
    apart
}

/// The registers in which it is looked, those of the same shop first, and whether these are all.
async fn registers_near(
    store: &impl Store,
    record: &RegisterRecord,
    days: i64,
) -> Result<(Vec<RegisterId>, bool), StoreError> {
    let holdings = registers_of(store, &record.bin, None, REGISTERS_MAX).await?;
    let is_whole =
        holdings.next.is_none() && holdings.unreadable.is_empty() && holdings.listing == Listing::Whole;
    let mut near = holdings.found;
    near.sort_by_key(|here| (here.trade_point != record.trade_point, here.id.0));
    let mut ids: Vec<RegisterId> = near.into_iter().map(|here| here.id).collect();
    // Where the list is still being made, the receipt's own register may be missing in it.
    if !ids.contains(&record.id) {
        ids.insert(0, record.id);
    }
    let max = usize::try_from(DAYS_READ_MAX.checked_div(days.max(1)).unwrap_or(1)).unwrap_or(1).max(1);
    let is_all = is_whole && ids.len() <= max;
    ids.truncate(max);
    Ok((ids, is_all))
}

/// The numbers of the tax authority that a register has, or had: a return names the one that its receipt bears, which may have
/// become another one since.
struct NumbersHad(Vec<(String, bool)>);

impl NumbersHad {
    fn of(record: &RegisterRecord) -> Self {
        Self(vec![(record.fns_kkm_id.clone(), true)])
    }

    async fn has(
        &mut self,
        store: &impl Store,
        register: RegisterId,
        fns_kkm_id: &str,
    ) -> Result<bool, StoreError> {
        if let Some((_, has)) = self.0.iter().find(|(known, _)| known == fns_kkm_id) {
            return Ok(*has);
        }
        let has = registers_of_fns_kkm_id(store, fns_kkm_id).await?.contains(&register);
        self.0.push((fns_kkm_id.to_owned(), has));
        Ok(has)
    }
}

/// Looks for the returns of a receipt until a day. `None`: it is none that could be returned.
///
/// # Errors
/// Those of the store.
pub async fn returned_by(
    store: &impl Store,
    record: &RegisterRecord,
    receipt: &DocumentLine,
    today: Day,
    zone: i32,
) -> Result<Option<Returned>, StoreError> {
    let Some(operation) = receipt.told.operation.and_then(undoing) else { return Ok(None) };
    let from = Day::of(receipt.at);
    let period = Period { from, to: from.plus(DAYS_MAX.saturating_sub(1)).min(today.max(from)) };
    let (ids, is_all) = registers_near(store, record, period.days()).await?;
    let mut looked =
        Looked { registers: ids.len(), is_all, since: None, until: Some(period.to).filter(|to| *to < today) };
    let each: Vec<_> = ids.into_iter().map(|id| reach_of(store, id, (period, operation), zone)).collect();
    let reaches: Vec<Reach> = stream::iter(each).buffered(TOGETHER).try_collect().await?;
    let (_, until) = accepted_within(period, zone);
    let sources = reaches.into_iter().map(|reach| Documents::new(reach, (receipt.accepted_at, until), None));
    let mut merge = Merge::new(store, sources);
    let numbers = [
        receipt.ticket_number.map(|number| number.to_string()),
        receipt.offline_number.map(|number| number.to_string()),
    ];
    let names = |line: &DocumentLine| {
        let parent = line.told.parent.as_ref().filter(|_| line.told.operation == Some(operation))?;
        let is_it = numbers.iter().flatten().any(|number| *number == parent.number);
        is_it.then(|| parent.fns_kkm_id.clone())
    };
    let mut numbers_had = NumbersHad::of(record);
    let mut by = Vec::new();
    while let Some(line) = merge.next().await? {
        let is_its = match names(&line) {
            Some(fns_kkm_id) => numbers_had.has(store, record.id, &fns_kkm_id).await?,
            None => false,
        };
        if is_its && !registers::is_cancelled(store, line.register, line.place).await? {
            by.push((line.register, line.place));
        }
        if merge.read() >= READ_MAX || by.len() >= RETURNS_MAX {
            looked.since = merge.next().await?.map(|_| line.accepted_at);
            break;
        }
    }
    Ok(Some(Returned { by, looked }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first: (u32, u32), last: (u32, u32), until: u64) -> Span {
        let place = |(shift, number)| DocumentRef { shift, number };
        Span { first: place(first), last: place(last), accepted_until: UnixMillis(until) }
    }

    #[test]
    fn no_document_lies_in_two_spans() {
        let days = vec![
            span((3, 1), (4, 2), 30),
            span((1, 1), (2, 5), 10),
            span((2, 4), (2, 9), 20),
            span((2, 6), (2, 7), 15),
        ];
        assert_eq!(merged(days), [span((1, 1), (2, 9), 20), span((3, 1), (4, 2), 30)]);
        assert_eq!(merged(Vec::new()), []);
    }
}
