//! WIRE sections 5, 7, 11 and 12: what answers hold. That required fields are there, zero too, and that a service
//! part is whole, the harness checks of every answer.

use ofd_protocol::message::answer::{TicketAd, TicketAdKind};

use crate::harness::{
    BIN, Draft, FIRST_TOKEN, FNS_KKM_ID, Fields, Outcome, SITE, Server, Value, auth, cancel, close, deposit,
    info, nomenclature, sale, system, tiyn, x,
};

#[test]
fn a_ticket_gets_a_number_of_12_to_18_digits_and_the_text_of_its_qr_code() {
    let mut server = Server::new();
    for (sum, shown) in
        [("696.90", "696.90"), ("500.00", "500.00"), ("0.05", "0.05"), ("1000000.00", "1000000.00")]
    {
        let reply = server.send(sale(sum).at("17:09:06"));
        let (number, qr) = reply.answer.ticket.unwrap();
        assert!((12..=18).contains(&number.len()) && !number.starts_with('0'));
        assert!(number.parse::<i64>().is_ok(), "digits, below 2^63");
        assert_eq!(qr, format!("{SITE}?i={number}&f={FNS_KKM_ID}&s={shown}&t=20260122T170906"));
        assert!(tiyn(sum) > 0);
    }
}

#[test]
fn the_answer_names_the_command_as_it_was_asked() {
    let mut server = Server::new();
    let drafts = [
        (system(), 0),
        (sale("1.00"), 1),
        (cancel(), 7),
        (close(), 2),
        (x(), 3),
        (nomenclature(), 4),
        (info(), 5),
        (deposit("1.00"), 6),
        (auth(), 8),
    ];
    for (draft, command) in drafts {
        let answer = server.send(draft).answer;
        assert_eq!((answer.command, answer.result, answer.text), (command, 0, None));
    }
}

#[test]
fn nomenclature_without_catalogue_data_is_2_and_3_when_asked_by_barcode() {
    let mut server = Server::new();
    let by_barcode = || nomenclature().and("", 2, Value::Bytes(b"4870000000000".to_vec()));
    for version in [124, 125, 200, 201, 202, 203, 204] {
        assert_eq!(server.send(nomenclature().version(version)).answer.nomenclature, Some(2), "{version}");
        let found = server.send(by_barcode().version(version)).answer.nomenclature;
        assert_eq!(
            found,
            Some(if version >= 203 { 3 } else { 2 }),
            "barcode is a field since 203: {version}"
        );
    }
}

#[test]
fn without_a_list_of_cashiers_every_auth_gets_1() {
    assert_eq!(Server::new().send(auth()).answer.auth, Some(1));
    assert_eq!(Server::new().send(auth().without("login").without("password")).answer.auth, Some(1));
}

#[test]
fn a_service_part_comes_with_info_and_whenever_get_reg_info_is_true() {
    for version in [124, 125, 200, 201, 202, 203, 204] {
        let mut server = Server::new();
        for draft in [system(), sale("1.00"), deposit("1.00"), x(), nomenclature(), auth(), close()] {
            let plain = server.send(draft.clone().version(version));
            assert_eq!(plain.answer.service, None);
            let asked = server.send(draft.reg_info().version(version).at_later());
            let service = asked.answer.service.expect("asked for");
            assert_eq!((service.fns_kkm_id.as_str(), service.inn.as_str()), (FNS_KKM_ID, BIN));
            assert_eq!(service.last_document, None);
        }
        let service = server.send(info().version(version)).answer.service.expect("with INFO");
        assert_eq!(service.ads, []);
        assert!(service.last_document.is_some());
    }
}

#[test]
fn a_service_part_comes_with_refusals_but_1_2_and_3() {
    let mut server = Server::new();
    let whole = [
        (crate::harness::withdraw("1.00"), 14),
        (sale("1.00").without("operator"), 13),
        (sale("1.00").buyer(BIN), 17),
        (cancel(), 10),
        (system().tls(), 7),
    ];
    for (draft, code) in whole {
        let reply = server.send(draft.clone());
        assert_eq!((reply.answer.result, reply.answer.service), (code, None), "not asked for");
        let reply = server.send(draft.reg_info());
        assert_eq!(reply.answer.result, code);
        assert!(reply.answer.service.is_some(), "{code}");
    }
    for draft in
        [system().register(999), system().token(5), system().version(199), system().without("command")]
    {
        let reply = server.send(draft.reg_info());
        assert!([1, 2, 3].contains(&reply.answer.result));
        assert_eq!(reply.answer.service, None);
    }
}

#[test]
fn a_service_part_comes_with_an_info_that_is_refused() {
    let reply = Server::new().send(info().tls());
    assert_eq!(reply.answer.result, 7);
    assert!(reply.answer.service.is_some(), "it is sent with INFO, refusals but 1, 2, 3 included");
}

/// A text for receipts.
fn ad(kind: TicketAdKind, version: u64) -> TicketAd {
    TicketAd { kind, version, text: format!("{kind:?} {version}") }
}

