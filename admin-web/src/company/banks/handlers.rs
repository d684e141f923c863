//! Pages of banks for companies: the directory with their applications, and the form of a new one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::banks::applications::{FoundApplications, OF_COMPANY_MAX, of_company, put_in};
use ofd_office::banks::rules::{ApplyRefusal, COMMENT_LEN_MAX, NAME_LEN_MAX, WAITING_MAX, Wish, apply};
use ofd_office::banks::{KnownBank, find_banks, is_known};

use super::view::ApplicationView;
use crate::cabinet::editor::Owner;
use crate::cabinet::{Access, Ask, At, Failure, Form, Pages, Right, see_other};
use crate::company::OfCompany;
use crate::page::Shell;
use crate::routes::Menu;

const BANKS: &str = "/c/{bin}/banks";
const NEW: &str = "/c/{bin}/banks/new";

/// Banks that one page shows: the whole directory, and many more.
const BANKS_SHOWN: usize = 200;

/// Applications that one page shows.
const APPLICATIONS_SHOWN: usize = 200;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let access = Access::Member(Right::ApplyForBank);
    pages
        .get(BANKS, "banks", access, show)
        .title("company-banks-title")
        .menu(Menu::Member, 30, "menu-banks")
        .get(NEW, "bank_new", access, show_new)
        .post(NEW, "bank_new", access, take_new)
}

#[derive(Template)]
#[template(path = "banks.html")]
struct BanksPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    action: String,
    new: String,
    /// What was searched for.
    query: String,
    banks: Vec<KnownBank>,
    applications: Vec<ApplicationView>,
    /// Said when these are not all.
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "banks_new.html")]
struct NewPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    name_len_max: usize,
    comment_len_max: usize,
}

async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let action = format!("/c/{}/banks", ask.bin());
    let query = ask.parameter("q").to_owned();
    let mut banks = find_banks(&site.office.store, ask.language(), &query).await?;
    banks.truncate(BANKS_SHOWN);
    let found = of_company(&site.office.store, ask.bin()).await?;
    let mut applications = found.applications;
    let more = match (found.is_cut, applications.len() > APPLICATIONS_SHOWN) {
        (true, _) => Some(too_many(&site, &ask)),
        (false, true) => {
            Some(site.texts(&ask).say_with("company-bank-mine-more", &APPLICATIONS_SHOWN.to_string()))
        }
        (false, false) => None,
    };
    applications.truncate(APPLICATIONS_SHOWN);
    let is_sent = ask.parameter("done") == "sent";
    let page = BanksPage {
        shell: site.page(&ask),
        notice: is_sent.then(|| site.texts(&ask).say("company-done-bank-sent")),
        new: format!("{action}/new"),
        action,
        query,
        banks,
        applications: applications.iter().map(|one| ApplicationView::of(&site, &ask, one)).collect(),
        more,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// What is said to a company with more applications than are looked through: its next one could not be judged.
fn too_many(site: &At, ask: &Ask) -> String {
    site.texts(ask).say_with("company-bank-mine-full", &OF_COMPANY_MAX.to_string())
}

fn page(site: &At, ask: &Ask, form: Form) -> Response {
    let (back, action) = (format!("/c/{}/banks", ask.bin()), format!("/c/{}/banks/new", ask.bin()));
    let (shell, form) = (site.form_frame(ask, "company-bank-new", &action), ask.again(form));
    let status = form.status();
    let (name_len_max, comment_len_max) = (NAME_LEN_MAX, COMMENT_LEN_MAX);
    site.show(ask, status, &NewPage { shell, form, action, back, name_len_max, comment_len_max })
}

async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    Ok(page(&site, &ask, Form::default()))
}

async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let mut form = Form::sent(ask.fields());
    let (wish, errors) = Wish::read(ask.fields());
    if !errors.is_empty() {
        form.tell(&words, &errors);
        return Ok(page(&site, &ask, form));
    }
    let company = OfCompany::of(&ask)?;
    let is_known = is_known(&site.office.store, &wish.bic).await?;
    let (now, by) = (ask.now(), ask.by().actor.name.clone());
    let wish = |before: &FoundApplications| match before.is_cut {
        true => Err(ApplyRefusal::Unseen),
        false => apply(company, &before.applications, is_known, &wish, (now, &by)),
    };
    match put_in(&site.office, ask.by(), ask.bin(), wish).await? {
        Ok(()) => return Ok(see_other(&format!("/c/{}/banks?done=sent", ask.bin()))),
        Err(ApplyRefusal::Unseen) => form.error = Some(too_many(&site, &ask)),
        Err(ApplyRefusal::Known) => form.wrong("bic", words.say("company-bank-known")),
        Err(ApplyRefusal::Waiting) => form.wrong("bic", words.say("company-bank-waits")),
        Err(ApplyRefusal::TooMany) => {
            form.error = Some(words.say_with("company-bank-many", &WAITING_MAX.to_string()));
        }
    }
    Ok(page(&site, &ask, form))
}
