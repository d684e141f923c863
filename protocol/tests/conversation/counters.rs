//! WIRE section 10: what each counter means.

use crate::harness::{
    BUY, BUY_RETURN, Draft, SELL, SELL_RETURN, Server, Zx, buy, buy_return, card_sale, close, deposit,
    receipt, sale, sale_return, withdraw, x,
};

const NONE: (u64, i64) = (0, 0);

/// The X report after these documents, all of which must be taken.
fn counted(drafts: impl IntoIterator<Item = Draft>) -> Zx {
    let mut server = Server::new();
    for draft in drafts {
        let reply = server.send(draft);
        assert_eq!(reply.answer.result, 0, "{:?}", reply.outcome);
    }
    server.send(x()).answer.report.unwrap()
}

fn sell() -> Draft {
    receipt(SELL)
}

#[test]
fn operations_count_commodity_lines_before_modifiers_by_operation() {
    let modified = sell().goods("1", "500.00").goods("1", "100.00").discount("50.00").markup("10.00");
    let report = counted([
        deposit("9000.00"),
        modified.cash("560.00").total("560.00"),
        buy("7.00"),
        buy_return("8.00"),
        sale_return("9.00"),
    ]);
    assert_eq!(report.operations, [(1, 7_00), (1, 8_00), (2, 600_00), (1, 9_00)]);
}

#[test]
fn a_storno_subtracts_from_number_and_sum() {
    let report = counted([sell()
        .goods("1", "500.00")
        .goods("2", "70.00")
        .storno("2", "70.00")
        .cash("500.00")
        .total("500.00")]);
    assert_eq!(report.operations[2], (1, 500_00));
    assert_eq!(report.sections["2"][2], NONE);
}

#[test]
fn a_counter_below_zero_is_kept_signed_and_written_as_0() {
    let mut server = Server::new();
    server.send(sell().storno("1", "100.00").goods("2", "100.00").total("0.00"));
    let report = server.send(x()).answer.report.unwrap();
    assert_eq!((report.sections["1"][2], report.sections["2"][2]), (NONE, (1, 100_00)));
    server.send(sale("30.00"));
    assert_eq!(server.send(x()).answer.report.unwrap().sections["1"][2], NONE, "-70.00, count 0");
    server.send(sale("90.00"));
    assert_eq!(server.send(x()).answer.report.unwrap().sections["1"][2], (1, 20_00));
}

#[test]
fn discounts_and_markups_are_number_and_sum_of_modifiers_of_lines_and_receipts() {
    let draft = sell()
        .goods("1", "500.00")
        .discount("50.00")
        .discount("5.00")
        .storno_discount("5.00")
        .markup("20.00")
        .storno_markup("1.00")
        .receipt_discount("10.00");
    let report = counted([
        draft.cash("459.00").total("459.00"),
        sell().goods("1", "1.00").receipt_markup("2.00").cash("3.00").total("3.00"),
    ]);
    assert_eq!(report.discounts[2], (2, 60_00));
    assert_eq!(report.markups[2], (1, 21_00));
    assert_eq!(report.total_result[2], (2, 501_00 - 60_00 + 21_00), "its count is that of operations");
    assert_eq!((report.of(SELL).discount, report.of(SELL).markup), (10_00, 2_00), "of whole receipts alone");
}

#[test]
fn sections_hold_operations_by_section_code_and_a_blank_one_is_0() {
    let drafts = ["", " ", "0", "\t", "1", "Бакалея"]
        .map(|code| sell().goods(code, "5.00").cash("5.00").total("5.00"));
    let report = counted(drafts);
    let codes: Vec<&str> = report.sections.keys().map(String::as_str).collect();
    assert_eq!(codes, ["0", "1", "Бакалея"]);
    assert_eq!(report.sections["0"], [NONE, NONE, (4, 20_00), NONE]);
    let report = counted([sale("5.00").without("items.commodity.section_code")]);
    assert_eq!(report.sections["0"][2], (1, 5_00));
}

#[test]
fn section_codes_are_never_blank_however_long_or_strange() {
    let spaces = format!("{}x", " ".repeat(64));
    for code in [spaces.as_str(), "\u{a0}", "\u{2003}", "\u{3000}", &"ә".repeat(200)] {
        // The reader of answers refuses a blank section code.
        let report = counted([sell().goods(code, "5.00").cash("5.00").total("5.00")]);
        assert_eq!(report.sections.len(), 1);
    }
}

