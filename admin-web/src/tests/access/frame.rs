//! What is around every page: texts in each language, cookies, and headers that keep the browser safe.

use std::collections::BTreeSet;

use ofd_desk::assets::links;
use ofd_eds::Moment;
use ofd_stand::Pki;
use ofd_storage::accounts::{
    Account, AuditAction, AuditActor, AuditEntry, AuditSubject, Password, Totp, load, note, save,
};
use ofd_storage::store::Stamp;

use super::super::support::people::HOST;
use super::super::support::{NOW, header_of, work};
use super::super::words::{assert_says_everything, keys};
use super::*;
use crate::Signatures;
use crate::language::Language;
use crate::signatures::{RevocationPolicy, SignaturesConfig};

/// GETs that are no pages.
fn is_file(path: &str) -> bool {
    [".csv", ".pdf", ".cms", "/{file}"].iter().any(|ending| path.ends_with(ending))
        || path == "/login/challenge"
}

/// GETs that show more than a refusal only on the way from a password, a letter or a certificate, or of a signature that is
/// one.
const ON_A_WAY: [&str; 8] = [
    "/c/{bin}/application/phone",
    "/c/{bin}/registrations/{register}/phone",
    "/c/{bin}/papers/{number}/check",
    "/confirm-email",
    "/invitation",
    "/login/code",
    "/login/phone",
    "/sign-up/company",
];

/// Pages on which something is signed, and who opens them.
const SIGNING: [(&str, &str); 3] =
    [("/login", "nobody"), ("/sign-up", "nobody"), ("/cabinet/add", "a stranger")];

const HSTS: &str = "strict-transport-security";

fn gets() -> impl Iterator<Item = Route> {
    routes().into_iter().filter(|route| route.verb() == "get")
}

fn is_page(answer: &Answer) -> bool {
    header_of(answer, "content-type").starts_with("text/html")
}

/// Lines that set a cookie.
fn cookie_lines(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect()
}

/// Checks of signatures by a test PKI, so that pages offer to sign.
fn signatures() -> Signatures {
    let folder = tempfile::tempdir().unwrap();
    let now = Moment::from_unix(i64::try_from(NOW.0 / 1000).unwrap());
    Pki::new([3; 32], now).write_trust(folder.path()).unwrap();
    let config = SignaturesConfig {
        trust: folder.path().to_owned(),
        ocsp: Vec::new(),
        crls: Vec::new(),
        tsa: Vec::new(),
        revocation: RevocationPolicy::CachedCrl,
    };
    Signatures::new(&config, work(), Box::new(|| [1; 16]), &mut |_| ()).unwrap()
}

impl Town {
    async fn with_signatures() -> Self {
        Self::open_with(|config| config.people.signatures = signatures()).await
    }

    fn persona(&self, what: &str) -> &Persona {
        self.personas.iter().find(|persona| persona.what == what).unwrap()
    }

    /// Somebody who may do everything in the company.
    fn administrator(&self) -> &Persona {
        self.persona("Administrator, blocked: false")
    }

    async fn change_account(&self, what: &str, set: impl FnOnce(&mut Account)) {
        let account = self.house.account(self.persona(what).id.unwrap()).await;
        let mut changed = account.state.clone();
        set(&mut changed);
        let stamp = Stamp((u128::from(account.version.0) << 96).to_be_bytes());
        save(&*self.house.store, &account, changed, Vec::new(), stamp).await.unwrap();
    }

    /// Rows of every kind in every audit, and people with passwords and one-time codes.
    async fn live(&self) {
        let at = self.house.now();
        let entry = |action| AuditEntry {
            at,
            actor: AuditActor { account: None, name: "X".into(), is_operator: true },
            address: "10.0.0.1".into(),
            action,
            subject: AuditSubject::Account.called("Y"),
            changes: Vec::new(),
        };
        let rows: Vec<AuditEntry> = AuditAction::ALL.into_iter().map(entry).collect();
        let store = &*self.house.store;
        for company in &self.before {
            let stream = Company::stream_of(&company.bin).unwrap();
            let kept = load::<Company>(store, stream).await.unwrap().unwrap();
            note(store, &kept, rows.clone(), Stamp([0xAA; 16])).await.unwrap();
        }
        for persona in self.personas.iter().filter_map(|persona| persona.id) {
            let account = self.house.account(persona).await;
            note(store, &account, rows.clone(), Stamp([0xAA; 16])).await.unwrap();
        }
        let totp = |since| Totp { secret: "00".repeat(20), since, last_step: 0, recovery_codes: Vec::new() };
        let password = Password { hash: "none".into(), since: at, wrong_in_a_row: 0, locked_until: None };
        let tried = password.clone();
        self.change_account("a stranger", |account| {
            (account.password, account.totp) = (Some(password), Some(totp(Some(at))));
        })
        .await;
        self.change_account("Reader, blocked: false", |account| {
            (account.password, account.totp) = (Some(tried), Some(totp(None)));
        })
        .await;
    }
}

