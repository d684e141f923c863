//! What programs of an organisation read: its registers, their shifts and documents, narrowed as the lists of the cabinet.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use ofd_office::documents::{
    Bounds, Cursor, DAYS_MAX, DocumentQuery, QueryFault, Typed, documents as find, shifts as find_shifts,
};
use ofd_office::shops::register_line;
use ofd_protocol::register::{Day, Telling};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::TokenScope;
use ofd_storage::holdings::registers_of;
use ofd_storage::model::{TradePoint, load};
use ofd_storage::registers;

use super::admit::{admit, needs};
use super::answers::{OwnDocument, OwnDocuments, OwnRegister, OwnRegisters, OwnShift, OwnShifts, TotalsView};
use crate::budget::ClientAddress;
use crate::json::json;
use crate::page::Visitor;
use crate::problem::{FieldError, Problem};
use crate::site::Site;

type ApiAnswer = Result<Response, Problem>;
type Bin = Result<Path<String>, PathRejection>;

/// Entries of one page.
const LIMIT_MAX: usize = 1000;

/// Shifts of one page: reports grow with sections and tax rates.
const SHIFTS_MAX: usize = 100;

/// Entries of a page that asks for no number of them.
const LIMIT_USUAL: usize = 100;

/// An answer stops growing behind this many bytes; `next` leads on. Frames may have 1 MiB each.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Registers that are looked at for one page, however few of them are asked for.
const LOOKED_AT_MAX: usize = 2_000;

/// Registers that are read at once.
const CHUNK: usize = 100;

/// What is wrong with what a program asks for.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn tell(&mut self, field: &str, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), detail: detail.into() });
    }

    fn none(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(self.0)) }
    }
}

fn fault_text(fault: QueryFault) -> String {
    match fault {
        QueryFault::NoDay => "it must be a day such as 2026-01-22".to_owned(),
        QueryFault::EndsBefore => "the period ends before it begins".to_owned(),
        QueryFault::TooLong => format!("a period has at most {DAYS_MAX} days; ask for the rest separately"),
        QueryFault::NoSum => "it must be a sum in tenge such as 696.90".to_owned(),
        QueryFault::SumsCrossed => "the greatest sum is below the least".to_owned(),
        QueryFault::Unknown => "it is none of the values that there are; see /api/v1/openapi.json".to_owned(),
        QueryFault::TooManyCharacters => "it is longer than anything that could be found".to_owned(),
    }
}

/// How many entries are asked for.
fn limit_of(visitor: &Visitor, max: usize, faults: &mut Faults) -> usize {
    let Some(text) = visitor.parameter("limit") else { return LIMIT_USUAL };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = text.parse().ok().filter(|limit| (1..=max).contains(limit) && is_plain);
    limit.unwrap_or_else(|| {
        faults.tell("limit", format!("it must be a whole number from 1 to {max}"));
        LIMIT_USUAL
    })
}

/// Where the page begins.
fn after_of<T>(visitor: &Visitor, read: impl Fn(&str) -> Option<T>, faults: &mut Faults) -> Option<T> {
    let text = visitor.parameter("after").filter(|text| !text.is_empty())?;
    let after = read(text);
    if after.is_none() {
        faults.tell("after", "it must be what the page before gave as next");
    }
    after
}

/// A parameter that is true or false.
fn flag_of(visitor: &Visitor, name: &str, faults: &mut Faults) -> bool {
    match visitor.parameter(name) {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => {
            faults.tell(name, "it must be true or false");
            false
        }
    }
}

fn telling(site: &Site) -> Telling {
    Telling { now: site.office.now(), zone_offset_seconds: site.config.zone_offset_seconds }
}

/// What narrows a list; of shifts only period, shop and register do.
fn query_of(site: &Site, visitor: &Visitor, faults: &mut Faults) -> Option<DocumentQuery> {
    let is_offline = flag_of(visitor, "offline", faults);
    let typed = Typed::read(|name| visitor.parameter(name).unwrap_or(""));
    let typed = Typed { offline: if is_offline { "true" } else { "" }, ..typed };
    let today = Day::of(site.office.now().wall(site.config.zone_offset_seconds));
    DocumentQuery::read(typed, today)
        .map_err(|found| found.into_iter().for_each(|(field, fault)| faults.tell(field, fault_text(fault))))
        .ok()
}

fn bin_of(bin: Bin) -> Result<String, Problem> {
    bin.map(|Path(bin)| bin).map_err(|_| Problem::no_such_address())
}

