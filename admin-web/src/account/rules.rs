//! What a person may change of the account, and what becomes of it. Pure.

use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{Account, ConfirmedEmail, Password, PendingEmail, Proof};

use crate::language::Language;
use crate::people::email_key;
use crate::people::proof::{Checked, add_letter, check_code, check_link};

/// A full name is kept to this length, in characters.
pub(super) const NAME_CHARS_MAX: usize = 120;

/// A phone number as people write it: several may stand there.
pub(super) const PHONE_CHARS_MAX: usize = 64;

/// Digits that every phone number has: those of a short one in a town.
const PHONE_DIGITS_MIN: usize = 6;

/// Personal data, as a form brings them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PersonSent {
    /// The full name; not read where a certificate said it.
    pub(super) name: String,
    /// A phone number.
    pub(super) phone: String,
    /// The code of a language.
    pub(super) language: String,
}

/// What is wrong with personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonWrong {
    /// There is no name.
    NameEmpty,
    /// It is too long, or holds what names do not.
    Name,
    /// It is no phone number.
    Phone,
    /// The site does not have the language.
    Language,
}

impl PersonWrong {
    /// The field it stands beside.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::NameEmpty | Self::Name => "name",
            Self::Phone => "phone",
            Self::Language => "language",
        }
    }
}

/// An account with other personal data.
pub(super) fn change_person(account: &Account, sent: &PersonSent) -> Result<Account, Vec<PersonWrong>> {
    let mut wrong = Vec::new();
    let name = if account.iin.is_some() { &account.name } else { &sent.name };
    let is_odd = |char: char| char.is_control() || "<>{}[]@/\\".contains(char);
    if name.is_empty() {
        wrong.push(PersonWrong::NameEmpty);
    } else if name.chars().count() > NAME_CHARS_MAX || name.chars().any(is_odd) {
        wrong.push(PersonWrong::Name);
    }
    if !is_phone(&sent.phone) {
        wrong.push(PersonWrong::Phone);
    }
    let language = Language::from_code(&sent.language);
    if language.is_none() {
        wrong.push(PersonWrong::Language);
    }
    match language {
        Some(language) if wrong.is_empty() => Ok(Account {
            name: name.clone(),
            phone: sent.phone.clone(),
            language: language.code().to_owned(),
            ..account.clone()
        }),
        _ => Err(wrong),
    }
}

/// Whether a text may be a phone number, or several; nothing may.
fn is_phone(text: &str) -> bool {
    let is_sign = |char: char| char.is_ascii_digit() || " +-(),;.".contains(char);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.is_empty()
        || (text.len() <= PHONE_CHARS_MAX && text.chars().all(is_sign) && digits >= PHONE_DIGITS_MIN)
}

/// Why an address is not asked to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EmailRefused {
    /// It is confirmed already.
    Same,
    /// The last letter went just now.
    Wait {
        /// How long until the next may go.
        seconds: u64,
    },
}

/// An account with an address that waits for its confirmation. The former stays until then.
pub(super) fn ask_email(account: &Account, address: &str, proof: Proof) -> Result<Account, EmailRefused> {
    if account.email.as_ref().is_some_and(|email| email_key(&email.address) == email_key(address)) {
        return Err(EmailRefused::Same);
    }
    // Another address does not shorten the pause: else one account could write to many.
    let address_letters = add_letter(&account.address_letters, proof.sent_at)
        .map_err(|left| EmailRefused::Wait { seconds: left.div_ceil(1000) })?;
    let pending_email = Some(PendingEmail { address: address.to_owned(), proof });
    Ok(Account { pending_email, address_letters, ..account.clone() })
}

/// How a link or code for an address stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EmailProof {
    /// It is good; the address may be claimed, then [`confirm_email`] finishes.
    Good(PendingEmail),
    /// It is not.
    Bad(Checked),
    /// No address waits: it was confirmed already, or never asked for.
    Nothing,
}

