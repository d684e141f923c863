//! The page of control.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::ncalayer::control::Control;
use crate::ncalayer::{Encoding, Fault, Outcome, Shape};
use crate::{ListState, OcspState, Switches};

/// A running page of control, and what it moves.
pub(super) struct Running {
    handle: Handle,
    services: Arc<Switches>,
    pub(super) address: String,
}

pub(super) async fn start() -> Running {
    let (_, handle) = Emulator::new(pki(), Arc::new(|| NOW));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let ncalayer = "ws://127.0.0.1:13579/".to_owned();
    let services = Arc::new(Switches::default());
    let control = Control { handle: handle.clone(), ncalayer, services: Some(Arc::clone(&services)) };
    tokio::spawn(control.serve(listener, std::future::pending()));
    Running { handle, services, address }
}

pub(super) async fn exchange(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let kind = "application/x-www-form-urlencoded";
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn the_page_lists_every_key_and_the_one_that_is_chosen() {
    let Running { handle, address, .. } = start().await;
    handle.choose_key("entrepreneur").expect("a key");
    let page = exchange(&address, "GET", "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for key in pki().keys() {
        let button = format!("name=\"key\" value=\"{}\"", key.label());
        assert_eq!(page.contains(&button), key.label() != "entrepreneur", "{}", key.label());
    }
}

#[tokio::test]
async fn forms_choose_the_key_and_set_the_switches() {
    let Running { handle, address, .. } = start().await;
    let answer = exchange(&address, "POST", "/key", "key=head-b").await;
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("location: /\r\n"), "{answer}");
    assert_eq!(handle.switches().key, "head-b");
    let form = "outcome=SIGNING_FAILURE&delay_ms=250&ignores_filters=true&shape=as-data&encoding=base64";
    let answer = exchange(&address, "POST", "/switch", form).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let switches = handle.switches();
    assert_eq!(switches.outcome, Outcome::Error(Fault::SigningFailure));
    assert_eq!(switches.delay, Duration::from_millis(250));
    assert!(switches.ignores_filters);
    assert_eq!((switches.shape, switches.encoding), (Shape::AsData, Encoding::Base64));
    // One switch leaves the others as they are.
    exchange(&address, "POST", "/switch", "outcome=cancel").await;
    assert_eq!(handle.switches().outcome, Outcome::Cancel);
    assert_eq!(handle.switches().encoding, Encoding::Base64);
}

#[tokio::test]
async fn a_wrong_form_changes_nothing_and_says_what_it_wants() {
    let Running { handle, address, .. } = start().await;
    let before = handle.switches();
    let cases = [
        ("/key", "key=nobody", "there is no key nobody"),
        ("/key", "", "send one field, key"),
        ("/switch", "", "send a field: outcome"),
        ("/switch", "encoding=base64&outcome=perhaps", "`perhaps` is not known here"),
        ("/switch", "delay_ms=soon", "it may be a number of milliseconds"),
        ("/switch", "ignores_filters=1", "it may be true or false"),
        ("/switch", "colour=red", "there is no switch colour"),
    ];
    for (path, form, says) in cases {
        let answer = exchange(&address, "POST", path, form).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(says), "{form}: {answer}");
        assert_eq!(handle.switches(), before, "{form}");
    }
    assert!(exchange(&address, "GET", "/other", "").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn what_strangers_sent_is_shown_as_text() {
    let Running { handle, address, .. } = start().await;
    handle.note("<script>alert(1)</script> \"&".to_owned());
    let page = exchange(&address, "GET", "/", "").await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn the_page_to_try_takes_a_signature_and_says_whose_it_is() {
    let Running { address, .. } = start().await;
    let page = exchange(&address, "GET", "/try", "").await;
    assert!(page.contains("data-ncalayer=\"ws://127.0.0.1:13579/\""), "{page}");
    let text = "Проба подписи. Не является документом.";
    let pki = pki();
    let head = pki.key("head").expect("a key");
    let post = async |content: &str| {
        let cms = STANDARD.encode(head.sign_cms(content.as_bytes(), true, NOW, None));
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("signature", &cms).finish();
        exchange(&address, "POST", "/try", &form).await
    };
    let good = format!("{}: signature good, chain ok", head.full_name());
    assert!(post(text).await.contains(&good));
    assert!(post("Другой текст").await.contains(": signature bad"));
    assert!(exchange(&address, "POST", "/try", "").await.contains("This is no signature"));
}

#[tokio::test]
async fn a_form_sets_the_services() {
    let Running { services, address, .. } = start().await;
    let form = "ocsp=try-later&lists=out-of-date&time_stamper=down&delay_ms=40";
    assert!(exchange(&address, "POST", "/services", form).await.starts_with("HTTP/1.1 303"));
    let settings = services.settings();
    assert_eq!((settings.ocsp, settings.lists), (OcspState::TryLater, ListState::OutOfDate));
    assert!(settings.is_time_stamper_down);
    assert_eq!(settings.delay, Duration::from_millis(40));
    for wrong in ["", "ocsp=perhaps", "lists=down&delay_ms=soon", "colour=red"] {
        assert!(exchange(&address, "POST", "/services", wrong).await.starts_with("HTTP/1.1 400"), "{wrong}");
        assert_eq!(services.settings(), settings, "{wrong}");
    }
    let page = exchange(&address, "GET", "/", "").await;
    assert!(page.contains("<option selected>try-later</option>"), "{page}");
}
