//! What makes an entry itself, so that it lands once however often its file comes, and in whichever format.
//!
//! Of each entry that is taken, its [`Mark`] is kept. An entry that comes again is known by it:
//!
//! - From a file of the same format the same fields come again. The [`Fingerprint`] is over account, day, direction, sum, the number of
//!   the document, the bank's reference, the other side's IBAN and the purpose. Entries of one statement that are alike in all of them
//!   are true twins: they are counted, and the count (`ordinal`) is a part of what they are.
//! - From a file of another format some of these fields are missing, cut or written in Latin letters. Then account, day, direction and
//!   sum must be the same, since every format tells them exactly, and of the others those are compared that both tell. One that agrees
//!   (number, reference, or IBAN with purpose) while none differs makes it the same payment. Where agreement and difference are mixed,
//!   or nothing but the sum can be compared, it is not decided here: it is told as perhaps known, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Date;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::day_text;
use super::statement::{Direction, Entry, Format, Statement};

/// With how many kept entries of the same day and sum one is compared field by field.
const COMPARED_MAX: usize = 1_000;

/// From how many letters and digits on the beginning of a purpose says something.
const PURPOSE_MIN: usize = 10;

/// SHA-256 over what an entry is, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of an entry of an account's statement.
    #[must_use]
    pub fn of(account: &Iban, entry: &Entry) -> Self {
        let day = entry.day.to_julian_day().to_string();
        let sum = entry.sum.get().to_string();
        let direction = match (entry.direction, entry.is_reversal) {
            (Direction::In, false) => "in",
            (Direction::Out, false) => "out",
            (Direction::In, true) => "in again",
            (Direction::Out, true) => "out again",
        };
        let number = entry.number.as_deref().map(plain).unwrap_or_default();
        let reference = entry.bank_reference.as_deref().map(plain).unwrap_or_default();
        let other = other_iban(entry).map_or("", Iban::as_str);
        let purpose = plain(&entry.purpose);
        let mut hash = Sha256::new();
        for field in [account.as_str(), &day, direction, &sum, &number, &reference, other, &purpose] {
            // Its length before each field: what ends one never begins the next.
            hash.update(field.len().to_string().as_bytes());
            hash.update(b":");
            hash.update(field.as_bytes());
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Letters and digits alone, in small letters: what formats and programs leave of a text.
fn plain(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The IBAN of whoever is not us.
fn other_iban(entry: &Entry) -> Option<&Iban> {
    match entry.direction {
        Direction::In => entry.payer.iban.as_ref(),
        Direction::Out => entry.payee.iban.as_ref(),
    }
}

/// What is kept of an entry that was taken, to know it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Over all that the entry is.
    pub fingerprint: Fingerprint,
    /// Which of true twins it is, from 0.
    pub ordinal: u32,
    /// The format of the file it came in.
    pub format: Format,
    /// What every format tells.
    pub kin: Kin,
    number: Option<String>,
    reference: Option<String>,
    iban: Option<Iban>,
    purpose: String,
}

/// What every format tells of an entry exactly. Two entries that differ in it are two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kin {
    /// The account of the statement.
    pub account: Iban,
    /// The day of booking, as `2026-11-30` in records.
    #[serde(with = "day_text")]
    pub day: Date,
    /// Whether money came or went.
    pub direction: Direction,
    /// How much of it.
    pub sum: Tiyn,
}

/// Whether an entry was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is new.
    New,
    /// It is the kept one of this place in the list.
    Known(usize),
    /// It may be the kept one of this place in the list: people decide.
    Perhaps(usize),
}

