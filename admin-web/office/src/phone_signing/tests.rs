//! A session from the page to the phone and back, over a store in memory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ofd_edge::{Imprint, World};
use ofd_eds::Moment;
use ofd_protocol::types::UnixMillis;
use ofd_stand::{ListState, Pki};
use ofd_storage::erased::DynStore;
use ofd_storage::memory::MemoryStore;
use serde_json::{Value, json};

use super::*;
use crate::contracts::Contracts;
use crate::mail::Mailer;
use crate::office::{Office, OperatorPeople};
use crate::signatures::{RevocationPolicy, Signatures, SignaturesConfig};
use crate::work::{Content, Work};

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const VISIT: &str = "visit:a";
const SUBJECT: &str = "application";
const TEXT: &[u8] = "Заявка № 1".as_bytes();

struct Ticking(AtomicU64);

impl World for Ticking {
    fn now(&self) -> UnixMillis {
        NOW
    }

    fn draw(&self) -> [u8; ofd_edge::DRAWN_LEN] {
        let mut drawn = [0; ofd_edge::DRAWN_LEN];
        drawn[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        drawn
    }
}

fn moment() -> Moment {
    Moment::from_unix(i64::try_from(NOW.0 / 1000).unwrap())
}

struct Stage {
    office: Office,
    pki: Pki,
}

impl Stage {
    /// `policy` with lists: everything can be checked; without: nothing is known of revocations.
    fn with(has_lists: bool) -> Self {
        let pki = Pki::new([5; 32], moment());
        let folder = tempfile::tempdir().unwrap();
        pki.write_trust(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("crl")).unwrap();
        for (name, list) in pki.revocation_lists(moment(), ListState::Fresh).into_iter().filter(|_| has_lists)
        {
            std::fs::write(folder.path().join("crl").join(name), list).unwrap();
        }
        let config = SignaturesConfig {
            trust: folder.path().to_owned(),
            ocsp: Vec::new(),
            crls: Vec::new(),
            tsa: Vec::new(),
            revocation: RevocationPolicy::CachedCrl,
        };
        let signatures =
            Signatures::new(&config, Work::for_tests(), Box::new(|| [1; 16]), &mut |_| ()).unwrap();
        let (store, world) =
            (DynStore::from(Arc::new(MemoryStore::new())), Arc::new(Ticking(AtomicU64::new(1))));
        let with = (signatures, Mailer::Off, Contracts::sample().unwrap());
        let office = Office::new(store, world, with, OperatorPeople::default());
        Self { office, pki }
    }

    fn open() -> Self {
        Self::with(true)
    }

    async fn begin(&self, method: PhoneMethod) -> PhoneSecret {
        let text = InThreeLanguages { russian: "подписать".into(), ..InThreeLanguages::default() };
        let request = PhoneRequest {
            purpose: PhonePurpose::Documents,
            subject: SUBJECT.into(),
            text: text.clone(),
            documents: vec![PhoneDocument {
                name: text,
                mime: "@file/pdf",
                bytes: Bytes::from_static(TEXT),
                meta: Vec::new(),
            }],
            method,
            for_ms: SIGNING_FOR_MS,
        };
        begin(&self.office, (VISIT, NOW), request).await.unwrap()
    }

    fn call<'a>(&self, secret: &'a PhoneSecret) -> Call<'a> {
        Call { secret, now: NOW, from: HERE }
    }

    /// What an app brings that signs with a key over a text.
    fn brought(&self, label: &str, text: &[u8]) -> Content {
        let cms = self.pki.key(label).unwrap().sign_cms(text, false, moment(), None);
        let file = json!({"file": {"mime": "", "data": STANDARD.encode(cms)}});
        content(&json!({"documentsToSign": [{"id": 1, "document": file}]}))
    }

    async fn state(&self, binding: &str, secret: &PhoneSecret, subject: &str) -> PhoneState {
        state(&self.office, (binding, NOW), (secret, subject)).await.unwrap()
    }
}

fn content(body: &Value) -> Content {
    Bytes::from(serde_json::to_vec(body).unwrap()).into()
}

