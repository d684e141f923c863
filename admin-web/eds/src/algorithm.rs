//! Which algorithms there are, and verification by them.

use der::asn1::ObjectIdentifier;

use crate::gost::{CRYPTO_PRO_A, Curve, TC26_512_A};
use crate::hash::HashAlgorithm;
use crate::oid;
use crate::rsa::RsaKey;
use crate::tlv::{FormatError, Identified, Items, OCTET_STRING, SEQUENCE, identified, single};

/// Why a signature was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unchecked {
    /// The algorithm is not known here.
    Unknown,
    /// The algorithm is known, and nothing may rest on it.
    NotAllowed,
    /// The key is so short that its signatures can be forged.
    WeakKey,
    /// The budget is spent.
    OverLimit,
}

/// A way to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// GOST 34.10-2015 with 512 bits and GOST 34.11-2015.
    Gost2015,
    /// GOST 34.310-2004 with GOST 34.311-95: only in historical documents.
    Gost2004,
}

impl Scheme {
    /// By the OID of a signature algorithm.
    pub(crate) fn of(oid: ObjectIdentifier) -> Result<Self, Unchecked> {
        match oid {
            oid::RSA_SHA256 => Ok(Self::RsaSha256),
            oid::RSA_SHA384 => Ok(Self::RsaSha384),
            oid::RSA_SHA512 => Ok(Self::RsaSha512),
            oid::GOST_2015_512_SIGNATURE => Ok(Self::Gost2015),
            oid::GOST_2004_SIGNATURE => Ok(Self::Gost2004),
            oid::RSA_MD5 | oid::RSA_SHA1 => Err(Unchecked::NotAllowed),
            _ => Err(Unchecked::Unknown),
        }
    }

    /// By what a signer names as hash and as signature. The latter may be the key's algorithm, for RSA by the standard
    /// and for both GOSTs by native Kalkan; the hash then says the rest.
    pub(crate) fn of_signer(signature: ObjectIdentifier, hash: ObjectIdentifier) -> Result<Self, Unchecked> {
        let known = HashAlgorithm::of(hash);
        if known == Some(HashAlgorithm::Sha1) || hash == oid::MD5 {
            return Err(Unchecked::NotAllowed);
        }
        let known = known.ok_or(Unchecked::Unknown)?;
        let scheme = match (signature, known) {
            (oid::RSA_KEY, HashAlgorithm::Sha384) => Self::RsaSha384,
            (oid::RSA_KEY, HashAlgorithm::Sha512) => Self::RsaSha512,
            (oid::RSA_KEY, _) => Self::RsaSha256,
            (oid::GOST_2015_512_KEY, _) => Self::Gost2015,
            (oid::GOST_2004_KEY, _) => Self::Gost2004,
            (other, _) => Self::of(other)?,
        };
        if scheme.hash() == known { Ok(scheme) } else { Err(Unchecked::NotAllowed) }
    }

    /// The hash function that belongs to it.
    pub fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaSha256 => HashAlgorithm::Sha256,
            Self::RsaSha384 => HashAlgorithm::Sha384,
            Self::RsaSha512 => HashAlgorithm::Sha512,
            Self::Gost2015 => HashAlgorithm::Streebog512,
            Self::Gost2004 => HashAlgorithm::Gost94,
        }
    }

    /// Tells it from others among checks that are remembered.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::RsaSha256 => 0,
            Self::RsaSha384 => 1,
            Self::RsaSha512 => 2,
            Self::Gost2015 => 3,
            Self::Gost2004 => 4,
        }
    }
}

/// A key to verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    /// X and Y, little-endian, on the curve of GOST 34.10-2015.
    Gost2015(Vec<u8>),
    /// X and Y, little-endian, on the curve of GOST 34.310-2004.
    Gost2004(Vec<u8>),
    /// Another algorithm or another curve: nothing is known of its signatures.
    Unsupported,
    /// Numbers that are no key of their algorithm: there is no signature by it.
    Invalid,
}

impl PublicKey {
    /// From the contents of a SubjectPublicKeyInfo.
    pub(crate) fn read(items: &mut Items<'_>) -> Result<(Self, Vec<u8>), FormatError> {
        let algorithm = identified(items, WHAT)?;
        let bits = items.bits()?;
        let key = match algorithm.oid {
            oid::RSA_KEY => rsa(bits)?,
            oid::GOST_2015_512_KEY => {
                curve_point(&algorithm, bits, oid::GOST_2015_512_CURVE_A, (&TC26_512_A, Self::Gost2015))?
            }
            oid::GOST_2004_KEY => {
                curve_point(&algorithm, bits, oid::GOST_2004_CURVE, (&CRYPTO_PRO_A, Self::Gost2004))?
            }
            _ => Self::Unsupported,
        };
        Ok((key, bits.to_vec()))
    }

