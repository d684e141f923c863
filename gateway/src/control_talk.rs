//! What both ends of the control socket must agree on: where it lies, and what an answer's line says.

use std::io;
use std::path::{Path, PathBuf};

use ofd_storage::store::StoreError;
use serde::{Deserialize, Serialize};

/// The name of the socket in the store's directory.
pub(crate) const CONTROL_SOCKET: &str = "CONTROL";

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
pub(crate) enum Said {
    /// As many entries follow as bytes.
    Entries {
        /// How many entries follow.
        entries: usize,
        /// How many bytes the entries take.
        bytes: usize,
    },
    /// The moment is over, or the store is closed: later perhaps.
    Unavailable {
        /// What is in the way.
        unavailable: String,
    },
    /// The store is damaged where it was read.
    Corrupt {
        /// Where, and what does not fit.
        corrupt: (String, String),
    },
    /// Not understood, or not now.
    Refused {
        /// What is wrong with the request.
        refused: String,
    },
}

impl From<StoreError> for Said {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { place, reason } => Self::Corrupt { corrupt: (place, reason) },
            StoreError::Unavailable { reason } => Self::Unavailable { unavailable: reason },
            other => Self::Unavailable { unavailable: crate::causes::with_causes(&other) },
        }
    }
}

/// A socket's name may be some 100 bytes long; a longer one is reached by way of its directory.
pub(crate) fn short_path(path: &Path) -> io::Result<(PathBuf, Option<std::fs::File>)> {
    const NAME_LEN_MAX: usize = 100;
    if path.as_os_str().len() <= NAME_LEN_MAX {
        return Ok((path.to_owned(), None));
    }
    let directory = std::fs::File::open(path.parent().unwrap_or(Path::new(".")))?;
    let name = path.file_name().unwrap_or_default();
    let number = std::os::fd::AsRawFd::as_raw_fd(&directory);
    Ok((PathBuf::from(format!("/proc/self/fd/{number}")).join(name), Some(directory)))
}