async fn signed(stage: &Stage, secret: &PhoneSecret) -> SignedByPhone {
    match stage.state(VISIT, secret, SUBJECT).await {
        PhoneState::Signed(signed) => signed,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_page_sees_each_step_of_the_phone_and_confirms_what_it_showed() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    let until = UnixMillis(NOW.0 + SIGNING_FOR_MS);
    assert_eq!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Asked { until });
    let about = (&Imprint::default(), "https://ofd.example");
    let told = described(&stage.office, stage.call(&secret), about, 0).await.unwrap().unwrap();
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!(told["document"]["uri"], format!("https://ofd.example/sign/{}/documents", secret.text()));
    assert_eq!(
        stage.state(VISIT, &secret, SUBJECT).await,
        PhoneState::Asked { until },
        "nothing was read yet"
    );
    let told =
        serde_json::to_value(documents(&stage.office, stage.call(&secret)).await.unwrap().unwrap()).unwrap();
    assert_eq!(told["documentsToSign"][0]["document"]["file"]["data"], STANDARD.encode(TEXT));
    assert_eq!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Read { until });
    let body = stage.brought("head", TEXT);
    assert_eq!(take(&stage.office, stage.call(&secret), &body).await.unwrap(), Taken::Kept);
    let shown = signed(&stage, &secret).await;
    assert_eq!(shown.iin, stage.pki.key("head").unwrap().iin().unwrap());
    assert!(shown.is_checked);
    let own = (VISIT, NOW);
    assert_eq!(confirmed(&stage.office, own, (&secret, SUBJECT), "other").await.unwrap(), None);
    let taken = confirmed(&stage.office, own, (&secret, SUBJECT), &shown.mark).await.unwrap().unwrap();
    assert_eq!(taken, shown);
    assert_eq!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Confirmed);
}

#[tokio::test]
async fn nobody_else_learns_of_it_or_confirms_it() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    take(&stage.office, stage.call(&secret), &stage.brought("head", TEXT)).await.unwrap();
    let mark = signed(&stage, &secret).await.mark;
    for (binding, subject) in [("visit:b", SUBJECT), ("session:a", SUBJECT), (VISIT, "sign-in")] {
        assert_eq!(stage.state(binding, &secret, subject).await, PhoneState::Over, "{binding} {subject}");
        let taken = confirmed(&stage.office, (binding, NOW), (&secret, subject), &mark).await.unwrap();
        assert_eq!(taken, None, "{binding} {subject}");
    }
    assert!(
        matches!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Signed(_)),
        "nothing was used up"
    );
}

#[tokio::test]
async fn what_comes_twice_is_answered_the_same_way_and_changes_nothing() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    let first = stage.brought("head", TEXT);
    assert_eq!(take(&stage.office, stage.call(&secret), &first).await.unwrap(), Taken::Kept);
    let before = signed(&stage, &secret).await;
    let refusal = content(&json!({"status": "CANCELED"}));
    for again in [first, stage.brought("person", TEXT), refusal] {
        assert_eq!(take(&stage.office, stage.call(&secret), &again).await.unwrap(), Taken::Kept);
        assert_eq!(signed(&stage, &secret).await, before);
    }
}

#[tokio::test]
async fn who_refuses_has_refused() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    let refusal = content(&json!({"status": "CANCELED"}));
    for _ in 0..2 {
        assert_eq!(take(&stage.office, stage.call(&secret), &refusal).await.unwrap(), Taken::Refused);
        assert_eq!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Refused);
    }
    let late = take(&stage.office, stage.call(&secret), &stage.brought("head", TEXT)).await;
    assert!(matches!(late, Err(NotTaken::Refused)), "{late:?}");
}

#[tokio::test]
async fn a_signature_over_something_else_or_by_a_wrong_key_is_not_taken() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    for (label, text) in
        [("head", "Заявка № 2".as_bytes()), ("wrong-purpose", TEXT), ("revoked", TEXT), ("self-signed", TEXT)]
    {
        let told = take(&stage.office, stage.call(&secret), &stage.brought(label, text)).await;
        assert!(matches!(told, Err(NotTaken::Wrong)), "{label}: {told:?}");
    }
    let noise = content(&json!({"documentsToSign": [{"id": 1, "document": {"file": {"data": "AAAA"}}}]}));
    assert!(matches!(take(&stage.office, stage.call(&secret), &noise).await, Err(NotTaken::Wrong)));
    let nothing = take(&stage.office, stage.call(&secret), &content(&json!({}))).await;
    assert!(matches!(nothing, Err(NotTaken::Unreadable)), "{nothing:?}");
    assert!(matches!(stage.state(VISIT, &secret, SUBJECT).await, PhoneState::Asked { .. }));
}

#[tokio::test]
async fn what_cannot_be_checked_is_kept_as_that() {
    let stage = Stage::with(false);
    let secret = stage.begin(PhoneMethod::Detached).await;
    assert_eq!(
        take(&stage.office, stage.call(&secret), &stage.brought("head", TEXT)).await.unwrap(),
        Taken::Kept
    );
    assert!(!signed(&stage, &secret).await.is_checked);
}

