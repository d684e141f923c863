//! WIRE 13.13: texts decide too. That no refusal holds a forbidden word is checked by the harness in every test.

use ofd_protocol::refusal::Unavailable;
use ofd_protocol::register::unavailable_answer;
use ofd_protocol::version::Version;

use crate::harness::{Answer, Server, sale, system};

#[test]
fn texts_of_254_and_255_always_hold_timeout() {
    for reason in Unavailable::ALL {
        for command in [None, Some(0), Some(1), Some(127)] {
            let payload = unavailable_answer(command, reason).payload(Version::V203);
            let answer = Answer::read(&payload, Version::V203);
            assert!([254, 255].contains(&answer.result));
            assert_eq!(answer.command, u64::from(command.unwrap_or(0)));
            assert!(answer.text.unwrap().contains("timeout"));
        }
    }
}

#[test]
fn reasons_of_a_block_come_into_texts_only_when_free_of_the_words() {
    for reason in ["lost CONNECTION", "time-out", "a network\nfault", "unknown owner", "empty  response"] {
        let mut server = Server::new();
        server.block(reason);
        let reply = server.send(system());
        assert_eq!(reply.answer.result, 15);
        let [(_, _, ad)] = &reply.answer.service.as_ref().unwrap().ads[..] else { panic!() };
        assert_eq!(ad, reply.text());
    }
}

#[test]
fn strings_of_a_request_never_smuggle_a_word_into_a_text() {
    let mut server = Server::new();
    for word in ["connection", "timeout", "network", "unknown"] {
        let drafts = [
            sale("1.00").with_text("items.commodity.name", word).without("amounts"),
            sale("1.00").buyer(word).without("operator"),
            sale("1.00").with_text("operator.name", word).without("items"),
            sale("1.00").with_text("items.commodity.section_code", word).total("5.00"),
        ];
        for draft in drafts {
            assert_eq!(server.send(draft).answer.result, 13);
        }
    }
}

#[test]
fn every_refusal_has_a_text_in_which_a_cashier_finds_what_to_do() {
    let mut server = Server::new();
    let reply = server.send(sale("1.00").token(5));
    assert_eq!(reply.text().split(" / ").count(), 3, "Russian, Kazakh, English");
    assert!(!reply.text().contains(char::is_control));
}
