//! The views of requests: whatever was read, every accessor, iterator and `Debug` of it can be walked.

#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use ofd_protocol::message::{
    Command, DateTimeRead, ItemPart, ItemType, Modifier, Money, Operation, PlacementOperation, ReportKind,
    Request, ServiceRequest, Tax, TicketRequest,
};
use ofd_protocol::types::LocalDateTime;
use ofd_protocol::wire::Repeated;

fuzz_target!(|data: &[u8]| {
    let Ok(request) = Request::read(data) else { return };
    black_box(format!("{request:?}"));
    black_box(
        request.command.and_then(Command::from_code).map(|command| (command.is_fiscal(), command.name())),
    );
    if let Some(ticket) = request.ticket {
        walk_ticket(&ticket);
    }
    if let Some(close) = request.close_shift {
        walk_moment(close.close_time);
        black_box(close.cashier.and_then(|cashier| cashier.name).map(|name| name.lossy().len()));
    }
    if let Some(report) = request.report {
        walk_moment(report.date_time);
        black_box(report.report.and_then(ReportKind::from_code).map(ReportKind::code));
    }
    if let Some(placement) = request.money_placement {
        walk_moment(placement.date_time);
        walk_money(placement.sum);
        black_box(placement.operation.and_then(PlacementOperation::from_code).map(PlacementOperation::code));
    }
    if let Some(service) = request.service {
        walk_service(&service);
    }
    if let Some(nomenclature) = request.nomenclature {
        black_box(nomenclature.barcode.map(|barcode| (barcode.is_blank(), barcode.lossy().len())));
    }
    if let Some(auth) = request.auth {
        let shown = format!("{auth:?}");
        assert!(shown.contains("redacted"), "a password must not be shown");
        black_box((
            auth.login.map(|login| login.lossy().len()),
            auth.password.map(|password| password.is_utf8()),
        ));
    }
    walk_money(request.qr.and_then(|qr| qr.amount));
});

fn walk_ticket(ticket: &TicketRequest<'_>) {
    assert!(ticket.items.len() <= ticket.raw.len());
    assert_eq!(ticket.items.iter().count(), ticket.items.len());
    assert_eq!(ticket.payments.iter().count(), ticket.payments.len());
    assert_eq!(ticket.items.is_empty(), ticket.items.len() == 0);
    walk_moment(ticket.date_time);
    if let Some(operation) = ticket.operation.and_then(Operation::from_code) {
        assert_eq!(Operation::ALL.get(operation.index()), Some(&operation));
        black_box((operation.is_income(), operation.is_return()));
    }
    for item in ticket.items.iter() {
        let Some(kind) = item.kind.and_then(ItemType::from_code) else { continue };
        black_box((kind.part_name(), kind.is_storno()));
        match item.part(kind) {
            Some(ItemPart::Commodity(commodity)) => {
                [commodity.price, commodity.sum].map(walk_money);
                walk_taxes(commodity.taxes);
                commodity.list_excise_stamp.iter().for_each(|stamp| drop(black_box(stamp.lossy())));
            }
            Some(ItemPart::Modifier(modifier)) => walk_modifier(&modifier),
            None => {}
        }
    }
    for payment in ticket.payments.iter() {
        walk_money(payment.sum);
        black_box(payment.card.map(|card| card.pos_card_type.map(|text| text.lossy().len())));
        black_box(payment.mobile.map(|mobile| mobile.qr_id.map(|text| text.lossy().len())));
    }
    walk_taxes(ticket.taxes);
    if let Some(amounts) = ticket.amounts {
        [amounts.total, amounts.taken, amounts.change].map(walk_money);
        amounts.markup.iter().chain(&amounts.discount).for_each(walk_modifier);
    }
    if let Some(parent) = ticket.parent_ticket {
        walk_moment(parent.date_time);
        walk_money(parent.total);
    }
    if let Some(options) = ticket.extension_options {
        let shown = format!("{options:?}");
        assert!(shown.contains("redacted"), "a customer must not be shown");
        black_box(options.customer_iin_or_bin.map(|text| text.lossy().len()));
    }
}

fn walk_service(service: &ServiceRequest<'_>) {
    assert!(service.date_of_request() >= LocalDateTime::YEAR_2000);
    assert_eq!(service.ticket_ad_infos.iter().count(), service.ticket_ad_infos.len());
    if let Some(period) = service.offline_period {
        [period.begin_time, period.end_time].map(walk_moment);
    }
}

fn walk_modifier(modifier: &Modifier<'_>) {
    walk_money(modifier.sum);
    walk_taxes(modifier.taxes);
    black_box(modifier.name.map(|name| name.lossy().len()));
}

fn walk_taxes(taxes: Repeated<'_, Tax>) {
    assert_eq!(taxes.iter().count(), taxes.len());
    taxes.iter().for_each(|tax| walk_money(tax.sum));
}

fn walk_money(money: Option<Money>) {
    let Some(money) = money else { return };
    if let Some(tiyn) = money.tiyn() {
        let sent = (money.bills.unwrap_or(0), money.coins.unwrap_or(0));
        assert_eq!((tiyn.bills(), tiyn.coins()), sent);
    }
}

fn walk_moment(moment: Option<DateTimeRead>) {
    let Some(read) = moment else { return };
    let shown = read.shown();
    if let Some(moment) = read.moment() {
        // Seconds may be left out, shown as a question mark and read as zero.
        assert!(shown.contains('?') || moment.to_string().ends_with(shown.split(' ').nth(1).unwrap_or("?")));
        black_box((moment.wall_seconds(), moment.compact().to_string()));
    }
}
