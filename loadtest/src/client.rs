//! A register's link: plain TCP or TLS, kept or opened for each request, with faults on demand.

pub mod tls;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use ofd_protocol::frame::{self, FrameError, HEADER_LEN};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::tls::Tls;

/// What a device gives the whole exchange (WIRE section 1).
pub const EXCHANGE_SECONDS: u64 = 7;

/// Room for the usual answer, so that one read takes it.
const ANSWER_LEN_USUAL: usize = 4 * 1024;

/// Whether a request goes out as one write or byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dribble {
    /// The frame leaves in one write.
    #[default]
    Whole,
    /// A write for every byte, as over the worst of links.
    Bytewise,
}

/// What happens to the answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong on the way.
    None,
    /// It arrives and is lost; the link is closed.
    Discard,
    /// The link is closed before it can arrive.
    Cut,
}

/// Whether a connection serves one request or many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// One connection serves many requests.
    #[default]
    Open,
    /// One, as most till programs do.
    PerRequest,
}

/// Where the server is and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The address of the server.
    pub address: SocketAddr,
    /// TLS, or plain TCP when `None`.
    pub tls: Option<Tls>,
    /// Whether connections are kept.
    pub keep: Keep,
    /// How requests are written.
    pub dribble: Dribble,
    /// The most that one exchange may take, connecting included.
    pub exchange_max: Duration,
}

impl Endpoint {
    /// Plain TCP with a kept connection.
    pub fn plain(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            keep: Keep::Open,
            dribble: Dribble::Whole,
            exchange_max: Duration::from_secs(EXCHANGE_SECONDS),
        }
    }

    /// TLS with a kept connection.
    pub fn tls(address: SocketAddr, tls: Tls) -> Self {
        Self { tls: Some(tls), ..Self::plain(address) }
    }
}

