//! Checks of electronic signatures, with revocation data that is fetched, and time stamps for those that have none. docs/signatures.md says what is checked.

mod address;
mod answers;
mod check;
mod fetch;
pub mod limits;
mod lists;
mod stamps;
mod trust_folder;

#[cfg(test)]
mod tests;

pub use address::AddressError;
pub use check::{
    Judged, RevocationPolicy, Signatures, SignaturesConfig, SignaturesConfigError, SignaturesError,
};
pub use stamps::NoStamp;
pub use trust_folder::{FileError, TEXT_FACTOR, TrustFolder, TrustFolderError, read_file};

use ofd_eds::Moment;
use ofd_protocol::types::UnixMillis;

/// A moment to the second, as signatures have it.
pub fn moment_of(at: UnixMillis) -> Moment {
    Moment::from_unix(at.wall_seconds(0))
}
