//! Counters made anew from stored documents, to compare with those that were kept.

use super::content::{Close, Judge, Notes, Placement, Receipt};
use super::totals::{Direction, Lifetime, ShiftTotals, Tally};
use crate::frame;
use crate::message::{Command, PlacementOperation, Request};
use crate::types::Tiyn;
use crate::version::Version;

/// Why a stored document does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document cannot be counted: {0}")]
pub struct Uncountable(pub(super) &'static str);

/// Counters under way through the documents of a shift.
#[derive(Clone, Debug)]
pub struct Recount {
    /// What was counted since the register was registered.
    pub lifetime: Lifetime,
    /// What was counted in the shift.
    pub totals: ShiftTotals,
    last_ticket: Vec<u8>,
}

impl Recount {
    /// Begins a shift with the counters that the one before ended with.
    pub fn begin_shift(lifetime: Lifetime) -> Self {
        let totals = ShiftTotals::starting_from(&lifetime);
        Self { lifetime, totals, last_ticket: Vec::new() }
    }

    /// Counts the shift's next document, a whole frame.
    ///
    /// # Errors
    /// [`Uncountable`] when it is no document that could have been accepted.
    pub fn add(&mut self, raw: &[u8]) -> Result<(), Uncountable> {
        let warnings = &mut Vec::new();
        match countable(raw)? {
            Countable::Ticket(receipt) => {
                let tally = Tally::new(Direction::Count, warnings);
                self.totals.count_ticket(&mut self.lifetime, &receipt, tally);
                self.last_ticket = raw.to_vec();
            }
            Countable::Cancellation => {
                let cancelled = std::mem::take(&mut self.last_ticket);
                let Ok(Countable::Ticket(receipt)) = countable(&cancelled) else {
                    return Err(Uncountable("there is no receipt it could cancel"));
                };
                let tally = Tally::new(Direction::TakeBack, warnings);
                self.totals.count_ticket(&mut self.lifetime, &receipt, tally);
            }
            Countable::Placement(placement) => {
                self.totals.count_placement(&mut self.lifetime, &placement, warnings);
            }
            Countable::Close(close) => {
                if let Some(all) = close.withdrawal(&self.lifetime) {
                    self.totals.count_placement(&mut self.lifetime, &all, warnings);
                }
            }
        }
        Ok(())
    }
}

/// A stored document, as far as it is counted.
#[expect(clippy::large_enum_variant, reason = "nearly all are receipts, and none outlives its counting")]
pub(super) enum Countable<'a> {
    Ticket(Receipt<'a>),
    /// It takes the receipt before it back out.
    Cancellation,
    Placement(Placement),
    Close(Close),
}

/// Reads a stored document, a whole frame.
pub(super) fn countable(raw: &[u8]) -> Result<Countable<'_>, Uncountable> {
    let (version, request) = read(raw)?;
    let (judge, notes) = (Judge::of_accepted(version), &mut Notes::ignored());
    let refused = |_| Uncountable("it lacks what its kind requires");
    match request.command.and_then(Command::from_code) {
        Some(Command::Ticket) => {
            let ticket = request.ticket.ok_or(Uncountable("it has no ticket"))?;
            Receipt::read(&ticket, judge, notes).map(Countable::Ticket).map_err(refused)
        }
        Some(Command::CancelTicket) => Ok(Countable::Cancellation),
        Some(Command::MoneyPlacement) => {
            let placement = request.money_placement.ok_or(Uncountable("it has no money_placement"))?;
            Placement::read(&placement, judge, notes).map(Countable::Placement).map_err(refused)
        }
        Some(Command::CloseShift) => {
            let close = request.close_shift.ok_or(Uncountable("it has no close_shift"))?;
            Close::read(&close, judge, notes).map(Countable::Close).map_err(refused)
        }
        Some(
            Command::System
            | Command::Report
            | Command::Nomenclature
            | Command::Info
            | Command::Auth
            | Command::QrGenerate
            | Command::QrGetStatus,
        )
        | None => Err(Uncountable("its command is not fiscal")),
    }
}

impl Close {
    /// What `withdraw_money` takes out: all cash there is, when there is any.
    pub(super) fn withdrawal(&self, lifetime: &Lifetime) -> Option<Placement> {
        let sum = Tiyn::new(lifetime.cash).filter(|cash| self.withdraw_money && cash.get() > 0)?;
        let operation = PlacementOperation::Withdrawal;
        Some(Placement { operation, date_time: self.close_time, sum, is_offline: self.is_offline })
    }
}

pub(super) fn read(raw: &[u8]) -> Result<(Version, Request<'_>), Uncountable> {
    let frame = frame::whole(raw).map_err(|_| Uncountable("it is no frame"))?;
    let version = Version::from_code(frame.header.version).ok_or(Uncountable("its version is not spoken"))?;
    let request = Request::read(frame.payload).map_err(|_| Uncountable("its payload is no message"))?;
    Ok((version, request))
}
