//! Hash functions that signatures rest on.

use der::asn1::ObjectIdentifier;
use gost94::Gost94Test;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use streebog::Streebog512;

use crate::oid;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-1: only where nothing rests on it, as in names of OCSP answers.
    Sha1,
    /// SHA-2 with 256 bits.
    Sha256,
    /// SHA-2 with 384 bits.
    Sha384,
    /// SHA-2 with 512 bits.
    Sha512,
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
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            oid::STREEBOG_512 => Some(Self::Streebog512),
            // TumarCSP names the hash by its parameter, of which there is one.
            oid::GOST_94 | oid::GOST_94_PARAMETER => Some(Self::Gost94),
            _ => None,
        }
    }

    /// The hash of `data`.
    pub fn hash(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
            Self::Streebog512 => Streebog512::digest(data).to_vec(),
            Self::Gost94 => Gost94Test::digest(data).to_vec(),
        }
    }
}

/// A hash that is made piece by piece.
pub(crate) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    Streebog512(Streebog512),
    Gost94(Gost94Test),
}

impl Hasher {
    pub(crate) fn new(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Sha1 => Self::Sha1(Sha1::new()),
            HashAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
            HashAlgorithm::Sha384 => Self::Sha384(Sha384::new()),
            HashAlgorithm::Sha512 => Self::Sha512(Sha512::new()),
            HashAlgorithm::Streebog512 => Self::Streebog512(Streebog512::new()),
            HashAlgorithm::Gost94 => Self::Gost94(Gost94Test::new()),
        }
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(piece),
            Self::Sha256(hasher) => hasher.update(piece),
            Self::Sha384(hasher) => hasher.update(piece),
            Self::Sha512(hasher) => hasher.update(piece),
            Self::Streebog512(hasher) => hasher.update(piece),
            Self::Gost94(hasher) => hasher.update(piece),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha384(hasher) => hasher.finalize().to_vec(),
            Self::Sha512(hasher) => hasher.finalize().to_vec(),
            Self::Streebog512(hasher) => hasher.finalize().to_vec(),
            Self::Gost94(hasher) => hasher.finalize().to_vec(),
        }
    }
}
