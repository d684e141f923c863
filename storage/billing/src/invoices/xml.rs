//! An invoice as XML by our own schema, `storage/billing/schema/invoice.xsd`.
//!
//! It has the fields that the state's electronic invoice is publicly known to have. The state's own schema is not to be had here, so
//! nothing here is said to be importable there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use super::content::ContentLine;
use super::documents::{Invoice, InvoiceSort, Party, Reference};
use super::texts::{PaperLanguage, line_text};
use crate::charging::{Item, Origin};
use crate::tariffs::{PlanId, Titles};
use crate::tiyn::TiynError;

/// The names of the schema, and its version.
pub const NAMESPACE: &str = "urn:ofd:invoice:1";

/// A document of XML in the making.
struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    fn indent(&mut self) {
        self.text.push('\n');
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }

    fn begin(&mut self, name: &'static str) {
        self.indent();
        self.text.push_str(&format!("<{name}>"));
        self.open.push(name);
    }

    fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str(&format!("</{name}>"));
        }
    }

    fn field(&mut self, name: &'static str, value: impl Display) {
        self.indent();
        let value = value.to_string();
        self.text.push_str(&format!("<{name}>{}</{name}>", escaped(&value)));
    }

    fn optional(&mut self, name: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }
}

/// A text as XML may bear it: what has a meaning there is written out, what may not be there becomes a space.
fn escaped(text: &str) -> Cow<'_, str> {
    let needs =
        |char: char| matches!(char, '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}') || char < ' ';
    if !text.contains(needs) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len().saturating_add(16));
    for char in text.chars() {
        match char {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            other if needs(other) => written.push(' '),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

/// The invoice as XML. `titles` are those of the plans that its lines name; a plan without any is called by its id.
///
/// # Errors
/// [`TiynError`] never for an invoice within bounds.
pub fn invoice_xml(invoice: &Invoice, titles: &BTreeMap<PlanId, Titles>) -> Result<String, TiynError> {
    let mut xml = Writer {
        text: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<invoice xmlns=\"{NAMESPACE}\">"),
        open: vec!["invoice"],
    };
    let head = &invoice.head;
    xml.field("number", &head.number);
    xml.field("date", head.day);
    xml.field("turnoverDate", invoice.turnover);
    let (sort, first) = match &invoice.sort {
        InvoiceSort::First => ("ordinary", None),
        InvoiceSort::Corrected(first) => ("corrected", Some(first)),
        InvoiceSort::Additional(first) => ("additional", Some(first)),
    };
    xml.field("type", sort);
    if let Some(Reference { number, day }) = first {
        xml.begin("relatedInvoice");
        xml.field("number", number);
        xml.field("date", day);
        xml.end();
    }
    party(&mut xml, "supplier", &head.supplier);
    party(&mut xml, "recipient", &head.recipient);
    if let Some(contract) = &head.contract {
        xml.begin("contract");
        xml.field("number", &contract.number);
        xml.field("date", contract.day);
        xml.end();
    }
    xml.field("currency", "KZT");
    xml.begin("lines");
    for one in &invoice.content.lines {
        line(&mut xml, one, titles)?;
    }
    xml.end();
    for rate in &invoice.content.rates {
        xml.begin("rateTotal");
        xml.field("vatRate", rate.rate.percent());
        xml.field("sumWithoutVat", rate.sum.minus(rate.vat)?);
        xml.field("vat", rate.vat);
        xml.field("sumWithVat", rate.sum);
        xml.end();
    }
    xml.begin("total");
    xml.field("sumWithoutVat", invoice.content.total.minus(invoice.content.vat)?);
    xml.field("vat", invoice.content.vat);
    xml.field("sumWithVat", invoice.content.total);
    xml.end();
    xml.end();
    xml.text.push('\n');
    Ok(xml.text)
}

fn party(xml: &mut Writer, name: &'static str, party: &Party) {
    xml.begin(name);
    xml.field("bin", &party.bin);
    xml.field("name", &party.title);
    xml.field("address", &party.address);
    if let Some(certificate) = &party.vat_certificate {
        xml.begin("vatCertificate");
        xml.field("series", &certificate.series);
        xml.field("number", &certificate.number);
        xml.end();
    }
    if let Some(bank) = &party.bank {
        xml.begin("bank");
        xml.field("iik", &bank.iik);
        xml.field("bic", &bank.bic);
        xml.field("name", &bank.bank);
        xml.optional("kbe", bank.kbe.as_deref());
        xml.end();
    }
    xml.end();
}

/// A line: as the state's invoice has it, one service at its sum; and under `basis` why it is that sum.
fn line(xml: &mut Writer, one: &ContentLine, titles: &BTreeMap<PlanId, Titles>) -> Result<(), TiynError> {
    let (line, net) = (&one.line, one.net()?);
    let basis = &line.basis;
    let unnamed =
        || Titles { ru: basis.plan.to_string(), kk: basis.plan.to_string(), en: basis.plan.to_string() };
    let titles = titles.get(&basis.plan).cloned().unwrap_or_else(unnamed);
    xml.begin("line");
    xml.field("number", one.number);
    xml.field("description", line_text(line, &titles, PaperLanguage::Russian));
    xml.field("descriptionKk", line_text(line, &titles, PaperLanguage::Kazakh));
    xml.field("unit", "service");
    xml.field("quantity", 1);
    xml.field("unitPriceWithoutVat", net);
    xml.field("sumWithoutVat", net);
    xml.field("vatRate", basis.rate.percent());
    xml.field("vat", one.vat);
    xml.field("sumWithVat", line.sum);
    xml.begin("basis");
    xml.field("register", basis.register);
    xml.field("item", item_name(basis.item));
    xml.field("origin", if line.origin == Origin::Month { "month" } else { "correction" });
    xml.field("plan", &basis.plan);
    xml.field("version", basis.version);
    xml.field("price", basis.price);
    xml.field("from", line.from);
    xml.field("to", line.to);
    xml.field("quantity", line.quantity);
    xml.end();
    xml.end();
    Ok(())
}

/// What is charged, as the schema calls it.
fn item_name(item: Item) -> &'static str {
    match item {
        Item::ByMonth => "byMonth",
        Item::ByDay => "byDay",
        Item::Connection => "connection",
        Item::ReceiptsOver => "receiptsOver",
    }
}
