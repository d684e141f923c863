//! A simulated register on a real link, whose every answer is also read by the strict foreign reader.

use ofd_loadtest::client::Keep;
use ofd_loadtest::client::tls::Tls;
use ofd_loadtest::{
    Answer, Client, ClientError, Document, Dribble, Endpoint, Fault, Identity, Outcome, Placement, RawHeader,
    RawService, Register, ReportKind, Totals, clock,
};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::types::{LocalDateTime, Token};
use ofd_protocol::version::Version;
use ofd_protocol::wire::Writer;

use crate::oracle::{lenient, response_json, strict_answer};
use crate::process::{Setup, local};

/// Words by which tills take a refusal for a broken link (WIRE 13.13).
const LINK_WORDS: [&str; 5] = ["connection", "timeout", "network", "empty response", "unknown"];

/// The longest text of a refusal.
const TEXT_LEN_MAX: usize = 500;

/// An answer that both readers could read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The header as it came.
    pub header: Header,
    /// The payload as prost reads it.
    pub response: lenient::Response,
}

impl Read {
    /// Its result code.
    pub fn code(&self) -> u32 {
        self.response.result.as_ref().and_then(|result| result.result_code).unwrap_or_default()
    }

    /// The text beside the result code.
    pub fn text(&self) -> &str {
        self.response.result.as_ref().and_then(|result| result.result_text.as_deref()).unwrap_or_default()
    }
}

/// Reads a whole answer with the strict reader and holds refusals against the rules of texts.
///
/// # Errors
/// All that is wrong with it.
pub fn read_answer(bytes: &[u8]) -> Result<Read, String> {
    let frame = frame::whole(bytes).map_err(|error| format!("{error}: {bytes:02X?}"))?;
    // The header of bytes that were no frame is sent back as it came, whatever it calls its version.
    let version = Version::from_code(frame.header.version).map_or(203, Version::code);
    let response = strict_answer(version, frame.payload)
        .map_err(|error| format!("{error}\nin {}", response_json(frame.payload)))?;
    let read = Read { header: frame.header, response };
    let (code, text) = (read.code(), read.text());
    let lower = text.to_lowercase();
    if code == 0 {
        return Ok(read);
    }
    if text.len() > TEXT_LEN_MAX || text.split(" / ").count() < 3 || text.contains('\n') {
        return Err(format!(
            "the text of {code} is not one line of three languages and at most 500 bytes: {text:?}"
        ));
    }
    match code {
        254 | 255 if !lower.contains("timeout") => {
            Err(format!("the text of {code} lacks \"timeout\": {text:?}"))
        }
        1..=19 if LINK_WORDS.iter().any(|word| lower.contains(word)) => {
            Err(format!("tills take the text of {code} for a broken link: {text:?}"))
        }
        _ => Ok(read),
    }
}

/// What came of an exchange.
#[derive(Debug)]
pub enum Heard {
    /// Accepted and counted.
    Accepted(Answer),
    /// 254 or 255.
    Later(Answer),
    /// 11: a close must come first.
    CloseFirst(Answer),
    /// Refused; the document was given up.
    Refused(Answer),
    /// No answer; the document stays under way.
    Lost(ClientError),
}

impl Heard {
    /// The answer, when it was accepted.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn accepted(self) -> Answer {
        match self {
            Self::Accepted(answer) => answer,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// The result code; `None` when there was no answer.
    pub fn code(&self) -> Option<u32> {
        self.answer().map(|answer| answer.code)
    }

    /// The answer, of whatever code.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Accepted(answer)
            | Self::Later(answer)
            | Self::CloseFirst(answer)
            | Self::Refused(answer) => Some(answer),
            Self::Lost(_) => None,
        }
    }
}

/// How a device reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// TCP, one connection kept.
    Plain,
    /// TCP, a connection for each request.
    PlainPerRequest,
    /// TCP, every byte written by itself.
    Bytewise,
    /// TLS, one connection kept.
    Tls,
    /// TLS, a connection for each request.
    TlsPerRequest,
    /// The listener for SIM cards.
    Sim,
}

impl Way {
    /// All ways, for tests that try each.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::PlainPerRequest, Self::Bytewise, Self::Tls, Self::TlsPerRequest, Self::Sim];

    /// The endpoint of a server for this way, its certificate pinned.
    pub fn endpoint(self, setup: &Setup) -> Endpoint {
        let ports = setup.ports;
        let tls = || Tls::pinned(&setup.certificate(), "localhost").expect("the certificate is there");
        match self {
            Self::Plain => Endpoint::plain(local(ports.plain)),
            Self::PlainPerRequest => {
                Endpoint { keep: Keep::PerRequest, ..Endpoint::plain(local(ports.plain)) }
            }
            Self::Bytewise => Endpoint { dribble: Dribble::Bytewise, ..Endpoint::plain(local(ports.plain)) },
            Self::Tls => Endpoint::tls(local(ports.tls), tls()),
            Self::TlsPerRequest => {
                Endpoint { keep: Keep::PerRequest, ..Endpoint::tls(local(ports.tls), tls()) }
            }
            Self::Sim => Endpoint::plain(local(ports.sim)),
        }
    }
}

/// A register and its link.
pub struct Device {
    /// The simulated register.
    pub register: Register,
    /// The link to the server.
    pub client: Client,
    /// What its clock shows; the real time when `None`.
    pub now: Option<LocalDateTime>,
    /// The last frame it sent.
    pub asked: Vec<u8>,
    /// The last frame it got.
    pub heard: Vec<u8>,
    differences: Vec<String>,
}

