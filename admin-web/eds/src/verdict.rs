//! What a verification found: separate facts per signer, and what they amount to.

use crate::certificate::Certificate;
use crate::fact::Fact;
use crate::moment::Moment;
use crate::revocation::{Evidence, Unknown};
use crate::time_stamp::TimeStamp;

/// What all facts amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overall {
    /// Everything was checked and holds.
    Valid,
    /// Nothing is wrong, but something could not be checked.
    Indeterminate,
    /// Something is wrong.
    Invalid,
}

impl Overall {
    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Indeterminate => "INDETERMINATE",
            Self::Invalid => "INVALID",
        }
    }
}

/// The chain to a trusted root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The chain up to a trusted root holds.
    Ok,
    /// An issuer is not known here.
    Incomplete,
    /// It ends in nobody whom we trust, or somebody in it may not do what it did.
    Untrusted,
}

impl Chain {
    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Incomplete => "incomplete",
            Self::Untrusted => "untrusted",
        }
    }
}

/// The signer's certificate at the judged moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// In its time.
    Ok,
    /// The moment is after its time.
    Expired,
    /// The moment is before its time.
    NotYet,
}

impl Validity {
    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
        }
    }
}

/// The signer's certificate and the CAs above it, at the judged moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Proven not to be revoked.
    Good,
    /// Proven to be revoked since then.
    Revoked(Moment),
    /// Neither is proven.
    Unknown(Unknown),
}

impl Revocation {
    /// The word that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked(_) => "revoked",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Why a signature is not valid. Codes never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no signer at all.
    NoSigners,
    /// Nobody signed: the file only carries certificates.
    CertificatesOnly,
    /// The signer's certificate is not in the file.
    NoSignerCertificate,
    /// The signer's certificate is not among those that can be read.
    SignerCertificateUnreadable,
    /// There are no signed attributes.
    NoSignedAttributes,
    /// The signed attributes cannot be read, or one comes twice.
    AttributesMalformed,
    /// The signature is over another kind of content.
    ContentTypeMismatch,
    /// Hash or signature algorithm are known and prove nothing, or do not belong together.
    AlgorithmNotAllowed,
    /// Hash or signature algorithm are not known here, so nothing was checked.
    AlgorithmUnknown,
    /// A key is so short that its signatures can be forged.
    KeyTooWeak,
    /// The check would take more work than one file may cost.
    OverLimit,
    /// An old algorithm after its time, or where only today's are taken.
    AlgorithmHistorical,
    /// The signature is not of this certificate's key over these attributes.
    SignatureBad,
    /// The signature is over another document.
    DigestBad,
    /// The signer named another certificate.
    SigningCertificateMismatch,
    /// The certificate is not for this use.
    WrongPurpose,
    /// The chain leads to nobody whom we trust.
    ChainUntrusted,
    /// The certificate was revoked.
    CertificateRevoked,
    /// A CA's certificate was revoked.
    AuthorityRevoked,
    /// The time stamp proves nothing, so the time of signing is not known.
    TimeStampBad,
    /// A CA's certificate was not valid at the judged moment.
    AuthorityNotValid,
    /// The certificate had expired at the judged moment.
    CertificateExpired,
    /// The certificate was not valid yet at the judged moment.
    CertificateNotYetValid,
    /// The certificate was revoked after the time stamp, for a cause that puts earlier signatures in doubt.
    RevokedAfterTimeStamp,
    /// An issuer is not known here.
    ChainIncomplete,
    /// Whether the certificate is revoked is not known.
    RevocationUnknown,
    /// Whether a CA's certificate is revoked is not known.
    AuthorityRevocationUnknown,
}

