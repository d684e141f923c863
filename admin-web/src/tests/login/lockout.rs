//! Strangers who try passwords: what they spend is never the person's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ofd_storage::accounts::{Account, AccountId, AuditAction, Company, CompanyKind, create};
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Head, RecordKind, Stamp, Store, StoreError, StreamId};

use super::password::{try_password, with_password};
use super::{Gate, PASSWORD, assert_refused};
use crate::Mailer;
use crate::mail::Sink;
use crate::people::by_login_alike;
use crate::tests::support::config;
use crate::tests::support::people::{Browser, location};
use crate::tests::support::{NOW, header_of};

const ADDRESS: &str = "timur@example.kz";
const LOCKED: &str = "the password is locked until";

/// Strangers use up what tries there are for a login.
async fn lock_out(gate: &Gate, login: &str) {
    for number in 0..5 {
        let mut stranger = gate.house.browser();
        stranger.address = Some(format!("198.51.100.{number}").parse().unwrap());
        let answer = try_password(&mut stranger, login, "Wrong1234").await;
        let why = if number == 4 { LOCKED } else { "Login or password is wrong" };
        assert_refused(&stranger, &answer, why);
    }
}

async fn signed_in_before(gate: &Gate) -> Browser {
    let mut browser = gate.house.browser();
    assert_eq!(location(&try_password(&mut browser, ADDRESS, PASSWORD).await), "/cabinet");
    browser.go("/cabinet").await;
    assert_eq!(location(&browser.submit("/sign-out", &[]).await), "/login?done=signed-out");
    assert!(!browser.is_signed_in());
    browser
}

#[tokio::test]
async fn strangers_never_shut_out_a_browser_that_signed_in_before() {
    let gate = Gate::open();
    with_password(&gate, "person", ADDRESS).await;
    let mut own = signed_in_before(&gate).await;
    lock_out(&gate, ADDRESS).await;
    assert_eq!(location(&try_password(&mut own, ADDRESS, PASSWORD).await), "/cabinet");
    // By certificate a browser becomes known as well.
    let mut other = gate.house.browser();
    assert_eq!(location(&gate.sign_in(&mut other, "person").await), "/cabinet");
    other.go("/cabinet").await;
    other.submit("/sign-out", &[]).await;
    assert_eq!(location(&try_password(&mut other, ADDRESS, PASSWORD).await), "/cabinet");
}

#[tokio::test]
async fn the_right_password_of_an_unknown_browser_is_told_what_helps_in_three_languages() {
    let gate = Gate::open();
    with_password(&gate, "person", ADDRESS).await;
    lock_out(&gate, ADDRESS).await;
    lock_out(&gate, "nobody@example.kz").await;
    for (language, helps) in [
        ("en", ["sign in with your signature", "in which you signed in before", "Forgot the password?"]),
        ("ru", ["войдите с ЭЦП", "в котором вы уже входили", "Забыли пароль?"]),
        ("kk", ["ЭЦҚ арқылы кіріңіз", "бұрын кірген", "Құпиясөзді ұмыттыңыз ба?"]),
    ] {
        let mut texts = Vec::new();
        for (login, typed) in [(ADDRESS, PASSWORD), (ADDRESS, "Wrong1234"), ("nobody@example.kz", PASSWORD)] {
            let mut browser = gate.house.browser();
            browser.language = language.into();
            let answer = try_password(&mut browser, login, typed).await;
            assert_eq!(answer.status, 422);
            let alert = answer.text.split_once("role=\"alert\">").unwrap().1.split("</p>").next().unwrap();
            for help in helps {
                assert!(alert.contains(help), "{help} in {language}: {alert}");
            }
            assert!(answer.text.contains("href=\"/forgot\""));
            texts.push(alert.to_owned());
        }
        texts.dedup();
        assert_eq!(texts.len(), 1, "nothing tells which it was: {texts:?}");
    }
}

