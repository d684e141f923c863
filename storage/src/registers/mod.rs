//! Registers in the store: the typed layer between [`ofd_protocol::register`] and streams.
//!
//! One shift of one register is one stream. Its head is the register's state, its rows are documents and what
//! leads to them. Every change of a register, by the device or by a person, is an append to its newest stream.

mod announce;
mod append;
mod find;
mod head;
mod heard;
mod parts;
mod rows;
mod shift_rows;
mod unconfirmed;
mod until;

pub use announce::{Bearing, LastAnnounced, Minute, SHARDS, announced_register, announcement, shard_of};
pub use append::{
    Amending, Raised, append_accepted, append_amended, append_change, append_confirmed, create_register,
    fence, forestall, raise_profile_version,
};
pub use find::{
    ShiftSummary, find_by_offline_number, find_by_offline_number_in_minute, find_offline,
    find_offline_lately, summary,
};
pub use head::{
    HEAD_LEN_MAX, Loaded, check_last_document, decode, encode, newest, newest_from, shift, shifts,
};
pub use heard::{HEARD_EVERY_MS, heard_note, last_heard};
pub use rows::{
    Document, RowKind, amendments, cancelled_by, document, document_in, documents, is_cancelled, is_made,
    known,
};
pub use shift_rows::{ShiftRow, shift_row, shift_rows};
pub use unconfirmed::{find_unconfirmed, unconfirmed};
pub use until::ShiftUntil;

use ofd_protocol::types::RegisterId;

use crate::store::{StoreError, StreamId, StreamKind};

/// The stream of a register's shift.
pub fn stream(register: RegisterId, shift: u32) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner: u64::from(register.0), ordinal: shift }
}

fn corrupt(register: RegisterId, shift: u32, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { place: format!("register {register} shift {shift}"), reason: reason.to_string() }
}
