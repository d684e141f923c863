//! A place for letters that go nowhere: the demo shows them at a page, tests read codes from them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ofd_protocol::types::UnixMillis;

use super::email::Email;
use super::letter::Letter;

/// The letters that are kept; older ones go. A demo never has as many at once.
pub(super) const LETTERS_MAX: usize = 200;

/// Letters in memory, newest first.
#[derive(Default)]
pub struct Sink(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    letters: VecDeque<SunkLetter>,
    next: u64,
}

/// A letter that nobody got.
#[derive(Clone, PartialEq, Eq)]
pub struct SunkLetter {
    /// Its number, from 1; it stays while others come.
    pub number: u64,
    /// When it was written.
    pub at: UnixMillis,
    /// Whom it was for.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

impl Sink {
    /// Keeps a letter.
    pub(super) fn put(&self, letter: Letter, at: UnixMillis) {
        let Letter { to, subject, text } = letter;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next = kept.next.saturating_add(1);
        let number = kept.next;
        kept.letters.push_front(SunkLetter { number, at, to, subject, text });
        kept.letters.truncate(LETTERS_MAX);
    }

    /// All letters, newest first.
    pub fn letters(&self) -> Vec<SunkLetter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).letters.iter().cloned().collect()
    }

    /// One letter.
    pub fn letter(&self, number: u64) -> Option<SunkLetter> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.letters.iter().find(|letter| letter.number == number).cloned()
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl fmt::Debug for SunkLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SunkLetter({}, redacted)", self.number)
    }
}
