//! Titles of organisations, found by the beginning of any of their words.

mod index;
mod word;

pub(crate) use index::lead;
pub use index::{TitleWord, Titled, missing_words, words_of};
pub use word::{WORD_CHARS_MAX, WORDS_MAX, Word, fold, words};
