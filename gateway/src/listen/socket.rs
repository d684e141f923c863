//! What is set on every accepted socket, and what a connection needs of one.

use std::io;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// When a silent peer is asked whether it is still there, and when it is given up. Registers vanish without a word when
/// their power or link does, and would hold their place until the idle deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// The first question after so much silence.
    pub after: Duration,
    /// The next ones after so much more.
    pub every: Duration,
    /// Without an answer to so many the connection ends.
    pub tries: u32,
}

impl Keepalive {
    /// A dead peer is found after two minutes.
    pub const WIRED: Self = Self { after: Duration::from_secs(60), every: Duration::from_secs(15), tries: 4 };

    /// After five: a question costs a SIM card's traffic and wakes its modem, and its link may be away for a while.
    pub const SIM: Self = Self { after: Duration::from_secs(180), every: Duration::from_secs(30), tries: 4 };
}

/// Prepares an accepted socket.
///
/// # Errors
/// The system's: the connection has ended before it began.
pub(super) fn prepare(stream: &TcpStream, keepalive: Keepalive) -> io::Result<()> {
    // Answers are small and awaited: they must not wait for more to send.
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, keepalive.after)?;
    sockopt::set_tcp_keepintvl(stream, keepalive.every)?;
    sockopt::set_tcp_keepcnt(stream, keepalive.tries)?;
    Ok(())
}

/// A stream of bytes that can tell when there is something to read, so that nothing is kept in readiness before.
pub(super) trait Link: AsyncRead + AsyncWrite + Unpin + Send {
    /// Done when a read may find something, or sooner.
    fn may_read(&self) -> impl Future<Output = io::Result<()>> + Send;
}

impl Link for TcpStream {
    fn may_read(&self) -> impl Future<Output = io::Result<()>> + Send {
        self.readable()
    }
}

impl Link for TlsStream<TcpStream> {
    // Bytes may lie decrypted already, so the socket alone cannot tell.
    fn may_read(&self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn accepted_sockets_ask_a_silent_peer_whether_it_is_still_there() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let (_client, stream) = (client.unwrap(), accepted.unwrap().0);
        for keepalive in [Keepalive::WIRED, Keepalive::SIM] {
            prepare(&stream, keepalive).unwrap();
            assert!(sockopt::socket_keepalive(&stream).unwrap() && stream.nodelay().unwrap());
            assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), keepalive.after);
            assert_eq!(sockopt::tcp_keepintvl(&stream).unwrap(), keepalive.every);
            assert_eq!(sockopt::tcp_keepcnt(&stream).unwrap(), keepalive.tries);
        }
    }
}
