//! Passwords: which ones are taken, how they are kept, and how often they may be wrong. Where they are hashed says
//! [`crate::work`].

use std::net::IpAddr;

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AuditAction, AuditEntry, AuditSubject, PASSWORD_WRONG_MAX, Password};

use crate::by::By;
use crate::change::ChangeError;
use crate::office::{Decided, Office};
use crate::tries::LOCKED_FOR_MS;
use crate::work::{Class, Work};

/// Shorter passwords can be tried through.
pub const LEN_MIN: usize = 8;

/// In characters. A sentence fits in; a book would only cost time.
pub const LEN_MAX: usize = 64;

/// A rule that a new password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Too few characters.
    TooShort,
    /// Too many characters.
    TooLong,
    /// No Latin lower-case letter.
    NoLower,
    /// No Latin upper-case letter.
    NoUpper,
    /// No digit in it.
    NoDigit,
    /// It is what the person signs in with.
    IsLogin,
}

/// Every rule that a new password breaks; `logins` are the IIN, BIN and e-mail of its person.
pub fn broken_rules(typed: &str, logins: &[&str]) -> Vec<Broken> {
    let len = typed.chars().count();
    let has = |is: fn(&char) -> bool| typed.chars().any(|char| is(&char));
    let folded = typed.trim().to_lowercase();
    let is_login = logins.iter().any(|login| !login.is_empty() && login.to_lowercase() == folded);
    let rules = [
        (len < LEN_MIN, Broken::TooShort),
        (len > LEN_MAX, Broken::TooLong),
        (!has(char::is_ascii_lowercase), Broken::NoLower),
        (!has(char::is_ascii_uppercase), Broken::NoUpper),
        (!has(char::is_ascii_digit), Broken::NoDigit),
        (is_login, Broken::IsLogin),
    ];
    rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, rule)| rule).collect()
}

/// What an account's password may not be equal to.
pub fn logins_of(account: &Account) -> Vec<&str> {
    let companies = account.companies.iter().map(|company| company.bin.as_str());
    let email = account.email.iter().map(|email| email.address.as_str());
    let pending = account.pending_email.iter().map(|email| email.address.as_str());
    account.iin.as_deref().into_iter().chain(companies).chain(email).chain(pending).collect()
}

/// Hashes a password as it is kept: Argon2id in the PHC form.
///
/// # Errors
/// [`ChangeError::Busy`] when too many are hashed already, or too many from there.
pub async fn hash(office: &Office, from: IpAddr, typed: &str) -> Result<String, ChangeError> {
    let (salt, typed) = (office.drawn::<16>(), typed.to_owned());
    let hash = office.work().run(Class::SignIn, from, move |blocks| blocks.hash(&salt, &typed)).await;
    hash.ok().flatten().ok_or(ChangeError::Busy)
}

/// Whether a password is the one that is kept. Without one the same work is done, so that the time tells nothing.
///
/// # Errors
/// [`ChangeError::Busy`] when too many are hashed already, or too many from there.
pub async fn verify(work: &Work, from: IpAddr, kept: Option<&str>, typed: &str) -> Result<bool, ChangeError> {
    let (kept, typed) = (kept.map(str::to_owned), typed.to_owned());
    let judged = work.run(Class::SignIn, from, move |blocks| match kept {
        Some(kept) => blocks.matches(&kept, &typed),
        None => {
            // The result is of no use; the time it takes is.
            std::hint::black_box(blocks.hash(&[0; 16], &typed));
            false
        }
    });
    judged.await.map_err(|_| ChangeError::Busy)
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is the password.
    Right,
    /// It is not; so many more wrong ones are free.
    Wrong {
        /// How many. All of them where there is no password to count against.
        left: u32,
    },
    /// Nothing was judged: too many were wrong, or this one was one too many.
    Locked {
        /// When passwords are judged again.
        until: UnixMillis,
    },
}

/// Until when a password is locked.
pub fn locked_until(password: &Password, now: UnixMillis) -> Option<UnixMillis> {
    password.locked_until.filter(|until| now < *until)
}

