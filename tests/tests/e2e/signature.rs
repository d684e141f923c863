//! `ofd verify-signature`: what it prints, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ofd_tests::process::binary;
use ofd_tests::tree::root;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The moment for which the revocation lists of the data were made.
const NOW: &str = "2026-07-01T17:00:00+05:00";

fn data(path: &str) -> PathBuf {
    root().join("admin-web/eds/tests/data").join(path)
}

fn put(directory: &Path, folder: &str, files: &[&str]) {
    let folder = directory.join(folder);
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        let from = data(file);
        fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
}

/// A trust directory of the test CAs, with fresh revocation lists.
fn trust() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("TEST"), "").unwrap();
    put(directory.path(), "roots", &["trust/root.cer", "trust/root-rsa.cer"]);
    put(directory.path(), "intermediates", &["trust/ca.cer", "trust/ca-rsa.cer"]);
    put(directory.path(), "crl", &["crl/ca.crl", "crl/root.crl", "crl/ca-rsa.crl", "crl/root-rsa.crl"]);
    directory
}

struct Ended {
    code: Option<i32>,
    out: String,
    told: String,
}

fn run(arguments: &[&str]) -> Ended {
    let command = Command::new(binary()).arg("verify-signature").args(arguments).output();
    let Output { status, stdout, stderr } = command.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), out: text(stdout), told: text(stderr) }
}

fn judge(cms: &str, trust: &Path, more: &[&str]) -> Ended {
    let file = data(&format!("cms/{cms}.cms"));
    let fixed = [file.to_str().unwrap(), "--trust", trust.to_str().unwrap(), "--at", NOW];
    run(&[&fixed, more].concat())
}

fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {} {}", ended.out, ended.told))
}

#[test]
fn the_json_has_every_fact_of_a_valid_signer() {
    let trust = trust();
    let ended = judge("head", trust.path(), &["--json"]);
    let mut found = json_of(&ended);
    // Numbers of certificates are drawn anew whenever the data is made.
    let serial = found["signers"][0]["serial"].take();
    assert!(serial.as_str().unwrap().starts_with("6C425659BD"), "{serial}");
    let wanted = json!({"overall": "VALID", "signers": [{
        "iin": "900101300002", "bin": "123456789021", "name": "ТЕСТОВ ТЕСТ ТЕСТОВИЧ", "organisation": "ТОО \"ТЕСТ\"",
        "serial": null, "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z",
        "template": "organisation_person", "roles": ["organisation", "head"], "signature": "ok", "digest": "ok",
        "chain": "ok", "validity": "ok", "revocation": "good", "time_stamp": null, "reason": null,
    }]});
    assert_eq!(found, wanted);
    assert_eq!(ended.code, Some(0), "{}", ended.told);
    assert!(ended.told.contains("test CAs"), "{}", ended.told);
}

#[test]
fn a_time_stamp_and_its_worth_are_told() {
    let trust = trust();
    let good = json_of(&judge("stamped-rsa", trust.path(), &["--json"]));
    assert_eq!(good["signers"][0]["time_stamp"], json!({"time": "2026-06-01T10:00:00Z", "ok": true}));
    let bad = judge("stamped-other-signature", trust.path(), &["--json"]);
    assert_eq!(bad.code, Some(2), "{}", bad.out);
    let signer = &json_of(&bad)["signers"][0];
    assert_eq!(signer["time_stamp"], json!({"time": "2025-06-01T10:00:00Z", "ok": false}));
    assert_eq!(signer["reason"], "TIME_STAMP_BAD");
}

#[test]
fn the_exit_code_is_the_verdict() {
    let trust = trust();
    for (cms, code, overall) in [
        ("person", 0, "VALID"),
        ("two", 0, "VALID"),
        ("two-one-bad", 1, "INVALID"),
        ("no-signers", 1, "INVALID"),
        ("no-certificate", 1, "INVALID"),
        ("expired", 1, "INVALID"),
        ("compromised", 1, "INVALID"),
        ("issuer-missing", 2, "INDETERMINATE"),
    ] {
        let ended = judge(cms, trust.path(), &["--json"]);
        assert_eq!((ended.code, json_of(&ended)["overall"].as_str()), (Some(code), Some(overall)), "{cms}");
        let text = judge(cms, trust.path(), &[]);
        assert_eq!(text.code, Some(code), "{cms}");
        assert!(text.out.starts_with(overall), "{cms}: {}", text.out);
    }
}

