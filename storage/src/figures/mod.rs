//! Figures of days: what a register's documents come to, day by day, kept by a reader of the feed.
//!
//! The stream of a register has a row for each day, under year, month and day. It says as well between which documents of
//! the register those of the day lie, so that whoever lists a period begins where it is. A document that was accepted is in them a
//! moment later; how far they are tells [`position`](crate::feed::position).

mod keep;
mod recount;
mod row;

pub use self::keep::FiguresReader;
pub use self::recount::{Recounted, recount};
pub use self::row::{DayPlaces, FiguresState, KeptDay, Places, kept_day};

use ofd_protocol::register::{Day, Figures};
use ofd_protocol::types::RegisterId;

use self::row::{day_before, day_key};
use crate::feed::{Position, Reading};
use crate::registers::{self, Loaded};
use crate::store::{Row, Store, StoreError, StreamId, StreamKind};

/// So many days are read at once: a year, and a leap day.
pub const DAYS_MAX: usize = 366;

/// The stream of a register's figures.
pub fn stream(register: RegisterId) -> StreamId {
    StreamId { kind: StreamKind::Figures, owner: u64::from(register.0), ordinal: 1 }
}

/// What is kept of a register's days from `from` to `to`, both included; days without documents are left out. At most
/// [`DAYS_MAX`] are read.
///
/// # Errors
/// Those of the store.
pub async fn kept_days(
    store: &impl Store,
    register: RegisterId,
    from: Day,
    to: Day,
) -> Result<Vec<KeptDay>, StoreError> {
    let stream = stream(register);
    let span = to.number().saturating_sub(from.number()).saturating_add(1);
    let limit = usize::try_from(span).unwrap_or(0).min(DAYS_MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    if limit == 1 {
        // A row that is named costs less than a search that comes to it, and a page asks for one day of a thousand registers.
        let value = store.row(stream, &day_key(from)).await?.filter(|value| !value.is_empty());
        let row = value.map(|value| Row { key: day_key(from), value });
        return row.iter().map(|row| kept_day(stream, row)).collect();
    }
    let rows = store.rows(stream, b"", Some(&day_before(from)), limit).await?;
    // A day whose figures began anew has a row with nothing in it.
    let within = rows.iter().take_while(|row| row.key <= day_key(to)).filter(|row| !row.value.is_empty());
    within.map(|row| kept_day(stream, row)).collect()
}

/// The newest state of a register, looked for from the shift on up to which its figures are: a few reads instead of some
/// twenty after years of shifts.
///
/// # Errors
/// Those of the store.
pub async fn newest(store: &impl Store, register: RegisterId) -> Result<Option<Loaded>, StoreError> {
    let stream = stream(register);
    let head = store.head(stream).await?;
    // A position that cannot be read is told by who rests on it.
    let reading = head.and_then(|head| Reading::decode(stream, &head).ok());
    registers::newest_from(store, register, reading.map_or(1, |reading| reading.position.shift)).await
}

/// The figures of a register's days from `from` to `to`, both included; days that come to nothing are left out. At most
/// [`DAYS_MAX`] are read.
///
/// # Errors
/// Those of the store.
pub async fn days(
    store: &impl Store,
    register: RegisterId,
    from: Day,
    to: Day,
) -> Result<Vec<(Day, Figures)>, StoreError> {
    let kept = kept_days(store, register, from, to).await?.into_iter();
    Ok(kept.filter(|kept| !kept.figures.is_empty()).map(|kept| (kept.day, kept.figures)).collect())
}

/// How far the figures of a register are, and how far ahead of UTC the wall clock is by which they count; `None` before its
/// first document was counted.
///
/// # Errors
/// Those of the store.
pub async fn counted_until(
    store: &impl Store,
    register: RegisterId,
) -> Result<Option<(Position, i32)>, StoreError> {
    let stream = stream(register);
    let Some(head) = store.head(stream).await? else { return Ok(None) };
    let reading = Reading::decode(stream, &head)?;
    if reading.state.is_empty() {
        // They begin anew.
        return Ok(None);
    }
    let state = FiguresState::decode(stream, &reading.state)?;
    Ok(Some((reading.position, state.zone_offset_seconds)))
}
