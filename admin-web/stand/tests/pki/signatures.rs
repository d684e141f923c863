//! Signature files: good ones, and each thing that can be wrong with one.

use ofd_eds::{Overall, Purpose, Reason, TimeStampFault, VerifyError};
use ofd_stand::{CmsMaker, ListState, OcspState, SignerFlaw};

use crate::stand::{NOW, PKI, TEXT, answers, days, judge, key, lists, only, reasons};

fn reason(maker: &CmsMaker<'_>) -> Option<Reason> {
    only(judge(&maker.make(), Some(TEXT), &lists(ListState::Fresh), Purpose::Document).unwrap()).reason
}

fn overall(cms: &[u8]) -> Overall {
    judge(cms, Some(TEXT), &lists(ListState::Fresh), Purpose::Document).unwrap().overall()
}

#[test]
fn attached_files_hold_the_document_and_detached_ones_do_not() {
    for label in ["person", "rsa-head"] {
        let attached = key(label).sign_cms(TEXT, true, NOW, None);
        let verdict = judge(&attached, None, &lists(ListState::Fresh), Purpose::Document).unwrap();
        assert_eq!((verdict.overall(), verdict.document.as_deref()), (Overall::Valid, Some(TEXT)), "{label}");

        let detached = key(label).sign_cms(TEXT, false, NOW, None);
        assert_eq!(overall(&detached), Overall::Valid, "{label}");
        let alone = judge(&detached, None, &lists(ListState::Fresh), Purpose::Document);
        assert_eq!(alone.err(), Some(VerifyError::DocumentMissing), "{label}");
        let other = judge(&detached, Some(b"other"), &lists(ListState::Fresh), Purpose::Document).unwrap();
        assert_eq!(reasons(&other), [Some(Reason::DigestBad)], "{label}");
    }
}

#[test]
fn two_may_sign_one_document() {
    let both = CmsMaker::new(TEXT).signer(key("head"), NOW).signer(key("rsa-head"), NOW).make();
    let verdict = judge(&both, None, &lists(ListState::Fresh), Purpose::Document).unwrap();
    assert_eq!((reasons(&verdict), verdict.overall()), (vec![None, None], Overall::Valid));
}

#[test]
fn of_two_signers_one_can_be_bad() {
    for flaw in [SignerFlaw::OtherContent, SignerFlaw::OtherKey] {
        let maker = CmsMaker::new(TEXT).signer(key("head"), NOW).flawed_signer(key("accountant"), NOW, flaw);
        let verdict = judge(&maker.make(), None, &lists(ListState::Fresh), Purpose::Document).unwrap();
        assert_eq!(verdict.overall(), Overall::Invalid, "{flaw:?}");
        let good = verdict.signers.iter().filter(|signer| signer.reason.is_none()).count();
        assert_eq!((verdict.signers.len(), good), (2, 1), "{flaw:?}");
    }
}

#[test]
fn each_flaw_of_a_signer_is_told() {
    let cases = [
        (SignerFlaw::None, None),
        (SignerFlaw::OtherContent, Some(Reason::DigestBad)),
        (SignerFlaw::OtherKey, Some(Reason::SignatureBad)),
        (SignerFlaw::NoSignedAttributes, Some(Reason::NoSignedAttributes)),
        (SignerFlaw::OtherCertificate, Some(Reason::SigningCertificateMismatch)),
    ];
    for (flaw, expected) in cases {
        for label in ["person", "rsa-head"] {
            let maker = CmsMaker::new(TEXT).flawed_signer(key(label), NOW, flaw);
            assert_eq!(reason(&maker), expected, "{flaw:?} of {label}");
        }
    }
}

#[test]
fn a_file_can_lack_signers_or_certificates() {
    let nobody =
        judge(&CmsMaker::new(TEXT).make(), None, &lists(ListState::Fresh), Purpose::Document).unwrap();
    assert_eq!((nobody.signers.len(), nobody.overall()), (0, Overall::Invalid));
    let maker = CmsMaker::new(TEXT).signer(key("person"), NOW).without_certificates();
    assert_eq!(reason(&maker), Some(Reason::NoSignerCertificate));
}

#[test]
fn a_file_with_the_authorities_in_it_shows_that_nobody_trusts_a_foreign_one() {
    let alone = CmsMaker::new(TEXT).signer(key("foreign"), NOW);
    assert_eq!(reason(&alone), Some(Reason::ChainIncomplete));
    assert_eq!(reason(&alone.with_authorities()), Some(Reason::ChainUntrusted));
    assert_eq!(reason(&CmsMaker::new(TEXT).signer(key("person"), NOW).with_authorities()), None);
}

#[test]
fn a_file_can_have_bytes_behind_its_end() {
    let maker = CmsMaker::new(TEXT).signer(key("person"), NOW).trailing(b"more");
    let verdict = judge(&maker.make(), None, &lists(ListState::Fresh), Purpose::Document);
    assert!(matches!(verdict, Err(VerifyError::Format(_))), "{verdict:?}");
}

#[test]
fn time_stamps_of_both_authorities_prove_their_time() {
    for stamping in [PKI.stamping(days(-1)), PKI.stamping(days(-1)).by_gost()] {
        for label in ["person", "rsa-head"] {
            let signed = key(label).sign_cms(TEXT, true, days(-30), Some(stamping));
            let signer = only(judge(&signed, None, &lists(ListState::Fresh), Purpose::Document).unwrap());
            let stamp = signer.time_stamp.unwrap();
            assert_eq!((stamp.time, stamp.fault), (Some(days(-1)), None), "{label}");
            assert_eq!((signer.judged_at, signer.reason), (days(-1), None), "{label}");
        }
    }
}

#[test]
fn a_stamp_from_before_its_expiry_saves_a_signature_that_a_list_speaks_of() {
    let signed = key("expired").sign_cms(TEXT, true, NOW, Some(PKI.stamping(days(-40))));
    let signer = only(judge(&signed, None, &lists(ListState::Fresh), Purpose::Document).unwrap());
    assert_eq!(signer.validity.map(|validity| validity.as_str()), Some("ok"));
    // Today's list leaves out what had expired, so it takes the responder to know.
    assert_eq!(signer.reason, Some(Reason::RevocationUnknown));
    let answered = answers(key("expired"), OcspState::Answers);
    assert_eq!(only(judge(&signed, None, &answered, Purpose::Document).unwrap()).reason, None);
}

#[test]
fn a_stamp_from_the_future_proves_nothing() {
    let signed = key("person").sign_cms(TEXT, true, NOW, Some(PKI.stamping(days(1))));
    let signer = only(judge(&signed, None, &lists(ListState::Fresh), Purpose::Document).unwrap());
    assert_eq!(signer.time_stamp.and_then(|stamp| stamp.fault), Some(TimeStampFault::FromFuture));
    assert_eq!(signer.reason, Some(Reason::TimeStampBad));
}
