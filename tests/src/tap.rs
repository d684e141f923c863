//! A relay between registers and the server that reads every answer strictly and remembers what was acknowledged.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use ofd_protocol::frame::{self, HEADER_LEN};
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::device::read_answer;
use crate::oracle::lenient;

/// Commands whose success means that a document is stored.
const FISCAL: [u32; 4] = [1, 2, 6, 7];

/// What went through.
#[derive(Debug, Default)]
pub struct Seen {
    /// Answers by result code.
    pub codes: BTreeMap<u32, u64>,
    /// What was wrong with answers.
    pub wrong: Vec<String>,
    /// Requests of fiscal commands, each once, as they came.
    pub requests: HashSet<Vec<u8>>,
    /// Receipts that were acknowledged: ticket number to register.
    pub receipts: BTreeMap<String, u32>,
    /// Requests that got a 0, each once: with the register.
    pub acknowledged: HashSet<Vec<u8>>,
    /// When a document was last accepted, of whichever register.
    last_accepted: Option<Instant>,
    longest_silence: Duration,
}

impl Seen {
    /// The longest time between two accepted documents, of whichever registers, since the last call.
    pub fn take_longest_silence(&mut self) -> Duration {
        let lasting = self.last_accepted.map_or(Duration::ZERO, |last| last.elapsed());
        std::mem::take(&mut self.longest_silence).max(lasting)
    }

    /// Silence counts from now.
    pub fn begin_silence(&mut self) {
        self.last_accepted = Some(Instant::now());
        self.longest_silence = Duration::ZERO;
    }

    fn accepted(&mut self) {
        let silence = self.last_accepted.map_or(Duration::ZERO, |last| last.elapsed());
        self.longest_silence = self.longest_silence.max(silence);
        self.last_accepted = Some(Instant::now());
    }
}

/// The relay; it ends with its runtime.
#[derive(Clone, Debug)]
pub struct Tap {
    /// Where registers connect.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Tap {
    /// Starts a relay to `server`, which need not run yet.
    ///
    /// # Errors
    /// Those of the operating system.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        Self::start_over(vec![server]).await
    }

    /// Starts a relay to several servers: connections go to them in turn, past those that take none.
    ///
    /// # Errors
    /// Those of the operating system.
    pub async fn start_over(servers: Vec<SocketAddr>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let tap = Self { address: listener.local_addr()?, seen: Arc::default() };
        let accepting = tap.clone();
        let (servers, turn) = (Arc::new(servers), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                let (tap, servers) = (accepting.clone(), Arc::clone(&servers));
                let first = turn.fetch_add(1, Ordering::Relaxed);
                // Whichever side breaks the link, the other one sees it broken.
                tokio::spawn(async move { drop(tap.relay(device, &servers, first).await) });
            }
        });
        Ok(tap)
    }

    /// What went through so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn relay(&self, device: TcpStream, servers: &[SocketAddr], first: usize) -> io::Result<()> {
        let server = connect(servers, first).await?;
        device.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_device, to_device) = device.into_split();
        let (from_server, to_server) = server.into_split();
        let asked: Arc<Mutex<Vec<u8>>> = Arc::default();
        let there = self.clone().requests(from_device, to_server, Arc::clone(&asked));
        let back = self.clone().answers(from_server, to_device, asked);
        let (there, back) = tokio::join!(there, back);
        there.and(back)
    }

    /// Passes requests on. The device's end is the server's: it may still answer what it was asked.
    async fn requests(
        self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        asked: Arc<Mutex<Vec<u8>>>,
    ) -> io::Result<()> {
        let mut buffer = BytesMut::new();
        while from.read_buf(&mut buffer).await? > 0 {
            while let Some(whole) = take_frame(&mut buffer)? {
                if is_fiscal_request(&whole) {
                    self.seen().requests.insert(whole.to_vec());
                }
                *asked.lock().unwrap_or_else(PoisonError::into_inner) = whole.to_vec();
                to.write_all(&whole).await?;
            }
        }
        to.shutdown().await
    }

    async fn answers(
        self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        asked: Arc<Mutex<Vec<u8>>>,
    ) -> io::Result<()> {
        let mut buffer = BytesMut::new();
        while from.read_buf(&mut buffer).await? > 0 {
            while let Some(whole) = take_frame(&mut buffer)? {
                let request = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
                self.note(request, &whole);
                // A device that hung up lost the answer; that is what is tested.
                let _ = to.write_all(&whole).await;
            }
        }
        to.shutdown().await
    }

    fn note(&self, request: Vec<u8>, answer: &[u8]) {
        let read = read_answer(answer);
        let mut seen = self.seen();
        let read = match read {
            Ok(read) => read,
            Err(wrong) => return seen.wrong.push(wrong),
        };
        let code = read.code();
        let count = seen.codes.entry(code).or_default();
        *count += 1;
        if code != 0 || !is_fiscal_request(&request) {
            return;
        }
        if let Some(ticket) = &read.response.ticket {
            seen.receipts.insert(ticket.ticket_number().to_owned(), read.header.register.0);
        }
        seen.acknowledged.insert(request);
        seen.accepted();
    }
}

async fn connect(servers: &[SocketAddr], first: usize) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotConnected, "there are no servers");
    for number in 0..servers.len() {
        match TcpStream::connect(servers[(first + number) % servers.len()]).await {
            Ok(server) => return Ok(server),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn take_frame(buffer: &mut BytesMut) -> io::Result<Option<BytesMut>> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let Some(header) = frame::header(buffer).map_err(invalid)? else { return Ok(None) };
    let size = usize::try_from(header.size).unwrap_or(usize::MAX);
    Ok((buffer.len() >= size).then(|| buffer.split_to(size)))
}

/// Whether a frame asks for something that is stored.
pub fn is_fiscal_request(frame: &[u8]) -> bool {
    let payload = frame.get(HEADER_LEN..).unwrap_or_default();
    let request = lenient::Request::decode(payload).unwrap_or_default();
    request.command.and_then(|code| u32::try_from(code).ok()).is_some_and(|code| FISCAL.contains(&code))
}
