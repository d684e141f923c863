//! What an organisation owed and paid over a period: month by month, and as an act of reconciliation that both sides sign.

use askama::Template;
use axum::response::Response;
use ofd_billing::invoices::{InFavourOf, PaperLanguage, Reconciliation, Sides, Turnovers};
use ofd_billing::{Day, Month, Tiyn};
use ofd_office::billing::reconciling::{ReconcileError, purpose_of, reconciliation, turnovers};
use ofd_office::day::{day, today, written};
use ofd_office::language::Language;
use ofd_paper::billing;
use ofd_storage::accounts::{AuditPage, organisation};
use ofd_storage::invoices::InvoicingError;
use ofd_storage::ledger::{self, PersonalAccountRecord};
use ofd_storage::store::StoreError;

use super::super::reasons::{failed, looked};
use super::super::told::{bin_of, home, month_text, purpose_key, tabs};
use super::files::{language_of, paper_failed, pdf_answer};
use crate::cabinet::list::Tab;
use crate::cabinet::{Ask, At, Failure, Form};
use crate::format;
use crate::page::Shell;
use crate::sheet::Sheet;
use crate::site::Site;
use crate::words::Words;

/// Where the settlement with an organisation is.
pub(super) const OWN: &str = "/c/{bin}/money/settlement";

/// The same for the operator's people.
pub(super) const ANY: &str = "/operator/companies/{company}/money/settlement";

/// Where its files are.
pub(super) const OWN_FILE: &str = "/c/{bin}/money/settlement/{file}";

/// The same for the operator's people.
pub(super) const ANY_FILE: &str = "/operator/companies/{company}/money/settlement/{file}";

/// So many rows of an act a page shows; the files have all.
const ROWS_MAX: usize = 100;

/// Months of a period that nobody named.
const MONTHS_USUAL: u32 = 3;

struct RowView {
    what: String,
    cells: [String; 4],
}

struct EntryView {
    day: String,
    what: String,
    debit: String,
    credit: String,
}

#[derive(Template)]
#[template(path = "settlement.html")]
struct SettlementPage<'a> {
    shell: Shell<'a>,
    back: Option<(String, String)>,
    tabs: Vec<Tab>,
    form: Form,
    at: String,
    /// What narrows the files as well.
    query: String,
    months: Vec<RowView>,
    whole: Option<RowView>,
    entries: Vec<EntryView>,
    more: Option<String>,
    ends: Vec<String>,
    /// Whether there is an act to sign.
    has_act: bool,
}

/// A period, as it was asked for.
#[derive(Clone, Copy)]
struct Period {
    from: Day,
    to: Day,
}

/// What was asked for, or what is wrong with it.
fn period(site: &Site, ask: &Ask) -> Result<(Period, Form), Form> {
    let words = site.texts(ask);
    let mut form = Form::filled(["from", "to"].map(|name| (name, ask.parameter(name).to_owned())));
    let now = today(ask.now(), site.config.zone_offset_seconds);
    let typed = |name: &'static str, usual: Option<Day>| match ask.parameter(name) {
        "" => usual,
        text => day(text).and_then(|date| Day::new(date).ok()),
    };
    let to = typed("to", Day::new(now).ok());
    let back = |day: Day| (1..MONTHS_USUAL).try_fold(day.month(), |month, _| month.previous());
    let from = typed("from", to.and_then(back).map(Day::first_of));
    for (name, read) in [("from", from), ("to", to)] {
        if read.is_none() {
            form.wrong(name, words.say("settle-day-wrong"));
        }
    }
    match (from, to) {
        (Some(from), Some(to)) if form.is_right() => Ok((Period { from, to }, form)),
        _ => Err(form),
    }
}

/// The personal account of the organisation; none where it was never charged and never paid.
async fn account(site: &Site, bin: &str) -> Result<Option<PersonalAccountRecord>, Failure> {
    if organisation(&site.office.store, bin).await?.is_none() {
        return Err(Failure::NotFound);
    }
    Ok(ledger::of_bin(&site.office.store, bin).await?)
}

/// The key of what is wrong with a period; a failure for anything else.
fn told(error: ReconcileError) -> Result<&'static str, Failure> {
    match error {
        ReconcileError::Period => Ok("settle-ends-before"),
        ReconcileError::TooLong => Ok("settle-too-long"),
        ReconcileError::Ledger(error) => Err(failed(error)),
        ReconcileError::Party(InvoicingError::NoOrganisation(_)) => Err(Failure::NotFound),
        ReconcileError::Party(InvoicingError::Store(error)) => Err(error.into()),
        ReconcileError::Party(error) => {
            let reason = error.to_string();
            Err(StoreError::Corrupt { place: "a settlement".to_owned(), reason }.into())
        }
    }
}

