//! Whose session a request came with, and the token of that person's forms.

use axum::http::{HeaderMap, HeaderValue};
use ofd_office::keys::{SiteKey, same};
use ofd_office::sessions::{FoundSession, SessionCookie, find};
use ofd_storage::accounts::{Account, AccountId, Kept, Session, load};

use super::failure::Failure;
use crate::cookies::Cookie;
use crate::site::Site;

/// A session that is good: whose, which, and the cookie that named it.
pub(super) type SignedIn = (Kept<Account>, Session, SessionCookie);

/// The session that a request's cookie names, where it is good.
pub(super) async fn session_of(
    site: &Site,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Option<SignedIn>, Failure> {
    let is_tls = site.is_tls();
    let Some(text) = Cookie::Session.read(headers, is_tls) else { return Ok(None) };
    if let Some(cookie) = SessionCookie::read(text)
        && let Some(account) = load::<Account>(&site.office.store, cookie.account.stream()).await?
    {
        match find(&account.state, &cookie, site.office.now()) {
            FoundSession::Good(session, _) => {
                site.sessions.prove(text);
                return Ok(Some((account, session, cookie)));
            }
            // Another tab's answer may bring the right cookie this moment: this one must not remove it.
            FoundSession::OtherSecret => return Ok(None),
            FoundSession::None => {}
        }
    }
    cookies.extend(Cookie::Session.remove(is_tls));
    Ok(None)
}

/// The token of forms: of a session it says whose, so that a form is known again whose session is over.
pub(super) fn csrf_token(key: &SiteKey, session: Option<(AccountId, &str)>, visit: &str) -> String {
    match session {
        Some((account, session)) => {
            let account = account.to_string();
            let mark = key.mark("csrf", &["session", &account, session]);
            format!("{account}.{session}.{mark}")
        }
        None => key.mark("csrf", &["visit", visit]),
    }
}

/// For whom one of our pages made a form, in whichever session.
pub(super) fn account_of_token(key: &SiteKey, token: &str) -> Option<AccountId> {
    let mut parts = token.splitn(3, '.');
    let (account, session) = (parts.next()?.parse().ok()?, parts.next()?);
    same(token, &csrf_token(key, Some((account, session)), "")).then_some(account)
}
