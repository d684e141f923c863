//! The service that checks signatures.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use metrics::counter;
use ofd_eds::limits::{CMS_BYTES_MAX, FILE_SIZE};
use ofd_eds::{
    FormatError, Issued, Maths, Moment, NONCE_BYTES, Overall, Purpose, Question, ReadError, RevocationData,
    Stage, TrustStore, Unknown, Unstamped, Verdict, VerifyError, revocation_needs, verify, verify_reading,
};
use serde::Deserialize;
use tokio::time::Instant;

use super::address::{Address, AddressError, Addresses};
use super::answers::{Answers, Told};
use super::fetch::Fetcher;
use super::limits::{
    LISTS_MAX, LOOK_UP_WITHIN, LOOKED_UP_MAX, MEMORY_FACTOR, RESPONDERS_MAX, SIGN_INS_MAX,
    SIGN_INS_PER_ADDRESS_MAX, SMALL_UPLOAD_BYTES_MAX, STAMPERS_MAX, UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX,
};
use super::lists::{HeldList, Lists};
use super::stamps::{NoStamp, Stampers};
use super::trust_folder::{TrustFolder, TrustFolderError};
use crate::work::{Busy, Class, Content, Part, Places, Upload, Work};

/// What an upload takes while it comes in, at most.
const UPLOAD_BUFFER_BYTES: usize = 512 << 10;

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
    /// Time stampers, each asked when those before it gave none, for papers whose signature has no time stamp.
    pub tsa: Vec<String>,
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
        /// What they are addresses of, as people call it.
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
    /// It takes more memory than the site has for it.
    #[error("the signature file is larger than the {max} bytes that site.work_memory_mib leaves room for")]
    TooLarge {
        /// The largest that fits.
        max: usize,
    },
    #[error("the check failed")]
    /// The machine could not do its part; the signature is not to blame.
    Failed(#[from] io::Error),
}

impl From<Busy> for SignaturesError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<ReadError> for SignaturesError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Verify(error) => error.into(),
            ReadError::Document(error) => Self::Failed(error),
        }
    }
}

impl From<VerifyError> for SignaturesError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Format(error) => Self::Format(error),
            VerifyError::DocumentMissing => Self::DocumentMissing,
        }
    }
}

/// A verdict, without the document inside when it was one over a document: nobody needs its bytes any more.
#[derive(Debug)]
pub struct Judged {
    /// What was found out of each signer, and of all together.
    pub verdict: Verdict,
    /// How long the document inside the file is; `None`: it lies elsewhere.
    pub inside_len: Option<usize>,
}

struct Inner {
    is_set_up: bool,
    work: Work,
    trust: Arc<TrustStore>,
    /// What lies in the trust folder.
    revocation: RevocationData,
    /// Of the above the lists that a trusted CA signed.
    own_lists: Vec<HeldList>,
    policy: RevocationPolicy,
    answers: Answers,
    lists: Lists,
    fetcher: Arc<Fetcher>,
    stampers: Stampers,
    sign_ins: Places,
    documents: Places,
    uploads: Places,
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
    pub fn none(work: Work) -> Self {
        let folder = TrustFolder::default();
        let (policy, nonce) = (RevocationPolicy::Require, Box::new(|| [0; NONCE_BYTES]));
        Self::over(folder, policy, Addresses::default(), nonce, (work, false))
    }

