//! Employees and invitations, as administrators, employees and strangers meet them.

mod letters;

use std::sync::Arc;

use ofd_storage::accounts::{AccountId, AuditAction, AuditSubject, Block, OPERATOR, Role};
use ofd_storage::claims::ClaimedName;
use ofd_storage::store::{RecordKind, Store};

use super::support::people::{Browser, House, location};
use crate::Mailer;
use crate::mail::Sink;

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";

/// A company with an administrator, an accountant and a reader, over a site whose letters can be read.
struct Scene {
    house: House,
    boss: AccountId,
    clerk: AccountId,
    reader: AccountId,
}

async fn scene() -> Scene {
    let house = House::with(|config| config.people.mailer = Mailer::Sink(Arc::new(Sink::default())));
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    let clerk = house.person("БЕКОВ МАРАТ").await;
    let reader = house.person("СЕРІКОВ БОЛАТ").await;
    let people: &[(AccountId, &[Role])] =
        &[(boss, &[Role::Administrator]), (clerk, &[Role::Accountant]), (reader, &[Role::Reader])];
    house.company(BIN, "ТОО «Көктем»", people).await;
    Scene { house, boss, clerk, reader }
}

fn list() -> String {
    format!("/c/{BIN}/employees")
}

fn page_of(id: AccountId) -> String {
    format!("/c/{BIN}/employees/{id}")
}

/// The link in the newest letter, without the site's address.
fn link(house: &House) -> String {
    let letter = &house.site.office.mailer.sink().unwrap().letters()[0];
    let link = letter.text.split_whitespace().find(|word| word.contains("/invitation?")).unwrap();
    link.strip_prefix("https://ofd.example").unwrap().to_owned()
}

fn letters(house: &House) -> usize {
    house.site.office.mailer.sink().unwrap().letters().len()
}

async fn invite(browser: &mut Browser, email: &str, roles: &[&str]) -> super::support::Answer {
    let at = format!("{}/invite", list());
    browser.go(&at).await;
    let roles = roles.iter().map(|role| ("role", *role));
    let fields: Vec<(&str, &str)> = std::iter::once(("email", email)).chain(roles).collect();
    browser.submit(&at, &fields).await
}

const PASSWORD: &str = "Correct1horse";

async fn create(browser: &mut Browser, name: &str) -> super::support::Answer {
    let fields = [("name", name), ("password", PASSWORD), ("repeat", PASSWORD), ("agree", "yes")];
    browser.submit("/invitation", &fields).await
}

#[tokio::test]
async fn the_list_shows_everybody_and_is_narrowed() {
    let scene = scene().await;
    let mut browser = scene.house.sign_in(scene.clerk).await;
    let page = browser.go(&list()).await.text;
    for name in ["АХМЕТОВА САУЛЕ", "БЕКОВ МАРАТ", "СЕРІКОВ БОЛАТ", "3 people"]
    {
        assert!(page.contains(name), "{name}");
    }
    assert!(!page.contains("/employees/invite"), "an accountant does not manage people");
    let page = browser.go(&format!("{}?name=беков", list())).await.text;
    assert!(page.contains("1 person") && !page.contains(">СЕРІКОВ БОЛАТ<"));
    let page = browser.go(&format!("{}?role=reader", list())).await.text;
    assert!(page.contains(">СЕРІКОВ БОЛАТ<") && !page.contains(&page_of(scene.boss)));
    let page = browser.go(&format!("{}?state=blocked", list())).await.text;
    assert!(page.contains("Nobody fits"));
}

#[tokio::test]
async fn everybody_who_is_listed_comes_as_a_file() {
    let scene = scene().await;
    let mut browser = scene.house.sign_in(scene.clerk).await;
    let page = browser.go(&format!("{}?role=accountant", list())).await.text;
    let file = format!("{}.csv?role=accountant", list());
    assert!(page.contains(&format!("href=\"{file}\"")), "{page}");
    let all = browser.go(&format!("{}.csv", list())).await.text;
    let narrowed = browser.go(&file).await.text;
    assert!(all.starts_with("\u{feff}\"Full name\";\"E-mail\";\"Roles\";\"State\""), "{all}");
    assert!(all.lines().count() > narrowed.lines().count() && narrowed.lines().count() > 1, "{narrowed}");
    assert!(narrowed.lines().skip(1).all(|line| line.contains("Accountant")), "{narrowed}");
}

