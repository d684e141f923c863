//! Where the person is signed in, and what guards signing in.

use axum::response::Response;
use ofd_storage::accounts::{Account, AuditAction, AuditSubject, Session};

use super::agent;
use super::view::{SecurityPage, SessionRow, frame, notice};
use super::whose::signed;
use crate::cabinet::{Ask, At, Failure, Form, end_sessions, is_over, see_other};
use crate::people::current::is_proven;
use crate::people::totp;
use crate::site::Site;
use crate::vocabulary::Word;

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, Form::default())
}

/// The page, with what is wrong with the form that switches one-time codes on.
pub(super) fn page(site: &Site, ask: &Ask, form: Form) -> Result<Response, Failure> {
    let signed = signed(ask)?;
    let account = &signed.account.state;
    let words = site.texts(ask);
    let form = ask.again(form);
    let status = form.status();
    let page = SecurityPage {
        shell: frame(site, ask, "account-security-title", "/account/security"),
        notice: notice(&words, ask.parameter("done")),
        password_since: password_since(site, ask, account),
        is_totp_on: totp::is_on(account),
        asks_current: !is_proven(signed),
        codes_left: codes_left(site, ask, account),
        sessions: rows(site, ask, account, &signed.session),
        form,
    };
    Ok(site.show(ask, status, &page))
}

fn password_since(site: &Site, ask: &Ask, account: &Account) -> Option<String> {
    let since = account.password.as_ref()?.since;
    Some(site.texts(ask).say_with("account-password-since", &site.day(ask, since)))
}

fn codes_left(site: &Site, ask: &Ask, account: &Account) -> String {
    let left = account.totp.as_ref().map_or(0, |totp| totp.recovery_codes.len());
    site.texts(ask).say_count("account-codes-left", u64::try_from(left).unwrap_or(0))
}

/// The sessions that still live, this one first, then those used last.
fn rows(site: &Site, ask: &Ask, account: &Account, here: &str) -> Vec<SessionRow> {
    let words = site.texts(ask);
    let mut sessions: Vec<&Session> =
        account.sessions.iter().filter(|session| !is_over(session, ask.now())).collect();
    sessions.sort_by_key(|session| (session.id != here, std::cmp::Reverse(session.seen_at)));
    let row = |session: &Session| SessionRow {
        id: session.id.clone(),
        is_here: session.id == here,
        agent: agent::named(&session.agent).unwrap_or_else(|| words.say("account-agent-none")),
        address: session.address.clone(),
        since: site.moment(ask, session.since),
        seen_at: site.moment(ask, session.seen_at),
        method: session.method.text(&words),
    };
    sessions.into_iter().map(row).collect()
}

pub(super) async fn end(site: At, ask: Ask) -> Result<Response, Failure> {
    let wanted = ask.fields().text("session");
    end_where(&site, &ask, |session| session.id == wanted).await?;
    Ok(see_other("/account/security?done=ended"))
}

pub(super) async fn end_others(site: At, ask: Ask) -> Result<Response, Failure> {
    end_where(&site, &ask, |_| true).await?;
    Ok(see_other("/account/security?done=ended-others"))
}

/// Ends sessions of this account, except the one that asks: that one ends by signing out.
async fn end_where(site: &Site, ask: &Ask, which: impl Fn(&Session) -> bool) -> Result<(), Failure> {
    let signed = signed(ask)?;
    let ends = |session: &Session| session.id != signed.session && which(session);
    site.office
        .change_account(signed.account.state.id, |account| {
            let gone = account.sessions.iter().filter(|session| ends(session));
            let row = |session: &Session| {
                let agent = agent::named(&session.agent).unwrap_or_default();
                let subject = AuditSubject::Session(session.id.clone()).called(agent);
                ask.by().entry(AuditAction::SessionEnded, subject, Vec::new())
            };
            let rows: Vec<_> = gone.map(row).collect();
            let mut after = account.clone();
            end_sessions(&mut after, ends);
            Ok(((!rows.is_empty()).then_some((after, rows)), ()))
        })
        .await?;
    Ok(())
}
