//! Values of the config that have a form of their own.

use std::net::SocketAddr;

use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::version::Version;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Seconds ahead of UTC, written `+05:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneOffset(pub i32);

/// Kazakhstan has one time zone since 2024-03-01.
impl Default for ZoneOffset {
    fn default() -> Self {
        Self(5 * 3600)
    }
}

impl<'de> Deserialize<'de> for ZoneOffset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_offset(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no offset; write one such as \"+05:00\"")))
    }
}

fn parse_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str, max: i32| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|number| digits && *number <= max)
    };
    Some(sign * (number(hours, 14)? * 3600 + number(minutes, 59)? * 60))
}

/// A version that is made strict, written as VERSION is: 203.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrictVersion(pub Version);

impl<'de> Deserialize<'de> for StrictVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = u16::deserialize(deserializer)?;
        let known = || Version::ALL.map(|version| version.code().to_string()).join(", ");
        Version::from_code(code)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("there is no version {code}; known are {}", known())))
    }
}

/// 13 or 15.
pub(super) fn malformed_receipt<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<MalformedReceipt, D::Error> {
    match u32::deserialize(deserializer)? {
        13 => Ok(MalformedReceipt::IncorrectData),
        15 => Ok(MalformedReceipt::Blocked),
        other => Err(D::Error::custom(format!("malformed_receipt is {other}; it may be 13 or 15"))),
    }
}

/// An address and a port; names are none, since one may mean several addresses.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format!(
            "{text:?} is no address with a port; write one such as \"0.0.0.0:7777\", \"127.0.0.1:8080\" or \"[::]:7777\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_hours_and_minutes_with_a_sign() {
        assert_eq!(parse_offset("+05:00"), Some(18_000));
        assert_eq!(parse_offset("-03:30"), Some(-12_600));
        for wrong in ["", "+5", "05:00", "+05:60", "+15:00", "+0500", "+-5:00", "Asia/Almaty", "+5:000"] {
            assert_eq!(parse_offset(wrong), None, "{wrong}");
        }
    }
}
