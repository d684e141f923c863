//! Revocation lists and OCSP answers: what is believed, and what proves nothing.

use crate::stand::{NOW, Stand, stand};
use ofd_eds::{Moment, Overall, Reason, Revocation, Unknown};

/// Only the list of the root, which speaks of the CA.
fn bare() -> Stand {
    stand().no_revocation_data().crls(&["root"])
}

fn assert_unknown(stand: &Stand, name: &str, why: Unknown) {
    let signer = stand.signer(name);
    assert_eq!(signer.revocation, Revocation::Unknown(why), "{name}");
    assert_eq!(signer.reason, Some(Reason::RevocationUnknown), "{name}");
    assert_eq!(signer.overall(), Overall::Indeterminate, "{name}");
}

fn assert_revoked(stand: &Stand, name: &str, since: &str) {
    let signer = stand.signer(name);
    let Revocation::Revoked(moment) = signer.revocation else { panic!("{name}: {:?}", signer.revocation) };
    assert_eq!(moment.to_string(), since, "{name}");
    assert_eq!(
        (signer.reason, signer.overall()),
        (Some(Reason::CertificateRevoked), Overall::Invalid),
        "{name}"
    );
}

#[test]
fn without_revocation_data_nothing_is_known() {
    assert_unknown(&bare(), "person", Unknown::NoData);
}

#[test]
fn who_is_on_the_list_is_revoked() {
    for name in ["compromised", "retired", "held"] {
        assert_revoked(&stand(), name, "2026-06-15T00:00:00Z");
    }
}

#[test]
fn revocation_before_the_time_stamp_counts_and_later_by_its_cause() {
    let signer = stand().signer("stamped-compromised-late");
    assert_eq!(signer.reason, Some(Reason::CertificateRevoked));
    let signer = stand().signer("stamped-compromised");
    assert_eq!((signer.reason, signer.revocation.as_str()), (Some(Reason::RevokedAfterTimeStamp), "revoked"));
    assert_eq!(signer.overall(), Overall::Indeterminate);
    let signer = stand().signer("stamped-retired");
    assert_eq!((signer.reason, signer.revocation), (None, Revocation::Good));
}

#[test]
fn an_expired_list_is_never_good_and_its_final_revocations_stay() {
    let stand = bare().crls(&["ca-expired"]);
    assert_unknown(&stand, "person", Unknown::OutOfDate);
    assert_revoked(&stand, "compromised", "2026-06-15T00:00:00Z");
    assert_unknown(&stand, "held", Unknown::OutOfDate);
}

#[test]
fn a_list_of_another_key_is_not_believed() {
    assert_unknown(&bare().crls(&["ca-forged"]), "person", Unknown::ListNotEntitled);
}

#[test]
fn a_list_with_another_name_than_the_issuers_is_not_believed() {
    assert_unknown(&bare().crls(&["ca-misnamed"]), "person", Unknown::NoData);
}

#[test]
fn an_entry_that_may_be_about_the_certificate_of_another_ca_is_not_taken_for_ours() {
    assert_unknown(&bare().crls(&["ca-mixed"]), "unlisted", Unknown::Unreadable);
}

#[test]
fn a_list_from_the_future_is_not_believed() {
    assert_unknown(&bare().crls(&["ca-future"]), "person", Unknown::OutOfDate);
}

#[test]
fn a_list_with_a_critical_extension_that_is_not_understood_is_not_believed() {
    assert_unknown(&bare().crls(&["ca-partial"]), "person", Unknown::ListNotUnderstood);
}

#[test]
fn a_delta_revokes_and_never_proves_good() {
    assert_revoked(&stand().crls(&["ca-delta"]), "person", "2026-07-01T06:00:00Z");
    assert_unknown(&bare().crls(&["ca-delta"]), "unlisted", Unknown::NoData);
}

#[test]
fn an_empty_or_damaged_list_is_unknown_and_does_no_harm_beside_a_good_one() {
    let mut broken = bare();
    assert!(broken.revocation.add_crl(Vec::new()).is_err());
    assert!(broken.revocation.add_crl(b"<html>404</html>".to_vec()).is_err());
    assert_unknown(&broken, "person", Unknown::Unreadable);
    broken.crls(&["ca"]).assert_valid("person");
}

