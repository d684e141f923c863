//! Signing up and in by the emulated app, without NCALayer, on a small phone.

use std::time::Duration;

use ofd_stand::phone::{Habits, Phone, Shown};
use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{fill_account, sign_out};

/// Whoever has no NCALayer.
const PERSON: &str = "entrepreneur";

/// The page looks again every four seconds.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_alone_signs_up_and_in_in_russian() {
    browse("ru", Size::PHONE, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_alone_signs_up_and_in_in_kazakh() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    place.stop_ncalayer().await;
    let (window, phone) = (place.window().await, Phone::new(place.person.pki().clone()));
    signs_up(place, &window, &phone).await;
    sign_out(&window).await;
    refuses(place, &window, &phone).await;
    signs_in(place, &window, &phone).await;
    window.close().await;
}

/// Asks on a page for a signature by phone, and follows the link to the app.
async fn ask(window: &Window, phone: &Phone, page: &str) -> Shown {
    window.go(page).await;
    window.press("phone-begin").await;
    window.arrives("/login/phone?").await;
    window.sees("phone-scan").await;
    let is_wider = window.run("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(is_wider.as_bool(), Some(false), "the code leaves the screen");
    assert!(window.shows("svg.qr").await, "there is a code to scan");
    let link = window.run("return document.querySelector('main a[href*=\"link=\"]').href").await;
    let shown = phone.scan(link.as_str().expect("a link")).await.unwrap_or_else(|error| panic!("{error}"));
    // Page and phone show the same four digits.
    let code = window.run("return document.querySelector('main .code').textContent").await;
    let code = code.as_str().expect("a code").to_owned();
    assert!(shown.description.ends_with(&code), "{} has not {code}", shown.description);
    let document = String::from_utf8_lossy(&shown.documents[0].bytes).into_owned();
    assert!(document.contains("ВХОД НА САЙТ ОФД"), "{document}");
    window.sees_within("phone-read", SEEN_WITHIN).await;
    shown
}

async fn sign(place: &Place, phone: &Phone, shown: &Shown, habits: Habits) {
    let what = phone.signed(shown, PERSON, place.person.now()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(phone.bring(shown, &what, habits).await, Ok(200));
}

/// The answer to the signature is lost on the way, and the app brings it again.
async fn signs_up(place: &Place, window: &Window, phone: &Phone) {
    let shown = ask(window, phone, "/sign-up").await;
    sign(place, phone, &shown, Habits { loses_answers: true, ..Habits::default() }).await;
    window.sees_within("phone-signed", SEEN_WITHIN).await;
    window.reads(place.key(PERSON).full_name()).await;
    window.inspect("phone-signed").await;
    window.press("phone-confirm").await;
    window.sees("signup-account-title").await;
    fill_account(window, "aliya@example.kz").await;
    window.send("/sign-up").await;
    window.arrives("/cabinet").await;
}

async fn refuses(place: &Place, window: &Window, phone: &Phone) {
    let shown = ask(window, phone, "/login").await;
    assert_eq!(phone.bring(&shown, &Phone::refusal(), Habits::default()).await, Ok(200));
    window.sees_within("phone-refused", SEEN_WITHIN).await;
    window.inspect("phone-refused").await;
    // What comes later counts no more.
    let late = phone.signed(&shown, PERSON, place.person.now()).expect("there is a key");
    assert_eq!(phone.bring(&shown, &late, Habits::default()).await, Ok(403));
    window.press("phone-anew").await;
    window.arrives("/login").await;
}

/// The person takes some time, and the app comes twice.
async fn signs_in(place: &Place, window: &Window, phone: &Phone) {
    let shown = ask(window, phone, "/login").await;
    let habits = Habits { delay: Duration::from_secs(2), comes_twice: true, ..Habits::default() };
    sign(place, phone, &shown, habits).await;
    window.sees_within("phone-signed", SEEN_WITHIN).await;
    window.press("phone-confirm").await;
    window.arrives("/cabinet").await;
}
