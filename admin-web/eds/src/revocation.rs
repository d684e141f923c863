//! Whether certificates were revoked, by lists and answers that came from somewhere and are verified here.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use crate::certificate::Certificate;
use crate::crl::Crl;
use crate::limits::{CLOCK_SKEW_SECONDS, OCSP_AGE_SECONDS_MAX};
use crate::moment::Moment;
use crate::ocsp::{Response, State};
use crate::tlv::FormatError;
use crate::{envelope, limits};

/// Lists and OCSP answers as bytes. Where they came from does not matter: each is verified before it is believed.
#[derive(Clone, Debug, Default)]
pub struct RevocationData {
    /// Revocation lists, full ones and deltas.
    crls: Vec<Vec<u8>>,
    /// OCSP answers.
    ocsp: Vec<Vec<u8>>,
}

impl RevocationData {
    /// Takes a list: DER, base64 or PEM.
    ///
    /// # Errors
    /// It cannot be read. It is kept all the same, so that verdicts say so.
    pub fn add_crl(&mut self, bytes: Vec<u8>) -> Result<(), FormatError> {
        let what = "a revocation list";
        if self.crls.len() == limits::TRUST_MAX {
            return Err(FormatError::TooMuch {
                what: "the number of revocation lists",
                limit: limits::TRUST_MAX,
            });
        }
        let opened = envelope::open(&bytes, what).map(|opened| match opened {
            Cow::Owned(der) => Some(der),
            Cow::Borrowed(_) => None,
        });
        let (der, opened) = match opened {
            Ok(Some(der)) => (der, Ok(())),
            Ok(None) => (bytes, Ok(())),
            Err(error) => (bytes, Err(error)),
        };
        // Walks over all entries, so that a list that breaks off is told now; no certificate has the number zero.
        let read = Crl::read(&der).and_then(|crl| crl.find(&[])).map(|_| ());
        self.crls.push(der);
        opened.and(read)
    }

    /// Takes an OCSP answer in DER.
    ///
    /// # Errors
    /// It cannot be read. It is kept all the same, so that verdicts say so.
    pub fn add_ocsp(&mut self, bytes: Vec<u8>) -> Result<(), FormatError> {
        if self.ocsp.len() == limits::TRUST_MAX {
            return Err(FormatError::TooMuch {
                what: "the number of OCSP answers",
                limit: limits::TRUST_MAX,
            });
        }
        let read = Response::read(&bytes).map(|_| ());
        self.ocsp.push(bytes);
        read
    }
}

/// Why a certificate was revoked (RFC 5280 section 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing is said, or a code without a meaning.
    Unspecified,
    /// The key may be in other hands.
    KeyCompromise,
    /// The CA's key may be in other hands.
    AuthorityCompromise,
    /// The owner's data changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is needed no more.
    CessationOfOperation,
    /// Suspended.
    Hold,
    /// In a delta: not suspended any more.
    RemovedFromList,
    /// The owner may not use it any more.
    PrivilegeWithdrawn,
}

impl Cause {
    pub(crate) fn read(code: &[u8]) -> Self {
        match code {
            [1] => Self::KeyCompromise,
            [2 | 10] => Self::AuthorityCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::Hold,
            [8] => Self::RemovedFromList,
            [9] => Self::PrivilegeWithdrawn,
            _ => Self::Unspecified,
        }
    }

    /// Whether signatures from before the revocation stay what they were: the key was in good hands then.
    pub(crate) fn spares_earlier(self) -> bool {
        match self {
            Self::AffiliationChanged
            | Self::Superseded
            | Self::CessationOfOperation
            | Self::PrivilegeWithdrawn => true,
            Self::Unspecified
            | Self::KeyCompromise
            | Self::AuthorityCompromise
            | Self::Hold
            | Self::RemovedFromList => false,
        }
    }
}

/// Why nothing is known. A later one tells more than an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// There is neither list nor answer about it.
    NoData,
    /// Lists or answers cannot be read.
    Unreadable,
    /// The responder refused to answer, such as by tryLater.
    Refused,
    /// The list or answer is not signed by the issuer or a responder of its choice.
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
            Self::Unreadable => "a revocation list or OCSP answer cannot be read",
            Self::Refused => "the OCSP responder gave no answer; try again later",
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

/// Revocation data in the course of one verification. A list is hashed once, however many signers there are: the
/// national CA's take a quarter of a second.
pub(crate) struct Sources<'a> {
    data: &'a RevocationData,
    /// Which list was held against which issuer, and whether it is of that.
    judged: RefCell<Vec<(usize, Certificate, bool)>>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(data: &'a RevocationData) -> Self {
        Self { data, judged: RefCell::new(Vec::new()) }
    }

    fn is_of(&self, index: usize, crl: &Crl<'_>, issuer: &Certificate) -> bool {
        let mut judged = self.judged.borrow_mut();
        if let Some((.., is_of)) = judged.iter().find(|(at, by, _)| *at == index && by == issuer) {
            return *is_of;
        }
        let is_of = crl.is_of(issuer);
        if judged.len() < JUDGED_MAX {
            judged.push((index, issuer.clone(), is_of));
        }
        is_of
    }
}

