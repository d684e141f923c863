//! What letters say, in the language of whom they go to. Their links are made of the site's own address only.

use std::sync::Arc;
use std::time::Duration;

use ofd_billing::{Day, PersonalAccount, Tiyn};
use ofd_office::day::written;
use ofd_storage::accounts::{Account, AccountId};
use tokio::sync::Semaphore;

use super::proof::{Code, EMAIL_FOR_MS, LinkSecret, RECOVERY_FOR_MS};
use crate::format::sum;
use crate::language::Language;
use crate::limits::ANSWER_WITHIN;
use crate::mail::{Email, EmailError, Letter, MailError, Mailer};
use crate::site::Site;
use crate::words::Words;

/// Names in letters are cut to so many characters: a letter must not become somebody's advertisement.
const NAME_CHARS_MAX: usize = 100;

/// Letters under way at once that nobody waits for. One takes seconds at most, so that more are a flood.
const BEHIND_MAX: usize = 64;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// A page waits for its letter so long. What comes before and after the letter must fit into the site's answer as well,
/// or the person would be told nothing of a letter that did not go.
const PAGE_WAITS: Duration = Duration::from_secs(8);

const _: () = assert!(PAGE_WAITS.as_millis() * 2 < ANSWER_WITHIN.as_millis());

static BEHIND: Semaphore = Semaphore::const_new(BEHIND_MAX);

/// Why a letter did not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// The site sends none.
    Off,
    /// The address is wrong.
    Address,
    /// The mail server is at fault, for now or until somebody looks.
    Server,
}

impl NotSent {
    /// What the person reads: what happened and what to do.
    pub(crate) fn text(self, words: &Words<'_>) -> String {
        match self {
            Self::Off => words.say("account-mail-off"),
            Self::Address => words.say("account-mail-address"),
            Self::Server => words.say("account-mail-failed"),
        }
    }
}

/// An invitation, as its letter tells of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvitationLetter<'a> {
    /// The company's BIN.
    pub(crate) bin: &'a str,
    pub(crate) company: &'a str,
    pub(crate) inviter: &'a str,
    /// The invitation's number in the company.
    pub(crate) id: u32,
    /// The link's secret.
    pub(crate) link: &'a LinkSecret,
    /// Until when it holds, as people read it.
    pub(crate) until: &'a str,
}

/// What is wrong with a typed address, beside its field.
pub(crate) fn email_trouble(words: &Words<'_>, error: EmailError) -> String {
    match error {
        EmailError::Empty => words.say("account-email-empty"),
        EmailError::TooLong => words.say("account-email-long"),
        EmailError::At => words.say("account-email-at"),
        EmailError::Character(char) => {
            // What cannot be seen is not shown either.
            let seen =
                if char.is_control() || char.is_whitespace() { "␣".to_owned() } else { char.to_string() };
            words.say_with("account-email-character", &seen)
        }
        EmailError::Dot => words.say("account-email-dot"),
        EmailError::Domain => words.say("account-email-domain"),
    }
}

/// The language of an account's letters.
pub(crate) fn language_of(account: &Account) -> Language {
    Language::from_code(&account.language).unwrap_or(Language::Russian)
}

/// Whether letters can go at all.
pub(crate) fn is_on(site: &Site) -> bool {
    match site.office.mailer {
        Mailer::Smtp(_) | Mailer::Sink(_) => true,
        Mailer::Off => false,
    }
}

/// Asks to confirm an address, by link or code. A page waits for it.
///
/// # Errors
/// [`NotSent`] says what to do.
pub(crate) async fn confirm_email(
    site: &Site,
    to: &Email,
    account: &Account,
    link: &LinkSecret,
    code: &Code,
) -> Result<(), NotSent> {
    let words = site.dictionary.words(language_of(account));
    let link = link_of(site, "/confirm-email", account.id, link);
    let body = [
        words.say("account-letter-confirm"),
        link,
        words.say_with("account-letter-code", code.text()),
        words.say_count("account-letter-holds-hours", hours(EMAIL_FOR_MS)),
        words.say("account-letter-ignore"),
    ];
    let letter = send(site, &words, to, "account-letter-confirm-subject", Some(&account.name), &body);
    within_page(PAGE_WAITS, letter).await
}

