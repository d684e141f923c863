//! The page of a registration: how far it is, the application, and what can be done about it.

use askama::Template;
use axum::response::Response;
use ofd_office::papers::may_connect_registers;
use ofd_office::registrations::{Event, go_on_again, is_current, is_open, next, no_visit};
use ofd_storage::accounts::{Company, Paper, PaperKind, PaperState, Registration, RegistrationState};

use super::view::{asked, details, next_text, own, path, state_colour, state_text};
use super::visit::visit_said;
use crate::agreement::around;
use crate::cabinet::{Ask, At, Failure, Form, Right};
use crate::page::Shell;
use crate::papers::signing_paper;
use crate::sign_in::Signing;
use crate::vocabulary::Word;

/// What can be done about a registration.
enum Doing {
    /// The application is there to be signed.
    Sign(Box<Signing>),
    /// It is to be drawn up, or anew.
    Draw {
        /// Why it is drawn up anew; empty where there was none.
        text: String,
    },
    /// The first token was shown; another one can be issued.
    Reissue,
    /// There is nothing to do but to wait, or nothing for this person.
    Nothing,
}

/// The application as the page shows it.
struct PaperView {
    /// What it is called.
    title: String,
    number: u32,
    name: String,
    has_signature: bool,
}

#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationPage<'a> {
    shell: Shell<'a>,
    bin: String,
    path: String,
    back: String,
    notice: Option<String>,
    is_good: bool,
    state: String,
    colour: &'static str,
    since: String,
    next: String,
    /// Why it was refused, by the tax authority or by the check of the signature.
    reason: Option<String>,
    details: Vec<(String, String)>,
    paper: Option<PaperView>,
    doing: Doing,
    may_manage: bool,
    may_edit: bool,
    may_order: bool,
    may_withdraw: bool,
    may_drop: bool,
    revision: u32,
    /// Tokens that were issued in place of the first one.
    reissued: u32,
    /// What is asked for of a register that is on the books.
    asked: Vec<(String, String)>,
    /// The first token is still to be shown, whatever else is asked for.
    has_token: bool,
    /// The visit that was asked for, and what came of it.
    visit_said: Vec<(String, String)>,
    /// Where a visit is asked for, while none was.
    visit: Option<String>,
    /// Where the register is looked at, once it is there.
    register: Option<String>,
    signed: Form,
}

fn waiting(registration: &Registration) -> Option<&Paper> {
    registration.paper.as_ref().filter(|paper| paper.state.takes_signature())
}

fn doing(site: &At, ask: &Ask, company: &Company, registration: &Registration) -> Doing {
    if !is_open(registration) {
        let may_reissue =
            registration.is_registered() && registration.is_token_shown && ask.may(Right::ManageRegisters);
        return if may_reissue { Doing::Reissue } else { Doing::Nothing };
    }
    if !ask.may(Right::JoinContract) || !may_connect_registers(company) {
        return Doing::Nothing;
    }
    let words = site.texts(ask);
    let Some(paper) = waiting(registration) else { return Doing::Draw { text: String::new() } };
    if !is_current(&site.office, company, registration, paper, &around(site)) {
        return Doing::Draw { text: words.say("application-stale") };
    }
    if ask.account().and_then(|account| account.iin.as_deref()) != Some(paper.signer.iin.as_str()) {
        return Doing::Draw { text: words.say_with("application-other-signer", &paper.signer.name) };
    }
    let action = path(&company.bin, registration.id);
    Doing::Sign(Box::new(signing_paper(site, &company.bin, paper, &action)))
}

fn reason(site: &At, ask: &Ask, registration: &Registration) -> Option<String> {
    if let RegistrationState::Refused { reason, .. } = &registration.state {
        return Some(reason.clone());
    }
    match registration.paper.as_ref().map(|paper| &paper.state) {
        Some(PaperState::Refused { fault, .. }) => Some(fault.text(&site.texts(ask))),
        Some(PaperState::Checking { doubt, .. }) => Some(doubt.text(&site.texts(ask))),
        _ => None,
    }
}

