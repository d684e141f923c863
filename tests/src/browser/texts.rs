//! The site's own texts, by their keys: a flow is written once and walked in every language.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The texts of one language.
#[derive(Debug)]
pub struct Texts {
    language: &'static str,
    messages: BTreeMap<String, String>,
}

impl Texts {
    /// Reads the texts of a language from the sources.
    pub fn of(language: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../admin-web/i18n").join(language);
        let mut messages = BTreeMap::new();
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for file in files {
            let path = file.expect("the folder of texts can be listed").path();
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read(&text, &mut messages);
        }
        Self { language, messages }
    }

    /// The code of the language.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The text of a key.
    #[track_caller]
    pub fn say(&self, key: &str) -> &str {
        let Self { language, messages } = self;
        messages.get(key).unwrap_or_else(|| panic!("there is no text {key} in {language}"))
    }

    /// What every text of a key holds, whatever is put into its gaps and whichever plural form it takes.
    #[track_caller]
    pub fn pieces(&self, key: &str) -> Vec<String> {
        let (mut depth, mut pieces) = (0_usize, vec![String::new()]);
        for letter in self.say(key).chars() {
            match letter {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    pieces.push(String::new());
                }
                _ if depth > 0 => {}
                _ => pieces.last_mut().expect("there is a piece always").push(letter),
            }
        }
        let pieces: Vec<String> = pieces.iter().map(|piece| blanks_as_one(piece)).collect();
        let pieces: Vec<String> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        assert!(!pieces.is_empty(), "the text {key} is only a gap: look for another");
        pieces
    }

    /// A word of the page that is a key and not a text.
    pub fn key_in<'a>(&self, page: &'a str) -> Option<&'a str> {
        // Keys of one word are words of English too.
        let is_of_key =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        let words = page.split(|letter| !is_of_key(letter));
        words.filter(|word| word.contains('-')).find(|word| self.messages.contains_key(*word))
    }
}

/// One blank between words, as a browser shows them.
pub(super) fn blanks_as_one(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds the messages of a Fluent file.
fn read(text: &str, messages: &mut BTreeMap<String, String>) {
    let mut last: Option<&mut String> = None;
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            last = None;
        } else if line.starts_with([' ', '}']) {
            if let Some(message) = &mut last {
                message.push('\n');
                message.push_str(line.trim());
            }
        } else if let Some((key, text)) = line.split_once('=') {
            let entry = messages.entry(key.trim().to_owned()).or_default();
            text.trim().clone_into(entry);
            last = Some(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Texts {
        let mut messages = BTreeMap::new();
        read(text, &mut messages);
        Texts { language: "ru", messages }
    }

    #[test]
    fn a_text_is_looked_for_without_what_is_put_into_it() {
        let texts = texts(
            "# About.\nstaff-until = Closed until { $value }, come  later.\nstaff-name = Name\n\
             staff-tries = After { $count ->\n        [one] { $count } try\n       *[other] { $count } tries\n    } it closes.\n",
        );
        assert_eq!(texts.say("staff-name"), "Name");
        assert_eq!(texts.pieces("staff-until"), ["Closed until", ", come later."]);
        assert_eq!(texts.pieces("staff-tries"), ["After", "it closes."]);
    }

    #[test]
    fn a_key_on_a_page_is_found_and_words_with_a_hyphen_are_none() {
        let texts = texts("staff-name = Name\n");
        assert_eq!(texts.key_in("Фамилия staff-name:"), Some("staff-name"));
        assert_eq!(texts.key_in("по-русски, two-factor, staff"), None);
    }

    #[test]
    fn lines_that_go_on_belong_to_their_key() {
        let texts = texts("many = { $count ->\n    [1] one\n   *[other] more\n}\nnext = Next\n");
        assert!(texts.say("many").contains("*[other] more"));
        assert_eq!(texts.say("next"), "Next");
    }
}
