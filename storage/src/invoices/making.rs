//! Making documents: those of a month for an organisation, and those that people ask for.

use std::collections::{BTreeMap, BTreeSet};

use ofd_billing::charging::{DayCharge, corrections};
use ofd_billing::invoices::{
    Act, Bill, BillFor, BillLine, Content, ContentError, DocumentError, Head, Invoice, InvoiceSort,
    MonthDocuments, Number, Party,
};
use ofd_billing::ledger::{LedgerAccount, Leg, OwnAccount, Posting, Purpose, Source, shard_of};
use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use serde_json::json;

use super::charged::{ChargedPosting, charges_of, up_to};
use super::error::InvoicingError;
use super::kept::{Document, Issued, KeptAct, KeptInvoice};
use super::kind::InvoiceKind;
use super::lists::{Place, of_organisation};
use super::parties::{contract_of, recipient};
use super::series::{Draft, by_number, issue, issued};
use crate::charging::{Clock, preview};
use crate::feed::Stamps;
use crate::ledger::{self, PersonalAccountRecord, books};
use crate::store::{Store, StoreError};
use crate::tariffs;

/// Postings are looked for in so many months before the one that is invoiced: charging goes back no further.
const MONTHS_BACK: u32 = 6;

/// A posting may be in an invoice that was issued so many months before the month that it landed in.
const ISSUED_BEFORE: u32 = 3;

/// Documents are walked in pages.
const PAGE: usize = 32;

/// Who issues, and when.
#[derive(Clone, Copy, Debug)]
pub struct Issuing<'a> {
    /// The operator, in whose name it is.
    pub supplier: &'a Party,
    /// When it is.
    pub clock: Clock,
}

/// What a person says of a document that is issued by hand.
#[derive(Clone, Copy, Debug)]
pub struct ByHand<'a> {
    /// Who issues it.
    pub by: &'a str,
    /// Why it is needed.
    pub reason: &'a str,
    /// Tells this wish from every other, so that a form that is sent twice is one.
    pub once: &'a str,
}

/// What came of making the documents of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The invoices of the month: the first, and those that add to earlier ones.
    pub invoices: Vec<Number>,
}

/// What every document of one organisation has in common.
struct Making<'a, S> {
    store: &'a S,
    issuing: Issuing<'a>,
    account: PersonalAccountRecord,
    recipient: Party,
}

/// Makes the documents of a month that is over: its invoice, additional ones to earlier months of which something became known, and an act
/// to each. To do so again makes none twice; what was interrupted is finished.
///
/// # Errors
/// [`InvoicingError`]. Whoever comes next goes on.
pub async fn make_month(
    store: &impl Store,
    bin: &str,
    month: Month,
    issuing: Issuing<'_>,
    stamps: &impl Stamps,
) -> Result<Made, InvoicingError> {
    // Whoever was never charged has no account, and needs no documents.
    let Some(account) = ledger::of_bin(store, bin).await? else { return Ok(Made::default()) };
    let known = Known::read(store, &account, month).await?;
    let day = Day::last_of(month);
    let mut made: Vec<Issued> = known.invoices.iter().filter(|one| one.day() == day).cloned().collect();
    let (sources, days) = up_to(&known.postings, month, &known.taken);
    let has_first = first_of(store, bin, month).await?.is_some();
    if !days.is_empty() {
        let recipient = recipient(store, bin).await?;
        let making = Making { store, issuing, account: account.clone(), recipient };
        let mut firsts = BTreeMap::new();
        for earlier in months_of(&days).into_iter().filter(|earlier| *earlier < month) {
            if let Some(first) = first_of(store, bin, earlier).await? {
                firsts.insert(earlier, first);
            }
        }
        let documents = if has_first {
            let additional = contents(&days, month, &firsts)?;
            MonthDocuments { first: None, additional }
        } else {
            let charges = preview(store, bin, month, issuing.clock).await?.charges;
            Content::all_of_month(&charges, &days, &firsts.keys().copied().collect())?
        };
        let of = |wanted: Month| of_month(&known.postings, &sources, wanted);
        for content in documents.additional {
            let Some(first) = firsts.get(&content.month) else { continue };
            let source = Source::new(format!("additional/{bin}/{}/{month}", content.month))?;
            let charged = of(content.month);
            made.push(making.additional(first, content, (day, &source, charged), None, stamps).await?);
        }
        if let Some(content) = documents.first {
            let additional: BTreeSet<Source> = firsts.keys().flat_map(|month| of(*month)).collect();
            let charged = sources.iter().filter(|source| !additional.contains(source)).cloned().collect();
            made.push(making.first(content, charged, stamps).await?);
        }
    }
    made.sort_by_key(|issued| issued.number().number);
    for issued in &made {
        finish(store, issued, issuing.clock, stamps).await?;
    }
    Ok(Made { invoices: made.iter().map(|issued| issued.number().clone()).collect() })
}

