//! Who has keys, and what the verifier says of each.

use ofd_eds::{
    Certificate, Chain, Fact, KeyUsage, ObjectIdentifier, Overall, Owner, Purpose, Reason, Revocation, Role,
    Scheme, Stage, TrustStore, Unknown, Validity,
};
use ofd_stand::{Key, ListState, OcspState, Pki};

use crate::stand::{NOW, PKI, TEXT, answers, days, judge, key, lists, login};

fn roles(label: &str) -> Vec<Role> {
    Certificate::read(key(label).certificate()).unwrap().roles()
}

/// Every key that nothing is wrong with: label, kind of owner, roles.
const GOOD: &[(&str, Owner, &[Role])] = &[
    ("person", Owner::Individual, &[Role::Individual]),
    ("entrepreneur", Owner::Individual, &[Role::Individual]),
    ("head", Owner::OrganisationPerson, &[Role::Organisation, Role::Head]),
    ("accountant", Owner::OrganisationPerson, &[Role::Organisation, Role::Signatory]),
    ("employee", Owner::OrganisationPerson, &[Role::Organisation, Role::Employee]),
    ("cashier", Owner::OrganisationPerson, &[Role::Organisation, Role::Employee]),
    ("head-b", Owner::OrganisationPerson, &[Role::Organisation, Role::Head]),
    ("rsa-head", Owner::OrganisationPerson, &[Role::Organisation, Role::Head]),
    ("same-person-other-company", Owner::OrganisationPerson, &[Role::Organisation, Role::Head]),
    ("system", Owner::InformationSystem, &[Role::Organisation, Role::OrganisationSystem]),
    ("staff", Owner::Individual, &[Role::Individual]),
    ("support", Owner::Individual, &[Role::Individual]),
    ("inspector", Owner::Individual, &[Role::Individual]),
];

#[test]
fn good_keys_sign_in_and_sign_documents_by_list_and_by_ocsp() {
    for (label, owner, expected) in GOOD {
        for revocation in [lists(ListState::Fresh), answers(key(label), OcspState::Answers)] {
            let signer = login(label, &revocation);
            assert_eq!((signer.overall(), signer.reason), (Overall::Valid, None), "{label}");
            assert_eq!(signer.revocation, Revocation::Good, "{label}");
        }
        let signed = key(label).sign_cms(TEXT, true, NOW, None);
        let verdict = judge(&signed, None, &lists(ListState::Fresh), Purpose::Document).unwrap();
        assert_eq!(verdict.overall(), Overall::Valid, "{label}");
        let certificate = Certificate::read(key(label).certificate()).unwrap();
        assert_eq!(certificate.subject().owner(), *owner, "{label}");
        assert_eq!(roles(label), *expected, "{label}");
    }
}

#[test]
fn every_key_is_either_good_or_has_one_thing_wrong() {
    let mut labels: Vec<_> = GOOD.iter().map(|(label, ..)| *label).collect();
    labels.extend(["expired", "not-yet", "revoked", "wrong-purpose", "self-signed", "foreign"]);
    assert_eq!(PKI.keys().iter().map(Key::label).collect::<Vec<_>>(), labels);
}

#[test]
fn bad_keys_are_refused_for_what_is_wrong_with_them() {
    let cases = [
        ("expired", Reason::CertificateExpired),
        ("not-yet", Reason::CertificateNotYetValid),
        ("revoked", Reason::CertificateRevoked),
        ("wrong-purpose", Reason::WrongPurpose),
        ("self-signed", Reason::ChainUntrusted),
        ("foreign", Reason::ChainIncomplete),
    ];
    for (label, reason) in cases {
        let signer = login(label, &lists(ListState::Fresh));
        assert_eq!(signer.reason, Some(reason), "{label}");
        assert_eq!((signer.signature, signer.digest), (Fact::Ok, Fact::Ok), "{label}");
        let is_in_time = !["expired", "not-yet"].contains(&label);
        assert_eq!(signer.validity == Some(Validity::Ok), is_in_time, "{label}");
        let signed = key(label).sign_cms(TEXT, true, NOW, None);
        let verdict = judge(&signed, None, &lists(ListState::Fresh), Purpose::Document).unwrap();
        assert_eq!(verdict.signers[0].reason, Some(reason), "{label}");
    }
}

#[test]
fn only_self_signed_and_foreign_keys_lack_a_chain() {
    for one in PKI.keys() {
        let chain = login(one.label(), &lists(ListState::Fresh)).chain;
        let expected = match one.label() {
            "self-signed" => Chain::Untrusted,
            "foreign" => Chain::Incomplete,
            _ => Chain::Ok,
        };
        assert_eq!(chain, expected, "{}", one.label());
    }
}

#[test]
fn ocsp_says_of_the_revoked_key_since_when() {
    let revocation = login("revoked", &answers(key("revoked"), OcspState::Answers)).revocation;
    assert_eq!(revocation, Revocation::Revoked(days(-7)));
    assert_eq!(login("revoked", &lists(ListState::Fresh)).revocation, Revocation::Revoked(days(-7)));
}

#[test]
fn what_is_wrong_with_the_services_is_unknown_and_never_revoked() {
    let cases = [
        (OcspState::Down, Unknown::NoData),
        (OcspState::TryLater, Unknown::Refused),
        (OcspState::Unknown, Unknown::NotKnown),
        (OcspState::Forged, Unknown::NotEntitled),
        (OcspState::OutOfDate, Unknown::OutOfDate),
    ];
    for (state, why) in cases {
        let signer = login("person", &answers(key("person"), state));
        assert_eq!(signer.revocation, Revocation::Unknown(why), "{state:?}");
        assert_eq!(signer.reason, Some(Reason::RevocationUnknown), "{state:?}");
    }
    let signer = login("person", &lists(ListState::OutOfDate));
    assert_eq!(signer.revocation, Revocation::Unknown(Unknown::OutOfDate));
    assert!(PKI.revocation_lists(NOW, ListState::Down).is_empty());
}

