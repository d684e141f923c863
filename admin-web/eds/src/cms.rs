//! CMS signed data (RFC 5652), as this country's programs write it.

use der::asn1::ObjectIdentifier;

use crate::algorithm::HashAlgorithm;
use crate::certificate::Certificate;
use crate::limits::{ATTRIBUTES_MAX, CERTIFICATES_MAX, CMS_BYTES_MAX, SIGNERS_MAX};
use crate::tlv::{
    FormatError, Identified, Items, OCTET_STRING, SEQUENCE, SET, Tlv, context, context_primitive, identified,
    single,
};
use crate::{ber, envelope, oid};

const WHAT: &str = "the signature file";

/// The DER of a signature file that may be PEM, base64 or BER.
pub(crate) fn to_der(input: &[u8]) -> Result<Vec<u8>, FormatError> {
    // Base64 takes four letters for three bytes.
    let text_max = CMS_BYTES_MAX / 3 * 4 + CMS_BYTES_MAX / 16;
    let too_much =
        FormatError::TooMuch { what: "the size of the signature file in bytes", limit: CMS_BYTES_MAX };
    if input.len() > text_max {
        return Err(too_much);
    }
    let bytes = envelope::open(input, WHAT)?;
    if bytes.len() > CMS_BYTES_MAX {
        return Err(too_much);
    }
    ber::to_der(&bytes)
}

/// Signed data. It borrows from the DER it was read from.
pub(crate) struct SignedData<'a> {
    pub(crate) content_type: ObjectIdentifier,
    /// `None`: the document lies elsewhere.
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) signers: Vec<Signer<'a>>,
}

/// One signer.
pub(crate) struct Signer<'a> {
    pub(crate) id: SignerId<'a>,
    /// `None`: an algorithm that is not allowed.
    pub(crate) hash: Option<HashAlgorithm>,
    pub(crate) signature_algorithm: Identified<'a>,
    pub(crate) signed: Option<Attributes<'a>>,
    pub(crate) signature: &'a [u8],
    pub(crate) unsigned: Option<Attributes<'a>>,
}

/// How a signer names its certificate.
pub(crate) enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    SubjectKey(&'a [u8]),
}

impl SignerId<'_> {
    pub(crate) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.issuer_name == *issuer && certificate.serial == *serial
            }
            Self::SubjectKey(key) => certificate.subject_key() == Some(key),
        }
    }
}

/// Attributes of a signer.
pub(crate) struct Attributes<'a> {
    /// The field as it came.
    whole: &'a [u8],
    list: Vec<(ObjectIdentifier, &'a [u8])>,
}

impl<'a> Attributes<'a> {
    fn read(field: Tlv<'a>) -> Result<Self, FormatError> {
        let mut items = Items::new(field.value, WHAT)?;
        let mut list = Vec::new();
        while !items.is_empty() {
            if list.len() == ATTRIBUTES_MAX {
                return Err(FormatError::TooMuch { what: "the number of attributes", limit: ATTRIBUTES_MAX });
            }
            let mut attribute = items.nested(WHAT)?;
            let id = attribute.oid()?;
            list.push((id, attribute.expect(SET)?.value));
            attribute.finish()?;
        }
        Ok(Self { whole: field.whole, list })
    }

    /// What is signed: the attributes as a SET OF. The tag alone differs between it and the field in the file.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        let behind_tag = self.whole.split_first().map_or(&[][..], |(_, rest)| rest);
        [&[SET], behind_tag].concat()
    }

    /// The one value of an attribute that may come once. Twice, or with several values, is an error: two readers could
    /// take different ones.
    pub(crate) fn one(&self, id: ObjectIdentifier) -> Result<Option<Tlv<'a>>, FormatError> {
        let mut found = self.list.iter().filter(|(other, _)| *other == id);
        let Some((_, values)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(FormatError::Malformed { what: WHAT });
        }
        let mut items = Items::new(values, WHAT)?;
        let value = items.any()?;
        items.finish()?;
        Ok(Some(value))
    }

    /// The first `limit` values of an attribute that may come several times.
    pub(crate) fn all(&self, id: ObjectIdentifier, limit: usize) -> Vec<&'a [u8]> {
        let mut found = Vec::new();
        for (_, values) in self.list.iter().filter(|(other, _)| *other == id) {
            let Ok(mut items) = Items::new(values, WHAT) else { continue };
            while let Some(value) = items.peek().and_then(|_| items.any().ok()) {
                if found.len() == limit {
                    return found;
                }
                found.push(value.whole);
            }
        }
        found
    }
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo that holds signed data.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        let mut info = Items::sequence(der, WHAT)?;
        if info.oid()? != oid::SIGNED_DATA {
            return Err(FormatError::Unsupported { what: "a CMS file without signed data" });
        }
        let body = info.expect(context(0))?;
        info.finish()?;

        let mut items = Items::sequence(body.value, WHAT)?;
        items.small()?;
        items.expect(SET)?;
        let mut encapsulated = items.nested(WHAT)?;
        let content_type = encapsulated.oid()?;
        let content = encapsulated.optional(context(0))?;
        encapsulated.finish()?;
        let content =
            content.map(|item| single(item.value, OCTET_STRING, WHAT)).transpose()?.map(|item| item.value);
        let certificates =
            items.optional(context(0))?.map_or(Ok(Vec::new()), |item| certificates(item.value))?;
        // Revocation lists inside: whoever verifies brings newer ones.
        items.optional(context(1))?;
        let signers = signers(items.expect(SET)?.value)?;
        items.finish()?;
        Ok(Self { content_type, content, certificates, signers })
    }
}

fn certificates(body: &[u8]) -> Result<Vec<Certificate>, FormatError> {
    let mut items = Items::new(body, WHAT)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        let item = items.any()?;
        // Attribute certificates and other kinds have tags of their own.
        if item.tag == SEQUENCE {
            if found.len() == CERTIFICATES_MAX {
                return Err(FormatError::TooMuch {
                    what: "the number of certificates",
                    limit: CERTIFICATES_MAX,
                });
            }
            found.push(Certificate::from_der(item.whole)?);
        }
    }
    Ok(found)
}

fn signers(body: &[u8]) -> Result<Vec<Signer<'_>>, FormatError> {
    let mut items = Items::new(body, WHAT)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        if found.len() == SIGNERS_MAX {
            return Err(FormatError::TooMuch { what: "the number of signers", limit: SIGNERS_MAX });
        }
        found.push(signer(items.nested(WHAT)?)?);
    }
    Ok(found)
}

fn signer<'a>(mut items: Items<'a>) -> Result<Signer<'a>, FormatError> {
    items.small()?;
    let id = items.any()?;
    let id = match id.tag {
        SEQUENCE => {
            let mut inner = Items::new(id.value, WHAT)?;
            let issuer = inner.expect(SEQUENCE)?.whole;
            let serial = inner.magnitude()?;
            inner.finish()?;
            SignerId::IssuerAndSerial { issuer, serial }
        }
        tag if tag == context_primitive(0) => SignerId::SubjectKey(id.value),
        _ => return Err(items.malformed()),
    };
    let hash = HashAlgorithm::of(identified(&mut items, WHAT)?.oid);
    let signed = items.optional(context(0))?.map(Attributes::read).transpose()?;
    let signature_algorithm = identified(&mut items, WHAT)?;
    let signature = items.expect(OCTET_STRING)?.value;
    let unsigned = items.optional(context(1))?.map(Attributes::read).transpose()?;
    items.finish()?;
    Ok(Signer { id, hash, signature_algorithm, signed, signature, unsigned })
}
