//! X.509 certificates of the Kazakh profile.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::algorithm::Unchecked;
use crate::algorithm::{PublicKey, Scheme};
use crate::constraints::{GeneralName, NameConstraints};
use crate::limits::{CERTIFICATE_BYTES_MAX, EXTENSIONS_MAX};
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::name::Name;
use crate::policy::Policies;
use crate::subject::{Role, Subject};
use crate::tlv::{
    BIT_STRING, BOOLEAN, FormatError, Items, OCTET_STRING, SEQUENCE, Tlv, context, context_primitive,
    identified, oids, single,
};
use crate::{envelope, oid};

const WHAT: &str = "a certificate";

/// Bits of keyUsage, numbered as in the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// The bit digitalSignature of KeyUsage.
    pub const DIGITAL_SIGNATURE: Self = Self(1 << 0);
    /// nonRepudiation: documents may be signed.
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// keyCertSign: certificates may be signed.
    pub const CERTIFICATE_SIGN: Self = Self(1 << 5);
    /// cRLSign: revocation lists may be signed.
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Whether a certificate is a CA's, and how many CAs may stand between it and a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The most CAs below; `None`: any number.
    pub path_length: Option<u64>,
}

/// A certificate. Nothing in it is proven until a chain to a trusted root holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) der: Vec<u8>,
    /// The hash of what its issuer signed, or why that signature cannot be checked.
    digest: Result<(Scheme, Vec<u8>), Unchecked>,
    signature: Vec<u8>,
    /// The contents of the number.
    pub(crate) serial: Vec<u8>,
    /// The issuer's name as it came, which OCSP answers name by its hash.
    pub(crate) issuer_der: Vec<u8>,
    /// The subject's name as it came.
    pub(crate) subject_der: Vec<u8>,
    pub(crate) issuer_name: Name,
    pub(crate) subject_name: Name,
    pub(crate) key: PublicKey,
    /// The bits of the public key, which OCSP answers name by their hash.
    pub(crate) key_bits: Vec<u8>,
    subject: Subject,
    not_before: Moment,
    not_after: Moment,
    extensions: Extensions,
}

/// What the extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Extensions {
    authority: Option<Authority>,
    key_usage: Option<KeyUsage>,
    extended: Option<Vec<ObjectIdentifier>>,
    is_extended_critical: bool,
    policies: Policies,
    alternatives: Vec<GeneralName>,
    constraints: Option<NameConstraints>,
    subject_key: Option<Vec<u8>>,
    authority_key: Option<Vec<u8>>,
    key_storage: Vec<ObjectIdentifier>,
    /// A critical extension that is not understood: nothing may rest on such a certificate.
    has_unknown_critical: bool,
}

