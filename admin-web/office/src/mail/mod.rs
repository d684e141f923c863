//! Letters: over SMTP, or into a sink whose letters are read at a page.
//!
//! Whoever writes a letter gives subject and text; nothing here knows what letters say. Addresses are personal data:
//! no error and no log shows them.

mod email;
mod error;
mod letter;
mod sink;
mod smtp;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ofd_protocol::types::UnixMillis;

pub use email::{Email, EmailError};
pub use error::MailError;
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
