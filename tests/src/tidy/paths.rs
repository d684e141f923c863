//! Paths that code takes into another crate.

use super::source::Source;

/// The first segments behind `root` wherever code names it: `register` of `root::register::State` and of
/// `use root::{wire, register::State}`. A crate taken as a whole gives `*`, an alias gives `as`.
pub fn segments(source: &Source, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in source.words().filter(|(_, word)| *word == root) {
        let line = source.line(at);
        let behind = source.code[at + root.len()..].trim_start();
        let Some(path) = behind.strip_prefix("::") else {
            found.push((line, first_word(behind)));
            continue;
        };
        let path = path.trim_start();
        match path.strip_prefix('{') {
            Some(group) => {
                found.extend(elements(group).into_iter().map(|element| (line, first_word(element))));
            }
            None => found.push((line, first_word(path))),
        }
    }
    found
}

/// The elements of a group whose opening brace is gone, up to its closing one.
fn elements(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0_usize, 0, Vec::new());
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&group[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.into_iter().filter(|element| !element.trim().is_empty()).collect()
}

fn first_word(text: &str) -> String {
    let text = text.trim_start();
    if text.starts_with('*') {
        return "*".to_owned();
    }
    text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_aliases_and_plain_paths_are_seen() {
        let text = "use a::b::C;\nuse a::{\n  d, e::{f, g},\n  h as i,\n};\nuse a as z; use a::*;\nlet x = a::j(); // a::k";
        let found: Vec<String> =
            segments(&Source::new(text), "a").into_iter().map(|(_, word)| word).collect();
        assert_eq!(found, ["b", "d", "e", "h", "as", "*", "j"]);
    }
}
