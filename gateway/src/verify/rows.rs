//! The rows of a shift that lead to its documents: each must lead to one of which it is true, and none may be missing.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use ofd_protocol::frame;
use ofd_protocol::message::{Request, TicketRequest};
use ofd_protocol::register::{DocumentKind, Fingerprint, OfflineKey, amendment_digests};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, Document, RowKind, ShiftRow};
use ofd_storage::store::{ROW_KEY_LEN_MAX, Store, StoreError};

use super::walked::{Break, PAGE, Read, read};

/// What is kept of each document while the rows that lead to it are judged.
struct Fact {
    kind: DocumentKind,
    /// How it is found when it is sent again, as its own bytes say.
    offline: Option<OfflineKey>,
    cancels: Option<DocumentRef>,
}

/// What the documents of one shift say of the rows that lead to them.
pub(super) struct Facts {
    register: RegisterId,
    shift: u32,
    documents: HashMap<u32, Fact>,
    last: u32,
}

impl Facts {
    pub(super) fn new(register: RegisterId, shift: u32) -> Self {
        Self { register, shift, documents: HashMap::new(), last: 0 }
    }

    pub(super) fn add(&mut self, document: &Document) {
        let is_ticket = document.kind == DocumentKind::Ticket;
        let offline = if is_ticket { offline_key(&document.raw) } else { None };
        let fact = Fact { kind: document.kind, offline, cancels: document.cancels };
        self.documents.insert(document.number, fact);
        self.last = self.last.max(document.number);
    }

    /// The receipt of a number; why there is none.
    fn ticket(&self, number: u32) -> Result<&Fact, String> {
        match self.documents.get(&number) {
            Some(fact) if fact.kind == DocumentKind::Ticket => Ok(fact),
            Some(_) => Err(format!("it leads to document {number}, which is no receipt")),
            None => Err(format!("it leads to document {number}, which is missing")),
        }
    }
}

/// Reads the request of a frame and does something with it; `None` when it cannot be read.
fn with_request<T>(raw: &[u8], use_it: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
    let frame = frame::whole(raw).ok()?;
    Request::read(frame.payload).ok().map(|request| use_it(&request))
}

