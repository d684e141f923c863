//! Where a trade point is, by the directory of settlements.

use ofd_storage::model::{TradePoint, TradePointPlace};

use super::settlement;
use crate::language::Language;

/// Street, house and flat in one line, as far as they are told apart.
pub(crate) fn street_line(street: &str, house: &str, flat: &str) -> String {
    [street, house, flat].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// An address in one line, in a language.
fn address_at(place: &TradePointPlace, street: &str, language: Language) -> Option<String> {
    let street = street_line(street, &place.house, &place.flat);
    Some(format!("{}, {street}", settlement(&place.settlement)?.chain(language)))
}

/// A trade point at a place, with the addresses that follow from it.
pub(crate) fn at_place(point: &TradePoint, place: TradePointPlace) -> TradePoint {
    let street_kz = if place.street_kz.is_empty() { &place.street } else { &place.street_kz };
    let address = address_at(&place, &place.street, Language::Russian);
    let address_kz = address_at(&place, street_kz, Language::Kazakh);
    TradePoint {
        address: address.unwrap_or_else(|| point.address.clone()),
        address_kz,
        place: Some(place),
        ..point.clone()
    }
}