#[tokio::test]
async fn a_profile_says_in_plain_words_what_a_person_may() {
    let scene = scene().await;
    let mut browser = scene.house.sign_in(scene.clerk).await;
    let page = browser.go(&page_of(scene.boss)).await.text;
    assert!(page.contains("Invite and block employees") && page.contains("Read the audit log"));
    assert!(!page.contains("<form action=\"/c/"), "an accountant sees and does not change");
    let page = browser.go(&page_of(scene.reader)).await.text;
    assert!(page.contains("See the organisation’s data") && !page.contains("Change data"));
}

#[tokio::test]
async fn roles_are_changed_at_once_and_the_audit_tells() {
    let scene = scene().await;
    let mut reader = scene.house.sign_in(scene.reader).await;
    assert_eq!(reader.open(&list()).await.status, 403);
    let mut boss = scene.house.sign_in(scene.boss).await;
    let at = page_of(scene.reader);
    boss.go(&at).await;
    let answer = boss.submit(&at, &[("role", "reader"), ("role", "cashier_manager")]).await;
    assert_eq!(location(&answer), format!("{at}?done=roles"));
    assert!(boss.go(&location(&answer)).await.text.contains("The roles are saved"));
    assert_eq!(reader.open(&list()).await.status, 200, "rights are judged at every request");
    let row = &scene.house.audit(BIN).await[0];
    assert_eq!((row.action, row.subject.text.as_str()), (AuditAction::RolesChanged, "СЕРІКОВ БОЛАТ"));
    assert_eq!(row.changes[0].before.as_deref(), Some("reader"));
    assert_eq!(row.changes[0].after.as_deref(), Some("cashier_manager, reader"));
}

#[tokio::test]
async fn a_form_sent_twice_changes_once() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let at = page_of(scene.reader);
    boss.go(&at).await;
    let mut again = boss.clone();
    for browser in [&mut boss, &mut again] {
        let answer = browser.submit(&at, &[("role", "accountant")]).await;
        assert_eq!(location(&answer), format!("{at}?done=roles"));
    }
    assert_eq!(scene.house.audit(BIN).await.len(), 1);
}

