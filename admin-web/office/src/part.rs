//! One of several things of a kind that something has: the addresses of a company, its bank accounts. How one is added,
//! changed and deleted is the same for all; what is its own, each says itself.

use ofd_storage::accounts::{AuditAction, AuditField, FieldChange, ToldSubject};

use crate::revision::Revision;
use crate::typed::Wrong;

/// What has parts and numbers them.
pub trait Whole: Clone {
    /// A number that no part had before.
    fn take_id(&mut self) -> u32;
}

/// One of several things of a kind.
pub trait Part: Clone + PartialEq + Send + Sync + 'static {
    /// What has it.
    type Whole: Whole;

    /// The most of its kind that there may be.
    const MAX: usize;

    /// What the audit says when one is added, changed, deleted.
    const ACTIONS: [AuditAction; 3];

    /// All of its kind.
    fn all(whole: &Self::Whole) -> &Vec<Self>;

    /// The same, to be changed.
    fn all_mut(whole: &mut Self::Whole) -> &mut Vec<Self>;

    /// Its number in the whole.
    fn id(&self) -> u32;

    /// Grows with every change.
    fn revision(&self) -> u32;

    /// The same under another number and revision. What was read from a form has none yet.
    fn numbered(self, id: u32, revision: u32) -> Self;

    /// It as the audit tells of it.
    fn subject(&self) -> ToldSubject;

    /// What the audit tells of it.
    fn told(&self) -> Vec<(AuditField, String)>;

    /// Completes what a form said of it by what is there already. `before` is what it changes.
    fn complete(&mut self, _whole: &Self::Whole, _before: Option<&Self>) {}

    /// Whether it is the one that is there, as after a form that was sent twice.
    fn is_repeat(&self, known: &Self) -> bool {
        self.is_same(known)
    }

    /// What is wrong with it beside the others, and in which field.
    fn check(&self, _whole: &Self::Whole) -> Result<(), (&'static str, Wrong)> {
        Ok(())
    }

    /// Whether it may not be deleted.
    fn stays(&self, _whole: &Self::Whole) -> bool {
        false
    }

    /// Brings the others into step with the one of this number, after it was added, changed or deleted.
    fn settle(_whole: &mut Self::Whole, _id: u32) {}

    /// Whether both say the same, whatever their numbers.
    fn is_same(&self, other: &Self) -> bool {
        *self == other.clone().numbered(self.id(), self.revision())
    }
}

/// Why parts stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartRefusal {
    /// There are as many as may be.
    TooMany,
    /// It does not go with what is there; the field says so.
    Wrong(&'static str, Wrong),
    /// It must not be deleted.
    Stays,
    /// Somebody changed it since the form was opened.
    Stale,
    /// It is not there any more.
    Gone,
}

/// The whole as it becomes; `None` when it is so already.
pub type Changed<W> = Result<Option<W>, PartRefusal>;

/// The part of a number.
pub fn find<P: Part>(whole: &P::Whole, id: u32) -> Option<&P> {
    P::all(whole).iter().find(|part| part.id() == id)
}

/// Adds a part.
pub fn add<P: Part>(whole: &P::Whole, draft: &P) -> Changed<P::Whole> {
    let mut changed = whole.clone();
    let id = changed.take_id();
    let mut part = draft.clone().numbered(id, 1);
    part.complete(whole, None);
    if P::all(whole).iter().any(|known| part.is_repeat(known)) {
        return Ok(None);
    }
    part.check(whole).map_err(|(field, wrong)| PartRefusal::Wrong(field, wrong))?;
    if P::all(whole).len() >= P::MAX {
        return Err(PartRefusal::TooMany);
    }
    P::all_mut(&mut changed).push(part);
    P::settle(&mut changed, id);
    Ok(Some(changed))
}

/// Changes a part that was at `revision` when the form was opened.
pub fn change<P: Part>(whole: &P::Whole, (id, revision): (u32, Revision), draft: &P) -> Changed<P::Whole> {
    let known: &P = find(whole, id).ok_or(PartRefusal::Gone)?;
    let mut part = draft.clone().numbered(id, known.revision().saturating_add(1));
    part.complete(whole, Some(known));
    if part.is_same(known) {
        return Ok(None);
    }
    if !revision.is(known.revision()) {
        return Err(PartRefusal::Stale);
    }
    part.check(whole).map_err(|(field, wrong)| PartRefusal::Wrong(field, wrong))?;
    let mut changed = whole.clone();
    P::all_mut(&mut changed)
        .iter_mut()
        .filter(|known| known.id() == id)
        .for_each(|known| part.clone_into(known));
    P::settle(&mut changed, id);
    Ok(Some(changed))
}

/// Deletes a part that was at `revision` when the question was asked.
pub fn delete<P: Part>(whole: &P::Whole, (id, revision): (u32, Revision)) -> Changed<P::Whole> {
    let known: &P = find(whole, id).ok_or(PartRefusal::Gone)?;
    if known.stays(whole) {
        return Err(PartRefusal::Stays);
    }
    if !revision.is(known.revision()) {
        return Err(PartRefusal::Stale);
    }
    let mut changed = whole.clone();
    P::all_mut(&mut changed).retain(|known| known.id() != id);
    P::settle(&mut changed, id);
    Ok(Some(changed))
}

/// A row of the audit without who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was done.
    pub action: AuditAction,
    /// What it was done to.
    pub subject: ToldSubject,
    /// Which fields became what.
    pub changes: Vec<FieldChange>,
}

/// What differs between the same fields of two states.
pub fn compare(before: &[(AuditField, String)], after: &[(AuditField, String)]) -> Vec<FieldChange> {
    before.iter().zip(after).filter_map(|((field, old), (_, new))| field.change(old, new)).collect()
}

fn blank<P: Part>(part: &P) -> Vec<(AuditField, String)> {
    part.told().into_iter().map(|(field, _)| (field, String::new())).collect()
}

/// What differs between the parts of two states, whoever changed them: a change of one may bring others into step.
pub fn differences<P: Part>(before: &P::Whole, after: &P::Whole) -> Vec<Difference> {
    let (before, after) = (P::all(before), P::all(after));
    let [added, changed, deleted] = P::ACTIONS;
    let mut found = Vec::new();
    for part in after {
        let (action, old) = match before.iter().find(|old| old.id() == part.id()) {
            Some(old) => (changed, old.told()),
            None => (added, blank(part)),
        };
        let changes = compare(&old, &part.told());
        if !changes.is_empty() {
            found.push(Difference { action, subject: part.subject(), changes });
        }
    }
    for part in before.iter().filter(|old| !after.iter().any(|part| part.id() == old.id())) {
        let changes = compare(&part.told(), &blank(part));
        found.push(Difference { action: deleted, subject: part.subject(), changes });
    }
    found
}
