//! Lists that are full, with the longest texts that there may be: each page stays small, and none of it is out of reach.

use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::accounts::{
    AccountId, AuditAction, AuditActor, AuditEntry, AuditSubject, Company, FieldChange, Invitation, Member,
    OPERATOR, Paper, PaperState, Proof, Registration, Role, ShopGroup, load, save_beside,
};
use ofd_storage::model::{RegisterRecord, TradePoint, TradePointId, create};
use ofd_storage::note::{NOTE_LIFE_MAX_MS, Note, NoteKind, REGISTRATION_GROUPS, registration_waiting_key};
use ofd_storage::samples;
use ofd_storage::store::{Row, Store as _};

use super::support::people::{Browser, House, unescaped};

const BIN: &str = "151140001234";
const LIST: &str = "/c/151140001234/registers";

/// The most that a page may come to.
pub(super) const PAGE_BYTES_MAX: usize = 100_000;

/// Registers, and registrations, that the company has.
const REGISTERS: u32 = 130;
const REGISTRATIONS: u32 = 110;
const SHOPS: u32 = 55;

/// Follows a long page to its end: all of it.
pub(super) async fn every_part(browser: &mut Browser, first: &str) -> Vec<String> {
    let (mut parts, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let answer = browser.open(&path).await;
        let text = answer.text;
        assert!(answer.status == 200, "{path}: {}", answer.status);
        assert!(text.len() < PAGE_BYTES_MAX, "{path} has {} bytes", text.len());
        let before = text.split_once("\" rel=\"next\"").map(|(before, _)| before);
        next = before.and_then(|before| before.rsplit_once('"')).map(|(_, link)| unescaped(link));
        parts.push(text);
        assert!(parts.len() < 1_000, "it ends");
    }
    parts
}

/// A text of so many characters, none of which a page can have as it is, with a number to tell it by.
fn long(number: u32, chars: usize) -> String {
    format!("{number:04}{}", "\"<&'>".repeat(chars).chars().take(chars - 4).collect::<String>())
}

fn member(house: &House, number: u32) -> Member {
    Member {
        account: AccountId(0xF000 + u64::from(number)),
        name: long(number, 150),
        iin: None,
        email: long(number, 254),
        roles: vec![Role::Accountant, Role::CashierManager, Role::Reader],
        block: None,
        since: house.now(),
        revision: 1,
    }
}

fn invitation(house: &House, number: u32) -> Invitation {
    let proof = Proof {
        link_hash: String::new(),
        code_hash: String::new(),
        expires_at: UnixMillis(house.now().0 + 1_000_000),
        tries_left: 5,
        sent_at: house.now(),
    };
    let (email, by) = (long(number, 254), long(number, 150));
    Invitation { id: number, email, roles: vec![Role::Reader], at: house.now(), by, by_account: None, proof }
}

fn audit_row(house: &House, number: u32) -> AuditEntry {
    let change = |field: &str| FieldChange {
        field: field.into(),
        before: Some(long(number, 500)),
        after: Some(long(number, 500)),
    };
    AuditEntry {
        at: house.now(),
        actor: AuditActor { account: None, name: long(number, 150), is_operator: false },
        address: "10.0.0.1".into(),
        action: AuditAction::PersonChanged,
        subject: AuditSubject::Company.called(long(number, 200)),
        changes: vec![change("name"), change("position")],
    }
}

fn shop_id(number: u32) -> TradePointId {
    TradePointId::derive(BIN, &format!("shop {number}"), "")
}

fn registration(number: u32) -> Registration {
    let mut one = samples::registration(RegisterId(900_000 + number), BIN);
    one.data.alias = long(number, 40);
    one.data.model_name = long(number, 200);
    one.data.serial_number = long(number, 50);
    one.data.shop.title = long(number, 120);
    one
}

