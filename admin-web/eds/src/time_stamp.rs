//! Time stamps (RFC 3161) over a signature.

use std::fmt;

use crate::algorithm::HashAlgorithm;
use crate::certificate::{Certificate, KeyUsage};
use crate::cms::SignedData;
use crate::moment::Moment;
use crate::revocation::{Finding, Sources, Times, find};
use crate::signer::Content;
use crate::tlv::{FormatError, INTEGER, Items, OCTET_STRING, identified};
use crate::trust::{ChainFault, TrustStore};
use crate::{limits, oid, signer};

const WHAT: &str = "a time stamp";

/// Why a time stamp proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeStampFault {
    /// It cannot be read.
    Malformed,
    /// It is over another signature.
    OtherSignature,
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
}

/// What a token says.
struct Info<'a> {
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
        let hash = HashAlgorithm::of(identified(&mut imprint, WHAT)?.oid)
            .filter(|hash| *hash != HashAlgorithm::Sha1);
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
    /// Certificates that came with the signed document.
    pub(crate) others: &'a [Certificate],
    pub(crate) now: Moment,
}

impl Judge<'_> {
    /// Of several stamps over `signature` the earliest good one counts; without a good one the first.
    pub(crate) fn best(&self, tokens: &[&[u8]], signature: &[u8]) -> Option<TimeStamp> {
        let stamps: Vec<_> = tokens.iter().map(|token| self.stamp(token, signature)).collect();
        let good = stamps.iter().filter(|stamp| stamp.is_good()).min_by_key(|stamp| stamp.time);
        good.or(stamps.first()).copied()
    }

    fn stamp(&self, token: &[u8], signature: &[u8]) -> TimeStamp {
        let malformed = TimeStamp { time: None, fault: Some(TimeStampFault::Malformed) };
        let Ok(data) = SignedData::read(token) else { return malformed };
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
        signature: &[u8],
    ) -> Option<TimeStampFault> {
        if info.hash.is_none_or(|hash| hash.hash(signature) != info.imprint) {
            return Some(TimeStampFault::OtherSignature);
        }
        let [signer] = data.signers.as_slice() else { return Some(TimeStampFault::Malformed) };
        let checked = signer::check(data, signer, &Content::new(content));
        let Some(stamper) = checked.certificate.filter(|_| checked.fault.is_none()) else {
            return Some(TimeStampFault::SignatureBad);
        };
        let may_sign = stamper.may(KeyUsage::DIGITAL_SIGNATURE) || stamper.may(KeyUsage::NON_REPUDIATION);
        if !stamper.is_time_stamper() || !may_sign || stamper.has_unknown_critical() {
            return Some(TimeStampFault::NotTimeStamper);
        }
        if !stamper.is_valid_at(info.time) {
            return Some(TimeStampFault::NotValidThen);
        }
        if info.time > self.now.later(limits::CLOCK_SKEW_SECONDS) {
            return Some(TimeStampFault::FromFuture);
        }
        let others = [data.certificates.as_slice(), self.others].concat();
        let chain = match self.trust.chain(stamper, &others, info.time) {
            Ok(chain) => chain,
            Err(ChainFault::IssuerUnknown) => return Some(TimeStampFault::ChainIncomplete),
            Err(ChainFault::AuthorityNotValid) => return Some(TimeStampFault::NotValidThen),
            Err(ChainFault::Forged | ChainFault::RootUnknown | ChainFault::NotAuthority) => {
                return Some(TimeStampFault::ChainUntrusted);
            }
        };
        self.is_revoked(&chain, info.time).then_some(TimeStampFault::Revoked)
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
