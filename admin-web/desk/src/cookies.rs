//! Cookies: reading them from a request, writing ours.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::SameSite;

/// How long the mark of a visit without a session lives in the browser.
const VISIT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// A browser is known for so long, which is as long as browsers keep a cookie.
pub const KNOWN_FOR: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A chosen language is remembered for so long.
const LANGUAGE_FOR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether a request came with a session, over TLS or without, whether it still holds or not.
pub fn has_session(headers: &HeaderMap) -> bool {
    [true, false]
        .into_iter()
        .any(|is_tls| session_cookie(headers, is_tls).is_some_and(|text| !text.is_empty()))
}

/// The session cookie of a request, whatever it is worth.
pub fn session_cookie(headers: &HeaderMap, is_tls: bool) -> Option<&str> {
    Cookie::Session.read(headers, is_tls)
}

/// The name in a header that sets a cookie.
pub fn name_of(set: &HeaderValue) -> Option<&str> {
    cookie::Cookie::parse(set.to_str().ok()?).ok()?.name_raw()
}

/// The values that a cookie has in a request, in their order.
fn values(headers: &HeaderMap, name: impl AsRef<str>) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = lines.flat_map(cookie::Cookie::split_parse).flatten();
    cookies.filter(move |cookie| cookie.name() == name.as_ref()).filter_map(|cookie| cookie.value_raw())
}

/// The header that sets a cookie, for so long or until the browser is closed. No script sees it, and no other site's form
/// brings it along.
fn set(name: &str, value: &str, path: &str, lifetime: Option<Duration>, is_tls: bool) -> Option<HeaderValue> {
    let cookie = cookie::Cookie::build((name, value)).path(path).http_only(true).same_site(SameSite::Lax);
    let mut cookie = cookie.secure(is_tls).build();
    cookie.set_max_age(lifetime.and_then(|lifetime| lifetime.try_into().ok()));
    HeaderValue::try_from(cookie.to_string()).ok()
}

/// Which of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The secret of a session: whoever has it is signed in.
    Session,
    /// A visit of somebody who is not signed in: forms and challenges are bound to it.
    Visit,
    /// Who signed in in this browser before. It stays when the person signs out.
    Device,
    /// The language that was chosen.
    Language,
}

impl Cookie {
    /// The name. Over TLS the browser itself then sees to it that no other host and no plain page sets it; a language is
    /// worth no such care.
    fn name(self, is_tls: bool) -> &'static str {
        match (self, is_tls) {
            (Self::Session, true) => "__Host-ofd",
            (Self::Session, false) => "ofd",
            (Self::Visit, true) => "__Host-ofd-visit",
            (Self::Visit, false) => "ofd-visit",
            (Self::Device, true) => "__Host-ofd-device",
            (Self::Device, false) => "ofd-device",
            (Self::Language, _) => "lang",
        }
    }

    /// How long browsers keep it.
    fn lifetime(self) -> Option<Duration> {
        match self {
            // Until the browser is closed; how long the session itself lives is known here.
            Self::Session => None,
            Self::Visit => Some(VISIT_FOR),
            Self::Device => Some(KNOWN_FOR),
            Self::Language => Some(LANGUAGE_FOR),
        }
    }

    /// Its value in a request.
    pub fn read(self, headers: &HeaderMap, is_tls: bool) -> Option<&str> {
        values(headers, self.name(is_tls)).next()
    }

    /// The header that sets it.
    pub fn set(self, value: &str, is_tls: bool) -> Option<HeaderValue> {
        set(self.name(is_tls), value, "/", self.lifetime(), is_tls)
    }

    /// The header that removes it.
    pub fn remove(self, is_tls: bool) -> Option<HeaderValue> {
        set(self.name(is_tls), "", "/", Some(Duration::ZERO), is_tls)
    }
}

/// A part of a form that a page shows again: a cookie that only this page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormCookie<'a> {
    /// Which part, from 0.
    pub part: usize,
    /// The path of the page.
    pub path: &'a str,
}

impl FormCookie<'_> {
    /// The name. A cookie of one path cannot have the stricter prefix of the others.
    fn name(self, is_tls: bool) -> String {
        let prefix = if is_tls { "__Secure-" } else { "" };
        format!("{prefix}ofd-again-{}", self.part)
    }

    /// Its values in a request: pages of longer and shorter paths may each have one.
    pub fn read(self, headers: &HeaderMap, is_tls: bool) -> impl Iterator<Item = &str> {
        values(headers, self.name(is_tls))
    }

    /// The header that sets it for so long. `None` where the path could end the header's field.
    pub fn set(self, value: &str, lifetime: Duration, is_tls: bool) -> Option<HeaderValue> {
        let is_plain = self.path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
        set(&self.name(is_tls), value, self.path, Some(lifetime), is_tls).filter(|_| is_plain)
    }

    /// The header that removes it.
    pub fn remove(self, is_tls: bool) -> Option<HeaderValue> {
        self.set("", Duration::ZERO, is_tls)
    }
}
