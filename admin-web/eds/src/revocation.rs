//! Whether certificates were revoked, by lists and answers that came from somewhere and are verified here.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use crate::algorithm::Unchecked;
use crate::cause::Cause;
use crate::certificate::Certificate;
use crate::crl::{Crl, RevocationList, Standing};
use crate::limits::{CLOCK_SKEW_SECONDS, OCSP_AGE_SECONDS_MAX, TRUST_MAX};
use crate::maths::{Maths, Proof};
use crate::moment::Moment;
use crate::ocsp::{Response, State};
use crate::tlv::FormatError;

/// Lists and OCSP answers. Where they came from does not matter: each is verified before it is believed.
#[derive(Clone, Debug, Default)]
pub struct RevocationData {
    /// Revocation lists, full ones and deltas.
    lists: Vec<Arc<RevocationList>>,
    /// How many lists could not be read.
    unreadable: usize,
    /// OCSP answers as they came.
    ocsp: Vec<Vec<u8>>,
    /// Whom a responder was asked about in vain, and why.
    unanswered: Vec<(Certificate, Unknown)>,
    /// What [`RevocationData::demand_answers`] asked for.
    are_answers_demanded: bool,
}

impl RevocationData {
    /// Takes a list: DER, base64 or PEM.
    ///
    /// # Errors
    /// It cannot be read. Verdicts then say that there was one.
    pub fn add_crl(&mut self, bytes: Vec<u8>) -> Result<(), FormatError> {
        match RevocationList::read(bytes) {
            Ok(list) => self.add_list(Arc::new(list)),
            Err(error) => {
                self.unreadable = self.unreadable.saturating_add(1);
                Err(error)
            }
        }
    }

    /// Takes a list that was read before.
    ///
    /// # Errors
    /// There are too many.
    pub fn add_list(&mut self, list: Arc<RevocationList>) -> Result<(), FormatError> {
        if self.lists.len() == TRUST_MAX {
            return Err(FormatError::TooMuch { what: "the number of revocation lists", limit: TRUST_MAX });
        }
        self.lists.push(list);
        Ok(())
    }

    /// The lists that can be read.
    pub fn lists(&self) -> &[Arc<RevocationList>] {
        &self.lists
    }

    /// Notes that a responder was asked about `certificate` and told nothing.
    pub fn add_unanswered(&mut self, certificate: Certificate, why: Unknown) {
        if self.unanswered.len() < TRUST_MAX {
            self.unanswered.push((certificate, why));
        }
    }

    /// From here on a list alone does not prove that a certificate is good, unless it is a CA's: an OCSP answer must.
    /// What lists say of revoked certificates counts all the same.
    pub fn demand_answers(&mut self) {
        self.are_answers_demanded = true;
    }

    /// Takes an OCSP answer in DER.
    ///
    /// # Errors
    /// It cannot be read. It is kept all the same, so that verdicts say so.
    pub fn add_ocsp(&mut self, bytes: Vec<u8>) -> Result<(), FormatError> {
        if self.ocsp.len() == TRUST_MAX {
            return Err(FormatError::TooMuch { what: "the number of OCSP answers", limit: TRUST_MAX });
        }
        let read = Response::read(&bytes).map(|_| ());
        self.ocsp.push(bytes);
        read
    }
}

/// Why nothing is known. A later one tells more than an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// There is neither list nor answer about it.
    NoData,
    /// The OCSP responder was not reached, or its answer was to another question.
    NoAnswer,
    /// Lists or answers cannot be read.
    Unreadable,
    /// The responder refused to answer, such as by tryLater.
    Refused,
    /// The list or answer is signed by an algorithm that is not known here, or its check would take more work than one
    /// verification may cost.
    Unchecked,
    /// There is a list with the CA's name that the CA did not sign.
    ListNotEntitled,
    /// There is a list of the CA that limits itself in a way that is not understood.
    ListNotUnderstood,
    /// The answer is not signed by the issuer or a responder of its choice.
    NotEntitled,
    /// The list or answer is out of date, or from the future.
    OutOfDate,
    /// The list was made after the certificate expired, and leaves expired ones out.
    ExpiredBefore,
    /// The responder does not know the certificate.
    NotKnown,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoData => "there is no revocation list and no OCSP answer about it",
            Self::NoAnswer => "the OCSP responder gave no answer about it; try again later",
            Self::Unreadable => "a revocation list or OCSP answer cannot be read",
            Self::Refused => "the OCSP responder gave no answer; try again later",
            Self::Unchecked => {
                "the signature of the revocation list or OCSP answer about it cannot be checked"
            }
            Self::ListNotEntitled => "there is a revocation list with its CA's name that the CA did not sign",
            Self::ListNotUnderstood => {
                "there is a revocation list of its CA that limits itself in a way that is not understood"
            }
            Self::NotEntitled => "the OCSP answer about it is not signed by whoever may",
            Self::OutOfDate => "the revocation list or OCSP answer about it is out of date",
            Self::ExpiredBefore => {
                "the revocation list is newer than the certificate and leaves out expired ones"
            }
            Self::NotKnown => "the OCSP responder does not know it",
        })
    }
}

