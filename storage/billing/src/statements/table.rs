//! A bank's table (CSV), read by its mapping.

use csv::{ReaderBuilder, StringRecord};
use time::Date;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::ENTRIES_MAX;
use super::balance::{Told, Totals, adds_up};
use super::decode::decode;
use super::fault::{Fault, Wrong};
use super::mapping::{Column, CsvMapping, DateForm, DirectionBy};
use super::statement::{Direction, Entry, Format, Party, Place, Statement};
use super::sums::{NAME_MAX, PURPOSE_MAX, balance, date, day_fault, movement, shown, tenge, text_of};

/// The most columns of a table.
const COLUMNS_MAX: usize = 200;

/// Reads a table as the statement of an account, which the table itself seldom names.
///
/// # Errors
/// The first [`Fault`] that is found; nothing is taken then.
pub(super) fn read(bytes: &[u8], mapping: &CsvMapping, account: &Iban) -> Result<Statement, Fault> {
    let text = decode(bytes, Some(mapping.charset))?;
    // Both ends of a line as one: the reader counts lines by them.
    let text = text.replace("\r\n", "\n");
    let mut records = records(whole(&text, mapping)?, mapping)?.into_iter();
    let header = if mapping.has_header { records.next().map(|(record, _)| record) } else { None };
    let mut width = header.as_ref().map(StringRecord::len);
    let columns = Columns::of(mapping, header.as_ref())?;
    if let Some(header) = header.as_ref().filter(|header| is_movement(header, &columns, mapping)) {
        let what =
            format!("the row of names has a day ({})", shown(header.get(columns.day).unwrap_or_default()));
        return Err(mapping_fault(what));
    }
    let (mut entries, mut end) = (Vec::new(), None);
    for (record, line) in records {
        if end.is_some() {
            // Words for people may stand behind the table, but no movement.
            if is_movement(&record, &columns, mapping) {
                let end = mapping.ends_with.clone().unwrap_or_default();
                return Err(Fault::on_line(line, Wrong::BehindTheEnd { end: format!("«{end}»") }));
            }
            continue;
        }
        if mapping.ends_with.as_ref().is_some_and(|end| begins_with(&record, end)) {
            end = Some(record);
            continue;
        }
        if *width.get_or_insert(record.len()) != record.len() || record.len() > COLUMNS_MAX {
            let what =
                format!("the row has {} columns, others have {}", record.len(), width.unwrap_or_default());
            return Err(Fault::on_line(line, Wrong::Structure { what }));
        }
        if entries.len() == ENTRIES_MAX {
            return Err(Fault::on_line(line, Wrong::TooManyEntries { max: ENTRIES_MAX }));
        }
        let row = Row { record: &record, columns: &columns, mapping };
        entries.push(row.entry(account, line).map_err(|wrong| Fault::on_line(line, wrong))?);
    }
    if let (None, Some(words)) = (&end, &mapping.ends_with) {
        let missing = format!("the row that begins with «{words}»");
        return Err(Fault::of_file(Wrong::Cut { missing }));
    }
    let statement = Statement {
        format: Format::Csv,
        account: account.clone(),
        currency_is_told: columns.currency.is_some(),
        period: None,
        opening: None,
        closing: None,
        entries,
        announced: 0,
        place: Place::File,
    };
    let totals = end.filter(|end| Some(end.len()) == width).map(|end| totals(&end, &columns, mapping));
    adds_up(&statement, &totals.unwrap_or_default(), "")?;
    Ok(statement)
}

/// The rows of a table, each with its line in the file.
fn records(table: &str, mapping: &CsvMapping) -> Result<Vec<(StringRecord, usize)>, Fault> {
    let separates =
        |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r');
    let delimiter = u8::try_from(mapping.delimiter).ok().filter(separates);
    let bad = || mapping_fault(format!("«{}» stands between no columns", mapping.delimiter));
    if mapping.ends_with.as_ref().is_some_and(|words| words.trim().is_empty()) {
        return Err(mapping_fault("the words that the table ends with are empty".to_owned()));
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.ok_or_else(bad)?)
        .has_headers(false)
        .flexible(true)
        .from_reader(table.as_bytes());
    let placed = |record: csv::Result<StringRecord>| {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            let what = "a row cannot be read".to_owned();
            Fault::on_line(line_in_file(line, mapping), Wrong::Structure { what })
        })?;
        let line = line_in_file(record.position().map_or(0, csv::Position::line), mapping);
        Ok((record, line))
    };
    reader.records().map(placed).collect()
}

/// Whether the first cell of a row that has anything begins so. Others do not count: a purpose may begin with any words.
fn begins_with(record: &StringRecord, words: &str) -> bool {
    let first = record.iter().map(str::trim).find(|cell| !cell.is_empty());
    first.is_some_and(|cell| cell.starts_with(words.trim()))
}