#[tokio::test]
async fn who_was_slower_sees_what_changed_and_loses_nothing_typed() {
    let scene = scene().await;
    let second = scene.house.person("ЕКІНШІ ӘКІМШІ").await;
    scene
        .house
        .change_company(BIN, |company| {
            let member = company.members[0].clone();
            company.members.push(ofd_storage::accounts::Member {
                account: second,
                name: "ЕКІНШІ ӘКІМШІ".into(),
                ..member
            });
        })
        .await;
    let (mut boss, mut other) = (scene.house.sign_in(scene.boss).await, scene.house.sign_in(second).await);
    let at = page_of(scene.reader);
    boss.go(&at).await;
    other.go(&at).await;
    other.submit(&at, &[("role", "accountant")]).await;
    let answer = boss.submit(&at, &[("role", "cashier_manager")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("somebody else changed this: ЕКІНШІ ӘКІМШІ"), "{}", answer.text);
    assert!(answer.text.contains("Now: Accountant"));
    assert!(answer.text.contains("value=\"cashier_manager\" checked"), "what was typed stays");
    let answer = boss.submit(&at, &[("role", "cashier_manager")]).await;
    assert_eq!(answer.status, 303, "sending again saves");
    let roles = scene.house.company_of(BIN).await.member(scene.reader).unwrap().roles.clone();
    assert_eq!(roles, [Role::CashierManager]);
}

#[tokio::test]
async fn who_was_faster_is_found_by_whom_the_change_was_about_and_not_by_the_name() {
    let scene = scene().await;
    scene
        .house
        .change_company(BIN, |company| {
            // Two people of one name work here.
            let name = company.member(scene.reader).unwrap().name.clone();
            company.members.iter_mut().find(|member| member.account == scene.clerk).unwrap().name = name;
        })
        .await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let (reader, clerk) = (page_of(scene.reader), page_of(scene.clerk));
    boss.go(&reader).await;
    let (mut slower, mut slowest) = (boss.clone(), boss.clone());
    assert_eq!(boss.submit(&reader, &[("role", "accountant")]).await.status, 303);
    assert_eq!(scene.house.audit(BIN).await[0].subject.of, Some(AuditSubject::Person(scene.reader)));
    let when = |page: &str| {
        let told = page.split_once("You changed this in another window already, ").unwrap().1;
        told.split(". What you typed").next().unwrap().to_owned()
    };
    let before = slower.submit(&reader, &[("role", "cashier_manager")]).await.text;
    scene.house.wait(3600);
    boss.go(&clerk).await;
    assert_eq!(boss.submit(&clerk, &[("role", "reader")]).await.status, 303, "the namesake changes later");
    let after = slowest.submit(&reader, &[("role", "cashier_manager")]).await.text;
    assert_eq!(when(&before), when(&after));
}

#[tokio::test]
async fn the_last_administrator_keeps_the_role_and_is_not_blocked() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let at = page_of(scene.boss);
    boss.go(&at).await;
    let answer = boss.submit(&at, &[("role", "reader"), ("sure", "yes")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("This is the last administrator"));
    boss.go(&format!("{at}/block")).await;
    let answer = boss.submit(&format!("{at}/block"), &[("reason", "tired")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("This is the last administrator") && answer.text.contains(">tired<"));
    assert!(scene.house.audit(BIN).await.is_empty());
}

#[tokio::test]
async fn giving_up_ones_own_administration_is_asked_for_once_more() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let clerk = page_of(scene.clerk);
    boss.go(&clerk).await;
    boss.submit(&clerk, &[("role", "administrator")]).await;
    let at = page_of(scene.boss);
    boss.go(&at).await;
    let answer = boss.submit(&at, &[("role", "reader")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("Give up the administrator’s role?"));
    assert_eq!(scene.house.audit(BIN).await.len(), 1, "nothing is saved yet");
    let answer = boss.submit(&at, &[]).await;
    assert_eq!(location(&answer), format!("/c/{BIN}"));
    let roles = scene.house.company_of(BIN).await.member(scene.boss).unwrap().roles.clone();
    assert_eq!(roles, [Role::Reader]);
    assert_eq!(boss.open(&list()).await.status, 403);
}

#[tokio::test]
async fn a_block_holds_at_once_has_a_reason_and_is_lifted() {
    let scene = scene().await;
    let mut clerk = scene.house.sign_in(scene.clerk).await;
    clerk.go(&list()).await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let at = page_of(scene.clerk);
    let page = boss.go(&format!("{at}/block")).await.text;
    assert!(page.contains("The employee sees the reason"));
    let answer = boss.submit(&format!("{at}/block"), &[("reason", "  ")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Give the reason"));
    let answer = boss.submit(&format!("{at}/block"), &[("reason", "ушёл в отпуск")]).await;
    assert_eq!(location(&answer), format!("{at}?done=blocked"));
    assert_eq!(clerk.open(&list()).await.status, 403, "the open session has lost its rights");
    assert!(clerk.go("/cabinet").await.text.contains("ушёл в отпуск"), "the reason is told to whom it hits");
    let page = boss.go(&at).await.text;
    assert!(page.contains("ушёл в отпуск") && page.contains("АХМЕТОВА САУЛЕ"));
    let answer = boss.submit(&format!("{at}/unblock"), &[]).await;
    assert_eq!(location(&answer), format!("{at}?done=unblocked"));
    assert_eq!(clerk.open(&list()).await.status, 200);
    let actions: Vec<AuditAction> = scene.house.audit(BIN).await.iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::Unblocked, AuditAction::Blocked]);
    assert_eq!(scene.house.audit(BIN).await[1].changes[0].after.as_deref(), Some("ушёл в отпуск"));
}

#[tokio::test]
async fn a_stale_block_says_so_and_keeps_the_reason() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let at = format!("{}/block", page_of(scene.clerk));
    boss.go(&at).await;
    scene
        .house
        .change_company(BIN, |company| {
            company.members[1].block =
                Some(Block { reason: "already".into(), since: company.since, by: "X".into() });
            company.members[1].revision += 1;
        })
        .await;
    let answer = boss.submit(&at, &[("reason", "mine")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains(">mine<") && answer.text.contains("Now: already"));
}

#[tokio::test]
async fn an_administrator_blocked_meanwhile_changes_nothing_more() {
    let scene = scene().await;
    let mut clerk = scene.house.sign_in(scene.clerk).await;
    scene.house.change_company(BIN, |company| company.members[1].roles = vec![Role::Administrator]).await;
    let at = page_of(scene.reader);
    clerk.go(&at).await;
    scene
        .house
        .change_company(BIN, |company| {
            company.members[1].block =
                Some(Block { reason: "x".into(), since: company.since, by: "X".into() });
        })
        .await;
    assert_eq!(clerk.submit(&at, &[("role", "administrator")]).await.status, 403);
    assert_eq!(scene.house.company_of(BIN).await.member(scene.reader).unwrap().roles, [Role::Reader]);
}

#[tokio::test]
async fn people_of_another_company_are_not_found_here() {
    let scene = scene().await;
    let stranger = scene.house.person("БӨТЕН АДАМ").await;
    scene.house.company(OTHER, "ТОО «Басқа»", &[(stranger, &[Role::Administrator])]).await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    assert_eq!(boss.open(&page_of(stranger)).await.status, 404);
    assert_eq!(boss.open(&format!("/c/{OTHER}/employees")).await.status, 404);
    assert_eq!(boss.open(&format!("{}/zzz", list())).await.status, 404);
    boss.go(&page_of(scene.clerk)).await;
    let csrf = boss.hidden(&page_of(scene.clerk))[0].1.clone();
    let body = format!("csrf={csrf}&revision=1&reason=x");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    for path in ["", "/block", "/unblock"] {
        let at = format!("{}{path}", page_of(stranger));
        assert_eq!(boss.send("POST", &at, &kind, body.clone() + "&role=reader").await.status, 404, "{at}");
        let at = format!("/c/{OTHER}/employees/{stranger}{path}");
        assert_eq!(boss.send("POST", &at, &kind, body.clone() + "&role=reader").await.status, 404, "{at}");
    }
    assert!(scene.house.audit(OTHER).await.is_empty());
}

#[tokio::test]
async fn somebody_without_a_certificate_is_invited_and_joins() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    let answer = invite(&mut boss, "New@Example.kz", &["accountant", "reader"]).await;
    assert_eq!(location(&answer), format!("{}?done=invited", list()));
    let page = boss.go(&location(&answer)).await.text;
    assert!(page.contains("The invitation is sent") && page.contains("new@example.kz"));
    let mut guest = scene.house.browser();
    let page = guest.go(&link(&scene.house)).await.text;
    for text in
        ["ТОО «Көктем»", BIN, "АХМЕТОВА САУЛЕ", "Accountant, Read only", "new@example.kz", "/login?next="]
    {
        assert!(page.contains(text), "{text}");
    }
    let answer = create(&mut guest, "ЖАҢА АДАМ").await;
    assert_eq!(location(&answer), format!("/c/{BIN}?done=joined"));
    assert!(guest.is_signed_in());
    guest.go(&list()).await;
    let company = scene.house.company_of(BIN).await;
    let member = company.members.last().unwrap();
    assert_eq!((member.name.as_str(), member.email.as_str()), ("ЖАҢА АДАМ", "new@example.kz"));
    assert_eq!(member.roles, [Role::Accountant, Role::Reader]);
    assert!(company.invitations.is_empty());
    let account = scene.house.account(member.account).await.state;
    assert_eq!(account.email.unwrap().address, "new@example.kz", "the link itself confirmed it");
    assert_eq!(account.companies[0].bin, BIN);
    let kept = serde_json::to_string(&account.password).unwrap();
    assert!(kept.contains("argon2id") && !kept.contains(PASSWORD));
    let actions: Vec<AuditAction> = scene.house.audit(BIN).await.iter().map(|row| row.action).collect();
    assert_eq!(actions, [AuditAction::Joined, AuditAction::Invited]);
    assert_eq!(scene.house.audit(BIN).await[0].actor.name, "ЖАҢА АДАМ");
}

#[tokio::test]
async fn who_has_an_account_joins_with_one_button() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "known@example.kz", &["reader"]).await;
    let known = scene.house.person("ТАНЫС АДАМ").await;
    let mut guest = scene.house.sign_in(known).await;
    let page = guest.go(&link(&scene.house)).await.text;
    assert!(page.contains("ТАНЫС АДАМ") && !page.contains("name=\"password\""));
    let mut twice = guest.clone();
    assert_eq!(location(&guest.submit("/invitation", &[]).await), format!("/c/{BIN}?done=joined"));
    let again = location(&twice.submit("/invitation", &[]).await);
    assert_eq!(again, format!("/c/{BIN}"), "sent twice, joined once");
    assert_eq!(location(&guest.open(&link(&scene.house)).await), format!("/c/{BIN}"));
    let company = scene.house.company_of(BIN).await;
    assert_eq!(company.members.iter().filter(|member| member.account == known).count(), 1);
    assert_eq!(scene.house.account(known).await.state.companies.len(), 1);
}

