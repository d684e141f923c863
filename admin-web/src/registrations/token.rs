//! The id and token of a register, shown once, with all that is typed into the till.
//!
//! They are in the answer to the form alone: what is reloaded or gone back to has no address at which they could be read.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::registrations::{TokenOutcome, TokenShown, reissue as issue_anew, show as show_first};
use ofd_storage::accounts::Registration;
use ofd_storage::model::Connection;

use super::view::{own, path};
use crate::cabinet::{Ask, At, Failure, see_other};
use crate::page::Shell;
use crate::qr::QrPicture;
use crate::site::TillPort;

#[derive(Template)]
#[template(path = "registration_token.html")]
struct TokenPage<'a> {
    shell: Shell<'a>,
    path: String,
    /// What is typed into the till, label by label.
    settings: Vec<(String, String)>,
    qr: Option<QrPicture>,
}

/// Where registers of a connection connect: the ports that are for it, else all.
fn ports(site: &At, connection: Connection) -> Vec<TillPort> {
    let is_for = |port: &&TillPort| port.is_for_sim == (connection == Connection::Sim);
    let own: Vec<TillPort> = site.config.till_ports.iter().filter(is_for).cloned().collect();
    if own.is_empty() { site.config.till_ports.clone() } else { own }
}

/// The host of the site, for ports that name none.
fn site_host(site: &At) -> &str {
    let url = &site.config.public_url;
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

/// The page that shows a token; `back` is the page it belongs to.
pub(super) fn show_token(
    site: &At,
    ask: &Ask,
    (connection, back): (Connection, &str),
    shown: &TokenShown,
) -> Response {
    let (words, token) = (site.texts(ask), shown.token.0.to_string());
    let mut settings = vec![
        (words.say("registration-system-id"), shown.id.to_string()),
        (words.say("registration-token"), token.clone()),
    ];
    let ports = ports(site, connection);
    let host_of = |port: &TillPort| port.host.clone().unwrap_or_else(|| site_host(site).to_owned());
    let mut told = String::new();
    for port in &ports {
        let host = host_of(port);
        if host != told {
            settings.push((words.say("registration-till-address"), host.clone()));
            told = host;
        }
        let label = if port.is_tls { "registration-till-port-tls" } else { "registration-till-port" };
        settings.push((words.say(label), port.port.to_string()));
    }
    // What tills that read it take: who they are, and where they connect.
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.append_pair("id", &shown.id.to_string()).append_pair("token", &token);
    if let Some(port) = ports.first() {
        text.append_pair("host", &host_of(port)).append_pair("port", &port.port.to_string());
        text.append_pair("tls", if port.is_tls { "1" } else { "0" });
    }
    let page = TokenPage {
        shell: site.frame(ask, "registration-token-title", back),
        path: back.to_owned(),
        settings,
        qr: QrPicture::of(&text.finish()),
    };
    site.show(ask, StatusCode::OK, &page)
}

fn answer(site: &At, ask: &Ask, registration: &Registration, outcome: TokenOutcome) -> Response {
    let back = |done: &str| see_other(&format!("{}?done={done}", path(ask.bin(), registration.id)));
    match outcome {
        TokenOutcome::Shown(shown) => {
            let back = path(ask.bin(), registration.id);
            show_token(site, ask, (registration.data.connection, &back), &shown)
        }
        TokenOutcome::AlreadyShown => back("token-shown"),
        TokenOutcome::NotRegistered => back("closed"),
    }
}

/// Shows the first token.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let outcome = show_first(&site.office, ask.by(), ask.bin(), registration.id).await?;
    Ok(answer(&site, &ask, &registration, outcome))
}

/// How many tokens had been issued when the page was opened whose form this is.
pub(super) fn seen(ask: &Ask) -> Option<u32> {
    ask.fields().text("revision").parse().ok()
}

/// Issues another one and shows it.
pub(super) async fn reissue(site: At, ask: Ask) -> Result<Response, Failure> {
    let (_, registration) = own(&site, &ask).await?;
    let outcome = issue_anew(&site.office, ask.by(), (ask.bin(), registration.id), seen(&ask)).await?;
    Ok(answer(&site, &ask, &registration, outcome))
}
