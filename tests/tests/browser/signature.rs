//! The page that checks signatures: the truth about every file, for whoever comes by.

use std::time::Duration;

use ofd_stand::{CmsMaker, OcspState, SignerFlaw};
use ofd_tests::browser::{Place, Size, Window, browse};

const DOCUMENT: &[u8] = "Договор № 1 от 1 марта".as_bytes();

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_can_check_a_signature_in_russian() {
    browse("ru", Size::PHONE, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_can_check_a_signature_in_kazakh() {
    browse("kk", Size::DESK, flow).await;
}

async fn flow(place: &mut Place) {
    let window = place.window().await;
    window.go("/signature").await;
    window.inspect("signature").await;
    what_holds(place, &window).await;
    what_does_not(place, &window).await;
    what_cannot_be_read(place, &window).await;
    the_document_comes_out(place, &window).await;
    window.close().await;
}

async fn check(place: &Place, window: &Window, cms: &[u8], document: Option<&[u8]>) {
    window.go("/signature").await;
    window.attach("cms", &place.file("договор.txt.cms", cms)).await;
    if let Some(document) = document {
        window.attach("document", &place.file("договор.txt", document)).await;
    }
    window.press("signature-check").await;
}

async fn what_holds(place: &Place, window: &Window) {
    let (head, now) = (place.key("head"), place.person.now());
    let attached = CmsMaker::new(DOCUMENT).signer(head, now).time_stamp(place.stamping()).make();
    check(place, window, &attached, None).await;
    window.sees("signature-valid-text").await;
    window.reads(head.iin().unwrap_or_default()).await;
    window.reads("ТОО «ТЕСТ АЛЬФА»").await;
    window.inspect("signature-valid").await;
    window.print("signature-valid").await;

    let detached = head.sign_cms(DOCUMENT, false, now, None);
    check(place, window, &detached, Some(DOCUMENT)).await;
    window.sees("signature-valid-text").await;
    check(place, window, &detached, None).await;
    window.sees("signature-document-missing").await;
    window.inspect("signature-no-document").await;

    place.services.set_ocsp(OcspState::Down);
    check(place, window, &place.key("head-b").sign_cms(DOCUMENT, true, now, None), None).await;
    window.sees("signature-open-text").await;
    window.inspect("signature-open").await;
    place.services.set_ocsp(OcspState::Answers);
}

async fn what_does_not(place: &Place, window: &Window) {
    let (head, person, now) = (place.key("head"), place.key("person"), place.person.now());
    check(place, window, &head.sign_cms(DOCUMENT, false, now, None), Some(b"another document")).await;
    window.sees("signature-why-digest-bad").await;
    let two =
        CmsMaker::new(DOCUMENT).signer(head, now).flawed_signer(person, now, SignerFlaw::OtherKey).make();
    check(place, window, &two, None).await;
    window.sees("signature-invalid-text").await;
    window.sees("signature-why-signature-bad").await;
    window.sees("signature-state-good").await;
    window.inspect("signature-two").await;
    for (key, why) in [
        ("revoked", "signature-why-revoked"),
        ("expired", "signature-why-expired"),
        ("not-yet", "signature-why-not-yet"),
        ("self-signed", "signature-why-untrusted"),
        ("wrong-purpose", "signature-why-purpose"),
    ] {
        check(place, window, &place.key(key).sign_cms(DOCUMENT, true, now, None), None).await;
        window.sees(why).await;
    }
    window.inspect("signature-invalid").await;
}

async fn what_cannot_be_read(place: &Place, window: &Window) {
    check(place, window, b"no signature at all", None).await;
    window.sees("signature-damaged").await;
    window.inspect("signature-damaged").await;
    check(place, window, &CmsMaker::new(DOCUMENT).make(), None).await;
    window.sees("signature-none").await;
    window.inspect("signature-none").await;
}

async fn the_document_comes_out(place: &Place, window: &Window) {
    let attached = place.key("head").sign_cms(DOCUMENT, true, place.person.now(), None);
    window.go("/signature").await;
    window.attach("cms", &place.file("договор.txt.cms", &attached)).await;
    let folder = place.folder("downloads");
    window.save_downloads_in(&folder).await;
    window.press("signature-extract").await;
    let saved = window.downloaded(&folder, Duration::from_secs(20)).await;
    assert_eq!(saved, ("договор.txt".to_owned(), DOCUMENT.to_vec()));
}
