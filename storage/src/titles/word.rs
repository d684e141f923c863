//! Words of titles as they are compared: as people type them, whatever keyboard they have.

/// A title is found by so many of its words; what law allows as a name has fewer.
pub const WORDS_MAX: usize = 32;

/// A word is found by so many of its first letters. They take at most 4 bytes each, so that a key of a word and a BIN
/// stays below [`RECORD_KEY_LEN_MAX`](crate::store::RECORD_KEY_LEN_MAX).
pub const WORD_CHARS_MAX: usize = 40;

/// A text as it is compared: small letters, `ё` as `е`, Kazakh letters as their Russian neighbours, and every run of
/// other characters as one blank. So `қарағанды` and `караганды` are one name, and so are hyphens and blanks.
pub fn fold(text: &str) -> String {
    tidied(text).chars().map(neighbour).collect()
}

/// The same with Kazakh letters as they are.
fn tidied(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        let letter = if letter == 'ё' { 'е' } else { letter };
        if letter.is_alphanumeric() {
            tidied.push(letter);
        } else if !tidied.is_empty() && !tidied.ends_with(' ') {
            tidied.push(' ');
        }
    }
    tidied.truncate(tidied.trim_end().len());
    tidied
}

/// The letter that stands for a small letter when texts are compared.
fn neighbour(letter: char) -> char {
    match letter {
        'ә' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' => 'у',
        'һ' => 'х',
        'і' => 'и',
        other => other,
    }
}

/// A word of a title, or one that somebody types: small letters and digits, at most [`WORD_CHARS_MAX`] of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(String);

impl Word {
    /// The word under which the index has it: Kazakh letters as their Russian neighbours.
    pub fn folded(&self) -> String {
        self.0.chars().map(neighbour).collect()
    }

    /// Whether it begins with what somebody typed. Who types a Kazakh letter means that letter; whose keyboard has none
    /// finds Kazakh words by the Russian neighbours.
    pub fn begins_with(&self, typed: &Self) -> bool {
        let mut letters = self.0.chars();
        typed
            .0
            .chars()
            .all(|typed| letters.next().is_some_and(|letter| letter == typed || neighbour(letter) == typed))
    }
}

/// The different words of a text, at most [`WORDS_MAX`].
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for word in tidied(text).split(' ').filter(|word| !word.is_empty()) {
        let word = Word(word.chars().take(WORD_CHARS_MAX).collect());
        if words.len() < WORDS_MAX && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.0).collect()
    }

    #[test]
    fn texts_compare_as_people_type_them() {
        assert_eq!(fold("Қарағанды"), fold("караганды"));
        assert_eq!(fold("  УСТЬ-КАМЕНОГОРСК "), "усть каменогорск");
        assert_eq!(fold("Үштөбе, Әуезов, Жетісу, Ңһ"), "уштобе ауезов жетису нх");
        assert_eq!(fold("Щёлково"), "щелково");
        assert_eq!(fold("«»—"), "");
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(texts("ТОО «Көктем-2», ТОО"), ["тоо", "көктем", "2"]);
        assert_eq!(texts("“O'Neil & Co.”"), ["o", "neil", "co"]);
        assert_eq!(texts("  «» — "), [""; 0]);
    }

    #[test]
    fn words_and_their_letters_are_bounded() {
        let long = "ы".repeat(WORD_CHARS_MAX + 1);
        assert_eq!(texts(&long), ["ы".repeat(WORD_CHARS_MAX)]);
        let many: String = (0..2 * WORDS_MAX).map(|number| format!("{number} ")).collect();
        assert_eq!(words(&many).len(), WORDS_MAX);
    }

    #[test]
    fn who_types_a_kazakh_letter_means_it_and_who_has_none_finds_it_too() {
        let begins = |word: &str, typed: &str| words(word)[0].begins_with(&words(typed)[0]);
        assert!(begins("Көктем", "көк") && begins("Көктем", "КОК") && begins("Коктем", "кок"));
        assert!(!begins("Коктем", "көк"), "another letter was typed");
        assert!(!begins("Көк", "көктем"), "more was typed than the word has");
        assert!(begins("Щёлково", "щел") && begins("Щелково", "щёл"));
    }
}
