//! Why a fleet or its state cannot be used.

use std::path::PathBuf;

use ofd_protocol::types::RegisterId;

/// Why a fleet or its state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The file cannot be read.
    #[error("cannot read {path}; check that it is there, or make a fleet with `ofd-load fleet --out {path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is not a {what}; make it anew, or remove it to start from nothing")]
    Parse {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}; free space or fix permissions")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Two registers have one id.
    #[error("{path} holds register {id} twice; every id may come once")]
    Twice {
        /// Which file.
        path: PathBuf,
        /// Which id.
        id: RegisterId,
    },
    /// No registers.
    #[error("{0} holds no registers; add some, or make a fleet with `ofd-load fleet`")]
    Empty(PathBuf),
}
