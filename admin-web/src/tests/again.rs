//! Forms that come back with what was typed: after an error, in another language, after the session ended.

use ofd_storage::accounts::{AccountId, Role, SessionMethod};

use super::support::people::*;
use super::support::{Answer, header_of};

const BIN: &str = "151140001234";
const CONTACTS: &str = "/c/151140001234/contacts";
const TYPED: [(&str, &str); 3] =
    [("email", "new@example.kz"), ("phones", "+7 7172 654-321"), ("site", "https://example.kz")];

/// Longer than any session lives unused.
const NIGHT_SECONDS: u64 = 13 * 60 * 60;

async fn office() -> (House, AccountId) {
    let house = House::open();
    let administrator = house.person("ИВАНОВА АЙГУЛЬ").await;
    house.company(BIN, "ТОО «Көктем»", &[(administrator, &[Role::Administrator])]).await;
    (house, administrator)
}

/// Lines that set a cookie of a form.
fn kept(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    lines.filter(|line| line.starts_with("__Secure-ofd-again")).collect()
}

/// The parameter of an address.
fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1.split('#').next().unwrap().to_owned();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The same browser once somebody has signed in in it again.
async fn signed_in_again(house: &House, before: &Browser, id: AccountId) -> Browser {
    let mut browser = house.sign_in(id).await;
    for (name, value) in before.cookies.iter().filter(|(name, _)| name.contains("again")) {
        browser.cookies.insert(name.clone(), value.clone());
    }
    browser
}

fn shows(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(answer.text.contains(text), "{text} is not on the page: {}", answer.text);
    }
}

/// Sends the typed form in a session that is over; where the browser is sent.
async fn sent_too_late(house: &House, browser: &mut Browser) -> (Answer, String) {
    browser.go(CONTACTS).await;
    house.wait(NIGHT_SECONDS);
    let answer = browser.submit(CONTACTS, &TYPED).await;
    let to = location(&answer);
    (answer, to)
}

#[tokio::test]
async fn what_was_typed_in_a_session_that_ended_comes_back_after_signing_in() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    let (_, to) = sent_too_late(&house, &mut browser).await;
    let login = browser.go(&to).await;
    shows(&login, &["Your session has ended.", "what you typed is kept"]);
    let back = parameter(&to, "next");
    assert!(back.starts_with(&format!("{CONTACTS}?again=")), "{back}");
    assert_eq!(house.company_of(BIN).await.profile.email, "", "nothing was saved");

    let mut browser = signed_in_again(&house, &browser, administrator).await;
    let form = browser.go(&back).await;
    shows(&form, &["The session in which you filled in this form ended.", "+7 7172 654-321"]);
    shows(&form, &["value=\"new@example.kz\"", "value=\"https://example.kz\""]);
    assert!(!form.text.contains("aria-invalid"), "nothing is wrong yet");
    let saved = browser.submit(CONTACTS, &TYPED).await;
    assert_eq!(location(&saved), format!("/c/{BIN}?done=contacts"));
    assert_eq!(house.company_of(BIN).await.profile.email, "new@example.kz");
    assert!(kept(&saved).iter().all(|line| line.contains("Max-Age=0")), "it is done with");
}

#[tokio::test]
async fn what_comes_back_still_knows_what_it_was_typed_over() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    let (_, to) = sent_too_late(&house, &mut browser).await;
    house
        .change_company(BIN, |company| {
            company.profile.revision += 1;
            company.profile.email = "other@example.kz".into();
        })
        .await;
    let mut browser = signed_in_again(&house, &browser, administrator).await;
    browser.go(&parameter(&to, "next")).await;
    let answer = browser.submit(CONTACTS, &TYPED).await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    shows(&answer, &["other@example.kz", "value=\"new@example.kz\""]);
}

#[tokio::test]
async fn nobody_else_who_signs_in_there_sees_what_was_typed() {
    let (house, administrator) = office().await;
    let colleague = house.person("ПЕТРОВ ПЁТР").await;
    house
        .change_company(BIN, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.name) = (colleague, "ПЕТРОВ ПЁТР".into());
            company.members.push(member);
        })
        .await;
    let mut browser = house.sign_in(administrator).await;
    let (_, to) = sent_too_late(&house, &mut browser).await;
    let mut other = signed_in_again(&house, &browser, colleague).await;
    let page = other.go(&parameter(&to, "next")).await;
    assert!(!page.text.contains("new@example.kz") && !page.text.contains("654-321"), "{}", page.text);
    assert!(!page.text.contains("The session in which"), "{}", page.text);
    let mut late = signed_in_again(&house, &browser, administrator).await;
    house.wait(61 * 60);
    let page = late.go(&parameter(&to, "next")).await;
    assert!(!page.text.contains("new@example.kz"), "not longer than an hour: {}", page.text);
}