/// Asks to confirm the address of a company by a code. A page waits for it.
///
/// # Errors
/// [`NotSent`] says what to do.
pub(crate) async fn confirm_company_email(
    site: &Site,
    to: &Email,
    (words, title): (&Words<'_>, &str),
    code: &Code,
) -> Result<(), NotSent> {
    let body = [
        words.say_with("company-letter-confirm", &one_line(title)),
        words.say_with("company-letter-code", code.text()),
        words.say_count("account-letter-holds-hours", hours(EMAIL_FOR_MS)),
        words.say("account-letter-ignore"),
    ];
    let letter = send(site, words, to, "account-letter-confirm-subject", None, &body);
    within_page(PAGE_WAITS, letter).await
}

/// The way back to a forgotten password.
///
/// # Errors
/// [`NotSent`] says what to do.
pub(crate) async fn recover_password(
    site: &Site,
    to: &Email,
    account: &Account,
    link: &LinkSecret,
    code: &Code,
) -> Result<(), NotSent> {
    let words = site.dictionary.words(language_of(account));
    let link = link_of(site, "/recover", account.id, link);
    let body = [
        words.say("account-letter-recover"),
        link,
        words.say_with("account-letter-code", code.text()),
        words.say_count("account-letter-holds-hours", hours(RECOVERY_FOR_MS)),
        words.say("account-letter-ignore-recover"),
    ];
    send(site, &words, to, "account-letter-recover-subject", Some(&account.name), &body).await
}

/// What a letter tells of money that ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MoneyEnds<'a> {
    /// The company's BIN.
    pub(crate) bin: &'a str,
    pub(crate) company: &'a str,
    /// Its personal account.
    pub(crate) number: PersonalAccount,
    pub(crate) balance: Tiyn,
    /// The day on which the money ends or ended.
    pub(crate) day: Option<Day>,
    /// The day on which registers stop.
    pub(crate) stops: Option<Day>,
    /// Whether it ended.
    pub(crate) has_ended: bool,
}

/// Tells one of a company's people that its money ends, or ended.
///
/// # Errors
/// [`NotSent`] says whether another try may help.
pub(crate) async fn money_ends(
    site: &Site,
    to: &Email,
    account: &Account,
    letter: MoneyEnds<'_>,
) -> Result<(), NotSent> {
    let words = site.dictionary.words(language_of(account));
    let day = |day: Option<Day>| day.map(|day| written(day.date())).unwrap_or_default();
    let (company, number) = (one_line(letter.company), letter.number.to_string());
    let balance = sum(words.language, letter.balance.get());
    let (ends, stops) = (day(letter.day), day(letter.stops));
    let values = [
        ("company", company.as_str()),
        ("number", &number),
        ("balance", &balance),
        ("ends", &ends),
        ("stops", &stops),
    ];
    let (subject, text) = if letter.has_ended {
        ("standing-letter-ended-subject", "standing-letter-ended")
    } else {
        ("standing-letter-ends-subject", "standing-letter-ends")
    };
    let body = [
        words.say_values(text, &values),
        words.say_values("standing-letter-stops", &values),
        words.say_values("standing-how-to-pay", &values),
        format!("{}/c/{}/money", site.config.public_url, letter.bin),
    ];
    send(site, &words, to, subject, Some(&account.name), &body).await
}

/// Invites somebody into a company. The language is that of who invites: of the other nothing is known. A page
/// waits for it.
///
/// # Errors
/// [`NotSent`] says what to do.
pub(crate) async fn invitation(
    site: &Site,
    to: &Email,
    language: Language,
    letter: InvitationLetter<'_>,
) -> Result<(), NotSent> {
    let words = site.dictionary.words(language);
    let (company, inviter) = (one_line(letter.company), one_line(letter.inviter));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("c", letter.bin)
        .append_pair("i", &letter.id.to_string())
        .append_pair("k", letter.link.text())
        .finish();
    let values = [("company", company.as_str()), ("inviter", inviter.as_str())];
    let body = [
        words.say_values("account-letter-invitation", &values),
        format!("{}/invitation?{query}", site.config.public_url),
        words.say_with("account-letter-holds-until", letter.until),
        words.say("account-letter-ignore"),
    ];
    let letter = send(site, &words, to, "account-letter-invitation-subject", None, &body);
    within_page(PAGE_WAITS, letter).await
}

/// Tells that the password was set or changed, after the answer to who did it. Lost letters are only logged: the
/// password is set already.
pub(crate) fn password_changed(site: &Arc<Site>, account: &Account, at: String) {
    tell(site, account, "account-letter-password-subject", move |site, words| {
        vec![
            words.say_with("account-letter-password", &at),
            words.say("account-letter-not-you"),
            format!("{}/forgot", site.config.public_url),
        ]
    });
}

/// Tells the confirmed address that another one is to take its place. The other is not named: letters are forwarded.
pub(crate) fn email_changing(site: &Arc<Site>, account: &Account, at: String) {
    tell(site, account, "account-letter-email-changing-subject", move |site, words| {
        vec![
            words.say_with("account-letter-email-changing", &at),
            words.say("account-letter-email-changing-not-you"),
            format!("{}/forgot", site.config.public_url),
        ]
    });
}

/// Tells the address that `former` had confirmed that another one took its place.
pub(crate) fn email_changed(site: &Arc<Site>, former: &Account, at: String) {
    tell(site, former, "account-letter-email-changed-subject", move |site, words| {
        vec![
            words.say_with("account-letter-email-changed", &at),
            words.say("account-letter-email-changed-not-you"),
            format!("{}/login", site.config.public_url),
        ]
    });
}