/// The marks of a statement's entries, in their order.
#[must_use]
pub fn marks(statement: &Statement) -> Vec<Mark> {
    let mut twins: BTreeMap<Fingerprint, u32> = BTreeMap::new();
    let mark = |entry: &Entry| {
        let fingerprint = Fingerprint::of(&statement.account, entry);
        let next = twins.entry(fingerprint.clone()).or_default();
        let ordinal = *next;
        *next = next.saturating_add(1);
        Mark {
            fingerprint,
            ordinal,
            format: statement.format,
            kin: Kin {
                account: statement.account.clone(),
                day: entry.day,
                direction: entry.direction,
                sum: entry.sum,
            },
            number: entry.number.as_deref().map(number).filter(|number| !number.is_empty()),
            reference: entry.bank_reference.as_deref().map(number).filter(|number| !number.is_empty()),
            iban: other_iban(entry).cloned(),
            purpose: plain(&entry.purpose),
        }
    };
    statement.entries.iter().map(mark).collect()
}

/// A number without the zeros before it, which formats differ in.
fn number(text: &str) -> String {
    plain(text).trim_start_matches('0').to_owned()
}

/// Says of each new entry whether one of those that are kept is it. A kept one is at most one of the new ones.
#[must_use]
pub fn sort_out(new: &[Mark], kept: &[Mark]) -> Vec<Seen> {
    let exact: BTreeMap<(&Fingerprint, u32), usize> =
        kept.iter().enumerate().map(|(at, mark)| ((&mark.fingerprint, mark.ordinal), at)).collect();
    let mut seen = vec![Seen::New; new.len()];
    let mut used = BTreeSet::new();
    for (mark, seen) in new.iter().zip(&mut seen) {
        if let Some(at) = exact.get(&(&mark.fingerprint, mark.ordinal)) {
            *seen = Seen::Known(*at);
            used.insert(*at);
        }
    }
    let mut kin: BTreeMap<&Kin, Vec<usize>> = BTreeMap::new();
    for (at, mark) in kept.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        kin.entry(&mark.kin).or_default().push(at);
    }
    // Those that are surely the same first, so that none of them is taken by one that only may be.
    for wanted in [Alike::Yes, Alike::Perhaps] {
        for (mark, seen) in new.iter().zip(&mut seen).filter(|(_, seen)| **seen == Seen::New) {
            let Some(places) = kin.get_mut(&mark.kin) else { continue };
            let is_wanted = |at: &usize| kept.get(*at).is_some_and(|kept| alike(mark, kept) == wanted);
            let Some(found) = places.iter().take(COMPARED_MAX).position(is_wanted) else { continue };
            let at = places.remove(found);
            *seen = if wanted == Alike::Yes { Seen::Known(at) } else { Seen::Perhaps(at) };
        }
    }
    seen
}

/// Whether two entries of the same day and sum are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alike {
    Yes,
    Perhaps,
    No,
}

/// Compares what both tell.
fn alike(one: &Mark, other: &Mark) -> Alike {
    let same =
        |one: &Option<String>, other: &Option<String>| one.as_ref().zip(other.as_ref()).map(|(a, b)| a == b);
    let number = same(&one.number, &other.number);
    let reference = same(&one.reference, &other.reference);
    let iban = one.iban.as_ref().zip(other.iban.as_ref()).map(|(a, b)| a == b);
    let purpose = same_purpose(&one.purpose, &other.purpose);
    let told = [number, reference, iban, purpose];
    let differs = told.contains(&Some(false));
    let agrees =
        number == Some(true) || reference == Some(true) || (iban, purpose) == (Some(true), Some(true));
    if !differs {
        return if agrees { Alike::Yes } else { Alike::Perhaps };
    }
    // Files of one format have the same fields: what differs is another.
    if one.format == other.format || iban == Some(false) {
        return Alike::No;
    }
    // Formats put different things where a number or a reference belongs, and cut purposes.
    if agrees || purpose == Some(true) || iban == Some(true) { Alike::Perhaps } else { Alike::No }
}

/// Whether two purposes are one, of which a format may have cut the end. Of Latin letters beside Cyrillic ones nothing can be said.
fn same_purpose(one: &str, other: &str) -> Option<bool> {
    let is_latin = |text: &str| text.is_ascii();
    if one.is_empty() || other.is_empty() || is_latin(one) != is_latin(other) {
        return None;
    }
    let is_long = one.chars().count().min(other.chars().count()) >= PURPOSE_MIN;
    Some(one == other || is_long && (one.starts_with(other) || other.starts_with(one)))
}
