//! Shops as people make, change and delete them.

mod groups;

use std::sync::Arc;

use ofd_storage::accounts::{AuditAction, AuditSubject, Role, TradePointChange};
use ofd_storage::holdings::trade_points_of;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{self, TradePoint, TradePointId, TradePointKind};
use ofd_storage::registers;
use ofd_storage::walks::{Step, Walk};

use super::support::people::{Browser, House, location};
use super::support::{Answer, ID, NOW, Shop};

const BIN: &str = "151140001234";
const OTHER: &str = "990940003176";
const LIST: &str = "/c/151140001234/registers";
const NEW: &str = "/c/151140001234/shops/new";

const TYPED: [(&str, &str); 7] = [
    ("kind", "kiosk"),
    ("title", "Киоск у вокзала"),
    ("title_kz", "Вокзал дүңгіршегі"),
    ("settlement", "710000000"),
    ("street", "ул. Гёте, 1"),
    ("street_kz", "Гёте көшесі, 1"),
    ("coordinates", "51.190000, 71.410000"),
];

fn with<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let known = TYPED.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    known.chain(changed.iter().copied()).collect()
}

/// An organisation with a shop in which a register stands.
struct Street {
    house: House,
    shop: Shop<Arc<MemoryStore>>,
}

impl Street {
    async fn open() -> Self {
        let street = Self::with_lists_being_made().await;
        while !matches!(Walk::Holdings.step(&*street.house.store, NOW).await.unwrap(), Step::Completed { .. })
        {
        }
        street
    }

    async fn with_lists_being_made() -> Self {
        let house = House::open();
        let shop = Shop::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
        let keeper = house.person("ӘКІМШІ").await;
        house.company(BIN, "ТОО «Көктем»", &[(keeper, &[Role::Administrator])]).await;
        house.company(OTHER, "ТОО «Басқа»", &[(keeper, &[Role::Administrator])]).await;
        Self { house, shop }
    }

    async fn browser(&self) -> Browser {
        let keeper = self.house.company_of(BIN).await.members[0].account;
        self.house.sign_in(keeper).await
    }

    async fn points(&self) -> Vec<TradePoint> {
        trade_points_of(&*self.house.store, BIN, None, 100).await.unwrap().found
    }

    /// The shop of this name, and where it is edited.
    async fn named(&self, title: &str) -> (TradePoint, String) {
        let point = self.points().await.into_iter().find(|point| point.title == title).unwrap();
        let path = format!("/c/{BIN}/shops/{}", point.id.0);
        (point, path)
    }

    async fn version(&self) -> u64 {
        registers::newest(&*self.house.store, ID).await.unwrap().unwrap().register.profile_version
    }

    async fn actions(&self) -> Vec<AuditAction> {
        self.house.audit(BIN).await.iter().map(|row| row.action).collect()
    }
}

async fn makes(browser: &mut Browser) {
    browser.go(NEW).await;
    assert_eq!(location(&browser.submit(NEW, &TYPED).await), format!("{LIST}?done=added"));
}

/// Sends a form that no page shows, or not any more.
async fn force(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.go(NEW).await;
    let hidden = browser.hidden(NEW).into_iter().find(|(name, _)| name == "csrf");
    let csrf = hidden.map(|(_, csrf)| csrf).unwrap();
    let mut body = form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(fields).append_pair("csrf", &csrf).finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser.send("POST", path, &kind, body).await;
    match answer.headers.get("location").and_then(|to| to.to_str().ok()) {
        Some(to) if to.contains("?again=") => browser.open(to).await,
        _ => answer,
    }
}

