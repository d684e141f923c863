//! Certificates, lists and signature files that no CA and no program should make, for tests of whoever verifies.
//!
//! Everything can be chosen, also what is wrong. The keys are GOST keys of labels, the same for the same label.

use std::fmt;

use ofd_eds::{Certificate, HashAlgorithm, Moment, ObjectIdentifier};

use crate::asn1::{
    algorithm, bits, context, context_primitive, enumerated, generalized_time, integer, named_bits, octets,
    oid, sequence, set_of, time, unsigned, value, yes,
};
use crate::certificate::{Name, extension, name};
use crate::oid;
use crate::pki::later;
use crate::signed_data::{SignedData, signed_data};
use crate::signing::{FixedRsa, SigningKey};

/// All keys of the workshop are of this stand.
const SEED: [u8; 32] = [11; 32];
const DAY: i64 = 86_400;

/// Bits of keyUsage of a CA, and of a person.
const AUTHORITY_USAGE: &[u8] = &[5, 6];
const PERSON_USAGE: &[u8] = &[0, 1];

/// One of the attributes of a name.
pub const COMMON_NAME: ObjectIdentifier = oid::COMMON_NAME;
/// One of the attributes of a name.
pub const ORGANISATION: ObjectIdentifier = oid::ORGANISATION;

/// A certificate with its key.
#[derive(Clone)]
pub struct Made {
    key: SigningKey,
    der: Vec<u8>,
    serial: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").finish_non_exhaustive()
    }
}

impl Made {
    /// The certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate.
    ///
    /// # Panics
    /// It was made so that it cannot be read.
    #[expect(clippy::expect_used, reason = "tests call it of certificates that can be read")]
    pub fn certificate(&self) -> Certificate {
        Certificate::read(&self.der).expect("it was made to be read")
    }

    /// IssuerSerial as signingCertificate has it.
    pub fn issuer_serial(&self) -> Vec<u8> {
        issuer_serial(&self.issuer, &self.serial)
    }

    /// A revocation list of this CA: numbers of certificates, moments and causes.
    pub fn list(&self, entries: &[(&Made, Moment, u8)], made_at: Moment) -> Vec<u8> {
        let entry = |(about, since, cause): &(&Made, Moment, u8)| {
            let reason = extension(oid::REASON_CODE, &enumerated(*cause));
            sequence(&[unsigned(&about.serial), time(*since), sequence(&[reason])])
        };
        let entries: Vec<_> = entries.iter().map(entry).collect();
        let key = value(context_primitive(0), &self.key.identifier());
        let mut body = vec![
            integer(1),
            self.key.signature_algorithm(),
            self.subject.clone(),
            time(made_at),
            time(later(made_at, 30 * DAY)),
        ];
        body.extend((!entries.is_empty()).then(|| sequence(&entries)));
        body.push(value(context(0), &sequence(&[extension(oid::AUTHORITY_KEY, &sequence(&[key]))])));
        self.key.signed(sequence(&body))
    }
}

/// IssuerSerial of whoever is named.
pub fn issuer_serial(issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    sequence(&[sequence(&[value(context(4), issuer)]), unsigned(serial)])
}

/// The name with these attributes, as DER.
pub fn name_der(attributes: &[(ObjectIdentifier, &str)]) -> Vec<u8> {
    name(attributes).der
}

/// A sequence of values that are DER already.
pub fn sequence_of(parts: &[Vec<u8>]) -> Vec<u8> {
    sequence(parts)
}

/// A value with any tag.
pub fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    value(tag, contents)
}

/// An OBJECT IDENTIFIER.
pub fn identifier(id: ObjectIdentifier) -> Vec<u8> {
    oid(id)
}

/// NameConstraints that permit and exclude these directory names.
pub fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let subtrees = |names: &[Vec<u8>]| {
        names.iter().flat_map(|name| sequence(&[value(context(4), name)])).collect::<Vec<u8>>()
    };
    let parts = [(0, permitted), (1, excluded)].into_iter().filter(|(_, names)| !names.is_empty());
    sequence(&parts.map(|(number, names)| value(context(number), &subtrees(names))).collect::<Vec<_>>())
}

/// A certificate that is to be made.
#[derive(Clone, Debug)]
pub struct Draft {
    key: SigningKey,
    /// What stands for the key, where that is none of ours.
    key_info: Option<Vec<u8>>,
    subject: Name,
    issuer_name: Option<Vec<u8>>,
    serial: Vec<u8>,
    usage: &'static [u8],
    extensions: Vec<Vec<u8>>,
    has_identifiers: bool,
    not_before: Moment,
    not_after: Moment,
}

