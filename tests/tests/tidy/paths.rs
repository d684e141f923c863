//! Paths that code takes into another crate.

use proc_macro2::Delimiter;

use crate::source::{Placed, Source, Token};

/// The first segments behind `root` wherever code names it: `register` of `root::register::State` and of
/// `use root::{wire, register::State}`. A crate taken as a whole gives `*`, an alias gives `as`.
pub(crate) fn segments(source: &Source, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in roots(source, root) {
        let behind = &source.tokens[at + 1..];
        match behind {
            [colon, other, Placed { token: Token::Open(Delimiter::Brace), .. }, group @ ..]
                if are_colons(colon, other) =>
            {
                found.extend(elements(group).into_iter().map(|element| (line, first_word(element))));
            }
            [colon, other, path @ ..] if are_colons(colon, other) => found.push((line, first_word(path))),
            _ => found.push((line, first_word(behind))),
        }
    }
    found
}

/// Where code takes something of a crate: its name at the beginning of a path, or brought in as a whole. A module of
/// ours or a variable of the same name is none.
pub(crate) fn taken(source: &Source, root: &str) -> Vec<usize> {
    let of_crate = roots(source, root).filter(|(at, _)| {
        let before =
            |back: usize| at.checked_sub(back).and_then(|at| source.tokens.get(at)).map(|one| &one.token);
        let inner = before(1) == Some(&Token::Sign(':')) && matches!(before(3), Some(Token::Word(_)));
        let path = matches!(&source.tokens[at + 1..], [colon, other, ..] if are_colons(colon, other));
        let whole = before(1) == Some(&Token::Word("use".to_owned()));
        !inner && (path || whole)
    });
    of_crate.map(|(_, line)| line).collect()
}

fn roots<'source>(source: &'source Source, root: &'source str) -> impl Iterator<Item = (usize, usize)> {
    let tokens = source.tokens.iter().enumerate();
    let named = tokens.filter(move |(_, placed)| matches!(&placed.token, Token::Word(word) if word == root));
    named.map(|(at, placed)| (at, placed.line))
}

fn are_colons(one: &Placed, other: &Placed) -> bool {
    one.token == Token::Sign(':') && other.token == Token::Sign(':')
}

/// The elements of a group whose opening brace is gone, up to its closing one.
fn elements(group: &[Placed]) -> Vec<&[Placed]> {
    let (mut depth, mut from, mut found) = (0_usize, 0, Vec::new());
    for (at, placed) in group.iter().enumerate() {
        match placed.token {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth == 0 => {
                found.push(&group[from..at]);
                break;
            }
            Token::Close(_) => depth -= 1,
            Token::Sign(',') if depth == 0 => {
                found.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.into_iter().filter(|element| !element.is_empty()).collect()
}

fn first_word(tokens: &[Placed]) -> String {
    match tokens.first().map(|placed| &placed.token) {
        Some(Token::Word(word)) => word.clone(),
        Some(Token::Sign('*')) => "*".to_owned(),
        _ => String::new(),
    }
}

#[test]
fn groups_aliases_and_plain_paths_are_seen() {
    let text = "use a::b::C;\nuse a::{\n  d, e::{f, g},\n  h as i,\n};\nuse a as z; use a::*;\nconst X: u8 = a::j(); // a::k";
    let source = Source::new(text).expect("it is Rust");
    let found: Vec<String> = segments(&source, "a").into_iter().map(|(_, word)| word).collect();
    assert_eq!(found, ["b", "d", "e", "h", "as", "*", "j"]);
}

#[test]
fn a_crate_is_told_from_what_has_the_same_name() {
    let text = "use http::Method;\nuse crate::http::Page;\nfn f(http: u8) { http + 1; ::http::x(); }\nuse http;\nmod http;";
    let source = Source::new(text).expect("it is Rust");
    assert_eq!(taken(&source, "http"), [1, 3, 4]);
}
