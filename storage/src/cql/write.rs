//! Conditional writes: one statement each, repeated as it is while its outcome is unknown.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures::TryFutureExt;
use scylla::response::query_result::QueryResult;
use scylla::serialize::value::SerializeValue;
use scylla::statement::batch::{Batch, BatchType};
use scylla::value::{CqlValue, Row as CqlRow};
use tokio::time::Instant;

use super::failure::Failure;
use super::key::{group_of, partition, shard_of_group, shard_of_owner};
use super::session::Connected;
use super::stats::count;
use crate::claims::{self, Claimant, ClaimedName, Ruling};
use crate::conditions::{self, Verdict};
use crate::store::{Append, Claim, RecordKind, Row, Stamp, StoreError, StreamId, Version};

/// How often a write is tried again that was not applied, though the version it expected is the one that is there.
const ROUNDS_MAX: usize = 4;

/// A value that is bound to a statement.
type Bound<'a> = &'a (dyn SerializeValue + Send + Sync);

impl Connected {
    pub(super) async fn append(&self, append: Append) -> Result<Version, StoreError> {
        conditions::check_append(&append)?;
        let (begun, deadline) = self.clock();
        let _turn = self.turn(deadline, append.stream).await?;
        if !append.notes.is_empty() {
            self.note_all(deadline, &append.notes).await?;
        }
        if append.expected.is_none() {
            self.list_stream(deadline, append.stream).await?;
        }
        let rows = unique(&append.rows);
        for round in 0..ROUNDS_MAX {
            let written = self.run(deadline, || self.send_append(&append, &rows)).await;
            match written {
                Ok(result) if is_applied(&result)? => return Ok(written_version(append.expected)),
                Ok(_) => {}
                Err(failure) => return Err(self.failed_write(failure, begun)),
            }
            // Whose write it was that came before is known only from a read that settles what is still under way.
            let found = self.head_facts(deadline, append.stream).await;
            match conditions::judge_append(found.map_err(|_| self.unknown(begun))?, &append) {
                Ok(Verdict::Already(version)) => return Ok(version),
                Ok(Verdict::Write(_)) => self.pause(deadline, round).await,
                Err(conflict) => {
                    count(&self.counters.conflicts);
                    return Err(conflict);
                }
            }
        }
        Err(self.unknown(begun))
    }

