//! Secrets in the config.

use std::fmt;

use serde::Deserialize;

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
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}
