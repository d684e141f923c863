//! A shift as it was at an earlier moment, made of the rows it has now.

use std::collections::BTreeMap;

use ofd_protocol::register::{Rebuild, Register, StoredDocument, UnconfirmedList};
use ofd_protocol::types::{LocalDateTime, RegisterId, Token, UnixMillis};

use super::corrupt;
use super::rows::{RowKind, decode_change, decode_place, document_in};
use super::unconfirmed;
use crate::store::{Row, StoreError};

/// A shift on its way through its rows, which come in the order of their keys.
#[derive(Debug)]
pub struct ShiftUntil {
    id: RegisterId,
    shift: u32,
    until: UnixMillis,
    rebuild: Rebuild,
    /// The last document that is kept.
    last: u32,
    left_out: u64,
    /// The documents whose answer was not taken by then, by sequence, and since when.
    unconfirmed: BTreeMap<u32, UnixMillis>,
}

impl ShiftUntil {
    /// Begins with the end of the shift before; `None` before a register's first shift.
    pub fn begin(id: RegisterId, shift: u32, before: Option<&Register>, until: UnixMillis) -> Self {
        let beginning = before.map_or_else(|| Register::new(Token(0)), Register::next_shift);
        let rebuild = Rebuild::begin(Register { shift_number: shift, ..beginning });
        Self { id, shift, until, rebuild, last: 0, left_out: 0, unconfirmed: BTreeMap::new() }
    }

    /// Whether the row was there: documents that were accepted by then, and what leads to them.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn keeps(&mut self, row: &Row) -> Result<bool, StoreError> {
        let (id, shift) = (self.id, self.shift);
        let damaged = |reason: String| corrupt(id, shift, reason);
        if let Some(document) = document_in(id, shift, row)? {
            if self.left_out > 0 || document.accepted_at > self.until {
                self.left_out = self.left_out.saturating_add(1);
                return Ok(false);
            }
            let stored = StoredDocument {
                accepted_at: document.accepted_at,
                date_time: document.date_time,
                raw: &document.raw,
            };
            let added = self.rebuild.add(stored);
            added.map_err(|error| damaged(format!("document {}: {error}", document.number)))?;
            self.last = document.number;
            return Ok(true);
        }
        let number = || row.key.get(1..5).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        let kind = row.key.first();
        match kind.and_then(|kind| RowKind::from_number(*kind)) {
            Some(RowKind::Offline) => {
                let is_kept = decode_place(id, shift, &row.value)?.number <= self.last;
                if let Some(date_time) = offline_date_time(&row.key).filter(|_| is_kept) {
                    self.rebuild.note_offline(date_time);
                }
                Ok(is_kept)
            }
            Some(RowKind::Unconfirmed) if self.left_out == 0 => Ok(true),
            Some(RowKind::Unconfirmed) => {
                let found = unconfirmed::decode(id, shift, row)?.filter(|found| {
                    found.since <= self.until
                        && (found.document.shift, found.document.number) <= (shift, self.last)
                });
                if let Some(found) = &found {
                    self.unconfirmed.insert(found.sequence, found.since);
                }
                Ok(found.is_some())
            }
            Some(RowKind::Amendment | RowKind::Known) => {
                Ok(number().is_some_and(|number| number <= self.last))
            }
            Some(RowKind::Cancelled) => Ok(decode_place(id, shift, &row.value)?.number <= self.last),
            Some(RowKind::Change) => Ok(decode_change(id, shift, row)?.entry.at <= self.until),
            Some(RowKind::Document) | None => {
                Err(damaged(format!("a row has the kind {kind:?}, a newer program wrote it")))
            }
        }
    }

    /// Whether any document was there by then.
    pub fn has_documents(&self) -> bool {
        self.last > 0
    }

    /// How many documents came later.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The register as it was then. What no document tells, such as a block by people, is taken from `newest`, the
    /// state of this shift with all its documents, if it was so by then; else from `known`, a state in between; else
    /// from the shift before.
    pub fn finish(self, known: Option<&Register>, newest: &Register) -> Register {
        let (until, left_out) = (self.until, self.left_out);
        let list = listed(&self.unconfirmed);
        let rebuilt = Register { unconfirmed: list, ..self.rebuild.finish() };
        let mut register = if left_out == 0 { newest.clone() } else { rebuilt.clone() };
        let by_then = |state: &&Register| state.status.changed_at <= until;
        let status = [Some(newest), known].into_iter().flatten().find(by_then);
        register.status = status.map_or(&rebuilt.status, |state| &state.status).clone();
        register.clock = register.clock.min(until).max(rebuilt.clock);
        for (warning, count) in &newest.warnings {
            let of_known = || known.and_then(|known| known.warnings.get(warning)).copied();
            let of_before = || rebuilt.warnings.get(warning).copied();
            let by_then = |count: &_| -> bool {
                let count: &ofd_protocol::register::WarningCount = count;
                count.last_seen <= until
            };
            match Some(*count).filter(by_then).or_else(|| of_known().filter(by_then)).or_else(of_before) {
                Some(count) => register.warnings.insert(*warning, count),
                None => register.warnings.remove(warning),
            };
        }
        register
    }
}

/// The list whose rows are these.
fn listed(rows: &BTreeMap<u32, UnixMillis>) -> UnconfirmedList {
    UnconfirmedList {
        count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        first: rows.keys().next().copied().unwrap_or(0),
        next: rows.keys().next_back().map_or(0, |last| last.saturating_add(1)),
        newest_at: rows.values().max().copied().unwrap_or(UnixMillis(0)),
        ..UnconfirmedList::default()
    }
}

/// The date_time in the key of an offline number.
fn offline_date_time(key: &[u8]) -> Option<LocalDateTime> {
    let [year_high, year_low, month, day, hour, minute, second] = *key.get(5..12)?.first_chunk::<7>()?;
    let year = u32::from(u16::from_be_bytes([year_high, year_low]));
    LocalDateTime::new(year, month.into(), day.into(), hour.into(), minute.into(), second.into())
}
