//! What was typed into the forms of a page, as cookies carry it there: sealed, bound to the person, and soon worth nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ofd_office::fields::Fields;
use ofd_office::keys::{SiteKey, text_of};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::AccountId;
use serde::{Deserialize, Serialize};

use super::form::{Form, Slot, harmless};
use crate::cookies::FormCookie;
use crate::page::SWITCH;
use crate::site::Site;

/// The parameter by which an address names the form it shows again.
pub(super) const AGAIN: &str = "again";

/// A form is kept for so long: signing in with a forgotten password fits.
pub(super) const KEPT_FOR_MS: u64 = 60 * 60 * 1000;

/// Characters of one cookie: browsers take 4096 with name and attributes.
const PART_LEN_MAX: usize = 3500;

/// Cookies of one form: proxies take lines of 8 KiB, and there are other cookies. The longest form has four kilobytes.
pub(super) const PARTS_MAX: usize = 2;

/// A code out of a letter or a telephone. It comes back where it was mistyped, and to nobody who has yet to sign in.
const CODE: &str = "code";

/// Why a form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Why {
    /// Something is wrong with it, or it asked for a search.
    Answered,
    /// Another language was asked for.
    Language,
    /// The session it was opened in is over.
    Ended,
}

/// A page with forms that is shown again.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Again {
    pub(super) until_ms: u64,
    pub why: Why,
    pub(super) status: u16,
    /// Forms by name: most pages have one, without.
    pub(super) slots: BTreeMap<String, Slot>,
    /// What the page shows besides.
    pub(super) values: BTreeMap<String, String>,
}

/// It holds what people typed.
impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Again").field("why", &self.why).finish_non_exhaustive()
    }
}

/// What a page that answers a form has shown, and at which address it can be shown again.
#[derive(Default)]
pub(crate) struct Shown {
    pub(super) at: Option<String>,
    /// The part of the page that is to be seen.
    pub(super) part: Option<&'static str>,
    pub(super) slots: BTreeMap<String, Slot>,
    pub(super) values: BTreeMap<String, String>,
}

impl Again {
    /// A form that no handler has looked at.
    pub(crate) fn of_fields(fields: &Fields, why: Why, now: UnixMillis) -> Self {
        let mut fields = harmless(fields.pairs());
        fields.retain(|(name, _)| name != CODE && name != SWITCH);
        let slot = Slot { fields, ..Slot::default() };
        let (until_ms, status) = (now.0.saturating_add(KEPT_FOR_MS), StatusCode::OK.as_u16());
        Self { until_ms, why, status, slots: [(String::new(), slot)].into(), values: BTreeMap::new() }
    }

    /// Whether somebody typed anything: a revision is none's typing.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.values().all(|slot| slot.fields.iter().all(|(name, _)| name == "revision"))
    }

    /// A value that the page showed, or that the form brought.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let brought = || {
            let slot = self.slots.get("")?;
            slot.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value)
        };
        self.values.get(name).or_else(brought).map(String::as_str)
    }

    pub(crate) fn form(&self, slot: &str) -> Option<Form> {
        self.slots.get(slot).cloned().map(Form::again)
    }

    /// As the cookies of a page say it; `None` when it is longer than they may be.
    fn sealed(&self, key: &SiteKey, place: FormPlace<'_>, nonce: [u8; NONCE_LEN]) -> Option<String> {
        let mut text = serde_json::to_vec(self).ok()?;
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        cipher(key)?.seal_in_place_append_tag(nonce_of, Aad::from(place.name()), &mut text).ok()?;
        let sealed = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat());
        (sealed.len() <= PART_LEN_MAX * PARTS_MAX).then_some(sealed)
    }

    fn opened(key: &SiteKey, place: FormPlace<'_>, sealed: &str, now: UnixMillis) -> Option<Self> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = cipher(key)?.open_in_place(nonce, Aad::from(place.name()), text).ok()?;
        let again: Self = serde_json::from_slice(text).ok()?;
        (now.0 < again.until_ms).then_some(again)
    }

    /// The cookies that carry it to its page, and the address that shows it. `None` when it is too long for them.
    pub(crate) fn carried(
        &self,
        site: &Site,
        key: &SiteKey,
        place: FormPlace<'_>,
    ) -> Option<(String, Vec<HeaderValue>)> {
        let sealed = self.sealed(key, place, site.office.drawn())?;
        let id = text_of(&site.office.drawn::<6>());
        let mut cookies = Vec::new();
        for (part, piece) in sealed.as_bytes().chunks(PART_LEN_MAX).enumerate() {
            let text = format!("{id}.{}", String::from_utf8_lossy(piece));
            cookies.push(FormCookie { part, path: place.at }.set(
                &text,
                Duration::from_millis(KEPT_FOR_MS),
                site.is_tls(),
            )?);
        }
        Some((format!("{}?{AGAIN}={id}", place.at), cookies))
    }

    /// The form that an address names, out of the cookies of its page.
    pub(crate) fn read(
        headers: &HeaderMap,
        key: &SiteKey,
        (place, is_tls): (FormPlace<'_>, bool),
        id: &str,
        now: UnixMillis,
    ) -> Option<Self> {
        let mut sealed = String::new();
        for part in 0..PARTS_MAX {
            let kept = FormCookie { part, path: place.at };
            let mut pieces = kept.read(headers, is_tls).filter_map(|text| text.split_once('.'));
            let Some((_, piece)) = pieces.find(|(found, _)| *found == id) else { break };
            sealed.push_str(piece);
        }
        Self::opened(key, place, &sealed, now)
    }
}

