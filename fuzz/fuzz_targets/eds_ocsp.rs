//! OCSP answers: they are read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ofd_eds::RevocationData;

fuzz_target!(|data: &[u8]| {
    let first = RevocationData::default().add_ocsp(data.to_vec());
    assert_eq!(RevocationData::default().add_ocsp(data.to_vec()), first);
});
