//! An emulated eGov Mobile: reads what a QR code or a link leads to, shows it, signs it with a chosen key or refuses, and
//! brings it back; slowly, twice, or without hearing the answer, as phones do.
//!
//! It speaks plain HTTP to this machine alone: it signs as anybody, so it goes nowhere else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use ofd_eds::Moment;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::Pki;

/// How a QR code begins that the app reads.
const QR_BEGIN: &str = "mobileSign:";

/// What comes back is some MB at most.
const ANSWER_LEN_MAX: usize = 16 * 1024 * 1024;

/// A server that says nothing is not waited for longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Why the app can do nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneTrouble {
    /// No QR code of this app, and no link to it.
    #[error("this is no QR code for the app: one begins with mobileSign:, a link has link=")]
    NoCode,
    /// It would go elsewhere.
    #[error("{0} is not on this machine; the emulated app goes to http://127.0.0.1 alone")]
    Elsewhere(String),
    /// Nobody answers there.
    #[error("{0} does not answer: {1}")]
    Silent(String, String),
    /// The answer is a refusal.
    #[error("{0} answers {1}: {2}")]
    Refused(String, u16, String),
    /// It is not what the app reads.
    #[error("the answer has no {0}")]
    Strange(&'static str),
    /// There is no such key.
    #[error("there is no key {0}")]
    NoKey(String),
}

/// What the app shows before it signs.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Who asks for what.
    pub description: String,
    /// The organisation that asks, in Russian, with its BIN.
    pub organisation: (String, String),
    /// Until when it can be signed.
    pub expires: String,
    /// Where the documents are.
    pub uri: String,
    /// What is signed.
    pub documents: Vec<ShownDocument>,
    is_attached: bool,
    whole: Value,
}

/// A document as the app shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownDocument {
    /// Its name in Russian.
    pub name: String,
    /// What it is.
    pub mime: String,
    /// What is told of it.
    pub meta: Vec<(String, String)>,
    /// Exactly what is signed.
    pub bytes: Vec<u8>,
}

/// What goes wrong between the app and the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// The person thinks so long.
    pub delay: Duration,
    /// The first answer is lost, so it is brought again.
    pub loses_answers: bool,
    /// It is brought twice although the answer came.
    pub comes_twice: bool,
}

/// The app on somebody's phone.
#[derive(Clone, Debug)]
pub struct Phone {
    pki: Arc<Pki>,
}

impl Phone {
    /// An app that finds the keys of a PKI on the phone.
    pub fn new(pki: Arc<Pki>) -> Self {
        Self { pki }
    }

    /// The address that a QR code or an app's link holds.
    ///
    /// # Errors
    /// It is none.
    pub fn address(text: &str) -> Result<String, PhoneTrouble> {
        let text = text.trim();
        if let Some(address) = text.strip_prefix(QR_BEGIN) {
            return Ok(address.to_owned());
        }
        let (_, query) = text.split_once('?').ok_or(PhoneTrouble::NoCode)?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let link = pairs.find(|(name, _)| name == "link").map(|(_, value)| value.into_owned());
        link.ok_or(PhoneTrouble::NoCode)
    }

    /// Scans a code: asks who wants what, and reads what is to be signed.
    ///
    /// # Errors
    /// [`PhoneTrouble`].
    pub async fn scan(&self, text: &str) -> Result<Shown, PhoneTrouble> {
        let address = Self::address(text)?;
        let described = read(&address, call(Method::GET, &address, Bytes::new()).await?)?;
        let uri = said(&described, "/document/uri")?;
        let whole = read(&uri, call(Method::GET, &uri, Bytes::new()).await?)?;
        let is_attached = match said(&whole, "/signMethod")?.as_str() {
            "CMS_WITH_DATA" => true,
            "CMS_SIGN_ONLY" => false,
            _ => return Err(PhoneTrouble::Strange("/signMethod that is known")),
        };
        let documents = listed(&whole, "/documentsToSign")?.iter().map(document).collect::<Result<_, _>>()?;
        Ok(Shown {
            description: said(&described, "/description")?,
            organisation: (said(&described, "/organisation/nameRu")?, said(&described, "/organisation/bin")?),
            expires: said(&described, "/expiry_date")?,
            uri,
            documents,
            is_attached,
            whole,
        })
    }

    /// What is brought when the person signs with a key: what was read, with signatures in the place of documents.
    ///
    /// # Errors
    /// There is no such key.
    pub fn signed(&self, shown: &Shown, key: &str, now: Moment) -> Result<Value, PhoneTrouble> {
        let key = self.pki.key(key).ok_or_else(|| PhoneTrouble::NoKey(key.to_owned()))?;
        let mut whole = shown.whole.clone();
        for (at, document) in shown.documents.iter().enumerate() {
            let cms = key.sign_cms(&document.bytes, shown.is_attached, now, None);
            if let Some(file) = whole.pointer_mut(&format!("/documentsToSign/{at}/document/file/data")) {
                *file = Value::String(STANDARD.encode(cms));
            }
        }
        Ok(whole)
    }

