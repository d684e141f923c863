//! How the memory of a store is shared out.

use super::engine::Table;

const MIB: u64 = 1024 * 1024;

/// What waits in the queue of writes takes at most so much.
pub(super) const ROOM_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Sealed write buffers of a table at which a write waits. fjall waits by itself from 4, but for ever when its flushing
/// thread is gone; as a batch fills less than a buffer, it never comes to 4 from here.
///
/// Heads and rows are written with every document; records seldom, and notes are small: one is enough to go on while
/// another one is flushed.
pub(super) fn sealed_buffers_max(table: Table) -> usize {
    match table {
        Table::Heads | Table::Rows => 2,
        Table::Records | Table::Notes => 1,
    }
}

/// Memory of a store, if not configured.
pub const MEMORY_BYTES: u64 = 128 * MIB;

/// The least that a store can do with: its queue, the heads it remembers, the smallest write buffers and some cache.
pub const MEMORY_BYTES_MIN: u64 = 112 * MIB;

/// Heads that are remembered take so much: see [`super::judge`].
const HEADS_BYTES: u64 = 10 * MIB;

/// Stores with this much and more write rows, which are nearly all there is to write, through larger buffers.
const LARGE_BUFFERS_FROM_BYTES: u64 = 192 * MIB;

/// What each part of a store may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemoryPlan {
    /// Blocks kept in memory.
    pub(super) cache_bytes: u64,
    rows_buffer_bytes: u64,
}

impl MemoryPlan {
    /// Shares out so many bytes; less than [`MEMORY_BYTES_MIN`] counts as that.
    pub(super) fn of(bytes: u64) -> Self {
        let rows_buffer_bytes = if bytes < LARGE_BUFFERS_FROM_BYTES { 8 * MIB } else { 16 * MIB };
        let plan = Self { cache_bytes: 0, rows_buffer_bytes };
        let others = plan.buffers_bytes().saturating_add(HEADS_BYTES).saturating_add(queue_bytes());
        Self { cache_bytes: bytes.max(MEMORY_BYTES_MIN).saturating_sub(others), ..plan }
    }

    /// How large one write buffer of a table may get. None is smaller than 8 MiB: a batch must fit into each.
    pub(super) fn buffer_bytes(self, table: Table) -> u64 {
        match table {
            Table::Heads | Table::Records | Table::Notes => 8 * MIB,
            Table::Rows => self.rows_buffer_bytes,
        }
    }

    /// What all write buffers take at most.
    fn buffers_bytes(self) -> u64 {
        let of_table = |table| {
            // The sealed ones, and the one that is written to.
            let buffers = u64::try_from(sealed_buffers_max(table)).unwrap_or(u64::MAX).saturating_add(1);
            self.buffer_bytes(table).saturating_mul(buffers)
        };
        Table::ALL.map(of_table).iter().sum()
    }
}

/// What waits to be written.
fn queue_bytes() -> u64 {
    u64::try_from(ROOM_BYTES_MAX).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_store_keeps_in_memory_is_what_it_was_given() {
        for bytes in [MEMORY_BYTES_MIN, MEMORY_BYTES, LARGE_BUFFERS_FROM_BYTES, 1024 * MIB] {
            let plan = MemoryPlan::of(bytes);
            let all = plan.cache_bytes + plan.buffers_bytes() + HEADS_BYTES + queue_bytes();
            assert_eq!(all, bytes);
            assert!(plan.cache_bytes >= 6 * MIB, "{plan:?}");
        }
        assert_eq!(MemoryPlan::of(0), MemoryPlan::of(MEMORY_BYTES_MIN));
    }
}
