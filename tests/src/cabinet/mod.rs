//! How long the cabinet of a large organisation makes people wait: a thousand registers and a day of a hundred thousand
//! receipts on the embedded store, beside a fleet that goes on selling.
//!
//! The server is a process of its own. Everything that it stores comes through its ports, as in life; pages are asked for
//! one after the other, as one person does, and not faster than the site lets anybody.

pub mod figures;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use ofd_loadtest::{Fleet, run};
use tokio::sync::oneshot;

use self::figures::{Measured, Page, Waits, bytes_in};
use crate::device::Way;
use crate::hostile::place::Place;
use crate::hostile::visitor::Visitor;
use crate::process::Setup;

/// Shops of the organisation, and registers of each: a thousand registers.
const SHOPS: u32 = 100;
const REGISTERS_PER_SHOP: u32 = 10;

/// What draws the fleet.
const SEED: u64 = 20_260_401;

/// Registers that sell at once.
const CONNECTIONS: usize = 64;

/// The day is sold within this, or nothing is measured.
const SOLD_WITHIN: Duration = Duration::from_secs(600);

/// The figures of the day are counted within this of the last receipt.
const COUNTED_WITHIN: Duration = Duration::from_secs(300);

/// How often one looks whether they are.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Documents a second while pages are asked for.
const RATE: f64 = 100.0;

/// So long a person looks at a page; the site grants ten pages a second to an address.
const LOOKED_AT: Duration = Duration::from_millis(105);

/// Asking for all pages takes no longer; what sells beside it stops then by itself.
const ASKED_WITHIN: Duration = Duration::from_secs(1_200);

/// A page that the list before leads to by its link to the next one.
const NEXT: &str = "rel=\"next\"";

/// What a row of a list leads to: one of the addresses that have this in them.
const ONE_DOCUMENT: &str = "/documents/";

/// A deep page is so many pages behind the first one.
const DEEP: usize = 20;

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// At an address behind that of the organisation.
    At(&'static str),
    /// The one to which the page asked for before leads as the next one.
    Next,
    /// The one that lies so many pages behind that.
    Deep(usize),
    /// The document to which the first row of the page of this place leads.
    Document(usize),
}

/// What is asked for, and what it is called: what people open most, and what costs most.
const PAGES: [(&str, Asked); 13] = [
    ("shops and registers", Asked::At("/registers")),
    ("shops and registers, the next page", Asked::Next),
    ("shops and registers, by a word", Asked::At("/registers?q=%D0%B4%D2%AF%D0%BA%D0%B5%D0%BD%D1%96")),
    ("start page", Asked::At("/start")),
    ("documents of the day", Asked::At("/documents")),
    ("documents of the day, the next page", Asked::Next),
    ("documents of the day, far behind", Asked::Deep(DEEP)),
    ("documents of the day, of one cashier", Asked::At("/documents?cashier=%D0%90%D0%B9%D0%B3%D2%AF%D0%BB")),
    ("documents of the day, of no cashier that there is", Asked::At("/documents?cashier=%D0%AF%D0%AF%D0%AF")),
    ("one document", Asked::Document(4)),
    ("cash of the day", Asked::At("/cash")),
    ("shifts of the day", Asked::At("/shifts")),
    ("papers", Asked::At("/papers")),
];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Documents of the day, before the fleet goes on selling.
    pub documents: u64,
    /// How often each page is asked for.
    pub asked: usize,
}

/// The fleet of an organisation.
fn fleet(bin: &str) -> Fleet {
    let mut fleet = Fleet::generate(1, SHOPS, REGISTERS_PER_SHOP, SEED);
    for organisation in &mut fleet.organisations {
        bin.clone_into(&mut organisation.bin);
    }
    fleet
}

