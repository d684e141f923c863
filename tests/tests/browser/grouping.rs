//! Groups of shops, from the first one to the end of it.

use ofd_tests::browser::Window;

/// A group is made, a shop put into it, the list narrowed to it, and it is renamed and deleted; the shop stays.
pub(crate) async fn groups(window: &Window, bin: &str, shop: &str) {
    let (groups, list) = (format!("/c/{bin}/groups"), format!("/c/{bin}/registers"));
    window.go(&groups).await;
    window.sees("groups-none").await;
    window.press("group-add").await;
    window.fill("name", "  ").await;
    window.send_to("/groups/new").await;
    window.sees("company-wrong-empty").await;
    window.inspect("group-wrong").await;
    window.fill("name", "Север").await;
    window.send_to("/groups/new").await;
    window.sees("group-added").await;

    window.go(&list).await;
    window.click("main section.shop a[href*=\"/shops/\"]").await;
    window.sees("trade-point-groups").await;
    window.tick("groups").await;
    window.send(&window.path().await).await;
    window.sees("trade-point-changed").await;
    window.go(&groups).await;
    window.inspect("groups").await;
    window.follow(&format!("{list}?group=")).await;
    window.reads(shop).await;
    window.inspect("shops-of-a-group").await;

    window.go(&groups).await;
    window.press_in("main", "company-edit").await;
    window.fill("name", "Солтүстік").await;
    window.send(&window.path().await).await;
    window.sees("group-changed").await;
    window.press_in("main", "company-delete").await;
    window.sees("group-delete-text").await;
    window.reads("Солтүстік").await;
    window.inspect("group-delete").await;
    window.send(&window.path().await).await;
    window.sees("group-deleted").await;
    window.go(&list).await;
    window.reads(shop).await;
}
