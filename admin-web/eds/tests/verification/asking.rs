//! Questions to OCSP responders: whom they are about, how they are written, and which answers are answers to them.

use ofd_eds::{
    Certificate, Evidence, Issued, Maths, Moment, NONCE_BYTES, OcspAnswer, OcspFault, OcspRequest, Question,
    Reason, Revocation, RevocationData, Source, Unknown, revocation_needs, verify,
};

use crate::stand::{NOW, Stand, certificate, data, stand, trust};

fn asked() -> Issued {
    Issued { certificate: certificate("asked/person.cer"), issuer: certificate("asked/ca.cer") }
}

/// The nonce that OpenSSL drew: the last bytes of its question.
fn nonce() -> [u8; NONCE_BYTES] {
    *data("asked/question.ocsp").last_chunk().expect("a question has more bytes than a nonce")
}

/// When the answers were made: together with the certificate.
fn made() -> Moment {
    asked().certificate.not_before()
}

fn later(moment: Moment, seconds: i64) -> Moment {
    Moment::from_unix(moment.unix() + seconds)
}

fn check_at(name: &str, now: Moment) -> Result<OcspAnswer, OcspFault> {
    OcspRequest::new(&asked(), nonce()).check(&data(&format!("asked/{name}.ocsp")), now)
}

fn needs(stand: &Stand, name: &str) -> Vec<(Option<String>, Option<String>)> {
    let name_of = |certificate: &Certificate| certificate.subject().common_name.clone();
    let cms = data(&format!("cms/{name}.cms"));
    let question = Question {
        cms: &cms,
        document: None,
        trust: &stand.trust,
        revocation: &stand.revocation,
        now: stand.now,
        purpose: stand.purpose,
        maths: &Maths::new(),
    };
    let needs = revocation_needs(&question).unwrap_or_else(|error| panic!("{name}: {error}"));
    needs.iter().map(|one| (name_of(&one.certificate), name_of(&one.issuer))).collect()
}

#[test]
fn a_question_is_written_as_openssl_writes_it() {
    let asked = asked();
    assert_eq!(OcspRequest::new(&asked, nonce()).der(), data("asked/question.ocsp"));
}

