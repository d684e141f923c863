//! A document of 1CClientBankExchange: one payment.
//!
//! Banks of Kazakhstan name a payment's parts otherwise than the format's description (`ПлательщикИИК` for `ПлательщикСчет`,
//! `ПлательщикБИН_ИИН` for `ПлательщикИНН`), so that each part is looked for by all its names.

use std::collections::BTreeMap;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::fault::{Fault, Wrong};
use super::statement::{Direction, Entry, Party, Place};
use super::sums::{NAME_MAX, PURPOSE_MAX, dotted, movement, tenge, text_of};

/// The mark before decimals. Some banks of Kazakhstan write a comma.
const MARKS: &[char] = &['.', ','];

/// The beginning of the names of a purpose, which may stand in up to six numbered lines.
const PURPOSE: &str = "назначениеплатежа";

/// The values of a document by their names in small letters, each with its line.
type Values = BTreeMap<String, (String, usize)>;

/// A document as its lines.
#[derive(Debug)]
pub(super) struct Document {
    /// By their names in small letters, each with its line.
    pub(super) values: Values,
    /// The line that it begins on.
    pub(super) line: usize,
    /// Whether the line before was of the purpose, and goes on where a line has no name.
    in_purpose: Option<String>,
}

/// The names that a party's parts have, behind `плательщик` or `получатель`.
const NAMES: [&str; 3] = ["наименование", "", "1"];
const BINS: [&str; 4] = ["бин_иин", "бин", "иин", "инн"];
const ACCOUNTS: [&str; 3] = ["иик", "счет", "расчсчет"];
const BICS: [&str; 2] = ["банкбик", "бик"];
const KBES: [&str; 2] = ["кбе", "код"];

impl Document {
    /// A document whose first line is this.
    pub(super) fn begun(line: usize) -> Self {
        Self { values: Values::new(), line, in_purpose: None }
    }

    /// Takes a line; says `false` of one that belongs into no document.
    pub(super) fn take(
        &mut self,
        name: String,
        value: Option<&str>,
        whole: &str,
        line: usize,
    ) -> Result<bool, Wrong> {
        match (value, &self.in_purpose) {
            (Some(value), _) => {
                self.in_purpose = name.starts_with(PURPOSE).then(|| name.clone());
                if value.is_empty() && self.in_purpose.is_none() {
                    return Ok(true);
                }
                match self.values.get(&name) {
                    Some((known, _)) if known != value => return Err(Wrong::Twice { field: name }),
                    Some(_) => {}
                    None => {
                        self.values.insert(name, (value.to_owned(), line));
                    }
                }
                Ok(true)
            }
            // A purpose that the payer typed in several lines.
            (None, Some(purpose)) => {
                if let Some((text, _)) = self.values.get_mut(purpose) {
                    text.push(' ');
                    text.push_str(whole);
                }
                Ok(true)
            }
            (None, None) => Ok(false),
        }
    }

    /// The first of some names that is told, with its line.
    fn value(&self, names: &[&str]) -> Option<&(String, usize)> {
        names.iter().find_map(|name| self.values.get(*name)).filter(|(text, _)| !text.is_empty())
    }

    /// A text by the first of its names that is told.
    fn text(&self, names: &[&str], max: usize) -> Result<Option<String>, Fault> {
        let Some((text, line)) = self.value(names) else { return Ok(None) };
        let field = names.first().copied().unwrap_or_default();
        text_of(field, text, max).map_err(|wrong| Fault::on_line(*line, wrong))
    }

    /// A side of the payment.
    fn party(&self, side: &str) -> Result<Party, Fault> {
        let text = |parts: &[&str]| {
            let names: Vec<String> = parts.iter().map(|part| format!("{side}{part}")).collect();
            self.text(&names.iter().map(String::as_str).collect::<Vec<_>>(), NAME_MAX)
        };
        let mut party = Party {
            name: text(&NAMES)?,
            bin: text(&BINS)?,
            bic: text(&BICS)?,
            kbe: text(&KBES)?,
            ..Party::default()
        };
        party.take_account(text(&ACCOUNTS)?);
        Ok(party)
    }

    /// The account of a side, where it is an IBAN.
    fn account(&self, side: &str) -> Option<Iban> {
        let names = ACCOUNTS.map(|part| format!("{side}{part}"));
        names.iter().find_map(|name| self.values.get(name)).and_then(|(text, _)| text.parse().ok())
    }

    /// Which way the money went, as the document itself tells: by its sums or its days.
    fn told_direction(&self) -> Option<Direction> {
        let is_told = |names: &[&str]| {
            let zero = |text: &str| text.chars().all(|char| matches!(char, '0' | '.' | ','));
            self.value(names).is_some_and(|(text, _)| !zero(text))
        };
        for (came, went) in [("суммаприход", "суммарасход"), ("датапоступило", "датасписано")]
        {
            match (is_told(&[came]), is_told(&[went])) {
                (true, false) => return Some(Direction::In),
                (false, true) => return Some(Direction::Out),
                _ => {}
            }
        }
        None
    }

