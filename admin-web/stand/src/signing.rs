//! Keys that sign.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair, RsaSignatureEncoding,
};
use ofd_eds::{GostTestKey, HashAlgorithm, Scheme};

use crate::asn1::{algorithm, bits, octets, oid, sequence};
use crate::oid;

type Wide = [u8; GostTestKey::NUMBER_BYTES];

/// A pair of keys.
#[derive(Clone)]
pub(crate) struct SigningKey {
    secret: Secret,
    /// The contents of the public key's BIT STRING.
    bits: Vec<u8>,
}

#[derive(Clone)]
enum Secret {
    Gost {
        key: GostTestKey,
        /// The key's number, which one-time numbers are made of.
        number: Wide,
    },
    Rsa(&'static RsaKeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("scheme", &self.scheme()).finish_non_exhaustive()
    }
}

/// The RSA keys. Drawing one takes seconds, so they were drawn once, by `openssl genpkey`, and lie beside the sources:
/// everybody knows them, as everybody may know all keys of a stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FixedRsa {
    Root,
    Authority,
    Responder,
    TimeStamper,
    Head,
}

#[expect(
    clippy::expect_used,
    reason = "the keys are part of the program, and its tests sign with each of them"
)]
fn fixed(der: &[u8]) -> RsaKeyPair {
    RsaKeyPair::from_der(der).expect("the files in keys/ are RSA keys of 2048 bits")
}

macro_rules! fixed_key {
    ($file:literal) => {{
        // Reading checks the whole key, which takes longer than signing with it.
        static KEY: LazyLock<RsaKeyPair> =
            LazyLock::new(|| fixed(include_bytes!(concat!("../keys/", $file))));
        &*KEY
    }};
}

impl SigningKey {
    /// The GOST key that `label` has in the stand with this seed.
    #[expect(clippy::expect_used, reason = "only zero and one number in 2^255 are no key")]
    pub(crate) fn gost(seed: &[u8; 32], label: &str) -> Self {
        let mut tries = (0_u8..=u8::MAX).map(|turn| hash_64(&[seed, label.as_bytes(), &[turn]]));
        let found = tries.find_map(|number| GostTestKey::new(&number).map(|key| (key, number)));
        let (key, number) = found.expect("one of 256 hashes is below the order of the curve");
        let bits = octets(&key.public_key());
        Self { secret: Secret::Gost { key, number }, bits }
    }

    pub(crate) fn rsa(which: FixedRsa) -> Self {
        let pair = match which {
            FixedRsa::Root => fixed_key!("root-rsa.der"),
            FixedRsa::Authority => fixed_key!("nca-rsa.der"),
            FixedRsa::Responder => fixed_key!("ocsp-rsa.der"),
            FixedRsa::TimeStamper => fixed_key!("tsa-rsa.der"),
            FixedRsa::Head => fixed_key!("rsa-head.der"),
        };
        Self { secret: Secret::Rsa(pair), bits: pair.public_key().as_ref().to_vec() }
    }

    pub(crate) fn scheme(&self) -> Scheme {
        match self.secret {
            Secret::Gost { .. } => Scheme::Gost2015,
            Secret::Rsa(_) => Scheme::RsaSha256,
        }
    }

    pub(crate) fn hash(&self) -> HashAlgorithm {
        self.scheme().hash()
    }

    /// What OCSP requests name a CA by, hashed.
    pub(crate) fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// What certificates name a key by.
    pub(crate) fn identifier(&self) -> Vec<u8> {
        HashAlgorithm::Sha1.hash(&self.bits)
    }

    /// Its public half as SubjectPublicKeyInfo.
    pub(crate) fn info(&self) -> Vec<u8> {
        let named = match self.secret {
            Secret::Gost { .. } => {
                let parameters = sequence(&[oid(oid::GOST_CURVE), oid(oid::STREEBOG_512)]);
                sequence(&[oid(oid::GOST_KEY), parameters])
            }
            Secret::Rsa(_) => algorithm(oid::RSA_KEY),
        };
        sequence(&[named, bits(&self.bits)])
    }

    /// AlgorithmIdentifier of its signatures.
    pub(crate) fn signature_algorithm(&self) -> Vec<u8> {
        algorithm(match self.secret {
            Secret::Gost { .. } => oid::GOST_SIGNATURE,
            Secret::Rsa(_) => oid::RSA_SHA256,
        })
    }

    /// AlgorithmIdentifier of the hash that belongs to it.
    pub(crate) fn digest_algorithm(&self) -> Vec<u8> {
        algorithm(match self.secret {
            Secret::Gost { .. } => oid::STREEBOG_512,
            Secret::Rsa(_) => oid::SHA256,
        })
    }

    /// The signature of `message`: the same each time, so that stands of one seed are the same to the byte.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Gost { key, number } => sign_by_gost(key, number, message),
            Secret::Rsa(pair) => sign_by_rsa(pair, &RSA_PKCS1_SHA256, message),
        }
    }

    /// The signature of `message` by RSA with `hash`; by GOST there is one hash.
    pub(crate) fn sign_by(&self, hash: HashAlgorithm, message: &[u8]) -> Vec<u8> {
        match (&self.secret, hash) {
            (Secret::Rsa(pair), HashAlgorithm::Sha384) => sign_by_rsa(pair, &RSA_PKCS1_SHA384, message),
            (Secret::Rsa(pair), HashAlgorithm::Sha512) => sign_by_rsa(pair, &RSA_PKCS1_SHA512, message),
            _ => self.sign(message),
        }
    }

    /// Another key of the same algorithm, which has no certificate that people have.
    pub(crate) fn stranger(&self) -> Self {
        match &self.secret {
            Secret::Gost { number, .. } => {
                Self::gost(&number.first_chunk().copied().unwrap_or_default(), "stranger")
            }
            Secret::Rsa(_) => Self::rsa(FixedRsa::Root),
        }
    }

    /// `SEQUENCE { body, algorithm, signature }`, as certificates and revocation lists are.
    pub(crate) fn signed(&self, body: Vec<u8>) -> Vec<u8> {
        let signature = bits(&self.sign(&body));
        sequence(&[body, self.signature_algorithm(), signature])
    }
}

#[expect(clippy::expect_used, reason = "only zero and one number in 2^255 will not do")]
fn sign_by_gost(key: &GostTestKey, number: &Wide, message: &[u8]) -> Vec<u8> {
    let digest = hash_64(&[message]);
    // Made of key and digest: no two digests share one, and nobody knows it who does not know the key.
    let mut tries = (0_u8..=u8::MAX).map(|turn| hash_64(&[b"one-time number", number, &digest, &[turn]]));
    let signature = tries.find_map(|k| key.sign(&digest, &k));
    signature.expect("one of 256 one-time numbers will do")
}

#[expect(clippy::expect_used, reason = "it fails only for another length of the signature or a broken key")]
fn sign_by_rsa(pair: &RsaKeyPair, padding: &'static RsaSignatureEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    // PKCS#1 v1.5 draws no randomness.
    pair.sign(padding, &SystemRandom::new(), message, &mut signature)
        .expect("a key that was checked when it was read signs");
    signature
}

/// Streebog-512 of all parts together.
fn hash_64(parts: &[&[u8]]) -> Wide {
    let mut wide = [0; GostTestKey::NUMBER_BYTES];
    let hash = HashAlgorithm::Streebog512.hash(&parts.concat());
    for (place, byte) in wide.iter_mut().zip(hash) {
        *place = byte;
    }
    wide
}
