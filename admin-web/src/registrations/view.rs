//! A registration in a person's words.

use ofd_office::registrations::{Event, Turned, find, next};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{
    Company, Delivery, RegisterData, Registration, RegistrationOrder, RegistrationState, Wanted,
};

use crate::cabinet::{Ask, Failure};
use crate::language::Language;
use crate::page_len::len_of;
use crate::plan_words::plan_title;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// Where the page of a registration is.
pub(crate) fn path(bin: &str, id: RegisterId) -> String {
    format!("/c/{bin}/registrations/{id}")
}

/// The id in an address.
pub(super) fn id_of(ask: &Ask) -> Result<RegisterId, Failure> {
    let text = ask.part("register");
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id| is_plain && *id != 0);
    id.map(RegisterId).ok_or(Failure::NotFound)
}

/// The registration of an address, of the company that it names.
pub(super) async fn own(site: &Site, ask: &Ask) -> Result<(Company, Registration), Failure> {
    find(&site.office.store, ask.bin(), id_of(ask)?).await?.ok_or(Failure::NotFound)
}

/// Whether anything can be asked for of a registration now.
pub(super) fn may_want(registration: &Registration) -> bool {
    next(&registration.state, Event::Wanted).is_ok()
}

/// How far a registration is.
pub(crate) fn state_text(words: &Words<'_>, state: &RegistrationState) -> String {
    use RegistrationOrder::{Change, Deregister, Register};
    words.say(match state {
        RegistrationState::Draft => "registration-state-draft",
        RegistrationState::Checking { .. } => "registration-state-checking",
        // Never told as a refusal, and never as asked: it may have arrived or not.
        RegistrationState::InProcess { delivery: Delivery::Unknown, .. } => "registration-state-unknown",
        RegistrationState::InProcess { order: Register, .. } => "registration-state-in-process",
        RegistrationState::InProcess { order: Change, .. } => "registration-state-change-in-process",
        RegistrationState::InProcess { order: Deregister, .. } => {
            "registration-state-deregistration-in-process"
        }
        RegistrationState::Refused { order: Register, .. } => "registration-state-refused",
        RegistrationState::Refused { order: Change, .. } => "registration-state-change-refused",
        RegistrationState::Refused { order: Deregister, .. } => "registration-state-deregistration-refused",
        RegistrationState::Registered => "registration-state-registered",
        RegistrationState::Deregistered => "registration-state-deregistered",
        RegistrationState::Dropped => "registration-state-dropped",
    })
}

/// The colour of a state's badge.
pub(super) fn state_colour(state: &RegistrationState) -> &'static str {
    match state {
        RegistrationState::Registered => "",
        RegistrationState::Draft
        | RegistrationState::Checking { .. }
        | RegistrationState::InProcess { .. } => " warn",
        RegistrationState::Refused { .. } | RegistrationState::Deregistered | RegistrationState::Dropped => {
            " bad"
        }
    }
}

/// What the person is to do next, or waits for.
pub(super) fn next_text(words: &Words<'_>, state: &RegistrationState) -> String {
    words.say(match state {
        RegistrationState::Draft => "registration-next-sign",
        RegistrationState::Checking { .. } => "registration-next-checking",
        RegistrationState::InProcess { delivery: Delivery::Unknown, .. } => "registration-next-unknown",
        RegistrationState::InProcess { .. } => "registration-next-in-process",
        RegistrationState::Refused { order: RegistrationOrder::Register, .. } => "registration-next-refused",
        RegistrationState::Refused { .. } => "registration-next-order-refused",
        RegistrationState::Registered => "registration-next-registered",
        RegistrationState::Deregistered => "registration-next-deregistered",
        RegistrationState::Dropped => "registration-next-dropped",
    })
}

/// Why something cannot be done to a registration now.
pub(super) fn turned_text(words: &Words<'_>, turned: Turned) -> String {
    words.say(match turned {
        Turned::Waiting => "registration-turned-waiting",
        Turned::Registered | Turned::Nothing | Turned::Fault(_) => "registration-turned-registered",
        Turned::NotRegistered => "registration-turned-not-registered",
        Turned::Deregistered => "registration-turned-deregistered",
        Turned::Dropped => "registration-next-dropped",
    })
}

