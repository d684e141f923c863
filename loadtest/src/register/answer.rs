//! The server's answers, read as strictly as tills in the field read them (WIRE sections 5 to 12).

use std::sync::Arc;

use ofd_protocol::frame::{self, Header};

use super::kinds::{Command, ReportKind};
use super::report::ZxReport;
use super::scan::{AnswerFault, Scan};

/// Codes that a person reads about; text of theirs must not look like a broken link (WIRE 13.13).
const REFUSALS: std::ops::RangeInclusive<u32> = 1..=19;

/// Words by which tills take a refusal for a broken link.
const LINK_WORDS: [&str; 5] = ["connection", "timeout", "network", "empty response", "unknown"];

/// Refusals that come without the service part: of the device or the bytes nothing is known. A server that lost its
/// store may not know who asks either.
const WITHOUT_SERVICE: [u32; 5] = [1, 2, 3, 254, 255];

/// The code of a request that was served.
pub const CODE_OK: u32 = 0;

/// OPEN_SHIFT_TIMEOUT_EXPIRED: the shift must be closed first.
pub const CODE_SHIFT_EXPIRED: u32 = 11;

/// The server cannot answer now.
pub const CODES_LATER: [u32; 2] = [254, 255];

/// A ticket's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketAnswer {
    /// The fiscal sign, 12 to 18 digits.
    pub number: String,
    /// The text of the QR code.
    pub qr: String,
}

/// A report in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportAnswer {
    /// Z or X.
    pub kind: ReportKind,
    /// The report as the server counts.
    pub report: ZxReport,
}

/// The catalogue's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NomenclatureAnswer {
    /// Version of the catalogue.
    pub version: u32,
    /// 0 OK, 1 actual, 2 none, 3 not found.
    pub result: u32,
}

/// The answer to a cashier who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthAnswer {
    /// 0 OK, 1 invalid.
    pub result: u32,
}

/// An advertisement or notice to print or show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ad {
    /// 0 OFD to 4 INFO.
    pub kind: u32,
    /// How new the text is.
    pub version: u64,
    /// What the till is to show.
    pub text: String,
}

/// The service part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// Notices for the till to show.
    pub ads: Vec<Ad>,
    /// The register's number at the tax authority.
    pub fns_kkm_id: String,
    /// Its serial number.
    pub serial_number: String,
    /// Name and address of the trade point.
    pub trade_point: (String, String),
    /// Name and BIN of the organisation.
    pub organisation: (String, String),
    /// Shift label and document number of the last document.
    pub last_document: Option<(u32, u64)>,
}

/// One whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The header as it came.
    pub header: Header,
    /// The command it says it answers.
    pub command: u32,
    /// The result code of the answer.
    pub code: u32,
    /// The text beside the result code.
    pub text: Option<String>,
    /// Of a TICKET.
    pub ticket: Option<TicketAnswer>,
    /// Of CLOSE_SHIFT, REPORT and INFO.
    pub report: Option<ReportAnswer>,
    /// What NOMENCLATURE was answered.
    pub nomenclature: Option<NomenclatureAnswer>,
    /// What AUTH was answered.
    pub auth: Option<AuthAnswer>,
    /// The service part.
    pub service: Option<Arc<ServiceAnswer>>,
}

/// The last service part that was read: servers send the same bytes again and again.
#[derive(Clone, Debug, Default)]
pub struct ServiceMemory {
    version: u16,
    bytes: Vec<u8>,
    part: Option<Arc<ServiceAnswer>>,
}

impl ServiceMemory {
    fn read(&mut self, scan: Scan<'_>, version: u16) -> Result<Arc<ServiceAnswer>, AnswerFault> {
        if let Some(part) =
            self.part.as_ref().filter(|_| self.bytes == scan.bytes() && self.version == version)
        {
            return Ok(Arc::clone(part));
        }
        let part = Arc::new(service(scan, version)?);
        self.bytes.clear();
        self.bytes.extend_from_slice(scan.bytes());
        (self.version, self.part) = (version, Some(Arc::clone(&part)));
        Ok(part)
    }
}

fn service(scan: Scan<'_>, version: u16) -> Result<ServiceAnswer, AnswerFault> {
    let ads = scan.each(1, "ticket_ads", |scan| {
        let info = scan.need_inner(1, "ticket_ad.info")?;
        Ok(Ad {
            kind: info.need_u32(1, "type")?,
            version: info.u64(2).ok_or_else(|| info.impossible("version"))?,
            text: scan.need_text(2, "text")?.to_owned(),
        })
    })?;
    let reg_info = scan.need_inner(2, "reg_info")?;
    let kkm = reg_info.need_inner(1, "reg_info.kkm")?;
    let pos = reg_info.need_inner(2, "reg_info.pos")?;
    let org = reg_info.need_inner(3, "reg_info.org")?;
    kkm.need_filled(5, "kkm_id")?;
    org.need_filled(5, "okved")?;
    if version >= 203 {
        pos.need_filled(3, "address_kz")?;
        org.need_filled(6, "address_kz")?;
        if !pos.has(4) || !pos.has(5) {
            return Err(pos.impossible("latitude or longitude"));
        }
    } else if version == 202 && org.has(6) {
        return Err(org.impossible("address_kz, whose tag was tenantId in 202"));
    }
    if version >= 204 {
        let ofd = reg_info.need_inner(4, "reg_info.ofd")?;
        ofd.need_filled(1, "title")?;
        ofd.need_filled(2, "title_kz")?;
        ofd.need_filled(3, "url")?;
    }
    org.need_filled(2, "address")?;
    let last_document = match scan.inner(4, "last_document_info")? {
        Some(last) => Some((last.need_u32(1, "fr_shift_number")?, last.u64(2).unwrap_or(0))),
        None => None,
    };
    Ok(ServiceAnswer {
        ads,
        fns_kkm_id: kkm.need_filled(3, "fns_kkm_id")?.to_owned(),
        serial_number: kkm.need_filled(4, "serial_number")?.to_owned(),
        trade_point: (pos.need_filled(1, "title")?.to_owned(), pos.need_filled(2, "address")?.to_owned()),
        organisation: (org.need_filled(1, "title")?.to_owned(), org.need_filled(3, "inn")?.to_owned()),
        last_document,
    })
}

