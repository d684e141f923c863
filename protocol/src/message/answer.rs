//! Answers: what they hold, and their encoding (WIRE sections 5 and 7 to 12).
//!
//! Whatever is required by a reader is written even when it is zero, false or empty.

use bytes::{Bytes, BytesMut};

use super::{Operation, PlacementOperation, ReportKind};
use crate::types::{LocalDateTime, Tiyn};
use crate::version::{PaymentType, Version};
use crate::wire::Writer;

/// An answer before it is encoded.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The command's code as it was asked; 0 when it could not be read.
    pub command: u32,
    /// 0, or why not.
    pub result: u32,
    /// What the till shows of a refusal.
    pub text: Option<String>,
    /// What was asked for.
    pub body: Body,
    /// The service part, encoded: see [`service_part`].
    pub service: Option<Bytes>,
}

/// What an answer holds beside its result.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing beside the result.
    Empty,
    /// A receipt was taken.
    Ticket {
        /// The fiscal sign.
        ticket_number: u64,
        /// The text of the QR code.
        qr_text: String,
    },
    /// A report, asked for or made by a closing.
    Report {
        /// Whether it is an X or a Z.
        kind: ReportKind,
        /// The report that was asked for.
        report: Box<ZxReport>,
    },
    /// What the catalogue says: there is none.
    Nomenclature {
        /// 2 NO_VERSION or 3 NOT_FOUND_BY_BARCODE.
        result: u32,
    },
    /// A cashier's login: 0 OK, 1 INVALID.
    Auth {
        /// The code of the answer to the login.
        result: u32,
    },
}

/// The result code of a request that was served.
pub const OK: u32 = 0;

impl Answer {
    /// An answer of nothing but its result.
    pub fn ok(command: u32) -> Self {
        Self { command, result: OK, text: None, body: Body::Empty, service: None }
    }

    /// The payload of the answer's frame.
    pub fn payload(&self, version: Version) -> BytesMut {
        let mut out = BytesMut::with_capacity(512);
        let w = &mut Writer::new(&mut out);
        w.uint(1, self.command);
        w.message(2, |w| {
            w.uint(1, self.result);
            if let Some(text) = &self.text {
                w.text(2, text);
            }
        });
        match &self.body {
            Body::Empty => {}
            Body::Ticket { ticket_number, qr_text } => w.message(3, |w| {
                w.text(1, &ticket_number.to_string());
                w.bytes(2, qr_text.as_bytes());
            }),
            Body::Report { kind, report } => w.message(4, |w| {
                w.uint(1, kind.code());
                w.message(2, |w| report.write_with_checksum(w, version));
            }),
            Body::Nomenclature { result } => w.message(5, |w| {
                w.uint(1, 0_u32);
                w.uint(4, *result);
            }),
            Body::Auth { result } => w.message(7, |w| w.uint(1, *result)),
        }
        if let Some(service) = &self.service {
            w.bytes(6, service);
        }
        out
    }
}

/// A number and a sum in tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountSum {
    /// How many documents of the shift.
    pub count: u32,
    /// What they come to together.
    pub sum: Tiyn,
}

/// The four operations of a list, by [`Operation::index`].
pub type ByOperation = [CountSum; 4];

/// Taxes of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxLine {
    /// 100 is VAT.
    pub tax_type: u32,
    /// Thousandths of a percent.
    pub percent: u32,
    /// One for each operation, by its index.
    pub operations: [TaxSums; 4],
}

/// Sums of a tax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaxSums {
    /// Sum of what was taxed.
    pub turnover: Tiyn,
    /// The tax within the turnover.
    pub sum: Tiyn,
    /// Turnover less the tax it contains.
    pub turnover_without_tax: Tiyn,
}

/// Receipts of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketLine {
    /// How many of them since registration.
    pub total_count: u32,
    /// How many of them in the shift.
    pub count: u32,
    /// What they come to in the shift.
    pub sum: Tiyn,
    /// One for each type, by [`PaymentType::index`].
    pub payments: [CountSum; 5],
    /// Made without a link.
    pub offline_count: u32,
    /// On whole receipts.
    pub discount_sum: Tiyn,
    /// On whole receipts.
    pub markup_sum: Tiyn,
    /// Cash given back.
    pub change_sum: Tiyn,
}

/// Cash in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlacementLine {
    /// How many of them since registration.
    pub total_count: u32,
    /// How many of them in the shift.
    pub count: u32,
    /// What they come to in the shift.
    pub sum: Tiyn,
    /// Made without a link.
    pub offline_count: u32,
}

