//! An NCALayer without windows: it answers pages as the real one does, and signs with the keys of a test PKI.
//!
//! What a person would do at its windows is set by a [`Handle`], in code or over the small page of [`control`].
//! docs/stand.md says what is as in the real one and what is not.

mod answer;
mod asked;
mod basics;
mod common_utils;
pub mod control;
mod desk;
mod filter;
mod pem;
mod request;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

pub use self::desk::{DELAY_MAX, Encoding, Fault, Handle, Outcome, Shape, Switches, UnknownKey, UnknownWord};

use self::answer::Answer;
use self::asked::Desk;
use crate::{Clock, Pki};

/// The longest message: the largest signature file that is verified (8 MiB) as base64, with room for the rest.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Connections at once: the pages of a few browsers.
pub const CONNECTIONS_MAX: usize = 32;

/// A page that says nothing for so long is gone.
const IDLE_MAX: Duration = Duration::from_secs(600);

/// For TLS and the WebSocket's handshake, and for each message that goes out.
const STEP_WITHIN: Duration = Duration::from_secs(10);

/// When the system has no more handles, accepting again at once only spins.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// The emulator, not yet listening.
#[derive(Clone)]
pub struct Emulator {
    handle: Handle,
    tls: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("switches", &self.handle.switches())
            .field("has_tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// An emulator with the keys of `pki`, and the handle that says what its person does.
    pub fn new(pki: Arc<Pki>, clock: Clock) -> (Self, Handle) {
        let handle = Handle::new(pki, clock);
        (Self { handle: handle.clone(), tls: None }, handle)
    }

    /// Speaks `wss`, as the real one does, instead of `ws`.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsAcceptor) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Serves pages of any origin, as the real one does, until `stop` is done; then ends every connection.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // Over the cap the connection is closed unheard.
                    let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
                    let emulator = self.clone();
                    connections.spawn(async move {
                        emulator.connection(stream, peer).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the emulator cannot accept a connection");
                    tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
                }
            }
        }
        connections.shutdown().await;
    }

    async fn connection(self, stream: TcpStream, peer: SocketAddr) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let ended = match self.tls.clone() {
            None => self.talk(stream).await,
            Some(tls) => match tokio::time::timeout(STEP_WITHIN, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.talk(stream).await,
                Ok(Err(error)) => Err(SocketError::Io(error)),
                Err(_) => Err(late()),
            },
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a page's connection to the emulator ended");
        }
    }

    /// One page: the greeting, then answer after answer in the order of its requests.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Result<(), SocketError> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let handshake = tokio_tungstenite::accept_async_with_config(stream, Some(config));
        let mut page = step(handshake).await?;
        send(&mut page, answer::greeting()).await?;
        while let Ok(Some(message)) = tokio::time::timeout(IDLE_MAX, page.next()).await {
            let text = match message? {
                Message::Text(text) => text,
                Message::Ping(_) | Message::Pong(_) => continue,
                // The real one speaks text alone.
                Message::Binary(_) | Message::Close(_) | Message::Frame(_) => break,
            };
            let answer = self.answer(text.to_string()).await;
            tokio::time::sleep(answer.after).await;
            if let Some(note) = answer.note {
                self.handle.note(note);
            }
            // Without an answer the connection falls as if the program had died: no closing handshake.
            let Some(text) = answer.text else { return Ok(()) };
            send(&mut page, text).await?;
        }
        step(page.close(None)).await
    }

    /// Signing takes some milliseconds of arithmetic, which must not hold up other connections.
    async fn answer(&self, message: String) -> Answer {
        let (handle, now) = (self.handle.clone(), self.handle.now());
        let answered = tokio::task::spawn_blocking(move || {
            let switches = handle.switches();
            answer::answer(&message, Desk { pki: handle.pki(), switches: &switches, now })
        });
        // Only a panic or the runtime's end leaves no answer: then the connection ends too.
        answered.await.unwrap_or(Answer { text: None, after: Duration::ZERO, note: None })
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    page: &mut WebSocketStream<S>,
    text: String,
) -> Result<(), SocketError> {
    step(page.send(Message::text(text))).await
}

/// A step of the conversation, which a page must not draw out.
async fn step<T>(step: impl Future<Output = Result<T, SocketError>>) -> Result<T, SocketError> {
    tokio::time::timeout(STEP_WITHIN, step).await.unwrap_or_else(|_| Err(late()))
}

fn late() -> SocketError {
    SocketError::Io(std::io::ErrorKind::TimedOut.into())
}