#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let before = scene.house.company_of(BIN).await;
    for _ in 0..3 {
        scene.house.browser().go(&link(&scene.house)).await;
    }
    assert!(scene.house.company_of(BIN).await == before);
}

#[tokio::test]
async fn each_dead_link_says_how_it_died() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "taken@example.kz", &["reader"]).await;
    let taken = link(&scene.house);
    let mut guest = scene.house.browser();
    guest.go(&taken).await;
    let mut late = guest.clone();
    create(&mut guest, "ЖАҢА АДАМ").await;

    invite(&mut boss, "cancelled@example.kz", &["reader"]).await;
    let cancelled = link(&scene.house);
    let id = scene.house.company_of(BIN).await.invitations[0].id;
    let at = format!("/c/{BIN}/invitations/{id}/cancel");
    assert!(boss.go(&at).await.text.contains("cancelled@example.kz"));
    assert_eq!(location(&boss.submit(&at, &[]).await), format!("{}?done=cancelled", list()));
    assert_eq!(boss.open(&at).await.status, 404);

    invite(&mut boss, "old@example.kz", &["reader"]).await;
    let old = link(&scene.house);
    let mut slow = scene.house.browser();
    slow.go(&old).await;
    scene.house.wait(7 * 24 * 3600);

    let wrong = format!("{}x", taken);
    let elsewhere = taken.replace(BIN, OTHER);
    for (link, status, text) in [
        (&taken, 410, "The invitation is taken already"),
        (&cancelled, 410, "The invitation is withdrawn"),
        (&old, 410, "The invitation has expired"),
        (&wrong, 404, "There is no such invitation"),
        (&elsewhere, 404, "There is no such invitation"),
        (&"/invitation".to_owned(), 404, "There is no such invitation"),
        (&format!("/invitation?c={OPERATOR}&i=1&k=x"), 404, "There is no such invitation"),
    ] {
        let answer = scene.house.browser().open(link).await;
        assert_eq!(answer.status, status, "{link}");
        assert!(answer.text.contains(text), "{link}: {}", answer.text);
    }
    let before = scene.house.company_of(BIN).await;
    assert_eq!(create(&mut late, "КЕШІККЕН АДАМ").await.status, 410);
    assert_eq!(create(&mut slow, "КЕШІККЕН АДАМ").await.status, 410);
    assert!(scene.house.company_of(BIN).await == before);
}

