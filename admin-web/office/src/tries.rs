//! How often a password may be wrong at the front door.
//!
//! Anybody can try passwords for any login: a BIN is public. So strangers have a budget for each login, which is the
//! same whether or not somebody has it, and one for each address; a browser in which the person signed in before has its
//! own, which no stranger spends. Nothing of this is written to the store, neither for logins that exist nor for others,
//! so that neither the time of an answer nor a second gateway tells them apart: each process counts by itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ofd_edge::AddressKey;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{AccountId, PASSWORD_WRONG_MAX};

/// So many wrong passwords in a row lock the password, or the place they come from, for so long.
pub const LOCKED_FOR_MS: u64 = 10 * 60 * 1000;

/// Wrong ones of strangers from one address in ten minutes: an office or a mobile operator may be behind it.
const ADDRESS_WRONG_MAX: u32 = 60;

/// Wrong ones of all browsers together in which one person signed in: nobody has so many browsers at hand.
const DEVICES_WRONG_MAX: u32 = 10 * PASSWORD_WRONG_MAX;

/// Entries of one kind that are remembered at once, some hundred bytes each.
const ENTRIES_MAX: usize = 20_000;

/// Whose tries are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A browser in which nobody signed in with this login yet.
    Stranger {
        /// The site's own mark of the login: logins themselves are not kept.
        login: String,
        /// Where the try comes from.
        address: IpAddr,
    },
    /// A browser in which the person signed in before.
    Device {
        /// Whose browser it is.
        account: AccountId,
        /// The name of the browser among those of the account.
        name: String,
    },
}

/// Why a password is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many were wrong for this login, or in this browser.
    Locked {
        /// When passwords are judged again.
        until: UnixMillis,
    },
    /// Too many were wrong that strangers tried from this address.
    Address {
        /// When passwords from there are judged again.
        until: UnixMillis,
    },
    /// As many as are free are being judged this moment.
    Busy,
}

/// What was tried with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tally {
    /// Wrong ones since `since`.
    wrong: u32,
    /// Those that are judged this moment: so many at once must not be more than so many one after another.
    judged: u32,
    since: UnixMillis,
    locked_until: Option<UnixMillis>,
}

impl Tally {
    fn new(now: UnixMillis) -> Self {
        Self { wrong: 0, judged: 0, since: now, locked_until: None }
    }

    /// What it is by now: wrong ones are forgotten ten minutes after the first of them, and so is a lock.
    fn settle(&mut self, now: UnixMillis) {
        let is_over = match self.locked_until {
            Some(until) => now >= until,
            None => now.since(self.since) >= LOCKED_FOR_MS,
        };
        if is_over {
            *self = Self { judged: self.judged, ..Self::new(now) };
        }
    }

    fn is_idle(&self) -> bool {
        self.wrong == 0 && self.judged == 0
    }
}

/// Tallies of one kind of keys.
#[derive(Debug)]
struct Table<K> {
    tallies: HashMap<K, Tally>,
    wrong_max: u32,
}

impl<K: Clone + Eq + Hash> Table<K> {
    fn new(wrong_max: u32) -> Self {
        Self { tallies: HashMap::new(), wrong_max }
    }

    /// Whether another one may be judged.
    fn check(&mut self, key: &K, now: UnixMillis) -> Result<(), Refused> {
        let Some(tally) = self.tallies.get_mut(key) else { return Ok(()) };
        tally.settle(now);
        match tally.locked_until {
            Some(until) => Err(Refused::Locked { until }),
            None if tally.wrong.saturating_add(tally.judged) >= self.wrong_max => Err(Refused::Busy),
            None => Ok(()),
        }
    }

    fn begin(&mut self, key: &K, now: UnixMillis) {
        self.make_room(key, now);
        let tally = self.tallies.entry(key.clone()).or_insert_with(|| Tally::new(now));
        tally.judged = tally.judged.saturating_add(1);
    }

    /// Forgets something where there is no room: what is over, else what counts least.
    fn make_room(&mut self, key: &K, now: UnixMillis) {
        if self.tallies.len() < ENTRIES_MAX || self.tallies.contains_key(key) {
            return;
        }
        self.tallies.retain(|_, tally| {
            tally.settle(now);
            !tally.is_idle()
        });
        if self.tallies.len() < ENTRIES_MAX {
            return;
        }
        let least =
            self.tallies.iter().min_by_key(|(_, tally)| (tally.locked_until, tally.wrong, tally.since));
        if let Some(key) = least.map(|(key, _)| key.clone()) {
            self.tallies.remove(&key);
        }
    }

