//! WIRE 13.8: what makes a document, what is warned of, and what cannot be right.

use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::version::Version;

use crate::harness::{
    Draft, Outcome, SELL, Server, Value, buy_return, card_sale, close, deposit, receipt, sale, sale_return,
};

pub(crate) fn sent(draft: Draft) -> (Server, crate::harness::Reply) {
    let mut server = Server::new();
    server.send(deposit("10000.00"));
    let reply = server.send(draft);
    (server, reply)
}

/// The draft is refused with 13, and the text names the part in all three languages.
pub(crate) fn refused(draft: Draft, named: &str) {
    let (server, reply) = sent(draft);
    assert_eq!(reply.answer.result, 13, "{named}: {:?}", reply.outcome);
    assert_eq!(reply.text().matches(named).count(), 3, "{named}: {}", reply.text());
    assert_eq!(server.documents.len(), 1);
}

pub(crate) fn accepted(draft: Draft) -> Server {
    let (server, reply) = sent(draft);
    assert!(matches!(reply.outcome, Outcome::Accepted(_)), "{:?}", reply.outcome);
    server
}

fn every_item() -> Draft {
    receipt(SELL)
        .goods("1", "500.00")
        .storno("1", "100.00")
        .markup("30.00")
        .storno_markup("10.00")
        .discount("40.00")
        .storno_discount("20.00")
        .cash("400.00")
        .total("400.00")
}

#[test]
fn a_conforming_document_of_every_version_gets_no_warning() {
    for version in [124, 125, 200, 201, 202, 203, 204] {
        let mut server = Server::new();
        let drafts = [
            deposit("1000.00"),
            sale("500.00"),
            card_sale("1.00"),
            sale_return("500.00"),
            every_item(),
            close(),
        ];
        for draft in drafts {
            let reply = server.send(draft.version(version));
            assert!(matches!(reply.outcome, Outcome::Accepted(_)), "{version}: {:?}", reply.outcome);
        }
        assert_eq!(server.all_warnings(), Vec::<&str>::new(), "{version}");
    }
}

#[test]
fn what_makes_a_receipt_is_required() {
    refused(sale("1.00").without("operation"), "operation");
    refused(sale("1.00").without("date_time"), "date_time");
    refused(sale("1.00").without("operator"), "operator");
    refused(sale("1.00").without("items"), "items");
    refused(sale("1.00").without("amounts"), "amounts");
    refused(sale("1.00").without("amounts.total"), "amounts.total");
}

#[test]
fn an_item_needs_its_type_the_part_of_that_type_and_the_parts_sum() {
    let parts = ["commodity", "storno_commodity", "markup", "storno_markup", "discount", "storno_discount"];
    for (index, part) in parts.into_iter().enumerate() {
        let item = format!("items[{index}]");
        let path = format!("{item}.{part}");
        refused(every_item().without(&path), &path);
        refused(every_item().without(&format!("{path}.sum")), &format!("{path}.sum"));
        refused(every_item().without(&format!("{item}.type")), &item);
        refused(every_item().with(&format!("{item}.type"), 7_u32), &item);
    }
    refused(every_item().with("items[0].type", 5_u32), "items[0].discount");
}

#[test]
fn what_makes_a_placement_is_required() {
    refused(deposit("1.00").without("date_time"), "date_time");
    refused(deposit("1.00").without("operation"), "operation");
    refused(deposit("1.00").without("sum"), "sum");
}

#[test]
fn what_makes_a_close_is_required() {
    refused(close().without("close_time"), "close_time");
}

#[test]
fn a_date_and_time_must_exist() {
    for at in [
        "2026-02-29 10:00:00",
        "2026-13-01 10:00:00",
        "2026-00-01 10:00:00",
        "2026-01-00 10:00:00",
        "2026-04-31 10:00:00",
        "2026-01-22 24:00:00",
        "2026-01-22 10:60:00",
        "2026-01-22 10:00:60",
        "0-01-22 10:00:00",
        "4294967295-01-22 10:00:00",
    ] {
        refused(sale("1.00").at(at), "date_time");
        refused(deposit("1.00").at(at), "date_time");
        refused(close().at(at), "close_time");
    }
    for at in ["2024-02-29 10:00:00", "1999-12-31 23:59:59"] {
        accepted(sale("1.00").at(at));
    }
}

#[test]
fn a_setting_restores_the_letter_of_the_protocol() {
    let mut server = Server::new();
    server.policy.malformed_receipt = MalformedReceipt::Blocked;
    let drafts = [
        sale("1.00").without("operator"),
        sale("1.00").without("items"),
        sale("1.00").without("amounts"),
        deposit("1.00").without("sum"),
        close().without("close_time"),
    ];
    for draft in drafts {
        assert_eq!(server.send(draft).answer.result, 15);
    }
    assert_eq!(server.send(sale("1.00").paid(1, "5.00")).answer.result, 13, "what cannot be right stays 13");
}

