//! WIRE 13.9: what cannot be read is answered with 3 and never makes us panic.

use ofd_protocol::frame::{self, FRAME_LEN_MAX, FrameError};

use crate::harness::{FIRST_TOKEN, Outcome, REGISTER, Server, Value, framed, sale, system};

/// The result and command of the answer to a payload.
fn answered(payload: &[u8]) -> (u64, u64) {
    let mut server = Server::new();
    let reply = server.receive(&framed(203, REGISTER, FIRST_TOKEN, 5, payload), false);
    assert_eq!(reply.token, FIRST_TOKEN);
    assert_eq!(reply.answer.service, None);
    (reply.answer.result, reply.answer.command)
}

#[test]
fn broken_protobuf_is_3_with_command_0() {
    let payload = sale("500.00").payload("10:00");
    assert_eq!(answered(&payload[..payload.len() - 1]), (3, 0));
    assert_eq!(answered(&[0xFF; 40]), (3, 0));
    assert_eq!(answered(&[0x08, 0x01, 0x12, 0x05, 0x08]), (3, 0), "a ticket that ends too early");
    assert_eq!(answered(b"GET / HTTP/1.1"), (3, 0));
}

#[test]
fn a_payload_without_a_command_is_3_with_command_0() {
    assert_eq!(answered(&[]), (3, 0));
    assert_eq!(answered(&system().without("command").payload("10:00")), (3, 0));
    assert_eq!(answered(&[0x0A, 0x01, 0x31]), (3, 0), "a command that is no integer");
}

#[test]
fn a_size_under_18_or_over_the_limit_is_3_with_command_0() {
    let frame = framed(203, REGISTER, FIRST_TOKEN, 5, &system().payload("10:00"));
    for size in [0_u32, 17, FRAME_LEN_MAX as u32 + 1, u32::MAX] {
        let mut hostile = frame.clone();
        hostile[4..8].copy_from_slice(&size.to_le_bytes());
        let reply = Server::new().receive(&hostile, false);
        assert_eq!((reply.answer.result, reply.answer.command), (3, 0), "SIZE {size}");
        assert_eq!(reply.token, FIRST_TOKEN);
    }
    assert_eq!(FRAME_LEN_MAX, 1 << 20);
}

#[test]
fn a_wrong_appcode_is_no_frame() {
    let mut frame = framed(203, REGISTER, FIRST_TOKEN, 5, &[8, 0]);
    frame[0] = 0xA3;
    assert!(matches!(frame::header(&frame), Err(FrameError::Foreign(_))));
}

#[test]
fn a_version_we_do_not_speak_is_3() {
    let mut server = Server::new();
    for version in [0, 100, 123, 126, 199, 205, 300, u16::MAX] {
        let reply = server.send(system().version(version));
        assert_eq!(reply.answer.result, 3, "{version}");
    }
    for version in [124, 125, 200, 201, 202, 203, 204] {
        assert_eq!(server.send(system().version(version)).outcome, Outcome::Answered, "{version}");
    }
}

#[test]
fn unknown_fields_are_skipped_and_kept_with_the_document() {
    let mut server = Server::new();
    let marker = b"a field of the year 2040".to_vec();
    let draft = sale("500.00")
        .and("", 200, Value::Bytes(marker.clone()))
        .and("items.commodity", 1000, Value::Int(7))
        .and("amounts", 77, Value::Bytes(marker.clone()));
    let reply = server.send(draft);
    assert!(matches!(reply.outcome, Outcome::Accepted(_)), "{:?}", reply.outcome);
    let raw = &server.document(1, 1).raw;
    assert_eq!(raw.windows(marker.len()).filter(|window| *window == marker.as_slice()).count(), 2);
}

#[test]
fn a_message_as_long_as_the_limit_allows_is_read() {
    let mut server = Server::new();
    let mut draft = sale("0.00");
    for _ in 0..7000 {
        draft = draft.goods("1", "0.00");
    }
    let reply = server.send(draft.text(&"x".repeat(300_000)));
    assert!(matches!(reply.outcome, Outcome::Accepted(_)), "{:?}", reply.outcome);
    assert_eq!(server.register.totals.operations[2].count, 7001);
}

#[test]
fn the_longest_receipt_of_the_smallest_items_is_read_to_its_end() {
    let mut server = Server::new();
    // 100 000 commodities of 9 bytes each: type 1, a commodity with an empty sum.
    let item = crate::harness::Fields::new().int("type", 1, 1_u32).message(
        "commodity",
        2,
        crate::harness::Fields::new().message("sum", 6, crate::harness::Fields::new()),
    );
    let mut draft = crate::harness::receipt(crate::harness::SELL);
    for _ in 0..100_000 {
        draft.content().push("items", 5, Value::Message(item.clone()));
    }
    let reply = server.send(draft);
    assert!(matches!(reply.outcome, Outcome::Accepted(_)), "{:?}", reply.outcome);
    assert_eq!(server.register.totals.sections["0"][2].count, 100_000);
}
