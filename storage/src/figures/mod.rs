//! Figures of days: what a register's documents come to, day by day, kept by a reader of the feed.
//!
//! The stream of a register has a row for each day, under year, month and day. A document that was accepted is in them a
//! moment later; how far they are tells [`position`](crate::feed::position).

mod keep;
mod recount;
mod row;

pub use self::keep::FiguresReader;
pub use self::recount::{Recounted, recount};
pub use self::row::{FiguresState, day_of_row, figures_of_row};

use ofd_protocol::register::{Day, Figures};
use ofd_protocol::types::RegisterId;

use self::row::{day_before, day_key};
use crate::store::{Store, StoreError, StreamId, StreamKind};

/// So many days are read at once: a year, and a leap day.
pub const DAYS_MAX: usize = 366;

/// The stream of a register's figures.
pub fn stream(register: RegisterId) -> StreamId {
    StreamId { kind: StreamKind::Figures, owner: u64::from(register.0), ordinal: 1 }
}

/// The figures of a register's days from `from` to `to`, both included; days without documents are left out. At most
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
    let stream = stream(register);
    let span = to.number().saturating_sub(from.number()).saturating_add(1);
    let limit = usize::try_from(span).unwrap_or(0).min(DAYS_MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let rows = store.rows(stream, b"", Some(&day_before(from)), limit).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows.iter().take_while(|row| row.key <= day_key(to)) {
        let figures = figures_of_row(stream, row)?;
        if !figures.is_empty() {
            found.push((day_of_row(stream, row)?, figures));
        }
    }
    Ok(found)
}
