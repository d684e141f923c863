//! Types that several messages share (WIRE section 6).

use crate::types::{LocalDateTime, Tiyn};
use crate::wire::{Message, Text, Value, WireError};

/// Money as it came: tenge and tiyn. A half that is left out is zero, as proto3 encoders write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// The whole tenge of the sum.
    pub bills: Option<u64>,
    /// Tiyn beyond whole tenge.
    pub coins: Option<u32>,
}

impl Money {
    /// The amount; `None` when it cannot be one: a hundred coins or more, or too much for any sum.
    pub fn tiyn(self) -> Option<Tiyn> {
        Tiyn::from_wire(self.bills.unwrap_or(0), self.coins.unwrap_or(0))
    }
}

impl<'a> Message<'a> for Money {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u64_to(&mut self.bills),
            2 => value.u32_to(&mut self.coins),
            _ => {}
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Triple([Option<u32>; 3]);

impl<'a> Message<'a> for Triple {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        let [first, second, third] = &mut self.0;
        match number {
            1 => value.u32_to(first),
            2 => value.u32_to(second),
            3 => value.u32_to(third),
            _ => {}
        }
        Ok(())
    }
}

/// A date and time as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateTimeRead {
    date: Option<Triple>,
    time: Option<Triple>,
}

impl DateTimeRead {
    /// The moment, when it exists. Year, month and day must be there and some time part; hours, minutes and
    /// seconds that are left out are zero.
    pub fn moment(self) -> Option<LocalDateTime> {
        let (Triple([year, month, day]), Triple([hour, minute, second])) = (self.date?, self.time?);
        let zero = |part: Option<u32>| part.unwrap_or(0);
        LocalDateTime::new(year?, month?, day?, zero(hour), zero(minute), zero(second))
    }

    /// What came, for texts: `2026-02-30 25:00:00`, with `?` for what is missing.
    pub fn shown(self) -> String {
        let part = |triple: Option<Triple>, index: usize| {
            triple
                .and_then(|Triple(parts)| parts.get(index).copied().flatten())
                .map_or_else(|| "?".to_owned(), |part| format!("{part:02}"))
        };
        let date = [0, 1, 2].map(|index| part(self.date, index)).join("-");
        let time = [0, 1, 2].map(|index| part(self.time, index)).join(":");
        format!("{date} {time}")
    }
}

impl<'a> Message<'a> for DateTimeRead {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.date)?,
            2 => value.message_to(&mut self.time)?,
            _ => {}
        }
        Ok(())
    }
}

/// A cashier as named in a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct CashierRead<'a> {
    /// The cashier's number at the till.
    pub code: Option<u32>,
    /// The cashier's name as typed in.
    pub name: Option<Text<'a>>,
}

impl<'a> Message<'a> for CashierRead<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.code),
            2 => value.text_to(&mut self.name),
            _ => {}
        }
        Ok(())
    }
}
