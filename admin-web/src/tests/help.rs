//! Help: every page opens for everybody, and people find it where they fail.

use std::sync::Arc;

use ofd_protocol::refusal::Refusal;
use ofd_protocol::version::Version;
use ofd_storage::accounts::Role;

use super::agreement::{at_application, gate};
use super::login::Gate;
use super::support::{ID, Shop, visible};
use crate::help::PAGES;

const BYTES_MAX: usize = 100 * 1024;

/// The help pages that a page leads to.
fn topics(page: &str) -> Vec<&str> {
    let links = page.split("href=\"/help/").skip(1).map(|rest| rest.split('"').next().unwrap());
    // The language switch leads to the page itself.
    links.filter(|link| !link.contains('?')).collect()
}

#[tokio::test]
async fn every_page_opens_for_everybody_in_every_language_without_a_script() {
    let gate = Gate::open();
    let id = gate.house.person("ИВАНОВА АЙГУЛЬ").await;
    for mut browser in [gate.house.browser(), gate.house.sign_in(id).await] {
        for language in ["ru", "kk", "en"] {
            browser.language = language.into();
            let index = browser.go("/help").await.text;
            let named: Vec<&str> = PAGES.iter().map(|page| page.name).collect();
            assert_eq!(topics(&index), named, "{language}");
            for name in named {
                let page = browser.go(&format!("/help/{name}")).await.text;
                assert!(page.len() < BYTES_MAX, "{name} has {} bytes", page.len());
                assert!(!page.contains("<script"), "{name}");
                assert!(page.contains(&format!("<html lang=\"{language}\"")), "{name} in {language}");
                for topic in topics(&page) {
                    assert!(PAGES.iter().any(|known| known.name == topic), "{name} leads to {topic}");
                }
            }
        }
    }
    assert_eq!(gate.house.browser().open("/help/nothing").await.status, 404);
}

#[tokio::test]
async fn people_are_led_to_help_where_they_fail() {
    let (gate, sink) = gate();
    let mut stranger = gate.house.browser();
    let page = stranger.go("/login").await.text;
    assert!(page.contains("href=\"/help\""), "the header leads to it: {page}");
    for topic in ["ncalayer", "phone", "keys"] {
        assert!(topics(&page).contains(&topic), "signing in: {topic}");
    }
    let (browser, _) = at_application(&gate, &sink, "head").await;
    for topic in ["ncalayer", "phone", "keys"] {
        assert!(topics(&browser.page).contains(&topic), "signing: {topic}");
    }
    let bin = "151140001234";
    let id = gate.house.person("КАССИР").await;
    gate.house.company(bin, "ТОО «Көктем»", &[(id, &[Role::Administrator])]).await;
    Shop::on(Arc::clone(&gate.house.store), "ТОО «Көктем»").await;
    let mut browser = gate.house.sign_in(id).await;
    let page = browser.go(&format!("/c/{bin}/registers/{ID}")).await.text;
    for topic in ["till", "refusals", "offline"] {
        assert!(topics(&page).contains(&topic), "the page of a register: {topic}: {page}");
    }
}

#[tokio::test]
async fn the_page_of_refusals_says_what_tills_show() {
    let gate = Gate::open();
    let mut browser = gate.house.browser();
    for (language, place) in [("ru", 0), ("kk", 1), ("en", 2)] {
        browser.language = language.into();
        let page = visible(&browser.go("/help/refusals").await.text);
        for refusal in Refusal::examples() {
            let (code, text) = (refusal.code(Version::NEWEST), refusal.texts()[place].replace('\u{a0}', " "));
            assert!(page.contains(&format!("{code} {text}")), "{language}: {code} {text} is not in {page}");
        }
    }
}
