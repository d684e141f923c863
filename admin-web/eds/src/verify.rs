//! The verification of a signature file.

use std::io::Read;

use crate::algorithm::Scheme;
use crate::algorithm::Unchecked;
use crate::certificate::{Certificate, KeyUsage};
use crate::cms::{self, SignedData, Signer};
use crate::fact::Fact;
use crate::hash::HashAlgorithm;
use crate::maths::Maths;
use crate::moment::Moment;
use crate::oid;
use crate::revocation::{Evidence, Finding, Issued, Outcome, RevocationData, Sources, Times, Unknown, find};
use crate::signer::{self, Checked, Content, SignerFault};
use crate::time_stamp::{Judge, TimeStamp};
use crate::tlv::FormatError;
use crate::trust::{ChainFault, TrustStore};
use crate::verdict::{Chain, Reason, Revocation, SignerVerdict, Validity, Verdict};

/// The last second of 2025-06-25 in UTC, the day when the national CA for GOST 34.310-2004 expired. Signatures of that
/// kind are historical documents up to here.
const GOST_2004_LAST: Moment = Moment::from_unix(1_750_895_999);

/// What a signature is to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody signed a document.
    Document,
    /// Somebody has the key now.
    Login,
}

/// What is to be verified, and against what.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The signature file: DER, BER, base64 or PEM.
    pub cms: &'a [u8],
    /// The document, where it is not in the file. Given beside a file that holds one, both must be equal.
    pub document: Option<&'a [u8]>,
    /// Whom to trust.
    pub trust: &'a TrustStore,
    /// What is known of revocations.
    pub revocation: &'a RevocationData,
    /// The moment of the verification.
    pub now: Moment,
    /// What it is for.
    pub purpose: Purpose,
    /// The work that it may take. Of two questions about one file the second one finds here what the first computed.
    pub maths: &'a Maths,
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is no signature file, or over a limit.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The file does not hold the document.
    #[error("the signature is detached: the document that was signed is needed as well")]
    DocumentMissing,
}

/// Why there is no verdict over a document that is read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There would be none over the same document in memory.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The document cannot be read.
    #[error("the document cannot be read")]
    Document(#[source] std::io::Error),
}

impl From<FormatError> for ReadError {
    fn from(error: FormatError) -> Self {
        Self::Verify(error.into())
    }
}

/// Verifies every signer of a file.
///
/// # Errors
/// The file cannot be read, or the document is needed and not given.
pub fn verify(question: &Question<'_>) -> Result<Verdict, VerifyError> {
    let der = cms::to_der(question.cms)?;
    let data = SignedData::read(&der)?;
    let document = match data.content.or(question.document) {
        Some(document) => document,
        // Over nothing nobody's signature is missing.
        None if data.signers.is_empty() => &[],
        None => return Err(VerifyError::DocumentMissing),
    };
    let is_other_document = question.document.is_some_and(|given| given != document);
    Ok(judge_all(question, &data, &Content::new(document), is_other_document))
}

/// The same over a document that is read piece by piece, once: it may be larger than memory. What the question has for a
/// document is not looked at.
///
/// # Errors
/// The file or the document cannot be read.
pub fn verify_reading(question: &Question<'_>, document: impl Read) -> Result<Verdict, ReadError> {
    let der = cms::to_der(question.cms)?;
    let data = SignedData::read(&der)?;
    // A document in the file is compared with the one that is read by this one.
    let mut wanted = vec![HashAlgorithm::Sha256];
    wanted.extend(data.signers.iter().filter_map(Signer::hash));
    let read = Content::read(document, &wanted).map_err(ReadError::Document)?;
    let Some(inside) = data.content else { return Ok(judge_all(question, &data, &read, false)) };
    let inside = Content::new(inside);
    let is_other_document = inside.hash(HashAlgorithm::Sha256) != read.hash(HashAlgorithm::Sha256);
    Ok(judge_all(question, &data, &inside, is_other_document))
}