    /// What a check of a signature by `scheme` costs; `None`: such a key makes no such signatures.
    pub(crate) fn cost(&self, scheme: Scheme) -> Option<u32> {
        match (self, scheme) {
            (Self::Rsa(key), Scheme::RsaSha256 | Scheme::RsaSha384 | Scheme::RsaSha512) => Some(key.cost()),
            (Self::Gost2015(_), Scheme::Gost2015) => Some(GOST_2015_COST),
            (Self::Gost2004(_), Scheme::Gost2004) => Some(GOST_2004_COST),
            _ => None,
        }
    }

    /// All that it consists of, with its kind.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => format!("{key:?}").into_bytes(),
            Self::Gost2015(point) | Self::Gost2004(point) => point.clone(),
            Self::Unsupported | Self::Invalid => Vec::new(),
        }
    }

    /// Whether `signature` is one of the message with this hash. [`crate::Maths`] is the way here: it counts.
    pub(crate) fn verify_digest(&self, scheme: Scheme, digest: &[u8], signature: &[u8]) -> bool {
        match (self, scheme) {
            (Self::Rsa(key), Scheme::RsaSha256 | Scheme::RsaSha384 | Scheme::RsaSha512) => {
                key.verify(scheme.hash(), digest, signature)
            }
            (Self::Gost2015(key), Scheme::Gost2015) => TC26_512_A.verify(key, digest, signature),
            (Self::Gost2004(key), Scheme::Gost2004) => CRYPTO_PRO_A.verify(key, digest, signature),
            _ => false,
        }
    }
}

/// What checks cost of the budget, in tenths of a millisecond.
const GOST_2015_COST: u32 = 20;
const GOST_2004_COST: u32 = 10;

const WHAT: &str = "a public key";

fn rsa(bits: &[u8]) -> Result<PublicKey, FormatError> {
    let mut numbers = Items::sequence(bits, WHAT)?;
    let (modulus, exponent) = (numbers.magnitude()?, numbers.magnitude()?);
    numbers.finish()?;
    Ok(RsaKey::new(modulus, exponent).map_or(PublicKey::Invalid, PublicKey::Rsa))
}

fn curve_point(
    algorithm: &Identified<'_>,
    bits: &[u8],
    expected: ObjectIdentifier,
    (curve, made): (&Curve, fn(Vec<u8>) -> PublicKey),
) -> Result<PublicKey, FormatError> {
    let Some(parameters) = algorithm.parameters.filter(|whole| whole.first() == Some(&SEQUENCE)) else {
        return Ok(PublicKey::Unsupported);
    };
    if Items::sequence(parameters, WHAT)?.oid()? != expected {
        return Ok(PublicKey::Unsupported);
    }
    let point = single(bits, OCTET_STRING, WHAT)?.value;
    Ok(if curve.is_key(point) { made(point.to_vec()) } else { PublicKey::Invalid })
}

#[cfg(test)]
mod tests {
    use super::HashAlgorithm;

    #[test]
    fn streebog_gives_what_the_standard_and_a_real_signature_have() {
        // RFC 6986 section 10.1.1, whose bytes are written from the last to the first.
        let message = b"012345678901234567890123456789012345678901234567890123456789012";
        assert_eq!(
            hex::encode_upper(HashAlgorithm::Streebog512.hash(message)),
            "1B54D01A4AF5B9D5CC3D86D68D285462B19ABC2475222F35C085122BE4BA1FFA\
             00AD30F8767B3A82384C6574F024C311E2A481332B08EF7F41797891C1646F48"
        );
        let short = hex::encode_upper(HashAlgorithm::Streebog512.hash(b"test123"));
        assert!(short.starts_with("F0AFDD66") && short.ends_with("2990"), "{short}");
    }

    #[test]
    fn the_old_hash_uses_the_test_parameter() {
        // The example of GOST R 34.11-94 and RFC 5831 with the test parameter.
        assert_eq!(
            hex::encode_upper(HashAlgorithm::Gost94.hash(b"This is message, length=32 bytes")),
            "B1C466D37519B82E8319819FF32595E047A28CB6F83EFF1C6916A815A637FFFA"
        );
    }
}
