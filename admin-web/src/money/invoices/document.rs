//! One invoice, act or bill: what it says, its lines, its files; and what people issue beside a first invoice.

use askama::Template;
use axum::response::Response;
use ofd_billing::invoices::{Bill, BillFor, Content, InvoiceSort, PaperLanguage, line_text};
use ofd_billing::tariffs::Titles;
use ofd_office::billing::invoices::{Beside, IssueError, issue_beside, number_of, once, plan_titles};
use ofd_office::day::written;
use ofd_office::language::Language;
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::AuditPage;
use ofd_storage::invoices::{Document, Issued, act, by_number};

use super::super::reasons::looked;
use super::super::told::{bin_of, home, month_text};
use super::list::sign;
use crate::cabinet::{Ask, At, Choice, Failure, Form, Right, see_other};
use crate::format;
use crate::page::Shell;
use crate::qr::QrPicture;
use crate::site::Site;

/// Where a document of an organisation is.
pub(super) const OWN: &str = "/c/{bin}/money/invoices/{invoice}";

/// The same for the operator's people.
pub(super) const ANY: &str = "/operator/companies/{company}/money/invoices/{invoice}";

/// Where an invoice is issued beside a first one.
pub(super) const BESIDE: &str = "/operator/companies/{company}/money/invoices/{invoice}/beside";

/// So many lines a page shows; the files have all.
const LINES_MAX: usize = 80;

/// The longest reason that a person gives.
const REASON_CHARS_MAX: usize = 500;

struct LineView {
    number: u32,
    what: String,
    net: String,
    vat: String,
    sum: String,
}

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    heading: String,
    details: Vec<(&'static str, String)>,
    /// The document that this one names.
    first: Option<(String, String)>,
    lines: Vec<LineView>,
    /// Said where the page has not all lines.
    more: Option<String>,
    sum: String,
    vat: String,
    /// Where the files are, and whether XML is among them.
    at: String,
    has_xml: bool,
    qr: Option<QrPicture>,
    form: Form,
    ways: Vec<Choice>,
    may_issue: bool,
    once: String,
    reason_more: String,
}

/// The document of the organisation that the address names.
pub(super) async fn named<const OPERATORS: bool>(site: &Site, ask: &Ask) -> Result<Issued, Failure> {
    let number = number_of(ask.part("invoice")).ok_or(Failure::NotFound)?;
    let found = by_number(&site.office.store, &number).await?;
    // Another organisation's is as if it were not there.
    found.filter(|issued| issued.bin() == bin_of::<OPERATORS>(ask)).ok_or(Failure::NotFound)
}

/// The language in which lines are told: papers have two.
fn paper_language(ask: &Ask) -> PaperLanguage {
    match ask.language() {
        Language::Kazakh => PaperLanguage::Kazakh,
        Language::Russian | Language::English => PaperLanguage::Russian,
    }
}

async fn lines_of(site: &Site, ask: &Ask, issued: &Issued) -> Result<(Vec<LineView>, usize), Failure> {
    let store = &site.office.store;
    match &issued.document {
        Document::Invoice(kept) => of_content(site, ask, &kept.invoice.content).await,
        Document::Act(_) => {
            let act = act(store, issued).await?.ok_or(Failure::NotFound)?;
            of_content(site, ask, &act.content).await
        }
        Document::Bill(bill) => Ok((of_bill(site, ask, bill), bill.lines.len())),
    }
}

async fn of_content(site: &Site, ask: &Ask, content: &Content) -> Result<(Vec<LineView>, usize), Failure> {
    let (titles, paper) = (plan_titles(&site.office.store).await?, paper_language(ask));
    let sum = |tiyn: i64| format::sum(ask.language(), tiyn);
    let view = |one: &ofd_billing::invoices::ContentLine| {
        let plan = &one.line.basis.plan;
        let unnamed = || Titles { ru: plan.to_string(), kk: plan.to_string(), en: plan.to_string() };
        let titles = titles.get(plan).cloned().unwrap_or_else(unnamed);
        LineView {
            number: one.number,
            what: line_text(&one.line, &titles, paper),
            net: one.net().map(|net| sum(net.get())).unwrap_or_default(),
            vat: sum(one.vat.get()),
            sum: sum(one.line.sum.get()),
        }
    };
    Ok((content.lines.iter().take(LINES_MAX).map(view).collect(), content.lines.len()))
}

