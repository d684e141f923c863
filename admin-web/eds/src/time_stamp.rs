//! Time stamps (RFC 3161) over a signature.

use std::fmt;

use crate::algorithm::Unchecked;
use crate::certificate::{Certificate, KeyUsage};
use crate::cms::SignedData;
use crate::hash::HashAlgorithm;
use crate::maths::Maths;
use crate::moment::Moment;
use crate::revocation::{Finding, Sources, Times, find};
use crate::signer::{self, Content, SignerFault};
use crate::tlv::{FormatError, INTEGER, Items, OCTET_STRING, identified};
use crate::trust::{ChainFault, TrustStore};
use crate::{limits, oid};

const WHAT: &str = "a time stamp";

/// Why a time stamp proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeStampFault {
    /// It cannot be read.
    Malformed,
    /// It is over another signature.
    OtherSignature,
    /// The certificate of its signer is neither in it nor beside it, or cannot be read.
    NoCertificate,
    /// It rests on an algorithm that is not known or not allowed here.
    AlgorithmNotAllowed,
    /// The key of its signer, or of a CA above, is so short that its signatures can be forged.
    KeyTooWeak,
    /// Its check would take more work than one file may cost.
    OverLimit,
    /// Its own signature does not hold.
    SignatureBad,
    /// Its signer may not stamp.
    NotTimeStamper,
    /// A CA of its signer is not known here.
    ChainIncomplete,
    /// Its signer's chain ends in nobody whom we trust.
    ChainUntrusted,
    /// Its signer was not valid at its time.
    NotValidThen,
    /// Its signer was revoked.
    Revoked,
    /// Its time has not come yet.
    FromFuture,
}

impl fmt::Display for TimeStampFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it cannot be read",
            Self::OtherSignature => "it is over another signature",
            Self::NoCertificate => "the certificate of its signer is neither in it nor beside it",
            Self::AlgorithmNotAllowed => "it rests on an algorithm that is not known or not allowed",
            Self::KeyTooWeak => "the key of its signer or of a CA is too short to prove anything",
            Self::OverLimit => "its check takes more work than one file may cost",
            Self::SignatureBad => "its own signature does not hold",
            Self::NotTimeStamper => "its signer may not stamp",
            Self::ChainIncomplete => "a CA of its signer is not in the trust directory",
            Self::ChainUntrusted => "its signer's chain does not end in a trusted root",
            Self::NotValidThen => "its signer's certificate was not valid at its time",
            Self::Revoked => "its signer's certificate was revoked",
            Self::FromFuture => "its time has not come yet",
        })
    }
}

/// A time stamp and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeStamp {
    /// The time it names; `None` when it cannot be read.
    pub time: Option<Moment>,
    /// Why it proves nothing; `None`: the signature existed at `time`.
    pub fault: Option<TimeStampFault>,
}

impl TimeStamp {
    /// Whether it proves its time.
    pub fn is_good(&self) -> bool {
        self.fault.is_none()
    }

    /// The least one is told: good ones by their time, then whatever is over this signature, then the rest.
    fn rank(&self) -> (u8, Option<Moment>) {
        match self.fault {
            None => (0, self.time),
            Some(TimeStampFault::OtherSignature | TimeStampFault::Malformed) => (2, None),
            Some(_) => (1, None),
        }
    }
}

/// What a token says.
struct Info<'a> {
    /// `None`: one that nothing may rest on.
    hash: Option<HashAlgorithm>,
    imprint: &'a [u8],
    time: Moment,
}

impl<'a> Info<'a> {
    fn read(der: &'a [u8]) -> Result<Self, FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        if items.small()? != 1 {
            return Err(FormatError::Unsupported { what: WHAT });
        }
        // The policy tells the algorithm of the stamp, which its signature names as well.
        items.oid()?;
        let mut imprint = items.nested(WHAT)?;
        let hash = HashAlgorithm::of(identified(&mut imprint, WHAT)?.oid);
        let hash = hash.filter(|hash| *hash != HashAlgorithm::Sha1);
        let digest = imprint.expect(OCTET_STRING)?.value;
        imprint.finish()?;
        items.expect(INTEGER)?;
        let time = items.time()?;
        // Accuracy, ordering, nonce, name and extensions change nothing here.
        while !items.is_empty() {
            items.any()?;
        }
        Ok(Self { hash, imprint: digest, time })
    }
}

/// What is needed to judge time stamps.
pub(crate) struct Judge<'a> {
    pub(crate) trust: &'a TrustStore,
    pub(crate) revocation: &'a Sources<'a>,
    pub(crate) maths: &'a Maths,
    /// Certificates that came with the signed document: the stamper's may be among them.
    pub(crate) others: &'a [Certificate],
    pub(crate) now: Moment,
}