/// Name and address of the shop that a registration names, in a language.
pub(crate) fn shop_in(data: &RegisterData, language: Language) -> (&str, &str) {
    let shop = &data.shop;
    match language {
        Language::Kazakh => {
            let title = shop.title_kz.as_deref().unwrap_or(&shop.title);
            (title, shop.address_kz.as_deref().unwrap_or(&shop.address))
        }
        Language::Russian | Language::English => (&shop.title, &shop.address),
    }
}

/// What is said of a register, label by label, in the order of the application.
pub(super) fn details(site: &Site, ask: &Ask, registration: &Registration) -> Vec<(String, String)> {
    of_data(site, ask, registration, &registration.data)
}

/// What is asked for of a register that is on the books: the data that would be others, or why it is taken off.
pub(super) fn asked(site: &Site, ask: &Ask, registration: &Registration) -> Vec<(String, String)> {
    match &registration.wanted {
        Some(Wanted::Change(data)) => {
            let known = details(site, ask, registration);
            let wanted = of_data(site, ask, registration, data);
            wanted.into_iter().filter(|field| !known.contains(field)).collect()
        }
        Some(Wanted::Deregister(reason)) => {
            let words = site.texts(ask);
            vec![(words.say("registration-deregister-reason"), reason.text(&words))]
        }
        None => Vec::new(),
    }
}

fn of_data(
    site: &Site,
    ask: &Ask,
    registration: &Registration,
    data: &RegisterData,
) -> Vec<(String, String)> {
    let words = site.texts(ask);
    let dash = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
    let registered = registration.registered_at.map(|at| site.day(ask, at));
    // Tills are set up by it, so it is told once there is a register.
    let is_told = registration.registered_at.is_some();
    let id = if is_told { registration.id.to_string() } else { String::new() };
    [
        ("registration-system-id", id),
        ("registration-registered-at", registered.unwrap_or_default()),
        ("registration-alias", data.alias.clone()),
        ("registration-rnm", data.rnm.clone()),
        ("registration-connection", data.connection.text(&words)),
        ("registration-tariff", plan_title(&words, data)),
        ("registration-model", data.model_name.clone()),
        ("registration-serial", data.serial_number.clone()),
        ("registration-year", data.year.to_string()),
        ("registration-shop", data.shop.title.clone()),
        ("registration-shop-address", shop_in(data, words.language).1.to_owned()),
    ]
    .into_iter()
    .map(|(label, value)| (words.say(label), dash(&value)))
    .collect()
}

/// A registration under way, in the list of shops and registers.
pub(crate) struct UnderWay {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) state: String,
    pub(crate) colour: &'static str,
    pub(crate) since: String,
    pub(crate) next: String,
}

/// Letters of such a line on the page beside what is in it.
const LINE_LEN: usize = 300;

impl UnderWay {
    /// What it comes to on the page.
    pub(crate) fn len(&self) -> usize {
        let texts = [&self.href, &self.name, &self.about, &self.state, &self.since, &self.next];
        len_of(LINE_LEN, texts.map(String::as_str))
    }
}

/// A registration as a line of that list.
pub(crate) fn under_way(site: &Site, ask: &Ask, registration: &Registration) -> UnderWay {
    let (words, data) = (site.texts(ask), &registration.data);
    let name = match data.alias.as_str() {
        "" if registration.is_registered() => words.say_with("shops-register", &registration.id.to_string()),
        "" => data.model_name.clone(),
        alias => alias.to_owned(),
    };
    UnderWay {
        href: path(&registration.bin, registration.id),
        name,
        about: [data.model_name.as_str(), &data.serial_number, &data.shop.title].join(" · "),
        state: state_text(&words, &registration.state),
        colour: state_colour(&registration.state),
        since: site.day(ask, registration.since),
        next: match &registration.wanted {
            Some(_) if registration.state == RegistrationState::Registered => {
                words.say("registration-next-wanted")
            }
            None if registration.is_registered() && !registration.is_token_shown => {
                words.say("registration-next-token")
            }
            _ => next_text(&words, &registration.state),
        },
    }
}
