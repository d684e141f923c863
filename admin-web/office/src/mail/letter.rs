//! A letter: whom to, subject, text.

use std::fmt;

use lettre::Message;
use lettre::address::Address;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};

use super::email::Email;

/// The longest subject. Mail programs show fewer characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// The longest text. Letters are a few lines with a link or a code.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A letter in plain text. Subject and text may hold names and codes, so neither is in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Whom it goes to.
    pub to: Email,
    /// Its subject, in one line.
    pub subject: String,
    /// The text, in lines.
    pub text: String,
}

/// Why a letter is not sent, whoever would send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// No subject or no text.
    #[error("the letter has no subject or no text; give it both")]
    Empty,
    /// A line break or another control character in the subject: it would begin a header of the writer's choice.
    #[error("the subject of the letter has a line break or a control character; it is one line")]
    Subject,
    /// A control character in the text other than line breaks and tabs.
    #[error("the text of the letter has a control character; write lines of text")]
    Text,
    /// Longer than letters are.
    #[error(
        "the subject is longer than {SUBJECT_CHARS_MAX} characters or the text than {TEXT_BYTES_MAX} bytes; shorten it"
    )]
    TooLong,
    /// The mail library does not take the address.
    #[error("the address is not taken by the mail library; correct it")]
    Address,
}

impl Letter {
    /// Whether it can be sent at all.
    pub(super) fn check(&self) -> Result<(), LetterError> {
        if self.subject.trim().is_empty() || self.text.trim().is_empty() {
            return Err(LetterError::Empty);
        }
        if self.subject.chars().count() > SUBJECT_CHARS_MAX || self.text.len() > TEXT_BYTES_MAX {
            return Err(LetterError::TooLong);
        }
        if self.subject.chars().any(is_line_end) {
            return Err(LetterError::Subject);
        }
        let is_layout = |letter: char| matches!(letter, '\n' | '\r' | '\t');
        if self.text.chars().any(|letter| letter.is_control() && !is_layout(letter)) {
            return Err(LetterError::Text);
        }
        Ok(())
    }

    /// The letter as it goes over the wire.
    pub(super) fn compose(&self, from: &Mailbox) -> Result<Message, LetterError> {
        let to = mailbox(&self.to, None)?;
        // RFC 3834: no absence notes in answer to it.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(from.clone())
            .to(to)
            .subject(self.subject.clone())
            .message_id(None)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(self.text.clone())
            .map_err(|_| LetterError::Address)
    }
}

/// What ends a line in some mail program: control characters, and the two separators of Unicode.
pub(super) fn is_line_end(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// An address as the mail library has it.
pub(super) fn mailbox(email: &Email, name: Option<String>) -> Result<Mailbox, LetterError> {
    let address: Address = email.as_str().parse().map_err(|_| LetterError::Address)?;
    Ok(Mailbox::new(name, address))
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter(redacted)")
    }
}
