//! Browsers in which a person signed in before, told by a cookie that only this site can make.
//!
//! Strangers may try passwords for any login, since a BIN is public; what they spend must never shut out the person. So a
//! browser that was let in once has a budget of tries of its own. The cookie says for whom: it lets nobody in, and a
//! password is asked for as ever.

use axum::response::Response;
use ofd_office::keys::{SiteKey, same, text_of};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::AccountId;

use crate::cookies::KNOWN_FOR;

/// A cookie is written anew when it is older than this, so that a browser in use stays known.
const RENEWED_AFTER_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// People who share one browser; the one who signed in longest ago is forgotten first.
const PEOPLE_MAX: usize = 5;

/// Characters of a browser's name: 96 bits.
const NAME_LEN: usize = 16;

/// That a person signed in in this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    account: AccountId,
    /// Tells this browser from others of the person.
    name: String,
    since: UnixMillis,
}

/// All that the cookie of a browser says, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Devices(Vec<Device>);

/// On an answer: whoever gets it is known as this person from now on.
#[derive(Clone, Copy, Debug)]
struct KnownAs(AccountId);

/// Has the browser that gets this answer known as a person's.
pub fn known_as(mut response: Response, account: AccountId) -> Response {
    response.extensions_mut().insert(KnownAs(account));
    response
}

/// The person as whose the browser is to be known that gets an answer.
pub(super) fn of_answer(response: &Response) -> Option<AccountId> {
    response.extensions().get::<KnownAs>().map(|KnownAs(account)| *account)
}

impl Device {
    fn mark(&self, key: &SiteKey) -> String {
        key.mark("device", &[&self.account.to_string(), &self.name, &self.since.0.to_string()])
    }

    fn read(key: &SiteKey, text: &str, now: UnixMillis) -> Option<Self> {
        let mut parts = text.split('.');
        let (account, name) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        let since = UnixMillis(parts.next()?.parse().ok()?);
        let device = Self { account, name, since };
        let is_ours = name_is_plain(&device.name) && same(parts.next()?, &device.mark(key));
        let is_young = u128::from(now.since(since)) < KNOWN_FOR.as_millis();
        (is_ours && is_young && parts.next().is_none()).then_some(device)
    }
}

fn name_is_plain(name: &str) -> bool {
    name.len() == NAME_LEN && name.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Devices {
    /// What a cookie says that we made ourselves; what others made of it is left out.
    pub(crate) fn read(key: &SiteKey, text: &str, now: UnixMillis) -> Self {
        Self(text.split('~').take(PEOPLE_MAX).filter_map(|one| Device::read(key, one, now)).collect())
    }

    /// The cookie's value.
    pub(crate) fn text(&self, key: &SiteKey) -> String {
        let one = |device: &Device| {
            format!("{}.{}.{}.{}", device.account, device.name, device.since.0, device.mark(key))
        };
        self.0.iter().map(one).collect::<Vec<_>>().join("~")
    }

    /// The name by which a person's tries from this browser are counted; none where the person never signed in in it.
    pub(crate) fn name(&self, account: AccountId) -> Option<&str> {
        self.0.iter().find(|device| device.account == account).map(|device| device.name.as_str())
    }

    /// The same with a person; `None` when there is nothing to write.
    pub(crate) fn with(&self, account: AccountId, drawn: [u8; 12], now: UnixMillis) -> Option<Self> {
        let known = self.0.iter().find(|device| device.account == account);
        if known.is_some_and(|device| now.since(device.since) < RENEWED_AFTER_MS) {
            return None;
        }
        // The name stays: what was counted under it still counts.
        let name = known.map_or_else(|| text_of(&drawn), |device| device.name.clone());
        let others = self.0.iter().filter(|device| device.account != account).cloned();
        let newest = std::iter::once(Device { account, name, since: now });
        Some(Self(newest.chain(others).take(PEOPLE_MAX).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const ANNA: AccountId = AccountId(0xA1);

    fn key() -> SiteKey {
        SiteKey::new([3; 32])
    }

    fn days(count: u64) -> UnixMillis {
        UnixMillis(NOW.0 + count * 24 * 60 * 60 * 1000)
    }

    #[test]
    fn a_browser_is_known_as_the_persons_who_signed_in_in_it() {
        let anna = Devices::default().with(ANNA, [1; 12], NOW).unwrap();
        let both = anna.with(AccountId(0xB0), [2; 12], days(1)).unwrap();
        let read = Devices::read(&key(), &both.text(&key()), days(1));
        assert_eq!(read, both);
        assert_eq!(read.name(ANNA), anna.name(ANNA));
        assert!(read.name(AccountId(0xB0)).is_some() && read.name(AccountId(0xC0)).is_none());
    }

    #[test]
    fn nobody_else_makes_such_a_cookie_or_changes_one() {
        let anna = Devices::default().with(ANNA, [1; 12], NOW).unwrap();
        let text = anna.text(&key());
        let other = AccountId(0xA2).to_string();
        let forged = [
            text.replacen(&ANNA.to_string(), &other, 1),
            text.replacen(&NOW.0.to_string(), &days(1).0.to_string(), 1),
            text.replacen('A', "B", 1),
            anna.text(&SiteKey::new([4; 32])),
            format!("{text}.x"),
            String::new(),
            "~.~...~".to_owned(),
        ];
        for forged in forged {
            assert_eq!(Devices::read(&key(), &forged, NOW), Devices::default(), "{forged}");
        }
    }

    #[test]
    fn a_browser_in_use_stays_known_under_its_name_and_one_that_is_not_is_forgotten() {
        let anna = Devices::default().with(ANNA, [1; 12], NOW).unwrap();
        assert_eq!(anna.with(ANNA, [9; 12], days(29)), None, "nothing is written at each page");
        let renewed = anna.with(ANNA, [9; 12], days(31)).unwrap();
        assert_eq!(renewed.name(ANNA), anna.name(ANNA));
        let text = anna.text(&key());
        assert!(Devices::read(&key(), &text, days(399)).name(ANNA).is_some());
        assert!(Devices::read(&key(), &text, days(400)).name(ANNA).is_none());
    }

    #[test]
    fn a_cookie_stays_small_however_many_people_share_the_browser() {
        let mut devices = Devices::default();
        for id in 1..50 {
            devices = devices.with(AccountId(id), [7; 12], days(id)).unwrap();
        }
        assert!(devices.text(&key()).len() < 600);
        assert!(devices.name(AccountId(49)).is_some() && devices.name(AccountId(44)).is_none());
    }
}
