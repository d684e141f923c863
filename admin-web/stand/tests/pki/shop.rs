//! What the tests of chains and files share: a root, a CA below it, and one way to judge what somebody signed.

use std::sync::LazyLock;

use ofd_eds::{
    Certificate, Maths, Moment, Purpose, Question, Reason, RevocationData, SignerVerdict, Stage, TrustStore,
    Verdict, verify,
};
use ofd_stand::workshop::{Draft, Habits, Made, file, signer};

use crate::stand::{NOW, TEXT, only};

pub(crate) static ROOT: LazyLock<Made> = LazyLock::new(|| Draft::authority("root", NOW).self_signed());
pub(crate) static CA: LazyLock<Made> = LazyLock::new(|| Draft::authority("ca", NOW).by(&ROOT));

pub(crate) fn person(label: &str) -> Made {
    Draft::person(label, NOW).by(&CA)
}

/// What a file is judged with.
pub(crate) struct Judge<'a> {
    pub(crate) intermediates: Vec<&'a Made>,
    pub(crate) lists: Vec<Vec<u8>>,
    pub(crate) maths: Maths,
}

impl Judge<'_> {
    pub(crate) fn of<'a>(intermediates: &[&'a Made]) -> Judge<'a> {
        Judge { intermediates: intermediates.to_vec(), lists: Vec::new(), maths: Maths::new() }
    }

    pub(crate) fn judge(&self, cms: &[u8]) -> Verdict {
        let mut trust = TrustStore::new(Stage::Test);
        trust.add_root(ROOT.certificate()).unwrap();
        for one in &self.intermediates {
            trust.add_intermediate(Certificate::read(one.der()).unwrap()).unwrap();
        }
        let mut revocation = RevocationData::default();
        for list in &self.lists {
            revocation.add_crl(list.clone()).unwrap();
        }
        let question = Question {
            cms,
            document: None,
            trust: &trust,
            revocation: &revocation,
            now: NOW,
            purpose: Purpose::Document,
            maths: &self.maths,
        };
        verify(&question).unwrap()
    }
}

/// With the CA of all, and lists in force of it and its root that revoke nobody.
pub(crate) fn judge() -> Judge<'static> {
    let mut judge = Judge::of(&[&CA]);
    judge.lists = vec![CA.list(&[], NOW), ROOT.list(&[], NOW)];
    judge
}

/// The verdict on the only signer of a file that holds these certificates besides.
pub(crate) fn with_beside(by: &Made, habits: &Habits, certificates: &[&[u8]]) -> SignerVerdict {
    only(judge().judge(&file(TEXT, &[signer(by, TEXT, habits)], certificates)))
}

/// The verdict on what `by` signed with the CAs above it in the file, up to the one root that is trusted. Without lists a
/// chain that holds leaves only revocation unknown.
pub(crate) fn below(by: &Made, authorities: &[&Made]) -> SignerVerdict {
    let certificates: Vec<_> =
        std::iter::once(by).chain(authorities.iter().copied()).map(Made::der).collect();
    only(Judge::of(&[]).judge(&file(TEXT, &[signer(by, TEXT, &Habits::default())], &certificates)))
}

pub(crate) const HOLDS: Option<Reason> = Some(Reason::RevocationUnknown);
pub(crate) const UNTRUSTED: Option<Reason> = Some(Reason::ChainUntrusted);

/// A day of the past.
pub(crate) fn day(count: i64) -> Moment {
    crate::stand::days(count)
}
