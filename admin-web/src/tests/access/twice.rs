//! Double clicks, reload, and sessions that end in the middle: what holds of every form of a signed-in person.

use std::collections::{BTreeMap, BTreeSet};

use ofd_protocol::register::Register;
use ofd_storage::holdings::trade_points_of;
use ofd_storage::registers;

use super::sending::{Filled, Pick};
use super::*;
use crate::limits::BODY_LEN_MAX;

/// What is typed into fields that take not just anything.
const RIGHT: [(&str, &str); 17] = [
    ("bic", "TESTKZ2A"),
    ("coordinates", "51.128207, 71.430411"),
    ("date", "23.01.2026"),
    ("email", "jana@example.kz"),
    ("from", "23.01.2026"),
    ("iik", "KZ86601A861000000001"),
    ("iin", ""),
    ("phone", "+7 701 234 5678"),
    ("phones", "+7 7172 123-456"),
    ("registered_on", "31.01.2020"),
    ("rnm", "010100000009"),
    ("site", "https://example.kz"),
    ("shop_settlement_query", ""),
    ("time", "10:30"),
    ("to", "24.01.2026"),
    ("whose", ""),
    ("year", "2025"),
];

/// What is typed over, where something stands there already.
const RENAMED: [&str; 6] = ["alias", "comment", "name", "street", "text", "title"];

/// What somebody types who sees that this stands there.
fn right(name: &str, there: &str) -> String {
    if !there.is_empty() && !RENAMED.contains(&name) {
        return there.to_owned();
    }
    let known = RIGHT.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    known.unwrap_or("Жаңа").to_owned()
}

/// What no page shows again.
const SECRET: [&str; 4] = ["password", "repeat", "current", "code"];

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

impl Town {
    /// What forms change, by what it is; of people's accounts as far as their audit tells.
    async fn state(&self, persona: &Persona) -> BTreeMap<String, String> {
        let mut state = BTreeMap::new();
        for company in &self.before {
            let now = serde_json::to_value(self.house.company_of(&company.bin).await).unwrap();
            for (name, value) in now.as_object().unwrap() {
                state.insert(format!("{} of {}", name, company.bin), value.to_string());
            }
        }
        let store = &*self.house.store;
        let newest = registers::newest(store, ID).await.unwrap().unwrap();
        // How often it was told to ask anew for what its answers name is no matter.
        let register = Register { profile_version: 0, ..newest.register };
        state.insert("the register".into(), format!("{register:?}"));
        let shops = trade_points_of(store, OURS, None, 100).await.unwrap().found;
        state.insert("shops".into(), format!("{shops:?}"));
        let rows = self.house.audit_of(persona.id.unwrap()).await.len();
        state.insert("rows of the own audit".into(), rows.to_string());
        state
    }
}

/// Forms that a signed-in person sends, with the page that shows each.
fn sent_by_people() -> impl Iterator<Item = (Route, Route)> {
    let is_of_people = |route: &Route| {
        let is_signed_in = matches!(route.access, Access::SignedIn | Access::Member(_) | Access::Operator(_));
        route.verb() == "post" && is_signed_in && route.body_max() <= BODY_LEN_MAX
    };
    routes().into_iter().filter(is_of_people).map(|route| (route, Route { path: route.shown_at, ..route }))
}

#[tokio::test]
async fn every_form_that_is_sent_twice_is_done_once() {
    let town = Town::open().await;
    let (mut done, mut wrong, mut twice) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (route, page) in sent_by_people() {
        town.restore().await;
        let may = |persona: &&Persona| expected(route.access, persona, OURS) == Verdict::LetIn;
        let persona = town.personas.iter().find(may).unwrap();
        let mut browser = town.browser(persona).await;
        let (shown, action) = (town.path(page, OURS), town.path(route, OURS));
        let html = browser.open(&shown).await.text;
        let Some(form) = Filled::of(&html, &action, Pick::Usual, right) else { continue };
        let first = browser.send("POST", &action, &FORM, form.body()).await;
        let after = town.state(persona).await;
        let second = browser.send("POST", &action, &FORM, form.body()).await;
        for answer in [&first, &second] {
            assert!(!answer.status.is_server_error(), "{action}: {}", answer.status);
        }
        let changed = town.state(persona).await;
        let changed = changed.into_iter().filter(|(what, value)| after.get(what) != Some(value));
        let changed: Vec<_> =
            changed.map(|(what, value)| (what.clone(), after.get(&what).cloned(), value)).collect();
        if !changed.is_empty() {
            twice.push((route.path, changed));
        }
        let again = browser.open(&shown).await;
        assert!(!again.status.is_server_error(), "back at {shown}: {}", again.status);
        let to = first.headers.get("location").map(|to| to.to_str().unwrap());
        let is_done = to.is_some_and(|to| !to.contains("?again="));
        if is_done {
            done.insert(route.path)
        } else {
            wrong.insert(route.path)
        };
    }
    assert!(twice.is_empty(), "done twice: {twice:#?}");
    assert!(done.len() >= 30, "{} are done: {done:#?}; and these not: {wrong:#?}", done.len());
}

#[tokio::test]
async fn no_form_of_a_session_that_ended_loses_what_was_typed() {
    let town = Town::open().await;
    let (mut kept, mut without) = (BTreeSet::new(), BTreeSet::new());
    for (route, page) in sent_by_people() {
        let may = |persona: &&Persona| expected(route.access, persona, OURS) == Verdict::LetIn;
        let persona = town.personas.iter().find(may).unwrap();
        let mut browser = town.browser(persona).await;
        let (shown, action) = (town.path(page, OURS), town.path(route, OURS));
        let html = browser.open(&shown).await.text;
        let typed = |name: &str, _: &str| {
            if SECRET.contains(&name) { String::new() } else { format!("жазылған {name}") }
        };
        let form = Filled::of(&html, &action, Pick::Other, typed).filter(Filled::says_something);
        let Some(form) = form else {
            without.insert(route.path);
            continue;
        };
        let session = browser.cookies.remove("__Host-ofd").unwrap();
        let answer = browser.send("POST", &action, &FORM, form.body()).await;
        assert!(is_sent_to_login(&answer), "{action}: {}", answer.status);
        let to = answer.headers["location"].to_str().unwrap();
        assert!(to.contains("done=kept"), "{action}: {to}");
        let query = to.split_once('?').unwrap().1;
        let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next").unwrap().1;
        browser.cookies.insert("__Host-ofd".into(), session);
        let back = browser.open(&next).await;
        assert_eq!(back.status, 200, "{action} comes back to {next}");
        let chosen = form.chosen.iter().map(|(_, how)| how);
        for text in form.typed.iter().chain(chosen) {
            assert!(back.text.contains(text.as_str()), "{text} of {action} is lost: {}", back.text);
        }
        kept.insert(route.path);
    }
    assert!(kept.len() >= 30, "{}: {kept:#?} {without:#?}", kept.len());
}
