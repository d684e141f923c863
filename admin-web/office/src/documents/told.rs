//! What the frame of a document tells beyond what lies beside it.

use ofd_protocol::frame;
use ofd_protocol::message::{Operation, PlacementOperation, Request};
use ofd_protocol::register::Receipt;
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::{PaymentType, Version};
use ofd_protocol::wire::Text;
use ofd_storage::registers::Document;

/// Payments of one kind in a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// How it was paid.
    pub way: PaymentType,
    /// In how many payments.
    pub count: i64,
    /// What they come to, in tiyn.
    pub sum: i64,
}

/// The receipt that a return says it undoes, by what is printed on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentOf {
    /// Its fiscal sign, or the number it got without a link.
    pub number: String,
    /// The number at the tax authority of the register that made it.
    pub fns_kkm_id: String,
}

/// What the frame of a document tells beyond what lies beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What a receipt does.
    pub operation: Option<Operation>,
    /// Which way cash goes, and how much.
    pub placement: Option<(PlacementOperation, Option<Tiyn>)>,
    /// How a receipt was paid, in the order of payment kinds.
    pub paid_by: Vec<Paid>,
    /// Who stood at the till, as the till called the person.
    pub cashier: String,
    /// The receipt that a return undoes, as it names it.
    pub parent: Option<ParentOf>,
    /// The till says that it had no link.
    pub is_offline: bool,
}

impl Told {
    /// Reads a stored frame. What cannot be read is left open: the document is there all the same.
    pub fn of(document: &Document) -> Self {
        let read = || {
            let frame = frame::whole(&document.raw).ok()?;
            let version = Version::from_code(frame.header.version)?;
            Some((version, Request::read(frame.payload).ok()?))
        };
        let Some((version, request)) = read() else { return Self::default() };
        let receipt = request.ticket.as_ref().and_then(|ticket| Receipt::read_accepted(ticket, version));
        let placement = request.money_placement.as_ref();
        let cashiers = [
            request.ticket.as_ref().and_then(|ticket| ticket.cashier),
            placement.and_then(|placement| placement.cashier),
            request.close_shift.as_ref().and_then(|close| close.cashier),
        ];
        let marks = [
            placement.and_then(|placement| placement.is_offline),
            request.close_shift.as_ref().and_then(|close| close.is_offline),
        ];
        let text = |text: Option<Text<'_>>| text.map(|text| text.lossy().trim().to_owned());
        let parent = request.ticket.as_ref().and_then(|ticket| ticket.parent_ticket);
        let name = cashiers.into_iter().flatten().find_map(|cashier| cashier.name);
        Self {
            operation: receipt.as_ref().map(|receipt| receipt.operation),
            placement: placement.and_then(|placement| {
                let operation = PlacementOperation::from_code(placement.operation?)?;
                Some((operation, placement.sum.and_then(|sum| sum.tiyn())))
            }),
            paid_by: receipt.as_ref().map_or_else(Vec::new, ways),
            cashier: name.map_or_else(String::new, |name| name.lossy().trim().to_owned()),
            parent: parent.and_then(|parent| {
                let (number, fns_kkm_id) = (text(parent.parent_ticket_number)?, text(parent.kgd_kkm_id)?);
                Some(ParentOf { number, fns_kkm_id })
            }),
            is_offline: document.offline_number.is_some_and(|number| number != 0)
                || marks.contains(&Some(true)),
        }
    }

    /// What the document comes to, where it comes to anything.
    pub fn sum(&self, document: &Document) -> Option<Tiyn> {
        document.total.or_else(|| self.placement.and_then(|(_, sum)| sum))
    }
}

/// The ways a receipt was paid.
fn ways(receipt: &Receipt<'_>) -> Vec<Paid> {
    let each = PaymentType::ALL.iter().zip(&receipt.payments);
    let paid = each.filter(|(_, paid)| paid.count > 0);
    paid.map(|(way, paid)| Paid { way: *way, count: paid.count, sum: paid.sum }).collect()
}
