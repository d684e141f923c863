//! The services over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ofd_eds::{
    Certificate, Chain, Fact, HashAlgorithm, Issued, OcspFault, OcspRequest, Purpose, Revocation,
    RevocationData, SignerVerdict,
};
use ofd_stand::{ListState, OcspState, Switches, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::stand::{NOW, PKI, issued, judge, key, login, only};

/// Services that run until they are told to stop, or this is dropped.
struct Running {
    address: SocketAddr,
    switches: Arc<Switches>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start() -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let switches = Arc::new(Switches::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let services = serve(listener, Arc::new(PKI.clone()), Arc::clone(&switches), Arc::new(|| NOW), async {
        let _ = stopped.await;
    });
    Running { address, switches, stop, task: tokio::spawn(services) }
}

/// What came back: the status and the body.
type Answer = (u16, Vec<u8>);

impl Running {
    /// Sends a request as it is; `None`: the connection was closed without an answer.
    async fn send(&self, head: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head =
            format!("{head}Host: stand\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        Some((status, answer[end + 4..].to_vec()))
    }

    async fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Option<Answer> {
        let head = format!("POST {path} HTTP/1.1\r\nUser-Agent: test\r\nContent-Type: {content_type}\r\n");
        self.send(&head, body).await
    }

    async fn get(&self, path: &str) -> Option<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nUser-Agent: test\r\n"), b"").await
    }

    async fn ocsp(&self, request: &[u8]) -> Option<Answer> {
        self.post("/ocsp", "application/ocsp-request", request).await
    }

    async fn time_stamp(&self, request: &[u8]) -> Option<Answer> {
        self.post("/tsp", "application/timestamp-query", request).await
    }
}

/// An OCSPResponse that holds nothing but a status.
fn status_alone(status: u8) -> Vec<u8> {
    vec![0x30, 3, 0x0A, 1, status]
}

#[tokio::test]
async fn ocsp_answers_what_was_asked_with_its_nonce() {
    let running = start().await;
    for label in ["person", "revoked", "rsa-head"] {
        let about = issued(key(label));
        let request = OcspRequest::new(&about, [9; 16]);
        let (status, answer) = running.ocsp(request.der()).await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(request.check(&answer, NOW).map(|answer| answer.is_definite), Ok(true), "{label}");
        let other = OcspRequest::new(&about, [8; 16]);
        assert_eq!(other.check(&answer, NOW), Err(OcspFault::OtherNonce), "{label}");
    }
    assert_eq!(running.switches.asked().ocsp, 3);
}

#[tokio::test]
async fn ocsp_does_not_know_what_the_ca_did_not_issue() {
    let running = start().await;
    let about = issued(key("person"));
    // The number of somebody whom another CA certified, asked about as this CA's.
    let foreign = Certificate::read(key("foreign").certificate()).unwrap();
    let strange = Issued { certificate: foreign, issuer: about.issuer };
    let request = OcspRequest::new(&strange, [9; 16]);
    let (_, answer) = running.ocsp(request.der()).await.unwrap();
    assert_eq!(request.check(&answer, NOW).map(|answer| answer.is_definite), Ok(false));
}

#[tokio::test]
async fn ocsp_refuses_to_speak_for_issuers_that_it_does_not_know() {
    let running = start().await;
    let person = issued(key("person"));
    let strange = Issued { issuer: person.certificate.clone(), certificate: person.certificate };
    let (_, answer) = running.ocsp(OcspRequest::new(&strange, [9; 16]).der()).await.unwrap();
    assert_eq!(answer, status_alone(6));
}

#[tokio::test]
async fn ocsp_says_of_junk_that_it_is_malformed() {
    let running = start().await;
    let about = issued(key("person"));
    let whole = OcspRequest::new(&about, [9; 16]).der().to_vec();
    for junk in
        [&b""[..], b"junk", &whole[..whole.len() - 1], &[&whole[..], b"x"].concat(), &[0x30, 2, 0x30, 0]]
    {
        assert_eq!(running.ocsp(junk).await, Some((200, status_alone(1))), "{junk:02x?}");
    }
}

#[tokio::test]
async fn ocsp_can_be_down_or_busy_or_forged_or_old() {
    let running = start().await;
    let about = issued(key("person"));
    let request = OcspRequest::new(&about, [9; 16]);
    running.switches.set_ocsp(OcspState::Down);
    assert_eq!(running.ocsp(request.der()).await, None);
    running.switches.set_ocsp(OcspState::TryLater);
    assert_eq!(running.ocsp(request.der()).await, Some((200, status_alone(3))));
    for (state, fault) in
        [(OcspState::Forged, OcspFault::NotEntitled), (OcspState::OutOfDate, OcspFault::OutOfDate)]
    {
        running.switches.set_ocsp(state);
        let (_, answer) = running.ocsp(request.der()).await.unwrap();
        assert_eq!(request.check(&answer, NOW), Err(fault), "{state:?}");
    }
    running.switches.set_ocsp(OcspState::Answers);
    let (_, answer) = running.ocsp(request.der()).await.unwrap();
    assert!(request.check(&answer, NOW).is_ok());
    assert_eq!(running.switches.asked().ocsp, 5);
}

#[tokio::test]
async fn lists_of_all_authorities_are_served_and_judge_a_signature() {
    let running = start().await;
    let mut data = RevocationData::default();
    for name in ["root-gost", "nca-gost", "root-rsa", "nca-rsa"] {
        let (status, list) = running.get(&format!("/crl/{name}.crl")).await.unwrap();
        assert_eq!(status, 200, "{name}");
        data.add_crl(list).unwrap();
    }
    assert_eq!(login("person", &data).revocation, Revocation::Good);
    assert_eq!(login("rsa-head", &data).revocation, Revocation::Good);
    assert_eq!(login("revoked", &data).revocation.as_str(), "revoked");
    assert_eq!(running.switches.asked().lists, 4);
    assert_eq!(running.get("/crl/other.crl").await.map(|(status, _)| status), Some(404));
}

#[tokio::test]
async fn lists_can_be_out_of_date_or_down() {
    let running = start().await;
    running.switches.set_lists(ListState::OutOfDate);
    let (_, list) = running.get("/crl/nca-gost.crl").await.unwrap();
    let mut data = RevocationData::default();
    data.add_crl(list).unwrap();
    assert_eq!(login("person", &data).revocation.as_str(), "unknown");
    running.switches.set_lists(ListState::Down);
    assert_eq!(running.get("/crl/nca-gost.crl").await, None);
}

/// A TimeStampReq over a SHA-256 or Streebog-512, with what follows the imprint.
fn query(hash: HashAlgorithm, rest: &[u8]) -> Vec<u8> {
    let sequence = |parts: &[&[u8]]| {
        let body = parts.concat();
        [&[0x30, u8::try_from(body.len()).unwrap()], &body[..]].concat()
    };
    let algorithm: &[u8] = match hash {
        HashAlgorithm::Sha1 => &[0x06, 5, 0x2B, 0x0E, 0x03, 0x02, 0x1A],
        HashAlgorithm::Sha256 => &[0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
        _ => &[0x06, 8, 0x2A, 0x83, 0x0E, 0x03, 0x0A, 0x01, 0x03, 0x03],
    };
    let digest = hash.hash(b"signature");
    let digest = [&[4, u8::try_from(digest.len()).unwrap()], &digest[..]].concat();
    let imprint = sequence(&[&sequence(&[algorithm, &[5, 0]]), &digest]);
    sequence(&[&[2, 1, 1], &imprint, rest])
}

const NONCE: [u8; 4] = [2, 2, 0x12, 0x34];
const WITH_CERTIFICATE: [u8; 3] = [1, 1, 0xFF];

/// The policies 1.2.398.3.3.2.6.2 (RSA) and 1.2.398.3.3.2.6.4 (GOST).
const BY_RSA: [u8; 10] = [6, 8, 0x2A, 0x83, 0x0E, 3, 3, 2, 6, 2];
const BY_GOST: [u8; 10] = [6, 8, 0x2A, 0x83, 0x0E, 3, 3, 2, 6, 4];

/// The token of a TimeStampResp that was granted.
fn token(response: &[u8]) -> &[u8] {
    // The outer length takes two bytes; then comes a status of zero.
    assert_eq!((response[0], response[1], &response[4..9]), (0x30, 0x82, &[0x30, 3, 2, 1, 0][..]));
    &response[9..]
}

/// The verdict on the signer of a token, and what the token says.
fn opened(token: &[u8]) -> (SignerVerdict, Vec<u8>) {
    let verdict = judge(token, None, &RevocationData::default(), Purpose::Document).unwrap();
    let info = verdict.document.clone().unwrap();
    (only(verdict), info)
}

fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn the_time_stamper_signs_the_imprint_the_nonce_and_its_clocks_time() {
    let running = start().await;
    let cases = [
        (HashAlgorithm::Sha256, &[][..], BY_RSA, "RSA"),
        (HashAlgorithm::Streebog512, &[], BY_GOST, "GOST"),
        (HashAlgorithm::Sha256, &BY_GOST, BY_GOST, "GOST"),
        (HashAlgorithm::Streebog512, &BY_RSA, BY_RSA, "RSA"),
    ];
    for (hash, asked, policy, kind) in cases {
        let rest = [asked, &NONCE, &WITH_CERTIFICATE].concat();
        let (status, answer) = running.time_stamp(&query(hash, &rest)).await.unwrap();
        assert_eq!(status, 200);
        let (signer, info) = opened(token(&answer));
        assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Ok), "{hash:?} by {kind}");
        assert_eq!(signer.chain, Chain::Ok);
        assert!(signer.authorities[0].contains(kind), "{hash:?} by {kind}");
        assert!(holds(&info, &hash.hash(b"signature")) && holds(&info, &policy) && holds(&info, &NONCE));
        assert!(holds(&info, b"20260701120000Z"));
    }
    assert_eq!(running.switches.asked().time_stamps, 4);
}

#[tokio::test]
async fn a_token_brings_its_certificate_only_when_asked_for() {
    let running = start().await;
    let (_, answer) = running.time_stamp(&query(HashAlgorithm::Sha256, &[])).await.unwrap();
    assert!(opened(token(&answer)).0.certificate.is_none());
}

#[tokio::test]
async fn what_the_time_stamper_cannot_do_it_refuses_with_a_reason() {
    let running = start().await;
    let rejection =
        |bits: &[u8]| [&[0x30, 5 + bits.len() as u8, 0x30, 3 + bits.len() as u8, 2, 1, 2], bits].concat();
    let other_policy = [6, 3, 0x2A, 3, 4];
    let cases = [
        (b"junk".to_vec(), &[3, 2, 2, 0x04][..]),
        (query(HashAlgorithm::Sha1, &[]), &[3, 2, 7, 0x80]),
        (query(HashAlgorithm::Sha256, &other_policy), &[3, 3, 0, 0, 1]),
        (query(HashAlgorithm::Sha256, &[0xA0, 2, 0x30, 0]), &[3, 4, 7, 0, 0, 0x80]),
        (query(HashAlgorithm::Sha256, &[5, 0]), &[3, 2, 2, 0x04]),
    ];
    for (request, bits) in cases {
        assert_eq!(running.time_stamp(&request).await, Some((200, rejection(bits))), "{request:02x?}");
    }
}

#[tokio::test]
async fn answers_can_be_slow_and_the_time_stamper_down() {
    let running = start().await;
    running.switches.change(|settings| settings.is_time_stamper_down = true);
    assert_eq!(running.time_stamp(&query(HashAlgorithm::Sha256, &[])).await, None);
    let delay = Duration::from_millis(200);
    running.switches.change(|settings| settings.delay = delay);
    let begun = tokio::time::Instant::now();
    assert!(running.get("/crl/nca-gost.crl").await.is_some());
    assert!(begun.elapsed() >= delay);
}

#[tokio::test]
async fn other_requests_are_refused_as_http_has_it() {
    let running = start().await;
    let status = |answer: Option<Answer>| answer.map(|(status, _)| status);
    assert_eq!(status(running.get("/ocsp").await), Some(405));
    assert_eq!(status(running.get("/").await), Some(404));
    assert_eq!(status(running.post("/ocsp", "text/plain", b"").await), Some(415));
    assert_eq!(status(running.ocsp(&[0; (64 << 10) + 1]).await), Some(413));
    // The national CA's servers send whoever does not say what it is elsewhere.
    assert_eq!(status(running.send("GET /crl/nca-gost.crl HTTP/1.1\r\n", b"").await), Some(303));
}

#[tokio::test]
async fn services_end_when_they_are_stopped_whoever_is_connected() {
    let running = start().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    running.get("/crl/nca-gost.crl").await.unwrap();
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(running.address).await.is_err());
}