impl Draft {
    fn new(label: &str, now: Moment) -> Self {
        let key = SigningKey::gost(&SEED, label);
        let mut serial = key.identifier();
        if let Some(first) = serial.first_mut() {
            *first &= 0x7F;
        }
        Self {
            subject: name(&[(oid::COMMON_NAME, &format!("{label} TEST"))]),
            key,
            key_info: None,
            issuer_name: None,
            serial,
            usage: PERSON_USAGE,
            extensions: Vec::new(),
            has_identifiers: true,
            not_before: later(now, -100 * DAY),
            not_after: later(now, 100 * DAY),
        }
    }

    /// A CA with any number of CAs below.
    pub fn authority(label: &str, now: Moment) -> Self {
        Self { usage: AUTHORITY_USAGE, ..Self::new(label, now) }.constrained(None)
    }

    /// A person, who may sign documents.
    pub fn person(label: &str, now: Moment) -> Self {
        Self::new(label, now)
    }

    /// A time stamper.
    #[must_use]
    pub fn stamper(label: &str, now: Moment) -> Self {
        Self::new(label, now).extension(oid::EXTENDED_USAGE, true, &sequence(&[oid(oid::TIME_STAMPING)]))
    }

    /// With an RSA key: that of the stand's time stamper.
    #[must_use]
    pub fn with_rsa(mut self) -> Self {
        self.key = SigningKey::rsa(FixedRsa::TimeStamper);
        self
    }

    /// With an RSA key of so many bits that nobody has the other half of.
    #[must_use]
    pub fn with_made_up_rsa(mut self, width: usize, filling: u8) -> Self {
        let modulus = [&vec![filling | 0x80; (width / 8).saturating_sub(1)][..], &[1]].concat();
        let key = sequence(&[unsigned(&modulus), unsigned(&[1, 0, 1])]);
        self.key_info = Some(sequence(&[algorithm(oid::RSA_KEY), bits(&key)]));
        self
    }

    /// With the subject of these attributes.
    #[must_use]
    pub fn named(mut self, attributes: &[(ObjectIdentifier, &str)]) -> Self {
        self.subject = name(attributes);
        self
    }

    /// With this Name where the issuer's belongs.
    #[must_use]
    pub fn issuer_named(mut self, der: Vec<u8>) -> Self {
        self.issuer_name = Some(der);
        self
    }

    /// With the key of another certificate.
    #[must_use]
    pub fn key_of(mut self, other: &Made) -> Self {
        self.key = other.key.clone();
        self
    }

    /// With issuer and number of another certificate.
    #[must_use]
    pub fn numbered_as(mut self, other: &Made) -> Self {
        self.serial.clone_from(&other.serial);
        self.issuer_name = Some(other.issuer.clone());
        self
    }

    /// Without identifiers of keys.
    #[must_use]
    pub fn without_identifiers(mut self) -> Self {
        self.has_identifiers = false;
        self
    }

    /// Of a CA: at most so many CAs below.
    #[must_use]
    pub fn path_length(self, most: u64) -> Self {
        self.constrained(Some(most))
    }

    fn constrained(mut self, path_length: Option<u64>) -> Self {
        self.extensions.retain(|one| !one.windows(3).any(|bytes| bytes == [0x55, 0x1D, 0x13]));
        let body = [Some(yes()), path_length.map(integer)].into_iter().flatten().collect::<Vec<_>>();
        self.extension(oid::BASIC_CONSTRAINTS, true, &sequence(&body))
    }

    /// With a further extension.
    #[must_use]
    pub fn extension(mut self, id: ObjectIdentifier, is_critical: bool, contents: &[u8]) -> Self {
        let critical = is_critical.then(yes).unwrap_or_default();
        self.extensions.push(sequence(&[oid(id), critical, octets(contents)]));
        self
    }

    /// Signed by its own key.
    pub fn self_signed(self) -> Made {
        let (key, name) = (self.key.clone(), self.subject.der.clone());
        self.signed_by(&key, name)
    }

    /// Signed by `issuer`.
    pub fn by(self, issuer: &Made) -> Made {
        self.signed_by(&issuer.key, issuer.subject.clone())
    }

    fn signed_by(self, issuing: &SigningKey, issuer_name: Vec<u8>) -> Made {
        let issuer = self.issuer_name.unwrap_or(issuer_name);
        let mut extensions = self.extensions;
        extensions.push(sequence(&[oid(oid::KEY_USAGE), yes(), octets(&named_bits(self.usage))]));
        if self.has_identifiers {
            extensions.push(extension(oid::SUBJECT_KEY, &octets(&self.key.identifier())));
            let key = value(context_primitive(0), &issuing.identifier());
            extensions.push(extension(oid::AUTHORITY_KEY, &sequence(&[key])));
        }
        let body = sequence(&[
            value(context(0), &integer(2)),
            unsigned(&self.serial),
            issuing.signature_algorithm(),
            issuer.clone(),
            sequence(&[time(self.not_before), time(self.not_after)]),
            self.subject.der.clone(),
            self.key_info.unwrap_or_else(|| self.key.info()),
            value(context(3), &sequence(&extensions)),
        ]);
        let der = issuing.signed(body);
        Made { key: self.key, der, serial: self.serial, subject: self.subject.der, issuer }
    }
}