/// Whether load may be sent to this address: loopback or private, never a stranger's server.
pub fn is_ours(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server was not reached.
    #[error("no connection to {address}; is the server running and does it listen there?")]
    Connect {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The link broke.
    #[error("the link broke before the answer was whole")]
    Broken(#[source] io::Error),
    /// The server closed the link.
    #[error("the server closed the link before the answer was whole")]
    Closed,
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Slow(Duration),
    /// The bytes are not a frame.
    #[error("what came is not an answer")]
    Frame(#[from] FrameError),
    /// More came than one answer.
    #[error("{0} bytes came after the answer, which nothing asked for")]
    Surplus(usize),
    /// The fault that was asked for.
    #[error("the answer was lost on purpose")]
    Injected,
}

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// One register's link.
pub struct Client {
    endpoint: Endpoint,
    stream: Option<Box<dyn Stream>>,
    received: BytesMut,
    consumed: usize,
}

impl Client {
    /// A link that is opened by the first exchange.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, stream: None, received: BytesMut::new(), consumed: 0 }
    }

    /// Where it goes and how.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Closes the link; the next exchange opens another.
    pub fn close(&mut self) {
        self.stream = None;
        self.received.clear();
        self.consumed = 0;
    }

    /// Sends a frame and waits for the answer's frame.
    ///
    /// # Errors
    /// [`ClientError`]; the link is closed then, and whether the server took the request is not known.
    pub async fn exchange(&mut self, request: &[u8], fault: Fault) -> Result<&[u8], ClientError> {
        let most = self.endpoint.exchange_max;
        let done = match timeout(most, self.attempt(request, fault)).await {
            Ok(done) => done,
            Err(_) => Err(ClientError::Slow(most)),
        };
        match done {
            Ok(len) => {
                if self.endpoint.keep == Keep::PerRequest {
                    self.stream = None;
                }
                self.consumed = len;
                Ok(self.received.get(..len).unwrap_or_default())
            }
            Err(error) => {
                self.close();
                Err(error)
            }
        }
    }

    /// Sends bytes as they are, to test what a server makes of them, and returns all it sends until it closes or
    /// falls silent for `patience`.
    ///
    /// # Errors
    /// [`ClientError`] when there is no connection.
    pub async fn send_bytes(&mut self, bytes: &[u8], patience: Duration) -> Result<Vec<u8>, ClientError> {
        self.close();
        self.connect().await?;
        let Some(stream) = &mut self.stream else { return Err(ClientError::Closed) };
        // A server that closes early is one of the things that are tested.
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
        let mut all = BytesMut::new();
        while all.len() <= frame::FRAME_LEN_MAX {
            match timeout(patience, stream.read_buf(&mut all)).await {
                Ok(Ok(read)) if read > 0 => {}
                Ok(Ok(_) | Err(_)) | Err(_) => break,
            }
        }
        self.close();
        Ok(all.to_vec())
    }

    async fn connect(&mut self) -> Result<(), ClientError> {
        if self.stream.is_some() {
            return Ok(());
        }
        let address = self.endpoint.address;
        let failed = |source| ClientError::Connect { address, source };
        let tcp = TcpStream::connect(address).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        self.stream = Some(match &self.endpoint.tls {
            None => Box::new(tcp),
            Some(tls) => Box::new(tls.connect(tcp).await.map_err(failed)?),
        });
        Ok(())
    }

    async fn attempt(&mut self, request: &[u8], fault: Fault) -> Result<usize, ClientError> {
        self.connect().await?;
        self.received.advance(self.consumed.min(self.received.len()));
        self.consumed = 0;
        if !self.received.is_empty() {
            return Err(ClientError::Surplus(self.received.len()));
        }
        let dribble = self.endpoint.dribble;
        let Some(stream) = &mut self.stream else { return Err(ClientError::Closed) };
        match dribble {
            Dribble::Whole => stream.write_all(request).await.map_err(ClientError::Broken)?,
            Dribble::Bytewise => {
                for byte in request {
                    stream.write_all(std::slice::from_ref(byte)).await.map_err(ClientError::Broken)?;
                    stream.flush().await.map_err(ClientError::Broken)?;
                }
            }
        }
        stream.flush().await.map_err(ClientError::Broken)?;
        if fault == Fault::Cut {
            return Err(ClientError::Injected);
        }
        let len = self.receive().await?;
        if fault == Fault::Discard { Err(ClientError::Injected) } else { Ok(len) }
    }

    async fn receive(&mut self) -> Result<usize, ClientError> {
        let Some(stream) = &mut self.stream else { return Err(ClientError::Closed) };
        loop {
            if let Some(header) = frame::header(&self.received)? {
                let whole = usize::try_from(header.size).unwrap_or(usize::MAX).max(HEADER_LEN);
                if let Some(surplus) = self.received.len().checked_sub(whole) {
                    return if surplus == 0 { Ok(whole) } else { Err(ClientError::Surplus(surplus)) };
                }
            }
            self.received.reserve(ANSWER_LEN_USUAL);
            if stream.read_buf(&mut self.received).await.map_err(ClientError::Broken)? == 0 {
                return Err(ClientError::Closed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers every connection with the same bytes once a byte came, then closes.
    async fn server(answer: Vec<u8>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = [0; 64];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(&answer).await;
            }
        });
        address
    }

    fn empty_frame() -> Vec<u8> {
        let mut bytes = vec![0xA2, 0x81, 203, 0, 18, 0, 0, 0];
        bytes.resize(18, 0);
        bytes
    }

    #[tokio::test]
    async fn an_answer_is_taken_whole() {
        let mut client = Client::new(Endpoint::plain(server(empty_frame()).await));
        assert_eq!(client.exchange(b"x", Fault::None).await.unwrap(), empty_frame());
        client.close();
        let lost = client.exchange(b"x", Fault::Discard).await.unwrap_err();
        assert!(matches!(lost, ClientError::Injected));
        let cut = client.exchange(b"x", Fault::Cut).await.unwrap_err();
        assert!(matches!(cut, ClientError::Injected));
    }

    #[tokio::test]
    async fn a_half_answer_a_surplus_and_foreign_bytes_are_errors() {
        let half = server(empty_frame()[..17].to_vec()).await;
        let closed = Client::new(Endpoint::plain(half)).exchange(b"x", Fault::None).await.unwrap_err();
        assert!(matches!(closed, ClientError::Closed), "{closed}");
        let surplus = server([empty_frame(), vec![1]].concat()).await;
        let error = Client::new(Endpoint::plain(surplus)).exchange(b"x", Fault::None).await.unwrap_err();
        assert!(matches!(error, ClientError::Surplus(1)), "{error}");
        let mut long = empty_frame();
        long[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        let long = server(long).await;
        let error = Client::new(Endpoint::plain(long)).exchange(b"x", Fault::None).await.unwrap_err();
        assert!(matches!(error, ClientError::Frame(FrameError::Size { .. })), "{error}");
    }

    #[test]
    fn only_loopback_and_private_addresses_are_ours() {
        for (address, ours) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("192.168.0.9", true),
            ("8.8.8.8", false),
            ("::1", true),
        ] {
            assert_eq!(is_ours(address.parse().unwrap()), ours, "{address}");
        }
    }
}
