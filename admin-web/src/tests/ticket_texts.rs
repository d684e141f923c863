//! Texts that registers print on receipts, as the operator's people make them.

use ofd_office::day::{day, today, written};
use ofd_storage::accounts::{AccountId, AuditAction, AuditField, OPERATOR, Role, TicketText, TicketTextKind};
use time::Duration;

use super::support::people::{Browser, House, location};
use super::support::{ID, ZONE};

const BIN: &str = "151140001234";
const LIST: &str = "/operator/ticket-texts";
const NEW: &str = "/operator/ticket-texts/new";

async fn house() -> (House, AccountId) {
    let house = House::open();
    let support = house.person("ҚОЛДАУ ҚЫЗМЕТІ").await;
    house.company(OPERATOR, "ОФД", &[(support, &[Role::Support])]).await;
    house.blocked_register(BIN).await;
    (house, support)
}

/// The day so many days from now, as it is typed.
fn in_days(house: &House, days: i64) -> String {
    written(today(house.now(), ZONE) + Duration::days(days))
}

async fn texts(house: &House) -> Vec<TicketText> {
    house.company_of(OPERATOR).await.ticket_texts
}

/// Sends the form of a new text, with these values in place of right ones.
async fn make(house: &House, browser: &mut Browser, given: &[(&str, &str)]) -> super::support::Answer {
    browser.go(NEW).await;
    let (from, to) = (in_days(house, 0), in_days(house, 10));
    let usual = [("text", "Спасибо!"), ("kind", "ofd"), ("whose", ""), ("from", from.as_str()), ("to", &to)];
    let fields: Vec<(&str, &str)> = usual
        .into_iter()
        .map(|(name, value)| given.iter().copied().find(|(known, _)| *known == name).unwrap_or((name, value)))
        .collect();
    browser.submit(NEW, &fields).await
}

#[tokio::test]
async fn a_text_is_made_changed_and_deleted_with_a_row_in_the_operators_audit() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    assert!(browser.go(LIST).await.text.contains("There is no text"));
    let answer = make(&house, &mut browser, &[]).await;
    assert_eq!(location(&answer), format!("{LIST}?done=added"));
    let page = browser.go(LIST).await.text;
    assert!(
        page.contains("Спасибо!") && page.contains("All registers") && page.contains("Given to registers")
    );
    let made = texts(&house).await.remove(0);
    let one = format!("{LIST}/{}", made.id);
    browser.go(&one).await;
    let (from, to) = (in_days(&house, 0), in_days(&house, 3));
    let fields = [("text", "Рахмет!"), ("kind", "ofd"), ("whose", ""), ("from", from.as_str()), ("to", &to)];
    assert_eq!(location(&browser.submit(&one, &fields).await), format!("{LIST}?done=changed"));
    let changed = texts(&house).await.remove(0);
    assert_eq!(changed.text, "Рахмет!");
    assert!(changed.version > made.version, "registers that hold the one of before take it");
    browser.go(&format!("{one}/delete")).await;
    let answer = browser.submit(&format!("{one}/delete"), &[]).await;
    assert_eq!(location(&answer), format!("{LIST}?done=deleted"));
    assert_eq!(texts(&house).await, []);
    let rows = house.audit(OPERATOR).await;
    let actions: Vec<AuditAction> = rows.iter().rev().map(|row| row.action).collect();
    let expected =
        [AuditAction::TicketTextAdded, AuditAction::TicketTextChanged, AuditAction::TicketTextDeleted];
    assert_eq!(actions.iter().filter(|action| expected.contains(action)).count(), 3, "{actions:?}");
    let change = rows.iter().find(|row| row.action == AuditAction::TicketTextChanged).unwrap();
    let fields: Vec<&str> = change.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, [AuditField::TicketText.name(), AuditField::LastDay.name()]);
}

#[tokio::test]
async fn what_tills_cannot_show_and_days_that_cannot_be_are_refused_beside_their_fields() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    let yesterday = in_days(&house, -1);
    for (field, typed, told) in [
        ("text", "Лучшая сеть", "take the word “сеть” for a broken link"),
        ("from", yesterday.as_str(), "This day is over"),
        ("to", &yesterday, "before the first"),
        ("to", "31.02.2027", "There is no such date"),
    ] {
        let answer = make(&house, &mut browser, &[(field, typed)]).await;
        assert!(
            answer.text.contains(told) && answer.text.contains(typed),
            "{field} {typed}: {}",
            answer.text
        );
    }
    for (kind, whose) in
        [("org", "990940003176"), ("org", OPERATOR), ("kkm", "77"), ("pos", "nowhere"), ("org", "")]
    {
        let answer = make(&house, &mut browser, &[("kind", kind), ("whose", whose)]).await;
        assert_eq!(answer.status, 422, "{kind} {whose}");
        assert!(answer.text.contains("aria-invalid"), "{kind} {whose}");
    }
    assert_eq!(texts(&house).await, []);
}

