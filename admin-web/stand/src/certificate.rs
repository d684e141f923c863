//! Certificates of the Kazakh profile, issued.

use std::fmt;

use ofd_eds::{HashAlgorithm, Moment, ObjectIdentifier};

use crate::asn1::{
    context, context_primitive, integer, named_bits, null, octets, oid, printable, sequence, set_of, time,
    unsigned, utf8, value, yes,
};
use crate::oid;
use crate::signing::SigningKey;

/// Bits of keyUsage.
pub(crate) const DIGITAL_SIGNATURE: u8 = 0;
pub(crate) const NON_REPUDIATION: u8 = 1;
pub(crate) const KEY_ENCIPHERMENT: u8 = 2;
pub(crate) const KEY_AGREEMENT: u8 = 4;
const CERTIFICATE_SIGN: u8 = 5;
const CRL_SIGN: u8 = 6;

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) signing: SigningKey,
    pub(crate) der: Vec<u8>,
    /// The magnitude of the number.
    pub(crate) serial: Vec<u8>,
    pub(crate) name: Name,
    pub(crate) issuer_name: Name,
    /// The identifier of the key that signed it.
    pub(crate) issuer_key: Vec<u8>,
}

impl Credential {
    /// What certificates and lists of this CA name it by.
    pub(crate) fn authority_key(&self) -> Vec<u8> {
        authority_key(&self.signing.identifier())
    }

    /// Its SHA-256, by which signers name it.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        HashAlgorithm::Sha256.hash(&self.der)
    }
}

/// What a key is certified for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    Root,
    /// A CA that issues to people alone.
    Authority,
    /// People and systems: extKeyUsage and bits of keyUsage.
    Owner(&'a [ObjectIdentifier], &'a [u8]),
    OcspResponder,
    TimeStamper,
}

/// What is to be certified.
pub(crate) struct Order<'a> {
    pub(crate) signing: SigningKey,
    pub(crate) name: Name,
    pub(crate) purpose: Purpose<'a>,
    pub(crate) not_before: Moment,
    pub(crate) not_after: Moment,
}

/// Issues a certificate; without an issuer the key signs its own.
pub(crate) fn issue(issuer: Option<&Credential>, order: Order<'_>) -> Credential {
    let Order { signing, name, purpose, not_before, not_after } = order;
    let issuing = issuer.map_or(&signing, |issuer| &issuer.signing);
    let issuer_name = issuer.map_or(&name, |issuer| &issuer.name).clone();
    // The national CA's numbers: the key's identifier with the upper bit cleared.
    let mut serial = signing.identifier();
    if let Some(first) = serial.first_mut() {
        *first &= 0x7F;
    }
    let issuer_key = issuing.identifier();
    let body = sequence(&[
        value(context(0), &integer(2)),
        unsigned(&serial),
        issuing.signature_algorithm(),
        issuer_name.der.clone(),
        sequence(&[time(not_before), time(not_after)]),
        name.der.clone(),
        signing.info(),
        value(context(3), &sequence(&extensions(purpose, &signing, &issuer_key))),
    ]);
    let der = issuing.signed(body);
    let serial = serial.iter().copied().skip_while(|byte| *byte == 0).collect();
    Credential { der, serial, name, issuer_name, issuer_key, signing }
}

