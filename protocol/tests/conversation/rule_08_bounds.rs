//! WIRE 13.8: what cannot be right, and what no document can do to the counters.

use ofd_protocol::warning::Warning;

use crate::harness::{
    Draft, Fields, SELL, Server, Value, cancel, card_sale, close, deposit, receipt, sale, sale_return, x,
};
use crate::rule_08::{accepted, refused, sent};

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

/// The greatest sum a document may name, and one tiyn more.
const GREATEST: &str = "10000000000000.00";
const TOO_GREAT: &str = "10000000000000.01";

/// A receipt of 100.00 with a sum of every kind that a receipt has.
fn with_every_sum() -> Draft {
    receipt(SELL)
        .goods("1", "120.00")
        .tax(16_000, "16.55")
        .markup("10.00")
        .discount("20.00")
        .receipt_discount("30.00")
        .receipt_discount_tax(16_000, "4.14")
        .receipt_markup("20.00")
        .cash("60.00")
        .card("40.00")
        .change("0.00")
        .total("100.00")
}

#[test]
fn any_sum_of_money_over_10_to_the_13_tenge_is_13_and_the_text_names_that_very_field_and_its_value() {
    let paths = [
        ("amounts.total", "ticket.amounts.total"),
        ("amounts.taken", "ticket.amounts.taken"),
        ("amounts.change", "ticket.amounts.change"),
        ("amounts.discount.sum", "ticket.amounts.discount.sum"),
        ("amounts.discount.taxes.sum", "ticket.amounts.discount.taxes[0].sum"),
        ("amounts.markup.sum", "ticket.amounts.markup.sum"),
        ("items.commodity.price", "ticket.items[0].commodity.price"),
        ("items.commodity.sum", "ticket.items[0].commodity.sum"),
        ("items.commodity.taxes.sum", "ticket.items[0].commodity.taxes[0].sum"),
        ("items[1].markup.sum", "ticket.items[1].markup.sum"),
        ("items[2].discount.sum", "ticket.items[2].discount.sum"),
        ("payments.sum", "ticket.payments[0].sum"),
        ("payments[1].sum", "ticket.payments[1].sum"),
    ];
    for (path, field) in paths {
        for sum in [TOO_GREAT, "92233720368547758.07", "92233720368547758.08", "184467440737095516.15"] {
            let (bills, coins) = sum.split_once('.').unwrap();
            let draft = with_every_sum()
                .with(&format!("{path}.bills"), bills.parse::<u64>().unwrap())
                .with(&format!("{path}.coins"), coins.parse::<u64>().unwrap());
            let (server, reply) = sent(draft);
            assert_eq!(reply.answer.result, 13, "{path}: {:?}", reply.outcome);
            for named in [field, sum] {
                assert_eq!(reply.text().matches(named).count(), 3, "{named}: {}", reply.text());
            }
            assert_eq!(server.documents.len(), 1);
        }
    }
    refused(
        sale("100.00").receipt_tax(16_000, "13.79").with("taxes.sum.bills", u64::MAX),
        "ticket.taxes[0].sum",
    );
    refused(deposit(TOO_GREAT), "money_placement.sum");
    accepted(card_sale(GREATEST));
    accepted(deposit(GREATEST));
}

#[test]
fn a_right_sale_is_taken_whatever_the_refused_ones_before_it_said() {
    let mut server = Server::new();
    for path in ["amounts.change", "items.commodity.sum", "amounts.discount.sum", "amounts.taken"] {
        let draft =
            sale("100.00").receipt_discount("0.00").with(&format!("{path}.bills"), i64::MAX as u64 / 100);
        assert_eq!(server.send(draft).answer.result, 13, "{path}");
        assert_eq!(server.send(sale("100.00")).answer.result, 0, "{path}");
    }
}

#[test]
fn no_counter_comes_near_its_end_by_one_document() {
    // As many lines of the greatest sum as a frame holds would fill a counter seven times over.
    let mut lines = card_sale("1.00");
    let mut paid = card_sale("1.00");
    let mut taxed = card_sale("1.00");
    for _ in 0..200 {
        lines = lines.goods("1", GREATEST).storno("1", GREATEST);
        paid = paid.paid(1, GREATEST);
        taxed = taxed.tax(16_000, GREATEST);
    }
    refused(lines, "ticket.items");
    refused(paid, "ticket.payments");
    refused(taxed, "ticket.items[0].commodity.taxes");
}

#[test]
fn no_sale_is_refused_because_of_a_counter_that_is_full() {
    let mut server = Server::new();
    server.send(sale("100.00").tax(16_000, "13.79"));
    // As earlier programs counted one receipt of 2^63-1 tiyn.
    let totals = &mut server.register.totals;
    totals.tickets[2].total.sum = i64::MAX;
    totals.tickets[2].change_sum = i64::MAX;
    totals.operations[2].sum = i64::MAX;
    totals.taxes.values_mut().for_each(|taxes| taxes[2].sum = i64::MAX);
    server.register.lifetime.non_nullable[2] = i64::MAX;
    server.register.lifetime.cash = i64::MAX;
    for _ in 0..3 {
        let reply = server.send(sale("100.00").tax(16_000, "13.79"));
        assert_eq!(reply.answer.result, 0, "{:?}", reply.outcome);
        let report = server.send(x()).answer.report.unwrap();
        assert_eq!((report.of(SELL).sum, report.sums[2], report.revenue), (i64::MAX, i64::MAX, i64::MAX));
    }
    assert_eq!(server.all_warnings(), ["counter-full"]);
    assert_eq!(server.warnings(Warning::CounterFull), 3, "once for each document");
    assert_eq!(server.send(cancel()).answer.result, 0);
    for draft in
        [close(), sale("1.00"), deposit("1.00"), sale_return("1.00"), close().take_all(), sale("1.00")]
    {
        assert_eq!(server.send(draft).answer.result, 0, "after a close and in the next shift too");
    }
    server.change(&ofd_protocol::register::Change::ResetToken).unwrap();
    assert_eq!(server.send(sale("1.00")).answer.result, 0, "and after a token reset");
}

