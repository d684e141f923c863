//! What happens to a register that is on the books: its settings, a visit, a change that is signed and answered, a block.

use std::time::Instant;

use ofd_tests::browser::{Place, Window};
use ofd_tests::device::Device;

use super::phone_signing::Means;
use super::registering::{Registered, find_astana, refuses, serves};

/// A register that is blocked, or not connected.
pub(crate) const BLOCKED: u32 = 15;

/// When somebody is there for a visit; the day is the one that the form offers.
const TIME: &str = "10:30";

/// Its people call it otherwise, switch it off and on, and the port knows of it.
pub(crate) async fn sets(window: &Window, (bin, one): (&str, &Registered), till: &mut Device) {
    let settings = format!("/c/{bin}/registers/{}/settings", one.id);
    window.go(&settings).await;
    window.inspect("settings").await;
    window.fill("alias", "<>").await;
    window.send(&settings).await;
    window.sees("registration-wrong-alias").await;
    window.fill("alias", "Касса у входа").await;
    window.send(&settings).await;
    window.sees("settings-done-settled").await;
    window.send(&format!("{settings}/disconnect")).await;
    window.sees("settings-done-disconnected").await;
    refuses(till, BLOCKED, Instant::now()).await;
    window.inspect("settings-disconnected").await;
    window.send(&format!("{settings}/connect")).await;
    window.sees("settings-done-connected").await;
    serves(till, Instant::now()).await;
}

/// A visit is asked for, for a wired register.
pub(crate) async fn asks_for_a_visit(window: &Window, one: &Registered) {
    let visit = format!("{}/visit", one.at);
    window.go(&one.at).await;
    window.follow(&visit).await;
    window.fill("time", "25:00").await;
    window.fill("person", "Тестова Бота").await;
    window.fill("phone", "+7 701 234 5678").await;
    window.send(&visit).await;
    window.sees("visit-wrong-time").await;
    assert_eq!(window.value("person").await, "Тестова Бота");
    window.inspect("visit-wrong").await;
    window.fill("time", TIME).await;
    window.send(&visit).await;
    window.sees("visit-done-asked").await;
    window.inspect("registration-visited").await;
}

/// Where a register is moved to.
const NEW_SHOP: &str = "Дүкен № 3";

/// A move to another shop, with the year put right, is signed; what was wanted by mistake is withdrawn.
pub(crate) async fn moves(place: &Place, window: &Window, (means, one): (&Means, &Registered), shop: &str) {
    let (off, change) = (format!("{}/deregister", one.at), format!("{}/change", one.at));
    window.go(&off).await;
    window.inspect("deregister").await;
    window.choose("reason", "replaced").await;
    window.send(&off).await;
    window.sees("registration-asked").await;
    window.send(&format!("{}/withdraw", one.at)).await;
    window.sees("registration-done-withdrawn").await;
    window.follow(&change).await;
    window.reads(shop).await;
    window.inspect("registration-change").await;
    window.fill("year", "2024").await;
    window.choose("shop", "new").await;
    window.fill("shop_title", NEW_SHOP).await;
    find_astana(window, "shop_").await;
    window.fill("shop_street", "пр. Мәңгілік Ел, 10").await;
    window.send(&change).await;
    window.sees("registration-asked").await;
    window.reads("2024").await;
    window.reads(NEW_SHOP).await;
    window.inspect("registration-asked").await;
    means.signs(place, window, &one.at).await;
    window.sees("registration-done-sent").await;
}

/// What was asked for is so: the register stands in its new shop, and the visit was made.
pub(crate) async fn has_moved(window: &Window, one: &Registered) {
    window.go(&one.at).await;
    window.sees("registration-next-registered").await;
    window.sees("visit-state-closed").await;
    window.reads(NEW_SHOP).await;
    window.press_in("main", "registration-to-register").await;
    window.reads(NEW_SHOP).await;
}

/// The operator's person answers for the tax authority, and closes the visit where one waits; returns when it was answered.
pub(crate) async fn the_operator_answers(
    operator: &Window,
    (bin, one): (&str, &Registered),
    rnm: &str,
) -> Instant {
    let page = format!("/operator/registrations/{bin}/{}", one.id);
    operator.go("/operator/registrations").await;
    operator.inspect("registration-queue").await;
    operator.follow(&page).await;
    operator.inspect("registration-decide").await;
    // What is on the books has its number.
    if !rnm.is_empty() {
        operator.fill("rnm", rnm).await;
    }
    operator.click("button[name=decision][value=accept]").await;
    let done = if rnm.is_empty() { "registration-queue-changed" } else { "registration-queue-accepted" };
    operator.sees(done).await;
    let answered = Instant::now();
    if rnm.is_empty() {
        operator.go("/operator/visits").await;
        operator.inspect("visits").await;
        operator.follow(&format!("/operator/visits/{bin}/{}", one.id)).await;
        operator.reads(TIME).await;
        operator.inspect("visit-close").await;
        operator.send_to(&one.id.to_string()).await;
        operator.sees("visit-queue-closed").await;
    }
    answered
}

/// The operator's person finds a register, blocks it with a reason, and takes the block off.
pub(crate) async fn the_operator_blocks(
    operator: &Window,
    (bin, one): (&str, &Registered),
    till: &mut Device,
) {
    operator.go("/operator/find").await;
    operator.fill("q", &one.rnm).await;
    operator.press("list-find").await;
    let page = format!("/operator/registers/{bin}/{}", one.id);
    operator.arrives(&page).await;
    operator.inspect("operator-register").await;
    operator.fill("reason", "Предписание № 7").await;
    operator.send(&format!("{page}/block")).await;
    operator.sees("operator-register-blocked").await;
    refuses(till, BLOCKED, Instant::now()).await;
    operator.inspect("operator-register-blocked").await;
    operator.fill("reason", "Исполнено").await;
    operator.send(&format!("{page}/unblock")).await;
    operator.sees("operator-register-unblocked").await;
    serves(till, Instant::now()).await;
}