/// How many outcomes are kept: lists times the few issuers of one file.
const JUDGED_MAX: usize = 1024;

/// Gathers what several sources say. The newest one counts; of two from one moment the one that says "revoked".
struct Gathered {
    newest: Option<(Moment, Finding)>,
    unknown: Unknown,
}

impl Gathered {
    fn note(&mut self, unknown: Unknown) {
        self.unknown = self.unknown.max(unknown);
    }

    /// Out of date a source proves nothing, except that who was revoked for good stays so.
    fn hear_if(&mut self, is_within: bool, said: Moment, finding: Finding, times: Times) {
        let is_final = matches!(finding, Finding::Revoked { cause, .. } if cause != Cause::Hold);
        if is_within || (is_final && said <= times.now.later(CLOCK_SKEW_SECONDS)) {
            self.hear(said, finding);
        } else {
            self.note(Unknown::OutOfDate);
        }
    }

    fn hear(&mut self, said: Moment, finding: Finding) {
        let is_newer = match self.newest {
            None => true,
            Some((before, _)) => said > before || (said == before && finding != Finding::Good),
        };
        if is_newer {
            self.newest = Some((said, finding));
        }
    }
}

/// What `sources` prove about `certificate`, which `issuer` issued.
pub(crate) fn find(
    certificate: &Certificate,
    issuer: &Certificate,
    sources: &Sources<'_>,
    times: Times,
) -> Finding {
    let mut gathered = Gathered { newest: None, unknown: Unknown::NoData };
    for answer in &sources.data.ocsp {
        ask_answer(answer, certificate, issuer, times, &mut gathered);
    }
    for index in 0..sources.data.crls.len() {
        ask_list(sources, index, certificate, issuer, times, &mut gathered);
    }
    gathered.newest.map_or(Finding::Unknown(gathered.unknown), |(_, finding)| finding)
}

fn ask_answer(
    bytes: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    times: Times,
    gathered: &mut Gathered,
) {
    let answer = match Response::read(bytes) {
        Ok(Response::Answer(answer)) => answer,
        Ok(Response::Refused) => return gathered.note(Unknown::Refused),
        Err(_) => return gathered.note(Unknown::Unreadable),
    };
    let about: Vec<_> = answer.singles.iter().filter(|single| single.is_about(certificate, issuer)).collect();
    if about.is_empty() {
        return;
    }
    if !answer.is_of(issuer) {
        return gathered.note(Unknown::NotEntitled);
    }
    for single in about {
        let finding = match single.state {
            State::Good => Finding::Good,
            State::Revoked { since, cause } => Finding::Revoked { since, cause },
            State::Unknown => Finding::Unknown(Unknown::NotKnown),
        };
        let is_within = times.are_within(single.this_update, single.next_update, OCSP_AGE_SECONDS_MAX);
        gathered.hear_if(is_within, single.this_update, finding, times);
    }
}

fn ask_list(
    sources: &Sources<'_>,
    index: usize,
    certificate: &Certificate,
    issuer: &Certificate,
    times: Times,
    gathered: &mut Gathered,
) {
    let bytes = sources.data.crls.get(index).map_or(&[][..], Vec::as_slice);
    let Ok(crl) = Crl::read(bytes) else { return gathered.note(Unknown::Unreadable) };
    // A list of another issuer says nothing, and the same name of an older generation is another issuer.
    if !sources.is_of(index, &crl, issuer) {
        return;
    }
    // The standard of lists demands nextUpdate: without it a list is over as soon as it is made.
    let is_within = times.are_within(crl.this_update, crl.next_update, 0);
    match crl.find(&certificate.serial) {
        Err(_) => gathered.note(Unknown::Unreadable),
        Ok(Some(entry)) => {
            // Whoever takes back a suspension says so in the next full list as well; until then it stands.
            if entry.cause != Cause::RemovedFromList {
                let finding = Finding::Revoked { since: entry.since, cause: entry.cause };
                gathered.hear_if(is_within, crl.this_update, finding, times);
            }
        }
        // What a delta does not list did not change, which is no news.
        Ok(None) if crl.is_delta => {}
        Ok(None) if crl.this_update > certificate.not_after() && !crl.keeps_expired => {
            gathered.note(Unknown::ExpiredBefore);
        }
        Ok(None) => gathered.hear_if(is_within, crl.this_update, Finding::Good, times),
    }
}