impl Device {
    /// A register that spoke with nobody yet.
    pub fn new(identity: Identity, version: u16, endpoint: Endpoint) -> Self {
        Self {
            register: Register::new(identity, version, 7),
            client: Client::new(endpoint),
            now: None,
            asked: Vec::new(),
            heard: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// The registers of a setup, over plain TCP with kept connections.
    pub fn fleet(setup: &Setup, version: u16) -> Vec<Self> {
        let endpoint = Way::Plain.endpoint(setup);
        setup.fleet.registers().map(|identity| Self::new(identity, version, endpoint.clone())).collect()
    }

    /// The first register of a setup, over plain TCP.
    pub fn first(setup: &Setup, version: u16) -> Self {
        Self::fleet(setup, version).swap_remove(0)
    }

    /// The id that the operator knows it by.
    pub fn id(&self) -> u32 {
        self.register.identity().id.0
    }

    /// The token it holds.
    pub fn token(&self) -> Token {
        self.register.state().token
    }

    /// Its own counters.
    pub fn totals(&self) -> &Totals {
        self.register.totals()
    }

    fn clock(&self) -> LocalDateTime {
        self.now.unwrap_or_else(clock::now)
    }

    /// Sends a document.
    pub async fn send(&mut self, document: Document) -> Heard {
        self.send_with(document, Fault::None).await
    }

    /// Sends a document whose answer may get lost.
    pub async fn send_with(&mut self, document: Document, fault: Fault) -> Heard {
        let now = self.clock();
        self.register.begin(document, now).unwrap_or_else(|error| panic!("{error}"));
        self.exchange(fault).await
    }

    /// Sends what is under way again.
    pub async fn retry(&mut self) -> Heard {
        self.exchange(Fault::None).await
    }

    /// Makes a document without a link, to be sent by [`Device::drain`].
    pub fn make_offline(&mut self, document: Document) {
        let now = self.clock();
        self.register.begin_offline(document, now).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Sends the next document of the offline queue.
    pub async fn drain(&mut self) -> Option<Heard> {
        let is_there = self.register.drain().unwrap_or_else(|error| panic!("{error}"));
        if is_there { Some(self.exchange(Fault::None).await) } else { None }
    }

    /// Sends what is under way and takes the answer.
    pub async fn exchange(&mut self, fault: Fault) -> Heard {
        let now = self.clock();
        self.asked = self.register.request(now).expect("something is under way").to_vec();
        self.heard.clear();
        let frame = match self.client.exchange(&self.asked, fault).await {
            Ok(frame) => frame,
            Err(error) => return Heard::Lost(error),
        };
        self.heard.extend_from_slice(frame);
        if let Err(wrong) = read_answer(frame) {
            self.differences.push(wrong);
        }
        let outcome = self.register.take(frame);
        self.differences.extend(self.register.take_findings());
        match outcome {
            Outcome::Accepted(answer) => Heard::Accepted(answer),
            Outcome::Later(answer) => Heard::Later(answer),
            Outcome::CloseFirst(answer) => Heard::CloseFirst(answer),
            Outcome::Refused(answer) => {
                self.register.resume();
                Heard::Refused(answer)
            }
            Outcome::Unreadable(what) => {
                panic!("register {}: {what}\n{}", self.id(), self.differences.join("\n"))
            }
        }
    }

    /// Sends bytes on the link as they are and reads the answer; the register does not learn of it.
    pub async fn ask(&mut self, bytes: &[u8]) -> Result<Read, ClientError> {
        let frame = self.client.exchange(bytes, Fault::None).await?;
        self.heard = frame.to_vec();
        Ok(read_answer(frame).unwrap_or_else(|wrong| panic!("{wrong}")))
    }

    /// A frame of this register with a payload of its own.
    pub fn frame(&mut self, header: RawHeader, write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        self.register.raw(header, RawService::Asking, write).expect("the payload fits a frame")
    }

    /// A SYSTEM request, which every server answers with 0.
    pub fn ping_frame(&mut self) -> Vec<u8> {
        self.frame(RawHeader::default(), |w| w.uint(1, 0_u32))
    }

    /// The next sale as shops make them, as a frame that is not under way.
    pub fn sale_frame(&mut self) -> Vec<u8> {
        let sale = self.register.draw_sale();
        let now = self.clock();
        self.register.begin(sale, now).unwrap_or_else(|error| panic!("{error}"));
        self.register.request(now).expect("something is under way").to_vec()
    }

    /// Asks INFO, which must be accepted.
    pub async fn info(&mut self) -> Answer {
        self.send(Document::Info).await.accepted()
    }

    /// Asks SYSTEM, which must be accepted.
    pub async fn ping(&mut self) -> Answer {
        self.send(Document::System).await.accepted()
    }

    /// A sale, accepted.
    pub async fn sell(&mut self) -> Answer {
        let sale = self.register.draw_sale();
        self.send(sale).await.accepted()
    }

    /// A deposit of `sum` tiyn, accepted.
    pub async fn deposit(&mut self, sum: i64) -> Answer {
        self.send(Document::Placement { operation: Placement::Deposit, sum }).await.accepted()
    }

    /// A report, accepted and compared.
    pub async fn report(&mut self, kind: ReportKind) -> Answer {
        self.send(Document::Report(kind)).await.accepted()
    }

    /// The end of the shift, accepted and compared.
    pub async fn close_shift(&mut self) -> Answer {
        self.send(Document::Close { withdraw: true }).await.accepted()
    }

    /// What was found wrong so far.
    pub fn differences(&mut self) -> Vec<String> {
        self.differences.extend(self.register.take_findings());
        std::mem::take(&mut self.differences)
    }

    /// Nothing was found wrong.
    #[track_caller]
    pub fn expect_no_differences(&mut self) {
        let found = self.differences();
        assert!(found.is_empty(), "register {}:\n{}", self.id(), found.join("\n"));
    }
}
