//! Files as other programs write them, files that somebody else added to, and files that would cost too much.

use ofd_eds::{Fact, HashAlgorithm, ObjectIdentifier, Overall, Reason, Revocation, TimeStampFault};
use ofd_stand::workshop::{
    Draft, Habits, Made, TIME_STAMPS, attribute, file, identifier, issuer_serial, name_der, sequence_of,
    signature, signer, tagged, token,
};

use crate::shop::{CA, Judge, ROOT, day, judge, person, with_beside};
use crate::stand::{NOW, TEXT, only};

const fn id(text: &'static str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const GOST_KEY: ObjectIdentifier = id("1.2.398.3.10.1.1.2.2");
const STREEBOG: ObjectIdentifier = id("1.2.398.3.10.1.3.3");
const RSA_KEY: ObjectIdentifier = id("1.2.840.113549.1.1.1");
const RSA_SHA384: ObjectIdentifier = id("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = id("1.2.840.113549.1.1.13");
const RSA_PSS: ObjectIdentifier = id("1.2.840.113549.1.1.10");
const SHA1: ObjectIdentifier = id("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = id("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = id("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = id("2.16.840.1.101.3.4.2.3");
const SHA3: ObjectIdentifier = id("2.16.840.1.101.3.4.2.8");

fn plain() -> Habits {
    Habits::default()
}

/// ESSCertIDv2: by this hash, with issuer and number or without.
fn named(
    by: &Made,
    hash: Option<(ObjectIdentifier, HashAlgorithm)>,
    issuer_serial: Option<Vec<u8>>,
) -> Habits {
    let algorithm = hash.map(|(id, _)| sequence_of(&[identifier(id)]));
    let digest = hash.map_or(HashAlgorithm::Sha256, |(_, hash)| hash).hash(by.der());
    let parts = [algorithm, Some(tagged(4, &digest)), issuer_serial].into_iter().flatten();
    Habits { named: Some(sequence_of(&parts.collect::<Vec<_>>())), ..plain() }
}

fn rsa_person() -> Made {
    Draft::person("rsa", NOW).with_rsa().by(&CA)
}

// Algorithms.

#[test]
fn the_keys_own_identifier_names_the_signature_as_native_kalkan_writes_it() {
    let anna = person("anna");
    let habits = Habits { signature: Some(GOST_KEY), ..plain() };
    assert_eq!(with_beside(&anna, &habits, &[anna.der()]).reason, None);
}

#[test]
fn sha_384_and_sha_512_are_taken_in_signatures_and_names_of_certificates() {
    let by = rsa_person();
    for (hash, id, signature) in
        [(HashAlgorithm::Sha384, SHA384, RSA_SHA384), (HashAlgorithm::Sha512, SHA512, RSA_SHA512)]
    {
        for signature in [signature, RSA_KEY] {
            let habits = Habits {
                hash: Some(id),
                signature: Some(signature),
                rsa_hash: Some(hash),
                ..named(&by, Some((id, hash)), None)
            };
            assert_eq!(with_beside(&by, &habits, &[by.der()]).reason, None, "{hash:?} {signature}");
        }
    }
}

#[test]
fn what_was_not_checked_is_told_as_unchecked_and_never_as_bad() {
    let by = rsa_person();
    for (hash, signature, reason) in [
        (SHA3, RSA_KEY, Reason::AlgorithmUnknown),
        (SHA256, RSA_PSS, Reason::AlgorithmUnknown),
        (SHA1, RSA_KEY, Reason::AlgorithmNotAllowed),
        (STREEBOG, RSA_SHA512, Reason::AlgorithmNotAllowed),
    ] {
        let habits = Habits { hash: Some(hash), signature: Some(signature), ..plain() };
        let verdict = with_beside(&by, &habits, &[by.der()]);
        assert_eq!(
            (verdict.signature, verdict.reason),
            (Fact::Unchecked, Some(reason)),
            "{hash} {signature}"
        );
        assert_eq!(verdict.overall(), Overall::Indeterminate);
    }
    let habits = named(&by, Some((SHA3, HashAlgorithm::Sha256)), None);
    let verdict = with_beside(&by, &habits, &[by.der()]);
    assert_eq!((verdict.signature, verdict.reason), (Fact::Ok, Some(Reason::AlgorithmUnknown)));
}

#[test]
fn a_key_of_1024_bits_is_too_weak_and_not_bad() {
    let weak = Draft::person("weak", NOW).with_rsa().with_made_up_rsa(1024, 0xC5).by(&CA);
    let verdict = with_beside(&weak, &plain(), &[weak.der()]);
    assert_eq!((verdict.signature, verdict.digest), (Fact::Unchecked, Fact::Ok));
    assert_eq!((verdict.reason, verdict.overall()), (Some(Reason::KeyTooWeak), Overall::Indeterminate));
}

// signingCertificate (RFC 5035).

#[test]
fn issuer_and_number_in_signing_certificate_must_be_those_of_the_certificate() {
    let anna = person("anna");
    let right = with_beside(&anna, &named(&anna, None, Some(anna.issuer_serial())), &[anna.der()]);
    assert_eq!(right.reason, None);
    let issuer = name_der(&[(ofd_stand::workshop::COMMON_NAME, "ca TEST")]);
    let other = name_der(&[(ofd_stand::workshop::COMMON_NAME, "other TEST")]);
    for wrong in [issuer_serial(&issuer, &[5]), issuer_serial(&other, &[5]), person("boris").issuer_serial()]
    {
        let verdict = with_beside(&anna, &named(&anna, None, Some(wrong)), &[anna.der()]);
        assert_eq!(verdict.reason, Some(Reason::SigningCertificateMismatch));
    }
}

// Bystanders.

#[test]
fn certificates_that_lie_beside_change_nothing_wherever_they_stand() {
    let anna = person("anna");
    // As many of her issuer and number as fit, each with another key.
    let decoys: Vec<_> =
        (0..30).map(|n| Draft::person(&format!("decoy {n}"), NOW).numbered_as(&anna).by(&CA)).collect();
    let mut beside: Vec<&[u8]> = decoys.iter().map(Made::der).collect();
    beside.push(anna.der());
    assert_eq!(with_beside(&anna, &plain(), &beside).reason, None);
    // One with her key that no CA signed, and one that expired names nobody else either.
    let copy = Draft::person("copy", NOW).key_of(&anna).numbered_as(&anna).self_signed();
    for beside in [[copy.der(), anna.der()], [anna.der(), copy.der()], [anna.der(), anna.der()]] {
        assert_eq!(with_beside(&anna, &plain(), &beside).reason, None);
    }
    // What cannot be read.
    let junk = sequence_of(&[tagged(4, b"no certificate")]);
    assert_eq!(with_beside(&anna, &plain(), &[&junk, anna.der()]).reason, None);
    let verdict = with_beside(&anna, &plain(), &[&junk]);
    assert_eq!(
        (verdict.signature, verdict.reason),
        (Fact::Unchecked, Some(Reason::SignerCertificateUnreadable))
    );
}

#[test]
fn cas_that_lie_beside_change_nothing_wherever_they_stand() {
    let anna = person("anna");
    let twin =
        |label: &str| Draft::authority(label, NOW).named(&[(ofd_stand::workshop::COMMON_NAME, "ca TEST")]);
    let no_ca = Draft::person("no ca", NOW).named(&[(ofd_stand::workshop::COMMON_NAME, "ca TEST")]);
    let twins = [
        twin("one").without_identifiers().self_signed(),
        twin("two").key_of(&CA).self_signed(),
        no_ca.key_of(&CA).by(&ROOT),
    ];
    for is_first in [true, false] {
        let mut beside: Vec<&[u8]> = twins.iter().map(Made::der).collect();
        beside.insert(if is_first { 0 } else { 3 }, CA.der());
        beside.push(anna.der());
        let mut judge = Judge::of(&[]);
        judge.lists = vec![CA.list(&[], NOW), ROOT.list(&[], NOW)];
        let verdict = only(judge.judge(&file(TEXT, &[signer(&anna, TEXT, &plain())], &beside)));
        assert_eq!(verdict.reason, None, "{is_first}");
    }
}

#[test]
fn unsigned_attributes_that_cannot_be_read_or_come_twice_change_nothing() {
    let anna = person("anna");
    let strange = id("1.2.398.3.99");
    let tag_only = tagged(0x30, &tagged(4, b"x"));
    let twice = attribute(strange, &[tagged(4, b"x")]);
    let many: Vec<_> = (0..50).map(|_| twice.clone()).collect();
    for unsigned in
        [vec![tag_only.clone()], vec![twice.clone(), twice], many, vec![tagged(4, b"no attribute")]]
    {
        let habits = Habits { unsigned, ..plain() };
        assert_eq!(with_beside(&anna, &habits, &[anna.der()]).reason, None);
    }
}

#[test]
fn a_good_time_stamp_is_found_behind_any_number_of_bad_ones() {
    let (anna, stamper) = (person("anna"), Draft::stamper("stamper", NOW).by(&CA));
    let good = stamp(&stamper, &signature(&anna, TEXT, &plain()), true);
    let other = stamp(&stamper, b"another signature", true);
    let junk = tagged(4, b"no token");
    let mut tokens = vec![junk.clone(), other.clone(), junk, other.clone(), other.clone(), other];
    tokens.push(good);
    // Each in an attribute of its own, in this order.
    let unsigned = tokens.into_iter().map(|one| attribute(TIME_STAMPS, &[one])).collect();
    let verdict = with_beside(&anna, &Habits { unsigned, ..plain() }, &[anna.der()]);
    assert_eq!((verdict.reason, verdict.judged_at), (None, day(-1)));
}

fn stamp(by: &Made, over: &[u8], has_certificate: bool) -> Vec<u8> {
    token(by, over, (STREEBOG, HashAlgorithm::Streebog512), day(-1), (&plain(), has_certificate))
}

// Time stamps.

#[test]
fn the_stampers_certificate_may_lie_beside_the_token() {
    let (anna, stamper) = (person("anna"), Draft::stamper("stamper", NOW).by(&CA));
    let token = stamp(&stamper, &signature(&anna, TEXT, &plain()), false);
    let habits = Habits { unsigned: vec![attribute(TIME_STAMPS, &[token])], ..plain() };
    let verdict = with_beside(&anna, &habits, &[anna.der(), stamper.der()]);
    assert_eq!((verdict.reason, verdict.judged_at), (None, day(-1)));
    let without = with_beside(&anna, &habits, &[anna.der()]);
    assert_eq!(without.time_stamp.unwrap().fault, Some(TimeStampFault::NoCertificate));
    assert_eq!(without.reason, Some(Reason::TimeStampBad));
}

#[test]
fn stamps_by_sha_384_and_sha_512_count_and_others_are_told_by_their_cause() {
    let anna = person("anna");
    let stamper = Draft::stamper("stamper", NOW).with_rsa().by(&CA);
    let stamped = signature(&anna, TEXT, &plain());
    let fault = |imprint, habits: &Habits| {
        let token = token(&stamper, &stamped, imprint, day(-1), (habits, true));
        let habits = Habits { unsigned: vec![attribute(TIME_STAMPS, &[token])], ..plain() };
        with_beside(&anna, &habits, &[anna.der()]).time_stamp.unwrap().fault
    };
    for (hash, id, signed) in
        [(HashAlgorithm::Sha384, SHA384, RSA_SHA384), (HashAlgorithm::Sha512, SHA512, RSA_SHA512)]
    {
        assert_eq!(fault((id, hash), &plain()), None, "{hash:?}");
        let habits = Habits { hash: Some(id), signature: Some(signed), rsa_hash: Some(hash), ..plain() };
        assert_eq!(fault((id, hash), &habits), None, "{hash:?}");
    }
    let not_allowed = Some(TimeStampFault::AlgorithmNotAllowed);
    assert_eq!(fault((SHA1, HashAlgorithm::Sha1), &plain()), not_allowed);
    assert_eq!(fault((SHA3, HashAlgorithm::Sha256), &plain()), not_allowed);
    let unknown = Habits { signature: Some(RSA_PSS), ..plain() };
    assert_eq!(fault((SHA256, HashAlgorithm::Sha256), &unknown), not_allowed);
}

// Revocation.

#[test]
fn a_stolen_key_is_not_given_back_by_a_newer_list_and_a_suspension_is() {
    let anna = person("anna");
    let verdict = |cause| {
        let mut judge = Judge::of(&[&CA]);
        judge.lists =
            vec![CA.list(&[(&anna, day(-5), cause)], day(-2)), CA.list(&[], day(-1)), ROOT.list(&[], NOW)];
        only(judge.judge(&file(TEXT, &[signer(&anna, TEXT, &plain())], &[anna.der()])))
    };
    let stolen = verdict(1);
    assert_eq!(
        (stolen.reason, stolen.revocation),
        (Some(Reason::CertificateRevoked), Revocation::Revoked(day(-5)))
    );
    assert_eq!(verdict(6).reason, None);
}

// Work.

#[test]
fn a_file_that_costs_too_much_is_over_a_limit_and_not_wrong() {
    let by = rsa_person();
    // Sixty wide keys that claim to be the signer's, and thirty-two signers.
    let decoys: Vec<_> = (0..60)
        .map(|n| Draft::person("decoy", NOW).with_made_up_rsa(8192, n).numbered_as(&by).by(&CA))
        .collect();
    let mut beside: Vec<&[u8]> = decoys.iter().map(Made::der).collect();
    beside.push(by.der());
    let signers: Vec<_> = (0..32_u8).map(|n| signer(&by, &[n], &plain())).collect();
    let judge = judge();
    let verdict = judge.judge(&file(TEXT, &signers, &beside));
    assert!(judge.maths.spent() <= ofd_eds::limits::WORK_MAX);
    let last = verdict.signers.last().unwrap();
    assert_eq!((last.signature, last.reason), (Fact::Unchecked, Some(Reason::OverLimit)));
    assert_eq!(last.overall(), Overall::Indeterminate);
    // Whom the signer names by its hash is tried first, so that decoys cost it nothing.
    let named: Vec<_> = (0..32).map(|_| signer(&by, TEXT, &named(&by, None, None))).collect();
    assert_eq!(self::judge().judge(&file(TEXT, &named, &[by.der()])).overall(), Overall::Valid);
}
