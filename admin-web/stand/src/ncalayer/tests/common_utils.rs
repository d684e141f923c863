//! The old module.

use serde_json::{Value, json};

use super::*;
use crate::ncalayer::{Fault, Outcome};

fn call(method: &str, args: Value) -> Value {
    json!({"module": "kz.gov.pki.knca.commonUtils", "method": method, "args": args})
}

#[tokio::test]
async fn there_are_no_tokens_and_the_language_changes_nothing() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let tokens = json!({"code": "200", "responseObject": []});
    assert_eq!(page.ask(&call("getActiveTokens", json!([]))).await, tokens);
    assert_eq!(page.ask(&call("changeLocale", json!(["kk"]))).await, json!({"code": "200"}));
    let unknown = page.ask(&call("signXml", json!([]))).await;
    assert_eq!(unknown, json!({"code": "500", "message": "the emulator has no method signXml"}));
}

#[tokio::test]
async fn it_tells_of_the_chosen_key() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.choose_key("head").expect("a key");
    let answer = page.ask(&call("getKeyInfo", json!(["PKCS12"]))).await;
    assert_eq!(answer["code"], "200");
    let (pki, info) = (pki(), &answer["responseObject"]);
    let head = pki.key("head").expect("a key");
    let certificate = ofd_eds::Certificate::read(info["pem"].as_str().expect("PEM").as_bytes());
    let certificate = certificate.expect("a certificate");
    assert_eq!(certificate.der(), head.certificate());
    assert_eq!(info["serialNumber"], certificate.serial());
    assert_eq!(info["subjectCn"].as_str(), certificate.subject().common_name.as_deref());
    assert!(info["subjectDn"].as_str().is_some_and(|name| name.contains("OU=BIN")), "{info}");
    assert!(info["issuerCn"].as_str().is_some_and(|name| name.contains("TEST")), "{info}");
    for name in ["alias", "keyId", "algorithm", "issuerDn", "authorityKeyIdentifier"] {
        assert!(info[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    for name in ["certNotBefore", "certNotAfter"] {
        assert_eq!(info[name].as_str().map(str::len), Some("31.12.2026 23:59:59".len()), "{name}");
    }
}

#[tokio::test]
async fn it_signs_with_a_time_stamp_and_without() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let methods = [("createCAdESFromBase64", false), ("createCMSSignatureFromBase64", true)];
    for (method, is_stamped) in methods {
        for is_attached in [true, false] {
            let args = json!(["PKCS12", "SIGNATURE", STANDARD.encode(TEXT), is_attached]);
            let answer = page.ask(&call(method, args)).await;
            assert_eq!(answer["code"], "200", "{answer}");
            let signed = answer["responseObject"].as_str().expect("base64");
            STANDARD.decode(signed).expect("bare base64");
            assert_eq!(signer(signed, Some(TEXT)).time_stamp.is_some(), is_stamped, "{method}");
            assert_eq!(judge(signed, None).is_ok(), is_attached, "{method}");
        }
    }
}

#[tokio::test]
async fn faults_have_the_recorded_words() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let mismatch = "java.lang.IllegalArgumentException: argument type mismatch. Method: getKeyInfo";
    let cases = [
        (json!([]), mismatch),
        (json!([5]), mismatch),
        (json!([""]), "storageName.param.empty"),
        (json!(["Floppy"]), "storage.unknown"),
        (json!(["AKKaztokenStore"]), "storage.empty"),
    ];
    for (args, message) in cases {
        let answer = page.ask(&call("getKeyInfo", args.clone())).await;
        assert_eq!(answer, json!({"code": "500", "message": message}), "{args}");
    }
    let wrong = [
        json!(["PKCS12", "SIGNATURE", "not base64", true]),
        json!(["PKCS12", "SIGNATURE", "eA==", "true"]),
        json!(["PKCS12", "SIGNATURE", "eA=="]),
    ];
    for args in wrong {
        let answer = page.ask(&call("createCAdESFromBase64", args)).await;
        assert!(answer["message"].as_str().is_some_and(|text| text.contains("argument type mismatch")));
    }
}

#[tokio::test]
async fn the_switches_hold_here_too() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let sign = |kind: &str| call("createCAdESFromBase64", json!(["PKCS12", kind, "eA==", true]));
    let cancelled = json!({"code": "500", "message": "action.canceled"});
    stand.handle.set(|switches| switches.outcome = Outcome::Cancel);
    assert_eq!(page.ask(&sign("SIGNATURE")).await, cancelled);
    assert_eq!(page.ask(&call("getKeyInfo", json!(["PKCS12"]))).await, cancelled);
    stand.handle.set(|switches| switches.outcome = Outcome::Error(Fault::General));
    assert_eq!(page.ask(&sign("SIGNATURE")).await, json!({"code": "500"}));
    stand.handle.set(|switches| switches.outcome = Outcome::Sign);
    // Today's keys sign and log in, and are certified for signing alone.
    assert_eq!(page.ask(&sign("AUTHENTICATION")).await, cancelled);
    assert_eq!(page.ask(&sign("any")).await["code"], "200");
    stand.handle.set(|switches| switches.ignores_filters = true);
    assert_eq!(page.ask(&sign("AUTHENTICATION")).await["code"], "200");
    stand.handle.set(|switches| switches.outcome = Outcome::Disconnect);
    page.say(sign("SIGNATURE")).await;
    assert!(matches!(page.next().await, Some(Err(_))));
}

#[tokio::test]
async fn a_uuid_comes_back_with_every_answer() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for (method, args) in [
        ("getActiveTokens", json!([])),
        ("getKeyInfo", json!(["PKCS12"])),
        ("getKeyInfo", json!([])),
        ("signXml", json!([])),
    ] {
        let mut request = call(method, args);
        request["uuid"] = json!({"number": 7});
        assert_eq!(page.ask(&request).await["uuid"], json!({"number": 7}), "{method}");
    }
}