#[tokio::test]
async fn a_shop_is_made_changed_and_deleted_each_once_in_the_audit() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    assert!(browser.go(LIST).await.text.contains(NEW));
    makes(&mut browser).await;
    // Back, and the same form once more.
    makes(&mut browser).await;
    let (point, path) = street.named("Киоск у вокзала").await;
    assert_eq!(street.points().await.len(), 2);
    assert_eq!((point.kind, point.address.as_str()), (Some(TradePointKind::Kiosk), "г. Астана, ул. Гёте, 1"));
    let page = browser.go(&format!("{LIST}?done=added")).await.text;
    for part in ["The shop was added.", "Киоск у вокзала", "Kiosk", path.as_str()] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    browser.language = "kk".into();
    let page = browser.go(LIST).await.text;
    assert!(page.contains("Вокзал дүңгіршегі") && page.contains("Астана қ., Гёте көшесі, 1"), "{page}");
    browser.language = "en".into();

    let page = browser.go(&path).await.text;
    assert!(
        page.contains("value=\"51.190000, 71.410000\"") && page.contains("value=\"ул. Гёте, 1\""),
        "{page}"
    );
    let changed = with(&[("kind", "cafe"), ("title", "Кофейня"), ("coordinates", "")]);
    let answer = browser.submit(&path, &changed).await;
    assert_eq!(location(&answer), format!("{LIST}?done=changed"));
    let again = with(&[("kind", "cafe"), ("title", "Кофейня"), ("coordinates", ""), ("revision", "1")]);
    let answer = force(&mut browser, &path, &again).await;
    assert_eq!(location(&answer), format!("{LIST}?done=changed"), "twice is once");
    let (point, _) = street.named("Кофейня").await;
    assert_eq!((point.kind, point.latitude, point.revision), (Some(TradePointKind::Cafe), None, 2));

    let delete = format!("{path}/delete");
    browser.go(&delete).await;
    assert_eq!(location(&browser.submit(&delete, &[]).await), format!("{LIST}?done=deleted"));
    assert_eq!(force(&mut browser, &delete, &[("revision", "2")]).await.status, 404);
    assert!(!browser.go(LIST).await.text.contains("Кофейня"));
    assert_eq!(browser.open(&path).await.status, 404);
    let kept = street.points().await.into_iter().find(|kept| kept.id == point.id).unwrap();
    assert!(kept.deleted_at.is_some(), "what documents of before lead to stays");

    use AuditAction::{TradePointAdded, TradePointChanged, TradePointDeleted};
    assert_eq!(street.actions().await, [TradePointDeleted, TradePointChanged, TradePointAdded]);
    let rows = street.house.audit(BIN).await;
    assert!(rows.iter().all(|row| row.subject.of == Some(AuditSubject::TradePoint(point.id.clone()))));
    let fields: Vec<&str> = rows[1].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["trade_point_kind", "trade_point_title", "coordinates"]);
    for (language, told) in [("ru", "Кафе, ресторан"), ("kk", "Кафе, мейрамхана"), ("en", "Cafe, restaurant")]
    {
        browser.language = language.into();
        let page = browser.go(&format!("/c/{BIN}/audit")).await.text;
        assert!(page.contains(told), "{told} is not in {page}");
    }
}

#[tokio::test]
async fn a_shop_with_registers_cannot_be_deleted() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    let (_, path) = street.named("Магазин").await;
    let delete = format!("{path}/delete");
    let page = browser.go(&delete).await.text;
    assert!(page.contains("there is in it: 1 register. ") && !page.contains("Yes, delete"), "{page}");
    let answer = force(&mut browser, &delete, &[("revision", "0")]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("there is in it: 1 register. "), "{}", answer.text);
    assert_eq!(street.named("Магазин").await.0.deleted_at, None);
    assert_eq!(street.actions().await, []);
}

#[tokio::test]
async fn while_the_list_of_registers_is_being_made_no_shop_is_taken_for_empty() {
    let street = Street::with_lists_being_made().await;
    let mut browser = street.browser().await;
    makes(&mut browser).await;
    let (_, path) = street.named("Киоск у вокзала").await;
    let page = browser.go(&format!("{path}/delete")).await.text;
    assert!(page.contains("it is not known yet whether any stands in the shop"), "{page}");
    let answer = force(&mut browser, &format!("{path}/delete"), &[("revision", "1")]).await;
    assert_eq!(answer.status, 409);
    assert_eq!(street.named("Киоск у вокзала").await.0.deleted_at, None);
}

#[tokio::test]
async fn registers_are_told_before_the_page_answers_of_what_their_answers_name() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    let (_, path) = street.named("Магазин").await;
    browser.go(&path).await;
    // The address came as a text, and stays so.
    let kind_alone = [("kind", "shop"), ("title", "Магазин"), ("settlement", ""), ("street", "")];
    browser.submit(&path, &kind_alone).await;
    let (point, _) = street.named("Магазин").await;
    assert_eq!(
        (point.kind, point.address.as_str()),
        (Some(TradePointKind::Shop), "г. Астана, ул. Сарайшық, 44")
    );
    assert_eq!(street.version().await, 0, "no answer names a kind");
    browser.go(&path).await;
    browser.submit(&path, &TYPED).await;
    assert_eq!(street.version().await, 1);
    let (point, _) = street.named("Киоск у вокзала").await;
    assert_eq!(point.address_kz.as_deref(), Some("Астана қ., Гёте көшесі, 1"));
    let company = street.house.company_of(BIN).await;
    assert_eq!((company.profile_news, company.trade_point_changes), (None, Vec::new()));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_once_and_nothing_typed_is_lost() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    browser.go(NEW).await;
    let wrong = with(&[("kind", ""), ("settlement", ""), ("coordinates", "here")]);
    let answer = browser.submit(NEW, &wrong).await;
    assert_eq!(answer.status, 422);
    for part in [
        "value=\"Киоск у вокзала\"",
        "value=\"here\"",
        "Type latitude and longitude",
        "value=\"ул. Гёте, 1\"",
    ] {
        assert!(answer.text.contains(part), "{part} is not in {}", answer.text);
    }
    // A settlement is found without a script.
    let answer = browser
        .submit(NEW, &with(&[("settlement", ""), ("settlement_query", "Шымк"), ("find", "yes")]))
        .await;
    assert!(answer.status == 200 && answer.text.contains("value=\"790000000\""), "{}", answer.text);
    makes(&mut browser).await;
    browser.go(NEW).await;
    let answer = browser.submit(NEW, &with(&[("kind", "shop")])).await;
    assert!(answer.status == 422 && answer.text.contains("There is a shop of this name"), "{}", answer.text);
    assert_eq!(street.points().await.len(), 2);
}

