//! A shop, and a register in it: from the form to its id and token, and to its first frame.

use std::time::{Duration, Instant};

use ofd_loadtest::{Document, Identity};
use ofd_protocol::types::{RegisterId, Token};
use ofd_tests::browser::{Place, Window};
use ofd_tests::device::Device;

use super::phone_signing::Means;
use super::steps::{ASTANA, ASTANA_TYPED};

/// What a model of the sample is known by.
const MODEL: &str = "104";

/// A shop in the list to choose from.
const SHOP: &str = "main select[name=shop] option:not([value=\"\"]):not([value=new])";

pub(crate) const SERIAL: &str = "SWK-0000417";

/// So long after a registration, or any change of it, the port knows of it.
pub(crate) const FELT_WITHIN: Duration = Duration::from_secs(2);

/// How often a port that refuses is asked again.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Whether the tax authority has given the register its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rnm {
    Known,
    Awaited,
}

/// A register on its way.
pub(crate) struct Registered {
    /// The page of its registration.
    pub(crate) at: String,
    /// Its number at the operator.
    pub(crate) id: u32,
    /// Its number at the tax authority.
    pub(crate) rnm: String,
    bin: String,
    /// When the last word about it was said.
    pub(crate) since: Instant,
}

/// Finds Astana for an address of the form that is shown.
pub(crate) async fn find_astana(window: &Window, prefix: &str) {
    window.fill(&format!("{prefix}settlement_query"), ASTANA_TYPED).await;
    window.click(&format!("button[name={prefix}find]")).await;
    window.choose(&format!("{prefix}settlement"), ASTANA).await;
}

/// Makes two shops, calls one of them otherwise and deletes it; returns what the other one is called.
pub(crate) async fn makes_a_shop(window: &Window, bin: &str) -> String {
    window.go(&format!("/c/{bin}/start")).await;
    window.sees("start-no-shops").await;
    window.inspect("start-empty").await;
    window.go(&format!("/c/{bin}/registers")).await;
    window.sees("shops-none").await;
    for title in ["Дүкен № 1", "Дүкен № 2"] {
        window.follow(&format!("/c/{bin}/shops/new")).await;
        window.choose("kind", "shop").await;
        window.fill("title", title).await;
        window.fill("coordinates", "71.4, 51.1").await;
        find_astana(window, "").await;
        window.fill("street", "ул. Сарайшық, 44").await;
        window.send(&format!("/c/{bin}/shops/new")).await;
        window.sees("trade-point-wrong-coordinates-abroad").await;
        assert_eq!(window.value("street").await, "ул. Сарайшық, 44", "what was typed stays");
        window.fill("coordinates", "51.128207, 71.430411").await;
        if title.ends_with('1') {
            window.inspect("shop-new").await;
        }
        window.send(&format!("/c/{bin}/shops/new")).await;
        window.sees("trade-point-added").await;
    }
    window.inspect("shops-without-registers").await;
    // The second one of the list.
    window.click("main section.shop:last-of-type a[href*=\"/shops/\"]").await;
    window.sees("trade-point-edit").await;
    let shop = window.path().await;
    window.fill("title_kz", "Дүңгіршек").await;
    window.choose("kind", "kiosk").await;
    window.send(&shop).await;
    window.sees("trade-point-changed").await;
    window.sees("trade-point-kind-kiosk").await;
    window.go(&format!("{shop}/delete")).await;
    window.inspect("shop-delete").await;
    window.send(&format!("{shop}/delete")).await;
    window.sees("trade-point-deleted").await;
    window.does_not_see("trade-point-kind-kiosk").await;
    "Дүкен № 1".to_owned()
}

