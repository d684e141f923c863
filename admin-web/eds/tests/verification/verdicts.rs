//! Verdicts on signature files, each fault in a file of its own.

use crate::stand::{NOW, Stand, certificate, data, stand, trust};
use ofd_eds::{
    Chain, Fact, FormatError, Overall, Owner, Purpose, Reason, Revocation, Role, Stage, TimeStampFault,
    TrustError, TrustStore, Validity, VerifyError,
};

fn stamp_fault(stand: &Stand, name: &str) -> Option<TimeStampFault> {
    stand.signer(name).time_stamp.expect("there is a time stamp").fault
}

#[test]
fn good_signatures_of_every_kind_are_valid() {
    for name in [
        "person",
        "head",
        "rsa",
        "plain",
        "rsa-key-algorithm",
        "no-key-identifiers",
        "streamed",
        "streamed-rsa",
        "two",
    ] {
        stand().assert_valid(name);
    }
}

#[test]
fn detached_signatures_are_judged_with_their_document() {
    let document = data("document.txt");
    for name in ["detached", "rsa-detached", "person"] {
        stand().document(&document).assert_valid(name);
    }
    let cms = data("cms/detached.cms");
    assert_eq!(stand().judge_bytes(&cms).err(), Some(VerifyError::DocumentMissing));
    let signer = stand().document(b"other").signer("detached");
    assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Bad));
    assert_eq!(signer.reason, Some(Reason::DigestBad));
}

#[test]
fn a_file_with_another_document_than_the_given_one_is_not_about_it() {
    let signer = stand().document(b"other").signer("person");
    assert_eq!((signer.digest, signer.reason), (Fact::Bad, Some(Reason::DigestBad)));
}

#[test]
fn pem_and_base64_are_opened() {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(data("cms/person.cms"));
    let pem = format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\n");
    for input in [text, pem] {
        assert_eq!(stand().judge_bytes(input.as_bytes()).unwrap().overall(), Overall::Valid);
    }
}

#[test]
fn the_document_and_the_owner_are_told() {
    let verdict = stand().judge("head");
    assert_eq!(verdict.document, Some(data("document.txt")));
    let certificate = verdict.signers[0].certificate.as_ref().unwrap();
    let subject = certificate.subject();
    assert_eq!(subject.full_name().as_deref(), Some("ТЕСТОВ ТЕСТ ТЕСТОВИЧ"));
    assert_eq!(subject.iin.as_deref(), Some("900101300002"));
    assert_eq!(subject.bin.as_deref(), Some("123456789021"));
    assert_eq!(subject.organisation.as_deref(), Some("ТОО \"ТЕСТ\""));
    assert_eq!(subject.owner(), Owner::OrganisationPerson);
    assert_eq!(certificate.roles(), [Role::Organisation, Role::Head]);
    assert_eq!(certificate.policies()[0].to_string(), "1.2.398.3.3.2");
    assert_eq!(certificate.key_storage()[0].to_string(), "1.2.398.3.3.5.1.1");
    assert_eq!(verdict.signers[0].authorities.len(), 2);
}

// Mathematics.

#[test]
fn zero_signers_are_invalid() {
    let verdict = stand().judge("no-signers");
    assert_eq!((verdict.signers.len(), verdict.overall()), (0, Overall::Invalid));
}

#[test]
fn a_file_of_certificates_alone_says_that_it_is_one_and_asks_for_no_document() {
    // ContentInfo with SignedData: version 1, no hashes, plain data that lies elsewhere, one certificate, no signers.
    let der = |tag: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], &body].concat()
    };
    let (data_oid, signed_oid) = ("2A864886F70D010701", "2A864886F70D010702");
    let oid = |digits: &str| [vec![6, 9], hex::decode(digits).unwrap()].concat();
    let file = |certificate: &[u8]| {
        let parts = [&[2, 1, 1][..], &[0x31, 0], &der(0x30, &[&oid(data_oid)]), certificate, &[0x31, 0]];
        der(0x30, &[&oid(signed_oid), &der(0xA0, &[&der(0x30, &parts)])])
    };
    let only = stand().judge_bytes(&file(&der(0xA0, &[&data("cert/person.cer")]))).unwrap();
    assert_eq!((only.overall(), only.reason()), (Overall::Invalid, Some(Reason::CertificatesOnly)));
    let nothing = stand().judge_bytes(&file(&[])).unwrap();
    assert_eq!((nothing.overall(), nothing.reason()), (Overall::Invalid, Some(Reason::NoSigners)));
}

