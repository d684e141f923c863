//! Logins that nobody has, or that have no password: they lock as all others do.
//!
//! Else five wrong passwords would tell which logins exist. What was tried is remembered by this process alone and for
//! minutes; nothing about it is kept.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::Password;

use crate::people::password::{LOCKED_FOR_MS, Tried, after_try};

/// Logins remembered at once, some hundred bytes each. Who tries more of them in ten minutes is slowed down by the
/// budget of requests.
const LOGINS_MAX: usize = 10_000;

static TRIES: LazyLock<Mutex<Tries>> = LazyLock::new(Mutex::default);

/// What was tried, by a mark of the site and the login.
#[derive(Default)]
struct Tries(HashMap<String, (Password, UnixMillis)>);

impl Tries {
    fn knock(&mut self, mark: &str, now: UnixMillis) -> Tried {
        if self.0.len() >= LOGINS_MAX && !self.0.contains_key(mark) {
            self.0.retain(|_, (_, last)| now.since(*last) < LOCKED_FOR_MS);
            if self.0.len() >= LOGINS_MAX {
                self.0.clear();
            }
        }
        let none = || Password { hash: String::new(), since: now, wrong_in_a_row: 0, locked_until: None };
        let known = self.0.remove(mark).map_or_else(none, |(known, _)| known);
        let (after, tried) = after_try(&known, false, now);
        self.0.insert(mark.to_owned(), (after, now));
        tried
    }
}

/// A wrong password for a login that nobody has. `mark` is the site's own mark of the login.
pub(super) fn knock(mark: &str, now: UnixMillis) -> Tried {
    TRIES.lock().unwrap_or_else(PoisonError::into_inner).knock(mark, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    #[test]
    fn a_login_that_nobody_has_locks_after_five_tries_for_ten_minutes() {
        let mut tries = Tries::default();
        for left in [4, 3, 2, 1] {
            assert_eq!(tries.knock("a", NOW), Tried::Wrong { left });
        }
        let until = UnixMillis(NOW.0 + LOCKED_FOR_MS);
        assert_eq!(tries.knock("a", NOW), Tried::Locked { until });
        assert_eq!(tries.knock("b", NOW), Tried::Wrong { left: 4 });
        assert_eq!(tries.knock("a", until), Tried::Wrong { left: 4 });
    }

    #[test]
    fn not_more_logins_are_remembered_than_fit() {
        let mut tries = Tries::default();
        for index in 0..=LOGINS_MAX {
            tries.knock(&index.to_string(), NOW);
        }
        assert!(tries.0.len() <= LOGINS_MAX);
    }
}