/// A sale of a till that names the texts it holds, by type and version.
fn sale_holding(held: &[(u32, u64)]) -> Draft {
    let mut draft = sale("1.00");
    for (kind, version) in held {
        let info = Fields::new().int("type", 1, *kind).int("version", 2, *version);
        draft.body.at("service").push("ticket_ad_info", 6, Value::Message(info));
    }
    draft
}

#[test]
fn a_till_gets_the_texts_that_are_newer_than_those_it_names() {
    let mut server = Server::new();
    server.ads = vec![ad(TicketAdKind::Ofd, 7), ad(TicketAdKind::Kkm, 9)];
    let mut ads = |held: &[(u32, u64)]| {
        let service = server.send(sale_holding(held).at_later()).answer.service;
        service
            .map(|service| service.ads.iter().map(|(kind, version, _)| (*kind, *version)).collect::<Vec<_>>())
    };
    assert_eq!(ads(&[]), Some(vec![(0, 7), (3, 9)]), "with a whole service part, asked for or not");
    assert_eq!(ads(&[(0, 7)]), Some(vec![(3, 9)]));
    assert_eq!(ads(&[(0, 6), (3, 10)]), Some(vec![(0, 7)]));
    assert_eq!(ads(&[(0, 7), (3, 9)]), None, "nothing is newer, and registration data were not asked for");
    assert_eq!(ads(&[(1, 99), (4, 99)]), Some(vec![(0, 7), (3, 9)]), "each kind counts for itself");
}

#[test]
fn a_till_that_says_nothing_of_itself_gets_texts_with_info_alone() {
    let mut server = Server::new();
    server.ads = vec![ad(TicketAdKind::Ofd, 7)];
    assert_eq!(server.send(sale("1.00").without("service")).answer.service, None);
    let service = server.send(info().without("service")).answer.service.unwrap();
    assert_eq!(service.ads, [(0, 7, "Ofd 7".to_owned())]);
}

#[test]
fn refusals_bring_no_text_but_the_one_about_themselves() {
    let mut server = Server::new();
    server.ads = vec![ad(TicketAdKind::Ofd, 7)];
    let refused = server.send(sale("1.00").without("operator").reg_info());
    assert_eq!((refused.answer.result, refused.answer.service.unwrap().ads), (13, Vec::new()));
    server.block("x");
    let kinds: Vec<u64> =
        server.send(system()).answer.service.unwrap().ads.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [4]);
}

#[test]
fn a_receipt_that_comes_again_gets_the_text_of_its_first_answer() {
    let mut server = Server::new();
    server.ads = vec![ad(TicketAdKind::Ofd, 7)];
    let draft = sale("1.00").at("10:05").req(7).token(FIRST_TOKEN);
    let first = server.send(draft.clone());
    assert_eq!(first.answer.service.as_ref().unwrap().ads.len(), 1);
    server.ads.clear();
    assert_eq!(server.send(draft).payload, first.payload);
}

#[test]
fn registration_data_have_kazakh_addresses_but_in_202_and_the_operators_block_in_204() {
    let mut server = Server::new();
    for version in [124, 125, 200, 201, 202, 203, 204] {
        let service = server.send(info().version(version)).answer.service.unwrap();
        assert_eq!(service.addresses_kz.iter().all(Option::is_some), version != 202);
        assert_eq!(service.ofd.is_some(), version == 204);
    }
}

#[test]
fn what_a_device_says_in_its_service_part_is_never_a_reason_to_refuse() {
    let mut server = Server::new();
    let strange = sale("1.00").offline_period("2026-02-30 25:61:61", "0-00-00 00:00:00");
    assert!(matches!(server.send(strange).outcome, Outcome::Accepted(_)));
    let other = Value::Bytes(b"\x0A\x03abc".to_vec());
    let mut placeholder = sale("1.00");
    *placeholder.body.value("service.reg_info") = other;
    assert!(matches!(server.send(placeholder).outcome, Outcome::Accepted(_)));
}

#[test]
fn last_document_info_has_the_tills_label_or_our_number_and_the_printed_number() {
    let mut server = Server::new();
    let last = |server: &mut Server| server.send(info()).answer.service.unwrap().last_document;
    assert_eq!(last(&mut server), None, "no document yet");
    server.send(sale("1.00"));
    assert_eq!(last(&mut server), Some((1, None)));
    server.send(sale("1.00").label(812).printed(34));
    assert_eq!(last(&mut server), Some((812, Some(34))));
    server.send(close().label(812).printed(35));
    assert_eq!(last(&mut server), Some((812, Some(35))));
    server.block("x");
    server.change(&ofd_protocol::register::Change::Unblock { reason: String::new() }).unwrap();
    assert_eq!(last(&mut server), Some((812, Some(35))));
    server.send(deposit("1.00").printed(0));
    assert_eq!(last(&mut server), Some((2, None)));
}

#[test]
fn optional_numbers_of_a_register_come_only_when_they_have_a_value() {
    let mut server = Server::new();
    server.registration.point_of_payment_number = Some("7".into());
    assert!(server.send(info()).answer.service.is_some());
}
