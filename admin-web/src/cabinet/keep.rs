//! Sessions while they are used: when they were last seen, and their secret when rights change.

use std::net::IpAddr;

use axum::http::HeaderValue;
use ofd_storage::accounts::{Account, Kept, load, save};
use ofd_storage::store::StoreError;

use super::ask::Acting;
use super::failure::Failure;
use super::sessions::{
    Found, Renewal, SEEN_EVERY_MS, SessionCookie, arrived, find, renewal, rights_with, rotate,
};
use crate::cookies::Cookie;
use crate::site::Site;

/// A person's sessions change rarely; who meets this many changes in a row comes back.
const CONFLICTS_MAX: usize = 3;

/// Writes down that the session was used, and draws its secret anew when the rights of the person are others.
pub(super) async fn keep_session(
    site: &Site,
    mut account: Kept<Account>,
    cookie: &SessionCookie,
    acting: Option<&Acting>,
    (address, agent): (IpAddr, &str),
    cookies: &mut Vec<HeaderValue>,
) -> Result<Kept<Account>, Failure> {
    for _ in 0..CONFLICTS_MAX {
        let now = site.now();
        let Found::Good(known, brought) = find(&account.state, cookie, now) else {
            return Err(Failure::SignIn);
        };
        let rights = acting
            .and_then(|acting| rights_with(&known.rights, &acting.company.state.bin, acting.member.revision));
        let renewal = renewal(&known, brought, rights.is_some(), now);
        if renewal == Renewal::Nothing && now.since(known.seen_at) < SEEN_EVERY_MS {
            return Ok(account);
        }
        let mut changed = account.state.clone();
        let drawn = match renewal {
            Renewal::Draw => rotate(&mut changed, &known.id, brought, site.drawn(), now),
            Renewal::Arrived | Renewal::Nothing => None,
        };
        for session in changed.sessions.iter_mut().filter(|session| session.id == known.id) {
            session.seen_at = now;
            session.address = address.to_canonical().to_string();
            agent.clone_into(&mut session.agent);
            if renewal == Renewal::Arrived {
                arrived(session, now);
            }
            if let (Some(rights), Renewal::Draw) = (&rights, renewal) {
                session.rights.clone_from(rights);
            }
        }
        match save(&site.store, &account, changed, Vec::new(), site.stamp()).await {
            Ok(kept) => {
                cookies.extend(drawn.and_then(|cookie| Cookie::Session.set(&cookie.text(), site.is_tls())));
                return Ok(kept);
            }
            Err(StoreError::Conflict { .. }) => {
                account = load(&site.store, account.state.id.stream()).await?.ok_or(Failure::SignIn)?;
            }
            // That it was used is no reason not to serve; rights are judged anew at every request. Should a new secret
            // have landed without its cookie, the former one holds until another is drawn.
            Err(StoreError::Unavailable { .. } | StoreError::Unknown { .. }) => return Ok(account),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(account)
}