fn judge_all(
    question: &Question<'_>,
    data: &SignedData<'_>,
    content: &Content<'_>,
    is_other_document: bool,
) -> Verdict {
    let sources = Sources::new(question.revocation, question.maths);
    let signers = data.signers.iter().map(|signer| {
        let mut findings = check(question, data, signer, content);
        for finding in findings.iter_mut().filter(|_| is_other_document) {
            finding.digest = Fact::Bad;
            finding.fault = finding.fault.or(Some(SignerFault::DigestBad));
        }
        judge(question, &sources, data, signer, &findings)
    });
    let signers = signers.flatten().collect();
    let has_certificates = !data.certificates.is_empty();
    Verdict { signers, has_certificates, document: data.content.map(<[u8]>::to_vec) }
}

fn check<'a>(
    question: &Question<'_>,
    data: &'a SignedData<'_>,
    signer: &Signer<'_>,
    content: &Content<'_>,
) -> Vec<Checked<'a>> {
    let certificates: Vec<_> = data.certificates.iter().collect();
    let case = signer::Case {
        signer,
        content_type: data.content_type.as_bytes(),
        content,
        certificates: &certificates,
        has_unreadable: data.has_unreadable,
        maths: question.maths,
    };
    case.check()
}

/// The document inside a signature file; `None`: it lies elsewhere. Nothing is verified.
///
/// # Errors
/// It is no signature file, or over a limit.
pub fn document(cms: &[u8]) -> Result<Option<Vec<u8>>, FormatError> {
    let der = cms::to_der(cms)?;
    Ok(SignedData::read(&der)?.content.map(<[u8]>::to_vec))
}

/// Whose revocation matters to a question: the signers, their time stampers, and the CAs above them up to the root, which
/// is not among them. Only certificates with a chain to a trusted root are, so whoever looks them up asks about nobody's
/// invention. The document is not looked at.
///
/// # Errors
/// It is no signature file, or over a limit.
pub fn revocation_needs(question: &Question<'_>) -> Result<Vec<Issued>, FormatError> {
    let der = cms::to_der(question.cms)?;
    let data = SignedData::read(&der)?;
    let (nothing, sources) = (Content::new(&[]), Sources::new(question.revocation, question.maths));
    for signer in &data.signers {
        judge(question, &sources, &data, signer, &check(question, &data, signer, &nothing));
    }
    Ok(sources.into_asked())
}

