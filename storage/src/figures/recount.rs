//! Figures counted anew from the stored frames, to compare with those that were kept.

use std::collections::BTreeMap;

use ofd_protocol::register::{Day, Figures};
use ofd_protocol::types::RegisterId;

use super::keep::FiguresWork;
use super::row::DayPlaces;
use crate::feed::Position;
use crate::registers;
use crate::store::{Store, StoreError};

/// Documents are read so many at a time: with the longest frames that is 32 MiB.
const PAGE: usize = 32;

/// What a register's documents come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recounted {
    /// By day; days on which nothing happened, or all was cancelled, are left out.
    pub days: BTreeMap<Day, Figures>,
    /// Between which documents those of a day lie.
    pub places: BTreeMap<Day, DayPlaces>,
    /// Cash in the drawer after the last document, in tiyn.
    pub cash: i64,
    /// The last document that was there.
    pub last: Option<Position>,
}

/// Counts all documents of a register up to `until`, on a wall clock that is `zone_offset_seconds` ahead of UTC.
///
/// # Errors
/// Those of the store.
pub async fn recount(
    store: &impl Store,
    register: RegisterId,
    until: Position,
    zone_offset_seconds: i32,
) -> Result<Recounted, StoreError> {
    let mut work = FiguresWork::anew(zone_offset_seconds);
    let (mut last, mut place) = (None, Position { shift: 1, number: 0 });
    while place.shift <= until.shift {
        let page = registers::documents(store, register, place.shift, place.number, PAGE).await?;
        for document in &page {
            place.number = document.number;
            if place > until {
                break;
            }
            work.take(store, register, place.shift, document).await?;
            last = Some(place);
        }
        if page.len() < PAGE || place > until {
            place = Position { shift: place.shift.saturating_add(1), number: 0 };
        }
    }
    let places = work.days.iter().map(|(day, counted)| (*day, counted.places)).collect();
    let days = work.days.into_iter().map(|(day, counted)| (day, counted.figures));
    let days = days.filter(|(_, figures)| !figures.is_empty()).collect();
    Ok(Recounted { days, places, cash: work.state.cash, last })
}
