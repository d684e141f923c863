//! Applications for banks that the directory lacks: what may be applied for, and how one is decided.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{ApplicationState, BankApplication, Company};

use crate::fields::Fields;
use crate::keys::digest;
use crate::typed::{Errors, Reader, bic, full_line, line};

/// Applications of one company that wait at once: nobody has accounts in more unknown banks.
pub const WAITING_MAX: usize = 10;

/// Characters of a bank's name.
pub const NAME_LEN_MAX: usize = 200;

/// Characters of a comment, or of a reason.
pub const COMMENT_LEN_MAX: usize = 500;

/// A bank as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its BIC, in capitals.
    pub bic: String,
    /// Its full name.
    pub name: String,
    /// What the company says besides; may be empty.
    pub comment: String,
}

impl Wish {
    /// Reads it from a form, with what is wrong with its fields.
    pub fn read(fields: &Fields) -> (Self, Errors) {
        let mut reader = Reader::default();
        let wish = Self {
            bic: reader.take("bic", bic(fields.text("bic"))),
            name: reader.take("name", full_line(fields.text("name"), NAME_LEN_MAX)),
            comment: reader.take("comment", line(fields.text("comment"), COMMENT_LEN_MAX)),
        };
        (wish, reader.errors)
    }
}

/// Why a bank cannot be applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyRefusal {
    /// It can be chosen already.
    Known,
    /// The company applied for it already, in other words.
    Waiting,
    /// Too many applications wait.
    TooMany,
    /// The company made more applications than are looked through: whether another may be made cannot be judged.
    Unseen,
}

/// The application that a wish makes, among those the company made before. When just this one waits already, it is
/// that one: a form may be sent twice.
///
/// The id follows from what was applied for before, so that of two that are made at once only one can be written.
pub fn apply(
    company: &Company,
    before: &[BankApplication],
    is_known: bool,
    wish: &Wish,
    (now, by): (UnixMillis, &str),
) -> Result<BankApplication, ApplyRefusal> {
    if is_known {
        return Err(ApplyRefusal::Known);
    }
    let same_bank = || before.iter().filter(|application| application.bic == wish.bic);
    if let Some(waiting) = same_bank().find(|application| application.state == ApplicationState::Waiting) {
        let is_same = waiting.name == wish.name && waiting.comment == wish.comment;
        return if is_same { Ok(waiting.clone()) } else { Err(ApplyRefusal::Waiting) };
    }
    let waiting = before.iter().filter(|application| application.state == ApplicationState::Waiting);
    if waiting.count() >= WAITING_MAX {
        return Err(ApplyRefusal::TooMany);
    }
    let Wish { bic, name, comment } = wish.clone();
    let id = digest(&format!("{bic}/{}", same_bank().count())).chars().take(16).collect();
    let (bin, company, state) = (company.bin.clone(), company.title.clone(), ApplicationState::Waiting);
    Ok(BankApplication { id, bin, company, bic, name, comment, at: now, by: by.to_owned(), state })
}

/// What the operator decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The bank can be chosen from now on, by every company.
    Approve,
    /// It cannot; the company reads why.
    Reject {
        /// What the company reads.
        reason: String,
    },
}

/// Somebody decided otherwise before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided;

