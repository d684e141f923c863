//! Sessions: kept in the account, named by a cookie whose secret is kept as a hash only.
//!
//! A session's secret is drawn at sign-in and drawn anew when the person's rights change, so that nobody can plant a
//! session and nobody keeps old rights by an old cookie. The former secret is still served for a while, since several
//! tabs ask at once and answers get lost.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AccountId, SESSIONS_MAX, Session, SessionMethod};

use super::keys::{digest, same, text_of};

/// A session ends when it was not used for so long: a working day.
const IDLE_MAX_MS: u64 = 12 * 60 * 60 * 1000;

/// And after so long in any case.
const AGE_MAX_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Use is written down at most this often, so that looking at pages writes next to nothing.
pub const SEEN_EVERY_MS: u64 = 5 * 60 * 1000;

/// After a change of the secret the former one holds for so long, unless the new one is seen: an answer may be lost.
const FORMER_FOR_MS: u64 = 5 * 60 * 1000;

/// And once the new one is seen, for so long: requests of other tabs were under way.
const FORMER_AFTER_NEW_MS: u64 = 30 * 1000;

/// What the browser calls itself is kept to this length, in characters.
pub const AGENT_LEN_MAX: usize = 200;

/// What the session cookie says.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionCookie {
    /// Whose session it is.
    pub account: AccountId,
    /// The name of the session among those of the account.
    pub id: String,
    /// What proves that the browser has it; only a hash is kept.
    pub secret: String,
}

impl SessionCookie {
    /// The cookie's value.
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.account, self.id, self.secret)
    }

    /// Reads a cookie's value.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let account = parts.next()?.parse().ok()?;
        let (id, secret) = (parts.next()?, parts.next()?);
        let is_plain = |text: &str| {
            !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        (is_plain(id) && is_plain(secret)).then(|| Self { account, id: id.into(), secret: secret.into() })
    }
}

/// Which secret a cookie brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// The one that counts.
    Current,
    /// The one before it.
    Former,
}

/// How a cookie's session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundSession {
    /// It is good.
    Good(Session, Brought),
    /// There is such a session, and the secret is not its. The browser may have got the right one meanwhile.
    OtherSecret,
    /// There is none, or it is over.
    None,
}

/// The session of a cookie.
pub fn find(account: &Account, cookie: &SessionCookie, now: UnixMillis) -> FoundSession {
    let session = account.sessions.iter().find(|session| session.id == cookie.id);
    let Some(session) = session.filter(|session| !is_over(session, now)) else { return FoundSession::None };
    let hash = digest(&cookie.secret);
    if same(&session.secret_hash, &hash) {
        return FoundSession::Good(session.clone(), Brought::Current);
    }
    match &session.former {
        Some((former, until)) if now < *until && same(former, &hash) => {
            FoundSession::Good(session.clone(), Brought::Former)
        }
        Some(_) | None => FoundSession::OtherSecret,
    }
}

/// What to do with a session's secret on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The secret stays as it is.
    Nothing,
    /// Draw a new one.
    Draw,
    /// Write down that the new one arrived.
    Arrived,
}

/// Whether a session's secret is to be drawn anew. One that was just drawn is not drawn again for requests that still
/// bring the former, so that several tabs at once do not sign each other out; but when the new one never shows up, its
/// answer was lost.
pub fn renewal(session: &Session, brought: Brought, are_rights_new: bool, now: UnixMillis) -> Renewal {
    let drawn_at = session.former.as_ref().map(|(_, until)| until.0.saturating_sub(FORMER_FOR_MS));
    match (brought, drawn_at) {
        (Brought::Current, _) if are_rights_new => Renewal::Draw,
        (Brought::Current, Some(_)) if !session.is_renewal_seen => Renewal::Arrived,
        (Brought::Former, Some(drawn_at))
            if !session.is_renewal_seen && now.0 >= drawn_at.saturating_add(FORMER_AFTER_NEW_MS) =>
        {
            Renewal::Draw
        }
        (Brought::Current | Brought::Former, _) => Renewal::Nothing,
    }
}

/// Whether a session is over by its age.
pub fn is_over(session: &Session, now: UnixMillis) -> bool {
    now.since(session.seen_at) >= IDLE_MAX_MS || now.since(session.since) >= AGE_MAX_MS
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// How the person signed in.
    pub method: SessionMethod,
    /// The network address it begins at.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// Whether a one-time code was shown besides.
    pub is_code_shown: bool,
    /// Fresh random bytes.
    pub drawn: [u8; 40],
}

