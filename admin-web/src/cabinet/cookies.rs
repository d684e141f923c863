//! Cookies: reading them from a request, writing ours.

use axum::http::{HeaderMap, HeaderValue, header};

use super::devices::KNOWN_FOR_SECONDS;

/// How long the mark of a visit without a session lives in the browser.
const VISIT_SECONDS: u64 = 24 * 60 * 60;

/// Which of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session.
    Session,
    /// A visit of somebody who is not signed in: forms and challenges are bound to it.
    Visit,
    /// Who signed in in this browser before. It stays when the person signs out.
    Device,
}

impl Cookie {
    /// The name. Over TLS the browser itself then sees to it that no other host and no plain page sets it.
    fn name(self, is_tls: bool) -> &'static str {
        match (self, is_tls) {
            (Self::Session, true) => "__Host-ofd",
            (Self::Session, false) => "ofd",
            (Self::Visit, true) => "__Host-ofd-visit",
            (Self::Visit, false) => "ofd-visit",
            (Self::Device, true) => "__Host-ofd-device",
            (Self::Device, false) => "ofd-device",
        }
    }

    /// Its value in a request.
    pub(super) fn read(self, headers: &HeaderMap, is_tls: bool) -> Option<&str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(';')).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == self.name(is_tls)).then(|| value.trim())
        })
    }

    /// The header that sets it.
    pub(super) fn set(self, value: &str, is_tls: bool) -> Option<HeaderValue> {
        let lifetime = match self {
            // Until the browser is closed; how long the session itself lives is known here.
            Self::Session => String::new(),
            Self::Visit => format!("; Max-Age={VISIT_SECONDS}"),
            Self::Device => format!("; Max-Age={KNOWN_FOR_SECONDS}"),
        };
        self.write(value, &lifetime, is_tls)
    }

    /// The header that removes it.
    pub(super) fn remove(self, is_tls: bool) -> Option<HeaderValue> {
        self.write("", "; Max-Age=0", is_tls)
    }

    fn write(self, value: &str, lifetime: &str, is_tls: bool) -> Option<HeaderValue> {
        let (name, secure) = (self.name(is_tls), if is_tls { "; Secure" } else { "" });
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{lifetime}{secure}"))
            .ok()
    }
}
