//! 1CClientBankExchange: lines of `name=value` in sections, as banks write statements for 1C.

use std::collections::BTreeMap;

use time::Date;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::ENTRIES_MAX;
use super::balance::{Told, Totals, adds_up};
use super::charset::Charset;
use super::decode::decode;
use super::fault::{Fault, Wrong};
use super::one_c_document::Document;
use super::statement::{Format, Place, Statement};
use super::sums::{balance, dotted, shown};

/// What such a file begins with.
pub(super) const MAGIC: &str = "1CClientBankExchange";

/// What such a file ends with.
const END: &str = "КонецФайла";

/// The most accounts of a file: an operator has a few.
const ACCOUNTS_MAX: usize = 100;

/// The mark before decimals. Some banks of Kazakhstan write a comma.
const MARKS: &[char] = &['.', ','];

/// The values of a section by their names in small letters, each with its line: banks write names in any case.
type Values = BTreeMap<String, (String, usize)>;

/// What lay on an account and moved over some days, as the file sums it up.
#[derive(Debug)]
struct Section {
    values: Values,
    line: usize,
}

/// The pieces of a file.
#[derive(Debug, Default)]
struct Pieces {
    header: Values,
    /// The accounts that the header names, which may be several.
    accounts: Vec<(String, usize)>,
    sections: Vec<Section>,
    documents: Vec<Document>,
}

/// Where lines belong.
#[derive(Debug)]
enum At {
    Header,
    Section(Section),
    Document(Document),
    End,
}

/// Reads a file: a statement for each account that it names.
///
/// # Errors
/// The first [`Fault`] that is found; nothing is taken then.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, Fault> {
    let text = decode(bytes, charset(bytes)?)?;
    let pieces = pieces(&text)?;
    let accounts = accounts(&pieces)?;
    let mut statements = Vec::new();
    for (account, line) in &accounts {
        statements.push(statement(&pieces, account, *line, &accounts)?);
    }
    for document in &pieces.documents {
        let taken = accounts.iter().any(|(account, _)| document.is_of(account, accounts.len() == 1));
        if let (false, Some((account, _))) = (taken, accounts.first()) {
            return Err(Fault::on_line(document.line, Wrong::OtherEntry { account: account.clone() }));
        }
    }
    Ok(statements)
}

/// The encoding that the file names. The name `Кодировка` itself is looked for in each encoding that it may be written in.
fn charset(bytes: &[u8]) -> Result<Option<Charset>, Fault> {
    const NAMES: [&[u8]; 3] = [
        "Кодировка".as_bytes(),
        &[0xCA, 0xEE, 0xE4, 0xE8, 0xF0, 0xEE, 0xE2, 0xEA, 0xE0],
        &[0x8A, 0xAE, 0xA4, 0xA8, 0xE0, 0xAE, 0xA2, 0xAA, 0xA0],
    ];
    for (index, line) in bytes.split(|byte| *byte == b'\n').take(30).enumerate() {
        let value = NAMES.iter().find_map(|name| line.trim_ascii().strip_prefix(*name));
        let Some(value) = value.and_then(|rest| rest.trim_ascii().strip_prefix(b"=")) else { continue };
        let told = String::from_utf8_lossy(value).trim().to_owned();
        let unknown = Wrong::UnknownCharset { told: shown(&told) };
        let known = Charset::named(&told).ok_or(unknown);
        return known.map(Some).map_err(|wrong| Fault::on_line(index.saturating_add(1), wrong));
    }
    Ok(None)
}

/// The file in its sections.
fn pieces(text: &str) -> Result<Pieces, Fault> {
    let mut pieces = Pieces::default();
    let mut at = At::Header;
    let mut lines = text.lines().enumerate().map(|(index, line)| (index.saturating_add(1), line.trim()));
    if lines.next().is_none_or(|(_, line)| line != MAGIC) {
        return Err(Fault::on_line(1, Wrong::Missing { field: MAGIC.to_owned() }));
    }
    if !knows_words(text) {
        let sample = text.lines().nth(1).unwrap_or_default();
        return Err(Fault::on_line(2, Wrong::Garbled { sample: shown(sample) }));
    }
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        at = pieces.take(at, number, line).map_err(|wrong| Fault::on_line(number, wrong))?;
    }
    match at {
        At::End => Ok(pieces),
        _ => Err(Fault::on_line(text.lines().count(), Wrong::Cut { missing: END.to_owned() })),
    }
}

