//! MT940: the statement of SWIFT, fields of `:61:` and their likes.
//!
//! A file has one message or several, each in the blocks of SWIFT (`{1:…}{2:…}{4:` to `-}`) or as its fields alone. A long statement is
//! cut by the bank into pages: all but the last end with `:62M:`, all but the first begin with `:60M:`.

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::ENTRIES_MAX;
use super::balance::{Totals, adds_up};
use super::decode::decode;
use super::fault::{Fault, Wrong};
use super::mt940_details::{Line61, details, line_61};
use super::statement::{Direction, Entry, Format, Party, Place, Statement};
use super::sums::{balance, shown, six, tenge};

/// Fields that may stand anywhere and say nothing of a movement: what was asked for, when it was made, what is available.
const IGNORED: [&str; 9] = ["21", "13D", "13", "34F", "64", "65", "90C", "90D", "NS"];

/// The most lines of one field: a statement's details have six.
const LINES_MAX: usize = 60;

/// A field: its tag, its lines, and where it stands.
#[derive(Clone, Debug)]
struct Field {
    tag: String,
    lines: Vec<String>,
    line: usize,
}

impl Field {
    fn first(&self) -> &str {
        self.lines.first().map_or("", |line| line.trim())
    }

    fn fault(&self, wrong: Wrong) -> Fault {
        Fault::on_line(self.line, wrong)
    }
}

/// One message: a statement, or a page of one.
#[derive(Debug)]
struct Page {
    statement: Statement,
    number: String,
    begins: bool,
    ends: bool,
}

/// Reads a file: a statement for each account and number that it has pages of.
///
/// # Errors
/// The first [`Fault`] that is found; nothing is taken then.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, Fault> {
    let text = decode(bytes, None)?;
    let (mut pages, mut left) = (Vec::new(), ENTRIES_MAX);
    for message in messages(&text)? {
        let page = page(&message, left)?;
        left = left.saturating_sub(page.statement.entries.len());
        pages.push(page);
    }
    let statements = joined(pages)?;
    for statement in &statements {
        adds_up(statement, &Totals::default(), ":62F:")?;
    }
    Ok(statements)
}

/// What surrounds the fields that are read at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// Nothing yet, or a message is over.
    Nothing,
    /// Fields without blocks: the next `:20:` begins another message.
    Bare,
    /// The fourth block, which must end.
    Block,
}

/// The fields of each message.
fn messages(text: &str) -> Result<Vec<Vec<Field>>, Fault> {
    let mut messages: Vec<Vec<Field>> = Vec::new();
    let mut around = Around::Nothing;
    let mut last = 1;
    for (index, line) in text.lines().enumerate() {
        let number = index.saturating_add(1);
        last = number;
        let line = line.trim_end();
        let structure = |what: &str| {
            let what = format!("{what}: «{}»", shown(line));
            Fault::on_line(number, Wrong::Structure { what })
        };
        let (line, opens) = match line.split_once("{4:") {
            Some((before, rest)) if before.is_empty() || before.starts_with('{') => (rest, true),
            _ => (line, false),
        };
        if opens {
            if around == Around::Block {
                return Err(structure("a message begins within another"));
            }
            messages.push(Vec::new());
            around = Around::Block;
        }
        if line.trim().is_empty() || (around != Around::Block && line.starts_with('{')) {
            continue;
        }
        if line == "-" || line.starts_with("-}") {
            let is_end = match around {
                Around::Nothing => false,
                Around::Bare => line == "-",
                Around::Block => line != "-",
            };
            if !is_end {
                return Err(structure("a message ends that was not begun so"));
            }
            around = Around::Nothing;
            continue;
        }
        match field(line) {
            Some((tag, rest)) => {
                if tag == "20" && around != Around::Block {
                    messages.push(Vec::new());
                    around = Around::Bare;
                }
                let message = messages.last_mut().filter(|_| around != Around::Nothing);
                let message = message.ok_or_else(|| structure("a field stands outside of a message"))?;
                message.push(Field { tag: tag.to_owned(), lines: vec![rest.to_owned()], line: number });
            }
            None => {
                let message = messages.last_mut().filter(|_| around != Around::Nothing);
                let field = message.and_then(|message| message.last_mut());
                let field = field.ok_or_else(|| structure("a line belongs to no field"))?;
                if field.lines.len() == LINES_MAX {
                    let field = format!(":{}:", field.tag);
                    return Err(Fault::on_line(number, Wrong::TooLong { field, max: LINES_MAX }));
                }
                field.lines.push(line.to_owned());
            }
        }
    }
    if around == Around::Block {
        return Err(Fault::on_line(last, Wrong::Cut { missing: "-}".to_owned() }));
    }
    if messages.is_empty() {
        return Err(Fault::of_file(Wrong::Missing { field: ":20:".to_owned() }));
    }
    Ok(messages)
}

