//! Answers as tills read them: every variant that we encode, in every version, by both foreign readers.
//!
//! A new kind of answer is added to [`answers`], or held by its encoded payload against
//! `oracle::strict_answer(version, payload)`, from whatever test makes it.

use ofd_protocol::message::answer::{
    Answer, Body, ByOperation, CountSum, LastDocumentInfo, PlacementLine, RegistrationData, TaxLine, TaxSums,
    TicketAd, TicketAdKind, TicketLine, ZxReport, service_part,
};
use ofd_protocol::message::{Command, Operation, PlacementOperation, ReportKind};
use ofd_protocol::types::{LocalDateTime, Tiyn};
use ofd_protocol::version::Version;
use ofd_protocol::wire::{Field, Fields, Value as WireValue};
use ofd_tests::generate::{self, Fill};
use ofd_tests::oracle::{self, strict, strict_answer};
use ofd_tests::random::{Random, with_seeds};
use protobuf::MessageFull;
use protobuf::reflect::{MessageDescriptor, RuntimeFieldType, RuntimeType};
use serde_json::{Value, json};

/// One answer of every kind, with sums that are zero and that are not.
fn answers(random: &mut Random, version: Version) -> Vec<(&'static str, Answer)> {
    let reg_info = registration(random).encode(version);
    let text = "Касса бұғатталған. Оператор: 1414".to_owned();
    let ad = TicketAd { kind: TicketAdKind::Info, version: random.draw() >> 1, text };
    let last = LastDocumentInfo { fr_shift_number: 12, printed_document_number: Some(418) };
    let without_number = LastDocumentInfo { printed_document_number: None, ..last };
    let code = |command: Command| command.code();
    let refusal = |command: u32, result: u32| Answer {
        result,
        text: Some("сумма оплат не равна итогу".to_owned()),
        ..Answer::ok(command)
    };
    let report = |command: Command, kind: ReportKind, report: ZxReport| Answer {
        body: Body::Report { kind, report: Box::new(report) },
        ..Answer::ok(code(command))
    };
    let full = drawn_report(random);
    let open = ZxReport { close_shift_time: None, ..drawn_report(random) };
    let info = report(Command::Info, ReportKind::X, open.clone());
    vec![
        ("unreadable", refusal(0, 3)),
        ("ping", Answer::ok(code(Command::System))),
        ("ping with reg_info", Answer { service: Some(service_part(&reg_info, &[], None)), ..Answer::ok(0) }),
        ("blocked", Answer { service: Some(service_part(&reg_info, &[&ad], None)), ..refusal(1, 15) }),
        ("ticket", Answer { body: ticket(100_000_000_000), ..Answer::ok(code(Command::Ticket)) }),
        ("ticket, long number", Answer { body: ticket(999_999_999_999_999_999), ..Answer::ok(1) }),
        ("close", report(Command::CloseShift, ReportKind::Z, full.clone())),
        ("z", report(Command::Report, ReportKind::Z, full)),
        ("z of nothing", report(Command::Report, ReportKind::Z, empty_report())),
        ("x", report(Command::Report, ReportKind::X, open)),
        ("info", Answer { service: Some(service_part(&reg_info, &[], Some(last))), ..info.clone() }),
        (
            "info with all",
            Answer { service: Some(service_part(&reg_info, &[&ad], Some(without_number))), ..info },
        ),
        ("placement", Answer::ok(code(Command::MoneyPlacement))),
        ("cancel", Answer::ok(code(Command::CancelTicket))),
        (
            "no catalogue",
            Answer { body: Body::Nomenclature { result: 2 }, ..Answer::ok(code(Command::Nomenclature)) },
        ),
        (
            "no barcode",
            Answer { body: Body::Nomenclature { result: 3 }, ..Answer::ok(code(Command::Nomenclature)) },
        ),
        ("login", Answer { body: Body::Auth { result: 1 }, ..Answer::ok(code(Command::Auth)) }),
    ]
}

fn ticket(ticket_number: u64) -> Body {
    let qr_text =
        format!("https://check.example.kz/?i={ticket_number}&f=640300014538&s=696.90&t=20260122T170916");
    Body::Ticket { ticket_number, qr_text }
}

