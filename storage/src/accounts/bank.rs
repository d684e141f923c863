//! Banks that the directory lacks: wishes of companies, and what the operator added.

use std::fmt;

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::store::RecordKind;

/// How far an application is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ApplicationState {
    /// Nobody has decided yet.
    Waiting,
    /// The bank is in the directory.
    Approved {
        /// When it was accepted.
        at: UnixMillis,
        /// Who of the operator accepted it.
        by: String,
    },
    /// The application was rejected.
    Rejected {
        /// When it was rejected.
        at: UnixMillis,
        /// Who of the operator rejected it.
        by: String,
        /// What the organisation is told as the reason.
        reason: String,
    },
}

impl fmt::Debug for ApplicationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("Waiting"),
            Self::Approved { at, .. } => f.debug_struct("Approved").field("at", at).finish_non_exhaustive(),
            Self::Rejected { at, .. } => f.debug_struct("Rejected").field("at", at).finish_non_exhaustive(),
        }
    }
}

/// A company's wish to add a bank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankApplication {
    /// 16 hex digits.
    pub id: String,
    /// The BIN of the organisation that applied.
    pub bin: String,
    /// The company's name.
    pub company: String,
    /// The bank's code.
    pub bic: String,
    /// The bank's name.
    pub name: String,
    /// What the company adds.
    pub comment: String,
    /// When it was applied for.
    pub at: UnixMillis,
    /// Who of the organisation applied.
    pub by: String,
    /// How far it is.
    pub state: ApplicationState,
}

impl fmt::Debug for BankApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankApplication")
            .field("id", &self.id)
            .field("at", &self.at)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Model for BankApplication {
    const KIND: RecordKind = RecordKind::BankApplication;

    fn key(&self) -> Vec<u8> {
        [application_prefix(&self.bin).as_slice(), self.id.as_bytes()].concat()
    }
}

/// The beginning of the keys of a company's applications.
pub fn application_prefix(bin: &str) -> Vec<u8> {
    [bin, "/"].concat().into_bytes()
}

/// A bank that was added to the directory.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedBank {
    /// The bank's own code, the BIC.
    pub bic: String,
    /// What the bank is called.
    pub name: String,
    /// When it was added to the directory.
    pub since: UnixMillis,
    /// Who of the operator added it.
    pub by: String,
}

impl fmt::Debug for AddedBank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddedBank")
            .field("bic", &self.bic)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

impl Model for AddedBank {
    const KIND: RecordKind = RecordKind::Bank;

    fn key(&self) -> Vec<u8> {
        self.bic.as_bytes().to_vec()
    }
}
