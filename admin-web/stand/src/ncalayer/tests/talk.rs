//! What is said on a connection.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::*;
use crate::ncalayer::{CONNECTIONS_MAX, MESSAGE_BYTES_MAX};

#[tokio::test]
async fn it_speaks_first_and_echoes_heartbeats() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for _ in 0..2 {
        page.say("--heartbeat--").await;
        assert_eq!(page.hear_text().await, "--heartbeat--");
    }
}

#[tokio::test]
async fn pages_of_any_origin_are_served() {
    let stand = Stand::start().await;
    let mut request = format!("ws://{}/", stand.address).into_client_request().expect("a request");
    request.headers_mut().insert("Origin", HeaderValue::from_static("https://somewhere.example"));
    let opened = tokio_tungstenite::client_async(request, stand.tcp().await).await;
    let mut page = Page(opened.expect("a WebSocket").0);
    assert_eq!(page.hear().await, json!({"result": {"version": "1.4"}}));
}

#[tokio::test]
async fn what_no_module_knows_is_refused_and_the_talk_goes_on() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let not_found = json!({"success": false, "errorCode": "MODULE_NOT_FOUND"});
    let unknown = json!({"module": "kz.digiflow.mobile.extensions", "method": "getVersion"});
    assert_eq!(page.ask(&unknown).await, not_found);
    // The applet of old, which a request without module means, was switched off in 2024.
    assert_eq!(page.ask(&json!({"method": "signXml", "args": []})).await, not_found);
    for nonsense in ["", "{", "[1]", "null", "\u{0}"] {
        page.say(nonsense).await;
        let refusal = json!({"success": false, "code": "COMMON_JSON_WRAPPING_EXCEPTION"});
        assert_eq!(page.hear().await, refusal, "{nonsense}");
    }
    signer(&signature(&page.ask(&request()).await), None);
}

#[tokio::test]
async fn it_signs_so_that_a_verifier_agrees() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.choose_key("head").expect("a key");
    let attached = signature(&page.ask(&request()).await);
    assert!(attached.starts_with("-----BEGIN CMS-----\n") && attached.ends_with("\n-----END CMS-----\n"));
    assert_eq!(label(&signer(&attached, None)), "head");
    let content = judge(&attached, None).expect("a signature file").document;
    assert_eq!(content.as_deref(), Some(TEXT.as_bytes()));

    let detached = signature(&page.ask(&with("/args/signingParams/encapsulate", json!(false))).await);
    assert!(matches!(judge(&detached, None), Err(VerifyError::DocumentMissing)));
    signer(&detached, Some(TEXT));

    stand.handle.choose_key("rsa-head").expect("a key");
    assert_eq!(label(&signer(&signature(&page.ask(&request()).await), Some(TEXT))), "rsa-head");
}

#[tokio::test]
async fn without_decode_the_very_text_is_signed() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let signed = signature(&page.ask(&without("/args/signingParams/decode")).await);
    signer(&signed, Some(&STANDARD.encode(TEXT)));
    // Forms send truth values as texts too.
    let signed = signature(&page.ask(&with("/args/signingParams/decode", json!("true"))).await);
    signer(&signed, Some(TEXT));
}

#[tokio::test]
async fn a_list_is_signed_text_by_text() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let texts = ["первый", "второй", "третий"];
    let data: Vec<_> = texts.iter().map(|text| STANDARD.encode(text)).collect();
    let answer = page.ask(&with("/args/data", json!(data))).await;
    let list = answer["body"]["result"].as_array().expect("a list");
    assert_eq!(list.len(), texts.len());
    for (signed, text) in list.iter().zip(texts) {
        signer(signed.as_str().expect("a text"), Some(text));
    }
}

#[tokio::test]
async fn a_time_stamp_is_added_when_it_is_asked_for() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    for (profile, is_stamped) in [(json!({}), true), (Value::Null, false)] {
        let signed = signature(&page.ask(&with("/args/signingParams/tsaProfile", profile)).await);
        let stamp = signer(&signed, None).time_stamp;
        assert_eq!(stamp.is_some(), is_stamped);
        assert!(stamp.is_none_or(|stamp| stamp.is_good() && stamp.time == Some(NOW)), "{stamp:?}");
    }
}

