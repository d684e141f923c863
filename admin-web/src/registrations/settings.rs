//! What an organisation's people change of a register that is there: its alias, whether it is connected, its token.

use askama::Template;
use axum::response::Response;
use ofd_office::registrations::{
    ALIAS_LEN_MAX, ChangeOutcome, DraftOutcome, Settings, Settled, TokenOutcome, change_own, read_settings,
    registration_of, reissue, settle,
};
use ofd_office::shops::register_of;
use ofd_protocol::register::{Change, StatusName};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::Registration;
use ofd_storage::model::{RegisterRecord, TradePoint, load};
use ofd_storage::registers;

use super::token::{seen, show_token};
use super::view::{id_of, turned_text};
use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::revision::Revision;

#[derive(Template)]
#[template(path = "register_settings.html")]
struct SettingsPage<'a> {
    shell: Shell<'a>,
    back: String,
    path: String,
    notice: Option<String>,
    /// Its id, model, factory number, shop.
    details: Vec<(String, String)>,
    /// Whether its organisation switched it off; `None`: it was taken off the books.
    is_disconnected: Option<bool>,
    /// Whether it is on the books, and so has an alias.
    has_alias: bool,
    form: Form,
    revision: Revision,
    /// Tokens that were issued in place of the first one.
    reissued: u32,
    alias_more: String,
}

fn path(bin: &str, id: RegisterId) -> String {
    format!("/c/{bin}/registers/{id}/settings")
}

/// The register of the address, of the organisation that it names.
async fn own(site: &At, ask: &Ask) -> Result<RegisterRecord, Failure> {
    use ofd_office::registers::RegisterError;
    match register_of(&site.office.store, ask.bin(), id_of(ask)?).await {
        Ok(record) => Ok(record),
        Err(RegisterError::Store(error)) => Err(Failure::Store(error)),
        Err(_) => Err(Failure::NotFound),
    }
}

async fn page(
    site: &At,
    ask: &Ask,
    (record, registration): (&RegisterRecord, Option<&Registration>),
    form: Form,
) -> Result<Response, Failure> {
    let (words, at, store) = (site.texts(ask), path(ask.bin(), record.id), &site.office.store);
    let form = ask.again(form);
    let revision = ask.again_revision(registration.map_or(0, |one| one.revision));
    let has_alias = registration.is_some_and(Registration::is_registered);
    let mut shell = site.frame(ask, "settings-title", &at);
    shell.is_typed = has_alias;
    let shop = load::<TradePoint>(store, record.trade_point.0.as_bytes()).await?;
    let newest = registers::newest(store, record.id).await?;
    let status = newest.as_ref().map(|newest| newest.register.status.name());
    let notice = match ask.parameter("done") {
        "disconnected" => Some("settings-done-disconnected"),
        "connected" => Some("settings-done-connected"),
        "settled" => Some("settings-done-settled"),
        "settled-met" => Some("settings-done-settled-met"),
        "final" => Some("registration-turned-deregistered"),
        "token-shown" => Some("registration-done-token-shown"),
        _ => None,
    };
    let details = [
        ("registration-system-id", record.id.to_string()),
        ("registration-model", record.model.clone()),
        ("registration-serial", record.serial_number.clone()),
        ("registration-shop", shop.map(|(_, shop)| shop.title).unwrap_or_default()),
    ];
    let is_disconnected = newest.as_ref().map(|newest| newest.register.status.disconnected.is_some());
    let status_code = form.status();
    let page = SettingsPage {
        back: format!("/c/{}/registers/{}", ask.bin(), record.id),
        path: at,
        notice: notice.map(|key| words.say(key)),
        details: details.into_iter().map(|(label, value)| (words.say(label), value)).collect(),
        is_disconnected: is_disconnected.filter(|_| status != Some(StatusName::Deregistered)),
        has_alias,
        form,
        revision,
        reissued: registration.map_or(0, |one| one.reissued),
        alias_more: format!("autocomplete=\"off\" maxlength=\"{ALIAS_LEN_MAX}\""),
        shell,
    };
    Ok(site.show(ask, status_code, &page))
}

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let record = own(&site, &ask).await?;
    let registration = registration_of(&site.office, ask.bin(), record.id).await?;
    let settings = registration.as_ref().map(|one| Settings::of(&one.data));
    let form = Form::filled(settings.map(|Settings { alias }| ("alias", alias)));
    page(&site, &ask, (&record, registration.as_ref()), form).await
}

/// Gives the register another alias.
pub(super) async fn take(site: At, ask: Ask) -> Result<Response, Failure> {
    let record = own(&site, &ask).await?;
    let registration = registration_of(&site.office, ask.bin(), record.id).await?;
    let (words, fields, mut form) = (site.texts(&ask), ask.fields(), Form::sent(ask.fields()));
    let (settings, errors) = read_settings(fields);
    if registration.is_none() {
        form.error = Some(words.say("registration-turned-not-registered"));
    } else if !errors.is_empty() {
        form.tell(&words, &errors);
    } else {
        let revision = Revision::read(fields.text("revision"));
        match settle(&site.office, ask.by(), (ask.bin(), record.id), (&settings, revision)).await? {
            DraftOutcome::Saved(settled) => {
                let done = match settled {
                    Settled::Done => "settled",
                    Settled::WishMet => "settled-met",
                };
                return Ok(see_other(&format!("{}?done={done}", path(ask.bin(), record.id))));
            }
            DraftOutcome::Taken(errors) => form.tell(&words, &errors),
            DraftOutcome::Turned(turned) => form.error = Some(turned_text(&words, turned)),
            DraftOutcome::Stale | DraftOutcome::NoContract | DraftOutcome::TooMany => {
                form.error = Some(words.say("registration-stale"));
            }
        }
    }
    page(&site, &ask, (&record, registration.as_ref()), form).await
}

async fn change(site: &At, ask: &Ask, change: Change, done: &str) -> Result<Response, Failure> {
    let id = id_of(ask)?;
    let done = match change_own(&site.office, ask.by(), (ask.bin(), id), &change).await? {
        ChangeOutcome::Done => done,
        ChangeOutcome::Final => "final",
    };
    Ok(see_other(&format!("{}?done={done}", path(ask.bin(), id))))
}

/// Switches the register off, for its organisation.
pub(super) async fn disconnect(site: At, ask: Ask) -> Result<Response, Failure> {
    change(&site, &ask, Change::Disconnect, "disconnected").await
}

/// Switches it on again.
pub(super) async fn connect(site: At, ask: Ask) -> Result<Response, Failure> {
    change(&site, &ask, Change::Connect, "connected").await
}

/// Issues another token and shows it, once.
pub(super) async fn token(site: At, ask: Ask) -> Result<Response, Failure> {
    let record = own(&site, &ask).await?;
    let done = match reissue(&site.office, ask.by(), (ask.bin(), record.id), seen(&ask)).await? {
        TokenOutcome::Shown(shown) => {
            return Ok(show_token(&site, &ask, (record.connection, &path(ask.bin(), record.id)), &shown));
        }
        TokenOutcome::AlreadyShown => "token-shown",
        TokenOutcome::NotRegistered => "final",
    };
    Ok(see_other(&format!("{}?done={done}", path(ask.bin(), record.id))))
}