/// What is known of an organisation's documents.
struct Known {
    invoices: Vec<Issued>,
    /// Postings that invoices stand on.
    taken: BTreeSet<Source>,
    postings: Vec<ChargedPosting>,
}

impl Known {
    async fn read(
        store: &impl Store,
        account: &PersonalAccountRecord,
        month: Month,
    ) -> Result<Self, StoreError> {
        let back = (0..MONTHS_BACK).try_fold(month, |month, _| month.previous()).unwrap_or(account.opened);
        let mut newest: Option<Month> = None;
        let (mut invoices, mut taken, mut after) = (Vec::new(), BTreeSet::new(), None);
        let place = Place { month: None, kind: Some(InvoiceKind::Invoice) };
        'pages: loop {
            let (page, next) = of_organisation(store, &account.bin, place, after.as_deref(), PAGE).await?;
            for issued in page {
                let Document::Invoice(kept) = &issued.document else { continue };
                let enough = newest.is_some_and(|newest| issued.day().month() < earlier(back.min(newest)));
                if enough {
                    break 'pages;
                }
                if kept.invoice.sort == InvoiceSort::First {
                    newest = newest.max(Some(kept.invoice.content.month));
                }
                taken.extend(kept.charged.iter().cloned());
                invoices.push(issued);
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        // Where months were missed, what was posted in them is looked for as well.
        let from = newest.map_or(account.opened, |newest| newest.min(back));
        let postings = charges_of(store, account, from).await?;
        Ok(Self { invoices, taken, postings })
    }
}

fn earlier(month: Month) -> Month {
    (0..ISSUED_BEFORE).fold(month, |month, _| month.previous().unwrap_or(month))
}

fn months_of(days: &[DayCharge]) -> BTreeSet<Month> {
    days.iter().map(|one| one.day.month()).collect()
}

/// Of these sources those that charged days of a month.
fn of_month(postings: &[ChargedPosting], sources: &[Source], month: Month) -> Vec<Source> {
    let is_of = |posting: &&ChargedPosting| {
        posting.charges.first().is_some_and(|one| one.day.month() == month)
            && sources.contains(&posting.source)
    };
    postings.iter().filter(is_of).map(|posting| posting.source.clone()).collect()
}

/// What became known of earlier months that have a first invoice.
fn contents(
    days: &[DayCharge],
    month: Month,
    firsts: &BTreeMap<Month, Issued>,
) -> Result<Vec<Content>, InvoicingError> {
    let mut by_month: BTreeMap<Month, Vec<_>> = BTreeMap::new();
    for line in corrections(days, month)? {
        if firsts.contains_key(&line.from.month()) {
            by_month.entry(line.from.month()).or_default().push(line);
        }
    }
    let contents = by_month.into_iter().map(|(month, lines)| Content::of_lines(month, lines));
    Ok(contents.collect::<Result<_, _>>()?)
}

/// The first invoice of an organisation's month.
async fn first_of(store: &impl Store, bin: &str, month: Month) -> Result<Option<Issued>, InvoicingError> {
    let source = first_source(bin, month)?;
    let draft = Draft { kind: InvoiceKind::Invoice, day: Day::last_of(month), source: &source };
    Ok(issued(store, draft).await?)
}

fn first_source(bin: &str, month: Month) -> Result<Source, InvoicingError> {
    Ok(Source::new(format!("invoice/{bin}/{month}"))?)
}

/// The invoice of a document; none of any other.
fn invoice_of(issued: &Issued) -> Result<&KeptInvoice, InvoicingError> {
    match &issued.document {
        Document::Invoice(kept) => Ok(kept),
        Document::Act(_) | Document::Bill(_) => Err(DocumentError::NotFirst(issued.number().clone()).into()),
    }
}

impl<S: Store> Making<'_, S> {
    async fn head(&self, day: Day, number: Number) -> Result<Head, InvoicingError> {
        let contract =
            contract_of(self.store, &self.recipient.bin, self.issuing.clock.zone_offset_seconds).await?;
        // A document that is dated back stands on no contract of later.
        let contract = contract.filter(|contract| contract.day <= day);
        let (supplier, recipient) = (self.issuing.supplier.clone(), self.recipient.clone());
        Ok(Head { number, day, supplier, recipient, contract })
    }

