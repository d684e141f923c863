//! Signatures of which something cannot be found out: being checked, asked about again, settled.

use std::sync::atomic::{AtomicU64, Ordering};

use ofd_eds::Moment;
use ofd_office::papers::recheck;
use ofd_stand::{OcspState, Pki, Switches, serve};
use ofd_storage::accounts::{PaperFault, PaperState};
use ofd_storage::note::{Note, NoteKind};
use ofd_storage::store::Store;
use tokio::net::TcpListener;

use super::super::support::work;
use super::*;
use crate::Signatures;
use crate::signatures::{RevocationPolicy, SignaturesConfig};

/// More than any answer about a certificate is kept.
pub(in super::super) const PAST_ANSWERS_SECONDS: u64 = 3601;

/// More than it is remembered that there was none.
pub(in super::super) const PAST_SILENCE_SECONDS: u64 = 11;

/// A gate whose signatures are checked by services that can fail.
pub(in super::super) struct Served {
    pub(in super::super) gate: Gate,
    pub(in super::super) sink: Arc<Sink>,
    pub(in super::super) switches: Arc<Switches>,
}

impl Served {
    pub(in super::super) fn open() -> Self {
        let (switches, sink) = (Arc::new(Switches::default()), Arc::new(Sink::default()));
        let (services, letters) = (Arc::clone(&switches), Arc::clone(&sink));
        let gate = Gate::with(|config, pki| {
            config.people.mailer = Mailer::Sink(letters);
            config.people.signatures = served(config, pki, services);
        });
        Self { gate, sink, switches }
    }

    /// A company whose head has just signed; the browser and the BIN.
    async fn signed(&self) -> (Browser, String, String) {
        let (mut browser, bin) = at_application(&self.gate, &self.sink, "head").await;
        self.gate.house.wait(PAST_ANSWERS_SECONDS);
        let answer = sign(&self.gate, &mut browser, &bin, self.gate.key("head")).await;
        (browser, bin, location(&answer))
    }

    async fn recheck(&self) -> usize {
        recheck(&self.gate.house.site.office).await.unwrap()
    }

    async fn state(&self, bin: &str) -> PaperState {
        row(&self.gate, bin, 1).await.state
    }
}

fn served(config: &crate::SiteConfig, pki: &Arc<Pki>, switches: Arc<Switches>) -> Signatures {
    let folder = tempfile::tempdir().unwrap();
    pki.write_trust(folder.path()).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (listener, pki, world) =
        (TcpListener::from_std(listener).unwrap(), Arc::clone(pki), Arc::clone(&config.world));
    let clock = Arc::new(move || Moment::from_unix(i64::try_from(world.now().0 / 1000).unwrap()));
    tokio::spawn(serve(listener, pki, switches, clock, std::future::pending()));
    let (ocsp, tsa) = (vec![format!("{base}/ocsp")], vec![format!("{base}/tsp")]);
    let (trust, crls, revocation) = (folder.path().to_owned(), Vec::new(), RevocationPolicy::Require);
    let nonces = AtomicU64::new(1);
    let nonce = Box::new(move || u128::from(nonces.fetch_add(1, Ordering::Relaxed)).to_be_bytes());
    Signatures::new(&SignaturesConfig { trust, ocsp, crls, tsa, revocation }, work(), nonce, &mut |_| ())
        .unwrap()
}

#[tokio::test]
async fn a_signature_gets_a_time_stamp_of_ours_before_it_is_kept() {
    let served = Served::open();
    let (_, bin, to) = served.signed().await;
    assert_eq!(to, done(&bin, "valid"));
    assert_eq!(served.switches.asked().time_stamps, 1);
    let state = served.state(&bin).await;
    let hash = &state.signature().unwrap().cms_hash;
    let cms = papers::cms(&*served.gate.house.store, (&bin, 1), hash).await.unwrap().unwrap();
    let pdf = papers::pdf(&*served.gate.house.store, &bin, 1).await.unwrap().unwrap();
    let signatures = &served.gate.house.site.office.signatures;
    let asked = (super::super::support::HERE, served.gate.now());
    let judged = signatures.verify(cms, Some(pdf.into()), ofd_eds::Purpose::Document, asked).await.unwrap();
    assert!(judged.verdict.signers[0].time_stamp.unwrap().is_good());
}

