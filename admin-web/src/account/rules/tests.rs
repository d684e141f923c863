use ofd_storage::accounts::{AccountId, Session, SessionMethod, Totp};

use super::*;
use crate::people::proof::{
    Code, DAY_MS, EMAIL_FOR_MS, LETTERS_A_DAY, LONG_PAUSE_MS, LinkSecret, PAUSE_MS, RECOVERY_FOR_MS, make,
};

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn later(ms: u64) -> UnixMillis {
    UnixMillis(NOW.0 + ms)
}

fn account() -> Account {
    Account::new(AccountId(7), "ТЕСТОВА АННА".into(), "ru".into(), NOW)
}

fn with_email(address: &str) -> Account {
    Account { email: Some(ConfirmedEmail { address: address.into(), since: NOW }), ..account() }
}

fn sent() -> PersonSent {
    PersonSent {
        name: "Анна Тестова".into(), phone: "+7 7172 123-456".into(), language: "kk".into()
    }
}

fn letter(seed: u8, now: UnixMillis) -> (Proof, LinkSecret, Code) {
    make(std::array::from_fn(|index| seed.wrapping_add(index as u8)), now, EMAIL_FOR_MS)
}

fn waiting(address: &str) -> (Account, LinkSecret, Code) {
    let (proof, link, code) = letter(1, NOW);
    (ask_email(&with_email("old@shop.kz"), address, proof).unwrap(), link, code)
}

fn session(id: &str, method: SessionMethod) -> Session {
    Session {
        id: id.into(),
        secret_hash: String::new(),
        former: None,
        is_renewal_seen: true,
        is_code_shown: false,
        since: NOW,
        seen_at: NOW,
        address: String::new(),
        agent: String::new(),
        method,
        rights: String::new(),
    }
}

#[test]
fn personal_data_are_changed_as_they_were_typed() {
    let changed = change_person(&account(), &sent()).unwrap();
    assert_eq!((changed.name.as_str(), changed.language.as_str()), ("Анна Тестова", "kk"));
    assert_eq!(changed.phone, "+7 7172 123-456");
}

#[test]
fn a_name_from_a_certificate_stays_whatever_is_sent() {
    let proven = Account { iin: Some("880101300123".into()), ..account() };
    assert_eq!(change_person(&proven, &sent()).unwrap().name, "ТЕСТОВА АННА");
}

#[test]
fn what_is_wrong_is_said_field_by_field() {
    let wrong = |sent: PersonSent| change_person(&account(), &sent).err().unwrap();
    assert_eq!(wrong(PersonSent { name: String::new(), ..sent() }), [PersonWrong::NameEmpty]);
    for name in ["Анна\r\nBcc: a@b.kz", "<b>Анна</b>", "anna@shop.kz", &"я".repeat(121)] {
        assert_eq!(wrong(PersonSent { name: name.into(), ..sent() }), [PersonWrong::Name], "{name}");
    }
    for phone in ["12345", "call me", "+7 7172 123-456 доб. 2", &"1".repeat(65)] {
        assert_eq!(wrong(PersonSent { phone: phone.into(), ..sent() }), [PersonWrong::Phone], "{phone}");
    }
    let all = PersonSent { name: String::new(), phone: "x".into(), language: "fr".into() };
    assert_eq!(wrong(all), [PersonWrong::NameEmpty, PersonWrong::Phone, PersonWrong::Language]);
    assert!(change_person(&account(), &PersonSent { phone: String::new(), ..sent() }).is_ok());
}

#[test]
fn the_former_address_stays_until_the_new_one_is_confirmed() {
    let (waits, link, _) = waiting("New@Shop.kz");
    assert_eq!(waits.email, with_email("old@shop.kz").email);
    let EmailProof::Good(proven) = email_by_link(&waits, link.text(), NOW) else { panic!("it is good") };
    let confirmed = confirm_email(&waits, &proven, later(5)).unwrap();
    assert_eq!(
        confirmed.email,
        Some(ConfirmedEmail { address: "new@shop.kz".into(), since: later(5) }),
        "as addresses are compared"
    );
    assert_eq!(confirmed.pending_email, None);
    assert_eq!(email_by_link(&confirmed, link.text(), NOW), EmailProof::Nothing, "the link is used");
    assert!(confirm_email(&confirmed, &proven, NOW).is_none());
}

