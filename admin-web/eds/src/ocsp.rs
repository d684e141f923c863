//! OCSP answers (RFC 6960).

use crate::algorithm::Scheme;
use crate::algorithm::Unchecked;
use crate::cause::Cause;
use crate::certificate::{Certificate, KeyUsage, extensions};
use crate::hash::HashAlgorithm;
use crate::limits::{CERTIFICATES_MAX, OCSP_ANSWERS_MAX, OCSP_BYTES_MAX};
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::name::Name;
use crate::oid;
use crate::tlv::{
    ENUMERATED, FormatError, Items, OCTET_STRING, SEQUENCE, Tlv, context, context_primitive, identified,
    single,
};

const WHAT: &str = "an OCSP answer";

/// What came back.
pub(crate) enum Response<'a> {
    /// An answer. Nothing in it is proven until [`Answer::is_of`].
    Answer(Answer<'a>),
    /// The responder says that it has no answer now: nothing is known of any certificate.
    Refused,
}

/// A basic response.
pub(crate) struct Answer<'a> {
    signed: &'a [u8],
    scheme: Result<Scheme, Unchecked>,
    signature: &'a [u8],
    responder: Tlv<'a>,
    pub(crate) produced: Moment,
    /// What the responder repeats of the question, as the extension holds it.
    pub(crate) nonce: Option<&'a [u8]>,
    pub(crate) singles: Vec<Single<'a>>,
    certificates: Vec<Certificate>,
}

/// What is said of one certificate.
pub(crate) struct Single<'a> {
    hash: Option<HashAlgorithm>,
    issuer_name_hash: &'a [u8],
    issuer_key_hash: &'a [u8],
    serial: &'a [u8],
    pub(crate) state: State,
    pub(crate) this_update: Moment,
    pub(crate) next_update: Option<Moment>,
}

/// The state of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    Revoked { since: Moment, cause: Cause },
    Unknown,
}

impl<'a> Response<'a> {
    /// Reads an answer in DER.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        if der.len() > OCSP_BYTES_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: OCSP_BYTES_MAX });
        }
        let mut outer = Items::sequence(der, WHAT)?;
        let status = outer.expect(ENUMERATED)?;
        if status.value != [0] {
            return Ok(Self::Refused);
        }
        let body = outer.expect(context(0))?;
        outer.finish()?;
        let mut typed = Items::sequence(body.value, WHAT)?;
        if typed.oid()? != oid::OCSP_BASIC {
            return Err(FormatError::Unsupported { what: "an OCSP answer that is not basic" });
        }
        let basic = typed.expect(OCTET_STRING)?.value;
        typed.finish()?;
        Answer::read(basic).map(Self::Answer)
    }
}

impl<'a> Answer<'a> {
    fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        let mut outer = Items::sequence(der, WHAT)?;
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = identified(&mut outer, WHAT)?;
        let signature = outer.bits()?;
        let mut certificates = Vec::new();
        if let Some(field) = outer.optional(context(0))? {
            let mut list = Items::sequence(field.value, WHAT)?;
            while !list.is_empty() && certificates.len() < CERTIFICATES_MAX {
                // One that cannot be read is not the responder's, or proves nothing of it.
                certificates.extend(Certificate::from_der(list.any()?.whole).ok());
            }
        }
        outer.finish()?;