/// Judges the link of a letter about an address.
pub(super) fn email_by_link(account: &Account, secret: &str, now: UnixMillis) -> EmailProof {
    let Some(pending) = &account.pending_email else { return EmailProof::Nothing };
    match check_link(&pending.proof, secret, now) {
        Checked::Good => EmailProof::Good(pending.clone()),
        bad @ (Checked::Wrong | Checked::Expired | Checked::Spent) => EmailProof::Bad(bad),
    }
}

/// Judges a typed code about an address. The account is there when a wrong try has to be kept.
pub(super) fn email_by_code(
    account: &Account,
    typed: &str,
    now: UnixMillis,
) -> (Option<Account>, EmailProof) {
    let Some(pending) = &account.pending_email else { return (None, EmailProof::Nothing) };
    let (proof, checked) = check_code(&pending.proof, typed, now);
    if checked == Checked::Good {
        return (None, EmailProof::Good(pending.clone()));
    }
    if proof == pending.proof {
        return (None, EmailProof::Bad(checked));
    }
    let pending_email = Some(PendingEmail { proof, ..pending.clone() });
    (Some(Account { pending_email, ..account.clone() }), EmailProof::Bad(checked))
}

/// An account whose address was proven and claimed; none when another address waits by now.
pub(super) fn confirm_email(account: &Account, proven: &PendingEmail, now: UnixMillis) -> Option<Account> {
    let pending = account.pending_email.as_ref()?;
    // A wrong code may have been counted meanwhile; the link tells one letter from another.
    if pending.proof.link_hash != proven.proof.link_hash || pending.address != proven.address {
        return None;
    }
    let email = Some(ConfirmedEmail { address: email_key(&proven.address), since: now });
    // What went to the former address must not lead to a password any more.
    Some(Account { email, pending_email: None, recovery: None, ..account.clone() })
}

/// An account with another password. All sessions but `kept` end: whoever knew the former one must be out.
pub(super) fn set_password(account: &Account, hash: String, kept: Option<&str>, now: UnixMillis) -> Account {
    let mut after = account.clone();
    after.password = Some(Password { hash, since: now, wrong_in_a_row: 0, locked_until: None });
    // The letter that was asked for under the former password must not undo this one.
    after.recovery = None;
    // Nor may an address take over that somebody else asked for; the only one there is can go on waiting.
    if after.email.is_some() {
        after.pending_email = None;
    }
    after.sessions.retain(|session| Some(session.id.as_str()) == kept);
    after
}

/// An account whose password may be recovered; none while the last letter is too fresh, or where no letter can go.
pub(super) fn ask_recovery(account: &Account, proof: Proof) -> Option<Account> {
    account.email.as_ref()?;
    let recovery_letters = add_letter(&account.recovery_letters, proof.sent_at).ok()?;
    Some(Account { recovery: Some(proof), recovery_letters, ..account.clone() })
}

/// What a person brings who forgot the password.
#[derive(Clone, Copy)]
pub(super) enum RecoveryKey<'a> {
    /// The link's secret.
    Link(&'a str),
    /// The code, typed.
    Code(&'a str),
}

/// Judges what a person brings who forgot the password. The account is there when a wrong try has to be kept; none for
/// the answer when no letter was asked for.
pub(super) fn check_recovery(
    account: &Account,
    key: RecoveryKey<'_>,
    now: UnixMillis,
) -> (Option<Account>, Option<Checked>) {
    let Some(proof) = &account.recovery else { return (None, None) };
    match key {
        RecoveryKey::Link(secret) => (None, Some(check_link(proof, secret, now))),
        RecoveryKey::Code(typed) => {
            let (after, checked) = check_code(proof, typed, now);
            let is_changed = after != *proof;
            let changed = is_changed.then(|| Account { recovery: Some(after), ..account.clone() });
            (changed, Some(checked))
        }
    }
}

#[cfg(test)]
mod tests;
