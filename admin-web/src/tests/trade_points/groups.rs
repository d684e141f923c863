//! Groups of shops: made, renamed and deleted; shops that are in them, and the list narrowed to one.

use super::*;
use crate::tests::support::visible;

const GROUPS: &str = "/c/151140001234/groups";
const NEW_GROUP: &str = "/c/151140001234/groups/new";

impl Street {
    /// Makes a group, and gives its number.
    async fn group(&self, browser: &mut Browser, name: &str) -> u32 {
        browser.go(NEW_GROUP).await;
        let answer = browser.submit(NEW_GROUP, &[("name", name)]).await;
        assert_eq!(location(&answer), format!("{GROUPS}?done=added"));
        let groups = self.house.company_of(BIN).await.shop_groups;
        groups.iter().find(|group| group.name == name).unwrap().id
    }
}

/// What is shown before there is a group.
async fn has_no_groups(browser: &mut Browser) {
    assert!(browser.go(LIST).await.text.contains(&format!("href=\"{GROUPS}\"")), "the menu leads there");
    assert!(!browser.page.contains("name=\"group\""), "there is nothing to narrow the list by");
    assert!(browser.go(GROUPS).await.text.contains("There are no groups yet."));
}

async fn the_file_is_narrowed_too(browser: &mut Browser, group: u32) {
    let file = browser.go(&format!("{LIST}.csv?group={group}")).await.text;
    assert!(!file.contains("203539"), "{file}");
    assert!(browser.go(&format!("{LIST}.csv")).await.text.contains("203539"));
}

#[tokio::test]
async fn an_organisation_groups_its_shops_and_looks_at_a_group_alone() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    has_no_groups(&mut browser).await;
    let north = street.group(&mut browser, "Север").await;
    // A double click, or back and once more.
    assert_eq!(street.group(&mut browser, "Север").await, north);
    let south = street.group(&mut browser, "Юг").await;
    assert_eq!(street.house.company_of(BIN).await.shop_groups.len(), 2);
    makes(&mut browser).await;
    let (_, path) = street.named("Киоск у вокзала").await;
    let version = street.version().await;
    browser.go(&path).await;
    let (north_id, south_id) = (north.to_string(), south.to_string());
    let both = [("groups", north_id.as_str()), ("groups", south_id.as_str())];
    let answer = browser.submit(&path, &[&TYPED[..], &both].concat()).await;
    assert_eq!(location(&answer), format!("{LIST}?done=changed"));
    assert_eq!(street.named("Киоск у вокзала").await.0.groups, [north, south]);
    assert_eq!(street.version().await, version, "no answer of a register names a group");
    let page = browser.go(&path).await.text;
    assert!(page.contains(&format!("value=\"{north}\" checked")), "{page}");
    assert!(
        page.contains(&format!("href=\"{LIST}\" aria-current=\"page\"")),
        "it belongs to the list: {page}"
    );

    let of_north = format!("{LIST}?group={north}");
    let page = visible(&browser.go(&of_north).await.text);
    assert!(page.contains("Kiosk Север Юг Киоск у вокзала") && !page.contains("Register 203539"), "{page}");
    assert!(browser.go(LIST).await.text.contains("Register 203539"));
    the_file_is_narrowed_too(&mut browser, north).await;
    // A text and a group narrow together, and what is no group narrows nothing.
    let page = visible(&browser.go(&format!("{of_north}&q=203539")).await.text);
    assert!(page.contains("Nothing was found"), "{page}");
    for none in ["x", "0", "4294967296"] {
        assert!(browser.go(&format!("{LIST}?group={none}")).await.text.contains("Register 203539"), "{none}");
    }
    let page = visible(&browser.go(GROUPS).await.text);
    assert!(page.contains("Север 1 shop"), "{page}");

    let one = format!("{GROUPS}/{north}");
    browser.go(&one).await;
    let answer = browser.submit(&one, &[("name", "юг")]).await;
    assert!(answer.status == 422 && answer.text.contains("There is a group of this name"), "{}", answer.text);
    assert!(answer.text.contains("value=\"юг\""), "nothing typed is lost");
    let answer = browser.submit(&one, &[("name", "Солтүстік")]).await;
    assert_eq!(location(&answer), format!("{GROUPS}?done=changed"));
    let delete = format!("{one}/delete");
    browser.go(&delete).await;
    let mut twice = browser.clone();
    for browser in [&mut browser, &mut twice] {
        let to = location(&browser.submit(&delete, &[]).await);
        assert!([format!("{GROUPS}?done=deleted"), format!("{GROUPS}?done=gone")].contains(&to), "{to}");
    }
    let page = visible(&browser.go(LIST).await.text);
    assert!(page.contains("Kiosk Юг Киоск у вокзала"), "the shop stays: {page}");
    // A form that says nothing new says nothing, although a group of the shop is gone.
    browser.go(&path).await;
    browser.submit(&path, &[&TYPED[..], &both[1..]].concat()).await;

    use AuditAction::{
        ShopGroupAdded, ShopGroupChanged, ShopGroupDeleted, TradePointAdded, TradePointChanged,
    };
    let expected = [
        ShopGroupDeleted,
        ShopGroupChanged,
        TradePointChanged,
        TradePointAdded,
        ShopGroupAdded,
        ShopGroupAdded,
    ];
    assert_eq!(street.actions().await, expected);
    let changed = street.house.audit(BIN).await.remove(2).changes.remove(0);
    assert_eq!((changed.field.as_str(), changed.after.as_deref()), ("shop_groups", Some("Север, Юг")));
    for (language, told) in [("ru", "Удалена группа магазинов"), ("kk", "Дүкендер тобы жойылды")]
    {
        browser.language = language.into();
        assert!(browser.go(&format!("/c/{BIN}/audit")).await.text.contains(told), "{language}");
    }
}

