//! The page of the emulated app, against a site that answers as ours does.

use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::control::{exchange, start};
use super::*;

const TEXT: &str = "Заявка № 1 <b>";

/// A site with one request to sign; what was put there is kept.
struct Site {
    address: String,
    brought: Arc<Mutex<Vec<Value>>>,
}

async fn site(status_of_put: u16) -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let brought = Arc::new(Mutex::new(Vec::new()));
    let (host, kept) = (address.clone(), Arc::clone(&brought));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let (mut request, mut piece) = (String::new(), [0; 65536]);
            let body = loop {
                let read = stream.read(&mut piece).await.expect("a request");
                request.push_str(&String::from_utf8_lossy(&piece[..read]));
                let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
                let head = head.to_ascii_lowercase();
                let len = head
                    .split("content-length: ")
                    .nth(1)
                    .map_or("0", |rest| rest.split("\r\n").next().unwrap());
                if body.len() >= len.parse().unwrap() {
                    break body.to_owned();
                }
            };
            let (status, answer) = if request.starts_with("PUT") {
                kept.lock().unwrap().push(serde_json::from_str(&body).unwrap());
                (status_of_put, json!({}))
            } else if request.contains("/documents ") {
                let file = json!({"mime": "text/plain", "data": STANDARD.encode(TEXT)});
                let document = json!({"id": 1, "nameRu": "Заявка", "meta": [{"name": "Код", "value": "0417"}], "document": {"file": file}});
                (200, json!({"signMethod": "CMS_SIGN_ONLY", "version": 1, "documentsToSign": [document]}))
            } else {
                let uri = format!("http://{host}/sign/x/documents");
                let organisation = json!({"nameRu": "ТОО «ОФД»", "bin": "151140001234"});
                (
                    200,
                    json!({"description": "Подписать", "expiry_date": "2026-11-29T16:21:37.060+05:00",
                    "organisation": organisation, "document": {"uri": uri, "auth_type": "None", "auth_token": ""}}),
                )
            };
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            stream.write_all((head + &answer).as_bytes()).await.expect("it takes the answer");
        }
    });
    Site { address, brought }
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[tokio::test]
async fn a_pasted_code_is_shown_with_who_asks_and_what_is_signed() {
    let (running, site) = (start().await, site(200).await);
    assert!(exchange(&running.address, "GET", "/phone", "").await.contains("<textarea name=\"code\""));
    let code = format!("mobileSign:http://{}/sign/x", site.address);
    let page = exchange(&running.address, "POST", "/phone", &form(&[("code", &code)])).await;
    for part in
        ["Подписать", "ТОО «ОФД» 151140001234", "0417", "Заявка № 1 &lt;b&gt;", "<option>head-b</option>"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn it_signs_over_exactly_those_bytes_refuses_and_comes_twice() {
    let (running, site) = (start().await, site(200).await);
    let code = format!("mobileSign:http://{}/sign/x", site.address);
    let bring = async |more: &[(&str, &str)]| {
        let fields: Vec<(&str, &str)> =
            [("code", code.as_str()), ("key", "head")].into_iter().chain(more.iter().copied()).collect();
        exchange(&running.address, "POST", "/phone/bring", &form(&fields)).await
    };
    assert!(bring(&[("act", "sign"), ("comes_twice", "true")]).await.contains("The site has it"));
    let brought = std::mem::take(&mut *site.brought.lock().unwrap());
    assert_eq!((brought.len(), &brought[0]), (2, &brought[1]), "the same came twice");
    let data = brought[0]["documentsToSign"][0]["document"]["file"]["data"].as_str().unwrap().to_owned();
    let cms = STANDARD.decode(data).unwrap();
    let inside = ofd_eds::document(&cms).expect("a signature file");
    assert_eq!(inside, None, "CMS_SIGN_ONLY is detached");
    assert!(bring(&[("act", "refuse")]).await.contains("The site has it"));
    assert_eq!(site.brought.lock().unwrap()[0], json!({"status": "CANCELED"}));
    assert!(bring(&[("act", "sign"), ("key", "x"), ("delay_ms", "soon")]).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn what_the_site_does_not_take_is_said() {
    let (running, site) = (start().await, site(403).await);
    let code = format!("mobileSign:http://{}/sign/x", site.address);
    let fields = form(&[("code", &code), ("act", "sign"), ("key", "head")]);
    assert!(
        exchange(&running.address, "POST", "/phone/bring", &fields).await.contains("The site answers 403")
    );
    let elsewhere = form(&[("code", "mobileSign:https://ofd.example/sign/x")]);
    let page = exchange(&running.address, "POST", "/phone", &elsewhere).await;
    assert!(page.contains("is not on this machine"), "{page}");
}