    async fn send_append(&self, append: &Append, rows: &[&Row]) -> Result<QueryResult, Failure> {
        let (kind, owner, ordinal) = partition(append.stream);
        let stamp: &[u8] = &append.stamp.0;
        let version = version_to_bigint(written_version(append.expected));
        let expected = append.expected.map(version_to_bigint);
        let head: [Bound<'_>; 7] = [&version, &stamp, &append.head, &kind, &owner, &ordinal, &expected];
        if let Some(statement) = self.statements.appends.get(rows.len()) {
            let mut values: Vec<Bound<'_>> = head.to_vec();
            for Row { key, value } in rows {
                values.extend([&kind as Bound<'_>, &owner, &ordinal, key, value]);
            }
            return self.session.execute_unpaged(statement, values).map_err(Failure::from).await;
        }
        let mut batch = Batch::new(BatchType::Logged);
        batch.append_statement(self.statements.write_head.clone());
        let mut values: Vec<Vec<Bound<'_>>> = vec![head.to_vec()];
        for Row { key, value } in rows {
            batch.append_statement(self.statements.write_row.clone());
            values.push(vec![&kind, &owner, &ordinal, key, value]);
        }
        batch.set_is_idempotent(false);
        self.session.batch(&batch, values).map_err(Failure::from).await
    }

    /// Makes a stream findable before it exists.
    async fn list_stream(&self, deadline: Instant, stream: StreamId) -> Result<(), StoreError> {
        let of_stream @ (kind, owner, _) = partition(stream);
        let of_owner = (kind, shard_of_owner(stream.owner), owner);
        let statements = &self.statements;
        let added = futures::future::try_join(
            self.run(deadline, || self.send(&statements.add_owner, of_owner)),
            self.run(deadline, || self.send(&statements.add_ordinal, of_stream)),
        );
        // An entry that leads nowhere does no harm: of the stream itself nothing was written.
        added.await.map(|_| ()).map_err(|failure| self.unavailable(failure))
    }

    pub(super) async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        conditions::check_record(key, &bytes)?;
        let (begun, deadline) = self.clock();
        let _turn = self.turn(deadline, (kind, key)).await?;
        self.write_record(begun, deadline, (kind, key), expected, bytes).await
    }

    async fn write_record(
        &self,
        begun: Instant,
        deadline: Instant,
        (kind, key): (RecordKind, &[u8]),
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        let group = group_of(kind, key);
        let number = i32::from(kind.number());
        if expected.is_none() {
            let entry = (number, shard_of_group(group), group);
            let added = self.run(deadline, || self.send(&self.statements.add_group, entry)).await;
            added.map_err(|failure| self.unavailable(failure))?;
        }
        let Stamp(stamp) = self.draw_stamp();
        let (stamp, content): (&[u8], &[u8]) = (&stamp, &bytes);
        let to = written_version(expected);
        let bound =
            (version_to_bigint(to), stamp, content, number, group, key, expected.map(version_to_bigint));
        for round in 0..ROUNDS_MAX {
            match self.run(deadline, || self.send(&self.statements.write_record, bound)).await {
                Ok(result) if is_applied(&result)? => return Ok(to),
                Ok(_) => {}
                Err(failure) => return Err(self.failed_write(failure, begun)),
            }
            let found = self.stored_record(deadline, kind, key).await.map_err(|_| self.unknown(begun))?;
            if let Some(found) = found.as_ref().filter(|found| found.stamp == stamp) {
                return Ok(found.version);
            }
            match conditions::judge_record(found.map(|found| found.version), expected, kind, key) {
                Ok(_) => self.pause(deadline, round).await,
                Err(conflict) => {
                    count(&self.counters.conflicts);
                    return Err(conflict);
                }
            }
        }
        Err(self.unknown(begun))
    }

    pub(super) async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        let claimant = Claimant::new(owner, now_ms, take_over_from)?;
        let key = claims::name_key(family, name)?;
        let at = (RecordKind::Name, &key[..]);
        let (begun, deadline) = self.clock();
        let _turn = self.turn(deadline, at).await?;
        for round in 0..ROUNDS_MAX {
            let found = self.stored_record(deadline, RecordKind::Name, &key).await;
            let found = found.map_err(|failure| self.unavailable(failure))?;
            let expected = found.as_ref().map(|found| found.version);
            let name = found.and_then(|found| ClaimedName::decode(&found.content));
            let to_write = match claims::rule(name, &claimant) {
                Ruling::Answer(claim) => return Ok(claim),
                Ruling::Write(name) => name.encode(),
            };
            match self.write_record(begun, deadline, at, expected, to_write).await {
                Ok(_) => return Ok(Claim::Granted),
                Err(StoreError::Conflict { .. }) => self.pause(deadline, round).await,
                Err(error) => return Err(error),
            }
        }
        Err(self.unknown(begun))
    }

    pub(super) fn failed_write(&self, failure: Failure, begun: Instant) -> StoreError {
        if failure.may_land {
            tracing::debug!(reason = failure.reason, "a write of unknown outcome: {}", failure.reason);
            return self.unknown(begun);
        }
        self.unavailable(failure)
    }

    fn unknown(&self, begun: Instant) -> StoreError {
        count(&self.counters.unknown);
        StoreError::Unknown { waited: begun.elapsed().max(Duration::from_millis(1)) }
    }
}

/// The rows to write: of two with one key the later counts. In one batch both would have the same time, and the greater
/// value would win.
fn unique(rows: &[Row]) -> Vec<&Row> {
    let by_key: BTreeMap<&[u8], &Row> = rows.iter().map(|row| (&row.key[..], row)).collect();
    by_key.into_values().collect()
}

fn written_version(expected: Option<Version>) -> Version {
    expected.map_or(Version::FIRST, Version::next)
}

pub(super) fn version_to_bigint(version: Version) -> i64 {
    version.0.cast_signed()
}

/// Whether a conditional statement was applied. What else its answer holds differs between servers.
fn is_applied(result: &QueryResult) -> Result<bool, StoreError> {
    applied(result).ok_or_else(|| StoreError::Corrupt {
        place: "the cluster's answer to a conditional write".into(),
        reason: "it has no column [applied]".into(),
    })
}

pub(super) fn applied(result: &QueryResult) -> Option<bool> {
    let rows = result.clone().into_rows_result().ok()?;
    let (index, _) = rows.column_specs().get_by_name("[applied]")?;
    // ScyllaDB gives a row for each statement of a batch, all with the same verdict.
    let row: CqlRow = rows.maybe_first_row().ok()??;
    match row.columns.into_iter().nth(index)?? {
        CqlValue::Boolean(applied) => Some(applied),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_rows_with_one_key_the_later_is_written() {
        let row = |key: &'static [u8], value: &'static [u8]| Row { key: key.into(), value: value.into() };
        let rows = [row(b"b", b"9"), row(b"a", b"1"), row(b"b", b"2")];
        let kept: Vec<&[u8]> = unique(&rows).into_iter().map(|row| &row.value[..]).collect();
        assert_eq!(kept, [b"1", b"2"]);
    }

    #[test]
    fn versions_begin_at_one() {
        assert_eq!(written_version(None), Version(1));
        assert_eq!(written_version(Some(Version(7))), Version(8));
    }
}