/// The tag of a line and what is behind it; `None` for a line that goes on with the field before.
fn field(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let is_tag = matches!(tag.len(), 2..=3)
        && tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_tag.then_some((tag, rest))
}

/// How far a message was read: fields stand in one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Head,
    Opened,
    Entry,
    Closed,
}

/// Reads one message.
fn page(fields: &[Field], entries_max: usize) -> Result<Page, Fault> {
    let begin = fields.first().map_or(1, |field| field.line);
    let mut page = PageSoFar::default();
    let mut step = Step::Head;
    let mut fields = fields.iter().peekable();
    while let Some(field) = fields.next() {
        let before = step;
        step = match field.tag.as_str() {
            "20" if step == Step::Head && page.reference.is_none() => {
                page.reference = Some(());
                step
            }
            "25" | "25P" if step == Step::Head && page.account.is_none() => {
                page.account = Some(account(field)?);
                step
            }
            "28C" | "28" if step == Step::Head && page.number.is_none() => {
                let number = field.first().split('/').next().unwrap_or_default();
                page.number = Some(number.to_owned());
                step
            }
            "60F" | "60M" if step == Step::Head => {
                page.opening = Some((bound(field)?, field.tag == "60F"));
                Step::Opened
            }
            "61" if matches!(step, Step::Opened | Step::Entry) => {
                if page.entries.len() >= entries_max {
                    return Err(field.fault(Wrong::TooManyEntries { max: ENTRIES_MAX }));
                }
                let details = fields.next_if(|next| next.tag == "86");
                page.entries.push((field.clone(), details.cloned()));
                Step::Entry
            }
            "62F" | "62M" if matches!(step, Step::Opened | Step::Entry) => {
                page.closing = Some((bound(field)?, field.tag == "62F"));
                Step::Closed
            }
            // Of the statement as a whole.
            "86" if before == Step::Closed => step,
            tag if IGNORED.contains(&tag) => step,
            tag => {
                return Err(
                    field.fault(Wrong::Structure { what: format!("the field :{tag}: does not belong here") })
                );
            }
        };
    }
    page.whole(begin)
}

/// A message while it is read.
#[derive(Debug, Default)]
struct PageSoFar {
    reference: Option<()>,
    account: Option<Iban>,
    number: Option<String>,
    opening: Option<(Tiyn, bool)>,
    closing: Option<(Tiyn, bool)>,
    entries: Vec<(Field, Option<Field>)>,
}

impl PageSoFar {
    /// The page, when nothing of it is missing.
    fn whole(self, begin: usize) -> Result<Page, Fault> {
        let place = Place::Line(begin);
        let missing = |field: &str| Fault::at(&place, Wrong::Missing { field: field.to_owned() });
        self.reference.ok_or_else(|| missing(":20:"))?;
        let account = self.account.ok_or_else(|| missing(":25:"))?;
        let (opening, begins) = self.opening.ok_or_else(|| missing(":60F:"))?;
        let cut = || Fault::at(&place, Wrong::Cut { missing: ":62F:".to_owned() });
        let (closing, ends) = self.closing.ok_or_else(cut)?;
        let mut entries = Vec::new();
        for (field, about) in &self.entries {
            entries.push(entry(&account, field, about.as_ref())?);
        }
        let statement = Statement {
            format: Format::Mt940,
            account,
            currency_is_told: true,
            // The days of the balances are not told to be those of the statement.
            period: None,
            opening: Some(opening),
            closing: Some(closing),
            entries,
            announced: 0,
            place,
        };
        Ok(Page { statement, number: self.number.unwrap_or_default(), begins, ends })
    }
}

