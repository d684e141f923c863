//! Reads of one thing: a head, a row, a record.

use bytes::Bytes;
use scylla::deserialize::row::DeserializeRow;
use scylla::response::query_result::QueryResult;
use scylla::serialize::row::SerializeRow;
use scylla::statement::prepared::PreparedStatement;
use tokio::time::Instant;

use super::failure::Failure;
use super::key::{group_of, partition};
use super::session::Connected;
use super::statements::Fallback;
use crate::store::{
    Head, RECORD_KEY_LEN_MAX, ROW_KEY_LEN_MAX, Record, RecordKind, Row, Stamp, StoreError, StreamId, Version,
};

/// Rows and records are fetched so many at a time: a page of the largest documents stays bounded.
const PAGE: usize = 128;

/// What is stored of a record.
pub(super) struct StoredRecord {
    pub(super) version: Version,
    pub(super) stamp: Bytes,
    pub(super) content: Bytes,
}

impl Connected {
    /// The head at SERIAL: what is still under way is settled before it is read.
    pub(super) async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let (_, deadline) = self.clock();
        self.read_head(deadline, stream).await.map_err(|failure| self.unavailable(failure))?.map_or(
            Ok(None),
            |(version, stamp, bytes)| {
                let stamp = <[u8; 16]>::try_from(&stamp[..]).map(Stamp).map_err(|_| StoreError::Corrupt {
                    place: format!("the head of stream {stream}"),
                    reason: "its stamp is not 16 bytes long".into(),
                })?;
                Ok(Some(Head { version, stamp, bytes }))
            },
        )
    }

    /// Version and stamp of a head at SERIAL.
    pub(super) async fn head_facts(
        &self,
        deadline: Instant,
        stream: StreamId,
    ) -> Result<Option<(Version, Stamp)>, Failure> {
        let found = self.read_head(deadline, stream).await?;
        // A stamp of another length is nobody's.
        Ok(found
            .map(|(version, stamp, _)| (version, Stamp(<[u8; 16]>::try_from(&stamp[..]).unwrap_or([0; 16])))))
    }

    async fn read_head(
        &self,
        deadline: Instant,
        stream: StreamId,
    ) -> Result<Option<(Version, Bytes, Bytes)>, Failure> {
        let at = partition(stream);
        let result = self.run(deadline, || self.send(&self.statements.head, at)).await?;
        let row: Option<(Option<i64>, Option<Bytes>, Option<Bytes>)> = first(result)?;
        Ok(row.and_then(|(version, stamp, head)| {
            Some((version_of(version?), stamp?, head.unwrap_or_default()))
        }))
    }

    /// Whether a stream exists, at the consistency of lists.
    pub(super) async fn has_head(&self, deadline: Instant, stream: StreamId) -> Result<bool, StoreError> {
        let at = partition(stream);
        let found = async {
            let result = self.run(deadline, || self.send(&self.statements.has_head, at)).await?;
            let row: Option<(Option<i64>,)> = first(result)?;
            Ok(row.is_some_and(|(version,)| version.is_some()))
        };
        found.await.map_err(|failure| self.unavailable(failure))
    }

    pub(super) async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        if key.len() > ROW_KEY_LEN_MAX {
            return Ok(None);
        }
        let (_, deadline) = self.clock();
        let (kind, owner, ordinal) = partition(stream);
        let at = (kind, owner, ordinal, key);
        let found: Result<Option<(Option<Bytes>,)>, Failure> =
            self.read_one(deadline, &self.statements.row, at).await;
        let found = found.map_err(|failure| self.unavailable(failure))?;
        Ok(found.map(|(value,)| value.unwrap_or_default()))
    }

    /// Reads a row, and at a quorum of all when it is not found where a local quorum may lack it.
    async fn read_one<R: for<'f, 'm> DeserializeRow<'f, 'm>>(
        &self,
        deadline: Instant,
        statement: &Fallback,
        at: impl SerializeRow + Copy,
    ) -> Result<Option<R>, Failure> {
        let result = self.run(deadline, || self.send(&statement.first, at)).await?;
        match (first(result)?, &statement.on_miss) {
            (None, Some(again)) => first(self.run(deadline, || self.send(again, at)).await?),
            (found, _) => Ok(found),
        }
    }

    /// All rows that a statement gives.
    pub(super) async fn select<R: for<'f, 'm> DeserializeRow<'f, 'm>>(
        &self,
        deadline: Instant,
        statement: &PreparedStatement,
        at: impl SerializeRow + Copy,
    ) -> Result<Vec<R>, Failure> {
        all(self.run(deadline, || self.send(statement, at)).await?)
    }

    pub(super) async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let (kind, owner, ordinal) = partition(stream);
        let (mut from, to) = (lower_bound(prefix, after), upper_bound(prefix, ROW_KEY_LEN_MAX));
        let mut rows: Vec<Row> = Vec::new();
        while rows.len() < limit && from < to {
            let page = PAGE.min(limit.saturating_sub(rows.len()));
            let (_, deadline) = self.clock();
            let at = (kind, owner, ordinal, &from[..], &to[..], i32::try_from(page).unwrap_or(i32::MAX));
            let found = self.select::<(Bytes, Option<Bytes>)>(deadline, &self.statements.rows, at).await;
            let found = found.map_err(|failure| self.unavailable(failure))?;
            let is_last = found.len() < page;
            rows.extend(found.into_iter().map(|(key, value)| Row { key, value: value.unwrap_or_default() }));
            match rows.last() {
                Some(last) if !is_last => from = successor(&last.key),
                Some(_) | None => break,
            }
        }
        Ok(rows)
    }

    pub(super) async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        if key.len() > RECORD_KEY_LEN_MAX {
            return Ok(None);
        }
        let (_, deadline) = self.clock();
        let found = match kind {
            // Who has a name, a lease, a personal account or a payment, and facts of the store, are decided by these reads.
            RecordKind::Store
            | RecordKind::Name
            | RecordKind::Lease
            | RecordKind::PersonalAccount
            | RecordKind::Standing
            | RecordKind::PaymentKey
            | RecordKind::CallAnswer
            | RecordKind::Payment => self.stored_record(deadline, kind, key).await,
            RecordKind::Organisation
            | RecordKind::TradePoint
            | RecordKind::Register
            | RecordKind::FnsKkmIdHistory
            | RecordKind::ShiftSummary
            | RecordKind::BankApplication
            | RecordKind::Bank
            | RecordKind::RegisterModel
            | RecordKind::TitleWord
            | RecordKind::RegisterOfOrganisation
            | RecordKind::TradePointOfOrganisation
            | RecordKind::RegisterOfSerial
            | RecordKind::PaymentOfMonth
            | RecordKind::InvoiceOfOrganisation
            | RecordKind::InvoiceOfMonth
            | RecordKind::Plan
            | RecordKind::ServiceOfOrganisation
            | RecordKind::ChargeOwed
            | RecordKind::PerhapsKnown
            | RecordKind::ChargingRun
            | RecordKind::StoppedOrganisation => {
                let at = (i32::from(kind.number()), group_of(kind, key), key);
                self.read_one(deadline, &self.statements.record, at).await.map(|row| row.and_then(stored))
            }
        };
        let found = found.map_err(|failure| self.unavailable(failure))?;
        let key = Bytes::copy_from_slice(key);
        Ok(found.map(|found| Record { key, version: found.version, bytes: found.content }))
    }

    /// A record at SERIAL: what is still under way is settled before it is read.
    pub(super) async fn stored_record(
        &self,
        deadline: Instant,
        kind: RecordKind,
        key: &[u8],
    ) -> Result<Option<StoredRecord>, Failure> {
        let at = (i32::from(kind.number()), group_of(kind, key), key);
        let result = self.run(deadline, || self.send(&self.statements.record_serial, at)).await?;
        Ok(first(result)?.and_then(stored))
    }

    /// Up to `limit` records of one group with `from <= key < to`.
    pub(super) async fn records_of_group(
        &self,
        kind: RecordKind,
        group: &[u8],
        (from, to): (&[u8], &[u8]),
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let mut from = from.to_vec();
        let mut records: Vec<Record> = Vec::new();
        while records.len() < limit && from[..] < *to {
            let page = PAGE.min(limit.saturating_sub(records.len()));
            let (_, deadline) = self.clock();
            let limit = i32::try_from(page).unwrap_or(i32::MAX);
            let at = (i32::from(kind.number()), group, &from[..], to, limit);
            let statement = self.statements.records(kind);
            let found = self.select::<(Bytes, Option<i64>, Option<Bytes>)>(deadline, statement, at).await;
            let found = found.map_err(|failure| self.unavailable(failure))?;
            let is_last = found.len() < page;
            records.extend(found.into_iter().filter_map(|(key, version, content)| {
                Some(Record { key, version: version_of(version?), bytes: content.unwrap_or_default() })
            }));
            match records.last() {
                Some(last) if !is_last => from = successor(&last.key),
                Some(_) | None => break,
            }
        }
        Ok(records)
    }
}