/// Whether a row has a day where movements have theirs.
fn is_movement(record: &StringRecord, columns: &Columns, mapping: &CsvMapping) -> bool {
    record.get(columns.day).is_some_and(|cell| day(cell.trim(), mapping.day_form).is_ok())
}

/// The totals that stand in the columns of sums of the row that ends the table.
fn totals(end: &StringRecord, columns: &Columns, mapping: &CsvMapping) -> Totals {
    let SumColumns::Two(came, went) = columns.sum else { return Totals::default() };
    let told = |place: usize, field: &'static str| {
        let what = balance(field, &plain(end.get(place)?.trim()), &[mapping.decimal]).ok()?;
        Some(Told { field, what })
    };
    Totals { came: told(came, "total of what came"), went: told(went, "total of what went") }
}

/// The line in the file of one in the table.
fn line_in_file(line: u64, mapping: &CsvMapping) -> usize {
    usize::try_from(line).unwrap_or_default().saturating_add(mapping.lines_above)
}

fn mapping_fault(what: String) -> Fault {
    Fault::of_file(Wrong::Mapping { what })
}

/// The table below what stands above it, when nothing tells that it is cut.
fn whole<'text>(text: &'text str, mapping: &CsvMapping) -> Result<&'text str, Fault> {
    let mut table = text;
    for _ in 0..mapping.lines_above {
        let too_few =
            || mapping_fault(format!("there are not {} lines above the table", mapping.lines_above));
        table = table.split_once('\n').ok_or_else(too_few)?.1;
    }
    let last = text.lines().count();
    if !table.matches('"').count().is_multiple_of(2) {
        return Err(Fault::on_line(last, Wrong::Cut { missing: "a closing quotation mark".to_owned() }));
    }
    if !mapping.is_open_ended && !table.ends_with('\n') {
        return Err(Fault::on_line(last, Wrong::Cut { missing: "the end of the last line".to_owned() }));
    }
    Ok(table)
}

/// The places of the columns that are read, from 0.
struct Columns {
    day: usize,
    sum: SumColumns,
    account: Option<usize>,
    currency: Option<usize>,
    number: Option<usize>,
    bank_reference: Option<usize>,
    name: Option<usize>,
    bin: Option<usize>,
    iban: Option<usize>,
    bic: Option<usize>,
    knp: Option<usize>,
    purpose: Option<usize>,
}

/// The places of sums.
enum SumColumns {
    Sign(usize),
    Two(usize, usize),
    Word(usize, usize),
}

impl Columns {
    fn of(mapping: &CsvMapping, header: Option<&StringRecord>) -> Result<Self, Fault> {
        let place = |column: &Column| place_of(column, header);
        let perhaps = |column: &Option<Column>| column.as_ref().map(place).transpose();
        let sum = match &mapping.direction {
            DirectionBy::Sign { sum } => SumColumns::Sign(place(sum)?),
            DirectionBy::Columns { came, went } => SumColumns::Two(place(came)?, place(went)?),
            DirectionBy::Word { sum, word, .. } => SumColumns::Word(place(sum)?, place(word)?),
        };
        if !matches!(mapping.decimal, '.' | ',') {
            return Err(mapping_fault(format!("«{}» stands before no decimals", mapping.decimal)));
        }
        Ok(Self {
            day: place(&mapping.day)?,
            sum,
            account: perhaps(&mapping.account)?,
            currency: perhaps(&mapping.currency)?,
            number: perhaps(&mapping.number)?,
            bank_reference: perhaps(&mapping.bank_reference)?,
            name: perhaps(&mapping.other_name)?,
            bin: perhaps(&mapping.other_bin)?,
            iban: perhaps(&mapping.other_account)?,
            bic: perhaps(&mapping.other_bic)?,
            knp: perhaps(&mapping.knp)?,
            purpose: perhaps(&mapping.purpose)?,
        })
    }
}

/// The place of a column, from 0.
fn place_of(column: &Column, header: Option<&StringRecord>) -> Result<usize, Fault> {
    match (column, header) {
        (Column::Number(number), header) => {
            let within = |place: &usize| header.is_none_or(|header| *place < header.len());
            let place = number.checked_sub(1).filter(within);
            place.ok_or_else(|| mapping_fault(format!("there is no column {number}")))
        }
        (Column::Named(name), Some(header)) => {
            let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            let mut places = header.iter().enumerate().filter(|(_, cell)| plain(cell) == plain(name));
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (None, _) => Err(mapping_fault(format!("there is no column «{}»", shown(name)))),
                _ => Err(mapping_fault(format!("there are two columns «{}»", shown(name)))),
            }
        }
        (Column::Named(name), None) => {
            let what = format!("the column «{}» is named, but the table has no row of names", shown(name));
            Err(mapping_fault(what))
        }
    }
}

/// A row with what its columns mean.
struct Row<'row> {
    record: &'row StringRecord,
    columns: &'row Columns,
    mapping: &'row CsvMapping,
}

