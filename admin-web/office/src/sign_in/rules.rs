//! Where to go on after signing in, and what a sign-in does to an account.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AuditField, FieldChange, UsedChallenge};

/// Addresses of ours are shorter.
const NEXT_LEN_MAX: usize = 1024;

/// Answered challenges that an account remembers; each for some minutes, so nobody comes near.
const USED_MAX: usize = 64;

/// Where to go when nothing else was asked for.
pub const LANDING: &str = "/cabinet";

/// Where the operator's people land.
pub const OPERATORS_LANDING: &str = "/operator/start";

/// Where to go on: a path of ours, nothing that leads elsewhere and nothing that signs in again.
pub fn next_path(asked: &str) -> &str {
    let is_path = asked.starts_with('/') && !asked.starts_with("//");
    let is_plain = asked.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = asked.split(['?', '#']).next().unwrap_or_default();
    let is_door = ["/login", "/sign-out"].iter().any(|door| path == *door || path.starts_with("/login/"));
    if is_path && is_plain && !is_door && asked.len() <= NEXT_LEN_MAX { asked } else { LANDING }
}

/// Writes into an account what a certificate says of its person: the number, where there is none yet, and the name.
/// `None` when the account has another number: it is another person's.
pub fn set_number(account: &mut Account, iin: &str, name: &str) -> Option<Vec<FieldChange>> {
    let before = account.iin.clone().unwrap_or_default();
    if !before.is_empty() && before != iin {
        return None;
    }
    let changes = [AuditField::Iin.change(&before, iin), AuditField::Name.change(&account.name, name)];
    account.iin = Some(iin.to_owned());
    name.clone_into(&mut account.name);
    Some(changes.into_iter().flatten().collect())
}

/// What became of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is used now.
    First,
    /// It was used before.
    Again,
    /// More are remembered than anybody can have answered.
    TooMany,
}

/// Takes a challenge: no account answers one twice.
pub fn use_challenge(account: &mut Account, used: UsedChallenge, now: UnixMillis) -> Use {
    account.used_challenges.retain(|known| now < known.expires_at);
    if account.used_challenges.iter().any(|known| known.nonce == used.nonce) {
        return Use::Again;
    }
    if account.used_challenges.len() >= USED_MAX {
        return Use::TooMany;
    }
    account.used_challenges.push(used);
    Use::First
}

#[cfg(test)]
mod tests {
    use ofd_storage::accounts::AccountId;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    #[test]
    fn the_way_on_is_a_path_of_ours() {
        for ours in ["/cabinet", "/c/260140000015/employees?q=%D0%B0", "/"] {
            assert_eq!(next_path(ours), ours);
        }
        for other in [
            "",
            "cabinet",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/a b",
            "/ж",
            "/login",
            "/login?next=/login",
            "/login/code",
            "/sign-out",
        ] {
            assert_eq!(next_path(other), LANDING, "{other:?}");
        }
        assert_eq!(next_path(&format!("/{}", "a".repeat(NEXT_LEN_MAX))), LANDING);
    }

    fn account() -> Account {
        Account::new(AccountId(7), "ТЕСТОВ АРМАН".into(), "ru".into(), NOW)
    }

    #[test]
    fn a_certificate_gives_its_number_once_and_its_name_each_time() {
        let mut account = account();
        let fields =
            |changes: Vec<FieldChange>| changes.into_iter().map(|change| change.field).collect::<Vec<_>>();
        let first = set_number(&mut account, "800215300034", "ТЕСТОВ А.").unwrap();
        assert_eq!(fields(first), ["iin", "name"]);
        assert_eq!(fields(set_number(&mut account, "800215300034", "ТЕСТОВ А.").unwrap()), [""; 0]);
        assert_eq!(fields(set_number(&mut account, "800215300034", "НОВОЕ ИМЯ").unwrap()), ["name"]);
        let before = account.clone();
        assert!(set_number(&mut account, "880101300123", "ДРУГОЙ").is_none() && account == before);
    }

    fn used(nonce: &str, at: UnixMillis) -> UsedChallenge {
        UsedChallenge { nonce: nonce.into(), expires_at: UnixMillis(at.0 + 1000) }
    }

    #[test]
    fn a_challenge_is_answered_once() {
        let mut account = account();
        assert_eq!(use_challenge(&mut account, used("a", NOW), NOW), Use::First);
        assert_eq!(use_challenge(&mut account, used("a", NOW), NOW), Use::Again);
        assert_eq!(use_challenge(&mut account, used("b", NOW), NOW), Use::First);
        let later = UnixMillis(NOW.0 + 1000);
        assert_eq!(use_challenge(&mut account, used("c", later), later), Use::First);
        assert_eq!(account.used_challenges.len(), 1, "those whose time is over are forgotten");
    }

    #[test]
    fn not_more_challenges_are_remembered_than_fit() {
        let mut account = account();
        for index in 0..USED_MAX {
            assert_eq!(use_challenge(&mut account, used(&index.to_string(), NOW), NOW), Use::First);
        }
        assert_eq!(use_challenge(&mut account, used("one more", NOW), NOW), Use::TooMany);
    }
}