/// The verdict on a signer. Each finding is with another certificate, all of one key: whoever lays a further one beside
/// the right one changes nothing, so the best counts, and of equal ones the first.
fn judge(
    question: &Question<'_>,
    sources: &Sources<'_>,
    data: &SignedData<'_>,
    signer: &Signer<'_>,
    findings: &[Checked<'_>],
) -> Option<SignerVerdict> {
    let (trust, maths, now) = (question.trust, question.maths, question.now);
    let stamps = Judge { trust, revocation: sources, maths, others: &data.certificates, now };
    let time_stamp = stamps.best(signer.unsigned.all(oid::TIME_STAMP_TOKEN), &Content::new(signer.signature));
    let verdicts = findings.iter().map(|checked| judge_one(question, sources, data, checked, time_stamp));
    verdicts.min_by_key(SignerVerdict::overall)
}

fn judge_one(
    question: &Question<'_>,
    sources: &Sources<'_>,
    data: &SignedData<'_>,
    checked: &Checked<'_>,
    time_stamp: Option<TimeStamp>,
) -> SignerVerdict {
    let proven = time_stamp.filter(TimeStamp::is_good).and_then(|stamp| stamp.time);
    let judged_at = proven.unwrap_or(question.now);
    let mut verdict = SignerVerdict {
        certificate: checked.certificate.cloned(),
        signature: checked.signature,
        digest: checked.digest,
        chain: Chain::Incomplete,
        authorities: Vec::new(),
        validity: None,
        revocation: Revocation::Unknown(Unknown::NoData),
        evidence: None,
        time_stamp,
        judged_at,
        reason: checked.fault.map(crypto_reason),
    };
    let Some(certificate) = checked.certificate else { return verdict };
    verdict.validity = Some(validity(certificate, judged_at));
    let mut found = Found::default();
    let others: Vec<_> = data.certificates.iter().collect();
    match question.trust.chain(certificate, &others, judged_at, question.maths) {
        Ok(chain) => {
            verdict.chain = Chain::Ok;
            let names = chain.iter().skip(1).filter_map(|authority| authority.subject().common_name.clone());
            verdict.authorities = names.collect();
            found.look(&chain, sources, Times { judged: judged_at, now: question.now });
            (verdict.revocation, verdict.evidence) = found.revocation();
        }
        Err(fault) => {
            verdict.chain = match fault {
                ChainFault::IssuerUnknown | ChainFault::Unchecked(_) => Chain::Incomplete,
                ChainFault::Forged
                | ChainFault::RootUnknown
                | ChainFault::NotAuthority
                | ChainFault::AuthorityNotValid => Chain::Untrusted,
            };
            found.chain = Some(fault);
        }
    }
    verdict.reason =
        verdict.reason.or_else(|| reason(question.purpose, certificate, checked.scheme, &verdict, &found));
    verdict
}

/// What was found above the certificate.
#[derive(Default)]
struct Found {
    chain: Option<ChainFault>,
    certificate: Option<Outcome>,
    /// The worst of the CAs below the root.
    authorities: Option<Outcome>,
    /// When a certificate was revoked after the judged moment, for a cause that puts earlier signatures in doubt.
    doubtful: Option<Moment>,
}

impl Found {
    fn look(&mut self, chain: &[&Certificate], sources: &Sources<'_>, times: Times) {
        for (level, pair) in chain.windows(2).enumerate() {
            let [certificate, issuer] = pair else { continue };
            let mut outcome = find(certificate, issuer, sources, times);
            if let Finding::Revoked { since, cause } = outcome.finding
                && since > times.judged
            {
                if !cause.spares_earlier() {
                    self.doubtful.get_or_insert(since);
                }
                outcome.finding = Finding::Good;
            }
            if level == 0 {
                self.certificate = Some(outcome);
            } else if self.authorities.is_none_or(|before| badness(outcome.finding) > badness(before.finding))
            {
                self.authorities = Some(outcome);
            }
        }
    }

    fn certificate(&self) -> Option<Finding> {
        self.certificate.map(|outcome| outcome.finding)
    }

    fn authorities(&self) -> Option<Finding> {
        self.authorities.map(|outcome| outcome.finding)
    }

    /// The certificate's own state, unless a CA above it is worse, and what it rests on.
    fn revocation(&self) -> (Revocation, Option<Evidence>) {
        let nothing = Outcome { finding: Finding::Unknown(Unknown::NoData), evidence: None };
        let own = self.certificate.unwrap_or(nothing);
        let above = self.authorities.filter(|above| badness(above.finding) > badness(own.finding));
        let Outcome { finding, evidence } = above.unwrap_or(own);
        let revocation = match (finding, self.doubtful) {
            (Finding::Revoked { since, .. }, _) | (_, Some(since)) => Revocation::Revoked(since),
            (Finding::Good, None) => Revocation::Good,
            (Finding::Unknown(unknown), None) => Revocation::Unknown(unknown),
        };
        (revocation, evidence)
    }
}

fn badness(finding: Finding) -> u8 {
    match finding {
        Finding::Good => 0,
        Finding::Unknown(_) => 1,
        Finding::Revoked { .. } => 2,
    }
}

fn validity(certificate: &Certificate, at: Moment) -> Validity {
    if at < certificate.not_before() {
        Validity::NotYet
    } else if at > certificate.not_after() {
        Validity::Expired
    } else {
        Validity::Ok
    }
}

fn crypto_reason(fault: SignerFault) -> Reason {
    match fault {
        SignerFault::NoCertificate => Reason::NoSignerCertificate,
        SignerFault::CertificateUnreadable => Reason::SignerCertificateUnreadable,
        SignerFault::NoSignedAttributes => Reason::NoSignedAttributes,
        SignerFault::AttributesMalformed => Reason::AttributesMalformed,
        SignerFault::ContentTypeMismatch => Reason::ContentTypeMismatch,
        SignerFault::Unchecked(why) => unchecked_reason(why),
        SignerFault::SignatureBad => Reason::SignatureBad,
        SignerFault::DigestBad => Reason::DigestBad,
        SignerFault::CertificateMismatch => Reason::SigningCertificateMismatch,
    }
}

fn unchecked_reason(why: Unchecked) -> Reason {
    match why {
        Unchecked::Unknown => Reason::AlgorithmUnknown,
        Unchecked::NotAllowed => Reason::AlgorithmNotAllowed,
        Unchecked::WeakKey => Reason::KeyTooWeak,
        Unchecked::OverLimit => Reason::OverLimit,
    }
}

/// The first reason not to take a signature whose mathematics holds. What is wrong goes before what is not known, and a
/// time stamp that proves nothing goes before everything that depends on the time.
fn reason(
    purpose: Purpose,
    certificate: &Certificate,
    scheme: Option<Scheme>,
    verdict: &SignerVerdict,
    found: &Found,
) -> Option<Reason> {
    if !is_for(purpose, certificate) {
        return Some(Reason::WrongPurpose);
    }
    if scheme == Some(Scheme::Gost2004) && (purpose == Purpose::Login || verdict.judged_at > GOST_2004_LAST) {
        return Some(Reason::AlgorithmHistorical);
    }
    if let Some(ChainFault::Forged | ChainFault::RootUnknown | ChainFault::NotAuthority) = found.chain {
        return Some(Reason::ChainUntrusted);
    }
    if let Some(Finding::Revoked { .. }) = found.certificate() {
        return Some(Reason::CertificateRevoked);
    }
    if let Some(Finding::Revoked { .. }) = found.authorities() {
        return Some(Reason::AuthorityRevoked);
    }
    if verdict.time_stamp.is_some_and(|stamp| !stamp.is_good()) {
        return Some(Reason::TimeStampBad);
    }
    match verdict.validity {
        Some(Validity::Expired) => return Some(Reason::CertificateExpired),
        Some(Validity::NotYet) => return Some(Reason::CertificateNotYetValid),
        Some(Validity::Ok) | None => {}
    }
    match found.chain {
        Some(ChainFault::IssuerUnknown) => return Some(Reason::ChainIncomplete),
        Some(ChainFault::Unchecked(why)) => return Some(unchecked_reason(why)),
        Some(_) => return Some(Reason::AuthorityNotValid),
        None => {}
    }
    if found.doubtful.is_some() {
        return Some(Reason::RevokedAfterTimeStamp);
    }
    match (found.certificate(), found.authorities()) {
        (Some(Finding::Good), None | Some(Finding::Good)) => None,
        (Some(Finding::Good), Some(_)) => Some(Reason::AuthorityRevocationUnknown),
        (_, _) => Some(Reason::RevocationUnknown),
    }
}

/// Whether a certificate is for this. Today's certificates have one key for everything; of the older pairs the one for
/// signing lacks clientAuth, and the one for login lacks nonRepudiation. Certificates without extKeyUsage exist.
fn is_for(purpose: Purpose, certificate: &Certificate) -> bool {
    if certificate.authority().is_some() || certificate.has_unknown_critical() {
        return false;
    }
    let is_listed = certificate.extended_usage().is_none()
        || certificate.has_purpose(oid::EMAIL_PROTECTION)
        || !certificate.roles().is_empty();
    match purpose {
        Purpose::Document => is_listed && certificate.may(KeyUsage::NON_REPUDIATION),
        Purpose::Login => {
            (is_listed || certificate.has_purpose(oid::CLIENT_AUTH))
                && certificate.may(KeyUsage::DIGITAL_SIGNATURE)
        }
    }
}