#[tokio::test]
async fn how_an_invitation_ended_is_kept_without_its_secret() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let link = link(&scene.house);
    let secret = link.split("k=").nth(1).unwrap();
    let id = scene.house.company_of(BIN).await.invitations[0].id;
    let at = format!("/c/{BIN}/invitations/{id}/cancel");
    boss.go(&at).await;
    boss.submit(&at, &[]).await;
    let kept = scene.house.store.records(RecordKind::Name, b"invitation/", None, 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(ClaimedName::decode(&kept[0].bytes).unwrap().owner, "cancelled");
    assert!(!String::from_utf8_lossy(&kept[0].key).contains(secret));
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused_beside_its_field() {
    let scene = scene().await;
    scene.house.change_company(BIN, |company| company.members[1].email = "clerk@example.kz".into()).await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    for (email, roles, text) in [
        ("NEW@example.kz", &["reader"][..], "This address is invited already"),
        ("clerk@example.kz", &["reader"], "is an employee already"),
        ("no address", &["reader"], "Enter an address"),
        ("a@example.kz\r\nBcc: b@example.kz", &["reader"], "Enter an address"),
        ("", &["reader"], "Enter an address"),
        ("other@example.kz", &[], "Choose at least one role"),
        ("other@example.kz", &["support"], "There is no such role here"),
        ("other@example.kz", &["god"], "There is no such role here"),
    ] {
        let answer = invite(&mut boss, email, roles).await;
        assert_eq!(answer.status, 422, "{email}");
        assert!(answer.text.contains(text), "{email}: {}", answer.text);
    }
    assert_eq!(letters(&scene.house), 1);
    assert_eq!(scene.house.company_of(BIN).await.invitations.len(), 1);
}

#[tokio::test]
async fn a_new_account_needs_a_name_and_a_good_password() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let mut guest = scene.house.browser();
    guest.go(&link(&scene.house)).await;
    let fields = [("name", "ЖАҢА АДАМ"), ("password", PASSWORD), ("repeat", PASSWORD)];
    let answer = guest.submit("/invitation", &fields).await;
    assert!(answer.status == 422 && answer.text.contains("href=\"#agree\""), "the agreement is not accepted");
    for (name, password, repeat, text) in [
        ("", PASSWORD, PASSWORD, "Enter surname"),
        ("1 2 3", PASSWORD, PASSWORD, "Enter surname"),
        ("ЖАҢА АДАМ", "Shrt1", "Shrt1", "id=\"password-error\">"),
        ("ЖАҢА АДАМ", PASSWORD, "Correct2horse", "The passwords differ"),
    ] {
        let fields = [("name", name), ("password", password), ("repeat", repeat), ("agree", "yes")];
        let answer = guest.submit("/invitation", &fields).await;
        assert_eq!(answer.status, 422, "{name} {password}");
        assert!(answer.text.contains(text), "{text}");
        assert!(!answer.text.contains(password), "a password is never sent back");
    }
    assert!(!guest.is_signed_in());
    assert_eq!(location(&create(&mut guest, "  ЖАҢА   АДАМ ").await), format!("/c/{BIN}?done=joined"));
    assert_eq!(scene.house.company_of(BIN).await.members.last().unwrap().name, "ЖАҢА АДАМ");
}

