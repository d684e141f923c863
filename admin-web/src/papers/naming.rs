//! What papers are called.

use ofd_storage::accounts::Paper;

use crate::vocabulary::Word;
use crate::words::Words;

/// The kind of a paper, and its number in its organisation.
pub(super) fn called(words: &Words<'_>, bin: &str, paper: &Paper) -> String {
    format!("{}, {bin}-{}", paper.kind.text(words), paper.number)
}
