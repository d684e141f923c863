//! Sessions while they are used: when they were last seen, and their secret when rights change.

use std::net::IpAddr;

use axum::http::HeaderValue;
use ofd_office::change::{Decided, Stream, change_read};
use ofd_office::people::acting::Acting;
use ofd_office::sessions::{
    FoundSession, Renewal, SEEN_EVERY_MS, SessionCookie, arrived, find, renewal, rights_with, rotate,
};
use ofd_storage::accounts::{Account, AuditEntry, Kept};
use ofd_storage::store::StoreError;

use super::failure::Failure;
use crate::cookies::Cookie;
use crate::site::Site;

/// Writes down that the session was used, and draws its secret anew when the rights of the person are others.
pub(super) async fn keep_session(
    site: &Site,
    account: Kept<Account>,
    cookie: &SessionCookie,
    acting: Option<&Acting>,
    (address, agent): (IpAddr, &str),
    cookies: &mut Vec<HeaderValue>,
) -> Result<Kept<Account>, Failure> {
    let decide =
        |account: &Kept<Account>| -> Decided<(Account, Vec<AuditEntry>), Option<SessionCookie>, Failure> {
            let now = site.office.now();
            let FoundSession::Good(known, brought) = find(&account.state, cookie, now) else {
                return Err(Failure::SignIn);
            };
            let rights =
                acting.and_then(|acting| rights_with(&known.rights, acting.bin(), acting.member.revision));
            let renewal = renewal(&known, brought, rights.is_some(), now);
            if renewal == Renewal::Nothing && now.since(known.seen_at) < SEEN_EVERY_MS {
                return Ok((None, None));
            }
            let mut changed = account.state.clone();
            let drawn = match renewal {
                Renewal::Draw => rotate(&mut changed, &known.id, brought, site.office.drawn(), now),
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
            Ok((Some((changed, Vec::new())), drawn))
        };
    let what = Stream::new(account.state.id.stream());
    match change_read((&site.office.store, || site.office.stamp()), &what, Some(account.clone()), decide)
        .await
    {
        Ok((kept, drawn)) => {
            cookies.extend(drawn.and_then(|cookie| Cookie::Session.set(&cookie.text(), site.is_tls())));
            Ok(kept)
        }
        Err(Failure::NotFound) => Err(Failure::SignIn),
        // That it was used is no reason not to serve; rights are judged anew at every request. Should a new secret have
        // landed without its cookie, the former one holds until another is drawn.
        Err(Failure::Busy | Failure::Store(StoreError::Unavailable { .. } | StoreError::Unknown { .. })) => {
            Ok(account)
        }
        Err(failure) => Err(failure),
    }
}