    /// Reads the trust folder. What is computed is computed as part of `work`; `nonce` gives fresh random bytes; `warn`
    /// hears of what proves nothing.
    ///
    /// # Errors
    /// The config cannot be used.
    pub fn new(
        config: &SignaturesConfig,
        work: Work,
        nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Self, SignaturesConfigError> {
        let responders = addresses(&config.ocsp, "OCSP responders", RESPONDERS_MAX)?;
        let lists = addresses(&config.crls, "revocation lists", LISTS_MAX)?;
        let stampers = addresses(&config.tsa, "time stampers", STAMPERS_MAX)?;
        if responders.is_empty() && config.revocation == RevocationPolicy::Require {
            return Err(SignaturesConfigError::NoResponder);
        }
        let folder = TrustFolder::read(&config.trust, warn)?;
        if folder.trust.is_empty() {
            warn("there is no root in the trust folder: every signature will be untrusted");
        }
        let asked = Addresses { responders, lists, stampers };
        Ok(Self::over(folder, config.revocation, asked, nonce, (work, true)))
    }

    fn over(
        folder: TrustFolder,
        policy: RevocationPolicy,
        Addresses { responders, lists, stampers }: Addresses,
        nonce: Box<dyn Fn() -> [u8; NONCE_BYTES] + Send + Sync>,
        (work, is_set_up): (Work, bool),
    ) -> Self {
        let TrustFolder { trust, revocation } = folder;
        let own = revocation.lists().iter();
        let own_lists = own.filter_map(|list| HeldList::of(Arc::clone(list), &trust)).collect();
        let known = responders.iter().chain(&lists).chain(&stampers).cloned().collect();
        Self {
            inner: Arc::new(Inner {
                is_set_up,
                work,
                trust: Arc::new(trust),
                revocation,
                own_lists,
                policy,
                answers: Answers::new(responders, nonce),
                lists: Lists::new(lists),
                fetcher: Arc::new(Fetcher::new(known)),
                stampers: Stampers(stampers),
                sign_ins: Places::new(SIGN_INS_MAX, SIGN_INS_PER_ADDRESS_MAX),
                documents: Places::new(UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX),
                uploads: Places::new(UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX),
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

    /// What the checks compute with; passwords and uploads of the site share it.
    pub fn work(&self) -> &Work {
        &self.inner.work
    }

    /// The right to have a large upload from `address` read. Taken before its first byte is read.
    ///
    /// # Errors
    /// [`SignaturesError::Busy`]
    pub fn upload(&self, address: IpAddr) -> Result<Upload, SignaturesError> {
        self.inner.uploads.take(address).ok_or(SignaturesError::Busy)
    }

    /// Checks a signature file, with revocation data from the trust folder and from the addresses of the config.
    ///
    /// # Errors
    /// There is no verdict.
    pub async fn verify(
        &self,
        cms: impl Into<Content>,
        document: Option<Content>,
        purpose: Purpose,
        (from, now): (IpAddr, Moment),
    ) -> Result<Judged, SignaturesError> {
        let case =
            Case { trust: Arc::clone(&self.inner.trust), cms: cms.into(), document, purpose, now, from };
        let result = self.check(case).await;
        let operation = match purpose {
            Purpose::Document => "document",
            Purpose::Login => "login",
        };
        let outcome = match &result {
            Ok(judged) => match judged.verdict.overall() {
                Overall::Valid => "valid",
                Overall::Invalid => "invalid",
                Overall::Indeterminate => "indeterminate",
            },
            Err(SignaturesError::Format(_)) => "unreadable",
            Err(SignaturesError::DocumentMissing) => "document_missing",
            Err(SignaturesError::Busy) => "busy",
            Err(SignaturesError::TooLarge { .. }) => "too_large",
            Err(SignaturesError::Failed(_)) => "failed",
        };
        counter!("ofd_admin_web_signature_checks_total", "operation" => operation, "outcome" => outcome)
            .increment(1);
        result
    }

    /// A file of one signer with a time stamp, where it has none and time stampers are set up; else as it is, as DER. It
    /// says nothing of what the signature is worth.
    ///
    /// # Errors
    /// It is no signature file, or nobody has time for it. Inside: no time stamper gave one.
    pub async fn stamp(
        &self,
        cms: Bytes,
        from: IpAddr,
        nonce: impl Fn() -> [u8; NONCE_BYTES] + Send + Sync,
    ) -> Result<Result<Bytes, NoStamp>, SignaturesError> {
        let place = self.inner.documents.take(from).ok_or(SignaturesError::Busy)?;
        self.check_size(&Content::from(cms.clone()), Purpose::Document)?;
        let work = self.inner.work.clone();
        let (file, read) = (cms.clone(), move |file: Bytes| {
            let _memory = work.take(Part::Documents, from, file.len().saturating_mul(MEMORY_FACTOR))?;
            Ok::<_, SignaturesError>(Unstamped::read(&file)?)
        });
        let unstamped = self.inner.work.run(Class::Document, from, move |_| read(file)).await??;
        let stamped = match unstamped.filter(|_| !self.inner.stampers.0.is_empty()) {
            None => Ok(cms),
            Some(file) => self.inner.stampers.stamp(&file, &self.inner.fetcher, nonce).await.map(Bytes::from),
        };
        drop(place);
        Ok(stamped)
    }

    /// The document inside a signature file; `None`: it lies elsewhere. Nothing is checked.
    ///
    /// # Errors
    /// It is no signature file, or nobody has time for it.
    pub async fn extract(
        &self,
        cms: impl Into<Content>,
        from: IpAddr,
    ) -> Result<Option<Content>, SignaturesError> {
        let place = self.inner.documents.take(from).ok_or(SignaturesError::Busy)?;
        let (cms, work) = (cms.into(), self.inner.work.clone());
        self.check_size(&cms, Purpose::Document)?;
        let extracting = self.inner.work.run(Class::Document, from, move |_| {
            let _memory = work.take(Part::Documents, from, cms.len().saturating_mul(MEMORY_FACTOR))?;
            let inside = ofd_eds::document(&cms.whole()?)?;
            Ok(inside.map(|document| work.keep(document, place)).transpose()?)
        });
        extracting.await?
    }

    async fn check(&self, case: Case) -> Result<Judged, SignaturesError> {
        let places = match case.purpose {
            Purpose::Document => &self.inner.documents,
            Purpose::Login => &self.inner.sign_ins,
        };
        let place = places.take(case.from).ok_or(SignaturesError::Busy)?;
        self.check_size(&case.cms, case.purpose)?;
        let (purpose, now) = (case.purpose, case.now);
        let case = Arc::new(case);
        let needs = self.compute(&place, &case, |case, cms| {
            // What is computed for the questions is not computed again for the verdict.
            let maths = Maths::new();
            let needs = revocation_needs(&case.question(cms, None, &RevocationData::default(), &maths))?;
            Ok((needs, maths))
        });
        let (needs, maths) = needs.await?;
        let revocation = self.look_up(needs, purpose, now).await;
        self.compute(&place, &case, move |case, cms| case.judge(cms, &revocation, &maths)).await
    }

    /// What takes more memory than there ever is for it is refused with the size that fits.
    fn check_size(&self, cms: &Content, purpose: Purpose) -> Result<(), SignaturesError> {
        let others = match purpose {
            Purpose::Document => UPLOADS_MAX.saturating_mul(UPLOAD_BUFFER_BYTES),
            // The form that it came with.
            Purpose::Login => SMALL_UPLOAD_BYTES_MAX,
        };
        let max = self.inner.work.piece_max(part_of(purpose)).saturating_sub(others) / MEMORY_FACTOR;
        if cms.len() <= max {
            return Ok(());
        }
        // Beyond the format's own limit more memory would not help.
        Err(match cms.len() {
            ..=CMS_BYTES_MAX => SignaturesError::TooLarge { max },
            _ => FormatError::TooMuch { what: FILE_SIZE, limit: CMS_BYTES_MAX }.into(),
        })
    }

    /// Runs what takes a core for long where it holds up nobody else, with the signature file in memory.
    async fn compute<T: Send + 'static>(
        &self,
        place: &Upload,
        case: &Arc<Case>,
        work: impl FnOnce(&Case, &[u8]) -> Result<T, SignaturesError> + Send + 'static,
    ) -> Result<T, SignaturesError> {
        let class = match case.purpose {
            Purpose::Document => Class::Document,
            Purpose::Login => Class::SignIn,
        };
        // The place goes with the work: whoever asked may be gone before it is done.
        let (held, case, budget) = (place.clone(), Arc::clone(case), self.inner.work.clone());
        let from = case.from;
        let computing = self.inner.work.run(class, from, move |_| {
            let _held = held;
            let bytes = case.cms.len().saturating_mul(MEMORY_FACTOR);
            let _memory = budget.take(part_of(case.purpose), from, bytes)?;
            let cms = case.cms.whole()?;
            work(&case, &cms)
        });
        computing.await?
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

/// What memory a check takes is part of.
fn part_of(purpose: Purpose) -> Part {
    match purpose {
        Purpose::Document => Part::Documents,
        Purpose::Login => Part::Forms,
    }
}

/// What is checked.
struct Case {
    trust: Arc<TrustStore>,
    cms: Content,
    document: Option<Content>,
    purpose: Purpose,
    now: Moment,
    from: IpAddr,
}

impl Case {
    fn question<'a>(
        &'a self,
        cms: &'a [u8],
        document: Option<&'a [u8]>,
        revocation: &'a RevocationData,
        maths: &'a Maths,
    ) -> Question<'a> {
        let (now, purpose) = (self.now, self.purpose);
        Question { cms, document, trust: &self.trust, revocation, now, purpose, maths }
    }

    fn judge(
        &self,
        cms: &[u8],
        revocation: &RevocationData,
        maths: &Maths,
    ) -> Result<Judged, SignaturesError> {
        let mut verdict = match &self.document {
            None => verify(&self.question(cms, None, revocation, maths))?,
            Some(Content::Memory(document)) => {
                verify(&self.question(cms, Some(document), revocation, maths))?
            }
            Some(file) => verify_reading(&self.question(cms, None, revocation, maths), file.reader())?,
        };
        let inside_len = verdict.document.as_ref().map(Vec::len);
        if self.purpose == Purpose::Document {
            verdict.document = None;
        }
        Ok(Judged { verdict, inside_len })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::work::WorkConfig;

    #[tokio::test]
    async fn who_hangs_up_frees_no_place_while_the_work_goes_on() {
        let signatures = Signatures::none(Work::for_tests());
        let from = IpAddr::from([10, 0, 0, 1]);
        let places = &signatures.inner.documents;
        let taken: Vec<Upload> = (0..UPLOADS_PER_ADDRESS_MAX).map(|_| places.take(from).unwrap()).collect();
        let case = Arc::new(Case {
            trust: Arc::clone(&signatures.inner.trust),
            cms: Bytes::from_static(b"cms").into(),
            document: None,
            purpose: Purpose::Document,
            now: Moment::from_unix(0),
            from,
        });
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let (begins, begun) = tokio::sync::oneshot::channel();
        let (service, place) = (signatures.clone(), taken[0].clone());
        let client = tokio::spawn(async move {
            let work = move |_: &Case, cms: &[u8]| {
                let _ = begins.send(());
                let _over = told.recv();
                Ok(cms.len())
            };
            service.compute(&place, &case, work).await
        });
        begun.await.unwrap();
        client.abort();
        assert!(client.await.unwrap_err().is_cancelled());
        drop(taken);
        // One is still taken, by the work, and so is its memory.
        let others: Vec<_> = (1..UPLOADS_PER_ADDRESS_MAX).map(|_| places.take(from).unwrap()).collect();
        assert!(places.take(from).is_none());
        assert_eq!(signatures.work().in_use(Part::Documents), 3 * MEMORY_FACTOR);
        go_on.send(()).unwrap();
        let free = async {
            while places.take(from).is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), free).await.unwrap();
        assert_eq!(signatures.work().in_use(Part::Documents), 0);
        drop(others);
    }

    #[tokio::test]
    async fn a_file_that_can_never_fit_the_budget_is_told_how_large_it_may_be() {
        let config = WorkConfig { memory_mib: 64, ..WorkConfig::small() };
        let signatures = Signatures::none(Work::start(&config).unwrap());
        let (from, now) = (IpAddr::from([10, 0, 0, 1]), Moment::from_unix(0));
        let large = Bytes::from(vec![0x30; CMS_BYTES_MAX]);
        let refused = signatures.verify(large, None, Purpose::Document, (from, now)).await;
        let Err(SignaturesError::TooLarge { max }) = refused else { panic!("{refused:?}") };
        assert!((4 << 20..CMS_BYTES_MAX).contains(&max), "{max}");
        let fits = Bytes::from(vec![0x30; max]);
        let judged = signatures.verify(fits, None, Purpose::Document, (from, now)).await;
        assert!(matches!(judged, Err(SignaturesError::Format(_))), "it was looked at: {judged:?}");
    }
}
