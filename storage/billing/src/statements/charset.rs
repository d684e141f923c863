//! The encodings that statements come in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The encodings that statements come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// UTF-8, with or without a mark at its beginning.
    Utf8,
    /// windows-1251. Kazakh letters stand in it where KZ-1048 has them.
    Windows1251,
    /// Code page 866, which 1C calls DOS.
    Dos,
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1251 => "windows-1251",
            Self::Dos => "DOS (866)",
        })
    }
}

impl Charset {
    /// The encoding by the name that a file gives it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match name.to_ascii_lowercase().as_str() {
            "utf8" => Some(Self::Utf8),
            "windows" | "windows1251" | "win1251" | "win" | "cp1251" | "1251" | "ansi" => {
                Some(Self::Windows1251)
            }
            "dos" | "cp866" | "ibm866" | "866" => Some(Self::Dos),
            _ => None,
        }
    }
}