/// An X or Z report (WIRE section 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZxReport {
    /// When it was asked for, or the shift closed.
    pub date_time: LocalDateTime,
    /// Our number of the shift.
    pub shift_number: u32,
    /// Commodity lines by section code, which is never blank.
    pub sections: Vec<(String, ByOperation)>,
    /// Commodity lines before modifiers.
    pub operations: ByOperation,
    /// Discounts of the shift, by operation.
    pub discounts: ByOperation,
    /// Markups of the shift, by operation.
    pub markups: ByOperation,
    /// Commodity lines after modifiers.
    pub total_result: ByOperation,
    /// Taxes by type and rate.
    pub taxes: Vec<TaxLine>,
    /// Sums since registration when the shift opened.
    pub start_shift_non_nullable_sums: [Tiyn; 4],
    /// Receipts of the shift, by operation.
    pub ticket_operations: [TicketLine; 4],
    /// Deposits and withdrawals.
    pub money_placements: [PlacementLine; 2],
    /// Cash in the drawer.
    pub cash_sum: Tiyn,
    /// What came in less what was returned, in tiyn.
    pub revenue: i64,
    /// Sums since registration.
    pub non_nullable_sums: [Tiyn; 4],
    /// The first document's time.
    pub open_shift_time: LocalDateTime,
    /// When the shift was closed; an X report has none.
    pub close_shift_time: Option<LocalDateTime>,
}

/// CRC-32 as the checksum of reports and documents has it.
pub static CRC: crc::Crc<u32, crc::Table<16>> = crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISO_HDLC);

impl ZxReport {
    /// The checksum: over the encoded report with an empty field 18 in it.
    pub fn checksum(&self, version: Version) -> String {
        let mut out = BytesMut::with_capacity(1024);
        let w = &mut Writer::new(&mut out);
        self.write(w, version);
        w.text(18, "");
        format!("{:08X}", CRC.checksum(&out))
    }

    fn write_with_checksum(&self, w: &mut Writer<'_>, version: Version) {
        let mut fields = BytesMut::with_capacity(1024);
        self.write(&mut Writer::new(&mut fields), version);
        let body = fields.len();
        Writer::new(&mut fields).text(18, "");
        let checksum = CRC.checksum(&fields);
        fields.truncate(body);
        w.encoded(&fields);
        w.text(18, &format!("{checksum:08X}"));
    }

    fn write(&self, w: &mut Writer<'_>, version: Version) {
        w.date_time(1, self.date_time);
        w.uint(2, self.shift_number);
        for (section_code, operations) in &self.sections {
            w.message(3, |w| {
                w.text(1, section_code);
                write_operations(w, 2, operations);
            });
        }
        write_operations(w, 4, &self.operations);
        write_operations(w, 5, &self.discounts);
        write_operations(w, 6, &self.markups);
        write_operations(w, 7, &self.total_result);
        self.taxes.iter().for_each(|tax| w.message(8, |w| write_tax(w, tax)));
        write_sums(w, 9, &self.start_shift_non_nullable_sums);
        for (operation, line) in Operation::ALL.iter().zip(&self.ticket_operations) {
            w.message(10, |w| write_tickets(w, *operation, line, version));
        }
        for (operation, line) in PlacementOperation::ALL.iter().zip(&self.money_placements) {
            w.message(11, |w| {
                w.uint(1, operation.code());
                w.uint(2, line.total_count);
                w.uint(3, line.count);
                w.money(4, line.sum);
                w.uint(5, line.offline_count);
            });
        }
        w.money(13, self.cash_sum);
        w.message(14, |w| {
            w.money(1, Tiyn::from_counter(self.revenue.checked_abs().unwrap_or(i64::MAX)));
            w.boolean(2, self.revenue < 0);
        });
        write_sums(w, 15, &self.non_nullable_sums);
        w.date_time(16, self.open_shift_time);
        if let Some(close_shift_time) = self.close_shift_time {
            w.date_time(17, close_shift_time);
        }
    }
}

fn write_operations(w: &mut Writer<'_>, number: u32, operations: &ByOperation) {
    for (operation, counter) in Operation::ALL.iter().zip(operations) {
        w.message(number, |w| {
            w.uint(1, operation.code());
            w.uint(2, counter.count);
            w.money(3, counter.sum);
        });
    }
}

fn write_sums(w: &mut Writer<'_>, number: u32, sums: &[Tiyn; 4]) {
    for (operation, sum) in Operation::ALL.iter().zip(sums) {
        w.message(number, |w| {
            w.uint(1, operation.code());
            w.money(2, *sum);
        });
    }
}

fn write_tax(w: &mut Writer<'_>, tax: &TaxLine) {
    w.uint(1, tax.tax_type);
    w.uint(2, tax.percent);
    for (operation, sums) in Operation::ALL.iter().zip(&tax.operations) {
        w.message(3, |w| {
            w.uint(1, operation.code());
            w.money(2, sums.turnover);
            w.money(3, sums.sum);
            w.money(4, sums.turnover_without_tax);
        });
    }
}

fn write_tickets(w: &mut Writer<'_>, operation: Operation, line: &TicketLine, version: Version) {
    w.uint(1, operation.code());
    w.uint(2, line.total_count);
    w.uint(3, line.count);
    w.money(4, line.sum);
    for kind in version.features().report_payments {
        let payment = line.payments.get(kind.index()).copied().unwrap_or_default();
        w.message(5, |w| {
            w.uint(1, kind.code());
            w.money(2, payment.sum);
            w.uint(3, payment.count);
        });
    }
    w.uint(6, line.offline_count);
    w.money(7, line.discount_sum);
    w.money(8, line.markup_sum);
    w.money(9, line.change_sum);
}

