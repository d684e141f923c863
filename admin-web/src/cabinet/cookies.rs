//! Cookies: reading them from a request, writing ours.

use axum::http::{HeaderMap, HeaderValue, header};

use super::devices::KNOWN_FOR_SECONDS;

/// How long the mark of a visit without a session lives in the browser.
const VISIT_SECONDS: u64 = 24 * 60 * 60;

/// Whether a request came with a session, over TLS or without, whether it still holds or not.
pub(crate) fn has_session(headers: &HeaderMap) -> bool {
    [true, false]
        .into_iter()
        .any(|is_tls| Cookie::Session.read(headers, is_tls).is_some_and(|text| !text.is_empty()))
}

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

/// The session cookie of a request, whatever it is worth.
pub(crate) fn session_cookie(headers: &HeaderMap, is_tls: bool) -> Option<&str> {
    Cookie::Session.read(headers, is_tls)
}

/// A part of a form that a page shows again: a cookie that only this page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept<'a> {
    /// Which part, from 0.
    pub(super) part: usize,
    /// The path of the page.
    pub(super) path: &'a str,
}

impl Kept<'_> {
    /// The name. A cookie of one path cannot have the stricter prefix of the others.
    fn name(self, is_tls: bool) -> String {
        let prefix = if is_tls { "__Secure-" } else { "" };
        format!("{prefix}ofd-again-{}", self.part)
    }

    /// Its values in a request: pages of longer and shorter paths may each have one.
    pub(super) fn read(self, headers: &HeaderMap, is_tls: bool) -> impl Iterator<Item = &str> {
        let name = self.name(is_tls);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(';')).filter_map(move |pair| {
            let (found, value) = pair.split_once('=')?;
            (found.trim() == name).then(|| value.trim())
        })
    }

    /// The header that sets it for so many seconds. `None` where the path could end the header's field.
    pub(super) fn set(self, value: &str, seconds: u64, is_tls: bool) -> Option<HeaderValue> {
        let is_plain = self.path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
        let (name, path) = (self.name(is_tls), self.path);
        let secure = if is_tls { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        HeaderValue::try_from(text).ok().filter(|_| is_plain)
    }

    /// The header that removes it.
    pub(super) fn remove(self, is_tls: bool) -> Option<HeaderValue> {
        self.set("", 0, is_tls)
    }
}
