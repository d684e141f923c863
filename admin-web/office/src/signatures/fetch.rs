//! Fetching revocation data and time stamps over HTTP, within limits.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use metrics::{counter, histogram};
use tokio::sync::Semaphore;

use super::address::Address;
use super::limits::{CONNECT_WITHIN, FETCHES_MAX, IDLE_MAX, REDIRECTS_MAX};

/// The national responders send whoever does not say who it is to another page.
const AGENT: &str = concat!("ofd/", env!("CARGO_PKG_VERSION"));

/// Connections that are kept to one host.
const IDLE_PER_HOST_MAX: usize = 4;

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer within {0:?}")]
    Late(Duration),
    #[error("the connection failed")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the answer broke off")]
    BrokeOff(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("the answer has the status {0}")]
    Status(StatusCode),
    #[error("the answer leads elsewhere, where the config does not")]
    Astray,
    #[error("the answer leads to another one again and again")]
    Circle,
}

impl FetchError {
    fn outcome(&self) -> &'static str {
        match self {
            Self::Late(_) => "late",
            Self::Connection(_) | Self::BrokeOff(_) => "failed",
            Self::TooLarge(_) => "too_large",
            Self::Status(_) => "status",
            Self::Astray | Self::Circle => "astray",
        }
    }
}

/// What is fetched.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// An answer to this question.
    Answer(Bytes),
    /// A revocation list.
    List,
    /// A time stamp to this request.
    Stamp(Bytes),
}

impl Wanted {
    fn kind(&self) -> &'static str {
        match self {
            Self::Answer(_) => "ocsp",
            Self::List => "crl",
            Self::Stamp(_) => "tsp",
        }
    }
}

/// How much of an answer is taken, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) bytes_max: usize,
    pub(super) within: Duration,
}

/// Fetches from the addresses of the config and from nowhere else.
pub(super) struct Fetcher {
    client: Client<HttpConnector, Full<Bytes>>,
    known: Vec<Address>,
    turns: Semaphore,
}

impl Fetcher {
    pub(super) fn new(known: Vec<Address>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .build(connector);
        Self { client, known, turns: Semaphore::new(FETCHES_MAX) }
    }

    pub(super) async fn fetch(
        &self,
        address: &Address,
        wanted: &Wanted,
        bounds: Bounds,
    ) -> Result<Bytes, FetchError> {
        let started = Instant::now();
        let work = async {
            // It is never closed.
            let _turn = self.turns.acquire().await;
            self.follow(address, wanted, bounds.bytes_max).await
        };
        let result =
            tokio::time::timeout(bounds.within, work).await.unwrap_or(Err(FetchError::Late(bounds.within)));
        let outcome = result.as_ref().map_or_else(FetchError::outcome, |_| "fetched");
        let kind = wanted.kind();
        counter!("ofd_admin_web_revocation_fetches_total", "kind" => kind, "outcome" => outcome).increment(1);
        histogram!("ofd_admin_web_revocation_fetch_seconds", "kind" => kind)
            .record(started.elapsed().as_secs_f64());
        result
    }

    async fn follow(
        &self,
        address: &Address,
        wanted: &Wanted,
        bytes_max: usize,
    ) -> Result<Bytes, FetchError> {
        let mut address = address.clone();
        for _ in 0..=REDIRECTS_MAX {
            let asking = self.client.request(request(&address, wanted));
            let response = asking.await.map_err(FetchError::Connection)?;
            let status = response.status();
            if status == StatusCode::OK {
                return body(response, bytes_max).await;
            }
            // After 303 a question would have to become a GET, which is no question to a responder any more.
            let leads_on = match wanted {
                Wanted::Answer(_) | Wanted::Stamp(_) => [301, 302, 307, 308].contains(&status.as_u16()),
                Wanted::List => [301, 302, 303, 307, 308].contains(&status.as_u16()),
            };
            if !leads_on {
                return Err(FetchError::Status(status));
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            address = location
                .and_then(|location| address.redirected(location, &self.known))
                .ok_or(FetchError::Astray)?;
        }
        Err(FetchError::Circle)
    }
}

fn request(address: &Address, wanted: &Wanted) -> Request<Full<Bytes>> {
    let (method, body) = match wanted {
        Wanted::Answer(question) | Wanted::Stamp(question) => (Method::POST, question.clone()),
        Wanted::List => (Method::GET, Bytes::new()),
    };
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = address.uri().clone();
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let types = match wanted {
        Wanted::Answer(_) => Some(["application/ocsp-request", "application/ocsp-response"]),
        Wanted::Stamp(_) => Some(["application/timestamp-query", "application/timestamp-reply"]),
        Wanted::List => None,
    };
    if let Some([asked, answered]) = types {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asked));
        headers.insert(ACCEPT, HeaderValue::from_static(answered));
    }
    request
}