fn cipher(key: &SiteKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, &key.derived("forms that are shown again")).ok().map(LessSafeKey::new)
}

/// Whose form it is, and on which page.
#[derive(Clone, Copy)]
pub(crate) struct FormPlace<'a> {
    /// Who may see it.
    pub whose: &'a str,
    /// The path of the page.
    pub at: &'a str,
}

impl FormPlace<'_> {
    fn name(self) -> Vec<u8> {
        [self.whose.as_bytes(), b"\n", self.at.as_bytes()].concat()
    }
}

/// Whose a form is: a person's, in whichever session, or that of the visit of who is not signed in.
pub(super) fn whose(account: Option<AccountId>, visit: &str) -> String {
    account.map_or_else(|| format!("visit:{visit}"), |account| format!("account:{account}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const PLACE: FormPlace<'_> = FormPlace { whose: "account:7", at: "/c/151140001234/contacts" };

    fn key() -> SiteKey {
        SiteKey::new([3; 32])
    }

    fn typed(pairs: &[(&str, &str)]) -> Fields {
        Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn sealed(again: &Again) -> String {
        again.sealed(&key(), PLACE, [9; NONCE_LEN]).unwrap()
    }

    #[test]
    fn what_was_typed_comes_back_without_secrets() {
        let fields = typed(&[
            ("csrf", "t"),
            ("email", "a@example.kz"),
            ("password", "Korund77stone"),
            ("repeat", "Korund77stone"),
            ("current", "Korund77stone"),
            ("code", "123456"),
            ("role", "reader"),
            ("role", "accountant"),
            ("empty", ""),
        ]);
        let again = Again::of_fields(&fields, Why::Ended, NOW);
        let sealed = sealed(&again);
        let opened = Again::opened(&key(), PLACE, &sealed, NOW).unwrap();
        let form = opened.form("").unwrap();
        assert_eq!(form.value("email"), "a@example.kz");
        assert!(form.has("role", "reader") && form.has("role", "accountant"));
        let all: Vec<&str> = form.fields().pairs().map(|(name, _)| name).collect();
        assert_eq!(all, ["email", "role", "role"]);
        assert_eq!(opened.why, Why::Ended);
    }

    #[test]
    fn nobody_else_sees_it_nor_another_page_nor_anybody_later() {
        let sealed = sealed(&Again::of_fields(&typed(&[("name", "АННА")]), Why::Answered, NOW));
        let open = |place, now| Again::opened(&key(), place, &sealed, now);
        let (last, over) = (UnixMillis(NOW.0 + KEPT_FOR_MS - 1), UnixMillis(NOW.0 + KEPT_FOR_MS));
        assert!(open(PLACE, last).is_some() && open(PLACE, over).is_none());
        assert!(open(FormPlace { whose: "account:8", ..PLACE }, NOW).is_none());
        assert!(open(FormPlace { at: "/c/151140001234/head", ..PLACE }, NOW).is_none());
        assert!(Again::opened(&SiteKey::new([4; 32]), PLACE, &sealed, NOW).is_none());
        for damaged in ["", "A", &sealed[1..], &sealed.replacen('A', "B", 1)] {
            let is_same = damaged == sealed;
            assert!(is_same || Again::opened(&key(), PLACE, damaged, NOW).is_none(), "{damaged}");
        }
        let readable = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        assert!(!String::from_utf8_lossy(&readable).contains("АННА"), "a borrowed browser tells nothing");
    }

    #[test]
    fn what_is_longer_than_cookies_may_be_is_not_kept() {
        let with = |len| Again::of_fields(&typed(&[("comment", &"x".repeat(len))]), Why::Answered, NOW);
        assert!(with(4500).sealed(&key(), PLACE, [9; NONCE_LEN]).is_some());
        assert!(with(6000).sealed(&key(), PLACE, [9; NONCE_LEN]).is_none());
    }

    #[test]
    fn a_form_of_buttons_alone_has_nothing_to_keep() {
        let again = |pairs: &[(&str, &str)]| Again::of_fields(&typed(pairs), Why::Ended, NOW);
        assert!(again(&[("csrf", "t"), ("revision", "3")]).is_empty());
        assert!(!again(&[("csrf", "t"), ("revision", "3"), ("reason", "x")]).is_empty());
    }
}
