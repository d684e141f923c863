//! What programs of an organisation read: its registers, their shifts and documents, narrowed as the lists of the cabinet.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use ofd_office::documents::{
    Bounds, Cursor, DAYS_MAX, DocumentQuery, QueryFault, Typed, documents as find, filter_names,
    shifts as find_shifts,
};
use ofd_office::shops::{LineFilter, RegisterQuery, ShopQuery, StatusFilter, registers_by_id};
use ofd_protocol::register::{Day, Telling};
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{ProgramToken, TokenScope};
use ofd_storage::model::TradePointId;
use ofd_storage::registers;

use super::admit::{admit, needs};
use super::answers::{OwnDocument, OwnDocuments, OwnRegister, OwnRegisters, OwnShift, OwnShifts, TotalsView};
use crate::budget::ClientAddress;
use crate::json::json;
use crate::page::Visitor;
use crate::problem::{FieldError, Problem};
use crate::site::Site;
use crate::typed::plain_number;

pub(super) type ApiAnswer = Result<Response, Problem>;
pub(super) type Bin = Result<Path<String>, PathRejection>;

/// Entries of one page.
pub(super) const LIMIT_MAX: usize = 1000;

/// Shifts of one page: reports grow with sections and tax rates.
const SHIFTS_MAX: usize = 100;

/// Entries of a page that asks for no number of them.
const LIMIT_USUAL: usize = 100;

/// An answer stops growing behind this many bytes; `next` leads on. Frames may have 1 MiB each.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Registers of an organisation.
const REGISTERS: Reads =
    Reads { scope: TokenScope::RegistersRead, takes: &REGISTERS_TAKE, limit_max: LIMIT_MAX };

/// Shifts of its registers.
const SHIFTS: Reads = Reads { scope: TokenScope::DocumentsRead, takes: &SHIFTS_TAKE, limit_max: SHIFTS_MAX };

/// Documents of its registers.
const DOCUMENTS: Reads =
    Reads { scope: TokenScope::DocumentsRead, takes: &DOCUMENTS_TAKE, limit_max: LIMIT_MAX };

/// What narrows registers, and says where a page of them begins and how long it is.
pub(crate) const REGISTERS_TAKE: [&str; 9] =
    ["q", "status", "line", "group", "shop_id", "shop", "register", "after", "limit"];

/// The same of shifts.
pub(crate) const SHIFTS_TAKE: [&str; 6] = ["from", "to", "shop", "register", "after", "limit"];

/// The same of documents.
pub(crate) const DOCUMENTS_TAKE: [&str; 13] = {
    let [from, to, operation, payment, shop, register, cashier, sum_from, sum_to, offline] = filter_names();
    [
        from, to, operation, payment, shop, register, cashier, sum_from, sum_to, offline, "raw", "after",
        "limit",
    ]
};

/// What an address is there to read.
pub(super) struct Reads {
    /// What a token must be good for.
    pub(super) scope: TokenScope,
    /// The parameters that mean something there.
    pub(super) takes: &'static [&'static str],
    /// Entries of one page.
    pub(super) limit_max: usize,
}

/// Who was admitted, and what was asked for as far as every address asks for it.
pub(super) struct Admitted {
    pub(super) bin: String,
    token: ProgramToken,
    pub(super) limit: usize,
    pub(super) faults: Faults,
}

impl Reads {
    /// Lets in who has a token for this, and reads what all addresses take.
    pub(super) async fn admit(
        &self,
        site: &Site,
        bin: Bin,
        from: (&HeaderMap, IpAddr),
        visitor: &Visitor,
    ) -> Result<Admitted, Problem> {
        let Path(bin) = bin.map_err(|_| Problem::no_such_address())?;
        let token = admit(site, from, &bin, self.scope).await?;
        let mut faults = Faults::default();
        faults.of_unknown(visitor, self.takes);
        let limit = limit_of(visitor, self.limit_max, &mut faults);
        Ok(Admitted { bin, token, limit, faults })
    }
}

