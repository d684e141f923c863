//! Texts that registers print on receipts: the operator's people make them, for days to come.
//!
//! A register takes a text for new whose version is greater than that of the one it holds, and nothing takes a text back
//! from it. So the version of a text begins with its first day: of the texts of a kind for the same registers no two
//! meet on a day, and whichever holds is newer than all that held before it.

use ofd_protocol::refusal::{FORBIDDEN_WORDS, TEXT_LEN_MAX as TILL_TEXT_LEN_MAX};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    AuditAction, AuditField, AuditSubject, Company, OPERATOR, TicketText, TicketTextKind, ToldSubject,
    organisation,
};
use ofd_storage::model::{self, RegisterRecord, TradePoint, register_key};
use ofd_storage::store::{Store, StoreError};
use time::Date;

use crate::by::By;
use crate::change::ChangeError;
use crate::day::{day, kept};
use crate::fields::Fields;
use crate::office::{Decided, Office};
use crate::part::{self, Changed, Part, PartRefusal};
use crate::revision::Revision;
use crate::typed::{Errors, Reader, Wrong, full_line, plain_number};

/// Characters of a text: five lines of a narrow receipt.
pub const TEXT_CHARS_MAX: usize = 200;

/// Bytes of a text: as many as of any other text that tills show (WIRE section 4).
const TEXT_BYTES_MAX: usize = TILL_TEXT_LEN_MAX;

/// Texts that are kept, those that are over included: each gateway has all of them in memory.
pub const TEXTS_MAX: usize = 100;

/// A text is made at most so many days ahead, and holds for so many at most.
const DAYS_MAX: i64 = 366;

/// Characters of whose registers a text is for: the id of a trade point is the longest.
pub const WHOSE_LEN_MAX: usize = 64;

/// How a text stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPhase {
    /// Its first day is still to come.
    ToCome,
    /// Registers get it.
    Holds,
    /// Its last day is over.
    Over,
}

/// How a text stands today.
#[must_use]
pub fn phase(text: &TicketText, today: Date) -> TextPhase {
    let today = kept(today);
    if text.holds_on(&today) {
        TextPhase::Holds
    } else if text.to < today {
        TextPhase::Over
    } else {
        TextPhase::ToCome
    }
}

/// What a form said, on the day it came.
#[derive(Clone, Debug)]
pub struct TextDraft {
    /// The text as it is to be kept.
    pub text: TicketText,
    /// Today, where the operator works.
    pub today: Date,
}

/// Whether there are the registers that a form names; nothing is said of what no form sends.
///
/// # Errors
/// Those of the store.
pub async fn is_there(store: &impl Store, fields: &Fields) -> Result<bool, StoreError> {
    let whose = fields.text("whose");
    if whose.len() > WHOSE_LEN_MAX {
        return Ok(false);
    }
    Ok(match TicketTextKind::from_name(fields.text("kind")) {
        Some(TicketTextKind::Ofd) | None => true,
        Some(TicketTextKind::Org) => whose != OPERATOR && organisation(store, whose).await?.is_some(),
        Some(TicketTextKind::Pos) => {
            // No register stands in one that was deleted, and none ever will.
            let point = model::load::<TradePoint>(store, whose.as_bytes()).await?;
            point.is_some_and(|(_, point)| point.deleted_at.is_none())
        }
        Some(TicketTextKind::Kkm) => match plain_number(whose).map(RegisterId) {
            Some(id) => model::load::<RegisterRecord>(store, &register_key(id)).await?.is_some(),
            None => false,
        },
    })
}

/// A text as tills can show it.
fn till_text(typed: &str) -> Result<String, Wrong> {
    let text = full_line(typed, TEXT_CHARS_MAX)?;
    let lower = text.to_lowercase();
    if let Some(word) = FORBIDDEN_WORDS.iter().find(|word| lower.contains(**word)) {
        return Err(Wrong::TillWord(word));
    }
    if text.len() > TEXT_BYTES_MAX { Err(Wrong::TooLong) } else { Ok(text) }
}

fn day_ahead(typed: &str, today: Date) -> Result<String, Wrong> {
    if typed.is_empty() {
        return Err(Wrong::Empty);
    }
    let day = day(typed).ok_or(Wrong::Date)?;
    let is_far = (day - today).whole_days() > DAYS_MAX;
    if is_far { Err(Wrong::DateBeyond) } else { Ok(kept(day)) }
}

/// Reads a text from a form; `is_there`: whether the registers that it names are.
#[must_use]
pub fn read_text(fields: &Fields, today: Date, is_there: bool) -> (TextDraft, Errors) {
    let mut reader = Reader::default();
    let kind = TicketTextKind::from_name(fields.text("kind")).ok_or(Wrong::Choice);
    let kind = reader.take("kind", kind.map(Some)).unwrap_or(TicketTextKind::Ofd);
    let whose = match kind {
        // Whoever names some registers does not mean all of them.
        TicketTextKind::Ofd if !fields.text("whose").is_empty() => Err(Wrong::ForAll),
        TicketTextKind::Ofd => Ok(String::new()),
        _ if fields.text("whose").is_empty() => Err(Wrong::Empty),
        _ if !is_there => Err(Wrong::Nowhere),
        // As its record has it: a number may be typed with noughts before it.
        TicketTextKind::Kkm => {
            plain_number(fields.text("whose")).map(|id| id.to_string()).ok_or(Wrong::Nowhere)
        }
        TicketTextKind::Org | TicketTextKind::Pos => Ok(fields.text("whose").to_owned()),
    };
    let whose = reader.take("whose", whose);
    let text = reader.take("text", till_text(fields.text("text")));
    let from = reader.take("from", day_ahead(fields.text("from"), today));
    let to = reader.take("to", day_ahead(fields.text("to"), today));
    if !from.is_empty() && !to.is_empty() && to < from {
        reader.errors.push(("to", Wrong::DaysTurned));
    }
    let text = TicketText { id: 0, revision: 0, kind, whose, text, from, to, version: 0 };
    (TextDraft { text, today }, reader.errors)
}