/// What was asked for: the months, and the act where it is known who issues it.
async fn found(
    site: &Site,
    account: &PersonalAccountRecord,
    Period { from, to }: Period,
) -> Result<(Turnovers, Option<Reconciliation>), ReconcileError> {
    let store = &site.office.store;
    let months = turnovers(store, account, (from.month(), to.month())).await?;
    let act = match &site.config.issuer.supplier {
        Some(supplier) => Some(reconciliation(store, supplier, account, (from, to)).await?),
        None => None,
    };
    Ok((months, act))
}

/// What an entry stands on.
fn entry_text(words: &Words<'_>, document: &str) -> String {
    let (purpose, number) = purpose_of(document);
    let Some(purpose) = purpose else { return document.to_owned() };
    let what = words.say(purpose_key(purpose));
    let number = number.parse::<Month>().map_or_else(|_| number.to_owned(), month_text);
    if number.is_empty() { what } else { format!("{what}, {number}") }
}

fn side(ask: &Ask, sum: Tiyn) -> String {
    if sum == Tiyn::ZERO { "—".to_owned() } else { format::sum(ask.language(), sum.get()) }
}

/// A balance on its side: what is owed, or what was paid ahead.
fn balance(ask: &Ask, words: &Words<'_>, sides: Sides) -> String {
    let sum = |sum: Tiyn| format::sum(ask.language(), sum.get());
    match sides {
        Sides { debit, .. } if debit > Tiyn::ZERO => words.say_with("settle-owes", &sum(debit)),
        Sides { credit, .. } if credit > Tiyn::ZERO => words.say_with("settle-ahead", &sum(credit)),
        _ => sum(Tiyn::ZERO),
    }
}

fn row(ask: &Ask, words: &Words<'_>, row: &ofd_billing::invoices::TurnoverRow, what: String) -> RowView {
    let cells = [
        balance(ask, words, row.opening),
        side(ask, row.turnover.debit),
        side(ask, row.turnover.credit),
        balance(ask, words, row.closing),
    ];
    RowView { what, cells }
}

fn query(Period { from, to }: Period) -> String {
    format!("from={}&to={}", written(from.date()), written(to.date()))
}

/// Shows the settlement over a period.
pub(super) async fn show<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, bin) = (site.texts(&ask), bin_of::<OPERATORS>(&ask));
    let account = account(&site, bin).await?;
    if OPERATORS {
        looked(&site, &ask, bin, AuditPage::Reconciliation).await?;
    }
    let at = format!("{}/settlement", home::<OPERATORS>(bin));
    let back = OPERATORS.then(|| (format!("/operator/companies/{bin}"), words.say_with("money-of", bin)));
    let mut page = SettlementPage {
        shell: site.page(&ask),
        back,
        tabs: tabs::<OPERATORS>(&site, &ask, "/settlement"),
        form: Form::default(),
        at,
        query: String::new(),
        months: Vec::new(),
        whole: None,
        entries: Vec::new(),
        more: None,
        ends: Vec::new(),
        has_act: false,
    };
    match period(&site, &ask) {
        Err(form) => page.form = form,
        Ok((asked, mut form)) => {
            let Some(account) = account else {
                page.form = form;
                return Ok(site.show(&ask, page.form.status(), &page));
            };
            match found(&site, &account, asked).await {
                Ok((months, act)) => fill(&ask, &words, &mut page, (months, act, asked)),
                Err(error) => form.wrong("to", words.say(told(error)?)),
            }
            page.form = form;
        }
    }
    Ok(site.show(&ask, page.form.status(), &page))
}