impl Row<'_> {
    fn cell(&self, place: usize) -> Result<&str, Wrong> {
        let missing = || Wrong::Mapping { what: format!("there is no column {}", place.saturating_add(1)) };
        self.record.get(place).map(str::trim).ok_or_else(missing)
    }

    fn text(&self, place: Option<usize>, field: &str, max: usize) -> Result<Option<String>, Wrong> {
        place.map_or(Ok(None), |place| text_of(field, self.cell(place)?, max))
    }

    fn entry(&self, account: &Iban, line: usize) -> Result<Entry, Wrong> {
        let columns = self.columns;
        if let Some(named) = self.text(columns.account, "account", NAME_MAX)? {
            let named: Iban = named.parse().map_err(|_| Wrong::NoIban { text: shown(&named) })?;
            if named != *account {
                return Err(Wrong::OtherAccount { found: named, expected: vec![account.clone()] });
            }
        }
        if let Some(place) = columns.currency {
            tenge(self.cell(place)?)?;
        }
        let (direction, sum) = self.sum()?;
        let own = Party { iban: Some(account.clone()), ..Party::default() };
        let mut other = Party {
            name: self.text(columns.name, "name", NAME_MAX)?,
            bin: self.text(columns.bin, "BIN", NAME_MAX)?,
            bic: self.text(columns.bic, "BIC", NAME_MAX)?,
            ..Party::default()
        };
        other.take_account(self.text(columns.iban, "account of the other side", NAME_MAX)?);
        let (payer, payee) = match direction {
            Direction::In => (other, own),
            Direction::Out => (own, other),
        };
        Ok(Entry {
            place: Place::Line(line),
            direction,
            is_reversal: false,
            sum,
            day: day(self.cell(columns.day)?, self.mapping.day_form)?,
            number: self.text(columns.number, "number", NAME_MAX)?,
            bank_reference: self.text(columns.bank_reference, "reference", NAME_MAX)?,
            payer,
            payee,
            knp: self.text(columns.knp, "КНП", NAME_MAX)?,
            purpose: self.text(columns.purpose, "purpose", PURPOSE_MAX)?.unwrap_or_default(),
            is_of_batch: false,
        })
    }

    /// The sum and which way it went.
    fn sum(&self) -> Result<(Direction, Tiyn), Wrong> {
        let marks = [self.mapping.decimal];
        let unclear = |text: String| Wrong::Direction { text: shown(&text) };
        match (&self.mapping.direction, &self.columns.sum) {
            (_, SumColumns::Sign(place)) => {
                let text = plain(self.cell(*place)?);
                let unsigned = text.strip_prefix(['-', '\u{2212}']);
                let direction = if unsigned.is_some() { Direction::Out } else { Direction::In };
                Ok((direction, movement("sum", unsigned.unwrap_or(&text), &marks)?))
            }
            (_, SumColumns::Two(came, went)) => {
                let (came, went) = (plain(self.cell(*came)?), plain(self.cell(*went)?));
                let is_none = |text: &str| text.is_empty() || balance("sum", text, &marks) == Ok(Tiyn::ZERO);
                match (is_none(&came), is_none(&went)) {
                    (false, true) => Ok((Direction::In, movement("sum", &came, &marks)?)),
                    (true, false) => Ok((Direction::Out, movement("sum", &went, &marks)?)),
                    _ => Err(unclear(format!("{came}; {went}"))),
                }
            }
            (DirectionBy::Word { came, went, .. }, SumColumns::Word(sum, word)) => {
                let word = self.cell(*word)?.to_lowercase();
                let is_one = |words: &[String]| words.iter().any(|one| one.trim().to_lowercase() == word);
                let direction = match (is_one(came), is_one(went)) {
                    (true, false) => Direction::In,
                    (false, true) => Direction::Out,
                    _ => return Err(unclear(word)),
                };
                Ok((direction, movement("sum", &plain(self.cell(*sum)?), &marks)?))
            }
            (_, SumColumns::Word(..)) => Err(unclear(String::new())),
        }
    }
}

/// A sum without what people put between groups of its digits.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('+').unwrap_or(text);
    text.chars().filter(|char| !char.is_whitespace() && *char != '\'').collect()
}

/// A day in the order that the mapping says.
fn day(text: &str, form: DateForm) -> Result<Date, Wrong> {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['.', '/', '-']).collect();
    let read = match (parts.as_slice(), form) {
        ([day, month, year], DateForm::DayFirst)
        | ([year, month, day], DateForm::YearFirst)
        | ([month, day, year], DateForm::MonthFirst) => {
            // One digit is enough for a day or a month.
            date(year.as_bytes(), format!("{month:0>2}").as_bytes(), format!("{day:0>2}").as_bytes())
        }
        _ => None,
    };
    let written = match form {
        DateForm::DayFirst => "dd.mm.yyyy",
        DateForm::YearFirst => "yyyy-mm-dd",
        DateForm::MonthFirst => "mm/dd/yyyy",
    };
    read.ok_or_else(|| day_fault("day", text, written))
}
