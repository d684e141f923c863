//! A place for letters that go nowhere: the demo shows them at a page, tests read codes from them.

use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::email::Email;
use super::letter::Letter;

/// The letters that are kept; older ones go. A demo never has as many at once.
pub(super) const LETTERS_MAX: usize = 200;

/// Letters, newest first: in memory, and where there is a file, there too.
#[derive(Default)]
pub struct Sink {
    kept: Mutex<Kept>,
    file: Option<PathBuf>,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    letters: VecDeque<SunkLetter>,
    next: u64,
}

/// A letter that nobody got.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SunkLetter {
    /// Its number, from 1; it stays while others come.
    pub number: u64,
    /// When it was written.
    pub at: UnixMillis,
    /// Whom it was for.
    pub to: Email,
    /// What it was about.
    pub subject: String,
    /// What it said.
    pub text: String,
}

impl Sink {
    /// With the letters of a file, which is made with the first one. Whoever restarts the site finds them again.
    ///
    /// # Errors
    /// The file is there and cannot be read, or holds no letters.
    pub fn in_file(file: PathBuf) -> io::Result<Self> {
        let kept = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { kept: Mutex::new(kept), file: Some(file) })
    }

    /// Keeps a letter. Where its file cannot be written it is read until the next restart all the same.
    pub(super) fn put(&self, letter: Letter, at: UnixMillis) {
        let Letter { to, subject, text } = letter;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next = kept.next.saturating_add(1);
        let number = kept.next;
        kept.letters.push_front(SunkLetter { number, at, to, subject, text });
        kept.letters.truncate(LETTERS_MAX);
        if let Some(file) = &self.file
            && let Err(error) = write(file, &kept)
        {
            warn!(%error, "{} cannot be written: {error}; its letters are lost at the next restart", file.display());
        }
    }

    /// All letters, newest first.
    pub fn letters(&self) -> Vec<SunkLetter> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).letters.iter().cloned().collect()
    }

    /// The letter of a number; `None` once newer ones have pushed it out.
    pub fn letter(&self, number: u64) -> Option<SunkLetter> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.letters.iter().find(|letter| letter.number == number).cloned()
    }
}

/// A whole file or none: a process may end at any moment.
fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut options = OpenOptions::new();
    let mut out = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    out.write_all(&serde_json::to_vec(kept)?)?;
    fs::rename(new, file)
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
