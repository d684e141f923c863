//! A house full of people: accounts, companies and browsers over a store in memory.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use ofd_edge::World;
use ofd_protocol::register::Change;
use ofd_protocol::types::{Token, UnixMillis};
use ofd_storage::accounts::{
    Account, AccountId, AuditEntry, AuditRow, Company, CompanyKind, Kept, Member, Membership, OPERATOR, Role,
    SessionMethod, audit_rows, create, load, save,
};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{self, Organisation, RegisterRecord};
use ofd_storage::registers::create_register;
use ofd_storage::samples;
use ofd_storage::store::{Stamp, Store};
use ofd_storage::walks::{Step, Walk};

use super::client::{Answer, send};
use super::{FNS_KKM_ID, ID, NOW, TestWorld, config};
use crate::budget::ClientAddress;
use crate::cabinet::{Begin, begin_session};
use crate::{By, Site, SiteConfig, change_register, router};

/// Where the house's site is.
pub(crate) const HOST: &str = "ofd.example";

/// A site with people.
pub(crate) struct House {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) site: Arc<Site>,
    pub(crate) router: Router,
    world: TestWorld,
    drawn: AtomicU64,
}

impl House {
    /// Makes the lists of what organisations have, as a job of the server does.
    pub(crate) async fn list_holdings(&self) {
        while matches!(Walk::Holdings.step(&*self.store, NOW).await.unwrap(), Step::More { .. }) {}
    }

    /// An empty one.
    pub(crate) fn open() -> Self {
        Self::with(|_| {})
    }

    /// One with another config.
    pub(crate) fn with(set: impl FnOnce(&mut SiteConfig)) -> Self {
        Self::build(set, |store| store)
    }

    /// One whose site sees its store through another.
    pub(crate) fn over<S: Store>(through: impl FnOnce(Arc<MemoryStore>) -> S) -> Self {
        Self::build(|_| {}, |store| Arc::new(through(store)))
    }

    fn build<S: Store>(
        set: impl FnOnce(&mut SiteConfig),
        through: impl FnOnce(Arc<MemoryStore>) -> Arc<S>,
    ) -> Self {
        let (world, mut config) = (TestWorld::default(), config());
        config.world = Arc::new(world.clone());
        set(&mut config);
        let store = Arc::new(MemoryStore::new());
        let site = crate::site_over(through(Arc::clone(&store)), config).unwrap();
        let router = router(Arc::clone(&site));
        Self { store, site, router, world, drawn: AtomicU64::new(1) }
    }

