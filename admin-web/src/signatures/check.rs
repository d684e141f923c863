//! The service that checks signatures.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use metrics::counter;
use ofd_eds::{
    FormatError, Issued, Moment, NONCE_BYTES, Overall, Purpose, Question, RevocationData, Stage, TrustStore,
    Unknown, Verdict, VerifyError, revocation_needs, verify,
};
use serde::Deserialize;
use tokio::time::Instant;

use super::address::{Address, AddressError};
use super::answers::{Answers, Told};
use super::fetch::Fetcher;
use super::limits::{
    CHECKS_MAX, COMPUTING_MAX, DOCUMENT_CHECKS_MAX, DOCUMENT_COMPUTING_MAX, LISTS_MAX, LOOK_UP_WITHIN,
    LOOKED_UP_MAX, RESPONDERS_MAX, SMALL_UPLOAD_BYTES_MAX, SMALL_UPLOADS_MAX, SMALL_UPLOADS_PER_ADDRESS_MAX,
    UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX,
};
use super::lists::{HeldList, Lists};
use super::places::{CheckPlace, CheckPlaces, Upload, UploadPlaces};
use super::trust_folder::{TrustFolder, TrustFolderError};

/// What proves at a login that a certificate is not revoked. Documents may always rest on either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationPolicy {
    /// An OCSP answer. Without one nobody gets in.
    #[default]
    Require,
    /// An OCSP answer, or a revocation list in force.
    CachedCrl,
}

/// What the checks are set up with.
#[derive(Clone, Debug)]
pub struct SignaturesConfig {
    /// The trust folder.
    pub trust: PathBuf,
    /// OCSP responders, each asked when those before it gave no answer.
    pub ocsp: Vec<String>,
    /// Revocation lists, full ones and deltas.
    pub crls: Vec<String>,
    /// What proves at a login that a certificate is not revoked.
    pub revocation: RevocationPolicy,
}

/// Why the checks cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SignaturesConfigError {
    /// The trust folder is not in order.
    #[error(transparent)]
    Trust(#[from] TrustFolderError),
    /// An address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Too many addresses.
    #[error("there are more than {max} addresses of {what}; take out what is not needed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// Nobody could ever log in.
    #[error(
        "logins require an OCSP answer and no responder is named; name one in `ocsp`, or set revocation = \"cached_crl\""
    )]
    NoResponder,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum SignaturesError {
    /// Too many checks at once.
    #[error("too many signatures are being checked; try again in a few seconds")]
    Busy,
    /// It is no signature file, or over a limit.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The file does not hold the document.
    #[error("the signature is detached: the document that was signed is needed as well")]
    DocumentMissing,
    /// Our fault.
    #[error("the check failed")]
    Failed(#[from] tokio::task::JoinError),
}

impl From<VerifyError> for SignaturesError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Format(error) => Self::Format(error),
            VerifyError::DocumentMissing => Self::DocumentMissing,
        }
    }
}

struct Inner {
    is_set_up: bool,
    trust: Arc<TrustStore>,
    /// What lies in the trust folder.
    revocation: RevocationData,
    /// Of the above the lists that a trusted CA signed.
    own_lists: Vec<HeldList>,
    policy: RevocationPolicy,
    answers: Answers,
    lists: Lists,
    fetcher: Arc<Fetcher>,
    checks: CheckPlaces,
    computing: CheckPlaces,
    uploads: UploadPlaces,
    small_uploads: UploadPlaces,
}

/// Checks signatures. Clones share everything.
#[derive(Clone)]
pub struct Signatures {
    inner: Arc<Inner>,
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signatures").field("is_set_up", &self.inner.is_set_up).finish_non_exhaustive()
    }
}

fn addresses(
    texts: &[String],
    what: &'static str,
    max: usize,
) -> Result<Vec<Address>, SignaturesConfigError> {
    if texts.len() > max {
        return Err(SignaturesConfigError::TooMany { what, max });
    }
    Ok(texts.iter().map(|text| Address::parse(text)).collect::<Result<_, _>>()?)
}