fn stored((version, stamp, content): (Option<i64>, Option<Bytes>, Option<Bytes>)) -> Option<StoredRecord> {
    let version = version_of(version?);
    Some(StoredRecord { version, stamp: stamp.unwrap_or_default(), content: content.unwrap_or_default() })
}

fn version_of(version: i64) -> Version {
    Version(version.cast_unsigned())
}

/// All rows of a result.
pub(super) fn all<R: for<'f, 'm> DeserializeRow<'f, 'm>>(result: QueryResult) -> Result<Vec<R>, Failure> {
    let rows = result.into_rows_result().map_err(|error| unreadable(&error))?;
    let rows = rows.rows::<R>().map_err(|error| unreadable(&error))?;
    rows.collect::<Result<_, _>>().map_err(|error| unreadable(&error))
}

fn first<R: for<'f, 'm> DeserializeRow<'f, 'm>>(result: QueryResult) -> Result<Option<R>, Failure> {
    let rows = result.into_rows_result().map_err(|error| unreadable(&error))?;
    rows.maybe_first_row::<R>().map_err(|error| unreadable(&error))
}

/// A table is not what our migrations made it.
fn unreadable(error: &dyn std::error::Error) -> Failure {
    let reason = format!("the cluster's answer cannot be read, are the tables ours? {error}");
    Failure { may_land: true, is_passing: false, reason }
}

