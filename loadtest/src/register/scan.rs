//! Strict reading of answers, as tills in the field read them: proto2 with required fields.

use ofd_protocol::types::{LocalDateTime, Tiyn};
use ofd_protocol::wire::{Fields, Value, WireError};

/// Why an answer cannot be read by a till.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// It is not protobuf.
    #[error("{part} is not a protobuf message: {source}")]
    Broken {
        /// The message that cannot be read.
        part: &'static str,
        /// What the reader said.
        source: WireError,
    },
    /// A required field is missing.
    #[error("required field {field} of {part} is missing")]
    Missing {
        /// The message that lacks it.
        part: &'static str,
        /// The field that is not there.
        field: &'static str,
    },
    /// A field has a value that it cannot have.
    #[error("field {field} of {part} has an impossible value")]
    Impossible {
        /// The message that holds it.
        part: &'static str,
        /// The field that is wrong.
        field: &'static str,
    },
}

/// A message that was walked once, so that it is known to be protobuf at this depth.
///
/// Every field is looked for anew: answers are short, and the last of several values wins, as proto2 has it.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    part: &'static str,
    bytes: &'a [u8],
}

impl<'a> Scan<'a> {
    /// Reads `bytes` as a message called `part` in what is said about faults.
    ///
    /// # Errors
    /// [`AnswerFault::Broken`].
    pub fn new(part: &'static str, bytes: &'a [u8]) -> Result<Self, AnswerFault> {
        for field in Fields::new(bytes) {
            field.map_err(|source| AnswerFault::Broken { part, source })?;
        }
        Ok(Self { part, bytes })
    }

