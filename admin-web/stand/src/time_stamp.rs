//! Time stamps (RFC 3161).

use ofd_eds::{HashAlgorithm, Moment, ObjectIdentifier};

use crate::asn1::{
    BOOLEAN, INTEGER, Items, OBJECT_IDENTIFIER, OCTET_STRING, algorithm, context_primitive, generalized_time,
    integer, named_bits, octets, oid, sequence, unsigned,
};
use crate::certificate::Credential;
use crate::oid;
use crate::pki::{Pki, Policy};
use crate::signed_data::{SignedData, SignerFlaw, SignerParts, signed_data, signer_info};

/// Stamps signatures at a chosen time, without asking a server.
#[derive(Clone, Copy, Debug)]
pub struct Stamping<'a> {
    pki: &'a Pki,
    at: Moment,
    policy: Policy,
}

impl Pki {
    /// Time stamps at `at`, for [`crate::Key::sign_cms`] and [`crate::CmsMaker`].
    pub fn stamping(&self, at: Moment) -> Stamping<'_> {
        Stamping::new(self, at)
    }
}

impl<'a> Stamping<'a> {
    pub(crate) fn new(pki: &'a Pki, at: Moment) -> Self {
        Self { pki, at, policy: Policy::Rsa }
    }

    /// By the authority with a GOST key; without this by the one with an RSA key, as in most real files.
    #[must_use]
    pub fn by_gost(mut self) -> Self {
        self.policy = Policy::Gost;
        self
    }

    /// The token over a signature.
    pub(crate) fn token(&self, signature: &[u8]) -> Vec<u8> {
        let stamper = self.pki.time_stamper(self.policy);
        let imprint = octets(&stamper.signing.hash().hash(signature));
        let imprint = sequence(&[stamper.signing.digest_algorithm(), imprint]);
        token(self.pki, &Wanted { imprint, policy: self.policy, nonce: None, has_certificate: true }, self.at)
    }
}

/// What a token is asked for.
struct Wanted {
    /// The MessageImprint as it came.
    imprint: Vec<u8>,
    policy: Policy,
    /// INTEGER as it came.
    nonce: Option<Vec<u8>>,
    has_certificate: bool,
}

fn token(pki: &Pki, wanted: &Wanted, at: Moment) -> Vec<u8> {
    let stamper = pki.time_stamper(wanted.policy);
    let time = generalized_time(at);
    let mut info = vec![
        integer(1),
        oid(wanted.policy.oid()),
        wanted.imprint.clone(),
        unsigned(&number(
            &[&wanted.imprint[..], &time, wanted.nonce.as_deref().unwrap_or_default()].concat(),
        )),
        time,
    ];
    info.extend(wanted.nonce.clone());
    let info = sequence(&info);
    signed(stamper, &info, at, wanted.has_certificate)
}

/// The number of a token: different for whatever differs in what it says.
fn number(said: &[u8]) -> Vec<u8> {
    HashAlgorithm::Sha1.hash(said)
}

fn signed(stamper: &Credential, info: &[u8], at: Moment, has_certificate: bool) -> Vec<u8> {
    let parts = SignerParts { content: info, content_type: oid::TIME_STAMP_INFO, at, flaw: SignerFlaw::None };
    signed_data(&SignedData {
        content_type: oid::TIME_STAMP_INFO,
        content: Some(info),
        algorithms: vec![stamper.signing.digest_algorithm()],
        certificates: if has_certificate { vec![stamper.der.clone()] } else { Vec::new() },
        signers: vec![signer_info(stamper, &parts, |_| None)],
    })
}

/// Why there is no token, as bits of PKIFailureInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    BadAlgorithm = 0,
    BadRequest = 2,
    BadDataFormat = 5,
    UnacceptedPolicy = 15,
    UnacceptedExtension = 16,
}

/// The answer to a TimeStampReq.
pub(crate) fn answer(pki: &Pki, request: &[u8], at: Moment) -> Vec<u8> {
    match read(request) {
        // 0: granted.
        Ok(wanted) => sequence(&[sequence(&[integer(0)]), token(pki, &wanted, at)]),
        // 2: rejection.
        Err(refusal) => sequence(&[sequence(&[integer(2), named_bits(&[refusal as u8])])]),
    }
}

fn read(request: &[u8]) -> Result<Wanted, Refusal> {
    let malformed = || Refusal::BadDataFormat;
    let mut items = Items::sequence(request).ok_or_else(malformed)?;
    if items.expect(INTEGER).ok_or_else(malformed)?.contents != [1] {
        return Err(Refusal::BadRequest);
    }
    let (hash, digest) = imprint(&mut items).ok_or_else(malformed)?;
    let policy = match items.optional(OBJECT_IDENTIFIER) {
        Some(asked) => policy(ObjectIdentifier::from_bytes(asked.contents).ok())?,
        None if hash == oid::STREEBOG_512 => Policy::Gost,
        None => Policy::Rsa,
    };
    let length = match hash {
        oid::SHA256 => 32,
        oid::STREEBOG_512 => 64,
        _ => return Err(Refusal::BadAlgorithm),
    };
    if digest.len() != length {
        return Err(Refusal::BadDataFormat);
    }
    let nonce = items.optional(INTEGER).map(|item| item.whole.to_vec());
    let has_certificate = items.optional(BOOLEAN).is_some_and(|flag| flag.contents != [0]);
    match items.any() {
        Some(item) if item.tag == context_primitive(0) | 0x20 => return Err(Refusal::UnacceptedExtension),
        None if items.is_empty() => {}
        _ => return Err(Refusal::BadDataFormat),
    }
    let imprint = sequence(&[algorithm(hash), octets(digest)]);
    Ok(Wanted { imprint, policy, nonce, has_certificate })
}

fn imprint<'a>(items: &mut Items<'a>) -> Option<(ObjectIdentifier, &'a [u8])> {
    let mut imprint = items.nested()?;
    let hash = imprint.nested()?.oid()?;
    let digest = imprint.expect(OCTET_STRING)?.contents;
    imprint.is_empty().then_some((hash, digest))
}

fn policy(asked: Option<ObjectIdentifier>) -> Result<Policy, Refusal> {
    [Policy::Rsa, Policy::Gost]
        .into_iter()
        .find(|policy| Some(policy.oid()) == asked)
        .ok_or(Refusal::UnacceptedPolicy)
}