#[tokio::test]
async fn a_text_may_be_for_an_organisation_a_shop_or_a_register() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    let point = ofd_storage::samples::trade_point(BIN, ofd_storage::samples::SHOP);
    ofd_storage::model::create(&*house.store, &point).await.unwrap();
    let register = format!("0{ID}");
    for (kind, whose) in [("org", BIN), ("pos", &point.id.0), ("kkm", &register)] {
        let answer = make(&house, &mut browser, &[("kind", kind), ("whose", whose)]).await;
        assert_eq!(location(&answer), format!("{LIST}?done=added"), "{kind}");
    }
    let whose: Vec<(TicketTextKind, String)> =
        texts(&house).await.into_iter().map(|text| (text.kind, text.whose)).collect();
    assert_eq!(whose[0], (TicketTextKind::Org, BIN.to_owned()));
    assert_eq!(whose[2], (TicketTextKind::Kkm, ID.to_string()), "as its record has it");
}

#[tokio::test]
async fn a_shop_that_was_deleted_gets_no_text() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    let point = ofd_storage::model::TradePoint {
        deleted_at: Some(house.now()),
        ..ofd_storage::samples::trade_point(BIN, ofd_storage::samples::SHOP)
    };
    ofd_storage::model::create(&*house.store, &point).await.unwrap();
    let answer = make(&house, &mut browser, &[("kind", "pos"), ("whose", &point.id.0)]).await;
    assert!(answer.status == 422 && answer.text.contains("aria-invalid"), "{}", answer.text);
    assert!(answer.text.contains("Спасибо!"), "what was typed stays");
    assert_eq!(texts(&house).await, []);
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_text_and_two_texts_never_meet() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    for _ in 0..2 {
        assert_eq!(location(&make(&house, &mut browser, &[]).await), format!("{LIST}?done=added"));
    }
    assert_eq!(texts(&house).await.len(), 1);
    let answer = make(&house, &mut browser, &[("text", "Другой")]).await;
    assert!(answer.text.contains("Another text is for the same registers"), "{}", answer.text);
    assert!(answer.text.contains("Другой"), "what was typed stays");
}

#[tokio::test]
async fn whoever_was_slower_is_told_what_a_text_says_now() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    make(&house, &mut browser, &[]).await;
    let one = format!("{LIST}/{}", texts(&house).await[0].id);
    let mut slower = house.sign_in(support).await;
    let (from, to) = (in_days(&house, 0), in_days(&house, 10));
    let form = |text: &'static str| {
        [
            ("text", text.to_owned()),
            ("kind", "ofd".into()),
            ("whose", String::new()),
            ("from", from.clone()),
            ("to", to.clone()),
        ]
    };
    let (first, second) = (form("Первый"), form("Второй"));
    browser.go(&one).await;
    slower.go(&one).await;
    let first: Vec<(&str, &str)> = first.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let second: Vec<(&str, &str)> = second.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(location(&browser.submit(&one, &first).await), format!("{LIST}?done=changed"));
    let answer = slower.submit(&one, &second).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("Второй") && answer.text.contains("Первый"), "{}", answer.text);
    assert_eq!(texts(&house).await[0].text, "Первый");
}

#[tokio::test]
async fn the_list_is_searched_and_comes_as_a_file() {
    let (house, support) = house().await;
    let mut browser = house.sign_in(support).await;
    make(&house, &mut browser, &[]).await;
    make(&house, &mut browser, &[("text", "Для вас"), ("kind", "org"), ("whose", BIN)]).await;
    let found = browser.go(&format!("{LIST}?q={BIN}")).await.text;
    assert!(found.contains("Для вас") && !found.contains("Спасибо!"));
    let file = browser.go(&format!("{LIST}.csv")).await.text;
    assert!(file.contains("Спасибо!") && file.contains(&written(day(&texts(&house).await[0].to).unwrap())));
}