impl Reason {
    /// The code that the JSON of a verdict has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSigners => "NO_SIGNERS",
            Self::CertificatesOnly => "CERTIFICATES_ONLY",
            Self::NoSignerCertificate => "NO_SIGNER_CERTIFICATE",
            Self::SignerCertificateUnreadable => "SIGNER_CERTIFICATE_UNREADABLE",
            Self::NoSignedAttributes => "NO_SIGNED_ATTRIBUTES",
            Self::AttributesMalformed => "SIGNED_ATTRIBUTES_MALFORMED",
            Self::ContentTypeMismatch => "CONTENT_TYPE_MISMATCH",
            Self::AlgorithmNotAllowed => "ALGORITHM_NOT_ALLOWED",
            Self::AlgorithmUnknown => "ALGORITHM_UNKNOWN",
            Self::KeyTooWeak => "KEY_TOO_WEAK",
            Self::OverLimit => "OVER_LIMIT",
            Self::AlgorithmHistorical => "ALGORITHM_HISTORICAL",
            Self::SignatureBad => "SIGNATURE_BAD",
            Self::DigestBad => "DIGEST_BAD",
            Self::SigningCertificateMismatch => "SIGNING_CERTIFICATE_MISMATCH",
            Self::WrongPurpose => "WRONG_PURPOSE",
            Self::ChainUntrusted => "CHAIN_UNTRUSTED",
            Self::CertificateRevoked => "CERTIFICATE_REVOKED",
            Self::AuthorityRevoked => "CA_REVOKED",
            Self::TimeStampBad => "TIME_STAMP_BAD",
            Self::AuthorityNotValid => "CA_NOT_VALID",
            Self::CertificateExpired => "CERTIFICATE_EXPIRED",
            Self::CertificateNotYetValid => "CERTIFICATE_NOT_YET_VALID",
            Self::RevokedAfterTimeStamp => "REVOKED_AFTER_TIME_STAMP",
            Self::ChainIncomplete => "CHAIN_INCOMPLETE",
            Self::RevocationUnknown => "REVOCATION_UNKNOWN",
            Self::AuthorityRevocationUnknown => "CA_REVOCATION_UNKNOWN",
        }
    }

    /// What it makes of a signature.
    pub const fn overall(self) -> Overall {
        match self {
            Self::NoSigners
            | Self::CertificatesOnly
            | Self::NoSignerCertificate
            | Self::NoSignedAttributes
            | Self::AttributesMalformed
            | Self::ContentTypeMismatch
            | Self::AlgorithmHistorical
            | Self::SignatureBad
            | Self::DigestBad
            | Self::SigningCertificateMismatch
            | Self::WrongPurpose
            | Self::ChainUntrusted
            | Self::CertificateRevoked
            | Self::AuthorityRevoked
            | Self::AuthorityNotValid
            | Self::CertificateExpired
            | Self::CertificateNotYetValid => Overall::Invalid,
            Self::SignerCertificateUnreadable
            | Self::AlgorithmNotAllowed
            | Self::AlgorithmUnknown
            | Self::KeyTooWeak
            | Self::OverLimit
            | Self::TimeStampBad
            | Self::RevokedAfterTimeStamp
            | Self::ChainIncomplete
            | Self::RevocationUnknown
            | Self::AuthorityRevocationUnknown => Overall::Indeterminate,
        }
    }
}

/// What was found about one signer.
#[derive(Clone, Debug)]
pub struct SignerVerdict {
    /// The signer's certificate; `None`: it is not in the file.
    pub certificate: Option<Certificate>,
    /// Whether the signature is of this certificate's key over the signed attributes.
    pub signature: Fact,
    /// Whether the signed attributes name this document.
    pub digest: Fact,
    /// Whether the certificate leads to a trusted root.
    pub chain: Chain,
    /// The names of the CAs in the chain, from the issuer to the root; empty without a chain.
    pub authorities: Vec<String>,
    /// The certificate's validity at `judged_at`; `None` without a certificate.
    pub validity: Option<Validity>,
    /// Revocation at `judged_at`.
    pub revocation: Revocation,
    /// What `revocation` rests on; `None` where it is unknown for lack of data that counts.
    pub evidence: Option<Evidence>,
    /// The time stamp.
    pub time_stamp: Option<TimeStamp>,
    /// The moment that everything was judged at: of the time stamp if it is good, else of the verification.
    pub judged_at: Moment,
    /// Why it is not valid; `None`: it is.
    pub reason: Option<Reason>,
}

impl SignerVerdict {
    /// What the facts amount to.
    pub fn overall(&self) -> Overall {
        self.reason.map_or(Overall::Valid, Reason::overall)
    }
}

/// What was found about a signature file.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The signers, in the order of the file, which means nothing.
    pub signers: Vec<SignerVerdict>,
    /// Whether there are certificates that can be read.
    pub has_certificates: bool,
    /// The document, if it is in the file.
    pub document: Option<Vec<u8>>,
}

impl Verdict {
    /// The worst of all signers; without any signer it is invalid.
    pub fn overall(&self) -> Overall {
        self.signers.iter().map(SignerVerdict::overall).max().unwrap_or(Reason::NoSigners.overall())
    }

    /// Why a file has no signer; `None`: it has some, each with a reason of its own.
    pub fn reason(&self) -> Option<Reason> {
        match (self.signers.is_empty(), self.has_certificates) {
            (false, _) => None,
            (true, true) => Some(Reason::CertificatesOnly),
            (true, false) => Some(Reason::NoSigners),
        }
    }
}
