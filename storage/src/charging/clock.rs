//! The clock by which money is counted.

use ofd_billing::Day;
use ofd_protocol::types::UnixMillis;

use crate::store::StoreError;

/// When it is, and where money is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The present moment.
    pub now: UnixMillis,
    /// How far the wall clock there is ahead of UTC, in seconds.
    pub zone_offset_seconds: i32,
}

impl Clock {
    /// The day that it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a year that no account is kept in.
    pub fn today(self) -> Result<Day, StoreError> {
        self.day_of(self.now)
    }

    pub(super) fn day_of(self, at: UnixMillis) -> Result<Day, StoreError> {
        day_of(at, self.zone_offset_seconds)
    }
}

/// The day of a moment, where money is counted.
fn day_of(at: UnixMillis, zone_offset_seconds: i32) -> Result<Day, StoreError> {
    let (year, month, day) = at.wall(zone_offset_seconds).date();
    let date = time::Month::try_from(month)
        .ok()
        .and_then(|month| time::Date::from_calendar_date(i32::from(year), month, day).ok());
    date.and_then(|date| Day::new(date).ok()).ok_or_else(|| StoreError::Corrupt {
        place: "the time of a document".to_owned(),
        reason: format!("no account is kept on {year}-{month:02}-{day:02}"),
    })
}
