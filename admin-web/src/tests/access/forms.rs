//! What holds of every form behind the front door: how it is answered, and that no switch loses what was typed.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::super::support::header_of;
use super::*;
use crate::Limits;

/// Fields that no language switch needs to keep: secrets, codes, files, boxes that each visit ticks anew.
const NOT_TYPED: [&str; 7] = ["password", "repeat", "current", "code", "cms", "document", "file"];

/// Forms of a page: tag, and what is in it.
fn forms(html: &str) -> impl Iterator<Item = (&str, &str)> {
    let forms = html.split("<form ").skip(1).map(|form| form.split("</form>").next().unwrap());
    forms.map(|form| form.split_once('>').unwrap())
}

/// Names of the fields that somebody types into or chooses in.
fn typed(form: &str) -> BTreeSet<&str> {
    let tags = ["<input ", "<textarea ", "<select "].into_iter().flat_map(|tag| form.split(tag).skip(1));
    let tags = tags.map(|tag| tag.split('>').next().unwrap()).filter(|tag| !tag.contains("type=\"hidden\""));
    let name =
        |tag: &str| -> Option<String> { Some(tag.split_once("name=\"")?.1.split('"').next()?.to_owned()) };
    let names: Vec<String> = tags.filter_map(name).collect();
    form.split('"')
        .filter(|text| names.iter().any(|name| name == text) && !NOT_TYPED.contains(text))
        .collect()
}

#[tokio::test]
async fn the_language_switch_sends_every_form_that_people_type_into() {
    let town = Town::open().await;
    let mut seen = BTreeSet::new();
    for persona in &town.personas {
        let mut browser = town.browser(persona).await;
        for route in routes().into_iter().filter(|route| route.verb() == "get") {
            let answer = town.ask(&mut browser, route, OURS, "", &[]).await;
            if answer.status != 200 || !header_of(&answer, "content-type").starts_with("text/html") {
                continue;
            }
            let wants = forms(&answer.text)
                .filter(|(tag, form)| tag.contains("method=\"post\"") && !typed(form).is_empty());
            let tied = forms(&answer.text).filter(|(tag, _)| tag.contains("id=\"typed\"")).count();
            let buttons = answer.text.matches(" form=\"typed\" name=\"switch\"").count();
            let what = format!("{} by {}", route.path, persona.what);
            if wants.count() > 0 {
                assert_eq!((tied, buttons), (1, 2), "{what}: {}", answer.text);
                seen.insert(route.path);
            } else {
                assert_eq!(tied == 1, buttons == 2, "{what}");
            }
        }
    }
    assert!(seen.len() >= 12, "{seen:?}");
}

#[tokio::test]
async fn no_form_is_answered_with_a_page_that_only_sending_it_again_would_show() {
    let town = Town::open().await;
    let (mut shown, mut asked) = (0, 0);
    for route in routes().into_iter().filter(|route| route.verb() == "post") {
        let may = |persona: &&Persona| expected(route.access, persona, OURS) == Verdict::LetIn;
        let persona = town.personas.iter().find(may).unwrap();
        town.restore().await;
        let mut browser = town.browser(persona).await;
        let csrf = town.csrf_for(&mut browser, persona, route.access).await;
        let answer = town.ask(&mut browser, route, OURS, &csrf, &[]).await;
        asked += 1;
        let is_again =
            answer.headers.get("location").is_some_and(|to| to.to_str().unwrap().contains("?again="));
        if is_again {
            let to = answer.headers["location"].to_str().unwrap().to_owned();
            let page = browser.open(&to).await;
            assert!([200, 409, 422].contains(&page.status.as_u16()), "{}: {}", route.path, page.status);
            shown += 1;
        }
        let shows_form = matches!(answer.status.as_u16(), 409 | 422);
        assert!(!shows_form, "{} answers {}: {}", route.path, answer.status, answer.text);
    }
    assert!(shown >= 15, "{shown} of {asked}");
}

