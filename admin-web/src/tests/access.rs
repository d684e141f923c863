//! Every address behind the front door, opened by everybody who may not, and by everybody who may.
//!
//! The routes come from the route table itself, so that a new one is in here by being there. What a new one needs is
//! only that the things its path names exist in [`Town`].

mod foreign;
mod forms;
mod frame;
mod links;
mod money;
mod registration;
mod rights;
mod sending;
mod twice;

use std::sync::Arc;

use ofd_paper::Contract;
use ofd_storage::accounts::{
    AccountId, ApplicationState, BankApplication, Block, Company, Invitation, Member, OPERATOR, Paper,
    PaperFault, PaperKind, PaperSignature, PaperState, Password, PendingEmail, ProgramToken, Proof, Role,
    SessionMethod, ShopGroup, TokenScope,
};
use ofd_storage::model::{Model, TradePointId};
use ofd_storage::papers::{self, hash_of};
use ofd_storage::samples;
use ofd_storage::store::{Stamp, Store};

use super::company::parts::furnish_parts;
use super::support::people::{Browser, House};
use super::support::{Answer, ID, Shop, Ticket, at, close_shift};
use crate::cabinet::{Access, Right, Route};
use crate::mail::Sink;
use crate::router;
use crate::routes::Says;
use crate::{Mailer, SiteConfig};

const OURS: &str = "151140001234";
const THEIRS: &str = "990940003176";
/// The number of a token of the API.
const TOKEN_NUMBER: u32 = 9;
const APPLICATION: &str = "00000000000000a1";

/// The addresses that take no session. Whoever adds one says so here.
const OPEN: [&str; 16] = [
    "/confirm-email",
    "/demo/letters",
    "/forgot",
    "/help",
    "/help/{topic}",
    "/invitation",
    "/login",
    "/login/certificate",
    "/login/challenge",
    "/login/code",
    "/login/password",
    "/login/phone",
    "/recover",
    "/sign-up",
    "/signature",
    "/signature/document",
];

#[derive(Clone, Debug)]
struct Persona {
    what: String,
    id: Option<AccountId>,
    /// The company, or the operator, where the person has one role.
    place: Option<(&'static str, Role)>,
    is_blocked: bool,
    /// Signed in by a password alone, as one of the operator's people.
    lacks_second_factor: bool,
}

/// What comes of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    ToLogin,
    NotFound,
    Forbidden,
    LetIn,
}

/// The addresses that a person of the operator opens who came by password alone. Whoever adds one says so here.
const ENROLLING: [&str; 3] = ["/account/totp", "/account/totp/begin", "/sign-out"];

fn expected(access: Access, persona: &Persona, bin: &str) -> Verdict {
    let (place, right) = match access {
        Access::Anyone | Access::Secret => return Verdict::LetIn,
        _ if persona.id.is_none() => return Verdict::ToLogin,
        Access::Enrolling => return Verdict::LetIn,
        _ if persona.lacks_second_factor => return Verdict::Forbidden,
        Access::SignedIn => return Verdict::LetIn,
        Access::Member(right) => (bin, right),
        Access::Operator(right) => (OPERATOR, right),
        Access::Token(_) | Access::Program(_) | Access::Signed => unreachable!("no page takes a token"),
    };
    let Some((_, role)) = persona.place.filter(|(here, _)| *here == place) else { return Verdict::NotFound };
    let (_, rights) = rights::MAY.iter().find(|(known, _)| *known == role).unwrap();
    if !persona.is_blocked && rights.contains(&right) { Verdict::LetIn } else { Verdict::Forbidden }
}

/// Two companies and the operator, with everything that paths name.
struct Town {
    house: House,
    personas: Vec<Persona>,
    target: AccountId,
    staff: AccountId,
    before: Vec<Company>,
}

