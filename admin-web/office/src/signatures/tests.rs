//! The service against a PKI that answers over real sockets.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ofd_eds::{Fact, Moment, Overall, Purpose, Reason, Revocation, SignerVerdict, Source, Stage, Unknown};
use ofd_stand::{ListState, OcspState, Pki, Settings, Switches, serve};
use tokio::net::TcpListener;

use super::limits::{LOOK_UP_WITHIN, UPLOADS_MAX, UPLOADS_PER_ADDRESS_MAX};
use super::{
    NoStamp, RevocationPolicy, Signatures, SignaturesConfig, SignaturesConfigError, SignaturesError,
};
use crate::work::{Content, Work};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// So many addresses, each as often as an address may.
fn addresses(count: usize) -> impl Iterator<Item = IpAddr> {
    (0..count).map(|one| IpAddr::from([10, 0, 0, u8::try_from(one / UPLOADS_PER_ADDRESS_MAX).unwrap()]))
}

/// Noon of 2026-07-01, UTC.
const NOON: i64 = 1_782_907_200;
const SEED: [u8; 32] = [7; 32];

/// A PKI with its services, and a clock that both sides go by.
struct Stand {
    pki: Arc<Pki>,
    switches: Arc<Switches>,
    now: Arc<AtomicI64>,
    folder: tempfile::TempDir,
    base: String,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Stand {
    async fn open() -> Self {
        let pki = Arc::new(Pki::new(SEED, Moment::from_unix(NOON)));
        let (switches, now) = (Arc::new(Switches::default()), Arc::new(AtomicI64::new(NOON)));
        let folder = tempfile::tempdir().unwrap();
        pki.write_trust(folder.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let time = Arc::clone(&now);
        let clock = Arc::new(move || Moment::from_unix(time.load(Ordering::Relaxed)));
        tokio::spawn(serve(listener, Arc::clone(&pki), Arc::clone(&switches), clock, async {
            let _ = stopped.await;
        }));
        Self { pki, switches, now, folder, base, _stop: stop }
    }

    fn config(&self, revocation: RevocationPolicy, has_lists: bool) -> SignaturesConfig {
        let names = self.pki.revocation_lists(self.now(), ListState::Fresh).into_iter().map(|(name, _)| name);
        let crls = names.filter(|_| has_lists).map(|name| format!("{}/crl/{name}.crl", self.base));
        let ocsp = vec![format!("{}/ocsp", self.base)];
        let (trust, tsa) = (self.folder.path().to_owned(), vec![format!("{}/tsp", self.base)]);
        SignaturesConfig { trust, ocsp, crls: crls.collect(), tsa, revocation }
    }

    fn signatures(&self, revocation: RevocationPolicy, has_lists: bool) -> Signatures {
        Signatures::new(&self.config(revocation, has_lists), Work::for_tests(), nonces(), &mut |_| ())
            .unwrap()
    }

    fn now(&self) -> Moment {
        Moment::from_unix(self.now.load(Ordering::Relaxed))
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn cms(&self, label: &str) -> Bytes {
        self.pki.key(label).unwrap().sign_cms(b"text", true, self.now(), None).into()
    }

    async fn judge(&self, signatures: &Signatures, label: &str, purpose: Purpose) -> SignerVerdict {
        let asked = (HERE, self.now());
        let judged = signatures.verify(self.cms(label), None, purpose, asked).await.unwrap();
        judged.verdict.signers.into_iter().next().unwrap()
    }
}

/// Nonces that never repeat.
fn nonces() -> Box<dyn Fn() -> [u8; 16] + Send + Sync> {
    let count = AtomicI64::new(1);
    Box::new(move || i128::from(count.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

#[tokio::test]
async fn a_good_signature_is_valid_by_an_ocsp_answer() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    assert!(signatures.is_set_up());
    assert_eq!(signatures.stage(), Stage::Test);
    for (label, purpose) in
        [("person", Purpose::Document), ("head", Purpose::Login), ("rsa-head", Purpose::Login)]
    {
        let signer = stand.judge(&signatures, label, purpose).await;
        assert_eq!(signer.reason, None, "{label}");
        assert_eq!(signer.evidence.map(|evidence| evidence.source), Some(Source::Answer), "{label}");
    }
}

#[tokio::test]
async fn who_is_revoked_is_invalid() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    let signer = stand.judge(&signatures, "revoked", Purpose::Login).await;
    assert_eq!((signer.reason, signer.overall()), (Some(Reason::CertificateRevoked), Overall::Invalid));
}

#[tokio::test]
async fn a_responder_that_gives_no_usable_answer_makes_nobody_revoked() {
    let stand = Stand::open().await;
    for (state, why) in [
        (OcspState::Down, Unknown::NoAnswer),
        (OcspState::TryLater, Unknown::Refused),
        (OcspState::Forged, Unknown::NotEntitled),
        (OcspState::OutOfDate, Unknown::OutOfDate),
        (OcspState::Unknown, Unknown::NotKnown),
    ] {
        stand.switches.set_ocsp(state);
        let signatures = stand.signatures(RevocationPolicy::Require, false);
        let signer = stand.judge(&signatures, "person", Purpose::Login).await;
        assert_eq!(signer.revocation, Revocation::Unknown(why), "{state:?}");
        assert_eq!(signer.overall(), Overall::Indeterminate, "{state:?}");
    }
}

#[tokio::test]
async fn without_an_answer_the_policy_says_whether_a_list_lets_in() {
    let stand = Stand::open().await;
    stand.switches.set_ocsp(OcspState::Down);
    let strict = stand.signatures(RevocationPolicy::Require, true);
    let lenient = stand.signatures(RevocationPolicy::CachedCrl, true);
    let refused = stand.judge(&strict, "person", Purpose::Login).await;
    assert_eq!(refused.revocation, Revocation::Unknown(Unknown::NoAnswer));
    let let_in = stand.judge(&lenient, "person", Purpose::Login).await;
    assert_eq!(let_in.reason, None);
    assert_eq!(let_in.evidence.map(|evidence| evidence.source), Some(Source::List));
    // A document rests on either, and who is on the list is revoked for all.
    assert_eq!(stand.judge(&strict, "person", Purpose::Document).await.reason, None);
    for signatures in [&strict, &lenient] {
        let signer = stand.judge(signatures, "revoked", Purpose::Login).await;
        assert_eq!(signer.reason, Some(Reason::CertificateRevoked));
    }
}

#[tokio::test]
async fn a_list_that_is_out_of_date_proves_nobody_good() {
    let stand = Stand::open().await;
    stand.switches.set(Settings {
        ocsp: OcspState::Down,
        lists: ListState::OutOfDate,
        ..Settings::default()
    });
    let signatures = stand.signatures(RevocationPolicy::CachedCrl, true);
    let signer = stand.judge(&signatures, "person", Purpose::Login).await;
    assert_eq!(signer.revocation, Revocation::Unknown(Unknown::OutOfDate));
}

#[tokio::test]
async fn many_who_ask_about_one_certificate_ask_once() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    // The lists of the CAs are there from now on.
    stand.judge(&signatures, "head", Purpose::Document).await;
    let before = stand.switches.asked().ocsp;
    let all: Vec<_> = (0..8)
        .map(|_| {
            let (signatures, cms, now) = (signatures.clone(), stand.cms("person"), stand.now());
            tokio::spawn(async move { signatures.verify(cms, None, Purpose::Login, (HERE, now)).await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap().unwrap().verdict.overall(), Overall::Valid);
    }
    assert_eq!(stand.switches.asked().ocsp, before + 1);
}

#[tokio::test]
async fn an_answer_is_kept_until_it_is_over() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    stand.judge(&signatures, "head", Purpose::Login).await;
    let first = stand.switches.asked().ocsp;
    stand.pass(300);
    assert_eq!(stand.judge(&signatures, "head", Purpose::Login).await.reason, None);
    assert_eq!(stand.switches.asked().ocsp, first);
    // The stand's answers live ten minutes.
    stand.pass(600);
    assert_eq!(stand.judge(&signatures, "head", Purpose::Login).await.reason, None);
    assert_eq!(stand.switches.asked().ocsp, first + 1);
}

#[tokio::test]
async fn silence_is_remembered_for_moments_only() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    stand.switches.set_ocsp(OcspState::TryLater);
    stand.judge(&signatures, "head", Purpose::Login).await;
    let asked = stand.switches.asked().ocsp;
    stand.switches.set_ocsp(OcspState::Answers);
    assert!(stand.judge(&signatures, "head", Purpose::Login).await.reason.is_some());
    assert_eq!(stand.switches.asked().ocsp, asked);
    stand.pass(11);
    assert_eq!(stand.judge(&signatures, "head", Purpose::Login).await.reason, None);
}

#[tokio::test]
async fn lists_are_fetched_once_and_again_when_the_next_is_due() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::CachedCrl, true);
    stand.switches.set_ocsp(OcspState::Down);
    for _ in 0..3 {
        assert_eq!(stand.judge(&signatures, "person", Purpose::Login).await.reason, None);
    }
    let first = stand.switches.asked().lists;
    stand.pass(28 * 3600);
    assert_eq!(stand.judge(&signatures, "person", Purpose::Login).await.reason, None);
    assert_eq!(stand.switches.asked().lists, 2 * first);
}

#[tokio::test]
async fn a_list_is_renewed_before_it_is_over_and_nobody_waits_for_it() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::CachedCrl, true);
    stand.switches.set_ocsp(OcspState::Down);
    stand.judge(&signatures, "person", Purpose::Login).await;
    // Five minutes before the stand's lists are over, and no list comes any more.
    stand.pass(27 * 3600 - 300);
    stand.switches.set_lists(ListState::Down);
    let before = stand.switches.asked().lists;
    assert_eq!(stand.judge(&signatures, "person", Purpose::Login).await.reason, None);
    for _ in 0..500 {
        if stand.switches.asked().lists > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no list was asked for");
}