    fn issued(&self, source: &Source, by_hand: Option<ByHand<'_>>, document: Document) -> Issued {
        Issued {
            source: source.clone(),
            at_ms: self.issuing.clock.now.0,
            by: by_hand.map(|by| by.by.to_owned()),
            reason: by_hand.map(|by| by.reason.to_owned()),
            document,
        }
    }

    fn kept(&self, invoice: Invoice, charged: Vec<Source>, account: PersonalAccount) -> Document {
        Document::Invoice(Box::new(KeptInvoice { invoice, account, charged }))
    }

    async fn first(
        &self,
        content: Content,
        charged: Vec<Source>,
        stamps: &impl Stamps,
    ) -> Result<Issued, InvoicingError> {
        let day = Day::last_of(content.month);
        let source = first_source(&self.recipient.bin, content.month)?;
        let blank = self.head(day, blank(day)?).await?;
        let make = |number| {
            let invoice = Invoice::first(Head { number, ..blank.clone() }, content.clone())?;
            let document = self.kept(invoice, charged.clone(), self.account.number);
            Ok(self.issued(&source, None, document))
        };
        issue(self.store, Draft { kind: InvoiceKind::Invoice, day, source: &source }, make, stamps).await
    }

    async fn additional(
        &self,
        first: &Issued,
        content: Content,
        (day, source, charged): (Day, &Source, Vec<Source>),
        by_hand: Option<ByHand<'_>>,
        stamps: &impl Stamps,
    ) -> Result<Issued, InvoicingError> {
        let of = invoice_of(first)?;
        let blank = self.head(day, blank(day)?).await?;
        let make = |number| {
            let head = Head { number, ..blank.clone() };
            let invoice = Invoice::additional(&of.invoice, head, content.clone())?;
            let document = self.kept(invoice, charged.clone(), self.account.number);
            Ok(self.issued(source, by_hand, document))
        };
        issue(self.store, Draft { kind: InvoiceKind::Invoice, day, source }, make, stamps).await
    }
}

/// What stands for a number until there is one.
fn blank(day: Day) -> Result<Number, InvoicingError> {
    Ok(Number { series: InvoiceKind::Invoice.series()?, year: day.month().year(), number: 0 })
}

/// Issues the act of an invoice and posts what its VAT as a whole is more than that of the days. What was done before is not done again.
async fn finish(
    store: &impl Store,
    issued: &Issued,
    clock: Clock,
    stamps: &impl Stamps,
) -> Result<(), InvoicingError> {
    let kept = invoice_of(issued)?;
    let name = issued.number().to_string().to_lowercase();
    if kept.invoice.content.total > Tiyn::ZERO {
        let source = Source::new(format!("act/{name}"))?;
        let make = |number| {
            let act = Act::of(&kept.invoice, number)?;
            let (total, vat) = (act.content.total, act.content.vat);
            let act = KeptAct { head: act.head, invoice: act.invoice, total, vat };
            Ok(Issued { source: source.clone(), document: Document::Act(Box::new(act)), ..issued.clone() })
        };
        let draft = Draft { kind: InvoiceKind::Act, day: issued.day(), source: &source };
        issue(store, draft, make, stamps).await?;
    }
    if let Some(posting) = rounding(issued)? {
        let books = books(store, issued.day().month()).await?;
        let at = (clock.today()?.date(), clock.now.0);
        ledger::post(store, books, books.opened, vec![posting], at, stamps).await?;
    }
    Ok(())
}

/// What is posted with an invoice; none where the VAT of its whole is that of its days, and for one that stands in place of another.
pub(super) fn rounding(issued: &Issued) -> Result<Option<Posting>, InvoicingError> {
    let kept = invoice_of(issued)?;
    let sum = Tiyn::sum(kept.invoice.content.rates.iter().map(|rate| rate.rounding))?;
    if sum == Tiyn::ZERO || matches!(kept.invoice.sort, InvoiceSort::Corrected(_)) {
        return Ok(None);
    }
    let own = |own, sum| Leg { account: LedgerAccount::Own(own, shard_of(kept.account)), sum };
    let number = issued.number();
    Ok(Some(Posting {
        source: Source::new(format!("rounding/{}", number.to_string().to_lowercase()))?,
        on: issued.day().date(),
        purpose: Purpose::Correction,
        legs: vec![own(OwnAccount::Revenue, sum.negated()), own(OwnAccount::Vat, sum)],
        reverses: None,
        by: None,
        why: json!({ "invoice": number.to_string() }),
    }))
}

