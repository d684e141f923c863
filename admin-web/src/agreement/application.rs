//! The fifth step: the application as it will be signed, the signature under it, and what came of it.

use askama::Template;
use axum::response::Response;
use ofd_office::papers::{
    DrawnUp, Outcome, ask_again, contract_to_join, draw_up, is_current, sign as take, under_way,
};
use ofd_storage::accounts::{Company, Paper, PaperState, paper as paper_row};

use super::around::around;
use super::contract::{self, Address};
use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::company::OfCompany;
use crate::page::Shell;
use crate::papers::{sent_paper, signing_paper};
use crate::sign_in::Signing;
use crate::signup::{Step, StepView, steps};
use crate::vocabulary::Word;
use crate::words::Words;

/// What can be done about the application on this page.
enum Doing {
    /// It is there to be signed.
    Sign(Box<Signing>),
    /// It says what is not so any more, or names somebody else: it is drawn up anew first.
    DrawAnew {
        /// Why it is drawn up anew.
        text: String,
    },
    /// Nothing was drawn up, and the contract is to be read first.
    Read,
    /// The person's own address is to be confirmed first.
    Confirm,
    /// Nothing was drawn up yet.
    Draw,
    /// There is nothing to do but to wait, or nothing at all.
    Nothing,
}

#[derive(Template)]
#[template(path = "application.html")]
struct ApplicationPage<'a> {
    shell: Shell<'a>,
    steps: Vec<StepView>,
    notice: Option<String>,
    is_good: bool,
    bin: String,
    /// How far it is.
    state: Option<String>,
    /// The application: its number, and what the page says of it.
    paper: Option<PaperView>,
    doing: Doing,
    /// What is wrong with the signature that was sent.
    signed: Form,
}

struct PaperView {
    number: u32,
    name: String,
    details: Vec<(String, String)>,
    has_signature: bool,
}

/// Where the application of a company is shown, and where the signature goes.
fn address(company: &Company) -> String {
    format!("/c/{}/application", company.bin)
}

/// The application that the page is about: the one that waits, else the one by which the contract was joined.
async fn shown(site: &At, company: &Company) -> Result<Option<Paper>, Failure> {
    if let Some(paper) = under_way(company) {
        return Ok(Some(paper.clone()));
    }
    let Some(agreement) = &company.agreement else { return Ok(None) };
    if let Some(paper) = company.paper(agreement.paper) {
        return Ok(Some(paper.clone()));
    }
    let stream = Company::stream_of(&company.bin).ok_or(Failure::NotFound)?;
    Ok(paper_row(&site.office.store, stream, agreement.paper).await?)
}

fn view(site: &At, ask: &Ask, company: &Company, paper: &Paper) -> PaperView {
    let words = site.texts(ask);
    let mut details = vec![
        (words.say("application-number"), format!("{}-{}", company.bin, paper.number)),
        (words.say("application-drawn"), site.moment(ask, paper.drawn_at)),
        (words.say("application-contract"), paper.contract.clone()),
        (words.say("application-signer"), paper.signer.name.clone()),
        (words.say("application-capacity"), paper.signer.capacity.text(&words)),
    ];
    if let Some(signature) = paper.state.signature() {
        details.push((words.say("application-signed-at"), site.moment(ask, signature.at)));
    }
    PaperView {
        number: paper.number,
        name: format!("application-{}-{}.pdf", company.bin, paper.number),
        details,
        has_signature: paper.state.signature().is_some(),
    }
}

fn state_text(words: &Words<'_>, site: &At, ask: &Ask, paper: &Paper) -> Option<String> {
    Some(match &paper.state {
        PaperState::DrawnUp => return None,
        PaperState::Checking { doubt, .. } => {
            [words.say("application-checking"), doubt.text(words), words.say("application-checking-next")]
                .join(" ")
        }
        PaperState::Valid { at, .. } => words.say_with("application-valid", &site.moment(ask, *at)),
        PaperState::Refused { fault, .. } => {
            [words.say("application-refused"), fault.text(words), words.say("application-sign-again")]
                .join(" ")
        }
        PaperState::Replaced { .. } => return None,
    })
}

/// Whoever signs for an organisation must be reached: whoever read the contract, the person who signs confirmed an address.
fn must_confirm(site: &At, ask: &Ask) -> bool {
    !matches!(contract::address(site, ask), Address::Fine)
}

/// Where the person confirms it.
fn to_confirm(company: &Company) -> Response {
    see_other(&format!("/c/{}/contract?done=confirm", company.bin))
}

