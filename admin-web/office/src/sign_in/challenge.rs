//! The text that is signed to sign in: readable, for this site only, good once and for some minutes.
//!
//! Nothing is stored for it. The page carries a sealed statement of what the text is made of, and the text is made again
//! from that when the signature comes: so the bytes that count are ours, never those of the form.

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::keys::text_of;
use crate::signatures::moment_of;

/// From the page to the signature: time to find the key and type its password.
const CHALLENGE_FOR_MS: u64 = 5 * 60 * 1000;

/// The same on a phone: time to find it, to open the app and to read what is signed.
const CHALLENGE_BY_PHONE_FOR_MS: u64 = crate::phone_signing::SIGNING_FOR_MS;

/// How every challenge begins, and no document may.
const TITLE: &str = "ВХОД НА САЙТ ОФД · ФДО САЙТЫНА КІРУ · SIGN-IN TO THE OFD SITE";

/// How every challenge ends.
const NO_DOCUMENT: &str = "Это не документ: подпись подтверждает только вход на этот сайт.\n\
    Бұл құжат емес: қолтаңба тек осы сайтқа кіруді растайды.\n\
    This is not a document: the signature only confirms signing in to this site.\n";

/// Whether a text is one that people sign to sign in. Such a text is never taken for a document: whoever takes signed
/// documents asks here.
pub fn is_challenge(text: &[u8]) -> bool {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start().starts_with(TITLE.as_bytes())
}

/// What a challenge is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    at_ms: u64,
    #[serde(default = "usual_time")]
    for_ms: u64,
    /// 128 drawn bits.
    pub nonce: String,
}

/// A challenge of a process before this one does not say how long it holds.
fn usual_time() -> u64 {
    CHALLENGE_FOR_MS
}

impl Challenge {
    /// A challenge of drawn bits.
    pub fn new(drawn: [u8; 16], now: UnixMillis) -> Self {
        Self { at_ms: now.0, for_ms: CHALLENGE_FOR_MS, nonce: text_of(&drawn) }
    }

    /// One that is signed on a phone.
    pub fn by_phone(drawn: [u8; 16], now: UnixMillis) -> Self {
        Self { for_ms: CHALLENGE_BY_PHONE_FOR_MS, ..Self::new(drawn, now) }
    }

    /// Until when it holds.
    pub fn until(&self) -> UnixMillis {
        UnixMillis(self.at_ms.saturating_add(self.for_ms))
    }

    /// What is signed, byte by byte.
    pub fn text(&self, public_url: &str) -> String {
        let at = moment_of(UnixMillis(self.at_ms));
        format!("{TITLE}\n{public_url}\n{at}\n{}\n\n{NO_DOCUMENT}", self.nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_769_083_758_000);

    #[test]
    fn a_challenge_says_where_when_and_that_it_is_no_document() {
        let text = Challenge::new([7; 16], NOW).text("https://ofd.example");
        for part in
            ["https://ofd.example\n", "2026-01-22T12:09:18Z\n", "BwcHBwcHBwcHBwcHBwcHBw\n", "не документ"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_ne!(text, Challenge::new([8; 16], NOW).text("https://ofd.example"));
        assert_ne!(text, Challenge::new([7; 16], NOW).text("https://other.example"));
    }

    #[test]
    fn no_challenge_passes_for_a_document() {
        let text = Challenge::new([7; 16], NOW).text("https://ofd.example");
        assert!(is_challenge(text.as_bytes()));
        assert!(is_challenge(format!("\u{feff}\n {text}").as_bytes()));
        assert!(!is_challenge(b"Contract No. 1") && !is_challenge(b""));
    }
}