/// What is known of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    Good,
    Revoked { since: Moment, cause: Cause },
    Unknown(Unknown),
}

/// What kind of data spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A revocation list.
    List,
    /// An OCSP answer.
    Answer,
}

/// What the state of a certificate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What said it.
    pub source: Source,
    /// When it was said: thisUpdate.
    pub said: Moment,
}

/// What is known of one certificate, and by what; without evidence nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) finding: Finding,
    pub(crate) evidence: Option<Evidence>,
}

/// A certificate, and that of the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate that may be revoked.
    pub certificate: Certificate,
    /// The certificate of the CA that issued it.
    pub issuer: Certificate,
}

/// When and against what a certificate is judged.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// The moment whose state is asked for.
    pub(crate) judged: Moment,
    /// The moment of the asking.
    pub(crate) now: Moment,
}

impl Times {
    /// Whether what was said then still counts: not from the future, and not expired at the judged moment. What was
    /// said after the judged moment counts as well, since revocations do not vanish.
    fn are_within(self, this_update: Moment, next_update: Option<Moment>, age_max: i64) -> bool {
        let last = next_update.unwrap_or_else(|| this_update.later(age_max));
        this_update <= self.now.later(CLOCK_SKEW_SECONDS) && self.judged <= last
    }
}

/// Revocation data in the course of one verification. Everything is read once, however many signers there are.
pub(crate) struct Sources<'a> {
    data: &'a RevocationData,
    maths: &'a Maths,
    answers: Vec<Result<Response<'a>, FormatError>>,
    /// Which list was held against which issuer, and what it is to that.
    judged: RefCell<Vec<(usize, Certificate, Standing)>>,
    /// Whose state was asked for.
    asked: RefCell<Vec<Issued>>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(data: &'a RevocationData, maths: &'a Maths) -> Self {
        let answers = data.ocsp.iter().map(|bytes| Response::read(bytes)).collect();
        Self { data, maths, answers, judged: RefCell::default(), asked: RefCell::default() }
    }

    /// Whose state was asked for so far, each once.
    pub(crate) fn into_asked(self) -> Vec<Issued> {
        self.asked.into_inner()
    }

    fn note_asked(&self, certificate: &Certificate, issuer: &Certificate) {
        let mut asked = self.asked.borrow_mut();
        let is_known = asked.iter().any(|one| one.certificate == *certificate && one.issuer == *issuer);
        if !is_known {
            asked.push(Issued { certificate: certificate.clone(), issuer: issuer.clone() });
        }
    }

    fn standing(
        &self,
        (index, list): (usize, &RevocationList),
        crl: &Crl<'_>,
        issuer: &Certificate,
    ) -> Standing {
        let mut judged = self.judged.borrow_mut();
        if let Some((.., standing)) = judged.iter().find(|(at, by, _)| *at == index && by == issuer) {
            return *standing;
        }
        let standing = list.standing(crl, issuer, self.maths);
        if judged.len() < JUDGED_MAX {
            judged.push((index, issuer.clone(), standing));
        }
        standing
    }
}

/// How many outcomes are kept: lists times the few issuers of one file.
const JUDGED_MAX: usize = 1024;

/// Gathers what several sources say. A final revocation counts whatever is said later: nobody's stolen key is given
/// back. Otherwise the newest one counts; of two from one moment the one that says "revoked".
struct Gathered {
    newest: Option<(Evidence, Finding)>,
    /// The worst final revocation.
    ended: Option<(Evidence, Moment, Cause)>,
    unknown: Unknown,
}

impl Gathered {
    fn note(&mut self, unknown: Unknown) {
        self.unknown = self.unknown.max(unknown);
    }

    /// Out of date a source proves nothing, except that who was revoked for good stays so.
    fn hear_if(&mut self, is_within: bool, evidence: Evidence, finding: Finding, times: Times) {
        let is_final = matches!(finding, Finding::Revoked { cause, .. } if cause != Cause::Hold);
        if is_within || (is_final && evidence.said <= times.now.later(CLOCK_SKEW_SECONDS)) {
            self.hear(evidence, finding);
        } else {
            self.note(Unknown::OutOfDate);
        }
    }

    fn hear(&mut self, evidence: Evidence, finding: Finding) {
        if let Finding::Revoked { since, cause } = finding
            && cause != Cause::Hold
        {
            // One that puts earlier signatures in doubt, then the earliest.
            let badness = |since: Moment, cause: Cause| (cause.spares_earlier(), since);
            let is_worse =
                |(_, before, by): &(Evidence, Moment, Cause)| badness(since, cause) < badness(*before, *by);
            if self.ended.as_ref().is_none_or(is_worse) {
                self.ended = Some((evidence, since, cause));
            }
        }
        let is_newer = match self.newest {
            None => true,
            Some((before, _)) => {
                evidence.said > before.said || (evidence.said == before.said && finding != Finding::Good)
            }
        };
        if is_newer {
            self.newest = Some((evidence, finding));
        }
    }
}

