//! Signing in and out, with keys of a test PKI.

mod lockout;
mod number;
mod password;
mod second_factor;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_eds::Moment;
use ofd_protocol::types::UnixMillis;
use ofd_stand::{CmsMaker, Key, ListState, OcspState, Pki, SignerFlaw, Switches};
use ofd_storage::accounts::{Account, AccountId, AuditAction, Block, OPERATOR, Role, save};
use ofd_storage::store::Store;

use super::support::people::{Browser, House, location};
use super::support::{Answer, HERE, NOW, work};
use crate::signatures::{RevocationPolicy, SignaturesConfig};
use crate::{Signatures, SiteConfig};

/// A password that breaks no rule.
pub(super) const PASSWORD: &str = "Qwerty123";

/// A site that trusts a test PKI.
pub(super) struct Gate {
    pub(super) house: House,
    pub(super) pki: Arc<Pki>,
}

fn seconds(at: UnixMillis) -> Moment {
    Moment::from_unix(i64::try_from(at.0 / 1000).unwrap())
}

fn signatures(pki: &Pki, ocsp: &[String], revocation: RevocationPolicy) -> Signatures {
    let folder = tempfile::tempdir().unwrap();
    pki.write_trust(folder.path()).unwrap();
    std::fs::create_dir(folder.path().join("crl")).unwrap();
    for (name, list) in pki.revocation_lists(seconds(NOW), ListState::Fresh) {
        std::fs::write(folder.path().join("crl").join(name), list).unwrap();
    }
    let trust = folder.path().to_owned();
    let config =
        SignaturesConfig { trust, ocsp: ocsp.to_vec(), crls: Vec::new(), tsa: Vec::new(), revocation };
    Signatures::new(&config, work(), Box::new(|| [1; 16]), &mut |_| ()).unwrap()
}

impl Gate {
    pub(super) fn open() -> Self {
        Self::with(|_, _| {})
    }

    pub(super) fn with(set: impl FnOnce(&mut SiteConfig, &Arc<Pki>)) -> Self {
        let pki = Arc::new(Pki::new([5; 32], seconds(NOW)));
        let house = House::with(|config| {
            config.people.signatures = signatures(&pki, &[], RevocationPolicy::CachedCrl);
            set(config, &pki);
        });
        Self { house, pki }
    }

    pub(super) fn key(&self, label: &str) -> &Key {
        self.pki.key(label).unwrap()
    }

    pub(super) fn now(&self) -> Moment {
        seconds(self.house.now())
    }

    /// The person of a key, with an account.
    pub(super) async fn known(&self, label: &str) -> AccountId {
        let key = self.key(label);
        let iin = key.iin().unwrap().to_owned();
        let id = self.house.person_with(key.full_name(), |account| account.iin = Some(iin.clone())).await;
        self.house.store.claim("iin", &iin, id.to_string().as_bytes(), NOW.0, None).await.unwrap();
        id
    }

    /// Changes an account behind the site's back.
    async fn change_account(&self, id: AccountId, set: impl FnOnce(&mut Account)) {
        let before = self.house.account(id).await;
        let mut changed = before.state.clone();
        set(&mut changed);
        let stamp = self.house.site.office.stamp();
        save(&*self.house.store, &before, changed, Vec::new(), stamp).await.unwrap();
    }

    /// What a page asks to sign.
    pub(super) fn content(browser: &Browser) -> Vec<u8> {
        let content = browser.page.split_once("data-content=\"").unwrap().1.split('"').next().unwrap();
        STANDARD.decode(content.replace("&#43;", "+").replace("&#61;", "=")).unwrap()
    }

    /// Signs what the shown page asks to sign, as NCALayer does, and sends it.
    pub(super) async fn sign(&self, browser: &mut Browser, action: &str, label: &str) -> Answer {
        let cms = self.key(label).sign_cms(&Self::content(browser), true, self.now(), None);
        browser.submit(action, &[("signature", &STANDARD.encode(cms))]).await
    }

    /// Opens the page of signing in and signs in with a key.
    pub(super) async fn sign_in(&self, browser: &mut Browser, label: &str) -> Answer {
        browser.go("/login").await;
        self.sign(browser, "/login/certificate", label).await
    }