/// How a signature file differs from what a program of today writes.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// The OID in the place of the hash.
    pub hash: Option<ObjectIdentifier>,
    /// The OID in the place of the signature.
    pub signature: Option<ObjectIdentifier>,
    /// RSA signs by this hash.
    pub rsa_hash: Option<HashAlgorithm>,
    /// ESSCertIDv2 of the signer, whole; `None`: without signingCertificateV2.
    pub named: Option<Vec<u8>>,
    /// Unsigned attributes, whole.
    pub unsigned: Vec<Vec<u8>>,
}

/// An unsigned attribute with these values.
pub fn attribute(id: ObjectIdentifier, values: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[oid(id), set_of(values.to_vec())])
}

/// The unsigned attribute that holds time stamps.
pub const TIME_STAMPS: ObjectIdentifier = oid::TIME_STAMP_TOKEN;

/// A signature file over `content` by each of `signers`, with `certificates` in it, in this order.
pub fn file(content: &[u8], signers: &[Vec<u8>], certificates: &[&[u8]]) -> Vec<u8> {
    signed_data(&SignedData {
        content_type: oid::DATA,
        content: Some(content),
        algorithms: Vec::new(),
        certificates: certificates.iter().map(|der| der.to_vec()).collect(),
        signers: signers.to_vec(),
    })
}

/// One signer of a file.
pub fn signer(by: &Made, content: &[u8], habits: &Habits) -> Vec<u8> {
    info(by, (oid::DATA, content), habits)
}

/// The signature within a signer that [`signer`] made with the same arguments, for whoever stamps it.
pub fn signature(by: &Made, content: &[u8], habits: &Habits) -> Vec<u8> {
    sign(by, &attributes(by, (oid::DATA, content), habits), habits)
}

fn sign(by: &Made, attributes: &[u8], habits: &Habits) -> Vec<u8> {
    match habits.rsa_hash {
        Some(hash) => by.key.sign_by(hash, attributes),
        None => by.key.sign(attributes),
    }
}

fn hash_of(by: &Made, habits: &Habits) -> HashAlgorithm {
    habits.rsa_hash.unwrap_or_else(|| by.key.hash())
}

fn attributes(by: &Made, (kind, content): (ObjectIdentifier, &[u8]), habits: &Habits) -> Vec<u8> {
    let mut list = vec![
        attribute(oid::CONTENT_TYPE, &[oid(kind)]),
        attribute(oid::MESSAGE_DIGEST, &[octets(&hash_of(by, habits).hash(content))]),
    ];
    if let Some(named) = &habits.named {
        let value = sequence(&[sequence(std::slice::from_ref(named))]);
        list.push(attribute(oid::SIGNING_CERTIFICATE_V2, &[value]));
    }
    set_of(list)
}

fn info(by: &Made, what: (ObjectIdentifier, &[u8]), habits: &Habits) -> Vec<u8> {
    let attributes = attributes(by, what, habits);
    let signature = sign(by, &attributes, habits);
    let behind_tag = attributes.get(1..).unwrap_or_default();
    let mut parts = vec![
        integer(1),
        sequence(&[by.issuer.clone(), unsigned(&by.serial)]),
        habits.hash.map_or_else(|| by.key.digest_algorithm(), algorithm),
        [&[context(0)], behind_tag].concat(),
        habits.signature.map_or_else(|| by.key.signature_algorithm(), algorithm),
        octets(&signature),
    ];
    parts.extend((!habits.unsigned.is_empty()).then(|| value(context(1), &habits.unsigned.concat())));
    sequence(&parts)
}

/// A time stamp token over `stamped` at `at`, whose imprint is made by `imprint`: the OID and the hash.
pub fn token(
    by: &Made,
    stamped: &[u8],
    (named, imprint): (ObjectIdentifier, HashAlgorithm),
    at: Moment,
    (habits, has_certificate): (&Habits, bool),
) -> Vec<u8> {
    let said = sequence(&[
        integer(1),
        oid(oid::STAMP_BY_GOST),
        sequence(&[algorithm(named), octets(&imprint.hash(stamped))]),
        integer(7),
        generalized_time(at),
    ]);
    signed_data(&SignedData {
        content_type: oid::TIME_STAMP_INFO,
        content: Some(&said),
        algorithms: Vec::new(),
        certificates: if has_certificate { vec![by.der.clone()] } else { Vec::new() },
        signers: vec![info(by, (oid::TIME_STAMP_INFO, &said), habits)],
    })
}
