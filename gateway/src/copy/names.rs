//! How the two sides, their streams and their records are called where people read of them.

use std::fmt;

use ofd_storage::store::{RecordKind, StreamId};
use ofd_storage::{figures, registers};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideName {
    /// What is copied; it is never written.
    Source,
    /// What is written.
    Target,
}

impl fmt::Display for SideName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A stream as people call it.
pub(super) fn stream_name(stream: StreamId) -> String {
    match u32::try_from(stream.owner).map(ofd_protocol::types::RegisterId) {
        Ok(register) if registers::stream(register, stream.ordinal) == stream => {
            format!("register {register} shift {}", stream.ordinal)
        }
        Ok(register) if figures::stream(register) == stream => format!("the figures of register {register}"),
        Ok(_) | Err(_) => stream.to_string(),
    }
}

/// A record as people call it: its key as text when it is text, else in hex.
pub(super) fn record_name(kind: RecordKind, key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => {
            format!("record {kind:?} {text:?}")
        }
        Ok(_) | Err(_) => format!("record {kind:?} 0x{}", hex::encode(key)),
    }
}
