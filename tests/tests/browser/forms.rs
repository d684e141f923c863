//! Forms lose nothing: when the session ends, in another language, going back after an error, pressing Enter.

use ofd_tests::browser::{Place, Size, Window, browse};
use serde_json::json;

use super::steps::{ASTANA, ASTANA_TYPED, SIGN, create_company, sign_in};

const STREET: &str = "ул. Сарайшық, 44";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_loses_what_was_typed_in_russian() {
    browse("ru", Size::DESK, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_loses_what_was_typed_in_kazakh() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    let (head, other) = tokio::join!(place.window(), place.window());
    let bin = create_company(place, &head, "head", "arman@example.kz").await;
    the_session_ends(place, &head, &other, &bin).await;
    another_language(&head, &bin).await;
    back_after_an_error(&head, &bin).await;
    enter_searches(&head, &bin).await;
    no_receipt_has_that(&other).await;
    head.close().await;
    other.close().await;
}

/// The session ends behind the back of who fills in a form.
async fn the_session_ends(place: &Place, head: &Window, other: &Window, bin: &str) {
    let contacts = format!("/c/{bin}/contacts");
    head.go(&contacts).await;
    head.fill("email", "typed@example.kz").await;
    head.fill("phones", "+7 7172 654-321").await;
    sign_in(place, other, "head").await;
    other.arrives("/cabinet").await;
    other.go("/account/security").await;
    other.send("/account/sessions/end-others").await;
    other.sees("account-done-ended-others").await;

    head.send_to("/contacts").await;
    head.sees("login-done-kept").await;
    head.inspect("login-after-the-end").await;
    place.takes("head");
    head.click(SIGN).await;
    head.arrives(&format!("{contacts}?again=")).await;
    head.sees("form-returned").await;
    assert_eq!(head.value("email").await, "typed@example.kz");
    assert_eq!(head.value("phones").await, "+7 7172 654-321");
    head.inspect("contacts-returned").await;
    head.send_to("/contacts").await;
    head.sees("company-done-contacts").await;
    head.reads("typed@example.kz").await;
}

async fn language_of(window: &Window) -> String {
    window.run("return document.documentElement.lang").await.as_str().unwrap_or_default().to_owned()
}

/// A half-filled form in another language is the same form.
async fn another_language(head: &Window, bin: &str) {
    let own = language_of(head).await;
    head.go(&format!("/c/{bin}/contacts")).await;
    head.fill("email", "not yet an address").await;
    for language in ["en", own.as_str()] {
        head.click(&format!("nav.languages button[value={language}]")).await;
        head.reads(if language == "en" { "Phones" } else { head.texts().say("company-phones") }).await;
        assert_eq!(language_of(head).await, language);
        assert_eq!(head.value("email").await, "not yet an address");
    }
    head.go(&format!("/c/{bin}")).await;
    head.reads("typed@example.kz").await;
}

/// Whoever goes on after an error and comes back finds the page, and no question of the browser's.
async fn back_after_an_error(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/head")).await;
    head.choose("employee", "").await;
    head.fill("name", "Тестов Арман").await;
    head.fill("iin", "800215300030").await;
    head.send_to("/head").await;
    head.sees("company-wrong-iin-check").await;
    head.click(&format!("main a[href=\"/c/{bin}\"]")).await;
    head.sees("company-addresses").await;
    head.back().await;
    head.sees("company-wrong-iin-check").await;
    assert_eq!(head.value("iin").await, "800215300030");
    // The list at the top leads to the field.
    head.click(".trouble a").await;
    assert!(head.path().await.ends_with("#iin"), "{}", head.path().await);
}

/// Enter in the search for a settlement searches, whatever else is still empty; a legend is not struck through.
async fn enter_searches(head: &Window, bin: &str) {
    let new = format!("/c/{bin}/addresses/new");
    head.go(&new).await;
    head.fill("settlement_query", ASTANA_TYPED).await;
    head.enter().await;
    head.arrives(&format!("{new}?again=")).await;
    assert!(head.shows(&format!("main input[name=settlement][value=\"{ASTANA}\"]")).await);
    head.does_not_see("company-done-address-added").await;

    head.go(&new).await;
    head.fill("street", STREET).await;
    head.send_to("/addresses/new").await;
    head.sees("company-wrong-settlement").await;
    let shadow = "return getComputedStyle(document.querySelector('fieldset.wrong')).boxShadow";
    assert_eq!(head.run(shadow).await, json!("none"), "it would go through the legend");
    assert_eq!(head.value("street").await, STREET);
    head.inspect("address-wrong").await;
}

/// What can be no receipt's is told as what it is, and stays in its field.
async fn no_receipt_has_that(window: &Window) {
    window.go("/").await;
    window.fill("i", "370454329472674").await;
    window.fill("f", "640300014538").await;
    window.fill("s", "пять").await;
    window.fill("t", "22.01.2026 17:09").await;
    window.press("form-submit").await;
    window.sees("form-no-sum").await;
    assert_eq!(window.value("s").await, "пять");
    assert_eq!(window.value("i").await, "370454329472674");
    window.inspect("receipt-unreadable").await;
    window.fill("s", "696,90").await;
    window.press("form-submit").await;
    window.sees("not-found-text").await;
    assert_eq!(window.value("s").await, "696,90");
    window.inspect("receipt-not-found").await;
}
