//! Which returns undo a receipt. No index tells it, so they are looked for: in the registers of the same shop, behind the
//! receipt, and no further than a page is read.

use ofd_protocol::message::Operation;
use ofd_protocol::register::Day;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use ofd_storage::holdings::registers_of;
use ofd_storage::model::RegisterRecord;
use ofd_storage::registers;
use ofd_storage::store::{Store, StoreError};

use super::backwards::Documents;
use super::line::DocumentLine;
use super::merge::Merge;
use super::query::{DAYS_MAX, Period};
use super::reach::{Reach, accepted_within, reach};

/// So many documents are read for it; with more returns in the shop it is not known.
const READ_MAX: usize = 2_000;

/// Registers of an organisation among which those of the shop are looked for.
const REGISTERS_MAX: usize = 1_000;

/// Returns of one receipt that are told.
const RETURNS_MAX: usize = 20;

/// What is known of the returns of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// These undo it, in part at least; the newest first.
    By(Vec<(RegisterId, DocumentRef)>),
    /// No register of the shop has a return of it.
    Not,
    /// There are too many documents to be looked at, or some could not be.
    Unknown,
}

/// The operation that undoes another one.
fn undoing(operation: Operation) -> Option<Operation> {
    match operation {
        Operation::Sell => Some(Operation::SellReturn),
        Operation::Buy => Some(Operation::BuyReturn),
        Operation::SellReturn | Operation::BuyReturn => None,
    }
}

/// Leaves out documents that were counted, where figures say that there are no such receipts.
fn narrowed(mut reach: Reach, operation: Operation) -> Reach {
    let counted = reach.figures.tickets.get(operation.index()).map_or(0, |counter| counter.total.count);
    if counted == 0 {
        // What is not counted yet lies behind all that is.
        let rest = reach.spans.pop().filter(|_| reach.has_uncounted);
        reach.spans = rest.into_iter().collect();
    }
    reach
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
    let holdings = registers_of(store, &record.bin, None, REGISTERS_MAX).await?;
    let mut is_whole = holdings.next.is_none() && holdings.unreadable.is_empty() && period.to >= today;
    let mut reaches = Vec::new();
    for here in holdings.found.iter().filter(|here| here.trade_point == record.trade_point) {
        reaches.push(narrowed(reach(store, here.id, period, zone).await?, operation));
    }
    let (_, until) = accepted_within(period, zone);
    let sources = reaches.into_iter().map(|reach| Documents::new(reach, (receipt.accepted_at, until), None));
    let mut merge = Merge::new(store, sources);
    let numbers = [
        receipt.ticket_number.map(|number| number.to_string()),
        receipt.offline_number.map(|number| number.to_string()),
    ];
    let is_its = |line: &DocumentLine| {
        line.told.operation == Some(operation)
            && line.told.parent.as_ref().is_some_and(|parent| {
                parent.fns_kkm_id == record.fns_kkm_id
                    && numbers.iter().flatten().any(|number| *number == parent.number)
            })
    };
    let mut found = Vec::new();
    while let Some(line) = merge.next().await? {
        if is_its(&line) && !registers::is_cancelled(store, line.register, line.place).await? {
            found.push((line.register, line.place));
        }
        if merge.read() >= READ_MAX || found.len() >= RETURNS_MAX {
            is_whole = false;
            break;
        }
    }
    Ok(Some(match (found.is_empty(), is_whole) {
        (false, _) => Returned::By(found),
        (true, true) => Returned::Not,
        (true, false) => Returned::Unknown,
    }))
}
