//! Verification of RSA signatures, PKCS#1 v1.5 (RFC 8017 section 8.2.2), by aws-lc-rs.

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents,
};

use crate::hash::HashAlgorithm;

/// The narrowest modulus whose signatures prove anything: users' keys have 2048 bits.
const BITS_MIN: usize = 2048;
/// The widest modulus: the library verifies no wider one, and keys of the CAs have half of it.
const BITS_MAX: usize = 8192;
/// Bytes of the widest public exponent. Everybody's is 65537.
const EXPONENT_BYTES_MAX: usize = 4;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaKey {
    /// From the magnitudes of both numbers; `None` for what is no key.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let is_key = is_odd(modulus)
            && is_odd(exponent)
            && exponent != [1]
            && exponent.len() <= EXPONENT_BYTES_MAX
            && bits(modulus) <= BITS_MAX;
        is_key.then(|| Self { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// Whether its signatures can be forged by whoever spends enough on it.
    pub(crate) fn is_weak(&self) -> bool {
        bits(&self.modulus) < BITS_MIN
    }

    /// What a verification costs, see [`crate::Maths`]: it grows with the square of the width.
    pub(crate) fn cost(&self) -> u32 {
        match bits(&self.modulus) {
            ..=4096 => 2,
            _ => 8,
        }
    }

    /// Whether `signature` is one of `digest`, which `hash` made.
    pub(crate) fn verify(&self, hash: HashAlgorithm, digest: &[u8], signature: &[u8]) -> bool {
        let Some((parameters, algorithm)) = parameters(hash) else { return false };
        let key = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        let Ok(key) = key.to_parsed_public_key(parameters) else { return false };
        // The digest is one that was computed here.
        Digest::import_less_safe(digest, algorithm)
            .is_ok_and(|digest| key.verify_digest_sig(&digest, signature).is_ok())
    }
}

fn parameters(hash: HashAlgorithm) -> Option<(&'static RsaParameters, &'static digest::Algorithm)> {
    match hash {
        HashAlgorithm::Sha256 => Some((&RSA_PKCS1_2048_8192_SHA256, &digest::SHA256)),
        HashAlgorithm::Sha384 => Some((&RSA_PKCS1_2048_8192_SHA384, &digest::SHA384)),
        HashAlgorithm::Sha512 => Some((&RSA_PKCS1_2048_8192_SHA512, &digest::SHA512)),
        HashAlgorithm::Sha1 | HashAlgorithm::Streebog512 | HashAlgorithm::Gost94 => None,
    }
}

fn bits(number: &[u8]) -> usize {
    let lead = number.first().map_or(0, |first| first.leading_zeros());
    (number.len() * 8).saturating_sub(usize::try_from(lead).unwrap_or_default())
}