#[tokio::test]
async fn for_strangers_nothing_is_kept() {
    let (house, administrator) = office().await;
    let mut own = house.sign_in(administrator).await;
    own.go(CONTACTS).await;
    let token = own.hidden(CONTACTS).into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let (rest, last) = token.split_at(token.len() - 1);
    let forged = format!("{rest}{}", if last == "A" { "B" } else { "A" });
    for token in ["", "x", "1.2.3", forged.as_str()] {
        let mut stranger = house.browser();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", token)
            .append_pair("email", "new@example.kz")
            .finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let answer = stranger.send("POST", CONTACTS, &[kind], body.clone()).await;
        assert!(location(&answer).starts_with("/login?next="), "{token}");
        assert_eq!(kept(&answer), [""; 0], "{token}");
        let elsewhere = [kind, ("origin", "https://evil.example")];
        let answer = stranger.send("POST", CONTACTS, &elsewhere, body).await;
        assert_eq!(kept(&answer), [""; 0]);
    }
}

#[tokio::test]
async fn passwords_never_come_back() {
    let house = House::open();
    let id = house.person("ИВАНОВА АЙГУЛЬ").await;
    let mut browser = house.sign_in_by(id, SessionMethod::Password).await;
    browser.go("/account/email").await;
    house.wait(NIGHT_SECONDS);
    let typed = [("email", "new@example.kz"), ("current", "Korund77stone")];
    let to = location(&browser.submit("/account/email", &typed).await);
    let mut browser = signed_in_again(&house, &browser, id).await;
    let page = browser.go(&parameter(&to, "next")).await;
    shows(&page, &["value=\"new@example.kz\""]);
    assert!(!page.text.contains("Korund77stone"));
}

#[tokio::test]
async fn a_form_of_a_former_session_comes_back_once_its_person_is_signed_in_again() {
    let (house, administrator) = office().await;
    let mut first = house.sign_in(administrator).await;
    first.go(CONTACTS).await;
    let page = first.page.clone();
    // Signed in anew in another tab of the same browser.
    let mut browser = house.sign_in(administrator).await;
    browser.page = page;
    let form = browser.submit(CONTACTS, &TYPED).await;
    shows(&form, &["value=\"new@example.kz\"", "The session in which you filled in this form ended."]);
    assert_eq!(house.company_of(BIN).await.profile.email, "");
    let saved = browser.submit(CONTACTS, &TYPED).await;
    assert_eq!(location(&saved), format!("/c/{BIN}?done=contacts"));
}

#[tokio::test]
async fn a_page_that_was_asked_for_after_the_session_ended_says_so_and_opens_again() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    browser.go(CONTACTS).await;
    house.wait(NIGHT_SECONDS);
    let to = location(&browser.open(CONTACTS).await);
    assert_eq!((parameter(&to, "next").as_str(), parameter(&to, "done").as_str()), (CONTACTS, "ended"));
    shows(&browser.go(&to).await, &["Your session has ended."]);
    // Nobody was signed in now, so nothing ended.
    assert_eq!(parameter(&location(&browser.open(CONTACTS).await), "done"), "");
}

#[tokio::test]
async fn the_language_switch_keeps_what_was_typed_and_saves_nothing() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    browser.go(CONTACTS).await;
    let typed: Vec<_> = [("email", "not yet")].into_iter().chain([("switch", "kk")]).collect();
    let page = browser.submit(CONTACTS, &typed).await;
    assert_eq!(page.status, 200);
    shows(&page, &["<html lang=\"kk\">", "value=\"not yet\""]);
    assert!(!page.text.contains("aria-invalid"), "nobody has looked at it yet");
    assert_eq!(browser.cookies["lang"], "kk");
    assert_eq!(house.company_of(BIN).await.profile.revision, 0);
    let wrong = browser.submit(CONTACTS, &[("email", "not yet")]).await;
    assert_eq!(wrong.status, 422);
    shows(&wrong, &["<html lang=\"kk\">", "value=\"not yet\""]);
}

