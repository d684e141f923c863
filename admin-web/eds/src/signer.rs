//! The mathematics of one signer: is it this certificate's signature over these bytes.
//!
//! Nothing here says whether the certificate can be trusted.

use std::cell::OnceCell;
use std::io::{self, Read};

use crate::algorithm::{HashAlgorithm, Hasher, Scheme};
use crate::certificate::Certificate;
use crate::cms::{Attributes, SignedData, Signer};
use crate::limits::CANDIDATES_MAX;
use crate::oid;
use crate::tlv::{FormatError, Items, OCTET_STRING, OID, SEQUENCE, identified, single};

const WHAT: &str = "a signed attribute";

/// Why a signer's mathematics does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignerFault {
    NoCertificate,
    /// A signature without signed attributes says neither what kind of content it is over nor of which certificate.
    NoSignedAttributes,
    AttributesMalformed,
    ContentTypeMismatch,
    AlgorithmNotAllowed,
    SignatureBad,
    DigestBad,
    /// The certificate is another one than the signer named in signingCertificate.
    CertificateMismatch,
}

/// What was found.
pub(crate) struct Checked<'a> {
    pub(crate) certificate: Option<&'a Certificate>,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) is_signature_good: bool,
    pub(crate) is_digest_good: bool,
    /// The first fault, if there is one.
    pub(crate) fault: Option<SignerFault>,
}

/// What a signature may rest on.
const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Streebog512, HashAlgorithm::Gost94];

/// A document is read in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;

/// What was signed. However many signers there are, it is hashed once by each algorithm.
pub(crate) struct Content<'a> {
    bytes: &'a [u8],
    hashes: [(HashAlgorithm, OnceCell<Vec<u8>>); 3],
}

impl<'a> Content<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, hashes: HASHES.map(|algorithm| (algorithm, OnceCell::new())) }
    }

    /// Reads a document once, to its end, for these algorithms alone: by any other it has no hash.
    pub(crate) fn read(mut document: impl Read, wanted: &[HashAlgorithm]) -> io::Result<Content<'static>> {
        let known = HASHES.into_iter().filter(|algorithm| wanted.contains(algorithm));
        let mut hashers: Vec<_> = known.map(|algorithm| (algorithm, Hasher::new(algorithm))).collect();
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = match document.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => piece.get(..read).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hashers.iter_mut().for_each(|(_, hasher)| hasher.update(read));
        }
        let content = Content::new(&[]);
        for (algorithm, hasher) in hashers {
            if let Some((_, cell)) = content.hashes.iter().find(|(known, _)| *known == algorithm) {
                // Empty until now.
                let _ = cell.set(hasher.finish());
            }
        }
        Ok(content)
    }

    /// `None` for an algorithm that nothing may rest on.
    pub(crate) fn hash(&self, algorithm: HashAlgorithm) -> Option<&[u8]> {
        let (_, cell) = self.hashes.iter().find(|(known, _)| *known == algorithm)?;
        Some(cell.get_or_init(|| algorithm.hash(self.bytes)))
    }
}

/// Checks one signer of `data` over `content`.
pub(crate) fn check<'a>(data: &'a SignedData<'_>, signer: &Signer<'_>, content: &Content<'_>) -> Checked<'a> {
    let named = data.certificates.iter().filter(|one| signer.id.names(one));
    let named: Vec<_> = named.take(CANDIDATES_MAX).collect();
    let scheme = signer.hash.and_then(|hash| Scheme::of_signer(signer.signature_algorithm.oid, hash));
    let signs = |certificate: &Certificate| match (&signer.signed, scheme) {
        (Some(signed), Some(scheme)) => {
            certificate.key.verify(scheme, &signed.signed_bytes(), signer.signature)
        }
        _ => false,
    };
    // Two certificates may claim one name and number; which of them signed only the key tells.
    let signed_with = named.iter().copied().find(|certificate| signs(certificate));
    let certificate = signed_with.or_else(|| named.first().copied());
    let is_digest_good =
        signer.signed.as_ref().is_some_and(|signed| digest_fits(signed, signer.hash, content));
    let is_signature_good = signed_with.is_some();
    let fault = fault(data, signer, certificate, scheme, is_signature_good, is_digest_good);
    Checked { certificate, scheme, is_signature_good, is_digest_good, fault }
}

fn fault(
    data: &SignedData<'_>,
    signer: &Signer<'_>,
    certificate: Option<&Certificate>,
    scheme: Option<Scheme>,
    is_signature_good: bool,
    is_digest_good: bool,
) -> Option<SignerFault> {
    let Some(certificate) = certificate else { return Some(SignerFault::NoCertificate) };
    let Some(signed) = &signer.signed else { return Some(SignerFault::NoSignedAttributes) };
    if scheme.is_none() {
        return Some(SignerFault::AlgorithmNotAllowed);
    }
    if !is_signature_good {
        return Some(SignerFault::SignatureBad);
    }
    match content_type_fits(data, signed) {
        Err(_) => return Some(SignerFault::AttributesMalformed),
        Ok(false) => return Some(SignerFault::ContentTypeMismatch),
        Ok(true) => {}
    }
    if !is_digest_good {
        return Some(SignerFault::DigestBad);
    }
    match certificate_fits(signed, certificate) {
        Err(_) => Some(SignerFault::AttributesMalformed),
        Ok(false) => Some(SignerFault::CertificateMismatch),
        Ok(true) => None,
    }
}

fn digest_fits(signed: &Attributes<'_>, hash: Option<HashAlgorithm>, content: &Content<'_>) -> bool {
    let named = signed.one(oid::MESSAGE_DIGEST).ok().flatten().filter(|value| value.tag == OCTET_STRING);
    match (named, hash) {
        (Some(named), Some(hash)) => content.hash(hash) == Some(named.value),
        _ => false,
    }
}

fn content_type_fits(data: &SignedData<'_>, signed: &Attributes<'_>) -> Result<bool, FormatError> {
    // Also attributes that nothing is read from must not come twice.
    signed.one(oid::SIGNING_TIME)?;
    signed.one(oid::MESSAGE_DIGEST)?;
    let Some(named) = signed.one(oid::CONTENT_TYPE)? else { return Ok(false) };
    Ok(named.tag == OID && named.value == data.content_type.as_bytes())
}

/// Whether signingCertificate, in either version, names this certificate. Plain CMS has none of them.
fn certificate_fits(signed: &Attributes<'_>, certificate: &Certificate) -> Result<bool, FormatError> {
    let second = signed.one(oid::SIGNING_CERTIFICATE_V2)?;
    let first = signed.one(oid::SIGNING_CERTIFICATE)?;
    for (value, default) in [(second, HashAlgorithm::Sha256), (first, HashAlgorithm::Sha1)] {
        let Some(value) = value else { continue };
        // The first of the list is the signer's own; what follows would limit its chain.
        let mut attribute = Items::new(single(value.whole, SEQUENCE, WHAT)?.value, WHAT)?;
        let mut list = attribute.nested(WHAT)?;
        let mut id = list.nested(WHAT)?;
        let hash = match id.peek() {
            Some(SEQUENCE) => HashAlgorithm::of(identified(&mut id, WHAT)?.oid),
            _ => Some(default),
        };
        let named = id.expect(OCTET_STRING)?.value;
        if hash.is_none_or(|hash| hash.hash(certificate.der()) != named) {
            return Ok(false);
        }
    }
    Ok(true)
}
