//! What people change of a register, on its way into the audit of the register's organisation.
//!
//! A register and a company are two streams, so no append writes both. The change is announced in the head of the company,
//! then made, with a row that bears its number in the append that makes it; then the company's audit gets its row in the
//! append that takes the announcement away. Wherever that ends, the announcement says what to look for.

use ofd_protocol::types::RegisterId;
use serde::{Deserialize, Serialize};

use super::audit::AuditEntry;

/// Tells a change of a register from all others: drawn anew for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChangeId(pub u64);

impl ChangeId {
    /// An id from drawn bytes.
    #[must_use]
    pub fn from_drawn(drawn: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(drawn))
    }
}

/// A change of a register by people, as it is announced and as the register's stream keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterChange {
    /// Under which its row lies in the stream of the register.
    pub id: ChangeId,
    /// Whose change it is.
    pub register: RegisterId,
    /// The shift in whose stream its row lies, if it was made.
    pub shift: u32,
    /// What the audit tells of it.
    pub entry: AuditEntry,
}
