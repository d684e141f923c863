//! Streams, records and rows one by one, read in pages.

use std::cmp::Ordering;
use std::collections::VecDeque;

use bytes::Bytes;
use ofd_storage::feed;
use ofd_storage::model::{CLOCK_KEY, COPY_MARK_KEY, PROFILE_NEWS_KEY, SCRUB_KEY};
use ofd_storage::store::{Record, RecordKind, Row, Store, StreamId, StreamKind};
use ofd_storage::walks::Walk;

use super::error::CopyError;
use super::side::Side;

/// Streams are listed in pages.
const STREAMS_PAGE: usize = 512;

/// Records may be large, and a page of them is in memory.
const RECORDS_PAGE: usize = 128;

/// Rows are read in pages of so many bytes, as far as their number can tell: a document is a few kilobytes, at most
/// a megabyte, and many streams are read at once.
const ROWS_PAGE_LEN: usize = 256 * 1024;

/// The first page of a stream, and the largest.
const ROWS_PAGE_FIRST: usize = 16;
const ROWS_PAGE_MAX: usize = 128;

/// The streams of one kind.
pub(super) struct Streams {
    kind: StreamKind,
    lists: Lists,
    after: Option<StreamId>,
    page: VecDeque<StreamId>,
    is_over: bool,
    /// The last stream that was skipped.
    last: Option<StreamId>,
    /// Whether it was asked what follows it.
    is_asked: bool,
    /// What follows it and is not listed.
    unlisted: Option<StreamId>,
}

/// How far lists of streams are to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lists {
    /// A stream that is there is listed.
    Whole,
    /// A cluster's lists are entries of their own, and those of the last seconds may be lost with the power of all
    /// nodes at once while the streams are not. An owner's streams have no gaps, so where a list ends, or has one,
    /// the head of the next stream tells.
    Asked,
}

impl Streams {
    pub(super) fn after(kind: StreamKind, after: Option<StreamId>, lists: Lists) -> Self {
        let (page, is_over, is_asked, unlisted) = (VecDeque::new(), false, false, None);
        Self { kind, lists, after, page, is_over, last: after, is_asked, unlisted }
    }

    pub(super) async fn peek<S: Store>(&mut self, side: &Side<S>) -> Result<Option<StreamId>, CopyError> {
        if self.page.is_empty() && !self.is_over {
            self.page = side.streams(self.kind, self.after, STREAMS_PAGE).await?.into();
            self.after = self.page.back().copied();
            self.is_over = self.page.is_empty();
        }
        let listed = self.page.front().copied();
        let next =
            self.last.and_then(|last| Some(StreamId { ordinal: last.ordinal.checked_add(1)?, ..last }));
        if self.lists == Lists::Asked && !self.is_asked && next.is_some() && next != listed {
            self.is_asked = true;
            if let Some(next) = next
                && side.head(next).await?.is_some()
            {
                self.unlisted = Some(next);
            }
        }
        Ok(self.unlisted.or(listed))
    }

    pub(super) fn skip(&mut self) {
        self.last = self.unlisted.take().or_else(|| self.page.pop_front());
        self.is_asked = false;
    }
}

/// Facts of a store that belong to it or to the machine it is on, beside places of walks: the mark of a copy, the clock,
/// the last scrub, where the gateways that serve from it look for what they have not told yet.
const NEVER_COPIED: [&[u8]; 4] = [COPY_MARK_KEY, CLOCK_KEY, SCRUB_KEY, PROFILE_NEWS_KEY];

/// Whether a record goes along. Leases are of the processes that serve from the store. How far readers of the feed are in
/// announcements is of the store, too: a source may go on while it is copied.
fn is_copied(kind: RecordKind, key: &[u8]) -> bool {
    let stays = || NEVER_COPIED.contains(&key) || Walk::is_place(key) || feed::is_fact(key);
    kind != RecordKind::Lease && (kind != RecordKind::Store || !stays())
}

/// The records of one kind that go along.
pub(super) struct Records {
    kind: RecordKind,
    after: Option<Bytes>,
    page: VecDeque<Record>,
    is_over: bool,
}

impl Records {
    pub(super) fn after(kind: RecordKind, after: Option<Bytes>) -> Self {
        Self { kind, after, page: VecDeque::new(), is_over: false }
    }

    pub(super) async fn peek<S: Store>(&mut self, side: &Side<S>) -> Result<Option<&Record>, CopyError> {
        while self.page.is_empty() && !self.is_over {
            self.page = side.records(self.kind, self.after.as_deref(), RECORDS_PAGE).await?.into();
            self.is_over = self.page.is_empty();
            self.after = self.page.back().map(|record| record.key.clone());
            self.page.retain(|record| is_copied(self.kind, &record.key));
        }
        Ok(self.page.front())
    }

    pub(super) fn take(&mut self) -> Option<Record> {
        self.page.pop_front()
    }
}

/// The rows of one stream.
pub(super) struct Rows {
    stream: StreamId,
    after: Option<Bytes>,
    page: VecDeque<Row>,
    limit: usize,
    is_over: bool,
}

impl Rows {
    pub(super) fn of(stream: StreamId) -> Self {
        Self { stream, after: None, page: VecDeque::new(), limit: ROWS_PAGE_FIRST, is_over: false }
    }

    pub(super) async fn next<S: Store>(&mut self, side: &Side<S>) -> Result<Option<Row>, CopyError> {
        if self.page.is_empty() && !self.is_over {
            let page = side.rows(self.stream, self.after.as_deref(), self.limit).await?;
            self.limit = next_limit(self.limit, page.iter().map(|row| row.value.len()).sum());
            self.is_over = page.is_empty();
            self.after = page.last().map(|row| row.key.clone());
            self.page = page.into();
        }
        Ok(self.page.pop_front())
    }
}

/// How many rows to ask for after a page of `limit` rows was so long.
fn next_limit(limit: usize, len: usize) -> usize {
    match len {
        len if len > ROWS_PAGE_LEN => (limit / 2).max(1),
        len if len <= ROWS_PAGE_LEN / 2 => limit.saturating_mul(2).min(ROWS_PAGE_MAX),
        _ => limit,
    }
}

/// What two ordered lists have next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Both,
    SourceOnly,
    TargetOnly,
    Over,
}

impl Turn {
    pub(super) fn of<K: Ord>(source: Option<&K>, target: Option<&K>) -> Self {
        match (source, target) {
            (None, None) => Self::Over,
            (Some(_), None) => Self::SourceOnly,
            (None, Some(_)) => Self::TargetOnly,
            (Some(source), Some(target)) => match source.cmp(target) {
                Ordering::Less => Self::SourceOnly,
                Ordering::Equal => Self::Both,
                Ordering::Greater => Self::TargetOnly,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_rows_grow_while_rows_are_short_and_shrink_to_one_for_the_longest() {
        assert_eq!(next_limit(16, 16 * 500), 32);
        assert_eq!(next_limit(ROWS_PAGE_MAX, ROWS_PAGE_MAX * 100), ROWS_PAGE_MAX);
        assert_eq!(next_limit(64, 200 * 1024), 64);
        let mut limit = ROWS_PAGE_MAX;
        for _ in 0..10 {
            limit = next_limit(limit, limit * 1024 * 1024);
        }
        assert_eq!(limit, 1);
    }
}