#[tokio::test]
async fn a_slow_responder_is_not_waited_for() {
    let stand = Stand::open().await;
    stand.switches.set(Settings { delay: Duration::from_secs(60), ..Settings::default() });
    let signatures = stand.signatures(RevocationPolicy::Require, false);
    let judged = tokio::time::timeout(
        LOOK_UP_WITHIN + Duration::from_secs(5),
        stand.judge(&signatures, "person", Purpose::Login),
    );
    let signer = judged.await.unwrap();
    assert_eq!(signer.revocation, Revocation::Unknown(Unknown::NoAnswer));
}

#[tokio::test]
async fn too_many_documents_at_once_are_sent_away_and_logins_go_on() {
    let stand = Stand::open().await;
    stand.switches.set(Settings { delay: Duration::from_secs(2), ..Settings::default() });
    let signatures = stand.signatures(RevocationPolicy::Require, false);
    let mut running = tokio::task::JoinSet::new();
    let (cms, now) = (stand.cms("person"), stand.now());
    for from in addresses(UPLOADS_MAX) {
        let (signatures, cms) = (signatures.clone(), cms.clone());
        running.spawn(async move { signatures.verify(cms, None, Purpose::Document, (from, now)).await });
    }
    while running.try_join_next().is_none() && stand.switches.asked().ocsp == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let document = signatures.verify(cms.clone(), None, Purpose::Document, (HERE, now)).await;
    assert!(matches!(document, Err(SignaturesError::Busy)), "the others wait for the responder");
    let login = signatures.verify(cms, None, Purpose::Login, (HERE, now)).await.unwrap();
    assert_eq!(login.verdict.overall(), Overall::Valid);
    let busy = running.join_all().await.into_iter().filter(|one| matches!(one, Err(SignaturesError::Busy)));
    assert_eq!(busy.count(), 0);
}

