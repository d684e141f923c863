//! Who somebody is by a signature over a challenge.

use bytes::Bytes;
use ofd_eds::{Certificate, Purpose, Reason, Role, Verdict};
use ofd_storage::accounts::UsedChallenge;
use serde::{Deserialize, Serialize};

use super::challenge::Challenge;
use crate::by::By;
use crate::change::ChangeError;
use crate::fields::Fields;
use crate::office::Office;
use crate::people::sealed::{SealFault, SealKind, open};
use crate::phone_signing::confirmed_file;
use crate::signatures::{SignaturesError, moment_of};

/// What signing in is called among what is signed by phone.
pub const SIGN_IN_SUBJECT: &str = "sign-in";

/// Signature files over a challenge have some kilobytes; with a time stamp and long chains some dozens.
pub const SIGNATURE_BYTES_MAX: usize = 256 * 1024;

/// As whom the owner of a certificate may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// For himself or herself.
    Person,
    /// First head of an organisation.
    Head,
    /// With the right to sign for an organisation.
    Signatory,
    /// Works for an organisation.
    Employee,
}

/// Whose a certificate is, and as whom it lets its owner act.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// The person's number.
    pub iin: String,
    /// The full name.
    pub name: String,
    /// The address in the certificate; empty in most.
    pub email: String,
    /// The organisation's number and name.
    pub organisation: Option<(String, String)>,
    /// As whom the certificate lets the person act.
    pub standing: Standing,
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owner").field("standing", &self.standing).finish_non_exhaustive()
    }
}

/// What a certificate proved.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The person's number.
    pub iin: String,
    /// The full name.
    pub name: String,
    /// The address in the certificate; empty in most.
    pub email: String,
    /// The organisation's number and name.
    pub organisation: Option<(String, String)>,
    /// As whom the certificate lets the person act.
    pub standing: Standing,
    /// The challenge that was answered.
    pub challenge: Answered,
}

/// A challenge that was answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    nonce: String,
    until_ms: u64,
}

impl Answered {
    /// The challenge, as it is remembered.
    pub fn of(challenge: &Challenge) -> Self {
        Self { nonce: challenge.nonce.clone(), until_ms: challenge.until().0 }
    }

    /// As an account remembers it.
    pub fn used(&self) -> UsedChallenge {
        let expires_at = ofd_protocol::types::UnixMillis(self.until_ms);
        UsedChallenge { nonce: self.nonce.clone(), expires_at }
    }
}

impl std::fmt::Debug for Proven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proven").field("standing", &self.standing).finish_non_exhaustive()
    }
}

/// Why a signature does not open the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// No trust folder is set up here.
    NotSetUp,
    /// The challenge is none of ours, or of another visit.
    ChallengeStrange,
    /// The challenge is too old.
    ChallengeExpired,
    /// The challenge was answered before.
    ChallengeUsed,
    /// What the phone signed is over, of another visit, or not what the page showed.
    PhoneOver,
    /// Nothing was sent.
    Empty,
    /// It is no signature file.
    Unreadable,
    /// Nobody signed it.
    NoSigner,
    /// More than one signed.
    SeveralSigners,
    /// Something else was signed.
    OtherContent,
    /// The certificate is not in the file.
    NoCertificate,
    /// The signature does not hold.
    SignatureBad,
    /// The algorithm is not taken.
    Algorithm,
    /// The certificate is not for this.
    WrongPurpose,
    /// The chain leads to nobody whom we trust: foreign, self-signed.
    Untrusted,
    /// The issuer is not known here.
    IssuerUnknown,
    /// A CA's certificate does not hold.
    AuthorityBad,
    /// The time stamp does not hold.
    TimeStampBad,
    /// The certificate was revoked.
    Revoked,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// Whether it is revoked could not be found out.
    RevocationUnknown,
    /// It is nobody's in person: of an information system, a server.
    NoPerson,
}

fn refusal_of(reason: Reason) -> SignInRefusal {
    match reason {
        Reason::NoSigners | Reason::CertificatesOnly => SignInRefusal::NoSigner,
        Reason::NoSignerCertificate => SignInRefusal::NoCertificate,
        Reason::SignerCertificateUnreadable | Reason::OverLimit => SignInRefusal::Unreadable,
        Reason::NoSignedAttributes
        | Reason::AttributesMalformed
        | Reason::ContentTypeMismatch
        | Reason::SignatureBad
        | Reason::SigningCertificateMismatch => SignInRefusal::SignatureBad,
        Reason::AlgorithmNotAllowed
        | Reason::AlgorithmUnknown
        | Reason::AlgorithmHistorical
        | Reason::KeyTooWeak => SignInRefusal::Algorithm,
        Reason::DigestBad => SignInRefusal::OtherContent,
        Reason::WrongPurpose => SignInRefusal::WrongPurpose,
        Reason::ChainUntrusted => SignInRefusal::Untrusted,
        Reason::ChainIncomplete => SignInRefusal::IssuerUnknown,
        Reason::CertificateRevoked | Reason::RevokedAfterTimeStamp => SignInRefusal::Revoked,
        Reason::AuthorityRevoked | Reason::AuthorityNotValid => SignInRefusal::AuthorityBad,
        Reason::TimeStampBad => SignInRefusal::TimeStampBad,
        Reason::CertificateExpired => SignInRefusal::Expired,
        Reason::CertificateNotYetValid => SignInRefusal::NotYetValid,
        Reason::RevocationUnknown | Reason::AuthorityRevocationUnknown => SignInRefusal::RevocationUnknown,
    }
}