#[test]
fn a_list_that_is_newer_than_the_certificate_proves_nothing_unless_it_keeps_expired_ones() {
    assert_unknown(&stand(), "stamped-expired", Unknown::ExpiredBefore);
    stand().crls(&["ca-keeps-expired"]).assert_valid("stamped-expired");
}

#[test]
fn the_state_of_cas_is_asked_for_as_well() {
    let signer = stand().no_revocation_data().crls(&["ca"]).signer("person");
    assert_eq!(signer.reason, Some(Reason::AuthorityRevocationUnknown));
    assert_eq!((signer.revocation.as_str(), signer.overall()), ("unknown", Overall::Indeterminate));
    let signer = stand().crls(&["root-revokes-ca"]).signer("person");
    assert_eq!((signer.reason, signer.revocation.as_str()), (Some(Reason::AuthorityRevoked), "revoked"));
}

#[test]
fn ocsp_answers_of_the_ca_and_of_its_responder_are_believed() {
    for name in ["good", "good-sha1", "good-by-ca"] {
        bare().ocsp(&[name]).assert_valid("unlisted");
    }
    // Of expired certificates the responder still tells the state.
    bare().crls(&["ca-rsa", "root-rsa"]).ocsp(&["expired-person"]).assert_valid("stamped-expired");
}

#[test]
fn ocsp_says_revoked() {
    assert_revoked(&bare().ocsp(&["revoked"]), "unlisted", "2026-06-15T00:00:00Z");
    assert_revoked(&stand().ocsp(&["revoked"]), "unlisted", "2026-06-15T00:00:00Z");
    assert_revoked(&bare().ocsp(&["never-issued"]), "unlisted", "1970-01-01T00:00:00Z");
}

#[test]
fn ocsp_try_later_is_unknown_and_not_revoked() {
    assert_unknown(&bare().ocsp(&["try-later"]), "unlisted", Unknown::Refused);
}

#[test]
fn ocsp_unknown_is_unknown_even_beside_an_older_list() {
    assert_unknown(&bare().ocsp(&["unknown"]), "unlisted", Unknown::NotKnown);
    assert_unknown(&stand().ocsp(&["unknown"]), "unlisted", Unknown::NotKnown);
}

#[test]
fn ocsp_answers_of_who_has_no_right_are_not_believed() {
    for name in ["forged", "no-right", "of-stranger", "forged-responder", "misnamed", "lapsed-responder"] {
        assert_unknown(&bare().ocsp(&[name]), "unlisted", Unknown::NotEntitled);
    }
}

#[test]
fn ocsp_answers_out_of_date_or_from_the_future_are_not_believed() {
    for name in ["old", "old-without-end", "future"] {
        assert_unknown(&bare().ocsp(&[name]), "unlisted", Unknown::OutOfDate);
    }
}

#[test]
fn an_ocsp_answer_about_another_certificate_says_nothing() {
    assert_unknown(&bare().ocsp(&["person"]), "unlisted", Unknown::NoData);
    // The same number, of another CA.
    assert_unknown(&bare().ocsp(&["other-issuer"]), "unlisted", Unknown::NoData);
    bare().ocsp(&["person"]).assert_valid("person");
}

#[test]
fn a_damaged_ocsp_answer_is_unknown() {
    let mut stand = bare();
    assert!(stand.revocation.add_ocsp(b"303 See Other".to_vec()).is_err());
    assert_unknown(&stand, "unlisted", Unknown::Unreadable);
}

#[test]
fn a_list_counts_for_the_moment_that_is_judged() {
    let mut stand = stand();
    // After nextUpdate of the CA's list.
    stand.now = Moment::from_unix(NOW.unix() + 2 * 86_400);
    assert_unknown(&stand, "person", Unknown::OutOfDate);
    // A time stamp inside of the list's time needs no newer list.
    stand.assert_valid("stamped-rsa");
}
