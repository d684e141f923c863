//! Time stamps that are asked for (RFC 3161): the request over a signature, and the file with what came of it.

use std::fmt;

use crate::ber::write;
use crate::cms::{self, SignedData};
use crate::hash::HashAlgorithm;
use crate::ocsp_request::NONCE_BYTES;
use crate::oid;
use crate::tlv::{
    BOOLEAN, FormatError, INTEGER, Items, NULL, OCTET_STRING, OID, SEQUENCE, SET, Tlv, context, identified,
};

const WHAT: &str = "the answer of the time stamper";

/// Statuses by which a time stamper gives a token: granted, and granted with changes.
const GRANTED: [u64; 2] = [0, 1];

/// The signature of a file that has no time stamp yet. Files of several signers are none: who signs papers here is one.
pub struct Unstamped {
    /// The file as DER.
    der: Vec<u8>,
    digest: Vec<u8>,
}

impl fmt::Debug for Unstamped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unstamped").field("bytes", &self.der.len()).finish_non_exhaustive()
    }
}

/// Why an answer is no time stamp to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampFault {
    /// It cannot be read.
    #[error("the answer of the time stamper cannot be read")]
    Unreadable,
    /// The time stamper gives none.
    #[error("the time stamper refused with status {0}")]
    Refused(u64),
    /// It is over another signature, or to another request.
    #[error("the time stamp is one to another request")]
    OtherRequest,
}

impl From<FormatError> for StampFault {
    fn from(_: FormatError) -> Self {
        Self::Unreadable
    }
}

fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    // Only bodies of four gigabytes fail, and files that are read here have some megabytes at most.
    let _ = write(tag, &parts.concat(), &mut out);
    out
}

impl Unstamped {
    /// Reads a signature file. `None`: it has a time stamp, or not just one signer.
    ///
    /// # Errors
    /// It is no signature file, or over a limit.
    pub fn read(file: &[u8]) -> Result<Option<Self>, FormatError> {
        let der = cms::to_der(file)?;
        let digest = match SignedData::read(&der)?.signers.as_slice() {
            [one] if one.unsigned.all(oid::TIME_STAMP_TOKEN).next().is_none() => {
                HashAlgorithm::Sha256.hash(one.signature)
            }
            _ => return Ok(None),
        };
        Ok(Some(Self { der, digest }))
    }

    /// A request for a time stamp over the signature. `nonce` must be fresh and random: by it an answer is known.
    pub fn request(&self, nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let algorithm = wrap(SEQUENCE, &[&wrap(OID, &[oid::SHA256.as_bytes()]), &wrap(NULL, &[])]);
        let imprint = wrap(SEQUENCE, &[&algorithm, &wrap(OCTET_STRING, &[&self.digest])]);
        // The stamper's certificate has to come along: whoever checks the file later has no other way to it.
        let wants_certificate = wrap(BOOLEAN, &[&[0xFF]]);
        wrap(
            SEQUENCE,
            &[&wrap(INTEGER, &[&[1]]), &imprint, &wrap(INTEGER, &[&number(nonce)]), &wants_certificate],
        )
    }

    /// The file with the time stamp of an answer to the request with this nonce. Whether the stamp proves anything is
    /// for a verification of that file to say.
    ///
    /// # Errors
    /// It is no time stamp over this signature.
    pub fn stamped(&self, answer: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<Vec<u8>, StampFault> {
        let token = token(answer)?;
        let data = SignedData::read(token)?;
        let info = data.content.filter(|_| data.content_type == oid::TIME_STAMP_INFO);
        if !is_answer(info.ok_or(StampFault::Unreadable)?, &self.digest, &number(nonce))? {
            return Err(StampFault::OtherRequest);
        }
        Ok(with_token(&self.der, token)?)
    }
}

/// A nonce as the contents of an INTEGER that is above zero and as short as can be.
fn number(nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
    [&[1], nonce.as_slice()].concat()
}

/// The token of a TimeStampResp.
fn token(answer: &[u8]) -> Result<&[u8], StampFault> {
    let mut items = Items::sequence(answer, WHAT)?;
    let status = items.nested(WHAT)?.small()?;
    if !GRANTED.contains(&status) {
        return Err(StampFault::Refused(status));
    }
    let token = items.expect(SEQUENCE)?.whole;
    items.finish()?;
    Ok(token)
}

/// Whether a TSTInfo is about a digest and answers the request with a nonce.
fn is_answer(info: &[u8], digest: &[u8], nonce: &[u8]) -> Result<bool, FormatError> {
    let mut items = Items::sequence(info, WHAT)?;
    items.small()?;
    items.oid()?;
    let mut imprint = items.nested(WHAT)?;
    let is_hash = identified(&mut imprint, WHAT)?.oid == oid::SHA256;
    let is_digest = imprint.expect(OCTET_STRING)?.value == digest;
    items.expect(INTEGER)?;
    items.time()?;
    let mut came = None;
    while !items.is_empty() {
        let item = items.any()?;
        // Of what may follow the time only the nonce is an INTEGER.
        if item.tag == INTEGER {
            came = Some(item.value);
        }
    }
    Ok(is_hash && is_digest && came == Some(nonce))
}

/// A file of one signer with a token among its unsigned attributes. All else stays as it is, byte by byte.
fn with_token(der: &[u8], token: &[u8]) -> Result<Vec<u8>, FormatError> {
    let attribute = wrap(SEQUENCE, &[&wrap(OID, &[oid::TIME_STAMP_TOKEN.as_bytes()]), &wrap(SET, &[token])]);
    let info = all(Items::sequence(der, WHAT)?)?;
    let [kind, body] = info.as_slice() else { return Err(FormatError::Malformed { what: WHAT }) };
    let mut items = Items::new(body.value, WHAT)?;
    let data = all(Items::new(items.expect(SEQUENCE)?.value, WHAT)?)?;
    // The signers are what comes last.
    let Some((signers, before)) = data.split_last() else {
        return Err(FormatError::Malformed { what: WHAT });
    };
    let mut one = Items::new(signers.value, WHAT)?;
    let signer = all(one.nested(WHAT)?)?;
    let (unsigned, signed): (Vec<_>, Vec<_>) = signer.into_iter().partition(|item| item.tag == context(1));
    let mut attributes: Vec<Vec<u8>> = Vec::new();
    for field in unsigned {
        attributes.extend(all(Items::new(field.value, WHAT)?)?.iter().map(|item| item.whole.to_vec()));
    }
    attributes.push(attribute);
    // The order of a SET OF in DER.
    attributes.sort_unstable();
    let signer = wrap(SEQUENCE, &[&joined(&signed), &wrap(context(1), &[&attributes.concat()])]);
    let data = wrap(SEQUENCE, &[&joined(before), &wrap(SET, &[&signer])]);
    Ok(wrap(SEQUENCE, &[kind.whole, &wrap(context(0), &[&data])]))
}

fn all(mut items: Items<'_>) -> Result<Vec<Tlv<'_>>, FormatError> {
    let mut found = Vec::new();
    while !items.is_empty() {
        found.push(items.any()?);
    }
    Ok(found)
}

fn joined(items: &[Tlv<'_>]) -> Vec<u8> {
    items.iter().flat_map(|item| item.whole.iter().copied()).collect()
}
