//! CAMT.053: the statement of ISO 20022, in any of its versions from 001.02 to 001.13.

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::ENTRIES_MAX;
use super::balance::{Told, Totals, adds_up};
use super::camt_entry::{entries, signed};
use super::charset::Charset;
use super::decode::decode;
use super::fault::{Fault, Hint, Wrong};
use super::statement::{Direction, Entry, Format, Statement};
use super::sums::{balance, iso, shown, tenge};
use super::xml::{Element, Taker, read as read_xml};

/// The namespace of a statement, up to its version.
pub(super) const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";

/// The namespace of all messages.
pub(super) const FAMILY: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// The versions that are read.
const VERSIONS: std::ops::RangeInclusive<u8> = 2..=13;

/// The mark before decimals.
const MARKS: &[char] = &['.'];

/// Entries are taken one by one as they end, so that a great file needs no tree of its own size.
#[derive(Debug, Default)]
struct Reading {
    statements: Vec<Statement>,
    /// The entries of the statement that is being read, with how many booked ones they were in the file.
    entries: Vec<Entry>,
    announced: usize,
    booked: usize,
    taken: usize,
}

impl Taker for Reading {
    fn take(&mut self, element: Element, around: &[&str]) -> Result<Option<Element>, Fault> {
        match (element.name.as_str(), around) {
            ("Ntry", ["Document", "BkToCstmrStmt", "Stmt"]) => {
                match entries(&element)? {
                    Some(entries) => {
                        self.taken = self.taken.saturating_add(entries.len());
                        if self.taken > ENTRIES_MAX {
                            return Err(element.fault(Wrong::TooManyEntries { max: ENTRIES_MAX }));
                        }
                        self.entries.extend(entries);
                        self.booked = self.booked.saturating_add(1);
                    }
                    None => self.announced = self.announced.saturating_add(1),
                }
                Ok(None)
            }
            ("Stmt", ["Document", "BkToCstmrStmt"]) => {
                self.statement(&element)?;
                Ok(None)
            }
            _ => Ok(Some(element)),
        }
    }
}

/// Reads a file: a statement for each `Stmt`.
///
/// # Errors
/// The first [`Fault`] that is found; nothing is taken then.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, Fault> {
    let text = decode(bytes, told_charset(bytes)?)?;
    let mut reading = Reading::default();
    let root = read_xml(&text, &mut reading)?;
    let wrong = |hint| root.fault(Wrong::UnknownFormat(hint));
    let names = || {
        root.attributes.iter().filter(|(name, _)| name.starts_with("xmlns")).map(|(_, value)| value.as_str())
    };
    let is_version = |name: &str| {
        let version = name.strip_prefix(NAMESPACE).and_then(|version| version.parse().ok());
        version.is_some_and(|version| VERSIONS.contains(&version))
    };
    if !names().any(is_version) {
        let is_family = names().any(|name| name.starts_with(FAMILY));
        return Err(wrong(if is_family { Hint::OtherMessage } else { Hint::OtherXml }));
    }
    if root.name != "Document" || root.child("BkToCstmrStmt").is_none() {
        return Err(wrong(Hint::OtherXml));
    }
    if reading.statements.is_empty() {
        return Err(root.fault(Wrong::Missing { field: "Stmt".to_owned() }));
    }
    Ok(reading.statements)
}

/// The encoding that the declaration names.
fn told_charset(bytes: &[u8]) -> Result<Option<Charset>, Fault> {
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    let Some(declaration) = head.split_once("<?xml").and_then(|(_, rest)| rest.split_once("?>")) else {
        return Ok(Some(Charset::Utf8));
    };
    let told = declaration.0.split_once("encoding=").map(|(_, rest)| rest);
    let told = told.and_then(|rest| rest.split(['"', '\'']).nth(1));
    let Some(told) = told else { return Ok(Some(Charset::Utf8)) };
    let unknown = || Fault::on_line(1, Wrong::UnknownCharset { told: shown(told) });
    if told.eq_ignore_ascii_case("us-ascii") {
        return Ok(Some(Charset::Utf8));
    }
    Charset::named(told).map(Some).ok_or_else(unknown)
}