#[test]
fn a_confirmed_address_is_not_asked_for_again() {
    let refused = ask_email(&with_email("anna@shop.kz"), "Anna@Shop.KZ", letter(1, NOW).0);
    assert_eq!(refused.err(), Some(EmailRefused::Same));
}

#[test]
fn letters_go_a_minute_apart_even_to_other_addresses_and_later_more_rarely() {
    let (waits, ..) = waiting("new@shop.kz");
    let ask = |account: &Account, at| ask_email(account, "third@shop.kz", letter(2, at).0);
    let seconds = |seconds| Some(EmailRefused::Wait { seconds });
    assert_eq!(ask(&waits, later(PAUSE_MS - 1)).err(), seconds(1));
    let mut often = waits;
    for number in 1..5 {
        often = ask(&often, later(PAUSE_MS * number)).unwrap();
    }
    let last = PAUSE_MS * 4;
    assert_eq!(ask(&often, later(last + PAUSE_MS)).err(), seconds(14 * 60), "five in a day");
    assert!(ask(&often, later(last + LONG_PAUSE_MS)).is_ok(), "never closed for good");
    assert!(ask(&often, later(DAY_MS)).is_ok(), "the first is a day old");
    let cleared = Account { pending_email: None, ..often };
    assert_eq!(ask(&cleared, later(last + 1)).err(), seconds(15 * 60), "whatever became of the letter");
}

#[test]
fn no_more_letters_are_remembered_than_matter_to_the_pause() {
    let mut letters = Vec::new();
    for number in 0..100 {
        letters = add_letter(&letters, later(LONG_PAUSE_MS * number)).unwrap();
        assert!(letters.len() <= LETTERS_A_DAY);
    }
    assert_eq!(letters.last(), Some(&later(LONG_PAUSE_MS * 99)));
    let day_after = later(LONG_PAUSE_MS * 99 + DAY_MS);
    assert_eq!(add_letter(&letters, day_after), Ok(vec![day_after]), "those of the day before are dropped");
}

#[test]
fn a_newer_letter_ends_the_older_one() {
    let (waits, old, _) = waiting("new@shop.kz");
    let EmailProof::Good(proven) = email_by_link(&waits, old.text(), NOW) else { panic!("it is good") };
    let again = ask_email(&waits, "third@shop.kz", letter(2, later(PAUSE_MS)).0).unwrap();
    assert_eq!(email_by_link(&again, old.text(), later(PAUSE_MS)), EmailProof::Bad(Checked::Wrong));
    assert!(confirm_email(&again, &proven, NOW).is_none(), "what was proven before is not what waits now");
}

#[test]
fn wrong_codes_are_counted_and_the_link_still_holds_after_them() {
    let (mut waits, link, code) = waiting("new@shop.kz");
    for expected in [Checked::Wrong, Checked::Wrong, Checked::Wrong, Checked::Wrong, Checked::Spent] {
        let (after, proof) = email_by_code(&waits, "222222", NOW);
        assert_eq!(proof, EmailProof::Bad(expected));
        waits = after.unwrap();
    }
    let (after, proof) = email_by_code(&waits, code.text(), NOW);
    assert!(after.is_none() && proof == EmailProof::Bad(Checked::Spent));
    let EmailProof::Good(proven) = email_by_link(&waits, link.text(), NOW) else { panic!("it is good") };
    assert!(confirm_email(&waits, &proven, NOW).is_some());
}

#[test]
fn an_old_letter_confirms_nothing() {
    let (waits, link, code) = waiting("new@shop.kz");
    let then = later(EMAIL_FOR_MS);
    assert_eq!(email_by_link(&waits, link.text(), then), EmailProof::Bad(Checked::Expired));
    assert_eq!(email_by_code(&waits, code.text(), then).1, EmailProof::Bad(Checked::Expired));
}