        let mut items = Items::new(signed.value, WHAT)?;
        items.optional(context(0))?;
        let responder = items.any()?;
        let produced = items.time()?;
        let mut list = items.nested(WHAT)?;
        let mut singles = Vec::new();
        while !list.is_empty() {
            if singles.len() == OCSP_ANSWERS_MAX {
                return Err(FormatError::TooMuch {
                    what: "the answers in an OCSP response",
                    limit: OCSP_ANSWERS_MAX,
                });
            }
            singles.push(single_response(list.nested(WHAT)?)?);
        }
        let mut nonce = None;
        if let Some(field) = items.optional(context(1))? {
            let mut all = extensions(field.value, WHAT)?.into_iter();
            nonce = all.find(|extension| extension.id == oid::OCSP_NONCE).map(|extension| extension.value);
        }
        items.finish()?;
        let scheme = Scheme::of(algorithm.oid);
        Ok(Self {
            signed: signed.whole,
            scheme,
            signature,
            responder,
            produced,
            nonce,
            singles,
            certificates,
        })
    }

    /// Whether `issuer` itself, or a responder that it appointed, signed this.
    pub(crate) fn is_of(&self, issuer: &Certificate, maths: &Maths) -> Proof {
        let appointed = self.certificates.iter().filter(|responder| {
            responder.names_as_issuer(issuer)
                && responder.has_purpose(oid::OCSP_SIGNING)
                && responder.may(KeyUsage::DIGITAL_SIGNATURE)
                && !responder.has_unknown_critical()
                && responder.is_valid_at(self.produced)
        });
        let signers = std::iter::once((issuer, false)).chain(appointed.map(|one| (one, true)));
        let mut unchecked = None;
        for (signer, is_appointed) in signers.filter(|(signer, _)| self.names(signer)) {
            let mut proof = self.is_signed_by(signer, maths);
            if is_appointed && proof == Proof::Holds {
                proof = signer.is_signed_by(issuer, maths);
            }
            match proof {
                Proof::Holds => return Proof::Holds,
                Proof::Fails => {}
                Proof::Unchecked(why) => unchecked = Some(why),
            }
        }
        unchecked.map_or(Proof::Fails, Proof::Unchecked)
    }

    fn names(&self, signer: &Certificate) -> bool {
        if self.responder.tag == context(1) {
            return Name::read(self.responder.value).is_ok_and(|name| name == signer.subject_name);
        }
        self.responder.tag == context(2)
            && single(self.responder.value, OCTET_STRING, WHAT)
                .is_ok_and(|hash| hash.value == HashAlgorithm::Sha1.hash(&signer.key_bits))
    }

    fn is_signed_by(&self, signer: &Certificate, maths: &Maths) -> Proof {
        match self.scheme {
            Ok(scheme) => maths.verify(&signer.key, scheme, &scheme.hash().hash(self.signed), self.signature),
            Err(why) => Proof::Unchecked(why),
        }
    }
}

impl Single<'_> {
    /// Whether it speaks of `certificate`, which `issuer` issued.
    pub(crate) fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == certificate.serial
            && self.hash.is_some_and(|hash| {
                // The name as the certificate has it; responders hash their own form of it.
                [&certificate.issuer_der, &issuer.subject_der]
                    .into_iter()
                    .any(|name| hash.hash(name) == self.issuer_name_hash)
                    && hash.hash(&issuer.key_bits) == self.issuer_key_hash
            })
    }
}

fn single_response<'a>(mut items: Items<'a>) -> Result<Single<'a>, FormatError> {
    let mut id = items.nested(WHAT)?;
    let hash = HashAlgorithm::of(identified(&mut id, WHAT)?.oid);
    let issuer_name_hash = id.expect(OCTET_STRING)?.value;
    let issuer_key_hash = id.expect(OCTET_STRING)?.value;
    let serial = id.number()?;
    id.finish()?;
    let status = items.any()?;
    let state = match status.tag {
        tag if tag == context_primitive(0) => State::Good,
        tag if tag == context_primitive(2) => State::Unknown,
        tag if tag == context(1) => {
            let mut info = Items::new(status.value, WHAT)?;
            let since = info.time()?;
            let cause = match info.optional(context(0))? {
                Some(reason) => Cause::read(single(reason.value, ENUMERATED, WHAT)?.value),
                None => Cause::Unspecified,
            };
            info.finish()?;
            State::Revoked { since, cause }
        }
        _ => return Err(items.malformed()),
    };
    let this_update = items.time()?;
    let next_update = match items.optional(context(0))? {
        Some(item) => Some(Items::new(item.value, WHAT)?.time()?),
        None => None,
    };
    items.optional(context(1))?;
    items.finish()?;
    Ok(Single { hash, issuer_name_hash, issuer_key_hash, serial, state, this_update, next_update })
}
