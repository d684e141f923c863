//! The documents of a shift as a list.

use ofd_office::documents::Told;
use ofd_protocol::message::Operation;
use ofd_protocol::register::DocumentKind;
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, Document};

use super::view::{accepted_apart, kind_text, payment_text};
use crate::cabinet::list::{Cell, FilterField, List, ListPaths, Piece, list_paths};
use crate::cabinet::{Ask, Choice, Failure};
use crate::format;
use crate::shops::{OfRegister, Whose};
use crate::site::Site;
use crate::typed::plain_number;
use crate::words::Words;

/// A page looks at so many documents at most before it says how far it got.
const LOOKED_AT_MAX: usize = 5_000;

/// Documents are read so many at a time: frames may be long.
const CHUNK: usize = 64;

/// What a list of documents is narrowed to, by the word for it in the address.
const KINDS: [(&str, &str, Sort); 8] = [
    ("", "shops-document-any", Sort::Any),
    ("sell", "operation-sell", Sort::Receipt(Operation::Sell)),
    ("sell_return", "operation-sell-return", Sort::Receipt(Operation::SellReturn)),
    ("buy", "operation-buy", Sort::Receipt(Operation::Buy)),
    ("buy_return", "operation-buy-return", Sort::Receipt(Operation::BuyReturn)),
    ("cash", "shops-document-placement", Sort::Of(DocumentKind::MoneyPlacement)),
    ("cancel", "shops-document-cancel", Sort::Of(DocumentKind::CancelTicket)),
    ("close", "shops-document-close", Sort::Of(DocumentKind::CloseShift)),
];

/// Which documents are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Any,
    Receipt(Operation),
    Of(DocumentKind),
}

impl Sort {
    fn has(self, row: &DocumentRow) -> bool {
        match self {
            Self::Any => true,
            Self::Receipt(operation) => row.told.operation == Some(operation),
            Self::Of(kind) => row.document.kind == kind,
        }
    }
}

/// A document with what its frame tells.
pub(crate) struct DocumentRow {
    document: Document,
    told: Told,
}

/// The shift whose documents are asked for, and which of them.
pub(crate) struct OfShift {
    of: OfRegister,
    shift: Option<u32>,
    sort: Sort,
}

/// Some documents in the order in which they were accepted, and how many were looked at. A cursor is the number of the last
/// one that was.
async fn looked(
    site: &Site,
    query: &OfShift,
    after: Option<&str>,
    limit: usize,
) -> Result<(Piece<DocumentRow>, usize), Failure> {
    let (store, id) = (&site.office.store, query.of.own(site).await?);
    let shift = query.shift.ok_or(Failure::NotFound)?;
    if registers::shift(store, id, shift).await?.is_none() {
        return Err(Failure::NotFound);
    }
    let mut piece = Piece { rows: Vec::new(), next: None };
    let (mut behind, mut looked_at) = (after.and_then(plain_number).unwrap_or(0), 0_usize);
    loop {
        let wanted = CHUNK.min(limit.saturating_sub(piece.rows.len()));
        let chunk = registers::documents(store, id, shift, behind, wanted).await?;
        let is_end = chunk.len() < wanted;
        looked_at = looked_at.saturating_add(chunk.len());
        behind = chunk.last().map_or(behind, |last| last.number);
        let rows = chunk.into_iter().map(|document| DocumentRow { told: Told::of(&document), document });
        piece.rows.extend(rows.filter(|row| query.sort.has(row)));
        if is_end {
            return Ok((piece, looked_at));
        }
        if piece.rows.len() >= limit || looked_at >= LOOKED_AT_MAX {
            piece.next = Some(behind.to_string());
            return Ok((piece, looked_at));
        }
    }
}

/// The documents of a shift: of the organisation for which the person acts, or of any, for the operator's people.
pub(crate) struct Documents<const OPERATOR: bool>;

impl<const OPERATOR: bool> List for Documents<OPERATOR> {
    type Query = OfShift;
    type Row = DocumentRow;

