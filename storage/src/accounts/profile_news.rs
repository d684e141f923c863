//! That what answers name of an organisation was changed, on its way into the heads of its registers.
//!
//! A gateway keeps what answers need of a register, and reads it anew when the register's head bears another version of it.
//! A company has many registers, and no append is wider than one stream. So the append that changes the company announces
//! it in the company's head; then each register's version is raised; then the announcement goes. Wherever that ends, the
//! announcement says what is left to do.

use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::store::Stamp;

/// An announcement that the registers of an organisation do not all know yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileNews {
    /// Tells this one from all others.
    pub id: u64,
    /// Registers up to this one know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_up_to: Option<RegisterId>,
    /// Until then what it announces may be under way, and only who announced it tells the registers. Of what changes in the
    /// append that announces it: 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub under_way_until: UnixMillis,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(at: &UnixMillis) -> bool {
    *at == UnixMillis(0)
}

impl ProfileNews {
    /// What an append changes that bears this stamp.
    #[must_use]
    pub fn of(Stamp(stamp): Stamp) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = stamp;
        let id = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        Self { id, told_up_to: None, under_way_until: UnixMillis(0) }
    }
}