fn fill(
    ask: &Ask,
    words: &Words<'_>,
    page: &mut SettlementPage<'_>,
    (months, act, asked): (Turnovers, Option<Reconciliation>, Period),
) {
    page.query = query(asked);
    page.months = months.rows.iter().map(|one| row(ask, words, one, month_text(one.month))).collect();
    page.whole = Some(row(ask, words, &months.whole, words.say("settle-whole")));
    let Some(act) = act else { return };
    page.has_act = true;
    let entry = |one: &ofd_billing::invoices::StatementEntry| EntryView {
        day: written(one.day.date()),
        what: entry_text(words, &one.document),
        debit: side(ask, one.debit),
        credit: side(ask, one.credit),
    };
    page.entries = act.rows.iter().take(ROWS_MAX).map(entry).collect();
    page.more =
        (act.rows.len() > ROWS_MAX).then(|| words.say_with("settle-more", &act.rows.len().to_string()));
    let of = |key: &str, day: Day, sides: Sides| {
        let day = written(day.date());
        words.say_values(key, &[("day", day.as_str()), ("balance", &balance(ask, words, sides))])
    };
    page.ends = vec![of("settle-opening", act.from, act.opening), of("settle-closing", act.to, act.closing)];
    page.ends.extend((act.in_favour_of == InFavourOf::Nobody).then(|| words.say("settle-nobody")));
}

/// A file of the settlement: the act as PDF, or the months or the act as a sheet.
pub(super) async fn file<const OPERATORS: bool>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, bin) = (site.texts(&ask), bin_of::<OPERATORS>(&ask));
    let name = ask.part("file");
    if language_of(name).is_none() && !["turnover.csv", "reconciliation.csv"].contains(&name) {
        return Err(Failure::NotFound);
    }
    let account = account(&site, bin).await?.ok_or(Failure::NotFound)?;
    let Ok((asked, _)) = period(&site, &ask) else { return Err(Failure::NotFound) };
    if OPERATORS {
        looked(&site, &ask, bin, AuditPage::Reconciliation).await?;
    }
    let (months, act) = match found(&site, &account, asked).await {
        Ok(found) => found,
        Err(error) => {
            told(error)?;
            return Err(Failure::NotFound);
        }
    };
    if name == "turnover.csv" {
        return turnover_sheet(&words, &months).answer("turnover").ok_or(Failure::NotFound);
    }
    let act = act.ok_or(Failure::NotFound)?;
    let Some(language) = language_of(name) else {
        return act_sheet(&words, &act).answer("reconciliation").ok_or(Failure::NotFound);
    };
    let of = match language {
        PaperLanguage::Russian => site.dictionary.words(Language::Russian),
        PaperLanguage::Kazakh => site.dictionary.words(Language::Kazakh),
    };
    let pdf = billing::reconciliation(&act, |document| entry_text(&of, document), language);
    let pdf = pdf.map_err(|error| paper_failed("an act of reconciliation", &error))?;
    Ok(pdf_answer(&format!("reconciliation-{bin}"), pdf))
}

/// A sum as spreadsheets of our users expect it.
fn filed(sum: Tiyn) -> String {
    sum.to_string().replace('.', ",")
}

fn turnover_sheet(words: &Words<'_>, months: &Turnovers) -> Sheet {
    let mut sheet = Sheet::default();
    let titles = [
        "invoices-period",
        "settle-opening-debit",
        "settle-opening-credit",
        "settle-debit",
        "settle-credit",
        "settle-closing-debit",
        "settle-closing-credit",
    ];
    sheet.line(titles.iter().map(|key| words.say(key)));
    let whole = (&months.whole, words.say("settle-whole"));
    let rows = months.rows.iter().map(|row| (row, month_text(row.month)));
    for (row, what) in rows.chain([whole]) {
        let sums = [row.opening, row.turnover, row.closing];
        let sums = sums.into_iter().flat_map(|sides| [filed(sides.debit), filed(sides.credit)]);
        sheet.line([what].into_iter().chain(sums));
    }
    sheet
}

fn act_sheet(words: &Words<'_>, act: &Reconciliation) -> Sheet {
    let mut sheet = Sheet::default();
    let titles = ["invoices-day", "money-what", "settle-debit", "settle-credit"];
    sheet.line(titles.iter().map(|key| words.say(key)));
    let mut line = |day: Day, what: String, debit: Tiyn, credit: Tiyn| {
        sheet.line([written(day.date()), what, filed(debit), filed(credit)]);
    };
    line(act.from, words.say("settle-balance"), act.opening.debit, act.opening.credit);
    for row in &act.rows {
        line(row.day, entry_text(words, &row.document), row.debit, row.credit);
    }
    line(act.to, words.say("settle-whole"), act.turnover.debit, act.turnover.credit);
    line(act.to, words.say("settle-balance"), act.closing.debit, act.closing.credit);
    sheet
}
