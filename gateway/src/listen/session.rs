//! One connection: frames in, answers out, strictly in turn, each part within its deadline.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ofd_edge::World;
use ofd_protocol::frame::{self, FrameError, HEADER_LEN, Header};
use ofd_protocol::refusal::Unavailable;
use ofd_storage::store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::frames::{FrameBudget, Room, STRANGERS_FRAME_MAX};
use super::socket::Link;
use super::unproven::Newcomer;
use crate::codec::{CodecError, FrameCodec};
use crate::config::Patience;
use crate::metrics::{self, TurnedAway};
use crate::service::{self, Origin, Reply, Service, Standing, Welcome};

/// After an answer that ends the connection what still comes is read this long: a reset would eat the answer.
const LINGER: Duration = Duration::from_secs(2);

/// The result code of what cannot be read.
const UNREADABLE: u32 = 3;

/// A usual receipt: so much is read at once, and no account is kept of it. It is given back with every answer, since
/// most connections say nothing most of the time.
const BUFFER: usize = 2048;

/// Answers that a connection gets before it has shown a good token. An honest till shows one with its first request,
/// and one that was set up wrongly stops at the first refusal.
const TRIES_MAX: u32 = 5;

/// One connection of a device.
pub(super) struct Session<T> {
    stream: T,
    input: BytesMut,
    output: BytesMut,
    codec: FrameCodec,
    patience: Patience,
    frames: Arc<FrameBudget>,
    /// Room for the frame under way, if it is a long one.
    room: Option<Room>,
    /// Until a good token came.
    unproven: Option<Unproven>,
}

/// What a connection has that has not shown a good token.
struct Unproven {
    place: Newcomer,
    /// When it must have shown a good token.
    until: Instant,
    tries: u32,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The peer left, broke the rules or was too slow, or the server went down.
    Served,
    /// It had to make room for others.
    Evicted,
    /// It has shown no good token.
    Unproven,
}

/// What the link brought, or that it is over.
enum Input {
    Frame(Bytes),
    /// The header of a frame whose payload nobody waits for, with the answer.
    Early(Reply),
    /// Bytes that are no frame, with what their header says, if it came.
    Unreadable(Option<Header>),
    /// The peer is gone, or too slow.
    End(Ended),
}

/// How far the next frame has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Header,
    Payload,
}

impl<T: Link> Session<T> {
    pub(super) fn new(stream: T, patience: Patience, frames: Arc<FrameBudget>) -> Self {
        let (input, output) = (BytesMut::new(), BytesMut::new());
        Self { stream, input, output, codec: FrameCodec, patience, frames, room: None, unproven: None }
    }

    /// The connection ends unless it shows a good token until then, and soon when others need its place.
    pub(super) fn must_prove(&mut self, place: Newcomer, until: Instant) {
        self.unproven = Some(Unproven { place, until, tries: 0 });
    }

    /// Serves requests until the peer leaves, breaks the rules, or the server goes down.
    pub(super) async fn run<S: Store, W: World>(
        &mut self,
        service: &Service<S, W>,
        origin: Origin,
        stop: &CancellationToken,
    ) -> Ended {
        loop {
            let input = tokio::select! {
                biased;
                input = self.read(service, origin) => input,
                () = stop.cancelled() => return self.stop(service, origin).await,
            };
            let mut reply = match input {
                // Boxed: most connections wait most of the time, and then hold nothing of what a request needs.
                Input::Frame(raw) => Box::pin(service.handle(&raw, origin)).await,
                Input::Early(reply) => reply,
                Input::Unreadable(Some(header)) => {
                    metrics::frame_answered(None, UNREADABLE, std::time::Instant::now());
                    service::unreadable(header)
                }
                Input::Unreadable(None) => return Ended::Served,
                Input::End(ended) => return ended,
            };
            let ended = self.judge(&mut reply);
            if !self.write(&reply).await {
                return ended;
            }
            if reply.closes {
                self.linger().await;
                return ended;
            }
            self.give_back();
            if stop.is_cancelled() {
                return self.stop(service, origin).await;
            }
        }
    }

    /// What an answer tells of who asked.
    fn judge(&mut self, reply: &mut Reply) -> Ended {
        let Some(unproven) = &mut self.unproven else { return Ended::Served };
        match reply.standing {
            Standing::Register => {
                self.unproven = None;
                Ended::Served
            }
            Standing::Unjudged => Ended::Unproven,
            Standing::Stranger => {
                unproven.tries = unproven.tries.saturating_add(1);
                reply.closes |= unproven.tries >= TRIES_MAX;
                Ended::Unproven
            }
        }
    }

