//! A person at the site: keeps cookies, and sends the forms of the page that is shown with all their hidden fields.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_stand::{Key, system_clock};

use crate::http::{Request, Response};

/// Of what a form without files is.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A person's browser.
#[derive(Clone, Debug)]
pub struct Visitor {
    site: SocketAddr,
    from: IpAddr,
    cookies: BTreeMap<String, String>,
    /// The page that is shown.
    page: String,
}

impl Visitor {
    /// Somebody whom the site has not seen, at an address of this machine.
    pub fn new(site: SocketAddr, from: IpAddr) -> Self {
        Self { site, from, cookies: BTreeMap::new(), page: String::new() }
    }

    /// The same person at another address.
    #[must_use]
    pub fn moved(mut self, from: IpAddr) -> Self {
        self.from = from;
        self
    }

    /// The header with all cookies.
    pub fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn send(&mut self, request: Request<'_>) -> io::Result<Response> {
        let mut request = Request { from: self.from, ..request };
        request.headers.push(("Cookie", self.cookie()));
        request.headers.push(("Accept-Language", "en".to_owned()));
        let response = request.send(self.site).await?;
        for (_, cookie) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.page = response.text();
        Ok(response)
    }

    /// Opens a page.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub async fn open(&mut self, path: &str) -> io::Result<Response> {
        self.send(Request::get(path)).await
    }

    /// Sends the form with this action on the page that is shown: its hidden fields, where not given anew, and these.
    ///
    /// # Errors
    /// As [`Request::send`], and when the page has no such form.
    pub async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> io::Result<Response> {
        let body = self.form(action, fields)?;
        self.send(Request::post(action, FORM, body.into_bytes())).await
    }

    /// The body that [`Visitor::submit`] sends.
    ///
    /// # Errors
    /// When the page has no such form.
    pub fn form(&self, action: &str, fields: &[(&str, &str)]) -> io::Result<String> {
        let hidden = self.hidden(action)?;
        let kept = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        let pairs = kept.chain(fields.iter().copied());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Ok(pairs.join("&"))
    }

    /// A hidden field of the form with this action on the page that is shown.
    ///
    /// # Errors
    /// When the page has no such form or the form no such field.
    pub fn hidden_field(&self, action: &str, name: &str) -> io::Result<String> {
        let found = self.hidden(action)?.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).ok_or_else(|| strange(format!("the form to {action} has no {name}")))
    }

    fn hidden(&self, action: &str) -> io::Result<Vec<(String, String)>> {
        let action_text = format!("action=\"{action}\"");
        let has_action = |form: &&str| form.split('>').next().is_some_and(|tag| tag.contains(&action_text));
        let form = self.page.split("<form ").skip(1).find(has_action);
        let form = form.ok_or_else(|| strange(format!("no form on the page sends to {action}")))?;
        let form = form.split("</form>").next().unwrap_or_default();
        let inputs = form.split("<input ").skip(1).map(|input| input.split('>').next().unwrap_or_default());
        let hidden = inputs.filter(|tag| tag.contains("type=\"hidden\""));
        Ok(hidden
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
            .collect())
    }

    /// Signs in by certificate on the page of signing in, as NCALayer does.
    ///
    /// # Errors
    /// As [`Request::send`], and when the page asks for no signature.
    pub async fn sign_in(&mut self, key: &Key) -> io::Result<Response> {
        self.open("/login").await?;
        let content = attribute(&self.page, "data-content");
        let content = content.ok_or_else(|| strange("the page asks for no signature".to_owned()))?;
        let content = STANDARD.decode(content).map_err(|error| strange(error.to_string()))?;
        let cms = key.sign_cms(&content, true, system_clock()(), None);
        self.submit("/login/certificate", &[("signature", &STANDARD.encode(cms))]).await
    }

    /// Signs in by password.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub async fn sign_in_with(&mut self, login: &str, password: &str) -> io::Result<Response> {
        self.open("/login").await?;
        self.submit("/login/password", &[("login", login), ("password", password)]).await
    }
}

fn strange(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The first attribute of this name, with its value as it is meant.
fn attribute(text: &str, name: &str) -> Option<String> {
    let rest = text.split_once(&format!("{name}=\""))?.1;
    let value = rest.split('"').next()?;
    let mut meant = String::new();
    let mut parts = value.split("&#");
    meant.push_str(parts.next()?);
    for part in parts {
        let (number, rest) = part.split_once(';')?;
        meant.push(number.parse().ok().and_then(char::from_u32)?);
        meant.push_str(rest);
    }
    Some(meant)
}

/// A text as forms carry it.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_out_with_its_hidden_fields() {
        let mut visitor = Visitor::new(([127, 0, 0, 1], 1).into(), IpAddr::from([127, 0, 0, 1]));
        visitor.page = "<form action=\"/a\"><input type=\"hidden\" name=\"x\" value=\"1\"></form>\
            <form action=\"/b\" method=\"post\"><input type=\"hidden\" name=\"csrf\" value=\"a&#43;b\">\
            <input name=\"login\"><input type=\"hidden\" name=\"next\" value=\"\"></form>"
            .to_owned();
        assert_eq!(visitor.form("/b", &[("next", "/c d")]).unwrap(), "csrf=a%2Bb&next=%2Fc%20d");
        assert_eq!(visitor.hidden_field("/b", "csrf").unwrap(), "a+b");
        assert!(visitor.form("/c", &[]).is_err() && visitor.hidden_field("/a", "csrf").is_err());
    }
}