#[test]
fn a_missing_signer_certificate_is_invalid() {
    let signer = stand().signer("no-certificate");
    assert_eq!((signer.reason, signer.signature), (Some(Reason::NoSignerCertificate), Fact::Unchecked));
    assert_eq!(signer.overall(), Overall::Invalid);
}

#[test]
fn one_bad_signer_of_two_makes_the_file_invalid_and_the_other_stays_good() {
    let verdict = stand().judge("two-one-bad");
    let mut reasons: Vec<_> = verdict.signers.iter().map(|signer| signer.reason).collect();
    reasons.sort_by_key(|reason| reason.map(Reason::as_str));
    assert_eq!(reasons, [None, Some(Reason::DigestBad)]);
    assert_eq!(verdict.overall(), Overall::Invalid);
}

#[test]
fn a_signature_over_other_bytes_is_bad_in_its_digest_alone() {
    let signer = stand().signer("other-document");
    assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Bad));
    assert_eq!(signer.reason, Some(Reason::DigestBad));
}

#[test]
fn a_signature_by_another_key_is_bad() {
    let signer = stand().signer("other-key");
    assert_eq!((signer.signature, signer.digest), (Fact::Bad, Fact::Ok));
    assert_eq!(signer.reason, Some(Reason::SignatureBad));
}

#[test]
fn a_signature_without_signed_attributes_is_refused() {
    assert_eq!(stand().reason("no-attributes"), Some(Reason::NoSignedAttributes));
}

#[test]
fn signed_attributes_that_are_missing_or_come_twice_are_refused() {
    assert_eq!(stand().reason("no-digest"), Some(Reason::DigestBad));
    assert_eq!(stand().reason("digest-twice"), Some(Reason::AttributesMalformed));
    assert_eq!(stand().reason("no-content-type"), Some(Reason::ContentTypeMismatch));
    assert_eq!(stand().reason("other-content-type"), Some(Reason::ContentTypeMismatch));
}

#[test]
fn another_certificate_than_the_signer_named_is_refused() {
    assert_eq!(stand().reason("other-certificate"), Some(Reason::SigningCertificateMismatch));
}

#[test]
fn algorithms_that_are_not_listed_or_do_not_belong_together_are_refused() {
    assert_eq!(stand().reason("sha1"), Some(Reason::AlgorithmNotAllowed));
    assert_eq!(stand().reason("mixed-hash"), Some(Reason::AlgorithmNotAllowed));
}

// Purposes.

#[test]
fn a_certificate_without_purposes_is_taken() {
    stand().assert_valid("no-purposes");
}

#[test]
fn certificates_for_other_uses_are_refused() {
    for name in ["server", "strange", "ca-signs", "able-ca-signs", "root-signs"] {
        assert_eq!(stand().reason(name), Some(Reason::WrongPurpose), "{name}");
    }
}

#[test]
fn the_login_key_of_an_old_pair_logs_in_and_signs_no_document_and_one_key_does_both() {
    assert_eq!(stand().reason("rsa-login"), Some(Reason::WrongPurpose));
    stand().login().assert_valid("rsa-login");
    stand().login().assert_valid("person");
    stand().login().assert_valid("rsa");
    assert_eq!(stand().login().reason("server"), Some(Reason::WrongPurpose));
}

// Chains.

#[test]
fn an_issuer_that_is_not_configured_makes_the_chain_incomplete() {
    let mut stand = stand();
    stand.trust = trust(&["root"], &[]);
    let signer = stand.signer("person");
    assert_eq!((signer.chain, signer.reason), (Chain::Incomplete, Some(Reason::ChainIncomplete)));
    assert_eq!(signer.overall(), Overall::Indeterminate);
    assert_eq!(signer.revocation.as_str(), "unknown");
    stand.trust = TrustStore::new(Stage::Production);
    assert_eq!(stand.reason("person"), Some(Reason::ChainIncomplete));
    assert_eq!(self::stand().reason("issuer-missing"), Some(Reason::ChainIncomplete));
}

#[test]
fn a_known_ca_whose_root_is_missing_makes_the_chain_incomplete() {
    let mut stand = stand();
    stand.trust = trust(&["root-rsa"], &["ca"]);
    assert_eq!(stand.reason("person"), Some(Reason::ChainIncomplete));
}