/// The organisation of an invoice, as it is called now, for a document beside it.
async fn making_of<'a, S: Store>(
    store: &'a S,
    bin: &str,
    issuing: Issuing<'a>,
) -> Result<Making<'a, S>, InvoicingError> {
    let account = ledger::of_bin(store, bin).await?;
    let account = account.ok_or_else(|| InvoicingError::NoAccount(bin.to_owned()))?;
    Ok(Making { store, issuing, account, recipient: recipient(store, bin).await? })
}

/// Issues an invoice in place of a first one, and an act to it: the same lines, with the parties as they are called now.
///
/// # Errors
/// [`InvoicingError`].
pub async fn correct(
    store: &impl Store,
    number: &Number,
    issuing: Issuing<'_>,
    by_hand: ByHand<'_>,
    stamps: &impl Stamps,
) -> Result<Issued, InvoicingError> {
    let first = by_number(store, number).await?.ok_or_else(|| InvoicingError::Unknown(number.clone()))?;
    let of = invoice_of(&first)?;
    let making = making_of(store, first.bin(), issuing).await?;
    let day = issuing.clock.today()?;
    let source = Source::new(format!("corrected/{}/{}", number.to_string().to_lowercase(), by_hand.once))?;
    let blank = making.head(day, blank(day)?).await?;
    let make = |number| {
        let head = Head { number, ..blank.clone() };
        let invoice = Invoice::corrected(&of.invoice, head, of.invoice.content.clone())?;
        let document = making.kept(invoice, of.charged.clone(), of.account);
        Ok(making.issued(&source, Some(by_hand), document))
    };
    let draft = Draft { kind: InvoiceKind::Invoice, day, source: &source };
    let issued = issue(store, draft, make, stamps).await?;
    finish(store, &issued, issuing.clock, stamps).await?;
    Ok(issued)
}

/// Issues an additional invoice to a first one, of what was posted for its month since and is in no invoice.
///
/// # Errors
/// [`InvoicingError`]; [`ContentError::Empty`] where nothing was.
pub async fn additional(
    store: &impl Store,
    number: &Number,
    issuing: Issuing<'_>,
    by_hand: ByHand<'_>,
    stamps: &impl Stamps,
) -> Result<Issued, InvoicingError> {
    let first = by_number(store, number).await?.ok_or_else(|| InvoicingError::Unknown(number.clone()))?;
    let of = invoice_of(&first)?;
    let (bin, month) = (first.bin().to_owned(), of.invoice.content.month);
    let making = making_of(store, &bin, issuing).await?;
    let day = issuing.clock.today()?;
    let source = Source::new(format!("additional/{bin}/{month}/{day}/{}", by_hand.once))?;
    let draft = Draft { kind: InvoiceKind::Invoice, day, source: &source };
    let issued = match issued(store, draft).await? {
        Some(before) => before,
        None => {
            let known = Known::read(store, &making.account, month).await?;
            let (sources, days) = up_to(&known.postings, month, &known.taken);
            let days: Vec<DayCharge> = days.into_iter().filter(|one| one.day.month() == month).collect();
            let next = month.next().ok_or(ContentError::Empty)?;
            let content = Content::of_lines(month, corrections(&days, next)?)?;
            let charged = of_month(&known.postings, &sources, month);
            making.additional(&first, content, (day, &source, charged), Some(by_hand), stamps).await?
        }
    };
    finish(store, &issued, issuing.clock, stamps).await?;
    Ok(issued)
}

/// Issues a bill for a sum that an organisation wants to pay.
///
/// # Errors
/// [`InvoicingError`].
pub async fn bill(
    store: &impl Store,
    bin: &str,
    sum: Tiyn,
    issuing: Issuing<'_>,
    (by, once): (&str, &str),
    stamps: &impl Stamps,
) -> Result<Issued, InvoicingError> {
    let making = making_of(store, bin, issuing).await?;
    let day = issuing.clock.today()?;
    let rate = tariffs::vat_rates(store).await?.on(day).ok_or(DocumentError::Day(day))?;
    let source = Source::new(format!("bill/{bin}/{once}"))?;
    let blank = making.head(day, blank(day)?).await?;
    let account = making.account.number.to_string();
    let make = |number| {
        let head = Head { number, ..blank.clone() };
        let lines = vec![BillLine { what: BillFor::TopUp, rate, sum }];
        let bill = Bill::new(head, account.clone(), None, lines)?;
        let issued = making.issued(&source, None, Document::Bill(Box::new(bill)));
        Ok(Issued { by: Some(by.to_owned()), ..issued })
    };
    issue(store, Draft { kind: InvoiceKind::Bill, day, source: &source }, make, stamps).await
}