fn registration(random: &mut Random) -> RegistrationData {
    RegistrationData {
        fns_kkm_id: "640300014538".to_owned(),
        serial_number: "SWK00032685".to_owned(),
        kkm_id: "203539".to_owned(),
        point_of_payment_number: random.chance(1, 2).then(|| "1".to_owned()),
        terminal_number: random.chance(1, 2).then(|| "2".to_owned()),
        pos_title: "Дүкен №1".to_owned(),
        pos_address: "г. Астана, ул. Сарайшық, 44".to_owned(),
        pos_address_kz: "Астана қ., Сарайшық к., 44".to_owned(),
        latitude: *random.pick(&[0, 51_128_207, -51_128_207]),
        longitude: *random.pick(&[0, 71_430_411]),
        org_title: "ТОО «Көктем»".to_owned(),
        org_address: "г. Астана, ул. Сарайшық, 44".to_owned(),
        org_address_kz: "Астана қ., Сарайшық к., 44".to_owned(),
        org_inn: "151140001234".to_owned(),
        org_okved: "47111".to_owned(),
        ofd_title: "ОФД".to_owned(),
        ofd_title_kz: "ФДО".to_owned(),
        ofd_url: "https://ofd.example.kz".to_owned(),
    }
}

fn moment(random: &mut Random) -> LocalDateTime {
    let any = |random: &mut Random, end| u32::try_from(random.below(end)).unwrap();
    let (year, month, day) = (2000 + any(random, 50), 1 + any(random, 12), 1 + any(random, 28));
    LocalDateTime::new(year, month, day, any(random, 24), any(random, 60), any(random, 60)).unwrap()
}

fn sum(random: &mut Random) -> Tiyn {
    Tiyn::new(*random.pick(&[0, 5, 100, 69_690, 1_000_000_000_000, i64::MAX])).unwrap()
}

fn count(random: &mut Random) -> u32 {
    *random.pick(&[0, 1, 127, 128, 2_147_483_647])
}

fn count_sum(random: &mut Random) -> CountSum {
    CountSum { count: count(random), sum: sum(random) }
}

fn by_operation(random: &mut Random) -> ByOperation {
    [(); 4].map(|()| count_sum(random))
}

fn sums(random: &mut Random) -> [Tiyn; 4] {
    [(); 4].map(|()| sum(random))
}

fn drawn_report(random: &mut Random) -> ZxReport {
    let tax = |random: &mut Random| TaxLine {
        tax_type: 100,
        percent: *random.pick(&[0, 12_000, 16_000]),
        operations: [(); 4].map(|()| TaxSums {
            turnover: sum(random),
            sum: sum(random),
            turnover_without_tax: sum(random),
        }),
    };
    ZxReport {
        date_time: moment(random),
        shift_number: count(random),
        sections: ["0", "1", "Нан"].map(|code| (code.to_owned(), by_operation(random))).to_vec(),
        operations: by_operation(random),
        discounts: by_operation(random),
        markups: by_operation(random),
        total_result: by_operation(random),
        taxes: (0..random.below(3)).map(|_| tax(random)).collect(),
        start_shift_non_nullable_sums: sums(random),
        ticket_operations: [(); 4].map(|()| TicketLine {
            total_count: count(random),
            count: count(random),
            sum: sum(random),
            payments: [(); 5].map(|()| count_sum(random)),
            offline_count: count(random),
            discount_sum: sum(random),
            markup_sum: sum(random),
            change_sum: sum(random),
        }),
        money_placements: [(); 2].map(|()| PlacementLine {
            total_count: count(random),
            count: count(random),
            sum: sum(random),
            offline_count: count(random),
        }),
        cash_sum: sum(random),
        revenue: *random.pick(&[0, -1, 69_690, -1_000_050]),
        non_nullable_sums: sums(random),
        open_shift_time: moment(random),
        close_shift_time: Some(moment(random)),
    }
}

fn empty_report() -> ZxReport {
    ZxReport {
        date_time: LocalDateTime::YEAR_2000,
        shift_number: 0,
        sections: Vec::new(),
        operations: Default::default(),
        discounts: Default::default(),
        markups: Default::default(),
        total_result: Default::default(),
        taxes: Vec::new(),
        start_shift_non_nullable_sums: Default::default(),
        ticket_operations: Default::default(),
        money_placements: Default::default(),
        cash_sum: Tiyn::ZERO,
        revenue: 0,
        non_nullable_sums: Default::default(),
        open_shift_time: LocalDateTime::YEAR_2000,
        close_shift_time: None,
    }
}

