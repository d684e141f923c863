//! What stands around every page and how pages are sent: menu, tab, foot, files, compression.

use std::io::Read;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use ofd_desk::assets::links;
use ofd_storage::accounts::{OPERATOR, Role};
use tower::ServiceExt;

use super::support::people::{Browser, House};
use super::support::{Shop, Ticket, get, header_of};

const BIN: &str = "151140001234";

fn title(page: &str) -> &str {
    page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap()
}

/// What the menu marks as the place one is at, and what it says when it is folded.
fn here(page: &str) -> (Vec<String>, String) {
    let menu = page.split("<nav class=\"menu\"").nth(1).unwrap().split("</nav>").next().unwrap();
    let text = |rest: &str| rest.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    let current = menu.split("<a ").filter(|link| link.contains("aria-current=\"page\"")).map(text).collect();
    let folded = page.split("<summary>").nth(1).and_then(|rest| rest.split_once("<strong>"));
    (current, folded.map(|(_, rest)| rest.split('<').next().unwrap().to_owned()).unwrap_or_default())
}

async fn office() -> (House, Browser) {
    let house = House::open();
    let boss = house.person("АХМЕТОВА САУЛЕ").await;
    house.company(BIN, "ТОО «Көктем»", &[(boss, &[Role::Administrator])]).await;
    house.company(OPERATOR, "ОФД", &[(boss, &[Role::OperatorAdministrator])]).await;
    let browser = house.sign_in(boss).await;
    (house, browser)
}

#[tokio::test]
async fn the_menu_says_where_one_is_also_below_its_pages_and_when_it_is_folded() {
    let (house, mut browser) = office().await;
    let boss = house.company_of(BIN).await.members[0].account;
    for (page, place) in [
        (format!("/c/{BIN}"), "Organisation"),
        (format!("/c/{BIN}/contacts"), "Organisation"),
        (format!("/c/{BIN}/addresses/new"), "Organisation"),
        (format!("/c/{BIN}/employees"), "Employees"),
        (format!("/c/{BIN}/employees/{boss}/block"), "Employees"),
        (format!("/c/{BIN}/employees/invite"), "Employees"),
        (format!("/c/{BIN}/banks/new"), "Banks"),
        (format!("/c/{BIN}/audit"), "Audit log"),
        (format!("/operator/companies/{BIN}"), "Organisations"),
        (format!("/operator/companies/{BIN}/audit"), "Organisations"),
        ("/cabinet".into(), "My organisations"),
        ("/cabinet/add".into(), "My organisations"),
        ("/account/password".into(), "Sign-in and security"),
        ("/account/email".into(), "Personal data"),
        ("/signature".into(), "Check a signature"),
    ] {
        let shown = browser.go(&page).await.text;
        assert_eq!(here(&shown), (vec![place.to_owned()], place.to_owned()), "{page}");
    }
}

#[tokio::test]
async fn the_organisation_stands_on_its_pages_and_in_the_title_of_their_tabs() {
    let (_house, mut browser) = office().await;
    for page in ["", "/contacts", "/employees", "/banks", "/audit"] {
        let shown = browser.go(&format!("/c/{BIN}{page}")).await.text;
        assert!(title(&shown).contains("ТОО «Көктем» · ТОО «Открытый ОФД»"), "{page}: {}", title(&shown));
        assert_eq!(title(&shown).matches("Көктем").count(), 1, "{page}: {}", title(&shown));
        assert!(shown.contains("<strong>ТОО «Көктем»</strong>"), "{page}");
    }
    for page in ["", "/audit"] {
        let shown = browser.go(&format!("/operator/companies/{BIN}{page}")).await.text;
        assert!(title(&shown).contains("ТОО «Көктем»"), "which organisation is looked at: {}", title(&shown));
    }
}

#[tokio::test]
async fn who_is_signed_in_keeps_the_checks_and_finds_back_from_them() {
    let (_house, mut browser) = office().await;
    let page = browser.go(&format!("/c/{BIN}")).await.text;
    assert!(page.contains("<a href=\"/\">Check a receipt</a>") && page.contains("<a href=\"/signature\">"));
    // The page of receipts asks nobody who they are; it goes by the browser's having a session.
    let receipts = browser.go("/").await.text;
    assert!(receipts.contains("href=\"/cabinet\"") && !receipts.contains("href=\"/login\""));
    browser.cookies.remove("__Host-ofd");
    let receipts = browser.go("/").await.text;
    assert!(!receipts.contains("href=\"/cabinet\"") && receipts.contains("href=\"/login\""));
}

