//! Documents in a person's words.

use ofd_office::documents::Told;
use ofd_protocol::message::PlacementOperation;
use ofd_protocol::register::{Day, DocumentKind};
use ofd_protocol::types::{LocalDateTime, UnixMillis};

use crate::cabinet::Ask;
use crate::receipts::{operation_key, payment_key};
use crate::site::Site;
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

/// Lists are in the order of acceptance and show the till's time: where both lie further apart than this, both are shown.
const APART_SECONDS: u64 = 5 * 60;

/// When a document was accepted, where that is not about the time that is shown of it.
pub(super) fn accepted_apart(
    site: &Site,
    ask: &Ask,
    shown: LocalDateTime,
    accepted_at: UnixMillis,
) -> Option<String> {
    let accepted = accepted_at.wall_seconds(site.config.zone_offset_seconds);
    let is_apart = shown.wall_seconds().abs_diff(accepted) > APART_SECONDS;
    is_apart.then(|| site.texts(ask).say_with("documents-accepted-at", &site.moment(ask, accepted_at)))
}

/// A day as people here write it.
pub(super) fn day_text(day: Day) -> String {
    let (year, month, day) = day.date();
    format!("{day:02}.{month:02}.{year:04}")
}
