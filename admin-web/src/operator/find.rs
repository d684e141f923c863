//! One box in which the operator's people find any organisation, any register and any receipt.
//!
//! Who may not see registers finds organisations alone, and is asked for nothing else.
//!
//! A fiscal sign says which document of a register it is of, if it is of that register: without the register or its
//! organisation, or the address of the QR code, no receipt is found by it. The page says so.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::companies::search::{People, Query, search};
use ofd_office::shops::{
    OfflineFound, by_offline_number, by_offline_number_in, by_ticket_number, by_ticket_number_in,
    registers_anywhere,
};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::{OPERATOR, organisation};
use ofd_storage::model;
use ofd_storage::model::{RegisterRecord, register_key};
use ofd_storage::walks::Walk;

use crate::cabinet::{Ask, At, Failure, Form, Right, see_other};
use crate::long_page::{Part, PartView, len_of};
use crate::page::Shell;
use crate::receipts::sought::{self, Sought};
use crate::shops::looked_text;
use crate::site::Site;

/// Organisations that are named; the list of organisations shows all.
const ORGANISATIONS_MAX: usize = 10;

/// Characters of what is looked for: an address of a QR code with all it may have.
const TYPED_LEN_MAX: usize = 400;

/// Something that was found.
struct FoundLine {
    href: String,
    name: String,
    about: String,
}

/// Letters of a line on the page beside what is in it.
const LINE_LEN: usize = 120;

impl FoundLine {
    /// What it comes to on the page.
    fn len(&self) -> usize {
        len_of(LINE_LEN, [self.href.as_str(), &self.name, &self.about])
    }
}

#[derive(Template)]
#[template(path = "operator_find.html")]
struct FindPage<'a> {
    shell: Shell<'a>,
    form: Form,
    /// Registers and receipts are found too.
    finds_registers: bool,
    organisations: Vec<FoundLine>,
    /// Where all of them are listed, where there are more.
    more: Option<String>,
    registers: Vec<FoundLine>,
    receipts: Vec<FoundLine>,
    /// Which of all these are shown, where not all are.
    part: Option<PartView>,
    /// What could not be looked for, and what helps.
    said: Vec<String>,
    is_nothing: bool,
    typed_more: String,
}

impl FindPage<'_> {
    /// All that was found, in the order of the page.
    fn found(&self) -> impl Iterator<Item = &FoundLine> {
        [&self.receipts, &self.registers, &self.organisations].into_iter().flatten()
    }

    /// What was found alone.
    fn only(&self) -> Option<&FoundLine> {
        let mut found = self.found();
        found.next().filter(|_| found.next().is_none())
    }

    /// Leaves what the page shows of all that was found: registers of one number may be many.
    fn show_part(&mut self, site: &Site, ask: &Ask) {
        let lens: Vec<usize> = self.found().map(FoundLine::len).collect();
        self.is_nothing = lens.is_empty();
        let part = Part::asked(ask, &lens);
        self.part = part.narrowed(&site.texts(ask), ask, &["q", "in"]);
        let mut behind = part;
        for lines in [&mut self.receipts, &mut self.registers, &mut self.organisations] {
            let (of_these, count) = (behind, lines.len());
            *lines = of_these.of(std::mem::take(lines));
            behind = behind.behind(count);
        }
    }
}

fn register_path(record: &RegisterRecord) -> String {
    format!("/operator/registers/{}/{}", record.bin, record.id)
}

async fn organisations(
    site: &Site,
    ask: &Ask,
    typed: &str,
) -> Result<(Vec<FoundLine>, Option<String>), Failure> {
    let found = search(&site.office.store, &Query::new(typed, People::Any), None, ORGANISATIONS_MAX).await?;
    let words = site.texts(ask);
    let line = |row: &ofd_office::companies::search::OrganisationRow| FoundLine {
        href: format!("/operator/companies/{}", row.bin),
        name: words.organisation(&row.title),
        about: row.bin.clone(),
    };
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
    let more = found.next.map(|_| format!("/operator/companies?{query}"));
    Ok((found.rows.iter().map(line).collect(), more))
}

async fn register_line(site: &Site, ask: &Ask, record: &RegisterRecord) -> Result<FoundLine, Failure> {
    let words = site.texts(ask);
    let known = organisation(&site.office.store, &record.bin).await?;
    let title = known.map_or_else(|| record.bin.clone(), |known| words.organisation(&known.title));
    let numbers = [("serial", record.serial_number.as_str()), ("rnm", record.fns_kkm_id.as_str())];
    Ok(FoundLine {
        href: register_path(record),
        name: words.say_with("shops-register", &record.id.to_string()),
        about: format!("{title} · {} · {}", record.model, words.say_values("shops-numbers", &numbers)),
    })
}

fn receipt_line(site: &Site, ask: &Ask, record: &RegisterRecord, place: DocumentRef) -> FoundLine {
    let values = [record.id.to_string(), place.shift.to_string(), place.number.to_string()];
    let [register, shift, number] = values.each_ref().map(String::as_str);
    let of = [("register", register), ("shift", shift), ("number", number)];
    FoundLine {
        href: format!("{}/shifts/{shift}/documents/{number}", register_path(record)),
        name: site.texts(ask).say_values("shops-receipt-at", &of),
        about: record.bin.clone(),
    }
}