#[tokio::test]
async fn what_cannot_be_found_out_is_asked_again_until_it_is_known() {
    let served = Served::open();
    served.switches.set_ocsp(OcspState::Answers);
    let (mut browser, bin) = at_application(&served.gate, &served.sink, "head").await;
    served.gate.house.wait(PAST_ANSWERS_SECONDS);
    served.switches.set_ocsp(OcspState::Down);
    let answer = sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "checking"));
    let page = browser.go(&location(&answer)).await.text;
    for text in ["is being checked", "does not answer now", "We ask every minute"] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    assert!(!page.contains("revoked. Get a new one") && !page.contains("data-sign="), "{page}");
    assert!(!may_connect_registers(&served.gate.house.company_of(&bin).await));
    // Nobody signs it a second time meanwhile, and nobody draws up another one.
    let csrf = browser.hidden("/sign-out").remove(0).1;
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("csrf", &csrf).finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    browser.send("POST", &format!("/c/{bin}/application/new"), &kind, body).await;
    assert_eq!(served.gate.house.company_of(&bin).await.papers_last, 1);
    // Asked again and again, nothing changes and nothing is told twice.
    let rows = served.gate.house.audit(&bin).await.len();
    for _ in 0..3 {
        served.gate.house.wait(60);
        assert_eq!(served.recheck().await, 1);
        assert!(matches!(served.state(&bin).await, PaperState::Checking { .. }));
    }
    assert_eq!(served.gate.house.audit(&bin).await.len(), rows);
    // As soon as it is known it is settled, once, whoever asks.
    served.switches.set_ocsp(OcspState::Answers);
    served.gate.house.wait(PAST_SILENCE_SECONDS);
    let (one, other) = tokio::join!(served.recheck(), served.recheck());
    assert!(one + other >= 1);
    assert!(matches!(served.state(&bin).await, PaperState::Valid { .. }), "{:?}", served.state(&bin).await);
    assert!(may_connect_registers(&served.gate.house.company_of(&bin).await));
    assert_eq!(served.gate.house.audit(&bin).await.len(), rows + 1);
    served.gate.house.wait(1);
    assert_eq!(served.recheck().await, 0, "nothing waits any more");
}

#[tokio::test]
async fn after_a_day_it_is_refused_and_signed_again() {
    let served = Served::open();
    let (mut browser, bin) = at_application(&served.gate, &served.sink, "head").await;
    served.gate.house.wait(PAST_ANSWERS_SECONDS);
    served.switches.set_ocsp(OcspState::TryLater);
    sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    served.gate.house.wait(24 * 3600 - 60);
    served.recheck().await;
    assert!(matches!(served.state(&bin).await, PaperState::Checking { .. }));
    served.gate.house.wait(120);
    served.recheck().await;
    let PaperState::Refused { fault, .. } = served.state(&bin).await else { panic!("it is refused") };
    assert_eq!(fault, PaperFault::TooLong);
    served.switches.set_ocsp(OcspState::Answers);
    let mut browser = served.gate.house.browser();
    served.gate.house.wait(PAST_SILENCE_SECONDS);
    served.gate.sign_in(&mut browser, "head").await;
    let page = browser.go(&format!("/c/{bin}")).await.text;
    assert!(page.contains("was not accepted. Sign it again"), "{page}");
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("could not be checked within 24 hours") && page.contains("data-sign="), "{page}");
    let answer = sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
}

