//! Files of other programs' habits, each with its right verdict, which was found with OpenSSL and by arithmetic of its own.

use std::path::PathBuf;

use ofd_eds::{
    Certificate, Fact, FormatError, Maths, Moment, Overall, Purpose, Question, Reason, RevocationData, Stage,
    TrustStore, Verdict, VerifyError, verify,
};

use crate::stand::data;

/// 2026-11-30T00:00:00Z, when the lists of `trust-mini` are in force.
const MINI: (&str, Moment) = ("trust-mini", Moment::from_unix(1_795_996_800));
/// 2018-08-28T09:00:00Z, of `trust-2004`.
const OLD: (&str, Moment) = ("trust-2004", Moment::from_unix(1_535_446_800));

fn files(folder: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases").join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file")).collect()
}

fn judge((folder, now): (&str, Moment), name: &str) -> Result<Verdict, VerifyError> {
    let mut trust = TrustStore::new(Stage::Production);
    for root in files(&format!("{folder}/roots")) {
        trust.add_root(Certificate::read(&root).expect("a root")).expect("it is trusted");
    }
    for one in files(&format!("{folder}/intermediates")) {
        trust.add_intermediate(Certificate::read(&one).expect("an authority")).expect("it is taken");
    }
    let mut revocation = RevocationData::default();
    for list in files(&format!("{folder}/crl")) {
        revocation.add_crl(list).expect("a list");
    }
    verify(&Question {
        cms: &data(&format!("cases/made/{name}.cms")),
        document: None,
        trust: &trust,
        revocation: &revocation,
        now,
        purpose: Purpose::Document,
        maths: &Maths::new(),
    })
}

fn assert_valid(trust: (&str, Moment), name: &str) {
    let verdict = judge(trust, name).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(verdict.overall(), Overall::Valid, "{name}: {:?}", verdict.signers);
    for signer in verdict.signers {
        assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Ok), "{name}");
    }
}

#[test]
fn files_as_other_programs_write_them_are_valid() {
    for name in [
        "baseline",
        "ber-nested-pieces",
        "der-trailing-nul",
        "extra-v1-cert",
        "ess-sha512",
        "ts-good",
        "ts-imprint-sha512",
        "sid-ski",
    ] {
        assert_valid(MINI, name);
    }
}

#[test]
fn old_gost_is_read_as_native_kalkan_and_tumar_csp_wrote_it() {
    for name in ["gost2004-control", "gost2004-tumar-like", "gost2004-signature-key-oid"] {
        assert_valid(OLD, name);
    }
}

#[test]
fn an_issuer_of_another_name_is_none_whatever_its_key() {
    let verdict = judge(MINI, "issuer-name-differs-aki-fits").unwrap();
    assert_eq!(verdict.signers[0].reason, Some(Reason::ChainIncomplete));
    assert_eq!(verdict.overall(), Overall::Indeterminate);
}

#[test]
fn one_bad_signer_of_two_makes_the_file_invalid() {
    let verdict = judge(MINI, "two-signers-one-bad").unwrap();
    assert_eq!((verdict.signers.len(), verdict.overall()), (2, Overall::Invalid));
}

#[test]
fn more_signers_than_the_limit_are_no_verdict_and_the_limit_is_named() {
    let error = judge(MINI, "certs-33-signers").unwrap_err();
    let VerifyError::Format(FormatError::TooMuch { limit, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(*limit, 32);
    assert!(error.to_string().contains("number of signers") && error.to_string().contains("32"), "{error}");
}
