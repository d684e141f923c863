//! Signing in: signatures, letters, and who administers.

use std::path::{Path, PathBuf};

use ofd_admin_web::mail::{Email, SEND_DEADLINE, Smtp, SmtpConfig, SmtpLogin, SmtpTls};
use ofd_admin_web::signatures::{RevocationPolicy, SignaturesConfig};
use serde::Deserialize;

use super::Secret;
use super::problems::Problem;

/// Whom signatures are believed, and how it is learned that a certificate was revoked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureChecks {
    /// A trust directory, as `ofd verify-signature` takes it.
    pub trust: PathBuf,
    /// OCSP responders, each asked when those before it gave no answer.
    #[serde(default)]
    pub ocsp: Vec<String>,
    /// Revocation lists, full ones and deltas.
    #[serde(default)]
    pub crls: Vec<String>,
    /// Time stampers for papers whose signature came without a time stamp, each asked when those before it gave none.
    #[serde(default)]
    pub tsa: Vec<String>,
    /// What proves at a login that a certificate is not revoked.
    #[serde(default)]
    pub revocation: RevocationPolicy,
}

impl SignatureChecks {
    /// As the site takes it.
    pub fn to_site(&self) -> SignaturesConfig {
        let Self { trust, ocsp, crls, tsa, revocation } = self.clone();
        SignaturesConfig { trust, ocsp, crls, tsa, revocation }
    }
}

/// How letters are sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mail {
    /// Through a mail server.
    Smtp(Box<MailServer>),
    /// Not at all: anybody can read them at /demo/letters. For trying the site out.
    Sink {
        /// A file that keeps them over a restart; absent: none.
        #[serde(default)]
        file: Option<PathBuf>,
    },
}

/// A mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// The name it is reached by, as its certificate has it.
    pub host: String,
    /// Its port; by the kind of TLS when absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: MailTls,
    /// Who we are to it.
    #[serde(default)]
    pub user: Option<String>,
    /// A file with the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The password, from that file.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// Whom letters are from.
    pub from: String,
    /// What mail programs show instead.
    #[serde(default)]
    pub from_name: Option<String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// Plain first, TLS before anything is said.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Nothing is encrypted on the way.
    None,
}

impl MailTls {
    fn usual_port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl MailServer {
    /// Makes ready to send.
    ///
    /// # Errors
    /// What is wrong with the config.
    pub fn open(&self) -> Result<Smtp, Problem> {
        let from = Email::parse(&self.from)
            .map_err(|error| Problem::new("site.mail.from", format!("{:?}: {error}", self.from)))?;
        let login = match (&self.user, &self.password) {
            (Some(user), Some(password)) => {
                Some(SmtpLogin { user: user.clone(), password: password.expose().to_owned() })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                let problem = "user and password_file belong together; set both or none";
                return Err(Problem::new("site.mail.user", problem));
            }
        };
        let tls = match self.tls {
            MailTls::Starttls => SmtpTls::StartTls,
            MailTls::Tls => SmtpTls::Tls,
            MailTls::None => SmtpTls::None,
        };
        let config = SmtpConfig {
            host: self.host.clone(),
            port: self.port.unwrap_or(self.tls.usual_port()),
            tls,
            login,
            from,
            from_name: self.from_name.clone(),
            deadline: SEND_DEADLINE,
        };
        Smtp::new(config).map_err(|error| Problem::new("site.mail", crate::causes::with_causes(&error)))
    }

    pub(super) fn resolve_paths(&mut self, base: &Path) {
        if let Some(file) = &mut self.password_file {
            *file = base.join(&*file);
        }
    }

    pub(super) fn read_password(&mut self) -> Result<(), Problem> {
        let Some(file) = &self.password_file else { return Ok(()) };
        let password = std::fs::read_to_string(file).map_err(|error| {
            Problem::new("site.mail.password_file", format!("{} cannot be read: {error}", file.display()))
        })?;
        self.password = Some(Secret::new(password.trim_end_matches(['\r', '\n']).to_owned()));
        Ok(())
    }
}