/// What stands against days that were not wrong when they were read: what was is known only now.
fn days_may_be(known: Option<&TicketText>, draft: &TextDraft) -> Result<(), (&'static str, Wrong)> {
    let (wanted, today) = (&draft.text, kept(draft.today));
    let Some(known) = known else {
        return if wanted.from < today { Err(("from", Wrong::DatePast)) } else { Ok(()) };
    };
    match phase(known, draft.today) {
        // Registers hold it, or a later one: under its first day nothing newer can come.
        TextPhase::Over => Err(("to", Wrong::TextOver)),
        TextPhase::Holds if wanted.kind != known.kind => Err(("kind", Wrong::TextHolds)),
        TextPhase::Holds if wanted.whose != known.whose => Err(("whose", Wrong::TextHolds)),
        TextPhase::Holds if wanted.from != known.from => Err(("from", Wrong::TextHolds)),
        TextPhase::ToCome if wanted.from < today => Err(("from", Wrong::DatePast)),
        TextPhase::Holds | TextPhase::ToCome if wanted.to < today => Err(("to", Wrong::DatePast)),
        TextPhase::Holds | TextPhase::ToCome => Ok(()),
    }
}

/// The operator with what a form said: of a new text, or of the one that was at a revision when the form was opened.
pub fn apply(operator: &Company, opened: Option<(u32, Revision)>, draft: &TextDraft) -> Changed<Company> {
    let known = opened.and_then(|(id, _)| part::find::<TicketText>(operator, id));
    let is_repeat = match known {
        Some(known) => say_the_same(&draft.text, known),
        None => operator.ticket_texts.iter().any(|known| say_the_same(&draft.text, known)),
    };
    if !is_repeat {
        days_may_be(known, draft).map_err(|(field, wrong)| PartRefusal::Wrong(field, wrong))?;
    }
    match opened {
        Some(at) => part::change(operator, at, &draft.text),
        None => part::add(operator, &draft.text),
    }
}

/// Whether two texts say the same, whatever their numbers and versions.
fn say_the_same(one: &TicketText, other: &TicketText) -> bool {
    let TicketText { id, revision, version, .. } = *other;
    *other == TicketText { id, revision, version, ..one.clone() }
}

/// The version of a text: its first day, then a number that no text had before.
fn version(from: &str, number: u32) -> u64 {
    let day = day(from).map_or(0, |day| u64::try_from(day.to_julian_day()).unwrap_or(0));
    (day << u32::BITS) | u64::from(number)
}

impl Part for TicketText {
    type Whole = Company;

    const MAX: usize = TEXTS_MAX;

    const ACTIONS: [AuditAction; 3] =
        [AuditAction::TicketTextAdded, AuditAction::TicketTextChanged, AuditAction::TicketTextDeleted];

    fn all(operator: &Company) -> &Vec<Self> {
        &operator.ticket_texts
    }

    fn all_mut(operator: &mut Company) -> &mut Vec<Self> {
        &mut operator.ticket_texts
    }

    fn id(&self) -> u32 {
        self.id
    }

    fn revision(&self) -> u32 {
        self.revision
    }

    fn numbered(self, id: u32, revision: u32) -> Self {
        Self { id, revision, ..self }
    }

    fn subject(&self) -> ToldSubject {
        AuditSubject::TicketText(self.id).called(self.text.as_str())
    }

    fn told(&self) -> Vec<(AuditField, String)> {
        vec![
            (AuditField::TicketTextKind, self.kind.name().to_owned()),
            (AuditField::TicketTextWhose, self.whose.clone()),
            (AuditField::TicketText, self.text.clone()),
            (AuditField::FirstDay, self.from.clone()),
            (AuditField::LastDay, self.to.clone()),
        ]
    }

    fn complete(&mut self, _: &Company, before: Option<&Self>) {
        self.version = before.map_or(0, |before| before.version);
    }

    fn is_repeat(&self, known: &Self) -> bool {
        say_the_same(self, known)
    }

    fn check(&self, operator: &Company) -> Result<(), (&'static str, Wrong)> {
        let others = operator.ticket_texts.iter().filter(|other| other.id != self.id);
        if others.into_iter().any(|other| other.meets(self)) {
            Err(("from", Wrong::TextsMeet))
        } else {
            Ok(())
        }
    }

    fn settle(operator: &mut Company, id: u32) {
        let number = operator.take_id();
        for text in operator.ticket_texts.iter_mut().filter(|text| text.id == id) {
            text.version = version(&text.from, number);
        }
    }
}

/// Changes the operator's texts by a rule that says what they become, with the audit of whatever differs.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_texts(
    office: &Office,
    by: &By,
    rule: impl Fn(&Company) -> Changed<Company> + Send + Sync,
) -> Result<(Company, Result<(), PartRefusal>), ChangeError> {
    let decide = |operator: &Company| -> Decided<Company, Result<(), PartRefusal>> {
        let changed = match rule(operator) {
            Ok(Some(changed)) => changed,
            Ok(None) => return Ok((None, Ok(()))),
            Err(refusal) => return Ok((None, Err(refusal))),
        };
        let rows = part::differences::<TicketText>(operator, &changed).into_iter();
        let rows = rows.map(|found| by.entry(found.action, found.subject, found.changes)).collect();
        Ok((Some((changed, rows)), Ok(())))
    };
    let (kept, outcome) = office.change_company(OPERATOR, decide).await?;
    Ok((kept.state, outcome))
}

#[cfg(test)]
mod tests;