#[test]
fn a_shift_holds_1000_sections_and_counts_the_others_as_0() {
    let mut server = Server::new();
    for tens in 0..101 {
        let draft =
            (0..10).fold(sell(), |draft, ones| draft.goods(&format!("s{}", tens * 10 + ones), "1.00"));
        assert_eq!(server.send(draft.cash("10.00").total("10.00")).answer.result, 0);
    }
    let report = server.send(x()).answer.report.unwrap();
    assert_eq!(report.sections["0"][2], (10, 10_00));
    assert!(report.sections.len() <= 1001);
    assert_eq!(report.sections.values().map(|section| section[2].0).sum::<u64>(), 1010);
}

#[test]
fn a_tax_has_turnover_sum_and_turnover_without_tax() {
    let report = counted([sell()
        .goods("1", "116.00")
        .tax(16_000, "16.00")
        .goods("1", "100.00")
        .tax_on_top(12_000, "12.00")
        .cash("216.00")
        .total("216.00")]);
    assert_eq!(report.taxes[&(100, 16_000)][2], (116_00, 16_00, 100_00), "the sum contains the tax");
    assert_eq!(report.taxes[&(100, 12_000)][2], (100_00, 12_00, 100_00), "the tax comes on top");
    assert_eq!(report.taxes.len(), 2);
}

#[test]
fn whole_percents_count_with_thousandths() {
    let taxed = |percent| sell().goods("1", "116.00").tax(percent, "16.00").cash("116.00").total("116.00");
    let report = counted([taxed(16), taxed(16_000)]);
    assert_eq!(report.taxes[&(100, 16_000)][2], (232_00, 32_00, 200_00));
    let report = counted([1, 100, 101].map(taxed));
    let rates: Vec<u64> = report.taxes.keys().map(|(_, percent)| *percent).collect();
    assert_eq!(rates, [101, 1000, 100_000], "1 to 100 are whole percents");
    let report = counted([sell().goods("1", "116.00").tax(0, "0.00").cash("116.00").total("116.00")]);
    assert_eq!(report.taxes[&(100, 0)][2], (116_00, 0, 116_00), "without VAT is a rate, too");
}

#[test]
fn of_a_tax_on_the_whole_receipt_the_turnover_is_amounts_total() {
    let draft = sell().goods("1", "150.00").discount("34.00").cash("116.00").total("116.00");
    let report = counted([draft.clone().receipt_tax(16_000, "16.00")]);
    assert_eq!(report.taxes[&(100, 16_000)][2], (116_00, 16_00, 100_00));
    let report = counted([draft.receipt_tax_on_top(16_000, "18.56")]);
    assert_eq!(report.taxes[&(100, 16_000)][2], (116_00, 18_56, 116_00));
}

#[test]
fn a_storno_a_discount_and_their_stornos_move_taxes_the_right_way() {
    let rate = &(100, 16_000);
    let goods = || sell().goods("1", "232.00").tax(16_000, "32.00");
    let taxes = |draft: Draft, total: &str| counted([draft.cash(total).total(total)]).taxes[rate][2];
    assert_eq!(taxes(goods().storno("1", "116.00").tax(16_000, "16.00"), "116.00"), (116_00, 16_00, 100_00));
    assert_eq!(taxes(goods().discount("116.00").tax(16_000, "16.00"), "116.00"), (116_00, 16_00, 100_00));
    assert_eq!(taxes(goods().markup("116.00").tax(16_000, "16.00"), "348.00"), (348_00, 48_00, 300_00));
    let storno = goods().markup("116.00").tax(16_000, "16.00").storno_markup("116.00").tax(16_000, "16.00");
    assert_eq!(taxes(storno, "232.00"), (232_00, 32_00, 200_00));
    let storno =
        goods().discount("116.00").tax(16_000, "16.00").storno_discount("116.00").tax(16_000, "16.00");
    assert_eq!(taxes(storno, "232.00"), (232_00, 32_00, 200_00));
    let on_receipt = goods().receipt_discount("116.00").receipt_discount_tax(16_000, "16.00");
    assert_eq!(taxes(on_receipt, "116.00"), (116_00, 16_00, 100_00));
}

#[test]
fn a_tax_on_the_whole_receipt_counts_though_its_discount_names_a_tax_too() {
    let draft = sell()
        .goods("1", "232.00")
        .receipt_discount("116.00")
        .receipt_discount_tax(16_000, "16.00")
        .receipt_tax(16_000, "16.00");
    let report = counted([draft.cash("116.00").total("116.00")]);
    // Whether the discount's tax is still to be taken off a total that is net of it, the rules do not say.
    let (turnover, _, _) = report.taxes[&(100, 16_000)][2];
    assert!(turnover <= 116_00);
    let other_rate = sell()
        .goods("1", "232.00")
        .receipt_discount("116.00")
        .receipt_discount_tax(12_000, "12.43")
        .receipt_tax(16_000, "16.00");
    let report = counted([other_rate.cash("116.00").total("116.00")]);
    assert_eq!(report.taxes[&(100, 16_000)][2], (116_00, 16_00, 100_00));
}

