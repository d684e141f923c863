//! An entry of CAMT.053: `Ntry`, which is one payment or a batch of them.

use time::Date;

use crate::tiyn::Tiyn;

use super::fault::{Fault, SumFault, Wrong};
use super::statement::{Direction, Entry, Party};
use super::sums::{NAME_MAX, PURPOSE_MAX, iso, movement, shown, sum_fault, tenge, text_of};
use super::xml::Element;

/// The mark before decimals.
const MARKS: &[char] = &['.'];

/// The movements of an entry; `None` for one that the bank only announces.
///
/// # Errors
/// A [`Fault`] with the element that is wrong.
pub(super) fn entries(entry: &Element) -> Result<Option<Vec<Entry>>, Fault> {
    let status = entry.told("Sts/Cd").or_else(|| entry.told("Sts/Prtry")).or_else(|| entry.told("Sts"));
    match status {
        Some("BOOK") => {}
        Some("PDNG" | "FUTR" | "INFO") => return Ok(None),
        _ => {
            let text = format!("Sts {}", shown(status.unwrap_or_default()));
            return Err(entry.fault(Wrong::Structure { what: format!("{text} is no status of an entry") }));
        }
    }
    let whole = Whole {
        direction: direction(entry)?,
        is_reversal: entry.told("RvslInd").is_some_and(|told| matches!(told, "true" | "1")),
        sum: amount(entry)?.ok_or_else(|| entry.fault(Wrong::Missing { field: "Amt".to_owned() }))?,
        day: day(entry)?,
        reference: text(entry, &["AcctSvcrRef", "NtryRef"], NAME_MAX)?,
    };
    let parts: Vec<&Element> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    let one = match parts.as_slice() {
        [] => Some(None),
        [part] => Some(Some(*part)),
        _ => None,
    };
    match one {
        Some(part) => Ok(Some(vec![whole.entry(entry, part, whole.sum, false)?])),
        None => whole.batch(entry, &parts).map(Some),
    }
}

/// What the entry says of all its movements.
struct Whole {
    direction: Direction,
    is_reversal: bool,
    sum: Tiyn,
    day: Date,
    reference: Option<String>,
}

impl Whole {
    /// The movements of a batch, which must make its sum.
    fn batch(&self, entry: &Element, parts: &[&Element]) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        let (mut same, mut other) = (Tiyn::ZERO, Tiyn::ZERO);
        for part in parts {
            let missing = || part.fault(Wrong::Missing { field: "TxDtls/Amt".to_owned() });
            let sum = amount(part)?.ok_or_else(missing)?;
            let mut one = self.entry(entry, Some(part), sum, true)?;
            if part.child("CdtDbtInd").is_some() {
                one.direction = direction(part)?;
            }
            let side = if one.direction == self.direction { &mut same } else { &mut other };
            let too_great = |_| part.fault(sum_fault("Amt", "", SumFault::TooGreat));
            *side = side.plus(sum).map_err(too_great)?;
            entries.push(one);
        }
        let counted = same.minus(other).unwrap_or_default();
        if counted != self.sum {
            let field = "Ntry/Amt".to_owned();
            return Err(entry.fault(Wrong::Totals { field, told: self.sum, counted }));
        }
        Ok(entries)
    }

    /// One movement, with its details where there are some.
    fn entry(
        &self,
        entry: &Element,
        part: Option<&Element>,
        sum: Tiyn,
        is_of_batch: bool,
    ) -> Result<Entry, Fault> {
        let none = Element::default();
        let part = part.unwrap_or(&none);
        if !is_of_batch
            && is_in_tenge(part)
            && let Some(told) = amount(part)?
            && told != self.sum
        {
            let field = "Ntry/Amt".to_owned();
            return Err(entry.fault(Wrong::Totals { field, told: self.sum, counted: told }));
        }
        let reference = text(part, &["Refs/AcctSvcrRef"], NAME_MAX)?;
        Ok(Entry {
            place: if part.line > 0 { part.place() } else { entry.place() },
            direction: self.direction,
            is_reversal: self.is_reversal,
            sum,
            day: self.day,
            number: text(part, &["Refs/EndToEndId", "Refs/InstrId", "Refs/TxId"], NAME_MAX)?
                .filter(|number| number != "NOTPROVIDED"),
            bank_reference: reference.or_else(|| self.reference.clone()),
            payer: party(part, "Dbtr")?,
            payee: party(part, "Cdtr")?,
            // Codes of ISO 20022 (`SALA`) are none of Kazakhstan's.
            knp: text(part, &["Purp/Prtry", "Purp/Cd"], NAME_MAX)?
                .filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())),
            purpose: purpose(entry, part)?,
            is_of_batch,
        })
    }
}

