//! Bare connections that say whatever they like.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ofd_protocol::frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::device::{Read, read_answer};

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server closed it in order.
    Closed,
    /// It was reset: what was under way is lost.
    Reset,
    /// Nothing happened for as long as was waited.
    Silent,
}

/// What a server said.
#[derive(Clone, Debug)]
pub struct Said {
    /// All bytes of the frame.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub after: Duration,
}

impl Said {
    /// The one answer that was all it said before it closed in order.
    ///
    /// # Panics
    /// When it said anything else.
    #[track_caller]
    pub fn one_answer_and_the_end(&self) -> Read {
        assert_eq!(self.end, End::Closed, "{self:02X?}");
        read_answer(&self.bytes).unwrap_or_else(|wrong| panic!("{wrong}"))
    }
}

/// Connects, from another address of this machine when `from` is not 0.
///
/// # Panics
/// When the server does not accept.
pub async fn connect(to: SocketAddr, from: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    if from != 0 {
        let from = SocketAddr::from(([127, 0, 1, from], 0));
        socket.bind(from).unwrap_or_else(|error| panic!("{from}: {error}"));
    }
    let stream = socket.connect(to).await.unwrap_or_else(|error| panic!("no connection to {to}: {error}"));
    stream.set_nodelay(true).expect("a socket takes options");
    stream
}

/// Reads until the server closes or falls silent for `patience`.
pub async fn listen(stream: &mut TcpStream, patience: Duration) -> Said {
    let (mut bytes, since) = (Vec::new(), Instant::now());
    let end = loop {
        match tokio::time::timeout(patience, stream.read_buf(&mut bytes)).await {
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(_)) => {}
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Ok(Err(error)) => panic!("the link broke in a way of its own: {error}"),
            Err(_) => break End::Silent,
        }
    };
    Said { bytes, end, after: since.elapsed() }
}

/// Reads one answer.
///
/// # Panics
/// When none comes whole within `patience`.
pub async fn hear(stream: &mut TcpStream, patience: Duration) -> Read {
    let (mut bytes, until) = (Vec::new(), tokio::time::Instant::now() + patience);
    loop {
        if let Ok(Some(header)) = frame::header(&bytes)
            && bytes.len() >= usize::try_from(header.size).unwrap_or(usize::MAX)
        {
            return read_answer(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
        let read = tokio::time::timeout_at(until, stream.read_buf(&mut bytes)).await;
        let read = read.unwrap_or_else(|_| panic!("no answer within {patience:?}, only {bytes:02X?}"));
        assert!(read.is_ok_and(|len| len > 0), "the link broke before an answer was whole: {bytes:02X?}");
    }
}

/// Sends bytes on a connection of their own and hears what comes of it.
pub async fn say(to: SocketAddr, bytes: &[u8], patience: Duration) -> Said {
    let mut stream = connect(to, 0).await;
    // A server that closes early is one of the things that are tested.
    let _ = stream.write_all(bytes).await;
    listen(&mut stream, patience).await
}

/// The header of a frame, field by field.
#[derive(Clone, Copy, Debug)]
pub struct RawFrame {
    /// The application code.
    pub appcode: u16,
    /// The field VERSION of the header.
    pub version: u16,
    /// SIZE; that of header and payload when `None`.
    pub size: Option<u32>,
    /// The field ID of the header.
    pub id: u32,
    /// The field TOKEN of the header.
    pub token: u32,
    /// The field REQNUM of the header.
    pub request: u16,
}

impl RawFrame {
    /// A header with nothing wrong, of an id that nobody has.
    pub const NOBODY: Self =
        Self { appcode: 0x81A2, version: 203, size: None, id: 4_000_000, token: 77, request: 9 };

    /// The frame with a payload.
    pub fn with(self, payload: &[u8]) -> Vec<u8> {
        let Self { appcode, version, size, id, token, request } = self;
        let len = u32::try_from(payload.len() + frame::HEADER_LEN).expect("tests send short frames");
        let mut bytes = Vec::with_capacity(payload.len() + frame::HEADER_LEN);
        bytes.extend_from_slice(&appcode.to_le_bytes());
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&size.unwrap_or(len).to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
        bytes.extend_from_slice(&token.to_le_bytes());
        bytes.extend_from_slice(&request.to_le_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }
}
