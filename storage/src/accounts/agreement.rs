//! How a company joined the contract.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// That a version of the contract was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadContract {
    /// Which version it was.
    pub version: String,
    /// When it was.
    pub at: UnixMillis,
    /// Who has read it.
    pub by: AccountId,
}

/// By which signed application a company has joined the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Which version was joined.
    pub version: String,
    /// The number of the application among the company's papers.
    pub paper: u32,
    /// When its signature was found to hold.
    pub at: UnixMillis,
}
