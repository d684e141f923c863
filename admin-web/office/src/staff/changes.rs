//! What people do to a company's people: change and block them, invite others, take invitations back, join by one.

use ofd_storage::accounts::{
    Account, AuditAction, AuditEntry, AuditField, AuditSubject, Company, FieldChange, Invitation, Member,
    ToldSubject,
};

use super::ends::{self, End};
use super::rules::{self, MemberChange, NewInvitation, StaffRefusal, kept_roles};
use crate::by::By;
use crate::change::ChangeError;
use crate::office::{Decided, Office};
use crate::people::joining::join;
use crate::rights::{Right, may};

/// What comes of a change: what was done, or why it was not.
pub type StaffOutcome<T> = Result<Result<T, StaffRefusal>, ChangeError>;

/// Whether who asks may still manage the people: the role may be gone since the request came in.
fn still_manages(company: &Company, by: &By) -> Result<(), StaffRefusal> {
    let member = by.actor.account.and_then(|id| company.member(id));
    let is_allowed = |member: &Member| may(member, Right::ManageEmployees) || may(member, Right::ManageStaff);
    if member.is_some_and(is_allowed) { Ok(()) } else { Err(StaffRefusal::MayNot) }
}

/// A person as the audit tells of one.
pub fn told(member: &Member) -> ToldSubject {
    AuditSubject::Person(member.account).called(member.name.as_str())
}

/// Changes one person by a rule, with the row of the audit that `tell` makes of it, and one for each invitation that
/// ends by it. The company comes back as it is then.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_person(
    office: &Office,
    by: &By,
    (bin, action): (&str, AuditAction),
    rule: impl Fn(&Company) -> Result<Option<MemberChange>, StaffRefusal>,
    tell: impl Fn(&MemberChange) -> Vec<FieldChange>,
) -> Result<(Company, Result<(), StaffRefusal>), ChangeError> {
    let decide = |company: &Company| -> Decided<Company, Result<Vec<Invitation>, StaffRefusal>> {
        Ok(match still_manages(company, by).and_then(|()| rule(company)) {
            Ok(Some(changed)) => {
                let row = by.entry(action, told(&changed.after), tell(&changed));
                let ended = changed.withdrawn.iter().map(|gone| cancelled_row(by, gone));
                let rows = std::iter::once(row).chain(ended).collect();
                (Some((changed.company, rows)), Ok(changed.withdrawn))
            }
            Ok(None) => (None, Ok(Vec::new())),
            Err(refusal) => (None, Err(refusal)),
        })
    };
    let (company, outcome) = office.change_company(bin, decide).await?;
    for gone in outcome.iter().flatten() {
        ends::keep(office, by, gone, End::Cancelled).await;
    }
    Ok((company.state, outcome.map(|_| ())))
}

/// An invitation as the audit tells of it.
fn told_invitation(invitation: &Invitation) -> ToldSubject {
    AuditSubject::Invitation(invitation.id).called(invitation.email.as_str())
}

/// What the audit says of a withdrawn invitation.
fn cancelled_row(by: &By, gone: &Invitation) -> AuditEntry {
    let roles = AuditField::Roles.change(&kept_roles(&gone.roles), "");
    by.entry(AuditAction::InvitationCancelled, told_invitation(gone), roles.into_iter().collect())
}

/// Invites somebody. The letter is the caller's to send; where it does not go, the invitation is to be withdrawn.
///
/// # Errors
/// [`ChangeError`].
pub async fn invite(office: &Office, by: &By, bin: &str, new: NewInvitation) -> StaffOutcome<Invitation> {
    let decide = |company: &Company| -> Decided<Company, Result<Invitation, StaffRefusal>> {
        let invited = still_manages(company, by).and_then(|()| rules::invite(company, new.clone(), by.at));
        Ok(match invited {
            Ok((changed, invitation)) => {
                let roles = AuditField::Roles.change("", &kept_roles(&invitation.roles));
                let subject = told_invitation(&invitation);
                let row = by.entry(AuditAction::Invited, subject, roles.into_iter().collect());
                (Some((changed, vec![row])), Ok(invitation))
            }
            Err(refusal) => (None, Err(refusal)),
        })
    };
    Ok(office.change_company(bin, decide).await?.1)
}

/// Withdraws an invitation. One that is gone already stays gone.
///
/// # Errors
/// [`ChangeError`].
pub async fn withdraw(office: &Office, by: &By, bin: &str, id: u32) -> StaffOutcome<()> {
    let decide = |company: &Company| -> Decided<Company, Result<Option<Invitation>, StaffRefusal>> {
        Ok(match still_manages(company, by).map(|()| rules::withdraw(company, id)) {
            Ok(Some((changed, gone))) => (Some((changed, vec![cancelled_row(by, &gone)])), Ok(Some(gone))),
            Ok(None) => (None, Ok(None)),
            Err(refusal) => (None, Err(refusal)),
        })
    };
    let outcome = office.change_company(bin, decide).await?.1;
    if let Ok(Some(gone)) = &outcome {
        ends::keep(office, by, gone, End::Cancelled).await;
    }
    Ok(outcome.map(|_| ()))
}

/// Lets a person in by the secret of an invitation's link, which is used up in the same step. Who belongs to the company
/// already stays as he is.
///
/// # Errors
/// [`ChangeError`].
pub async fn enter(
    office: &Office,
    by: &By,
    (company, account): (&Company, &Account),
    (id, secret): (u32, &str),
) -> StaffOutcome<()> {
    let decide = |company: &Company| -> Decided<Company, Result<Option<Invitation>, StaffRefusal>> {
        Ok(match rules::join(company, (id, secret), account, by.at) {
            Ok((changed, used)) => {
                let roles = AuditField::Roles.change("", &kept_roles(&used.roles));
                let email = AuditField::Email.change("", &used.email);
                let changes = email.into_iter().chain(roles).collect();
                let subject = AuditSubject::Person(account.id).called(account.name.as_str());
                let row = by.entry_of(account, AuditAction::Joined, subject, changes);
                (Some((changed, vec![row])), Ok(Some(used)))
            }
            Err(StaffRefusal::MemberAlready) => (None, Ok(None)),
            Err(refusal) => (None, Err(refusal)),
        })
    };
    let place = (company.bin.as_str(), company.title.as_str());
    let outcome = join(office, account.id, place, decide).await?.1;
    if let Ok(Some(used)) = &outcome {
        ends::keep(office, by, used, End::Taken).await;
    }
    Ok(outcome.map(|_| ()))
}
