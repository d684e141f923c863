//! Time stamps that are asked for: which files have none, and which answers are answers.

use ofd_eds::{FormatError, StampFault, Unstamped};

use crate::stand::data;

#[test]
fn a_file_with_a_time_stamp_or_several_signers_wants_none() {
    for (name, wants) in [
        ("head", true),
        ("detached", true),
        ("rsa", true),
        ("streamed", true),
        ("stamped-rsa", false),
        ("stamped-gost", false),
        ("two", false),
        ("no-signers", false),
    ] {
        let read = Unstamped::read(&data(&format!("cms/{name}.cms"))).unwrap();
        assert_eq!(read.is_some(), wants, "{name}");
    }
    assert!(matches!(Unstamped::read(b"0 no file"), Err(FormatError::Malformed { .. })));
}

#[test]
fn what_is_no_answer_to_the_request_is_not_taken() {
    let file = Unstamped::read(&data("cms/head.cms")).unwrap().unwrap();
    // A rejection, an answer without a token, and bytes that are none.
    for (answer, why) in [
        (&[0x30, 5, 0x30, 3, 2, 1, 2][..], StampFault::Refused(2)),
        (&[0x30, 5, 0x30, 3, 2, 1, 0], StampFault::Unreadable),
        (b"<html>", StampFault::Unreadable),
        (b"", StampFault::Unreadable),
    ] {
        assert_eq!(file.stamped(answer, [7; 16]), Err(why), "{answer:?}");
    }
}