#[tokio::test]
async fn after_its_time_there_is_no_session() {
    let stage = Stage::open();
    let secret = stage.begin(PhoneMethod::Detached).await;
    let call = Call { now: UnixMillis(NOW.0 + SIGNING_FOR_MS), ..stage.call(&secret) };
    let about = (&Imprint::default(), "https://ofd.example");
    assert!(described(&stage.office, call, about, 0).await.unwrap().is_none());
    assert!(documents(&stage.office, call).await.unwrap().is_none());
    let told = take(&stage.office, call, &stage.brought("head", TEXT)).await;
    assert!(matches!(told, Err(NotTaken::Over)), "{told:?}");
    let seen = state(&stage.office, (VISIT, call.now), (&secret, SUBJECT)).await.unwrap();
    assert_eq!(seen, PhoneState::Over);
}

#[tokio::test]
async fn secrets_of_strangers_are_told_without_the_store() {
    let stage = Stage::open();
    let key = stage.office.key().await.unwrap();
    let (one, other) = (stage.begin(PhoneMethod::Detached).await, stage.begin(PhoneMethod::Detached).await);
    assert_ne!(one, other);
    assert_eq!(PhoneSecret::read(&key, one.text()), Some(one.clone()));
    let (drawn, mark) = one.text().split_once('.').unwrap();
    let (other_drawn, _) = other.text().split_once('.').unwrap();
    for wrong in
        ["", ".", drawn, &format!("{other_drawn}.{mark}"), &format!("{drawn}.{mark}x"), &format!("{drawn}.")]
    {
        assert_eq!(PhoneSecret::read(&key, wrong), None, "{wrong}");
    }
    assert_eq!(format!("{one:?}"), "PhoneSecret");
}

#[tokio::test]
async fn nothing_and_too_much_is_not_asked_for() {
    let stage = Stage::open();
    for (count, len) in [(0, 0), (1, DOCUMENTS_LEN_MAX + 1), (17, 1)] {
        let document = || PhoneDocument {
            name: InThreeLanguages::default(),
            mime: "text/plain",
            bytes: vec![0; len].into(),
            meta: Vec::new(),
        };
        let request = PhoneRequest {
            purpose: PhonePurpose::Documents,
            subject: SUBJECT.into(),
            text: InThreeLanguages::default(),
            documents: (0..count).map(|_| document()).collect(),
            method: PhoneMethod::Attached,
            for_ms: SIGNING_FOR_MS,
        };
        let begun = begin(&stage.office, (VISIT, NOW), request).await;
        assert!(matches!(begun, Err(PhoneError::TooLarge)), "{count} of {len}");
    }
}

#[test]
fn phones_are_offered_where_an_app_can_reach_the_site_and_an_emulated_one_on_this_machine() {
    for url in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
        assert!(has_phone_signing(url, true), "{url}");
        assert!(!has_phone_signing(url, false), "{url}: no app on a phone reaches it");
    }
    for is_emulated in [false, true] {
        assert!(has_phone_signing("https://ofd.example", is_emulated));
        for url in ["http://ofd.example", "http://127.0.0.1.evil.example", "http://10.0.0.1:8080", ""] {
            assert!(!has_phone_signing(url, is_emulated), "{url}");
        }
    }
}

#[test]
fn apps_are_opened_by_the_patterns_of_the_config() {
    let address = "https://ofd.example/sign/a.b?x=1&y=2";
    let [mobile, business] = AppLinks::default().to(address);
    let encoded = "https%3A%2F%2Fofd.example%2Fsign%2Fa.b%3Fx%3D1%26y%3D2";
    assert_eq!(
        mobile,
        format!(
            "https://m.egov.kz/mobileSign/?link={encoded}&isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov"
        )
    );
    assert!(business.contains(encoded), "{business}");
    assert_eq!(AppLinks::qr(address), format!("mobileSign:{address}"));
    for usual in [AppLinks::default().mobile, AppLinks::default().business] {
        assert_eq!(AppLinks::check(&usual), Ok(()));
    }
    assert_eq!(AppLinks::check("http://x/{link}"), Err(AppLinksError::NoLink));
    assert_eq!(AppLinks::check("https://x/\"{link}"), Err(AppLinksError::NoLink));
    assert_eq!(AppLinks::check("https://x/"), Err(AppLinksError::NoPlace));
    assert_eq!(AppLinks::check("https://x/{link}{link}"), Err(AppLinksError::NoPlace));
}