fn furnish(house: &House, company: &mut Company) {
    furnish_parts(company);
    let id = 1;
    let proof = Proof {
        link_hash: "00".into(),
        code_hash: "00".into(),
        expires_at: ofd_protocol::types::UnixMillis(house.now().0 + 1000 * 1000),
        tries_left: 1,
        sent_at: house.now(),
    };
    let role = if company.bin == OPERATOR { Role::Support } else { Role::Reader };
    let (email, by) = ("guest@example.kz".into(), "X".into());
    let (roles, at, by_account) = (vec![role], house.now(), None);
    let invitation = Invitation { id, email, roles, at, by, by_account, proof: proof.clone() };
    company.invitations = vec![invitation];
    if company.bin == OURS {
        company.profile.email = "info@example.kz".into();
        let address = company.profile.email.clone();
        company.profile.pending_email = Some(PendingEmail { address, proof });
    }
    company.next_id = 10;
    company.shop_groups = vec![ShopGroup { id, revision: 1, name: "Север".into() }];
    if company.bin == OURS {
        company.registrations = vec![registration::DRAFT];
    }
    company.program_tokens = vec![ProgramToken {
        id: TOKEN_NUMBER,
        name: "1С".into(),
        scopes: TokenScope::ALL.to_vec(),
        hash: "00".into(),
        at: house.now(),
        by: "X".into(),
        used_at: None,
    }];
    if company.bin == OPERATOR {
        company.ticket_texts = vec![samples::ticket_text()];
    }
    company.papers = vec![registration::paper(house.now())];
    company.papers_last = 1;
}

const PDF: &[u8] = b"%PDF of nobody";
const CMS: &[u8] = b"a signature of nobody";

impl Town {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(set: impl FnOnce(&mut SiteConfig)) -> Self {
        let house = House::with(|config| {
            config.people.mailer = Mailer::Sink(Arc::new(Sink::default()));
            set(config);
        });
        let persona = |what: &str, id| Persona {
            what: what.into(),
            id,
            place: None,
            is_blocked: false,
            lacks_second_factor: false,
        };
        let mut personas = vec![persona("nobody", None)];
        personas.push(persona("a stranger", Some(house.person("БӨТЕН АДАМ").await)));
        for (role, _) in rights::MAY {
            let place = if role.is_of_operator() { OPERATOR } else { OURS };
            let is_chief = [Role::Administrator, Role::OperatorAdministrator].contains(&role);
            for is_blocked in [false, true] {
                if !is_blocked || is_chief {
                    let id = Some(house.person("ҚЫЗМЕТКЕР").await);
                    let what = format!("{role:?}, blocked: {is_blocked}");
                    personas.push(Persona { place: Some((place, role)), is_blocked, ..persona(&what, id) });
                }
            }
        }
        let hash = "none".to_owned();
        let since = house.now();
        let password = Some(Password { hash, since, wrong_in_a_row: 0, locked_until: None });
        let id = Some(house.person_with("ПАРОЛЬМЕН", |account| account.password = password).await);
        let place = Some((OPERATOR, Role::OperatorAdministrator));
        let what = "the operator's administrator by password alone";
        personas.push(Persona { place, lacks_second_factor: true, ..persona(what, id) });
        // People who are there all the time, so that nobody above is the last of anything.
        let [keeper, target, chief, staff] = [
            house.person("ӘКІМШІ").await,
            house.person("НЫСАНА").await,
            house.person("БАС ӘКІМШІ").await,
            house.person("ҚОЛДАУШЫ").await,
        ];
        let others: Vec<Role> = Role::ALL.into_iter().filter(|role| !role.is_of_operator()).collect();
        house
            .company(OURS, "ТОО «Көктем»", &[(keeper, &[Role::Administrator]), (target, &[Role::Reader])])
            .await;
        house.company(THEIRS, "ТОО «Басқа»", &[(keeper, &others), (target, &[Role::Reader])]).await;
        let crew: &[(AccountId, &[Role])] =
            &[(chief, &[Role::OperatorAdministrator]), (staff, &[Role::Support])];
        house.company(OPERATOR, "ОФД", crew).await;
        let mut before = Vec::new();
        for bin in [OURS, THEIRS, OPERATOR] {
            let (store, about) = (&*house.store, (bin, 1, PaperKind::ApplicationOne));
            papers::draw(store, about, PDF.into(), Stamp([bin.as_bytes()[0]; 16])).await.unwrap();
            papers::sign(store, (bin, 1), CMS.into(), Stamp([bin.as_bytes()[1]; 16])).await.unwrap();
            let here = personas.iter().filter(|persona| persona.place.is_some_and(|(place, _)| place == bin));
            house
                .change_company(bin, |company| {
                    furnish(&house, company);
                    company.members.extend(here.map(|persona| Member {
                        account: persona.id.unwrap(),
                        name: "ҚЫЗМЕТКЕР".into(),
                        iin: None,
                        email: String::new(),
                        roles: vec![persona.place.unwrap().1],
                        block: persona.is_blocked.then(|| Block {
                            reason: "left".into(),
                            since: house.now(),
                            by: "X".into(),
                        }),
                        since: house.now(),
                        revision: 1,
                    }));
                })
                .await;
            before.push(house.company_of(bin).await);
        }
        let town = Self { house, personas, target, staff, before };
        town.sell().await;
        town.apply().await;
        town.begin_registrations().await;
        town
    }