fn of_bill(site: &Site, ask: &Ask, bill: &Bill) -> Vec<LineView> {
    let words = site.texts(ask);
    let sum = |tiyn: i64| format::sum(ask.language(), tiyn);
    let view = |(line, number): (&ofd_billing::invoices::BillLine, u32)| {
        let what = match &line.what {
            BillFor::TopUp => words.say("bill-for-top-up"),
            BillFor::Advance(month) => words.say_with("bill-for-advance", &month_text(*month)),
            BillFor::Invoice(of) => words.say_with("bill-for-invoice", &of.number.to_string()),
        };
        let vat = line.rate.inside(line.sum).unwrap_or_default();
        let net = line.sum.minus(vat).unwrap_or_default();
        LineView { number, what, net: sum(net.get()), vat: sum(vat.get()), sum: sum(line.sum.get()) }
    };
    bill.lines.iter().zip(1..).map(view).collect()
}

fn details(site: &Site, ask: &Ask, issued: &Issued) -> Vec<(&'static str, String)> {
    let words = site.texts(ask);
    let head = issued.document.head();
    let mut details = vec![("invoices-day", written(issued.day().date()))];
    match &issued.document {
        Document::Invoice(kept) => {
            details.push(("invoices-period", month_text(kept.invoice.content.month)));
            details.push(("money-number", kept.account.to_string()));
        }
        Document::Bill(bill) => details.push(("money-number", bill.account.clone())),
        Document::Act(_) => {}
    }
    let party = |party: &ofd_billing::invoices::Party| {
        format!("{}, {}, {}", words.organisation(&party.title), party.bin, party.address)
    };
    details.push(("invoice-supplier", party(&head.supplier)));
    details.push(("invoice-recipient", party(&head.recipient)));
    details.extend(issued.by.clone().map(|by| ("invoice-by", by)));
    details.extend(issued.reason.clone().map(|reason| ("invoice-reason", reason)));
    details.push(("invoice-at", site.moment(ask, UnixMillis(issued.at_ms))));
    details
}

/// The document that one names, and where it is.
fn first_of<const OPERATORS: bool>(site: &Site, ask: &Ask, issued: &Issued) -> Option<(String, String)> {
    let (first, key) = match &issued.document {
        Document::Invoice(kept) => match &kept.invoice.sort {
            InvoiceSort::First => return None,
            InvoiceSort::Corrected(first) => (first, "invoice-instead-of"),
            InvoiceSort::Additional(first) => (first, "invoice-adds-to"),
        },
        Document::Act(act) => (&act.invoice, "invoice-of-act"),
        Document::Bill(_) => return None,
    };
    let number = first.number.to_string();
    let href = format!("{}/invoices/{number}", home::<OPERATORS>(issued.bin()));
    Some((href, site.texts(ask).say_with(key, &number)))
}