#[tokio::test]
async fn uploads_are_counted_until_they_are_dropped() {
    let signatures = Signatures::none(Work::for_tests());
    let held: Vec<_> = addresses(UPLOADS_MAX).map(|from| signatures.upload(from).unwrap()).collect();
    assert!(matches!(signatures.upload(HERE), Err(SignaturesError::Busy)));
    drop(held);
    assert!(signatures.upload(HERE).is_ok());
}

/// What content holds.
fn bytes_of(content: Option<Content>) -> Option<Bytes> {
    content.map(|content| content.whole().unwrap())
}

#[tokio::test]
async fn without_a_trust_folder_everybody_is_a_stranger() {
    let stand = Stand::open().await;
    let signatures = Signatures::none(Work::for_tests());
    assert!(!signatures.is_set_up());
    let signer = stand.judge(&signatures, "person", Purpose::Document).await;
    assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Ok));
    assert_eq!(signer.reason, Some(Reason::ChainIncomplete));
    assert_eq!(stand.switches.asked().ocsp, 0);
}

#[tokio::test]
async fn nobody_is_asked_about_strangers() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    for label in ["foreign", "self-signed"] {
        assert_ne!(stand.judge(&signatures, label, Purpose::Document).await.overall(), Overall::Valid);
    }
    let asked = stand.switches.asked();
    assert_eq!((asked.ocsp, asked.lists), (0, 0));
}

