//! Blocking a person, and letting the person work again. Rights are judged at every request, so both hold at once.

use axum::response::Response;
use ofd_office::staff::change_person;
use ofd_office::staff::rules::{self, MemberChange, StaffRefusal};
use ofd_storage::accounts::{AccountId, AuditAction, AuditField, Block, Company, Member};

use super::people::{account_in, allowed, show_wrong, stale_text};
use super::view::{BlockPage, StaffPaths, invited_text, refusal_text};
use crate::cabinet::editor::{Owner, revision_in};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::company::OfCompany;
use crate::site::Site;

fn reason_change(changed: &MemberChange) -> Vec<ofd_storage::accounts::FieldChange> {
    let reason =
        |member: &Member| member.block.as_ref().map(|block| block.reason.clone()).unwrap_or_default();
    AuditField::BlockReason.change(&reason(&changed.before), &reason(&changed.after)).into_iter().collect()
}

/// Says what a block does, and asks why.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let member = company.member(account_in(&ask)?).ok_or(Failure::NotFound)?;
    // Somebody else was faster: who was slower still sees what was typed.
    if member.block.is_some() && !ask.is_again() {
        return Ok(see_other(&StaffPaths::of(&company.bin).person(member)));
    }
    Ok(show_form(&site, &ask, (company, member), Form::default()))
}

fn show_form(site: &Site, ask: &Ask, (company, member): (&Company, &Member), form: Form) -> Response {
    let (person, form) = (StaffPaths::of(ask.bin()).person(member), ask.again(form));
    let page = BlockPage {
        shell: site.form_frame(ask, "staff-block-title", &format!("{person}/block")),
        at: person,
        name: member.name.clone(),
        is_me: ask.account_id() == Some(member.account),
        invited: invited_text(&site.texts(ask), company, member.account),
        revision: ask.again_revision(member.revision),
        form,
    };
    site.show(ask, page.form.status(), &page)
}

pub(crate) async fn block(site: At, ask: Ask) -> Result<Response, Failure> {
    let (account, revision) = (account_in(&ask)?, revision_in(&ask));
    let rule = |company: &Company| {
        let (reason, by) = (ask.fields().text("reason").to_owned(), ask.by().actor.name.clone());
        rules::block(company, account, Block { reason, since: ask.now(), by }, revision)
    };
    let (company, result) =
        change_person(&site.office, ask.by(), (ask.bin(), AuditAction::Blocked), rule, reason_change).await?;
    let refusal = match allowed(result)? {
        Ok(()) => return Ok(see_other(&after(&ask, account, "blocked"))),
        Err(StaffRefusal::NoMember) => return Err(Failure::NotFound),
        Err(refusal) => refusal,
    };
    let member = company.member(account).ok_or(Failure::NotFound)?;
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    match &refusal {
        StaffRefusal::Stale(member) => form.error = Some(stale_text(&site, &ask, member).await?),
        StaffRefusal::LastAdministrator => form.error = Some(refusal_text(&words, &refusal)),
        other => form.wrong("reason", refusal_text(&words, other)),
    }
    if let Some(block) = &member.block {
        form.wrong("reason", words.say_with("staff-now", &block.reason));
    }
    Ok(show_form(&site, &ask, (&company, member), form))
}

/// Where to go after a change: one who blocked himself may not see the person's page any more.
fn after(ask: &Ask, account: AccountId, done: &str) -> String {
    if ask.account_id() == Some(account) {
        return "/cabinet".to_owned();
    }
    format!("{}/{account}?done={done}", StaffPaths::of(ask.bin()).list)
}

/// Lets the person work again.
pub(crate) async fn unblock(site: At, ask: Ask) -> Result<Response, Failure> {
    let (account, revision) = (account_in(&ask)?, revision_in(&ask));
    let rule = |company: &Company| rules::unblock(company, account, revision);
    let (company, result) =
        change_person(&site.office, ask.by(), (ask.bin(), AuditAction::Unblocked), rule, reason_change)
            .await?;
    match allowed(result)? {
        Ok(()) => Ok(see_other(&after(&ask, account, "unblocked"))),
        Err(StaffRefusal::NoMember) => Err(Failure::NotFound),
        Err(refusal) => {
            let member = company.member(account).ok_or(Failure::NotFound)?;
            let roles = member.roles.iter().map(|role| ("role", role.name().to_owned()));
            let mut form = Form::filled(roles);
            form.error = Some(match &refusal {
                StaffRefusal::Stale(member) => stale_text(&site, &ask, member).await?,
                other => refusal_text(&site.texts(&ask), other),
            });
            show_wrong(&site, &ask, &company, account, form)
        }
    }
}