/// What a try does to a password. A right one is said to be so, and sets the count back; the last free wrong one locks.
///
/// While it is locked nothing is judged, and a try changes nothing: who only knocks cannot keep the owner out for ever,
/// and who guesses learns nothing. After a lock all tries are free again.
pub fn after_try(password: &Password, is_right: bool, now: UnixMillis) -> (Password, Tried) {
    if let Some(until) = locked_until(password, now) {
        return (password.clone(), Tried::Locked { until });
    }
    let mut after = Password { locked_until: None, ..password.clone() };
    if is_right {
        after.wrong_in_a_row = 0;
        return (after, Tried::Right);
    }
    after.wrong_in_a_row = password.wrong_in_a_row.saturating_add(1);
    let left = PASSWORD_WRONG_MAX.saturating_sub(after.wrong_in_a_row);
    if left > 0 {
        return (after, Tried::Wrong { left });
    }
    let until = UnixMillis(now.0.saturating_add(LOCKED_FOR_MS));
    after.wrong_in_a_row = 0;
    after.locked_until = Some(until);
    (after, Tried::Locked { until })
}

/// Tries a password of an account, or of none, and writes down what came of it, with its audit.
///
/// Where one-time codes are used, a right password alone does not set the count back: else every right password would
/// buy four more guesses at the code. [`super::totp::attempt`] does when the code is right too.
///
/// # Errors
/// [`ChangeError::Busy`] when too many are judged already, and those of the store.
pub async fn attempt(
    office: &Office,
    by: &By,
    account: Option<&Account>,
    typed: &str,
) -> Result<Tried, ChangeError> {
    let judged = account.and_then(|account| account.password.as_ref()).map(|password| password.hash.clone());
    let is_right = verify(office.work(), by.ip, judged.as_deref(), typed).await?;
    let (Some(account), Some(judged)) = (account, judged) else {
        return Ok(Tried::Wrong { left: PASSWORD_WRONG_MAX });
    };
    let (_, tried) = office
        .change_account(account.id, |account| -> Decided<Account, Tried> {
            let Some(password) = &account.password else { return Ok((None, Tried::Wrong { left: 0 })) };
            // Another password was set meanwhile; this one was judged by the former.
            let is_right = is_right && password.hash == judged;
            Ok(written_down(account, password, is_right, has_codes(account), by))
        })
        .await?;
    Ok(tried)
}

fn has_codes(account: &Account) -> bool {
    account.totp.as_ref().is_some_and(|totp| totp.since.is_some())
}

/// An account to write with its audit, or nothing to write; and what came of the try.
pub type Written = (Option<(Account, Vec<AuditEntry>)>, Tried);