#[test]
fn the_text_names_facts_and_what_to_do() {
    let trust = trust();
    fs::remove_file(trust.path().join("crl/ca.crl")).unwrap();
    let ended = judge("head", trust.path(), &[]);
    assert_eq!(ended.code, Some(2));
    for words in [
        "REVOCATION_UNKNOWN",
        "add a fresh list",
        "ТЕСТОВ ТЕСТ ТЕСТОВИЧ",
        "900101300002",
        "chain          ok",
    ] {
        assert!(ended.out.contains(words), "no {words} in\n{}", ended.out);
    }
}

#[test]
fn a_detached_signature_is_judged_with_its_document() {
    let trust = trust();
    let document = data("document.txt");
    let ended = judge("detached", trust.path(), &["--data", document.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    let other = data("cert/person.cer");
    let ended = judge("detached", trust.path(), &["--json", "--data", other.to_str().unwrap()]);
    assert_eq!((ended.code, &json_of(&ended)["signers"][0]["digest"]), (Some(1), &json!("bad")));
    let ended = judge("detached", trust.path(), &[]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), ""));
    assert!(ended.told.contains("--data"), "{}", ended.told);
}

#[test]
fn revocation_data_of_the_directory_counts() {
    let trust = trust();
    put(trust.path(), "ocsp", &["ocsp/revoked.ocsp"]);
    let ended = judge("unlisted", trust.path(), &["--json"]);
    let signer = &json_of(&ended)["signers"][0];
    assert_eq!(
        (&signer["revocation"], &signer["reason"]),
        (&json!("revoked"), &json!("CERTIFICATE_REVOKED"))
    );
    fs::write(trust.path().join("crl/empty.crl"), "").unwrap();
    let ended = judge("person", trust.path(), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.told.contains("empty.crl proves nothing"), "{}", ended.told);
}

#[test]
fn a_file_that_is_no_signature_is_invalid_and_says_why() {
    let trust = trust();
    let file = data("document.txt");
    let ended = run(&[file.to_str().unwrap(), "--trust", trust.path().to_str().unwrap(), "--json"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(json_of(&ended), json!({"overall": "INVALID", "signers": []}));
    assert!(ended.told.contains("cannot be read"), "{}", ended.told);
}

#[test]
fn what_is_over_a_limit_is_not_known_to_be_wrong_and_the_limit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.cms");
    fs::File::create(&huge).unwrap().set_len(40 << 20).unwrap();
    for (file, limit) in [
        (data("cases/made/certs-33-signers.cms"), "the number of signers is over the limit of 32"),
        (huge, "the size of the signature file in bytes is over the limit of 8388608"),
    ] {
        let ended = run(&[file.to_str().unwrap(), "--json"]);
        let wanted =
            json!({"overall": "INDETERMINATE", "signers": [], "reason": "OVER_LIMIT", "limit": limit});
        assert_eq!((ended.code, json_of(&ended)), (Some(2), wanted));
        let text = run(&[file.to_str().unwrap()]);
        assert!(text.code == Some(2) && text.out.contains(limit), "{}", text.out);
    }
}

#[test]
fn without_trusted_cas_nothing_is_valid_and_the_way_out_is_named() {
    let file = data("cms/person.cms");
    let ended = run(&[file.to_str().unwrap(), "--at", NOW]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
    assert!(
        ended.told.contains("--trust DIR") && ended.out.contains("CHAIN_INCOMPLETE"),
        "{}{}",
        ended.told,
        ended.out
    );
}

#[test]
fn what_gives_no_verdict_ends_apart_from_the_verdicts() {
    let trust = trust();
    let (file, directory) = (data("cms/person.cms"), trust.path().to_str().unwrap().to_owned());
    let file = file.to_str().unwrap();
    for (arguments, words) in [
        (&["absent.cms"][..], "absent.cms"),
        (&[file, "--trust", "absent-directory"], "absent-directory"),
        (&[file, "--at", "yesterday"], "--at yesterday"),
        (&[file, "--unknown"], "--unknown"),
        (&[], "FILE"),
    ] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(3), ""), "{arguments:?}: {}", ended.told);
        assert!(ended.told.contains(words), "{arguments:?}: {}", ended.told);
    }
    assert_eq!(run(&["--help"]).code, Some(0));
    fs::remove_file(trust.path().join("TEST")).unwrap();
    let ended = run(&[file, "--trust", &directory]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.told.contains("TEST") && ended.told.contains("root"), "{}", ended.told);
    fs::write(trust.path().join("TEST"), "").unwrap();
    put(trust.path(), "roots", &["cert/person.cer"]);
    let ended = run(&[file, "--trust", &directory]);
    assert!(ended.code == Some(3) && ended.told.contains("person.cer"), "{}", ended.told);
}
