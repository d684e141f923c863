//! The mathematics of one signer: is it this certificate's signature over these bytes.
//!
//! Nothing here says whether the certificate can be trusted.

use std::cell::OnceCell;
use std::io::{self, Read};

use crate::algorithm::Scheme;
use crate::algorithm::Unchecked;
use crate::certificate::Certificate;
use crate::cms::{Attributes, Signer};
use crate::constraints::GeneralName;
use crate::fact::Fact;
use crate::hash::{HashAlgorithm, Hasher};
use crate::maths::{Maths, Proof};
use crate::oid;
use crate::tlv::{FormatError, Items, OCTET_STRING, OID, SEQUENCE, Tlv, identified, single};

const WHAT: &str = "a signed attribute";

/// Why a signer's mathematics does not hold, or is not known to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignerFault {
    NoCertificate,
    /// There are certificates that cannot be read; the signer's may be among them.
    CertificateUnreadable,
    /// A signature without signed attributes says neither what kind of content it is over nor of which certificate.
    NoSignedAttributes,
    AttributesMalformed,
    ContentTypeMismatch,
    Unchecked(Unchecked),
    SignatureBad,
    DigestBad,
    /// The certificate is another one than the signer named in signingCertificate.
    CertificateMismatch,
}

/// What was found with one certificate.
pub(crate) struct Checked<'a> {
    pub(crate) certificate: Option<&'a Certificate>,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) signature: Fact,
    pub(crate) digest: Fact,
    /// The first fault, if there is one.
    pub(crate) fault: Option<SignerFault>,
}

/// What a signature may rest on.
const HASHES: [HashAlgorithm; 5] = [
    HashAlgorithm::Sha256,
    HashAlgorithm::Sha384,
    HashAlgorithm::Sha512,
    HashAlgorithm::Streebog512,
    HashAlgorithm::Gost94,
];

/// A document is read in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;

/// What was signed. However many signers there are, it is hashed once by each algorithm.
pub(crate) struct Content<'a> {
    bytes: &'a [u8],
    hashes: [(HashAlgorithm, OnceCell<Vec<u8>>); HASHES.len()],
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

/// What is checked: whose signature, with which certificates, over what.
pub(crate) struct Case<'a, 'd> {
    pub(crate) signer: &'d Signer<'d>,
    pub(crate) content_type: &'d [u8],
    pub(crate) content: &'d Content<'d>,
    /// Where the signer's certificate is looked for.
    pub(crate) certificates: &'d [&'a Certificate],
    /// Whether there were others, which cannot be read.
    pub(crate) has_unreadable: bool,
    pub(crate) maths: &'d Maths,
}

impl<'a> Case<'a, '_> {
    /// Checks the signer with every certificate that it may mean. Several may claim one name and number, or have one key:
    /// who put them there is not known, so each by whose key the signature holds is a finding of its own. There is one
    /// finding at least.
    pub(crate) fn check(&self) -> Vec<Checked<'a>> {
        let Self { signer, maths, .. } = self;
        let mut named: Vec<_> =
            self.certificates.iter().copied().filter(|one| signer.id.names(one)).collect();
        // Whom the signer named by its hash is tried first, before the budget is spent on others.
        named.sort_by_key(|one| {
            let fit = signer.signed.as_ref().map(|signed| certificate_fits(signed, one));
            !matches!(fit, Some(Ok(Fit::Named)))
        });
        let Some(first) = named.first().copied() else {
            let unreadable = self.has_unreadable.then_some(SignerFault::CertificateUnreadable);
            let fault = unreadable.unwrap_or(SignerFault::NoCertificate);
            return vec![self.found(None, Fact::Unchecked, Some(fault))];
        };
        let first = Some(first);
        let Some(signed) = &signer.signed else {
            return vec![self.found(first, Fact::Unchecked, Some(SignerFault::NoSignedAttributes))];
        };
        let scheme = match self.scheme() {
            Ok(scheme) => scheme,
            Err(why) => return vec![self.found(first, Fact::Unchecked, Some(SignerFault::Unchecked(why)))],
        };
        let messages = [Some(signed.signed_bytes()), signed.sorted_bytes()];
        let digests: Vec<_> =
            messages.into_iter().flatten().map(|bytes| scheme.hash().hash(&bytes)).collect();
        let (mut found, mut unchecked) = (Vec::new(), None);
        for certificate in named {
            let mut proofs = digests
                .iter()
                .map(|digest| maths.verify(&certificate.key, scheme, digest, signer.signature))
                .filter(|proof| *proof != Proof::Fails);
            match proofs.next() {
                Some(Proof::Unchecked(why)) => {
                    unchecked = unchecked.or(Some((certificate, why)));
                }
                Some(_) => {
                    let fault = self.fault(signed, certificate);
                    found.push(self.found(Some(certificate), Fact::Ok, fault));
                }
                None => {}
            }
        }
        if let (true, Some((certificate, why))) = (found.is_empty(), unchecked) {
            return vec![self.found(Some(certificate), Fact::Unchecked, Some(SignerFault::Unchecked(why)))];
        }
        if found.is_empty() {
            found.push(self.found(first, Fact::Bad, Some(SignerFault::SignatureBad)));
        }
        found
    }

    fn scheme(&self) -> Result<Scheme, Unchecked> {
        Scheme::of_signer(self.signer.signature_algorithm.oid, self.signer.hash_algorithm.oid)
    }

    fn found(
        &self,
        certificate: Option<&'a Certificate>,
        signature: Fact,
        fault: Option<SignerFault>,
    ) -> Checked<'a> {
        Checked { certificate, scheme: self.scheme().ok(), signature, digest: self.digest(), fault }
    }

    /// Whether the signed attributes name the hash of the content.
    fn digest(&self) -> Fact {
        let Some(signed) = &self.signer.signed else { return Fact::Unchecked };
        let Some(hash) = self.signer.hash().and_then(|hash| self.content.hash(hash)) else {
            return Fact::Unchecked;
        };
        let named = signed.one(oid::MESSAGE_DIGEST).ok().flatten();
        Fact::of(named.is_some_and(|value| value.tag == OCTET_STRING && value.value == hash))
    }

    /// What is wrong although the signature holds.
    fn fault(&self, signed: &Attributes<'_>, certificate: &Certificate) -> Option<SignerFault> {
        match content_type_fits(self.content_type, signed) {
            Err(_) => return Some(SignerFault::AttributesMalformed),
            Ok(false) => return Some(SignerFault::ContentTypeMismatch),
            Ok(true) => {}
        }
        match self.digest() {
            Fact::Ok => {}
            Fact::Bad => return Some(SignerFault::DigestBad),
            Fact::Unchecked => return Some(SignerFault::Unchecked(Unchecked::Unknown)),
        }
        match certificate_fits(signed, certificate) {
            Err(_) => Some(SignerFault::AttributesMalformed),
            Ok(Fit::Other) => Some(SignerFault::CertificateMismatch),
            Ok(Fit::Unknown) => Some(SignerFault::Unchecked(Unchecked::Unknown)),
            Ok(Fit::Named | Fit::Unnamed) => None,
        }
    }
}

