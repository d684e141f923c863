mod common_utils;
mod control;
mod phone;
mod switches;
mod talk;

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use ofd_eds::{
    Chain, Fact, Maths, Moment, Purpose, Question, RevocationData, SignerVerdict, Verdict, VerifyError,
    verify,
};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Emulator, Handle};
use crate::Pki;

/// The moment 2026-07-01T12:00:00Z.
const NOW: Moment = Moment::from_unix(1_782_907_200);

const TEXT: &str = "Вход в кабинет";

/// One PKI for all tests: making it takes longer than most of them.
fn pki() -> Arc<Pki> {
    static PKI: OnceLock<Arc<Pki>> = OnceLock::new();
    Arc::clone(PKI.get_or_init(|| Arc::new(Pki::new([7; 32], NOW))))
}

/// A running emulator.
struct Stand {
    handle: Handle,
    address: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Stand {
    async fn start() -> Self {
        let (emulator, handle) = Emulator::new(pki(), Arc::new(|| NOW));
        Self::of(emulator, handle).await
    }

    async fn of(emulator: Emulator, handle: Handle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(emulator.serve(listener, async move { drop(stopped.await) }));
        Self { handle, address, stop, task }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.expect("it listens")
    }

    /// A page that has heard the greeting.
    async fn page(&self) -> Page<TcpStream> {
        let mut page = self.silent_page().await;
        assert_eq!(page.hear().await, json!({"result": {"version": "1.4"}}));
        page
    }

    async fn silent_page(&self) -> Page<TcpStream> {
        Page::open(&format!("ws://{}/", self.address), self.tcp().await).await
    }
}

/// A page's side of a connection.
struct Page<S>(WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Page<S> {
    async fn open(url: &str, stream: S) -> Self {
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("a WebSocket");
        Self(socket)
    }

    async fn say(&mut self, text: impl ToString) {
        self.0.send(Message::text(text.to_string())).await.expect("the connection takes it");
    }

    /// What comes next: an answer, or the end.
    async fn next(&mut self) -> Option<Result<String, Error>> {
        Some(self.0.next().await?.map(|message| message.into_text().expect("text alone").to_string()))
    }

    async fn hear_text(&mut self) -> String {
        self.next().await.expect("an answer").expect("no error")
    }

    async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.hear_text().await).expect("JSON")
    }

    async fn ask(&mut self, request: &Value) -> Value {
        self.say(request).await;
        self.hear().await
    }
}

/// A request to sign `TEXT`, as our pages send it, which admits any key.
fn request() -> Value {
    json!({
        "module": "kz.gov.pki.knca.basics",
        "method": "sign",
        "args": {
            "format": "cms",
            "data": STANDARD.encode(TEXT),
            "signingParams": {"decode": true, "encapsulate": true, "digested": false},
            "signerParams": {"extKeyUsageOids": [], "chain": []},
            "locale": "ru",
        },
    })
}

/// A request with one member set, named by its path.
fn with(path: &str, value: Value) -> Value {
    let mut request = request();
    let (object, name) = path.rsplit_once('/').expect("a path");
    request.pointer_mut(object).and_then(Value::as_object_mut).expect(path).insert(name.to_owned(), value);
    request
}

fn without(path: &str) -> Value {
    let mut request = request();
    let (object, name) = path.rsplit_once('/').expect("a path");
    request.pointer_mut(object).and_then(Value::as_object_mut).expect(path).remove(name).expect(path);
    request
}

/// The only signature of an answer, as today's version gives it.
fn signature(answer: &Value) -> String {
    assert_eq!(answer["status"], true, "{answer}");
    let list = answer["body"]["result"].as_array().expect("a list of signatures");
    assert_eq!(list.len(), 1, "{answer}");
    list[0].as_str().expect("a text").to_owned()
}

fn judge(cms: &str, document: Option<&str>) -> Result<Verdict, VerifyError> {
    verify(&Question {
        cms: cms.as_bytes(),
        document: document.map(str::as_bytes),
        trust: &pki().trust(),
        revocation: &RevocationData::default(),
        now: NOW,
        purpose: Purpose::Document,
        maths: &Maths::new(),
    })
}

/// The only signer, whose signature is good and whose CA is one of the stand's.
fn signer(cms: &str, document: Option<&str>) -> SignerVerdict {
    let mut verdict = judge(cms, document).expect("a signature file");
    assert_eq!(verdict.signers.len(), 1);
    let signer = verdict.signers.remove(0);
    assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Ok), "{signer:?}");
    assert_eq!(signer.chain, Chain::Ok);
    signer
}

/// Whose certificate it is, by the serial number.
fn label(signer: &SignerVerdict) -> &'static str {
    let serial = signer.certificate.as_ref().expect("a certificate").serial();
    pki().keys().iter().find(|key| key.serial() == serial).expect("one of the stand's").label()
}