#[tokio::test]
async fn the_language_switch_of_the_login_keeps_the_login_and_where_to_go_on() {
    let house = House::open();
    let mut browser = house.browser();
    browser.go("/login?next=/c/151140001234").await;
    let typed = [("login", "880101300123"), ("password", "Korund77stone"), ("switch", "ru")];
    let page = browser.submit("/login/password", &typed).await;
    shows(
        &page,
        &["<html lang=\"ru\">", "value=\"880101300123\"", "name=\"next\" value=\"/c/151140001234\""],
    );
    assert!(!page.text.contains("Korund77stone") && !page.text.contains("role=\"alert\""), "{}", page.text);
}

#[tokio::test]
async fn after_an_error_the_page_has_an_address_of_its_own_that_back_and_reload_open() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    browser.go(CONTACTS).await;
    let csrf = browser.hidden(CONTACTS).into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &csrf)
        .append_pair("email", "пять")
        .append_pair("phones", "+7 7172 654-321")
        .finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let answer = browser.send("POST", CONTACTS, &[kind], body).await;
    let at = location(&answer);
    assert!(at.starts_with(&format!("{CONTACTS}?again=")), "{at}");
    for line in kept(&answer) {
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Max-Age=3600", &format!("Path={CONTACTS}")] {
            assert!(line.split("; ").any(|found| found == attribute), "{attribute}: {line}");
        }
        assert!(!line.contains("пять") && !line.contains("654"), "{line}");
    }
    for _ in 0..2 {
        let page = browser.open(&at).await;
        assert_eq!((page.status.as_u16(), header_of(&page, "cache-control")), (422, "private, no-store"));
        shows(&page, &["value=\"пять\"", "aria-invalid=\"true\"", "value=\"+7 7172 654-321\""]);
    }
    let fresh = browser.go(CONTACTS).await;
    assert!(!fresh.text.contains("пять"), "whoever opens the form anew sees what is kept");
}

#[tokio::test]
async fn a_wrong_password_leaves_a_page_with_an_address_of_its_own() {
    let house = House::open();
    let mut browser = house.browser();
    browser.go("/login?next=/account").await;
    let answer = browser.submit("/login/password", &[("login", "880101300123"), ("password", "x")]).await;
    assert_eq!(answer.status, 422);
    shows(&answer, &["value=\"880101300123\"", "role=\"alert\"", "name=\"next\" value=\"/account\""]);
}

#[tokio::test]
async fn the_list_of_errors_leads_to_every_field() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    let new = "/c/151140001234/addresses/new";
    browser.go(new).await;
    let page =
        browser.submit(new, &[("kind", "legal"), ("country", "KZ"), ("email", "x"), ("phone", "y")]).await;
    assert_eq!(page.status, 422);
    let list = page.text.split("class=\"trouble\"").nth(1).unwrap().split("</div>").next().unwrap();
    let links: Vec<&str> =
        list.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(links, ["settlement", "street", "email", "phone"], "in the order of the page");
    for field in links {
        assert!(page.text.contains(&format!(" id=\"{field}\"")), "{field} is not on the page");
    }
    assert!(
        list.contains("Street, building: ") || list.matches(": ").count() >= 4,
        "each with its label: {list}"
    );
}

#[tokio::test]
async fn enter_in_the_search_for_a_settlement_finds_it_and_saves_nothing() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    let new = "/c/151140001234/addresses/new";
    browser.go(new).await;
    // What Enter sends: the form's first button has no name.
    let typed =
        [("kind", "legal"), ("country", "KZ"), ("settlement_query", "Астана"), ("street", "Сарайшық, 44")];
    let page = browser.submit(new, &typed).await;
    assert_eq!(page.status, 200);
    shows(&page, &["value=\"710000000\"", "value=\"Сарайшық, 44\"", "value=\"Астана\""]);
    assert!(!page.text.contains("aria-invalid"), "nothing is wrong yet");
    assert!(house.company_of(BIN).await.addresses.is_empty());
}

#[tokio::test]
async fn enter_in_a_form_never_switches_the_language() {
    let (house, administrator) = office().await;
    let mut browser = house.sign_in(administrator).await;
    for (path, is_search) in [(CONTACTS, false), ("/c/151140001234/addresses/new", true), ("/account", false)]
    {
        let page = browser.go(path).await;
        let mut buttons = page.text.split("<button ").skip(1).map(|tag| tag.split('>').next().unwrap());
        let first = buttons.find(|tag| tag.contains("form=\"typed\"")).unwrap();
        assert!(!first.contains("name=") && first.contains("aria-hidden"), "{path}: {first}");
        assert_eq!(first.contains("formnovalidate"), is_search, "{path}: {first}");
    }
}