#[tokio::test]
async fn the_way_back_is_named_by_the_page_it_leads_to_and_leaving_a_form_is_one_word() {
    let (house, mut browser) = office().await;
    let boss = house.company_of(BIN).await.members[0].account;
    for (page, href, label) in [
        (format!("/c/{BIN}/contacts"), format!("/c/{BIN}"), "Organisation"),
        (format!("/c/{BIN}/employees/invite"), format!("/c/{BIN}/employees"), "Employees"),
        (format!("/c/{BIN}/employees/{boss}"), format!("/c/{BIN}/employees"), "Employees"),
        (format!("/c/{BIN}/employees/{boss}/block"), format!("/c/{BIN}/employees/{boss}"), "АХМЕТОВА САУЛЕ"),
        (format!("/c/{BIN}/banks/new"), format!("/c/{BIN}/banks"), "Banks"),
        (format!("/operator/companies/{BIN}"), "/operator/companies".into(), "Organisations"),
        ("/account/email".into(), "/account".into(), "Personal data"),
    ] {
        let shown = browser.go(&page).await.text;
        let back = format!("<nav class=\"crumbs screen\"><a href=\"{href}\">{label}</a></nav>");
        assert!(shown.contains(&back), "{back} is not on {page}: {shown}");
        for other in ["To the ", "Back<", ">Leave"] {
            assert!(!shown.contains(other), "{other} on {page}");
        }
    }
    for page in ["contacts", "head", "addresses/new", "employees/invite", "banks/new"] {
        assert!(browser.go(&format!("/c/{BIN}/{page}")).await.text.contains(">Cancel</a>"), "{page}");
    }
}

