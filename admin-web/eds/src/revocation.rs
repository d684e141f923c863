//! Whether certificates were revoked, by lists and answers that came from somewhere and are verified here.

use std::fmt;

use crate::certificate::Certificate;
use crate::crl::Crl;
use crate::limits::{CLOCK_SKEW_SECONDS, OCSP_AGE_SECONDS_MAX};
use crate::moment::Moment;
use crate::ocsp::{Response, State};
use crate::{envelope, limits};

/// Lists and OCSP answers as bytes. Where they came from does not matter: each is verified before it is believed.
#[derive(Clone, Debug, Default)]
pub struct RevocationData {
    /// Revocation lists, full ones and deltas.
    pub crls: Vec<Vec<u8>>,
    /// OCSP answers.
    pub ocsp: Vec<Vec<u8>>,
}

impl RevocationData {
    /// Takes a list: DER, base64 or PEM. What is in it is looked at when it is needed.
    pub fn add_crl(&mut self, bytes: Vec<u8>) {
        if self.crls.len() < limits::TRUST_MAX {
            self.crls.push(match envelope::open(&bytes, "a revocation list") {
                Ok(std::borrow::Cow::Owned(opened)) => opened,
                Ok(std::borrow::Cow::Borrowed(_)) | Err(_) => bytes,
            });
        }
    }

    /// Takes an OCSP answer.
    pub fn add_ocsp(&mut self, bytes: Vec<u8>) {
        if self.ocsp.len() < limits::TRUST_MAX {
            self.ocsp.push(bytes);
        }
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
            Self::AffiliationChanged | Self::Superseded | Self::CessationOfOperation | Self::PrivilegeWithdrawn => true,
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
            Self::ExpiredBefore => "the revocation list is newer than the certificate and leaves out expired ones",
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

/// Gathers what several sources say. The newest one counts; of two from one moment the one that says "revoked".
struct Gathered {
    newest: Option<(Moment, Finding)>,
    unknown: Unknown,
}

impl Gathered {
    fn note(&mut self, unknown: Unknown) {
        self.unknown = self.unknown.max(unknown);
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

/// What `data` proves about `certificate`, which `issuer` issued.
pub(crate) fn find(
    certificate: &Certificate,
    issuer: &Certificate,
    data: &RevocationData,
    times: Times,
) -> Finding {
    let mut gathered = Gathered { newest: None, unknown: Unknown::NoData };
    for answer in &data.ocsp {
        ask_answer(answer, certificate, issuer, times, &mut gathered);
    }
    for crl in &data.crls {
        ask_list(crl, certificate, issuer, times, &mut gathered);
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
        if !times.are_within(single.this_update, single.next_update, OCSP_AGE_SECONDS_MAX) {
            gathered.note(Unknown::OutOfDate);
            continue;
        }
        match single.state {
            State::Good => gathered.hear(single.this_update, Finding::Good),
            State::Revoked { since, cause } => gathered.hear(single.this_update, Finding::Revoked { since, cause }),
            State::Unknown => gathered.note(Unknown::NotKnown),
        }
    }
}

fn ask_list(
    bytes: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    times: Times,
    gathered: &mut Gathered,
) {
    let Ok(crl) = Crl::read(bytes) else { return gathered.note(Unknown::Unreadable) };
    // A list of another issuer says nothing, and the same name of an older generation is another issuer.
    if !crl.is_of(issuer) {
        return;
    }
    // The standard of lists demands nextUpdate: without it a list is over as soon as it is made.
    if !times.are_within(crl.this_update, crl.next_update, 0) {
        return gathered.note(Unknown::OutOfDate);
    }
    match crl.find(&certificate.serial) {
        Err(_) => gathered.note(Unknown::Unreadable),
        Ok(Some(entry)) => {
            // Whoever takes back a suspension says so in the next full list as well; until then it stands.
            if entry.cause != Cause::RemovedFromList {
                gathered.hear(crl.this_update, Finding::Revoked { since: entry.since, cause: entry.cause });
            }
        }
        // What a delta does not list did not change, which is no news.
        Ok(None) if crl.is_delta => {}
        Ok(None) if crl.this_update > certificate.not_after() && !crl.keeps_expired => {
            gathered.note(Unknown::ExpiredBefore);
        }
        Ok(None) => gathered.hear(crl.this_update, Finding::Good),
    }
}
