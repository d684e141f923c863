//! What the page of the signature check shows.

use ofd_eds::{
    Chain, Evidence, Moment, Overall, Owner, Reason, Revocation, Role, SignerVerdict, Source, TimeStampFault,
    Unknown, Validity,
};
use ofd_office::signatures::Judged;

use super::rules::{CheckResult, certificate_result, shown_name};
use crate::words::Words;

/// A line of the signer's particulars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) label: String,
    pub(super) value: String,
}

/// How a verdict looks: green, amber, red. The text says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tone {
    /// The class of the card.
    pub(super) card: &'static str,
    /// The class of the badge.
    pub(super) badge: &'static str,
}

impl Tone {
    fn of(overall: Overall) -> Self {
        match overall {
            Overall::Valid => Self { card: "good", badge: "" },
            Overall::Invalid => Self { card: "bad", badge: "bad" },
            Overall::Indeterminate => Self { card: "notice", badge: "warn" },
        }
    }
}

/// A check and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckLine {
    pub(super) label: String,
    pub(super) result: String,
    /// For the eye; the text says the same.
    pub(super) is_warning: bool,
    /// A part of the check above it.
    pub(super) is_part: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignerView {
    pub(super) title: String,
    pub(super) state: String,
    pub(super) tone: Tone,
    pub(super) reason: Option<String>,
    pub(super) owner: Vec<Line>,
    pub(super) checks: Vec<CheckLine>,
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerdictView {
    /// The word that programs know.
    pub(super) code: &'static str,
    pub(super) tone: Tone,
    /// The same in the page's language.
    pub(super) state: String,
    pub(super) heading: String,
    pub(super) text: String,
    /// The files, when they were checked, and by whom.
    pub(super) about: Vec<Line>,
    /// Where the document was.
    pub(super) place: String,
    pub(super) has_document: bool,
    pub(super) signers: Vec<SignerView>,
}

/// Puts a verdict into words.
pub(super) struct Composer<'a> {
    pub(super) words: Words<'a>,
    /// A moment as the page writes it.
    pub(super) moment: &'a dyn Fn(Moment) -> String,
    /// What was checked.
    pub(super) checked: Checked<'a>,
}

/// What was checked, as the page, and its print, tell it.
#[derive(Clone, Copy)]
pub(super) struct Checked<'a> {
    /// The name of the signature file.
    pub(super) file: &'a str,
    /// The name of the document beside it.
    pub(super) document: Option<&'a str>,
    pub(super) at: Moment,
    /// On which site.
    pub(super) site: &'a str,
}

