//! One document of a register: what is told of it, what it is linked to, and its frame field by field.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::documents::{DocumentLine, Looked, Paid, Told, returned_by};
use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::register::{Day, DocumentKind};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;
use ofd_storage::accounts::AuditPage;
use ofd_storage::model::RegisterRecord;
use ofd_storage::registers::{self, Document};

use super::fields::{self, FieldRow};
use super::view::{day_text, kind_text};
use crate::cabinet::{Ask, At, Failure};
use crate::format;
use crate::long_page::{PartView, asked_from};
use crate::page::Shell;
use crate::receipts::{parent_of, payment_key};
use crate::shops::{Whose, id_of};
use crate::site::Site;
use crate::typed::plain_number;
use crate::words::Words;

struct Particular {
    label: String,
    value: String,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    kind: String,
    sum: Option<String>,
    is_cancelled: bool,
    particulars: Vec<Particular>,
    fields: Vec<FieldRow>,
    part: Option<PartView>,
    proofs: Vec<Particular>,
    receipt: Option<String>,
}

/// Where the buyer of a receipt sees it: by what is printed on paper.
fn receipt_href(record: &RegisterRecord, document: &Document) -> Option<String> {
    let (i, s) = (document.ticket_number?.to_string(), document.total?.to_string());
    let t = document.date_time?.compact().to_string();
    let pairs = [("i", i.as_str()), ("f", &record.fns_kkm_id), ("s", &s), ("t", &t)];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    (document.kind == DocumentKind::Ticket).then(|| format!("/?{query}"))
}

/// What is told of a document beside its sum.
fn particulars(site: &Site, ask: &Ask, document: &Document, told: &Told) -> Vec<Particular> {
    let words = site.texts(ask);
    let language = words.language;
    let mut rows = Vec::new();
    let mut row = |key: &str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        rows.extend(value.map(|value| Particular { label: words.say(key), value, href: None }));
    };
    row("shops-number", Some(document.number.to_string()));
    row("shops-till-time", document.date_time.map(|at| format::moment(language, at)));
    row("shops-accepted", Some(site.moment(ask, document.accepted_at)));
    row("shops-fiscal-sign", document.ticket_number.map(|number| number.to_string()));
    row("shops-offline-number", document.offline_number.map(|number| number.to_string()));
    row("shops-cashier", Some(told.cashier.clone()));
    for Paid { way, sum, .. } in &told.paid_by {
        row(payment_key(*way), Some(format::sum(language, *sum)));
    }
    rows
}

/// Other documents that this one undoes, or that undo it.
struct Links<'a> {
    site: &'a Site,
    ask: &'a Ask,
    words: Words<'a>,
    record: &'a RegisterRecord,
    place: DocumentRef,
    document: &'a Document,
    rows: Vec<Particular>,
}