#[tokio::test]
async fn groups_of_another_organisation_are_not_found_in_an_address_and_not_taken_from_a_form() {
    let street = Street::open().await;
    let mut browser = street.browser().await;
    // Another number than any that the other organisation has.
    street.group(&mut browser, "Первая").await;
    let ours = street.group(&mut browser, "Вторая").await;
    let before = street.house.company_of(BIN).await;
    for path in [format!("/c/{OTHER}/groups/{ours}"), format!("/c/{OTHER}/groups/{ours}/delete")] {
        assert_eq!(browser.open(&path).await.status, 404, "{path}");
    }
    for path in [format!("/c/{OTHER}/groups/{ours}"), format!("/c/{OTHER}/groups/{ours}/delete")] {
        let answer = force(&mut browser, &path, &[("name", "Чужая"), ("revision", "1")]).await;
        let is_nothing = answer.status == 404 || location(&answer) == format!("/c/{OTHER}/groups?done=gone");
        assert!(is_nothing, "{path}: {}", answer.status);
    }
    assert_eq!(street.house.company_of(BIN).await.shop_groups, before.shop_groups);
    browser.go(NEW).await;
    for strange in ["77", "x"] {
        let answer = browser.submit(NEW, &with(&[("groups", strange)])).await;
        assert!(answer.status == 422 && answer.text.contains("This group is not there"), "{}", answer.text);
        assert!(answer.text.contains("value=\"Киоск у вокзала\""), "nothing typed is lost");
    }
    assert_eq!(street.points().await.len(), 1);
    assert_eq!(browser.open("/c/999999999999/groups").await.status, 404);
}

#[tokio::test]
async fn who_was_slower_is_told_which_groups_a_shop_is_in_now() {
    let street = Street::open().await;
    let (mut first, mut second) = (street.browser().await, street.browser().await);
    makes(&mut first).await;
    let north = street.group(&mut first, "Север").await.to_string();
    let (_, path) = street.named("Киоск у вокзала").await;
    first.go(&path).await;
    second.go(&path).await;
    second.go(&path).await;
    first.submit(&path, &[&TYPED[..], &[("groups", north.as_str())]].concat()).await;
    let answer = second.submit(&path, &with(&[("title", "Второй")])).await;
    assert_eq!(answer.status, 409);
    let told = visible(&answer.text);
    assert!(told.contains("Север") && answer.text.contains("value=\"Второй\""), "{told}");
    assert!(
        answer.text.contains("id=\"groups-error\">") && !answer.text.contains("id=\"groups-error\"></p>")
    );
}
