//! Registering a register: from the form to its id and token, and what may go wrong on the way.

mod checks;
mod exchange;
mod kept;
mod later;
mod plans;
mod queues;
mod taken;
mod token;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_office::registrations::go_on;
use ofd_protocol::types::RegisterId;
use ofd_stand::Key;
use ofd_storage::accounts::{
    AccountId, AuditAction, Company, Delivery, OPERATOR, PaperState, Registration, RegistrationOrder,
    RegistrationState, Role, registration, registrations,
};
use ofd_storage::model::{self, RegisterRecord, TradePoint, register_key};
use ofd_storage::registers;

use super::agreement::{at_application, gate, pdf, sign as sign_one};
use super::login::Gate;
use super::support::Answer;
use super::support::people::{Browser, location};
use crate::mail::Sink;

/// A form that is right, but for its shop.
const FORM: [(&str, &str); 10] = [
    ("model", "104"),
    ("serial_number", "SWK 0001"),
    ("year", "2025"),
    ("rnm", "010100000001"),
    ("connection", "wired"),
    ("alias", "Касса 1"),
    ("tariff", "free"),
    ("shop", "new"),
    ("shop_title", "Дүкен"),
    ("shop_street", "ул. Абая, 1"),
];

/// An organisation that joined the contract, with its head in a browser.
pub(super) struct Joined {
    pub(super) gate: Gate,
    pub(super) browser: Browser,
    pub(super) bin: String,
}

impl Joined {
    pub(super) async fn open() -> Self {
        let (gate, sink) = gate();
        Self::with(gate, &sink).await
    }

    /// The same in a house that is there.
    async fn with(gate: Gate, sink: &Sink) -> Self {
        let (mut browser, bin) = at_application(&gate, sink, "head").await;
        sign_one(&gate, &mut browser, &bin, gate.key("head")).await;
        Self { gate, browser, bin }
    }

    fn new_path(&self) -> String {
        format!("/c/{}/registrations/new", self.bin)
    }

    /// Sends the form that the browser shows, with some fields changed.
    async fn send(browser: &mut Browser, path: &str, changed: &[(&str, &str)]) -> Answer {
        let rest = FORM.iter().chain(&[("shop_settlement", "710000000")]);
        let kept: Vec<_> = rest.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).collect();
        let fields: Vec<_> = changed.iter().chain(kept).copied().collect();
        browser.submit(path, &fields).await
    }

    /// Saves a form; the browser shows the registration with its application.
    pub(super) async fn saved(&mut self, changed: &[(&str, &str)]) -> RegisterId {
        let path = self.new_path();
        self.browser.go(&path).await;
        let answer = Self::send(&mut self.browser, &path, changed).await;
        let at = location(&answer);
        self.browser.go(&at).await;
        RegisterId(at.rsplit('/').next().unwrap().parse().unwrap())
    }

    fn path(&self, id: RegisterId) -> String {
        format!("/c/{}/registrations/{id}", self.bin)
    }

    pub(super) async fn kept(&self, id: RegisterId) -> Registration {
        let stream = Company::stream_of(&self.bin).unwrap();
        registration(&*self.gate.house.store, stream, id).await.unwrap().unwrap()
    }

    async fn all(&self) -> Vec<Registration> {
        let stream = Company::stream_of(&self.bin).unwrap();
        registrations(&*self.gate.house.store, stream, None, 100).await.unwrap()
    }

    /// Signs what the browser shows, as NCALayer does.
    pub(super) async fn sign(&self, browser: &mut Browser, id: RegisterId, key: &Key) -> Answer {
        let cms = key.sign_cms(&pdf(browser).await, false, self.gate.now(), None);
        browser.submit(&self.path(id), &[("signature", &STANDARD.encode(cms))]).await
    }

    async fn sign_as_head(&mut self, id: RegisterId) -> String {
        let mut browser = self.browser.clone();
        let answer = self.sign(&mut browser, id, self.gate.key("head")).await;
        location(&answer).rsplit_once("?done=").unwrap().1.to_owned()
    }

    async fn record(&self, id: RegisterId) -> Option<RegisterRecord> {
        let found = model::load::<RegisterRecord>(&*self.gate.house.store, &register_key(id)).await.unwrap();
        found.map(|(_, record)| record)
    }

    async fn actions(&self) -> Vec<AuditAction> {
        self.gate.house.audit(&self.bin).await.iter().map(|row| row.action).collect()
    }

    /// One of the operator's people who answers for the tax authority.
    async fn operator(&self) -> Browser {
        let support = self.gate.house.person("ҚОЛДАУШЫ").await;
        self.gate.house.company(OPERATOR, "ОФД", &[(support, &[Role::Support])]).await;
        self.gate.house.sign_in(support).await
    }

    /// Another person of the organisation.
    async fn colleague(&self, label: &str, role: Role) -> (Browser, AccountId) {
        let id = self.gate.known(label).await;
        self.gate
            .house
            .change_company(&self.bin, |company| {
                let mut member = company.members[0].clone();
                (member.account, member.roles) = (id, vec![role]);
                company.members.push(member);
            })
            .await;
        (self.gate.house.sign_in(id).await, id)
    }

    async fn go_on(&self) {
        go_on(&self.gate.house.site.office).await.unwrap();
    }
}