#[tokio::test]
async fn who_was_slower_is_told_what_is_kept_of_a_shop_now() {
    let street = Street::open().await;
    let (mut first, mut second) = (street.browser().await, street.browser().await);
    makes(&mut first).await;
    let (_, path) = street.named("Киоск у вокзала").await;
    first.go(&path).await;
    second.go(&path).await;
    second.go(&path).await;
    first.submit(&path, &with(&[("title", "Первый")])).await;
    let answer = second.submit(&path, &with(&[("title", "Второй")])).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("value=\"Второй\"") && answer.text.contains("Первый"), "{}", answer.text);
    second.submit(&path, &with(&[("title", "Второй")])).await;
    assert_eq!(street.named("Второй").await.0.revision, 3);
}

#[tokio::test]
async fn a_shop_of_another_organisation_is_not_found() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    makes(&mut browser).await;
    let (point, _) = street.named("Киоск у вокзала").await;
    let foreign = format!("/c/{OTHER}/shops/{}", point.id.0);
    for path in [
        &foreign,
        &format!("{foreign}/delete"),
        &format!("/c/{BIN}/shops/x"),
        &format!("/c/{BIN}/shops/{}", "0".repeat(32)),
    ] {
        assert_eq!(browser.open(path).await.status, 404, "{path}");
        assert_eq!(force(&mut browser, path, &with(&[("revision", "1")])).await.status, 404, "{path}");
    }
    assert_eq!(street.named("Киоск у вокзала").await.0, point);
    assert_eq!(street.house.audit(OTHER).await.len(), 0);
}

#[tokio::test]
async fn what_a_process_decided_before_it_ended_is_there_for_whoever_looks_next() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    let (kept, _) = street.named("Магазин").await;
    let renamed = TradePoint { title: "Новое имя".into(), revision: 1, ..kept.clone() };
    let new = TradePoint::at(TradePointId::from_drawn([9; 16]), BIN, "Второй магазин", "Астана");
    let (version, _) =
        model::load::<TradePoint>(&*street.house.store, kept.id.0.as_bytes()).await.unwrap().unwrap();
    street
        .house
        .change_company(BIN, |company| {
            company.trade_point_changes =
                vec![TradePointChange::of(Some(version), renamed), TradePointChange::of(None, new)];
        })
        .await;
    let page = browser.go(LIST).await.text;
    assert!(page.contains("Новое имя") && page.contains("Второй магазин"), "{page}");
    assert_eq!(street.house.company_of(BIN).await.trade_point_changes, []);
}

#[tokio::test]
async fn house_and_flat_are_kept_apart_and_come_back_in_their_fields() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    browser.go(NEW).await;
    let typed = with(&[("street", "ул. Гёте"), ("house", "1а"), ("flat", "офис 3")]);
    assert_eq!(location(&browser.submit(NEW, &typed).await), format!("{LIST}?done=added"));
    let (point, path) = street.named("Киоск у вокзала").await;
    assert_eq!(point.address, "г. Астана, ул. Гёте, 1а, офис 3");
    let page = browser.go(&path).await.text;
    for value in ["value=\"ул. Гёте\"", "value=\"1а\"", "value=\"офис 3\""] {
        assert!(page.contains(value), "{value}: {page}");
    }
}

#[tokio::test]
async fn who_may_only_look_is_offered_no_change() {
    let street = Street::open().await;
    let reader = street.house.person("ОҚЫРМАН").await;
    street
        .house
        .change_company(BIN, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (reader, vec![Role::Reader]);
            company.members.push(member);
        })
        .await;
    let mut browser = street.house.sign_in(reader).await;
    let page = browser.go(LIST).await.text;
    assert!(!page.contains("/shops/"), "{page}");
    let _ = &street.shop;
}
