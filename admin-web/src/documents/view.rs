//! Documents in a person's words.

use ofd_office::documents::Told;
use ofd_protocol::message::PlacementOperation;
use ofd_protocol::register::DocumentKind;

use crate::receipts::{operation_key, payment_key};
use crate::words::Words;

/// The key of the text for cash that goes one way.
pub(super) fn placement_key(operation: PlacementOperation) -> &'static str {
    match operation {
        PlacementOperation::Deposit => "shops-document-deposit",
        PlacementOperation::Withdrawal => "shops-document-withdrawal",
    }
}

/// What kind of document it is.
pub(super) fn kind_text(words: &Words<'_>, kind: DocumentKind, told: &Told) -> String {
    words.say(match (kind, told.operation, told.placement) {
        (DocumentKind::Ticket, Some(operation), _) => operation_key(operation),
        (DocumentKind::Ticket, None, _) => "shops-document-ticket",
        (DocumentKind::MoneyPlacement, _, Some((operation, _))) => placement_key(operation),
        (DocumentKind::MoneyPlacement, _, None) => "shops-document-placement",
        (DocumentKind::CloseShift, ..) => "shops-document-close",
        (DocumentKind::CancelTicket, ..) => "shops-document-cancel",
    })
}

/// The ways a receipt was paid.
pub(super) fn payment_text(words: &Words<'_>, told: &Told) -> String {
    let ways: Vec<String> = told.paid_by.iter().map(|paid| words.say(payment_key(paid.way))).collect();
    ways.join(", ")
}
