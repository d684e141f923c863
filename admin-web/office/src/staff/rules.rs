//! What may become of a company's people: their roles, their blocks, and who is invited.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    Account, AccountId, Block, Company, CompanyKind, Invitation, Member, Proof, Role, SentLetter,
};

use crate::keys::digest;
use crate::people::member_of;
use crate::people::proof::{Checked, check_link};
use crate::revision::Revision;

/// People of one company. They lie in its head, which is written anew with every change.
pub const MEMBERS_MAX: usize = 200;

/// Invitations of one company that wait, for the same reason.
pub const INVITATIONS_MAX: usize = 50;

/// The reason of a block in characters: some sentences, not a letter.
pub const REASON_LEN_MAX: usize = 500;

/// An invitation holds for a week: a holiday may lie between, a lost letter does not open a company for ever.
pub const INVITATION_LIFETIME_MS: u64 = 7 * 24 * 60 * 60 * 1000;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Invitations of one company in a day. Whoever has a certificate could else send letters without end in our name.
pub const LETTERS_PER_DAY_MAX: usize = 50;

/// And to one address: an invitation, one more after a mistake, and one after that.
pub const LETTERS_TO_ONE_PER_DAY_MAX: usize = 3;

/// Why a change of a company's people is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffRefusal {
    /// Who asks does not manage the company's people, or not any more.
    MayNot,
    /// The company has no such person.
    NoMember,
    /// No role was chosen.
    NoRole,
    /// Roles of the operator are not for companies, and theirs not for the operator.
    ForeignRole,
    /// Nobody would be left who may manage the company's people.
    LastAdministrator,
    /// Somebody changed this person's roles or block meanwhile; this is how it stands.
    Stale(Box<Member>),
    /// The block has no reason.
    NoReason,
    /// The reason is longer than [`REASON_LEN_MAX`].
    ReasonTooLong,
    /// The address is that of somebody who belongs to the company.
    MemberAlready,
    /// The address was invited and the invitation still holds.
    InvitedAlready,
    /// The company has [`MEMBERS_MAX`] people, the invited ones counted.
    MembersFull,
    /// The company has [`INVITATIONS_MAX`] invitations.
    InvitationsFull,
    /// Too many letters of the company, or to this address, went out in a day.
    TooOften,
    /// There is no such invitation, or the link's secret is not its.
    NoInvitation,
    /// The invitation's time is over.
    InvitationExpired,
}

/// A person before and after a change, in the changed company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// The company as it is now.
    pub company: Company,
    /// The person as it was.
    pub before: Member,
    /// And as it is.
    pub after: Member,
    /// The invitations that went with the person's right to invite.
    pub withdrawn: Vec<Invitation>,
}

/// The roles that people of this company can have.
pub fn roles_of(kind: CompanyKind) -> impl Iterator<Item = Role> {
    let of_operator = kind == CompanyKind::Operator;
    Role::ALL.into_iter().filter(move |role| role.is_of_operator() == of_operator)
}

/// Roles as the audit keeps them.
pub fn kept_roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

/// The role that manages the company's people.
fn administrator_of(kind: CompanyKind) -> Role {
    match kind {
        CompanyKind::Operator => Role::OperatorAdministrator,
        CompanyKind::LegalEntity | CompanyKind::Entrepreneur => Role::Administrator,
    }
}

/// Whether the person manages the company's people.
fn is_administrator(kind: CompanyKind, member: &Member) -> bool {
    member.block.is_none() && member.roles.contains(&administrator_of(kind))
}

fn has_administrator(company: &Company) -> bool {
    company.members.iter().any(|member| is_administrator(company.kind, member))
}

/// Roles without repetitions, in their own order; those that are not for this company are refused.
fn right_roles(kind: CompanyKind, roles: &[Role]) -> Result<Vec<Role>, StaffRefusal> {
    if !roles.iter().all(|role| roles_of(kind).any(|allowed| allowed == *role)) {
        return Err(StaffRefusal::ForeignRole);
    }
    let chosen: Vec<Role> = roles_of(kind).filter(|role| roles.contains(role)).collect();
    if chosen.is_empty() { Err(StaffRefusal::NoRole) } else { Ok(chosen) }
}

