//! The e-mail of a company: a contact once somebody read a letter there. Pure.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Company, PendingEmail, Profile, Proof};

use crate::people::accounts::email_key;
use crate::people::proof::{Checked, add_letter, check_code};

/// Whether somebody read a letter at the company's address: as the company's, or as the own one of one of its people.
#[must_use]
pub fn is_confirmed(company: &Company) -> bool {
    let key = email_key(&company.profile.email);
    let own = company.members.iter().map(|member| &member.email).filter(|email| !email.is_empty());
    own.chain([&company.profile.confirmed_email]).any(|known| email_key(known) == key)
}

/// The address that is still to be confirmed.
#[must_use]
pub fn unconfirmed(company: &Company) -> Option<&str> {
    let email = company.profile.email.as_str();
    (!email.is_empty() && !is_confirmed(company)).then_some(email)
}

/// The address by which the company is reached; empty where there is none that somebody confirmed.
#[must_use]
pub fn contact_email(company: &Company) -> &str {
    if is_confirmed(company) { &company.profile.email } else { "" }
}

/// Why no letter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterRefused {
    /// There is no address, or it is confirmed.
    Nothing,
    /// The last letter went just now; the next may go after so many seconds.
    Wait(u64),
}

/// A company whose address waits for its letter's code.
///
/// # Errors
/// [`LetterRefused`].
pub fn ask(company: &Company, proof: Proof) -> Result<Company, LetterRefused> {
    let address = unconfirmed(company).ok_or(LetterRefused::Nothing)?.to_owned();
    let address_letters = add_letter(&company.profile.address_letters, proof.sent_at)
        .map_err(|left| LetterRefused::Wait(left.div_ceil(1000)))?;
    let pending_email = Some(PendingEmail { address, proof });
    let profile = Profile { pending_email, address_letters, ..company.profile.clone() };
    Ok(Company { profile, ..company.clone() })
}

/// The letter that waits for its code: one that went to another address than the company has now asks for nothing.
#[must_use]
pub fn pending(company: &Company) -> Option<&PendingEmail> {
    let address = unconfirmed(company)?;
    company.profile.pending_email.as_ref().filter(|pending| pending.address == address)
}

/// Judges a typed code; the company is there where it becomes another one, be it by a wrong try. `None`: nothing waits for a
/// code.
#[must_use]
pub fn by_code(company: &Company, typed: &str, now: UnixMillis) -> Option<(Option<Company>, Checked)> {
    let known = pending(company)?;
    let (proof, checked) = check_code(&known.proof, typed, now);
    let profile = match checked {
        Checked::Good => {
            Profile { confirmed_email: known.address.clone(), pending_email: None, ..company.profile.clone() }
        }
        Checked::Wrong | Checked::Expired | Checked::Spent if proof == known.proof => {
            return Some((None, checked));
        }
        Checked::Wrong | Checked::Expired | Checked::Spent => Profile {
            pending_email: Some(PendingEmail { proof, ..known.clone() }),
            ..company.profile.clone()
        },
    };
    Some((Some(Company { profile, ..company.clone() }), checked))
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::{AccountId, CompanyKind, Member};

    use super::*;
    use crate::people::proof::{self, EMAIL_FOR_MS, PAUSE_MS};

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn company(email: &str) -> Company {
        let mut company = Company::new("260140000015".into(), "ТОО".into(), CompanyKind::LegalEntity, NOW);
        company.profile.email = email.into();
        company
    }

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    #[test]
    fn an_address_is_a_contact_once_its_code_was_typed_and_until_it_becomes_another_one() {
        let before = company("Info@Example.kz");
        assert_eq!((unconfirmed(&before), contact_email(&before)), (Some("Info@Example.kz"), ""));
        assert_eq!(by_code(&before, "ABCDEF", NOW), None, "no letter went");
        let (proof, _, code) = proof::make([7; proof::DRAWN_LEN], NOW, EMAIL_FOR_MS);
        let asked = ask(&before, proof.clone()).unwrap();
        assert_eq!(contact_email(&asked), "", "that a letter went says nothing");
        let (wrong, checked) = by_code(&asked, "ZZZZZZ", NOW).unwrap();
        let wrong = wrong.unwrap();
        assert_eq!((checked, contact_email(&wrong)), (Checked::Wrong, ""));
        let (confirmed, checked) = by_code(&wrong, &code.text().to_lowercase(), NOW).unwrap();
        let confirmed = confirmed.unwrap();
        assert_eq!((checked, contact_email(&confirmed)), (Checked::Good, "Info@Example.kz"));
        assert_eq!(by_code(&confirmed, code.text(), NOW), None, "a second click finds it done");
        let mut other = confirmed;
        other.profile.email = "other@example.kz".into();
        assert_eq!((contact_email(&other), unconfirmed(&other)), ("", Some("other@example.kz")));
        // The letter of the former address confirms no other one.
        let mut moved = asked;
        moved.profile.email = "other@example.kz".into();
        assert_eq!(by_code(&moved, code.text(), NOW), None);
        assert_eq!(
            by_code(&ask(&before, proof).unwrap(), code.text(), later(EMAIL_FOR_MS)).unwrap().1,
            Checked::Expired
        );
    }

    #[test]
    fn letters_go_a_minute_apart_whatever_the_address_becomes_and_none_without_need() {
        let proof = |at| proof::make([7; proof::DRAWN_LEN], at, EMAIL_FOR_MS).0;
        let mut asked = ask(&company("a@b.kz"), proof(NOW)).unwrap();
        asked.profile.email = "c@b.kz".into();
        assert_eq!(ask(&asked, proof(later(PAUSE_MS - 1))), Err(LetterRefused::Wait(1)));
        assert!(ask(&asked, proof(later(PAUSE_MS))).is_ok());
        assert_eq!(ask(&company(""), proof(NOW)), Err(LetterRefused::Nothing));
    }

    #[test]
    fn the_confirmed_address_of_one_of_its_people_needs_no_second_letter() {
        let mut company = company("Anna@b.kz");
        company.members.push(Member {
            account: AccountId(7),
            name: "АННА".into(),
            iin: None,
            email: "anna@b.kz".into(),
            roles: Vec::new(),
            block: None,
            since: NOW,
            revision: 1,
        });
        assert_eq!((unconfirmed(&company), contact_email(&company)), (None, "Anna@b.kz"));
        company.profile.email = String::new();
        assert_eq!((unconfirmed(&company), contact_email(&company)), (None, ""), "none is none");
    }
}
