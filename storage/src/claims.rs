//! Names and who has them: how a claim is kept as a record, the same on every backend.

use bytes::{BufMut, Bytes, BytesMut};

use crate::store::{CLAIM_OWNER_LEN_MAX, Claim, RECORD_KEY_LEN_MAX, StoreError};

/// The family of persons' numbers (IIN); accounts own them.
pub const IIN_FAMILY: &str = "iin";

/// The family of confirmed e-mail addresses, as they are compared; accounts own them.
pub const EMAIL_FAMILY: &str = "email";

/// The family of invitations that ended, by the hash of their link; the owner says how.
pub const INVITATION_FAMILY: &str = "invitation";

/// The content of a record of kind [`Name`](crate::store::RecordKind::Name): who has the name, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedName {
    /// Since when, in milliseconds of the Unix epoch.
    pub since_ms: u64,
    /// Who has it.
    pub owner: Bytes,
}

impl ClaimedName {
    /// The stored form: `since_ms` in 8 bytes big-endian, then the owner.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(8_usize.saturating_add(self.owner.len()));
        bytes.put_u64(self.since_ms);
        bytes.put_slice(&self.owner);
        bytes.freeze()
    }

    /// Reads the stored form; `None` when it is too short to be one.
    #[must_use]
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        let (since, owner) = bytes.split_first_chunk::<8>()?;
        Some(Self { since_ms: u64::from_be_bytes(*since), owner: bytes.slice_ref(owner) })
    }
}

/// The record key of a name.
///
/// # Errors
/// [`StoreError::TooLarge`]: the name is longer than a record's key may be.
pub fn name_key(family: &str, name: &str) -> Result<Bytes, StoreError> {
    let key = [family, "/", name].concat();
    if key.len() > RECORD_KEY_LEN_MAX {
        return Err(StoreError::TooLarge {
            what: "the claimed name",
            len: key.len(),
            max: RECORD_KEY_LEN_MAX,
        });
    }
    Ok(key.into())
}

/// Who wants a name, and on what terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimant {
    pub(crate) owner: Bytes,
    pub(crate) now_ms: u64,
    pub(crate) take_over_from: Option<Bytes>,
}

impl Claimant {
    pub(crate) fn new(owner: &[u8], now_ms: u64, take_over_from: Option<&[u8]>) -> Result<Self, StoreError> {
        if owner.len() > CLAIM_OWNER_LEN_MAX {
            let (what, len, max) = ("the owner of the claimed name", owner.len(), CLAIM_OWNER_LEN_MAX);
            return Err(StoreError::TooLarge { what, len, max });
        }
        let take_over_from = take_over_from.map(Bytes::copy_from_slice);
        Ok(Self { owner: Bytes::copy_from_slice(owner), now_ms, take_over_from })
    }
}

/// What a claim leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// The claimant gets the name: write this.
    Write(ClaimedName),
    /// Nothing is to be written.
    Answer(Claim),
}

/// Rules on a claim of a name that `found` has now.
pub(crate) fn rule(found: Option<ClaimedName>, claimant: &Claimant) -> Ruling {
    match found {
        Some(has) if has.owner == claimant.owner => Ruling::Answer(Claim::Granted),
        Some(has) if claimant.take_over_from.as_ref() != Some(&has.owner) => {
            Ruling::Answer(Claim::Taken { owner: has.owner, since_ms: has.since_ms })
        }
        Some(_) | None => {
            Ruling::Write(ClaimedName { since_ms: claimant.now_ms, owner: claimant.owner.clone() })
        }
    }
}
