//! Days as records have them: `2026-11-30`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use time::Date;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

const FORM: StaticFormatDescription = format_description!("[year]-[month]-[day]");

/// Writes a day as text.
pub(super) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Reads a day from its text.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text, FORM).map_err(D::Error::custom)
}
