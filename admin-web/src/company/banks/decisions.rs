//! Pages of the operator: applications for banks, and the decisions on them.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::banks::applications::{OF_ALL_MAX, of_all, one, settle_decision};
use ofd_office::banks::is_known;
use ofd_office::banks::rules::{COMMENT_LEN_MAX, Decision};
use ofd_storage::accounts::{ApplicationState, AuditPage, BankApplication};

use super::view::ApplicationView;
use crate::cabinet::{Access, Ask, At, Choice, Failure, Form, Pages, Right, see_other};
use crate::long_page::{Part, PartView};
use crate::page::Shell;
use crate::routes::Menu;
use crate::typed::full_line;
use crate::words::Words;

const LIST: &str = "/operator/banks";
const APPROVE: &str = "/operator/banks/{company}/{id}/approve";
const REJECT: &str = "/operator/banks/{company}/{id}/reject";

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let access = Access::Operator(Right::DecideBanks);
    pages
        .get(LIST, "bank_applications", access, list)
        .title("company-bank-applications")
        .menu(Menu::Operator, 20, "menu-bank-applications")
        .get(APPROVE, "bank_approve", access, ask_approve)
        .post(APPROVE, "bank_approve", access, approve)
        .get(REJECT, "bank_reject", access, ask_reject)
        .post(REJECT, "bank_reject", access, reject)
}

#[derive(Template)]
#[template(path = "banks_applications.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    notice: Option<String>,
    form: Form,
    states: Vec<Choice>,
    applications: Vec<ApplicationView>,
    /// Which of them are shown, where not all are.
    part: Option<PartView>,
    /// Said when there are more than were looked through.
    cut: Option<String>,
    /// Nothing was filtered away: there is just nothing.
    is_all: bool,
}

#[derive(Template)]
#[template(path = "banks_decide.html")]
struct DecidePage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    application: ApplicationView,
    is_approval: bool,
    /// The directory has got the bank otherwise.
    is_known: bool,
    reason_len_max: usize,
}

/// Which applications the list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Waiting,
    Approved,
    Rejected,
    All,
}

impl Shown {
    const EVERY: [Self; 4] = [Self::Waiting, Self::Approved, Self::Rejected, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::All => "all",
        }
    }

    /// Those that wait, unless asked otherwise: they are why the page is opened.
    fn of(name: &str) -> Self {
        Self::EVERY.into_iter().find(|shown| shown.name() == name).unwrap_or(Self::Waiting)
    }

    fn text(self, words: &Words<'_>) -> String {
        words.say(match self {
            Self::Waiting => "company-bank-waiting",
            Self::Approved => "company-bank-approved",
            Self::Rejected => "company-bank-rejected",
            Self::All => "company-bank-all",
        })
    }

    fn has(self, state: &ApplicationState) -> bool {
        match state {
            ApplicationState::Waiting => matches!(self, Self::Waiting | Self::All),
            ApplicationState::Approved { .. } => matches!(self, Self::Approved | Self::All),
            ApplicationState::Rejected { .. } => matches!(self, Self::Rejected | Self::All),
        }
    }
}

/// Whether an application has a text in BIC, name, company or BIN.
fn is_about(application: &BankApplication, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    [&application.bic, &application.name, &application.company, &application.bin]
        .into_iter()
        .any(|text| text.to_lowercase().contains(&wanted))
}

/// The BIN that is searched for: whoever gives one whole wants just this company, and sees all of it.
fn bin_in(query: &str) -> Option<&str> {
    (query.len() == 12 && query.bytes().all(|byte| byte.is_ascii_digit())).then_some(query)
}

