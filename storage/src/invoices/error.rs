//! Why a document is not issued.

use ofd_billing::invoices::{ContentError, DocumentError, Number, NumberError};
use ofd_billing::ledger::SourceRefused;
use ofd_billing::{NoMonth, TiynError};

use crate::charging::ChargingError;
use crate::ledger::LedgerError;
use crate::store::StoreError;

/// Why a document is not issued.
#[derive(Debug, thiserror::Error)]
pub enum InvoicingError {
    /// The organisation has no personal account.
    #[error("organisation {0} has no personal account")]
    NoAccount(String),
    /// There is no such organisation.
    #[error("there is no organisation {0}")]
    NoOrganisation(String),
    /// There is no such document.
    #[error("there is no document {0}")]
    Unknown(Number),
    /// What the document says does not hold.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Its lines do not hold.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Its number does not.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// What it would stand on cannot be charged.
    #[error(transparent)]
    Charging(#[from] ChargingError),
    /// What is posted with it does not land.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A source that is none.
    #[error(transparent)]
    Source(#[from] SourceRefused),
    /// A sum beyond all sums.
    #[error(transparent)]
    TooMuch(#[from] TiynError),
    /// A day in no month that accounts are kept in.
    #[error(transparent)]
    NoMonth(#[from] NoMonth),
    /// Others were faster each time.
    #[error("others issued documents at the same time, each time; try again")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl InvoicingError {
    /// Whether it is the store that does not answer, so that nothing can be issued now.
    #[must_use]
    pub fn is_of_store(&self) -> bool {
        let waits = |error: &StoreError| !matches!(error, StoreError::Corrupt { .. });
        match self {
            Self::Store(error) | Self::Ledger(LedgerError::Store(error)) => waits(error),
            Self::Charging(error) => error.is_of_store(),
            Self::Busy | Self::Ledger(LedgerError::Busy) => true,
            Self::NoAccount(_)
            | Self::NoOrganisation(_)
            | Self::Unknown(_)
            | Self::Document(_)
            | Self::Content(_)
            | Self::Number(_)
            | Self::Ledger(_)
            | Self::Source(_)
            | Self::TooMuch(_)
            | Self::NoMonth(_) => false,
        }
    }
}
