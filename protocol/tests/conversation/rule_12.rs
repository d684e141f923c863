//! WIRE 13.12: the bytes of every accepted request are the fiscal document.

use ofd_protocol::register::chain;

use crate::harness::{FIRST_TOKEN, REGISTER, Server, deposit, framed, sale, system, withdraw};

#[test]
fn the_bytes_of_every_accepted_request_are_kept_exactly_as_they_came() {
    let mut server = Server::new();
    // Fields backwards, a field of the future, an integer written longer than needed: none of it is made straight.
    let mut payload = sale("500.00").reversed().at("10:00").payload("10:00");
    payload.extend([0x78, 0x85, 0x80, 0x80, 0x00]);
    let raw = framed(203, REGISTER, FIRST_TOKEN, 9, &payload);
    assert_eq!(server.receive(&raw, false).answer.result, 0);
    assert_eq!(server.document(1, 1).raw, raw);
}

#[test]
fn every_document_is_chained_to_the_one_before() {
    let mut server = Server::new();
    let mut value = [0; 32];
    for draft in
        [deposit("5.00"), system(), sale("500.00"), withdraw("900.00"), crate::harness::close(), sale("1.00")]
    {
        let documents = server.documents.len();
        server.send(draft);
        if server.documents.len() > documents {
            let (_, last) = server.documents.last_key_value().unwrap();
            value = chain(&value, &last.raw);
        }
        assert_eq!(server.register.chain, value);
    }
    assert_eq!(server.documents.len(), 4);
}
