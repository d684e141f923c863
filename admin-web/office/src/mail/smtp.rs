//! Letters over SMTP, one connection a letter.

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::Semaphore;

use super::email::Email;
use super::error::MailError;
use super::letter::{Letter, LetterError, is_line_end, mailbox};

/// How long a person waits for a page that sends a letter, the wait for a free connection included.
pub const SEND_DEADLINE: Duration = Duration::from_secs(20);

/// Letters under way at once. Mail servers bound connections from one address, many at ten.
const SENDING_MAX: usize = 4;

/// Replies that speak of the recipient: no such mailbox, not here, name not allowed, domain takes no mail.
const ADDRESS_REPLIES: [u16; 4] = [550, 551, 553, 556];

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain first, TLS before anything is said; usually port 587.
    StartTls,
    /// TLS from the first byte; usually port 465.
    Tls,
    /// Never: for a server on this machine.
    None,
}

/// Who we are to the server. Its `Debug` shows neither.
#[derive(Clone)]
pub struct SmtpLogin {
    /// The name to log in with.
    pub user: String,
    /// The password that goes with it.
    pub password: String,
}

/// A mail server and the sender of letters.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Its name, which its certificate must have, or its IP address.
    pub host: String,
    /// The port that it listens on.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Login, where it wants one.
    pub login: Option<SmtpLogin>,
    /// Whom letters are from.
    pub from: Email,
    /// What mail programs show instead of that address.
    pub from_name: Option<String>,
    /// How long one letter may take; [`SEND_DEADLINE`] unless there is a reason.
    pub deadline: Duration,
}

/// Why letters cannot be sent with such a config.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// The sender's address or name cannot stand in a letter.
    #[error("the sender of letters is not usable: {0}")]
    From(LetterError),
    /// The password would be readable on the way.
    #[error("mail host {0:?} would get the password in the open; use tls = \"starttls\" or \"tls\"")]
    PasswordInTheOpen(String),
    /// TLS cannot be set up.
    #[error(
        "TLS to mail host {host:?} cannot be set up; check the name and this machine's root certificates"
    )]
    Tls {
        /// The host of the config.
        host: String,
        /// What the library says.
        #[source]
        source: lettre::transport::smtp::Error,
    },
}

/// A mail server that letters go to.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    slots: Semaphore,
    deadline: Duration,
}

impl Smtp {
    /// Makes ready to send; nothing is connected yet.
    ///
    /// # Errors
    /// [`SmtpConfigError`] where no letter could ever be sent so.
    pub fn new(config: SmtpConfig) -> Result<Self, SmtpConfigError> {
        let SmtpConfig { host, port, tls, login, from, from_name, deadline } = config;
        if from_name.as_deref().is_some_and(|name| name.chars().any(is_line_end)) {
            return Err(SmtpConfigError::From(LetterError::Subject));
        }
        let from = mailbox(&from, from_name).map_err(SmtpConfigError::From)?;
        if login.is_some() && tls == SmtpTls::None && !is_this_machine(&host) {
            return Err(SmtpConfigError::PasswordInTheOpen(host));
        }
        let parameters = || {
            TlsParameters::new(host.clone())
                .map_err(|source| SmtpConfigError::Tls { host: host.clone(), source })
        };
        let tls = match tls {
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.as_str())
            .port(port)
            .tls(tls)
            .timeout(Some(deadline));
        if let Some(SmtpLogin { user, password }) = login {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from, slots: Semaphore::new(SENDING_MAX), deadline })
    }

    /// Sends a letter that was checked.
    pub(super) async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = letter.compose(&self.from)?;
        let started = Instant::now();
        let sent = tokio::time::timeout(self.deadline, async {
            // The semaphore is never closed; if it were, the letter would go without its bound, not be lost.
            let _slot = self.slots.acquire().await.ok();
            self.transport.send(message).await
        });
        let outcome = match sent.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(told(error, self.deadline)),
            Err(_) => Err(MailError::TooSlow(self.deadline.as_millis())),
        };
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(()) => tracing::info!(duration_ms, "a letter was taken by the mail server"),
            Err(error) => {
                let cause = std::error::Error::source(error).map(tracing::field::display);
                tracing::warn!(duration_ms, %error, cause, "a letter was not sent");
            }
        }
        outcome
    }
}

/// Whether nobody listens on the way to a host.
fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What a failure means. The text of a reply is dropped: servers repeat the address in it.
fn told(error: lettre::transport::smtp::Error, deadline: Duration) -> MailError {
    match error.status().map(u16::from) {
        Some(code) if ADDRESS_REPLIES.contains(&code) => MailError::AddressRefused { code },
        Some(code) if error.is_permanent() => MailError::Refused { code },
        Some(code) => MailError::PutOff { code },
        None if error.is_timeout() => MailError::TooSlow(deadline.as_millis()),
        None => MailError::Unreachable(error),
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpLogin(redacted)")
    }
}