impl fmt::Debug for Certificate {
    /// Without names and numbers of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("serial", &self.serial()).finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads a certificate: DER, base64 or PEM.
    ///
    /// # Errors
    /// The bytes are no certificate, or over [`CERTIFICATE_BYTES_MAX`].
    pub fn read(input: &[u8]) -> Result<Self, FormatError> {
        if input.len() > 2 * CERTIFICATE_BYTES_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: CERTIFICATE_BYTES_MAX });
        }
        Self::from_der(&envelope::open(input, WHAT)?)
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, FormatError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: CERTIFICATE_BYTES_MAX });
        }
        let mut outer = Items::sequence(der, WHAT)?;
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = identified(&mut outer, WHAT)?;
        let signature = outer.bits()?;
        outer.finish()?;

        let mut items = Items::new(signed.value, WHAT)?;
        let version =
            items.optional(context(0))?.map(|item| Items::new(item.value, WHAT)?.small()).transpose()?;
        if version != Some(2) {
            return Err(FormatError::Unsupported { what: "a certificate of another version than 3" });
        }
        let serial = items.number()?.to_vec();
        if identified(&mut items, WHAT)? != algorithm {
            return Err(FormatError::Malformed { what: WHAT });
        }
        let issuer_der = items.expect(SEQUENCE)?.whole;
        let mut validity = items.nested(WHAT)?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.finish()?;
        let subject_der = items.expect(SEQUENCE)?.whole;
        let mut key_items = items.nested(WHAT)?;
        let (key, key_bits) = PublicKey::read(&mut key_items)?;
        key_items.finish()?;
        // Unique identifiers of issuer and subject, which nobody uses.
        items.optional(context_primitive(1))?;
        items.optional(context_primitive(2))?;
        let extensions = match items.optional(context(3))? {
            Some(item) => Extensions::read(item.value)?,
            None => Extensions::default(),
        };
        items.finish()?;
        Ok(Self {
            digest: Scheme::of(algorithm.oid).map(|scheme| (scheme, scheme.hash().hash(signed.whole))),
            signature: signature.to_vec(),
            serial,
            issuer_name: Name::read(issuer_der)?,
            subject_name: Name::read(subject_der)?,
            issuer_der: issuer_der.to_vec(),
            subject_der: subject_der.to_vec(),
            key,
            key_bits,
            subject: Subject::read(subject_der)?,
            not_before,
            not_after,
            extensions,
            der: der.to_vec(),
        })
    }

    /// The certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The serial number in hexadecimal.
    pub fn serial(&self) -> String {
        match self.serial.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => hex::encode_upper(rest),
            all => hex::encode_upper(all),
        }
    }

    /// Who owns it.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The first moment of its validity.
    pub fn not_before(&self) -> Moment {
        self.not_before
    }

    /// The last moment of its validity.
    pub fn not_after(&self) -> Moment {
        self.not_after
    }

    /// What keyUsage allows; `None` without this extension.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.extensions.key_usage
    }

    /// What extKeyUsage lists; `None` without this extension.
    pub fn extended_usage(&self) -> Option<&[ObjectIdentifier]> {
        self.extensions.extended.as_deref()
    }

    /// The policies it was issued under.
    pub fn policies(&self) -> &[ObjectIdentifier] {
        self.extensions.policies.list.as_deref().unwrap_or_default()
    }

    /// Where its key is kept, as OIDs of the registry.
    pub fn key_storage(&self) -> &[ObjectIdentifier] {
        &self.extensions.key_storage
    }

    /// Whether it is a CA's.
    pub fn authority(&self) -> Option<Authority> {
        self.extensions.authority
    }

    /// What its owner may do, by extKeyUsage. OIDs without a meaning here are left out.
    pub fn roles(&self) -> Vec<Role> {
        self.extended_usage().into_iter().flatten().filter_map(Role::of).collect()
    }

    pub(crate) fn has_purpose(&self, purpose: ObjectIdentifier) -> bool {
        self.extended_usage().is_some_and(|usages| usages.contains(&purpose))
    }

    /// Whether time stamping is its one purpose, and that critical, as RFC 3161 demands.
    pub(crate) fn is_time_stamper(&self) -> bool {
        self.extensions.is_extended_critical && self.extended_usage() == Some(&[oid::TIME_STAMPING])
    }

    pub(crate) fn subject_key(&self) -> Option<&[u8]> {
        self.extensions.subject_key.as_deref()
    }

    pub(crate) fn authority_key(&self) -> Option<&[u8]> {
        self.extensions.authority_key.as_deref()
    }

    pub(crate) fn has_unknown_critical(&self) -> bool {
        self.extensions.has_unknown_critical
    }

    /// Whether keyUsage, if there is one, allows `usage`.
    pub(crate) fn may(&self, usage: KeyUsage) -> bool {
        self.key_usage().is_none_or(|allowed| allowed.has(usage))
    }

    pub(crate) fn is_valid_at(&self, moment: Moment) -> bool {
        self.not_before <= moment && moment <= self.not_after
    }

    /// Whether names and key identifiers say that `issuer` issued this. Its signature says whether it did.
    ///
    /// Names must chain whatever the identifiers say (RFC 5280 section 6.1.3 (a) (4)). Of several CAs of one name, as of
    /// several generations of one CA, the identifiers tell which is meant.
    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        !self.issuer_name.is_empty()
            && self.issuer_name == issuer.subject_name
            && self.identifies_issuer(issuer) != Some(false)
    }

    /// Whether the identifier of the issuer's key is that of `issuer`; `None`: one of them does not say.
    pub(crate) fn identifies_issuer(&self, issuer: &Self) -> Option<bool> {
        Some(self.authority_key()? == issuer.subject_key()?)
    }

    /// Whether the key of `issuer` signed this.
    pub(crate) fn is_signed_by(&self, issuer: &Self, maths: &Maths) -> Proof {
        match &self.digest {
            Ok((scheme, digest)) => maths.verify(&issuer.key, *scheme, digest, &self.signature),
            Err(why) => Proof::Unchecked(*why),
        }
    }

    /// Whether issuer and subject have one name: a root, or the new key of a CA certified by its old one.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject_name == self.issuer_name
    }

    /// Whether it says that its own key signed it.
    pub(crate) fn is_of_itself(&self) -> bool {
        self.is_self_issued() && self.names_as_issuer(self)
    }

    pub(crate) fn policy_facts(&self) -> &Policies {
        &self.extensions.policies
    }

    /// Whether its constraints on names, if it has some, let it be above `below`.
    pub(crate) fn allows_names_of(&self, below: &Self) -> bool {
        let allow = |constraints: &NameConstraints| {
            constraints.allow(&below.subject_name, &below.extensions.alternatives)
        };
        self.extensions.constraints.as_ref().is_none_or(allow)
    }
}