/// Adds a session to an account and returns what its cookie says. Sessions that are over go; of too many the one not
/// seen for longest.
pub fn begin_session(account: &mut Account, begin: Begin, now: UnixMillis) -> SessionCookie {
    account.sessions.retain(|session| !is_over(session, now));
    while account.sessions.len() >= SESSIONS_MAX {
        let oldest = account.sessions.iter().enumerate().min_by_key(|(_, session)| session.seen_at);
        let Some((index, _)) = oldest else { break };
        account.sessions.remove(index);
    }
    let (id, secret) = begin.drawn.split_at(8);
    let id = hex::encode(id);
    let secret = text_of(secret);
    account.sessions.push(Session {
        id: id.clone(),
        secret_hash: digest(&secret),
        former: None,
        is_renewal_seen: true,
        since: now,
        seen_at: now,
        address: begin.address,
        agent: begin.agent,
        method: begin.method,
        is_code_shown: begin.is_code_shown,
        rights: String::new(),
    });
    SessionCookie { account: account.id, id, secret }
}

/// Draws a session's secret anew; the one that the request brought holds on for a while.
pub fn rotate(
    account: &mut Account,
    id: &str,
    brought: Brought,
    drawn: [u8; 32],
    now: UnixMillis,
) -> Option<SessionCookie> {
    let session = account.sessions.iter_mut().find(|session| session.id == id)?;
    let secret = text_of(&drawn);
    let until = UnixMillis(now.0.saturating_add(FORMER_FOR_MS));
    let replaced = std::mem::replace(&mut session.secret_hash, digest(&secret));
    session.former = match (brought, session.former.take()) {
        // The secret in between never arrived.
        (Brought::Former, Some((former, _))) => Some((former, until)),
        (Brought::Current | Brought::Former, _) => Some((replaced, until)),
    };
    session.is_renewal_seen = false;
    Some(SessionCookie { account: account.id, id: id.to_owned(), secret })
}

/// Writes down that the secret of the last rotation arrived: the former one soon ends.
pub fn arrived(session: &mut Session, now: UnixMillis) {
    session.is_renewal_seen = true;
    if let Some((_, until)) = &mut session.former {
        until.0 = until.0.min(now.0.saturating_add(FORMER_AFTER_NEW_MS));
    }
}

/// Ends the sessions of which `which` says so.
pub fn end_sessions(account: &mut Account, which: impl Fn(&Session) -> bool) {
    account.sessions.retain(|session| !which(session));
}