/// Who it is by the verdict on a signature over `text`.
fn judge(verdict: &Verdict, text: &str, challenge: &Challenge) -> Result<Proven, SignInRefusal> {
    if verdict.document.as_ref().is_some_and(|document| document != text.as_bytes()) {
        return Err(SignInRefusal::OtherContent);
    }
    let signer = match verdict.signers.as_slice() {
        [] => return Err(SignInRefusal::NoSigner),
        [signer] => signer,
        _ => return Err(SignInRefusal::SeveralSigners),
    };
    if let Some(reason) = signer.reason {
        return Err(refusal_of(reason));
    }
    let certificate = signer.certificate.as_ref().ok_or(SignInRefusal::NoCertificate)?;
    proven_by(certificate, challenge).ok_or(SignInRefusal::NoPerson)
}

/// Whose a certificate is; `None`: nobody's in person.
pub fn owner_of(certificate: &Certificate) -> Option<Owner> {
    let subject = certificate.subject();
    let (iin, roles) = (subject.iin.clone()?, certificate.roles());
    let organisation = subject.bin.clone().map(|bin| {
        let title = subject.organisation.as_deref().map(str::trim).filter(|title| !title.is_empty());
        (bin.clone(), title.map_or(bin, str::to_owned))
    });
    let standing = if organisation.is_none() {
        Standing::Person
    } else if roles.contains(&Role::Head) {
        Standing::Head
    } else if roles.contains(&Role::Signatory) {
        Standing::Signatory
    } else {
        Standing::Employee
    };
    let name = subject.full_name().unwrap_or_else(|| iin.clone());
    let email = subject.email.as_deref().unwrap_or_default().trim().to_lowercase();
    Some(Owner { iin, name, email, organisation, standing })
}

fn proven_by(certificate: &Certificate, challenge: &Challenge) -> Option<Proven> {
    let Owner { iin, name, email, organisation, standing } = owner_of(certificate)?;
    Some(Proven { iin, name, email, organisation, standing, challenge: Answered::of(challenge) })
}

/// Checks the signature that a form brought over the challenge that came with it. `binding` is what the challenge was
/// bound to, `public_url` the site it is for.
///
/// # Errors
/// [`ChangeError::Busy`] where the signature cannot be checked now, and those of the store.
pub async fn check(
    office: &Office,
    by: &By,
    fields: &Fields,
    (binding, public_url): (&str, &str),
) -> Result<Result<Proven, SignInRefusal>, ChangeError> {
    let signatures = &office.signatures;
    if !signatures.is_set_up() {
        return Ok(Err(SignInRefusal::NotSetUp));
    }
    let (key, sealed) = (office.key().await?, fields.text("challenge"));
    let challenge: Challenge = match open(&key, SealKind::Challenge, binding, by.at, sealed) {
        Ok(challenge) => challenge,
        Err(SealFault::Strange) => return Ok(Err(SignInRefusal::ChallengeStrange)),
        Err(SealFault::Expired) => return Ok(Err(SignInRefusal::ChallengeExpired)),
    };
    let phone = fields.text("phone");
    let file = if phone.is_empty() {
        let file = fields.upload("file").map(|upload| upload.content.clone());
        file.unwrap_or_else(|| Bytes::copy_from_slice(fields.text("signature").as_bytes()).into())
    } else {
        let about = (phone, SIGN_IN_SUBJECT, fields.text("mark"));
        match confirmed_file(office, (binding, by.at), about).await? {
            Some(file) => file.into(),
            None => return Ok(Err(SignInRefusal::PhoneOver)),
        }
    };
    if file.is_empty() {
        return Ok(Err(SignInRefusal::Empty));
    }
    let text = challenge.text(public_url);
    let document = Bytes::copy_from_slice(text.as_bytes());
    let asked = (by.ip, moment_of(by.at));
    match signatures.verify(file, Some(document.into()), Purpose::Login, asked).await {
        Ok(judged) => Ok(judge(&judged.verdict, &text, &challenge)),
        Err(
            SignaturesError::Format(_) | SignaturesError::DocumentMissing | SignaturesError::TooLarge { .. },
        ) => Ok(Err(SignInRefusal::Unreadable)),
        Err(SignaturesError::Busy) => Err(ChangeError::Busy),
        Err(SignaturesError::Failed(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the check of a signature at a sign-in failed");
            Err(ChangeError::Busy)
        }
    }
}