/// Whether any word of the format stands in a file: letters of a wrong encoding make none.
fn knows_words(text: &str) -> bool {
    const SOME: [&str; 5] = ["версияформата", "кодировка", "расчсчет", "секция", "конецфайла"];
    // A file that ends before its third line may have had no time to say any.
    text.lines().count() < 3
        || text.lines().map(str::to_lowercase).any(|line| SOME.iter().any(|word| line.contains(word)))
}

impl Pieces {
    /// Takes a line, and says where the next belongs.
    fn take(&mut self, at: At, number: usize, line: &str) -> Result<At, Wrong> {
        let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
        let name = name.trim().to_lowercase();
        let value = value.map(str::trim);
        let here = || Wrong::Structure { what: format!("«{}» does not belong here", shown(line)) };
        match (at, name.as_str(), value) {
            (At::End, ..) => Err(Wrong::BehindTheEnd { end: END.to_owned() }),
            (At::Header, "секциярасчсчет", _) => {
                Ok(At::Section(Section { values: Values::new(), line: number }))
            }
            (At::Header, "секциядокумент", _) => {
                if self.documents.len() == ENTRIES_MAX {
                    return Err(Wrong::TooManyEntries { max: ENTRIES_MAX });
                }
                Ok(At::Document(Document::begun(number)))
            }
            (At::Header, "конецфайла", None) => Ok(At::End),
            (At::Section(section), "конецрасчсчет", None) => {
                self.sections.push(section);
                Ok(At::Header)
            }
            (At::Document(document), "конецдокумента", None) => {
                self.documents.push(document);
                Ok(At::Header)
            }
            (
                _,
                "секциярасчсчет" | "секциядокумент" | "конецрасчсчет" | "конецдокумента" | "конецфайла",
                _,
            ) => Err(here()),
            (At::Header, "расчсчет", Some(value)) => {
                self.accounts.push((value.to_owned(), number));
                Ok(At::Header)
            }
            // The header may ask for several kinds of documents.
            (At::Header, "документ", _) => Ok(At::Header),
            (At::Header, _, Some(value)) => put(&mut self.header, name, value, number).map(|()| At::Header),
            (At::Section(mut section), _, Some(value)) => {
                put(&mut section.values, name, value, number).map(|()| At::Section(section))
            }
            (At::Document(mut document), _, value) => {
                let told = document.take(name, value, line, number)?;
                if told { Ok(At::Document(document)) } else { Err(here()) }
            }
            (_, _, None) => Err(here()),
        }
    }
}

/// Keeps a value; told twice it must be the same.
fn put(values: &mut Values, name: String, value: &str, line: usize) -> Result<(), Wrong> {
    if value.is_empty() {
        return Ok(());
    }
    match values.get(&name) {
        Some((known, _)) if known != value => Err(Wrong::Twice { field: name }),
        Some(_) => Ok(()),
        None => {
            values.insert(name, (value.to_owned(), line));
            Ok(())
        }
    }
}

/// The accounts of the file, in the order they are named.
fn accounts(pieces: &Pieces) -> Result<Vec<(Iban, usize)>, Fault> {
    let of_sections = pieces.sections.iter().filter_map(|section| section.values.get("расчсчет"));
    let mut accounts: Vec<(Iban, usize)> = Vec::new();
    for (text, line) in pieces.accounts.iter().chain(of_sections).filter(|(text, _)| !text.is_empty()) {
        let no = |_| Fault::on_line(*line, Wrong::NoIban { text: shown(text) });
        let account: Iban = text.parse().map_err(no)?;
        if !accounts.iter().any(|(known, _)| *known == account) {
            if accounts.len() == ACCOUNTS_MAX {
                let what = format!("there are more than {ACCOUNTS_MAX} accounts");
                return Err(Fault::on_line(*line, Wrong::Structure { what }));
            }
            accounts.push((account, *line));
        }
    }
    if accounts.is_empty() {
        return Err(Fault::of_file(Wrong::Missing { field: "РасчСчет".to_owned() }));
    }
    Ok(accounts)
}

