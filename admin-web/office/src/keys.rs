//! The site's own secret key, and what is made with it: CSRF tokens and marks on challenges.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A key that all processes over one store share.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteKey")
    }
}

impl SiteKey {
    /// The key that a store keeps for its site.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A key for another purpose, which tells nothing of this one.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        mac.update(b"derived key\0");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A mark that only this key makes, over parts that cannot be shifted into each other.
    pub fn mark(&self, purpose: &str, parts: &[&str]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// Compares in a time that tells nothing of where texts differ.
pub fn same(a: &str, b: &str) -> bool {
    !a.is_empty() && bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}

/// SHA-256 of a secret in hex: how secrets of cookies and letters are kept.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Drawn bytes as text for cookies and links.
pub fn text_of(drawn: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_key_purpose_and_every_part() {
        let key = SiteKey::new([1; 32]);
        let mark = key.mark("csrf", &["ab", "c"]);
        assert_eq!(mark, key.mark("csrf", &["ab", "c"]));
        assert_eq!(mark.len(), 43);
        assert_ne!(mark, key.mark("csrf", &["a", "bc"]));
        assert_ne!(mark, key.mark("visit", &["ab", "c"]));
        assert_ne!(mark, SiteKey::new([2; 32]).mark("csrf", &["ab", "c"]));
    }

    #[test]
    fn a_derived_key_depends_on_key_and_purpose() {
        let derived = |key, purpose| SiteKey::new([key; 32]).derived(purpose);
        assert_eq!(derived(1, "a"), derived(1, "a"));
        assert_ne!(derived(1, "a"), derived(1, "b"));
        assert_ne!(derived(1, "a"), derived(2, "a"));
        assert_ne!(derived(1, "a"), [1; 32]);
    }

    #[test]
    fn nothing_is_the_same_as_nothing() {
        assert!(same("a", "a") && !same("a", "b") && !same("a", "aa"));
        assert!(!same("", ""), "a missing token must never match a missing one");
    }
}
