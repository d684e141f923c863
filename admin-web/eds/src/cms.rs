//! CMS signed data (RFC 5652), as this country's programs write it.

use der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::hash::HashAlgorithm;
use crate::limits::{
    ATTRIBUTES, ATTRIBUTES_MAX, CERTIFICATES, CERTIFICATES_MAX, CMS_BYTES_MAX, FILE_SIZE, SIGNERS,
    SIGNERS_MAX,
};
use crate::name::Name;
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
    let too_much = FormatError::TooMuch { what: FILE_SIZE, limit: CMS_BYTES_MAX };
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
    /// Whether there are certificates that cannot be read. They are passed over: whoever does not need them is not
    /// stopped by them.
    pub(crate) has_unreadable: bool,
    pub(crate) signers: Vec<Signer<'a>>,
}

/// One SignerInfo, read in place.
pub(crate) struct Signer<'a> {
    pub(crate) id: SignerId<'a>,
    pub(crate) hash_algorithm: Identified<'a>,
    pub(crate) signature_algorithm: Identified<'a>,
    pub(crate) signed: Option<Attributes<'a>>,
    pub(crate) signature: &'a [u8],
    pub(crate) unsigned: Unsigned<'a>,
}

impl Signer<'_> {
    /// `None`: one that is not known here.
    pub(crate) fn hash(&self) -> Option<HashAlgorithm> {
        HashAlgorithm::of(self.hash_algorithm.oid)
    }
}

/// How a signer names its certificate.
pub(crate) enum SignerId<'a> {
    IssuerAndSerial { issuer: Name, serial: &'a [u8] },
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
                return Err(FormatError::TooMuch { what: ATTRIBUTES, limit: ATTRIBUTES_MAX });
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

    /// The same in the order that DER demands, where the file has another one: the standard has the sorted set signed,
    /// whatever the file looks like. `None`: it is sorted.
    pub(crate) fn sorted_bytes(&self) -> Option<Vec<u8>> {
        let field = Items::new(self.whole, WHAT).ok()?.any().ok()?;
        let came: Vec<_> = items(field.value).map(|item| item.whole).collect();
        let mut sorted = came.clone();
        sorted.sort_unstable();
        if sorted == came {
            return None;
        }
        let mut out = Vec::new();
        ber::write(SET, &sorted.concat(), &mut out).ok()?;
        Some(out)
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
}

/// Attributes that nobody signed: anybody may have added them, so what cannot be read among them is passed over.
#[derive(Clone, Copy, Default)]
pub(crate) struct Unsigned<'a>(&'a [u8]);

impl<'a> Unsigned<'a> {
    /// All values of an attribute.
    pub(crate) fn all(self, id: ObjectIdentifier) -> impl Iterator<Item = &'a [u8]> {
        let attributes = items(self.0).filter(|item| item.tag == SEQUENCE);
        let values = attributes.filter_map(move |attribute| {
            let mut inner = Items::new(attribute.value, WHAT).ok()?;
            let is_wanted = inner.oid().ok()? == id;
            inner.expect(SET).ok().filter(|_| is_wanted)
        });
        values.flat_map(|values| items(values.value)).map(|value| value.whole)
    }
}

/// The values of one level, up to the first that cannot be read.
fn items(body: &[u8]) -> impl Iterator<Item = Tlv<'_>> {
    let mut items = Items::new(body, WHAT).ok();
    std::iter::from_fn(move || items.as_mut().filter(|items| !items.is_empty())?.any().ok())
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
        let (certificates, has_unreadable) =
            items.optional(context(0))?.map_or(Ok((Vec::new(), false)), |item| certificates(item.value))?;
        // Revocation lists inside: whoever verifies brings newer ones.
        items.optional(context(1))?;
        let signers = signers(items.expect(SET)?.value)?;
        items.finish()?;
        Ok(Self { content_type, content, certificates, has_unreadable, signers })
    }
}

/// The certificates that can be read, each once, and whether there are others.
fn certificates(body: &[u8]) -> Result<(Vec<Certificate>, bool), FormatError> {
    let mut items = Items::new(body, WHAT)?;
    let (mut found, mut count, mut has_unreadable) = (Vec::<Certificate>::new(), 0, false);
    while !items.is_empty() {
        let item = items.any()?;
        // Attribute certificates and other kinds have tags of their own.
        if item.tag != SEQUENCE || found.iter().any(|one| one.der() == item.whole) {
            continue;
        }
        if count == CERTIFICATES_MAX {
            return Err(FormatError::TooMuch { what: CERTIFICATES, limit: CERTIFICATES_MAX });
        }
        count += 1;
        match Certificate::from_der(item.whole) {
            Ok(certificate) => found.push(certificate),
            Err(_) => has_unreadable = true,
        }
    }
    Ok((found, has_unreadable))
}

fn signers(body: &[u8]) -> Result<Vec<Signer<'_>>, FormatError> {
    let mut items = Items::new(body, WHAT)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        if found.len() == SIGNERS_MAX {
            return Err(FormatError::TooMuch { what: SIGNERS, limit: SIGNERS_MAX });
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
            let issuer = Name::read(inner.expect(SEQUENCE)?.whole)?;
            let serial = inner.number()?;
            inner.finish()?;
            SignerId::IssuerAndSerial { issuer, serial }
        }
        tag if tag == context_primitive(0) => SignerId::SubjectKey(id.value),
        _ => return Err(items.malformed()),
    };
    let hash_algorithm = identified(&mut items, WHAT)?;
    let signed = items.optional(context(0))?.map(Attributes::read).transpose()?;
    let signature_algorithm = identified(&mut items, WHAT)?;
    let signature = items.expect(OCTET_STRING)?.value;
    let unsigned = items.optional(context(1))?.map_or_else(Unsigned::default, |item| Unsigned(item.value));
    items.finish()?;
    Ok(Signer { id, hash_algorithm, signature_algorithm, signed, signature, unsigned })
}