/// What is wrong with what a program asks for.
#[derive(Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    pub(super) fn tell(&mut self, field: &str, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), detail: detail.into() });
    }

    /// Tells what means nothing here, and what stands twice: who asks would take it to have narrowed the answer.
    fn of_unknown(&mut self, visitor: &Visitor, taken: &[&str]) {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in &visitor.parameters {
            if !taken.contains(&name.as_str()) {
                self.tell(
                    name,
                    format!("this address takes no such parameter; it takes {}", taken.join(", ")),
                );
            } else if seen.contains(&name.as_str()) {
                self.tell(name, "it may stand only once");
            }
            seen.push(name);
        }
    }

    pub(super) fn none(self) -> Result<(), Problem> {
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
pub(super) fn after_of<T>(
    visitor: &Visitor,
    read: impl Fn(&str) -> Option<T>,
    faults: &mut Faults,
) -> Option<T> {
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

/// A choice between words; what is none of them is wrong.
fn choice_of<T: Default>(
    visitor: &Visitor,
    name: &'static str,
    of_name: fn(&str) -> Option<T>,
    faults: &mut Faults,
) -> T {
    let chosen = of_name(visitor.parameter(name).unwrap_or(""));
    chosen.unwrap_or_else(|| {
        faults.tell(name, fault_text(QueryFault::Unknown));
        T::default()
    })
}

/// The group of a number, or none where nothing is said; `None` for what is no number. One that is not there has no shops.
fn group_of_name(text: &str) -> Option<Option<u32>> {
    if text.is_empty() { Some(None) } else { plain_number(text).map(Some) }
}

/// Which registers are asked for.
fn register_query(visitor: &Visitor, faults: &mut Faults) -> RegisterQuery {
    let status = choice_of(visitor, "status", StatusFilter::of_name, faults);
    let line = choice_of(visitor, "line", LineFilter::of_name, faults);
    let group = choice_of(visitor, "group", group_of_name, faults);
    let typed = |name: &str| visitor.parameter(name).unwrap_or("");
    let shop = Some(typed("shop_id")).filter(|id| !id.is_empty()).map(|id| TradePointId(id.to_owned()));
    let by_text = |name: &str| {
        let text = Some(typed(name).trim()).filter(|text| !text.is_empty());
        text.map(|text| ShopQuery::new(text, StatusFilter::Any, LineFilter::Any))
    };
    RegisterQuery {
        narrowed: ShopQuery::new(typed("q"), status, line).in_group(group).in_shop(shop),
        shop: by_text("shop"),
        register: by_text("register"),
    }
}

/// Answers the registers of an organisation, by id.
pub(super) async fn registers(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = REGISTERS.admit(&site, bin, (&headers, address), &visitor).await?;
    let Admitted { bin, limit, mut faults, .. } = asked;
    let id = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let after = after_of(&visitor, id, &mut faults).map(RegisterId);
    let query = register_query(&visitor, &mut faults);
    faults.none()?;
    let (store, telling) = (&site.office.store, telling(&site));
    let found = registers_by_id(store, &bin, &query, after, limit, telling).await?;
    let zone = telling.zone_offset_seconds;
    let registers = found.registers.iter().map(|register| OwnRegister::of(register, zone)).collect();
    let next = found.next.map(|next| next.to_string());
    Ok(json("no-store", &OwnRegisters { registers, complete: found.is_complete, next }))
}

/// Answers the shifts of an organisation over a period, the newest first.
pub(super) async fn shifts(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = SHIFTS.admit(&site, bin, (&headers, address), &visitor).await?;
    let Admitted { bin, limit, mut faults, .. } = asked;
    let after = after_of(&visitor, Cursor::read, &mut faults);
    let query = query_of(&site, &visitor, &mut faults);
    faults.none()?;
    let Some(query) = query else { return Err(Problem::no_such_address()) };
    let telling = telling(&site);
    let found = find_shifts(&site.office.store, &bin, &query, after, limit, telling).await?;
    let shifts = found.shifts.iter().filter_map(|shift| OwnShift::of(shift, telling)).collect();
    let (complete, next) = (found.is_complete, found.next.map(|next| next.text()));
    Ok(json("no-store", &OwnShifts { shifts, complete, next }))
}

/// Answers the documents of an organisation over a period, the newest first.
pub(super) async fn documents(
    State(site): State<Arc<Site>>,
    bin: Bin,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> ApiAnswer {
    let asked = DOCUMENTS.admit(&site, bin, (&headers, address), &visitor).await?;
    let Admitted { bin, token, limit, mut faults } = asked;
    let is_raw = flag_of(&visitor, "raw", &mut faults);
    let after = after_of(&visitor, Cursor::read, &mut faults);
    let query = query_of(&site, &visitor, &mut faults);
    faults.none()?;
    if is_raw {
        needs(&token, TokenScope::DocumentsRaw)?;
    }
    let Some(query) = query else { return Err(Problem::no_such_address()) };
    let (store, zone) = (&site.office.store, site.config.zone_offset_seconds);
    let mut found = find(store, &bin, &query, after, Bounds::rows(limit), zone).await?;
    let (mut documents, mut bytes) = (Vec::new(), 0_usize);
    for line in &found.lines {
        let document =
            if is_raw { registers::document(store, line.register, line.place).await? } else { None };
        let view = OwnDocument::of(line, document.as_ref());
        bytes = bytes.saturating_add(view.weight());
        documents.push(view);
        if bytes >= ANSWER_BYTES_MAX {
            break;
        }
    }
    // What the answer has no room for is on the next page, with its share of the sums.
    found.cut(&query, documents.len());
    let totals = TotalsView::of(&found.totals);
    let (complete, next) = (found.is_complete, found.next.map(|next| next.text()));
    Ok(json("no-store", &OwnDocuments { documents, totals, complete, next }))
}
