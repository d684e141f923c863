//! Splitting of a byte stream into frames: whatever comes, the parts are the stream, and pieces change nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ofd_protocol::frame::{self, FRAME_LEN_MAX, HEADER_LEN};

fuzz_target!(|data: &[u8]| {
    let mut rest = data;
    while let Ok(Some((frame, after))) = frame::split(rest) {
        let len = rest.len() - after.len();
        assert_eq!(frame.payload.len() + HEADER_LEN, len);
        assert_eq!(usize::try_from(frame.header.size), Ok(len));
        assert!(len <= FRAME_LEN_MAX);
        assert_eq!(frame::whole(&rest[..len]).map(|whole| whole.payload), Ok(frame.payload));
        // One byte less is no frame yet, never another one.
        assert_eq!(frame::split(&rest[..len - 1]), Ok(None));
        rest = after;
    }
    // What is refused with more bytes may only have been incomplete with fewer.
    for cut in 0..rest.len().min(HEADER_LEN) {
        if let Err(early) = frame::header(&rest[..cut]) {
            let late = frame::header(rest).expect_err("an error does not heal");
            // The message shows the first two bytes, of which one may not have come yet.
            assert_eq!(std::mem::discriminant(&early), std::mem::discriminant(&late));
        }
    }
});
