//! What the tests share: the data that data/make.py made, and one way to put a question.

use std::io::Read;
use std::path::PathBuf;

use ofd_eds::{
    Certificate, Maths, Moment, Overall, Purpose, Question, Reason, RevocationData, SignerVerdict, Stage,
    TrustStore, Verdict, VerifyError, verify, verify_reading,
};

/// 2026-07-01T12:00:00Z, between the lists' thisUpdate and nextUpdate.
pub(crate) const NOW: Moment = Moment::from_unix(1_782_907_200);

pub(crate) fn data(path: &str) -> Vec<u8> {
    let whole = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
    std::fs::read(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

pub(crate) fn certificate(path: &str) -> Certificate {
    Certificate::read(&data(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Gives a few bytes at a time, and between them asks to try again.
struct InPieces<'a>(&'a [u8], bool);

impl Read for InPieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let few = to.len().min(7);
        self.0.read(to.get_mut(..few).unwrap_or_default())
    }
}

/// A question with everything that is needed for a good answer; tests take away or add.
pub(crate) struct Stand {
    pub(crate) trust: TrustStore,
    pub(crate) revocation: RevocationData,
    pub(crate) now: Moment,
    pub(crate) purpose: Purpose,
    pub(crate) document: Option<Vec<u8>>,
}

pub(crate) fn trust(roots: &[&str], intermediates: &[&str]) -> TrustStore {
    let mut trust = TrustStore::new(Stage::Test);
    for root in roots {
        trust
            .add_root(certificate(&format!("trust/{root}.cer")))
            .unwrap_or_else(|error| panic!("{root}: {error}"));
    }
    for one in intermediates {
        trust
            .add_intermediate(certificate(&format!("trust/{one}.cer")))
            .unwrap_or_else(|error| panic!("{one}: {error}"));
    }
    trust
}

pub(crate) fn stand() -> Stand {
    Stand {
        trust: trust(&["root", "root-rsa", "root-old"], &["ca", "ca-rsa", "ca-old", "lapsed"]),
        revocation: RevocationData::default(),
        now: NOW,
        purpose: Purpose::Document,
        document: None,
    }
    .crls(&["ca", "root", "ca-rsa", "root-rsa"])
}

impl Stand {
    pub(crate) fn no_revocation_data(mut self) -> Self {
        self.revocation = RevocationData::default();
        self
    }

    pub(crate) fn crls(mut self, names: &[&str]) -> Self {
        for name in names {
            self.revocation
                .add_crl(data(&format!("crl/{name}.crl")))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        self
    }

    pub(crate) fn ocsp(mut self, names: &[&str]) -> Self {
        for name in names {
            self.revocation
                .add_ocsp(data(&format!("ocsp/{name}.ocsp")))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        self
    }

    pub(crate) fn document(mut self, document: &[u8]) -> Self {
        self.document = Some(document.to_vec());
        self
    }

    pub(crate) fn login(mut self) -> Self {
        self.purpose = Purpose::Login;
        self
    }

    /// A document is judged in memory and as it is read, which must come to the same.
    pub(crate) fn judge_bytes(&self, cms: &[u8]) -> Result<Verdict, VerifyError> {
        let question = Question {
            cms,
            document: self.document.as_deref(),
            trust: &self.trust,
            revocation: &self.revocation,
            now: self.now,
            purpose: self.purpose,
            maths: &Maths::new(),
        };
        let verdict = verify(&question);
        if let Some(document) = &self.document {
            let unknown = Question { document: None, ..question };
            let read = verify_reading(&unknown, InPieces(document, false)).map_err(|error| error.to_string());
            let whole = verdict.as_ref().map_err(ToString::to_string);
            assert_eq!(format!("{read:?}"), format!("{whole:?}"));
        }
        verdict
    }

    pub(crate) fn judge(&self, name: &str) -> Verdict {
        self.judge_bytes(&data(&format!("cms/{name}.cms"))).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The verdict on the only signer.
    pub(crate) fn signer(&self, name: &str) -> SignerVerdict {
        let mut verdict = self.judge(name);
        assert_eq!(verdict.signers.len(), 1, "{name}");
        verdict.signers.remove(0)
    }

    pub(crate) fn reason(&self, name: &str) -> Option<Reason> {
        self.signer(name).reason
    }

    pub(crate) fn assert_valid(&self, name: &str) {
        let verdict = self.judge(name);
        let reasons: Vec<_> = verdict.signers.iter().map(|signer| signer.reason).collect();
        assert_eq!(verdict.overall(), Overall::Valid, "{name}: {reasons:?}");
    }
}
