//! Time stamps for signatures that came without one.

use std::fmt;

use bytes::Bytes;
use ofd_eds::{NONCE_BYTES, Unstamped};

use super::address::Address;
use super::fetch::{Bounds, Fetcher, Wanted};
use super::limits::{STAMP_BYTES_MAX, STAMP_WITHIN};

/// The time stampers of the config.
pub(super) struct Stampers(pub(super) Vec<Address>);

/// No time stamper gave a time stamp. Trying later may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time stamper of the config gave a time stamp")]
pub struct NoStamp;

impl fmt::Debug for Stampers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl Stampers {
    /// The file with a time stamp of the first stamper that gives one.
    pub(super) async fn stamp(
        &self,
        file: &Unstamped,
        fetcher: &Fetcher,
        nonce: impl Fn() -> [u8; NONCE_BYTES] + Send + Sync,
    ) -> Result<Vec<u8>, NoStamp> {
        for stamper in &self.0 {
            let nonce = nonce();
            let wanted = Wanted::Stamp(Bytes::from(file.request(nonce)));
            let bounds = Bounds { bytes_max: STAMP_BYTES_MAX, within: STAMP_WITHIN };
            let answer = match fetcher.fetch(stamper, &wanted, bounds).await {
                Ok(answer) => answer,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, %stamper, "the time stamper {stamper} cannot be asked");
                    continue;
                }
            };
            match file.stamped(&answer, nonce) {
                Ok(stamped) => return Ok(stamped),
                Err(fault) => {
                    tracing::warn!(%stamper, "an answer of the time stamper {stamper} is not used: {fault}");
                }
            }
        }
        Err(NoStamp)
    }
}