#[tokio::test]
async fn who_reads_the_letter_is_let_in_while_strangers_have_locked_the_login() {
    let sink = Arc::new(Sink::default());
    let mailer = Mailer::Sink(Arc::clone(&sink));
    let gate = Gate::with(|config, _| config.people.mailer = mailer);
    with_password(&gate, "person", ADDRESS).await;
    lock_out(&gate, ADDRESS).await;
    let mut browser = gate.house.browser();
    browser.go("/forgot").await;
    browser.submit("/forgot", &[("login", ADDRESS)]).await;
    for _ in 0..200 {
        if !sink.letters().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let letter = sink.letters().remove(0);
    let link = letter.text.lines().find(|line| line.contains("k=")).unwrap().to_owned();
    browser.go(link.strip_prefix("https://ofd.example").unwrap()).await;
    let answer = browser.submit("/recover", &[("password", "Zyxwvut9"), ("repeat", "Zyxwvut9")]).await;
    assert_eq!(location(&answer), "/login?done=recovered");
    assert_eq!(location(&try_password(&mut browser, ADDRESS, "Zyxwvut9").await), "/cabinet");
    let mut stranger = gate.house.browser();
    assert_refused(&stranger, &try_password(&mut stranger.clone(), ADDRESS, "Zyxwvut9").await, LOCKED);
    assert!(stranger.open("/cabinet").await.status == 303);
}

#[tokio::test]
async fn a_browser_is_known_for_the_person_who_signed_in_and_for_nobody_else() {
    let gate = Gate::open();
    with_password(&gate, "person", ADDRESS).await;
    with_password(&gate, "support", "other@example.kz").await;
    let mut own = signed_in_before(&gate).await;
    lock_out(&gate, "other@example.kz").await;
    let answer = try_password(&mut own, "other@example.kz", PASSWORD).await;
    assert_refused(&own, &answer, LOCKED);
    lock_out(&gate, ADDRESS).await;
    let mut thief = gate.house.browser();
    let device = own.cookies["__Host-ofd-device"].clone();
    thief.cookies.insert("__Host-ofd-device".into(), device.replacen('.', ".A", 1));
    assert_refused(&thief.clone(), &try_password(&mut thief, ADDRESS, PASSWORD).await, LOCKED);
}

#[tokio::test]
async fn the_cookie_of_a_known_browser_is_long_lived_and_no_script_reads_it() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", ADDRESS).await;
    let mut browser = gate.house.browser();
    let answer = try_password(&mut browser, ADDRESS, PASSWORD).await;
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with("__Host-ofd-device=")).unwrap();
    assert!(line.contains("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000"), "{line}");
    assert!(line.starts_with(&format!("__Host-ofd-device={id}.")), "it is bound to the account: {line}");
    assert_eq!(header_of(&browser.open("/cabinet").await, "set-cookie"), "", "it is written once");
    // A session of before this program knew browsers makes its one known.
    let mut signed = gate.house.sign_in(id).await;
    assert!(!signed.cookies.contains_key("__Host-ofd-device"));
    signed.go("/cabinet").await;
    assert!(signed.cookies.contains_key("__Host-ofd-device"));
}

#[tokio::test]
async fn five_wrong_ones_in_a_known_browser_lock_that_browser_alone() {
    let gate = Gate::open();
    let id = with_password(&gate, "person", ADDRESS).await;
    let (mut one, mut other) = (signed_in_before(&gate).await, signed_in_before(&gate).await);
    for number in 0..5 {
        let answer = try_password(&mut one, ADDRESS, "Wrong1234").await;
        assert_eq!(answer.text.contains(LOCKED), number == 4, "{number}");
    }
    assert_refused(&one, &try_password(&mut one.clone(), ADDRESS, PASSWORD).await, LOCKED);
    assert_eq!(location(&try_password(&mut other, ADDRESS, PASSWORD).await), "/cabinet");
    let mut stranger = gate.house.browser();
    assert_eq!(location(&try_password(&mut stranger, ADDRESS, PASSWORD).await), "/cabinet");
    gate.house.wait(600);
    assert_eq!(location(&try_password(&mut one, ADDRESS, PASSWORD).await), "/cabinet");
    let audit = gate.house.audit_of(id).await;
    let count = |action| audit.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count(AuditAction::PasswordWrong), count(AuditAction::PasswordLocked)), (5, 1));
}

