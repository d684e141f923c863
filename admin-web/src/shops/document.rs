//! One document of a register, with the way to what its buyer sees.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_protocol::register::DocumentKind;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_storage::model::RegisterRecord;
use ofd_storage::registers::{self, Document};

use super::documents::Told;
use super::here::{id_of, number, own, register_path};
use crate::cabinet::{Ask, At, Failure};
use crate::format;
use crate::page::Shell;
use crate::receipts::payment_key;
use crate::site::Site;

struct Particular {
    label: String,
    value: String,
}

#[derive(Template)]
#[template(path = "shop_document.html")]
struct DocumentPage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    kind: String,
    sum: Option<String>,
    is_cancelled: bool,
    particulars: Vec<Particular>,
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
        rows.extend(value.map(|value| Particular { label: words.say(key), value }));
    };
    row("shops-number", Some(document.number.to_string()));
    row("shops-till-time", document.date_time.map(|at| format::moment(language, at)));
    row("shops-accepted", Some(site.moment(ask, document.accepted_at)));
    row("shops-fiscal-sign", document.ticket_number.map(|number| number.to_string()));
    row("shops-offline-number", document.offline_number.map(|number| number.to_string()));
    row("shops-cashier", Some(told.cashier.clone()));
    for (way, sum) in &told.paid_by {
        row(payment_key(*way), Some(format::sum(language, *sum)));
    }
    if let Some(DocumentRef { shift, number }) = document.cancels {
        let place = [("shift", shift.to_string()), ("number", number.to_string())];
        let place = place.each_ref().map(|(name, value)| (*name, value.as_str()));
        row("shops-cancels", Some(words.say_values("shops-place", &place)));
    }
    rows
}

/// Shows a document.
pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, store) = (site.texts(&ask), &site.office.store);
    let record = own(&site, ask.bin(), id_of(&ask)?).await?;
    let place = (number(ask.part("shift")), number(ask.part("number")));
    let (Some(shift), Some(number)) = place else { return Err(Failure::NotFound) };
    let place = DocumentRef { shift, number };
    let document = registers::document(store, record.id, place).await?.ok_or(Failure::NotFound)?;
    let is_cancelled = registers::is_cancelled(store, record.id, place).await?;
    let told = Told::of(&document);
    let kind = told.kind(&words, document.kind);
    let shift_text = shift.to_string();
    let of = [("register", ask.part("register")), ("shift", shift_text.as_str())];
    let mut shell = site.page(&ask);
    shell.title = format!("{kind} {number}");
    let proof = |key: &str, value: String| Particular { label: words.say(key), value };
    let page = DocumentPage {
        shell,
        back: (
            format!("{}/shifts/{shift}/documents", register_path(ask.bin(), record.id)),
            words.say_values("shops-documents-of", &of),
        ),
        sum: told.sum(&document).map(|sum| format::sum(words.language, sum.get())),
        particulars: particulars(&site, &ask, &document, &told),
        proofs: vec![
            proof("shops-crc", format!("{:08X}", document.crc)),
            proof("shops-chain", hex::encode(document.chain)),
        ],
        // A cancelled receipt is none any more: its buyer does not find it either.
        receipt: receipt_href(&record, &document).filter(|_| !is_cancelled),
        kind,
        is_cancelled,
    };
    Ok(site.show(&ask, StatusCode::OK, &page))
}
