//! Signature files: whatever comes, there is a verdict or an error, and only signed bytes are valid.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ofd_eds::{Certificate, Fact, Maths, Moment, Overall, Purpose, Question, RevocationData, Stage, TrustStore, verify};

const ROOT: &[u8] = include_bytes!("../../admin-web/eds/tests/data/trust/root-rsa.cer");
const AUTHORITY: &[u8] = include_bytes!("../../admin-web/eds/tests/data/trust/ca-rsa.cer");
const DOCUMENT: &[u8] = include_bytes!("../../admin-web/eds/tests/data/document.txt");

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let mut trust = TrustStore::new(Stage::Test);
    trust.add_root(Certificate::read(ROOT).expect("the root can be read")).expect("it is a root");
    trust.add_intermediate(Certificate::read(AUTHORITY).expect("the CA can be read")).expect("it is a CA");
    trust
});

fuzz_target!(|data: &[u8]| {
    let question = Question {
        cms: data,
        document: Some(DOCUMENT),
        trust: &TRUST,
        revocation: &RevocationData::default(),
        now: Moment::from_unix(1_782_907_200),
        purpose: Purpose::Document,
        maths: &Maths::new(),
    };
    let Ok(verdict) = verify(&question) else { return };
    // Without revocation data nothing can be more than indeterminate.
    assert_ne!(verdict.overall(), Overall::Valid);
    for signer in &verdict.signers {
        assert!(signer.reason.is_some());
        assert!(
            signer.digest != Fact::Ok || verdict.document.as_deref().is_none_or(|document| document == DOCUMENT)
        );
    }
});
