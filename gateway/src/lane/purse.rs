//! What belongs to one register and is spent by its own good tokens alone: its budgets and its places.
//!
//! No locks: every request of a register passes here.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use governor::{DefaultDirectRateLimiter, RateLimiter};
use ofd_protocol::register::Tokens;
use ofd_protocol::types::{Token, UnixMillis};
use ofd_storage::registers::HEARD_EVERY_MS;
use tokio::time::Instant;

use super::limits::LaneLimits;
use crate::budget::{Bucket, Known};

/// Bytes of long frames that one register may have under way: a till sends one frame, and one more when it gave up
/// the link of the first.
const FRAME_BYTES_MAX: u32 = 2 * 1024 * 1024;

/// The purse of one register.
#[derive(Debug)]
pub struct Purse {
    limits: LaneLimits,
    requests: DefaultDirectRateLimiter,
    /// The current token and the kept one, as far as known; 0: nothing is known. 0 is no token (WIRE 13.3).
    tokens: AtomicU64,
    /// The shift that was the newest when the register was last seen; 0: not known.
    shift: AtomicU32,
    waiting: AtomicU32,
    /// What was stored, as [`Bucket::to_nanos`] since `born`.
    stored: AtomicU64,
    frame_bytes: AtomicU32,
    /// When it was last noted that the register was heard; 0: not since its lane is there.
    heard_ms: AtomicU64,
    born: Instant,
}

/// A place in a register's queue, given back on drop.
#[derive(Debug)]
pub struct Place<'a>(&'a AtomicU32);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Purse {
    pub(super) fn new(limits: LaneLimits) -> Self {
        Self {
            limits,
            requests: RateLimiter::direct(limits.requests),
            tokens: AtomicU64::new(0),
            shift: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            stored: AtomicU64::new(0),
            frame_bytes: AtomicU32::new(0),
            heard_ms: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// Counts a request; false: there were too many.
    pub fn pays_request(&self) -> bool {
        self.requests.check().is_ok()
    }

    /// A place in the queue; `None` when it is full.
    pub fn place(&self) -> Option<Place<'_>> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(&self.waiting);
        (before < self.limits.depth_max).then_some(place)
    }

    /// Whether a document of so many bytes may still be stored within the hour.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        let stored = Bucket::from_nanos(self.stored.load(Ordering::Relaxed));
        stored.has(self.limits.stored, u32::try_from(bytes).unwrap_or(u32::MAX), self.born.elapsed())
    }

    /// A document of so many bytes was stored. Called by whoever has the register's turn, so by one at a time.
    pub fn pays_stored(&self, bytes: usize) {
        let mut stored = Bucket::from_nanos(self.stored.load(Ordering::Relaxed));
        stored.take(self.limits.stored, u32::try_from(bytes).unwrap_or(u32::MAX), self.born.elapsed());
        self.stored.store(stored.to_nanos(), Ordering::Relaxed);
    }

    /// Takes room for a frame of so many bytes; false: too many are under way.
    pub fn takes_frame(&self, bytes: u32) -> bool {
        let before = self.frame_bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= FRAME_BYTES_MAX;
        if !fits {
            self.gives_frame_back(bytes);
        }
        fits
    }

    /// Gives that room back.
    pub fn gives_frame_back(&self, bytes: u32) {
        self.frame_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether it is to be noted that the register was heard at this moment; true once in five minutes, whoever asks.
    pub fn is_to_be_noted(&self, now: UnixMillis) -> bool {
        let before = self.heard_ms.load(Ordering::Relaxed);
        // A clock that was set back notes at once.
        let is_noted = before <= now.0 && now.0.saturating_sub(before) < HEARD_EVERY_MS;
        !is_noted
            && self.heard_ms.compare_exchange(before, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Keeps the tokens that are good now, and the shift they are good in.
    pub fn remember(&self, tokens: Tokens, shift: u32) {
        let kept = tokens.kept.map_or(0, |kept| kept.0);
        self.tokens.store((u64::from(tokens.current.0) << 32) | u64::from(kept), Ordering::Relaxed);
        self.shift.store(shift, Ordering::Relaxed);
    }

    /// What is known of a token from when the register was last seen.
    pub fn knows(&self, token: Token) -> Known {
        let tokens = self.tokens.load(Ordering::Relaxed);
        let is_one = [tokens >> 32, tokens & u64::from(u32::MAX)].contains(&u64::from(token.0));
        if is_one && token.0 != 0 { Known::Good } else { Known::Nothing }
    }

    /// A shift that was the newest when the register was last seen: the newest is looked for from there.
    pub fn shift(&self) -> Option<u32> {
        Some(self.shift.load(Ordering::Relaxed)).filter(|shift| *shift != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_good_tokens_are_known_and_no_other_one() {
        let purse = Purse::new(LaneLimits::unlimited(1, 1));
        let known = |token| purse.knows(Token(token)) == Known::Good;
        assert!(!known(0) && !known(7), "at first nothing is known");
        purse.remember(Tokens { current: Token(7), kept: None }, 1);
        assert!(known(7) && !known(0) && !known(8));
        purse.remember(Tokens { current: Token(8), kept: Some(Token(7)) }, 2);
        assert!(known(7) && known(8) && !known(9) && !known(0));
        assert_eq!(purse.shift(), Some(2));
    }

    #[tokio::test]
    async fn long_frames_of_one_register_have_a_bound() {
        let purse = Purse::new(LaneLimits::unlimited(1, 1));
        assert!(purse.takes_frame(1024 * 1024) && purse.takes_frame(1024 * 1024));
        assert!(!purse.takes_frame(1));
        purse.gives_frame_back(1024 * 1024);
        assert!(purse.takes_frame(1));
    }

    #[tokio::test]
    async fn a_register_is_noted_once_in_five_minutes() {
        let purse = Purse::new(LaneLimits::unlimited(1, 1));
        let noted = |at: u64| purse.is_to_be_noted(UnixMillis(1_790_000_000_000 + at));
        assert!(noted(0));
        assert!(!noted(0) && !noted(1) && !noted(299_999));
        assert!(noted(300_000));
        assert!(!noted(300_001));
        assert!(noted(200_000), "the clock was set back");
    }

    #[tokio::test]
    async fn a_full_queue_has_no_place_until_one_is_given_back() {
        let purse = Purse::new(LaneLimits::unlimited(1, 2));
        let (first, second) = (purse.place(), purse.place());
        assert!(first.is_some() && second.is_some() && purse.place().is_none());
        drop(first);
        assert!(purse.place().is_some());
    }
}
