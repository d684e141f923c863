//! Chains of certificates, clause by clause of RFC 5280 section 6.1. docs/signatures.md has the table.

use ofd_eds::{Chain, ObjectIdentifier, Reason};
use ofd_stand::workshop::{
    COMMON_NAME, Draft, Made, ORGANISATION, identifier, name_constraints, name_der, sequence_of, tagged,
};

use crate::shop::{CA, HOLDS, ROOT, UNTRUSTED, below, person};
use crate::stand::NOW;

const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
const POLICY_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.36");
const ALTERNATIVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const STRANGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.99");
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.3.2");
const OTHER_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.3.2.1");

fn ca(label: &str) -> Draft {
    Draft::authority(label, NOW)
}

#[test]
fn a_chain_of_root_ca_and_person_holds() {
    let verdict = below(&person("anna"), &[&CA]);
    assert_eq!((verdict.chain, verdict.reason), (Chain::Ok, HOLDS));
}

#[test]
fn names_must_chain_whatever_key_identifiers_and_signatures_say() {
    let other = name_der(&[(COMMON_NAME, "other TEST")]);
    for issuer in [other, name_der(&[])] {
        for draft in [Draft::person("anna", NOW), Draft::person("anna", NOW).without_identifiers()] {
            let anna = draft.issuer_named(issuer.clone()).by(&CA);
            let verdict = below(&anna, &[&CA]);
            assert_eq!((verdict.chain, verdict.reason), (Chain::Incomplete, Some(Reason::ChainIncomplete)));
        }
        // Between a CA and its root the same.
        let middle = ca("middle").issuer_named(issuer).by(&ROOT);
        let anna = Draft::person("anna", NOW).by(&middle);
        assert_eq!(below(&anna, &[&middle]).reason, Some(Reason::ChainIncomplete));
    }
}

#[test]
fn a_ca_without_a_name_issues_nothing() {
    let nameless = ca("nameless").named(&[]).by(&ROOT);
    let anna = Draft::person("anna", NOW).by(&nameless);
    assert_eq!(below(&anna, &[&nameless]).reason, Some(Reason::ChainIncomplete));
}

#[test]
fn names_that_differ_in_case_and_spaces_chain() {
    let anna = Draft::person("anna", NOW).issuer_named(name_der(&[(COMMON_NAME, " CA  test ")])).by(&CA);
    assert_eq!(below(&anna, &[&CA]).reason, HOLDS);
}

#[test]
fn a_ca_of_the_same_name_and_another_key_is_not_the_issuer() {
    let anna = person("anna");
    let namesake = ca("namesake").named(&[(COMMON_NAME, "ca TEST")]).by(&ROOT);
    assert_eq!(below(&anna, &[&namesake]).reason, Some(Reason::ChainIncomplete));
    assert_eq!(below(&anna, &[&namesake, &CA]).reason, HOLDS);
}

#[test]
fn path_lengths_count_cas_and_not_new_keys_of_one_ca() {
    let top = ca("top").path_length(0).by(&ROOT);
    let new_key = ca("new key").named(&[(COMMON_NAME, "top TEST")]).by(&top);
    let anna = Draft::person("anna", NOW).by(&new_key);
    assert_eq!(below(&anna, &[&new_key, &top]).reason, HOLDS);
    let under = ca("under").by(&top);
    let boris = Draft::person("boris", NOW).by(&under);
    assert_eq!(below(&boris, &[&under, &top]).reason, UNTRUSTED);
}

#[test]
fn who_is_no_ca_issues_nothing() {
    let plain = person("plain");
    let anna = Draft::person("anna", NOW).by(&plain);
    assert_eq!(below(&anna, &[&plain, &CA]).reason, UNTRUSTED);
}

/// A CA below the root that may only issue to the organisation "A", or only to others.
fn limited(is_critical: bool, permitted: bool) -> Made {
    let of_a = [name_der(&[(ORGANISATION, "A")])];
    let constraints = if permitted { name_constraints(&of_a, &[]) } else { name_constraints(&[], &of_a) };
    ca("limited").extension(NAME_CONSTRAINTS, is_critical, &constraints).by(&ROOT)
}

