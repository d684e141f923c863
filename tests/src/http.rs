//! As much of HTTP/1.1 as tests of a site need: one request a connection, the answer read to its end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// A site that takes longer does not answer.
const WITHIN: Duration = Duration::from_secs(25);

/// A request as it goes out.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// GET or POST.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Headers beside Host and Connection.
    pub headers: Vec<(&'a str, String)>,
    /// What the body is.
    pub content_type: &'a str,
    /// What is sent behind the head.
    pub body: Option<Vec<u8>>,
    /// The address that it comes from: rate budgets count by it.
    pub from: IpAddr,
}

impl<'a> Request<'a> {
    /// A GET without headers.
    pub fn get(target: &'a str) -> Self {
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            method: "GET",
            target,
            headers: Vec::new(),
            content_type: "application/json",
            body: None,
            from,
        }
    }

    /// A POST of a body of some type.
    pub fn post(target: &'a str, content_type: &'a str, body: Vec<u8>) -> Self {
        Self { method: "POST", content_type, body: Some(body), ..Self::get(target) }
    }

    /// A request with a bearer token; with a body, which is JSON, it is a POST.
    pub fn authorised(target: &'a str, token: &str, body: Option<String>) -> Self {
        let method = if body.is_some() { "POST" } else { "GET" };
        let headers = vec![("Authorization", format!("Bearer {token}"))];
        Self { method, headers, body: body.map(String::into_bytes), ..Self::get(target) }
    }

    /// The same from another address of this machine.
    #[must_use]
    pub fn from(self, last: u8) -> Self {
        Self { from: IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), ..self }
    }

    /// Sends it and reads the answer.
    ///
    /// # Errors
    /// Those of the link, and what is no HTTP.
    pub async fn send(&self, to: SocketAddr) -> io::Result<Response> {
        tokio::time::timeout(WITHIN, self.exchange(to))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn exchange(&self, to: SocketAddr) -> io::Result<Response> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(self.from, 0))?;
        let mut stream = socket.connect(to).await?;
        let Self { method, target, headers, content_type, body, .. } = self;
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = body {
            text.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes()).await?;
        stream.write_all(body.as_deref().unwrap_or_default()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Response::parse(&bytes).ok_or_else(|| {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            io::Error::new(io::ErrorKind::InvalidData, format!("{method} {target} was answered by {shown:?}"))
        })
    }
}

/// An answer as it came in.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// What came behind the head.
    pub body: Vec<u8>,
}

impl Response {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers: Vec<(String, String)> = lines.map(header).collect::<Option<_>>()?;
        let is_chunked =
            headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let rest = &bytes[end + 4..];
        let body = if is_chunked { unchunked(rest)? } else { rest.to_vec() };
        let length = headers.iter().find(|(name, _)| name == "content-length");
        if length.is_some_and(|(_, length)| length.parse() != Ok(body.len())) {
            return None;
        }
        Some(Self { status, headers, body })
    }

    /// The value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The same answer when it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 2 + size + 2..)?;
    }
}

/// GET without headers.
///
/// # Errors
/// As [`Request::send`].
pub async fn get(to: SocketAddr, target: &str) -> io::Result<Response> {
    Request::get(target).send(to).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_by_its_length_or_its_chunks() {
        let plain = Response::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        assert_eq!((plain.status, plain.text().as_str()), (200, "ok"));
        let chunked =
            b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(Response::parse(chunked).unwrap().text(), "abcd");
        assert!(Response::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok").is_none(), "cut short");
        assert!(Response::parse(b"\xA2\x81").is_none());
    }
}