/// In the order in which the national CA writes them.
fn extensions(purpose: Purpose<'_>, signing: &SigningKey, issuer_key: &[u8]) -> Vec<Vec<u8>> {
    let policy = match purpose {
        Purpose::Root => oid::ROOT_POLICY,
        Purpose::Authority | Purpose::Owner(..) | Purpose::OcspResponder | Purpose::TimeStamper => {
            oid::POLICY
        }
    };
    let mut list = vec![extension(oid::POLICIES, &sequence(&[sequence(&[oid(policy)])]))];
    list.extend(match purpose {
        Purpose::Root | Purpose::Authority => None,
        Purpose::Owner(usages, _) => Some(extension(oid::EXTENDED_USAGE, &oids(usages))),
        Purpose::OcspResponder => Some(extension(oid::EXTENDED_USAGE, &oids(&[oid::OCSP_SIGNING]))),
        // RFC 3161 demands that it is critical.
        Purpose::TimeStamper => Some(critical(oid::EXTENDED_USAGE, &oids(&[oid::TIME_STAMPING]))),
    });
    let usage = match purpose {
        Purpose::Root | Purpose::Authority => &[CERTIFICATE_SIGN, CRL_SIGN][..],
        Purpose::Owner(_, usage) => usage,
        Purpose::OcspResponder => &[DIGITAL_SIGNATURE],
        Purpose::TimeStamper => &[DIGITAL_SIGNATURE, NON_REPUDIATION],
    };
    list.push(critical(oid::KEY_USAGE, &named_bits(usage)));
    list.extend(match purpose {
        Purpose::Root => Some(critical(oid::BASIC_CONSTRAINTS, &sequence(&[yes()]))),
        Purpose::Authority => Some(critical(oid::BASIC_CONSTRAINTS, &sequence(&[yes(), integer(0)]))),
        Purpose::Owner(..) | Purpose::OcspResponder | Purpose::TimeStamper => None,
    });
    list.push(extension(oid::SUBJECT_KEY, &octets(&signing.identifier())));
    list.push(authority_key(issuer_key));
    list.extend(match purpose {
        Purpose::Owner(..) => Some(extension(oid::KEY_STORAGE, &oids(&[oid::PKCS12_STORAGE]))),
        Purpose::OcspResponder => Some(extension(oid::OCSP_NO_CHECK, &null())),
        Purpose::Root | Purpose::Authority | Purpose::TimeStamper => None,
    });
    list
}

fn authority_key(identifier: &[u8]) -> Vec<u8> {
    extension(oid::AUTHORITY_KEY, &sequence(&[value(context_primitive(0), identifier)]))
}

/// An extension that readers may pass over.
pub(crate) fn extension(id: ObjectIdentifier, contents: &[u8]) -> Vec<u8> {
    sequence(&[oid(id), octets(contents)])
}

fn critical(id: ObjectIdentifier, contents: &[u8]) -> Vec<u8> {
    sequence(&[oid(id), yes(), octets(contents)])
}

fn oids(list: &[ObjectIdentifier]) -> Vec<u8> {
    sequence(&list.iter().copied().map(oid).collect::<Vec<_>>())
}

/// A subject or issuer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) der: Vec<u8>,
    /// `CN=…,SERIALNUMBER=…,C=KZ`, as programs show it.
    pub(crate) text: String,
    pub(crate) common_name: String,
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Name").finish_non_exhaustive()
    }
}

/// What attributes are called in a name that is shown.
const ATTRIBUTES: &[(ObjectIdentifier, &str)] = &[
    (oid::COMMON_NAME, "CN"),
    (oid::SURNAME, "SURNAME"),
    (oid::SERIAL_NUMBER, "SERIALNUMBER"),
    (oid::COUNTRY, "C"),
    (oid::ORGANISATION, "O"),
    (oid::ORGANISATION_UNIT, "OU"),
    (oid::PATRONYMIC, "GIVENNAME"),
];

/// A name of these attributes, in this order. Numbers and the country are PrintableString, the rest UTF-8.
pub(crate) fn name(attributes: &[(ObjectIdentifier, &str)]) -> Name {
    let one = |(id, text): &(ObjectIdentifier, &str)| {
        let is_printable = [oid::SERIAL_NUMBER, oid::COUNTRY].contains(id);
        let text = if is_printable { printable(text) } else { utf8(text) };
        set_of(vec![sequence(&[oid(*id), text])])
    };
    let shown = |(id, text): &(ObjectIdentifier, &str)| {
        let called = ATTRIBUTES.iter().find(|(known, _)| known == id).map_or("", |(_, called)| called);
        format!("{called}={text}")
    };
    let common_name = attributes.iter().find(|(id, _)| *id == oid::COMMON_NAME);
    Name {
        der: sequence(&attributes.iter().map(one).collect::<Vec<_>>()),
        text: attributes.iter().map(shown).collect::<Vec<_>>().join(","),
        common_name: common_name.map(|(_, text)| (*text).to_owned()).unwrap_or_default(),
    }
}
