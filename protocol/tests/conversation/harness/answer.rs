//! Answers as the strictest till reads them: whatever is required must be there, even when it is zero.

use std::collections::BTreeMap;

use ofd_protocol::version::Version;

use super::tree::Seen;

/// Count and sum in tiyn.
pub(crate) type Pair = (u64, i64);

/// Turnover, tax and turnover without tax, by type and percent and then by operation.
pub(crate) type Taxes = BTreeMap<(u64, u64), [(i64, i64, i64); 4]>;

/// A payload that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) command: u64,
    pub(crate) result: u64,
    pub(crate) text: Option<String>,
    /// The ticket number and the QR text.
    pub(crate) ticket: Option<(String, String)>,
    pub(crate) report: Option<Zx>,
    pub(crate) nomenclature: Option<u64>,
    pub(crate) auth: Option<u64>,
    pub(crate) service: Option<Service>,
}

/// A report with its kind: 0 Z, 1 X.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Zx {
    pub(crate) kind: u64,
    pub(crate) date_time: String,
    pub(crate) shift: u64,
    pub(crate) sections: BTreeMap<String, [Pair; 4]>,
    pub(crate) operations: [Pair; 4],
    pub(crate) discounts: [Pair; 4],
    pub(crate) markups: [Pair; 4],
    pub(crate) total_result: [Pair; 4],
    pub(crate) taxes: Taxes,
    pub(crate) start_sums: [i64; 4],
    pub(crate) tickets: [Tickets; 4],
    pub(crate) placements: [Placements; 2],
    pub(crate) cash: i64,
    pub(crate) revenue: i64,
    pub(crate) sums: [i64; 4],
    pub(crate) opened: String,
    pub(crate) closed: Option<String>,
}

/// A line of ticket_operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tickets {
    pub(crate) total_count: u64,
    pub(crate) count: u64,
    pub(crate) sum: i64,
    /// By payment type.
    pub(crate) payments: BTreeMap<u64, Pair>,
    pub(crate) offline: u64,
    pub(crate) discount: i64,
    pub(crate) markup: i64,
    pub(crate) change: i64,
}

/// A line of money_placements.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Placements {
    pub(crate) total_count: u64,
    pub(crate) count: u64,
    pub(crate) sum: i64,
    pub(crate) offline: u64,
}

/// A service part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    /// Type, version and text.
    pub(crate) ads: Vec<(u64, u64, String)>,
    pub(crate) fns_kkm_id: String,
    pub(crate) inn: String,
    /// Of the trade point and of the organisation.
    pub(crate) addresses_kz: [Option<String>; 2],
    pub(crate) ofd: Option<[String; 3]>,
    /// fr_shift_number and printed_document_number.
    pub(crate) last_document: Option<(u64, Option<u64>)>,
}

impl Answer {
    pub(crate) fn read(payload: &[u8], version: Version) -> Self {
        let seen = Seen::read(payload);
        let result = seen.part(2);
        Self {
            command: seen.required(1),
            result: result.required(1),
            text: result.text(2),
            ticket: seen.message(3).map(|ticket| (ticket.words(1), ticket.words(2))),
            report: seen.message(4).map(|report| Zx::read(&report, version)),
            nomenclature: seen.message(5).map(|answer| {
                answer.required(1);
                answer.required(4)
            }),
            auth: seen.message(7).map(|answer| answer.required(1)),
            service: seen.message(6).map(|service| Service::read(&service, version)),
        }
    }
}

fn by_operation<T: Default>(list: &[Seen], read: impl Fn(&Seen) -> T) -> [T; 4] {
    let codes: Vec<u64> = list.iter().map(|line| line.required(1)).collect();
    assert_eq!(codes, [0, 1, 2, 3], "lists of operations hold all four");
    std::array::from_fn(|code| read(&list[code]))
}

fn counted(list: &[Seen]) -> [Pair; 4] {
    by_operation(list, |line| (line.required(2), line.money(3)))
}

