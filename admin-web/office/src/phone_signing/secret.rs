//! The secret of a signing session: who has it may read what is to be signed, and sign it.

use sha2::{Digest, Sha256};

use crate::keys::{SiteKey, same, text_of};

/// Characters of the mark behind the drawn part: 96 bits.
const MARK_LEN: usize = 16;

/// What separates both. It needs no escape in addresses.
const BETWEEN: char = '.';

/// 32 drawn bytes with a mark of this site, which tells strangers' guesses from ours without a look into the store.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneSecret(String);

impl std::fmt::Debug for PhoneSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneSecret")
    }
}

impl PhoneSecret {
    /// A fresh one.
    pub(super) fn new(key: &SiteKey, drawn: [u8; 32]) -> Self {
        let drawn = text_of(&drawn);
        let mark = mark(key, &drawn);
        Self(format!("{drawn}{BETWEEN}{mark}"))
    }

    /// A text that [`is_ours`].
    pub fn read(key: &SiteKey, text: &str) -> Option<Self> {
        is_ours(key, text).then(|| Self(text.to_owned()))
    }

    /// As it stands in addresses.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Four digits that page and phone both show: who finds another number on the phone has not this page's request.
    pub fn code(&self) -> String {
        let [first, second, ..] = self.digest();
        format!("{:04}", u16::from_be_bytes([first, second]) % 10_000)
    }

    /// Below which its notes lie. Who reads the store learns no secret.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

fn mark(key: &SiteKey, drawn: &str) -> String {
    key.mark("phone signing", &[drawn]).chars().take(MARK_LEN).collect()
}

/// Whether this site made a text, be its time over or not.
pub fn is_ours(key: &SiteKey, text: &str) -> bool {
    let Some((drawn, said)) = text.split_once(BETWEEN) else { return false };
    drawn.len() == 43 && said.len() == MARK_LEN && same(said, &mark(key, drawn))
}