/// A version, what a device of it leaves out, and the warning.
fn departures() -> Vec<(u16, Draft, &'static str)> {
    let sale = || sale("500.00");
    vec![
        (200, sale().without("service"), "service-part-missing"),
        (203, sale().without("service.security_stats"), "security-stats-missing"),
        (200, sale().without("service.reg_info"), "reg-info-missing"),
        (204, sale().without("domain"), "domain-missing"),
        (203, sale().without("operator.code"), "operator-code-missing"),
        (125, close().without("operator"), "operator-missing"),
        (202, deposit("1.00").without("operator"), "operator-missing"),
        (125, close().without("z_report"), "z-report-missing"),
        (
            203,
            sale().without("items.commodity.name").without("items.commodity.code"),
            "commodity-name-missing",
        ),
        (
            203,
            sale().with_text("items.commodity.name", " \t").without("items.commodity.code"),
            "commodity-name-missing",
        ),
        (203, sale().without("items.commodity.section_code"), "section-code-missing"),
        (203, sale().without("items.commodity.quantity"), "quantity-missing"),
        (203, sale().without("items.commodity.price"), "price-missing"),
        (201, sale().without("items.commodity.measure_unit_code"), "measure-unit-missing"),
        (203, sale().without("amounts.taken"), "taken-missing"),
        (203, sale().without("amounts.change"), "change-missing"),
        (203, sale_return("500.00").without("parent_ticket"), "parent-ticket-missing"),
        (203, buy_return("500.00").without("parent_ticket"), "parent-ticket-missing"),
        (203, sale().receipt_tax(16_000, "1.00"), "tax-sum-differs"),
        (203, sale().receipt_tax(16, "68.97"), "tax-percent-whole"),
        (203, sale().tax(16_000, "68.97").receipt_tax(12_000, "53.57"), "taxes-on-items-and-receipt"),
        (203, sale().goods("1", "5.00"), "item-sums-differ"),
        (203, sale().with_money("items.commodity.price", "400.00"), "line-sum-differs"),
        (203, sale().paid(0, "0.00"), "payment-type-repeated"),
        (203, sale().card("0.00").without("payments[1].sum"), "payment-sum-missing"),
        (203, sale().paid(3, "0.00"), "payment-kind-of-older-version"),
        (203, sale().with("operator.code", 1_u32 << 31), "number-out-of-range"),
    ]
}

#[test]
fn everything_else_that_devices_leave_out_is_accepted_and_warned_of() {
    for (version, draft, warning) in departures() {
        let server = accepted(draft.clone().version(version));
        assert_eq!(server.all_warnings(), [warning], "{version}");
    }
}

#[test]
fn a_version_that_does_not_require_it_does_not_warn() {
    let fine = [
        (125, sale("1.00").without("service")),
        (202, sale("1.00").without("service.security_stats")),
        (203, sale("1.00").without("domain")),
        (201, deposit("1.00").without("operator")),
        (124, close().without("z_report").without("operator")),
        (200, sale("1.00").without("items.commodity.measure_unit_code")),
        (202, sale_return("1.00").without("parent_ticket")),
        (203, card_sale("1.00").without("amounts.taken").without("amounts.change")),
        (203, sale("1.00").without("items.commodity.name")),
        (203, sale("1.00").without("items.commodity.code")),
    ];
    for (version, draft) in fine {
        assert_eq!(accepted(draft.version(version)).all_warnings(), Vec::<&str>::new(), "{version}");
    }
}

#[test]
fn a_setting_makes_a_version_strict() {
    for (version, draft, warning) in departures() {
        let mut server = Server::new();
        server.send(deposit("10000.00"));
        server.policy.strict_versions = vec![Version::from_code(version).unwrap()];
        let reply = server.send(draft.clone().version(version));
        assert_eq!(reply.answer.result, 13, "{warning}: {:?}", reply.outcome);
        assert!(reply.text().contains(warning), "{}", reply.text());
        assert_eq!(server.documents.len(), 1, "nothing is stored");
        let other = if version == 203 { 204 } else { 203 };
        server.policy.strict_versions = vec![Version::from_code(other).unwrap()];
        let reply = server.send(draft.version(version));
        assert!(matches!(reply.outcome, Outcome::Accepted(_)), "another version is not touched");
    }
}

#[test]
fn payments_that_do_not_add_up_to_the_total_are_13_with_both_sums_in_the_text() {
    for draft in [
        sale("500.00").total("500.01"),
        sale("500.00").card("1.00"),
        sale("500.00").without("payments"),
        receipt(SELL).goods("1", "500.00").cash("500.01").total("500.00"),
    ] {
        let (_, reply) = sent(draft);
        assert_eq!(reply.answer.result, 13);
        assert!(reply.text().contains("500.0") && reply.text().contains("payments"), "{}", reply.text());
    }
    accepted(receipt(SELL).goods("1", "0.00").total("0.00"));
    accepted(receipt(SELL).goods("1", "5.00").cash("2.00").card("2.50").paid(4, "0.50").total("5.00"));
}