impl Zx {
    fn read(report: &Seen, version: Version) -> Self {
        let kind = report.required(1);
        let encoded = report.encoded(2).expect("a report holds a zx_report");
        let zx = Seen::read(&encoded);
        check_checksum(&encoded, &zx.text(18).expect("a checksum"));
        let sections = zx.messages(3);
        let taxes = zx.messages(8);
        let read = Self {
            kind,
            date_time: zx.date_time(1),
            shift: zx.required(2),
            sections: sections.iter().map(|line| (line.words(1), counted(&line.messages(2)))).collect(),
            operations: counted(&zx.messages(4)),
            discounts: counted(&zx.messages(5)),
            markups: counted(&zx.messages(6)),
            total_result: counted(&zx.messages(7)),
            taxes: taxes
                .iter()
                .map(|line| {
                    let sums = |line: &Seen| (line.money(2), line.money(3), line.money(4));
                    ((line.required(1), line.required(2)), by_operation(&line.messages(3), sums))
                })
                .collect(),
            start_sums: by_operation(&zx.messages(9), |line| line.money(2)),
            tickets: by_operation(&zx.messages(10), |line| Tickets::read(line, version)),
            placements: placements(&zx.messages(11)),
            cash: zx.money(13),
            revenue: revenue(&zx.part(14)),
            sums: by_operation(&zx.messages(15), |line| line.money(2)),
            opened: zx.date_time(16),
            closed: zx.has(17).then(|| zx.date_time(17)),
        };
        assert_eq!(read.sections.len(), sections.len(), "a section is there twice");
        assert_eq!(read.taxes.len(), taxes.len(), "a tax rate is there twice");
        read
    }

    /// The receipts of an operation.
    pub(crate) fn of(&self, operation: u32) -> &Tickets {
        &self.tickets[operation as usize]
    }
}

/// The rule of the one open till: CRC-32 over the report with an empty field 18 in it.
fn check_checksum(encoded: &[u8], checksum: &str) {
    let without = encoded.len() - checksum.len() - 3;
    assert_eq!(encoded[without..without + 3], [0x92, 0x01, 8], "field 18 comes last");
    let mut empty = encoded[..without].to_vec();
    empty.extend([0x92, 0x01, 0x00]);
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&empty);
    assert_eq!(checksum, format!("{crc:08X}"));
}

fn revenue(revenue: &Seen) -> i64 {
    let is_negative = revenue.required(2) != 0;
    let sum = revenue.money(1);
    assert!(!(is_negative && sum == 0), "a zero has no sign");
    if is_negative { -sum } else { sum }
}

fn placements(list: &[Seen]) -> [Placements; 2] {
    let codes: Vec<u64> = list.iter().map(|line| line.required(1)).collect();
    assert_eq!(codes, [0, 1]);
    std::array::from_fn(|code| Placements {
        total_count: list[code].required(2),
        count: list[code].required(3),
        sum: list[code].money(4),
        offline: list[code].required(5),
    })
}

impl Tickets {
    fn read(line: &Seen, version: Version) -> Self {
        let payments = line.messages(5);
        let payments: Vec<_> =
            payments.iter().map(|line| (line.required(1), (line.required(3), line.money(2)))).collect();
        let types: Vec<u64> = payments.iter().map(|(kind, _)| *kind).collect();
        let expected: &[u64] = if version < Version::V201 { &[0, 1, 2, 3, 4] } else { &[0, 1, 4] };
        assert_eq!(types, expected, "payments hold all types of the version");
        Self {
            total_count: line.required(2),
            count: line.required(3),
            sum: line.money(4),
            payments: payments.into_iter().collect(),
            offline: line.required(6),
            discount: line.money(7),
            markup: line.money(8),
            change: line.money(9),
        }
    }
}

impl Service {
    fn read(service: &Seen, version: Version) -> Self {
        let ad = |ad: &Seen| (ad.part(1).required(1), ad.part(1).required(2), ad.words(2));
        let reg_info = service.part(2);
        let (kkm, pos, org) = (reg_info.part(1), reg_info.part(2), reg_info.part(3));
        for optional in [1, 2] {
            assert!(!kkm.has(optional) || !kkm.words(optional).is_empty());
        }
        let required =
            [(&kkm, 3), (&kkm, 4), (&kkm, 5), (&pos, 1), (&pos, 2), (&org, 1), (&org, 2), (&org, 5)];
        for (part, number) in required {
            part.words(number);
        }
        let _position = [4, 5].map(|number| pos.required(number));
        let addresses_kz = [pos.text(3), org.text(6)];
        for address in &addresses_kz {
            match version {
                Version::V202 => assert_eq!(*address, None, "its tag was another field in 202"),
                _ => assert!(address.as_ref().is_some_and(|address| !address.trim().is_empty())),
            }
        }
        let ofd = reg_info.message(4).map(|ofd| [ofd.words(1), ofd.words(2), ofd.words(3)]);
        assert_eq!(ofd.is_some(), version == Version::V204, "the ofd block is there in 204 alone");
        Self {
            ads: service.messages(1).iter().map(ad).collect(),
            fns_kkm_id: kkm.words(3),
            inn: org.words(3),
            addresses_kz,
            ofd,
            last_document: service.message(4).map(|last| (last.required(1), last.int(2))),
        }
    }
}