    /// The bytes of the message.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Every value of field `number`, in order.
    pub fn values(self, number: u32) -> impl Iterator<Item = Value<'a>> {
        Fields::new(self.bytes).flatten().filter(move |field| field.number == number).map(|field| field.value)
    }

    fn last<T>(self, number: u32, convert: impl Fn(Value<'a>) -> Option<T>) -> Option<T> {
        self.values(number).filter_map(convert).last()
    }

    fn required<T>(self, value: Option<T>, field: &'static str) -> Result<T, AnswerFault> {
        value.ok_or(AnswerFault::Missing { part: self.part, field })
    }

    /// The fault of a field with an impossible value.
    pub fn impossible(self, field: &'static str) -> AnswerFault {
        AnswerFault::Impossible { part: self.part, field }
    }

    /// Whether the field is there, of whatever type.
    pub fn has(self, number: u32) -> bool {
        self.values(number).next().is_some()
    }

    /// An integer of 64 bits.
    pub fn u64(self, number: u32) -> Option<u64> {
        self.last(number, |value| match value {
            Value::Varint(value) => Some(value),
            Value::Fixed64(_) | Value::Bytes(_) | Value::Fixed32(_) | Value::Group => None,
        })
    }

    /// A required integer of 32 bits.
    ///
    /// # Errors
    /// [`AnswerFault`] when it is missing or above 2^31-1, the limit of the protocol.
    pub fn need_u32(self, number: u32, field: &'static str) -> Result<u32, AnswerFault> {
        let value = self.required(self.u64(number), field)?;
        u32::try_from(value)
            .ok()
            .filter(|value| *value <= u32::MAX >> 1)
            .ok_or_else(|| self.impossible(field))
    }

    /// A required boolean.
    ///
    /// # Errors
    /// [`AnswerFault::Missing`].
    pub fn need_bool(self, number: u32, field: &'static str) -> Result<bool, AnswerFault> {
        self.required(self.u64(number), field).map(|value| value != 0)
    }

    /// Bytes or a string.
    pub fn slice(self, number: u32) -> Option<&'a [u8]> {
        self.last(number, |value| match value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32(_) | Value::Group => None,
        })
    }

    /// A required string; must be UTF-8.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn need_text(self, number: u32, field: &'static str) -> Result<&'a str, AnswerFault> {
        let bytes = self.required(self.slice(number), field)?;
        std::str::from_utf8(bytes).map_err(|_| self.impossible(field))
    }

    /// A required string with something in it.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn need_filled(self, number: u32, field: &'static str) -> Result<&'a str, AnswerFault> {
        let text = self.need_text(number, field)?;
        if text.trim().is_empty() { Err(self.impossible(field)) } else { Ok(text) }
    }

    /// A nested message.
    ///
    /// # Errors
    /// [`AnswerFault::Broken`].
    pub fn inner(self, number: u32, part: &'static str) -> Result<Option<Self>, AnswerFault> {
        self.slice(number).map(|bytes| Self::new(part, bytes)).transpose()
    }

    /// A required nested message.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn need_inner(self, number: u32, part: &'static str) -> Result<Self, AnswerFault> {
        let inner = self.inner(number, part)?;
        self.required(inner, part)
    }

    /// Reads every element of a repeated message.
    ///
    /// # Errors
    /// The first [`AnswerFault`].
    pub fn each<T>(
        self,
        number: u32,
        part: &'static str,
        read: impl Fn(Self) -> Result<T, AnswerFault>,
    ) -> Result<Vec<T>, AnswerFault> {
        self.values(number)
            .map(|value| match value {
                Value::Bytes(bytes) => read(Self::new(part, bytes)?),
                Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32(_) | Value::Group => {
                    Err(self.impossible(part))
                }
            })
            .collect()
    }

    /// A required Money in tiyn; both halves must be there.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn need_money(self, number: u32, field: &'static str) -> Result<i64, AnswerFault> {
        let money = self.need_inner(number, field)?;
        let bills = money.required(money.u64(1), "bills")?;
        let coins = money.need_u32(2, "coins")?;
        Tiyn::from_wire(bills, coins).map(Tiyn::get).ok_or_else(|| self.impossible(field))
    }

    /// A DateTime; date, hour and minute must be there, seconds may be left out.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn date_time(self, number: u32, part: &'static str) -> Result<Option<LocalDateTime>, AnswerFault> {
        let Some(both) = self.inner(number, part)? else { return Ok(None) };
        let date = both.need_inner(1, "date")?;
        let time = both.need_inner(2, "time")?;
        let second = if time.has(3) { time.need_u32(3, "second")? } else { 0 };
        LocalDateTime::new(
            date.need_u32(1, "year")?,
            date.need_u32(2, "month")?,
            date.need_u32(3, "day")?,
            time.need_u32(1, "hour")?,
            time.need_u32(2, "minute")?,
            second,
        )
        .map(Some)
        .ok_or_else(|| self.impossible(part))
    }

    /// A required DateTime.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn need_date_time(self, number: u32, part: &'static str) -> Result<LocalDateTime, AnswerFault> {
        let moment = self.date_time(number, part)?;
        self.required(moment, part)
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use ofd_protocol::wire::Writer;

    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> BytesMut {
        let mut out = BytesMut::new();
        write(&mut Writer::new(&mut out));
        out
    }

    #[test]
    fn a_money_without_its_zero_coins_is_unreadable() {
        let bytes = written(|w| w.message(3, |w| w.uint(1, 5_u32)));
        let fault = Scan::new("operation", &bytes).unwrap().need_money(3, "sum").unwrap_err();
        assert_eq!(fault, AnswerFault::Missing { part: "sum", field: "coins" });
        let bytes = written(|w| w.money(3, Tiyn::from_counter(507)));
        assert_eq!(Scan::new("operation", &bytes).unwrap().need_money(3, "sum"), Ok(507));
    }

    #[test]
    fn a_date_time_without_its_zero_hour_is_unreadable() {
        let moment = LocalDateTime::new(2026, 1, 22, 0, 0, 0).unwrap();
        let bytes = written(|w| w.date_time(1, moment));
        assert_eq!(Scan::new("zx", &bytes).unwrap().need_date_time(1, "date_time"), Ok(moment));
        let bytes = written(|w| {
            w.message(1, |w| {
                w.message(1, |w| {
                    w.uint(1, 2026_u32);
                    w.uint(2, 1_u32);
                    w.uint(3, 22_u32);
                });
                w.message(2, |w| w.uint(2, 0_u32));
            });
        });
        assert!(Scan::new("zx", &bytes).unwrap().need_date_time(1, "date_time").is_err());
    }

    #[test]
    fn integers_beyond_the_protocols_limit_are_impossible() {
        let bytes = written(|w| w.uint(1, 0x8000_0000_u32));
        assert!(Scan::new("zx", &bytes).unwrap().need_u32(1, "shift_number").is_err());
        assert!(Scan::new("zx", &[0x0A, 0x05]).is_err());
    }
}