#[test]
fn answers_to_the_question_are_taken_with_what_they_say() {
    for (name, is_definite) in [("good", true), ("revoked", true), ("unknown", false)] {
        let answer = check_at(name, made()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(answer.is_definite, is_definite, "{name}");
        assert!(answer.next_update.is_some_and(|next| next > later(made(), 86_400)), "{name}");
    }
}

#[test]
fn an_answer_to_another_question_is_not_taken_however_fresh() {
    assert_eq!(check_at("other-nonce", made()), Err(OcspFault::OtherNonce));
}

#[test]
fn an_answer_without_nonce_is_taken_only_when_it_was_just_made() {
    assert!(check_at("no-nonce", later(made(), 200)).is_ok());
    assert_eq!(check_at("no-nonce", later(made(), 400)), Err(OcspFault::OutOfDate));
    assert_eq!(check_at("no-nonce", later(made(), -400)), Err(OcspFault::OutOfDate));
}

#[test]
fn an_answer_from_the_future_or_after_its_time_is_not_taken() {
    assert_eq!(check_at("good", later(made(), -400)), Err(OcspFault::OutOfDate));
    assert_eq!(check_at("good", later(made(), 3651 * 86_400)), Err(OcspFault::OutOfDate));
}

#[test]
fn refusals_and_strangers_answers_are_told_apart() {
    let asked = asked();
    let request = OcspRequest::new(&asked, nonce());
    assert_eq!(request.check(&data("ocsp/try-later.ocsp"), made()), Err(OcspFault::Refused));
    assert_eq!(request.check(b"<html>", made()), Err(OcspFault::Unreadable));
    assert_eq!(request.check(&data("ocsp/good.ocsp"), made()), Err(OcspFault::OtherCertificate));
    let mut forged = data("asked/good.ocsp");
    let nonce = nonce();
    let at = forged.windows(NONCE_BYTES).position(|bytes| bytes == nonce).expect("the nonce is repeated");
    forged[at] ^= 1;
    assert_eq!(request.check(&forged, made()), Err(OcspFault::NotEntitled));
}

#[test]
fn signers_their_cas_and_their_time_stampers_are_asked_about_and_roots_are_not() {
    let needs_of = |name| needs(&stand(), name);
    let plain = needs_of("person");
    assert_eq!(plain.len(), 2, "{plain:?}");
    let roots: Vec<_> = ["root", "root-rsa"]
        .map(|name| certificate(&format!("trust/{name}.cer")).subject().common_name.clone())
        .into();
    assert!(plain.iter().all(|(about, _)| !roots.contains(about)), "{plain:?}");
    assert!(roots.contains(&plain[1].1), "{plain:?}");
    // The stamp is of RSA, the signature of GOST: another stamper below another CA.
    assert_eq!(needs_of("stamped-rsa").len(), 4);
    // Signer and stamper have one CA, which is asked about once.
    assert_eq!(needs_of("stamped-old").len(), 3);
    // Also of a signer whose signature is bad, since its certificate is a fact of its own.
    assert_eq!(needs_of("two-one-bad").len(), needs_of("two").len());
    // The document is not needed for it.
    assert_eq!(needs_of("detached").len(), 2);
}

#[test]
fn what_was_computed_for_the_questions_is_not_computed_again_for_the_verdict() {
    let stand = stand();
    for name in ["person", "two", "stamped-rsa"] {
        let (cms, maths) = (data(&format!("cms/{name}.cms")), Maths::new());
        let nothing = RevocationData::default();
        let question = Question {
            cms: &cms,
            document: None,
            trust: &stand.trust,
            revocation: &nothing,
            now: stand.now,
            purpose: stand.purpose,
            maths: &maths,
        };
        revocation_needs(&question).unwrap();
        let (asked, before) = (maths.checks(), maths.spent());
        assert!(asked > 2, "{name}");
        verify(&question).unwrap();
        assert_eq!(maths.checks(), asked, "{name}");
        // Only the steps along chains, which cost nothing to speak of, are taken again.
        assert!(maths.spent() - before < 20, "{name}");
    }
}

#[test]
fn nobody_asks_about_certificates_without_a_chain_to_a_trusted_root() {
    for name in ["foreign", "self-signed", "no-certificate", "no-signers"] {
        assert_eq!(needs(&stand(), name), [], "{name}");
    }
    let nobody = Stand { trust: trust(&[], &["ca"]), ..stand() };
    assert_eq!(needs(&nobody, "person"), []);
}

#[test]
fn a_verdict_says_what_its_revocation_rests_on() {
    let evidence = |stand: &Stand, name: &str| stand.signer(name).evidence;
    let list = evidence(&stand(), "person").expect("there is a list");
    assert_eq!(list.source, Source::List);
    assert!(list.said <= NOW && later(list.said, 30 * 86_400) > NOW, "{list:?}");
    let answered = stand().no_revocation_data().crls(&["root"]).ocsp(&["good"]);
    let Some(Evidence { source, .. }) = evidence(&answered, "unlisted") else { panic!("there is an answer") };
    assert_eq!(source, Source::Answer);
    assert_eq!(evidence(&stand().no_revocation_data(), "person"), None);
}

#[test]
fn where_answers_are_demanded_a_list_revokes_and_alone_proves_nobody_good() {
    let mut stand = stand();
    stand.revocation.demand_answers();
    let signer = stand.signer("unlisted");
    assert_eq!(signer.revocation, Revocation::Unknown(Unknown::NoAnswer));
    assert_eq!(signer.reason, Some(Reason::RevocationUnknown));
    assert_eq!(stand.reason("compromised"), Some(Reason::CertificateRevoked));
    // Of the CA above, whose list is enough, nothing is unknown.
    stand.ocsp(&["good"]).assert_valid("unlisted");
}

#[test]
fn who_was_asked_about_in_vain_is_unknown_and_never_revoked() {
    let mut stand = stand().no_revocation_data().crls(&["root"]);
    stand.revocation.add_unanswered(certificate("cert/person.cer"), Unknown::NoAnswer);
    let signer = stand.signer("person");
    assert_eq!(signer.revocation, Revocation::Unknown(Unknown::NoAnswer));
    assert_eq!(stand.signer("unlisted").revocation, Revocation::Unknown(Unknown::NoData));
}