#[test]
fn constraints_on_names_bind_whether_they_are_critical_or_not() {
    let named = |organisation: &str, issuer: &Made| {
        let names = [(ORGANISATION, organisation), (COMMON_NAME, "anna")];
        Draft::person("anna", NOW).named(&names).by(issuer)
    };
    for is_critical in [true, false] {
        let only_a = limited(is_critical, true);
        assert_eq!(below(&named("A", &only_a), &[&only_a]).reason, HOLDS);
        assert_eq!(below(&named("B", &only_a), &[&only_a]).reason, UNTRUSTED);
        let not_a = limited(is_critical, false);
        assert_eq!(below(&named("A", &not_a), &[&not_a]).reason, UNTRUSTED);
        assert_eq!(below(&named("B", &not_a), &[&not_a]).reason, HOLDS);
    }
}

#[test]
fn constraints_on_names_bind_everybody_below_and_further_names_of_a_certificate() {
    let only_a = limited(true, true);
    // Two levels below.
    let under = ca("under").named(&[(ORGANISATION, "A"), (COMMON_NAME, "under")]).by(&only_a);
    let boris = Draft::person("boris", NOW).named(&[(ORGANISATION, "B")]).by(&under);
    assert_eq!(below(&boris, &[&under, &only_a]).reason, UNTRUSTED);
    // A second name within the first certificate.
    let second = sequence_of(&[tagged(0xA4, &name_der(&[(ORGANISATION, "B")]))]);
    let names = [(ORGANISATION, "A")];
    let anna = Draft::person("anna", NOW).named(&names).extension(ALTERNATIVE, false, &second).by(&only_a);
    assert_eq!(below(&anna, &[&only_a]).reason, UNTRUSTED);
    // A CA's new key need not fit the constraints on those below it.
    let names = [(COMMON_NAME, "limited TEST")];
    let new_key = ca("new key").named(&names).by(&only_a);
    let clara = Draft::person("clara", NOW).named(&[(ORGANISATION, "A")]).by(&new_key);
    assert_eq!(below(&clara, &[&new_key, &only_a]).reason, HOLDS);
}

#[test]
fn a_policy_that_a_ca_demands_must_be_named_below_it() {
    let policies = |policy| sequence_of(&[sequence_of(&[identifier(policy)])]);
    // requireExplicitPolicy: 0.
    let demand = sequence_of(&[tagged(0x80, &[0])]);
    for is_critical in [true, false] {
        let demanding = ca("demanding")
            .extension(POLICIES, false, &policies(POLICY))
            .extension(POLICY_CONSTRAINTS, is_critical, &demand)
            .by(&ROOT);
        let under =
            |policy| Draft::person("anna", NOW).extension(POLICIES, false, &policies(policy)).by(&demanding);
        assert_eq!(below(&under(POLICY), &[&demanding]).reason, HOLDS);
        assert_eq!(below(&under(OTHER_POLICY), &[&demanding]).reason, UNTRUSTED);
        let without = Draft::person("anna", NOW).by(&demanding);
        assert_eq!(below(&without, &[&demanding]).reason, UNTRUSTED);
    }
}

#[test]
fn a_critical_extension_that_nobody_understands_stops_a_chain_and_another_does_not() {
    for (is_critical, reason) in [(true, UNTRUSTED), (false, HOLDS)] {
        let strange = ca("strange").extension(STRANGE, is_critical, &identifier(STRANGE)).by(&ROOT);
        let anna = Draft::person("anna", NOW).by(&strange);
        assert_eq!(below(&anna, &[&strange]).reason, reason);
    }
    let anna = Draft::person("anna", NOW).extension(STRANGE, true, &identifier(STRANGE)).by(&CA);
    assert_eq!(below(&anna, &[&CA]).reason, Some(Reason::WrongPurpose));
}

#[test]
fn a_ca_whose_key_can_be_forged_is_told_as_that() {
    let weak = ca("weak").with_made_up_rsa(1024, 0xC5).by(&ROOT);
    // Its name is all that is needed: nobody has the key, and nobody asks for a signature by it.
    let anna = Draft::person("anna", NOW)
        .without_identifiers()
        .issuer_named(name_der(&[(COMMON_NAME, "weak TEST")]))
        .with_rsa()
        .self_signed();
    let verdict = below(&anna, &[&weak]);
    assert_eq!((verdict.chain, verdict.reason), (Chain::Incomplete, Some(Reason::KeyTooWeak)));
}