/// Answers the registers of an organisation, by id.
pub(super) async fn registers(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let bin = bin_of(bin)?;
    admit(&site, (&headers, address), &bin, TokenScope::RegistersRead).await?;
    let mut faults = Faults::default();
    let limit = limit_of(&visitor, LIMIT_MAX, &mut faults);
    let id = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let mut after = after_of(&visitor, id, &mut faults).map(RegisterId);
    // Of what narrows documents only shop and register narrow registers.
    let query = query_of(&site, &visitor, &mut faults);
    faults.none()?;
    let Some(query) = query else { return Err(Problem::no_such_address()) };
    let (store, telling) = (&site.office.store, telling(&site));
    let mut points: HashMap<String, Option<TradePoint>> = HashMap::new();
    let (mut found, mut next, mut looked_at) = (Vec::new(), None, 0_usize);
    'pages: loop {
        let holdings = registers_of(store, &bin, after, CHUNK).await?;
        for record in holdings.found {
            if found.len() >= limit || looked_at >= LOOKED_AT_MAX {
                next = after.map(|after| after.to_string());
                break 'pages;
            }
            looked_at = looked_at.saturating_add(1);
            after = Some(record.id);
            let key = &record.trade_point.0;
            let point = match points.get(key) {
                Some(known) => known.clone(),
                None => {
                    let point = load::<TradePoint>(store, key.as_bytes()).await?.map(|(_, point)| point);
                    points.insert(key.clone(), point.clone());
                    point
                }
            };
            let is_shop = query
                .shop
                .as_ref()
                .is_none_or(|shop| point.as_ref().is_some_and(|point| shop.is_shop(point)));
            if is_shop && query.register.as_ref().is_none_or(|register| register.is_register(&record)) {
                let line = register_line(store, record, telling).await?;
                found.push(OwnRegister::of(&line, point.as_ref(), telling.zone_offset_seconds));
            }
        }
        match holdings.next {
            Some(more) => after = Some(more),
            None => break,
        }
    }
    Ok(json("no-store", &OwnRegisters { registers: found, next }))
}

/// Answers the shifts of an organisation over a period, the newest first.
pub(super) async fn shifts(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let bin = bin_of(bin)?;
    admit(&site, (&headers, address), &bin, TokenScope::DocumentsRead).await?;
    let mut faults = Faults::default();
    let limit = limit_of(&visitor, SHIFTS_MAX, &mut faults);
    let after = after_of(&visitor, Cursor::read, &mut faults);
    let query = query_of(&site, &visitor, &mut faults);
    faults.none()?;
    let Some(query) = query else { return Err(Problem::no_such_address()) };
    let telling = telling(&site);
    let found = find_shifts(&site.office.store, &bin, &query, after, limit, telling).await?;
    let shifts = found.shifts.iter().filter_map(|shift| OwnShift::of(shift, telling)).collect();
    Ok(json("no-store", &OwnShifts { shifts, next: found.next.map(|next| next.text()) }))
}

/// Answers the documents of an organisation over a period, the newest first.
pub(super) async fn documents(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let bin = bin_of(bin)?;
    let token = admit(&site, (&headers, address), &bin, TokenScope::DocumentsRead).await?;
    let mut faults = Faults::default();
    let is_raw = flag_of(&visitor, "raw", &mut faults);
    let limit = limit_of(&visitor, LIMIT_MAX, &mut faults);
    let after = after_of(&visitor, Cursor::read, &mut faults);
    let query = query_of(&site, &visitor, &mut faults);
    faults.none()?;
    if is_raw {
        needs(&token, TokenScope::DocumentsRaw)?;
    }
    let Some(query) = query else { return Err(Problem::no_such_address()) };
    let (store, zone) = (&site.office.store, site.config.zone_offset_seconds);
    let found = find(store, &bin, &query, after, Bounds::rows(limit), zone).await?;
    let (mut documents, mut bytes) = (Vec::new(), 0_usize);
    let mut next = found.next;
    for (index, line) in found.lines.iter().enumerate() {
        let document =
            if is_raw { registers::document(store, line.register, line.place).await? } else { None };
        let view = OwnDocument::of(line, document.as_ref());
        bytes = bytes.saturating_add(view.weight());
        documents.push(view);
        let is_last = index.saturating_add(1) == found.lines.len();
        if bytes >= ANSWER_BYTES_MAX && !is_last {
            next = Some(Cursor::behind(line));
            break;
        }
    }
    let totals = TotalsView::of(&found.totals);
    Ok(json("no-store", &OwnDocuments { documents, totals, next: next.map(|next| next.text()) }))
}