    /// Sends a signature file over what the page of signing in asks.
    async fn send(&self, make: impl FnOnce(CmsMaker<'_>) -> Vec<u8>) -> (Browser, Answer) {
        let mut browser = self.house.browser();
        browser.go("/login").await;
        let content = Self::content(&browser);
        let cms = make(CmsMaker::new(&content));
        let answer = browser.submit("/login/certificate", &[("signature", &STANDARD.encode(cms))]).await;
        (browser, answer)
    }
}

/// The door stayed shut, and the page says why, in English.
fn assert_refused(browser: &Browser, answer: &Answer, why: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(answer.text.contains(why), "{why:?} is not on the page: {}", answer.text);
    assert!(!browser.is_signed_in());
}

#[tokio::test]
async fn who_has_an_account_signs_in_by_one_signature_and_lands_at_his_organisations() {
    let gate = Gate::open();
    let id = gate.known("person").await;
    let mut browser = gate.house.browser();
    let answer = gate.sign_in(&mut browser, "person").await;
    assert_eq!(location(&answer), "/cabinet");
    assert!(browser.is_signed_in());
    assert!(browser.go("/cabinet").await.text.contains("You have no organisations yet"));
    let audit = gate.house.audit_of(id).await;
    assert_eq!(audit[0].action, AuditAction::SignedIn);
    assert_eq!(audit[0].actor.account, Some(id));
    assert_eq!(audit[0].changes[0].after.as_deref(), Some("certificate"));
}

#[tokio::test]
async fn the_page_offers_three_ways_and_works_in_three_languages() {
    let gate = Gate::open();
    for (language, button) in
        [("en", "Sign in with signature"), ("ru", "Войти с ЭЦП"), ("kk", "ЭЦҚ арқылы кіру")]
    {
        let mut browser = gate.house.browser();
        browser.language = language.into();
        let page = browser.go("/login").await.text;
        for part in [
            button,
            "action=\"/login/password\"",
            "enctype=\"multipart/form-data\"",
            "href=\"/sign-up\"",
            "href=\"/forgot\"",
            "data-sign-say=\"blocked\"",
            "data-chain=\"any\"",
        ] {
            assert!(page.contains(part), "{part} in {language}");
        }
        assert!(page.matches("<h1>").count() == 1 && !page.contains("{ $") && page.len() < 100_000);
    }
}

#[tokio::test]
async fn an_answered_challenge_is_not_taken_again() {
    let gate = Gate::open();
    gate.known("person").await;
    let mut browser = gate.house.browser();
    browser.go("/login").await;
    let mut thief = browser.clone();
    let cms = gate.key("person").sign_cms(&Gate::content(&browser), true, gate.now(), None);
    let signature = STANDARD.encode(cms);
    assert_eq!(
        location(&browser.submit("/login/certificate", &[("signature", &signature)]).await),
        "/cabinet"
    );
    let answer = thief.submit("/login/certificate", &[("signature", &signature)]).await;
    assert_refused(&thief, &answer, "was used already");
}

#[tokio::test]
async fn a_challenge_holds_for_five_minutes() {
    let gate = Gate::open();
    gate.known("person").await;
    for (wait, is_taken) in [(299, true), (300, false)] {
        let mut browser = gate.house.browser();
        browser.go("/login").await;
        gate.house.wait(wait);
        let answer = gate.sign(&mut browser, "/login/certificate", "person").await;
        if is_taken {
            assert_eq!(location(&answer), "/cabinet");
        } else {
            assert_refused(&browser, &answer, "More than five minutes");
        }
    }
}

#[tokio::test]
async fn a_challenge_of_another_visit_opens_nothing() {
    let gate = Gate::open();
    gate.known("person").await;
    let (mut his, mut mine) = (gate.house.browser(), gate.house.browser());
    his.go("/login").await;
    mine.go("/login").await;
    let hidden = his.hidden("/login/certificate");
    let challenge = &hidden.iter().find(|(name, _)| name == "challenge").unwrap().1;
    let cms = gate.key("person").sign_cms(&Gate::content(&his), true, gate.now(), None);
    let fields = [("challenge", challenge.as_str()), ("signature", &STANDARD.encode(cms))];
    let answer = mine.submit("/login/certificate", &fields).await;
    assert_refused(&mine, &answer, "belongs to another visit");
}

#[tokio::test]
async fn a_forged_challenge_opens_nothing() {
    let gate = Gate::open();
    gate.known("person").await;
    let mut browser = gate.house.browser();
    browser.go("/login").await;
    for forged in ["", "x", "e30.99999999999999.bWFyaw"] {
        let answer =
            browser.submit("/login/certificate", &[("challenge", forged), ("signature", "AA==")]).await;
        assert_refused(&browser, &answer, "belongs to another visit");
    }
}

#[tokio::test]
async fn a_signature_over_anything_else_opens_nothing() {
    let gate = Gate::open();
    gate.known("person").await;
    let (key, now) = (gate.key("person"), gate.now());
    for other in [&b"Contract"[..], b""] {
        let (browser, answer) = gate.send(|_| key.sign_cms(other, true, now, None)).await;
        assert_refused(&browser, &answer, "Another text was signed");
        let (browser, answer) = gate.send(|_| key.sign_cms(other, false, now, None)).await;
        assert_refused(&browser, &answer, "Another text was signed");
    }
    let (browser, answer) =
        gate.send(|maker| maker.flawed_signer(key, now, SignerFlaw::OtherContent).make()).await;
    assert_refused(&browser, &answer, "Another text was signed");
    let (browser, answer) =
        gate.send(|maker| maker.flawed_signer(key, now, SignerFlaw::OtherKey).make()).await;
    assert_refused(&browser, &answer, "does not match");
}

#[tokio::test]
async fn exactly_one_signs_to_sign_in() {
    let gate = Gate::open();
    gate.known("person").await;
    let (one, other, now) = (gate.key("person"), gate.key("head"), gate.now());
    let (browser, answer) = gate.send(|maker| maker.signer(one, now).signer(other, now).make()).await;
    assert_refused(&browser, &answer, "several signatures");
    let bad = SignerFlaw::OtherKey;
    let (browser, answer) =
        gate.send(|maker| maker.signer(one, now).flawed_signer(other, now, bad).make()).await;
    assert_refused(&browser, &answer, "several signatures");
    let (browser, answer) = gate.send(|maker| maker.make()).await;
    assert_refused(&browser, &answer, "no signature in the file");
    let (browser, answer) = gate.send(|maker| maker.signer(one, now).without_certificates().make()).await;
    assert_refused(&browser, &answer, "no certificate in the signature file");
}

#[tokio::test]
async fn what_is_no_signature_file_is_called_so() {
    let gate = Gate::open();
    let (key, now) = (gate.key("person"), gate.now());
    let (browser, answer) = gate.send(|maker| maker.signer(key, now).trailing(b"rest").make()).await;
    assert_refused(&browser, &answer, "no signature file");
    let nested = [0x30, 0x80].repeat(1000);
    let (browser, answer) = gate.send(|_| nested).await;
    assert_refused(&browser, &answer, "no signature file");
    let (browser, answer) = gate.send(|_| Vec::new()).await;
    assert_refused(&browser, &answer, "There is no signature");
    let mut browser = gate.house.browser();
    browser.go("/login").await;
    let huge = vec![b'A'; 10 << 20];
    let answer = browser.submit_files("/login/certificate", &[], &[("file", "huge.cms", &huge)]).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn certificates_that_prove_nobody_are_refused_each_with_its_reason() {
    let gate = Gate::open();
    for (label, why) in [
        ("expired", "has expired"),
        ("not-yet", "not valid yet"),
        ("revoked", "was revoked"),
        ("wrong-purpose", "not meant for signing in"),
        ("self-signed", "foreign or self-signed"),
        ("foreign", "Choose a key issued by the national CA"),
        ("system", "information system"),
    ] {
        let mut browser = gate.house.browser();
        let answer = gate.sign_in(&mut browser, label).await;
        assert_refused(&browser, &answer, why);
    }
}

#[tokio::test]
async fn a_responder_that_is_silent_never_makes_a_certificate_revoked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ocsp", listener.local_addr().unwrap());
    let switches = Arc::new(Switches::default());
    let gate = Gate::with(|config, pki| {
        config.people.signatures = signatures(pki, &[url], RevocationPolicy::Require);
    });
    let clock: ofd_stand::Clock = Arc::new(|| seconds(NOW));
    let stop = std::future::pending::<()>();
    let service = ofd_stand::serve(listener, Arc::clone(&gate.pki), Arc::clone(&switches), clock, stop);
    let service = tokio::spawn(service);
    gate.known("person").await;
    for state in [OcspState::Down, OcspState::TryLater, OcspState::Unknown, OcspState::Forged] {
        switches.set_ocsp(state);
        let mut browser = gate.house.browser();
        let answer = gate.sign_in(&mut browser, "person").await;
        assert_refused(&browser, &answer, "cannot be found out now");
        assert!(!answer.text.contains("The certificate was revoked"), "{state:?}");
        // Silence is remembered for some seconds.
        gate.house.wait(11);
    }
    switches.set_ocsp(OcspState::Answers);
    let mut browser = gate.house.browser();
    assert_eq!(location(&gate.sign_in(&mut browser, "person").await), "/cabinet");
    let mut browser = gate.house.browser();
    let answer = gate.sign_in(&mut browser, "revoked").await;
    assert_refused(&browser, &answer, "The certificate was revoked");
    service.abort();
}

#[tokio::test]
async fn a_signature_file_is_uploaded_where_there_is_no_ncalayer() {
    let gate = Gate::open();
    gate.known("person").await;
    for is_attached in [true, false] {
        let mut browser = gate.house.browser();
        let page = browser.go("/login").await.text;
        let download = page.split_once("href=\"/login/challenge").unwrap().1.split('"').next().unwrap();
        let download = format!("/login/challenge{}", download.replace("&#61;", "="));
        let mut reader = browser.clone();
        let text = reader.open(&download).await;
        assert_eq!((text.status.as_u16(), text.text.as_bytes()), (200, &Gate::content(&browser)[..]));
        let cms = gate.key("person").sign_cms(text.text.as_bytes(), is_attached, gate.now(), None);
        let files = [("file", "signature.cms", &cms[..])];
        let answer = browser.submit_files("/login/certificate", &[], &files).await;
        assert_eq!(location(&answer), "/cabinet");
        assert_eq!(gate.house.browser().open(&download).await.status, 404, "it is of one visit");
    }
}

#[tokio::test]
async fn a_planted_session_is_worth_nothing_after_signing_in() {
    let gate = Gate::open();
    let thief = gate.house.sign_in(gate.house.person("ВОР").await).await;
    let id = gate.known("person").await;
    let mut browser = gate.house.browser();
    browser.cookies.insert("__Host-ofd".into(), "000000000000a001.0000000000000000.planted".into());
    browser.cookies.insert("__Host-ofd-visit".into(), "planted-planted-plant!".into());
    assert_eq!(location(&gate.sign_in(&mut browser, "person").await), "/cabinet");
    let fresh = browser.cookies["__Host-ofd"].clone();
    assert!(fresh.starts_with(&id.to_string()) && !fresh.contains("planted"));
    assert!(!browser.cookies.contains_key("__Host-ofd-visit"), "the visit before is forgotten");
    let mut again = browser.clone();
    assert_eq!(gate.sign_in_again(&mut again).await, "/cabinet");
    assert_ne!(thief.cookies["__Host-ofd"], fresh);
}

impl Gate {
    /// Signs out and in again; each session has a secret of its own.
    async fn sign_in_again(&self, browser: &mut Browser) -> String {
        let before = browser.cookies["__Host-ofd"].clone();
        let mut former = browser.clone();
        browser.go("/cabinet").await;
        assert_eq!(location(&browser.submit("/sign-out", &[]).await), "/login?done=signed-out");
        assert_eq!(former.open("/cabinet").await.status, 303, "the session is over for every cookie");
        let answer = self.sign_in(browser, "person").await;
        assert_ne!(browser.cookies["__Host-ofd"], before);
        location(&answer)
    }
}

#[tokio::test]
async fn a_forged_host_gets_no_challenge_and_no_session() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    let answer = browser.send("GET", "/login", &[("host", "evil.example")], "").await;
    assert_eq!(answer.status, 421);
    assert!(!answer.text.contains("data-content") && !answer.text.contains("evil.example"));
    assert!(
        Gate::content(&{
            let mut browser = gate.house.browser();
            browser.go("/login").await;
            browser
        })
        .windows(20)
        .any(|part| part == b"https://ofd.example\n")
    );
}