/// Changes one person; `None` when the person is as wanted already, whoever did it.
fn change(
    company: &Company,
    account: AccountId,
    revision: Revision,
    make: impl FnOnce(&mut Member),
) -> Result<Option<MemberChange>, StaffRefusal> {
    let before = company.member(account).ok_or(StaffRefusal::NoMember)?.clone();
    let mut after = before.clone();
    make(&mut after);
    let is_blocked = |member: &Member| member.block.as_ref().map(|block| block.reason.clone());
    if after.roles == before.roles && is_blocked(&after) == is_blocked(&before) {
        return Ok(None);
    }
    if !revision.is(before.revision) {
        return Err(StaffRefusal::Stale(Box::new(before)));
    }
    after.revision = before.revision.saturating_add(1);
    let mut changed = company.clone();
    for member in changed.members.iter_mut().filter(|member| member.account == account) {
        *member = after.clone();
    }
    if has_administrator(company) && !has_administrator(&changed) {
        return Err(StaffRefusal::LastAdministrator);
    }
    let withdrawn = if is_administrator(company.kind, &after) {
        Vec::new()
    } else {
        // Its links would bring people in by the word of who may no longer say it.
        let gone = invited_by(&changed, account).cloned().collect();
        changed.invitations.retain(|known| known.by_account != Some(account));
        gone
    };
    Ok(Some(MemberChange { company: changed, before, after, withdrawn }))
}

/// The invitations of a person that nobody took.
pub fn invited_by(company: &Company, account: AccountId) -> impl Iterator<Item = &Invitation> {
    company.invitations.iter().filter(move |known| known.by_account == Some(account))
}

/// Gives a person these roles instead of the ones the person has.
pub fn set_roles(
    company: &Company,
    account: AccountId,
    roles: &[Role],
    revision: Revision,
) -> Result<Option<MemberChange>, StaffRefusal> {
    let roles = right_roles(company.kind, roles)?;
    change(company, account, revision, |member| member.roles = roles)
}

/// Whether a person takes the administrator's role away from himself.
pub fn gives_up_administration(
    company: &Company,
    who: Option<AccountId>,
    account: AccountId,
    roles: &[Role],
) -> bool {
    let administrator = administrator_of(company.kind);
    let has = company.member(account).is_some_and(|member| member.roles.contains(&administrator));
    who == Some(account) && has && !roles.contains(&administrator)
}

/// Blocks a person, for a reason.
pub fn block(
    company: &Company,
    account: AccountId,
    block: Block,
    revision: Revision,
) -> Result<Option<MemberChange>, StaffRefusal> {
    if block.reason.is_empty() {
        return Err(StaffRefusal::NoReason);
    }
    if block.reason.chars().count() > REASON_LEN_MAX {
        return Err(StaffRefusal::ReasonTooLong);
    }
    change(company, account, revision, |member| member.block = Some(block))
}

/// Unblocks a person.
pub fn unblock(
    company: &Company,
    account: AccountId,
    revision: Revision,
) -> Result<Option<MemberChange>, StaffRefusal> {
    change(company, account, revision, |member| member.block = None)
}

/// An invitation as it is written down, before it has its number.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Whom the letter goes to, as addresses are compared.
    pub email: String,
    /// The roles that come with it.
    pub roles: Vec<Role>,
    /// The name of who invites, as the letter says it.
    pub by: String,
    /// The account of who invites.
    pub by_account: Option<AccountId>,
    /// What the letter carries.
    pub proof: Proof,
}

