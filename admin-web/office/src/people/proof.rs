//! What a letter carries to prove that it was read: the secret of a link, and a short code that can be typed.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::Proof;

use crate::keys::{digest, same, text_of};

/// Bytes that a proof is drawn from: 32 for the link, one for each character of the code.
pub const DRAWN_LEN: usize = 32 + CODE_LEN;

/// Characters of a code: a billion of them, tried [`TRIES_MAX`] times.
const CODE_LEN: usize = 6;

/// Wrong codes that a letter bears.
pub const TRIES_MAX: u32 = 5;

/// The next letter goes at the earliest after so long.
pub const PAUSE_MS: u64 = 60 * 1000;

/// A forgotten password is recovered within an hour of the letter.
pub const RECOVERY_FOR_MS: u64 = 60 * 60 * 1000;

/// An address is confirmed within two days: people read their letters after a weekend's beginning too.
pub const EMAIL_FOR_MS: u64 = 48 * 60 * 60 * 1000;

/// Of a code: 32 characters without those that look alike.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The secret of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(String);

/// A short code out of a letter, which can be typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl LinkSecret {
    /// As it stands in the link.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl Code {
    /// As it stands in the letter.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkSecret")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code")
    }
}

/// A proof to keep, with what the letter carries.
pub fn make(drawn: [u8; DRAWN_LEN], now: UnixMillis, lifetime_ms: u64) -> (Proof, LinkSecret, Code) {
    let (link, code) = drawn.split_at(32);
    let link = LinkSecret(text_of(link));
    let code = Code(code_of(code));
    let proof = Proof {
        link_hash: digest(&link.0),
        code_hash: digest(&code.0),
        expires_at: UnixMillis(now.0.saturating_add(lifetime_ms)),
        tries_left: TRIES_MAX,
        sent_at: now,
    };
    (proof, link, code)
}

/// Characters of the alphabet for drawn bytes. 32 divides 256, so that each is as likely as the others.
pub fn code_of(drawn: &[u8]) -> String {
    drawn.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from)).collect()
}

/// How a link or a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the one of the letter.
    Good,
    /// It is not.
    Wrong,
    /// The letter is too old.
    Expired,
    /// Too many wrong codes were typed; the link still holds.
    Spent,
}

/// Judges a link's secret.
pub fn check_link(proof: &Proof, secret: &str, now: UnixMillis) -> Checked {
    if !same(&proof.link_hash, &digest(secret)) {
        Checked::Wrong
    } else if now >= proof.expires_at {
        Checked::Expired
    } else {
        Checked::Good
    }
}

/// Judges a typed code and says what is left of the proof; that has to be kept.
pub fn check_code(proof: &Proof, typed: &str, now: UnixMillis) -> (Proof, Checked) {
    if now >= proof.expires_at {
        return (proof.clone(), Checked::Expired);
    }
    if proof.tries_left == 0 {
        return (proof.clone(), Checked::Spent);
    }
    if same(&proof.code_hash, &digest(&as_meant(typed))) {
        return (proof.clone(), Checked::Good);
    }
    let tries_left = proof.tries_left.saturating_sub(1);
    let checked = if tries_left == 0 { Checked::Spent } else { Checked::Wrong };
    (Proof { tries_left, ..proof.clone() }, checked)
}

/// A code as people type it: in small letters, with blanks, with Cyrillic letters that look the same.
pub fn as_meant(typed: &str) -> String {
    let upper =
        typed.chars().flat_map(char::to_uppercase).filter(|char| !char.is_whitespace() && *char != '-');
    upper
        .map(|char| match char {
            'А' => 'A',
            'В' => 'B',
            'С' => 'C',
            'Е' => 'E',
            'Н' => 'H',
            'К' => 'K',
            'М' => 'M',
            'Р' => 'P',
            'Т' => 'T',
            'У' | 'Ү' => 'Y',
            'Х' => 'X',
            other => other,
        })
        .collect()
}

/// How long to wait before the next letter; none when it may go now. `pause_ms` is at least [`PAUSE_MS`].
pub fn wait_before_next(last: Option<UnixMillis>, pause_ms: u64, now: UnixMillis) -> Option<u64> {
    let passed = now.since(last?);
    pause_ms.checked_sub(passed).filter(|left| *left > 0)
}

/// So many letters a day go a minute apart; who needs more has to wait longer, since then somebody else's mailbox may
/// be what is aimed at.
pub const LETTERS_A_DAY: usize = 5;

/// The pause from then on. The way to a password is never closed for a day, whoever asked before.
pub const LONG_PAUSE_MS: u64 = 15 * 60 * 1000;