/// Makes the organisation, sells its day and measures its pages.
///
/// # Errors
/// When the program cannot be started, does not take what is sold, or shows no page.
pub async fn measure(program: &Path, scope: Scope) -> io::Result<Measured> {
    let mut place = Place::prepare_with(program, |bin| Setup::with_fleet(fleet(bin))).await?;
    let server = place.start(None, None).await?;
    place.settle().await?;
    let began = Instant::now();
    let Scope { documents, asked } = scope;
    eprintln!("cabinet: {documents} documents of {} registers are sold", SHOPS * REGISTERS_PER_SHOP);
    let sold = run::run(day(&place.setup, documents), |_| ()).await.map_err(io::Error::other)?;
    if sold.exit_code() != 0 {
        return Err(io::Error::other(format!(
            "the day was not sold: {:?} {:?}",
            sold.dead, sold.differences
        )));
    }
    let sold_seconds = began.elapsed().as_secs_f64();
    eprintln!("cabinet: sold in {sold_seconds:.0} s; figures are counted");
    counted(&place.setup, sold.receipts).await?;
    let counted_seconds = began.elapsed().as_secs_f64() - sold_seconds;
    eprintln!("cabinet: counted in {counted_seconds:.0} s more; pages are asked for");
    let mut visitor = place.signed_in().await?;
    let bin = place.setup.fleet.organisations.first().map(|one| one.bin.clone()).unwrap_or_default();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = selling(&place.setup);
    let selling = tokio::spawn(async move {
        let until = async {
            let _ = stopped.await;
        };
        run::run_until(options, |_| (), until).await
    });
    let pages = tokio::time::timeout(ASKED_WITHIN, ask(&mut visitor, &bin, asked)).await;
    drop(stop);
    let sales = selling.await.map_err(io::Error::other)?.map_err(io::Error::other)?;
    let pages = pages.map_err(|_| io::Error::other("the pages take too long"))??;
    drop(server);
    let store_bytes = bytes_in(&place.setup.store_path())?;
    Ok(Measured {
        registers: SHOPS * REGISTERS_PER_SHOP,
        documents: sold.answered,
        sold_seconds,
        counted_seconds,
        store_bytes,
        rate: sales.rate,
        sale_p99_ms: sales.latency.p99_micros as f64 / 1_000.0,
        pages,
    })
}

/// The day: every register opens a shift, sells, and closes it.
fn day(setup: &Setup, documents: u64) -> run::Options {
    run::Options {
        connections: CONNECTIONS,
        duration: SOLD_WITHIN,
        requests: Some(documents),
        ..run::Options::new(Way::Plain.endpoint(setup), setup.fleet_file())
    }
}

/// What is sold beside the pages.
fn selling(setup: &Setup) -> run::Options {
    run::Options {
        connections: CONNECTIONS,
        duration: ASKED_WITHIN,
        pace: run::Pace::Open(RATE),
        ..run::Options::new(Way::Plain.endpoint(setup), setup.fleet_file())
    }
}

