//! Signature files: CMS signed data, as NCALayer makes it and as nobody should.

use std::fmt;

use ofd_eds::{Moment, ObjectIdentifier};

use crate::asn1::{constructed, context, integer, octets, oid, sequence, set_of, time, unsigned, value};
use crate::certificate::Credential;
use crate::oid;
use crate::pki::Key;
use crate::time_stamp::Stamping;

/// What is wrong with a signer, if anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignerFlaw {
    /// Nothing.
    #[default]
    None,
    /// It signed other bytes than those in the file.
    OtherContent,
    /// Somebody else's key signed in its name.
    OtherKey,
    /// It has no signed attributes: the signature is over the content itself.
    NoSignedAttributes,
    /// It names another certificate in signingCertificateV2.
    OtherCertificate,
}

/// Makes a signature file, step by step.
#[derive(Clone)]
pub struct CmsMaker<'a> {
    content: &'a [u8],
    is_attached: bool,
    signers: Vec<Signer<'a>>,
    certificates: Certificates,
    trailing: &'a [u8],
}

/// Which certificates lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certificates {
    None,
    Signers,
    SignersAndAuthorities,
}

impl fmt::Debug for CmsMaker<'_> {
    /// Without the content, which may speak of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CmsMaker").field("signers", &self.signers).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
struct Signer<'a> {
    key: &'a Key,
    at: Moment,
    flaw: SignerFlaw,
    stamping: Option<Stamping<'a>>,
}

impl<'a> CmsMaker<'a> {
    /// A file that holds `content` and has no signer yet.
    pub fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            is_attached: true,
            signers: Vec::new(),
            certificates: Certificates::Signers,
            trailing: &[],
        }
    }

    /// Leaves the content out of the file.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.is_attached = false;
        self
    }

    /// Adds a signer, who says to have signed at `at`.
    #[must_use]
    pub fn signer(self, key: &'a Key, at: Moment) -> Self {
        self.flawed_signer(key, at, SignerFlaw::None)
    }

    /// Adds a signer with something wrong.
    #[must_use]
    pub fn flawed_signer(mut self, key: &'a Key, at: Moment, flaw: SignerFlaw) -> Self {
        self.signers.push(Signer { key, at, flaw, stamping: None });
        self
    }

    /// Adds a time stamp to the signer that was added last.
    #[must_use]
    pub fn time_stamp(mut self, stamping: Stamping<'a>) -> Self {
        if let Some(signer) = self.signers.last_mut() {
            signer.stamping = Some(stamping);
        }
        self
    }

    /// Leaves all certificates out of the file.
    #[must_use]
    pub fn without_certificates(mut self) -> Self {
        self.certificates = Certificates::None;
        self
    }

    /// Adds the certificates of the CAs above the signers, which most real files leave out.
    #[must_use]
    pub fn with_authorities(mut self) -> Self {
        self.certificates = Certificates::SignersAndAuthorities;
        self
    }

    /// Writes `bytes` behind the end of the file.
    #[must_use]
    pub fn trailing(mut self, bytes: &'a [u8]) -> Self {
        self.trailing = bytes;
        self
    }

    /// The file, as DER.
    pub fn make(&self) -> Vec<u8> {
        let signers = self.signers.iter().map(|signer| signer.info(self.content));
        let algorithms = self.signers.iter().map(|signer| signer.key.credential().signing.digest_algorithm());
        let file = signed_data(&SignedData {
            content_type: oid::DATA,
            content: self.is_attached.then_some(self.content),
            algorithms: algorithms.collect(),
            certificates: self.certificates(),
            signers: signers.collect(),
        });
        [&file, self.trailing].concat()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        let keys = self.signers.iter().map(|signer| signer.key);
        let own = keys.clone().map(|key| key.credential().der.clone());
        let mut list: Vec<_> = match self.certificates {
            Certificates::None => Vec::new(),
            Certificates::Signers => own.collect(),
            Certificates::SignersAndAuthorities => {
                own.chain(keys.flat_map(|key| key.authorities().to_vec())).collect()
            }
        };
        list.sort();
        list.dedup();
        list
    }
}