/// Adds to a company, with rows beside it.
async fn add(
    house: &House,
    bin: &str,
    audit: Vec<AuditEntry>,
    rows: Vec<Row>,
    set: impl FnOnce(&mut Company),
) {
    let before = load::<Company>(&house.store, Company::stream_of(bin).unwrap()).await.unwrap().unwrap();
    let mut company = before.state.clone();
    set(&mut company);
    save_beside(&house.store, &before, company, (audit, rows), house.site.office.stamp()).await.unwrap();
}

async fn shops_and_registers(house: &House) {
    for number in 0..SHOPS {
        let point = TradePoint::at(shop_id(number), BIN, &long(number, 120), &long(number, 500));
        let point =
            TradePoint { groups: (1..=50).filter(|group| group % 10 == number % 10).collect(), ..point };
        create(&*house.store, &point).await.unwrap();
    }
    for number in 0..REGISTERS {
        let record = RegisterRecord {
            trade_point: shop_id(number % 3),
            fns_kkm_id: format!("{number:012}"),
            serial_number: "ONE-SERIAL".into(),
            model: long(number, 200),
            alias: long(number, 40),
            ..samples::register(RegisterId(800_000 + number), BIN)
        };
        create(&*house.store, &record).await.unwrap();
    }
    house.list_holdings().await;
}

/// A company of which everything is full, and the operator; with an administrator of each.
async fn full() -> (House, AccountId, AccountId) {
    let house = House::open();
    let [boss, head] = [house.person("АХМЕТОВА САУЛЕ").await, house.person("ОПЕРАТОР").await];
    house.company(BIN, &long(1, 250), &[(boss, &[Role::Administrator])]).await;
    house.company(OPERATOR, "ОФД", &[(head, &[Role::OperatorAdministrator])]).await;
    add(&house, BIN, Vec::new(), Vec::new(), |company| {
        company.members.extend((1..200).map(|number| member(&house, number)));
        company.invitations = (1..=50).map(|number| invitation(&house, number)).collect();
        company.shop_groups = (1..=50).map(|id| ShopGroup { id, revision: 1, name: long(id, 60) }).collect();
    })
    .await;
    for from in (1..=60).step_by(20) {
        let now = house.now();
        let papers = (from..from + 20).map(|number| {
            let paper = samples::paper(now, PaperState::Replaced { at: now });
            Paper { number, contract: long(number, 40), ..paper }
        });
        let papers: Vec<Paper> = papers.collect();
        let rows = papers.iter().map(|paper| paper.row().unwrap()).collect();
        let audit = (from..from + 20).map(|number| audit_row(&house, number)).collect();
        add(&house, BIN, audit, rows, |company| company.papers_last = from + 19).await;
    }
    for from in (0..REGISTRATIONS).step_by(10) {
        let all: Vec<Registration> = (from..from + 10).map(registration).collect();
        let rows = all.iter().map(|one| one.row().unwrap()).collect();
        add(&house, BIN, Vec::new(), rows, |company| {
            company.registrations.extend(all.iter().map(|one| one.id))
        })
        .await;
    }
    shops_and_registers(&house).await;
    (house, boss, head)
}

