//! Keys by which banks and terminals tell of payments: all of them, a new one, which is shown once, and the end of one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::billing::calls::{KeyError, NewKey, make_key, revoke_key};
use ofd_protocol::types::UnixMillis;
use ofd_storage::payment_keys::{PaymentClient, PaymentKey, VALID_KEYS_MAX, clients};

use crate::cabinet::{Ask, At, Failure, Form, see_other};
use crate::page::Shell;
use crate::site::Site;

/// Where they are.
pub(super) const PATH: &str = "/operator/payments/keys";

/// Where one is ended.
pub(super) const REVOKE: &str = "/operator/payments/keys/{client}/{key}/revoke";

struct KeyRow {
    name: String,
    client: String,
    made: String,
    /// What became of it, where it does not hold.
    revoked: Option<String>,
    revoke: String,
}

#[derive(Template)]
#[template(path = "payment_keys.html")]
struct KeysPage<'a> {
    shell: Shell<'a>,
    form: Form,
    rows: Vec<KeyRow>,
    made: Option<(String, String, String)>,
    notice: Option<String>,
    at: &'static str,
}

#[derive(Template)]
#[template(path = "payment_key_revoke.html")]
struct RevokePage<'a> {
    shell: Shell<'a>,
    list: &'static str,
    at: String,
    text: String,
}

fn path_of(client: &str, number: u32) -> String {
    format!("{PATH}/{client}/{number}/revoke")
}

fn row(site: &Site, ask: &Ask, client: &PaymentClient, key: &PaymentKey) -> KeyRow {
    let words = site.texts(ask);
    let by = |at_ms: u64, by: &str, text: &str| {
        words.say_values(text, &[("at", &site.moment(ask, UnixMillis(at_ms))), ("by", by)])
    };
    KeyRow {
        name: format!("{}.{}", client.id, key.number),
        client: client.name.clone(),
        made: by(key.made_at_ms, &key.made_by, "keys-made-by"),
        revoked: key.revoked.as_ref().map(|one| by(one.at_ms, &one.by, "keys-revoked-by")),
        revoke: path_of(&client.id, key.number),
    }
}

async fn page(site: &Site, ask: &Ask, form: Form, made: Option<NewKey>) -> Result<Response, Failure> {
    let words = site.texts(ask);
    let known = clients(&site.office.store).await?;
    let rows = known.iter().flat_map(|client| client.keys.iter().rev().map(move |key| (client, key)));
    // The secret is in the answer to the form alone: what is shown again at the page's own address must not have it.
    let (form, shell) = if made.is_some() {
        (form, site.frame(ask, "keys-title", PATH))
    } else {
        (ask.again(form), site.form_frame(ask, "keys-title", PATH))
    };
    let page = KeysPage {
        rows: rows.map(|(client, key)| row(site, ask, client, key)).collect(),
        made: made.map(|made| (words.say_with("keys-made-text", &made.name), made.name, made.secret)),
        notice: (ask.parameter("done") == "revoked").then(|| words.say("keys-done-revoked")),
        at: PATH,
        form,
        shell,
    };
    Ok(site.show(ask, page.form.status(), &page))
}

/// Shows all keys.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    page(&site, &ask, Form::default(), None).await
}

/// Makes a key and shows it, this once.
pub(super) async fn make(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    let (id, name) = (ask.fields().text("client").trim(), ask.fields().text("name"));
    match make_key(&site.office, ask.by(), id, name).await {
        Ok(made) => return page(&site, &ask, Form::default(), Some(made)).await,
        Err(KeyError::Id) => form.wrong("client", words.say("keys-client-wrong")),
        Err(KeyError::Name(wrong)) => form.wrong("name", words.wrong(wrong)),
        Err(KeyError::TwoHold) => {
            form.wrong("client", words.say_with("keys-two-hold", &VALID_KEYS_MAX.to_string()));
        }
        Err(KeyError::JustMade) => form.error = Some(words.say("keys-just-made")),
        Err(KeyError::TooMany) => form.error = Some(words.say("keys-too-many")),
        Err(KeyError::Unknown) => return Err(Failure::NotFound),
        Err(KeyError::Busy) => return Err(ofd_office::change::ChangeError::Busy.into()),
        Err(KeyError::Store(error)) => return Err(error.into()),
        Err(KeyError::Change(error)) => return Err(error.into()),
    }
    page(&site, &ask, form, None).await
}

fn number_in(ask: &Ask) -> Result<u32, Failure> {
    ask.part("key").parse().map_err(|_| Failure::NotFound)
}

/// Asks before a key is ended.
pub(super) async fn ask_revoke(site: At, ask: Ask) -> Result<Response, Failure> {
    let (client, number) = (ask.part("client"), number_in(&ask)?);
    let found = ofd_storage::payment_keys::client(&site.office.store, client).await?;
    let (_, found) = found.ok_or(Failure::NotFound)?;
    found.keys.iter().find(|key| key.number == number).ok_or(Failure::NotFound)?;
    let name = format!("{client}.{number}");
    let text = site.texts(&ask).say_values("keys-revoke-text", &[("key", &name), ("client", &found.name)]);
    let at = path_of(client, number);
    let page = RevokePage { shell: site.frame(&ask, "keys-revoke-title", &at), list: PATH, at, text };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// Ends a key. One that was ended before stays so.
pub(super) async fn revoke(site: At, ask: Ask) -> Result<Response, Failure> {
    match revoke_key(&site.office, ask.by(), ask.part("client"), number_in(&ask)?).await {
        Ok(()) => Ok(see_other(&format!("{PATH}?done=revoked"))),
        Err(KeyError::Store(error)) => Err(error.into()),
        Err(KeyError::Change(error)) => Err(error.into()),
        Err(KeyError::Busy) => Err(ofd_office::change::ChangeError::Busy.into()),
        Err(_) => Err(Failure::NotFound),
    }
}