async fn page<const OPERATORS: bool>(
    site: &Site,
    ask: &Ask,
    issued: &Issued,
    form: Form,
) -> Result<Response, Failure> {
    let (words, language) = (site.texts(ask), ask.language());
    let (lines, all) = lines_of(site, ask, issued).await?;
    let list = format!("{}/invoices", home::<OPERATORS>(issued.bin()));
    let at = format!("{list}/{}", issued.number());
    let (is_invoice, is_first) = match &issued.document {
        Document::Invoice(kept) => (true, kept.invoice.sort == InvoiceSort::First),
        Document::Act(_) | Document::Bill(_) => (false, false),
    };
    let qr = match (&issued.document, &site.config.issuer.payment_qr) {
        (Document::Bill(bill), Some(template)) => QrPicture::of(&template.filled(bill)),
        _ => None,
    };
    let may_issue = OPERATORS && is_first && ask.may(Right::ManageInvoices);
    let ways = ["corrected", "additional"]
        .into_iter()
        .zip(["invoice-beside-corrected", "invoice-beside-additional"]);
    let status = form.status();
    let mut shell = site.frame(ask, "invoice-title", &at);
    shell.is_typed = may_issue;
    let heading = format!("{} {}", sign(&words, issued), issued.number());
    shell.title.clone_from(&heading);
    let page = InvoicePage {
        shell,
        back: (list, words.say("invoices-title")),
        heading,
        details: details(site, ask, issued),
        first: first_of::<OPERATORS>(site, ask, issued),
        more: (all > lines.len()).then(|| words.say_with("invoice-more", &all.to_string())),
        lines,
        sum: format::sum(language, issued.document.total().get()),
        vat: format::sum(language, issued.document.vat().get()),
        at,
        has_xml: is_invoice,
        qr,
        form: ask.again(form),
        ways: ways.map(|(name, key)| Choice::new(name, words.say(key))).collect(),
        may_issue,
        once: ask.again_value("once", once(&site.office)),
        reason_more: format!("maxlength=\"{REASON_CHARS_MAX}\" required"),
    };
    Ok(site.show(ask, status, &page))
}

/// Shows a document.
pub(super) async fn show<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let issued = named::<OPERATORS>(&site, &ask).await?;
    if OPERATORS {
        looked(&site, &ask, bin_of::<OPERATORS>(&ask), AuditPage::Invoices).await?;
    }
    page::<OPERATORS>(&site, &ask, &issued, Form::default()).await
}

/// Issues an invoice beside a first one. The same form twice is one invoice.
pub(super) async fn issue(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, fields) = (site.texts(&ask), ask.fields());
    let issued = named::<true>(&site, &ask).await?;
    let (way, reason) = (fields.text("way"), fields.text("reason").trim());
    let mut form = Form::filled([("way", way.to_owned()), ("reason", reason.to_owned())]);
    let beside = match way {
        "corrected" => Some(Beside::Corrected),
        "additional" => Some(Beside::Additional),
        _ => None,
    };
    if beside.is_none() {
        form.wrong("way", words.say("invoice-way-missing"));
    }
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        form.wrong("reason", words.say("payment-reason-missing"));
    }
    if let (Some(beside), true) = (beside, form.is_right()) {
        let told = (reason, fields.text("once"));
        let from = (&site.config.issuer, site.config.zone_offset_seconds);
        match issue_beside(&site.office, ask.by(), (issued.number(), beside), told, from).await {
            Ok(made) => {
                let home = home::<true>(issued.bin());
                return Ok(see_other(&format!("{home}/invoices/{}", made.number())));
            }
            Err(error) => form.error = Some(words.say(trouble(error)?)),
        }
    }
    page::<true>(&site, &ask, &issued, form).await
}

/// The key of what is said of a document that is not issued.
pub(super) fn trouble(error: IssueError) -> Result<&'static str, Failure> {
    Ok(match error {
        IssueError::NoIssuer => "invoice-no-issuer",
        IssueError::Sum => "bill-sum-wrong",
        IssueError::Nothing => "invoice-nothing-new",
        IssueError::NotFirst => "invoice-not-first",
        IssueError::NoAddress => "invoice-no-address",
        IssueError::Form => "invoice-form-unknown",
        IssueError::Unknown => return Err(Failure::NotFound),
        IssueError::Change(error) => return Err(error.into()),
        IssueError::Issuing(error) => {
            let reason = error.to_string();
            return Err(
                ofd_storage::store::StoreError::Corrupt { place: "an invoice".to_owned(), reason }.into()
            );
        }
    })
}