/// Writes to the confirmed address of an account, if it has one, without anybody waiting for it.
fn tell(
    site: &Arc<Site>,
    account: &Account,
    subject: &'static str,
    body: impl FnOnce(&Site, &Words<'_>) -> Vec<String> + Send + 'static,
) {
    let (site, account) = (Arc::clone(site), account.clone());
    let Some(to) = account.email.as_ref().and_then(|email| Email::parse(&email.address).ok()) else { return };
    let is_begun = behind(async move {
        let words = site.dictionary.words(language_of(&account));
        let body = body(&site, &words);
        // Why it was not sent is in the log already.
        let _ = send(&site, &words, &to, subject, Some(&account.name), &body).await;
    });
    if !is_begun {
        tracing::warn!(subject, "too many letters are under way; this one is not written");
    }
}

/// Sends a letter that a page waits for. One that takes longer counts as not sent, even if the server takes it yet.
async fn within_page(
    limit: Duration,
    letter: impl Future<Output = Result<(), NotSent>>,
) -> Result<(), NotSent> {
    tokio::time::timeout(limit, letter).await.unwrap_or_else(|_| {
        tracing::error!(limit_ms = limit.as_millis(), "a letter was given up: the mail server is too slow");
        Err(NotSent::Server)
    })
}

/// Does something with letters that no answer waits for; `false` when too much of it is under way.
pub(crate) fn behind(work: impl Future<Output = ()> + Send + 'static) -> bool {
    within(&BEHIND, work)
}

fn within(places: &'static Semaphore, work: impl Future<Output = ()> + Send + 'static) -> bool {
    let Ok(permit) = places.try_acquire() else { return false };
    tokio::spawn(async move {
        let _permit = permit;
        work.await;
    });
    true
}

fn hours(lifetime_ms: u64) -> u64 {
    lifetime_ms.checked_div(HOUR_MS).unwrap_or(0)
}

fn link_of(site: &Site, path: &str, account: AccountId, link: &LinkSecret) -> String {
    // Neither holds a character that addresses take for something else.
    format!("{}{path}?a={account}&k={}", site.config.public_url, link.text())
}

/// A name as one line of sensible length: names are typed by people, and letters have headers.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(NAME_CHARS_MAX).collect()
}

async fn send(
    site: &Site,
    words: &Words<'_>,
    to: &Email,
    subject: &str,
    name: Option<&str>,
    body: &[String],
) -> Result<(), NotSent> {
    let operator = site.operator_title(words.language);
    let greeting = match name.map(one_line).filter(|name| !name.is_empty()) {
        Some(name) => words.say_with("account-letter-greeting", &name),
        None => words.say("account-letter-greeting-nobody"),
    };
    let signed = format!("{operator}\n{}", site.config.public_url);
    let parts = std::iter::once(&greeting).chain(body).chain(std::iter::once(&signed));
    let text = parts.map(String::as_str).collect::<Vec<_>>().join("\n\n");
    let subject = words.say_with(subject, &one_line(operator));
    let letter = Letter { to: to.clone(), subject, text };
    site.office.mailer.send(letter).await.map_err(|error| {
        let why = match &error {
            MailError::Off => NotSent::Off,
            error if error.is_of_the_address() => NotSent::Address,
            _ => NotSent::Server,
        };
        // An address that is wrong is the person's to mend; the rest is ours.
        if why == NotSent::Server {
            tracing::error!(error = %error, "a letter was not sent: {error}");
        }
        why
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_letter_is_one_short_line() {
        assert_eq!(one_line("ТОО «Көктем»\r\nBcc: all@example.kz"), "ТОО «Көктем» Bcc: all@example.kz");
        assert_eq!(one_line(" \t\u{85} "), "");
        assert_eq!(one_line(&"я".repeat(500)).chars().count(), NAME_CHARS_MAX);
    }

    #[tokio::test]
    async fn a_page_gives_up_a_letter_that_takes_too_long() {
        let limit = Duration::from_millis(20);
        assert_eq!(within_page(limit, std::future::pending()).await, Err(NotSent::Server));
        assert_eq!(within_page(limit, async { Err(NotSent::Address) }).await, Err(NotSent::Address));
        assert_eq!(within_page(limit, async { Ok(()) }).await, Ok(()));
    }

    #[tokio::test]
    async fn letters_nobody_waits_for_are_bounded() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let (go, wait) = tokio::sync::oneshot::channel();
        assert!(within(&ONE, async move { wait.await.unwrap() }));
        assert!(!within(&ONE, async {}), "the only place is taken");
        go.send(()).unwrap();
        drop(ONE.acquire().await.unwrap());
        assert!(within(&ONE, async {}));
    }
}
