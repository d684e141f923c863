//! What a person's own pages show.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_storage::accounts::Account;

use crate::cabinet::{Ask, Choice, Form};
use crate::long_page::len_of;
use crate::page::{NavLink, Shell};
use crate::qr::QrPicture;
use crate::site::Site;
use crate::words::Words;

/// The menu of these pages.
const MENU: [(&str, &str); 3] = [
    ("/account", "account-title"),
    ("/account/security", "account-security-title"),
    ("/account/history", "account-history-title"),
];

/// Pages that the page of security leads to.
const OF_SECURITY: [&str; 3] = ["/account/password", "/account/totp", "/account/sessions"];

/// The frame of a page of this family, with their menu for who is signed in.
pub(super) fn frame<'a>(site: &'a Site, ask: &Ask, title: &str, at: &str) -> Shell<'a> {
    let words = site.texts(ask);
    let mut shell = site.frame(ask, title, at);
    if let Some(person) = &mut shell.person {
        let link = |(href, label): (&str, &str)| NavLink {
            href: href.to_owned(),
            label: words.say(label),
            is_current: false,
        };
        person.links = MENU.into_iter().map(link).collect();
        let is_of_security = OF_SECURITY.iter().any(|path| at.starts_with(path));
        NavLink::mark(&mut person.links, if is_of_security { "/account/security" } else { at });
    }
    shell
}

/// What was done before this page was shown, by the word in its address.
pub(super) fn notice(words: &Words<'_>, done: &str) -> Option<String> {
    let key = match done {
        "saved" => "account-done-saved",
        "letter" => "account-done-letter",
        "confirmed" => "account-done-confirmed",
        "password" => "account-done-password",
        "password-first" => "account-done-password-first",
        "ended" => "account-done-ended",
        "ended-others" => "account-done-ended-others",
        "totp-off" => "account-done-totp-off",
        _ => return None,
    };
    Some(words.say(key))
}

/// A page that says one thing and leads on.
pub(super) fn tell(
    site: &Site,
    ask: &Ask,
    status: StatusCode,
    heading: &str,
    text: String,
    (href, label): (&'static str, &str),
) -> Response {
    let words = site.texts(ask);
    // Shown in another language the page itself would say something else; the way on is the same.
    let shell = frame(site, ask, heading, href);
    let page = TellPage { shell, heading: words.say(heading), text, href, label: words.say(label) };
    site.show(ask, status, &page)
}

#[derive(Template)]
#[template(path = "say.html")]
struct TellPage<'a> {
    shell: Shell<'a>,
    heading: String,
    text: String,
    href: &'static str,
    label: String,
}

/// How the address stands.
pub(super) struct EmailCard {
    /// The confirmed one.
    pub(super) address: Option<String>,
    /// The one that waits.
    pub(super) pending: Option<String>,
}

impl EmailCard {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            address: account.email.as_ref().map(|email| email.address.clone()),
            pending: account.pending_email.as_ref().map(|pending| pending.address.clone()),
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
pub(super) struct PersonPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) notice: Option<String>,
    /// With a number the name is that of the certificate.
    pub(super) iin: Option<String>,
    pub(super) name: String,
    pub(super) languages: Vec<Choice>,
    pub(super) email: EmailCard,
    pub(super) form: Form,
    /// The form for the letter's code.
    pub(super) code: Form,
}

#[derive(Template)]
#[template(path = "account_email.html")]
pub(super) struct EmailPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) current: Option<String>,
    /// Whether the current password has to be known.
    pub(super) asks_current: bool,
    pub(super) form: Form,
}

#[derive(Template)]
#[template(path = "account_confirm.html")]
pub(super) struct ConfirmPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) address: String,
    pub(super) account: String,
    pub(super) secret: String,
}

#[derive(Template)]
#[template(path = "account_password.html")]
pub(super) struct PasswordPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) title: String,
    /// Whether the current one has to be known.
    pub(super) asks_current: bool,
    /// What it is used with.
    pub(super) logins: String,
    pub(super) form: Form,
}

/// A session in the list.
pub(super) struct SessionRow {
    pub(super) id: String,
    pub(super) is_here: bool,
    pub(super) agent: String,
    pub(super) address: String,
    pub(super) since: String,
    pub(super) seen_at: String,
    pub(super) method: String,
}

#[derive(Template)]
#[template(path = "account_security.html")]
pub(super) struct SecurityPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) notice: Option<String>,
    pub(super) password_since: Option<String>,
    pub(super) is_totp_on: bool,
    /// Whether the current password has to be known to switch codes on.
    pub(super) asks_current: bool,
    pub(super) codes_left: String,
    pub(super) sessions: Vec<SessionRow>,
    pub(super) form: Form,
}

#[derive(Template)]
#[template(path = "account_totp.html")]
pub(super) struct SetUpPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) qr: Option<QrPicture>,
    pub(super) secret: String,
    pub(super) uri: String,
    pub(super) form: Form,
}

#[derive(Template)]
#[template(path = "account_codes.html")]
pub(super) struct CodesPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) title: String,
    pub(super) site: &'a str,
    pub(super) codes: Vec<String>,
}

#[derive(Template)]
#[template(path = "account_sure.html")]
pub(super) struct SurePage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) button: String,
    pub(super) action: &'static str,
    pub(super) asks_code: bool,
    pub(super) form: Form,
}

#[derive(Template)]
#[template(path = "recover_ask.html")]
pub(super) struct ForgotPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) form: Form,
}

#[derive(Template)]
#[template(path = "recover.html")]
pub(super) struct RecoverPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) notice: Option<String>,
    /// Whether the person came by the letter's link; else login and code are asked for.
    pub(super) by_link: bool,
    pub(super) form: Form,
}

/// A row of the person's history.
pub(super) struct HistoryRow {
    pub(super) at: String,
    pub(super) action: String,
    pub(super) address: String,
    pub(super) actor: String,
    pub(super) changes: Vec<String>,
}

/// Letters of a row on the page beside what is in it.
const HISTORY_LEN: usize = 300;

impl HistoryRow {
    /// What it comes to on the page.
    pub(super) fn len(&self) -> usize {
        let changes =
            self.changes.iter().flat_map(|change| ["<br><span class=quiet></span>", change.as_str()]);
        let texts = [self.at.as_str(), &self.action, &self.address, &self.actor];
        len_of(HISTORY_LEN, texts.into_iter().chain(changes))
    }
}

#[derive(Template)]
#[template(path = "account_history.html")]
pub(super) struct HistoryPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) rows: Vec<HistoryRow>,
    /// The number of the oldest row that is shown, where there are older ones.
    pub(super) older: Option<u64>,
    /// Whether newer rows are left out.
    pub(super) is_continued: bool,
}

/// A paragraph of a letter.
pub(super) struct LetterPart {
    pub(super) text: String,
    pub(super) is_link: bool,
}

/// A letter that went nowhere.
pub(super) struct LetterView {
    pub(super) number: u64,
    pub(super) at: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) parts: Vec<LetterPart>,
}

#[derive(Template)]
#[template(path = "letters.html")]
pub(super) struct LettersPage<'a> {
    pub(super) shell: Shell<'a>,
    pub(super) letters: Vec<LetterView>,
}