#[tokio::test]
async fn after_signing_in_a_person_goes_on_within_the_site_only() {
    let gate = Gate::open();
    gate.known("person").await;
    for (next, goes_to) in [
        ("/account", "/account"),
        ("//evil.example", "/cabinet"),
        ("https://evil.example/", "/cabinet"),
        ("/login", "/cabinet"),
    ] {
        let mut browser = gate.house.browser();
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        browser.go(&format!("/login?{query}")).await;
        assert_eq!(location(&gate.sign(&mut browser, "/login/certificate", "person").await), goes_to);
        assert_eq!(location(&browser.open(&format!("/login?{query}")).await), goes_to, "signed in already");
    }
}

#[tokio::test]
async fn who_asks_for_a_page_comes_to_it_after_signing_in() {
    let gate = Gate::open();
    gate.known("person").await;
    let mut browser = gate.house.browser();
    let answer = browser.open("/cabinet/add?x=1").await;
    assert_eq!(location(&answer), "/login?next=%2Fcabinet%2Fadd%3Fx%3D1");
    browser.go(&location(&answer)).await;
    let answer = gate.sign(&mut browser, "/login/certificate", "person").await;
    assert_eq!(location(&answer), "/cabinet/add?x=1");
}

#[tokio::test]
async fn without_a_trust_folder_the_page_says_so_and_takes_no_signature() {
    let gate = Gate::with(|config, _| config.people.signatures = Signatures::none(work()));
    let mut browser = gate.house.browser();
    let page = browser.go("/login").await.text;
    assert!(page.contains("not set up on this site") && !page.contains("data-sign="));
}