#[tokio::test]
async fn a_register_with_its_number_is_on_the_books_by_one_signature_and_can_sell() {
    let mut joined = Joined::open().await;
    let list = format!("/c/{}/registers", joined.bin);
    let page = joined.browser.go(&list).await.text;
    assert!(page.contains(&joined.new_path()), "{page}");
    let id = joined.saved(&[]).await;
    assert!(id.0 > 0 && id.0 < 1 << 31);
    let page = joined.browser.page.clone();
    for text in ["Saved", "Касса Mini Online", "SWK 0001", "ул. Абая, 1", "Application No. 2", "data-source="]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    // Saved ones stand in the list, with the way on.
    let page = joined.browser.go(&list).await.text;
    assert!(page.contains(&joined.path(id)) && page.contains("Sign the application"), "{page}");
    assert_eq!(joined.record(id).await, None, "nothing is connected before the signature");
    let at = joined.path(id);
    joined.browser.go(&at).await;
    assert!(pdf(&joined.browser).await.starts_with(b"%PDF-"));
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let record = joined.record(id).await.unwrap();
    assert_eq!((record.fns_kkm_id.as_str(), record.serial_number.as_str()), ("010100000001", "SWK 0001"));
    let store = &*joined.gate.house.store;
    let shop = model::load::<TradePoint>(store, record.trade_point.0.as_bytes()).await.unwrap().unwrap().1;
    assert_eq!((shop.title.as_str(), shop.address.as_str()), ("Дүкен", "г. Астана, ул. Абая, 1"));
    let register = registers::newest(store, id).await.unwrap().unwrap().register;
    use AuditAction::{
        PaperDrawn, PaperValid, RegisterRegistered, RegisterTokenShown, RegistrationSaved, TradePointAdded,
    };
    assert_eq!(
        joined.actions().await[..5],
        [TradePointAdded, RegisterRegistered, PaperValid, PaperDrawn, RegistrationSaved],
        "the shop came with the register"
    );
    // It stays among what is under way until its token was fetched.
    let page = joined.browser.go(&list).await.text;
    assert!(page.contains("Registrations under way") && page.contains("Take its identifier"), "{page}");

    // The token is in one answer alone.
    joined.browser.go(&joined.path(id)).await;
    let mut again = joined.browser.clone();
    let token = register.tokens.current.0.to_string();
    let answer = joined.browser.submit(&format!("{at}/token"), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for text in [&id.to_string(), &token, "ofd.example", "7777", "class=\"qr\""] {
        assert!(answer.text.contains(text), "{text}: {}", answer.text);
    }
    assert!(!answer.text.contains("7778"), "that port is for registers with a card");
    assert!(answer.headers["cache-control"].to_str().unwrap().contains("no-store"));
    let answer = again.submit(&format!("{at}/token"), &[]).await;
    assert_eq!(
        location(&answer),
        format!("{at}?done=token-shown"),
        "a second window, or a reload, shows nothing"
    );
    assert!(!again.go(&at).await.text.contains(&token));
    assert_eq!(joined.actions().await[..2], [RegisterTokenShown, TradePointAdded]);
    // Another one is issued in its place.
    let mut twice = again.clone();
    let answer = again.submit(&format!("{at}/token/new"), &[]).await;
    let newer = registers::newest(store, id).await.unwrap().unwrap().register.tokens.current;
    assert_ne!(newer.0.to_string(), token);
    assert!(answer.status == 200 && answer.text.contains(&newer.0.to_string()), "{}", answer.text);
    assert_eq!(joined.actions().await[0], AuditAction::RegisterTokenReset);
    // What was typed into the till stays good when that is sent once more, by a double click or a reload.
    let answer = twice.submit(&format!("{at}/token/new"), &[]).await;
    assert_eq!(location(&answer), format!("{at}?done=token-shown"));
    let kept = registers::newest(store, id).await.unwrap().unwrap().register.tokens.current;
    assert_eq!(kept, newer);
    // It is not under way any more, and the list has it as a register.
    let page = joined.browser.go(&list).await.text;
    assert!(!page.contains("id=\"under-way\"") && page.contains(&format!("/registers/{id}\"")), "{page}");
}

#[tokio::test]
async fn one_without_a_number_waits_for_the_operator_who_enters_it_once() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[("rnm", "")]).await;
    let start = format!("/c/{}/start", joined.bin);
    let page = joined.browser.clone().go(&start).await.text;
    assert!(
        page.contains("1 registration of a register is saved") && page.contains("/registers#under-way"),
        "{page}"
    );
    assert_eq!(joined.sign_as_head(id).await, "sent");
    assert!(joined.browser.clone().go(&start).await.text.contains("1 registration is in process"));
    let order = RegistrationOrder::Register;
    assert_eq!(
        joined.kept(id).await.state,
        RegistrationState::InProcess { order, delivery: Delivery::Waiting }
    );
    assert_eq!(joined.record(id).await, None);
    let at = joined.path(id);
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("The tax authority has been asked") && !page.contains("/token\""), "{page}");
    let mut operator = joined.operator().await;
    let queue = operator.go("/operator/registrations").await.text;
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    assert!(queue.contains(&one) && !queue.contains("SWK 0001"), "its rows are in nobody's audit: {queue}");
    operator.go(&one).await;
    assert_eq!(joined.actions().await[0], AuditAction::Looked, "the look is told before anything is shown");
    let mut other = operator.clone();
    for (decision, rnm, text) in [
        ("accept", "", "Fill in this field"),
        ("accept", "12", "12 digits"),
        ("refuse", "", "Fill in this field"),
        ("", "010100000009", "Choose one"),
    ] {
        let answer = operator.submit(&one, &[("decision", decision), ("rnm", rnm)]).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{decision} {rnm}: {}", answer.text);
    }
    let fields = [("decision", "accept"), ("rnm", "0101 0000 0009")];
    let answer = operator.submit(&one, &fields).await;
    assert_eq!(location(&answer), "/operator/registrations?done=accepted");
    assert_eq!(joined.record(id).await.unwrap().fns_kkm_id, "010100000009");
    let rows = joined.actions().await.len();
    // The same once more is the same; another answer is told.
    let answer = other.clone().submit(&one, &fields).await;
    assert_eq!(location(&answer), "/operator/registrations?done=accepted");
    let answer = other.submit(&one, &[("decision", "refuse"), ("reason", "нет")]).await;
    assert!(answer.text.contains("another answer meanwhile"), "{}", answer.text);
    assert_eq!(joined.actions().await.len(), rows + 1, "only that it was looked at again");
    assert!(operator.go("/operator/registrations").await.text.contains("Nothing waits"));
}

