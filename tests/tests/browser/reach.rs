//! For everybody: by keyboard alone, without scripts.

use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{PASSWORD, SIGN, create_account, sign_in_by_password, sign_out};

const EMAIL: &str = "timur@example.kz";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyboard_is_enough_and_scripts_are_not_needed_in_russian() {
    browse("ru", Size::DESK, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyboard_is_enough_and_scripts_are_not_needed_in_kazakh() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    let window = place.window().await;
    create_account(place, &window, "person", EMAIL).await;
    window.arrives("/cabinet").await;
    window.go("/demo/letters").await;
    window.click("main a[href*=\"/confirm-email?\"]").await;
    window.send("/confirm-email").await;
    sign_out(&window).await;
    by_keyboard(place, &window).await;
    without_scripts(&window).await;
    window.close().await;
}

async fn by_keyboard(place: &Place, window: &Window) {
    window.go("/login").await;
    window.tab_to("a.skip").await;
    window.enter().await;
    window.tab_to("main [name=login]").await;
    window.type_text(EMAIL).await;
    window.tab_to("main [name=password]").await;
    window.type_text(PASSWORD).await;
    window.enter().await;
    window.arrives("/cabinet").await;

    window.go("/account").await;
    window.tab_to("main [name=phone]").await;
    window.type_text("+7 7172 111-222").await;
    window.tab_to("main form[action=\"/account\"] button").await;
    window.enter().await;
    window.sees("account-done-saved").await;
    assert_eq!(window.value("phone").await, "+7 7172 111-222");
    window.tab_to("form[action=\"/sign-out\"] button").await;
    window.space().await;
    window.sees("login-done-signed-out").await;

    place.takes("person");
    window.tab_to(SIGN).await;
    window.enter().await;
    window.arrives("/cabinet").await;
    sign_out(window).await;
}

async fn without_scripts(window: &Window) {
    window.allow_scripts(false).await;
    window.go("/login").await;
    window.sees("login-sign-no-script").await;
    assert!(!window.shows(SIGN).await, "a button that would do nothing is not shown");
    window.pictures("login-without-scripts").await;
    sign_in_by_password(window, EMAIL, PASSWORD).await;
    window.arrives("/cabinet").await;
    window.go("/account").await;
    window.fill("phone", "").await;
    window.send("/account").await;
    window.sees("account-done-saved").await;
    window.go("/signature").await;
    window.sees("signature-intro").await;
    sign_out(window).await;
    window.allow_scripts(true).await;
}