#[tokio::test]
async fn an_address_with_an_account_is_sent_to_sign_in() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let mut guest = scene.house.browser();
    guest.go(&link(&scene.house)).await;
    create(&mut guest, "ЖАҢА АДАМ").await;
    scene.house.change_company(BIN, |company| _ = company.members.pop()).await;
    invite(&mut boss, "new@example.kz", &["reader"]).await;
    let mut again = scene.house.browser();
    again.go(&link(&scene.house)).await;
    let answer = create(&mut again, "ЖАҢА АДАМ").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("This address has an account already"));
    assert!(!again.is_signed_in());
}

#[tokio::test]
async fn the_operators_staff_has_the_same_pages_with_its_own_roles() {
    let scene = scene().await;
    let chief = scene.house.person("ОПЕРАТОР БАС").await;
    scene.house.company(OPERATOR, "ОФД", &[(chief, &[Role::OperatorAdministrator])]).await;
    let mut browser = scene.house.sign_in(chief).await;
    let page = browser.go("/operator/staff").await.text;
    assert!(
        page.contains("Operator’s staff") && page.contains("Tax inspector") && !page.contains("Head cashier")
    );
    browser.go("/operator/staff/invite").await;
    let at = "/operator/staff/invite";
    let answer = browser.submit(at, &[("email", "s@example.kz"), ("role", "accountant")]).await;
    assert!(answer.text.contains("There is no such role here"));
    let answer = browser.submit(at, &[("email", "s@example.kz"), ("role", "support")]).await;
    assert_eq!(location(&answer), "/operator/staff?done=invited");
    let mut guest = scene.house.browser();
    guest.go(&link(&scene.house)).await;
    let answer = create(&mut guest, "ҚОЛДАУ ҚЫЗМЕТІ").await;
    assert_eq!(location(&answer), "/operator/companies?done=joined");
    let page = guest.open(&location(&answer)).await;
    assert!(page.status == 403 && page.text.contains("A second factor is needed"), "{}", page.text);
    let support = scene.house.company_of(OPERATOR).await.members[1].account;
    let mut guest = scene.house.sign_in(support).await;
    assert!(guest.go(&location(&answer)).await.text.contains("You have joined"));
    assert_eq!(guest.open("/operator/staff").await.status, 403);
    let at = format!("/operator/staff/{support}");
    browser.go(&format!("{at}/block")).await;
    let answer = browser.submit(&format!("{at}/block"), &[("reason", "x")]).await;
    assert_eq!(location(&answer), format!("{at}?done=blocked"));
    assert_eq!(guest.open("/operator/companies").await.status, 403);
    assert!(
        scene
            .house
            .audit(OPERATOR)
            .await
            .iter()
            .all(|row| row.action == AuditAction::Joined || row.actor.is_operator)
    );
}

#[tokio::test]
async fn the_pages_speak_all_three_languages() {
    let scene = scene().await;
    let mut boss = scene.house.sign_in(scene.boss).await;
    for (language, title, role) in [
        ("ru", "Сотрудники", "Бухгалтер"),
        ("kk", "Қызметкерлер", "Бухгалтер"),
        ("en", "Employees", "Accountant"),
    ] {
        boss.language = language.into();
        let page = boss.go(&list()).await.text;
        assert!(page.contains(&format!("<h1>{title}</h1>")) && page.contains(role), "{language}");
        for at in
            [page_of(scene.clerk), format!("{}/block", page_of(scene.clerk)), format!("{}/invite", list())]
        {
            let page = boss.go(&at).await.text;
            assert!(!page.contains("staff-") && !page.contains("{ $"), "{at} in {language}");
        }
    }
}