/// Where a receipt is looked for: in some registers, or in all of an organisation.
enum Within {
    Registers(Vec<RegisterRecord>),
    Organisation(String),
    /// Nothing was said.
    Nowhere,
    /// What was said is neither.
    NotThere,
}

async fn within(site: &Site, typed: &str) -> Result<Within, Failure> {
    if typed.is_empty() {
        return Ok(Within::Nowhere);
    }
    let store = &site.office.store;
    let registers = registers_anywhere(store, typed).await?;
    if !registers.is_empty() {
        return Ok(Within::Registers(registers));
    }
    let bin: String = typed.chars().filter(|char| !char.is_whitespace()).collect();
    let is_known = bin != OPERATOR && organisation(store, &bin).await?.is_some();
    Ok(if is_known { Within::Organisation(bin) } else { Within::NotThere })
}

/// The receipts that a number on paper leads to, where it is said whose they are; with how far it was looked for one that was
/// made without a link.
async fn by_number(
    site: &Site,
    sought: &Sought,
    within: &Within,
) -> Result<(Vec<(RegisterId, DocumentRef)>, Option<OfflineFound>), Failure> {
    let store = &site.office.store;
    let ids = |records: &[RegisterRecord]| records.iter().map(|record| record.id).collect();
    let offline = match (sought, within) {
        (Sought::OfflineNumber(number), Within::Registers(records)) => {
            Some(by_offline_number_in(store, ids(records), *number).await?)
        }
        (Sought::OfflineNumber(number), Within::Organisation(bin)) => {
            Some(by_offline_number(store, bin, *number).await?)
        }
        _ => None,
    };
    if let Some(found) = offline {
        return Ok((found.receipts.clone(), Some(found)));
    }
    let found = match (sought, within) {
        (Sought::TicketNumber(number), Within::Registers(records)) => {
            let key = site.ticket_number_key()?;
            by_ticket_number_in(store, key, ids(records), *number).await?.into_iter().collect()
        }
        (Sought::TicketNumber(number), Within::Organisation(bin)) => {
            by_ticket_number(store, site.ticket_number_key()?, bin, *number).await?.into_iter().collect()
        }
        _ => Vec::new(),
    };
    Ok((found, None))
}

/// The receipts that were found, and what is said of that: what stands against finding one, or how far it was looked.
async fn receipts(site: &Site, ask: &Ask, typed: &str) -> Result<(Vec<FoundLine>, Option<String>), Failure> {
    let Some(sought) = sought::read(typed) else { return Ok((Vec::new(), None)) };
    if let Sought::Address(check) = &sought {
        let found = match check {
            Some(check) => sought::at_address(site, check).await?,
            None => None,
        };
        let line = found.map(|(record, place)| receipt_line(site, ask, &record, place));
        return Ok((line.into_iter().collect(), None));
    }
    let within = within(site, ask.parameter("in")).await?;
    let (words, mut lines) = (site.texts(ask), Vec::new());
    let (found, looked) = by_number(site, &sought, &within).await?;
    for (id, place) in found {
        let record = model::load::<RegisterRecord>(&site.office.store, &register_key(id)).await?;
        lines.extend(record.map(|(_, record)| receipt_line(site, ask, &record, place)));
    }
    let said = match within {
        Within::Nowhere => Some(words.say("operator-find-whose")),
        Within::NotThere => Some(words.say("operator-find-not-there")),
        Within::Registers(_) | Within::Organisation(_) => looked.map(|found| looked_text(&words, &found)),
    };
    Ok((lines, said))
}

/// Shows the box, and what it leads to. What is found alone is gone to.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let words = site.texts(&ask);
    let typed: String = ask.parameter("q").chars().take(TYPED_LEN_MAX).collect();
    let mut page = FindPage {
        shell: site.page(&ask),
        form: Form::filled([("q", typed.clone()), ("in", ask.parameter("in").to_owned())]),
        finds_registers: ask.may(Right::SeeAnyRegister),
        organisations: Vec::new(),
        more: None,
        registers: Vec::new(),
        receipts: Vec::new(),
        part: None,
        said: Vec::new(),
        is_nothing: false,
        typed_more: format!("autocomplete=\"off\" maxlength=\"{TYPED_LEN_MAX}\""),
    };
    if typed.is_empty() {
        return Ok(site.show(&ask, StatusCode::OK, &page));
    }
    let is_address = matches!(sought::read(&typed), Some(Sought::Address(_)));
    if !is_address {
        (page.organisations, page.more) = organisations(&site, &ask, &typed).await?;
    }
    if page.finds_registers {
        if !is_address {
            for record in registers_anywhere(&site.office.store, &typed).await? {
                page.registers.push(register_line(&site, &ask, &record).await?);
            }
        }
        let (receipts, said) = receipts(&site, &ask, &typed).await?;
        page.receipts = receipts;
        let found_else = !page.organisations.is_empty() || !page.registers.is_empty();
        // Most numbers that are typed are no receipt's.
        let is_told = !ask.parameter("in").is_empty() || !found_else;
        page.said.extend(said.filter(|_| is_told));
        if page.registers.is_empty() && !Walk::Serials.is_complete(&site.office.store).await? {
            page.said.push(words.say("operator-ill-serials"));
        }
    }
    let only = page.only().map(|only| only.href.clone());
    match only {
        Some(href) if page.more.is_none() => return Ok(see_other(&href)),
        Some(_) | None => page.show_part(&site, &ask),
    }
    Ok(site.show(&ask, StatusCode::OK, &page))
}