#[tokio::test]
async fn the_certificate_comes_along_when_it_is_asked_for() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let answer = page.ask(&with("/args/signingParams/outputCert", json!(true))).await;
    let result = &answer["body"]["result"];
    signer(result["signatures"][0].as_str().expect("a signature"), Some(TEXT));
    let certificate = result["certificate"].as_str().expect("PEM");
    let certificate = ofd_eds::Certificate::read(certificate.as_bytes()).expect("a certificate");
    assert_eq!(certificate.der(), pki().keys()[0].certificate());
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_the_recorded_words() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    assert_eq!(
        page.ask(&with("/args/signingParams", json!("x"))).await,
        json!({
            "status": false,
            "code": "INVOCATION_ERROR",
            "message": "An invoked method threw an exception.",
            "details": "org.json.JSONException: JSONObject[\"signingParams\"] is not a JSONObject.",
        })
    );
    let cases = [
        (without("/args"), "JSONObject[\"args\"] not found."),
        (without("/args/data"), "JSONObject[\"data\"] not found."),
        (without("/args/format"), "JSONObject[\"format\"] not found."),
        (without("/args/signingParams"), "JSONObject[\"signingParams\"] not found."),
        (with("/args/data", json!(5)), "JSONObject[\"data\"] is not a string."),
        (with("/args/signerParams/iin", json!(5)), "JSONObject[\"iin\"] is not a string."),
        (with("/args/signerParams/chain", json!("x")), "JSONObject[\"chain\"] is not a JSONArray."),
        (with("/args/signingParams/decode", json!("yes")), "JSONObject[\"decode\"] is not a Boolean."),
        (with("/method", json!("encrypt")), "NoSuchMethodException: encrypt"),
    ];
    for (request, details) in cases {
        let answer = page.ask(&request).await;
        assert_eq!(answer["code"], "INVOCATION_ERROR", "{request}");
        assert!(answer["details"].as_str().is_some_and(|text| text.ends_with(details)), "{answer}");
    }
}

#[tokio::test]
async fn what_it_cannot_sign_it_refuses_to_sign() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let many = vec!["eA=="; 101];
    let cases = [
        ("/args/format", json!("xml")),
        ("/args/format", json!("raw")),
        ("/args/signingParams/digested", json!(true)),
        ("/args/data", json!("not base64")),
        ("/args/data", json!([])),
        ("/args/data", json!(many)),
    ];
    for (path, value) in cases {
        let answer = page.ask(&with(path, value.clone())).await;
        assert_eq!(answer["status"], false, "{path} {value}");
        assert_eq!(answer["code"], "INVALID_SIGNING_PARAMS", "{path} {value}");
    }
}

#[tokio::test]
async fn requests_of_a_page_are_answered_one_after_another() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.set(|switches| switches.delay = Duration::from_millis(100));
    page.say(request()).await;
    page.say("--heartbeat--").await;
    signature(&page.hear().await);
    assert_eq!(page.hear_text().await, "--heartbeat--");
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_connection() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    let _ = page.0.send(Message::text("x".repeat(MESSAGE_BYTES_MAX + 1))).await;
    assert!(matches!(page.next().await, None | Some(Err(_))));
    stand.page().await;
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_unheard() {
    let stand = Stand::start().await;
    let mut pages = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        pages.push(stand.page().await);
    }
    let mut one_more = stand.tcp().await;
    assert_eq!(one_more.read(&mut [0; 1]).await.ok(), Some(0));
    // Room comes back with the next page that goes.
    pages.pop().expect("a page").0.close(None).await.expect("it closes");
    let mut tries = 0;
    while tokio_tungstenite::client_async("ws://127.0.0.1/", stand.tcp().await).await.is_err() {
        tries += 1;
        assert!(tries < 100, "no room came back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_speaks_wss_where_it_has_a_certificate() {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).expect("a key");
    let server = ServerConfig::builder().with_no_client_auth();
    let server = server.with_single_cert(vec![pair.cert.der().clone()], key).expect("a pair");
    let (emulator, handle) = Emulator::new(pki(), Arc::new(|| NOW));
    let stand = Stand::of(emulator.with_tls(TlsAcceptor::from(Arc::new(server))), handle).await;

    let mut roots = RootCertStore::empty();
    roots.add(pair.cert.der().clone()).expect("a root");
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stand.tcp().await).await;
    let mut page = Page::open("wss://localhost/", stream.expect("TLS")).await;
    assert_eq!(page.hear().await, json!({"result": {"version": "1.4"}}));
    signer(&signature(&page.ask(&request()).await), None);
}

#[tokio::test]
async fn it_stops_when_it_is_told_to_although_pages_are_open() {
    let stand = Stand::start().await;
    let mut page = stand.page().await;
    stand.handle.set(|switches| switches.delay = Duration::from_secs(600));
    page.say(request()).await;
    stand.stop.send(()).expect("it runs");
    tokio::time::timeout(Duration::from_secs(5), stand.task).await.expect("at once").expect("no panic");
    assert!(matches!(page.next().await, None | Some(Err(Error::Protocol(_) | Error::Io(_)))));
}
