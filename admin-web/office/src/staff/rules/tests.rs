use super::*;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn member(id: u64, roles: &[Role]) -> Member {
    Member {
        account: AccountId(id),
        name: format!("ТЕСТОВ {id}"),
        iin: None,
        email: format!("{id}@x.kz"),
        roles: roles.to_vec(),
        block: None,
        since: NOW,
        revision: 3,
    }
}

fn company(members: Vec<Member>) -> Company {
    let mut company = Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
    company.members = members;
    company
}

fn because(reason: &str) -> Block {
    Block { reason: reason.into(), since: NOW, by: "B".into() }
}

fn proof(secret: &str) -> Proof {
    Proof {
        link_hash: digest(secret),
        code_hash: String::new(),
        expires_at: UnixMillis(NOW.0 + INVITATION_LIFETIME_MS),
        tries_left: 0,
        sent_at: NOW,
    }
}

fn invitation_of(email: &str, roles: &[Role]) -> NewInvitation {
    let (by, by_account) = ("B".into(), Some(ONE));
    NewInvitation { email: email.into(), roles: roles.to_vec(), by, by_account, proof: proof("secret") }
}

fn person(id: u64) -> Account {
    Account::new(AccountId(id), "ЖАҢА".into(), "kk".into(), NOW)
}

const ONE: AccountId = AccountId(1);
const TWO: AccountId = AccountId(2);

#[test]
fn roles_are_replaced_and_the_revision_grows() {
    let company = company(vec![member(1, &[Role::Administrator]), member(2, &[Role::Reader])]);
    let wanted = [Role::Reader, Role::Accountant, Role::Reader];
    let changed = set_roles(&company, TWO, &wanted, 3.into()).unwrap().unwrap();
    assert_eq!(changed.after.roles, [Role::Accountant, Role::Reader], "once each, in their own order");
    assert_eq!((changed.before.revision, changed.after.revision), (3, 4));
    assert_eq!(changed.company.member(TWO), Some(&changed.after));
    assert_eq!(changed.company.member(ONE), company.member(ONE), "nobody else is touched");
}

#[test]
fn the_last_administrator_stays_whatever_is_tried() {
    let mut company = company(vec![member(1, &[Role::Administrator]), member(2, &[Role::Reader])]);
    let refused = Err(StaffRefusal::LastAdministrator);
    assert_eq!(set_roles(&company, ONE, &[Role::Reader], 3.into()), refused);
    assert_eq!(block(&company, ONE, because("left"), 3.into()), refused);
    company.members.push(Member { block: Some(because("left")), ..member(4, &[Role::Administrator]) });
    assert_eq!(block(&company, ONE, because("left"), 3.into()), refused, "a blocked administrator is none");
    company.members.push(member(5, &[Role::Administrator]));
    assert!(block(&company, ONE, because("left"), 3.into()).unwrap().is_some());
    assert!(set_roles(&company, ONE, &[Role::Reader], 3.into()).unwrap().is_some());
}

#[test]
fn the_operators_last_administrator_stays_too() {
    let mut company = company(vec![member(1, &[Role::OperatorAdministrator]), member(2, &[Role::Support])]);
    company.kind = CompanyKind::Operator;
    assert_eq!(set_roles(&company, ONE, &[Role::Support], 3.into()), Err(StaffRefusal::LastAdministrator));
    assert!(set_roles(&company, TWO, &[Role::TaxInspector], 3.into()).unwrap().is_some());
}

#[test]
fn roles_of_the_operator_and_of_companies_do_not_mix() {
    let mut company = company(vec![member(1, &[Role::Administrator])]);
    for kind in [CompanyKind::LegalEntity, CompanyKind::Entrepreneur, CompanyKind::Operator] {
        company.kind = kind;
        for role in Role::ALL {
            let is_ours = role.is_of_operator() == (kind == CompanyKind::Operator);
            let refused = invite(&company, invitation_of("new@x.kz", &[role]), NOW).err();
            assert_eq!(refused, (!is_ours).then_some(StaffRefusal::ForeignRole), "{role:?} in {kind:?}");
            let refused = set_roles(&company, ONE, &[role], 3.into()).err();
            assert_eq!(refused == Some(StaffRefusal::ForeignRole), !is_ours, "{role:?} in {kind:?}");
        }
    }
}

