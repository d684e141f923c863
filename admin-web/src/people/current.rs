//! The current password, asked for before what would make a borrowed session the account.
//!
//! Somebody at a desk that was left open has the session and not the password. So whoever changes how the account is
//! reached, its address, its one-time codes, its number, types the password again.

use ofd_storage::accounts::SessionMethod;

use super::password::{self, Tried};
use crate::cabinet::{Ask, Failure, Form, Signed};
use crate::site::Site;

/// The field of the current password.
const FIELD: &str = "current";

/// How the session began that this request came with.
fn method(signed: &Signed) -> Option<SessionMethod> {
    let sessions = &signed.account.state.sessions;
    sessions.iter().find(|session| session.id == signed.session).map(|session| session.method)
}

/// Whether the session itself proves who the person is, so that no password is asked for.
pub(crate) fn is_by_certificate(signed: &Signed) -> bool {
    match method(signed) {
        Some(SessionMethod::Certificate) => true,
        Some(SessionMethod::Password) | None => false,
    }
}

/// Whether besides the account is known to be the certificate's.
pub(crate) fn is_proven(signed: &Signed) -> bool {
    is_by_certificate(signed) && signed.account.state.iin.is_some()
}

/// Tries the current password that a form brought, and says beside its field what is wrong.
///
/// # Errors
/// [`Failure::SignIn`] when nobody is signed in, [`Failure::Busy`] when too many passwords are judged already, and
/// those of the store.
pub(crate) async fn try_current(site: &Site, ask: &Ask, form: &mut Form) -> Result<(), Failure> {
    let account = ask.account().ok_or(Failure::SignIn)?;
    let words = site.texts(ask);
    match password::attempt(&site.office, ask.by(), Some(account), ask.fields().raw(FIELD)).await? {
        Tried::Right => {}
        Tried::Wrong { left } => form.wrong(FIELD, words.say_count("account-current-wrong", left.into())),
        Tried::Locked { until } => {
            let until = site.moment(ask, until);
            form.wrong(FIELD, words.say_with("account-password-locked", &until));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ofd_protocol::types::UnixMillis;
    use ofd_storage::accounts::{Account, AccountId};
    use ofd_storage::store::Version;

    use super::*;
    use crate::cabinet::{Begin, begin_session};

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn signed(method: SessionMethod, iin: Option<&str>) -> Signed {
        let mut account = Account::new(AccountId(7), "ТЕСТОВА АННА".into(), "ru".into(), NOW);
        account.iin = iin.map(str::to_owned);
        let (address, agent) = (String::new(), String::new());
        let begin = Begin { method, address, agent, is_code_shown: false, drawn: [1; 40] };
        let session = begin_session(&mut account, begin, NOW).id;
        Signed { account: kept(account), session }
    }

    fn kept(state: Account) -> ofd_storage::accounts::Kept<Account> {
        ofd_storage::accounts::Kept { state, version: Version::FIRST }
    }

    #[test]
    fn only_a_session_by_certificate_stands_for_the_person() {
        let number = Some("880101300123");
        assert!(is_by_certificate(&signed(SessionMethod::Certificate, number)));
        assert!(!is_by_certificate(&signed(SessionMethod::Password, number)));
        let other = Signed { session: "gone".into(), ..signed(SessionMethod::Certificate, number) };
        assert!(!is_by_certificate(&other));
    }

    #[test]
    fn an_account_without_number_is_not_proven_by_any_session() {
        assert!(is_proven(&signed(SessionMethod::Certificate, Some("880101300123"))));
        assert!(!is_proven(&signed(SessionMethod::Certificate, None)));
        assert!(!is_proven(&signed(SessionMethod::Password, Some("880101300123"))));
    }
}