    /// A register with a shift that is closed.
    async fn sell(&self) {
        let shop = Shop::on(Arc::clone(&self.house.store), "ТОО «Көктем»").await;
        shop.accept(&Ticket::usual().payload()).await;
        shop.accept(&close_shift(at(18, 0, 0))).await;
    }

    /// Puts the application for a bank in its place, undecided, and a payment that has nobody.
    async fn apply(&self) {
        self.pay().await;
        self.charge().await;
        self.bill().await;
        let application = BankApplication {
            id: APPLICATION.into(),
            bin: OURS.into(),
            company: "ТОО «Көктем»".into(),
            bic: "ZZZZKZKX".into(),
            name: "Жаңа банк".into(),
            comment: String::new(),
            at: self.house.now(),
            by: "X".into(),
            state: ApplicationState::Waiting,
        };
        let (store, key) = (&*self.house.store, application.key());
        let wanted: bytes::Bytes = serde_json::to_vec(&application).unwrap().into();
        let known = store.record(BankApplication::KIND, &key).await.unwrap();
        if known.as_ref().is_none_or(|known| known.bytes != wanted) {
            let version = known.map(|known| known.version);
            store.put_record(BankApplication::KIND, &key, version, wanted).await.unwrap();
        }
    }

    /// Puts everything back where a form that was let in has changed it.
    async fn restore(&self) {
        for company in &self.before {
            let now = self.house.company_of(&company.bin).await;
            if now != *company {
                let audit_next = now.audit_next;
                let back = |here: &mut Company| *here = Company { audit_next, ..company.clone() };
                self.house.change_company(&company.bin, back).await;
            }
        }
        self.apply().await;
        self.begin_registrations().await;
    }

    /// Whether everything is as it was; rows of the audit count.
    async fn is_untouched(&self, rows: &[u64]) -> bool {
        for (company, rows) in self.before.iter().zip(rows) {
            let now = self.house.company_of(&company.bin).await;
            // What registers are still to be told of is told by whatever comes next: nobody asked for that.
            let profile_news = now.profile_news;
            if (Company { audit_next: *rows, profile_news, ..company.clone() }) != now {
                return false;
            }
        }
        let kept = self.house.store.records(BankApplication::KIND, b"", None, 10).await.unwrap();
        kept.len() == 1 && kept[0].bytes.windows(7).any(|window| window == b"waiting")
    }

    async fn rows(&self) -> Vec<u64> {
        let mut rows = Vec::new();
        for company in &self.before {
            rows.push(self.house.company_of(&company.bin).await.audit_next);
        }
        rows
    }