#[test]
fn a_person_has_a_role_at_least() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    assert_eq!(set_roles(&company, ONE, &[], 3.into()), Err(StaffRefusal::NoRole));
    assert_eq!(invite(&company, invitation_of("new@x.kz", &[]), NOW).err(), Some(StaffRefusal::NoRole));
}

#[test]
fn a_block_has_a_reason_of_some_sentences() {
    let company = company(vec![member(1, &[Role::Administrator]), member(2, &[Role::Reader])]);
    assert_eq!(block(&company, TWO, because(""), 3.into()), Err(StaffRefusal::NoReason));
    let long = "ү".repeat(REASON_LEN_MAX);
    assert!(block(&company, TWO, because(&long), 3.into()).unwrap().is_some());
    assert_eq!(block(&company, TWO, because(&(long + "ү")), 3.into()), Err(StaffRefusal::ReasonTooLong));
}

#[test]
fn who_was_slower_learns_how_it_stands_and_changes_nothing() {
    let company = company(vec![member(1, &[Role::Administrator]), member(2, &[Role::Reader])]);
    let stands = Box::new(company.member(TWO).unwrap().clone());
    assert_eq!(
        set_roles(&company, TWO, &[Role::Accountant], 2.into()),
        Err(StaffRefusal::Stale(stands.clone()))
    );
    assert_eq!(block(&company, TWO, because("left"), 2.into()), Err(StaffRefusal::Stale(stands)));
    let same = set_roles(&company, TWO, &[Role::Reader], 2.into());
    assert_eq!(same, Ok(None), "a form sent twice is no quarrel: it is as wanted already");
}

#[test]
fn a_block_is_lifted_once() {
    let blocked = Member { block: Some(because("left")), ..member(2, &[Role::Reader]) };
    let company = company(vec![member(1, &[Role::Administrator]), blocked]);
    let changed = unblock(&company, TWO, 3.into()).unwrap().unwrap();
    assert_eq!(changed.after.block, None);
    assert_eq!(unblock(&changed.company, TWO, 3.into()), Ok(None));
}

#[test]
fn an_unknown_person_is_not_changed() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    assert_eq!(set_roles(&company, TWO, &[Role::Reader], 0.into()), Err(StaffRefusal::NoMember));
    assert_eq!(unblock(&company, TWO, 0.into()), Err(StaffRefusal::NoMember));
}

#[test]
fn an_address_is_invited_once_while_the_invitation_holds() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let again = || invitation_of("new@x.kz", &[Role::Reader]);
    let (company, first) = invite(&company, again(), NOW).unwrap();
    let end = first.proof.expires_at;
    let before_end = UnixMillis(end.0 - 1);
    assert_eq!(invite(&company, again(), before_end).err(), Some(StaffRefusal::InvitedAlready));
    let (company, second) = invite(&company, again(), end).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(company.invitations, [second], "the old one gave way");
    let known = invitation_of("1@x.kz", &[Role::Reader]);
    assert_eq!(invite(&company, known, NOW).err(), Some(StaffRefusal::MemberAlready));
}

#[test]
fn a_company_has_only_so_many_people_and_invitations() {
    let mut company = company(vec![member(1, &[Role::Administrator])]);
    for index in 0..INVITATIONS_MAX {
        let new = invitation_of(&format!("new{index}@x.kz"), &[Role::Reader]);
        company = invite(&company, new, NOW).unwrap().0;
    }
    let one_more = invitation_of("last@x.kz", &[Role::Reader]);
    assert_eq!(invite(&company, one_more.clone(), NOW).err(), Some(StaffRefusal::InvitationsFull));
    let first = company.invitations[0].id;
    company.invitations.truncate(1);
    company.members = (1..MEMBERS_MAX as u64).map(|id| member(id, &[Role::Administrator])).collect();
    assert_eq!(
        invite(&company, one_more, NOW).err(),
        Some(StaffRefusal::MembersFull),
        "the invited one counts"
    );
    assert!(join(&company, (first, "secret"), &person(5000), NOW).is_ok());
    company.members.push(member(6000, &[Role::Reader]));
    assert_eq!(join(&company, (first, "secret"), &person(5000), NOW).err(), Some(StaffRefusal::MembersFull));
}

