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
use crate::long_page::{Part, PartView, len_of};
use crate::page::Shell;
use crate::routes::Menu;

const BANKS: &str = "/c/{bin}/banks";
const NEW: &str = "/c/{bin}/banks/new";

/// Letters of a bank on the page beside what is in it.
const BANK_LEN: usize = 80;

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
    /// Whether a bank is as was searched for.
    is_bank_found: bool,
    applications: Vec<ApplicationView>,
    /// Whether the company made any.
    has_applications: bool,
    /// Said when there are more than are looked through.
    more: Option<String>,
    /// Which of applications and banks are shown, where not all are.
    part: Option<PartView>,
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
    let banks = find_banks(&site.office.store, ask.language(), &query).await?;
    let found = of_company(&site.office.store, ask.bin()).await?;
    let applications: Vec<ApplicationView> =
        found.applications.iter().map(|one| ApplicationView::of(&site, &ask, one)).collect();
    // First what the company asked for, then the directory.
    let of_banks = banks.iter().map(|bank| len_of(BANK_LEN, [bank.name.as_str(), &bank.bic]));
    let lens: Vec<usize> = applications.iter().map(ApplicationView::len).chain(of_banks).collect();
    let part = Part::asked(&ask, &lens);
    let is_sent = ask.parameter("done") == "sent";
    let page = BanksPage {
        shell: site.page(&ask),
        notice: is_sent.then(|| site.texts(&ask).say("company-done-bank-sent")),
        new: format!("{action}/new"),
        action,
        query,
        is_bank_found: !banks.is_empty(),
        banks: part.behind(applications.len()).of(banks),
        has_applications: !applications.is_empty(),
        applications: part.of(applications),
        more: found.is_cut.then(|| too_many(&site, &ask)),
        part: part.narrowed(&site.texts(&ask), &ask, &["q"]),
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