    /// A path with its names filled in.
    fn path(&self, route: Route, bin: &str) -> String {
        let parts = route.path.split('/').map(|part| match part {
            "{bin}" => bin.to_owned(),
            "{company}" => OURS.to_owned(),
            "{account}" if route.path.starts_with("/operator") => self.staff.to_string(),
            "{account}" => self.target.to_string(),
            "{id}" if route.path.contains("/banks/") => APPLICATION.to_owned(),
            "{id}" | "{shift}" | "{number}" => "1".to_owned(),
            "{register}" if route.path.ends_with("/edit") => registration::DRAFT.to_string(),
            "{token}" => TOKEN_NUMBER.to_string(),
            "{register}" => ID.to_string(),
            "{shop}" => TradePointId::derive(OURS, "Магазин", "Астана").0,
            "{payment}" => money::PAYMENT.to_owned(),
            "{plan}" => "free".to_owned(),
            "{month}" => money::MONTH.to_owned(),
            "{run}" => money::RUN.to_owned(),
            "{invoice}" => money::BILL.to_owned(),
            "{file}" => "ru.pdf".to_owned(),
            "{client}" => money::CLIENT.to_owned(),
            "{key}" => "1".to_owned(),
            "{topic}" => "keys".to_owned(),
            part => {
                assert!(!part.starts_with('{'), "say what {part} of {} is", route.path);
                part.to_owned()
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    async fn browser(&self, persona: &Persona) -> Browser {
        match persona.id {
            Some(id) if persona.lacks_second_factor => {
                self.house.sign_in_by(id, SessionMethod::Password).await
            }
            Some(id) => self.house.sign_in(id).await,
            None => self.house.browser(),
        }
    }

    /// The token that forms of this browser carry.
    async fn csrf(&self, browser: &mut Browser) -> String {
        let is_signed_in = browser.is_signed_in();
        self.csrf_at(browser, if is_signed_in { "/cabinet" } else { "/login" }).await
    }

    /// The token that forms of an address carry, where a session is not good for all of them.
    async fn csrf_for(&self, browser: &mut Browser, persona: &Persona, access: Access) -> String {
        match access {
            _ if !persona.lacks_second_factor => self.csrf(browser).await,
            Access::Anyone | Access::Secret => self.csrf_at(browser, "/login").await,
            _ => self.csrf_at(browser, "/account/totp").await,
        }
    }

    async fn csrf_at(&self, browser: &mut Browser, path: &str) -> String {
        browser.go(path).await;
        let token = browser.page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        token.split('"').next().unwrap().to_owned()
    }

    async fn ask(
        &self,
        browser: &mut Browser,
        route: Route,
        bin: &str,
        csrf: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let path = self.path(route, bin);
        if route.verb() == "get" {
            return browser.send("GET", &path, more, "").await;
        }
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend_from_slice(more);
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("csrf", csrf).finish();
        browser.send("POST", &path, &headers, body).await
    }
}

fn routes() -> Vec<Route> {
    router::routes().into_iter().filter(|route| route.says == Says::Frame).collect()
}

fn bins(route: Route) -> &'static [&'static str] {
    if route.path.contains("{bin}") { &[OURS, THEIRS] } else { &[OURS] }
}

fn is_sent_to_login(answer: &Answer) -> bool {
    let to = answer.headers.get("location").map(|to| to.to_str().unwrap());
    answer.status == 303 && to.is_some_and(|to| to.starts_with("/login?next="))
}

#[tokio::test]
async fn whoever_may_not_is_turned_away_and_nothing_changes() {
    let town = Town::open().await;
    let rows = town.rows().await;
    let mut asked = 0;
    for persona in &town.personas {
        let mut browser = town.browser(persona).await;
        let csrf = town.csrf_for(&mut browser, persona, Access::SignedIn).await;
        for route in routes() {
            for bin in bins(route) {
                let verdict = expected(route.access, persona, bin);
                if verdict == Verdict::LetIn {
                    continue;
                }
                let answer = town.ask(&mut browser, route, bin, &csrf, &[]).await;
                let what = format!("{} {} of {bin} by {}", route.verb(), route.path, persona.what);
                match verdict {
                    Verdict::ToLogin => assert!(is_sent_to_login(&answer), "{what}: {}", answer.status),
                    Verdict::NotFound => assert_eq!(answer.status, 404, "{what}"),
                    Verdict::Forbidden => assert_eq!(answer.status, 403, "{what}"),
                    Verdict::LetIn => {}
                }
                for secret in ["Сарайшық", "KZ86125KZT5004100100", "guest@example.kz"] {
                    assert!(!answer.text.contains(secret), "{what} shows {secret}");
                }
                asked += 1;
            }
        }
        assert!(town.is_untouched(&rows).await, "{} changed something", persona.what);
    }
    assert!(asked > 500, "only {asked} were asked");
}

#[tokio::test]
async fn whoever_may_is_let_in() {
    let town = Town::open().await;
    for persona in &town.personas {
        for route in routes() {
            for bin in bins(route) {
                if expected(route.access, persona, bin) != Verdict::LetIn {
                    continue;
                }
                town.restore().await;
                // Anew for each: some forms end the session.
                let mut browser = town.browser(persona).await;
                let csrf = match route.verb() {
                    "post" => town.csrf_for(&mut browser, persona, route.access).await,
                    _ => String::new(),
                };
                let answer = town.ask(&mut browser, route, bin, &csrf, &[]).await;
                let what = format!("{} {} of {bin} by {}", route.verb(), route.path, persona.what);
                assert!(!is_sent_to_login(&answer), "{what} is sent to sign in");
                assert!(
                    answer.status != 403 && !answer.status.is_server_error(),
                    "{what}: {}",
                    answer.status
                );
                if !matches!(route.access, Access::Anyone | Access::Secret | Access::SignedIn) {
                    assert_ne!(answer.status, 404, "{what}: what the path names must be in the town");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused_whoever_brings_it() {
    let town = Town::open().await;
    let rows = town.rows().await;
    let posts: Vec<Route> = routes().into_iter().filter(|route| route.verb() == "post").collect();
    assert!(posts.len() > 30);
    for route in posts {
        let may = |persona: &&Persona| expected(route.access, persona, OURS) == Verdict::LetIn;
        let persona = town.personas.iter().find(may).unwrap();
        let mut browser = town.browser(persona).await;
        let csrf = town.csrf(&mut browser).await;
        let mut other = town.browser(persona).await;
        let foreign = town.csrf(&mut other).await;
        assert_ne!(csrf, foreign, "each session and each visit has its own");
        let by_name = format!("{} by {}", route.path, persona.what);
        for token in ["", "x", &foreign, &csrf[1..], &format!("{csrf}x")] {
            let answer = town.ask(&mut browser, route, OURS, token, &[]).await;
            assert_eq!(answer.status, 403, "{by_name} with {token:?}");
        }
        for header in [
            ("origin", "https://evil.example"),
            ("origin", "http://ofd.example"),
            ("origin", "https://ofd.example.evil.example"),
            ("origin", "https://ofd.example:8443"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer = town.ask(&mut browser, route, OURS, &csrf, &[header]).await;
            assert_eq!(answer.status, 403, "{by_name} with {header:?}");
        }
        let answer = town.ask(&mut browser, route, OURS, &csrf, &[("host", "evil.example")]).await;
        assert_eq!(answer.status, 421, "{by_name} under another host");
        assert!(town.is_untouched(&rows).await, "{by_name} changed something");
    }
}

#[tokio::test]
async fn a_token_of_before_signing_in_is_worth_nothing_after() {
    let town = Town::open().await;
    let mut browser = town.house.browser();
    let visit = town.csrf(&mut browser).await;
    let persona = town.personas.iter().find(|persona| persona.id.is_some()).unwrap();
    let mut signed = town.browser(persona).await;
    signed.cookies.extend(browser.cookies.clone());
    let route =
        routes().into_iter().find(|route| route.path == "/account" && route.verb() == "post").unwrap();
    assert_eq!(town.ask(&mut signed, route, OURS, &visit, &[]).await.status, 403);
}

#[test]
fn what_is_open_to_everybody_is_listed() {
    let mut open: Vec<&str> =
        routes().iter().filter(|route| route.access.asks_nobody()).map(|route| route.path).collect();
    open.sort_unstable();
    open.dedup();
    assert_eq!(open, OPEN);
}

#[test]
fn what_is_open_without_a_second_factor_is_listed() {
    let enrolling = routes().into_iter().filter(|route| route.access == Access::Enrolling);
    let mut enrolling: Vec<&str> = enrolling.map(|route| route.path).collect();
    enrolling.sort_unstable();
    enrolling.dedup();
    assert_eq!(enrolling, ENROLLING);
}
