//! On a small phone menu and filters are folded, so that what one came for is on the first screen.

use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{create_company, join_contract};

/// Of the first screen of a phone so much may pass before the first row of a list.
const BEFORE_ROWS_MAX: i64 = 480;

/// A row of the audit, with what changed folded.
const ROW_MAX: i64 = 160;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn menu_and_filters_are_folded_on_a_phone() {
    browse("ru", Size::PHONE, on_a_phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_folded_on_a_desk() {
    browse("kk", Size::DESK, on_a_desk).await;
}

async fn number(window: &Window, script: &str) -> i64 {
    let number = window.run(&format!("return Math.round({script})")).await;
    number.as_i64().unwrap_or_else(|| panic!("{script} is {number}"))
}

const FIRST_ROW: &str = "document.querySelector('main tbody tr').getBoundingClientRect().top + scrollY";

async fn on_a_phone(place: &mut Place) {
    let window = place.window().await;
    let bin = create_company(place, &window, "head", "arman@example.kz").await;
    join_contract(&window, &bin).await;
    for (page, here) in [("employees", "menu-employees"), ("audit", "menu-audit")] {
        window.go(&format!("/c/{bin}/{page}")).await;
        assert!(
            !window.shows("nav.menu a").await && !window.shows("main [role=search] button").await,
            "{page}"
        );
        let menu = window.run("return document.querySelector('[data-menu] > summary').innerText").await;
        let menu = menu.as_str().unwrap_or_default();
        assert!(menu.contains(window.texts().say(here)), "{menu} does not say where one is");
        window.reads("ТОО «ТЕСТ АЛЬФА»").await;
        let first = number(&window, FIRST_ROW).await;
        assert!(first < BEFORE_ROWS_MAX, "the first row of {page} is {first} px down");
    }
    let rows = number(&window, "document.querySelectorAll('main tbody tr').length").await;
    let height = number(&window, "document.querySelector('main tbody').offsetHeight").await;
    assert!(rows > 1 && height < rows * ROW_MAX, "{rows} rows of the audit take {height} px");

    window.press("audit-find").await;
    window.arrives(&format!("/c/{bin}/audit?")).await;
    window.go(&format!("/c/{bin}/registers")).await;
    assert!(
        !window.shows("main [role=search] button").await,
        "the search of shops and registers is folded too"
    );
    window.press("menu-mine").await;
    window.arrives("/cabinet").await;
    window.close().await;
}

async fn on_a_desk(place: &mut Place) {
    let window = place.window().await;
    let bin = create_company(place, &window, "head", "arman@example.kz").await;
    join_contract(&window, &bin).await;
    for page in ["employees", "audit"] {
        window.go(&format!("/c/{bin}/{page}")).await;
        assert!(
            window.shows("nav.menu a").await && window.shows("main [role=search] button").await,
            "{page}"
        );
        assert!(
            !window.shows("[data-menu] > summary").await && !window.shows("main summary").await,
            "{page}"
        );
    }
    // Content begins where the header begins, and every page is as wide as the others.
    let mut places = Vec::new();
    for page in [
        format!("/c/{bin}"),
        format!("/c/{bin}/contacts"),
        format!("/c/{bin}/audit"),
        "/".into(),
        "/signature".into(),
    ] {
        window.go(&page).await;
        let left = number(&window, "document.querySelector('main .card').getBoundingClientRect().left").await;
        let header = number(&window, "document.querySelector('.brand').getBoundingClientRect().left").await;
        assert_eq!(left, header, "{page}");
        places.push((left, number(&window, "document.querySelector('main .card').offsetWidth").await));
    }
    places.dedup();
    assert_eq!(places.len(), 1, "{places:?}");
    // A value stands by its label, however wide the page is.
    window.go(&format!("/c/{bin}")).await;
    let gap = number(
        &window,
        "document.querySelector('.details dd').getBoundingClientRect().left - document.querySelector('.details dt').getBoundingClientRect().left",
    )
    .await;
    assert!((0..300).contains(&gap), "the value is {gap} px from its label");
    window.close().await;
}
