//! The end of a register: another token, and off the books for a reason of the law.

use std::time::Instant;

use ofd_protocol::types::Token;
use ofd_tests::browser::{Place, Window};
use ofd_tests::device::Device;

use super::later::BLOCKED;
use super::phone_signing::Means;
use super::registering::{Registered, refuses, serves, settings};

/// A register that comes with a token that is not its own.
const TOKEN_WRONG: u32 = 2;

/// Why the tax authority leaves it on the books.
const WHY: &str = "Не сдан отчёт за смену";

/// Another token is issued, and the one before is worth nothing from then on.
pub(crate) async fn gets_another_token(window: &Window, one: &Registered, till: &mut Device) {
    window.go(&one.at).await;
    window.press("registration-reissue").await;
    window.sees("registration-token-once").await;
    let said = settings(window).await;
    assert_eq!(said[0], one.id.to_string());
    refuses(till, TOKEN_WRONG, Instant::now()).await;
    // Somebody types the new one in.
    till.register.resume();
    let token = said[1].parse().unwrap_or_else(|error| panic!("{}: {error}", said[1]));
    till.register.reset_token(Token(token));
    serves(till, Instant::now()).await;
    window.press("registration-token-noted").await;
    window.sees("registration-reissue").await;
    assert!(!window.text().await.contains(&said[1]), "a token is shown once");
}

/// Taking it off the books is signed, refused by the tax authority, signed once more, and done: no till is served then.
pub(crate) async fn leaves(
    place: &Place,
    (window, operator): (&Window, &Window),
    (means, bin, one): (&Means, &str, &Registered),
    till: &mut Device,
) {
    let off = format!("{}/deregister", one.at);
    window.go(&off).await;
    window.choose("reason", "replaced").await;
    window.send(&off).await;
    means.signs(place, window, &one.at).await;
    window.sees("registration-done-sent").await;
    window.sees("registration-state-deregistration-in-process").await;

    let page = format!("/operator/registrations/{bin}/{}", one.id);
    operator.go(&page).await;
    operator.sees("deregistration-reason-replaced").await;
    operator.click("button[name=decision][value=refuse]").await;
    operator.sees("company-wrong-empty").await;
    operator.fill("reason", WHY).await;
    operator.click("button[name=decision][value=refuse]").await;
    operator.sees("registration-queue-refused").await;

    window.go(&one.at).await;
    window.sees("registration-next-order-refused").await;
    window.reads(WHY).await;
    window.inspect("deregistration-refused").await;
    serves(till, Instant::now()).await;
    window.press("registration-draw").await;
    window.sees("application-sign-title").await;
    means.signs(place, window, &one.at).await;
    window.sees("registration-done-sent").await;

    operator.go(&page).await;
    operator.click("button[name=decision][value=accept]").await;
    operator.sees("registration-queue-deregistered").await;
    refuses(till, BLOCKED, Instant::now()).await;
    window.go(&one.at).await;
    window.sees("registration-next-deregistered").await;
    window.inspect("deregistered").await;
    // What it sold stays.
    window.go(&format!("/c/{bin}/registers/{}/shifts", one.id)).await;
    window.sees("shops-z").await;
}