#[tokio::test]
async fn what_the_tax_authority_refused_is_corrected_and_sent_again() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[("rnm", "")]).await;
    assert_eq!(joined.sign_as_head(id).await, "sent");
    let (at, edit) = (joined.path(id), format!("{}/edit", joined.path(id)));
    // Nothing while the tax authority thinks.
    assert_eq!(location(&joined.browser.open(&edit).await), format!("{at}?done=closed"));
    let mut operator = joined.operator().await;
    let one = format!("/operator/registrations/{}/{id}", joined.bin);
    operator.go(&one).await;
    let answer = operator.submit(&one, &[("decision", "refuse"), ("reason", "Нет такой модели")]).await;
    assert_eq!(location(&answer), "/operator/registrations?done=refused");
    let page = joined.browser.go(&at).await.text;
    assert!(page.contains("Нет такой модели") && page.contains("Registration refused"), "{page}");
    assert_eq!(joined.actions().await[0], AuditAction::RegistrationRefused);
    joined.gate.house.wait(1);
    joined.browser.go(&edit).await;
    assert!(joined.browser.page.contains("value=\"SWK 0001\""));
    let answer = Joined::send(&mut joined.browser, &edit, &[("model", "105"), ("rnm", "010100000007")]).await;
    assert_eq!(location(&answer), at);
    joined.browser.go(&at).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    assert_eq!(joined.record(id).await.unwrap().fns_kkm_id, "010100000007");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_nothing_typed_is_lost() {
    let mut joined = Joined::open().await;
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let wrong = [("year", "1900"), ("rnm", "123"), ("alias", "<>"), ("model", ""), ("shop_title", "")];
    let answer = Joined::send(&mut joined.browser, &path, &wrong).await;
    assert_eq!(answer.status, 422);
    for field in ["year", "rnm", "alias", "model", "shop_title"] {
        let marked = format!("id=\"{field}-error\"></p>");
        assert!(!answer.text.contains(&marked), "{field} is not told: {}", answer.text);
    }
    for kept in ["value=\"SWK 0001\"", "value=\"1900\"", "value=\"ул. Абая, 1\""] {
        assert!(answer.text.contains(kept), "{kept}: {}", answer.text);
    }
    // A settlement is searched without anything being wrong.
    let search = [("shop_settlement_query", "Алматы"), ("shop_find", "yes"), ("shop_settlement", "")];
    let answer = Joined::send(&mut joined.browser, &path, &search).await;
    assert!(answer.status == 200 && answer.text.contains("value=\"750000000\""), "{}", answer.text);
    assert!(answer.text.contains("value=\"SWK 0001\""));
    assert!(joined.all().await.is_empty());
    // The session ends in the middle.
    let session = joined.browser.cookies.remove("__Host-ofd").unwrap();
    let back = location(&Joined::send(&mut joined.browser, &path, &[]).await);
    assert!(back.starts_with("/login?next=") && back.contains("done=kept"), "{back}");
    joined.browser.cookies.insert("__Host-ofd".into(), session);
    let next = form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "next")
        .unwrap()
        .1
        .into_owned();
    assert!(joined.browser.go(&next).await.text.contains("value=\"SWK 0001\""));
}