#[test]
fn a_receipt_that_was_accepted_before_there_were_bounds_can_be_cancelled_and_recounted() {
    let huge = "92233720368547758.07";
    let draft = card_sale(huge).with("items.commodity.quantity", u64::MAX).at("10:00");
    let raw = crate::harness::framed(203, crate::harness::REGISTER, 5, 1, &draft.payload("10:00"));
    let mut recount = ofd_protocol::register::Recount::begin_shift(Default::default());
    recount.add(&raw).unwrap();
    assert_eq!(recount.lifetime.non_nullable[2], i64::MAX);
    let cancelled = crate::harness::framed(203, crate::harness::REGISTER, 5, 2, &cancel().payload("10:00"));
    recount.add(&cancelled).unwrap();
    assert_eq!(recount.lifetime, Default::default());
}

#[test]
fn a_quantity_over_63_bits_is_13() {
    for quantity in [1_u64 << 63, u64::MAX] {
        let path = "items.commodity.quantity";
        refused(sale("1.00").with(path, quantity), "ticket.items[0].commodity.quantity");
        let storno = receipt(SELL).goods("1", "2.00").storno("1", "1.00").cash("1.00").total("1.00");
        let (_, reply) = sent(storno.with("items[1].storno_commodity.quantity", quantity));
        assert_eq!(reply.answer.result, 13);
        for named in [quantity.to_string().as_str(), "ticket.items[1].storno_commodity.quantity"] {
            assert_eq!(reply.text().matches(named).count(), 3, "{named}: {}", reply.text());
        }
    }
    accepted(sale("1.00").with("items.commodity.quantity", (1_u64 << 63) - 1));
}

#[test]
fn numbers_that_nothing_counts_are_taken_as_they_come_with_a_warning() {
    let card = Fields::new().int("pos_autorization_code", 3, u32::MAX).int("pos_rrn", 4, u64::MAX).int(
        "pos_receipt_number",
        5,
        u64::MAX,
    );
    let (uint, uint64) = (1_u32 << 31, 1_u64 << 63);
    let number = |number: u64| Value::Int(number);
    let drafts = [
        sale("1.00").with("operator.code", uint),
        deposit("1.00").with("operator.code", uint),
        close().with("operator.code", uint),
        sale("1.00").with("items.commodity.code", uint64),
        sale("1.00").and("items.commodity", 16, number(uint.into())),
        sale("1.00").tax(16_000, "0.14").and("items.commodity.taxes", 2, number(uint.into())),
        sale("1.00").with("domain.type", uint),
        sale("1.00").offline(u32::MAX),
        sale("1.00").label(uint),
        deposit("1.00").label(uint),
        close().label(uint),
        sale("1.00").printed(uint64),
        deposit("1.00").printed(uint64),
        close().printed(uint64),
        sale("1.00").and("", 15, number(uint.into())),
        card_sale("1.00").and("payments", 3, Value::Message(card)),
        sale_return("1.00").with("parent_ticket.total.coins", 100_u32),
        sale_return("1.00").with_money("parent_ticket.total", TOO_GREAT),
        sale_return("1.00").with("parent_ticket.total.bills", u64::MAX),
    ];
    for draft in drafts {
        let server = accepted(draft.clone());
        assert!(server.all_warnings().contains(&"number-out-of-range"), "{draft:?}");
    }
    let fits = sale("1.00").with("operator.code", uint - 1).label(uint - 1).printed(uint64 - 1);
    assert!(!accepted(fits).all_warnings().contains(&"number-out-of-range"));
}

#[test]
fn a_devices_own_z_report_is_never_judged() {
    let draft =
        close().with("z_report.shift_number", u64::MAX).with("z_report.date_time.date.year", u64::MAX);
    assert_eq!(accepted(draft).all_warnings(), Vec::<&str>::new());
}

#[test]
fn section_codes_that_differ_by_blanks_are_one_section() {
    let mut server = Server::new();
    for code in ["1", " 1", "1\t", "\u{a0}1 "] {
        server.send(receipt(SELL).goods(code, "5.00").cash("5.00").total("5.00"));
    }
    let report = server.send(x()).answer.report.unwrap();
    assert_eq!(report.sections.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(report.sections["1"][2], (4, 20_00));
}

#[test]
fn sections_of_an_open_shift_that_were_counted_apart_come_together() {
    let mut server = Server::new();
    server.send(sale("5.00"));
    server.send(sale("7.00"));
    let apart = server.register.totals.sections["1"];
    let totals = &mut server.register.totals;
    totals.sections.insert(" 1".into(), apart);
    let (kept, mut recounted) = (totals.clone(), totals.clone());
    server.send(sale("1.00"));
    let report = server.send(x()).answer.report.unwrap();
    assert_eq!(report.sections.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(report.sections["1"][2], (5, 25_00));
    // A shift that was closed with them apart agrees with a recount, which has them together.
    recounted.sections = [(
        "1".to_owned(),
        apart.map(|counter| ofd_protocol::register::Counter {
            count: counter.count * 2,
            sum: counter.sum * 2,
        }),
    )]
    .into();
    assert!(kept.agree_with(&recounted) && !recounted.agree_with(&kept));
    recounted.operations[2].sum += 1;
    assert!(!kept.agree_with(&recounted));
}
