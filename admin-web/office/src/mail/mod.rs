//! Letters: over SMTP, or into a sink whose letters are read at a page.
//!
//! Whoever writes a letter gives subject and text; nothing here knows what letters say. Addresses are personal data:
//! no error and no log shows them.

mod email;
mod letter;
mod sink;
mod smtp;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ofd_protocol::types::UnixMillis;

pub use email::{Email, EmailError};
pub use letter::{Letter, LetterError};
pub use sink::{Sink, SunkLetter};
pub use smtp::{SEND_DEADLINE, Smtp, SmtpConfig, SmtpConfigError, SmtpLogin, SmtpTls};

/// What sends letters.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// A mail server.
    Smtp(Arc<Smtp>),
    /// No server: letters stay here to be read, for the demo and for tests.
    Sink(Arc<Sink>),
    /// No letters at all.
    Off,
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Sending is switched off.
    #[error("no mail is sent here; give the config a mail server")]
    Off,
    /// The letter cannot be sent by anyone.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The server knows that nobody has this address, or takes nothing for it. Another try changes nothing.
    #[error("the mail server refuses the address with {code}; the address has to be corrected")]
    AddressRefused {
        /// Its reply.
        code: u16,
    },
    /// The server refuses us or the letter for another reason: login, sender, policy.
    #[error("the mail server refuses the letter with {code}; check login, sender and the server's log")]
    Refused {
        /// Its reply.
        code: u16,
    },
    /// The server asks to come again later.
    #[error("the mail server puts the letter off with {code}; try again later")]
    PutOff {
        /// Its reply.
        code: u16,
    },
    /// The server cannot be reached, or breaks off.
    #[error("the mail server is not reached; check host, port and TLS, then try again")]
    Unreachable(#[source] lettre::transport::smtp::Error),
    /// The server took too long.
    #[error("the mail server did not take the letter within {0} ms; try again later")]
    TooSlow(u128),
}

impl MailError {
    /// Whether the address itself is to blame, so that only another address helps.
    pub fn is_of_the_address(&self) -> bool {
        match self {
            Self::AddressRefused { .. } => true,
            Self::Off
            | Self::Letter(_)
            | Self::Refused { .. }
            | Self::PutOff { .. }
            | Self::Unreachable(_)
            | Self::TooSlow(_) => false,
        }
    }

    /// Whether the same letter may go through later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::PutOff { .. } | Self::Unreachable(_) | Self::TooSlow(_) => true,
            Self::Off | Self::Letter(_) | Self::AddressRefused { .. } | Self::Refused { .. } => false,
        }
    }
}

impl Mailer {
    /// Sends one letter, and waits until the server has taken it.
    ///
    /// # Errors
    /// [`MailError`]; a server that takes a letter may still lose it, and one that is too slow may still have taken it.
    pub async fn send(&self, letter: Letter) -> Result<(), MailError> {
        letter.check()?;
        match self {
            Self::Smtp(smtp) => smtp.send(&letter).await,
            Self::Sink(sink) => {
                let sink = Arc::clone(sink);
                // It may write a file. A letter that could not be kept, since the process ends, nobody reads either.
                let _ = tokio::task::spawn_blocking(move || sink.put(letter, now())).await;
                Ok(())
            }
            Self::Off => Err(MailError::Off),
        }
    }

    /// The letters that were not sent to anybody. `None` where letters are really sent, or none are.
    pub fn sink(&self) -> Option<&Sink> {
        match self {
            Self::Sink(sink) => Some(sink),
            Self::Smtp(_) | Self::Off => None,
        }
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