#[tokio::test]
async fn what_shows_a_form_has_an_address() {
    let routes = routes();
    for route in routes
        .iter()
        .filter(|route| route.verb() == "post" && route.body_max() <= crate::limits::BODY_LEN_MAX)
    {
        let shown = routes.iter().any(|other| other.verb() == "get" && other.path == route.shown_at);
        // Buttons that no page but a frame has, and pages that ask whether somebody is sure, go by their own address.
        assert!(shown, "{} is shown at {}, where no page is", route.path, route.shown_at);
    }
}

#[tokio::test]
async fn who_is_signed_in_keeps_the_frame_where_there_is_no_page() {
    let town = Town::open().await;
    let persona =
        town.personas.iter().find(|persona| persona.what == "Administrator, blocked: false").unwrap();
    let mut browser = town.browser(persona).await;
    for path in ["nothing", "addresses/999", "employees/999", "bank-accounts/x"] {
        let answer = browser.open(&format!("/c/{OURS}/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        for frame in
            ["ҚЫЗМЕТКЕР", "ТОО «Көктем»", &format!("href=\"/c/{OURS}/employees\""), "action=\"/sign-out\""]
        {
            assert!(answer.text.contains(frame), "{frame} for {path}: {}", answer.text);
        }
    }
    let elsewhere = browser.open(&format!("/c/{THEIRS}/nothing")).await;
    assert!(elsewhere.text.contains("ҚЫЗМЕТКЕР") && !elsewhere.text.contains("Басқа"), "{}", elsewhere.text);
    let button = browser.open("/login/password").await;
    assert_eq!(button.status, 405);
    assert!(button.text.contains("ҚЫЗМЕТКЕР") && !button.text.contains("receipt page"), "{}", button.text);
    let out = browser.open(&format!("/c/{OURS}/nothing")).await;
    assert_eq!(out.status, 404);
    let stranger = town.house.browser().open(&format!("/c/{OURS}/nothing")).await;
    assert!(stranger.status == 404 && !stranger.text.contains("Көктем"), "{}", stranger.text);
}

fn narrow(config: &mut SiteConfig) {
    config.limits = Limits {
        address_burst: NonZeroU32::new(4).unwrap(),
        address_per_second: NonZeroU32::MIN,
        ..config.limits
    };
}

#[tokio::test]
async fn too_many_pages_are_told_as_that_within_the_frame() {
    let house = House::with(narrow);
    let id = house.person("ИВАНОВА АЙГУЛЬ").await;
    house.company(OURS, "ТОО «Көктем»", &[(id, &[Role::Administrator])]).await;
    let mut browser = house.sign_in(id).await;
    let mut answers = Vec::new();
    for _ in 0..40 {
        answers.push(browser.open(&format!("/c/{OURS}")).await);
    }
    let refused = answers.iter().find(|answer| answer.status == 429).expect("forty are too many for four");
    assert!(!header_of(refused, "retry-after").is_empty());
    for text in ["Pages are opened too often.", "ИВАНОВА АЙГУЛЬ", "ТОО «Көктем»", "/employees\""]
    {
        assert!(refused.text.contains(text), "{text}: {}", refused.text);
    }
    assert!(!refused.text.contains("eceipts were opened"), "{}", refused.text);
}

#[tokio::test]
async fn people_behind_one_address_have_a_budget_each_and_strangers_spend_none_of_it() {
    let house = House::with(narrow);
    let mut people = Vec::new();
    for name in ["ИВАНОВА АЙГУЛЬ", "ПЕТРОВ ПЁТР"] {
        people.push(house.sign_in(house.person(name).await).await);
    }
    let mut stranger = house.browser();
    let mut refused = 0;
    for _ in 0..20 {
        refused += usize::from(stranger.open("/login").await.status == 429);
    }
    assert!(refused >= 5, "{refused} of twenty");
    for browser in &mut people {
        for _ in 0..3 {
            assert_eq!(
                browser.open("/cabinet").await.status,
                200,
                "the address is spent, the session is not"
            );
        }
    }
    // Whoever only says that it is a session has none.
    stranger.cookies.insert("__Host-ofd".into(), "1.abcdef.guess".into());
    let mut refused = 0;
    for _ in 0..20 {
        refused += usize::from(stranger.open("/login").await.status == 429);
    }
    assert!(refused >= 5, "{refused} of twenty");
}