/// Places of payment types in counters fit the array that reports use.
const _: () = assert!(PaymentType::ALL.len() == 5);

/// What a register's answers say of the register (WIRE section 12). No text in it is blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationData {
    /// The number the tax authority gave, 12 digits.
    pub fns_kkm_id: String,
    /// The factory's number.
    pub serial_number: String,
    /// The operator's id of the register.
    pub kkm_id: String,
    /// When it has one.
    pub point_of_payment_number: Option<String>,
    /// When it has one.
    pub terminal_number: Option<String>,
    /// The trade point.
    pub pos_title: String,
    /// The address of the trade point.
    pub pos_address: String,
    /// The trade point's address in Kazakh, or the plain one where none is known.
    pub pos_address_kz: String,
    /// Millionths of a degree, 0 where not known.
    pub latitude: i32,
    /// Millionths of a degree, 0 where not known.
    pub longitude: i32,
    /// The name of the organisation.
    pub org_title: String,
    /// The address of the organisation.
    pub org_address: String,
    /// The organisation's address in Kazakh, or the plain one where none is known.
    pub org_address_kz: String,
    /// IIN or BIN.
    pub org_inn: String,
    /// Kind of activity.
    pub org_okved: String,
    /// The name of the fiscal data operator.
    pub ofd_title: String,
    /// The operator, in Kazakh.
    pub ofd_title_kz: String,
    /// The operator's site.
    pub ofd_url: String,
}

impl RegistrationData {
    /// The encoded `reg_info` field of a service part; the same for every answer of a register and version.
    pub fn encode(&self, version: Version) -> Bytes {
        let features = version.features();
        let position = |degree: i32| if features.has_signed_position { degree } else { degree.max(0) };
        let mut out = BytesMut::with_capacity(512);
        Writer::new(&mut out).message(2, |w| {
            w.message(1, |w| {
                if let Some(number) = &self.point_of_payment_number {
                    w.text(1, number);
                }
                if let Some(number) = &self.terminal_number {
                    w.text(2, number);
                }
                w.text(3, &self.fns_kkm_id);
                w.text(4, &self.serial_number);
                w.text(5, &self.kkm_id);
            });
            w.message(2, |w| {
                w.text(1, &self.pos_title);
                w.text(2, &self.pos_address);
                if features.has_address_kz {
                    w.text(3, &self.pos_address_kz);
                }
                w.int(4, position(self.latitude));
                w.int(5, position(self.longitude));
            });
            w.message(3, |w| {
                w.text(1, &self.org_title);
                w.text(2, &self.org_address);
                w.text(3, &self.org_inn);
                w.text(5, &self.org_okved);
                if features.has_address_kz {
                    w.text(6, &self.org_address_kz);
                }
            });
            if features.has_ofd_block {
                w.message(4, |w| {
                    w.text(1, &self.ofd_title);
                    w.text(2, &self.ofd_title_kz);
                    w.text(3, &self.ofd_url);
                });
            }
        });
        out.freeze()
    }
}

/// Whose a text is that a till prints or shows, TicketAdType. A till holds one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketAdKind {
    /// The fiscal data operator's, for all registers.
    Ofd,
    /// An organisation's, for its registers.
    Org,
    /// A trade point's.
    Pos,
    /// That of one register alone.
    Kkm,
    /// What the cashier is told, with a block for instance.
    Info,
}

impl TicketAdKind {
    /// The number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Ofd => 0,
            Self::Org => 1,
            Self::Pos => 2,
            Self::Kkm => 3,
            Self::Info => 4,
        }
    }
}

/// A text the till shows or prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketAd {
    /// Whose it is.
    pub kind: TicketAdKind,
    /// Grows with every new text of its kind. At most 63 bits.
    pub version: u64,
    /// What the till prints or shows.
    pub text: String,
}

/// The last document of a register, as INFO tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDocumentInfo {
    /// The register's own shift number, or ours when it has none.
    pub fr_shift_number: u32,
    /// When it had one.
    pub printed_document_number: Option<u64>,
}

/// Encodes a service part around the encoded registration data. A part without them is unreadable to tills.
pub fn service_part(reg_info: &[u8], ads: &[&TicketAd], last_document: Option<LastDocumentInfo>) -> Bytes {
    let mut out = BytesMut::with_capacity(reg_info.len().saturating_add(64));
    let w = &mut Writer::new(&mut out);
    for ad in ads {
        w.message(1, |w| {
            w.message(1, |w| {
                w.uint(1, ad.kind.code());
                w.uint(2, ad.version);
            });
            w.text(2, &ad.text);
        });
    }
    w.encoded(reg_info);
    if let Some(last) = last_document {
        w.message(4, |w| {
            w.uint(1, last.fr_shift_number);
            if let Some(number) = last.printed_document_number {
                w.uint(2, number);
            }
        });
    }
    out.freeze()
}