    /// Gives back what the last request took.
    fn give_back(&mut self) {
        self.room = None;
        // What came behind the request is kept, its buffer is not.
        self.input =
            if self.input.is_empty() { BytesMut::new() } else { BytesMut::from(self.input.as_ref()) };
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
    async fn stop<S: Store, W: World>(&mut self, service: &Service<S, W>, origin: Origin) -> Ended {
        if !self.input.is_empty() {
            let input = tokio::time::timeout(LINGER, self.read(service, origin)).await;
            let reply = match (input, frame::header(&self.input)) {
                (Ok(Input::Frame(raw)), _) => Box::pin(service.handle(&raw, origin)).await,
                (Ok(Input::Early(reply)), _) => reply,
                (Ok(Input::Unreadable(Some(header))), _) => service::unreadable(header),
                (Err(_), Ok(Some(header))) => service::unavailable(header, Unavailable::Stopping),
                (Ok(Input::End(ended)), _) => return ended,
                (Ok(Input::Unreadable(None)) | Err(_), _) => return Ended::Served,
            };
            if !self.write(&reply).await {
                return Ended::Served;
            }
        }
        // Whether the peer hears of the end any more is its business.
        let _ = tokio::time::timeout(LINGER, self.stream.shutdown()).await;
        Ended::Served
    }

    /// Reads one frame. Each phase has one deadline from its beginning: bytes that dribble in do not move it.
    async fn read<S: Store, W: World>(&mut self, service: &Service<S, W>, origin: Origin) -> Input {
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
                Err(CodecError::Io(_) | CodecError::AnswerTooLong { .. }) => {
                    return Input::End(Ended::Served);
                }
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
                if phase == Phase::Payload
                    && let Some(reply) = Box::pin(self.make_room(service, origin)).await
                {
                    return Input::Early(reply);
                }
            }
            if let Err(ended) = self.read_more(deadline).await {
                return Input::End(ended);
            }
        }
    }

    /// Makes room for the rest of a frame whose header is there. Whoever is known has it from the part of registers; a
    /// stranger from the strangers', and where that does not do his token is judged now instead of after the payload.
    async fn make_room<S: Store, W: World>(
        &mut self,
        service: &Service<S, W>,
        origin: Origin,
    ) -> Option<Reply> {
        let header = frame::header(&self.input).ok().flatten()?;
        let size = usize::try_from(header.size).unwrap_or(usize::MAX);
        if size > BUFFER && self.room.is_none() {
            let lane = match service.known(&header) {
                Some(lane) => Some(lane),
                None if header.size <= STRANGERS_FRAME_MAX => {
                    self.room = self.frames.for_stranger(header.size);
                    None
                }
                None => None,
            };
            if self.room.is_none() {
                let lane = match lane {
                    Some(lane) => lane,
                    None => match service.welcome(&header, origin).await {
                        Welcome::Register(lane) => lane,
                        Welcome::TurnedAway(reply) => return Some(reply),
                    },
                };
                self.room = self.frames.for_register(header.size, lane);
                if self.room.is_none() {
                    metrics::turned_away(TurnedAway::UnfinishedFrame);
                    metrics::frame_answered(None, Unavailable::Overloaded.code(), std::time::Instant::now());
                    return Some(service::unavailable(header, Unavailable::Overloaded));
                }
            }
        }
        // All at once: it is paid for, and the system gives memory only when it is written to.
        self.input.reserve(size.saturating_sub(self.input.len()));
        None
    }

    /// Reads what there is, or ends the connection: in time, or when it must make room for others.
    async fn read_more(&mut self, deadline: Instant) -> Result<(), Ended> {
        let (until, evicted) = match &self.unproven {
            None => (deadline, None),
            Some(unproven) => (deadline.min(unproven.until), Some(unproven.place.evicted())),
        };
        let reading = tokio::time::timeout_at(until, self.fill());
        let read = match evicted {
            None => reading.await,
            Some(evicted) => tokio::select! {
                biased;
                read = reading => read,
                () = evicted.cancelled() => return Err(Ended::Evicted),
            },
        };
        let is_unproven = self.unproven.is_some();
        match read {
            Ok(Ok(len)) if len > 0 => Ok(()),
            Ok(Ok(_)) => Err(Ended::Served),
            Ok(Err(error)) => {
                debug!(%error, "the link broke");
                Err(Ended::Served)
            }
            Err(_) if is_unproven => Err(Ended::Unproven),
            Err(_) => Err(Ended::Served),
        }
    }

    /// Reads once. Whoever says nothing has no buffer.
    async fn fill(&mut self) -> io::Result<usize> {
        if self.input.is_empty() && self.input.capacity() < BUFFER {
            self.stream.may_read().await?;
            self.input.reserve(BUFFER);
        }
        self.stream.read_buf(&mut self.input).await
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
        if let Err(error) = self.codec.encode(&reply.answer, &mut self.output) {
            tracing::error!(%error, "an answer was not sent: {error}");
            return false;
        }
        let written = tokio::time::timeout(self.patience.write, async {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await
        });
        let is_written = matches!(written.await, Ok(Ok(())));
        self.output = BytesMut::new();
        is_written
    }

    /// Says that no more will be said, and reads on for a while.
    async fn linger(&mut self) {
        self.room = None;
        self.input = BytesMut::with_capacity(BUFFER);
        let drained = tokio::time::timeout(LINGER, async {
            self.stream.shutdown().await?;
            while self.stream.read_buf(&mut self.input).await? > 0 {
                self.input.clear();
            }
            std::io::Result::Ok(())
        });
        // The connection ends now, however that went.
        let _ = drained.await;
    }
}
