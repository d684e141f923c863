//! Our reader of requests against prost's: random requests that follow the schema, and the same damaged.
//!
//! Wherever prost accepts, ours must accept and have the same. Known differences, none of which refuses more than
//! prost does: ours takes the last of two singular messages where prost merges them (skipped here), and tolerates
//! texts that are not UTF-8 and known fields of another wire type.

use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::wire::Fields;
use ofd_tests::oracle::lenient;
use ofd_tests::random::with_seeds;
use ofd_tests::{generate, oracle, views};
use prost::Message;

/// Requests for each seed.
const REQUESTS: usize = 250;

/// Damaged copies of each request.
const COPIES: usize = 20;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Same,
    RefusedByProst,
    MergedByProst,
}

fn compare(payload: &[u8]) -> Outcome {
    let ours = Request::read(payload);
    // Walks every iterator, whatever was read.
    if let Ok(ours) = &ours {
        let _walked = (format!("{ours:?}"), views::request(ours));
    }
    let Ok(theirs) = lenient::Request::decode(payload) else { return Outcome::RefusedByProst };
    if oracle::merges(payload) {
        return Outcome::MergedByProst;
    }
    let ours =
        ours.unwrap_or_else(|error| panic!("prost reads what ours refuses with {error}: {payload:02X?}"));
    assert_eq!(views::request(&ours), views::request_by_prost(&theirs), "the bytes were {payload:02X?}");
    let parts = views::raw_parts(&ours);
    let theirs = views::request_by_prost(&theirs);
    for (name, part) in parts.as_object().expect("parts are an object") {
        assert_eq!(*part, theirs[name], "the bytes kept of {name}; all were {payload:02X?}");
    }
    Outcome::Same
}

#[test]
fn our_reader_and_prost_have_the_same_of_every_valid_request() {
    with_seeds(|random| {
        for _ in 0..REQUESTS {
            let request = generate::request_by_prost(random);
            assert_eq!(compare(&request), Outcome::Same);
        }
    });
}

#[test]
fn what_prost_accepts_of_damaged_requests_our_reader_accepts_and_has_the_same_of() {
    with_seeds(|random| {
        let (mut same, mut refused) = (0, 0);
        for _ in 0..REQUESTS {
            let request = generate::request(random);
            for _ in 0..COPIES {
                let mut damaged = request.clone();
                generate::damage(random, &mut damaged);
                match compare(&damaged) {
                    Outcome::Same => same += 1,
                    Outcome::RefusedByProst => refused += 1,
                    Outcome::MergedByProst => {}
                }
            }
        }
        // Else the damage is too light or too heavy to say anything.
        assert!(
            same > REQUESTS / 2 && refused > REQUESTS / 2,
            "{same} read the same, {refused} refused by prost"
        );
    });
}

#[test]
fn the_fields_of_a_request_are_walked_to_the_end_whatever_their_bytes() {
    with_seeds(|random| {
        for _ in 0..REQUESTS * 10 {
            let mut bytes = generate::request(random);
            generate::damage(random, &mut bytes);
            let walked = Fields::new(&bytes).take(bytes.len() + 1).count();
            assert!(walked <= bytes.len(), "{walked} fields in {} bytes", bytes.len());
            let _split = frame::split(&bytes);
        }
    });
}