/// What is counted as a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The newest letters of the last day with one that goes now, no more of them than matter to the pause; an error says
/// how long in milliseconds it has to wait. They are kept beside the address itself: neither other changes nor the end
/// of what a letter carried shortens the pause.
///
/// # Errors
/// So many milliseconds are left to wait.
pub fn add_letter(letters: &[UnixMillis], now: UnixMillis) -> Result<Vec<UnixMillis>, u64> {
    let mut today: Vec<UnixMillis> = letters.iter().copied().filter(|at| now.since(*at) < DAY_MS).collect();
    let pause_ms = if today.len() < LETTERS_A_DAY { PAUSE_MS } else { LONG_PAUSE_MS };
    if let Some(left) = wait_before_next(today.last().copied(), pause_ms, now) {
        return Err(left);
    }
    today.push(now);
    let old = today.len().saturating_sub(LETTERS_A_DAY);
    Ok(today.split_off(old))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const HOUR: u64 = RECOVERY_FOR_MS;

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    fn made() -> (Proof, LinkSecret, Code) {
        make(std::array::from_fn(|index| index as u8), NOW, HOUR)
    }

    #[test]
    fn the_letter_is_recognised_by_its_link_until_it_is_too_old() {
        let (proof, link, _) = made();
        assert_eq!(check_link(&proof, link.text(), later(HOUR - 1)), Checked::Good);
        assert_eq!(check_link(&proof, link.text(), later(HOUR)), Checked::Expired);
        assert_eq!(check_link(&proof, "", NOW), Checked::Wrong);
        let (_, other, _) = make([9; DRAWN_LEN], NOW, HOUR);
        assert_eq!(check_link(&proof, other.text(), NOW), Checked::Wrong);
        assert_eq!(check_link(&proof, &proof.link_hash, NOW), Checked::Wrong, "what is kept opens nothing");
    }

    #[test]
    fn neither_link_nor_code_is_kept_or_printed() {
        let (proof, link, code) = made();
        let kept = serde_json::to_string(&proof).unwrap();
        assert!(!kept.contains(link.text()) && !kept.contains(code.text()));
        assert_eq!(format!("{link:?} {code:?}"), "LinkSecret Code");
        assert!(link.text().len() >= 43, "256 bits");
    }

    #[test]
    fn a_code_has_six_characters_none_of_which_looks_like_another() {
        let (_, _, code) = made();
        assert_eq!(code.text().len(), CODE_LEN);
        let mut characters = ALPHABET.to_vec();
        characters.sort_unstable();
        characters.dedup();
        assert_eq!(characters.len(), 32);
        assert!(!characters.iter().any(|char| b"IO01".contains(char)));
    }

    #[test]
    fn a_code_may_be_typed_as_people_type() {
        let (mut proof, _, _) = made();
        proof.code_hash = digest("ABCXY7");
        for typed in ["ABCXY7", "abcxy7", " abc xy7 ", "ABC-XY7", "авсху7"] {
            assert_eq!(check_code(&proof, typed, NOW).1, Checked::Good, "{typed}");
        }
        assert_eq!(check_code(&proof, "ABCXY8", NOW).1, Checked::Wrong);
        assert_eq!(check_code(&proof, "", NOW).1, Checked::Wrong);
    }

    #[test]
    fn a_code_is_tried_five_times_at_most() {
        let (mut proof, link, code) = made();
        for expected in [Checked::Wrong, Checked::Wrong, Checked::Wrong, Checked::Wrong, Checked::Spent] {
            let (after, checked) = check_code(&proof, "222222", NOW);
            assert_eq!(checked, expected);
            proof = after;
        }
        assert_eq!(check_code(&proof, code.text(), NOW).1, Checked::Spent, "even the right one");
        assert_eq!(check_link(&proof, link.text(), NOW), Checked::Good, "the link cannot be guessed");
    }

    #[test]
    fn an_old_code_is_no_try() {
        let (proof, _, code) = made();
        let (after, checked) = check_code(&proof, code.text(), later(HOUR));
        assert_eq!(checked, Checked::Expired);
        assert!(after == proof);
    }

    #[test]
    fn letters_go_a_minute_apart() {
        assert_eq!(wait_before_next(None, PAUSE_MS, NOW), None);
        assert_eq!(wait_before_next(Some(NOW), PAUSE_MS, NOW), Some(PAUSE_MS));
        assert_eq!(wait_before_next(Some(NOW), PAUSE_MS, later(PAUSE_MS - 1)), Some(1));
        assert_eq!(wait_before_next(Some(NOW), PAUSE_MS, later(PAUSE_MS)), None);
    }
}