impl Links<'_> {
    fn row(&mut self, key: &str, register: RegisterId, place: DocumentRef) {
        let (shift, number) = (place.shift.to_string(), place.number.to_string());
        let of = [("register", register.to_string()), ("shift", shift.clone()), ("number", number.clone())];
        let of = of.each_ref().map(|(name, value)| (*name, value.as_str()));
        let path = Whose::of(self.ask).register_path(register);
        self.rows.push(Particular {
            label: self.words.say(key),
            value: self.words.say_values("documents-place", &of),
            href: Some(format!("{path}/shifts/{shift}/documents/{number}")),
        });
    }

    fn say(&mut self, key: &str, value: String) {
        self.rows.push(Particular { label: self.words.say(key), value, href: None });
    }

    /// A cancellation and its receipt.
    async fn cancellation(&mut self) -> Result<bool, Failure> {
        if let Some(cancelled) = self.document.cancels {
            self.row("shops-cancels", self.record.id, cancelled);
        }
        let by = registers::cancelled_by(&self.site.office.store, self.record.id, self.place).await?;
        if let Some(by) = by {
            self.row("documents-cancelled-by", self.record.id, by);
        }
        Ok(by.is_some())
    }

    /// The receipt that a return says it undoes.
    async fn parent(&mut self) -> Result<(), Failure> {
        let Ok(frame) = frame::whole(&self.document.raw) else { return Ok(()) };
        let Ok(request) = Request::read(frame.payload) else { return Ok(()) };
        let Some(parent) = request.ticket.and_then(|ticket| ticket.parent_ticket) else { return Ok(()) };
        match parent_of(self.site, &parent).await? {
            Some((record, place)) if record.bin == self.record.bin => {
                self.row("documents-returns", record.id, place);
            }
            // Of another organisation's receipt the return says what it says, and no more is told.
            Some(_) | None => {
                let number = parent.parent_ticket_number.map(|number| number.lossy().into_owned());
                self.say("documents-returns", number.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// The returns that undo a receipt, as far as they can be found.
    async fn returns(&mut self, is_cancelled: bool) -> Result<(), Failure> {
        if self.document.kind != DocumentKind::Ticket || is_cancelled {
            return Ok(());
        }
        let zone = self.site.config.zone_offset_seconds;
        let today = Day::of(self.site.office.now().wall(zone));
        let line = DocumentLine::of(self.record.id, self.place.shift, self.document, zone);
        let Some(returned) = returned_by(&self.site.office.store, self.record, &line, today, zone).await?
        else {
            return Ok(());
        };
        let is_none = returned.by.is_empty();
        for (register, place) in returned.by {
            self.row("documents-returned-by", register, place);
        }
        let first = match (is_none, returned.looked.is_everywhere()) {
            (true, true) => Some("documents-not-returned"),
            (true, false) => Some("documents-returns-unknown"),
            (false, false) => Some("documents-more-returns"),
            (false, true) => None,
        };
        if let Some(first) = first {
            let told = [self.words.say(first)].into_iter().chain(self.limits(returned.looked));
            self.say("documents-returned-by", told.collect::<Vec<_>>().join(" "));
        }
        Ok(())
    }

    /// How far returns were looked for, where that was not everywhere.
    fn limits(&self, looked: Looked) -> Vec<String> {
        let registers =
            (!looked.is_all).then(|| ("documents-looked-registers", looked.registers.to_string()));
        let since = looked.since.map(|at| ("documents-looked-since", self.site.moment(self.ask, at)));
        let until = looked.until.map(|day| ("documents-looked-until", day_text(day)));
        let limits = [registers, since, until].into_iter().flatten();
        limits.map(|(key, value)| self.words.say_with(key, &value)).collect()
    }
}

/// Shows a document.
pub(crate) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, store) = (site.texts(&ask), &site.office.store);
    let record = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Documents).await?;
    let place = (plain_number(ask.part("shift")), plain_number(ask.part("number")));
    let (Some(shift), Some(number)) = place else { return Err(Failure::NotFound) };
    let place = DocumentRef { shift, number };
    let document = registers::document(store, record.id, place).await?.ok_or(Failure::NotFound)?;
    let told = Told::of(&document);
    let (site, ask, record, document) = (&*site, &ask, &record, &document);
    let mut links = Links { site, ask, words: site.texts(ask), record, place, document, rows: Vec::new() };
    let is_cancelled = links.cancellation().await?;
    links.parent().await?;
    links.returns(is_cancelled).await?;
    let linked = links.rows;
    let kind = kind_text(&words, document.kind, &told);
    let shift_text = shift.to_string();
    let of = [("register", ask.part("register")), ("shift", shift_text.as_str())];
    let mut shell = site.page(ask);
    shell.title = format!("{kind} {number}");
    let proof = |key: &str, value: String| Particular { label: words.say(key), value, href: None };
    let (fields, part) = fields::rows(&words, document, asked_from(ask));
    let page = DocumentPage {
        shell,
        back: (
            format!("{}/shifts/{shift}/documents", Whose::of(ask).register_path(record.id)),
            words.say_values("shops-documents-of", &of),
        ),
        sum: told.sum(document).map(|sum| format::sum(words.language, sum.get())),
        particulars: particulars(site, ask, document, &told).into_iter().chain(linked).collect(),
        fields,
        part: part.view(&words, ask),
        proofs: vec![
            proof("shops-crc", format!("{:08X}", document.crc)),
            proof("shops-chain", hex::encode(document.chain)),
        ],
        // A cancelled receipt is none any more: its buyer does not find it either.
        receipt: receipt_href(record, document).filter(|_| !is_cancelled),
        kind,
        is_cancelled,
    };
    Ok(site.show(ask, StatusCode::OK, &page))
}
