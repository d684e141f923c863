//! WIRE 13.8: what makes a document, what is warned of, and what cannot be right.

use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::version::Version;

use crate::harness::{
    Draft, Fields, Outcome, SELL, Server, Value, buy_return, card_sale, close, deposit, receipt, sale,
    sale_return,
};

fn sent(draft: Draft) -> (Server, crate::harness::Reply) {
    let mut server = Server::new();
    server.send(deposit("10000.00"));
    let reply = server.send(draft);
    (server, reply)
}

/// The draft is refused with 13, and the text names the part in all three languages.
fn refused(draft: Draft, named: &str) {
    let (server, reply) = sent(draft);
    assert_eq!(reply.answer.result, 13, "{named}: {:?}", reply.outcome);
    assert_eq!(reply.text().matches(named).count(), 3, "{named}: {}", reply.text());
    assert_eq!(server.documents.len(), 1);
}

fn accepted(draft: Draft) -> Server {
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
fn coins_over_99_are_13() {
    let paths = [
        "items.commodity.sum.coins",
        "items.commodity.price.coins",
        "payments.sum.coins",
        "amounts.total.coins",
        "amounts.taken.coins",
        "amounts.change.coins",
    ];
    for path in paths {
        for coins in [100_u32, u32::MAX] {
            let (_, reply) = sent(sale("500.00").with(path, coins));
            assert_eq!(reply.answer.result, 13, "{path}: {:?}", reply.outcome);
            assert!(reply.text().contains(&coins.to_string()), "{path}: {}", reply.text());
        }
    }
    let taxed = || sale("500.00").tax(16_000, "68.97").receipt_discount("0.00");
    refused(taxed().with("items.commodity.taxes.sum.coins", 100_u32), "taxes[0].sum");
    refused(taxed().with("amounts.discount.sum.coins", 100_u32), "amounts.discount.sum");
    refused(deposit("1.00").with("sum.coins", 100_u32), "money_placement.sum");
    refused(sale_return("1.00").with("parent_ticket.total.coins", 100_u32), "parent_ticket.total");
}

#[test]
fn the_text_names_the_value_whole_however_great_it_is() {
    let draft = card_sale("1.00").with("amounts.total.bills", u64::MAX).with("amounts.total.coins", u32::MAX);
    let (_, reply) = sent(draft);
    for value in [u64::MAX.to_string(), u32::MAX.to_string()] {
        assert!(reply.text().contains(&value), "{}", reply.text());
    }
}

#[test]
fn coins_over_99_are_13_in_a_domain_too() {
    let taxi = Fields::new().text("car_number", 1, "001AAA02").int("is_order", 2, 1_u32);
    let fee = |coins: u32| Fields::new().int("bills", 1, 5_u32).int("coins", 2, coins);
    let domain = |coins| {
        Fields::new().int("type", 1, 4_u32).message(
            "taxi",
            4,
            taxi.clone().message("current_fee", 3, fee(coins)),
        )
    };
    let draft = |coins| sale("5.00").without("domain").and("", 4, Value::Message(domain(coins)));
    accepted(draft(99));
    refused(draft(100), "current_fee");
}

#[test]
fn a_tax_type_or_percent_over_31_bits_is_13() {
    let taxed = || sale("500.00").tax(16_000, "68.97");
    for value in [1_u32 << 31, u32::MAX] {
        refused(taxed().with("items.commodity.taxes.tax_type", value), "taxes[0].tax_type");
        refused(taxed().with("items.commodity.taxes.percent", value), "taxes[0].percent");
        refused(sale("1.00").receipt_tax(value, "0.00"), "ticket.taxes[0].percent");
    }
    accepted(taxed().with("items.commodity.taxes.tax_type", (1_u32 << 31) - 1));
    accepted(taxed().with("items.commodity.taxes.percent", (1_u32 << 31) - 1));
}

#[test]
fn sums_that_overflow_are_13() {
    let huge = "92233720368547758.00";
    accepted(card_sale(huge));
    let beyond = card_sale("1.00").with("amounts.total.bills", u64::MAX);
    assert_eq!(sent(beyond).1.answer.result, 13);
    let lines = receipt(SELL).goods("1", huge).goods("1", huge).card("1.00").total("1.00");
    assert_eq!(sent(lines).1.answer.result, 13);
    let paid = receipt(SELL).goods("1", "1.00").card(huge).paid(4, huge).total("1.00");
    assert_eq!(sent(paid).1.answer.result, 13);
    let mut server = Server::new();
    assert_eq!(server.send(card_sale(huge)).answer.result, 0);
    assert_eq!(server.send(card_sale(huge)).answer.result, 13, "the shift's counters are full");
    assert_eq!(server.send(close()).answer.result, 0);
    assert_eq!(server.send(card_sale(huge)).answer.result, 13, "and those since registration");
    assert_eq!(server.send(deposit(huge)).answer.result, 0);
    assert_eq!(server.send(deposit(huge)).answer.result, 13, "and the drawer");
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