#[tokio::test]
async fn every_page_says_everything_in_every_language() {
    let town = Town::with_signatures().await;
    town.live().await;
    let keys = keys(Language::Russian);
    let mut shown = BTreeSet::new();
    for persona in &town.personas {
        let mut browser = town.browser(persona).await;
        for route in gets() {
            for (bin, language) in
                bins(route).iter().flat_map(|bin| Language::ALL.map(|language| (bin, language)))
            {
                browser.language = language.code().into();
                let answer = town.ask(&mut browser, route, bin, "", &[]).await;
                let what = format!("{} of {bin} by {} in {}", route.path, persona.what, language.code());
                assert!(!answer.status.is_server_error(), "{what}: {}", answer.status);
                if !is_page(&answer) {
                    continue;
                }
                assert!(answer.text.contains(&format!("<html lang=\"{}\">", language.code())), "{what}");
                assert_says_everything(&answer.text, &keys, &what);
                if answer.status == 200 {
                    shown.insert(route.path);
                }
            }
        }
    }
    let missing: Vec<&str> = gets()
        .map(|route| route.path)
        .filter(|path| !shown.contains(path) && !is_file(path) && !ON_A_WAY.contains(path))
        .collect();
    assert!(missing.is_empty(), "nobody in the town was shown {missing:?}");
}

#[tokio::test]
async fn over_tls_cookies_belong_to_this_host_alone_and_no_script_reads_them() {
    let town = Town::open().await;
    let mut nobody = town.house.browser();
    let visit = nobody.open("/login?lang=kk").await;
    let mut browser = town.browser(town.administrator()).await;
    let company = browser.open(&format!("/c/{OURS}")).await;
    let out = browser.submit("/sign-out", &[]).await;
    for (answer, name) in [(&visit, "__Host-ofd-visit"), (&company, "__Host-ofd"), (&out, "__Host-ofd")] {
        let lines = cookie_lines(answer);
        assert!(lines.iter().any(|line| line.split('=').next() == Some(name)), "{name}: {lines:?}");
        for line in lines {
            let attributes: BTreeSet<&str> = line.split("; ").skip(1).collect();
            for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(attributes.contains(attribute), "{attribute}: {line}");
            }
            assert!(!line.contains("Domain"), "{line}");
        }
    }
    assert_eq!(company.status, 200);
    assert!(cookie_lines(&out)[0].contains("Max-Age=0"), "signing out takes the cookie away");
}

#[tokio::test]
async fn without_tls_the_same_cookies_go_by_other_names() {
    let town = Town::open_with(|config| config.public_url = format!("http://{HOST}/")).await;
    let visit = town.house.browser().open("/login?lang=kk").await;
    let mut browser = town.browser(town.administrator()).await;
    let session = browser.cookies.remove("__Host-ofd").unwrap();
    browser.cookies.insert("ofd".into(), session);
    let company = browser.open(&format!("/c/{OURS}")).await;
    assert_eq!(company.status, 200);
    for (answer, name) in [(&visit, "ofd-visit"), (&company, "ofd")] {
        let lines = cookie_lines(answer);
        assert!(lines.iter().any(|line| line.split('=').next() == Some(name)), "{name}: {lines:?}");
        for line in lines {
            assert!(line.contains("; HttpOnly") && line.contains("; SameSite=Lax"), "{line}");
            assert!(!line.contains("Secure") && !line.contains("__Host-"), "{line}");
        }
    }
}