#[tokio::test]
async fn the_name_is_that_of_the_newest_certificate() {
    let gate = Gate::open();
    let iin = gate.key("person").iin().unwrap().to_owned();
    let id = gate.house.person_with("ПРЕЖНЯЯ ФАМИЛИЯ", |account| account.iin = Some(iin.clone())).await;
    gate.house.store.claim("iin", &iin, id.to_string().as_bytes(), NOW.0, None).await.unwrap();
    gate.sign_in(&mut gate.house.browser(), "person").await;
    assert_eq!(gate.house.account(id).await.state.name, gate.key("person").full_name());
    let audit = gate.house.audit_of(id).await;
    assert_eq!(audit[1].action, AuditAction::PersonChanged);
    assert_eq!(audit[1].changes[0].before.as_deref(), Some("ПРЕЖНЯЯ ФАМИЛИЯ"));
}

#[tokio::test]
async fn the_person_whom_the_config_names_becomes_the_operators_first_administrator() {
    let gate = Gate::with(|config, pki| {
        let iins = ["staff", "support"].map(|label| pki.key(label).unwrap().iin().unwrap().to_owned());
        config.people.administrators = iins.to_vec();
    });
    let first = gate.known("staff").await;
    let second = gate.known("support").await;
    gate.known("person").await;
    gate.sign_in(&mut gate.house.browser(), "person").await;
    let mut browser = gate.house.browser();
    gate.sign_in(&mut browser, "staff").await;
    let operator = gate.house.company_of(OPERATOR).await;
    assert_eq!(operator.members.len(), 1);
    assert_eq!(operator.member(first).unwrap().roles, [Role::OperatorAdministrator]);
    assert!(browser.go("/cabinet").await.text.contains("/operator/start"));
    gate.sign_in(&mut gate.house.browser(), "support").await;
    let operator = gate.house.company_of(OPERATOR).await;
    assert!(operator.member(second).is_none(), "the operator has its administrator already");
    let audit = gate.house.audit(OPERATOR).await;
    assert_eq!((audit.len(), audit[0].action), (1, AuditAction::Joined));
    let repaired = gate.house.account(first).await.state;
    assert_eq!(repaired.companies.len(), 1);
}

