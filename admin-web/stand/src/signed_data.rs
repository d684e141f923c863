//! Signed data of CMS (RFC 5652): the parts that files, time stamps and the workshop are made of.

use ofd_eds::{Moment, ObjectIdentifier};

use crate::asn1::{constructed, context, integer, octets, oid, sequence, set_of, time, unsigned, value};
use crate::certificate::Credential;
use crate::oid;

/// What is wrong with a signer, if anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignerFlaw {
    /// Nothing is wrong with it.
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
