//! Inviting a person by a letter, and withdrawing an invitation that was not taken yet.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::staff;
use ofd_office::staff::rules::{INVITATION_LIFETIME_MS, NewInvitation, StaffRefusal};

use super::people::{allowed, ticked_roles};
use super::view::{CancelPage, InvitePage, StaffPaths, list_heading, refusal_text, role_boxes};
use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::company::OfCompany;
use crate::mail::Email;
use crate::people::letters::{self, InvitationLetter};
use crate::people::proof;
use crate::site::Site;
use crate::words::Words;

/// Shows the form.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    show_form(&site, &ask, Form::default())
}

fn show_form(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let company = OfCompany::of(ask)?;
    let (list, form) = (StaffPaths::of(&company.bin).list, ask.again(form));
    let page = InvitePage {
        shell: site.form_frame(ask, "staff-invite-title", &format!("{list}/invite")),
        heading: list_heading(&company.bin),
        roles: role_boxes(&site.texts(ask), company),
        list,
        form,
    };
    Ok(site.show(ask, page.form.status(), &page))
}

/// Invites, and sends the letter. An invitation whose letter did not go out is none.
pub(crate) async fn invite(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    let email = Email::parse(ask.fields().text("email"));
    if email.is_err() {
        form.wrong("email", words.say("staff-no-address"));
    }
    let roles = ticked_roles(&ask)
        .and_then(|roles| if roles.is_empty() { Err(StaffRefusal::NoRole) } else { Ok(roles) });
    if let Err(refusal) = &roles {
        form.wrong("role", invitation_text(&words, refusal));
    }
    let (Ok(email), Ok(roles)) = (email, roles) else { return show_form(&site, &ask, form) };
    let here = OfCompany::of(&ask)?;
    let (proof, secret, _) = proof::make(site.office.drawn(), ask.now(), INVITATION_LIFETIME_MS);
    let (by, by_account) = (ask.by().actor.name.clone(), ask.account_id());
    let new = NewInvitation { email: email.key(), roles, by, by_account, proof };
    let invitation = match allowed(staff::invite(&site.office, ask.by(), &here.bin, new).await?)? {
        Ok(invitation) => invitation,
        Err(refusal) => {
            let field = if matches!(refusal, StaffRefusal::ForeignRole | StaffRefusal::NoRole) {
                "role"
            } else {
                "email"
            };
            form.wrong(field, invitation_text(&words, &refusal));
            return show_form(&site, &ask, form);
        }
    };
    let letter = InvitationLetter {
        bin: &here.bin,
        company: &words.organisation(&here.title),
        inviter: &invitation.by,
        id: invitation.id,
        link: &secret,
        until: &site.moment(&ask, invitation.proof.expires_at),
    };
    match letters::invitation(&site, &email, ask.language(), letter).await {
        Ok(()) => Ok(see_other(&format!("{}?done=invited", StaffPaths::of(&here.bin).list))),
        Err(why) => {
            allowed(staff::withdraw(&site.office, ask.by(), &here.bin, invitation.id).await?)?.ok();
            form.error = Some(why.text(&words));
            show_form(&site, &ask, form)
        }
    }
}

/// Why nobody was invited. Who is not here yet has no access that could be closed.
fn invitation_text(words: &Words<'_>, refusal: &StaffRefusal) -> String {
    if *refusal == StaffRefusal::NoRole {
        words.say("staff-no-role-invited")
    } else {
        refusal_text(words, refusal)
    }
}

/// The invitation in the address.
fn invitation_in(ask: &Ask) -> Result<u32, Failure> {
    ask.part("id").parse().map_err(|_| Failure::NotFound)
}

/// Asks before an invitation is withdrawn.
pub(crate) async fn show_cancel(site: At, ask: Ask) -> Result<Response, Failure> {
    let (id, company) = (invitation_in(&ask)?, OfCompany::of(&ask)?);
    let invitation = company.invitations.iter().find(|known| known.id == id).ok_or(Failure::NotFound)?;
    let paths = StaffPaths::of(&company.bin);
    let at = format!("{}/{id}/cancel", paths.invitations);
    let page = CancelPage {
        shell: site.frame(&ask, "staff-cancel-title", &at),
        heading: list_heading(&company.bin),
        text: site.texts(&ask).say_with("staff-cancel-text", &invitation.email),
        list: paths.list,
        at,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// Withdraws an invitation. One that is gone already stays gone.
pub(crate) async fn cancel(site: At, ask: Ask) -> Result<Response, Failure> {
    allowed(staff::withdraw(&site.office, ask.by(), ask.bin(), invitation_in(&ask)?).await?)?.ok();
    Ok(see_other(&format!("{}?done=cancelled", StaffPaths::of(ask.bin()).list)))
}
