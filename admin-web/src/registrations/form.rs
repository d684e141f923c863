//! The form about a register that is to be registered, in three parts: the register, its connection, its shop.

use askama::Template;
use axum::response::Response;
use ofd_billing::tariffs::PlanId;
use ofd_office::billing::offers::{Offer, OfferedFor, offers};
use ofd_office::billing::tariffs::{may_be_chosen, money_now};
use ofd_office::day::today;
use ofd_office::registrations::models::{Models, models};
use ofd_office::registrations::{
    ALIAS_LEN_MAX, DraftOutcome, Known, NEW_SHOP, RegisterRead, SERIAL_LEN_MAX, SHOP_ADDRESS, begin, edit,
    first_key, read_register, want,
};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{REGISTRATIONS_UNDER_WAY_MAX, Registration, RegistrationState, Wanted};
use ofd_storage::holdings::trade_points_of;
use ofd_storage::model::{self, Connection, TradePoint, TradePointId};
use ofd_storage::tariffs::kind_of;

use super::sign::draw_and_show;
use super::view::{id_of, may_want, own, path, turned_text};
use crate::cabinet::list::choices_len;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::company::AddressView;
use crate::page::Shell;
use crate::page_len::fitting_in;
use crate::plan_words::{OfferView, offer_views, plan_title, title};
use crate::revision::Revision;
use crate::vocabulary::Word;
use crate::words::Words;

/// Shops to choose from in the form. Whoever has more comes from the shop's own place in the list.
const SHOPS_MAX: usize = 300;

/// Characters of a shop among these choices, and the bytes that all of them come to at most.
const SHOP_CHOICE_CHARS: usize = 200;
const SHOPS_BYTES: usize = 40 * 1024;

/// Characters of what a form is given, by which it begins one registration however often it comes.
const KEY_LEN: usize = 16;

#[derive(Template)]
#[template(path = "registration_form.html")]
struct FormPage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: (String, String),
    /// The hidden field by which the form is known: its name and value.
    known_by: (&'static str, String),
    models: Vec<Choice>,
    is_sample: bool,
    connections: Vec<Choice>,
    tariffs: Vec<Choice>,
    /// What each plan would cost the organisation.
    offers: Vec<OfferView>,
    shops: Vec<Choice>,
    is_shops_cut: bool,
    view: AddressView,
    serial_more: String,
    alias_more: String,
    button: &'static str,
}

