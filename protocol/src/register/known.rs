//! By which numbers and times a stored document is known, and what a replay adds to it (WIRE 13.4).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fingerprint::Fingerprint;
use super::identity::OfflineKey;
use crate::message::{Command, Request};
use crate::types::LocalDateTime;

/// How many of a document's numbers are kept: the one it came with, and the latest.
const NUMBERS_MAX: usize = 16;

/// Likewise of its times. A till that writes the time of sending anew tries once a minute.
const DATE_TIMES_MAX: usize = 64;

/// The offline numbers and times that a stored ticket or placement is known by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The offline number it came with; 0: none.
    pub born: u32,
    /// Every offline number that it, or a replay of it, came with; the first comes first.
    pub numbers: Vec<u32>,
    /// Every date_time, its own first.
    pub date_times: Vec<LocalDateTime>,
}

impl Known {
    /// What a document is known by when it first comes; `None` when it is neither a ticket nor a placement.
    pub fn of(request: &Request<'_>) -> Option<Self> {
        let (number, date_time) = match request.command.and_then(Command::from_code)? {
            Command::Ticket => {
                let ticket = request.ticket.as_ref()?;
                (ticket.offline_ticket_number.unwrap_or(0), ticket.date_time)
            }
            Command::MoneyPlacement => (0, request.money_placement.as_ref()?.date_time),
            Command::System
            | Command::CloseShift
            | Command::Report
            | Command::Nomenclature
            | Command::Info
            | Command::CancelTicket
            | Command::Auth
            | Command::QrGenerate
            | Command::QrGetStatus => return None,
        };
        let mut known = Self { born: number, ..Self::default() };
        known.add_number(number);
        known.add_date_time(date_time.and_then(|came| came.moment()));
        Some(known)
    }

    /// Adds a number; false when there is none, or it is known.
    pub fn add_number(&mut self, number: u32) -> bool {
        number != 0 && add(&mut self.numbers, number, NUMBERS_MAX)
    }

    /// Adds a time; false when there is none, or it is known.
    pub fn add_date_time(&mut self, date_time: Option<LocalDateTime>) -> bool {
        date_time.is_some_and(|date_time| add(&mut self.date_times, date_time, DATE_TIMES_MAX))
    }
}

/// Adds what is new; where there is no more room the second goes, since the first is the document's own.
fn add<T: PartialEq>(list: &mut Vec<T>, new: T, max: usize) -> bool {
    if list.contains(&new) {
        return false;
    }
    if list.len() >= max && list.len() > 1 {
        list.remove(1);
    }
    list.push(new);
    true
}

/// What a replay adds to the stored document before it is answered (WIRE 13.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// What leads to the receipt from now on: each number with each time.
    pub offline: Vec<OfflineKey>,
    /// The offline number, when it is new.
    pub number: Option<u32>,
    /// What the document is known by once this is added.
    pub known: Known,
    /// Tells one set of added bytes from another; the same bytes are added once.
    pub digest: [u8; 8],
}

/// What `again` adds to `stored`, which is known by `known`; `None` when nothing.
pub fn amendment(stored: &Request<'_>, known: &Known, again: &Request<'_>) -> Option<Amendment> {
    let came = Known::of(again)?;
    let mut known = known.clone();
    let number = Some(came.born).filter(|number| known.add_number(*number));
    let date_time = came.date_times.first().copied().filter(|at| known.add_date_time(Some(*at)));
    let ticket = again.ticket.as_ref().filter(|_| again.command == Some(Command::Ticket.code()));
    let printed = ticket
        .and_then(|ticket| ticket.printed_ticket)
        .filter(|text| Some(*text) != stored.ticket.as_ref().and_then(|stored| stored.printed_ticket));
    if number.is_none() && date_time.is_none() && printed.is_none() {
        return None;
    }
    let mut offline = Vec::new();
    if let Some(fingerprint) = ticket.map(Fingerprint::of_ticket) {
        let key = |number, date_time| OfflineKey { number, date_time, fingerprint };
        offline.extend(
            number
                .into_iter()
                .flat_map(|number| known.date_times.iter().map(move |date_time| key(number, *date_time))),
        );
        let others = known.numbers.iter().filter(|other| Some(**other) != number);
        offline.extend(date_time.into_iter().flat_map(|at| others.clone().map(move |other| key(*other, at))));
    }
    let digest = digest(number, printed.map_or(&[][..], |text| text.0), date_time);
    Some(Amendment { offline, number, known, digest })
}

fn digest(number: Option<u32>, printed: &[u8], date_time: Option<LocalDateTime>) -> [u8; 8] {
    let mut hash = Sha256::new();
    hash.update(number.unwrap_or(0).to_be_bytes());
    hash.update(printed);
    if let Some(date_time) = date_time {
        hash.update(date_time.wall_seconds().to_be_bytes());
    }
    let mut digest = [0; 8];
    digest.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    digest
}

/// The digests that an [`Amendment`] of `stored` by `again` may have had, whatever the document was known by then.
pub fn amendment_digests(stored: &Request<'_>, again: &Request<'_>) -> Vec<[u8; 8]> {
    let Some(came) = Known::of(again) else { return Vec::new() };
    let text = printed_of(again).filter(|text| Some(*text) != printed_of(stored)).unwrap_or_default();
    let numbers = [None, Some(came.born).filter(|number| *number != 0)];
    let times = [None, came.date_times.first().copied()];
    numbers.into_iter().flat_map(|number| times.map(|at| digest(number, text, at))).collect()
}

fn printed_of<'a>(request: &Request<'a>) -> Option<&'a [u8]> {
    request.ticket.and_then(|ticket| ticket.printed_ticket).map(|text| text.0)
}