/// What `sources` prove about `certificate`, which `issuer` issued.
pub(crate) fn find(
    certificate: &Certificate,
    issuer: &Certificate,
    sources: &Sources<'_>,
    times: Times,
) -> Outcome {
    sources.note_asked(certificate, issuer);
    let mut gathered = Gathered { newest: None, ended: None, unknown: Unknown::NoData };
    for (_, why) in sources.data.unanswered.iter().filter(|(asked, _)| asked == certificate) {
        gathered.note(*why);
    }
    if sources.data.unreadable > 0 {
        gathered.note(Unknown::Unreadable);
    }
    for answer in &sources.answers {
        ask_answer(answer, (certificate, issuer), sources.maths, times, &mut gathered);
    }
    for list in sources.data.lists.iter().enumerate() {
        ask_list(sources, list, certificate, issuer, times, &mut gathered);
    }
    let revoked = gathered.ended.map(|(by, since, cause)| (by, Finding::Revoked { since, cause }));
    match revoked.or(gathered.newest) {
        Some((evidence, finding)) => Outcome { finding, evidence: Some(evidence) },
        None => Outcome { finding: Finding::Unknown(gathered.unknown), evidence: None },
    }
}

fn ask_answer(
    answer: &Result<Response<'_>, FormatError>,
    (certificate, issuer): (&Certificate, &Certificate),
    maths: &Maths,
    times: Times,
    gathered: &mut Gathered,
) {
    let answer = match answer {
        Ok(Response::Answer(answer)) => answer,
        Ok(Response::Refused) => return gathered.note(Unknown::Refused),
        Err(_) => return gathered.note(Unknown::Unreadable),
    };
    let about: Vec<_> = answer.singles.iter().filter(|single| single.is_about(certificate, issuer)).collect();
    if about.is_empty() {
        return;
    }
    match answer.is_of(issuer, maths) {
        Proof::Holds => {}
        Proof::Fails => return gathered.note(Unknown::NotEntitled),
        Proof::Unchecked(_) => return gathered.note(Unknown::Unchecked),
    }
    for single in about {
        let finding = match single.state {
            State::Good => Finding::Good,
            State::Revoked { since, cause } => Finding::Revoked { since, cause },
            State::Unknown => Finding::Unknown(Unknown::NotKnown),
        };
        let is_within = times.are_within(single.this_update, single.next_update, OCSP_AGE_SECONDS_MAX);
        let evidence = Evidence { source: Source::Answer, said: single.this_update };
        gathered.hear_if(is_within, evidence, finding, times);
    }
}

fn ask_list(
    sources: &Sources<'_>,
    (index, list): (usize, &Arc<RevocationList>),
    certificate: &Certificate,
    issuer: &Certificate,
    times: Times,
    gathered: &mut Gathered,
) {
    let Ok(crl) = list.crl() else { return gathered.note(Unknown::Unreadable) };
    // A list of another issuer says nothing, and the same name of an older generation is another issuer.
    match sources.standing((index, list), &crl, issuer) {
        Standing::Counts => {}
        Standing::Other => return,
        Standing::NotEntitled => return gathered.note(Unknown::ListNotEntitled),
        Standing::NotUnderstood => return gathered.note(Unknown::ListNotUnderstood),
        Standing::Unchecked(Unchecked::WeakKey) => return gathered.note(Unknown::ListNotEntitled),
        Standing::Unchecked(_) => return gathered.note(Unknown::Unchecked),
    }
    // The standard of lists demands nextUpdate: without it a list is over as soon as it is made.
    let is_within = times.are_within(crl.this_update, crl.next_update, 0);
    let evidence = Evidence { source: Source::List, said: crl.this_update };
    match list.find(&crl, &certificate.serial) {
        Err(_) => gathered.note(Unknown::Unreadable),
        Ok(Some(entry)) => {
            // Whoever takes back a suspension says so in the next full list as well; until then it stands.
            if entry.cause != Cause::RemovedFromList {
                let finding = Finding::Revoked { since: entry.since, cause: entry.cause };
                gathered.hear_if(is_within, evidence, finding, times);
            }
        }
        // What a delta does not list did not change, which is no news.
        Ok(None) if crl.is_delta => {}
        Ok(None) if crl.this_update > certificate.not_after() && !crl.keeps_expired => {
            gathered.note(Unknown::ExpiredBefore);
        }
        Ok(None) if sources.data.are_answers_demanded && certificate.authority().is_none() => {
            gathered.note(Unknown::NoAnswer);
        }
        Ok(None) => gathered.hear_if(is_within, evidence, Finding::Good, times),
    }
}
