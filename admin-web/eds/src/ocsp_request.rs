//! Questions to an OCSP responder (RFC 6960), and whether an answer is one to the question.

use std::fmt;

use crate::ber::write;
use crate::hash::HashAlgorithm;
use crate::limits::CLOCK_SKEW_SECONDS;
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::ocsp::{Response, State};
use crate::oid;
use crate::revocation::Issued;
use crate::tlv::{INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, context};

/// Bytes of a nonce: nobody guesses it, and every responder takes so many (RFC 8954).
pub const NONCE_BYTES: usize = 16;

/// A question about one certificate. Its nonce tells an answer to it from one that was recorded earlier.
pub struct OcspRequest<'a> {
    about: &'a Issued,
    /// The extension's contents: an OCTET STRING of its own.
    nonce: Vec<u8>,
    der: Vec<u8>,
}

impl fmt::Debug for OcspRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspRequest").field("about", &self.about.certificate).finish_non_exhaustive()
    }
}

/// What a usable answer says, as far as whoever keeps it must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// Whether it says good or revoked, and not that the responder does not know.
    pub is_definite: bool,
    /// When the responder will know more.
    pub next_update: Option<Moment>,
}

/// Why an answer is not to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspFault {
    /// It cannot be read.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The responder says that it has no answer now, such as by tryLater.
    #[error("the responder refused to answer")]
    Refused,
    /// It is not about this certificate.
    #[error("the answer is about another certificate")]
    OtherCertificate,
    /// It is signed neither by the issuer nor by a responder of its choice.
    #[error("the answer is not signed by whoever may")]
    NotEntitled,
    /// It answers another question: somebody may repeat an answer from before a revocation.
    #[error("the answer is to another question")]
    OtherNonce,
    /// It is old or from the future.
    #[error("the answer is out of date")]
    OutOfDate,
}

fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    // Only bodies of four gigabytes fail, and these have a hundred bytes.
    let _ = write(tag, &parts.concat(), &mut out);
    out
}

impl<'a> OcspRequest<'a> {
    /// A question about one certificate. `nonce` must be fresh and random.
    pub fn new(about: &'a Issued, nonce: [u8; NONCE_BYTES]) -> Self {
        let Issued { certificate, issuer } = about;
        let algorithm = wrap(SEQUENCE, &[&wrap(OID, &[oid::SHA256.as_bytes()]), &wrap(NULL, &[])]);
        let hash = |bytes: &[u8]| wrap(OCTET_STRING, &[&HashAlgorithm::Sha256.hash(bytes)]);
        let number = wrap(INTEGER, &[&certificate.serial]);
        let id = wrap(SEQUENCE, &[&algorithm, &hash(&issuer.subject_der), &hash(&issuer.key_bits), &number]);
        let nonce = wrap(OCTET_STRING, &[&nonce]);
        let extension =
            wrap(SEQUENCE, &[&wrap(OID, &[oid::OCSP_NONCE.as_bytes()]), &wrap(OCTET_STRING, &[&nonce])]);
        let list = wrap(SEQUENCE, &[&wrap(SEQUENCE, &[&id])]);
        let extensions = wrap(context(2), &[&wrap(SEQUENCE, &[&extension])]);
        let der = wrap(SEQUENCE, &[&wrap(SEQUENCE, &[&list, &extensions])]);
        Self { about, nonce, der }
    }

    /// The question as it is sent.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether `answer` is one to this question that counts at `now`.
    ///
    /// A responder may leave out the nonce. Its answer then counts only if it was made just now, so that an old "good"
    /// cannot be repeated after a revocation.
    ///
    /// # Errors
    /// It is not; nothing in it may be believed then.
    pub fn check(&self, answer: &[u8], now: Moment) -> Result<OcspAnswer, OcspFault> {
        let answer = match Response::read(answer) {
            Ok(Response::Answer(answer)) => answer,
            Ok(Response::Refused) => return Err(OcspFault::Refused),
            Err(_) => return Err(OcspFault::Unreadable),
        };
        let Issued { certificate, issuer } = self.about;
        let mut about = answer.singles.iter().filter(|single| single.is_about(certificate, issuer));
        let single = about.next().ok_or(OcspFault::OtherCertificate)?;
        if answer.is_of(issuer, &Maths::new()) != Proof::Holds {
            return Err(OcspFault::NotEntitled);
        }
        let is_just_made = answer.produced.later(CLOCK_SKEW_SECONDS) >= now
            && answer.produced <= now.later(CLOCK_SKEW_SECONDS);
        match answer.nonce {
            Some(nonce) if nonce != self.nonce => return Err(OcspFault::OtherNonce),
            None if !is_just_made => return Err(OcspFault::OutOfDate),
            Some(_) | None => {}
        }
        let is_over = single.next_update.is_some_and(|next| next < now);
        if is_over || single.this_update > now.later(CLOCK_SKEW_SECONDS) {
            return Err(OcspFault::OutOfDate);
        }
        let is_definite = match single.state {
            State::Good | State::Revoked { .. } => true,
            State::Unknown => false,
        };
        Ok(OcspAnswer { is_definite, next_update: single.next_update })
    }
}