#[test]
fn another_password_ends_all_other_sessions_and_every_lock() {
    let (proof, ..) = letter(3, NOW);
    let locked = Password { hash: "old".into(), since: NOW, wrong_in_a_row: 4, locked_until: Some(later(1)) };
    let totp = Totp { secret: "00".into(), since: Some(NOW), last_step: 0, recovery_codes: Vec::new() };
    let sessions = ["a", "b", "c"].map(|id| session(id, SessionMethod::Password)).to_vec();
    let before = Account {
        password: Some(locked),
        recovery: Some(proof),
        totp: Some(totp.clone()),
        sessions,
        ..account()
    };
    let after = set_password(&before, "new".into(), Some("b"), later(9));
    let password = after.password.as_ref().unwrap();
    assert_eq!((password.hash.as_str(), password.since), ("new", later(9)));
    assert_eq!((password.wrong_in_a_row, password.locked_until), (0, None));
    assert_eq!(after.sessions.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(after.recovery.is_none() && after.totp == Some(totp), "one-time codes stay on");
    assert!(set_password(&before, "new".into(), None, NOW).sessions.is_empty());
}

#[test]
fn another_password_ends_the_wait_of_another_address_and_not_of_the_only_one() {
    let (waits, ..) = waiting("new@shop.kz");
    let after = set_password(&waits, "new".into(), None, NOW);
    assert!(after.pending_email.is_none(), "whoever had the session may have asked for it");
    assert_eq!(after.email, waits.email);
    let first = Account { email: None, ..waits.clone() };
    assert_eq!(set_password(&first, "new".into(), None, NOW).pending_email, waits.pending_email);
}

#[test]
fn a_letter_to_the_former_address_recovers_nothing_once_another_is_confirmed() {
    let (waits, link, _) = waiting("new@shop.kz");
    let asked = ask_recovery(&waits, letter(3, NOW).0).unwrap();
    let EmailProof::Good(proven) = email_by_link(&asked, link.text(), NOW) else { panic!("it is good") };
    assert!(asked.recovery.is_some() && confirm_email(&asked, &proven, NOW).unwrap().recovery.is_none());
}

#[test]
fn a_password_is_recovered_by_letter_only_where_an_address_is_confirmed() {
    let (proof, ..) = letter(1, NOW);
    assert!(ask_recovery(&account(), proof.clone()).is_none());
    let mut asked = ask_recovery(&with_email("anna@shop.kz"), proof).unwrap();
    assert!(ask_recovery(&asked, letter(2, later(PAUSE_MS - 1)).0).is_none());
    for number in 1..5 {
        asked = ask_recovery(&asked, letter(2, later(PAUSE_MS * number)).0).unwrap();
    }
    assert!(ask_recovery(&asked, letter(3, later(PAUSE_MS * 5)).0).is_none());
    assert!(ask_recovery(&asked, letter(3, later(PAUSE_MS * 4 + LONG_PAUSE_MS)).0).is_some());
    let to_confirm = ask_email(&asked, "new@shop.kz", letter(4, later(PAUSE_MS * 4)).0);
    assert!(to_confirm.is_ok(), "who asks for strangers' letters does not delay one's own");
}

#[test]
fn a_recovery_is_judged_by_link_or_code_within_its_time() {
    let (proof, link, code) = make([5; 38], NOW, RECOVERY_FOR_MS);
    let asked = ask_recovery(&with_email("anna@shop.kz"), proof).unwrap();
    let judged = |key, now| check_recovery(&asked, key, now).1;
    assert_eq!(judged(RecoveryKey::Link(link.text()), NOW), Some(Checked::Good));
    assert_eq!(judged(RecoveryKey::Code(code.text()), NOW), Some(Checked::Good));
    assert_eq!(judged(RecoveryKey::Link("x"), NOW), Some(Checked::Wrong));
    assert_eq!(judged(RecoveryKey::Link(link.text()), later(RECOVERY_FOR_MS)), Some(Checked::Expired));
    let (after, checked) = check_recovery(&asked, RecoveryKey::Code("222222"), NOW);
    assert_eq!((checked, after.unwrap().recovery.unwrap().tries_left), (Some(Checked::Wrong), 4));
    assert_eq!(check_recovery(&account(), RecoveryKey::Code(code.text()), NOW).1, None);
}