/// The numbers of all things whose address begins so.
fn led_to(parts: &[String], begin: &str) -> Vec<u32> {
    let begin = format!("href=\"{begin}");
    let links = parts.iter().flat_map(|part| part.split(&begin).skip(1));
    let number = |rest: &str| rest.split(|char: char| !char.is_ascii_digit()).next().unwrap().parse().ok();
    let mut found: Vec<u32> = links.filter_map(number).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[tokio::test]
async fn registers_and_registrations_are_all_reached_however_long_their_texts_are() {
    let (house, boss, _) = full().await;
    let mut browser = house.sign_in(boss).await;
    browser.language = "kk".into();
    let registers: Vec<u32> = (0..REGISTERS).map(|number| 800_000 + number).collect();
    let parts = every_part(&mut browser, LIST).await;
    assert_eq!(led_to(&parts, &format!("{LIST}/")), registers);
    let shops = parts.concat().matches("class=\"card shop\"").count();
    assert!(shops >= SHOPS as usize, "{shops} shops, one that goes on stands on both pages");
    let some = led_to(&parts, "/c/151140001234/registrations/");
    assert!(!some.is_empty() && some.len() < 20, "{some:?}");
    assert!(!parts[1].contains("id=\"under-way\""), "they stand above the first page alone");
    // The way to the others.
    let all = format!("{LIST}?status=under_way");
    assert!(parts[0].contains(&format!("href=\"{all}\"")), "{}", parts[0]);
    let parts = every_part(&mut browser, &all).await;
    let registrations: Vec<u32> = (0..REGISTRATIONS).map(|number| 900_000 + number).collect();
    assert_eq!(led_to(&parts, "/c/151140001234/registrations/"), registrations);
    assert!(parts.len() > 2 && led_to(&parts, &format!("{LIST}/")).is_empty(), "no register is asked for");
    let file = browser.open(&format!("{LIST}.csv?status=under_way")).await.text;
    assert_eq!(file.lines().count(), 1 + registrations.len());
    for shop in [0, 54] {
        let alone = every_part(&mut browser, &format!("{LIST}?shop={}", shop_id(shop).0)).await;
        let of_shop: Vec<u32> =
            registers.iter().copied().filter(|id| id % 3 == (800_000 + shop) % 3).collect();
        let wanted = if shop == 0 { of_shop } else { Vec::new() };
        assert_eq!(led_to(&alone, &format!("{LIST}/")), wanted);
    }
}

#[tokio::test]
async fn every_list_of_a_company_stays_small_and_goes_on() {
    let (house, boss, _) = full().await;
    let mut browser = house.sign_in(boss).await;
    for language in ["ru", "kk"] {
        browser.language = language.into();
        for (page, of_each, count) in [
            ("employees", "/c/151140001234/invitations/", 50),
            ("groups", "/c/151140001234/groups/", 50),
            ("papers", "/c/151140001234/papers/", 60),
        ] {
            let parts = every_part(&mut browser, &format!("/c/{BIN}/{page}")).await;
            let found = led_to(&parts, of_each);
            assert_eq!(found.len(), count, "{page} in {language}: {found:?}");
        }
        let parts = every_part(&mut browser, &format!("/c/{BIN}/employees")).await;
        assert_eq!(
            parts.concat().matches("/c/151140001234/employees/").count()
                - parts.concat().matches("/employees/invite").count(),
            200
        );
        let parts = every_part(&mut browser, &format!("/c/{BIN}/audit")).await;
        assert!(parts.len() > 3 && parts.concat().contains("<strong>0060&#34;"), "{}", parts.len());
    }
}

#[tokio::test]
async fn every_list_of_the_operators_people_stays_small_and_goes_on() {
    let (house, _, head) = full().await;
    for (group, number) in
        REGISTRATION_GROUPS.into_iter().flat_map(|group| (0..60).map(move |one| (group, one)))
    {
        let key = registration_waiting_key(group, BIN, 900_000 + number);
        let note = Note {
            kind: NoteKind::RegistrationWaiting,
            key,
            bytes: bytes::Bytes::new(),
            at_ms: house.now().0,
            expires_ms: house.now().0 + NOTE_LIFE_MAX_MS,
        };
        house.store.note(note).await.unwrap();
    }
    let mut browser = house.sign_in(head).await;
    browser.language = "kk".into();
    let parts = every_part(&mut browser, "/operator/find?q=ONE-SERIAL").await;
    assert_eq!(led_to(&parts, "/operator/registers/151140001234/").len(), 50, "as many as are looked up");
    let parts = every_part(&mut browser, &format!("/operator/companies/{BIN}/registers")).await;
    assert_eq!(led_to(&parts, "/operator/registers/151140001234/").len(), REGISTERS as usize);
    for page in [
        "companies",
        "registrations",
        "visits",
        "banks",
        "audit",
        "staff",
        "models",
        "ticket-texts",
        "contracts",
        "start",
        "tariffs",
        "payments",
    ] {
        every_part(&mut browser, &format!("/operator/{page}")).await;
    }
    let parts = every_part(&mut browser, &format!("/operator/companies/{BIN}/audit")).await;
    assert!(parts.len() > 3);
}
