//! The bearer token of the API.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a sample config has where the token belongs.
const PLACEHOLDER: &str = "…";

/// The token that opens the API. Kept as a hash, never shown.
#[derive(Clone)]
pub struct ApiToken([u8; 32]);

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiTokenError {
    /// Nothing, or only blanks.
    #[error("the API token is empty; give it a long random text, or leave it out to switch the API off")]
    Empty,
    /// The placeholder of the sample config.
    #[error(
        "the API token is still {PLACEHOLDER:?} of the sample; give it a long random text, or leave it out to switch the API off"
    )]
    Placeholder,
    /// A character that a header cannot carry.
    #[error("the API token has a blank or a character beyond ASCII in it; a header cannot carry that")]
    NotPrintable,
}

impl ApiToken {
    /// Takes a token from the config.
    ///
    /// # Errors
    /// [`ApiTokenError`] when it would let in everyone or no one.
    pub fn new(text: &str) -> Result<Self, ApiTokenError> {
        if text.trim().is_empty() {
            return Err(ApiTokenError::Empty);
        }
        if text.trim() == PLACEHOLDER || text.trim() == "..." {
            return Err(ApiTokenError::Placeholder);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiTokenError::NotPrintable);
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    /// Whether this is it. The time taken says nothing of where they differ: hashes are compared, all of them.
    pub fn is(&self, offered: &str) -> bool {
        let offered: [u8; 32] = Sha256::digest(offered).into();
        self.0.ct_eq(&offered).into()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_none_is_refused() {
        for (text, error) in [
            ("", ApiTokenError::Empty),
            (" \n", ApiTokenError::Empty),
            ("…", ApiTokenError::Placeholder),
            ("two words", ApiTokenError::NotPrintable),
            ("ключ", ApiTokenError::NotPrintable),
        ] {
            assert_eq!(ApiToken::new(text).err(), Some(error), "{text:?}");
        }
    }

    #[test]
    fn only_the_token_itself_is_it_and_it_is_never_shown() {
        let token = ApiToken::new("s3cret").unwrap();
        assert!(token.is("s3cret"));
        assert!(!token.is("s3cre") && !token.is("s3crets") && !token.is(""));
        assert_eq!(format!("{token:?}"), "ApiToken(redacted)");
    }
}