/// What the file says of one of its accounts.
fn statement(
    pieces: &Pieces,
    account: &Iban,
    line: usize,
    accounts: &[(Iban, usize)],
) -> Result<Statement, Fault> {
    let is_alone = accounts.len() == 1;
    let mut entries = Vec::new();
    let mut currency_is_told = false;
    for document in &pieces.documents {
        if document.is_of(account, is_alone) {
            entries.extend(document.entry(account, accounts)?);
            currency_is_told |= document.values.contains_key("валюта");
        }
    }
    let mut statement = Statement {
        format: Format::OneC,
        account: account.clone(),
        currency_is_told,
        period: period(&pieces.header)?,
        opening: None,
        closing: None,
        entries,
        announced: 0,
        place: Place::Line(line),
    };
    let mut totals = Totals::default();
    let mut is_first = true;
    for section in &pieces.sections {
        let of = section.values.get("расчсчет");
        if of.map_or(is_alone, |(text, _)| text.parse() == Ok(account.clone())) {
            take_section(&mut statement, &mut totals, section, is_first)?;
            is_first = false;
        }
    }
    adds_up(&statement, &totals, "КонечныйОстаток")?;
    Ok(statement)
}

/// Takes what a section tells of its account. There may be one for each day: then each begins with what the one before ended with.
fn take_section(
    statement: &mut Statement,
    totals: &mut Totals,
    section: &Section,
    is_first: bool,
) -> Result<(), Fault> {
    let told = |name: &str, field: &str| -> Result<Option<Tiyn>, Fault> {
        let Some((text, line)) = section.values.get(name) else { return Ok(None) };
        balance(field, text, MARKS).map(Some).map_err(|wrong| Fault::on_line(*line, wrong))
    };
    let here = |wrong| Fault::on_line(section.line, wrong);
    let opening = told("начальныйостаток", "НачальныйОстаток")?;
    let closing = told("конечныйостаток", "КонечныйОстаток")?;
    let came = told("всегопоступило", "ВсегоПоступило")?;
    let went = told("всегосписано", "ВсегоСписано")?;
    if let (Some(opening), Some(closing), Some(came), Some(went)) = (opening, closing, came, went) {
        let counted = opening.plus(came).and_then(|sum| sum.minus(went));
        if counted != Ok(closing) {
            let counted = counted.unwrap_or_default();
            return Err(here(Wrong::Totals {
                field: "КонечныйОстаток".to_owned(), told: closing, counted
            }));
        }
    }
    if is_first {
        statement.opening = opening;
        statement.place = Place::Line(section.line);
        totals.came = came.map(|what| Told { field: "ВсегоПоступило", what });
        totals.went = went.map(|what| Told { field: "ВсегоСписано", what });
    } else {
        if let (Some(counted), Some(told)) = (statement.closing, opening)
            && counted != told
        {
            return Err(here(Wrong::Totals {
                field: "НачальныйОстаток".to_owned(), told, counted
            }));
        }
        add(&mut totals.came, came);
        add(&mut totals.went, went);
    }
    statement.closing = closing;
    let days = period(&section.values)?;
    let widened = |(from, to): (Date, Date)| match statement.period {
        Some((first, last)) => (first.min(from), last.max(to)),
        None => (from, to),
    };
    statement.period = days.map(widened).or(statement.period);
    Ok(())
}

/// Adds a day's total to those before; when one of them is not told, neither is the whole.
fn add(total: &mut Option<Told>, day: Option<Tiyn>) {
    let sum = total.as_ref().zip(day).and_then(|(total, day)| total.what.plus(day).ok());
    *total = total.take().zip(sum).map(|(total, what)| Told { field: total.field, what });
}

/// The first and the last day, where both are told.
fn period(values: &Values) -> Result<Option<(Date, Date)>, Fault> {
    let day = |name: &str, field: &str| -> Result<Option<Date>, Fault> {
        let Some((text, line)) = values.get(name) else { return Ok(None) };
        dotted(field, text).map(Some).map_err(|wrong| Fault::on_line(*line, wrong))
    };
    Ok(day("датаначала", "ДатаНачала")?.zip(day("датаконца", "ДатаКонца")?))
}
