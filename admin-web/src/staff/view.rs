//! What the pages about a company's people show.

use askama::Template;
use ofd_office::staff::rules::{REASON_LEN_MAX, StaffRefusal, invited_by, is_expired, roles_of};
use ofd_storage::accounts::{AccountId, Company, Invitation, Member, OPERATOR, Role};

use crate::cabinet::{Ask, Choice, Form, Right, may};
use crate::long_page::{PartView, len_of};
use crate::page::Shell;
use crate::revision::Revision;
use crate::site::Site;
use crate::vocabulary::{Word, role_hint, roles_text};
use crate::words::Words;

/// Where the pages about the people of one company are.
#[derive(Clone, Debug)]
pub(super) struct StaffPaths {
    pub(super) list: String,
    /// What invitations hang under.
    pub(super) invitations: String,
    /// A page that everybody who belongs there may open.
    pub(super) home: String,
}

impl StaffPaths {
    pub(super) fn of(bin: &str) -> Self {
        if bin == OPERATOR {
            let at = |path: &str| format!("/operator/{path}");
            Self { list: at("staff"), invitations: at("invitations"), home: at("companies") }
        } else {
            let at = |path: &str| format!("/c/{bin}/{path}");
            Self { list: at("employees"), invitations: at("invitations"), home: format!("/c/{bin}") }
        }
    }

    pub(super) fn person(&self, member: &Member) -> String {
        format!("{}/{}", self.list, member.account)
    }
}

/// The roles of a company as boxes.
pub(super) fn role_boxes(words: &Words<'_>, company: &Company) -> Vec<Choice> {
    let label = |role: Role| format!("{}: {}", role.text(words), role_hint(words, role));
    roles_of(company.kind).map(|role| Choice::new(role.name(), label(role))).collect()
}

/// What a person's roles allow, in plain words; what a block takes away for the time being is told too.
fn rights_of(words: &Words<'_>, member: &Member) -> Vec<String> {
    let unblocked = Member { block: None, ..member.clone() };
    Right::ALL.into_iter().filter(|right| may(&unblocked, *right)).map(|right| right.text(words)).collect()
}

/// What a blocked person reads: since when, by whom, why. None for who is not blocked.
fn block_text(site: &Site, ask: &Ask, member: &Member) -> Option<String> {
    let block = member.block.as_ref()?;
    let since = site.moment(ask, block.since);
    let values = [("since", since.as_str()), ("by", block.by.as_str()), ("reason", block.reason.as_str())];
    Some(site.texts(ask).say_values("staff-blocked-text", &values))
}

/// What was done, as the page says it after the form was sent; a closed set, since it comes from the address.
pub(super) fn done_text(words: &Words<'_>, done: &str) -> Option<String> {
    let key = match done {
        "roles" => "staff-done-roles",
        "blocked" => "staff-done-blocked",
        "unblocked" => "staff-done-unblocked",
        "invited" => "staff-done-invited",
        "cancelled" => "staff-done-cancelled",
        _ => return None,
    };
    Some(words.say(key))
}

/// Why a change was refused, as it stands beside the field or over the form.
pub(super) fn refusal_text(words: &Words<'_>, refusal: &StaffRefusal) -> String {
    match refusal {
        StaffRefusal::MayNot => words.say("forbidden-text"),
        StaffRefusal::NoMember => words.say("staff-no-member"),
        StaffRefusal::NoRole => words.say("staff-no-role"),
        StaffRefusal::ForeignRole => words.say("staff-foreign-role"),
        StaffRefusal::LastAdministrator => words.say("staff-last-administrator"),
        StaffRefusal::Stale(_) => words.say("stale"),
        StaffRefusal::NoReason => words.say("staff-no-reason"),
        StaffRefusal::ReasonTooLong => {
            words.say_count("staff-reason-too-long", u64::try_from(REASON_LEN_MAX).unwrap_or(u64::MAX))
        }
        StaffRefusal::MemberAlready => words.say("staff-member-already"),
        StaffRefusal::InvitedAlready => words.say("staff-invited-already"),
        StaffRefusal::MembersFull => words.say("staff-members-full"),
        StaffRefusal::InvitationsFull => words.say("staff-invitations-full"),
        StaffRefusal::TooOften => words.say("staff-too-often"),
        StaffRefusal::NoInvitation => words.say("staff-invitation-gone-text"),
        StaffRefusal::InvitationExpired => words.say("staff-invitation-expired-text"),
    }
}

/// A row of the list.
pub(super) struct PersonRow {
    href: String,
    name: String,
    email: String,
    roles: String,
    is_blocked: bool,
    is_me: bool,
}

impl PersonRow {
    pub(super) fn of(words: &Words<'_>, paths: &StaffPaths, ask: &Ask, member: &Member) -> Self {
        Self {
            href: paths.person(member),
            name: member.name.clone(),
            email: member.email.clone(),
            roles: roles_text(words, &member.roles),
            is_blocked: member.block.is_some(),
            is_me: ask.account_id() == Some(member.account),
        }
    }
}

/// Letters of a row on the page beside what is in it.
const ROW_LEN: usize = 450;