    /// One was judged: says until when the key is locked from now on.
    fn end(&mut self, key: &K, outcome: TryOutcome, now: UnixMillis) -> Option<UnixMillis> {
        let tally = self.tallies.get_mut(key)?;
        tally.judged = tally.judged.saturating_sub(1);
        tally.settle(now);
        match outcome {
            TryOutcome::Right => *tally = Tally { judged: tally.judged, ..Tally::new(now) },
            TryOutcome::Wrong => {
                if tally.wrong == 0 {
                    tally.since = now;
                }
                tally.wrong = tally.wrong.saturating_add(1);
                if tally.wrong >= self.wrong_max {
                    tally.locked_until = Some(UnixMillis(now.0.saturating_add(LOCKED_FOR_MS)));
                }
            }
            TryOutcome::Nothing => {}
        }
        let locked_until = tally.locked_until;
        if tally.is_idle() {
            self.tallies.remove(key);
        }
        locked_until
    }
}

/// What came of one that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TryOutcome {
    Right,
    Wrong,
    /// It counts neither way.
    Nothing,
}

#[derive(Debug)]
struct Tables {
    logins: Table<String>,
    addresses: Table<AddressKey>,
    devices: Table<(AccountId, String)>,
    people: Table<AccountId>,
}

/// What was tried at this site.
#[derive(Clone, Debug)]
pub struct Tries(Arc<Mutex<Tables>>);

impl Default for Tries {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Tables {
            logins: Table::new(PASSWORD_WRONG_MAX),
            addresses: Table::new(ADDRESS_WRONG_MAX),
            devices: Table::new(PASSWORD_WRONG_MAX),
            people: Table::new(DEVICES_WRONG_MAX),
        })))
    }
}

/// A password that is judged. Dropped, it counts neither way: nobody pays for a server that was busy.
#[derive(Debug)]
pub struct Try {
    tries: Tries,
    who: Who,
    now: UnixMillis,
    is_over: bool,
}

impl Tries {
    /// Begins to judge one.
    pub fn begin(&self, who: Who, now: UnixMillis) -> Result<Try, Refused> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &who {
            Who::Stranger { login, address } => {
                let address = AddressKey::from(*address);
                tables.logins.check(login, now)?;
                tables.addresses.check(&address, now).map_err(|refused| match refused {
                    Refused::Locked { until } => Refused::Address { until },
                    refused => refused,
                })?;
                tables.logins.begin(login, now);
                tables.addresses.begin(&address, now);
            }
            Who::Device { account, name } => {
                let device = (*account, name.clone());
                tables.devices.check(&device, now)?;
                tables.people.check(account, now)?;
                tables.devices.begin(&device, now);
                tables.people.begin(account, now);
            }
        }
        drop(tables);
        Ok(Try { tries: self.clone(), who, now, is_over: false })
    }

    /// Forgets what was wrong in browsers of a person, who proved otherwise to be it.
    pub fn forgive(&self, account: AccountId) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.people.tallies.remove(&account);
        tables.devices.tallies.retain(|(other, _), _| *other != account);
    }

    fn end(&self, who: &Who, outcome: TryOutcome, now: UnixMillis) -> Option<UnixMillis> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match who {
            Who::Stranger { login, address } => {
                // What is right for one login says nothing of others that are tried from there.
                let of_address = if outcome == TryOutcome::Right { TryOutcome::Nothing } else { outcome };
                tables.addresses.end(&AddressKey::from(*address), of_address, now);
                tables.logins.end(login, outcome, now)
            }
            Who::Device { account, name } => {
                let of_person = tables.people.end(account, outcome, now);
                tables.devices.end(&(*account, name.clone()), outcome, now).or(of_person)
            }
        }
    }
}

impl Try {
    /// It is the password.
    pub fn right(mut self) {
        self.is_over = true;
        self.tries.end(&self.who, TryOutcome::Right, self.now);
    }