#[test]
fn ticket_operations_count_receipts_since_registration_and_in_the_shift() {
    let report = counted([sale("500.00"), close(), sale("100.00"), card_sale("50.00"), sale_return("20.00")]);
    let sells = report.of(SELL);
    assert_eq!((sells.total_count, sells.count, sells.sum), (3, 2, 150_00));
    let returns = report.of(SELL_RETURN);
    assert_eq!((returns.total_count, returns.count, returns.sum), (1, 1, 20_00));
    assert_eq!((report.of(BUY).total_count, report.of(BUY_RETURN).total_count), (0, 0));
}

#[test]
fn payments_are_counted_by_type_and_change_apart() {
    let mixed = sell()
        .goods("1", "100.00")
        .cash("60.00")
        .card("30.00")
        .paid(4, "10.00")
        .change("40.00")
        .total("100.00");
    let report = counted([mixed, sale("5.00"), card_sale("7.00")]);
    let payments = &report.of(SELL).payments;
    assert_eq!((payments[&0], payments[&1], payments[&4]), ((2, 65_00), (2, 37_00), (1, 10_00)));
    assert_eq!(report.of(SELL).change, 40_00);
    assert_eq!(report.cash, 65_00, "the cash payment is net of change");
}

#[test]
fn credit_and_tare_are_reported_before_201() {
    let mut server = Server::new();
    let draft = sell().goods("1", "10.00").paid(2, "7.00").paid(3, "3.00").total("10.00").version(200);
    assert_eq!(server.send(draft).answer.result, 0);
    for version in [124, 125, 200] {
        let report = server.send(x().version(version)).answer.report.unwrap();
        assert_eq!((report.of(SELL).payments[&2], report.of(SELL).payments[&3]), ((1, 7_00), (1, 3_00)));
    }
    assert_eq!(server.send(x().version(201)).answer.report.unwrap().of(SELL).payments.len(), 3);
}

#[test]
fn credit_and_tare_are_taken_later_too_and_reports_list_the_kinds_of_the_version_that_asks() {
    let mut server = Server::new();
    let draft = sell().goods("1", "10.00").paid(2, "7.00").paid(3, "3.00").total("10.00").version(204);
    assert_eq!(server.send(draft).answer.result, 0);
    assert_eq!(server.all_warnings(), ["payment-kind-of-older-version"]);
    assert_eq!(server.warnings(ofd_protocol::warning::Warning::PaymentKindOfOlderVersion), 1);
    let report = server.send(x().version(204)).answer.report.unwrap();
    assert_eq!((report.of(SELL).payments.len(), report.of(SELL).sum), (3, 10_00));
    let report = server.send(x().version(125)).answer.report.unwrap();
    assert_eq!((report.of(SELL).payments[&2], report.of(SELL).payments[&3]), ((1, 7_00), (1, 3_00)));
}

#[test]
fn offline_receipts_and_placements_are_counted_apart() {
    let report = counted([
        sale("5.00"),
        sale("6.00").offline(77),
        sale("7.00").offline(78),
        sale("8.00").offline(0),
        deposit("1.00"),
        deposit("2.00").offline(1),
        withdraw("1.00").offline(1),
    ]);
    assert_eq!((report.of(SELL).count, report.of(SELL).offline), (4, 2));
    let [deposits, withdrawals] = &report.placements;
    assert_eq!((deposits.count, deposits.sum, deposits.offline), (2, 3_00, 1));
    assert_eq!((withdrawals.count, withdrawals.sum, withdrawals.offline), (1, 1_00, 1));
    assert_eq!((deposits.total_count, withdrawals.total_count), (2, 1));
}

#[test]
fn cash_is_deposits_minus_withdrawals_plus_sales_and_bought_returns_minus_the_others() {
    let mut server = Server::new();
    let steps = [
        (deposit("100.00"), 100_00),
        (withdraw("30.00"), 70_00),
        (sale("50.00"), 120_00),
        (buy_return("5.00"), 125_00),
        (sale_return("20.00"), 105_00),
        (buy("10.00"), 95_00),
        (card_sale("500.00"), 95_00),
        (close(), 95_00),
        (sale("1.00"), 96_00),
    ];
    for (draft, cash) in steps {
        assert_eq!(server.send(draft).answer.result, 0);
        assert_eq!(server.send(x()).answer.report.unwrap().cash, cash);
    }
}

