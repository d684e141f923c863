//! The registers of an organisation as a file: each with its shop, status and latest shift in one row; or the registrations that
//! are under way, where these are asked for. Its page is the list of shops.

use ofd_office::shops::{
    OwnedRegister, RegisterQuery, ShopQuery, address_in, registers_by_id, registrations_under_way,
};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::Registration;

use super::handlers::query;
use super::here::telling;
use super::view::{status_text, title_of};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths, query_is_request};
use crate::cabinet::{Ask, Failure};
use crate::format;
use crate::registrations::{shop_in, state_text};
use crate::site::Site;
use crate::typed::plain_number;
use crate::vocabulary::Word;
use crate::words::Words;

pub(super) struct Registers;

/// A row of the file.
pub(super) enum Row {
    Register(Box<OwnedRegister>),
    UnderWay(Box<Registration>),
}

async fn registers(
    site: &Site,
    ask: &Ask,
    narrowed: ShopQuery,
    after: Option<&str>,
    limit: usize,
) -> Result<(Piece<Row>, Option<&'static str>), Failure> {
    let query = RegisterQuery { narrowed, ..RegisterQuery::default() };
    let after = after.and_then(plain_number).map(RegisterId);
    let found = registers_by_id(&site.office.store, ask.bin(), &query, after, limit, telling(site)).await?;
    let said = (!found.is_complete).then_some("shops-incomplete");
    let rows = found.registers.into_iter().map(|one| Row::Register(Box::new(one))).collect();
    Ok((Piece { rows, next: found.next.map(|next| next.to_string()) }, said))
}

async fn under_way(
    site: &Site,
    ask: &Ask,
    query: &ShopQuery,
    after: Option<&str>,
    limit: usize,
) -> Result<(Piece<Row>, Option<&'static str>), Failure> {
    let company = &ask.acting().ok_or(Failure::NotFound)?.company.state;
    let (found, next) = registrations_under_way(&site.office, company, query, after, limit).await?;
    let rows = found.into_iter().map(|one| Row::UnderWay(Box::new(one))).collect();
    Ok((Piece { rows, next }, None))
}

impl List for Registers {
    query_is_request!();

    type Row = Row;

    const PATHS: ListPaths = list_paths!("/c/{bin}/registers");
    const TITLE: (&'static str, &'static str) = ("shops-title", "registers");
    const COLUMNS: &'static [&'static str] = &[
        "shops-shop",
        "trade-point-kind",
        "shops-address",
        "registration-system-id",
        "registration-alias",
        "shops-model",
        "serial-number",
        "fns-kkm-id",
        "shops-status",
        "shops-status-since",
        "shops-heard",
        "shops-shift",
        "shops-opened",
        "shops-closed",
        "shops-sales",
        "shops-sold",
        "shops-returns",
        "shops-returned",
    ];
    const NONE: &'static str = "shops-none-found";
    const NOTE: Option<&'static str> = None;

    fn fields(_: &Words<'_>) -> Vec<FilterField> {
        Vec::new()
    }

    async fn filed(
        site: &Site,
        ask: &Ask,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<Row>, Option<&'static str>), Failure> {
        let query = query(ask);
        if query.is_of_registrations() {
            under_way(site, ask, &query, after, limit).await
        } else {
            registers(site, ask, query, after, limit).await
        }
    }

    fn cells(site: &Site, ask: &Ask, row: &Row) -> Vec<Cell> {
        let mut cells = match row {
            Row::Register(register) => register_cells(site, ask, register),
            Row::UnderWay(registration) => registration_cells(site, ask, registration),
        };
        cells.resize(Self::COLUMNS.len(), Cell::text(""));
        cells
    }
}

fn register_cells(site: &Site, ask: &Ask, register: &OwnedRegister) -> Vec<Cell> {
    let words = site.texts(ask);
    let OwnedRegister { line, point, .. } = register;
    let (language, record) = (words.language, &line.record);
    let shop = point.as_ref().map_or_else(|| words.say("shops-nameless"), |point| title_of(&words, point));
    let kind = point.as_ref().and_then(|point| Some(point.kind?.text(&words)));
    let address = point.as_ref().map(|point| address_in(point, language).to_owned());
    let text = |text: Option<String>| Cell::text(text.unwrap_or_default());
    let mut cells = vec![
        Cell::text(shop),
        text(kind),
        text(address),
        Cell::text(record.id.to_string()),
        Cell::text(record.alias.as_str()),
        Cell::text(record.model.as_str()),
        Cell::text(record.serial_number.as_str()),
        Cell::text(record.fns_kkm_id.as_str()),
        Cell::text(status_text(&words, line.status)),
        text(line.since.map(|since| site.day(ask, since))),
        text(line.heard_at.map(|at| site.moment(ask, at))),
    ];
    // A register that sold nothing yet has no shift.
    let Some(shift) = &line.shift else { return cells };
    cells.extend([
        Cell::text(shift.number.to_string()),
        Cell::text(format::moment(language, shift.opened_at)),
        text(shift.closed_at.map(|at| format::moment(language, at))),
        Cell::text(shift.sales.count.to_string()),
        Cell::sum(language, shift.sales.sum.get()),
        Cell::text(shift.returns.count.to_string()),
        Cell::sum(language, shift.returns.sum.get()),
    ]);
    cells
}

/// A registration has no shift, and no id that people know before its register is on the books.
fn registration_cells(site: &Site, ask: &Ask, registration: &Registration) -> Vec<Cell> {
    let (words, data) = (site.texts(ask), &registration.data);
    let (title, address) = shop_in(data, words.language);
    let id = registration.is_registered().then(|| registration.id.to_string());
    vec![
        Cell::text(title),
        Cell::text(""),
        Cell::text(address),
        Cell::text(id.unwrap_or_default()),
        Cell::text(data.alias.as_str()),
        Cell::text(data.model_name.as_str()),
        Cell::text(data.serial_number.as_str()),
        Cell::text(data.rnm.as_str()),
        Cell::text(state_text(&words, &registration.state)),
        Cell::text(site.day(ask, registration.since)),
    ]
}
