//! What leads from the words of a title to its organisation.
//!
//! Entries come before the record or company that bears the title, and stay when a title changes: whoever finds an
//! organisation by one looks at what it is called now.

use super::word::{Word, words};
use crate::entries::{self, Entry};
use crate::store::{RecordKind, Store, StoreError};

/// What bears a title by which an organisation is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Titled<'a> {
    /// The organisation's BIN or IIN.
    pub bin: &'a str,
    /// The title whose words lead to it.
    pub title: &'a str,
}

/// An entry of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleWord {
    /// A word of the title, folded.
    pub word: String,
    /// The organisation's BIN or IIN.
    pub bin: String,
}

impl TitleWord {
    /// The key of its record; the record itself is empty.
    pub fn key(&self) -> String {
        format!("{}/{}", self.word, self.bin)
    }

    fn entry(&self) -> Entry {
        Entry { kind: RecordKind::TitleWord, key: self.key().into_bytes() }
    }

    /// The entry of a key; `None` when no entry has it.
    pub fn of_key(key: &[u8]) -> Option<Self> {
        let (word, bin) = std::str::from_utf8(key).ok()?.split_once('/')?;
        let is_word = words(word).first().is_some_and(|read| read.folded() == word);
        (is_word && is_listed(bin)).then(|| Self { word: word.to_owned(), bin: bin.to_owned() })
    }
}

/// Whether organisations of this number are found by it. The operator, whose number is all zeros, is none of them.
fn is_listed(bin: &str) -> bool {
    bin.len() == 12 && bin.bytes().all(|byte| byte.is_ascii_digit()) && bin.bytes().any(|byte| byte != b'0')
}

/// What an organisation is found by: the words of its title, and its number, which is a word like any other.
pub fn words_of(Titled { bin, title }: Titled<'_>) -> Vec<Word> {
    words(bin).into_iter().chain(words(title)).collect()
}

fn words_to(of: Titled<'_>) -> Vec<TitleWord> {
    let words = if is_listed(of.bin) { words_of(of) } else { Vec::new() };
    words.into_iter().map(|word| TitleWord { word: word.folded(), bin: of.bin.to_owned() }).collect()
}

/// Writes what leads to an organisation, as far as it is missing, and returns how much that was. Called before the
/// organisation is written under a new title.
///
/// # Errors
/// Those of the store; repeating it is harmless.
pub(crate) async fn lead(store: &impl Store, to: Titled<'_>) -> Result<usize, StoreError> {
    entries::lead(store, words_to(to).iter().map(TitleWord::entry)).await
}

/// The words by which an organisation should be found and is not.
///
/// # Errors
/// Those of the store. What is there and cannot be read is not missing: it is told where it lies.
pub async fn missing_words(store: &impl Store, to: Titled<'_>) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    for word in words_to(to) {
        if entries::is_missing(store, &word.entry()).await? {
            missing.push(word.word);
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::OPERATOR;
    use crate::store::RECORD_KEY_LEN_MAX;
    use crate::titles::WORD_CHARS_MAX;

    const BIN: &str = "151140001234";

    fn of(bin: &str, title: &str) -> Vec<TitleWord> {
        words_to(Titled { bin, title })
    }

    #[test]
    fn keys_read_back_and_nothing_else_is_one() {
        for entry in of(BIN, "ТОО «Көктем», Щёлково 2") {
            assert_eq!(TitleWord::of_key(entry.key().as_bytes()), Some(entry));
        }
        for wrong in ["", "тоо", "/151140001234", "Тоо/151140001234", "көк/151140001234", "а б/151140001234"]
        {
            assert_eq!(TitleWord::of_key(wrong.as_bytes()), None, "{wrong}");
        }
        for wrong in ["тоо/15114000123", "тоо/000000000000", "тоо/151140001234/"] {
            assert_eq!(TitleWord::of_key(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(TitleWord::of_key(b"\xff/151140001234"), None);
    }

    #[test]
    fn the_longest_word_fits_a_key_and_the_longest_title_is_bounded() {
        let title: String = (0..100).map(|number| format!("{}{number:02} ", "𐌰".repeat(60))).collect();
        let entries = of(BIN, &title);
        assert!(entries.iter().all(|entry| entry.key().len() <= RECORD_KEY_LEN_MAX));
        assert_eq!(entries.len(), 2, "the first letters are all the same");
        assert_eq!(entries[1].word.chars().count(), WORD_CHARS_MAX);
    }

    #[test]
    fn the_operator_and_what_has_no_number_are_not_listed() {
        assert_eq!(of(OPERATOR, "ОФД"), []);
        assert_eq!(of("15114000123X", "ТОО"), []);
    }
}