/// Reads a receipt of a frame and does something with it; `None` when the frame holds none.
fn with_ticket<T>(raw: &[u8], use_it: impl FnOnce(&TicketRequest<'_>) -> T) -> Option<T> {
    with_request(raw, |request| request.ticket.as_ref().map(use_it)).flatten()
}

/// How a receipt with an offline number is found again (WIRE 13.4).
fn offline_key(raw: &[u8]) -> Option<OfflineKey> {
    with_ticket(raw, |ticket| {
        let number = ticket.offline_ticket_number.filter(|number| *number != 0)?;
        let date_time = ticket.date_time.and_then(|came| came.moment())?;
        Some(OfflineKey { number, date_time, fingerprint: Fingerprint::of_ticket(ticket) })
    })
    .flatten()
}

/// What was found so far among the rows of a shift.
#[derive(Default)]
struct Found {
    offline: HashSet<(OfflineKey, u32)>,
    cancelled: HashSet<u32>,
}

/// Judges all rows of a shift beside its documents.
pub(super) async fn judge(
    store: &impl Store,
    facts: &Facts,
    rows: &mut u64,
) -> Result<Vec<Break>, StoreError> {
    let (register, shift) = (facts.register, facts.shift);
    let (mut wrong, mut found) = (Vec::new(), Found::default());
    let (mut after, mut limit): (Option<Bytes>, usize) = (None, 1);
    loop {
        let page = registers::shift_rows(store, register, shift, after.as_deref(), limit).await;
        let page = match read(page)? {
            Read::Whole(page) => page,
            Read::Damaged(damage) => {
                wrong.push(damage);
                break;
            }
        };
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        for row in &page {
            if row.key.first() == Some(&RowKind::Document.number()) {
                // Documents were walked already: on to the rows behind them.
                (after, limit) = (Some(behind_documents()), PAGE);
                break;
            }
            *rows = rows.saturating_add(1);
            let judged = match registers::shift_row(register, shift, row) {
                Ok(row) => judge_row(store, facts, &mut found, row).await?,
                Err(StoreError::Corrupt { reason, .. }) => Err((0, reason)),
                Err(error) => return Err(error),
            };
            if let Err((document, reason)) = judged {
                wrong.push(Break::in_shift(register, shift, document, reason));
            }
        }
    }
    wrong.extend(what_lacks(facts, &found));
    Ok(wrong)
}

/// The greatest key that a row of a document can have.
fn behind_documents() -> Bytes {
    let mut key = vec![u8::MAX; ROW_KEY_LEN_MAX];
    if let Some(first) = key.first_mut() {
        *first = RowKind::Document.number();
    }
    key.into()
}

/// What is wrong with a row, and of which document; 0: of the shift as a whole.
type Judged = Result<(), (u32, String)>;

async fn judge_row(
    store: &impl Store,
    facts: &Facts,
    found: &mut Found,
    row: ShiftRow,
) -> Result<Judged, StoreError> {
    // In a store that others write to a document may have come behind the walk, with its rows.
    let is_ahead = |number: u32| store.is_shared() && number > facts.last;
    Ok(match row {
        // Documents were walked already, unconfirmed ones are judged with the head that counts them, and a change of
        // people would not have read if it were of another shift.
        ShiftRow::Document(_) | ShiftRow::Unconfirmed(_) | ShiftRow::Change(_) => Ok(()),
        ShiftRow::Cancelled { by: place, .. } if place.shift != facts.shift => {
            Err((0, format!("a row leads to document {} of shift {}", place.number, place.shift)))
        }
        ShiftRow::Offline { place, .. } | ShiftRow::Cancelled { by: place, .. }
            if place.shift == facts.shift && is_ahead(place.number) =>
        {
            Ok(())
        }
        ShiftRow::Known { number, .. } if is_ahead(number) => Ok(()),
        ShiftRow::Known { number, known } => match facts.documents.get(&number) {
            Some(fact) if matches!(fact.kind, DocumentKind::Ticket | DocumentKind::MoneyPlacement) => {
                let is_of = |offline: OfflineKey| {
                    known.born == offline.number && known.date_times.first() == Some(&offline.date_time)
                };
                if fact.offline.is_none_or(is_of) {
                    Ok(())
                } else {
                    Err((number, "it is known by another number or time than it came with".to_owned()))
                }
            }
            Some(_) | None => Err((
                0,
                format!("a row tells by what document {number} is known, which is none to come again"),
            )),
        },
        ShiftRow::Amendment { number, .. } if is_ahead(number) => Ok(()),
        ShiftRow::Offline { key, place } => {
            let named = |reason: String| {
                (place.number, format!("offline number {} of {}: {reason}", key.number, key.date_time))
            };
            if place.shift == facts.shift {
                found.offline.insert((key, place.number));
                match facts.ticket(place.number) {
                    Err(reason) => return Ok(Err(named(reason))),
                    Ok(fact) if fact.offline == Some(key) => return Ok(Ok(())),
                    Ok(_) => {}
                }
            }
            // A replay brought it, or it leads to a receipt of an earlier shift.
            judge_offline(store, facts.register, key, place).await?.map_err(named)
        }
        ShiftRow::Amendment { number, digest, frame } => {
            let named = |reason: String| (number, format!("an amendment: {reason}"));
            match facts.ticket(number) {
                Err(reason) => Err(named(reason)),
                Ok(_) => judge_amendment(store, facts, number, digest, &frame).await?.map_err(named),
            }
        }
        ShiftRow::Cancelled { number, by } => {
            found.cancelled.insert(number);
            let receipt = DocumentRef { shift: facts.shift, number };
            let named = |reason: String| (number, format!("a cancellation: {reason}"));
            let cancels = facts.documents.get(&by.number).and_then(|fact| fact.cancels);
            facts.ticket(number).map_err(named).and_then(|_| match cancels {
                Some(cancelled) if cancelled == receipt => Ok(()),
                Some(_) | None => Err(named(format!("document {} does not cancel it", by.number))),
            })
        }
    })
}

/// An added frame must be a receipt, and one that adds to the stored one what its key says.
async fn judge_amendment(
    store: &impl Store,
    facts: &Facts,
    number: u32,
    digest: [u8; 8],
    frame: &[u8],
) -> Result<Result<(), String>, StoreError> {
    let place = DocumentRef { shift: facts.shift, number };
    let Some(stored) = registers::document(store, facts.register, place).await? else {
        return Ok(Err("the receipt is missing".to_owned()));
    };
    let is_true = with_request(&stored.raw, |before| {
        with_request(frame, |again| amendment_digests(before, again).contains(&digest))
    });
    let is_true = is_true.flatten().unwrap_or(false);
    Ok(if is_true { Ok(()) } else { Err("the frame does not add what its key says".to_owned()) })
}

/// A row that leads from a number and a time to a receipt, which must be known by both.
async fn judge_offline(
    store: &impl Store,
    register: RegisterId,
    key: OfflineKey,
    place: DocumentRef,
) -> Result<Result<(), String>, StoreError> {
    let Some(stored) = registers::document(store, register, place).await? else {
        return Ok(Err(format!(
            "it leads to document {} of shift {}, which is missing",
            place.number, place.shift
        )));
    };
    let known = registers::known(store, register, place, &stored).await?;
    let is_same = with_ticket(&stored.raw, |ticket| Fingerprint::of_ticket(ticket) == key.fingerprint);
    let is_known = known.numbers.contains(&key.number) && known.date_times.contains(&key.date_time);
    Ok(if is_same == Some(true) && is_known {
        Ok(())
    } else {
        Err("the receipt to which it leads never came with that".to_owned())
    })
}

/// What documents say must be there and is not.
fn what_lacks(facts: &Facts, found: &Found) -> Vec<Break> {
    let broken =
        |document: u32, reason: String| Break::in_shift(facts.register, facts.shift, document, reason);
    let mut wrong = Vec::new();
    for (number, fact) in &facts.documents {
        if let Some(key) = fact.offline.filter(|key| !found.offline.contains(&(*key, *number))) {
            wrong.push(broken(*number, format!("its offline number {} does not lead to it", key.number)));
        }
        if let Some(cancelled) = fact.cancels
            && cancelled.shift == facts.shift
            && !found.cancelled.contains(&cancelled.number)
        {
            wrong.push(broken(
                cancelled.number,
                format!("it is not marked as cancelled by document {number}"),
            ));
        }
    }
    wrong.sort_by(|a, b| a.place.cmp(&b.place));
    wrong
}