    /// Whether it belongs to the statement of an account. In a file of one account a document may leave that account out on its side,
    /// and say which way the money went instead.
    pub(super) fn is_of(&self, account: &Iban, is_alone: bool) -> bool {
        let (payer, payee) = (self.account("плательщик"), self.account("получатель"));
        let names = payer.as_ref() == Some(account) || payee.as_ref() == Some(account);
        let leaves_out = match self.told_direction() {
            Some(Direction::In) => payee.is_none(),
            Some(Direction::Out) => payer.is_none(),
            None => false,
        };
        names || is_alone && leaves_out
    }

    /// What it is to this account: nothing, where it is only the other half of a transfer between two of ours.
    pub(super) fn entry(&self, account: &Iban, ours: &[(Iban, usize)]) -> Result<Option<Entry>, Fault> {
        let (payer, payee) = (self.party("плательщик")?, self.party("получатель")?);
        let told = self.told_direction();
        let is_ours = |party: &Party| ours.iter().any(|(ours, _)| party.iban.as_ref() == Some(ours));
        let is_payer = payer.iban.as_ref() == Some(account);
        let is_payee = payee.iban.as_ref() == Some(account);
        let direction = match (is_payer, is_payee, told) {
            (true, false, None) => Direction::Out,
            (false, true, None) => Direction::In,
            (true, false, Some(Direction::Out)) | (false, true, Some(Direction::In)) => {
                told.unwrap_or(Direction::In)
            }
            // Of a transfer between two accounts of one file each side has a document.
            (true, false, Some(Direction::In)) if is_ours(&payee) => return Ok(None),
            (false, true, Some(Direction::Out)) if is_ours(&payer) => return Ok(None),
            (false, false, Some(told)) => told,
            _ => {
                let text = format!("СекцияДокумент, {account}");
                return Err(Fault::on_line(self.line, Wrong::Direction { text }));
            }
        };
        if let Some((currency, line)) = self.value(&["валюта"]) {
            tenge(currency).map_err(|wrong| Fault::on_line(*line, wrong))?;
        }
        Ok(Some(Entry {
            place: Place::Line(self.line),
            direction,
            is_reversal: false,
            sum: self.sum(direction)?,
            day: self.day(direction)?,
            number: self.text(&["номердокумента", "номер"], NAME_MAX)?,
            bank_reference: self.text(&["референс", "номероперации", "идентификатороперации"], NAME_MAX)?,
            payer,
            payee,
            knp: self.text(&["кодназначенияплатежа", "кнп"], NAME_MAX)?,
            purpose: self.purpose()?,
            is_of_batch: false,
        }))
    }

    /// The sum, which may be told twice: as the document's, and as what came or went.
    fn sum(&self, direction: Direction) -> Result<Tiyn, Fault> {
        let (name, field) = match direction {
            Direction::In => ("суммаприход", "СуммаПриход"),
            Direction::Out => ("суммарасход", "СуммаРасход"),
        };
        let read = |name: &str, field: &str| -> Result<Option<(Tiyn, usize)>, Fault> {
            let Some((text, line)) = self.value(&[name]) else { return Ok(None) };
            let sum = movement(field, text, MARKS).map_err(|wrong| Fault::on_line(*line, wrong))?;
            Ok(Some((sum, *line)))
        };
        let here = |wrong| Fault::on_line(self.line, wrong);
        match (read(name, field)?, read("сумма", "Сумма")?) {
            (Some((sum, line)), Some((told, _))) if sum != told => {
                let field = "Сумма".to_owned();
                Err(Fault::on_line(line, Wrong::Totals { field, told, counted: sum }))
            }
            (Some((sum, _)), _) | (None, Some((sum, _))) => Ok(sum),
            (None, None) => Err(here(Wrong::Missing { field: "Сумма".to_owned() })),
        }
    }

    /// The day on which the bank booked it; where that is not told, the document's own.
    fn day(&self, direction: Direction) -> Result<time::Date, Fault> {
        let booked = match direction {
            Direction::In => "датапоступило",
            Direction::Out => "датасписано",
        };
        let Some((text, line)) = self.value(&[booked, "датаоперации", "датадокумента", "дата"])
        else {
            return Err(Fault::on_line(self.line, Wrong::Missing { field: "ДатаОперации".to_owned() }));
        };
        dotted("ДатаОперации", text).map_err(|wrong| Fault::on_line(*line, wrong))
    }

    /// The purpose, of one line or of several that are numbered.
    fn purpose(&self) -> Result<String, Fault> {
        let mut text = self.value(&[PURPOSE]).map(|(text, _)| text.clone()).unwrap_or_default();
        if text.is_empty() {
            let lines = ["1", "2", "3", "4", "5", "6"].map(|number| format!("{PURPOSE}{number}"));
            let told = lines.iter().filter_map(|name| self.value(&[name]));
            text = told.map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
        }
        let text = text_of("НазначениеПлатежа", &text, PURPOSE_MAX);
        text.map(Option::unwrap_or_default).map_err(|wrong| Fault::on_line(self.line, wrong))
    }
}
