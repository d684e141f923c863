//! The text that is signed to sign in: readable, for this site only, good once and for some minutes.
//!
//! Nothing is stored for it. The page carries a sealed statement of what the text is made of, and the text is made again
//! from that when the signature comes: so the bytes that count are ours, never those of the form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_eds::Stage;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::cabinet::{Ask, Failure, text_of};
use crate::people::sealed::{SealKind, seal};
use crate::site::Site;
use ofd_office::signatures::moment_of;

/// From the page to the signature: time to find the key and type its password.
pub(crate) const CHALLENGE_FOR_MS: u64 = 5 * 60 * 1000;

/// How every challenge begins, and no document may.
const TITLE: &str = "ВХОД НА САЙТ ОФД · ФДО САЙТЫНА КІРУ · SIGN-IN TO THE OFD SITE";

/// How every challenge ends.
const NO_DOCUMENT: &str = "Это не документ: подпись подтверждает только вход на этот сайт.\n\
    Бұл құжат емес: қолтаңба тек осы сайтқа кіруді растайды.\n\
    This is not a document: the signature only confirms signing in to this site.\n";

/// What keys for signing are marked with in certificates of the national CA (emailProtection). The one key that people
/// have today bears it, also for signing in.
const SIGNING_KEYS: &str = "1.3.6.1.5.5.7.3.4";

/// Whether a text is one that people sign to sign in. Such a text is never taken for a document.
#[allow(dead_code, reason = "pages that take signed documents ask it; there is none yet")]
pub(crate) fn is_challenge(text: &[u8]) -> bool {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start().starts_with(TITLE.as_bytes())
}

/// What a challenge is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    at_ms: u64,
    /// 128 drawn bits.
    pub(crate) nonce: String,
}

impl Challenge {
    pub(crate) fn new(drawn: [u8; 16], now: UnixMillis) -> Self {
        Self { at_ms: now.0, nonce: text_of(&drawn) }
    }

    /// Until when it holds.
    pub(crate) fn until(&self) -> UnixMillis {
        UnixMillis(self.at_ms.saturating_add(CHALLENGE_FOR_MS))
    }

    /// What is signed, byte by byte.
    pub(crate) fn text(&self, public_url: &str) -> String {
        let at = moment_of(UnixMillis(self.at_ms));
        format!("{TITLE}\n{public_url}\n{at}\n{}\n\n{NO_DOCUMENT}", self.nonce)
    }
}

/// What a page needs for having something signed.
pub(crate) struct Signing {
    /// Whether signatures can be checked at all.
    pub(crate) is_set_up: bool,
    /// Where the signature goes.
    pub(crate) action: &'static str,
    /// Where to go on afterwards.
    pub(crate) next: String,
    /// Whether who signs wants to sign up.
    pub(crate) is_sign_up: bool,
    /// Where the browser finds NCALayer.
    pub(crate) ncalayer: String,
    /// The challenge, sealed.
    pub(crate) sealed: String,
    /// Its text, as the script takes it.
    pub(crate) content: String,
    /// Of which CAs NCALayer offers keys.
    pub(crate) chain: &'static str,
    /// What keys must be for.
    pub(crate) oids: &'static str,
    /// Where the text is downloaded.
    pub(crate) download: String,
}

/// Draws a challenge for a page that has it signed.
pub(crate) async fn signing(
    site: &Site,
    ask: &Ask,
    action: &'static str,
    next: &str,
) -> Result<Signing, Failure> {
    let signatures = &site.office.signatures;
    let challenge = Challenge::new(site.office.drawn(), ask.now());
    let key = site.office.key().await?;
    let sealed = seal(&key, SealKind::Challenge, &ask.binding(), challenge.until(), &challenge);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("c", &sealed).finish();
    // A test stand has keys of test CAs, which NCALayer offers only when it is asked for any.
    let (chain, oids) = match signatures.stage() {
        Stage::Production => ("production", SIGNING_KEYS),
        Stage::Test => ("any", ""),
    };
    Ok(Signing {
        is_set_up: signatures.is_set_up(),
        action,
        next: next.to_owned(),
        is_sign_up: false,
        ncalayer: site.config.people.ncalayer.clone(),
        content: STANDARD.encode(challenge.text(&site.config.public_url)),
        sealed,
        chain,
        oids,
        download: format!("/login/challenge?{query}"),
    })
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