#[tokio::test]
async fn a_check_of_which_no_note_is_left_ends_when_somebody_looks_and_is_signed_again() {
    let served = Served::open();
    let (mut browser, bin) = at_application(&served.gate, &served.sink, "head").await;
    served.gate.house.wait(PAST_ANSWERS_SECONDS);
    served.switches.set_ocsp(OcspState::TryLater);
    sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    // Nothing served for longer than the note is kept.
    served.gate.house.wait(49 * 3600);
    assert_eq!(served.recheck().await, 0);
    let mut browser = served.gate.house.browser();
    served.switches.set_ocsp(OcspState::Answers);
    served.gate.sign_in(&mut browser, "head").await;
    served.switches.set_ocsp(OcspState::TryLater);
    served.gate.house.wait(PAST_ANSWERS_SECONDS);
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("is being checked"), "{page}");
    assert_eq!(served.recheck().await, 1, "it is asked about again");
    let PaperState::Refused { fault, .. } = served.state(&bin).await else { panic!("it is refused") };
    assert_eq!(fault, PaperFault::TooLong);
    served.switches.set_ocsp(OcspState::Answers);
    served.gate.house.wait(PAST_SILENCE_SECONDS);
    let page = browser.go(&format!("/c/{bin}/application")).await.text;
    assert!(page.contains("could not be checked within 24 hours") && page.contains("data-sign="), "{page}");
    let answer = sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
}

#[tokio::test]
async fn a_signature_whose_file_is_lost_is_refused_after_its_day() {
    let served = Served::open();
    served.switches.change(|settings| settings.is_time_stamper_down = true);
    let (_, bin, _) = served.signed().await;
    // The company names a file that nobody kept.
    let office = &served.gate.house.site.office;
    let lost = |company: &Company| {
        let mut company = company.clone();
        for paper in &mut company.papers {
            if let PaperState::Checking { signature, .. } = &mut paper.state {
                signature.cms_hash = "0".repeat(64);
            }
        }
        company
    };
    office.change_company(&bin, |company| Ok((Some((lost(company), Vec::new())), ()))).await.unwrap();
    served.gate.house.wait(24 * 3600 - 60);
    served.recheck().await;
    assert!(matches!(served.state(&bin).await, PaperState::Checking { .. }));
    served.gate.house.wait(60);
    served.recheck().await;
    let PaperState::Refused { fault, .. } = served.state(&bin).await else { panic!("it is refused") };
    assert_eq!(fault, PaperFault::TooLong);
}

#[tokio::test]
async fn a_signature_is_kept_while_no_time_stamp_is_to_be_had() {
    let served = Served::open();
    served.switches.change(|settings| settings.is_time_stamper_down = true);
    let (mut browser, bin, to) = served.signed().await;
    assert_eq!(to, done(&bin, "checking"));
    assert!(browser.go(&to).await.text.contains("service of time stamps does not answer"));
    let before = served.state(&bin).await.signature().unwrap().cms_hash.clone();
    served.switches.change(|settings| settings.is_time_stamper_down = false);
    served.recheck().await;
    let state = served.state(&bin).await;
    assert!(matches!(state, PaperState::Valid { .. }), "{state:?}");
    let after = &state.signature().unwrap().cms_hash;
    assert_ne!(*after, before, "what is kept has the stamp");
    assert!(papers::cms(&*served.gate.house.store, (&bin, 1), after).await.unwrap().is_some());
}

#[tokio::test]
async fn a_process_that_ends_between_the_note_and_the_company_leaves_a_paper_that_is_signed_again() {
    let served = Served::open();
    let (mut browser, bin) = at_application(&served.gate, &served.sink, "head").await;
    // The bytes of a signature and its note are there, and the company says nothing of it.
    let cms = served.gate.key("head").sign_cms(&pdf(&browser).await, false, served.gate.now(), None);
    let office = &served.gate.house.site.office;
    papers::sign(&office.store, (&bin, 1), cms.into(), office.stamp()).await.unwrap();
    let now = served.gate.house.now().0;
    let key = [&[0], bin.as_bytes(), &1_u32.to_be_bytes()].concat().into();
    let expires_ms = now + 48 * 3600 * 1000;
    let note = Note { kind: NoteKind::PaperWaiting, key, bytes: Default::default(), at_ms: now, expires_ms };
    office.store.note(note).await.unwrap();
    assert_eq!(served.recheck().await, 1);
    assert!(matches!(served.state(&bin).await, PaperState::DrawnUp), "nobody is taken for having signed");
    served.gate.house.wait(11 * 60);
    assert_eq!(served.recheck().await, 1);
    served.gate.house.wait(1);
    assert_eq!(served.recheck().await, 0, "it is forgotten");
    let answer = sign(&served.gate, &mut browser, &bin, served.gate.key("head")).await;
    assert_eq!(location(&answer), done(&bin, "valid"));
}
