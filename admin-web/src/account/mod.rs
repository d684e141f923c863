//! A person's own pages: personal data, address, password, sessions, one-time codes, and the way back to a password.

mod agent;
mod codes;
mod email;
mod history;
mod letters;
mod password;
mod person;
mod recovery;
mod rules;
mod security;
mod view;

use ofd_storage::store::Store;

use crate::cabinet::{Access, Ask, Failure, Pages, Signed};

/// The addresses of this family.
pub(crate) fn pages<S: Store>(pages: Pages<S>) -> Pages<S> {
    let own = Access::SignedIn;
    let pages = pages
        .get("/account", "account", own, person::show::<S>)
        .post("/account", "account_change", own, person::change::<S>)
        .get("/account/email", "account_email", own, email::show::<S>)
        .post("/account/email", "account_email_change", own, email::change::<S>)
        .post_from(("/account/email/again", "/account"), "account_email_again", own, email::again::<S>)
        .post_from(("/account/email/code", "/account"), "account_email_code", own, email::code::<S>)
        .get("/account/password", "account_password", own, password::show::<S>)
        .post("/account/password", "account_password_change", own, password::change::<S>)
        .get("/account/security", "account_security", own, security::show::<S>)
        .post_from(
            ("/account/sessions/end", "/account/security"),
            "account_session_end",
            own,
            security::end::<S>,
        )
        .post_from(
            ("/account/sessions/end-others", "/account/security"),
            "account_sessions_end",
            own,
            security::end_others::<S>,
        )
        .get("/account/totp", "account_totp", Access::Enrolling, codes::show::<S>)
        .post("/account/totp", "account_totp_on", Access::Enrolling, codes::turn_on::<S>)
        .post_from(
            ("/account/totp/begin", "/account/security"),
            "account_totp_begin",
            Access::Enrolling,
            codes::begin::<S>,
        )
        .get("/account/totp/off", "account_totp_off", own, codes::off::<S>)
        .post("/account/totp/off", "account_totp_turn_off", own, codes::turn_off::<S>)
        .get("/account/totp/codes", "account_totp_codes", own, codes::renewal::<S>)
        .post("/account/totp/codes", "account_totp_renew", own, codes::renew::<S>)
        .get("/account/history", "account_history", own, history::show::<S>);
    let anyone = Access::Anyone;
    pages
        .get("/confirm-email", "confirm_email", anyone, email::confirmation::<S>)
        .post("/confirm-email", "confirm_email_now", anyone, email::confirm::<S>)
        .get("/forgot", "forgot", anyone, recovery::forgot::<S>)
        .post("/forgot", "forgot_ask", anyone, recovery::ask::<S>)
        .get("/recover", "recover", anyone, recovery::show::<S>)
        .post("/recover", "recover_now", anyone, recovery::recover::<S>)
        .get("/demo/letters", "demo_letters", anyone, letters::show::<S>)
}

/// Who is signed in; pages of this family are open to nobody else.
fn signed(ask: &Ask) -> Result<&Signed, Failure> {
    ask.signed().ok_or(Failure::SignIn)
}
