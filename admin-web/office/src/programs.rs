//! Tokens of an organisation's own programs: made by its administrators, shown once, judged at each call.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AuditAction, AuditField, AuditSubject, Company, ProgramToken, TokenScope, ToldSubject, load,
};
use ofd_storage::claims::{ClaimedName, PROGRAM_TOKEN_FAMILY, name_key};
use ofd_storage::store::{RecordKind, Store as _, StoreError};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;
use crate::rights::{Right, may};
use crate::typed::{Wrong, full_line};

/// Tokens of one organisation at a time: one for each of its programs, and a few that are being replaced.
pub const TOKENS_MAX: usize = 20;

/// Characters of a token's name.
pub const NAME_LEN_MAX: usize = 100;

/// What every token begins with, so that who finds one in a file knows what it opens.
pub const PREFIX: &str = "ofd_";

/// Drawn bytes of a token.
const SECRET_LEN: usize = 32;

/// They in base64url.
const SECRET_CHARS: usize = 43;

/// That a token was used is written once a day at most.
const USED_EVERY_MS: u64 = 24 * 60 * 60 * 1000;

/// Why no token was made or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// Who asks may not.
    MayNot,
    /// The name is none.
    Name(Wrong),
    /// There is a token of that name, perhaps of the same form that was sent twice.
    NameTaken,
    /// It would be good for nothing.
    NoScope,
    /// There are [`TOKENS_MAX`] already.
    TooMany,
}

/// A token as it is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// `ofd_` and 43 characters.
    pub text: String,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewToken(redacted)")
    }
}

/// Whether a text looks like a token. Who sends one that does not has mistyped.
pub fn is_token(text: &str) -> bool {
    let is_of_secret = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.strip_prefix(PREFIX)
        .is_some_and(|secret| secret.len() == SECRET_CHARS && secret.bytes().all(is_of_secret))
}

fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn subject(token: &ProgramToken) -> ToldSubject {
    AuditSubject::Token(token.id).called(token.name.as_str())
}

fn scopes_told(scopes: &[TokenScope]) -> String {
    scopes.iter().map(|scope| scope.told()).collect::<Vec<_>>().join(", ")
}

/// Whether a person may make and end tokens of a company, as it is now.
fn may_manage(company: &Company, by: &By) -> bool {
    let member = company.members.iter().find(|member| Some(member.account) == by.actor.account);
    member.is_some_and(|member| may(member, Right::ManageTokens))
}

/// What becomes of a company when a token is added; pure.
fn with_token(
    company: &Company,
    (name, scopes): (&str, &[TokenScope]),
    (text, by): (&str, &By),
) -> Result<(Company, ProgramToken), TokenRefusal> {
    let name = full_line(name, NAME_LEN_MAX).map_err(TokenRefusal::Name)?;
    if scopes.is_empty() {
        return Err(TokenRefusal::NoScope);
    }
    if company.program_tokens.iter().any(|token| token.name.to_lowercase() == name.to_lowercase()) {
        return Err(TokenRefusal::NameTaken);
    }
    if company.program_tokens.len() >= TOKENS_MAX {
        return Err(TokenRefusal::TooMany);
    }
    let mut changed = company.clone();
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    let token = ProgramToken {
        id: changed.take_id(),
        name,
        scopes,
        hash: hash_of(text),
        at: by.at,
        by: by.actor.name.clone(),
        used_at: None,
    };
    changed.program_tokens.push(token.clone());
    Ok((changed, token))
}

/// Makes a token, and says it this once.
///
/// # Errors
/// [`ChangeError`].
pub async fn make(
    office: &Office,
    by: &By,
    bin: &str,
    name: &str,
    scopes: &[TokenScope],
) -> Result<Result<NewToken, TokenRefusal>, ChangeError> {
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(office.drawn::<SECRET_LEN>()));
    let decide = |company: &Company| {
        if !may_manage(company, by) {
            return Ok((None, Err(TokenRefusal::MayNot)));
        }
        match with_token(company, (name, scopes), (&text, by)) {
            Ok((changed, token)) => {
                let scopes = AuditField::Scopes.change("", &scopes_told(&token.scopes));
                let row = by.entry(AuditAction::TokenMade, subject(&token), scopes.into_iter().collect());
                Ok((Some((changed, vec![row])), Ok(token.name)))
            }
            Err(refusal) => Ok((None, Err(refusal))),
        }
    };
    // Its hash leads to the organisation before it is the organisation's, so none that is good leads nowhere.
    let stream = Company::stream_of(bin).ok_or(ChangeError::NotFound)?;
    let company = load::<Company>(&office.store, stream).await?.ok_or(ChangeError::NotFound)?;
    if let (_, Err(refusal)) = decide(&company.state)? {
        return Ok(Err(refusal));
    }
    let hash = hash_of(&text);
    office.store.claim(PROGRAM_TOKEN_FAMILY, &hash, bin.as_bytes(), by.at.0, None).await?;
    let (_, outcome) = office.change_company(bin, decide).await?;
    Ok(outcome.map(|name| NewToken { name, text }))
}

/// Ends a token. One that is gone stays gone.
///
/// # Errors
/// [`ChangeError`].
pub async fn revoke(
    office: &Office,
    by: &By,
    bin: &str,
    id: u32,
) -> Result<Result<(), TokenRefusal>, ChangeError> {
    let decide = |company: &Company| {
        if !may_manage(company, by) {
            return Ok((None, Err(TokenRefusal::MayNot)));
        }
        let Some(token) = company.program_tokens.iter().find(|token| token.id == id) else {
            return Ok((None, Ok(())));
        };
        let scopes = AuditField::Scopes.change(&scopes_told(&token.scopes), "");
        let row = by.entry(AuditAction::TokenRevoked, subject(token), scopes.into_iter().collect());
        let mut changed = company.clone();
        changed.program_tokens.retain(|token| token.id != id);
        Ok((Some((changed, vec![row])), Ok(())))
    };
    Ok(office.change_company(bin, decide).await?.1)
}