#[tokio::test]
async fn my_organisations_are_those_that_know_me() {
    let gate = Gate::open();
    let (me, other) = (gate.known("person").await, gate.house.person("ДРУГОЙ").await);
    let alpha = [(other, &[Role::Administrator][..]), (me, &[Role::Accountant, Role::Reader])];
    gate.house.company("111111111110", "ТОО «Альфа»", &alpha).await;
    gate.house.company("222222222220", "ТОО «Бета»", &[(other, &[Role::Administrator])]).await;
    gate.house.company("333333333330", "ТОО «Гамма»", &[(me, &[Role::Reader])]).await;
    gate.house
        .change_company("333333333330", |company| {
            let block =
                Block { reason: "Уволен 1 января".into(), since: NOW, by: "ДРУГОЙ".into() };
            company.members[0].block = Some(block);
        })
        .await;
    gate.house.company("444444444440", "ТОО «Дельта»", &[(me, &[Role::Reader])]).await;
    gate.house.change_company("444444444440", |company| company.members.clear()).await;
    let page = gate.house.sign_in(me).await.go("/cabinet").await.text;
    assert!(page.contains("href=\"/c/111111111110/start\"") && page.contains("Accountant"));
    assert!(page.contains("Уволен 1 января") && !page.contains("href=\"/c/333333333330\""));
    assert!(
        !page.contains("Бета") && !page.contains("Дельта") && !page.contains("You have no organisations")
    );
}

#[tokio::test]
async fn signing_out_twice_is_no_mistake() {
    let gate = Gate::open();
    let id = gate.known("person").await;
    let mut browser = gate.house.browser();
    gate.sign_in(&mut browser, "person").await;
    browser.go("/cabinet").await;
    let mut twice = browser.clone();
    assert_eq!(location(&browser.submit("/sign-out", &[]).await), "/login?done=signed-out");
    assert!(!browser.is_signed_in());
    assert!(browser.go("/login?done=signed-out").await.text.contains("You are signed out"));
    assert_eq!(location(&twice.submit("/sign-out", &[]).await), "/login?next=%2Fcabinet&done=ended");
    assert!(gate.house.account(id).await.state.sessions.is_empty());
    assert_eq!(gate.house.audit_of(id).await[0].action, AuditAction::SignedOut);
}
