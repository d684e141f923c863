//! Signing in by certificate: two clicks, and a plain text for all that may go wrong.

use std::time::Duration;

use ofd_stand::OcspState;
use ofd_stand::ncalayer::{Encoding, Fault, Outcome, Shape};
use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{SIGN, create_account, sign_in, sign_out};

/// Whoever may not come in, and what they are told. The keys sign whatever the page asks for.
const TURNED_AWAY: [(&str, &str); 6] = [
    ("expired", "login-refused-expired"),
    ("not-yet", "login-refused-not-yet-valid"),
    ("revoked", "login-refused-revoked"),
    ("self-signed", "login-refused-untrusted"),
    ("foreign", "login-refused-issuer-unknown"),
    ("wrong-purpose", "login-refused-wrong-purpose"),
];

/// Whoever comes in.
const PERSON: &str = "entrepreneur";

/// The person takes longer than the page waits without a word.
const SLOW: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_opens_the_door_in_two_clicks_in_russian() {
    browse("ru", Size::PHONE, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_opens_the_door_in_two_clicks_in_kazakh() {
    browse("kk", Size::DESK, flow).await;
}

async fn flow(place: &mut Place) {
    let window = place.window().await;
    window.go("/login").await;
    window.inspect("login").await;
    window.inspect_dark("login").await;
    every_end_of_ncalayer_is_explained(place, &window).await;
    who_may_not_come_in_is_told_why(place, &window).await;
    create_account(place, &window, PERSON, "aliya@example.kz").await;
    window.arrives("/cabinet").await;
    sign_out(&window).await;
    two_clicks(place, &window).await;
    a_file_will_do(place, &window).await;
    window.close().await;
}

/// Answers of NCALayer, and NCALayer that gives none.
async fn every_end_of_ncalayer_is_explained(place: &mut Place, window: &Window) {
    place.takes(PERSON);
    for (outcome, text) in [
        (Outcome::Cancel, "login-sign-cancelled"),
        (Outcome::Error(Fault::SigningFailure), "login-sign-wrong-key"),
        (Outcome::Error(Fault::General), "login-sign-failed"),
        (Outcome::Disconnect, "login-sign-failed"),
    ] {
        place.person.set(|person| person.outcome = outcome);
        window.go("/login").await;
        window.click(SIGN).await;
        window.sees(text).await;
        assert!(window.path().await.starts_with("/login"), "{outcome} leads nowhere");
    }
    window.inspect("login-failed").await;

    place.stop_ncalayer().await;
    window.click(SIGN).await;
    window.sees("login-sign-not-started").await;
    window.inspect("login-not-started").await;
    place.start_ncalayer().await;

    place.person.set(|person| {
        person.outcome = Outcome::Sign;
        person.delay = SLOW;
    });
    window.click(SIGN).await;
    window.sees("login-sign-waiting").await;
    window.sees_within("login-sign-slow", Duration::from_secs(30)).await;
    window.inspect("login-slow").await;
    window.click("[data-sign-cancel]").await;
    window.sees("login-sign-cancelled").await;
    place.person.set(|person| person.delay = Duration::ZERO);
}

/// Wrong certificates, and a responder that is silent: that is nobody's fault and no revocation.
async fn who_may_not_come_in_is_told_why(place: &Place, window: &Window) {
    place.person.set(|person| person.ignores_filters = true);
    for (key, text) in TURNED_AWAY {
        sign_in(place, window, key).await;
        window.sees(text).await;
        if key == "expired" {
            window.inspect("login-refused").await;
        }
    }
    // What came of asking about a certificate is kept for some seconds, so each takes another key.
    for (state, key) in [
        (OcspState::Down, "person"),
        (OcspState::TryLater, "support"),
        (OcspState::Unknown, "inspector"),
        (OcspState::Forged, "cashier"),
        (OcspState::OutOfDate, "accountant"),
    ] {
        place.services.set_ocsp(state);
        sign_in(place, window, key).await;
        window.sees("login-refused-revocation-unknown").await;
        window.does_not_see("login-refused-revoked").await;
    }
    place.services.set_ocsp(OcspState::Answers);
    place.person.set(|person| person.ignores_filters = false);
}

/// One click here, one in NCALayer; however NCALayer writes its answer.
async fn two_clicks(place: &Place, window: &Window) {
    for (shape, encoding) in [(Shape::List, Encoding::Pem), (Shape::AsData, Encoding::Base64)] {
        place.person.set(|person| (person.shape, person.encoding) = (shape, encoding));
        sign_in(place, window, PERSON).await;
        window.arrives("/cabinet").await;
        sign_out(window).await;
    }
}

/// Without NCALayer the text is fetched, signed by another program, and the file handed in.
async fn a_file_will_do(place: &Place, window: &Window) {
    window.go("/login").await;
    window.press("login-file-title").await;
    let text = window.fetch("main a[download]").await;
    assert!(!text.is_empty(), "there is a text to sign");
    let key = place.key(PERSON);
    let signed = key.sign_cms(&text, true, place.person.now(), None);
    window.inspect("login-file").await;
    window.attach("file", &place.file("signed.cms", &signed)).await;
    window.press("login-file-submit").await;
    window.arrives("/cabinet").await;
    sign_out(window).await;

    window.go("/login").await;
    window.press("login-file-title").await;
    window.attach("file", &place.file("again.cms", &signed)).await;
    window.press("login-file-submit").await;
    window.sees("login-refused-other-content").await;
}