#[tokio::test]
async fn the_foot_tells_who_runs_the_site_and_leaves_out_what_is_not_known() {
    let shop = Shop::open().await;
    let bare = get(&shop.site(), "/?lang=en", &[]).await.text;
    let foot = bare.split("<footer class=\"foot\">").nth(1).unwrap();
    assert!(foot.contains("ТОО «Открытый ОФД»") && !foot.contains("<a ") && !foot.contains("Support"));
    let site = shop.site_with(|config| {
        let imprint = &mut config.imprint;
        imprint.bin = "990940003176".into();
        imprint.address = "г. Астана, ул. Сарайшық, 44".into();
        imprint.address_kz = "Астана қ., Сарайшық көшесі, 44".into();
        imprint.support_phone = "+7 (7172) 123-456".into();
        imprint.support_email = "help@ofd.example".into();
        imprint.offer_url = "https://ofd.example/offer".into();
        imprint.privacy_url = "https://ofd.example/privacy".into();
    });
    let page = get(&site, "/?lang=en", &[]).await.text;
    for part in [
        "BIN/IIN 990940003176 · г. Астана, ул. Сарайшық, 44",
        "<a href=\"tel:+77172123456\">+7 (7172) 123-456</a>",
        "<a href=\"mailto:help@ofd.example\">help@ofd.example</a>",
        "href=\"https://ofd.example/offer\" rel=\"noopener noreferrer\">Public offer</a>",
        "href=\"https://ofd.example/privacy\" rel=\"noopener noreferrer\">Privacy policy</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(get(&site, "/?lang=kk", &[]).await.text.contains("Астана қ., Сарайшық көшесі, 44"));
}

#[tokio::test]
async fn style_script_and_picture_have_the_hash_of_their_content_in_their_name_and_are_kept_for_a_year() {
    let shop = Shop::open().await;
    let site = shop.site();
    let page = get(&site, "/", &[]).await.text;
    assert!(!page.contains("<style"), "the style is a file");
    for (file, kind) in [
        (&links().style, "text/css; charset=utf-8"),
        (&links().script, "text/javascript; charset=utf-8"),
        (&links().icon, "image/svg+xml"),
    ] {
        let answer = get(&site, file, &[]).await;
        assert_eq!((answer.status.as_u16(), header_of(&answer, "content-type")), (200, kind), "{file}");
        assert_eq!(header_of(&answer, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header_of(&answer, "x-content-type-options"), "nosniff");
        assert!((100..16 * 1024).contains(&answer.text.len()), "{file}: {} bytes", answer.text.len());
        let hash = file.split('.').nth(1).unwrap();
        assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}");
        // Another gateway, which was not renewed yet, refers to the file by the name it had.
        let other = get(&site, &file.replace(hash, "0123456789abcdef"), &[]).await;
        assert_eq!((other.status.as_u16(), header_of(&other, "cache-control")), (200, "no-cache"));
    }
    assert!(page.contains(&links().style) && page.contains(&links().icon) && !page.contains(&links().script));
    for nothing in
        ["/assets/", "/assets/style.css", "/assets/style..css", "/assets/..%2Fstyle.css", "/assets/x.js"]
    {
        assert_eq!(get(&site, nothing, &[]).await.status, 404, "{nothing}");
    }
    let favicon = get(&site, "/favicon.ico", &[]).await;
    assert_eq!((favicon.status.as_u16(), header_of(&favicon, "content-type")), (200, "image/svg+xml"));
}

async fn raw(site: &axum::Router, uri: &str, encodings: &str) -> (axum::http::HeaderMap, Vec<u8>) {
    let request = Request::get(uri).header("accept-encoding", encodings).body(Body::empty()).unwrap();
    let (parts, body) = site.clone().oneshot(request).await.unwrap().into_parts();
    (parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn pages_and_files_come_compressed_to_whoever_can_read_that() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let site = shop.site();
    for uri in [paper.page(), links().style.clone(), links().script.clone(), "/api/v1/openapi.json".into()] {
        let (headers, plain) = raw(&site, &uri, "identity").await;
        assert!(!headers.contains_key("content-encoding"), "{uri}");
        for (encodings, chosen) in
            [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip")]
        {
            let (headers, packed) = raw(&site, &uri, encodings).await;
            assert_eq!(headers["content-encoding"], chosen, "{uri} for {encodings}");
            assert!(packed.len() * 2 < plain.len(), "{uri}: {} of {}", packed.len(), plain.len());
            let vary: Vec<&str> =
                headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
            assert!(vary.join(",").to_lowercase().contains("accept-encoding"), "{uri}: {vary:?}");
            assert_eq!(unpacked(chosen, &packed), plain, "{uri}");
        }
    }
    let (headers, _) = raw(&site, "/healthz", "gzip, br").await;
    assert!(!headers.contains_key("content-encoding"), "what is short stays as it is");
}

fn unpacked(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match encoding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap(),
        _ => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain).unwrap(),
    };
    plain
}

#[tokio::test]
async fn the_token_of_forms_looks_different_on_each_page_and_each_is_good() {
    let (_house, mut browser) = office().await;
    let page = format!("/c/{BIN}/contacts");
    let mut seen = std::collections::BTreeSet::new();
    for email in ["a@example.kz", "b@example.kz"] {
        browser.go(&page).await;
        let token = browser.hidden(&page).into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        assert!(
            seen.insert(token),
            "a secret that stands in every page is found by the length of compressed pages"
        );
        assert_eq!(browser.submit(&page, &[("email", email)]).await.status, 303);
    }
}

#[tokio::test]
async fn days_are_typed_and_shown_as_people_here_write_them_whatever_the_browsers_language() {
    let (house, mut browser) = office().await;
    let page = format!("/c/{BIN}/attributes");
    for language in ["en", "ru", "kk"] {
        browser.language = language.into();
        for page in [page.clone(), format!("/c/{BIN}/audit"), "/".into()] {
            let shown = browser.go(&page).await.text;
            assert!(
                !shown.contains("type=\"date") && shown.contains("placeholder=\""),
                "{page} in {language}"
            );
        }
    }
    browser.language = "en".into();
    browser.go(&page).await;
    assert_eq!(browser.submit(&page, &[("registered_on", "31.1.2020")]).await.status, 303);
    assert_eq!(house.company_of(BIN).await.profile.attributes.registered_on, "2020-01-31");
    assert!(browser.go(&page).await.text.contains("value=\"31.01.2020\""));
    let wrong = browser.submit(&page, &[("registered_on", "31.02.2020")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("value=\"31.02.2020\""), "{}", wrong.text);
}
