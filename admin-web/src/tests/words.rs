use std::collections::BTreeSet;
use std::path::Path;

use super::support::*;
use crate::language::Language;
use crate::texts::{dictionary, source};

pub(super) fn keys(language: Language) -> BTreeSet<String> {
    source(language)
        .lines()
        .filter(|line| line.starts_with(|char: char| char.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()))
        .collect()
}

/// Sources and templates of the crate, without its tests.
fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "html") {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn all_languages_have_the_same_texts_and_each_is_used() {
    let russian = keys(Language::Russian);
    assert!(russian.len() > 60);
    for language in Language::ALL {
        assert_eq!(keys(language), russian, "{}", language.code());
    }
    let mut code = String::new();
    for folder in ["src", "templates", "office/src", "desk/src", "desk/templates"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut code);
    }
    let made = crate::vocabulary::keys();
    let is_used = |key: &String| code.contains(&format!("\"{key}\"")) || made.contains(key);
    let unused: Vec<&String> = russian.iter().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
    for call in ["say(\"", "say_with(\"", "say_count(\"", "say_values(\"", "row(\""] {
        for key in code.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(russian.contains(key), "there is no text {key}");
        }
    }
}

#[test]
fn titles_and_menus_say_something_in_every_language() {
    let russian = keys(Language::Russian);
    for route in crate::router::routes() {
        let titles = Some(route.title).filter(|title| !title.is_empty());
        for key in titles.into_iter().chain(route.entry.map(|entry| entry.text)) {
            assert!(russian.contains(key), "there is no text {key}, which {} is called", route.path);
        }
    }
}

#[test]
fn numbers_take_the_form_that_each_language_wants() {
    let dictionary = dictionary().unwrap();
    let items = |language, count| dictionary.words(language).say_count("items", count);
    let russian = [1, 2, 5, 11, 21, 102].map(|count| items(Language::Russian, count));
    assert_eq!(russian, ["1 позиция", "2 позиции", "5 позиций", "11 позиций", "21 позиция", "102 позиции"]);
    assert_eq!([1, 2].map(|count| items(Language::English, count)), ["1 item", "2 items"]);
    assert_eq!([1, 5].map(|count| items(Language::Kazakh, count)), ["1 позиция", "5 позиция"]);
}

/// Elements that are there for their text: an empty one lacks it.
const SPEAKING: [&str; 17] = [
    "h1", "h2", "h3", "p", "a", "button", "label", "legend", "dt", "th", "li", "option", "summary",
    "caption", "strong", "em", "small",
];

/// Attributes that are read out or shown.
const SPOKEN: [&str; 3] = ["aria-label", "placeholder", "title"];

/// That a page shows no key, no placeholder, and misses no text. A text that is not there is empty where it is shown.
#[track_caller]
pub(super) fn assert_says_everything(html: &str, keys: &BTreeSet<String>, what: &str) {
    let body = html.split("<body>").nth(1).unwrap_or_else(|| panic!("{what} has no body: {html}"));
    assert!(!body.contains("{ $") && !body.contains("{$"), "a placeholder on {what}: {body}");
    assert!(!html.contains("<title> ·"), "{what} has no title");
    let is_key = |word: &str| word.contains('-') && keys.contains(word);
    let pieces: Vec<(&str, &str)> =
        body.split('<').skip(1).map(|piece| piece.split_once('>').unwrap_or((piece, ""))).collect();
    for (tag, text) in &pieces {
        let key = text.split_whitespace().find(|word| is_key(word));
        assert_eq!(key, None, "a key on {what}");
        for name in SPOKEN {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            let is_text = value.is_none_or(|value| !value.trim().is_empty() && !is_key(value));
            assert!(is_text, "{name}={value:?} of <{tag}> on {what}");
        }
    }
    for pair in pieces.windows(2) {
        let [(tag, text), (next, _)] = pair else { continue };
        let name = tag.split_whitespace().next().unwrap_or_default();
        // Beside each field is a place for what is wrong with it.
        let is_place = tag.starts_with("p class=\"error\" id=") || tag.starts_with("p class=\"hint\" id=");
        let is_empty = text.trim().is_empty() && next.strip_prefix('/') == Some(name) && !is_place;
        assert!(!is_empty || !SPEAKING.contains(&name), "<{tag}> is empty on {what}");
    }
}

#[tokio::test]
async fn no_page_shows_a_key_or_a_placeholder() {
    let shop = Shop::open().await;
    let ticket = Ticket { offline: 5, parent: Some(("12".into(), at(1, 2, 3), 5)), ..Ticket::usual() };
    let paper = shop.accept(&ticket.payload()).await;
    let site = shop.site();
    let keys = keys(Language::Russian);
    for language in Language::ALL {
        for uri in [paper.page(), "/?".to_owned(), "/?i=1".to_owned(), "/nothing?".to_owned()] {
            let html = get(&site, &format!("{uri}&lang={}", language.code()), &[]).await.text;
            assert_says_everything(&html, &keys, &format!("{uri} in {}", language.code()));
        }
    }
}

/// Calls of a macro of `parts.html` in a template: which form, and which field.
fn fields_in(template: &str) -> Vec<(String, String)> {
    let kinds = ["input", "secret", "area", "select", "boxes", "tick", "file"];
    let calls = kinds.into_iter().flat_map(|kind| {
        let call = format!("parts::{kind}(shell, ");
        template.split(&call).skip(1).map(str::to_owned).collect::<Vec<_>>()
    });
    calls
        .filter_map(|call| {
            let (form, rest) = call.split_once(", \"")?;
            Some((form.to_owned(), rest.split('"').next()?.to_owned()))
        })
        .collect()
}

#[test]
fn the_list_of_errors_names_every_field_of_its_form() {
    let russian = keys(Language::Russian);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["templates", "desk/templates"].map(|folder| std::fs::read_dir(here.join(folder)).unwrap());
    let mut seen = 0;
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        let template = std::fs::read_to_string(&path).unwrap();
        for call in template.split("parts::trouble(shell, ").skip(1) {
            let (form, rest) = call.split_once(", \"").expect("the list has the fields of its form");
            let listed: Vec<(&str, &str)> = rest
                .split('"')
                .next()
                .unwrap()
                .split_whitespace()
                .map(|pair| pair.split_once('=').unwrap())
                .collect();
            for (_, label) in listed.iter().filter(|(_, label)| !label.is_empty()) {
                assert!(russian.contains(*label), "{label} in {}", path.display());
            }
            for (_, field) in fields_in(&template).iter().filter(|(of, _)| of == form) {
                let is_listed = listed.iter().any(|(name, _)| name == field);
                assert!(is_listed, "{field} is not listed in {}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}