#[test]
fn foreign_and_self_signed_certificates_are_untrusted() {
    for name in ["foreign", "self-signed"] {
        let mut stand = stand();
        if name == "foreign" {
            stand.trust.add_intermediate(certificate("trust/foreign.cer")).unwrap();
        }
        let signer = stand.signer(name);
        assert_eq!((signer.chain, signer.reason), (Chain::Untrusted, Some(Reason::ChainUntrusted)), "{name}");
        assert_eq!(signer.overall(), Overall::Invalid);
    }
}

#[test]
fn a_certificate_that_only_claims_its_issuer_is_untrusted() {
    let signer = stand().signer("forged");
    assert_eq!(signer.signature, Fact::Ok);
    assert_eq!((signer.chain, signer.reason), (Chain::Untrusted, Some(Reason::ChainUntrusted)));
}

#[test]
fn certificates_of_who_may_not_issue_are_untrusted() {
    // Persons, one with the right bit of keyUsage, a CA one level too deep, one without keyCertSign, and one
    // with a critical extension that nobody understands.
    for name in ["issued-by-person", "issued-by-able-person", "too-deep", "ca-without-right", "strange-ca"] {
        assert_eq!(stand().reason(name), Some(Reason::ChainUntrusted), "{name}");
    }
}

#[test]
fn a_ca_that_was_not_valid_then_is_told() {
    let stand = stand().crls(&["lapsed"]);
    let signer = stand.signer("of-lapsed");
    assert_eq!((signer.chain, signer.reason), (Chain::Untrusted, Some(Reason::AuthorityNotValid)));
}

#[test]
fn production_and_test_never_meet_in_a_trust_store() {
    let mut production = TrustStore::new(Stage::Production);
    assert_eq!(production.add_root(certificate("trust/root.cer")), Err(TrustError::TestInProduction));
    assert_eq!(production.add_intermediate(certificate("trust/ca.cer")), Err(TrustError::TestInProduction));
    production.add_root(certificate("trust/production-named.cer")).unwrap();
    let mut test = TrustStore::new(Stage::Test);
    assert_eq!(test.add_root(certificate("trust/production-named.cer")), Err(TrustError::ProductionInTest));
}

#[test]
fn only_cas_go_into_a_trust_store_and_only_roots_are_trusted() {
    let mut store = TrustStore::new(Stage::Test);
    assert_eq!(store.add_root(certificate("cert/person.cer")), Err(TrustError::NotAuthority));
    assert_eq!(store.add_intermediate(certificate("cert/person.cer")), Err(TrustError::NotAuthority));
    assert_eq!(store.add_root(certificate("trust/ca.cer")), Err(TrustError::NotSelfSigned));
}

// Time.

#[test]
fn expired_and_not_yet_valid_certificates_without_time_stamp_are_invalid() {
    let signer = stand().signer("expired");
    assert_eq!((signer.validity, signer.reason), (Some(Validity::Expired), Some(Reason::CertificateExpired)));
    let signer = stand().signer("not-yet");
    assert_eq!(
        (signer.validity, signer.reason),
        (Some(Validity::NotYet), Some(Reason::CertificateNotYetValid))
    );
    assert_eq!(signer.overall(), Overall::Invalid);
}

#[test]
fn validity_is_judged_at_the_time_stamp() {
    let signer = stand().crls(&["ca-2025"]).signer("stamped-expired");
    assert_eq!((signer.validity, signer.reason), (Some(Validity::Ok), None));
    assert_eq!(signer.judged_at.to_string(), "2025-06-01T10:00:00Z");
    for (name, reason) in [
        ("stamped-after-expiry", Reason::CertificateExpired),
        ("stamped-before-validity", Reason::CertificateNotYetValid),
    ] {
        assert_eq!(stand().reason(name), Some(reason), "{name}");
    }
}

#[test]
fn time_stamps_of_either_algorithm_fit_signatures_of_either() {
    for name in ["stamped-rsa", "stamped-gost"] {
        stand().assert_valid(name);
        assert!(stand().signer(name).time_stamp.unwrap().is_good());
    }
}

