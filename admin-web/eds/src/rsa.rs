//! Verification of RSA signatures, PKCS#1 v1.5 with SHA-256 (RFC 8017 section 8.2.2).
//!
//! The padding that must come out is built and compared as a whole, so nothing of what the signer chose is parsed. The
//! crate `rsa` would bring signing and a standing advisory about it.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U64, U4096};

/// The narrowest modulus: users' keys have 2048 bits.
const BITS_MIN: u32 = 2048;
/// The widest modulus: keys of the CAs have 4096 bits.
const BYTES_MAX: usize = 512;

/// What stands before a SHA-256 in a signature: DigestInfo up to the hash.
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RsaKey {
    modulus: Odd<U4096>,
    /// Bytes of the modulus.
    length: usize,
    exponent: u64,
}

fn number(bytes: &[u8]) -> Option<U4096> {
    let mut wide = [0; BYTES_MAX];
    let at = BYTES_MAX.checked_sub(bytes.len())?;
    wide.get_mut(at..)?.copy_from_slice(bytes);
    Some(U4096::from_be_slice(&wide))
}

impl RsaKey {
    /// From the magnitudes of both numbers; `None` for a key that is too weak, too wide, or no key.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let length = modulus.len();
        let modulus = number(modulus)?;
        if modulus.bits_vartime() < BITS_MIN || exponent.len() > 4 {
            return None;
        }
        let exponent = exponent.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let modulus: Option<Odd<U4096>> = Odd::new(modulus).into();
        (exponent >= 3 && exponent % 2 == 1).then_some(Self { modulus: modulus?, length, exponent })
    }

    /// Whether `signature` is one of the SHA-256 `digest`.
    pub(crate) fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.length {
            return false;
        }
        let Some(signature) = number(signature).filter(|number| number < self.modulus.as_ref()) else {
            return false;
        };
        let parameters = FixedMontyParams::new_vartime(self.modulus);
        let opened = FixedMontyForm::new(&signature, &parameters).pow_vartime(&U64::from(self.exponent));
        Some(opened.retrieve()) == number(&self.padded(digest))
    }

    /// `00 01 FF … FF 00 DigestInfo`, as long as the modulus.
    fn padded(&self, digest: &[u8]) -> Vec<u8> {
        let tail = SHA256_PREFIX.len() + digest.len();
        // A modulus has at least 256 bytes, prefix and hash have 51.
        let filling = self.length.saturating_sub(tail + 3);
        [&[0, 1][..], &vec![0xFF; filling], &[0], &SHA256_PREFIX, digest].concat()
    }
}