fn content_type_fits(content_type: &[u8], signed: &Attributes<'_>) -> Result<bool, FormatError> {
    // Also attributes that nothing is read from must not come twice.
    signed.one(oid::SIGNING_TIME)?;
    signed.one(oid::MESSAGE_DIGEST)?;
    let Some(named) = signed.one(oid::CONTENT_TYPE)? else { return Ok(false) };
    Ok(named.tag == OID && named.value == content_type)
}

/// What signingCertificate says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// It names this one.
    Named,
    /// It names another one.
    Other,
    /// It names one by a hash that is not known here.
    Unknown,
    /// There is none, as in plain CMS.
    Unnamed,
}

/// What signingCertificate says of `certificate`, in whichever of its versions there are (RFC 5035).
fn certificate_fits(signed: &Attributes<'_>, certificate: &Certificate) -> Result<Fit, FormatError> {
    let second = signed.one(oid::SIGNING_CERTIFICATE_V2)?;
    let first = signed.one(oid::SIGNING_CERTIFICATE)?;
    let mut fit = Fit::Unnamed;
    for (value, default) in [(second, HashAlgorithm::Sha256), (first, HashAlgorithm::Sha1)] {
        let Some(value) = value else { continue };
        match named_first(&value, default, certificate)? {
            Fit::Named | Fit::Unnamed => fit = Fit::Named,
            other => return Ok(other),
        }
    }
    Ok(fit)
}

/// Whether the first of the list, which is the signer's own, is `certificate`.
fn named_first(
    attribute: &Tlv<'_>,
    default: HashAlgorithm,
    certificate: &Certificate,
) -> Result<Fit, FormatError> {
    let mut attribute = Items::new(single(attribute.whole, SEQUENCE, WHAT)?.value, WHAT)?;
    let mut id = attribute.nested(WHAT)?.nested(WHAT)?;
    let hash = match id.peek() {
        Some(SEQUENCE) => HashAlgorithm::of(identified(&mut id, WHAT)?.oid),
        _ => Some(default),
    };
    let named = id.expect(OCTET_STRING)?.value;
    let is_issuer_named = match id.optional(SEQUENCE)? {
        None => true,
        Some(issuer_serial) => {
            let mut both = Items::new(issuer_serial.value, WHAT)?;
            let issuers = GeneralName::read_all(both.expect(SEQUENCE)?.whole)?;
            let is_issuer = issuers.contains(&GeneralName::Directory(certificate.issuer_name.clone()));
            is_issuer && both.number()? == certificate.serial
        }
    };
    let Some(hash) = hash else { return Ok(Fit::Unknown) };
    let is_named = is_issuer_named && hash.hash(certificate.der()) == named;
    Ok(if is_named { Fit::Named } else { Fit::Other })
}
