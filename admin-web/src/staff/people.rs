//! The list of a company's people, and one of them with the roles.

use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::staff::rules::{
    MemberChange, MemberFilter, StaffRefusal, gives_up_administration, kept_roles, roles_of, set_roles,
};
use ofd_office::staff::{change_person, told};
use ofd_storage::accounts::{
    AccountId, AuditAction, AuditEntry, AuditField, Company, Member, OPERATOR, Role,
};

use super::view::{
    InvitedRow, ListPage, PersonPage, PersonRow, StaffPaths, SurePage, done_text, invited_text, list_heading,
    refusal_text,
};
use crate::cabinet::editor::{self, Owner, revision_in};
use crate::cabinet::list::address;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::company::OfCompany;
use crate::long_page::Part;
use crate::site::Site;
use crate::vocabulary::{Word, roles_text};

/// The account in the address.
pub(super) fn account_in(ask: &Ask) -> Result<AccountId, Failure> {
    ask.part("account").parse().map_err(|_| Failure::NotFound)
}

/// The roles that were ticked; none when one of them is no role at all.
pub(super) fn ticked_roles(ask: &Ask) -> Result<Vec<Role>, StaffRefusal> {
    ask.fields().all("role").map(|name| Role::from_name(name).ok_or(StaffRefusal::ForeignRole)).collect()
}

/// What came of a change, unless who asked may not make it.
pub(super) fn allowed<T>(outcome: Result<T, StaffRefusal>) -> Result<Result<T, StaffRefusal>, Failure> {
    match outcome {
        Err(StaffRefusal::MayNot) => Err(Failure::Forbidden),
        outcome => Ok(outcome),
    }
}

/// What somebody who was slower reads: who changed the person meanwhile, and when.
pub(super) async fn stale_text(site: &Site, ask: &Ask, member: &Member) -> Result<String, Failure> {
    let is_it = |entry: &AuditEntry| {
        let is_change =
            matches!(entry.action, AuditAction::RolesChanged | AuditAction::Blocked | AuditAction::Unblocked);
        is_change && entry.subject.is_same(&told(member))
    };
    editor::stale_text(site, ask, Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?, is_it).await
}

/// The parameters that narrow the list.
const NARROWED_BY: [&str; 4] = ["name", "email", "role", "state"];

/// The people of a company who are asked for, by name.
pub(super) fn wanted<'a>(ask: &Ask, company: &'a Company) -> Vec<&'a Member> {
    let filter = MemberFilter {
        name: ask.parameter("name").to_owned(),
        email: ask.parameter("email").to_owned(),
        role: Role::from_name(ask.parameter("role")),
        is_blocked: match ask.parameter("state") {
            "active" => Some(false),
            "blocked" => Some(true),
            _ => None,
        },
    };
    let mut members: Vec<&Member> = company.members.iter().filter(|member| filter.admits(member)).collect();
    members.sort_by_key(|member| member.name.to_lowercase());
    members
}

/// Shows the list.
pub(crate) async fn list(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, company) = (site.texts(&ask), OfCompany::of(&ask)?);
    let paths = StaffPaths::of(&company.bin);
    let members = wanted(&ask, company);
    let people: Vec<PersonRow> =
        members.iter().map(|member| PersonRow::of(&words, &paths, &ask, member)).collect();
    let invited: Vec<InvitedRow> =
        company.invitations.iter().map(|one| InvitedRow::of(&site, &ask, one)).collect();
    // First all who are there, then those who are invited.
    let lens = people.iter().map(PersonRow::len).chain(invited.iter().map(InvitedRow::len));
    let part = Part::asked(&ask, &lens.collect::<Vec<_>>());
    let roles = roles_of(company.kind).map(|role| Choice::new(role.name(), role.text(&words)));
    let page = ListPage {
        shell: site.page(&ask),
        heading: list_heading(&company.bin),
        notice: done_text(&words, ask.parameter("done")),
        form: Form::filled(NARROWED_BY.map(|name| (name, ask.parameter(name).to_owned()))),
        is_narrowed: NARROWED_BY.iter().any(|name| !ask.parameter(name).is_empty()),
        roles: std::iter::once(Choice::new("", words.say("staff-any-role"))).chain(roles).collect(),
        states: vec![
            Choice::new("", words.say("staff-any-state")),
            Choice::new("active", words.say("staff-state-active")),
            Choice::new("blocked", words.say("staff-state-blocked")),
        ],
        count: words.say_count("staff-count", u64::try_from(members.len()).unwrap_or(u64::MAX)),
        is_found: !people.is_empty(),
        part: part.narrowed(&words, &ask, &NARROWED_BY),
        invited: part.behind(people.len()).of(invited),
        people: part.of(people),
        is_alone: company.members.len() == 1 && company.invitations.is_empty(),
        may_manage: ask.may(Right::ManageEmployees) || ask.may(Right::ManageStaff),
        // The operator's own people are no organisation's to take along.
        file: (company.bin != OPERATOR)
            .then(|| address(&ask, &format!("{}.csv", paths.list), NARROWED_BY, None)),
        list: paths.list,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// Shows a person.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let member = company.member(account_in(&ask)?).ok_or(Failure::NotFound)?;
    Ok(site.show(&ask, StatusCode::OK, &PersonPage::of(&site, &ask, company, member)))
}