impl Signatures {
    /// Without anybody to trust: every signature is untrusted.
    pub fn none() -> Self {
        let folder = TrustFolder::default();
        Self::over(
            folder,
            RevocationPolicy::Require,
            Vec::new(),
            Vec::new(),
            Box::new(|| [0; NONCE_BYTES]),
            false,
        )
    }

    /// Reads the trust folder. `nonce` gives fresh random bytes; `warn` hears of what proves nothing.
    ///
    /// # Errors
    /// The config cannot be used.
    pub fn new(
        config: &SignaturesConfig,
        nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Self, SignaturesConfigError> {
        let responders = addresses(&config.ocsp, "OCSP responders", RESPONDERS_MAX)?;
        let lists = addresses(&config.crls, "revocation lists", LISTS_MAX)?;
        if responders.is_empty() && config.revocation == RevocationPolicy::Require {
            return Err(SignaturesConfigError::NoResponder);
        }
        let folder = TrustFolder::read(&config.trust, warn)?;
        if folder.trust.is_empty() {
            warn("there is no root in the trust folder: every signature will be untrusted");
        }
        Ok(Self::over(folder, config.revocation, responders, lists, nonce, true))
    }

    fn over(
        folder: TrustFolder,
        policy: RevocationPolicy,
        responders: Vec<Address>,
        lists: Vec<Address>,
        nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
        is_set_up: bool,
    ) -> Self {
        let TrustFolder { trust, revocation } = folder;
        let own = revocation.lists().iter();
        let own_lists = own.filter_map(|list| HeldList::of(Arc::clone(list), &trust)).collect();
        let known = responders.iter().chain(&lists).cloned().collect();
        Self {
            inner: Arc::new(Inner {
                is_set_up,
                trust: Arc::new(trust),
                revocation,
                own_lists,
                policy,
                answers: Answers::new(responders, nonce),
                lists: Lists::new(lists),
                fetcher: Arc::new(Fetcher::new(known)),
                checks: CheckPlaces::new(CHECKS_MAX, DOCUMENT_CHECKS_MAX),
                computing: CheckPlaces::new(COMPUTING_MAX, DOCUMENT_COMPUTING_MAX),
                uploads: UploadPlaces::new(UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX),
                small_uploads: UploadPlaces::new(SMALL_UPLOADS_MAX, SMALL_UPLOADS_PER_ADDRESS_MAX),
            }),
        }
    }

    /// Whether there is a trust folder. If not, nobody can sign in by certificate, and pages say so.
    pub fn is_set_up(&self) -> bool {
        self.inner.is_set_up
    }

    /// Whether certificates of people or of test CAs are trusted.
    pub fn stage(&self) -> Stage {
        self.inner.trust.stage()
    }

    /// The right to read an upload of at most `len_max` bytes from `address` into memory. Taken before its first byte is
    /// read, so that memory is bounded.
    ///
    /// # Errors
    /// [`SignaturesError::Busy`]
    pub fn upload(&self, address: IpAddr, len_max: usize) -> Result<Upload, SignaturesError> {
        let is_small = len_max <= SMALL_UPLOAD_BYTES_MAX;
        let places = if is_small { &self.inner.small_uploads } else { &self.inner.uploads };
        places.take(address).ok_or(SignaturesError::Busy)
    }

    /// Checks a signature file, with revocation data from the trust folder and from the addresses of the config.
    ///
    /// # Errors
    /// There is no verdict.
    pub async fn verify(
        &self,
        cms: Bytes,
        document: Option<Bytes>,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Verdict, SignaturesError> {
        let result = self.check(cms, document, purpose, now).await;
        let operation = match purpose {
            Purpose::Document => "document",
            Purpose::Login => "login",
        };
        let outcome = match &result {
            Ok(verdict) => match verdict.overall() {
                Overall::Valid => "valid",
                Overall::Invalid => "invalid",
                Overall::Indeterminate => "indeterminate",
            },
            Err(SignaturesError::Format(_)) => "unreadable",
            Err(SignaturesError::DocumentMissing) => "document_missing",
            Err(SignaturesError::Busy) => "busy",
            Err(SignaturesError::Failed(_)) => "failed",
        };
        counter!("ofd_admin_web_signature_checks_total", "operation" => operation, "outcome" => outcome)
            .increment(1);
        result
    }

    /// The document inside a signature file; `None`: it lies elsewhere. Nothing is checked.
    ///
    /// # Errors
    /// It is no signature file, or nobody has time for it.
    pub async fn extract(&self, cms: Bytes) -> Result<Option<Vec<u8>>, SignaturesError> {
        let place = self.place(Purpose::Document)?;
        Ok(self.compute(&place, move || ofd_eds::document(&cms)).await??)
    }

    async fn check(
        &self,
        cms: Bytes,
        document: Option<Bytes>,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Verdict, SignaturesError> {
        let place = self.place(purpose)?;
        let case = Arc::new(Case { trust: Arc::clone(&self.inner.trust), cms, document, purpose, now });
        let about = Arc::clone(&case);
        let needs = move || revocation_needs(&about.question(&RevocationData::default()));
        let needs = self.compute(&place, needs).await??;
        let revocation = self.look_up(needs, purpose, now).await;
        Ok(self.compute(&place, move || verify(&case.question(&revocation))).await??)
    }

    fn place(&self, purpose: Purpose) -> Result<Arc<CheckPlace>, SignaturesError> {
        self.inner.checks.try_take(purpose).map(Arc::new).ok_or(SignaturesError::Busy)
    }

    /// Runs what takes a core for long where it holds up nobody else.
    async fn compute<T: Send + 'static>(
        &self,
        place: &Arc<CheckPlace>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SignaturesError> {
        let turn = self.inner.computing.take(place.purpose).await.ok_or(SignaturesError::Busy)?;
        // Place and turn go with the work: whoever asked may be gone before it is done.
        let held = (Arc::clone(place), turn);
        let task = tokio::task::spawn_blocking(move || {
            let _held = held;
            work()
        });
        Ok(task.await?)
    }

    /// All that can be found out in time. What could not is noted as such.
    async fn look_up(&self, needs: Vec<Issued>, purpose: Purpose, now: Moment) -> RevocationData {
        let inner = &self.inner;
        let mut data = inner.revocation.clone();
        if purpose == Purpose::Login && inner.policy == RevocationPolicy::Require {
            data.demand_answers();
        }
        if needs.is_empty() {
            return data;
        }
        let deadline = Instant::now() + LOOK_UP_WITHIN;
        inner.lists.refresh(&inner.fetcher, &inner.trust, now);
        let is_all_told = self.ask(needs, &mut data, now, deadline).await;
        if !is_all_told {
            inner.lists.wait(now, deadline).await;
        }
        for held in inner.lists.held() {
            // The config names fewer lists than fit.
            let _ = data.add_list(held.list);
        }
        data
    }

    /// Asks the responders about everybody at once. Returns whether everything definite was told.
    async fn ask(
        &self,
        needs: Vec<Issued>,
        data: &mut RevocationData,
        now: Moment,
        deadline: Instant,
    ) -> bool {
        let inner = &self.inner;
        if inner.answers.is_empty() {
            return false;
        }
        let held = inner.lists.held();
        let mut is_all_told = needs.len() <= LOOKED_UP_MAX;
        let mut asked = Vec::new();
        for about in needs.into_iter().take(LOOKED_UP_MAX) {
            // Responders of people's certificates know nothing of CAs: their roots publish lists.
            let is_authority = about.certificate.authority().is_some();
            let mut lists = held.iter().chain(&inner.own_lists);
            if is_authority && lists.any(|list| list.covers(&about.issuer, now)) {
                continue;
            }
            let (shared, certificate) = (Arc::clone(inner), about.certificate.clone());
            // Goes on without us, so that an answer that comes too late for us is there for the next one.
            let task = tokio::spawn(async move {
                let asking = shared.answers.ask(&about, &shared.fetcher, now);
                tokio::time::timeout(LOOK_UP_WITHIN, asking).await
            });
            asked.push((certificate, task));
        }
        for (certificate, task) in asked {
            let told = match tokio::time::timeout_at(deadline, task).await {
                Ok(Ok(Ok(told))) => told,
                // Too late, or the task failed.
                _ => Told::Nothing(Unknown::NoAnswer),
            };
            is_all_told &= matches!(told, Told::Definite(_));
            match told {
                Told::Definite(answer) | Told::NotKnown(answer) => {
                    // It was read before. Of too many the rest is unknown.
                    let _ = data.add_ocsp(answer.into());
                }
                Told::Nothing(why) => data.add_unanswered(certificate, why),
            }
        }
        is_all_told
    }
}

/// What is checked.
struct Case {
    trust: Arc<TrustStore>,
    cms: Bytes,
    document: Option<Bytes>,
    purpose: Purpose,
    now: Moment,
}

impl Case {
    fn question<'a>(&'a self, revocation: &'a RevocationData) -> Question<'a> {
        Question {
            cms: &self.cms,
            document: self.document.as_deref(),
            trust: &self.trust,
            revocation,
            now: self.now,
            purpose: self.purpose,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_hangs_up_frees_no_place_while_the_work_goes_on() {
        let signatures = Signatures::none();
        let inner = &signatures.inner;
        let address = IpAddr::from([10, 0, 0, 1]);
        let uploads: Vec<Upload> =
            (0..UPLOADS_PER_ADDRESS_MAX).map(|_| inner.uploads.take(address).unwrap()).collect();
        let cms = uploads[0].hold(Bytes::from_static(b"cms"));
        let places: Vec<_> =
            (0..DOCUMENT_CHECKS_MAX).map(|_| signatures.place(Purpose::Document).unwrap()).collect();
        let turns: Vec<_> =
            (1..DOCUMENT_COMPUTING_MAX).map(|_| inner.computing.try_take(Purpose::Document)).collect();
        let (go_on, told) = std::sync::mpsc::channel();
        let (begins, begun) = tokio::sync::oneshot::channel();
        let (service, place) = (signatures.clone(), Arc::clone(&places[0]));
        let client = tokio::spawn(async move {
            let work = move || {
                let _ = begins.send(());
                let _: Result<(), _> = told.recv();
                cms.len()
            };
            service.compute(&place, work).await
        });
        begun.await.unwrap();
        client.abort();
        assert!(client.await.unwrap_err().is_cancelled());
        drop((uploads, places, turns));
        // One of each is still taken, by the work.
        let uploads: Vec<_> =
            (1..UPLOADS_PER_ADDRESS_MAX).map(|_| inner.uploads.take(address).unwrap()).collect();
        assert!(inner.uploads.take(address).is_none());
        let places: Vec<_> =
            (1..DOCUMENT_CHECKS_MAX).map(|_| signatures.place(Purpose::Document).unwrap()).collect();
        assert!(signatures.place(Purpose::Document).is_err());
        let turns: Vec<_> =
            (1..DOCUMENT_COMPUTING_MAX).map(|_| inner.computing.try_take(Purpose::Document)).collect();
        assert!(turns.iter().all(Option::is_some) && inner.computing.try_take(Purpose::Document).is_none());
        go_on.send(()).unwrap();
        let all_free = async {
            inner.computing.take(Purpose::Document).await.unwrap();
            inner.checks.take(Purpose::Document).await.unwrap();
        };
        tokio::time::timeout(Duration::from_secs(20), all_free).await.unwrap();
        assert!(inner.uploads.take(address).is_some());
        drop((uploads, places, turns));
    }
}
