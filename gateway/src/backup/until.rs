//! Which backups show an earlier moment, and what of their records was there by then.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::feed;
use ofd_storage::model::{self, Organisation, RegisterRecord, TradePoint, TradePointId};
use ofd_storage::store::{Record, RecordKind, StoreError};

use super::folder::Backup;
use super::merge::RecordVersions;
use super::source::{RecordPlace, decode_record, record_of_key};

/// A document is durable, or never will be, this long after its time of acceptance was taken: requests are answered
/// within 5 s.
const SETTLED_AFTER_MS: u64 = 10_000;

/// The backups from which a moment is restored: a chain, and how many of it tell what was known by then.
pub(super) struct Choice {
    pub(super) chain: Vec<Backup>,
    pub(super) known: usize,
}

/// Chooses the first chain that goes beyond the moment: it holds every document accepted until then, and what the
/// registers held later. Without a moment, the last chain. `None`: there is no backup.
pub(super) fn choose(chains: Vec<Vec<Backup>>, until: Option<UnixMillis>) -> Option<Choice> {
    let made_at = |backup: &Backup| backup.manifest.made_at_ms;
    let beyond = |chain: &Vec<Backup>| {
        let settled = until.map(|until| until.0.saturating_add(SETTLED_AFTER_MS));
        settled.is_some_and(|settled| chain.last().is_some_and(|last| made_at(last) >= settled))
    };
    let at = chains.iter().position(beyond).unwrap_or(chains.len().saturating_sub(1));
    let chain = chains.into_iter().nth(at)?;
    let by_then = |backup: &&Backup| until.is_none_or(|until| made_at(backup) <= until.0);
    // Before the first backup nothing else is known than what it has.
    let known = chain.iter().take_while(by_then).count().max(1);
    Some(Choice { chain, known })
}

/// Chooses among the records of a chain.
pub(super) struct RecordsUntil<'a> {
    is_exact: bool,
    /// The newest shift of each register that was restored.
    newest_shifts: &'a HashMap<RegisterId, u32>,
    /// Records that came later, and may belong to registers that were there.
    candidates: Vec<(RecordKind, Record)>,
    organisations: HashSet<String>,
    trade_points: HashSet<TradePointId>,
}

impl<'a> RecordsUntil<'a> {
    pub(super) fn new(is_exact: bool, newest_shifts: &'a HashMap<RegisterId, u32>) -> Self {
        Self {
            is_exact,
            newest_shifts,
            candidates: Vec::new(),
            organisations: HashSet::new(),
            trade_points: HashSet::new(),
        }
    }

    /// The record to restore, if it is known to be one already.
    pub(super) fn judge(
        &mut self,
        versions: RecordVersions,
    ) -> Result<Option<(RecordKind, Record)>, StoreError> {
        let corrupt = || StoreError::Corrupt {
            place: format!("record {}", versions.key.escape_ascii()),
            reason: "it is of a kind that this program does not know".to_owned(),
        };
        let (kind, key): RecordPlace = record_of_key(&versions.key).ok_or_else(corrupt)?;
        let record = |value: &Bytes| {
            decode_record(key.clone(), value).map(|record| (kind, record)).ok_or_else(corrupt)
        };
        if self.is_exact {
            return record(&versions.newest).map(Some);
        }
        match kind {
            // They tell of shifts, so they go with them.
            RecordKind::ShiftSummary => self.summary(&key).then(|| record(&versions.newest)).transpose(),
            // Entries of indexes: one that leads nowhere yet does no harm, one that is missing would.
            RecordKind::TitleWord
            | RecordKind::RegisterOfOrganisation
            | RecordKind::TradePointOfOrganisation
            | RecordKind::RegisterOfSerial
            | RecordKind::PaymentOfMonth
            | RecordKind::InvoiceOfOrganisation
            | RecordKind::InvoiceOfMonth
            | RecordKind::StoppedOrganisation => record(&versions.newest).map(Some),
            RecordKind::Register | RecordKind::FnsKkmIdHistory if versions.known.is_none() => {
                let is_there = register_of(kind, &key).is_some_and(|id| self.newest_shifts.contains_key(&id));
                if !is_there {
                    return Ok(None);
                }
                let (kind, record) = record(&versions.newest)?;
                if kind == RecordKind::Register {
                    let (_, register) = model::decode::<RegisterRecord>(&record)?;
                    self.organisations.insert(register.bin);
                    self.trade_points.insert(register.trade_point);
                }
                Ok(Some((kind, record)))
            }
            RecordKind::Organisation | RecordKind::TradePoint if versions.known.is_none() => {
                self.candidates.push(record(&versions.newest)?);
                Ok(None)
            }
            // How far readers of the feed were is of no use where what they made is left out.
            RecordKind::Store if feed::is_fact(&key) => Ok(None),
            RecordKind::Store
            | RecordKind::Organisation
            | RecordKind::TradePoint
            | RecordKind::Register
            | RecordKind::FnsKkmIdHistory
            | RecordKind::Name
            | RecordKind::BankApplication
            | RecordKind::Bank
            | RecordKind::RegisterModel
            | RecordKind::PersonalAccount
            | RecordKind::Payment
            | RecordKind::Plan
            | RecordKind::ChargingRun
            | RecordKind::ServiceOfOrganisation
            | RecordKind::ChargeOwed
            | RecordKind::PerhapsKnown
            | RecordKind::Standing
            | RecordKind::PaymentKey
            | RecordKind::CallAnswer
            | RecordKind::Lease => versions.known.as_ref().map(record).transpose(),
        }
    }

    /// The record of a closed shift is written when the next one begins.
    fn summary(&self, key: &[u8]) -> bool {
        let number = |range: std::ops::Range<usize>| {
            key.get(range).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_be_bytes)
        };
        number(0..4).zip(number(4..8)).is_some_and(|(register, shift)| {
            self.newest_shifts.get(&RegisterId(register)).is_some_and(|newest| shift < *newest)
        })
    }

    /// What registers that were there lead to, when all records were judged.
    pub(super) fn rest(mut self) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        let (points, organisations): (Vec<_>, Vec<_>) =
            self.candidates.into_iter().partition(|(kind, _)| *kind == RecordKind::TradePoint);
        let mut kept = Vec::new();
        for (kind, record) in points {
            let (_, point) = model::decode::<TradePoint>(&record)?;
            if self.trade_points.contains(&point.id) {
                self.organisations.insert(point.bin);
                kept.push((kind, record));
            }
        }
        for (kind, record) in organisations {
            let (_, organisation) = model::decode::<Organisation>(&record)?;
            if self.organisations.contains(&organisation.bin) {
                kept.push((kind, record));
            }
        }
        Ok(kept)
    }
}

/// Whose record it is.
pub(super) fn register_of(kind: RecordKind, key: &[u8]) -> Option<RegisterId> {
    if kind == RecordKind::Register {
        return Some(RegisterId(u32::from_be_bytes(key.try_into().ok()?)));
    }
    let (_, id) = std::str::from_utf8(key).ok()?.rsplit_once('/')?;
    id.parse().ok().map(RegisterId)
}
