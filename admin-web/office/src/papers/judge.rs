//! What a signature under a paper is worth: stamped where it has no time stamp, then checked as every signature here.

use std::net::IpAddr;

use bytes::Bytes;
use ofd_eds::{Moment, NONCE_BYTES, Overall, Purpose, Reason, Verdict};
use ofd_storage::accounts::PaperFault;
use ofd_storage::papers::CMS_LEN_MAX;

use super::rules::Judgement;
use crate::change::ChangeError;
use crate::office::Office;
use crate::sign_in::{Owner, owner_of};
use crate::signatures::SignaturesError;

/// A signature as it was judged.
pub(crate) struct Judged {
    /// The file, with a time stamp where there was a way to one.
    pub(crate) cms: Bytes,
    pub(crate) judgement: Judgement,
    /// Whose certificate it is, where one was read.
    pub(crate) owner: Option<Owner>,
}

/// Judges a signature file over a paper. `from` is whose places and memory it is done with.
///
/// # Errors
/// [`ChangeError::Busy`]: it cannot be judged now, whatever it is.
pub(crate) async fn judge(
    office: &Office,
    (pdf, cms): (&Bytes, Bytes),
    (from, now): (IpAddr, Moment),
) -> Result<Judged, ChangeError> {
    let wrong = |cms, fault| Ok(Judged { cms, judgement: Judgement::Wrong(fault), owner: None });
    if cms.is_empty() {
        return wrong(cms, PaperFault::Empty);
    }
    if cms.len() > CMS_LEN_MAX {
        return wrong(cms, PaperFault::Unreadable);
    }
    let signatures = &office.signatures;
    let (stamped, is_stamped) =
        match signatures.stamp(cms.clone(), from, || office.drawn::<NONCE_BYTES>()).await {
            Ok(Ok(stamped)) => (stamped, true),
            Ok(Err(_)) => (cms.clone(), false),
            Err(error) => return unjudged(error, cms),
        };
    let verdict =
        |file: Bytes| signatures.verify(file, Some(pdf.clone().into()), Purpose::Document, (from, now));
    let mut judged = match verdict(stamped.clone()).await {
        Ok(judged) => found(&judged.verdict, stamped.clone()),
        Err(error) => return unjudged(error, cms),
    };
    // A stamp of ours that proves nothing is no fault of who signed.
    if stamped != cms && judged.judgement == Judgement::Wrong(PaperFault::TimeStampBad) {
        tracing::warn!("a time stamp that was asked for proves nothing; it is asked for again");
        judged = Judged { cms, judgement: Judgement::Unknown(PaperFault::NoTimeStamp), ..judged };
    }
    if !is_stamped && !matches!(judged.judgement, Judgement::Wrong(_)) {
        judged.judgement = Judgement::Unknown(PaperFault::NoTimeStamp);
    }
    Ok(judged)
}

fn unjudged(error: SignaturesError, cms: Bytes) -> Result<Judged, ChangeError> {
    match error {
        SignaturesError::Format(_) | SignaturesError::DocumentMissing | SignaturesError::TooLarge { .. } => {
            let judgement = Judgement::Wrong(PaperFault::Unreadable);
            Ok(Judged { cms, judgement, owner: None })
        }
        SignaturesError::Busy => Err(ChangeError::Busy),
        SignaturesError::Failed(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the check of a signature under a paper failed");
            Err(ChangeError::Busy)
        }
    }
}

/// What a verdict says of the one signer that a paper has.
fn found(verdict: &Verdict, cms: Bytes) -> Judged {
    let (judgement, owner) = match verdict.signers.as_slice() {
        [] => (Judgement::Wrong(PaperFault::NoSigner), None),
        [signer] => {
            let owner = signer.certificate.as_ref().and_then(owner_of);
            let has_stamp_fault = signer.time_stamp.is_some_and(|stamp| !stamp.is_good());
            let judgement = match signer.reason {
                None if has_stamp_fault => Judgement::Wrong(PaperFault::TimeStampBad),
                None => Judgement::Holds,
                Some(reason) => match reason.overall() {
                    Overall::Indeterminate => doubt_of(reason),
                    Overall::Valid | Overall::Invalid => Judgement::Wrong(fault_of(reason)),
                },
            };
            (judgement, owner)
        }
        _ => (Judgement::Wrong(PaperFault::SeveralSigners), None),
    };
    match owner {
        // A key of an information system signs for nobody.
        None if judgement == Judgement::Holds => {
            Judged { cms, judgement: Judgement::Wrong(PaperFault::NoRight), owner: None }
        }
        owner => Judged { cms, judgement, owner },
    }
}

/// What cannot be found out now. What no time will tell is a fault.
fn doubt_of(reason: Reason) -> Judgement {
    match reason {
        Reason::RevocationUnknown | Reason::AuthorityRevocationUnknown => {
            Judgement::Unknown(PaperFault::RevocationUnknown)
        }
        // The trust folder may lack a CA, which whoever runs this can mend.
        Reason::ChainIncomplete => Judgement::Unknown(PaperFault::IssuerUnknown),
        other => Judgement::Wrong(fault_of(other)),
    }
}

fn fault_of(reason: Reason) -> PaperFault {
    match reason {
        Reason::NoSigners | Reason::CertificatesOnly => PaperFault::NoSigner,
        Reason::NoSignerCertificate | Reason::SignerCertificateUnreadable | Reason::OverLimit => {
            PaperFault::Unreadable
        }
        Reason::NoSignedAttributes
        | Reason::AttributesMalformed
        | Reason::ContentTypeMismatch
        | Reason::SignatureBad
        | Reason::SigningCertificateMismatch => PaperFault::SignatureBad,
        Reason::AlgorithmNotAllowed
        | Reason::AlgorithmUnknown
        | Reason::AlgorithmHistorical
        | Reason::KeyTooWeak => PaperFault::Algorithm,
        Reason::DigestBad => PaperFault::OtherDocument,
        Reason::WrongPurpose => PaperFault::WrongPurpose,
        Reason::ChainUntrusted => PaperFault::Untrusted,
        Reason::ChainIncomplete => PaperFault::IssuerUnknown,
        Reason::CertificateRevoked | Reason::RevokedAfterTimeStamp => PaperFault::Revoked,
        Reason::AuthorityRevoked | Reason::AuthorityNotValid => PaperFault::AuthorityBad,
        Reason::TimeStampBad => PaperFault::TimeStampBad,
        Reason::CertificateExpired => PaperFault::Expired,
        Reason::CertificateNotYetValid => PaperFault::NotYetValid,
        Reason::RevocationUnknown | Reason::AuthorityRevocationUnknown => PaperFault::RevocationUnknown,
    }
}