/// Whether `number` is a fiscal sign: 12 to 18 digits without a leading zero.
pub fn is_ticket_number(number: &str) -> bool {
    (12..=18).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with('0')
}

fn ticket(scan: Scan<'_>) -> Result<TicketAnswer, AnswerFault> {
    let number = scan.need_text(1, "ticket_number")?;
    if !is_ticket_number(number) {
        return Err(scan.impossible("ticket_number"));
    }
    Ok(TicketAnswer { number: number.to_owned(), qr: scan.need_filled(2, "qr_code")?.to_owned() })
}

fn report(scan: Scan<'_>) -> Result<ReportAnswer, AnswerFault> {
    let kind = ReportKind::of(scan.need_u32(1, "report")?).ok_or_else(|| scan.impossible("report"))?;
    let report = ZxReport::read(scan.need_inner(2, "zx_report")?.bytes())?;
    Ok(ReportAnswer { kind, report })
}

impl Answer {
    /// Reads a whole frame as an answer. Only what the answer itself must hold is judged, not what was asked.
    ///
    /// # Errors
    /// [`AnswerError`] when a till could not read it.
    pub fn read(frame: &[u8], memory: &mut ServiceMemory) -> Result<Self, AnswerError> {
        let frame = frame::whole(frame)?;
        let version = frame.header.version;
        let scan = Scan::new("the answer", frame.payload)?;
        let result = scan.need_inner(2, "result")?;
        let text = if result.has(2) { Some(result.need_text(2, "result_text")?.to_owned()) } else { None };
        Ok(Self {
            header: frame.header,
            command: scan.need_u32(1, "command")?,
            code: result.need_u32(1, "result_code")?,
            text,
            ticket: scan.inner(3, "ticket")?.map(ticket).transpose()?,
            report: scan.inner(4, "report")?.map(report).transpose()?,
            nomenclature: match scan.inner(5, "nomenclature")? {
                Some(part) => Some(NomenclatureAnswer {
                    version: part.need_u32(1, "version")?,
                    result: part.need_u32(4, "result")?,
                }),
                None => None,
            },
            auth: match scan.inner(7, "auth")? {
                Some(part) => Some(AuthAnswer { result: part.need_u32(1, "result")? }),
                None => None,
            },
            service: match scan.inner(6, "service")? {
                Some(part) => Some(memory.read(part, version)?),
                None => None,
            },
        })
    }

    /// What is wrong with it as an answer to `command`, when the request asked for reg_info or not.
    pub fn faults(&self, command: Command, asked: RegInfo) -> Vec<String> {
        let mut found = Vec::new();
        let mut say = |what: String| found.push(format!("answer to {command}: {what}"));
        let code = self.code;
        if self.command != command.code() {
            say(format!("says it answers command {}", self.command));
        }
        if code != CODE_OK {
            match &self.text {
                None => say(format!("refusal {code} without result_text")),
                Some(text) => self.judge_text(text, &mut say),
            }
        } else {
            let missing = match command {
                Command::Ticket => self.ticket.is_none(),
                Command::CloseShift | Command::Report | Command::Info => self.report.is_none(),
                Command::Nomenclature => self.nomenclature.is_none(),
                Command::Auth => self.auth.is_none(),
                Command::System | Command::MoneyPlacement | Command::CancelTicket => false,
            };
            if missing {
                say("the part that it is about is missing".to_owned());
            }
        }
        let due = asked == RegInfo::Asked || command == Command::Info;
        if due && self.service.is_none() && !WITHOUT_SERVICE.contains(&code) {
            say(format!("result {code} without the service part that was asked for"));
        }
        found
    }

    fn judge_text(&self, text: &str, say: &mut impl FnMut(String)) {
        let lower = text.to_lowercase();
        if text.trim().is_empty() {
            say(format!("refusal {} with a blank result_text", self.code));
        }
        if CODES_LATER.contains(&self.code) && !lower.contains("timeout") {
            say(format!("text of {} has no \"timeout\": {text}", self.code));
        }
        let word = LINK_WORDS.iter().find(|word| lower.contains(*word));
        if let Some(word) = word.filter(|_| REFUSALS.contains(&self.code)) {
            say(format!("text of {} has \"{word}\", tills take it for a broken link: {text}", self.code));
        }
    }
}

/// Whether a request had get_reg_info set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegInfo {
    /// It had: the answer must tell it.
    Asked,
    /// It had not.
    NotAsked,
}

/// Why bytes are not an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not a frame.
    #[error("the answer is not a frame: {0}")]
    Frame(#[from] frame::FrameError),
    /// Not a message that a till can read.
    #[error("a till cannot read the answer: {0}")]
    Fault(#[from] AnswerFault),
}
