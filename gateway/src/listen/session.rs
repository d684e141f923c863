//! One connection: frames in, answers out, strictly in turn, each part within its deadline.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ofd_protocol::frame::{self, FrameError, HEADER_LEN, Header};
use ofd_protocol::refusal::Unavailable;
use ofd_storage::store::Store;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::codec::{CodecError, FrameCodec};
use crate::config::Patience;
use crate::metrics;
use crate::service::{self, Origin, Reply, Service, World};

/// After an answer that ends the connection what still comes is read this long: a reset would eat the answer.
const LINGER: Duration = Duration::from_secs(2);

/// The result code of what cannot be read.
const UNREADABLE: u32 = 3;

/// A usual receipt; longer ones grow the buffer by what their header says.
const BUFFER: usize = 2048;

/// A buffer that a long receipt made grow is given back after it.
const BUFFER_KEPT_MAX: usize = 64 * 1024;

/// One connection.
pub(super) struct Session<T> {
    stream: T,
    input: BytesMut,
    output: BytesMut,
    codec: FrameCodec,
    patience: Patience,
}

/// What came.
enum Input {
    Frame(Bytes),
    /// Bytes that are no frame, with what their header says, if it came.
    Unreadable(Option<Header>),
    /// The peer is gone, or too slow.
    End,
}

/// How far the next frame has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Header,
    Payload,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    pub(super) fn new(stream: T, patience: Patience) -> Self {
        let (input, output) = (BytesMut::with_capacity(BUFFER), BytesMut::with_capacity(BUFFER));
        Self { stream, input, output, codec: FrameCodec, patience }
    }

    /// Serves requests until the peer leaves, breaks the rules, or the server goes down.
    pub(super) async fn run<S: Store, W: World>(
        &mut self,
        service: &Service<S, W>,
        origin: Origin,
        stop: &CancellationToken,
    ) {
        loop {
            let input = tokio::select! {
                biased;
                input = self.read() => input,
                () = stop.cancelled() => return self.stop(service, origin).await,
            };
            let reply = match input {
                Input::Frame(raw) => service.handle(&raw, origin).await,
                Input::Unreadable(Some(header)) => {
                    metrics::frame_answered(None, UNREADABLE, std::time::Instant::now());
                    service::unreadable(header)
                }
                Input::Unreadable(None) | Input::End => return,
            };
            if !self.write(&reply).await {
                return;
            }
            if reply.closes {
                return self.linger().await;
            }
            if stop.is_cancelled() {
                return self.stop(service, origin).await;
            }
        }
    }

    /// Answers the one request of a connection that is over the cap.
    pub(super) async fn turn_away(&mut self) {
        let deadline = Instant::now() + LINGER;
        while self.input.len() < HEADER_LEN {
            match tokio::time::timeout_at(deadline, self.stream.read_buf(&mut self.input)).await {
                Ok(Ok(read)) if read > 0 => {}
                Ok(Ok(_) | Err(_)) | Err(_) => return,
            }
        }
        let reply = match frame::header(&self.input) {
            Ok(Some(header)) => service::unavailable(header, Unavailable::Overloaded),
            Ok(None) | Err(_) => match frame::header_of_unreadable(&self.input) {
                Some(header) => service::unreadable(header),
                None => return,
            },
        };
        if self.write(&reply).await {
            self.linger().await;
        }
    }

    /// Ends a connection at a shutdown. A request that has come in part is served when the rest comes soon; else it
    /// is answered 254 as far as its header goes, which is all that is known of it.
    async fn stop<S: Store, W: World>(&mut self, service: &Service<S, W>, origin: Origin) {
        if !self.input.is_empty() {
            let input = tokio::time::timeout(LINGER, self.read()).await;
            let reply = match (input, frame::header(&self.input)) {
                (Ok(Input::Frame(raw)), _) => service.handle(&raw, origin).await,
                (Ok(Input::Unreadable(Some(header))), _) => service::unreadable(header),
                (Err(_), Ok(Some(header))) => service::unavailable(header, Unavailable::Stopping),
                (Ok(Input::Unreadable(None) | Input::End) | Err(_), _) => return,
            };
            if !self.write(&reply).await {
                return;
            }
        }
        // Whether the peer hears of the end any more is its business.
        let _ = tokio::time::timeout(LINGER, self.stream.shutdown()).await;
    }

    /// Reads one frame. Each phase has one deadline from its beginning: bytes that dribble in do not move it.
    async fn read(&mut self) -> Input {
        let mut phase = Phase::Idle;
        let mut deadline = Instant::now() + self.patience.idle;
        loop {
            match self.codec.decode(&mut self.input) {
                Ok(Some(raw)) => return Input::Frame(raw),
                Ok(None) => {}
                Err(CodecError::Frame(FrameError::Size { header })) => {
                    return Input::Unreadable(Some(header));
                }
                Err(CodecError::Frame(FrameError::Foreign(_))) => return self.read_foreign().await,
                Err(CodecError::Io(_) | CodecError::AnswerTooLong { .. }) => return Input::End,
            }
            let now = match self.input.len() {
                0 => Phase::Idle,
                1..HEADER_LEN => Phase::Header,
                _ => Phase::Payload,
            };
            if now != phase {
                phase = now;
                let patience = match phase {
                    Phase::Idle => self.patience.idle,
                    Phase::Header => self.patience.header,
                    Phase::Payload => self.patience.payload,
                };
                deadline = Instant::now() + patience;
            }
            match tokio::time::timeout_at(deadline, self.stream.read_buf(&mut self.input)).await {
                Ok(Ok(read)) if read > 0 => {}
                Ok(Ok(_)) => return Input::End,
                Ok(Err(error)) => {
                    debug!(%error, "the link broke");
                    return Input::End;
                }
                Err(_) => return Input::End,
            }
        }
    }

    /// Another protocol speaks: as much is awaited as a header has, to answer it if it was meant as one.
    async fn read_foreign(&mut self) -> Input {
        let deadline = Instant::now() + LINGER;
        while self.input.len() < HEADER_LEN {
            match tokio::time::timeout_at(deadline, self.stream.read_buf(&mut self.input)).await {
                Ok(Ok(read)) if read > 0 => {}
                Ok(Ok(_) | Err(_)) | Err(_) => break,
            }
        }
        Input::Unreadable(frame::header_of_unreadable(&self.input))
    }

    async fn write(&mut self, reply: &Reply) -> bool {
        self.output.clear();
        if let Err(error) = self.codec.encode(&reply.answer, &mut self.output) {
            tracing::error!(%error, "an answer was not sent: {error}");
            return false;
        }
        let written = tokio::time::timeout(self.patience.write, async {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await
        });
        let is_written = matches!(written.await, Ok(Ok(())));
        if self.output.capacity() > BUFFER_KEPT_MAX {
            self.output = BytesMut::with_capacity(BUFFER);
        }
        is_written
    }

    /// Says that no more will be said, and reads on for a while.
    async fn linger(&mut self) {
        let drained = tokio::time::timeout(LINGER, async {
            self.stream.shutdown().await?;
            let mut ignored = [0; 4096];
            while self.stream.read(&mut ignored).await? > 0 {}
            std::io::Result::Ok(())
        });
        // The connection ends now, however that went.
        let _ = drained.await;
    }
}