/// Invites an address, and counts its letter. An invitation of it whose time is over gives way.
pub fn invite(
    company: &Company,
    new: NewInvitation,
    now: UnixMillis,
) -> Result<(Company, Invitation), StaffRefusal> {
    let roles = right_roles(company.kind, &new.roles)?;
    if company.members.iter().any(|member| member.email == new.email) {
        return Err(StaffRefusal::MemberAlready);
    }
    let mut changed = company.clone();
    changed.invitations.retain(|known| known.email != new.email || !is_expired(known, now));
    if changed.invitations.iter().any(|known| known.email == new.email) {
        return Err(StaffRefusal::InvitedAlready);
    }
    if changed.invitations.len() >= INVITATIONS_MAX {
        return Err(StaffRefusal::InvitationsFull);
    }
    if changed.members.len().saturating_add(changed.invitations.len()) >= MEMBERS_MAX {
        return Err(StaffRefusal::MembersFull);
    }
    changed.letters = count_letter(&changed.letters, &new.email, now).ok_or(StaffRefusal::TooOften)?;
    let NewInvitation { email, by, by_account, proof, .. } = new;
    let invitation = Invitation { id: changed.take_id(), email, roles, at: now, by, by_account, proof };
    changed.invitations.push(invitation.clone());
    Ok((changed, invitation))
}

/// Withdraws an invitation; `None` when there is none of this number.
pub fn withdraw(company: &Company, id: u32) -> Option<(Company, Invitation)> {
    let gone = company.invitations.iter().find(|known| known.id == id)?.clone();
    let mut changed = company.clone();
    changed.invitations.retain(|known| known.id != id);
    Some((changed, gone))
}

/// Whether an invitation's time is over.
pub fn is_expired(invitation: &Invitation, now: UnixMillis) -> bool {
    now >= invitation.proof.expires_at
}

/// The invitation that a letter's link opens.
pub fn opened<'a>(
    company: &'a Company,
    id: u32,
    secret: &str,
    now: UnixMillis,
) -> Result<&'a Invitation, StaffRefusal> {
    let invitation = company.invitations.iter().find(|known| known.id == id);
    let invitation = invitation.ok_or(StaffRefusal::NoInvitation)?;
    match check_link(&invitation.proof, secret, now) {
        Checked::Good => Ok(invitation),
        Checked::Expired => Err(StaffRefusal::InvitationExpired),
        Checked::Wrong | Checked::Spent => Err(StaffRefusal::NoInvitation),
    }
}

/// Lets a person in by an invitation, which is used up by it.
pub fn join(
    company: &Company,
    (id, secret): (u32, &str),
    person: &Account,
    now: UnixMillis,
) -> Result<(Company, Invitation), StaffRefusal> {
    if company.member(person.id).is_some() {
        return Err(StaffRefusal::MemberAlready);
    }
    let invitation = opened(company, id, secret, now)?.clone();
    if company.members.len() >= MEMBERS_MAX {
        return Err(StaffRefusal::MembersFull);
    }
    let mut changed = company.clone();
    changed.invitations.retain(|known| known.id != id);
    changed.members.push(member_of(person, invitation.roles.clone(), now));
    Ok((changed, invitation))
}

/// The letters of the last day with one more; none when too many went, to this address or of the whole company. They
/// are kept in the company's head, since whatever else its people do must not push them out.
fn count_letter(letters: &[SentLetter], email: &str, now: UnixMillis) -> Option<Vec<SentLetter>> {
    let address_hash = digest(email);
    let is_of_today = |letter: &&SentLetter| now.since(letter.at) < DAY_MS;
    let mut today: Vec<SentLetter> = letters.iter().filter(is_of_today).cloned().collect();
    let to_one = today.iter().filter(|letter| letter.address_hash == address_hash).count();
    if today.len() >= LETTERS_PER_DAY_MAX || to_one >= LETTERS_TO_ONE_PER_DAY_MAX {
        return None;
    }
    today.push(SentLetter { at: now, address_hash });
    Some(today)
}

/// What a list of people is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// A part of the name.
    pub name: String,
    /// A part of the address.
    pub email: String,
    /// A role that the person has.
    pub role: Option<Role>,
    /// Blocked ones, or those who are not.
    pub is_blocked: Option<bool>,
}

impl MemberFilter {
    /// Whether a person belongs to the narrowed list.
    pub fn admits(&self, member: &Member) -> bool {
        let holds = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        holds(&member.name, &self.name)
            && holds(&member.email, &self.email)
            && self.role.is_none_or(|role| member.roles.contains(&role))
            && self.is_blocked.is_none_or(|is_blocked| member.block.is_some() == is_blocked)
    }
}

#[cfg(test)]
mod tests;