#[tokio::test]
async fn every_answer_over_tls_says_that_tls_is_to_be_used_and_none_without_it() {
    for (scheme, wanted) in [("https", "max-age=31536000"), ("http", "")] {
        let town = Town::open_with(|config| config.public_url = format!("{scheme}://{HOST}/")).await;
        let mut statuses = BTreeSet::new();
        for persona in [town.persona("nobody"), town.persona("a stranger"), town.administrator()] {
            for route in routes() {
                let mut browser = town.browser(persona).await;
                if let (Some(session), "http") = (browser.cookies.remove("__Host-ofd"), scheme) {
                    browser.cookies.insert("ofd".into(), session);
                } else {
                    browser = town.browser(persona).await;
                }
                let csrf = if route.verb() == "post" { town.csrf(&mut browser).await } else { String::new() };
                let host = [("host", "evil.example")];
                for (token, headers) in [("x", &[][..]), ("x", &host), (&csrf, &[])] {
                    let answer = town.ask(&mut browser, route, OURS, token, headers).await;
                    let what = format!("{scheme}: {} {} by {}", route.verb(), route.path, persona.what);
                    assert_eq!(header_of(&answer, HSTS), wanted, "{what}: {}", answer.status);
                    statuses.insert(answer.status.as_u16());
                }
            }
        }
        for status in [200, 303, 403, 404, 421] {
            assert!(statuses.contains(&status), "{scheme}: {status} is not among {statuses:?}");
        }
    }
}

#[tokio::test]
async fn a_change_of_roles_draws_the_sessions_secret_anew() {
    let town = Town::open().await;
    let persona = town.persona("Accountant, blocked: false");
    let page = format!("/c/{OURS}");
    let mut browser = town.browser(persona).await;
    browser.go(&page).await;
    assert!(cookie_lines(&browser.open(&page).await).is_empty(), "as long as nothing changes");
    let mut before = browser.clone();
    town.house
        .change_company(OURS, |company| {
            let member =
                company.members.iter_mut().find(|member| Some(member.account) == persona.id).unwrap();
            member.roles = vec![Role::Administrator];
            member.revision += 1;
        })
        .await;
    let renewed = browser.open(&page).await;
    assert_eq!(renewed.status, 200);
    assert!(cookie_lines(&renewed).iter().any(|line| line.starts_with("__Host-ofd=")));
    let (old, new) = (&before.cookies["__Host-ofd"], &browser.cookies["__Host-ofd"]);
    assert_ne!(old, new);
    assert_eq!(old.rsplit_once('.').unwrap().0, new.rsplit_once('.').unwrap().0, "it is the same session");

    // Requests of other tabs were under way.
    assert_eq!(browser.open(&page).await.status, 200);
    assert_eq!(before.clone().open(&page).await.status, 200);
    town.house.wait(31);
    assert!(is_sent_to_login(&before.open(&page).await), "the former secret is worth nothing any more");
    assert_eq!(browser.open(&page).await.status, 200, "the new one goes on");
}

#[tokio::test]
async fn only_pages_where_something_is_signed_run_our_script_and_it_speaks_to_ncalayer_alone() {
    let town = Town::with_signatures().await;
    let mut signing = BTreeSet::new();
    for persona in &town.personas {
        let mut browser = town.browser(persona).await;
        for route in gets() {
            let answer = town.ask(&mut browser, route, OURS, "", &[]).await;
            if !is_page(&answer) {
                continue;
            }
            let what = format!("{} by {}", route.path, persona.what);
            let policy = header_of(&answer, "content-security-policy");
            let directives: BTreeSet<&str> = policy.split("; ").collect();
            for directive in
                ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
            {
                assert!(directives.contains(directive), "{directive} for {what}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{what}: {policy}");
            let may_run = policy.contains("script-src") || policy.contains("connect-src");
            assert_eq!(may_run, answer.text.contains("data-sign="), "{what}: {policy}");
            if may_run {
                // What is signed is fetched from us where it is a paper.
                let connects = match route.path {
                    "/c/{bin}/application" => "connect-src 'self' wss://127.0.0.1:13579",
                    _ => "connect-src wss://127.0.0.1:13579",
                };
                for directive in ["script-src 'self'", connects] {
                    assert!(directives.contains(directive), "{directive} for {what}: {policy}");
                }
                let scripts = answer.text.matches("<script").count();
                assert_eq!(
                    (
                        scripts,
                        answer.text.contains(&format!("<script src=\"{}\" defer></script>", links().script))
                    ),
                    (1, true)
                );
                signing.insert((route.path, persona.what.as_str()));
            } else {
                assert!(!answer.text.contains("<script"), "{what}");
            }
            for inline in [" onclick=", " onload=", " onsubmit=", " style=", "javascript:"] {
                assert!(!answer.text.contains(inline), "{inline} for {what}");
            }
        }
    }
    for page in SIGNING {
        assert!(signing.contains(&page), "{page:?} is not among {signing:?}");
    }
    let paths: BTreeSet<&str> = signing.iter().map(|(path, _)| *path).collect();
    assert_eq!(paths, SIGNING.iter().map(|(path, _)| *path).collect());
}
