//! What documents come to: of all that is asked for by the figures of days, else of what a page shows.

use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::register::{Counter, DocumentKind, Figures};

use super::line::DocumentLine;
use super::query::{DocumentKindFilter, DocumentQuery};
use super::reach::Reach;

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalName {
    /// Receipts that do this; of one kind of payment, what was paid so.
    Receipts(Operation),
    /// Cash one way; what closings took out is cash out.
    Cash(PlacementOperation),
}

/// How many of something, and what they come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// What is added up.
    pub name: TotalName,
    /// How many; of one kind of payment, how many payments.
    pub count: i64,
    /// What they come to, in tiyn.
    pub sum: i64,
}

/// Of what totals are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalsOf {
    /// Of all that is asked for; some documents were accepted since it was counted.
    Days {
        /// Whether there are such documents.
        has_uncounted: bool,
    },
    /// Of what this page shows.
    Page,
}

/// What documents come to. Cancelled receipts count nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Of which documents they are.
    pub of: TotalsOf,
    /// Sums of what there was at all.
    pub lines: Vec<Total>,
}

impl Totals {
    /// Of all that is asked for, by the figures of days.
    pub(super) fn of_days(query: &DocumentQuery, reaches: &[Reach]) -> Self {
        let mut all = Figures::default();
        reaches.iter().for_each(|reach| all.add_all(&reach.figures));
        let tickets = Operation::ALL.map(|operation| {
            let counter = all.tickets.get(operation.index()).copied().unwrap_or_default();
            let paid = query.payment.and_then(|way| counter.payments.get(way.index()).copied());
            if query.payment.is_some() { paid.unwrap_or_default() } else { counter.total }
        });
        let placements = all.placements.map(|counter| counter.total);
        let has_uncounted = reaches.iter().any(|reach| reach.has_uncounted);
        Self::of(query, TotalsOf::Days { has_uncounted }, (tickets, placements))
    }

    /// Of the documents of a page.
    pub(super) fn of_page(query: &DocumentQuery, lines: &[DocumentLine]) -> Self {
        let (mut tickets, mut placements) = ([Counter::default(); 4], [Counter::default(); 2]);
        let add = |counter: Option<&mut Counter>, count: i64, sum: i64| {
            if let Some(counter) = counter {
                counter.count = counter.count.saturating_add(count);
                counter.sum = counter.sum.saturating_add(sum);
            }
        };
        for line in lines.iter().filter(|line| !line.is_cancelled) {
            let sum = line.sum.map_or(0, |sum| sum.get());
            match (line.kind, line.told.operation, line.told.placement) {
                (DocumentKind::Ticket, Some(operation), _) => {
                    let paid = line.told.paid_by.iter().find(|paid| Some(paid.way) == query.payment);
                    let (count, sum) = paid.map_or((1, sum), |paid| (paid.count, paid.sum));
                    add(tickets.get_mut(operation.index()), count, sum);
                }
                (DocumentKind::MoneyPlacement, _, Some((way, _))) => {
                    let index = usize::from(way == PlacementOperation::Withdrawal);
                    add(placements.get_mut(index), 1, sum);
                }
                // What cannot be read adds nothing, and closings and cancellations have no sum.
                (DocumentKind::Ticket, None, _) | (DocumentKind::MoneyPlacement, _, None) => {}
                (DocumentKind::CloseShift | DocumentKind::CancelTicket, ..) => {}
            }
        }
        Self::of(query, TotalsOf::Page, (tickets, placements))
    }

    /// Keeps what is asked for and moved.
    fn of(query: &DocumentQuery, of: TotalsOf, counters: ([Counter; 4], [Counter; 2])) -> Self {
        let (tickets, placements) = counters;
        let receipts = Operation::ALL
            .into_iter()
            .zip(Operation::ALL.map(|operation| tickets.get(operation.index()).copied().unwrap_or_default()));
        let receipts = receipts.filter(|(operation, _)| match query.kind {
            DocumentKindFilter::Any => true,
            DocumentKindFilter::Receipt(wanted) => wanted == *operation,
            DocumentKindFilter::Cash
            | DocumentKindFilter::Placement(_)
            | DocumentKindFilter::Cancellation
            | DocumentKindFilter::Close => false,
        });
        let cash = PlacementOperation::ALL.into_iter().zip(placements).filter(|(way, _)| match query.kind {
            // Cash in and out is paid in no way.
            DocumentKindFilter::Any | DocumentKindFilter::Cash => query.payment.is_none(),
            DocumentKindFilter::Placement(wanted) => query.payment.is_none() && wanted == *way,
            DocumentKindFilter::Receipt(_) | DocumentKindFilter::Cancellation | DocumentKindFilter::Close => {
                false
            }
        });
        let receipts = receipts.map(|(operation, counter)| (TotalName::Receipts(operation), counter));
        let cash = cash.map(|(way, counter)| (TotalName::Cash(way), counter));
        let lines = receipts.chain(cash).filter(|(_, counter)| *counter != Counter::default());
        let lines = lines.map(|(name, Counter { count, sum })| Total { name, count, sum }).collect();
        Self { of, lines }
    }
}
