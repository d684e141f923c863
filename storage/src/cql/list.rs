//! Lists of everything, in order, out of shards.

use std::future::Future;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::failure::Failure;
use super::key::{SHARDS, from_bigint, group_of, group_of_prefix, has_groups, to_bigint};
use super::read::{lower_bound, successor, upper_bound};
use super::session::Connected;
use crate::store::{RECORD_KEY_LEN_MAX, Record, RecordKind, StoreError, StreamId, StreamKind};

/// How many partitions are asked at a time.
const TOGETHER: usize = 16;

/// A shard is asked for so many of its entries at a time: then at least so many of all shards are known to come next.
const SHARD_PAGE: usize = 32;

/// Ordinals of one owner are taken so many at a time.
const ORDINALS_PAGE: usize = 1000;

/// Before the first ordinal.
const BEFORE_ALL: i64 = -1;

impl Connected {
    pub(super) async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        let mut found = Vec::new();
        let mut next_owner = Some(0);
        if let Some(after) = after.filter(|after| after.kind >= kind) {
            if after.kind > kind {
                return Ok(found);
            }
            self.add_streams(kind, after.owner, after.ordinal.into(), limit, &mut found).await?;
            next_owner = after.owner.checked_add(1);
        }
        while let Some(from) = next_owner.filter(|_| found.len() < limit) {
            let owners = self.owners_from(kind, from).await?;
            for owner in &owners {
                self.add_streams(kind, *owner, BEFORE_ALL, limit, &mut found).await?;
            }
            next_owner = owners.last().and_then(|last| last.checked_add(1));
        }
        Ok(found)
    }

    /// Adds the owner's streams behind an ordinal until there are `limit`.
    async fn add_streams(
        &self,
        kind: StreamKind,
        owner: u64,
        mut after: i64,
        limit: usize,
        found: &mut Vec<StreamId>,
    ) -> Result<(), StoreError> {
        while found.len() < limit {
            let page = ORDINALS_PAGE.min(limit.saturating_sub(found.len()));
            let number = i32::from(kind.number());
            let at = (number, to_bigint(owner), after, i32::try_from(page).unwrap_or(i32::MAX));
            let (_, deadline) = self.clock();
            let ordinals = self.select::<(i64,)>(deadline, &self.statements.ordinals, at).await;
            let ordinals = ordinals.map_err(|failure| self.unavailable(failure))?;
            let is_last = ordinals.len() < page;
            after = ordinals.last().map_or(after, |(last,)| *last);
            let listed = ordinals.into_iter().filter_map(|(ordinal,)| u32::try_from(ordinal).ok());
            // An entry without a stream is that of a creation that did not come to its end.
            let existing = stream::iter(listed.collect::<Vec<_>>())
                .map(async |ordinal| {
                    let stream = StreamId { kind, owner, ordinal };
                    Ok(self.has_head(self.clock().1, stream).await?.then_some(stream))
                })
                .buffered(TOGETHER)
                .try_collect::<Vec<_>>();
            found.extend(existing.await?.into_iter().flatten());
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// The next owners of streams, `from` included; empty when there are none.
    async fn owners_from(&self, kind: StreamKind, from: u64) -> Result<Vec<u64>, StoreError> {
        let kind = i32::from(kind.number());
        let limit = i32::try_from(SHARD_PAGE).unwrap_or(i32::MAX);
        // Those above `i64::MAX` are negative in the table and come behind all others.
        let halves = [(from, i64::MAX.cast_unsigned()), (from.max(i64::MIN.cast_unsigned()), u64::MAX)];
        for (from, to) in halves.into_iter().filter(|(from, to)| from <= to) {
            let of_shard = async |shard: i32| {
                let at = (kind, shard, to_bigint(from), to_bigint(to), limit);
                let (_, deadline) = self.clock();
                let owners = self.select::<(i64,)>(deadline, &self.statements.owners, at).await?;
                Ok(owners.into_iter().map(|(owner,)| from_bigint(owner)).collect())
            };
            let owners = self.merged(of_shard).await?;
            if !owners.is_empty() {
                return Ok(owners);
            }
        }
        Ok(Vec::new())
    }

    pub(super) async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let (from, to) = (lower_bound(prefix, after), upper_bound(prefix, RECORD_KEY_LEN_MAX));
        if let Some(group) = group_of_prefix(kind, prefix) {
            return self.records_of_group(kind, group, (&from, &to), limit).await;
        }
        // The group in which the last page ended may hold more.
        let begun = after.map(|after| group_of(kind, after)).filter(|group| *group >= prefix);
        let mut next_group = begun.unwrap_or(prefix).to_vec();
        let mut found: Vec<Record> = Vec::new();
        while found.len() < limit {
            let groups = self.groups_from(kind, &next_group, &to).await?;
            let Some(last) = groups.last() else { break };
            next_group = successor(last);
            if has_groups(kind) {
                for group in &groups {
                    let room = limit.saturating_sub(found.len());
                    found.extend(self.records_of_group(kind, group, (&from, &to), room).await?);
                }
            } else {
                let keys: Vec<Bytes> = groups.into_iter().filter(|key| key[..] >= from[..]).collect();
                let read = stream::iter(keys)
                    .map(|key| async move { self.record(kind, &key).await })
                    .buffered(TOGETHER);
                found.extend(read.try_collect::<Vec<_>>().await?.into_iter().flatten());
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The next groups, `from` included and below `to`; empty when there are none.
    async fn groups_from(&self, kind: RecordKind, from: &[u8], to: &[u8]) -> Result<Vec<Bytes>, StoreError> {
        let kind = i32::from(kind.number());
        let limit = i32::try_from(SHARD_PAGE).unwrap_or(i32::MAX);
        let of_shard = async |shard: i32| {
            let at = (kind, shard, from, to, limit);
            let (_, deadline) = self.clock();
            let groups = self.select::<(Bytes,)>(deadline, &self.statements.groups, at).await?;
            Ok(groups.into_iter().map(|(group,)| group).collect())
        };
        self.merged(of_shard).await
    }

    /// Asks every shard for its next entries and gives those that are next of all, in order.
    async fn merged<T: Ord + Clone, F: Future<Output = Result<Vec<T>, Failure>>>(
        &self,
        of_shard: impl Fn(i32) -> F,
    ) -> Result<Vec<T>, StoreError> {
        let shards = stream::iter(0..SHARDS).map(of_shard).buffer_unordered(TOGETHER);
        let shards: Vec<Vec<T>> = shards.try_collect().await.map_err(|failure| self.unavailable(failure))?;
        Ok(merge(shards, SHARD_PAGE))
    }
}

/// Merges the ordered entries of shards. A shard that gave a full page may have more: nothing behind its last entry is
/// known to be next.
fn merge<T: Ord + Clone>(shards: Vec<Vec<T>>, page: usize) -> Vec<T> {
    let full = shards.iter().filter(|entries| entries.len() >= page);
    let bound = full.filter_map(|entries| entries.last()).min().cloned();
    let mut merged: Vec<T> = shards.into_iter().flatten().collect();
    merged.retain(|entry| bound.as_ref().is_none_or(|bound| entry <= bound));
    merged.sort_unstable();
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_merged_in_order() {
        assert_eq!(merge(vec![vec![2, 5], vec![], vec![1, 9]], 3), [1, 2, 5, 9]);
    }

    #[test]
    fn nothing_is_given_before_what_a_full_shard_may_still_have() {
        assert_eq!(merge(vec![vec![2, 5], vec![1, 9]], 2), [1, 2, 5]);
        assert_eq!(merge(vec![vec![2, 5, 6], vec![1, 3, 9]], 3), [1, 2, 3, 5, 6]);
    }
}