/// What was done before the page was opened, and whether it is good.
fn notice(word: &str) -> Option<(&'static str, bool)> {
    Some(match word {
        "registered" => ("registration-done-registered", true),
        "sent" => ("registration-done-sent", true),
        "done" => ("registration-done-done", true),
        "refused" => ("registration-done-refused", false),
        "stale" => ("registration-done-stale", false),
        "dropped" => ("registration-done-dropped", true),
        "checking" => ("application-done-checking", false),
        "already" => ("application-done-already", false),
        "changed" => ("application-done-changed", false),
        "capacity" => ("application-done-capacity", false),
        "no-number" => ("application-done-no-number", false),
        "shop-gone" => ("registration-done-shop-gone", false),
        "plan-gone" => ("registration-done-plan-gone", false),
        "no-contract" => ("registration-no-contract", false),
        "closed" => ("registration-done-closed", false),
        "withdrawn" => ("registration-done-withdrawn", true),
        "visit-asked" => ("visit-done-asked", true),
        "visit-already" => ("visit-done-already", false),
        "token-shown" => ("registration-done-token-shown", false),
        _ => return None,
    })
}

/// The page, with what is wrong with a signature that was sent.
pub(super) fn page(
    site: &At,
    ask: &Ask,
    (company, registration): (&Company, &Registration),
    signed: Form,
) -> Response {
    let signed = ask.again(signed);
    let (words, at) = (site.texts(ask), path(&company.bin, registration.id));
    let mut shell = site.frame(ask, "registration-title", &at);
    let doing = doing(site, ask, company, registration);
    shell.has_script = matches!(doing, Doing::Sign(_));
    let notice = notice(ask.parameter("done"));
    let paper =
        registration.paper.as_ref().filter(|paper| !matches!(paper.state, PaperState::Replaced { .. }));
    let status = signed.status();
    let is_mine = is_open(registration) && ask.may(Right::ManageRegisters);
    let is_on = registration.is_registered();
    // A register that is on the books is changed there while nobody thinks about it.
    let is_idle =
        matches!(registration.state, RegistrationState::Registered | RegistrationState::Refused { .. });
    let may_order = is_on && is_idle && ask.may(Right::ManageRegisters);
    let page = RegistrationPage {
        bin: company.bin.clone(),
        back: format!("/c/{}/registers", company.bin),
        notice: notice.map(|(key, _)| words.say(key)),
        is_good: notice.is_some_and(|(_, is_good)| is_good),
        state: state_text(&words, &registration.state),
        colour: state_colour(&registration.state),
        since: site.moment(ask, registration.since),
        next: next_text(&words, &registration.state),
        reason: reason(site, ask, registration),
        details: details(site, ask, registration),
        paper: paper.map(|paper| PaperView {
            title: words.say(match paper.kind {
                PaperKind::ApplicationOne | PaperKind::ApplicationTwo => "registration-application",
                PaperKind::ApplicationThree => "registration-application-three",
            }),
            number: paper.number,
            name: format!("application-{}-{}.pdf", company.bin, paper.number),
            has_signature: paper.state.signature().is_some(),
        }),
        may_manage: ask.may(Right::ManageRegisters),
        may_edit: is_mine && !is_on,
        may_order,
        may_withdraw: may_order && registration.wanted.is_some(),
        may_drop: ask.may(Right::ManageRegisters)
            && registration.state != RegistrationState::Dropped
            && next(&registration.state, Event::Dropped).is_ok(),
        has_token: is_on && !registration.is_token_shown && ask.may(Right::ManageRegisters),
        visit_said: visit_said(site, ask, registration),
        revision: registration.revision,
        reissued: registration.reissued,
        asked: asked(site, ask, registration),
        visit: (ask.may(Right::ManageRegisters) && no_visit(registration).is_none())
            .then(|| format!("{at}/visit")),
        register: registration
            .is_registered()
            .then(|| format!("/c/{}/registers/{}", company.bin, registration.id)),
        doing,
        signed,
        path: at,
        shell,
    };
    let signs = page.shell.has_script;
    site.show_paper(ask, status, &page, signs)
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (company, registration) = own(&site, &ask).await?;
    go_on_again(&site.office, &registration).await?;
    Ok(page(&site, &ask, (&company, &registration), Form::default()))
}
