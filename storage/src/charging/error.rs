//! Why an organisation is not charged.

use ofd_billing::charging::ChargeError;
use ofd_billing::ledger::SourceRefused;
use ofd_billing::{NoMonth, TiynError};

use crate::ledger::LedgerError;
use crate::store::StoreError;

/// Why an organisation is not charged.
#[derive(Debug, thiserror::Error)]
pub enum ChargingError {
    /// A register's list is still being made: whoever charged by a part of it would take the rest back.
    #[error("which registers {0} has is not known yet")]
    NotListed(String),
    /// The rules say no.
    #[error(transparent)]
    Charge(#[from] ChargeError),
    /// A sum beyond all sums.
    #[error(transparent)]
    TooMuch(#[from] TiynError),
    /// A day in no month that accounts are kept in.
    #[error(transparent)]
    NoMonth(#[from] NoMonth),
    /// A source that is none.
    #[error(transparent)]
    Source(#[from] SourceRefused),
    /// It does not land.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ChargingError {
    /// Whether it is the store that does not answer, so that nobody can be charged now.
    #[must_use]
    pub fn is_of_store(&self) -> bool {
        let waits = |error: &StoreError| !matches!(error, StoreError::Corrupt { .. });
        match self {
            Self::Store(error) | Self::Ledger(LedgerError::Store(error)) => waits(error),
            Self::NotListed(_) => true,
            Self::Charge(_) | Self::TooMuch(_) | Self::NoMonth(_) | Self::Source(_) | Self::Ledger(_) => {
                false
            }
        }
    }
}
