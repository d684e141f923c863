//! Why a register is not shown or changed.

use ofd_protocol::register::Final;
use ofd_protocol::types::RegisterId;
use ofd_storage::store::StoreError;

use crate::change::ChangeError;

/// Why a register is not shown or changed. The texts are for programs that ask through the API.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The id was never given.
    #[error("there is no register {0}")]
    NoSuchRegister(RegisterId),
    /// It is there, and has had no such shift.
    #[error("the register has no shift {0}; shifts count from 1")]
    NoSuchShift(u32),
    /// Its record is there, its first stream comes a moment later.
    #[error("the register is being created; repeat the request")]
    BeingCreated,
    /// It was deregistered.
    #[error(transparent)]
    Final(#[from] Final),
    /// Others were faster, again and again.
    #[error("the register is busy: others changed it again and again; repeat the request")]
    Busy,
    /// The store failed, or what it keeps is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError> for RegisterError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::BeingCreated,
            ChangeError::Busy => Self::Busy,
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}