/// Which registration a form is about.
#[derive(Clone, Copy)]
enum About<'a> {
    /// One that is still to be begun.
    New,
    /// One that is there and is not on the books.
    Known(&'a Registration),
    /// One that is on the books: what the form says is asked for.
    Change(&'a Registration),
}

async fn shops(site: &At, ask: &Ask, chosen: &str) -> Result<(Vec<Choice>, bool), Failure> {
    let words = site.texts(ask);
    let found = trade_points_of(&site.office.store, ask.bin(), None, SHOPS_MAX).await?;
    let (mut points, is_cut) = (found.found, found.next.is_some());
    points.retain(|point| point.deleted_at.is_none());
    let is_listed =
        chosen.is_empty() || chosen == NEW_SHOP || points.iter().any(|point| point.id.0 == chosen);
    if !is_listed {
        points.extend(shop(site, ask.bin(), chosen).await?);
    }
    points.sort_by_key(|point| (point.title.to_lowercase(), point.id.0.clone()));
    let choice = |point: TradePoint| {
        let label = format!("{} — {}", point.title, point.address);
        Choice::new(point.id.0, label.chars().take(SHOP_CHOICE_CHARS).collect::<String>())
    };
    let mut choices: Vec<Choice> = points.into_iter().map(choice).collect();
    let fits =
        fitting_in(SHOPS_BYTES, choices.iter().map(|choice| choices_len(std::slice::from_ref(choice))));
    let is_cut = is_cut || fits < choices.len();
    let is_far = choices.iter().skip(fits).any(|choice| choice.value == chosen);
    let far = choices.iter().find(|choice| is_far && choice.value == chosen).cloned();
    choices.truncate(fits);
    choices.extend(far);
    choices.push(Choice::new(NEW_SHOP, words.say("registration-shop-new")));
    if choices.len() > 1 {
        choices.insert(0, Choice::new("", words.say("registration-choose")));
    }
    Ok((choices, is_cut))
}

/// A shop of the organisation, by its id.
async fn shop(site: &At, bin: &str, id: &str) -> Result<Option<TradePoint>, Failure> {
    let found =
        model::load::<TradePoint>(&site.office.store, TradePointId(id.to_owned()).0.as_bytes()).await?;
    Ok(found.map(|(_, point)| point).filter(|point| point.bin == bin && point.deleted_at.is_none()))
}

/// The plans to choose from: each once, and the one that the register has, whoever may choose it.
fn tariffs(words: &Words<'_>, offers: &[Offer], kept: Option<&Registration>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    let kept = kept.map(|one| Choice::new(one.data.tariff.as_str(), plan_title(words, &one.data)));
    let offered = offers.iter().map(|offer| {
        let data = offer.plan.data();
        Choice::new(data.id.as_str(), title(&data.titles, words.language))
    });
    for choice in kept.into_iter().chain(offered) {
        if !choices.iter().any(|known| known.value == choice.value) {
            choices.push(choice);
        }
    }
    choices
}

/// For which register plans are offered here.
fn offered_for(about: About<'_>) -> OfferedFor {
    match about {
        About::New | About::Known(_) => OfferedFor::NewRegister,
        About::Change(one) => OfferedFor::Register(kind_of(one.asked_data().connection)),
    }
}

async fn page(site: &At, ask: &Ask, about: About<'_>, form: Form) -> Result<Response, Failure> {
    let bin = ask.bin();
    let (title, action, button) = match about {
        About::New => ("registration-new-title", format!("/c/{bin}/registrations/new"), "registration-go-on"),
        About::Known(one) => {
            ("registration-edit-title", format!("{}/edit", path(bin, one.id)), "registration-go-on")
        }
        About::Change(one) => {
            ("registration-change-title", format!("{}/change", path(bin, one.id)), "registration-go-on")
        }
    };
    let form = ask.again(form);
    let known_by = match about {
        About::New => {
            let key = Some(ask.fields().text("key")).filter(|key| is_key(key)).map(str::to_owned);
            ("key", ask.again_value("key", key.unwrap_or_else(|| first_key(&site.office))))
        }
        About::Known(one) | About::Change(one) => ("revision", ask.again_revision(one.revision).to_string()),
    };
    let words = site.texts(ask);
    let mut shell = site.form_frame(ask, title, &action);
    shell.has_search = true;
    let Models { models, is_sample } = models(&site.office.store).await?;
    let used = models.into_iter().filter(|model| model.is_used);
    let mut model_choices: Vec<Choice> = used.map(|model| Choice::new(model.id, model.name)).collect();
    match about {
        About::Change(one) if !model_choices.iter().any(|choice| choice.value == one.data.model) => {
            model_choices.insert(0, Choice::new(one.data.model.clone(), one.data.model_name.clone()));
        }
        About::New | About::Known(_) | About::Change(_) => {
            model_choices.insert(0, Choice::new("", words.say("registration-choose")));
        }
    }
    let (shops, is_shops_cut) = shops(site, ask, form.value("shop")).await?;
    let offers = offers(&site.office, bin, offered_for(about)).await?;
    let on_books = match about {
        About::Change(one) => Some(one),
        About::New | About::Known(_) => None,
    };
    let list = format!("/c/{bin}/registers");
    let status = form.status();
    let page = FormPage {
        back: match about {
            About::New => (list, words.say("shops-title")),
            About::Known(one) | About::Change(one) => (path(bin, one.id), words.say("registration-title")),
        },
        action,
        known_by,
        models: model_choices,
        is_sample,
        connections: Connection::ALL
            .into_iter()
            .map(|one| Choice::new(one.name(), one.text(&words)))
            .collect(),
        tariffs: tariffs(&words, &offers, on_books),
        offers: offer_views(site, ask, &offers),
        shops,
        is_shops_cut,
        view: AddressView::of(&words, &form, SHOP_ADDRESS),
        serial_more: format!("required autocomplete=\"off\" maxlength=\"{SERIAL_LEN_MAX}\""),
        alias_more: format!("autocomplete=\"off\" maxlength=\"{ALIAS_LEN_MAX}\""),
        button,
        form,
        shell,
    };
    Ok(site.show(ask, status, &page))
}

fn is_key(text: &str) -> bool {
    text.len() == KEY_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

pub(super) async fn show_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let form = Form::filled([
        ("connection", Connection::Wired.name().to_owned()),
        ("tariff", PlanId::FREE.to_owned()),
        ("shop", ask.parameter("shop").to_owned()),
    ]);
    page(&site, &ask, About::New, form).await
}

/// What a form says, judged by what there is.
async fn read(site: &At, ask: &Ask, on_books: Option<&Registration>) -> Result<RegisterRead, Failure> {
    let fields = ask.fields();
    let models = models(&site.office.store).await?;
    let shop = shop(site, ask.bin(), fields.text("shop")).await?;
    let this_year = today(ask.now(), site.config.zone_offset_seconds).year();
    let now = money_now(&site.office, site.config.zone_offset_seconds).await?;
    let plans = may_be_chosen(&site.office, ask.bin()).await?;
    Ok(read_register(
        fields,
        &Known {
            bin: ask.bin(),
            model: models.get(fields.text("model")),
            kept_model: on_books.map(|one| (one.data.model.as_str(), one.data.model_name.as_str())),
            shop: shop.as_ref(),
            plans: &plans,
            kept_plan: on_books.map(|one| (&one.data.tariff, one.data.plan.as_ref())),
            today: now.today(),
            this_year: u16::try_from(this_year).unwrap_or(u16::MAX),
        },
    ))
}

/// What is said of a form that was not saved.
pub(crate) fn refused<T>(site: &At, ask: &Ask, outcome: &DraftOutcome<T>, mut form: Form) -> Form {
    let words = site.texts(ask);
    match outcome {
        DraftOutcome::Saved(_) => {}
        DraftOutcome::Taken(errors) => form.tell(&words, errors),
        DraftOutcome::Stale => form.error = Some(words.say("registration-stale")),
        DraftOutcome::Turned(turned) => form.error = Some(turned_text(&words, *turned)),
        DraftOutcome::NoContract => form.error = Some(words.say("registration-no-contract")),
        DraftOutcome::TooMany => {
            form.error = Some(words.say_with("registration-many", &REGISTRATIONS_UNDER_WAY_MAX.to_string()));
        }
    }
    form
}

/// Where one goes on from a form that was saved: to the application, drawn up where the person may sign.
pub(crate) async fn go_on(site: &At, ask: &Ask, id: RegisterId) -> Result<Response, Failure> {
    if ask.may(Right::JoinContract) {
        return draw_and_show(site, ask, id, None).await;
    }
    Ok(see_other(&path(ask.bin(), id)))
}

pub(super) async fn take_new(site: At, ask: Ask) -> Result<Response, Failure> {
    let mut form = Form::sent(ask.fields());
    let read = read(&site, &ask, None).await?;
    if !read.is_search && read.errors.is_empty() {
        let key = Some(ask.fields().text("key")).filter(|key| is_key(key)).map(str::to_owned);
        let key = key.unwrap_or_else(|| first_key(&site.office));
        match begin(&site.office, ask.by(), (ask.bin(), &key), &read.data).await? {
            DraftOutcome::Saved(id) => return go_on(&site, &ask, id).await,
            outcome => form = refused(&site, &ask, &outcome, form),
        }
    } else if !read.is_search {
        form.tell(&site.texts(&ask), &read.errors);
    }
    page(&site, &ask, About::New, form).await
}

fn filled(registration: &Registration) -> Form {
    let data = registration.asked_data();
    // A shop that came with the register is one of the list by now.
    let is_new = data.shop.is_new && !(registration.is_registered() && data.shop == registration.data.shop);
    let shop = if is_new { NEW_SHOP.to_owned() } else { data.shop.id.0.clone() };
    let of_new = |text: &String| if is_new { text.clone() } else { String::new() };
    Form::filled([
        ("model", data.model.clone()),
        ("serial_number", data.serial_number.clone()),
        ("year", data.year.to_string()),
        ("rnm", data.rnm.clone()),
        ("connection", data.connection.name().to_owned()),
        ("alias", data.alias.clone()),
        ("tariff", data.tariff.to_string()),
        ("shop", shop),
        ("shop_title", of_new(&data.shop.title)),
        (SHOP_ADDRESS.settlement, of_new(&data.shop.settlement)),
        (SHOP_ADDRESS.street, of_new(&data.shop.street)),
        (SHOP_ADDRESS.house, of_new(&data.shop.house)),
        (SHOP_ADDRESS.flat, of_new(&data.shop.flat)),
    ])
}

/// Whether what is said of the register may be said anew.
fn is_open(registration: &Registration) -> bool {
    !registration.is_registered()
        && matches!(registration.state, RegistrationState::Draft | RegistrationState::Refused { .. })
}

pub(super) async fn show_edit(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    if !is_open(&registration) {
        return Ok(see_other(&format!("{}?done=closed", path(ask.bin(), registration.id))));
    }
    page(&site, &ask, About::Known(&registration), filled(&registration)).await
}

pub(super) async fn take_edit(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let mut form = Form::sent(ask.fields());
    let read = read(&site, &ask, None).await?;
    if !read.is_search && read.errors.is_empty() {
        let (place, revision) = ((ask.bin(), id_of(&ask)?), Revision::read(ask.fields().text("revision")));
        match edit(&site.office, ask.by(), place, (&read.data, revision)).await? {
            DraftOutcome::Saved(saved) => return go_on(&site, &ask, saved.id).await,
            outcome => form = refused(&site, &ask, &outcome, form),
        }
    } else if !read.is_search {
        form.tell(&site.texts(&ask), &read.errors);
    }
    page(&site, &ask, About::Known(&registration), form).await
}

pub(super) async fn show_change(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    if !may_want(&registration) {
        return Ok(see_other(&format!("{}?done=closed", path(ask.bin(), registration.id))));
    }
    page(&site, &ask, About::Change(&registration), filled(&registration)).await
}

/// Other data, or another shop, of a register that is on the books: asked for by a signature.
pub(super) async fn take_change(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let mut form = Form::sent(ask.fields());
    let read = read(&site, &ask, Some(&registration)).await?;
    if !read.is_search && read.errors.is_empty() {
        let mut data = read.data;
        if data.shop.id == registration.data.shop.id {
            data.shop.clone_from(&registration.data.shop);
        }
        let (place, wanted) = ((ask.bin(), registration.id), Some(Wanted::Change(Box::new(data))));
        let revision = Revision::read(ask.fields().text("revision"));
        match want(&site.office, ask.by(), place, (wanted, revision)).await? {
            DraftOutcome::Saved(()) => return go_on(&site, &ask, registration.id).await,
            outcome => form = refused(&site, &ask, &outcome, form),
        }
    } else if !read.is_search {
        form.tell(&site.texts(&ask), &read.errors);
    }
    page(&site, &ask, About::Change(&registration), form).await
}
