//! Where pages lead: every titled page of a member is led to from the start page, and nobody is led to a refusal.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::super::support::people::unescaped;
use super::*;

/// Pages of one kind that are opened: links of the others look alike.
const OF_A_KIND: usize = 3;

/// Pages that are led to by what is not there in [`Town`]. Whoever adds one says by what.
const LED_TO_OTHERWISE: [(&str, &str); 0] = [];

/// What an attribute of the tags of a page says that leads to another of its addresses.
fn led_to(page: &str, attribute: &str) -> BTreeSet<String> {
    let begin = format!(" {attribute}=\"");
    let said = page.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).map(unescaped);
    let here = said.filter(|said| said.starts_with('/') && !said.starts_with("//"));
    here.map(|said| said.split('#').next().unwrap_or_default().to_owned()).collect()
}

fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or(address)
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

/// The route of an address. The path that is written out goes before the one with a name in it.
fn route_of<'a>(routes: &'a [Route], verb: &str, address: &str) -> Option<&'a Route> {
    let is_here = routes.iter().filter(|route| route.verb() == verb && is_at(route, path_of(address)));
    is_here.min_by_key(|route| route.path.matches('{').count())
}

/// The paths of the routes that a person finds who follows links, from where that person lands. On the way nothing that is
/// offered is refused: neither a link nor the button of a form.
async fn walk(town: &Town, persona: &Persona, first: &str) -> BTreeSet<&'static str> {
    let mut browser = town.browser(persona).await;
    let routes = routes();
    let (mut found, mut opened) = (BTreeSet::new(), HashMap::<String, usize>::new());
    let mut ahead = VecDeque::from([(first.to_owned(), "nothing".to_owned())]);
    let mut seen = BTreeSet::from([path_of(first).to_owned()]);
    while let Some((at, from)) = ahead.pop_front() {
        let route = route_of(&routes, "get", &at);
        found.extend(route.map(|route| route.path));
        let kind = route.map_or_else(|| path_of(&at).to_owned(), |route| route.path.to_owned());
        let count = opened.entry(kind).or_default();
        *count += 1;
        if *count > OF_A_KIND {
            continue;
        }
        let answer = browser.open(&at).await;
        let what = format!("{at}, to which {from} leads {}", persona.what);
        let is_refused = matches!(answer.status.as_u16(), 403..=405) || is_sent_to_login(&answer);
        assert!(!is_refused && !answer.status.is_server_error(), "{what}: {}", answer.status);
        for action in led_to(&answer.text, "action") {
            for route in [route_of(&routes, "post", &action), route_of(&routes, "get", &action)] {
                let verdict = route.map_or(Verdict::LetIn, |route| expected(route.access, persona, OURS));
                assert_eq!(verdict, Verdict::LetIn, "{what}: its form sends to {action}");
            }
        }
        for link in led_to(&answer.text, "href") {
            if seen.insert(path_of(&link).to_owned()) {
                ahead.push_back((link, at.clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn nobody_is_led_to_a_refusal_and_members_are_led_to_every_titled_page() {
    let town = Town::open().await;
    let mut walked = 0;
    for persona in town.personas.iter().filter(|persona| !persona.is_blocked && !persona.lacks_second_factor)
    {
        let Some((place, role)) = persona.place else { continue };
        let first = if place == OPERATOR { "/operator/start".to_owned() } else { format!("/c/{OURS}/start") };
        let found = walk(&town, persona, &first).await;
        walked += found.len();
        if role != Role::Administrator {
            continue;
        }
        let of_members = |route: &Route| {
            matches!(route.access, Access::Member(_)) && route.verb() == "get" && !route.title.is_empty()
        };
        let titled = routes().into_iter().filter(of_members).map(|route| route.path);
        let is_known = |path: &str| LED_TO_OTHERWISE.iter().any(|(known, _)| *known == path);
        let lost: Vec<&str> = titled.filter(|path| !found.contains(path) && !is_known(path)).collect();
        assert!(lost.is_empty(), "nothing leads to {lost:#?}");
        for (path, by) in LED_TO_OTHERWISE {
            assert!(!found.contains(path), "{path} is led to, not only {by}");
        }
    }
    assert!(walked > 200, "only {walked} pages of all roles together");
}
