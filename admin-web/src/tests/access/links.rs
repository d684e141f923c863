//! Pages that nobody finds are as good as none: every titled page of a member is led to from the start page.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::*;

/// Pages of one kind that are opened: links of the others look alike.
const OF_A_KIND: usize = 3;

/// Pages that are led to by what is not there in [`Town`]. Whoever adds one says by what.
const LED_TO_OTHERWISE: [(&str, &str); 0] = [];

fn links(page: &str) -> BTreeSet<String> {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.map(|href| href.split(['?', '#']).next().unwrap_or(href).to_owned()).collect()
}

fn is_at(route: &Route, path: &str) -> bool {
    let (mut wanted, mut found) = (route.path.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(part), Some(here)) if part.starts_with('{') || part == here => {}
            _ => return false,
        }
    }
}

#[tokio::test]
async fn every_titled_page_of_a_member_is_led_to_from_the_start_page() {
    let town = Town::open().await;
    let is_administrator = |persona: &&Persona| persona.place == Some((OURS, Role::Administrator));
    let administrator = town.personas.iter().find(is_administrator).unwrap();
    let mut browser = town.browser(administrator).await;
    let pages: Vec<Route> = routes().into_iter().filter(|route| route.verb() == "get").collect();
    let (mut found, mut opened) = (BTreeSet::new(), HashMap::<&str, usize>::new());
    let mut ahead = VecDeque::from([format!("/c/{OURS}/start")]);
    let mut seen: BTreeSet<String> = ahead.iter().cloned().collect();
    while let Some(at) = ahead.pop_front() {
        // The path that is written out goes before the one with a name in it.
        let is_here = pages.iter().filter(|route| is_at(route, &at));
        let Some(route) = is_here.min_by_key(|route| route.path.matches('{').count()) else { continue };
        found.insert(route.path);
        let count = opened.entry(route.path).or_default();
        *count += 1;
        if *count > OF_A_KIND || route.path.ends_with(".csv") {
            continue;
        }
        let answer = browser.open(&at).await;
        for link in links(&answer.text) {
            if link.starts_with(&format!("/c/{OURS}")) && seen.insert(link.clone()) {
                ahead.push_back(link);
            }
        }
    }
    let of_members = |route: &&Route| matches!(route.access, Access::Member(_)) && !route.title.is_empty();
    let lost: Vec<&str> = pages
        .iter()
        .filter(of_members)
        .map(|route| route.path)
        .filter(|path| !found.contains(path) && LED_TO_OTHERWISE.iter().all(|(known, _)| known != path))
        .collect();
    assert!(lost.is_empty(), "nothing leads to {lost:#?}");
    for (path, by) in LED_TO_OTHERWISE {
        assert!(!found.contains(path), "{path} is led to, not only {by}");
    }
}
