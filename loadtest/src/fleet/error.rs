//! Why a fleet or its state cannot be used.

use std::path::PathBuf;

use ofd_protocol::types::RegisterId;

/// Why a fleet or its state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The file cannot be read.
    #[error("cannot read {path}; check that it is there, or make a fleet with `ofd-load fleet --out {path}`")]
    Read {
        /// The file that was named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is not a {what}; make it anew, or remove it to start from nothing")]
    Parse {
        /// The file that was named.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}; free space or fix permissions")]
    Write {
        /// The file that was named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Two registers have one id.
    #[error("{path} holds register {id} twice; every id may come once")]
    Twice {
        /// The file that was named.
        path: PathBuf,
        /// The id that is there twice.
        id: RegisterId,
    },
    /// There is nobody in the fleet.
    #[error("{0} holds no registers; add some, or make a fleet with `ofd-load fleet`")]
    Empty(PathBuf),
}