/// One extension of a certificate, a revocation list or an entry of one.
pub(crate) struct Extension<'a> {
    pub(crate) id: ObjectIdentifier,
    pub(crate) is_critical: bool,
    pub(crate) value: &'a [u8],
}

/// Reads SEQUENCE OF Extension. No extension may come twice.
pub(crate) fn extensions<'a>(bytes: &'a [u8], what: &'static str) -> Result<Vec<Extension<'a>>, FormatError> {
    let mut items = Items::sequence(bytes, what)?;
    let mut found: Vec<Extension<'a>> = Vec::new();
    while !items.is_empty() {
        if found.len() == EXTENSIONS_MAX {
            return Err(FormatError::TooMuch { what: "the number of extensions", limit: EXTENSIONS_MAX });
        }
        let mut inner = items.nested(what)?;
        let id = inner.oid()?;
        let is_critical = inner.optional(BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
        let value = inner.expect(OCTET_STRING)?.value;
        inner.finish()?;
        if found.iter().any(|other| other.id == id) {
            return Err(FormatError::Malformed { what });
        }
        found.push(Extension { id, is_critical, value });
    }
    Ok(found)
}

impl Extensions {
    fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut read = Self::default();
        for extension in extensions(bytes, WHAT)? {
            let Extension { id, is_critical, value } = extension;
            match id {
                oid::BASIC_CONSTRAINTS => read.authority = authority(value)?,
                oid::KEY_USAGE => read.key_usage = Some(key_usage(&single(value, BIT_STRING, WHAT)?)?),
                oid::EXTENDED_USAGE => {
                    read.extended = Some(oids(value, WHAT)?);
                    read.is_extended_critical = is_critical;
                }
                oid::POLICIES => read.policies.read_list(value)?,
                oid::POLICY_MAPPINGS => read.policies.read_mappings(value)?,
                oid::POLICY_CONSTRAINTS => read.policies.read_constraints(value)?,
                oid::INHIBIT_ANY_POLICY => read.policies.read_inhibit_any(value)?,
                oid::NAME_CONSTRAINTS => read.constraints = Some(NameConstraints::read(value)?),
                oid::SUBJECT_ALTERNATIVE => read.alternatives = GeneralName::read_all(value)?,
                oid::SUBJECT_KEY => {
                    read.subject_key = Some(single(value, OCTET_STRING, WHAT)?.value.to_vec());
                }
                oid::AUTHORITY_KEY => read.authority_key = authority_key(value)?,
                oid::KEY_STORAGE => read.key_storage = oids(value, WHAT)?,
                oid::AUTHORITY_INFO | oid::CRL_POINTS | oid::FRESHEST_CRL | oid::ISSUER_ALTERNATIVE => {}
                _ => read.has_unknown_critical |= is_critical,
            }
        }
        Ok(read)
    }
}

fn authority(value: &[u8]) -> Result<Option<Authority>, FormatError> {
    let mut items = Items::sequence(value, WHAT)?;
    let is_authority = items.optional(BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
    let path_length = if items.is_empty() { None } else { Some(items.small()?) };
    items.finish()?;
    Ok(is_authority.then_some(Authority { path_length }))
}

fn key_usage(bits: &Tlv<'_>) -> Result<KeyUsage, FormatError> {
    let (_unused, bytes) = bits.value.split_first().ok_or(FormatError::Malformed { what: WHAT })?;
    // The standard numbers bits from the highest of the first byte.
    let number = |byte: Option<&u8>| byte.map_or(0, |byte| u16::from(byte.reverse_bits()));
    Ok(KeyUsage(number(bytes.first()) | number(bytes.get(1)) << 8))
}

fn authority_key(value: &[u8]) -> Result<Option<Vec<u8>>, FormatError> {
    let mut items = Items::sequence(value, WHAT)?;
    let key = items.optional(context_primitive(0))?;
    Ok(key.map(|item| item.value.to_vec()))
}