#[tokio::test]
async fn a_double_click_begins_one_registration_and_two_windows_do_not_overwrite_each_other() {
    let mut joined = Joined::open().await;
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let mut twice = joined.browser.clone();
    let first = location(&Joined::send(&mut joined.browser, &path, &[]).await);
    let rows = joined.actions().await.len();
    assert_eq!(location(&Joined::send(&mut twice.clone(), &path, &[]).await), first);
    assert_eq!((joined.all().await.len(), joined.actions().await.len()), (1, rows));
    // Gone back and sent with something else, it is told, and what was typed stays.
    let answer = Joined::send(&mut twice, &path, &[("serial_number", "OTHER")]).await;
    assert!(answer.status == 422 && answer.text.contains("meanwhile"), "{}", answer.text);
    assert!(answer.text.contains("value=\"OTHER\""));
    let edit = format!("{first}/edit");
    joined.browser.go(&edit).await;
    let mut late = joined.browser.clone();
    Joined::send(&mut joined.browser, &edit, &[("alias", "Первая")]).await;
    let answer = Joined::send(&mut late.clone(), &edit, &[("alias", "Вторая")]).await;
    assert!(answer.status == 422 && answer.text.contains("value=\"Вторая\""), "{}", answer.text);
    let id = joined.all().await[0].id;
    assert_eq!(joined.kept(id).await.data.alias, "Первая");
    assert_eq!(
        location(&Joined::send(&mut late, &edit, &[("alias", "Первая")]).await),
        first,
        "the same is done"
    );
}