impl Composer<'_> {
    pub(super) fn compose(&self, judged: &Judged) -> VerdictView {
        let (words, verdict) = (&self.words, &judged.verdict);
        let overall = verdict.overall();
        let count = verdict.signers.len();
        let number = u64::try_from(count).unwrap_or(u64::MAX);
        let (heading, text) = match overall {
            _ if verdict.reason() == Some(Reason::CertificatesOnly) => {
                (words.say("signature-none"), words.say(reason_key(Reason::CertificatesOnly)))
            }
            _ if count == 0 => (words.say("signature-none"), words.say("signature-none-text")),
            Overall::Valid => (words.say_count("signature-valid", number), words.say("signature-valid-text")),
            Overall::Invalid => {
                (words.say_count("signature-invalid", number), words.say("signature-invalid-text"))
            }
            Overall::Indeterminate => (words.say("signature-open"), words.say("signature-open-text")),
        };
        let place = match judged.inside_len {
            Some(len) => words.say_with("signature-inside", &len.to_string()),
            None => words.say("signature-apart"),
        };
        let signers = verdict.signers.iter().enumerate();
        VerdictView {
            code: overall.as_str(),
            tone: Tone::of(overall),
            state: self.state(overall),
            heading,
            text,
            about: self.about(),
            place,
            has_document: judged.inside_len.is_some(),
            signers: signers.map(|(index, signer)| self.signer(signer, index + 1, count)).collect(),
        }
    }

    fn signer(&self, signer: &SignerVerdict, number: usize, count: usize) -> SignerView {
        let words = &self.words;
        let (number, of) = (number.to_string(), count.to_string());
        let title = if count == 1 {
            words.say("signature-signer")
        } else {
            words.say_values("signature-signer-of", &[("number", &number), ("count", &of)])
        };
        SignerView {
            title,
            state: self.state(signer.overall()),
            tone: Tone::of(signer.overall()),
            reason: signer.reason.map(|reason| words.say(reason_key(reason))),
            owner: self.owner(signer),
            checks: self.checks(signer),
        }
    }

    fn state(&self, overall: Overall) -> String {
        self.words.say(match overall {
            Overall::Valid => "signature-state-good",
            Overall::Invalid => "signature-state-bad",
            Overall::Indeterminate => "signature-state-open",
        })
    }

    fn about(&self) -> Vec<Line> {
        let Checked { file, document, at, site } = self.checked;
        let lines = [
            ("signature-cms", Some(shown_name(file))),
            ("signature-document", document.map(shown_name)),
            ("signature-checked-at", Some((self.moment)(at))),
            ("signature-checked-on", Some(site.to_owned())),
        ];
        let lines = lines.into_iter().filter_map(|(key, value)| Some((key, value?)));
        lines
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| Line { label: self.words.say(key), value })
            .collect()
    }

    fn owner(&self, signer: &SignerVerdict) -> Vec<Line> {
        let words = &self.words;
        let signed_at = match &signer.time_stamp {
            None => words.say("signature-signed-unknown"),
            Some(stamp) => match stamp.time.filter(|_| stamp.is_good()) {
                Some(time) => (self.moment)(time),
                None => words.say("signature-signed-unproven"),
            },
        };
        let mut lines = Vec::new();
        if let Some(certificate) = &signer.certificate {
            let subject = certificate.subject();
            let roles: Vec<_> =
                certificate.roles().into_iter().map(|role| words.say(role_key(role))).collect();
            let (from, until) =
                ((self.moment)(certificate.not_before()), (self.moment)(certificate.not_after()));
            let term = words.say_values("signature-term-text", &[("from", &from), ("until", &until)]);
            let known = [
                ("signature-name", subject.full_name()),
                ("signature-iin", subject.iin.clone()),
                ("signature-bin", subject.bin.clone()),
                ("signature-organisation", subject.organisation.clone()),
                ("signature-template", Some(words.say(owner_key(subject.owner())))),
                ("signature-roles", Some(roles.join(", ")).filter(|roles| !roles.is_empty())),
                ("signature-serial", Some(certificate.serial())),
                ("signature-term", Some(term)),
                ("signature-issuer", signer.authorities.first().cloned()),
            ];
            lines.extend(known.into_iter().filter_map(|(key, value)| Some(self.line(key, value?))));
        }
        lines.push(self.line("signature-signed-at", signed_at));
        lines.push(self.line("signature-judged-at", (self.moment)(signer.judged_at)));
        lines
    }

    fn line(&self, key: &str, value: String) -> Line {
        Line { label: self.words.say(key), value }
    }

    fn checks(&self, signer: &SignerVerdict) -> Vec<CheckLine> {
        let words = &self.words;
        let mut checks = vec![
            self.check("signature-result", CheckResult::of_fact(signer.signature)),
            self.check("signature-result-document", CheckResult::of_fact(signer.digest)),
            self.check("signature-result-certificate", certificate_result(signer)),
        ];
        if signer.certificate.is_some() {
            let chain = match signer.chain {
                Chain::Ok => (CheckResult::Passed, signer.authorities.join(" → ")),
                Chain::Incomplete => (CheckResult::Open, words.say("signature-chain-incomplete")),
                Chain::Untrusted => (CheckResult::Failed, words.say("signature-chain-untrusted")),
            };
            checks.push(self.part("signature-result-chain", chain));
            checks.push(self.part("signature-result-term", self.term(signer.validity)));
            checks.push(self.part("signature-result-revocation", self.revocation(signer)));
        }
        checks.push(self.stamp(signer));
        checks
    }

    fn check(&self, key: &str, result: CheckResult) -> CheckLine {
        let is_warning = result != CheckResult::Passed;
        CheckLine { label: self.words.say(key), result: self.result(result), is_warning, is_part: false }
    }

    fn part(&self, key: &str, (result, detail): (CheckResult, String)) -> CheckLine {
        let said = self.result(result);
        let text = if detail.is_empty() { said } else { format!("{said}: {detail}") };
        CheckLine {
            label: self.words.say(key),
            result: text,
            is_warning: result != CheckResult::Passed,
            is_part: true,
        }
    }

    fn result(&self, result: CheckResult) -> String {
        match result {
            CheckResult::Passed => self.words.say("signature-passed"),
            CheckResult::Failed => self.words.say("signature-failed"),
            CheckResult::Open => self.words.say("signature-undecided"),
        }
    }

    fn term(&self, validity: Option<Validity>) -> (CheckResult, String) {
        match validity {
            Some(Validity::Ok) => (CheckResult::Passed, String::new()),
            Some(Validity::Expired) => (CheckResult::Failed, self.words.say("signature-expired")),
            Some(Validity::NotYet) => (CheckResult::Failed, self.words.say("signature-not-yet")),
            None => (CheckResult::Failed, self.words.say("signature-no-certificate")),
        }
    }

    fn revocation(&self, signer: &SignerVerdict) -> (CheckResult, String) {
        let words = &self.words;
        let (result, said) = match signer.revocation {
            Revocation::Good => (CheckResult::Passed, words.say("signature-not-revoked")),
            Revocation::Revoked(since) => {
                (CheckResult::Failed, words.say_with("signature-revoked", &(self.moment)(since)))
            }
            Revocation::Unknown(why) => (CheckResult::Open, words.say(unknown_key(why))),
        };
        let by = signer.evidence.map(|Evidence { source, said }| {
            let at = (self.moment)(said);
            match source {
                Source::Answer => words.say_with("signature-by-ocsp", &at),
                Source::List => words.say_with("signature-by-crl", &at),
            }
        });
        (result, by.map_or_else(|| said.clone(), |by| format!("{said} ({by})")))
    }

    fn stamp(&self, signer: &SignerVerdict) -> CheckLine {
        let words = &self.words;
        let label = words.say("signature-result-stamp");
        let (is_warning, result) = match &signer.time_stamp {
            None => (false, words.say("signature-stamp-absent")),
            Some(stamp) => match (stamp.fault, stamp.time) {
                (Some(fault), _) => {
                    (true, format!("{}: {}", words.say("signature-failed"), words.say(stamp_key(fault))))
                }
                (None, Some(time)) => (false, words.say_with("signature-stamp-good", &(self.moment)(time))),
                (None, None) => (false, words.say("signature-passed")),
            },
        };
        CheckLine { label, result, is_warning, is_part: false }
    }
}