#[test]
fn tills_of_every_version_read_every_answer() {
    with_seeds(|random| {
        for version in Version::ALL {
            for (name, answer) in answers(random, version) {
                let payload = answer.payload(version);
                let read = strict_answer(version.code(), &payload).unwrap_or_else(|wrong| {
                    panic!("{name} in {}:\n{wrong}\n{}", version.code(), oracle::response_json(&payload))
                });
                let result = read.result.clone().unwrap_or_default();
                assert_eq!(
                    (read.command.map(i32::unsigned_abs), result.result_code, result.result_text),
                    (Some(answer.command), Some(answer.result), answer.text),
                    "{name} in {}",
                    version.code()
                );
            }
        }
    });
}

#[test]
fn a_report_is_read_back_as_it_was_made() {
    with_seeds(|random| {
        for version in Version::ALL {
            let report = drawn_report(random);
            let body = Body::Report { kind: ReportKind::Z, report: Box::new(report.clone()) };
            let payload = Answer { body, ..Answer::ok(3) }.payload(version);
            let read = strict_answer(version.code(), &payload).unwrap().report.unwrap();
            let mut expected = shown_report(&report, version);
            expected["checksum"] = json!(report.checksum(version));
            assert_eq!(oracle::to_json(&read), json!({"report": 0, "zx_report": expected}));
        }
    });
}

fn shown_report(report: &ZxReport, version: Version) -> Value {
    let operations = |list: &ByOperation| -> Vec<Value> {
        let shown = Operation::ALL.into_iter().zip(list);
        let shown = shown.map(|(operation, one)| {
            json!({"operation": operation.code(), "count": one.count, "sum": shown_money(one.sum)})
        });
        shown.collect()
    };
    let sums = |list: &[Tiyn; 4]| -> Vec<Value> {
        let shown = Operation::ALL.into_iter().zip(list);
        shown
            .map(|(operation, sum)| json!({"operation": operation.code(), "sum": shown_money(*sum)}))
            .collect()
    };
    let sections: Vec<Value> = report
        .sections
        .iter()
        .map(|(code, list)| json!({"section_code": code, "operations": operations(list)}))
        .collect();
    let placements: Vec<Value> = PlacementOperation::ALL
        .into_iter()
        .zip(&report.money_placements)
        .map(|(operation, line)| {
            json!({"operation": operation.code(), "operations_total_count": line.total_count,
                   "operations_count": line.count, "operations_sum": shown_money(line.sum),
                   "offline_count": line.offline_count})
        })
        .collect();
    let tickets: Vec<Value> = Operation::ALL
        .into_iter()
        .zip(&report.ticket_operations)
        .map(|(operation, line)| shown_tickets(operation, line, version))
        .collect();
    let revenue = Tiyn::new(report.revenue.abs()).unwrap();
    let mut shown = json!({
        "date_time": shown_moment(report.date_time), "shift_number": report.shift_number,
        "operations": operations(&report.operations), "discounts": operations(&report.discounts),
        "markups": operations(&report.markups), "total_result": operations(&report.total_result),
        "start_shift_non_nullable_sums": sums(&report.start_shift_non_nullable_sums),
        "ticket_operations": tickets, "money_placements": placements, "cash_sum": shown_money(report.cash_sum),
        "revenue": {"sum": shown_money(revenue), "is_negative": report.revenue < 0},
        "non_nullable_sums": sums(&report.non_nullable_sums),
        "open_shift_time": shown_moment(report.open_shift_time), "sections": sections,
    });
    if !report.taxes.is_empty() {
        shown["taxes"] = report.taxes.iter().map(shown_tax).collect();
    }
    if let Some(close) = report.close_shift_time {
        shown["close_shift_time"] = shown_moment(close);
    }
    shown
}

fn shown_tickets(operation: Operation, line: &TicketLine, version: Version) -> Value {
    // By codes: before 201 there were credit and tare between card and mobile.
    let kinds: &[usize] = if version < Version::V201 { &[0, 1, 2, 3, 4] } else { &[0, 1, 4] };
    let payments: Vec<Value> = kinds
        .iter()
        .map(|&kind| {
            let paid = line.payments[kind];
            json!({"payment": kind, "sum": shown_money(paid.sum), "count": paid.count})
        })
        .collect();
    json!({"operation": operation.code(), "tickets_total_count": line.total_count, "tickets_count": line.count,
           "tickets_sum": shown_money(line.sum), "payments": payments, "offline_count": line.offline_count,
           "discount_sum": shown_money(line.discount_sum), "markup_sum": shown_money(line.markup_sum),
           "change_sum": shown_money(line.change_sum)})
}