/// An account after a try, with its audit; nothing to write where nothing changed.
pub fn written_down(
    account: &Account,
    password: &Password,
    is_right: bool,
    keeps_count: bool,
    by: &By,
) -> Written {
    let (mut after, tried) = after_try(password, is_right, by.at);
    let audit = match tried {
        Tried::Right => {
            if keeps_count {
                after.wrong_in_a_row = password.wrong_in_a_row;
            }
            Vec::new()
        }
        Tried::Wrong { .. } => {
            vec![by.entry(AuditAction::PasswordWrong, AuditSubject::Account, Vec::new())]
        }
        Tried::Locked { .. } if after == *password => Vec::new(),
        Tried::Locked { .. } => vec![
            by.entry(AuditAction::PasswordWrong, AuditSubject::Account, Vec::new()),
            by.entry(AuditAction::PasswordLocked, AuditSubject::Account, Vec::new()),
        ],
    };
    if after == *password {
        return (None, tried);
    }
    (Some((Account { password: Some(after), ..account.clone() }, audit)), tried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::WorkConfig;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    fn password() -> Password {
        Password { hash: String::new(), since: NOW, wrong_in_a_row: 0, locked_until: None }
    }

    #[test]
    fn a_password_has_eight_characters_both_cases_and_a_digit() {
        assert_eq!(broken_rules("Abcdefg1", &[]), []);
        assert_eq!(broken_rules("Abcdef1", &[]), [Broken::TooShort]);
        assert_eq!(broken_rules("ABCDEFG1", &[]), [Broken::NoLower]);
        assert_eq!(broken_rules("abcdefg1", &[]), [Broken::NoUpper]);
        assert_eq!(broken_rules("Abcdefgh", &[]), [Broken::NoDigit]);
        assert_eq!(broken_rules(&"Ab1".repeat(22), &[]), [Broken::TooLong]);
        assert_eq!(broken_rules(&format!("{}A", "b1".repeat(31)), &[]), []);
        let nothing = [Broken::TooShort, Broken::NoLower, Broken::NoUpper, Broken::NoDigit];
        assert_eq!(broken_rules("", &[]), nothing);
    }

    #[test]
    fn other_characters_are_welcome_but_replace_nothing() {
        assert_eq!(broken_rules("Пароль Ab1 №!", &[]), []);
        assert_eq!(broken_rules("ПАРОЛЬпароль1", &[]), [Broken::NoLower, Broken::NoUpper]);
        assert_eq!(broken_rules("Абвгдежз1a", &[]), [Broken::NoUpper], "a Cyrillic capital is no Latin one");
    }

    #[test]
    fn a_password_is_not_what_one_signs_in_with() {
        let logins = ["151140001234", "anna1@shop.kz"];
        assert_eq!(broken_rules("Anna1@Shop.kz", &logins), [Broken::IsLogin]);
        assert_eq!(broken_rules("Anna1@Shop.kz!", &logins), []);
        assert_eq!(broken_rules("Abcdefg1", &[""]), []);
    }

    #[test]
    fn five_wrong_ones_in_a_row_lock_for_ten_minutes() {
        let mut kept = password();
        for left in [4, 3, 2, 1] {
            let (after, tried) = after_try(&kept, false, NOW);
            assert_eq!(tried, Tried::Wrong { left });
            kept = after;
        }
        let until = later(LOCKED_FOR_MS);
        let (locked, tried) = after_try(&kept, false, NOW);
        assert_eq!(tried, Tried::Locked { until });
        assert_eq!(locked_until(&locked, later(LOCKED_FOR_MS - 1)), Some(until));
        assert_eq!(locked_until(&locked, until), None);
    }

    #[test]
    fn a_right_one_sets_the_count_back() {
        let kept = Password { wrong_in_a_row: 4, ..password() };
        let (after, tried) = after_try(&kept, true, NOW);
        assert_eq!((after.wrong_in_a_row, tried), (0, Tried::Right));
    }

    #[test]
    fn a_locked_password_is_not_judged_and_its_lock_does_not_grow() {
        let until = later(LOCKED_FOR_MS);
        let kept = Password { locked_until: Some(until), ..password() };
        for is_right in [true, false] {
            let (after, tried) = after_try(&kept, is_right, later(LOCKED_FOR_MS - 1));
            assert_eq!(tried, Tried::Locked { until });
            assert!(after == kept, "a try changes nothing");
        }
        let (after, tried) = after_try(&kept, false, until);
        assert_eq!((tried, after.locked_until), (Tried::Wrong { left: 4 }, None), "all tries are free again");
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_found_again() {
        let work = Work::start(&WorkConfig::small()).unwrap();
        let hash = async |salt: [u8; 16]| {
            let hashed = work.run(Class::SignIn, HERE, move |blocks| blocks.hash(&salt, "Abcdefg1"));
            hashed.await.unwrap().unwrap()
        };
        let kept = hash([7; 16]).await;
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(!kept.contains("Abcdefg1"));
        assert_ne!(kept, hash([8; 16]).await, "the salt is part of it");
        let is_right =
            async |kept: Option<&str>, typed: &str| verify(&work, HERE, kept, typed).await.unwrap();
        assert!(is_right(Some(&kept), "Abcdefg1").await);
        assert!(!is_right(Some(&kept), "Abcdefg1 ").await);
        assert!(!is_right(Some("not a hash"), "Abcdefg1").await);
        assert!(!is_right(None, "Abcdefg1").await);
    }

    #[tokio::test]
    async fn a_hundred_passwords_at_once_take_the_memory_of_one_and_who_finds_no_place_is_asked_to_come_back()
    {
        let work = Work::start(&WorkConfig::small()).unwrap();
        let mut tries = tokio::task::JoinSet::new();
        for number in 0..100_u8 {
            let work = work.clone();
            // From five addresses, twenty each.
            let from = IpAddr::from([10, 0, 0, number % 5]);
            tries.spawn(async move { verify(&work, from, None, "Abcdefg1").await });
        }
        let mut judged = 0;
        while let Some(tried) = tries.join_next().await {
            match tried.unwrap() {
                Ok(is_right) => {
                    judged += 1;
                    assert!(!is_right);
                }
                Err(failure) => assert!(matches!(failure, ChangeError::Busy)),
            }
            assert_eq!(work.live_blocks(), 1);
        }
        assert!((64..100).contains(&judged), "{judged} were judged");
    }
}
