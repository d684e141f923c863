//! Moments as pages show them, in the operator's wall time.

use ofd_office::language::Language;
use ofd_protocol::types::{LocalDateTime, UnixMillis};

use crate::format;

fn wall(at: UnixMillis, offset_seconds: i32) -> Option<LocalDateTime> {
    let seconds = at.wall_seconds(offset_seconds);
    let time = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let year = u32::try_from(time.year()).ok()?;
    LocalDateTime::new(
        year,
        u32::from(u8::from(time.month())),
        u32::from(time.day()),
        hour.into(),
        minute.into(),
        second.into(),
    )
}

/// Date and time to the second, as the language writes them.
pub(super) fn moment_text(language: Language, at: UnixMillis, offset_seconds: i32) -> String {
    wall(at, offset_seconds).map_or_else(String::new, |wall| format::moment(language, wall))
}

/// The day alone: what stands before the comma.
pub(super) fn day_text(language: Language, at: UnixMillis, offset_seconds: i32) -> String {
    let text = moment_text(language, at, offset_seconds);
    text.split(',').next().unwrap_or_default().to_owned()
}
