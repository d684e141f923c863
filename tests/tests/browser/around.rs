//! What lies around the registers of an organisation: tokens for its programs, its papers, help.

use ofd_tests::browser::{Place, Window};
use ofd_tests::http::Request;

use super::registering::Registered;

/// A token is made, shown once, good for what it is for, and revoked.
pub(crate) async fn tokens(place: &Place, window: &Window, (bin, one): (&str, &Registered)) {
    let tokens = format!("/c/{bin}/tokens");
    window.go(&tokens).await;
    window.fill("name", "Учёт").await;
    window.send(&tokens).await;
    window.sees("programs-no-scope").await;
    assert_eq!(window.value("name").await, "Учёт");
    window.inspect("tokens-wrong").await;
    window.choose("scope", "registers_read").await;
    window.send(&tokens).await;
    window.sees("programs-made-title").await;
    window.inspect("token-made").await;
    let token = window.run("return document.querySelector('main .good code').innerText").await;
    let token = token.as_str().expect("a token is a text").to_owned();
    let (registers, documents) =
        (format!("/api/v1/organisations/{bin}/registers"), format!("/api/v1/organisations/{bin}/documents"));
    let ask = async |target: &str| {
        let asked = Request::authorised(target, &token, None).send(place.site()).await;
        asked.unwrap_or_else(|error| panic!("{target}: {error}"))
    };
    let answer = ask(&registers).await.expect(200).text();
    assert!(answer.contains(&one.id.to_string()), "{answer}");
    ask(&documents).await.expect(403);
    window.go(&tokens).await;
    assert!(!window.text().await.contains(&token), "a token is shown once");
    window.press("programs-revoke").await;
    window.inspect("token-revoke").await;
    window.send_to("/revoke").await;
    window.sees("programs-revoked").await;
    // It is good for nothing from then on, and whoever uses it still is told so.
    ask(&registers).await.expect(401);
}

/// All papers with their signatures, and the check of each at one click.
pub(crate) async fn papers(window: &Window, bin: &str) {
    window.go(&format!("/c/{bin}/papers")).await;
    window.sees("papers-valid").await;
    window.inspect("papers").await;
    for kind in ["paper-kind-application-one", "paper-kind-application-two", "paper-kind-application-three"] {
        window.sees(kind).await;
    }
    window.press("papers-check-link").await;
    window.sees("signature-valid-text").await;
    window.inspect("paper-check").await;
}

/// The pages of help, from the list of all.
pub(crate) async fn help(window: &Window) {
    window.go("/help").await;
    window.inspect("help").await;
    let all = window
        .run("return [...document.querySelectorAll('main a[href^=\"/help/\"]')].map(it => it.pathname)");
    let all: Vec<String> = all.await.as_array().into_iter().flatten().map(path).collect();
    assert!(all.len() >= 6, "{all:?}");
    for page in all {
        window.go(&page).await;
        window.inspect(&page.trim_start_matches('/').replace('/', "-")).await;
    }
}

fn path(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