#[tokio::test]
async fn alias_serial_and_number_that_others_have_are_told_by_field() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let path = joined.new_path();
    // A draft keeps nobody from its serial number and its RNM, but from its alias.
    joined.browser.go(&path).await;
    let other = [("serial_number", "SWK 0002"), ("rnm", "010100000002")];
    let answer = Joined::send(&mut joined.browser, &path, &[other[0], other[1], ("alias", "касса 1")]).await;
    assert!(answer.status == 422 && answer.text.contains("is called so"), "{}", answer.text);
    let second = joined.saved(&[("alias", "Касса 2")]).await;
    // Whoever signs first has them.
    joined.browser.go(&joined.path(id)).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    joined.gate.house.wait(120);
    joined.browser.go(&joined.path(second)).await;
    let mut browser = joined.browser.clone();
    let answer = joined.sign(&mut browser, second, joined.gate.key("head")).await;
    assert!(answer.status == 422 && answer.text.contains("is registered already"), "{}", answer.text);
    assert_eq!(joined.kept(second).await.state, RegistrationState::Draft);
    joined.browser.go(&path).await;
    for (changed, text) in [
        ([("serial_number", "SWK 0001"), ("rnm", "010100000003")], "is registered already"),
        ([("serial_number", "SWK 0003"), ("rnm", "010100000001")], "has this registration number"),
    ] {
        let fields = [changed[0], changed[1], ("alias", "Касса 3")];
        let answer = Joined::send(&mut joined.browser, &path, &fields).await;
        assert!(answer.status == 422 && answer.text.contains(text), "{text}: {}", answer.text);
    }
    // The same serial number of another model is another device.
    let third = joined.saved(&[("model", "105"), ("rnm", "010100000003"), ("alias", "Касса 3")]).await;
    assert_eq!(joined.sign_as_head(third).await, "registered");
    // What a draft was called is free once it is called otherwise.
    let edit = format!("{}/edit", joined.path(second));
    joined.browser.go(&edit).await;
    let free = [other[0], other[1], ("alias", "Касса 22")];
    Joined::send(&mut joined.browser, &edit, &free).await;
    joined.gate.house.wait(120);
    let more = [("serial_number", "SWK 0004"), ("rnm", "010100000004"), ("alias", "Касса 2")];
    joined.saved(&more).await;
}

#[tokio::test]
async fn whoever_may_not_sign_is_told_why_and_whoever_manages_registers_may() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let before = joined.kept(id).await;
    for (label, why) in [
        ("employee", "an employee without the right to sign"),
        ("head-b", "the key of another organisation"),
        ("person", "a personal key"),
        ("revoked", "The certificate was revoked"),
    ] {
        let mut browser = joined.browser.clone();
        let answer = joined.sign(&mut browser, id, joined.gate.key(label)).await;
        let is_told = answer.text.contains(why) || answer.text.contains("another person than");
        assert!(answer.status == 422 && is_told, "{label}: {}", answer.text);
    }
    let cms = joined.gate.key("head").sign_cms(b"another document", false, joined.gate.now(), None);
    let mut browser = joined.browser.clone();
    let answer = browser.submit(&joined.path(id), &[("signature", &STANDARD.encode(cms))]).await;
    assert!(answer.status == 422 && answer.text.contains("under another document"), "{}", answer.text);
    assert_eq!(joined.kept(id).await, before, "nothing is kept of any of them");
    // An accountant of this organisation manages registers, and signs in the own name.
    let (mut browser, _) = joined.colleague("employee", Role::Accountant).await;
    let at = joined.path(id);
    assert!(browser.go(&at).await.text.contains("as signing it"), "{}", browser.page);
    browser.submit(&format!("{at}/application"), &[]).await;
    browser.go(&at).await;
    let answer = joined.sign(&mut browser, id, joined.gate.key("employee")).await;
    assert_eq!(location(&answer), format!("{at}?done=capacity"), "the paper is drawn up for this capacity");
    browser.go(&at).await;
    let answer = joined.sign(&mut browser, id, joined.gate.key("employee")).await;
    assert_eq!(location(&answer), format!("{at}?done=registered"));
}

