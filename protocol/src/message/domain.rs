//! The kind of trade of a receipt (WIRE section 7).

use super::common::Money;
use crate::wire::{Message, Value, WireError};

/// The kind of trade. Of its parts only those that hold sums of money are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Domain {
    /// 1: trading, services, gasoil, hotels, taxi, parking.
    pub kind: Option<u32>,
    /// Field 3 of the message on the wire.
    pub gasoil: Option<Gasoil>,
    /// Field 4 of the message on the wire.
    pub taxi: Option<Taxi>,
}

impl Domain {
    /// The sums in it with their paths.
    pub fn sums(&self) -> impl Iterator<Item = (&'static str, Money)> {
        let correction = self.gasoil.and_then(|gasoil| gasoil.correction_sum);
        let fee = self.taxi.and_then(|taxi| taxi.current_fee);
        let sums = [("gasoil.correction_sum", correction), ("taxi.current_fee", fee)];
        sums.into_iter().filter_map(|(name, sum)| sum.map(|sum| (name, sum)))
    }
}

impl<'a> Message<'a> for Domain {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.kind),
            3 => value.message_to(&mut self.gasoil)?,
            4 => value.message_to(&mut self.taxi)?,
            _ => {}
        }
        Ok(())
    }
}

/// What a filling station tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gasoil {
    /// Field 2 of the message on the wire.
    pub correction_sum: Option<Money>,
}

impl<'a> Message<'a> for Gasoil {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        if number == 2 {
            value.message_to(&mut self.correction_sum)?;
        }
        Ok(())
    }
}

/// What a taxi tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taxi {
    /// Field 3 of the message on the wire.
    pub current_fee: Option<Money>,
}

impl<'a> Message<'a> for Taxi {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        if number == 3 {
            value.message_to(&mut self.current_fee)?;
        }
        Ok(())
    }
}