fn owner_key(owner: Owner) -> &'static str {
    match owner {
        Owner::Individual => "signature-owner-individual",
        Owner::OrganisationPerson => "signature-owner-organisation-person",
        Owner::InformationSystem => "signature-owner-system",
        Owner::Other => "signature-owner-other",
    }
}

fn role_key(role: Role) -> &'static str {
    match role {
        Role::Individual => "signature-role-individual",
        Role::IndividualSystem => "signature-role-individual-system",
        Role::Organisation => "signature-role-organisation",
        Role::Head => "signature-role-head",
        Role::Signatory => "signature-role-signatory",
        Role::FinancialSignatory => "signature-role-financial-signatory",
        Role::Personnel => "signature-role-personnel",
        Role::Employee => "signature-role-employee",
        Role::OrganisationSystem => "signature-role-organisation-system",
        Role::AuthorityStaff => "signature-role-authority-staff",
        Role::Identification => "signature-role-identification",
        Role::Treasury => "signature-role-treasury",
    }
}

/// The text that explains a reason.
fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::NoSigners => "signature-why-no-signers",
        Reason::CertificatesOnly => "signature-why-certificates-only",
        Reason::NoSignerCertificate => "signature-why-no-signer-certificate",
        Reason::SignerCertificateUnreadable => "signature-why-certificate-unreadable",
        Reason::NoSignedAttributes => "signature-why-no-signed-attributes",
        Reason::AttributesMalformed => "signature-why-attributes-malformed",
        Reason::ContentTypeMismatch => "signature-why-content-type",
        Reason::AlgorithmNotAllowed => "signature-why-algorithm",
        Reason::AlgorithmUnknown => "signature-why-algorithm-unknown",
        Reason::KeyTooWeak => "signature-why-key-weak",
        Reason::OverLimit => "signature-why-over-limit",
        Reason::AlgorithmHistorical => "signature-why-algorithm-historical",
        Reason::SignatureBad => "signature-why-signature-bad",
        Reason::DigestBad => "signature-why-digest-bad",
        Reason::SigningCertificateMismatch => "signature-why-other-certificate",
        Reason::WrongPurpose => "signature-why-purpose",
        Reason::ChainUntrusted => "signature-why-untrusted",
        Reason::CertificateRevoked => "signature-why-revoked",
        Reason::AuthorityRevoked => "signature-why-authority-revoked",
        Reason::TimeStampBad => "signature-why-stamp",
        Reason::AuthorityNotValid => "signature-why-authority-term",
        Reason::CertificateExpired => "signature-why-expired",
        Reason::CertificateNotYetValid => "signature-why-not-yet",
        Reason::RevokedAfterTimeStamp => "signature-why-revoked-later",
        Reason::ChainIncomplete => "signature-why-incomplete",
        Reason::RevocationUnknown => "signature-why-revocation-unknown",
        Reason::AuthorityRevocationUnknown => "signature-why-authority-unknown",
    }
}