/// The rights as a session remembers them: `BIN:revision` for each company it was used in.
pub fn rights_with(rights: &str, bin: &str, revision: u32) -> Option<String> {
    let wanted = format!("{bin}:{revision}");
    if rights.split(',').any(|known| known == wanted) {
        return None;
    }
    let others = rights.split(',').filter(|known| !known.is_empty() && known.split(':').next() != Some(bin));
    Some(others.chain(std::iter::once(wanted.as_str())).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn later(ms: u64) -> UnixMillis {
        UnixMillis(NOW.0 + ms)
    }

    fn begin(drawn: u8) -> Begin {
        let (address, agent) = ("10.0.0.1".to_owned(), "browser".to_owned());
        Begin { method: SessionMethod::Certificate, address, agent, is_code_shown: false, drawn: [drawn; 40] }
    }

    fn account() -> Account {
        Account::new(AccountId(7), "ТЕСТОВ ТЕСТ".into(), "ru".into(), NOW)
    }

    #[test]
    fn a_session_is_found_by_its_cookie_alone() {
        let mut account = account();
        let cookie = begin_session(&mut account, begin(1), NOW);
        let read = SessionCookie::read(&cookie.text());
        assert!(read.as_ref() == Some(&cookie));
        assert!(matches!(find(&account, &cookie, NOW), FoundSession::Good(..)));
        let forged = SessionCookie { secret: "x".repeat(43), ..cookie.clone() };
        assert_eq!(find(&account, &forged, NOW), FoundSession::OtherSecret);
        let kept = serde_json::to_string(&account).unwrap();
        assert!(!kept.contains(&cookie.secret), "the secret itself is not kept");
    }

    #[test]
    fn a_session_ends_when_it_is_idle_or_old() {
        let mut account = account();
        let cookie = begin_session(&mut account, begin(1), NOW);
        assert!(matches!(find(&account, &cookie, later(IDLE_MAX_MS - 1)), FoundSession::Good(..)));
        assert_eq!(find(&account, &cookie, later(IDLE_MAX_MS)), FoundSession::None);
        account.sessions[0].seen_at = later(AGE_MAX_MS);
        assert_eq!(find(&account, &cookie, later(AGE_MAX_MS)), FoundSession::None);
    }

    #[test]
    fn a_new_secret_ends_the_former_soon_after_it_arrived() {
        let mut account = account();
        let old = begin_session(&mut account, begin(1), NOW);
        let new = rotate(&mut account, &old.id, Brought::Current, [9; 32], NOW).unwrap();
        assert_ne!(old.secret, new.secret);
        assert!(matches!(find(&account, &new, NOW), FoundSession::Good(_, Brought::Current)));
        let later_by = |ms| find(&account, &old, later(ms));
        assert!(matches!(later_by(FORMER_FOR_MS - 1), FoundSession::Good(_, Brought::Former)));
        assert_eq!(later_by(FORMER_FOR_MS), FoundSession::OtherSecret);
        assert_eq!(renewal(&account.sessions[0], Brought::Current, false, later(10)), Renewal::Arrived);
        arrived(&mut account.sessions[0], later(10));
        assert!(matches!(find(&account, &old, later(10)), FoundSession::Good(_, Brought::Former)));
        assert_eq!(find(&account, &old, later(10 + FORMER_AFTER_NEW_MS)), FoundSession::OtherSecret);
        assert_eq!(renewal(&account.sessions[0], Brought::Current, false, later(20)), Renewal::Nothing);
    }

    #[test]
    fn several_tabs_at_once_do_not_sign_each_other_out() {
        let mut account = account();
        let old = begin_session(&mut account, begin(1), NOW);
        let new = rotate(&mut account, &old.id, Brought::Current, [9; 32], NOW).unwrap();
        // The second tab's request still brings the former secret, and finds other rights too.
        assert_eq!(renewal(&account.sessions[0], Brought::Former, true, later(5)), Renewal::Nothing);
        assert!(matches!(find(&account, &new, later(5)), FoundSession::Good(_, Brought::Current)));
    }

    #[test]
    fn when_the_answer_with_the_new_secret_is_lost_another_is_drawn() {
        let mut account = account();
        let old = begin_session(&mut account, begin(1), NOW);
        let lost = rotate(&mut account, &old.id, Brought::Current, [9; 32], NOW).unwrap();
        let after = later(FORMER_AFTER_NEW_MS);
        assert_eq!(renewal(&account.sessions[0], Brought::Former, false, after), Renewal::Draw);
        let again = rotate(&mut account, &old.id, Brought::Former, [8; 32], after).unwrap();
        assert!(matches!(find(&account, &again, after), FoundSession::Good(_, Brought::Current)));
        assert!(matches!(find(&account, &old, after), FoundSession::Good(_, Brought::Former)));
        assert_eq!(find(&account, &lost, after), FoundSession::OtherSecret);
    }

    #[test]
    fn of_too_many_sessions_the_one_not_seen_for_longest_goes() {
        let mut account = account();
        for index in 0..SESSIONS_MAX {
            begin_session(&mut account, begin(index as u8), later(index as u64));
        }
        account.sessions[0].seen_at = later(500);
        begin_session(&mut account, begin(200), later(600));
        assert_eq!(account.sessions.len(), SESSIONS_MAX);
        assert!(account.sessions.iter().any(|session| session.since == NOW), "the first was seen lately");
        assert!(!account.sessions.iter().any(|session| session.since == later(1)));
    }

    #[test]
    fn rights_are_remembered_for_each_company() {
        let first = rights_with("", "111111111111", 1).unwrap();
        let both = rights_with(&first, "222222222222", 4).unwrap();
        assert_eq!(both, "111111111111:1,222222222222:4");
        assert_eq!(rights_with(&both, "111111111111", 1), None);
        assert_eq!(rights_with(&both, "111111111111", 2).unwrap(), "222222222222:4,111111111111:2");
    }
}