#[test]
fn cash_goes_below_zero_only_by_documents_with_an_offline_mark_and_with_a_warning() {
    let mut server = Server::new();
    for draft in [
        withdraw("1.00"),
        buy("1.00"),
        sale_return("1.00"),
        withdraw("1.00").offline(0).with("is_offline", 0_u32),
    ] {
        assert_eq!(server.send(draft).answer.result, 14);
    }
    for draft in [withdraw("1.00").offline(1), buy("1.00").offline(7), sale_return("1.00").offline(8)] {
        assert_eq!(server.send(draft).answer.result, 0);
    }
    assert_eq!(server.cash(), -3_00);
    assert_eq!(server.all_warnings(), ["cash-below-zero"]);
    assert_eq!(server.send(x()).answer.report.unwrap().cash, 0);
    assert_eq!(server.send(sale("1.00")).answer.result, 0, "what brings cash is taken, still below zero");
    assert_eq!(server.send(withdraw("0.00")).answer.result, 0, "and what moves none");
    assert_eq!(server.send(deposit("5.00")).answer.result, 0);
    assert_eq!(server.send(x()).answer.report.unwrap().cash, 3_00, "kept signed");
}

#[test]
fn withdraw_money_counts_as_one_withdrawal_of_all_there_is() {
    let closed = |drafts: Vec<Draft>| {
        let mut server = Server::new();
        drafts.into_iter().map(|draft| server.send(draft)).last().unwrap().answer.report.unwrap()
    };
    let report = closed(vec![sale("500.00"), withdraw("20.00"), close().take_all()]);
    let withdrawals = &report.placements[1];
    assert_eq!((withdrawals.count, withdrawals.sum, withdrawals.offline, report.cash), (2, 500_00, 0, 0));
    let report = closed(vec![sale("500.00"), close().take_all().offline(1)]);
    assert_eq!(
        (report.placements[1].count, report.placements[1].offline),
        (1, 1),
        "offline when the close is"
    );
    let report = closed(vec![card_sale("500.00"), close().take_all()]);
    assert_eq!((report.placements[1].count, report.placements[1].total_count), (0, 0), "when there is any");
    let report = closed(vec![sale("500.00"), close(), close().take_all()]);
    assert_eq!(
        (report.shift, report.placements[1].sum, report.cash),
        (2, 500_00, 0),
        "of an empty shift, too"
    );
    let report = closed(vec![withdraw("5.00").offline(1), close().take_all()]);
    assert_eq!((report.placements[1].count, report.cash), (1, 0), "nothing below zero is taken out");
}

#[test]
fn revenue_is_sales_and_bought_returns_minus_the_others_and_has_a_sign() {
    let report = counted([
        card_sale("100.00"),
        deposit("500.00"),
        buy_return("5.00"),
        sale_return("30.00"),
        buy("10.00"),
    ]);
    assert_eq!(report.revenue, 65_00);
    let report = counted([deposit("500.00"), buy("10.00")]);
    assert_eq!(report.revenue, -10_00);
    assert_eq!(counted([deposit("500.00")]).revenue, 0);
    assert_eq!(counted([sale("500.00"), close(), sale("1.00")]).revenue, 1_00, "of the shift");
}

#[test]
fn non_nullable_sums_run_since_registration_and_start_sums_are_their_value_when_the_shift_opened() {
    let mut server = Server::new();
    for draft in [sale("500.00"), sale_return("100.00"), close(), sale("7.00"), buy("3.00")] {
        assert_eq!(server.send(draft).answer.result, 0);
    }
    let report = server.send(close()).answer.report.unwrap();
    assert_eq!(report.start_sums, [0, 0, 500_00, 100_00]);
    assert_eq!(report.sums, [3_00, 0, 507_00, 100_00]);
    server.block("x");
    server.change(&ofd_protocol::register::Change::Unblock { reason: String::new() }).unwrap();
    let report = server.send(close()).answer.report.unwrap();
    assert_eq!((report.start_sums, report.sums), (report.sums, [3_00, 0, 507_00, 100_00]), "an empty shift");
}

#[test]
fn only_the_part_that_the_items_type_names_counts() {
    let discount = crate::harness::Fields::new().money("sum", 2, "50.00");
    let draft = sale("500.00").and("items", 6, crate::harness::Value::Message(discount));
    let report = counted([draft]);
    assert_eq!((report.operations[2], report.discounts[2]), ((1, 500_00), NONE));
}