impl Judge<'_> {
    /// Of several stamps over `signature` the earliest good one counts; without a good one the first that can be read
    /// and is over this signature, else the first.
    pub(crate) fn best<'t>(
        &self,
        tokens: impl Iterator<Item = &'t [u8]>,
        signature: &Content<'_>,
    ) -> Option<TimeStamp> {
        let mut best: Option<TimeStamp> = None;
        for token in tokens {
            let stamp = self.stamp(token, signature);
            if best.is_none_or(|before| stamp.rank() < before.rank()) {
                best = Some(stamp);
            }
        }
        best
    }

    fn stamp(&self, token: &[u8], signature: &Content<'_>) -> TimeStamp {
        let unread = |fault| TimeStamp { time: None, fault: Some(fault) };
        let malformed = unread(TimeStampFault::Malformed);
        let data = match SignedData::read(token) {
            Ok(data) => data,
            Err(FormatError::TooMuch { .. }) => return unread(TimeStampFault::OverLimit),
            Err(_) => return malformed,
        };
        let Some(content) = data.content.filter(|_| data.content_type == oid::TIME_STAMP_INFO) else {
            return malformed;
        };
        let Ok(info) = Info::read(content) else { return malformed };
        TimeStamp { time: Some(info.time), fault: self.fault(&data, content, &info, signature) }
    }

    fn fault(
        &self,
        data: &SignedData<'_>,
        content: &[u8],
        info: &Info<'_>,
        signature: &Content<'_>,
    ) -> Option<TimeStampFault> {
        match info.hash.and_then(|hash| signature.hash(hash)) {
            None => return Some(TimeStampFault::AlgorithmNotAllowed),
            Some(hash) if hash != info.imprint => return Some(TimeStampFault::OtherSignature),
            Some(_) => {}
        }
        let [signer] = data.signers.as_slice() else { return Some(TimeStampFault::Malformed) };
        let certificates: Vec<_> = data.certificates.iter().chain(self.others).collect();
        let case = signer::Case {
            signer,
            content_type: data.content_type.as_bytes(),
            content: &Content::new(content),
            certificates: &certificates,
            has_unreadable: data.has_unreadable,
            maths: self.maths,
        };
        // Of several certificates with the stamper's key one is enough.
        let faults = case.check().into_iter().map(|checked| match (checked.fault, checked.certificate) {
            (None, Some(stamper)) => self.stamper_fault(stamper, &certificates, info.time),
            (Some(fault), _) => Some(signer_fault(fault)),
            (None, None) => Some(TimeStampFault::NoCertificate),
        });
        let faults: Vec<_> = faults.collect();
        if faults.contains(&None) { None } else { faults.first().copied().flatten() }
    }

    fn stamper_fault(
        &self,
        stamper: &Certificate,
        certificates: &[&Certificate],
        time: Moment,
    ) -> Option<TimeStampFault> {
        let may_sign = stamper.may(KeyUsage::DIGITAL_SIGNATURE) || stamper.may(KeyUsage::NON_REPUDIATION);
        if !stamper.is_time_stamper() || !may_sign || stamper.has_unknown_critical() {
            return Some(TimeStampFault::NotTimeStamper);
        }
        if !stamper.is_valid_at(time) {
            return Some(TimeStampFault::NotValidThen);
        }
        if time > self.now.later(limits::CLOCK_SKEW_SECONDS) {
            return Some(TimeStampFault::FromFuture);
        }
        match self.trust.chain(stamper, certificates, time, self.maths) {
            Ok(chain) => self.is_revoked(&chain, time).then_some(TimeStampFault::Revoked),
            Err(ChainFault::IssuerUnknown) => Some(TimeStampFault::ChainIncomplete),
            Err(ChainFault::Unchecked(why)) => Some(unchecked_fault(why)),
            Err(ChainFault::AuthorityNotValid) => Some(TimeStampFault::NotValidThen),
            Err(ChainFault::Forged | ChainFault::RootUnknown | ChainFault::NotAuthority) => {
                Some(TimeStampFault::ChainUntrusted)
            }
        }
    }

    /// Whether anyone in the chain had no right at `time`, or a key in doubt. What is unknown is no fault: the rules ask
    /// of a stamp its signature, its signer and its purpose.
    fn is_revoked(&self, chain: &[&Certificate], time: Moment) -> bool {
        let times = Times { judged: time, now: self.now };
        chain.windows(2).any(|pair| match pair {
            [certificate, issuer] => match find(certificate, issuer, self.revocation, times).finding {
                Finding::Revoked { since, cause } => since <= time || !cause.spares_earlier(),
                Finding::Good | Finding::Unknown(_) => false,
            },
            _ => false,
        })
    }
}

fn signer_fault(fault: SignerFault) -> TimeStampFault {
    match fault {
        SignerFault::NoCertificate | SignerFault::CertificateUnreadable => TimeStampFault::NoCertificate,
        SignerFault::Unchecked(why) => unchecked_fault(why),
        SignerFault::NoSignedAttributes | SignerFault::AttributesMalformed => TimeStampFault::Malformed,
        SignerFault::ContentTypeMismatch
        | SignerFault::SignatureBad
        | SignerFault::DigestBad
        | SignerFault::CertificateMismatch => TimeStampFault::SignatureBad,
    }
}

fn unchecked_fault(why: Unchecked) -> TimeStampFault {
    match why {
        Unchecked::Unknown | Unchecked::NotAllowed => TimeStampFault::AlgorithmNotAllowed,
        Unchecked::WeakKey => TimeStampFault::KeyTooWeak,
        Unchecked::OverLimit => TimeStampFault::OverLimit,
    }
}