    const PATHS: ListPaths = if OPERATOR {
        list_paths!("/operator/registers/{company}/{register}/shifts/{shift}/documents")
    } else {
        list_paths!("/c/{bin}/registers/{register}/shifts/{shift}/documents")
    };
    const TITLE: (&'static str, &'static str) = ("shops-documents-title", "documents");
    const COLUMNS: &'static [&'static str] = &[
        "shops-number",
        "shops-when",
        "shops-document",
        "shops-sum",
        "shops-payment",
        "shops-cashier",
        "shops-fiscal-sign",
        "shops-offline-number",
    ];
    const NONE: &'static str = "shops-no-documents";
    const NOTE: Option<&'static str> = None;

    fn heading(site: &Site, ask: &Ask) -> Option<String> {
        let values = [("register", ask.part("register")), ("shift", ask.part("shift"))];
        Some(site.texts(ask).say_values("shops-documents-of", &values))
    }

    fn back(site: &Site, ask: &Ask) -> Option<(String, String)> {
        let id = ask.part("register");
        let name = site.texts(ask).say_with("shops-shifts-of", id);
        Some((format!("{}/shifts", Whose::of(ask).register_path(RegisterId(plain_number(id)?))), name))
    }

    fn fields(words: &Words<'_>) -> Vec<FilterField> {
        let kinds = KINDS.map(|(name, text, _)| Choice::new(name, words.say(text)));
        vec![FilterField::choice("kind", "shops-document", kinds.into())]
    }

    fn query(ask: &Ask) -> OfShift {
        let kind = KINDS.into_iter().find(|(name, ..)| *name == ask.parameter("kind"));
        let sort = kind.map_or(Sort::Any, |(.., sort)| sort);
        OfShift { of: OfRegister::read(ask), shift: plain_number(ask.part("shift")), sort }
    }

    async fn look(site: &Site, ask: &Ask) -> Result<(), Failure> {
        OfRegister::read(ask).look(site).await
    }

    async fn rows(
        site: &Site,
        query: &OfShift,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Piece<DocumentRow>, Failure> {
        Ok(looked(site, query, after, limit).await?.0)
    }

    /// A page that got tired says how far it got, whatever it found on the way.
    async fn page(
        site: &Site,
        ask: &Ask,
        query: &OfShift,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Piece<DocumentRow>, Vec<String>), Failure> {
        let (piece, looked_at) = looked(site, query, after, limit).await?;
        let reached = piece.next.as_deref().filter(|_| piece.rows.len() < limit);
        let said = reached.map(|number| {
            let values = [("read", looked_at.to_string()), ("number", number.to_owned())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            site.texts(ask).say_values("documents-reached-number", &values)
        });
        Ok((piece, said.into_iter().collect()))
    }

    fn cells(site: &Site, ask: &Ask, DocumentRow { document, told }: &DocumentRow) -> Vec<Cell> {
        let (words, id) = (site.texts(ask), RegisterId(plain_number(ask.part("register")).unwrap_or(0)));
        let language = words.language;
        let at = format!("{}/shifts/{}/documents", Whose::of(ask).register_path(id), ask.part("shift"));
        let when = match document.date_time {
            Some(at) => format::moment(language, at),
            None => site.moment(ask, document.accepted_at),
        };
        let late = document.date_time.and_then(|at| accepted_apart(site, ask, at, document.accepted_at));
        let sum = told.sum(document).map(|sum| Cell::sum(language, sum.get()));
        vec![
            Cell::link(format!("{at}/{}", document.number), document.number.to_string()),
            Cell::text(when).noted(late),
            Cell::text(kind_text(&words, document.kind, told)),
            sum.unwrap_or_else(|| Cell::text("")),
            Cell::text(payment_text(&words, told)),
            Cell::text(told.cashier.as_str()),
            Cell::text(document.ticket_number.map_or_else(String::new, |number| number.to_string())),
            Cell::text(document.offline_number.map_or_else(String::new, |number| number.to_string())),
        ]
    }
}