fn unknown_key(why: Unknown) -> &'static str {
    match why {
        Unknown::NoData => "signature-unknown-no-data",
        Unknown::NoAnswer => "signature-unknown-no-answer",
        Unknown::Unreadable => "signature-unknown-unreadable",
        Unknown::Refused => "signature-unknown-refused",
        Unknown::Unchecked => "signature-unknown-unchecked",
        Unknown::ListNotEntitled => "signature-unknown-list-not-entitled",
        Unknown::ListNotUnderstood => "signature-unknown-list-not-understood",
        Unknown::NotEntitled => "signature-unknown-not-entitled",
        Unknown::OutOfDate => "signature-unknown-out-of-date",
        Unknown::ExpiredBefore => "signature-unknown-expired-before",
        Unknown::NotKnown => "signature-unknown-not-known",
    }
}

fn stamp_key(fault: TimeStampFault) -> &'static str {
    match fault {
        TimeStampFault::Malformed => "signature-stamp-malformed",
        TimeStampFault::OtherSignature => "signature-stamp-other",
        TimeStampFault::NoCertificate => "signature-stamp-no-certificate",
        TimeStampFault::AlgorithmNotAllowed => "signature-stamp-algorithm",
        TimeStampFault::KeyTooWeak => "signature-stamp-key-weak",
        TimeStampFault::OverLimit => "signature-stamp-over-limit",
        TimeStampFault::SignatureBad => "signature-stamp-signature",
        TimeStampFault::NotTimeStamper => "signature-stamp-purpose",
        TimeStampFault::ChainIncomplete => "signature-stamp-incomplete",
        TimeStampFault::ChainUntrusted => "signature-stamp-untrusted",
        TimeStampFault::NotValidThen => "signature-stamp-term",
        TimeStampFault::Revoked => "signature-stamp-revoked",
        TimeStampFault::FromFuture => "signature-stamp-future",
    }
}