/// What the payment is for: in the payer's words, by the reference of what is paid, or by what the bank says of the entry.
fn purpose(entry: &Element, part: &Element) -> Result<String, Fault> {
    let mut pieces = Vec::new();
    if let Some(told) = part.child("RmtInf") {
        pieces.extend(told.all("Ustrd").map(|text| text.text.trim()));
        pieces.extend(told.all("Strd").filter_map(|text| text.told("CdtrRefInf/Ref")));
        pieces.extend(told.all("Strd").flat_map(|text| text.all("AddtlRmtInf")).map(|text| text.text.trim()));
    }
    if pieces.iter().all(|piece| piece.is_empty()) {
        pieces = part.told("AddtlTxInf").or_else(|| entry.told("AddtlNtryInf")).into_iter().collect();
    }
    let text = text_of("RmtInf", &pieces.join(" "), PURPOSE_MAX).map_err(|wrong| part.fault(wrong))?;
    Ok(text.unwrap_or_default())
}

/// A side of the payment. Later versions put a person or an organisation one element deeper.
fn party(part: &Element, side: &str) -> Result<Party, Fault> {
    let told = |paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|path| format!("RltdPties/{side}{path}")).collect();
        text(part, &paths.iter().map(String::as_str).collect::<Vec<_>>(), NAME_MAX)
    };
    let agent =
        [format!("RltdAgts/{side}Agt/FinInstnId/BICFI"), format!("RltdAgts/{side}Agt/FinInstnId/BIC")];
    let mut party = Party {
        name: told(&["/Nm", "/Pty/Nm"])?,
        bin: told(&[
            "/Id/OrgId/Othr/Id",
            "/Pty/Id/OrgId/Othr/Id",
            "/Id/PrvtId/Othr/Id",
            "/Pty/Id/PrvtId/Othr/Id",
        ])?,
        bic: text(part, &agent.each_ref().map(String::as_str), NAME_MAX)?,
        ..Party::default()
    };
    party.take_account(told(&["Acct/Id/IBAN", "Acct/Id/Othr/Id"])?);
    Ok(party)
}

/// A text by the first of some paths where there is one.
fn text(element: &Element, paths: &[&str], max: usize) -> Result<Option<String>, Fault> {
    let Some(path) = paths.iter().find(|path| element.told(path).is_some()) else { return Ok(None) };
    text_of(path, element.told(path).unwrap_or_default(), max).map_err(|wrong| element.fault(wrong))
}

/// Whether the account has more or less.
fn direction(element: &Element) -> Result<Direction, Fault> {
    match element.told("CdtDbtInd") {
        Some("CRDT") => Ok(Direction::In),
        Some("DBIT") => Ok(Direction::Out),
        other => {
            let text = format!("CdtDbtInd {}", shown(other.unwrap_or_default()));
            Err(element.fault(Wrong::Direction { text }))
        }
    }
}

/// A sum with a minus where its side is the debit.
///
/// # Errors
/// A [`Fault`] when there is no side.
pub(super) fn signed(element: &Element, sum: Tiyn) -> Result<Tiyn, Fault> {
    Ok(match direction(element)? {
        Direction::In => sum,
        Direction::Out => sum.negated(),
    })
}

/// Where the sum of a movement stands.
fn amount_element(element: &Element) -> Option<&Element> {
    element.child("Amt").or_else(|| element.at("AmtDtls/TxAmt/Amt"))
}

/// Whether the sum of the only part of an entry is in tenge. What was sent in another currency came in tenge, as the entry says.
fn is_in_tenge(part: &Element) -> bool {
    amount_element(part).is_some_and(|amount| tenge(amount.attribute("Ccy").unwrap_or_default()).is_ok())
}

/// The sum of a movement, in tenge; `None` where none is told.
fn amount(element: &Element) -> Result<Option<Tiyn>, Fault> {
    let Some(told) = amount_element(element) else { return Ok(None) };
    tenge(told.attribute("Ccy").unwrap_or_default()).map_err(|wrong| told.fault(wrong))?;
    movement("Amt", &told.text, MARKS).map(Some).map_err(|wrong| told.fault(wrong))
}

/// The day of booking; where that is not told, that of the value.
fn day(entry: &Element) -> Result<Date, Fault> {
    let days = ["BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"];
    let told = days.iter().find_map(|path| entry.at(path));
    let missing = || entry.fault(Wrong::Missing { field: "BookgDt".to_owned() });
    let told = told.ok_or_else(missing)?;
    iso("BookgDt", &told.text).map_err(|wrong| told.fault(wrong))
}
