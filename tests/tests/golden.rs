//! The golden frames: requests as registers send them, read by every reader we have.

use std::path::Path;
use std::{env, fs};

use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_tests::oracle::lenient;
use ofd_tests::{oracle, views};
use prost::Message;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    version: u16,
    id: u32,
    token: u32,
    reqnum: u16,
    request: Value,
    #[serde(deserialize_with = "hex")]
    frame: Vec<u8>,
}

fn hex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    hex::decode(text).map_err(serde::de::Error::custom)
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../data/vectors.json")).expect("vectors.json has the known form");
    assert!(vectors.len() >= 24, "only {} vectors", vectors.len());
    vectors
}

fn payload(vector: &Vector) -> &[u8] {
    frame::whole(&vector.frame).unwrap_or_else(|error| panic!("{}: {error}", vector.name)).payload
}

/// An empty list and none are the same bytes.
fn without_empty_lists(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| *value != Value::Array(Vec::new()));
            Value::Object(kept.map(|(name, value)| (name, without_empty_lists(value))).collect())
        }
        Value::Array(values) => values.into_iter().map(without_empty_lists).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[test]
fn the_headers_of_golden_frames_say_what_their_descriptions_say() {
    for vector in vectors() {
        let (frame, rest) = frame::split(&vector.frame).unwrap().expect("a whole frame");
        let header = frame.header;
        assert!(rest.is_empty(), "{}", vector.name);
        assert_eq!(
            (header.version, header.register.0, header.token.0, header.request.0, header.size as usize),
            (vector.version, vector.id, vector.token, vector.reqnum, vector.frame.len()),
            "{}",
            vector.name
        );
    }
}

#[test]
fn golden_frames_that_come_in_one_stream_are_split_where_they_were_joined() {
    let vectors = vectors();
    let stream: Vec<u8> = vectors.iter().flat_map(|vector| vector.frame.clone()).collect();
    let mut rest = stream.as_slice();
    for vector in &vectors {
        let (frame, after) = frame::split(rest).unwrap().expect("a whole frame");
        assert_eq!(frame.payload, payload(vector), "{}", vector.name);
        rest = after;
    }
    assert!(rest.is_empty());
}

#[test]
fn prost_reads_of_golden_frames_what_their_descriptions_say_and_nothing_else() {
    for vector in vectors() {
        let payload = payload(&vector);
        let read = lenient::Request::decode(payload).unwrap();
        // Nothing is lost in what the schema does not know: prost drops unknown fields.
        assert_eq!(read.encoded_len(), payload.len(), "{}", vector.name);
        assert_eq!(oracle::to_json(&read), without_empty_lists(vector.request), "{}", vector.name);
    }
}

#[test]
fn our_views_of_golden_frames_show_what_prost_reads() {
    for vector in vectors() {
        let ours = Request::read(payload(&vector)).unwrap();
        let theirs = lenient::Request::decode(payload(&vector)).unwrap();
        assert_eq!(views::request(&ours), views::request_by_prost(&theirs), "{}", vector.name);
    }
}

/// The environment variable that makes the seeds anew.
const WRITE_SEEDS: &str = "OFD_WRITE_SEEDS";

#[test]
fn the_seeds_of_the_fuzz_targets_are_the_golden_frames() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    for vector in vectors() {
        let name: String =
            vector.name.chars().map(|char| if char.is_alphanumeric() { char } else { '_' }).collect();
        for (target, bytes) in [("frame", vector.frame.as_slice()), ("message", payload(&vector))] {
            let path = seeds.join(target).join(&name);
            if env::var_os(WRITE_SEEDS).is_some() {
                fs::create_dir_all(seeds.join(target)).unwrap();
                fs::write(&path, bytes).unwrap();
            }
            let seed = fs::read(&path).unwrap_or_default();
            assert!(
                seed == bytes,
                "{} is not the golden frame; run this test with {WRITE_SEEDS}=1",
                path.display()
            );
        }
    }
}
