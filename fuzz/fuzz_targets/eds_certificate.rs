//! Certificates: what is read can be read again from its own bytes, and says the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ofd_eds::Certificate;

fuzz_target!(|data: &[u8]| {
    let Ok(certificate) = Certificate::read(data) else { return };
    assert_eq!(Certificate::read(certificate.der()).as_ref(), Ok(&certificate));
    let subject = certificate.subject();
    for number in [&subject.iin, &subject.bin].into_iter().flatten() {
        assert!(number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()));
    }
    assert!(subject.full_name().is_none_or(|name| !name.chars().any(char::is_control)));
    let _ = (certificate.roles(), certificate.serial(), certificate.not_after().to_string());
});