/// The account of `:25:`, behind a bank's code where there is one, and before a currency.
fn account(field: &Field) -> Result<Iban, Fault> {
    let text = field.first();
    let no = || field.fault(Wrong::NoIban { text: shown(text) });
    let pieces = text.split('/').map(str::trim).flat_map(|piece| {
        let bare = piece.strip_suffix("KZT").map(str::trim).unwrap_or(piece);
        [piece, bare]
    });
    pieces.filter_map(|piece| piece.parse().ok()).next().ok_or_else(no)
}

/// A balance: `C261130KZT1000,00`.
fn bound(field: &Field) -> Result<Tiyn, Fault> {
    let text = field.first();
    let name = format!(":{}:", field.tag);
    let read = || {
        let structure =
            || Wrong::Structure { what: format!("{name} is «{}», which is no balance", shown(text)) };
        let (mark, rest) = text.split_at_checked(1).ok_or_else(structure)?;
        let (day, rest) = rest.split_at_checked(6).ok_or_else(structure)?;
        let (currency, sum) = rest.split_at_checked(3).ok_or_else(structure)?;
        six(&name, day)?;
        tenge(currency)?;
        if !sum.contains(',') || sum.starts_with('-') {
            return Err(structure());
        }
        let sum = balance(&name, sum, &[','])?;
        match mark {
            "C" => Ok(sum),
            "D" => Ok(sum.negated()),
            _ => Err(structure()),
        }
    };
    read().map_err(|wrong| field.fault(wrong))
}

/// A movement, with what its `:86:` tells.
fn entry(account: &Iban, field: &Field, about: Option<&Field>) -> Result<Entry, Fault> {
    let Line61 { direction, is_reversal, sum, day, number, bank_reference, supplement } =
        line_61(&field.lines).map_err(|wrong| field.fault(wrong))?;
    let about = match about {
        Some(about) => details(&about.lines).map_err(|wrong| about.fault(wrong))?,
        None => details(&[]).map_err(|wrong| field.fault(wrong))?,
    };
    let own = Party { iban: Some(account.clone()), ..Party::default() };
    let mut other = about.other;
    // The code of the payee stands among the payer's: it is ours where the money came.
    let (mut own, kbe) = (own, about.payee_kbe);
    let (payer, payee) = match direction {
        Direction::In => {
            own.kbe = kbe;
            (other, own)
        }
        Direction::Out => {
            other.kbe = kbe.or(other.kbe);
            (own, other)
        }
    };
    Ok(Entry {
        place: Place::Line(field.line),
        direction,
        is_reversal,
        sum,
        day,
        number: about.number.or(number),
        bank_reference,
        payer,
        payee,
        knp: about.knp,
        purpose: if about.purpose.is_empty() { supplement } else { about.purpose },
        is_of_batch: false,
    })
}

/// Statements of their pages: those of one account and number that follow each other are one.
fn joined(pages: Vec<Page>) -> Result<Vec<Statement>, Fault> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut open: Option<String> = None;
    for page in pages {
        let Page { statement: mut next, number, begins, ends } = page;
        let at = next.place.clone();
        match (open.take(), begins) {
            (None, true) => statements.push(next),
            (Some(known), false) => {
                let Some(whole) = statements.last_mut() else { continue };
                if known != number || whole.account != next.account {
                    return Err(Fault::at(
                        &at,
                        Wrong::Cut { missing: format!("a page of statement {known}") },
                    ));
                }
                if let (Some(counted), Some(told)) = (whole.closing, next.opening)
                    && counted != told
                {
                    let field = ":60M:".to_owned();
                    return Err(Fault::at(&at, Wrong::Totals { field, told, counted }));
                }
                whole.entries.append(&mut next.entries);
                whole.closing = next.closing;
            }
            (None, false) | (Some(_), true) => {
                return Err(Fault::at(&at, Wrong::Cut { missing: "a page of the statement".to_owned() }));
            }
        }
        open = (!ends).then_some(number);
    }
    match (open, statements.last()) {
        (Some(_), Some(last)) => {
            Err(Fault::at(&last.place, Wrong::Cut { missing: "the last page, with :62F:".to_owned() }))
        }
        _ => Ok(statements),
    }
}
