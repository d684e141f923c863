//! A body that must come at a least rate.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::places::Receiving;

/// How slowly a body may come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// A body may be late by so much at any time: links stall.
    pub grace: Duration,
    /// Beyond that it must have come at this rate on the whole.
    pub bytes_per_second_min: NonZeroU32,
}

impl Pace {
    /// How long so many bytes may be waited for altogether.
    fn within(self, bytes: u64) -> Duration {
        let seconds = bytes / u64::from(self.bytes_per_second_min.get());
        self.grace.saturating_add(Duration::from_secs(seconds))
    }
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub(super) struct TooSlow;

/// A body of which is known how long it was waited for.
pub(super) struct PacedBody {
    body: Body,
    pace: Pace,
    /// `None`: it has come.
    receiving: Option<Receiving>,
    received: u64,
    /// Time in which somebody read and nothing came. While nobody reads, nobody waits.
    waited: Duration,
    waits_since: Option<Instant>,
    deadline: Pin<Box<Sleep>>,
}

impl PacedBody {
    pub(super) fn new(body: Body, pace: Pace, receiving: Receiving) -> Self {
        Self {
            body,
            pace,
            receiving: Some(receiving),
            received: 0,
            waited: Duration::ZERO,
            waits_since: None,
            deadline: Box::pin(sleep(pace.grace)),
        }
    }

    /// Nothing has come yet: whether it is waited for any longer.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waits_since.is_none() {
            let now = Instant::now();
            self.waits_since = Some(now);
            let left = self.pace.within(self.received).saturating_sub(self.waited);
            if let Some(until) = now.checked_add(left) {
                self.deadline.as_mut().reset(until);
            }
        }
        if self.receiving.as_mut().is_some_and(|receiving| receiving.must_give_way(cx)) {
            return Poll::Ready(());
        }
        self.deadline.as_mut().poll(cx)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            if let Some(since) = this.waits_since.take() {
                this.waited = this.waited.saturating_add(since.elapsed());
            }
            let came = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
            let len = came.map_or(0, Bytes::len);
            this.received = this.received.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
            if frame.as_ref().is_none_or(Result::is_err) || this.body.is_end_stream() {
                this.receiving = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(this.wait(cx));
        if let Some(receiving) = this.receiving.take() {
            receiving.too_slow();
        }
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