#[test]
fn an_invitation_opens_by_its_own_secret_in_its_own_time() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let (company, first) = invite(&company, invitation_of("new@x.kz", &[Role::Reader]), NOW).unwrap();
    assert_eq!(opened(&company, first.id, "secret", NOW), Ok(&first));
    assert_eq!(opened(&company, first.id, "guess", NOW), Err(StaffRefusal::NoInvitation));
    assert_eq!(opened(&company, first.id, "", NOW), Err(StaffRefusal::NoInvitation));
    assert_eq!(opened(&company, first.id + 1, "secret", NOW), Err(StaffRefusal::NoInvitation));
    let end = first.proof.expires_at;
    assert_eq!(opened(&company, first.id, "secret", end), Err(StaffRefusal::InvitationExpired));
}

#[test]
fn an_invitation_lets_one_person_in_with_its_roles() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let roles = [Role::Accountant, Role::Reader];
    let (company, first) = invite(&company, invitation_of("new@x.kz", &roles), NOW).unwrap();
    let link = (first.id, "secret");
    assert_eq!(join(&company, link, &person(1), NOW).err(), Some(StaffRefusal::MemberAlready));
    let (company, used) = join(&company, link, &person(9), NOW).unwrap();
    assert_eq!(used, first);
    let joined = company.member(AccountId(9)).unwrap();
    assert_eq!((joined.roles.as_slice(), joined.name.as_str()), (&roles[..], "ЖАҢА"));
    assert_eq!(join(&company, link, &person(10), NOW).err(), Some(StaffRefusal::NoInvitation));
}

#[test]
fn a_withdrawn_invitation_opens_nothing() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let (company, first) = invite(&company, invitation_of("new@x.kz", &[Role::Reader]), NOW).unwrap();
    let (company, gone) = withdraw(&company, first.id).unwrap();
    assert_eq!(gone, first);
    assert_eq!(opened(&company, first.id, "secret", NOW), Err(StaffRefusal::NoInvitation));
    assert_eq!(withdraw(&company, first.id), None);
}

#[test]
fn giving_up_ones_own_administration_is_noticed() {
    let company = company(vec![member(1, &[Role::Administrator]), member(2, &[Role::Administrator])]);
    assert!(gives_up_administration(&company, Some(ONE), ONE, &[Role::Reader]));
    assert!(!gives_up_administration(&company, Some(ONE), ONE, &[Role::Administrator, Role::Reader]));
    assert!(!gives_up_administration(&company, Some(ONE), TWO, &[Role::Reader]));
    assert!(!gives_up_administration(&company, None, ONE, &[Role::Reader]));
}

#[test]
fn a_list_is_narrowed_by_name_address_role_and_block() {
    let blocked = Member { block: Some(because("left")), ..member(2, &[Role::Reader]) };
    let members = [member(1, &[Role::Administrator]), blocked];
    let found = |filter: MemberFilter| -> Vec<u64> {
        members.iter().filter(|member| filter.admits(member)).map(|member| member.account.0).collect()
    };
    assert_eq!(found(MemberFilter::default()), [1, 2]);
    assert_eq!(found(MemberFilter { name: "тестов 2".into(), ..MemberFilter::default() }), [2]);
    assert_eq!(found(MemberFilter { email: "1@X".into(), ..MemberFilter::default() }), [1]);
    assert_eq!(found(MemberFilter { role: Some(Role::Reader), ..MemberFilter::default() }), [2]);
    assert_eq!(found(MemberFilter { is_blocked: Some(false), ..MemberFilter::default() }), [1]);
}

/// Two administrators, each with two invitations, and a reader.
fn inviting() -> Company {
    let administrator = [Role::Administrator];
    let mut company =
        company(vec![member(1, &administrator), member(2, &administrator), member(3, &[Role::Reader])]);
    for (email, by) in [("a@x.kz", ONE), ("b@x.kz", TWO), ("c@x.kz", TWO), ("d@x.kz", ONE)] {
        let new = NewInvitation { by_account: Some(by), ..invitation_of(email, &[Role::Administrator]) };
        company = invite(&company, new, NOW).unwrap().0;
    }
    company
}

fn emails(invitations: &[Invitation]) -> Vec<&str> {
    invitations.iter().map(|known| known.email.as_str()).collect()
}