#[test]
fn a_tax_of_the_whole_receipt_may_differ_by_a_tiyn_for_each_line() {
    let draft = |tax: &str| {
        let lines = receipt(SELL).goods("1", "10.00").goods("1", "10.00").goods("1", "9.00");
        lines.cash("29.00").total("29.00").receipt_tax(16_000, tax)
    };
    for right in ["4.00", "4.03", "3.97"] {
        assert_eq!(accepted(draft(right)).all_warnings(), Vec::<&str>::new(), "{right}");
    }
    for wrong in ["4.04", "3.96"] {
        assert_eq!(accepted(draft(wrong)).all_warnings(), ["tax-sum-differs"], "{wrong}");
    }
    let line = |tax: &str| sale("29.00").tax(16_000, tax);
    assert_eq!(accepted(line("4.01")).all_warnings(), Vec::<&str>::new());
    assert_eq!(accepted(line("4.02")).all_warnings(), ["tax-sum-differs"], "of a line, by one tiyn");
}

#[test]
fn a_strict_refusal_names_field_and_values_like_any_other() {
    let drafts = [
        (sale("500.00").tax(16_000, "1.00"), vec!["ticket.items[0].commodity.taxes[0].sum", "1.00 ≠ 68.97"]),
        (sale("500.00").goods("1", "5.00"), vec!["ticket.items", "505.00 ≠ amounts.total 500.00"]),
        (
            sale("500.00").with_money("items.commodity.price", "400.00"),
            vec!["ticket.items[0].commodity.sum", "500.00 ≠ 400.00 × 1.000"],
        ),
        (sale("500.00").paid(2, "0.00"), vec!["ticket.payments[1].type", "«2»"]),
        (sale("500.00").receipt_tax(16, "68.97"), vec!["ticket.taxes[0].percent", "«16»"]),
        (sale("500.00").with("operator.code", u32::MAX), vec!["ticket.operator.code", "4294967295"]),
        (sale("500.00").without("operator.code"), vec!["ticket.operator.code"]),
        (sale("500.00").without("service.reg_info"), vec!["service.reg_info"]),
        (deposit("5.00").without("operator"), vec!["money_placement.operator"]),
        (close().without("z_report"), vec!["close_shift.z_report"]),
    ];
    for (draft, named) in drafts {
        let mut server = Server::new();
        server.policy.strict_versions = vec![Version::V203];
        let reply = server.send(draft);
        assert_eq!(reply.answer.result, 13, "{named:?}: {:?}", reply.outcome);
        for named in named {
            assert_eq!(reply.text().matches(named).count(), 3, "{named}: {}", reply.text());
        }
        assert!(reply.text().contains("203"), "{}", reply.text());
    }
}

#[test]
fn a_strict_version_still_takes_what_its_form_does_not_tell() {
    let mut server = Server::new();
    server.policy.strict_versions = vec![Version::V203];
    server.serial_number = "SN-2".into();
    for draft in [
        sale("1.00").at("2061-05-05 05:05:05").label(77),
        sale("1.00").printed(5),
        sale("1.00").at("10:01").printed(5),
    ] {
        assert_eq!(server.send(draft).answer.result, 0);
    }
    let warnings = server.all_warnings();
    for taken in
        ["clock-wrong", "shift-number-differs", "printed-number-not-growing", "serial-number-differs"]
    {
        assert!(warnings.contains(&taken), "{taken}: {warnings:?}");
    }
}

#[test]
fn a_foreign_serial_number_in_reg_info_is_a_warning_and_a_placeholder_is_none() {
    let path = "service.reg_info.kkm.serial_number";
    let warned = |serial: &str| {
        let mut draft = sale("1.00");
        *draft.body.value(path) = Value::Bytes(serial.as_bytes().to_vec());
        accepted(draft).all_warnings()
    };
    assert_eq!(warned("SN-2"), ["serial-number-differs"], "a copy of its token");
    for own in ["SN-1", " sn-1 ", "", "TEMP_REG_0001", "000000"] {
        assert_eq!(warned(own), Vec::<&str>::new(), "{own}");
    }
}

#[test]
fn withdrawing_more_than_there_is_is_14_with_both_sums_in_the_text() {
    let mut server = Server::new();
    server.send(deposit("500.00"));
    let reply = server.send(crate::harness::withdraw("500.01"));
    assert_eq!(reply.answer.result, 14);
    assert!(reply.text().contains("500.00") && reply.text().contains("500.01"), "{}", reply.text());
    for draft in [sale_return("500.01"), crate::harness::buy("500.01")] {
        assert_eq!(server.send(draft).answer.result, 14);
    }
    assert_eq!(server.send(crate::harness::withdraw("500.00")).answer.result, 0);
}

#[test]
fn a_payment_without_a_sum_is_one_of_nothing() {
    let server = accepted(sale("500.00").card("0.00").without("payments[1].sum"));
    assert_eq!(server.register.totals.tickets[2].payments[1].sum, 0);
}

#[test]
fn everything_is_stored_as_it_came() {
    let draft = sale("500.00").without("service").without("amounts.change").receipt_tax(16, "1.00");
    let payload = draft.at("10:00").payload("10:00");
    let mut server = Server::new();
    let raw = crate::harness::framed(203, crate::harness::REGISTER, crate::harness::FIRST_TOKEN, 1, &payload);
    server.receive(&raw, false);
    assert_eq!(server.document(1, 1).raw, raw);
}
