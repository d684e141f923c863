//! Tokens by which an organisation's own programs ask the API.

use std::fmt;

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::kinds::names;

names! {
    /// What a token of an organisation is good for.
    pub enum TokenScope {
        /// Its registers, and their shifts.
        RegistersRead = "registers_read",
        /// Its documents, without who bought.
        DocumentsRead = "documents_read",
        /// The frames of its documents as they came, with whatever they tell of buyers.
        DocumentsRaw = "documents_raw",
        /// What it owes and has paid.
        BillingRead = "billing_read",
    }
}

impl TokenScope {
    /// As programs are told it: `documents:raw`.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::RegistersRead => "registers:read",
            Self::DocumentsRead => "documents:read",
            Self::DocumentsRaw => "documents:raw",
            Self::BillingRead => "billing:read",
        }
    }
}

/// A token of an organisation. The token itself is nowhere kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramToken {
    /// Its number in the company.
    pub id: u32,
    /// What people call it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<TokenScope>,
    /// SHA-256 of the token, in hex.
    pub hash: String,
    /// When it was made.
    pub at: UnixMillis,
    /// Who made it.
    pub by: String,
    /// When it was first used on the last day on which it was; none where it never was. Written once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<UnixMillis>,
}

impl fmt::Debug for ProgramToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramToken")
            .field("id", &self.id)
            .field("scopes", &self.scopes)
            .field("at", &self.at)
            .field("used_at", &self.used_at)
            .finish_non_exhaustive()
    }
}