#[tokio::test]
async fn a_paper_in_two_windows_is_signed_once_and_one_of_other_data_not_at_all() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let (at, edit) = (joined.path(id), format!("{}/edit", joined.path(id)));
    let mut late = joined.browser.clone();
    let first = pdf(&joined.browser).await;
    joined.browser.go(&edit).await;
    Joined::send(&mut joined.browser, &edit, &[("serial_number", "SWK 0009")]).await;
    // The other window still shows the former data; its signature is over what nobody says any more.
    let cms = joined.gate.key("head").sign_cms(&first, false, joined.gate.now(), None);
    let answer = late.submit(&at, &[("signature", &STANDARD.encode(cms))]).await;
    assert_eq!(location(&answer), format!("{at}?done=changed"));
    assert!(late.go(&location(&answer)).await.text.contains("was not accepted and not kept"));
    assert_eq!(joined.kept(id).await.state, RegistrationState::Draft);
    joined.browser.go(&at).await;
    let mut other = joined.browser.clone();
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let rows = joined.actions().await.len();
    let answer = joined.sign(&mut other, id, joined.gate.key("head")).await;
    assert_eq!(location(&answer), format!("{at}?done=already"));
    assert_eq!(joined.actions().await.len(), rows);
}

#[tokio::test]
async fn without_the_contract_nothing_is_registered_and_others_registrations_are_not_found() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    let path = format!("/c/{bin}/registrations/new");
    browser.go(&path).await;
    let answer = Joined::send(&mut browser, &path, &[]).await;
    assert!(answer.status == 422 && answer.text.contains("First join the contract"), "{}", answer.text);
    // What was refused took no name from who joins and begins anew.
    browser.go(&format!("/c/{bin}/application")).await;
    sign_one(&gate, &mut browser, &bin, gate.key("head")).await;
    browser.go(&path).await;
    let answer = Joined::send(&mut browser, &path, &[]).await;
    assert!(location(&answer).starts_with(&format!("/c/{bin}/registrations/")), "{}", answer.text);

    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    let head = joined.gate.known("head-b").await;
    joined.gate.house.company("990940003176", "ТОО «Басқа»", &[(head, &[Role::Administrator])]).await;
    let mut browser = joined.gate.house.sign_in(head).await;
    for path in [format!("/c/990940003176/registrations/{id}"), joined.path(id)] {
        for end in ["", "/edit", "/change", "/deregister", "/visit"] {
            assert_eq!(browser.open(&format!("{path}{end}")).await.status, 404, "{path}{end}");
        }
    }
    // Nor is a shop of somebody else one to choose.
    let shop = joined.kept(id).await.data.shop.id.0;
    let path = joined.new_path();
    joined.browser.go(&path).await;
    let answer = Joined::send(&mut joined.browser, &path, &[("shop", &shop)]).await;
    assert!(answer.status == 422 && answer.text.contains("not in the list any more"), "{}", answer.text);
}

