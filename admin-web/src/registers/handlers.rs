//! The API of registers.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use ofd_office::by::By;
use ofd_office::registers::change_register;
use ofd_protocol::register::{Change, Register, Telling};
use ofd_protocol::types::RegisterId;
use serde::Serialize;

use super::reading;
use super::rules::{self, Page, problem};
use super::view::TokenView;
use crate::budget::ClientAddress;
use crate::limits::BODY_LEN_MAX;
use crate::page::Visitor;
use crate::problem::{Kind, Problem};
use crate::site::Site;

type ApiAnswer = Result<Response, Problem>;
type Id = Result<Path<String>, PathRejection>;

fn json(body: impl Serialize) -> Response {
    crate::json::json("no-store", &body)
}

fn id_of(path: Id) -> Result<RegisterId, Problem> {
    let Path(id) = path.map_err(|_| Problem::no_such_address())?;
    rules::register_id(&id)
}

pub(crate) async fn register(State(site): State<Arc<Site>>, path: Id) -> ApiAnswer {
    show(&site, id_of(path)?).await
}

/// Times of devices are shown as the devices themselves are told.
fn telling(site: &Site) -> Telling {
    Telling { now: site.office.now(), zone_offset_seconds: site.config.zone_offset_seconds }
}

async fn show(site: &Site, id: RegisterId) -> ApiAnswer {
    Ok(json(reading::register(&site.office.store, id, telling(site)).await.map_err(problem)?))
}

pub(crate) async fn shifts(State(site): State<Arc<Site>>, path: Id, visitor: Visitor) -> ApiAnswer {
    let id = id_of(path)?;
    let page = Page::read(|name| visitor.parameter(name))?;
    Ok(json(reading::shifts(&site.office.store, id, page, telling(&site)).await.map_err(problem)?))
}

pub(crate) async fn documents(
    State(site): State<Arc<Site>>,
    path: Result<Path<(String, String)>, PathRejection>,
    visitor: Visitor,
) -> ApiAnswer {
    let Path((id, number)) = path.map_err(|_| Problem::no_such_address())?;
    let (id, number) = (rules::register_id(&id)?, rules::shift_number(&number)?);
    let page = Page::read(|name| visitor.parameter(name))?;
    Ok(json(reading::documents(&site.office.store, id, number, page).await.map_err(problem)?))
}

/// Makes a change and answers as the GET does.
async fn change(site: &Site, path: Id, ClientAddress(address): ClientAddress, change: Change) -> ApiAnswer {
    let id = id_of(path)?;
    make(site, id, address, &change).await?;
    show(site, id).await
}

async fn make(site: &Site, id: RegisterId, address: IpAddr, change: &Change) -> Result<Register, Problem> {
    let by = By::program("API", site.office.now(), address);
    let (office, turns) = (&site.office, &site.office.turns);
    let changed = change_register((&office.store, &*office.world), turns, id, change, &by).await;
    changed.map(|changed| changed.register).map_err(problem)
}

fn reason(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<String, Problem> {
    let body = body.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(failed) if failed.status().as_u16() == 413 => {
            Problem::new(Kind::TooLarge, format!("the body is longer than {BODY_LEN_MAX} bytes"))
        }
        rejection => Problem::new(Kind::BadRequest, format!("the body cannot be read: {rejection}")),
    })?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    rules::reason(content_type, &body)
}

pub(crate) async fn block(
    State(site): State<Arc<Site>>,
    path: Id,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiAnswer {
    let reason = reason(&headers, body)?;
    change(&site, path, address, Change::Block { reason }).await
}

pub(crate) async fn unblock(
    State(site): State<Arc<Site>>,
    path: Id,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiAnswer {
    // Programs of before say nothing.
    let is_silent = matches!(&body, Ok(body) if body.is_empty());
    let reason = if is_silent { String::new() } else { reason(&headers, body)? };
    change(&site, path, address, Change::Unblock { reason }).await
}

pub(crate) async fn disconnect(State(site): State<Arc<Site>>, path: Id, address: ClientAddress) -> ApiAnswer {
    change(&site, path, address, Change::Disconnect).await
}

pub(crate) async fn connect(State(site): State<Arc<Site>>, path: Id, address: ClientAddress) -> ApiAnswer {
    change(&site, path, address, Change::Connect).await
}

pub(crate) async fn deregister(
    State(site): State<Arc<Site>>,
    path: Id,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiAnswer {
    let reason = reason(&headers, body)?;
    change(&site, path, address, Change::Deregister { reason }).await
}

pub(crate) async fn reset_token(
    State(site): State<Arc<Site>>,
    path: Id,
    ClientAddress(address): ClientAddress,
) -> ApiAnswer {
    let register = make(&site, id_of(path)?, address, &Change::ResetToken).await?;
    Ok(json(TokenView { token: register.tokens.current.0 }))
}
