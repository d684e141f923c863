//! Addresses of letters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest address that SMTP carries (RFC 5321, 4.5.3.1.3, less the angle brackets).
const LENGTH_MAX: usize = 254;

/// The longest part before the at sign (RFC 5321, 4.5.3.1.1).
const LOCAL_MAX: usize = 64;

/// The longest part of a domain between dots (RFC 1035).
const LABEL_MAX: usize = 63;

/// Characters besides letters and digits that people have before the at sign.
const LOCAL_SIGNS: &[u8] = b"!#$%&'*+/=?^_`{|}~-.";

/// An e-mail address in the form people use: no comments, no quotes, no bare hosts. The domain is in small letters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was written.
    #[error("the e-mail address is empty; write one as name@example.kz")]
    Empty,
    /// Too long for SMTP.
    #[error(
        "the e-mail address is longer than {LENGTH_MAX} characters, or than {LOCAL_MAX} before @; shorten it"
    )]
    TooLong,
    /// No at sign, or more than one.
    #[error("an e-mail address has one @ in it; write one as name@example.kz")]
    At,
    /// Something that addresses do not have: a blank, a letter that is not Latin, a bracket.
    #[error("the e-mail address has {0:?} in it; it takes Latin letters, digits, and dots that stand alone")]
    Character(char),
    /// A dot at an end, or two in a row.
    #[error("the e-mail address has a dot at an end, or two in a row; correct it")]
    Dot,
    /// What is after the at sign is no domain.
    #[error("what is after @ in the e-mail address is no domain; write one as example.kz")]
    Domain,
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl Email {
    /// Reads an address as somebody typed it; blanks around it are forgiven.
    ///
    /// # Errors
    /// [`EmailError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > LENGTH_MAX {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::At)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailError::At);
        }
        local_part(local)?;
        domain_part(domain)?;
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address as it is written to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as accounts are told apart: nobody has two of them that differ in capitals alone.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The address for somebody who knows it, and for nobody else: `a***@example.kz`.
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        let domain = self.0.split_once('@').map_or("", |(_, domain)| domain);
        format!("{first}***@{domain}")
    }
}

fn local_part(local: &str) -> Result<(), EmailError> {
    if local.len() > LOCAL_MAX {
        return Err(EmailError::TooLong);
    }
    let is_right = |letter: &char| u8::try_from(*letter).is_ok_and(|byte| LOCAL_SIGNS.contains(&byte));
    if let Some(wrong) = local.chars().find(|letter| !letter.is_ascii_alphanumeric() && !is_right(letter)) {
        return Err(EmailError::Character(wrong));
    }
    if local.split('.').any(str::is_empty) { Err(EmailError::Dot) } else { Ok(()) }
}

fn domain_part(domain: &str) -> Result<(), EmailError> {
    let is_right = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    if let Some(wrong) = domain.chars().find(|letter| !is_right(*letter)) {
        return Err(EmailError::Character(wrong));
    }
    let labels: Vec<&str> = domain.split('.').collect();
    if labels.iter().any(|label| label.is_empty()) {
        return Err(EmailError::Dot);
    }
    let is_label =
        |label: &&str| label.len() <= LABEL_MAX && !label.starts_with('-') && !label.ends_with('-');
    // A domain of one label is a host of somebody's own network, one that ends in a digit is a bare IP address.
    let has_name = labels
        .last()
        .is_some_and(|last| last.len() > 1 && last.starts_with(|c: char| c.is_ascii_alphabetic()));
    if labels.len() > 1 && labels.iter().all(is_label) && has_name { Ok(()) } else { Err(EmailError::Domain) }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_have_them_are_taken() {
        for (typed, kept) in [
            ("aigul@example.kz", "aigul@example.kz"),
            ("  Aigul.S+cash@Mail.Example.KZ ", "Aigul.S+cash@mail.example.kz"),
            ("o'neil_1@sub-domain.example.com", "o'neil_1@sub-domain.example.com"),
            ("a@xn--80ao21a.xn--80ao21a", "a@xn--80ao21a.xn--80ao21a"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        use EmailError::*;
        for (typed, why) in [
            ("", Empty),
            ("   ", Empty),
            ("aigul", At),
            ("@example.kz", At),
            ("aigul@", At),
            ("a@b@example.kz", At),
            ("айгүл@example.kz", Character('а')),
            ("ai gul@example.kz", Character(' ')),
            ("aigul@exa mple.kz", Character(' ')),
            ("a@example.kz\r\nBcc: b@example.kz", At),
            ("a@example.kz\r\nX: y", Character('\r')),
            ("\"a\"@example.kz", Character('"')),
            ("a<b>@example.kz", Character('<')),
            ("a@[127.0.0.1]", Character('[')),
            (".a@example.kz", Dot),
            ("a..b@example.kz", Dot),
            ("a@example..kz", Dot),
            ("a@example.kz.", Dot),
            ("a@localhost", Domain),
            ("a@127.0.0.1", Domain),
            ("a@-example.kz", Domain),
            ("a@example.k", Domain),
        ] {
            assert_eq!(Email::parse(typed), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn length_is_bounded_where_smtp_bounds_it() {
        assert!(Email::parse(&format!("{}@example.kz", "a".repeat(64))).is_ok());
        assert_eq!(Email::parse(&format!("{}@example.kz", "a".repeat(65))), Err(EmailError::TooLong));
        let domain =
            format!("{}.kz", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
        assert!(Email::parse(&format!("abcdef@{domain}")).is_ok());
        assert_eq!(Email::parse(&format!("abcdefgh@{domain}")), Err(EmailError::TooLong));
        assert_eq!(Email::parse(&format!("a@{}.kz", "b".repeat(64))), Err(EmailError::Domain));
    }

    #[test]
    fn accounts_do_not_tell_capitals_apart_and_logs_show_nothing() {
        let email = Email::parse("Aigul@Example.kz").unwrap();
        assert_eq!(email.key(), Email::parse("aigul@example.kz").unwrap().key());
        assert_eq!(email.masked(), "A***@example.kz");
        assert_eq!(format!("{email:?}"), "Email(redacted)");
    }
}