    /// What the clock says.
    pub(crate) fn now(&self) -> UnixMillis {
        self.world.now()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.world.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::SeqCst)
    }

    fn stamp(&self) -> Stamp {
        Stamp((u128::from(self.draw()) << 64).to_be_bytes())
    }

    /// A person, known by certificate.
    pub(crate) async fn person(&self, name: &str) -> AccountId {
        self.person_with(name, |_| {}).await
    }

    /// A person with more.
    pub(crate) async fn person_with(&self, name: &str, set: impl FnOnce(&mut Account)) -> AccountId {
        let id = AccountId(0xA000 + self.draw());
        let mut account = Account::new(id, name.into(), "ru".into(), self.now());
        set(&mut account);
        create(&self.store, account, Vec::new(), self.stamp()).await.unwrap();
        id
    }

    /// A company whose people have these roles; with [`OPERATOR`] as BIN the operator itself.
    pub(crate) async fn company(&self, bin: &str, title: &str, people: &[(AccountId, &[Role])]) {
        let kind = if bin == OPERATOR { CompanyKind::Operator } else { CompanyKind::LegalEntity };
        let mut company = Company::new(bin.into(), title.into(), kind, self.now());
        company.registrant = people.first().map(|(account, _)| *account);
        for (id, roles) in people {
            let account = self.account(*id).await;
            company.members.push(Member {
                account: *id,
                name: account.state.name.clone(),
                iin: account.state.iin.clone(),
                email: account.state.email.as_ref().map(|email| email.address.clone()).unwrap_or_default(),
                roles: roles.to_vec(),
                block: None,
                since: self.now(),
                revision: 1,
            });
            let mut changed = account.state.clone();
            changed.companies.push(Membership { bin: bin.into(), title: title.into() });
            save(&self.store, &account, changed, Vec::new(), self.stamp()).await.unwrap();
        }
        create(&self.store, company, Vec::new(), self.stamp()).await.unwrap();
    }

    /// A register of an organisation that the fleet file named, which somebody blocked through the API.
    pub(crate) async fn blocked_register(&self, bin: &str) {
        let record = RegisterRecord {
            fns_kkm_id: FNS_KKM_ID.into(),
            created_at: self.now(),
            moved_at: None,
            ..samples::register(ID, bin)
        };
        model::create(&self.store, &Organisation::titled(bin, "ТОО «Из файла»")).await.unwrap();
        model::create(&self.store, &record).await.unwrap();
        create_register(&self.store, ID, Token(1), self.now(), self.stamp()).await.unwrap();
        let site = &self.site;
        let by = By::program("API", self.now(), [10, 0, 0, 1].into());
        let block = Change::Block { reason: "долг".into() };
        let with = (&site.office.store, &*site.office.world);
        change_register(with, &site.office.turns, ID, &block, &by).await.unwrap();
    }

    /// An account as it is kept.
    pub(crate) async fn account(&self, id: AccountId) -> Kept<Account> {
        load(&self.store, id.stream()).await.unwrap().unwrap()
    }

    /// A company as it is kept.
    pub(crate) async fn company_of(&self, bin: &str) -> Company {
        let stream = Company::stream_of(bin).unwrap();
        load::<Company>(&self.store, stream).await.unwrap().unwrap().state
    }

    /// Changes a company behind the site's back, as another administrator would.
    pub(crate) async fn change_company(&self, bin: &str, set: impl FnOnce(&mut Company)) {
        let before = load::<Company>(&self.store, Company::stream_of(bin).unwrap()).await.unwrap().unwrap();
        let mut changed = before.state.clone();
        set(&mut changed);
        save(&self.store, &before, changed, Vec::new(), self.stamp()).await.unwrap();
    }

    /// The audit of a company, the newest first.
    pub(crate) async fn audit(&self, bin: &str) -> Vec<AuditEntry> {
        let rows = audit_rows(&self.store, Company::stream_of(bin).unwrap(), None, 200).await.unwrap();
        rows.into_iter().map(|AuditRow { entry, .. }| entry).collect()
    }

    /// The audit of an account, the newest first.
    pub(crate) async fn audit_of(&self, id: AccountId) -> Vec<AuditEntry> {
        let rows = audit_rows(&self.store, id.stream(), None, 200).await.unwrap();
        rows.into_iter().map(|AuditRow { entry, .. }| entry).collect()
    }

    /// A browser nobody is signed in with; its language is English unless set otherwise.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            language: "en".into(),
            address: None,
            page: String::new(),
        }
    }

    /// A browser in which a person is signed in, by certificate.
    pub(crate) async fn sign_in(&self, id: AccountId) -> Browser {
        self.sign_in_by(id, SessionMethod::Certificate).await
    }

    /// A browser in which a person is signed in, by a password without a one-time code where it is by password.
    pub(crate) async fn sign_in_by(&self, id: AccountId, method: SessionMethod) -> Browser {
        let account = self.account(id).await;
        let mut changed = account.state.clone();
        let mut drawn = [0; 40];
        drawn[..8].copy_from_slice(&self.draw().to_be_bytes());
        drawn[32..].copy_from_slice(&self.draw().to_be_bytes());
        let begin = Begin {
            method,
            address: "10.0.0.1".into(),
            agent: "test browser".into(),
            is_code_shown: false,
            drawn,
        };
        let cookie = begin_session(&mut changed, begin, self.now());
        save(&self.store, &account, changed, Vec::new(), self.stamp()).await.unwrap();
        let mut browser = self.browser();
        browser.cookies.insert("__Host-ofd".into(), cookie.text());
        browser
    }
}