fn doing(site: &At, ask: &Ask, company: &Company, paper: Option<&Paper>) -> Doing {
    let contract = contract_to_join(&site.office, ask.now(), site.config.zone_offset_seconds);
    let is_joined = company.agreement.as_ref().is_some_and(|one| one.version == contract.version);
    if !ask.may(Right::JoinContract) || is_joined {
        return Doing::Nothing;
    }
    let is_read = company.read_contract.as_ref().is_some_and(|read| read.version == contract.version);
    let waiting = paper.filter(|paper| paper.state.takes_signature());
    let Some(paper) = waiting else {
        return match paper.map(|paper| &paper.state) {
            Some(PaperState::Checking { .. }) => Doing::Nothing,
            _ if is_read && must_confirm(site, ask) => Doing::Confirm,
            _ if is_read => Doing::Draw,
            _ => Doing::Read,
        };
    };
    let words = site.texts(ask);
    if !is_read {
        return Doing::Read;
    }
    if must_confirm(site, ask) {
        return Doing::Confirm;
    }
    if !is_current(company, paper, contract, &around(site)) {
        return Doing::DrawAnew { text: words.say("application-stale") };
    }
    if ask.account().and_then(|account| account.iin.as_deref()) != Some(paper.signer.iin.as_str()) {
        return Doing::DrawAnew { text: words.say_with("application-other-signer", &paper.signer.name) };
    }
    Doing::Sign(Box::new(signing_paper(site, &company.bin, paper, &address(company))))
}

async fn page(site: &At, ask: &Ask, company: &Company, signed: Form) -> Result<Response, Failure> {
    let signed = ask.again(signed);
    let words = site.texts(ask);
    let mut shell = site.frame(ask, "application-title", &address(company));
    let paper = shown(site, company).await?;
    let doing = doing(site, ask, company, paper.as_ref());
    shell.has_script = matches!(doing, Doing::Sign(_));
    let (notice, is_good) = match ask.parameter("done") {
        "valid" => (Some("application-done-valid"), true),
        "checking" => (Some("application-done-checking"), false),
        "already" => (Some("application-done-already"), false),
        "changed" => (Some("application-done-changed"), false),
        "capacity" => (Some("application-done-capacity"), false),
        "no-number" => (Some("application-done-no-number"), false),
        _ => (None, false),
    };
    let status = signed.status();
    let page = ApplicationPage {
        steps: steps(&shell, Step::Application),
        notice: notice.map(|key| words.say(key)),
        is_good,
        bin: company.bin.clone(),
        state: paper.as_ref().and_then(|paper| state_text(&words, site, ask, paper)),
        paper: paper.as_ref().map(|paper| view(site, ask, company, paper)),
        doing,
        signed,
        shell,
    };
    let signs = page.shell.has_script;
    Ok(site.show_paper(ask, status, &page, signs))
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    ask_again(&site.office, company).await?;
    page(&site, &ask, company, Form::default()).await
}

/// Draws the application up, for the person to sign.
pub(super) async fn draw(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let account = ask.account().ok_or(Failure::SignIn)?;
    let contract = contract_to_join(&site.office, ask.now(), site.config.zone_offset_seconds);
    if company.read_contract.as_ref().is_none_or(|read| read.version != contract.version) {
        return Ok(see_other(&format!("/c/{}/contract", company.bin)));
    }
    if must_confirm(&site, &ask) {
        return Ok(to_confirm(company));
    }
    let who = (company.bin.as_str(), account);
    let done = match draw_up(&site.office, ask.by(), who, &around(&site), None).await? {
        DrawnUp::Ready(_) | DrawnUp::BeingChecked | DrawnUp::Joined => "",
        DrawnUp::NoNumber => "?done=no-number",
    };
    Ok(see_other(&format!("/c/{}/application{done}", company.bin)))
}

/// Takes the signature.
pub(super) async fn sign(site: At, ask: Ask) -> Result<Response, Failure> {
    let company = OfCompany::of(&ask)?;
    let account = ask.account().ok_or(Failure::SignIn)?;
    let bin = company.bin.as_str();
    if must_confirm(&site, &ask) {
        return Ok(to_confirm(company));
    }
    let sent = match sent_paper(&site, &ask).await? {
        Ok(sent) => sent,
        Err(refused) => return page(&site, &ask, company, refused).await,
    };
    let around = around(&site);
    let anew = async |capacity| draw_up(&site.office, ask.by(), (bin, account), &around, capacity).await;
    let done = match take(&site.office, ask.by(), (bin, &around), sent).await? {
        Outcome::Valid => "valid",
        Outcome::Checking => "checking",
        Outcome::AlreadySigned => "already",
        Outcome::Changed => {
            anew(None).await?;
            "changed"
        }
        Outcome::OtherCapacity(capacity) => {
            anew(Some(capacity)).await?;
            "capacity"
        }
        Outcome::Refused(fault) => {
            let refused = Form::refused(fault.text(&site.texts(&ask)));
            return page(&site, &ask, company, refused).await;
        }
    };
    Ok(see_other(&format!("/c/{bin}/application?done={done}")))
}
