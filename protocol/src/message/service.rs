//! The service part of a request (WIRE section 12).

use super::common::DateTimeRead;
use crate::types::LocalDateTime;
use crate::wire::{Fields, Message, Repeated, Text, Value, WireError};

/// What a register tells of itself on any command. Information, never a reason to refuse.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServiceRequest<'a> {
    /// 3: where it stands.
    pub security_stats: Option<SecurityStats<'a>>,
    /// 4: from when to when it had no link. Registers that never lost their link send nonsense here.
    pub offline_period: Option<Period>,
    /// Field 5 of the message on the wire.
    pub nomenclature_version: Option<u32>,
    /// 6: the ads it holds.
    pub ticket_ad_infos: Repeated<'a, TicketAdInfo>,
    /// 7: whether it asks for its registration data.
    pub get_reg_info: Option<bool>,
    /// 8: whether it asks for its taxation.
    pub get_binded_taxation: Option<bool>,
    /// 12: what it takes its registration data to be.
    pub reg_info: Option<&'a [u8]>,
}

impl<'a> ServiceRequest<'a> {
    /// The serial number in `reg_info`. Nothing in there is a reason to refuse, not even bytes that do not read.
    pub fn serial_number(&self) -> Option<Text<'a>> {
        let part = |message: &'a [u8], wanted: u32| {
            let fields = Fields::new(message).map_while(Result::ok);
            let parts = fields.filter(|field| field.number == wanted).filter_map(|field| match field.value {
                Value::Bytes(bytes) => Some(bytes),
                Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32(_) | Value::Group => None,
            });
            parts.last()
        };
        part(part(self.reg_info?, 1)?, 4).map(Text)
    }

    /// The date that stands for the request's where a command has none (WIRE section 10).
    pub fn date_of_request(&self) -> LocalDateTime {
        let end = self.offline_period.and_then(|period| period.end_time).and_then(DateTimeRead::moment);
        end.map_or(LocalDateTime::YEAR_2000, |end| end.max(LocalDateTime::YEAR_2000))
    }
}

impl<'a> Message<'a> for ServiceRequest<'a> {
    fn begin(&mut self, message: &'a [u8]) {
        self.ticket_ad_infos = Repeated::of(message, 6);
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            3 => value.message_to(&mut self.security_stats)?,
            4 => value.message_to(&mut self.offline_period)?,
            5 => value.u32_to(&mut self.nomenclature_version),
            6 => value.element_to(&mut self.ticket_ad_infos)?,
            7 => value.bool_to(&mut self.get_reg_info),
            8 => value.bool_to(&mut self.get_binded_taxation),
            12 => value.bytes_to(&mut self.reg_info),
            _ => {}
        }
        Ok(())
    }
}

/// A span of the device's wall time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// Field 1 of the message on the wire.
    pub begin_time: Option<DateTimeRead>,
    /// Field 2 of the message on the wire.
    pub end_time: Option<DateTimeRead>,
}

impl<'a> Message<'a> for Period {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.begin_time)?,
            2 => value.message_to(&mut self.end_time)?,
            _ => {}
        }
        Ok(())
    }
}

/// An ad that the register holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct TicketAdInfo {
    /// 1: OFD 0, ORG 1, POS 2, KKM 3, INFO 4.
    pub kind: Option<u32>,
    /// Field 2 of the message on the wire.
    pub version: Option<u64>,
}

impl<'a> Message<'a> for TicketAdInfo {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.kind),
            2 => value.u64_to(&mut self.version),
            _ => {}
        }
        Ok(())
    }
}

/// What the register says of its surroundings.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecurityStats<'a> {
    /// Field 1 of the message on the wire.
    pub geo_position: Option<GeoPosition<'a>>,
    /// Field 2 of the message on the wire.
    pub os_version: Option<Text<'a>>,
}

impl<'a> Message<'a> for SecurityStats<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.geo_position)?,
            2 => value.text_to(&mut self.os_version),
            _ => {}
        }
        Ok(())
    }
}

/// Where the register stands, in millionths of a degree, as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct GeoPosition<'a> {
    /// 1: two's complement until 203.
    pub latitude: Option<u32>,
    /// 2: two's complement until 203.
    pub longitude: Option<u32>,
    /// 3: since 203.
    pub source: Option<Text<'a>>,
}

impl<'a> Message<'a> for GeoPosition<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.latitude),
            2 => value.u32_to(&mut self.longitude),
            3 => value.text_to(&mut self.source),
            _ => {}
        }
        Ok(())
    }
}