/// Fills in the three parts of the form; the shop is the only one, or the first one, which comes with its first register.
pub(crate) async fn fills_in(window: &Window, rnm: &str) {
    window.choose("model", MODEL).await;
    window.fill("serial_number", SERIAL).await;
    window.fill("year", "2025").await;
    window.fill("rnm", rnm).await;
    window.fill("alias", "Касса 1").await;
    window.choose("connection", "wired").await;
    window.choose("tariff", "free").await;
    let is_there = window.run(&format!("return document.querySelector('{SHOP}') !== null")).await;
    if is_there == true {
        window.click(SHOP).await;
    } else {
        window.fill("shop_title", "Дүкен № 1").await;
        find_astana(window, "shop_").await;
        window.fill("shop_street", "ул. Сарайшық, 44").await;
    }
}

/// Fills in the form and signs the application.
pub(crate) async fn registers(
    place: &Place,
    window: &Window,
    (means, bin): (&Means, &str),
    rnm: Rnm,
) -> Registered {
    let new = format!("/c/{bin}/registrations/new");
    window.go(&format!("/c/{bin}/registers")).await;
    window.follow(&new).await;
    window.inspect("registration-form").await;
    fills_in(window, "12345").await;
    window.send(&new).await;
    window.sees("registration-wrong-rnm").await;
    assert_eq!(window.value("serial_number").await, SERIAL, "what was typed stays");
    window.inspect("registration-form-wrong").await;
    window.fill("rnm", if rnm == Rnm::Known { "010100000417" } else { "" }).await;
    window.send(&new).await;
    window.sees("registration-next-sign").await;
    let at = window.path().await;
    window.inspect("registration").await;
    means.signs(place, window, &at).await;
    let done = if rnm == Rnm::Known { "registration-done-registered" } else { "registration-done-sent" };
    window.sees(done).await;
    let since = Instant::now();
    if rnm == Rnm::Awaited {
        window.inspect("registration-sent").await;
    }
    let id = at.rsplit('/').next().and_then(|id| id.parse().ok()).expect("the address ends with the id");
    Registered { at, id, rnm: "010100000417".to_owned(), bin: bin.to_owned(), since }
}

/// What the page of a token says is typed into the till.
pub(crate) async fn settings(window: &Window) -> Vec<String> {
    let said =
        window.run("return [...document.querySelectorAll('main dl.details dd')].map(it => it.innerText)");
    let said = said.await;
    said.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// Sees id and token, this once, and connects a simulated register with them.
pub(crate) async fn takes_the_token(place: &Place, window: &Window, one: &Registered) -> Device {
    let token = format!("{}/token", one.at);
    window.send(&token).await;
    window.sees("registration-token-once").await;
    let said = settings(window).await;
    assert_eq!(said[0], one.id.to_string());
    let identity = Identity {
        id: RegisterId(one.id),
        token: Token(said[1].parse().unwrap_or_else(|error| panic!("{}: {error}", said[1]))),
        fns_kkm_id: one.rnm.clone(),
        serial_number: SERIAL.to_owned(),
        title: "ТОО «ТЕСТ АЛЬФА»".to_owned(),
        address: "г. Астана, ул. Сарайшық, 44".to_owned(),
        bin: one.bin.clone(),
        okved: "47111".to_owned(),
    };
    let mut till = place.till(identity);
    serves(&mut till, one.since).await;
    window.inspect("registration-token").await;
    // What is gone back to shows it no more.
    window.back().await;
    window.sees("registration-reissue").await;
    assert!(!window.text().await.contains(&said[1]), "a token is shown once");
    window.inspect("registration-token-shown").await;
    till
}

/// The port accepts a register not later than two seconds after what `since` stands for.
pub(crate) async fn serves(till: &mut Device, since: Instant) {
    while till.send(Document::Info).await.code() != Some(0) {
        assert!(since.elapsed() < FELT_WITHIN, "the port does not accept the register after {FELT_WITHIN:?}");
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// The port refuses a register with this code not later than two seconds after what `since` stands for.
pub(crate) async fn refuses(till: &mut Device, code: u32, since: Instant) {
    while till.send(Document::Info).await.code() != Some(code) {
        assert!(since.elapsed() < FELT_WITHIN, "the port still accepts the register after {FELT_WITHIN:?}");
        tokio::time::sleep(ASK_EVERY).await;
    }
}