/// The least key that is greater than `after` and begins with `prefix` or comes behind it.
pub(super) fn lower_bound(prefix: &[u8], after: Option<&[u8]>) -> Vec<u8> {
    match after {
        Some(after) if after >= prefix => successor(after),
        Some(_) | None => prefix.to_vec(),
    }
}

/// The least key that is greater than this one.
pub(super) fn successor(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// A key that is greater than every key of at most `len_max` bytes that begins with `prefix`, and at most as great as
/// any other greater key.
pub(super) fn upper_bound(prefix: &[u8], len_max: usize) -> Vec<u8> {
    let mut bound = prefix.to_vec();
    while let Some(last) = bound.pop() {
        if let Some(next) = last.checked_add(1) {
            bound.push(next);
            return bound;
        }
    }
    vec![0xff; len_max.saturating_add(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_behind_the_last_one_and_not_before_the_prefix() {
        assert_eq!(lower_bound(b"b", None), b"b");
        assert_eq!(lower_bound(b"b", Some(b"a")), b"b");
        assert_eq!(lower_bound(b"b", Some(b"b")), b"b\0");
        assert_eq!(lower_bound(b"b", Some(b"bc")), b"bc\0");
    }

    #[test]
    fn a_page_ends_where_the_prefix_does() {
        assert_eq!(upper_bound(b"ab", 64), b"ac");
        assert_eq!(upper_bound(b"a\xff\xff", 64), b"b");
        assert_eq!(upper_bound(b"", 64), vec![0xff; 65]);
        assert_eq!(upper_bound(b"\xff", 64), vec![0xff; 65]);
    }
}
