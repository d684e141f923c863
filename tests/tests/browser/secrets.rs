//! Passwords, one-time codes, sessions: a person's own keys to the door.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ofd_tests::browser::{Place, Size, Window, browse};
use ofd_tests::totp;

use super::steps::{PASSWORD, SIGN, create_account, sign_in, sign_in_by_password, sign_out};

const EMAIL: &str = "aliya@example.kz";

const NEW_PASSWORD: &str = "Opal88stones";

/// So many wrong passwords in a row lock it.
const WRONG_MAX: usize = 5;

/// A code holds for so long, and one step more.
const CODE_STEP: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_codes_and_sessions_are_in_the_persons_own_hands_in_russian() {
    browse("ru", Size::DESK, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_codes_and_sessions_are_in_the_persons_own_hands_in_kazakh() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    let (window, other) = tokio::join!(place.window(), place.window());
    confirm_email(place, &window).await;
    lock(place, &window).await;
    recover(&window).await;
    one_time_codes(&window).await;
    sessions(place, &window, &other).await;
    window.close().await;
    other.close().await;
}

/// An address counts once its owner has followed the letter and pressed the button.
async fn confirm_email(place: &Place, window: &Window) {
    create_account(place, window, "entrepreneur", EMAIL).await;
    window.arrives("/cabinet").await;
    window.sees("cabinet-empty").await;
    window.inspect("cabinet-empty").await;
    window.go("/cabinet/add").await;
    window.inspect("cabinet-add").await;
    window.go("/account").await;
    window.sees("account-email-waits").await;
    window.inspect("account").await;
    window.go("/account/email").await;
    window.inspect("account-email").await;
    open_letter(window, "/confirm-email?").await;
    window.inspect("confirm-email").await;
    window.send("/confirm-email").await;
    window.sees("account-confirmed-title").await;
    window.inspect("confirmed").await;
    open_letter(window, "/confirm-email?").await;
    window.sees("account-link-title").await;
    window.inspect("link-used").await;
    window.go("/account").await;
    window.sees("account-email-confirmed").await;
    window.fill("phone", "+7 7172 123-456").await;
    window.send("/account").await;
    window.sees("account-done-saved").await;
    sign_out(window).await;
    sign_in_by_password(window, EMAIL, PASSWORD).await;
    window.arrives("/cabinet").await;
    sign_out(window).await;
}

/// Wrong passwords lock the password and never the certificate.
async fn lock(place: &Place, window: &Window) {
    for _ in 0..WRONG_MAX {
        sign_in_by_password(window, EMAIL, "Wrong99stone").await;
        window.arrives("/login?again=").await;
    }
    sign_in_by_password(window, EMAIL, PASSWORD).await;
    window.sees("login-password-locked").await;
    window.inspect("login-locked").await;
    sign_in(place, window, "entrepreneur").await;
    window.arrives("/cabinet").await;
    sign_out(window).await;
}

/// Who forgot the password gets a letter; the old password is worth nothing then.
async fn recover(window: &Window) {
    window.go("/login").await;
    window.press("login-forgot").await;
    window.inspect("forgot").await;
    window.fill("login", EMAIL).await;
    window.send("/forgot").await;
    window.sees("account-forgot-sent").await;
    window.inspect("recover-by-code").await;
    open_letter(window, "/recover?").await;
    window.inspect("recover").await;
    window.fill("password", "weakpassword").await;
    window.fill("repeat", "weakpassword").await;
    window.send("/recover").await;
    window.sees("account-password-no-upper").await;
    window.inspect("recover-wrong").await;
    window.fill("password", NEW_PASSWORD).await;
    window.fill("repeat", NEW_PASSWORD).await;
    window.send("/recover").await;
    window.sees("login-done-recovered").await;
    sign_in_by_password(window, EMAIL, PASSWORD).await;
    window.sees("login-password-wrong").await;
    sign_in_by_password(window, EMAIL, NEW_PASSWORD).await;
    window.arrives("/cabinet").await;
}

/// A second factor: the code of a program on the phone, or a code kept for the day without a phone.
async fn one_time_codes(window: &Window) {
    window.go("/account/security").await;
    window.inspect("security").await;
    window.fill("current", NEW_PASSWORD).await;
    window.send("/account/totp/begin").await;
    window.sees("account-totp-step-scan").await;
    window.inspect("totp").await;
    let secret = window.run("return document.querySelector('main .code').innerText").await;
    let secret = secret.as_str().unwrap_or_default().to_owned();
    window.fill("code", "000000").await;
    window.send("/account/totp").await;
    window.sees("account-totp-turn-on").await;
    window.fill("code", &code(&secret, Duration::ZERO)).await;
    window.send("/account/totp").await;
    window.sees("account-codes-text").await;
    window.inspect("recovery-codes").await;
    let kept = window.run("return document.querySelector('main li.code').innerText").await;
    let kept = kept.as_str().unwrap_or_default().to_owned();
    window.press("account-codes-kept").await;
    window.sees("account-totp-on").await;
    window.inspect("security-with-codes").await;
    window.go("/account/totp/off").await;
    window.inspect("totp-off").await;
    sign_out(window).await;

    sign_in_by_password(window, EMAIL, NEW_PASSWORD).await;
    window.sees("login-code-title").await;
    window.inspect("login-code").await;
    window.fill("code", "000000").await;
    window.send("/login/code").await;
    window.sees("login-code-wrong").await;
    window.inspect("login-code-wrong").await;
    // The code of this step was used up when codes were turned on.
    window.fill("code", &code(&secret, CODE_STEP)).await;
    window.send("/login/code").await;
    window.arrives("/cabinet").await;
    sign_out(window).await;
    sign_in_by_password(window, EMAIL, NEW_PASSWORD).await;
    window.fill("code", &kept).await;
    window.send("/login/code").await;
    window.arrives("/cabinet").await;
}

/// Where one is signed in, and how to end that.
async fn sessions(place: &Place, window: &Window, other: &Window) {
    place.takes("entrepreneur");
    other.go("/login").await;
    other.click(SIGN).await;
    other.arrives("/cabinet").await;
    window.go("/account/security").await;
    window.sees("account-session-end").await;
    window.inspect("sessions").await;
    window.send("/account/sessions/end").await;
    window.sees("account-done-ended").await;
    other.go("/account").await;
    other.arrives("/login?next=").await;
    other.click(SIGN).await;
    other.arrives("/account").await;
    other.go("/account/password").await;
    other.inspect("password").await;
    window.go("/account/history").await;
    window.inspect("history").await;
    sign_out(window).await;
}

async fn open_letter(window: &Window, link: &str) {
    window.go("/demo/letters").await;
    window.click(&format!("main a[href*=\"{link}\"]")).await;
}

/// The code that the program on the phone shows, so long from now.
fn code(secret: &str, later: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    totp::code(secret, (now + later).as_secs())
}