#[test]
fn a_time_stamp_that_proves_nothing_is_told_and_proves_nothing() {
    let faults = [
        ("stamped-other-signature", TimeStampFault::OtherSignature),
        ("stamped-bad-signature", TimeStampFault::SignatureBad),
        ("stamped-not-critical", TimeStampFault::NotTimeStamper),
        ("stamped-no-purpose", TimeStampFault::NotTimeStamper),
        ("stamped-foreign", TimeStampFault::ChainIncomplete),
        ("stamped-lapsed", TimeStampFault::NotValidThen),
        ("stamped-revoked-stamper", TimeStampFault::Revoked),
        ("stamped-future", TimeStampFault::FromFuture),
        ("stamped-junk", TimeStampFault::Malformed),
    ];
    for (name, fault) in faults {
        assert_eq!(stamp_fault(&stand(), name), Some(fault), "{name}");
        let signer = stand().signer(name);
        assert_eq!(signer.reason, Some(Reason::TimeStampBad), "{name}");
        assert_eq!((signer.overall(), signer.judged_at), (Overall::Indeterminate, NOW), "{name}");
    }
}

#[test]
fn a_time_stamp_of_a_foreign_root_is_untrusted() {
    let mut stand = stand();
    stand.trust.add_intermediate(certificate("trust/foreign.cer")).unwrap();
    assert_eq!(stamp_fault(&stand, "stamped-foreign"), Some(TimeStampFault::ChainUntrusted));
}

#[test]
fn a_bad_time_stamp_beside_a_good_one_takes_nothing_away() {
    stand().crls(&["ca-2025"]).assert_valid("stamped-bad-then-good");
}

// Old GOST.

#[test]
fn old_gost_is_taken_in_historical_documents_only() {
    let stand = stand().crls(&["ca-old-2024", "root-old", "ca-old"]);
    for name in ["stamped-old", "stamped-old-rsa"] {
        stand.assert_valid(name);
    }
    assert_eq!(stand.reason("old-new"), Some(Reason::AlgorithmHistorical));
    assert_eq!(stand.login().reason("stamped-old"), Some(Reason::AlgorithmHistorical));
}

// What is no signature file.

#[test]
fn files_that_are_damaged_or_too_much_are_refused() {
    let good = data("cms/person.cms");
    let judge = |bytes: &[u8]| stand().judge_bytes(bytes).err();
    assert_eq!(
        judge(&[&good[..], &[1]].concat()),
        Some(VerifyError::Format(FormatError::Trailing { what: "the signature file" }))
    );
    let too_much = |error| matches!(error, Some(VerifyError::Format(FormatError::TooMuch { .. })));
    assert!(too_much(judge(&data("cms/many-signers.cms"))));
    assert!(too_much(judge(&vec![0x30; 10 << 20])));
    assert!(too_much(judge(&[0x30, 0x80].repeat(1000))));
    assert!(too_much(judge(&vec![b'M'; 100 << 20])));
    for wrong in [&b""[..], b"hello", &[0x30], &[0x30, 0x80], &[0x30, 0], &data("cert/person.cer")] {
        assert!(matches!(judge(wrong), Some(VerifyError::Format(_))), "{wrong:?}");
    }
}

#[test]
fn every_shorter_prefix_is_refused() {
    let stand = stand();
    for name in ["person", "streamed", "stamped-rsa"] {
        let good = data(&format!("cms/{name}.cms"));
        for cut in 0..good.len() {
            assert!(stand.judge_bytes(&good[..cut]).is_err(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn no_changed_byte_leads_to_another_document_or_signer() {
    let stand = stand();
    for name in ["person", "rsa"] {
        let good = data(&format!("cms/{name}.cms"));
        let before = stand.judge(name);
        for at in (0..good.len()).step_by(7) {
            let mut changed = good.clone();
            changed[at] ^= 1 << (at / 7 % 8);
            let Ok(verdict) = stand.judge_bytes(&changed) else { continue };
            if verdict.overall() == Overall::Valid {
                assert_eq!(verdict.document, before.document, "{name} byte {at}");
                assert_eq!(verdict.signers[0].certificate, before.signers[0].certificate, "{name} byte {at}");
            }
        }
    }
}

#[test]
fn personal_data_stays_out_of_debug_texts() {
    let text = format!("{:?}", stand().judge("head").signers[0].certificate);
    for part in ["900101300002", "ТЕСТ", "123456789021"] {
        assert!(!text.contains(part), "{text}");
    }
}

#[test]
fn words_of_the_facts_are_those_of_the_interface() {
    assert_eq!(Purpose::Login, Purpose::Login);
    assert_eq!(Revocation::Good.as_str(), "good");
    let words = [Validity::Ok, Validity::Expired, Validity::NotYet].map(Validity::as_str);
    assert_eq!(words, ["ok", "expired", "not_yet"]);
    let words = [Chain::Ok, Chain::Incomplete, Chain::Untrusted].map(Chain::as_str);
    assert_eq!(words, ["ok", "incomplete", "untrusted"]);
}
