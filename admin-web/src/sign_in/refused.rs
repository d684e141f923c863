//! What a person reads whose signature does not open the door.

use ofd_office::sign_in::SignInRefusal;

/// The key of what a person reads whose signature does not open the door.
pub(crate) fn sign_in_refusal_text(refusal: SignInRefusal) -> &'static str {
    match refusal {
        SignInRefusal::NotSetUp => "login-refused-not-set-up",
        SignInRefusal::ChallengeStrange => "login-refused-challenge-strange",
        SignInRefusal::ChallengeExpired => "login-refused-challenge-expired",
        SignInRefusal::ChallengeUsed => "login-refused-challenge-used",
        SignInRefusal::PhoneOver => "login-refused-phone-over",
        SignInRefusal::Empty => "login-refused-empty",
        SignInRefusal::Unreadable => "login-refused-unreadable",
        SignInRefusal::NoSigner => "login-refused-no-signer",
        SignInRefusal::SeveralSigners => "login-refused-several-signers",
        SignInRefusal::OtherContent => "login-refused-other-content",
        SignInRefusal::NoCertificate => "login-refused-no-certificate",
        SignInRefusal::SignatureBad => "login-refused-signature-bad",
        SignInRefusal::Algorithm => "login-refused-algorithm",
        SignInRefusal::WrongPurpose => "login-refused-wrong-purpose",
        SignInRefusal::Untrusted => "login-refused-untrusted",
        SignInRefusal::IssuerUnknown => "login-refused-issuer-unknown",
        SignInRefusal::AuthorityBad => "login-refused-authority-bad",
        SignInRefusal::TimeStampBad => "login-refused-time-stamp-bad",
        SignInRefusal::Revoked => "login-refused-revoked",
        SignInRefusal::Expired => "login-refused-expired",
        SignInRefusal::NotYetValid => "login-refused-not-yet-valid",
        SignInRefusal::RevocationUnknown => "login-refused-revocation-unknown",
        SignInRefusal::NoPerson => "login-refused-no-person",
    }
}