/// A browser: keeps cookies, and sends the forms of the page it shows with all their hidden fields.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) language: String,
    /// Where it asks from.
    pub(crate) address: Option<IpAddr>,
    /// The page that is shown.
    pub(crate) page: String,
}

impl Browser {
    fn request(&self, method: &str, uri: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(uri)
            .header("host", HOST)
            .header("accept-language", &self.language)
            .header("user-agent", "test browser")
            .header("cookie", cookies.join("; "))
    }

    /// Sends any request with this browser's cookies and other headers.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = self.request(method, uri);
        for (name, value) in headers {
            if let Some(known) = request.headers_mut() {
                known.remove(*name);
            }
            request = request.header(*name, *value);
        }
        if let Some(address) = self.address {
            request = request.extension(ClientAddress(address));
        }
        let answer = send(&self.router, request.body(body.into()).unwrap()).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        self.page.clone_from(&answer.text);
        answer
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, uri: &str) -> Answer {
        self.send("GET", uri, &[], Body::empty()).await
    }

    /// Opens a page that must be there, and follows up to five redirections to it.
    pub(crate) async fn go(&mut self, uri: &str) -> Answer {
        let mut answer = self.open(uri).await;
        for _ in 0..5 {
            if answer.status != 303 {
                break;
            }
            answer = self.open(&location(&answer)).await;
        }
        assert_eq!(answer.status, 200, "{uri}: {}", answer.text);
        answer
    }

    /// Hidden fields of the form with this action on the page that is shown.
    pub(crate) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let form = self.page.split("<form ").skip(1).find(|form| {
            form.split('>').next().is_some_and(|tag| tag.contains(&format!("action=\"{}\"", escaped(action))))
        });
        let form = form.unwrap_or_else(|| panic!("no form sends to {action} on this page: {}", self.page));
        let form = form.split("</form>").next().unwrap();
        let hidden = form.split("<input ").skip(1).map(|input| input.split('>').next().unwrap());
        let attribute = |tag: &str, name: &str| {
            let rest = tag.split_once(&format!("{name}=\""))?.1;
            rest.split('"').next().map(unescaped)
        };
        hidden
            .filter(|tag| tag.contains("type=\"hidden\""))
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
            .collect()
    }

    /// Sends the form with this action on the page that is shown: its hidden fields, where not given anew, and these.
    pub(crate) async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.hidden(action) {
            if !fields.iter().any(|(given, _)| *given == name) {
                body.append_pair(&name, &value);
            }
        }
        body.extend_pairs(fields);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send("POST", action, &kind, body.finish()).await;
        self.see_again(answer).await
    }

    /// Goes where a page shows a form again, as browsers do by themselves.
    async fn see_again(&mut self, answer: Answer) -> Answer {
        match answer.headers.get("location").and_then(|to| to.to_str().ok()) {
            Some(to) if answer.status == 303 && to.contains("?again=") => self.open(to).await,
            _ => answer,
        }
    }

    /// The same with files: field, file name, content.
    pub(crate) async fn submit_files(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        const BOUNDARY: &str = "the-boundary-of-parts";
        let mut body = Vec::new();
        let hidden = self.hidden(action);
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in hidden.chain(fields.iter().copied()) {
            let part =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (field, name, content) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let answer = self.send("POST", action, &[("content-type", &kind)], body).await;
        self.see_again(answer).await
    }

    /// Whether a session cookie is kept.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.cookies.contains_key("__Host-ofd")
    }
}

/// Where a redirection leads.
pub(crate) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
}

pub(crate) fn unescaped(text: &str) -> String {
    let named = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    named.iter().fold(text.to_owned(), |text, (code, char)| text.replace(code, char))
}