#[test]
fn invitations_end_with_the_block_of_who_sent_them() {
    let company = inviting();
    let blocked = block(&company, TWO, because("left"), 3.into()).unwrap().unwrap();
    assert_eq!(emails(&blocked.withdrawn), ["b@x.kz", "c@x.kz"]);
    assert_eq!(emails(&blocked.company.invitations), ["a@x.kz", "d@x.kz"], "those of others stay");
    for gone in &blocked.withdrawn {
        let opened = opened(&blocked.company, gone.id, "secret", NOW);
        assert_eq!(opened, Err(StaffRefusal::NoInvitation));
    }
    let again = unblock(&blocked.company, TWO, 4.into()).unwrap().unwrap();
    assert_eq!(emails(&again.company.invitations), ["a@x.kz", "d@x.kz"], "they do not come back");
    assert!(again.withdrawn.is_empty());
}

#[test]
fn invitations_end_with_the_administrators_role_of_who_sent_them() {
    let company = inviting();
    let kept = set_roles(&company, TWO, &[Role::Administrator, Role::Reader], 3.into()).unwrap().unwrap();
    assert!(kept.withdrawn.is_empty() && kept.company.invitations == company.invitations);
    let lost = set_roles(&company, TWO, &[Role::Reader], 3.into()).unwrap().unwrap();
    assert_eq!(emails(&lost.withdrawn), ["b@x.kz", "c@x.kz"]);
    assert_eq!(emails(&lost.company.invitations), ["a@x.kz", "d@x.kz"]);
}

#[test]
fn a_refused_change_leaves_the_invitations_alone() {
    let mut company = inviting();
    assert!(block(&company, TWO, because("left"), 2.into()).is_err(), "somebody was faster");
    company.members[1].roles = vec![Role::Reader];
    assert_eq!(block(&company, ONE, because("left"), 3.into()), Err(StaffRefusal::LastAdministrator));
    let other = block(&company, AccountId(3), because("left"), 3.into()).unwrap().unwrap();
    assert_eq!(other.company.invitations, company.invitations, "who sent none ends none");
}

/// Invites and withdraws so often; the letter is sent all the same.
fn send(mut company: Company, count: usize, email: impl Fn(usize) -> String, at: UnixMillis) -> Company {
    for number in 0..count {
        let (invited, one) = invite(&company, invitation_of(&email(number), &[Role::Reader]), at).unwrap();
        company = withdraw(&invited, one.id).unwrap().0;
    }
    company
}

#[test]
fn one_address_gets_three_letters_a_day_whatever_becomes_of_the_invitations() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let invited = |company: &Company, email, at| {
        invite(company, invitation_of(email, &[Role::Reader]), at).map(|_| ()).err()
    };
    let two = send(company, LETTERS_TO_ONE_PER_DAY_MAX - 1, |_| "a@x.kz".into(), NOW);
    assert_eq!(invited(&two, "a@x.kz", NOW), None);
    let three = send(two, 1, |_| "a@x.kz".into(), NOW);
    let last_moment = UnixMillis(NOW.0 + DAY_MS - 1);
    assert_eq!(invited(&three, "a@x.kz", last_moment), Some(StaffRefusal::TooOften));
    assert_eq!(invited(&three, "b@x.kz", last_moment), None, "another address");
    assert_eq!(invited(&three, "a@x.kz", UnixMillis(NOW.0 + DAY_MS)), None, "the next day");
}

#[test]
fn a_company_sends_fifty_letters_a_day_and_remembers_no_more() {
    let company = company(vec![member(1, &[Role::Administrator])]);
    let sent = send(company, LETTERS_PER_DAY_MAX, |number| format!("{number}@y.kz"), NOW);
    let one_more = || invitation_of("last@y.kz", &[Role::Reader]);
    assert_eq!(invite(&sent, one_more(), NOW).err(), Some(StaffRefusal::TooOften));
    assert_eq!(sent.letters.len(), LETTERS_PER_DAY_MAX);
    let (next_day, _) = invite(&sent, one_more(), UnixMillis(NOW.0 + DAY_MS)).unwrap();
    assert_eq!(next_day.letters.len(), 1, "old ones are dropped");
    let kept = serde_json::to_string(&next_day.letters).unwrap();
    assert!(!kept.contains("last@y.kz"), "the address is only compared: {kept}");
}
