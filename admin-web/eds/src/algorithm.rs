//! Which algorithms there are, and verification by them.

use der::asn1::ObjectIdentifier;
use gost94::Gost94Test;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use streebog::Streebog512;

use crate::gost::{CRYPTO_PRO_A, Curve, TC26_512_A};
use crate::oid;
use crate::rsa::RsaKey;
use crate::tlv::{FormatError, Identified, Items, OCTET_STRING, SEQUENCE, identified, single};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-1: only where nothing rests on it, as in names of OCSP answers.
    Sha1,
    /// SHA-256.
    Sha256,
    /// GOST 34.11-2015 with 512 bits.
    Streebog512,
    /// GOST 34.311-95 with the S-box that its registry calls the test parameter.
    Gost94,
}

impl HashAlgorithm {
    pub(crate) fn of(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            oid::SHA1 => Some(Self::Sha1),
            oid::SHA256 => Some(Self::Sha256),
            oid::STREEBOG_512 => Some(Self::Streebog512),
            oid::GOST_94 => Some(Self::Gost94),
            _ => None,
        }
    }

    /// The hash of `data`.
    pub fn hash(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Streebog512 => Streebog512::digest(data).to_vec(),
            Self::Gost94 => Gost94Test::digest(data).to_vec(),
        }
    }
}

/// A hash that is made piece by piece.
pub(crate) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
    Streebog512(Streebog512),
    Gost94(Gost94Test),
}

impl Hasher {
    pub(crate) fn new(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Sha1 => Self::Sha1(Sha1::new()),
            HashAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
            HashAlgorithm::Streebog512 => Self::Streebog512(Streebog512::new()),
            HashAlgorithm::Gost94 => Self::Gost94(Gost94Test::new()),
        }
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(piece),
            Self::Sha256(hasher) => hasher.update(piece),
            Self::Streebog512(hasher) => hasher.update(piece),
            Self::Gost94(hasher) => hasher.update(piece),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Streebog512(hasher) => hasher.finalize().to_vec(),
            Self::Gost94(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// A way to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// GOST 34.10-2015 with 512 bits and GOST 34.11-2015.
    Gost2015,
    /// GOST 34.310-2004 with GOST 34.311-95: only in historical documents.
    Gost2004,
}

impl Scheme {
    /// By the OID of a signature algorithm.
    pub(crate) fn of(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            oid::RSA_SHA256 => Some(Self::RsaSha256),
            oid::GOST_2015_512_SIGNATURE => Some(Self::Gost2015),
            oid::GOST_2004_SIGNATURE => Some(Self::Gost2004),
            _ => None,
        }
    }

    /// By what a signer names: for RSA that may be the key's algorithm, the hash then says the rest.
    pub(crate) fn of_signer(signature: ObjectIdentifier, hash: HashAlgorithm) -> Option<Self> {
        let scheme = match signature {
            oid::RSA_KEY => Self::RsaSha256,
            other => Self::of(other)?,
        };
        (scheme.hash() == hash).then_some(scheme)
    }

    /// The hash function that belongs to it.
    pub fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaSha256 => HashAlgorithm::Sha256,
            Self::Gost2015 => HashAlgorithm::Streebog512,
            Self::Gost2004 => HashAlgorithm::Gost94,
        }
    }
}

/// A key to verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Rsa(Box<RsaKey>),
    /// X and Y, little-endian, on the curve of GOST 34.10-2015.
    Gost2015(Vec<u8>),
    /// X and Y, little-endian, on the curve of GOST 34.310-2004.
    Gost2004(Vec<u8>),
    /// Another algorithm, another curve, or numbers that are no key: verifies nothing.
    Unsupported,
}

impl PublicKey {
    /// From the contents of a SubjectPublicKeyInfo.
    pub(crate) fn read(items: &mut Items<'_>) -> Result<(Self, Vec<u8>), FormatError> {
        let algorithm = identified(items, WHAT)?;
        let bits = items.bits()?;
        let key = match algorithm.oid {
            oid::RSA_KEY => rsa(bits)?,
            oid::GOST_2015_512_KEY => {
                curve_point(&algorithm, bits, oid::GOST_2015_512_CURVE_A, &TC26_512_A)?.map(Self::Gost2015)
            }
            oid::GOST_2004_KEY => {
                curve_point(&algorithm, bits, oid::GOST_2004_CURVE, &CRYPTO_PRO_A)?.map(Self::Gost2004)
            }
            _ => None,
        };
        Ok((key.unwrap_or(Self::Unsupported), bits.to_vec()))
    }

    /// Whether `signature` is one of `message`.
    pub(crate) fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        self.verify_digest(scheme, &scheme.hash().hash(message), signature)
    }

    /// Whether `signature` is one of the message with this hash.
    pub(crate) fn verify_digest(&self, scheme: Scheme, digest: &[u8], signature: &[u8]) -> bool {
        match (self, scheme) {
            (Self::Rsa(key), Scheme::RsaSha256) => key.verify(digest, signature),
            (Self::Gost2015(key), Scheme::Gost2015) => TC26_512_A.verify(key, digest, signature),
            (Self::Gost2004(key), Scheme::Gost2004) => CRYPTO_PRO_A.verify(key, digest, signature),
            (Self::Rsa(_) | Self::Gost2015(_) | Self::Gost2004(_) | Self::Unsupported, _) => false,
        }
    }
}

const WHAT: &str = "a public key";

fn rsa(bits: &[u8]) -> Result<Option<PublicKey>, FormatError> {
    let mut numbers = Items::sequence(bits, WHAT)?;
    let (modulus, exponent) = (numbers.magnitude()?, numbers.magnitude()?);
    numbers.finish()?;
    Ok(RsaKey::new(modulus, exponent).map(Box::new).map(PublicKey::Rsa))
}

fn curve_point(
    algorithm: &Identified<'_>,
    bits: &[u8],
    expected: ObjectIdentifier,
    curve: &Curve,
) -> Result<Option<Vec<u8>>, FormatError> {
    let Some(parameters) = algorithm.parameters.filter(|whole| whole.first() == Some(&SEQUENCE)) else {
        return Ok(None);
    };
    let named = Items::sequence(parameters, WHAT)?.oid()?;
    let point = single(bits, OCTET_STRING, WHAT)?.value;
    Ok((named == expected && curve.is_key(point)).then(|| point.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::HashAlgorithm;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn streebog_gives_what_the_standard_and_a_real_signature_have() {
        // RFC 6986 section 10.1.1, whose bytes are written from the last to the first.
        let message = b"012345678901234567890123456789012345678901234567890123456789012";
        assert_eq!(
            hex(&HashAlgorithm::Streebog512.hash(message)),
            "1B54D01A4AF5B9D5CC3D86D68D285462B19ABC2475222F35C085122BE4BA1FFA\
             00AD30F8767B3A82384C6574F024C311E2A481332B08EF7F41797891C1646F48"
        );
        let short = hex(&HashAlgorithm::Streebog512.hash(b"test123"));
        assert!(short.starts_with("F0AFDD66") && short.ends_with("2990"), "{short}");
    }

    #[test]
    fn the_old_hash_uses_the_test_parameter() {
        // The example of GOST R 34.11-94 and RFC 5831 with the test parameter.
        assert_eq!(
            hex(&HashAlgorithm::Gost94.hash(b"This is message, length=32 bytes")),
            "B1C466D37519B82E8319819FF32595E047A28CB6F83EFF1C6916A815A637FFFA"
        );
    }
}