/// Waits until the figures of the day hold what was sold.
async fn counted(setup: &Setup, documents: u64) -> io::Result<()> {
    let since = Instant::now();
    loop {
        let counted = setup.metric("ofd_gateway_feed_documents_total{reader=\"figures\"}").await;
        if counted.unwrap_or(0.0) >= documents as f64 {
            return Ok(());
        }
        if since.elapsed() > COUNTED_WITHIN {
            return Err(io::Error::other(format!("of {documents} documents {counted:?} are counted")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A page, with how long it took until its last byte was there.
async fn load(visitor: &mut Visitor, path: &str) -> io::Result<(Duration, String)> {
    let since = Instant::now();
    let answer = visitor.open(path).await?;
    let took = since.elapsed();
    if answer.status != 200 {
        return Err(io::Error::other(format!("{path} was answered {}: {}", answer.status, answer.text())));
    }
    Ok((took, answer.text()))
}

/// Where the link to the next page leads.
fn next_of(page: &str) -> Option<String> {
    let (before, _) = page.split_once(NEXT)?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Where the first link leads that has this in it.
fn link_of(page: &str, part: &str) -> Option<String> {
    let mut links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.find(|href| href.contains(part)).map(|href| href.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The address of a page that others lead to, which stays the same once it is known.
async fn found(visitor: &mut Visitor, asked: Asked, seen: &[String], at: usize) -> io::Result<String> {
    let none = || io::Error::other(format!("{asked:?}: no page leads there"));
    let before = |place: usize| seen.get(place).map(String::as_str).unwrap_or_default();
    match asked {
        Asked::At(path) => Ok(path.to_owned()),
        Asked::Next => next_of(before(at.saturating_sub(1))).ok_or_else(none),
        Asked::Document(place) => link_of(before(place), ONE_DOCUMENT).ok_or_else(none),
        Asked::Deep(pages) => {
            let mut next = next_of(before(at.saturating_sub(1))).ok_or_else(none)?;
            for _ in 0..pages {
                let (_, page) = load(visitor, &next).await?;
                next = next_of(&page).ok_or_else(none)?;
                tokio::time::sleep(LOOKED_AT).await;
            }
            Ok(next)
        }
    }
}

/// Asks for every page so often, by turns, and tells how long each took.
async fn ask(visitor: &mut Visitor, bin: &str, asked: usize) -> io::Result<Vec<Page>> {
    let mut all: Vec<Waits> = PAGES.iter().map(|_| Waits::default()).collect();
    let mut deep: Vec<Option<String>> = vec![None; PAGES.len()];
    for _ in 0..asked {
        let mut seen: Vec<String> = Vec::with_capacity(PAGES.len());
        for (at, (_, page)) in PAGES.iter().enumerate() {
            let path = match (page, &deep[at]) {
                (Asked::At(path), _) => format!("/c/{bin}{path}"),
                (_, Some(known)) => known.clone(),
                (Asked::Next | Asked::Deep(_) | Asked::Document(_), None) => {
                    found(visitor, *page, &seen, at).await?
                }
            };
            let (took, text) = load(visitor, &path).await?;
            all[at].add(took, text.len());
            // What is far behind is looked for once.
            deep[at] = matches!(page, Asked::Deep(_)).then_some(path);
            seen.push(text);
            tokio::time::sleep(LOOKED_AT).await;
        }
    }
    Ok(PAGES.iter().zip(all).map(|((what, _), waits)| waits.page(what)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_the_next_page_is_found() {
        let page = "<a href=\"/first\">1</a><a href=\"/c/1/documents?a=1&#38;after=2\" rel=\"next\">2</a>";
        assert_eq!(next_of(page).as_deref(), Some("/c/1/documents?a=1&after=2"));
        assert_eq!(next_of("<a href=\"/first\">1</a>"), None);
    }

    #[test]
    fn a_row_leads_to_its_document_and_every_page_that_is_led_to_stands_behind_one_that_leads() {
        let page =
            "<a href=\"/c/1/documents.csv\">f</a><a href=\"/c/1/registers/2/shifts/1/documents/3\">3</a>";
        assert_eq!(link_of(page, ONE_DOCUMENT).as_deref(), Some("/c/1/registers/2/shifts/1/documents/3"));
        assert_eq!(link_of("<a href=\"/c/1/documents\">", ONE_DOCUMENT), None);
        for (at, (what, page)) in PAGES.iter().enumerate() {
            match page {
                Asked::At(_) => {}
                Asked::Next => assert!(matches!(PAGES[at - 1].1, Asked::At(_)), "{what}"),
                Asked::Deep(_) => assert!(matches!(PAGES[at - 1].1, Asked::Next), "{what}"),
                Asked::Document(place) => {
                    assert!(*place < at && matches!(PAGES[*place].1, Asked::At("/documents")), "{what}");
                }
            }
        }
    }

    #[test]
    fn the_organisation_has_a_thousand_registers_under_the_owners_number() {
        let fleet = fleet("260140000015");
        assert_eq!(fleet.registers().count(), 1_000);
        assert!(fleet.registers().all(|register| register.bin == "260140000015"));
    }
}