fn shown_tax(tax: &TaxLine) -> Value {
    let operations: Vec<Value> = Operation::ALL
        .into_iter()
        .zip(&tax.operations)
        .map(|(operation, sums)| {
            json!({"operation": operation.code(), "turnover": shown_money(sums.turnover),
                   "sum": shown_money(sums.sum), "turnover_without_tax": shown_money(sums.turnover_without_tax)})
        })
        .collect();
    json!({"tax_type": tax.tax_type, "percent": tax.percent, "operations": operations})
}

fn shown_money(sum: Tiyn) -> Value {
    json!({"bills": sum.get() / 100, "coins": sum.get() % 100})
}

fn shown_moment(moment: LocalDateTime) -> Value {
    let ((year, month, day), (hour, minute, second)) = (moment.date(), moment.time());
    json!({"date": {"year": year, "month": month, "day": day},
           "time": {"hour": hour, "minute": minute, "second": second}})
}

#[test]
fn the_strict_reader_refuses_an_answer_that_lacks_any_one_required_field() {
    let descriptor = strict::Response::descriptor();
    let whole = generate::message(&mut Random::new(1), &descriptor, Fill::All);
    oracle::strict_response(&whole).expect("a whole answer is read");
    let poorer = without_one_field(&descriptor, &whole);
    assert!(poorer.len() > 150, "only {} required fields", poorer.len());
    for (lacking, payload) in poorer {
        assert!(oracle::strict_response(&payload).is_err(), "read without {lacking}");
    }
}

/// The message once without each of its required fields, at every depth, and the name of what is gone.
fn without_one_field(descriptor: &MessageDescriptor, message: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut fields = Fields::new(message);
    let mut poorer = Vec::new();
    loop {
        let from = message.len() - fields.rest().len();
        let Some(read) = fields.next() else { return poorer };
        let Field { number, value } = read.expect("a generated message is read");
        let to = message.len() - fields.rest().len();
        let field = descriptor.field_by_number(number).expect("a generated message follows the schema");
        if field.is_required() {
            poorer.push((field.full_name(), [&message[..from], &message[to..]].concat()));
        }
        let inner = match field.runtime_field_type() {
            RuntimeFieldType::Singular(RuntimeType::Message(inner))
            | RuntimeFieldType::Repeated(RuntimeType::Message(inner)) => inner,
            _ => continue,
        };
        let WireValue::Bytes(bytes) = value else { panic!("{} is no message", field.full_name()) };
        for (name, shorter) in without_one_field(&inner, bytes) {
            let mut whole = message[..from].to_vec();
            generate::put_bytes(&mut whole, number, &shorter);
            whole.extend_from_slice(&message[to..]);
            poorer.push((name, whole));
        }
    }
}

#[test]
fn the_strict_reader_tells_what_no_label_says() {
    let version = Version::V203;
    let data = registration(&mut Random::new(1));
    let wrong =
        |answer: &Answer, version: u16| strict_answer(version, &answer.payload(Version::V203)).unwrap_err();
    let with = |data: &RegistrationData| Answer {
        service: Some(service_part(&data.encode(version), &[], None)),
        ..Answer::ok(0)
    };
    let blank = RegistrationData { org_okved: " ".to_owned(), ..data.clone() };
    assert_eq!(wrong(&with(&blank), 203), "reg_info.org.okved is blank");
    // What is right in 203 is not in its neighbours.
    assert_eq!(wrong(&with(&data), 202), "reg_info.org has tag 6, which was tenantId in 202");
    assert!(wrong(&with(&data), 204).contains("reg_info.ofd.url is blank"));
    assert!(wrong(&Answer { result: 13, ..Answer::ok(1) }, 203).contains("no result_text"));
    assert!(wrong(&Answer::ok(1), 203).contains("needs its ticket"));
    let section = ZxReport { sections: vec![(" ".to_owned(), Default::default())], ..empty_report() };
    let body = Body::Report { kind: ReportKind::X, report: Box::new(section) };
    assert!(wrong(&Answer { body, ..Answer::ok(3) }, 203).contains("a section code is blank"));
    let body = Body::Report { kind: ReportKind::X, report: Box::new(empty_report()) };
    let mut payload = Answer { body, ..Answer::ok(3) }.payload(version);
    let last = payload.len() - 1;
    payload[last] ^= 1;
    assert!(strict_answer(203, &payload).unwrap_err().contains("the bytes give"));
}