/// Shows a person again, with what is wrong.
pub(super) fn show_wrong(
    site: &Site,
    ask: &Ask,
    company: &Company,
    account: AccountId,
    form: Form,
) -> Result<Response, Failure> {
    let member = company.member(account).ok_or(Failure::NotFound)?;
    let status = form.status();
    let mut page = PersonPage::of(site, ask, company, member);
    page.form = ask.again(form);
    Ok(site.show(ask, status, &page))
}

/// Gives a person other roles.
pub(crate) async fn save_roles(site: At, ask: Ask) -> Result<Response, Failure> {
    let (account, revision) = (account_in(&ask)?, revision_in(&ask));
    let here = OfCompany::of(&ask)?;
    let wanted = ticked_roles(&ask);
    let rule =
        |company: &Company| set_roles(company, account, wanted.as_ref().map_err(Clone::clone)?, revision);
    let gives_up =
        wanted.as_ref().is_ok_and(|roles| gives_up_administration(here, ask.account_id(), account, roles));
    if gives_up && !ask.fields().is_ticked("sure") && rule(here).is_ok() {
        return Ok(ask_whether_sure(&site, &ask, (here, account), wanted.as_deref().unwrap_or_default()));
    }
    let tell = |changed: &MemberChange| {
        let [before, after] = [&changed.before, &changed.after].map(|member| kept_roles(&member.roles));
        AuditField::Roles.change(&before, &after).into_iter().collect()
    };
    let (company, result) =
        change_person(&site.office, ask.by(), (ask.bin(), AuditAction::RolesChanged), rule, tell).await?;
    let paths = StaffPaths::of(&company.bin);
    match allowed(result)? {
        Ok(()) if gives_up => Ok(see_other(&paths.home)),
        Ok(()) => Ok(see_other(&format!("{}/{account}?done=roles", paths.list))),
        Err(StaffRefusal::NoMember) => Err(Failure::NotFound),
        Err(StaffRefusal::Stale(member)) => {
            let mut form = Form::sent(ask.fields());
            form.error = Some(stale_text(&site, &ask, &member).await?);
            let words = site.texts(&ask);
            form.wrong("role", words.say_with("staff-now", &roles_text(&words, &member.roles)));
            show_wrong(&site, &ask, &company, account, form)
        }
        Err(refusal) => {
            let mut form = Form::sent(ask.fields());
            form.wrong("role", refusal_text(&site.texts(&ask), &refusal));
            show_wrong(&site, &ask, &company, account, form)
        }
    }
}

fn ask_whether_sure(
    site: &Site,
    ask: &Ask,
    (company, account): (&Company, AccountId),
    roles: &[Role],
) -> Response {
    let (words, at) = (site.texts(ask), format!("{}/{account}", StaffPaths::of(ask.bin()).list));
    let page = SurePage {
        shell: site.frame(ask, "staff-sure-title", &at),
        at,
        invited: invited_text(&words, company, account),
        roles: roles.iter().map(|role| Choice::new(role.name(), role.text(&words))).collect(),
        revision: revision_in(ask),
    };
    site.show(ask, StatusCode::OK, &page)
}
