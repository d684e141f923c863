//! What the tests share: one PKI, and one way to judge what it signs.

use std::sync::LazyLock;

use ofd_eds::{
    Certificate, Issued, Maths, Moment, OcspRequest, Purpose, Question, Reason, RevocationData,
    SignerVerdict, Verdict, VerifyError, verify,
};
use ofd_stand::{Key, ListState, OcspState, Pki};

/// The moment 2026-07-01T12:00:00Z.
pub(crate) const NOW: Moment = Moment::from_unix(1_782_907_200);

pub(crate) const TEXT: &[u8] = "Договор №1\n".as_bytes();

pub(crate) static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::new([7; 32], NOW));

pub(crate) fn key(label: &str) -> &'static Key {
    PKI.key(label).unwrap_or_else(|| panic!("the stand has no key {label}"))
}

pub(crate) fn days(count: i64) -> Moment {
    Moment::from_unix(NOW.unix() + count * 86_400)
}

/// The lists of all CAs.
pub(crate) fn lists(state: ListState) -> RevocationData {
    let mut data = RevocationData::default();
    for (authority, list) in PKI.revocation_lists(NOW, state) {
        data.add_crl(list).unwrap_or_else(|error| panic!("{authority}: {error}"));
    }
    data
}

/// The certificate of a key with that of its issuer, which is one of the stand's CAs.
pub(crate) fn issued(key: &Key) -> Issued {
    let certificate = Certificate::read(key.certificate()).unwrap();
    let authorities = PKI.intermediates().into_iter().map(|der| Certificate::read(der).unwrap());
    let issuer = authorities.into_iter().find(|one| key.is_below(one)).expect("a CA issued it");
    Issued { certificate, issuer }
}

/// Lists of the roots alone, and an OCSP answer about `key`.
pub(crate) fn answers(key: &Key, state: OcspState) -> RevocationData {
    let mut data = RevocationData::default();
    for (authority, list) in PKI.revocation_lists(NOW, ListState::Fresh) {
        if authority.starts_with("root") {
            data.add_crl(list).unwrap();
        }
    }
    let about = issued(key);
    if let Some(answer) = PKI.ocsp(OcspRequest::new(&about, [5; 16]).der(), NOW, state) {
        data.add_ocsp(answer).unwrap();
    }
    data
}

pub(crate) fn judge(
    cms: &[u8],
    document: Option<&[u8]>,
    revocation: &RevocationData,
    purpose: Purpose,
) -> Result<Verdict, VerifyError> {
    verify(&Question {
        cms,
        document,
        trust: &PKI.trust(),
        revocation,
        now: NOW,
        purpose,
        maths: &Maths::new(),
    })
}

/// The verdict on a login with this key, which the only signer of an attached file has.
pub(crate) fn login(label: &str, revocation: &RevocationData) -> SignerVerdict {
    only(judge(&key(label).sign_cms(TEXT, true, NOW, None), None, revocation, Purpose::Login).unwrap())
}

pub(crate) fn only(mut verdict: Verdict) -> SignerVerdict {
    assert_eq!(verdict.signers.len(), 1);
    verdict.signers.remove(0)
}

pub(crate) fn reasons(verdict: &Verdict) -> Vec<Option<Reason>> {
    verdict.signers.iter().map(|signer| signer.reason).collect()
}