impl PersonRow {
    /// What it comes to on the page.
    pub(super) fn len(&self) -> usize {
        len_of(ROW_LEN, [self.href.as_str(), &self.name, &self.email, &self.roles])
    }
}

impl InvitedRow {
    /// What it comes to on the page.
    pub(super) fn len(&self) -> usize {
        let texts = [self.cancel.as_str(), &self.email, &self.email, &self.roles, &self.by, &self.until];
        len_of(ROW_LEN, texts)
    }
}

/// A row of those who are invited.
pub(super) struct InvitedRow {
    cancel: String,
    email: String,
    roles: String,
    by: String,
    until: String,
    is_expired: bool,
}

impl InvitedRow {
    pub(super) fn of(site: &Site, ask: &Ask, invitation: &Invitation) -> Self {
        let paths = StaffPaths::of(ask.bin());
        Self {
            cancel: format!("{}/{}/cancel", paths.invitations, invitation.id),
            email: invitation.email.clone(),
            roles: roles_text(&site.texts(ask), &invitation.roles),
            by: invitation.by.clone(),
            until: site.moment(ask, invitation.proof.expires_at),
            is_expired: is_expired(invitation, ask.now()),
        }
    }
}

#[derive(Template)]
#[template(path = "staff.html")]
pub(super) struct ListPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) heading: &'static str,
    /// The list as a file.
    pub(super) file: Option<String>,
    pub(super) list: String,
    pub(super) notice: Option<String>,
    pub(super) form: Form,
    pub(super) is_narrowed: bool,
    pub(super) roles: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) people: Vec<PersonRow>,
    /// Whether anybody is as asked for.
    pub(super) is_found: bool,
    pub(super) count: String,
    pub(super) is_alone: bool,
    pub(super) may_manage: bool,
    pub(super) invited: Vec<InvitedRow>,
    /// Which of both are shown, where not all are.
    pub(super) part: Option<PartView>,
}

#[derive(Template)]
#[template(path = "staff_person.html")]
pub(super) struct PersonPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) heading: &'static str,
    pub(super) list: String,
    pub(super) at: String,
    pub(super) notice: Option<String>,
    pub(super) form: Form,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) iin: String,
    pub(super) since: String,
    pub(super) held: String,
    pub(super) rights: Vec<String>,
    pub(super) blocked: Option<String>,
    pub(super) roles: Vec<Choice>,
    pub(super) revision: Revision,
    pub(super) may_manage: bool,
}

impl<'a> PersonPage<'a> {
    pub(super) fn of(site: &'a Site, ask: &Ask, company: &Company, member: &Member) -> Self {
        let (words, paths) = (site.texts(ask), StaffPaths::of(&company.bin));
        let at = paths.person(member);
        let may_manage = ask.may(Right::ManageEmployees) || ask.may(Right::ManageStaff);
        let roles = member.roles.iter().map(|role| ("role", role.name().to_owned()));
        Self {
            shell: if may_manage {
                site.form_frame(ask, "staff-person", &at)
            } else {
                site.frame(ask, "staff-person", &at)
            },
            heading: list_heading(&company.bin),
            list: paths.list.clone(),
            notice: done_text(&words, ask.parameter("done")),
            form: ask.again(Form::filled(roles)),
            name: member.name.clone(),
            email: member.email.clone(),
            iin: member.iin.clone().filter(|_| may_manage).unwrap_or_default(),
            since: site.day(ask, member.since),
            held: roles_text(&words, &member.roles),
            rights: rights_of(&words, member),
            blocked: block_text(site, ask, member),
            roles: role_boxes(&words, company),
            revision: ask.again_revision(member.revision),
            may_manage,
            at,
        }
    }
}

/// Says which invitations end with a person's right to invite; none when there are none.
pub(super) fn invited_text(words: &Words<'_>, company: &Company, account: AccountId) -> Option<String> {
    let count = u64::try_from(invited_by(company, account).count()).unwrap_or(u64::MAX);
    (count > 0).then(|| words.say_count("staff-invited-end", count))
}

/// What the list of a company's people is called.
pub(super) fn list_heading(bin: &str) -> &'static str {
    if bin == OPERATOR { "staff-title-operator" } else { "staff-title" }
}

/// Asks before an administrator takes the role from himself.
#[derive(Template)]
#[template(path = "staff_sure.html")]
pub(super) struct SurePage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) at: String,
    pub(super) invited: Option<String>,
    pub(super) roles: Vec<Choice>,
    pub(super) revision: Revision,
}

/// Blocks a person.
#[derive(Template)]
#[template(path = "staff_block.html")]
pub(super) struct BlockPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) at: String,
    pub(super) form: Form,
    pub(super) name: String,
    pub(super) is_me: bool,
    pub(super) invited: Option<String>,
    pub(super) revision: Revision,
}

#[derive(Template)]
#[template(path = "staff_invite.html")]
pub(super) struct InvitePage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) heading: &'static str,
    pub(super) list: String,
    pub(super) form: Form,
    pub(super) roles: Vec<Choice>,
}

/// Withdraws an invitation.
#[derive(Template)]
#[template(path = "staff_cancel.html")]
pub(super) struct CancelPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) heading: &'static str,
    pub(super) at: String,
    pub(super) list: String,
    pub(super) text: String,
}