#[test]
fn keys_tell_who_owns_them_as_their_certificates_do() {
    for one in PKI.keys() {
        let certificate = Certificate::read(one.certificate()).unwrap();
        let subject = certificate.subject();
        assert_eq!(one.iin(), subject.iin.as_deref(), "{}", one.label());
        assert_eq!(one.bin(), subject.bin.as_deref(), "{}", one.label());
        assert_eq!(one.organisation(), subject.organisation.as_deref(), "{}", one.label());
        assert_eq!(one.serial(), certificate.serial(), "{}", one.label());
        assert_eq!(one.extended_usage(), certificate.extended_usage().unwrap(), "{}", one.label());
        assert_eq!((one.not_before(), one.not_after()), (certificate.not_before(), certificate.not_after()));
        assert_eq!(one.scheme() == Scheme::RsaSha256, one.label() == "rsa-head");
    }
    let head = key("head");
    assert_eq!((head.full_name(), head.organisation()), ("ТЕСТОВ АРМАН ТЕСТОВИЧ", Some("ТОО «ТЕСТ АЛЬФА»")));
    let subject = format!(
        "CN=ТЕСТОВ АРМАН,SURNAME=ТЕСТОВ,SERIALNUMBER=IIN{},C=KZ,O=ТОО «ТЕСТ АЛЬФА»,OU=BIN{},GIVENNAME=ТЕСТОВИЧ",
        head.iin().unwrap(),
        head.bin().unwrap()
    );
    assert_eq!(head.subject_name(), subject);
    assert_eq!(head.issuer_common_name(), "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) TEST");
}

#[test]
fn one_person_heads_two_organisations_and_employees_share_one() {
    let (head, other) = (key("head"), key("same-person-other-company"));
    assert_eq!((head.iin(), head.full_name()), (other.iin(), other.full_name()));
    assert_ne!(head.bin(), other.bin());
    assert_ne!(key("head-b").bin(), head.bin());
    for label in ["accountant", "employee", "cashier", "system"] {
        assert_eq!(
            (key(label).bin(), key(label).organisation()),
            (head.bin(), head.organisation()),
            "{label}"
        );
    }
}

#[test]
fn people_have_the_profile_of_the_national_ca() {
    let person = Certificate::read(key("person").certificate()).unwrap();
    let usage = person.key_usage().unwrap();
    assert!(usage.has(KeyUsage::DIGITAL_SIGNATURE) && usage.has(KeyUsage::NON_REPUDIATION));
    assert!(!usage.has(KeyUsage::CERTIFICATE_SIGN));
    assert_eq!(person.authority(), None);
    let texts = |oids: &[ObjectIdentifier]| oids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(texts(person.policies()), ["1.2.398.3.3.2"]);
    assert_eq!(texts(person.key_storage()), ["1.2.398.3.3.5.1.1"]);
    assert_eq!(texts(person.extended_usage().unwrap()), ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1"]);
}

#[test]
fn the_same_seed_and_time_make_the_same_pki_and_another_seed_other_keys_but_for_rsa() {
    let again = Pki::new([7; 32], NOW);
    let other = Pki::new([8; 32], NOW);
    for ((one, same), another) in PKI.keys().iter().zip(again.keys()).zip(other.keys()) {
        let label = one.label();
        assert!(one.certificate() == same.certificate(), "{label}");
        assert!(one.sign_cms(TEXT, true, NOW, None) == same.sign_cms(TEXT, true, NOW, None), "{label}");
        assert_eq!(one.certificate() == another.certificate(), label == "rsa-head", "{label}");
    }
}

#[test]
fn keys_are_below_their_own_authorities_alone() {
    let all = || PKI.roots().into_iter().chain(PKI.intermediates());
    let above =
        |label: &str| all().filter(|der| key(label).is_below(&Certificate::read(der).unwrap())).count();
    assert_eq!(all().count(), 4);
    assert_eq!([above("person"), above("rsa-head"), above("foreign"), above("self-signed")], [2, 2, 0, 0]);
}

#[test]
fn the_trust_directory_is_one_of_a_test_stage_without_the_foreign_ca() {
    let directory = tempfile::tempdir().unwrap();
    PKI.write_trust(directory.path()).unwrap();
    // A directory that is there is written anew.
    PKI.write_trust(directory.path()).unwrap();
    let names = |folder: &str| {
        let entries = std::fs::read_dir(directory.path().join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(""), ["TEST", "intermediates", "roots"]);
    assert_eq!(names("roots"), ["root-gost.cer", "root-rsa.cer"]);
    assert_eq!(names("intermediates"), ["nca-gost.cer", "nca-rsa.cer"]);
    let mut store = TrustStore::new(Stage::Test);
    for name in names("roots") {
        let der = std::fs::read(directory.path().join("roots").join(name)).unwrap();
        store.add_root(Certificate::read(&der).unwrap()).unwrap();
    }
}

#[test]
fn no_authority_gets_into_a_trust_store_of_production() {
    let mut store = TrustStore::new(Stage::Production);
    for root in PKI.roots() {
        assert!(store.add_root(Certificate::read(root).unwrap()).is_err());
    }
    for authority in PKI.intermediates() {
        assert!(store.add_intermediate(Certificate::read(authority).unwrap()).is_err());
    }
}

#[test]
fn neither_keys_nor_people_show_in_debug_output() {
    assert_eq!(format!("{:?}", key("head")), "Key { label: \"head\", .. }");
    assert!(!format!("{:?}", *PKI).contains("ТЕСТОВ"));
}
