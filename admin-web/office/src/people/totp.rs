//! One-time codes by time (RFC 6238), as authenticator apps make them, and codes for when the device is lost.

use form_urlencoded::byte_serialize;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, AccountId, AuditAction, AuditSubject, RecoveryCode, Totp};
use totp_rs::{Algorithm, TOTP};

use super::password::{self, Tried};
use super::proof::{as_meant, code_of};
use crate::by::By;
use crate::change::ChangeError;
use crate::keys::{digest, same};
use crate::office::{Decided, Office};

/// Bytes of a secret: what HMAC-SHA-1 is as long as, and what RFC 4226 recommends.
const SECRET_LEN: usize = 20;

/// Digits of a code, which is what every app shows.
const DIGITS: usize = 6;

/// Seconds that a code holds.
const STEP_SECONDS: u64 = 30;

/// Codes for a lost device: enough for some trips, few enough to be written down.
pub const RECOVERY_CODES: usize = 8;

/// Characters of such a code: 50 bits, so that its hash cannot be tried through at sign-in.
const RECOVERY_CODE_LEN: usize = 10;

/// Bytes that all of them are drawn from.
const RECOVERY_DRAWN_LEN: usize = RECOVERY_CODES * RECOVERY_CODE_LEN;

/// Codes for a lost device, as they are shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodes(pub Vec<String>);

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodes")
    }
}

/// What was typed for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A code of the app.
    Code,
    /// A code for a lost device, which is used up now.
    RecoveryCode,
}

/// A secret that is not asked for yet.
pub fn begin(drawn: [u8; SECRET_LEN]) -> Totp {
    Totp { secret: hex::encode(drawn), since: None, last_step: 0, recovery_codes: Vec::new() }
}

/// Whether codes are asked for at sign-in.
pub fn is_on(account: &Account) -> bool {
    account.totp.as_ref().is_some_and(|totp| totp.since.is_some())
}

/// Takes a code: says which kind it was and what is to be kept, so that it is not taken twice.
pub fn take(totp: &Totp, typed: &str, now: UnixMillis) -> Option<(Totp, Taken)> {
    let typed = as_meant(typed);
    if let Some(step) = step_of(totp, &typed, now) {
        return Some((Totp { last_step: step, ..totp.clone() }, Taken::Code));
    }
    let hash = digest(&typed);
    let index = totp.recovery_codes.iter().position(|code| same(&code.0, &hash))?;
    let mut after = totp.clone();
    after.recovery_codes.remove(index);
    Some((after, Taken::RecoveryCode))
}

/// The step a code belongs to: this one, or the one before or after it, since clocks differ; later than the last used.
fn step_of(totp: &Totp, typed: &str, now: UnixMillis) -> Option<u64> {
    let codes = codes_of(totp)?;
    let here = now.0.checked_div(1000)?.checked_div(STEP_SECONDS)?;
    let steps = here.saturating_sub(1)..=here.saturating_add(1);
    let mut steps = steps.filter(|step| *step > totp.last_step);
    steps.find(|step| same(typed, &codes.generate(step.saturating_mul(STEP_SECONDS))))
}

fn codes_of(totp: &Totp) -> Option<TOTP> {
    let secret = hex::decode(&totp.secret).ok()?;
    TOTP::new(Algorithm::SHA1, DIGITS, 1, STEP_SECONDS, secret).ok()
}

/// Fresh codes for a lost device, in place of those before.
pub fn with_new_codes(totp: &Totp, drawn: [u8; RECOVERY_DRAWN_LEN]) -> (Totp, RecoveryCodes) {
    let codes: Vec<String> = drawn.chunks(RECOVERY_CODE_LEN).map(code_of).collect();
    let recovery_codes = codes.iter().map(|code| RecoveryCode(digest(code))).collect();
    let shown = codes.iter().map(|code| match code.split_at_checked(RECOVERY_CODE_LEN / 2) {
        Some((head, tail)) => format!("{head}-{tail}"),
        None => code.clone(),
    });
    (Totp { recovery_codes, ..totp.clone() }, RecoveryCodes(shown.collect()))
}

/// Switches codes on once the app has shown a right one: then the person has the secret.
pub fn turn_on(
    totp: &Totp,
    typed: &str,
    drawn: [u8; RECOVERY_DRAWN_LEN],
    now: UnixMillis,
) -> Option<(Totp, RecoveryCodes)> {
    let (taken, _) = take(totp, typed, now)?;
    Some(with_new_codes(&Totp { since: Some(now), ..taken }, drawn))
}

/// The secret as it is typed into an app: Base32 in groups of four.
pub fn secret_text(totp: &Totp) -> Option<String> {
    let text: Vec<char> = codes_of(totp)?.get_secret_base32().chars().collect();
    Some(text.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" "))
}

/// The address that apps read from a QR code. `issuer` is the site's host, `account` the person's login.
pub fn uri(totp: &Totp, issuer: &str, account: &str) -> Option<String> {
    let secret = codes_of(totp)?.get_secret_base32();
    // The colon divides issuer and account, so neither may hold one.
    let encoded = |text: &str| {
        byte_serialize(text.replace(':', " ").as_bytes()).collect::<String>().replace('+', "%20")
    };
    let (issuer, account) = (encoded(issuer), encoded(account));
    Some(format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    ))
}

/// Tries a code of an account and writes down what came of it. A wrong one counts as a wrong password of a session, and
/// five of both lock both: six digits are soon guessed. With `counts_elsewhere` the caller bounds the tries.
///
/// # Errors
/// Those of the store.
pub async fn attempt(
    office: &Office,
    by: &By,
    id: AccountId,
    typed: &str,
    counts_elsewhere: bool,
) -> Result<Tried, ChangeError> {
    let decide = |account: &Account| -> Decided<Account, Tried> {
        Ok(if counts_elsewhere { after_free_try(account, typed, by) } else { after_try(account, typed, by) })
    };
    let (_, tried) = office.change_account(id, decide).await?;
    Ok(tried)
}