impl Reading {
    /// Takes a statement whose entries were taken before.
    fn statement(&mut self, element: &Element) -> Result<(), Fault> {
        if element.told("StmtPgntn/LastPgInd").is_some_and(|last| !matches!(last, "true" | "1")) {
            return Err(element.fault(Wrong::Cut { missing: "the last page (LastPgInd)".to_owned() }));
        }
        let missing = |field: &str| element.fault(Wrong::Missing { field: field.to_owned() });
        let account = element.at("Acct/Id").ok_or_else(|| missing("Acct/Id/IBAN"))?;
        let number = account.told("IBAN").or_else(|| account.told("Othr/Id")).unwrap_or_default();
        let no = |_| account.fault(Wrong::NoIban { text: shown(number) });
        let iban: Iban = number.parse().map_err(no)?;
        if let Some(currency) = element.at("Acct/Ccy") {
            tenge(&currency.text).map_err(|wrong| currency.fault(wrong))?;
        }
        let (opening, closing) = balances(element)?;
        opening.ok_or_else(|| missing("Bal OPBD"))?;
        closing.ok_or_else(|| missing("Bal CLBD"))?;
        let statement = Statement {
            format: Format::Camt053,
            account: iban,
            currency_is_told: true,
            period: period(element)?,
            opening,
            closing,
            entries: std::mem::take(&mut self.entries),
            announced: std::mem::take(&mut self.announced),
            place: element.place(),
        };
        let counted = std::mem::take(&mut self.booked);
        let statement =
            Statement { entries: on_account(statement.entries, &statement.account)?, ..statement };
        adds_up(&statement, &totals(element)?, "CLBD")?;
        if let Some(told) = element.at("TxsSummry/TtlNtries/NbOfNtries") {
            let all = counted.saturating_add(statement.announced);
            let number = told.text.trim().parse().ok();
            // Banks differ in whether they count what they only announce.
            if number.is_none_or(|number: usize| number != counted && number != all) {
                let field = "NbOfNtries".to_owned();
                return Err(told.fault(Wrong::Count { field, told: number.unwrap_or_default(), counted }));
            }
        }
        self.statements.push(statement);
        Ok(())
    }
}

/// Puts the account of the statement to its side of each entry. Where an entry names another there, it is another's.
fn on_account(mut entries: Vec<Entry>, account: &Iban) -> Result<Vec<Entry>, Fault> {
    for entry in &mut entries {
        let own = match entry.direction {
            Direction::In => &mut entry.payee,
            Direction::Out => &mut entry.payer,
        };
        // What is taken back keeps the sides of the first.
        if !entry.is_reversal && own.iban.as_ref().is_some_and(|iban| iban != account) {
            return Err(Fault::at(&entry.place, Wrong::OtherEntry { account: account.clone() }));
        }
        if own.iban.is_none() && own.other_account.is_none() {
            own.iban = Some(account.clone());
        }
    }
    Ok(entries)
}

/// What lay on the account before and after, of the balances that are booked.
fn balances(element: &Element) -> Result<(Option<Tiyn>, Option<Tiyn>), Fault> {
    let (mut opening, mut closing) = (None, None);
    for told in element.all("Bal") {
        let kind = told.told("Tp/CdOrPrtry/Cd").unwrap_or_default();
        let slot = match kind {
            // What the last statement closed with is what this one opens with.
            "OPBD" | "PRCD" => &mut opening,
            "CLBD" => &mut closing,
            _ => continue,
        };
        let sum = amount(told)?;
        match *slot {
            Some(known) if known != sum => return Err(told.fault(Wrong::Twice { field: kind.to_owned() })),
            _ => *slot = Some(sum),
        }
    }
    Ok((opening, closing))
}

/// A sum with its currency and its side.
fn amount(told: &Element) -> Result<Tiyn, Fault> {
    let missing = || told.fault(Wrong::Missing { field: "Amt".to_owned() });
    let amount = told.child("Amt").ok_or_else(missing)?;
    tenge(amount.attribute("Ccy").unwrap_or_default()).map_err(|wrong| amount.fault(wrong))?;
    let sum = balance("Amt", &amount.text, MARKS).map_err(|wrong| amount.fault(wrong))?;
    signed(told, sum)
}

/// The totals of what came and went.
fn totals(element: &Element) -> Result<Totals, Fault> {
    let told = |path: &str, field: &'static str| -> Result<Option<Told>, Fault> {
        let Some(sum) = element.at(path) else { return Ok(None) };
        let what = balance(field, &sum.text, MARKS).map_err(|wrong| sum.fault(wrong))?;
        Ok(Some(Told { field, what }))
    };
    Ok(Totals {
        came: told("TxsSummry/TtlCdtNtries/Sum", "TtlCdtNtries")?,
        went: told("TxsSummry/TtlDbtNtries/Sum", "TtlDbtNtries")?,
    })
}

/// The first and the last day.
fn period(element: &Element) -> Result<Option<(time::Date, time::Date)>, Fault> {
    let day = |name: &str| -> Result<Option<time::Date>, Fault> {
        let Some(told) = element.at(&format!("FrToDt/{name}")) else { return Ok(None) };
        iso(name, &told.text).map(Some).map_err(|wrong| told.fault(wrong))
    };
    Ok(day("FrDtTm")?.zip(day("ToDtTm")?))
}