    /// It is not: says until when no more are judged, where it was one too many.
    pub fn wrong(mut self) -> Option<UnixMillis> {
        self.is_over = true;
        self.tries.end(&self.who, TryOutcome::Wrong, self.now)
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        if !self.is_over {
            self.tries.end(&self.who, TryOutcome::Nothing, self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const ANNA: AccountId = AccountId(7);

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    fn stranger(login: &str, address: &str) -> Who {
        Who::Stranger { login: login.into(), address: address.parse().unwrap() }
    }

    fn device(name: &str) -> Who {
        Who::Device { account: ANNA, name: name.into() }
    }

    #[test]
    fn a_login_is_locked_for_strangers_after_five_wrong_ones_for_ten_minutes() {
        let tries = Tries::default();
        let who = |index: u32| stranger("a", &format!("10.0.0.{index}"));
        for index in 1..5 {
            assert_eq!(tries.begin(who(index), NOW).unwrap().wrong(), None);
        }
        let until = later(LOCKED_FOR_MS);
        assert_eq!(tries.begin(who(5), NOW).unwrap().wrong(), Some(until));
        let locked = Err(Refused::Locked { until });
        assert_eq!(tries.begin(who(6), later(LOCKED_FOR_MS - 1)).map(drop), locked, "whatever is typed");
        assert!(tries.begin(stranger("b", "10.0.0.1"), NOW).is_ok(), "another login is none of it");
        assert_eq!(tries.begin(who(1), until).unwrap().wrong(), None, "all tries are free again");
    }

    #[test]
    fn strangers_never_spend_the_tries_of_a_browser_that_was_let_in_before() {
        let tries = Tries::default();
        for _ in 0..5 {
            let _ = tries.begin(stranger("a", "10.0.0.1"), NOW).unwrap().wrong();
        }
        assert!(tries.begin(stranger("a", "10.0.0.2"), NOW).is_err());
        for _ in 0..4 {
            assert_eq!(tries.begin(device("x"), NOW).unwrap().wrong(), None);
        }
        tries.begin(device("x"), NOW).unwrap().right();
        for _ in 0..4 {
            assert_eq!(tries.begin(device("x"), NOW).unwrap().wrong(), None, "a right one sets it back");
        }
        assert!(tries.begin(device("x"), NOW).unwrap().wrong().is_some());
        assert!(matches!(tries.begin(device("x"), NOW), Err(Refused::Locked { .. })));
        assert!(tries.begin(device("y"), NOW).is_ok(), "another browser of the person goes on");
        tries.forgive(ANNA);
        assert!(tries.begin(device("x"), NOW).is_ok());
    }

    #[test]
    fn all_browsers_of_a_person_together_do_not_try_for_ever() {
        let tries = Tries::default();
        for index in 0..DEVICES_WRONG_MAX {
            let _ = tries.begin(device(&index.to_string()), NOW).unwrap().wrong();
        }
        assert!(matches!(tries.begin(device("one more"), NOW), Err(Refused::Locked { .. })));
    }

    #[test]
    fn an_address_that_tries_one_login_after_the_other_is_told_to_wait() {
        let tries = Tries::default();
        for index in 0..ADDRESS_WRONG_MAX {
            let _ = tries.begin(stranger(&index.to_string(), "2a00:1::1"), NOW).unwrap().wrong();
            // What it has itself buys nothing.
            tries.begin(stranger("own", "2a00:1::1"), NOW).map(Try::right).unwrap_or_default();
        }
        let refused = tries.begin(stranger("new", "2a00:1::2"), NOW).map(drop);
        assert_eq!(refused, Err(Refused::Address { until: later(LOCKED_FOR_MS) }));
        assert!(tries.begin(stranger("new", "2a00:2::1"), NOW).is_ok());
        assert!(tries.begin(device("x"), NOW).is_ok());
        assert!(tries.begin(stranger("new", "2a00:1::2"), later(LOCKED_FOR_MS)).is_ok());
    }

    #[test]
    fn as_many_at_once_are_judged_as_one_after_another() {
        let tries = Tries::default();
        let mut judged: Vec<Try> =
            (0..5).map(|_| tries.begin(stranger("a", "10.0.0.1"), NOW).unwrap()).collect();
        assert_eq!(tries.begin(stranger("a", "10.0.0.1"), NOW).map(drop), Err(Refused::Busy));
        drop(judged.pop());
        assert!(tries.begin(stranger("a", "10.0.0.1"), NOW).is_ok(), "one that was not judged costs nothing");
        judged.into_iter().for_each(|one| assert_eq!(one.wrong(), None));
    }

    #[test]
    fn wrong_ones_are_forgotten_ten_minutes_after_the_first() {
        let tries = Tries::default();
        for round in 0..10 {
            for _ in 0..4 {
                let now = later(round * LOCKED_FOR_MS);
                assert_eq!(tries.begin(stranger("a", "10.0.0.1"), now).unwrap().wrong(), None, "{round}");
            }
        }
    }

    #[test]
    fn a_flood_of_logins_neither_grows_for_ever_nor_opens_one_that_is_locked() {
        let tries = Tries::default();
        let address = |index: usize| format!("10.{}.{}.{}", index >> 16, (index >> 8) & 255, index & 255);
        for _ in 0..5 {
            let _ = tries.begin(stranger("anna", "11.0.0.1"), NOW).unwrap().wrong();
        }
        for index in 0..ENTRIES_MAX + 50 {
            let _ = tries.begin(stranger(&index.to_string(), &address(index)), NOW).unwrap().wrong();
        }
        assert_eq!(tries.0.lock().unwrap().logins.tallies.len(), ENTRIES_MAX);
        assert!(matches!(tries.begin(stranger("anna", "11.0.0.2"), NOW), Err(Refused::Locked { .. })));
    }

    #[test]
    fn what_is_over_is_not_remembered() {
        let tries = Tries::default();
        tries.begin(stranger("a", "10.0.0.1"), NOW).unwrap().right();
        drop(tries.begin(device("x"), NOW).unwrap());
        let tables = tries.0.lock().unwrap();
        assert!(tables.logins.tallies.is_empty() && tables.addresses.tallies.is_empty());
        assert!(tables.devices.tallies.is_empty() && tables.people.tallies.is_empty());
    }
}