#[tokio::test]
async fn a_factory_number_that_another_organisation_took_between_look_and_signature_is_told() {
    let mut joined = Joined::open().await;
    let own = joined.saved(&[]).await;
    let looked = joined.browser.clone();
    // The other one joined the contract as well.
    let head = joined.gate.known("head-b").await;
    let other = joined.gate.key("head-b").bin().unwrap().to_owned();
    joined.gate.house.company(&other, "ТОО «Басқа»", &[(head, &[Role::Administrator])]).await;
    let agreement = joined.gate.house.company_of(&joined.bin).await.agreement;
    let iin = joined.gate.key("head-b").iin().unwrap().to_owned();
    joined
        .gate
        .house
        .change_company(&other, |company| {
            company.agreement = agreement;
            company.profile.head.iin = iin;
        })
        .await;
    let browser = joined.gate.house.sign_in(head).await;
    let first = (std::mem::replace(&mut joined.browser, browser), std::mem::replace(&mut joined.bin, other));
    let taken = joined.saved(&[("rnm", "010100000002")]).await;
    let mut browser = joined.browser.clone();
    let answer = joined.sign(&mut browser, taken, joined.gate.key("head-b")).await;
    assert_eq!(location(&answer), format!("{}?done=registered", joined.path(taken)));

    joined.bin = first.1;
    let rows = joined.actions().await.len();
    let before = joined.kept(own).await;
    for _ in 0..2 {
        let mut browser = looked.clone();
        let answer = joined.sign(&mut browser, own, joined.gate.key("head")).await;
        assert!(answer.status == 422 && answer.text.contains("is registered already"), "{}", answer.text);
        assert!(!answer.text.contains(&taken.to_string()), "whose it is nobody is told: {}", answer.text);
    }
    assert_eq!((joined.kept(own).await, joined.actions().await.len()), (before, rows), "nothing is lost");
    assert_eq!(joined.record(own).await, None);
    // With another number it goes on.
    let (mut browser, edit) = (looked, format!("{}/edit", joined.path(own)));
    browser.go(&edit).await;
    let answer = Joined::send(&mut browser, &edit, &[("serial_number", "SWK 0009")]).await;
    browser.go(&location(&answer)).await;
    let answer = joined.sign(&mut browser, own, joined.gate.key("head")).await;
    assert_eq!(location(&answer), format!("{}?done=registered", joined.path(own)));
}

#[tokio::test]
async fn a_process_that_ends_behind_the_signature_leaves_what_is_gone_on_with() {
    let mut joined = Joined::open().await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    // As if the process had ended before the register was made: all that is there is the registration.
    let other = Joined::open().await;
    let stream = Company::stream_of(&other.bin).unwrap();
    assert_eq!(other.bin, joined.bin, "the same organisation in another house");
    let store = &*other.gate.house.store;
    let before = ofd_storage::accounts::load::<Company>(store, stream).await.unwrap().unwrap();
    let kept = joined.kept(id).await;
    let rows = vec![kept.row().unwrap()];
    let stamp = other.gate.house.site.office.stamp();
    ofd_storage::accounts::save_beside(store, &before, before.state.clone(), (Vec::new(), rows), stamp)
        .await
        .unwrap();
    ofd_storage::store::Store::note(store, waiting_to_be_made(&other.bin, id, other.gate.house.now().0))
        .await
        .unwrap();
    assert_eq!(other.record(id).await, None);
    for _ in 0..2 {
        other.go_on().await;
        assert_eq!(other.record(id).await.unwrap().serial_number, "SWK 0001");
        assert!(registers::newest(store, id).await.unwrap().is_some());
    }
}

fn waiting_to_be_made(bin: &str, id: RegisterId, at_ms: u64) -> ofd_storage::store::Note {
    let key = [&[2_u8][..], bin.as_bytes(), &id.0.to_be_bytes()].concat().into();
    let kind = ofd_storage::store::NoteKind::RegistrationWaiting;
    ofd_storage::store::Note { kind, key, bytes: bytes::Bytes::new(), at_ms, expires_ms: at_ms + 1_000_000 }
}

#[tokio::test]
async fn the_form_and_the_application_speak_each_language() {
    let mut joined = Joined::open().await;
    for (language, title, paper) in
        [("ru", "Регистрация кассы", "Заявка №2"), ("kk", "Кассаны тіркеу", "№2 өтінім")]
    {
        joined.browser.language = language.into();
        let alias = format!("Касса {language}");
        let id = joined.saved(&[("alias", &alias), ("serial_number", language), ("rnm", "")]).await;
        let page = joined.browser.page.clone();
        assert!(page.contains(title) && page.contains(paper), "{page}");
        let kept = joined.kept(id).await;
        assert_eq!(kept.paper.as_ref().unwrap().language, language);
        assert_eq!(kept.paper.unwrap().state, PaperState::DrawnUp);
        assert_eq!(joined.sign_as_head(id).await, "sent");
    }
}
