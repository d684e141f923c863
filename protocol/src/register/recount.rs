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
        let (version, request) = read(raw)?;
        let judge = Judge::of_accepted(version);
        let (notes, warnings) = (&mut Notes::ignored(), &mut Vec::new());
        let refused = |_| Uncountable("it lacks what its kind requires");
        match request.command.and_then(Command::from_code) {
            Some(Command::Ticket) => {
                let ticket = request.ticket.ok_or(Uncountable("it has no ticket"))?;
                let receipt = Receipt::read(&ticket, judge, notes).map_err(refused)?;
                let tally = Tally::new(Direction::Count, warnings);
                self.totals.count_ticket(&mut self.lifetime, &receipt, tally);
                self.last_ticket = raw.to_vec();
            }
            Some(Command::CancelTicket) => {
                let cancelled = std::mem::take(&mut self.last_ticket);
                let (version, request) = read(&cancelled)?;
                let ticket = request.ticket.ok_or(Uncountable("there is no receipt it could cancel"))?;
                let receipt = Receipt::read(&ticket, Judge::of_accepted(version), notes).map_err(refused)?;
                let tally = Tally::new(Direction::TakeBack, warnings);
                self.totals.count_ticket(&mut self.lifetime, &receipt, tally);
            }
            Some(Command::MoneyPlacement) => {
                let placement = request.money_placement.ok_or(Uncountable("it has no money_placement"))?;
                let placement = Placement::read(&placement, judge, notes).map_err(refused)?;
                self.totals.count_placement(&mut self.lifetime, &placement, warnings);
            }
            Some(Command::CloseShift) => {
                let close = request.close_shift.ok_or(Uncountable("it has no close_shift"))?;
                let close = Close::read(&close, judge, notes).map_err(refused)?;
                if let Some(all) = close.withdrawal(&self.lifetime) {
                    self.totals.count_placement(&mut self.lifetime, &all, warnings);
                }
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
            | None => return Err(Uncountable("its command is not fiscal")),
        }
        Ok(())
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
