//! Names and who has them: how a claim is kept as a record, the same on every backend.

use bytes::{BufMut, Bytes, BytesMut};
use sha2::{Digest as _, Sha256};

use crate::store::{CLAIM_OWNER_LEN_MAX, Claim, RECORD_KEY_LEN_MAX, StoreError};

/// The family of persons' numbers (IIN); accounts own them.
pub const IIN_FAMILY: &str = "iin";

/// The family of confirmed e-mail addresses, as they are compared; accounts own them.
pub const EMAIL_FAMILY: &str = "email";

/// The family of invitations that ended, by the hash of their link; the owner says how.
pub const INVITATION_FAMILY: &str = "invitation";

/// The family of registers' ids, of those that organisations register; the owner is BIN, `/`, what the id was drawn for.
pub const REGISTER_FAMILY: &str = "register";

/// The family of what an organisation calls its registers: BIN, `/`, the alias as it is compared; registers own them.
pub const ALIAS_FAMILY: &str = "alias";

/// The family of factory numbers with their model, as [`serial_name`]; registers own them.
pub const SERIAL_FAMILY: &str = "serial";

/// The family of numbers of the tax authority (RNM); registers own them.
pub const RNM_FAMILY: &str = "rnm";

/// The family of tokens of organisations' programs, by their hash; the owner is the BIN.
pub const PROGRAM_TOKEN_FAMILY: &str = "program-token";

/// The family of numbers of personal accounts, 8 digits; the owner is the BIN.
pub const PERSONAL_ACCOUNT_FAMILY: &str = "personal-account";

/// A factory number with its model as a claimed name: both may be long, so it is their hash.
#[must_use]
pub fn serial_name(model_name: &str, serial_number: &str) -> String {
    let mut hash = Sha256::new();
    for part in [model_name, serial_number] {
        let part = part.to_lowercase();
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

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