async fn body(response: Response<Incoming>, bytes_max: usize) -> Result<Bytes, FetchError> {
    match Limited::new(response.into_body(), bytes_max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge(bytes_max)),
        Err(error) => Err(FetchError::BrokeOff(error)),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const BOUNDS: Bounds = Bounds { bytes_max: 100, within: Duration::from_secs(5) };

    /// A server that has one answer for each path and keeps what it was asked.
    async fn server(
        answer: fn(&str, &str) -> Option<String>,
    ) -> (String, tokio::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (heard, asked) = tokio::sync::mpsc::channel(16);
        let own = base.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let _ = heard.try_send(request);
                match answer(&path, &own) {
                    Some(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                    None => drop(tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                        drop(stream);
                    })),
                }
            }
        });
        (base, asked)
    }

    fn found(body: &str) -> Option<String> {
        Some(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
    }

    fn moved(status: &str, location: &str) -> Option<String> {
        Some(format!(
            "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    }

    fn answer(path: &str, own: &str) -> Option<String> {
        match path {
            "/list" => found("list"),
            "/large" => found(&"x".repeat(101)),
            "/moved" => moved("302", &format!("{own}/list")),
            "/near" => moved("308", "/list"),
            "/see-other" => moved("303", "/list"),
            "/away" => moved("302", "http://127.0.0.1:9/list"),
            "/tls" => moved("302", "https://127.0.0.1/list"),
            "/round" => moved("302", "/round"),
            "/slow" => None,
            _ => Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into()),
        }
    }

    async fn fetch(base: &str, path: &str, wanted: Wanted, bounds: Bounds) -> Result<Bytes, FetchError> {
        let address = Address::parse(&format!("{base}{path}")).unwrap();
        Fetcher::new(vec![address.clone()]).fetch(&address, &wanted, bounds).await
    }

    #[tokio::test]
    async fn redirects_are_followed_only_where_the_config_leads() {
        let (base, _asked) = server(answer).await;
        for path in ["/list", "/moved", "/near", "/see-other"] {
            assert_eq!(fetch(&base, path, Wanted::List, BOUNDS).await.unwrap(), "list", "{path}");
        }
        for path in ["/away", "/tls"] {
            let error = fetch(&base, path, Wanted::List, BOUNDS).await.unwrap_err();
            assert!(matches!(error, FetchError::Astray), "{path}: {error:?}");
        }
        let error = fetch(&base, "/round", Wanted::List, BOUNDS).await.unwrap_err();
        assert!(matches!(error, FetchError::Circle), "{error:?}");
        // A question cannot become a GET.
        let question = Wanted::Answer(Bytes::from_static(b"question"));
        let error = fetch(&base, "/see-other", question, BOUNDS).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(StatusCode::SEE_OTHER)), "{error:?}");
    }

    #[tokio::test]
    async fn size_and_time_of_an_answer_are_bounded() {
        let (base, _asked) = server(answer).await;
        let error = fetch(&base, "/large", Wanted::List, BOUNDS).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge(100)), "{error:?}");
        let hasty = Bounds { within: Duration::from_millis(200), ..BOUNDS };
        let error = fetch(&base, "/slow", Wanted::List, hasty).await.unwrap_err();
        assert!(matches!(error, FetchError::Late(_)), "{error:?}");
        let error = fetch(&base, "/none", Wanted::List, BOUNDS).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(StatusCode::NOT_FOUND)), "{error:?}");
    }

    #[tokio::test]
    async fn a_request_says_who_asks() {
        let (base, mut asked) = server(answer).await;
        let question = Wanted::Answer(Bytes::from_static(b"question"));
        fetch(&base, "/near", question, BOUNDS).await.unwrap();
        for path in ["/near", "/list"] {
            let request = asked.recv().await.unwrap();
            assert!(request.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{request}");
            assert!(request.to_lowercase().contains("user-agent: ofd/"), "{request}");
            assert!(request.contains("application/ocsp-request"), "{request}");
        }
    }
}