/// What a program came with is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// A token of the organisation that was asked about.
    Good(ProgramToken),
    /// A token of another organisation.
    OfAnother,
    /// No token, or one that was ended.
    Nowhere,
}

/// The token of an organisation by its hash.
async fn token_of(office: &Office, bin: &str, hash: &str) -> Result<Option<ProgramToken>, StoreError> {
    let Some(stream) = Company::stream_of(bin) else { return Ok(None) };
    let Some(company) = load::<Company>(&office.store, stream).await? else { return Ok(None) };
    let is_it = |token: &&ProgramToken| bool::from(token.hash.as_bytes().ct_eq(hash.as_bytes()));
    Ok(company.state.program_tokens.iter().find(is_it).cloned())
}

/// Read in place of the organisation of a token that none ever had, so that this takes no less time.
const NOBODY: &str = "000000000000";

/// What the token is worth with which a program asks about an organisation. It is read anew each time, so an end is felt at
/// once. One that is not good here costs the same, whatever else it is.
///
/// # Errors
/// Those of the store.
pub async fn judge(office: &Office, bin: &str, text: &str) -> Result<Judged, StoreError> {
    let hash = hash_of(text);
    if let Some(token) = token_of(office, bin, &hash).await? {
        return Ok(Judged::Good(token));
    }
    let claimed = office.store.record(RecordKind::Name, &name_key(PROGRAM_TOKEN_FAMILY, &hash)?).await?;
    let claimed = claimed.and_then(|record| ClaimedName::decode(&record.bytes));
    let owner = claimed.as_ref().and_then(|claimed| std::str::from_utf8(&claimed.owner).ok());
    let elsewhere = token_of(office, owner.unwrap_or(NOBODY), &hash).await?;
    Ok(if elsewhere.is_some() { Judged::OfAnother } else { Judged::Nowhere })
}

/// Whether a use is to be written.
fn is_news(token: &ProgramToken, now: UnixMillis) -> bool {
    token.used_at.is_none_or(|used| now.since(used) >= USED_EVERY_MS)
}

/// Notes that a token was used, once a day. Whoever asks is not kept from an answer by it.
pub async fn note_use(office: &Office, bin: &str, token: &ProgramToken) {
    let now = office.now();
    if !is_news(token, now) {
        return;
    }
    let noted = office
        .change_company(bin, |company| {
            let mut changed = company.clone();
            let known = changed.program_tokens.iter_mut().find(|known| known.id == token.id);
            let Some(known) = known.filter(|known| is_news(known, now)) else { return Ok((None, ())) };
            known.used_at = Some(now);
            Ok((Some((changed, Vec::new())), ()))
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "the use of a token is not noted; the next one is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use ofd_storage::accounts::CompanyKind;

    fn by() -> By {
        By::person(None, false, UnixMillis(7), ([127, 0, 0, 1].into(), Language::English))
    }

    fn company() -> Company {
        Company::new("151140001234".into(), "ТОО".into(), CompanyKind::LegalEntity, UnixMillis(0))
    }

    fn made(company: &Company, name: &str, scopes: &[TokenScope]) -> Result<Company, TokenRefusal> {
        with_token(company, (name, scopes), ("ofd_x", &by())).map(|(changed, _)| changed)
    }

    #[test]
    fn a_token_is_a_prefix_and_43_characters() {
        let text = |secret: usize| format!("{PREFIX}{}", "a".repeat(secret));
        assert!(is_token(&text(43)));
        for other in
            [text(42), text(44), "a".repeat(47), format!("{PREFIX}{}!", "a".repeat(42)), String::new()]
        {
            assert!(!is_token(&other), "{other}");
        }
        assert_eq!(URL_SAFE_NO_PAD.encode([0; SECRET_LEN]).len(), SECRET_CHARS);
    }

    #[test]
    fn tokens_have_a_name_of_their_own_and_are_good_for_something_and_not_too_many() {
        let scopes = [TokenScope::DocumentsRead, TokenScope::RegistersRead, TokenScope::DocumentsRead];
        let one = made(&company(), " Склад ", &scopes).unwrap();
        let token = &one.program_tokens[0];
        assert_eq!((token.name.as_str(), token.scopes.len()), ("Склад", 2));
        assert_eq!(token.hash, hash_of("ofd_x"));
        assert_eq!(made(&one, "склад", &scopes), Err(TokenRefusal::NameTaken));
        assert_eq!(made(&one, "", &scopes), Err(TokenRefusal::Name(Wrong::Empty)));
        assert_eq!(made(&one, &"я".repeat(101), &scopes), Err(TokenRefusal::Name(Wrong::TooLong)));
        assert_eq!(made(&one, "1С", &[]), Err(TokenRefusal::NoScope));
        let full = (0..TOKENS_MAX)
            .fold(company(), |company, number| made(&company, &number.to_string(), &scopes).unwrap());
        assert_eq!(made(&full, "one more", &scopes), Err(TokenRefusal::TooMany));
    }

    #[test]
    fn a_use_is_written_once_a_day() {
        let mut token = made(&company(), "1С", &[TokenScope::BillingRead]).unwrap().program_tokens.remove(0);
        assert!(is_news(&token, UnixMillis(9)));
        token.used_at = Some(UnixMillis(9));
        assert!(
            !is_news(&token, UnixMillis(9 + USED_EVERY_MS - 1))
                && is_news(&token, UnixMillis(9 + USED_EVERY_MS))
        );
    }
}