impl Signer<'_> {
    fn info(&self, content: &[u8]) -> Vec<u8> {
        let altered = [content, b"x"].concat();
        let signed = match self.flaw {
            SignerFlaw::OtherContent => &altered,
            SignerFlaw::None
            | SignerFlaw::OtherKey
            | SignerFlaw::NoSignedAttributes
            | SignerFlaw::OtherCertificate => content,
        };
        let credential = self.key.credential();
        let parts = SignerParts { content: signed, content_type: oid::DATA, at: self.at, flaw: self.flaw };
        signer_info(credential, &parts, |signature| self.stamping.map(|stamping| stamping.token(signature)))
    }
}

/// The parts of a SignedData that vary.
pub(crate) struct SignedData<'a> {
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) algorithms: Vec<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) signers: Vec<Vec<u8>>,
}

/// ContentInfo with SignedData.
pub(crate) fn signed_data(data: &SignedData<'_>) -> Vec<u8> {
    let mut algorithms = data.algorithms.clone();
    algorithms.sort();
    algorithms.dedup();
    let mut encapsulated = vec![oid(data.content_type)];
    encapsulated.extend(data.content.map(|content| value(context(0), &octets(content))));
    // RFC 5652: version 1 only of plain data.
    let version = if data.content_type == oid::DATA { 1 } else { 3 };
    let mut parts = vec![integer(version), set_of(algorithms), sequence(&encapsulated)];
    if !data.certificates.is_empty() {
        parts.push(constructed(context(0), &data.certificates));
    }
    parts.push(set_of(data.signers.clone()));
    sequence(&[oid(oid::SIGNED_DATA), value(context(0), &sequence(&parts))])
}

/// What one signer signs.
pub(crate) struct SignerParts<'a> {
    pub(crate) content: &'a [u8],
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) at: Moment,
    pub(crate) flaw: SignerFlaw,
}

/// SignerInfo. `stamp` makes a time stamp token over the signature.
pub(crate) fn signer_info(
    credential: &Credential,
    parts: &SignerParts<'_>,
    stamp: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let signing = &credential.signing;
    let mut fingerprint = credential.fingerprint();
    if parts.flaw == SignerFlaw::OtherCertificate {
        fingerprint.reverse();
    }
    let attributes = set_of(vec![
        attribute(oid::CONTENT_TYPE, oid(parts.content_type)),
        attribute(oid::SIGNING_TIME, time(parts.at)),
        attribute(oid::MESSAGE_DIGEST, octets(&signing.hash().hash(parts.content))),
        // ESSCertIDv2 with SHA-256, which is the default and not written.
        attribute(oid::SIGNING_CERTIFICATE_V2, sequence(&[sequence(&[sequence(&[octets(&fingerprint)])])])),
    ]);
    let signature = match parts.flaw {
        SignerFlaw::NoSignedAttributes => signing.sign(parts.content),
        SignerFlaw::OtherKey => signing.stranger().sign(&attributes),
        SignerFlaw::None | SignerFlaw::OtherContent | SignerFlaw::OtherCertificate => {
            signing.sign(&attributes)
        }
    };
    let mut info = vec![
        integer(1),
        sequence(&[credential.issuer_name.der.clone(), unsigned(&credential.serial)]),
        signing.digest_algorithm(),
    ];
    if parts.flaw != SignerFlaw::NoSignedAttributes {
        // The same set with the field's tag: what is signed has that of a SET.
        let behind_tag = attributes.get(1..).unwrap_or_default();
        info.push([&[context(0)], behind_tag].concat());
    }
    info.push(signing.signature_algorithm());
    info.push(octets(&signature));
    info.extend(stamp(&signature).map(|token| value(context(1), &attribute(oid::TIME_STAMP_TOKEN, token))));
    sequence(&info)
}

fn attribute(id: ObjectIdentifier, one: Vec<u8>) -> Vec<u8> {
    sequence(&[oid(id), set_of(vec![one])])
}
