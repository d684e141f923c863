//! WIRE 13.10: the buyer is not the seller.

use crate::harness::{BIN, Outcome, Server, buy, deposit, sale, sale_return};

#[test]
fn a_buyer_whose_iin_or_bin_is_the_organisations_is_17() {
    let mut server = Server::new();
    server.send(deposit("10000.00"));
    for draft in [sale("1.00"), sale_return("1.00"), buy("1.00")] {
        let reply = server.send(draft.clone().buyer(BIN));
        assert_eq!(reply.answer.result, 17);
        assert!(reply.text().contains("customer_iin_or_bin"), "{}", reply.text());
        let reply = server.send(draft.buyer("900101300123"));
        assert!(matches!(reply.outcome, Outcome::Accepted(_)));
    }
    assert!(matches!(server.send(sale("1.00").buyer("")).outcome, Outcome::Accepted(_)));
}

#[test]
fn result_code_17_exists_since_202() {
    let mut server = Server::new();
    for (version, code) in [(124, 13), (125, 13), (200, 13), (201, 13), (202, 17), (203, 17), (204, 17)] {
        assert_eq!(server.send(sale("1.00").buyer(BIN).version(version)).answer.result, code, "{version}");
    }
}