    /// What is brought when the person does not want to.
    pub fn refusal() -> Value {
        json!({"status": "CANCELED"})
    }

    /// Brings it, with all that may go wrong on the way; the status of the last answer.
    ///
    /// # Errors
    /// [`PhoneTrouble`].
    pub async fn bring(&self, shown: &Shown, what: &Value, habits: Habits) -> Result<u16, PhoneTrouble> {
        tokio::time::sleep(habits.delay).await;
        let body = Bytes::from(what.to_string().into_bytes());
        if habits.loses_answers || habits.comes_twice {
            // Answered or not: the app has not heard of it.
            call(Method::PUT, &shown.uri, body.clone()).await?;
        }
        Ok(call(Method::PUT, &shown.uri, body).await?.0)
    }
}

/// A text by its place.
fn said(value: &Value, place: &'static str) -> Result<String, PhoneTrouble> {
    let text = value.pointer(place).and_then(Value::as_str);
    text.map(str::to_owned).ok_or(PhoneTrouble::Strange(place))
}

/// A list by its place.
fn listed<'a>(value: &'a Value, place: &'static str) -> Result<&'a [Value], PhoneTrouble> {
    let list = value.pointer(place).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or(PhoneTrouble::Strange(place))
}

fn document(document: &Value) -> Result<ShownDocument, PhoneTrouble> {
    let data = STANDARD.decode(said(document, "/document/file/data")?);
    let meta =
        listed(document, "/meta")?.iter().map(|pair| Ok((said(pair, "/name")?, said(pair, "/value")?)));
    Ok(ShownDocument {
        name: said(document, "/nameRu")?,
        mime: said(document, "/document/file/mime")?,
        meta: meta.collect::<Result<_, PhoneTrouble>>()?,
        bytes: data.map_err(|_| PhoneTrouble::Strange("/document/file/data in Base64"))?,
    })
}

fn read(address: &str, (status, body): (u16, Bytes)) -> Result<Value, PhoneTrouble> {
    if status != 200 {
        let body = String::from_utf8_lossy(&body).chars().take(300).collect();
        return Err(PhoneTrouble::Refused(address.to_owned(), status, body));
    }
    serde_json::from_slice(&body).map_err(|_| PhoneTrouble::Strange("JSON"))
}

/// Host and path of an address on this machine.
fn on_this_machine(address: &str) -> Option<(SocketAddr, &str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let at = rest.find('/')?;
    let (host, path) = rest.split_at_checked(at)?;
    let named = host.strip_prefix("localhost").map(|port| format!("127.0.0.1{port}"));
    let socket: SocketAddr = named.as_deref().unwrap_or(host).parse().ok()?;
    socket.ip().is_loopback().then_some((socket, host, path))
}

async fn call(method: Method, address: &str, body: Bytes) -> Result<(u16, Bytes), PhoneTrouble> {
    let (socket, host, path) =
        on_this_machine(address).ok_or_else(|| PhoneTrouble::Elsewhere(address.to_owned()))?;
    let silent = |why: String| PhoneTrouble::Silent(address.to_owned(), why);
    let exchange = async {
        let stream = TcpStream::connect(socket).await.map_err(|error| silent(error.to_string()))?;
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|error| silent(error.to_string()))?;
        tokio::spawn(async move {
            // What ends a connection is told by the answer that does not come.
            let _ = connection.await;
        });
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, host)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, body.len())
            .body(Full::new(body))
            .map_err(|error| silent(error.to_string()))?;
        let answer = sender.send_request(request).await.map_err(|error| silent(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_LEN_MAX).collect().await;
        Ok((status, body.map_err(|error| silent(error.to_string()))?.to_bytes()))
    };
    let answered = tokio::time::timeout(ANSWER_WITHIN, exchange).await;
    answered.unwrap_or_else(|_| Err(silent("it takes too long".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_link_hold_the_same_address() {
        let address = "http://127.0.0.1:8080/sign/a.b";
        let link = "https://m.egov.kz/mobileSign/?link=http%3A%2F%2F127.0.0.1%3A8080%2Fsign%2Fa.b&isi=1";
        assert_eq!(Phone::address(&format!(" mobileSign:{address}\n")).as_deref(), Ok(address));
        assert_eq!(Phone::address(link).as_deref(), Ok(address));
        assert_eq!(Phone::address("https://ofd.example/"), Err(PhoneTrouble::NoCode));
        assert_eq!(Phone::address("https://ofd.example/?x=1"), Err(PhoneTrouble::NoCode));
    }

    #[tokio::test]
    async fn the_app_stays_on_this_machine() {
        let phone = Phone::new(Arc::new(Pki::new([1; 32], Moment::from_unix(1_800_000_000))));
        for address in
            ["https://127.0.0.1/x", "http://10.0.0.1:80/x", "http://ofd.example/x", "file:///etc/passwd"]
        {
            let told = phone.scan(&format!("mobileSign:{address}")).await;
            assert_eq!(told, Err(PhoneTrouble::Elsewhere(address.to_owned())));
        }
    }
}
