//! Secrets in the config.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

/// A token of the API is at least so long. Whoever draws 16 characters draws 64 bits or more.
pub(super) const TOKEN_LEN_MIN: usize = 16;

/// And has at least so many different characters.
const TOKEN_CHARACTERS_MIN: usize = 8;

/// A text that no log and no error shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for whoever compares it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nobody set it yet.
    pub fn is_placeholder(&self) -> bool {
        ["", "…", "..."].contains(&self.0.trim())
    }

    /// Whether somebody could guess it.
    pub fn is_weak(&self) -> bool {
        let different: BTreeSet<char> = self.0.chars().collect();
        self.0.chars().count() < TOKEN_LEN_MIN || different.len() < TOKEN_CHARACTERS_MIN
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_short_or_of_few_characters_can_be_guessed() {
        for weak in ["secret", "0123456789abcde", "aaaaaaaaaaaaaaaaaaaaaaaa", "12121212121212121212"] {
            assert!(Secret::new(weak.into()).is_weak(), "{weak}");
        }
        for good in ["9f86d081884c7d65", "a-token-of-a-file", "кот-на-крыше-в-мае"] {
            assert!(!Secret::new(good.into()).is_weak(), "{good}");
        }
    }
}