fn after_free_try(account: &Account, typed: &str, by: &By) -> password::Written {
    let on = account.totp.as_ref().filter(|totp| totp.since.is_some());
    match on.and_then(|totp| take(totp, typed, by.at)) {
        Some((totp, _)) => {
            let after = Account { totp: Some(totp), ..account.clone() };
            (Some((after, Vec::new())), Tried::Right)
        }
        None => {
            let row = by.entry(AuditAction::PasswordWrong, AuditSubject::Account, Vec::new());
            (Some((account.clone(), vec![row])), Tried::Wrong { left: 0 })
        }
    }
}

fn after_try(account: &Account, typed: &str, by: &By) -> password::Written {
    let (Some(kept), Some(totp)) = (&account.password, &account.totp) else {
        return (None, Tried::Wrong { left: 0 });
    };
    let taken = totp.since.and_then(|_| take(totp, typed, by.at));
    let (written, tried) = password::written_down(account, kept, taken.is_some(), false, by);
    match (tried, taken) {
        (Tried::Right, Some((totp, _))) => {
            let (account, audit) = written.unwrap_or_else(|| (account.clone(), Vec::new()));
            (Some((Account { totp: Some(totp), ..account }, audit)), tried)
        }
        _ => (written, tried),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: the secret of the examples, and 94287082 at second 59, of which six digits are shown.
    fn of_the_rfc() -> Totp {
        begin(*b"12345678901234567890")
    }

    fn at(second: u64) -> UnixMillis {
        UnixMillis(second * 1000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert!(take(&of_the_rfc(), code, at(second)).is_some(), "{code}");
        }
        assert!(take(&of_the_rfc(), "287083", at(59)).is_none());
        assert!(take(&of_the_rfc(), "", at(59)).is_none());
        assert!(take(&of_the_rfc(), " 287 082 ", at(59)).is_some(), "apps show them in two groups");
    }

    #[test]
    fn a_clock_may_be_wrong_by_one_step_to_either_side() {
        // 287082 is the code of the seconds 30 to 59.
        for (second, is_taken) in [(0, true), (29, true), (60, true), (89, true), (90, false)] {
            assert_eq!(take(&of_the_rfc(), "287082", at(second)).is_some(), is_taken, "{second}");
        }
        let late = Totp { last_step: 0, ..of_the_rfc() };
        assert!(take(&late, "081804", at(1_111_111_109 - 60)).is_none());
    }

    #[test]
    fn no_code_is_taken_twice_nor_one_before_it() {
        let (after, taken) = take(&of_the_rfc(), "050471", at(1_111_111_111)).unwrap();
        assert_eq!(taken, Taken::Code);
        assert!(take(&after, "050471", at(1_111_111_111)).is_none());
        assert!(take(&after, "081804", at(1_111_111_111)).is_none(), "the code of the step before");
        let codes = codes_of(&after).unwrap();
        assert!(take(&after, &codes.generate(1_111_111_141), at(1_111_111_141)).is_some(), "the next one is");
    }

    #[test]
    fn it_is_on_once_a_code_was_right_and_then_there_are_codes_for_a_lost_device() {
        let drawn = std::array::from_fn(|index| index as u8);
        assert!(turn_on(&of_the_rfc(), "000000", drawn, at(59)).is_none());
        let (on, codes) = turn_on(&of_the_rfc(), "287082", drawn, at(59)).unwrap();
        assert_eq!((on.since, codes.0.len()), (Some(at(59)), RECOVERY_CODES));
        assert!(take(&on, "287082", at(59)).is_none(), "the code that switched it on is used");
        let kept = serde_json::to_string(&on).unwrap();
        assert!(codes.0.iter().all(|code| code.len() == 11 && !kept.contains(&code.replace('-', ""))));
    }

    #[test]
    fn a_code_for_a_lost_device_is_taken_once() {
        let (on, codes) = with_new_codes(&of_the_rfc(), std::array::from_fn(|index| index as u8));
        let typed = codes.0[3].to_lowercase();
        let (after, taken) = take(&on, &typed, at(59)).unwrap();
        assert_eq!((taken, after.recovery_codes.len()), (Taken::RecoveryCode, RECOVERY_CODES - 1));
        assert!(take(&after, &typed, at(59)).is_none());
        assert!(take(&after, &codes.0[0].replace('-', " "), at(59)).is_some());
        let (renewed, _) = with_new_codes(&after, [200; RECOVERY_DRAWN_LEN]);
        assert!(take(&renewed, &codes.0[0], at(59)).is_none(), "new ones end the old ones");
    }

    #[test]
    fn apps_read_the_secret_from_the_address() {
        let uri = uri(&of_the_rfc(), "ofd.example:8080", "анна@shop.kz").unwrap();
        assert_eq!(
            uri,
            "otpauth://totp/ofd.example%208080:%D0%B0%D0%BD%D0%BD%D0%B0%40shop.kz\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ofd.example%208080&algorithm=SHA1&digits=6&period=30"
        );
        let text = secret_text(&of_the_rfc()).unwrap();
        assert_eq!(text, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn a_kept_secret_that_is_none_takes_no_code() {
        for secret in ["", "xyz", "00", "ключ"] {
            let broken = Totp { secret: secret.into(), ..of_the_rfc() };
            assert!(
                take(&broken, "287082", at(59)).is_none() && uri(&broken, "a", "b").is_none(),
                "{secret}"
            );
        }
    }
}