async fn list(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let (shown, query) = (Shown::of(ask.parameter("state")), ask.parameter("q").to_owned());
    let is_wanted =
        |application: &BankApplication| shown.has(&application.state) && is_about(application, &query);
    let found = of_all(&site.office.store, bin_in(&query), is_wanted).await?;
    let applications: Vec<ApplicationView> =
        found.applications.iter().map(|one| ApplicationView::of(&site, &ask, one)).collect();
    let part = Part::asked(&ask, &applications.iter().map(ApplicationView::len).collect::<Vec<_>>());
    let notice = match ask.parameter("done") {
        "approved" => Some("company-done-bank-approved"),
        "rejected" => Some("company-done-bank-rejected"),
        _ => None,
    };
    let page = ListPage {
        shell: site.page(&ask),
        notice: notice.map(|key| words.say(key)),
        is_all: query.is_empty() && shown == Shown::Waiting,
        form: Form::filled([("state", shown.name().to_owned()), ("q", query)]),
        states: Shown::EVERY.into_iter().map(|shown| Choice::new(shown.name(), shown.text(&words))).collect(),
        part: part.narrowed(&words, &ask, &["state", "q"]),
        applications: part.of(applications),
        cut: found.is_cut.then(|| words.say_with("company-bank-applications-cut", &OF_ALL_MAX.to_string())),
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// The page that asks before a decision is made.
async fn page(
    site: &At,
    ask: &Ask,
    application: &BankApplication,
    is_approval: bool,
    (form, status): (Form, StatusCode),
) -> Result<Response, Failure> {
    let (end, title) = if is_approval {
        ("approve", "company-bank-approve-title")
    } else {
        ("reject", "company-bank-reject-title")
    };
    let action = format!("{LIST}/{}/{}/{end}", application.bin, application.id);
    let page = DecidePage {
        shell: site.form_frame(ask, title, &action),
        form: ask.again(form),
        action,
        application: ApplicationView::of(site, ask, application),
        is_approval,
        is_known: is_known(&site.office.store, &application.bic).await?,
        reason_len_max: COMMENT_LEN_MAX,
    };
    Ok(site.show(ask, status, &page))
}

/// The page that asks, to somebody who comes to look: the company's audit tells of it.
async fn look(site: &At, ask: &Ask, is_approval: bool) -> Result<Response, Failure> {
    let application = one(&site.office.store, ask.part("company"), ask.part("id")).await?;
    site.office.look_at(ask.by(), &application.bin, AuditPage::Application).await?;
    page(site, ask, &application, is_approval, (Form::default(), StatusCode::OK)).await
}

async fn ask_approve(site: At, ask: Ask) -> Result<Response, Failure> {
    look(&site, &ask, true).await
}

async fn ask_reject(site: At, ask: Ask) -> Result<Response, Failure> {
    look(&site, &ask, false).await
}

async fn settle(site: &At, ask: &Ask, decision: Decision) -> Result<Response, Failure> {
    let place = (ask.part("company"), ask.part("id"));
    let is_approval = decision == Decision::Approve;
    match settle_decision(&site.office, ask.by(), place, &decision).await? {
        Ok(_) => Ok(see_other(&format!("{LIST}?done={}", if is_approval { "approved" } else { "rejected" }))),
        Err((application, _)) => {
            let mut form = Form::sent(ask.fields());
            form.error = Some(site.texts(ask).say("company-bank-decided-otherwise"));
            page(site, ask, &application, is_approval, (form, StatusCode::CONFLICT)).await
        }
    }
}

async fn approve(site: At, ask: Ask) -> Result<Response, Failure> {
    settle(&site, &ask, Decision::Approve).await
}

async fn reject(site: At, ask: Ask) -> Result<Response, Failure> {
    match full_line(ask.fields().text("reason"), COMMENT_LEN_MAX) {
        Ok(reason) => settle(&site, &ask, Decision::Reject { reason }).await,
        Err(wrong) => {
            let application = one(&site.office.store, ask.part("company"), ask.part("id")).await?;
            let mut form = Form::sent(ask.fields());
            form.tell(&site.texts(&ask), &[("reason", wrong)]);
            let status = form.status();
            page(&site, &ask, &application, false, (form, status)).await
        }
    }
}
