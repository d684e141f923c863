//! Reads a piece of an audit, the newest rows first, and never more of the stream than it may.

use ofd_storage::accounts::{AUDIT_PAGE_MAX, AuditRow, audit_rows};
use ofd_storage::store::{Store, StoreError, StreamId};

use super::rules::{Filter, is_same_look};

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Rows that are wanted; looks that are shown as one count as one.
    pub(super) found_max: usize,
    /// Rows that are looked at for them: what a filter skips costs reading too.
    pub(super) scanned_max: usize,
    /// How far wall time is ahead of UTC, where looks of one day are shown as one.
    pub(super) looks_by_day: Option<i32>,
}

/// Why a piece ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// There is no older row that belongs to it.
    Whole,
    /// As many as wanted were found; older ones come before this number.
    Full(u64),
    /// As many as allowed were looked at; older ones come before this number.
    Tired(u64),
}

/// A piece of an audit.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The rows, the newest first.
    pub(super) rows: Vec<AuditRow>,
    /// Why there are no more.
    pub(super) ended: Ended,
}

/// Reads the rows that a filter admits, those older than `before`.
pub(super) async fn scan(
    store: &impl Store,
    stream: StreamId,
    filter: &Filter,
    mut before: Option<u64>,
    bounds: Bounds,
) -> Result<Piece, StoreError> {
    let (mut rows, mut shown, mut scanned) = (Vec::<AuditRow>::new(), 0_usize, 0_usize);
    loop {
        let read = audit_rows(store, stream, before, AUDIT_PAGE_MAX).await?;
        let is_last = read.len() < AUDIT_PAGE_MAX;
        for row in read {
            let is_admitted = filter.admits(&row.entry);
            let is_shown_already = is_admitted
                && rows
                    .last()
                    .zip(bounds.looks_by_day)
                    .is_some_and(|(newer, zone)| is_same_look(&newer.entry, &row.entry, zone));
            if shown >= bounds.found_max && !is_shown_already {
                return Ok(Piece { rows, ended: Ended::Full(row.number.saturating_add(1)) });
            }
            if scanned >= bounds.scanned_max {
                return Ok(Piece { rows, ended: Ended::Tired(row.number.saturating_add(1)) });
            }
            if filter.ends_at(&row.entry) {
                return Ok(Piece { rows, ended: Ended::Whole });
            }
            scanned = scanned.saturating_add(1);
            before = Some(row.number);
            if is_admitted {
                shown = shown.saturating_add(usize::from(!is_shown_already));
                rows.push(row);
            }
        }
        if is_last {
            return Ok(Piece { rows, ended: Ended::Whole });
        }
    }
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{
        AuditAction, AuditActor, AuditEntry, AuditSubject, Company, CompanyKind, Subject, create,
    };
    use ofd_storage::memory::MemoryStore;
    use ofd_storage::store::Stamp;

    use super::*;

    /// A company whose audit has so many rows; every tenth tells of a block.
    async fn company(rows: u64) -> (MemoryStore, StreamId) {
        let store = MemoryStore::new();
        let company =
            Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(0));
        let entry = |number: u64| AuditEntry {
            at: UnixMillis(number * 1000),
            actor: AuditActor { account: None, name: "A".into(), is_operator: false },
            address: String::new(),
            action: if number.is_multiple_of(10) { AuditAction::Blocked } else { AuditAction::Looked },
            subject: AuditSubject::Company.into(),
            changes: Vec::new(),
        };
        let stream = company.stream();
        create(&store, company, (0..rows).map(entry).collect(), Stamp([1; 16])).await.unwrap();
        (store, stream)
    }

    fn blocks() -> Filter {
        Filter { action: Some(AuditAction::Blocked), ..Filter::default() }
    }

    async fn read(
        rows: u64,
        filter: &Filter,
        before: Option<u64>,
        bounds: (usize, usize),
    ) -> (Vec<u64>, Ended) {
        let (store, stream) = company(rows).await;
        let bounds = Bounds { found_max: bounds.0, scanned_max: bounds.1, looks_by_day: None };
        let piece = scan(&store, stream, filter, before, bounds).await.unwrap();
        (piece.rows.iter().map(|row| row.number).collect(), piece.ended)
    }

    #[tokio::test]
    async fn the_newest_come_first_and_a_full_page_says_where_to_go_on() {
        let all = Filter::default();
        assert_eq!(read(5, &all, None, (3, 100)).await, (vec![4, 3, 2], Ended::Full(2)));
        assert_eq!(read(5, &all, Some(2), (3, 100)).await, (vec![1, 0], Ended::Whole));
        assert_eq!(read(3, &all, None, (3, 100)).await, (vec![2, 1, 0], Ended::Whole), "none is left");
        assert_eq!(read(0, &all, None, (3, 100)).await, (vec![], Ended::Whole));
    }

    #[tokio::test]
    async fn a_filter_reads_through_several_pages_of_the_stream() {
        let (found, ended) = read(450, &blocks(), None, (100, 1000)).await;
        assert_eq!((found.len(), ended), (45, Ended::Whole));
    }

    #[tokio::test]
    async fn a_filter_that_finds_little_stops_and_goes_on_where_it_stopped() {
        let (found, ended) = read(450, &blocks(), None, (100, 250)).await;
        assert_eq!((found.len(), ended), (25, Ended::Tired(200)));
        let (found, ended) = read(450, &blocks(), Some(200), (100, 250)).await;
        assert_eq!((found.len(), ended), (20, Ended::Whole));
    }

    #[tokio::test]
    async fn looks_that_are_shown_as_one_count_as_one() {
        // Rows 1 to 9 are looks of one person within a day, so are 11 to 19; 0, 10 and 20 are none.
        let (store, stream) = company(21).await;
        let bounds = Bounds { found_max: 3, scanned_max: 100, looks_by_day: Some(0) };
        let piece = scan(&store, stream, &Filter::default(), None, bounds).await.unwrap();
        let numbers: Vec<u64> = piece.rows.iter().map(|row| row.number).collect();
        assert_eq!((numbers, piece.ended), ((10..21).rev().collect(), Ended::Full(10)));
        let piece = scan(&store, stream, &Filter::default(), Some(10), bounds).await.unwrap();
        assert_eq!((piece.rows.len(), piece.ended), (10, Ended::Whole));
        let tired = Bounds { scanned_max: 5, ..bounds };
        let piece = scan(&store, stream, &Filter::default(), Some(20), tired).await.unwrap();
        assert_eq!((piece.rows.len(), piece.ended), (5, Ended::Tired(15)), "however many are one");
    }

    #[tokio::test]
    async fn a_period_that_is_over_is_not_read_past() {
        let day = 24 * 60 * 60;
        let from = Filter { from: Some(UnixMillis(day * 1000)), ..Filter::default() };
        assert_eq!(
            read(300, &from, None, (100, 10)).await,
            (vec![], Ended::Whole),
            "before any is looked at"
        );
    }
}
