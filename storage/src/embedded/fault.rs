//! What the engine's errors mean to a store: damage, another process, or a fault of the system.

use std::io;
use std::path::Path;

use crate::store::StoreError;

fn is_damage(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

pub(super) fn corrupt(path: &Path, reason: &str) -> StoreError {
    StoreError::Corrupt { place: path.display().to_string(), reason: reason.to_owned() }
}

pub(super) fn read_error(error: fjall::Error, action: &str, path: &Path) -> StoreError {
    match error {
        fjall::Error::Locked => StoreError::InUse { path: path.to_owned() },
        // A file of the store that is gone, too short or not what it should be is damage, not a fault of the system.
        fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source))
            if is_damage(source.kind()) =>
        {
            corrupt(path, &format!("{action}: {source}"))
        }
        fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => {
            StoreError::Io { action: format!("{action} in {}", path.display()), source }
        }
        other => {
            StoreError::Corrupt { place: path.display().to_string(), reason: format!("{action}: {other}") }
        }
    }
}
