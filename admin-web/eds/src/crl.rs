//! Certificate revocation lists (RFC 5280 section 5), read in place: the national CA's have 400 000 entries.

use crate::algorithm::Scheme;
use crate::certificate::{Certificate, Extension, KeyUsage, extensions};
use crate::limits::CRL_BYTES_MAX;
use crate::moment::Moment;
use crate::oid;
use crate::revocation::Cause;
use crate::tlv::{
    ENUMERATED, FormatError, INTEGER, Items, SEQUENCE, context, context_primitive, identified, single,
};

const WHAT: &str = "a revocation list";

/// A list. Nothing in it is proven until [`Crl::is_of`].
pub(crate) struct Crl<'a> {
    signed: &'a [u8],
    scheme: Option<Scheme>,
    signature: &'a [u8],
    issuer: &'a [u8],
    pub(crate) this_update: Moment,
    pub(crate) next_update: Option<Moment>,
    entries: &'a [u8],
    /// Lists only what changed since a full list.
    pub(crate) is_delta: bool,
    /// Keeps certificates after they expired.
    pub(crate) keeps_expired: bool,
    authority_key: Option<&'a [u8]>,
    has_unknown_critical: bool,
}

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) since: Moment,
    pub(crate) cause: Cause,
}

impl<'a> Crl<'a> {
    /// Reads a list in DER.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        if der.len() > CRL_BYTES_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: CRL_BYTES_MAX });
        }
        let mut outer = Items::sequence(der, WHAT)?;
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = identified(&mut outer, WHAT)?;
        let signature = outer.bits()?;
        outer.finish()?;

        let mut items = Items::new(signed.value, WHAT)?;
        if items.optional(INTEGER)?.is_some_and(|version| version.value != [1]) {
            return Err(FormatError::Unsupported { what: "a revocation list of another version than 2" });
        }
        if identified(&mut items, WHAT)? != algorithm {
            return Err(items.malformed());
        }
        let issuer = items.expect(SEQUENCE)?.whole;
        let this_update = items.time()?;
        let next_update = match items.peek() {
            None | Some(SEQUENCE) => None,
            Some(tag) if tag == context(0) => None,
            Some(_) => Some(items.time()?),
        };
        let entries = items.optional(SEQUENCE)?.map_or(&[][..], |item| item.value);
        let extended = items.optional(context(0))?;
        items.finish()?;
        let mut crl = Self {
            signed: signed.whole,
            scheme: Scheme::of(algorithm.oid),
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            is_delta: false,
            keeps_expired: false,
            authority_key: None,
            has_unknown_critical: false,
        };
        for Extension { id, is_critical, value } in
            extended.map_or(Ok(Vec::new()), |item| extensions(item.value, WHAT))?
        {
            match id {
                oid::DELTA_CRL => crl.is_delta = true,
                oid::EXPIRED_ON_CRL => crl.keeps_expired = true,
                oid::AUTHORITY_KEY => {
                    let key = Items::sequence(value, WHAT)?.optional(context_primitive(0))?;
                    crl.authority_key = key.map(|item| item.value);
                }
                oid::CRL_NUMBER | oid::FRESHEST_CRL => {}
                // Such a list may be about some certificates or some reasons only, or about those of other CAs.
                _ => crl.has_unknown_critical |= is_critical,
            }
        }
        Ok(crl)
    }

    /// Whether `issuer` made it, and may.
    pub(crate) fn is_of(&self, issuer: &Certificate) -> bool {
        let is_named = match (self.authority_key, issuer.subject_key()) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => true,
        };
        is_named
            && self.issuer == issuer.subject_name
            && !self.has_unknown_critical
            && issuer.may(KeyUsage::CRL_SIGN)
            && self.scheme.is_some_and(|scheme| issuer.key.verify(scheme, self.signed, self.signature))
    }

    /// The entry of a certificate's number.
    pub(crate) fn find(&self, serial: &[u8]) -> Result<Option<Entry>, FormatError> {
        let mut items = Items::new(self.entries, WHAT)?;
        let mut found = None;
        while !items.is_empty() {
            let mut entry = items.nested(WHAT)?;
            if entry.magnitude()? != serial {
                continue;
            }
            let since = entry.time()?;
            let mut cause = Cause::Unspecified;
            if let Some(list) = entry.optional(SEQUENCE)? {
                for Extension { id, is_critical, value } in extensions(list.whole, WHAT)? {
                    match id {
                        oid::REASON_CODE => cause = Cause::read(single(value, ENUMERATED, WHAT)?.value),
                        // The entry may be about another CA's certificate.
                        _ if is_critical => return Err(entry.malformed()),
                        _ => {}
                    }
                }
            }
            entry.finish()?;
            found.get_or_insert(Entry { since, cause });
        }
        Ok(found)
    }
}