#[tokio::test]
async fn an_address_that_tries_many_logins_is_told_to_wait_and_known_browsers_behind_it_are_not() {
    let gate = Gate::open();
    with_password(&gate, "person", ADDRESS).await;
    let shared = Some("198.51.100.7".parse().unwrap());
    let mut own = signed_in_before(&gate).await;
    own.address = shared;
    let mut guesser = gate.house.browser();
    guesser.address = shared;
    for number in 0..60 {
        let login = format!("somebody-{number}@example.kz");
        let answer = try_password(&mut guesser, &login, PASSWORD).await;
        assert_refused(&guesser, &answer, "Login or password is wrong");
    }
    let answer = try_password(&mut guesser, ADDRESS, PASSWORD).await;
    assert_eq!((answer.status.as_u16(), header_of(&answer, "retry-after")), (429, "600"));
    assert!(answer.text.contains("from your network address") && answer.text.contains("until"));
    assert_eq!(location(&try_password(&mut own, ADDRESS, PASSWORD).await), "/cabinet");
    let mut elsewhere = gate.house.browser();
    assert_eq!(location(&try_password(&mut elsewhere, ADDRESS, PASSWORD).await), "/cabinet");
}

/// Counts what is asked of a store.
struct Counting {
    store: MemoryStore,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl ofd_storage::through::Through for Counting {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.store
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.head(stream).await
    }

    async fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> Result<Option<ofd_storage::store::Record>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.record(kind, key).await
    }

    async fn append(
        &self,
        append: ofd_storage::store::Append,
    ) -> Result<ofd_storage::store::Version, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.store.append(append).await
    }
}

#[tokio::test]
async fn a_login_costs_the_store_the_same_whether_or_not_somebody_has_it() {
    let counts = || AtomicUsize::new(0);
    let store = Counting { store: MemoryStore::new(), reads: counts(), writes: counts() };
    let (id, iin, bin) = (AccountId(7), "880101300123", "151140001234");
    let mut account = Account::new(id, "A".into(), "ru".into(), NOW);
    account.iin = Some(iin.into());
    account.email = Some(ofd_storage::accounts::ConfirmedEmail { address: ADDRESS.into(), since: NOW });
    create(&store, account.clone(), Vec::new(), Stamp([1; 16])).await.unwrap();
    let mut company = Company::new(bin.into(), "B".into(), CompanyKind::LegalEntity, NOW);
    company.registrant = Some(id);
    company.members.push(crate::people::member_of(&account, Vec::new(), NOW));
    create(&store, company, Vec::new(), Stamp([2; 16])).await.unwrap();
    for (family, name) in [("iin", iin), ("email", ADDRESS)] {
        store.claim(family, name, id.to_string().as_bytes(), NOW.0, None).await.unwrap();
    }
    let store = Arc::new(store);
    let site = crate::site_over(Arc::clone(&store), config()).unwrap();
    site.office.key().await.unwrap();
    let before = store.writes.load(Ordering::SeqCst);
    let reads = async |login: &str| {
        let before = store.reads.load(Ordering::SeqCst);
        let found = by_login_alike(&site.office, login).await.unwrap();
        (found.is_some(), store.reads.load(Ordering::SeqCst) - before)
    };
    let (by_iin, by_bin, by_none) = (reads(iin).await, reads(bin).await, reads("900000000001").await);
    assert_eq!((by_iin.0, by_bin.0, by_none.0), (true, true, false));
    assert_eq!((by_iin.1, by_bin.1), (by_none.1, by_none.1));
    let (by_email, by_none) = (reads(ADDRESS).await, reads("nobody@example.kz").await);
    assert_eq!((by_email.0, by_none.0, by_email.1), (true, false, by_none.1));
    assert_eq!(store.writes.load(Ordering::SeqCst), before, "nothing is written");
}
