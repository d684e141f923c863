//! The operator's queue: what the tax authority was asked and has not answered, and its answers as people enter them.

use askama::Template;
use axum::response::Response;
use ofd_office::registrations::{AnswerOutcome, Queue, answer, find, rnm};
use ofd_office::tax_authority::Answer;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{
    AuditPage, Company, Delivery, Registration, RegistrationOrder, RegistrationState,
};

use super::queue::Waited;
use super::view::{asked, details, id_of, state_colour, state_text};
use crate::cabinet::list::{Cell, FilterField, ListPaths, list_paths};
use crate::cabinet::{Ask, At, Choice, Failure, Form, see_other};
use crate::page::Shell;
use crate::typed::{Wrong, full_line};
use crate::words::Words;

/// Characters of the reason of a refusal, as the organisation is told it.
const REASON_LEN_MAX: usize = 500;

/// What the tax authority was asked and has not answered.
pub(super) struct ForAuthority;

impl Waited for ForAuthority {
    const QUEUE: Queue = Queue::Authority;
    const PATHS: ListPaths = list_paths!("/operator/registrations");
    const TITLE: (&'static str, &'static str) = ("registration-queue-title", "registrations");
    const COLUMNS: &'static [&'static str] = &[
        "registration-system-id",
        "registration-organisation",
        "bin",
        "registration-since",
        "registration-state",
    ];
    const NONE: &'static str = "registration-queue-none";

    fn done(word: &str) -> Option<&'static str> {
        match word {
            "accepted" => Some("registration-queue-accepted"),
            "changed" => Some("registration-queue-changed"),
            "deregistered" => Some("registration-queue-deregistered"),
            "refused" => Some("registration-queue-refused"),
            _ => None,
        }
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let any = Choice::new("", words.say("registration-queue-any"));
        let each = RegistrationOrder::ALL.into_iter().map(|order| {
            let state = RegistrationState::InProcess { order, delivery: Delivery::Waiting };
            Choice::new(order.name(), state_text(words, &state))
        });
        let orders = std::iter::once(any).chain(each).collect();
        vec![FilterField::choice("order", "registration-state", orders)]
    }

    fn since(one: &Registration) -> UnixMillis {
        one.since
    }

    fn cells(words: &Words<'_>, one: &Registration) -> Vec<Cell> {
        vec![Cell::text(state_text(words, &one.state))]
    }
}

fn place(one: &Registration) -> String {
    format!("/operator/registrations/{}/{}", one.bin, one.id)
}

#[derive(Template)]
#[template(path = "registration_decide.html")]
struct DecidePage<'a> {
    shell: Shell<'a>,
    action: String,
    organisation: String,
    bin: String,
    state: String,
    colour: &'static str,
    since: String,
    details: Vec<(String, String)>,
    /// What is asked for of a register that is on the books.
    asked: Vec<(String, String)>,
    is_asked: bool,
    /// It comes on the books, so it is given a number.
    takes_number: bool,
    form: Form,
    reason_more: String,
}

fn page(site: &At, ask: &Ask, (company, registration): (&Company, &Registration), form: Form) -> Response {
    let (words, at) = (site.texts(ask), place(registration));
    let form = ask.again(form);
    let is_asked = matches!(registration.state, RegistrationState::InProcess { .. });
    let mut shell = site.frame(ask, "registration-decide-title", &at);
    shell.is_typed = is_asked;
    let status = form.status();
    let page = DecidePage {
        shell,
        action: at,
        organisation: words.organisation(&company.title),
        bin: company.bin.clone(),
        state: state_text(&words, &registration.state),
        colour: state_colour(&registration.state),
        since: site.moment(ask, registration.since),
        details: details(site, ask, registration),
        asked: asked(site, ask, registration),
        is_asked,
        takes_number: registration.order() == RegistrationOrder::Register,
        form,
        reason_more: format!("maxlength=\"{REASON_LEN_MAX}\""),
    };
    site.show(ask, status, &page)
}

async fn named(site: &At, ask: &Ask) -> Result<(Company, Registration), Failure> {
    find(&site.office.store, ask.part("company"), id_of(ask)?).await?.ok_or(Failure::NotFound)
}

/// Shows what is asked for. The look is in the organisation's audit before it is shown.
pub(super) async fn look(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = named(&site, &ask).await?;
    let company = site.office.look_at(ask.by(), &registration.bin, AuditPage::Registration).await?;
    Ok(page(&site, &ask, (&company, &registration), Form::default()))
}

/// What the form says that the tax authority answered: the number it gave, and the answer.
fn read(ask: &Ask, order: RegistrationOrder) -> Result<(String, Answer), (&'static str, Wrong)> {
    let fields = ask.fields();
    match fields.text("decision") {
        // What is on the books has its number.
        "accept" if order != RegistrationOrder::Register => Ok((String::new(), Answer::Accepted)),
        "accept" => match rnm(fields.text("rnm")).map_err(|wrong| ("rnm", wrong))? {
            rnm if rnm.is_empty() => Err(("rnm", Wrong::Empty)),
            rnm => Ok((rnm, Answer::Accepted)),
        },
        "refuse" => {
            let reason =
                full_line(fields.text("reason"), REASON_LEN_MAX).map_err(|wrong| ("reason", wrong))?;
            Ok((String::new(), Answer::Refused(reason)))
        }
        // A key of the keyboard sent it, and not one of the two buttons.
        _ => Err(("decision", Wrong::Choice)),
    }
}

/// Enters what the tax authority answered.
pub(super) async fn decide(site: At, ask: Ask) -> Result<Response, Failure> {
    let (company, registration) = named(&site, &ask).await?;
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    match read(&ask, registration.order()) {
        Err(wrong) => form.tell(&words, &[wrong]),
        Ok((rnm, given)) => {
            let at = (company.bin.as_str(), registration.id);
            match answer(&site.office, ask.by(), at, (&rnm, &given)).await? {
                AnswerOutcome::Entered(_) => {
                    let done = match (&given, registration.order()) {
                        (Answer::Refused(_), _) => "refused",
                        (Answer::Accepted, RegistrationOrder::Register) => "accepted",
                        (Answer::Accepted, RegistrationOrder::Change) => "changed",
                        (Answer::Accepted, RegistrationOrder::Deregister) => "deregistered",
                    };
                    return Ok(see_other(&format!("/operator/registrations?done={done}")));
                }
                AnswerOutcome::NotAsked(_) => form.error = Some(words.say("registration-decided-otherwise")),
                AnswerOutcome::Wrong(wrong) => form.tell(&words, &[("rnm", wrong)]),
            }
        }
    }
    Ok(page(&site, &ask, (&company, &registration), form))
}