/// Decides an application. `None`: it was decided just so already, as by a form that was sent twice.
pub fn decide(
    application: &BankApplication,
    decision: &Decision,
    (now, by): (UnixMillis, &str),
) -> Result<Option<BankApplication>, Decided> {
    let by = by.to_owned();
    let state = match (&application.state, decision) {
        (ApplicationState::Waiting, Decision::Approve) => ApplicationState::Approved { at: now, by },
        (ApplicationState::Waiting, Decision::Reject { reason }) => {
            ApplicationState::Rejected { at: now, by, reason: reason.clone() }
        }
        (ApplicationState::Approved { .. }, Decision::Approve) => return Ok(None),
        (ApplicationState::Rejected { reason: given, .. }, Decision::Reject { reason })
            if given == reason =>
        {
            return Ok(None);
        }
        (ApplicationState::Approved { .. } | ApplicationState::Rejected { .. }, _) => return Err(Decided),
    };
    Ok(Some(BankApplication { state, ..application.clone() }))
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::CompanyKind;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn company() -> Company {
        Company::new("151140001234".into(), "ТОО «Көктем»".into(), CompanyKind::LegalEntity, NOW)
    }

    fn wish(bic: &str) -> Wish {
        Wish { bic: bic.into(), name: "АО «Новый банк»".into(), comment: String::new() }
    }

    fn made(before: &[BankApplication], wish: &Wish) -> Result<BankApplication, ApplyRefusal> {
        apply(&company(), before, false, wish, (NOW, "ИВАНОВА"))
    }

    #[test]
    fn a_wish_has_a_bic_and_a_name() {
        let fields = |values: &[(&str, &str)]| {
            Fields::new(
                values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            )
        };
        let (read, errors) = Wish::read(&fields(&[("bic", "newbkzka"), ("name", " АО  «Новый банк» ")]));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(read, wish("NEWBKZKA"));
        let names: Vec<&str> = Wish::read(&fields(&[("bic", "1")])).1.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["bic", "name"]);
    }

    #[test]
    fn a_bank_is_applied_for_once() {
        let first = made(&[], &wish("NEWBKZKA")).unwrap();
        assert_eq!(first.id.len(), 16);
        assert_eq!(made(std::slice::from_ref(&first), &wish("NEWBKZKA")).unwrap(), first, "sent twice");
        assert_eq!(made(&[], &wish("NEWBKZKA")).unwrap().id, first.id, "sent twice at once");
        let renamed = Wish { name: "Other".into(), ..wish("NEWBKZKA") };
        assert_eq!(made(std::slice::from_ref(&first), &renamed), Err(ApplyRefusal::Waiting));
        assert_ne!(made(std::slice::from_ref(&first), &wish("OTHRKZKA")).unwrap().id, first.id);
        let known = apply(&company(), &[], true, &wish("NEWBKZKA"), (NOW, "ИВАНОВА"));
        assert_eq!(known, Err(ApplyRefusal::Known));
    }

    #[test]
    fn after_a_rejection_one_may_apply_again() {
        let first = made(&[], &wish("NEWBKZKA")).unwrap();
        let reject = Decision::Reject { reason: "no such bank".into() };
        let rejected = decide(&first, &reject, (NOW, "СЕРИКОВ")).unwrap().unwrap();
        let second = made(std::slice::from_ref(&rejected), &wish("NEWBKZKA")).unwrap();
        assert_ne!(second.id, first.id);
    }

    #[test]
    fn not_too_many_applications_wait() {
        let waiting: Vec<BankApplication> = (0..WAITING_MAX)
            .map(|number| BankApplication {
                bic: number.to_string(),
                ..made(&[], &wish("NEWBKZKA")).unwrap()
            })
            .collect();
        assert_eq!(made(&waiting, &wish("NEWBKZKA")), Err(ApplyRefusal::TooMany));
        assert!(made(&waiting[1..], &wish("NEWBKZKA")).is_ok());
    }

    #[test]
    fn an_application_is_decided_once() {
        let application = made(&[], &wish("NEWBKZKA")).unwrap();
        let reject = |reason: &str| Decision::Reject { reason: reason.into() };
        let approved = decide(&application, &Decision::Approve, (NOW, "A")).unwrap().unwrap();
        assert_eq!(approved.state, ApplicationState::Approved { at: NOW, by: "A".into() });
        assert_eq!(decide(&approved, &Decision::Approve, (NOW, "B")), Ok(None));
        assert_eq!(decide(&approved, &reject("no"), (NOW, "B")), Err(Decided));
        let rejected = decide(&application, &reject("no"), (NOW, "A")).unwrap().unwrap();
        assert_eq!(decide(&rejected, &reject("no"), (NOW, "B")), Ok(None));
        assert_eq!(decide(&rejected, &reject("other"), (NOW, "B")), Err(Decided));
        assert_eq!(decide(&rejected, &Decision::Approve, (NOW, "B")), Err(Decided));
    }
}