#[tokio::test]
async fn the_document_inside_is_given_out_and_what_is_no_signature_is_refused() {
    let stand = Stand::open().await;
    let signatures = Signatures::none(Work::for_tests());
    let inside = signatures.extract(stand.cms("person"), HERE).await.unwrap();
    assert_eq!(bytes_of(inside).as_deref(), Some(&b"text"[..]));
    let key = stand.pki.key("person").unwrap();
    let detached = Bytes::from(key.sign_cms(b"text", false, stand.now(), None));
    assert_eq!(bytes_of(signatures.extract(detached.clone(), HERE).await.unwrap()), None);
    let asked = (HERE, stand.now());
    let missing = signatures.verify(detached, None, Purpose::Document, asked).await;
    assert!(matches!(missing, Err(SignaturesError::DocumentMissing)));
    let junk = signatures.verify(Bytes::from_static(b"junk"), None, Purpose::Document, asked).await;
    assert!(matches!(junk, Err(SignaturesError::Format(_))));
}

#[tokio::test]
async fn a_config_that_cannot_work_is_refused() {
    let stand = Stand::open().await;
    let good = stand.config(RevocationPolicy::Require, true);
    let refusal = |config: SignaturesConfig| {
        Signatures::new(&config, Work::for_tests(), nonces(), &mut |_| ()).unwrap_err()
    };
    let https = SignaturesConfig { ocsp: vec!["https://ocsp.kz/".into()], ..good.clone() };
    assert!(matches!(refusal(https), SignaturesConfigError::Address(_)));
    let many = SignaturesConfig { crls: vec!["http://crl.kz/a.crl".into(); 17], ..good.clone() };
    assert!(matches!(refusal(many), SignaturesConfigError::TooMany { .. }));
    let nobody = SignaturesConfig { ocsp: Vec::new(), ..good.clone() };
    assert!(matches!(refusal(nobody), SignaturesConfigError::NoResponder));
    let nowhere = SignaturesConfig { trust: stand.folder.path().join("none"), ..good };
    assert!(matches!(refusal(nowhere), SignaturesConfigError::Trust(_)));
}

#[tokio::test]
async fn a_signature_without_a_time_stamp_gets_one_and_one_that_has_it_stays_as_it_is() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    let document = Bytes::from_static(b"a paper");
    for label in ["head", "rsa-head"] {
        let key = stand.pki.key(label).unwrap();
        let bare = Bytes::from(key.sign_cms(&document, false, stand.now(), None));
        let stamped = signatures.stamp(bare.clone(), HERE, || [7; 16]).await.unwrap().unwrap();
        assert_ne!(stamped, bare, "{label}");
        stand.pass(24 * 3600);
        let asked = (HERE, stand.now());
        let judged =
            signatures.verify(stamped.clone(), Some(document.clone().into()), Purpose::Document, asked).await;
        let signer = judged.unwrap().verdict.signers.remove(0);
        let stamp = signer.time_stamp.unwrap();
        assert_eq!((signer.reason, stamp.fault), (None, None), "{label}");
        assert_eq!(signer.judged_at.unix(), stand.now().unix() - 24 * 3600, "at the time of the stamp");
        let again = signatures.stamp(stamped.clone(), HERE, || [8; 16]).await.unwrap().unwrap();
        assert_eq!(again, stamped, "{label}: one is enough");
    }
    assert_eq!(stand.switches.asked().time_stamps, 2);
}

#[tokio::test]
async fn a_time_stamper_that_is_silent_is_told_apart_from_a_bad_file() {
    let stand = Stand::open().await;
    let signatures = stand.signatures(RevocationPolicy::Require, true);
    stand.switches.change(|settings| settings.is_time_stamper_down = true);
    let bare = Bytes::from(stand.pki.key("head").unwrap().sign_cms(b"a paper", false, stand.now(), None));
    assert_eq!(signatures.stamp(bare.clone(), HERE, || [7; 16]).await.unwrap(), Err(NoStamp));
    let junk = signatures.stamp(Bytes::from_static(b"0 no file"), HERE, || [7; 16]).await;
    assert!(matches!(junk, Err(SignaturesError::Format(_))), "{junk:?}");
    let nobody = SignaturesConfig { tsa: Vec::new(), ..stand.config(RevocationPolicy::Require, true) };
    let nobody = Signatures::new(&nobody, Work::for_tests(), nonces(), &mut |_| ()).unwrap();
    assert_eq!(nobody.stamp(bare.clone(), HERE, || [7; 16]).await.unwrap().unwrap(), bare, "nobody is asked");
}
