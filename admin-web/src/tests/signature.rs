//! The page of the signature check, over files that a test PKI signed.

use std::net::IpAddr;

use bytes::Bytes;
use ofd_eds::Moment;
use ofd_stand::{CmsMaker, ListState, Pki, SignerFlaw};

use super::support::people::{Browser, House};
use super::support::{Answer, NOW, header_of, work};
use crate::Signatures;
use crate::language::Language;
use crate::signatures::limits::UPLOADS_MAX;
use crate::signatures::{RevocationPolicy, SignaturesConfig};
use crate::work::Part;

const TEXT: &[u8] = "Договор №1".as_bytes();

fn now() -> Moment {
    Moment::from_unix(i64::try_from(NOW.0 / 1000).unwrap())
}

/// A site that trusts a PKI whose revocation lists lie in its trust folder, but for those left out.
struct Desk {
    house: House,
    pki: Pki,
}

impl Desk {
    fn open() -> Self {
        Self::with_lists(true)
    }

    fn with_lists(has_lists: bool) -> Self {
        let pki = Pki::new([3; 32], now());
        let folder = tempfile::tempdir().unwrap();
        pki.write_trust(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("crl")).unwrap();
        for (name, list) in pki.revocation_lists(now(), ListState::Fresh).into_iter().filter(|_| has_lists) {
            std::fs::write(folder.path().join("crl").join(name), list).unwrap();
        }
        let config = SignaturesConfig {
            trust: folder.path().to_owned(),
            ocsp: Vec::new(),
            crls: Vec::new(),
            tsa: Vec::new(),
            revocation: RevocationPolicy::CachedCrl,
        };
        let signatures = Signatures::new(&config, work(), Box::new(|| [1; 16]), &mut |_| ()).unwrap();
        Self { house: House::with(|config| config.people.signatures = signatures), pki }
    }

    fn maker<'a>(&'a self, labels: &[&str]) -> CmsMaker<'a> {
        labels
            .iter()
            .fold(CmsMaker::new(TEXT), |maker, label| maker.signer(self.pki.key(label).unwrap(), now()))
    }

    async fn browser(&self) -> Browser {
        let mut browser = self.house.browser();
        browser.go("/signature").await;
        browser
    }

    async fn check(&self, cms: &[u8]) -> Answer {
        self.browser().await.submit_files("/signature", &[], &[("cms", "a.pdf.cms", cms)]).await
    }

    async fn check_with(&self, cms: &[u8], document: &[u8]) -> Answer {
        let files = [("cms", "a.pdf.p7s", cms), ("document", "a.pdf", document)];
        self.browser().await.submit_files("/signature", &[], &files).await
    }
}

fn assert_shows(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(answer.text.contains(text), "{text} is not on the page: {}", answer.text);
    }
}

fn assert_refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, 422);
    assert_shows(answer, &["aria-invalid=\"true\"", text]);
    assert!(!answer.text.contains("data-verdict"), "there is no verdict");
}

#[tokio::test]
async fn a_good_signature_is_shown_with_all_that_is_known_of_it() {
    let desk = Desk::open();
    let key = desk.pki.key("head").unwrap();
    let stamped = key.sign_cms(TEXT, true, now(), Some(desk.pki.stamping(now())));
    let answer = desk.check(&stamped).await;
    assert_eq!(answer.status, 200);
    assert_shows(
        &answer,
        &[
            "data-verdict=\"VALID\"",
            "The signature is valid",
            key.full_name(),
            key.iin().unwrap(),
            key.bin().unwrap(),
            "ТЕСТ АЛЬФА",
            &key.serial().to_uppercase(),
            "first head",
            "Representative of an organisation",
            "not revoked (revocation list (CRL) of ",
            &format!("The document is inside the file: {} bytes.", TEXT.len()),
            "This is a test stand",
        ],
    );
    assert!(!answer.text.contains("there is no time stamp"), "{}", answer.text);
}

#[tokio::test]
async fn every_fault_is_told_truthfully() {
    let desk = Desk::open();
    let flawed =
        |flaw| CmsMaker::new(TEXT).flawed_signer(desk.pki.key("person").unwrap(), now(), flaw).make();
    for (cms, code, text) in [
        (desk.maker(&["expired"]).make(), "INVALID", "The certificate has expired, and nothing proves"),
        (desk.maker(&["not-yet"]).make(), "INVALID", "The certificate is not valid yet."),
        (desk.maker(&["revoked"]).make(), "INVALID", "The certificate was revoked, and nothing proves"),
        (desk.maker(&["wrong-purpose"]).make(), "INVALID", "The certificate is not for signing documents."),
        (desk.maker(&["self-signed"]).make(), "INVALID", "issued by nobody who is trusted here"),
        (
            desk.maker(&["foreign"]).make(),
            "INDETERMINATE",
            "authority that issued the certificate is not known",
        ),
        (flawed(SignerFlaw::OtherContent), "INVALID", "The document is not the one that was signed"),
        (flawed(SignerFlaw::OtherKey), "INVALID", "does not fit the certificate, or was changed"),
        (flawed(SignerFlaw::NoSignedAttributes), "INVALID", "does not say what it is over"),
        (flawed(SignerFlaw::OtherCertificate), "INVALID", "named another certificate"),
        (desk.maker(&["person"]).without_certificates().make(), "INVALID", "certificate is not in the file"),
        (desk.maker(&[]).make(), "INVALID", "There is no signature in the file"),
    ] {
        let answer = desk.check(&cms).await;
        assert_eq!(answer.status, 200, "{text}");
        assert_shows(&answer, &[&format!("data-verdict=\"{code}\""), text]);
    }
}

#[tokio::test]
async fn what_could_not_be_found_out_is_not_called_revoked() {
    let desk = Desk::with_lists(false);
    let answer = desk.check(&desk.maker(&["person"]).make()).await;
    assert_shows(
        &answer,
        &[
            "data-verdict=\"INDETERMINATE\"",
            "It could not be found out whether the certificate is revoked. That does not mean it is",
            "Could not be checked: there is neither an OCSP answer nor a revocation list",
        ],
    );
}

#[tokio::test]
async fn of_two_signers_one_bad_one_makes_the_file_invalid_and_the_other_stays_good() {
    let desk = Desk::open();
    let [good, bad] = ["person", "head"].map(|label| desk.pki.key(label).unwrap());
    let both = CmsMaker::new(TEXT).signer(good, now()).flawed_signer(bad, now(), SignerFlaw::OtherKey).make();
    let answer = desk.check(&both).await;
    assert_shows(
        &answer,
        &[
            "data-verdict=\"INVALID\"",
            "One of the signatures is not valid",
            "Signer 1 of 2",
            "Signer 2 of 2",
            ">Valid<",
            ">Not valid<",
        ],
    );
}

#[tokio::test]
async fn a_detached_signature_asks_for_its_document_and_is_judged_with_it() {
    let desk = Desk::open();
    let detached = desk.maker(&["person"]).detached().make();
    assert_refused(&desk.check(&detached).await, "Choose the signed document as well.");
    assert_shows(
        &desk.check_with(&detached, TEXT).await,
        &["data-verdict=\"VALID\"", "apart from the signature"],
    );
    assert_shows(
        &desk.check_with(&detached, b"other").await,
        &["data-verdict=\"INVALID\"", "not the one that was signed"],
    );
    let attached = desk.maker(&["person"]).make();
    assert_shows(
        &desk.check_with(&attached, b"other").await,
        &["data-verdict=\"INVALID\"", "not the one that was signed"],
    );
}

#[tokio::test]
async fn damaged_files_are_refused_beside_the_field() {
    let desk = Desk::open();
    let good = desk.maker(&["person"]).make();
    assert_refused(&desk.check(b"%PDF-1.7").await, "This is no signature file");
    assert_refused(&desk.check(&good[..good.len() / 2]).await, "damaged or incomplete");
    assert_refused(&desk.check(&desk.maker(&["person"]).trailing(b"more").make()).await, "extra data");
    let deep = desk.check(&[0x30, 0x80].repeat(1000)).await;
    assert_refused(&deep, "cannot be checked: it is nested too deeply, the limit is");
    assert_refused(&deep, "That does not mean that the signature is wrong.");
    let large = desk.check(&vec![0x30; 9 << 20]).await;
    assert_refused(
        &large,
        "cannot be checked: the signature file is too large (in bytes), the limit is 8388608",
    );
    let nothing = desk.browser().await.submit_files("/signature", &[], &[]).await;
    assert_refused(&nothing, "Choose the signature file.");
}

#[tokio::test]
async fn documents_over_the_limit_are_refused() {
    let desk = Desk::open();
    let detached = desk.maker(&["person"]).detached().make();
    let answer = desk.check_with(&detached, &vec![0; (32 << 20) + 1]).await;
    assert_refused(&answer, "larger than 32 MB");
    let more = desk.check_with(&detached, &vec![0; 64 << 20]).await;
    assert_eq!(more.status, 413);
}

#[tokio::test]
async fn the_document_inside_is_given_as_a_file_to_save_and_never_as_a_page() {
    let desk = Desk::open();
    let page = "<script>alert(1)</script>".as_bytes();
    let cms = CmsMaker::new(page).signer(desk.pki.key("person").unwrap(), now()).make();
    let mut browser = desk.browser().await;
    browser.submit_files("/signature", &[], &[("cms", "акт.html.cms", &cms)]).await;
    let answer = browser.submit_files("/signature/document", &[], &[("cms", "акт.html.cms", &cms)]).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_bytes()), (200, page));
    assert_eq!(header_of(&answer, "content-type"), "application/octet-stream");
    assert_eq!(header_of(&answer, "x-content-type-options"), "nosniff");
    let disposition = header_of(&answer, "content-disposition");
    assert_eq!(disposition, "attachment; filename=\"document\"; filename*=UTF-8''%D0%B0%D0%BA%D1%82.html");
    assert!(header_of(&answer, "cache-control").contains("no-store"));
    assert!(header_of(&answer, "content-security-policy").contains("sandbox"));
}

#[tokio::test]
async fn a_large_document_is_judged_and_given_out_without_being_held_in_memory() {
    let desk = Desk::open();
    let large: Vec<u8> = (0..1_000_000_u32).map(|at| b'a' + (at % 23) as u8).collect();
    let key = desk.pki.key("person").unwrap();
    let detached = CmsMaker::new(&large).signer(key, now()).detached().make();
    assert_shows(
        &desk.check_with(&detached, &large).await,
        &["data-verdict=\"VALID\"", "apart from the signature"],
    );
    assert_shows(&desk.check_with(&detached, &large[1..]).await, &["data-verdict=\"INVALID\""]);
    let attached = CmsMaker::new(&large).signer(key, now()).make();
    assert_shows(
        &desk.check(&attached).await,
        &["data-verdict=\"VALID\"", "inside the file: 1000000 bytes."],
    );
    assert_shows(&desk.check_with(&attached, &large).await, &["data-verdict=\"VALID\""]);
    assert_shows(&desk.check_with(&attached, &large[1..]).await, &["data-verdict=\"INVALID\""]);
    let (mut browser, files) = (desk.browser().await, [("cms", "a.cms", &attached[..])]);
    browser.submit_files("/signature", &[], &files).await;
    let given = browser.submit_files("/signature/document", &[], &files).await;
    assert_eq!(given.text.as_bytes(), large);
    assert_eq!(desk.house.site.office.work().in_use(Part::Documents), 0, "all of it came back");
    assert_eq!(desk.house.site.office.work().in_use(Part::Forms), 0);
}

#[tokio::test]
async fn where_no_document_is_inside_none_is_given() {
    let desk = Desk::open();
    let mut browser = desk.browser().await;
    browser.submit_files("/signature", &[], &[("cms", "a.cms", &desk.maker(&["person"]).make())]).await;
    let detached = desk.maker(&["person"]).detached().make();
    let answer = browser.submit_files("/signature/document", &[], &[("cms", "a.p7s", &detached)]).await;
    assert_refused(&answer, "There is no document in this file");
    let mut shown = desk.browser().await;
    let detached =
        shown.submit_files("/signature", &[], &[("cms", "a", &detached), ("document", "b", TEXT)]).await;
    assert!(!detached.text.contains("/signature/document"), "nothing can be extracted from it");
}

#[tokio::test]
async fn the_page_says_when_signatures_are_not_set_up() {
    let house = House::open();
    let mut browser = house.browser();
    assert_shows(&browser.go("/signature").await, &["Certificates cannot be checked on this site"]);
    let pki = Pki::new([3; 32], now());
    let cms = pki.key("person").unwrap().sign_cms(TEXT, true, now(), None);
    let answer = browser.submit_files("/signature", &[], &[("cms", "a.cms", &cms)]).await;
    assert_shows(&answer, &["Certificates cannot be checked on this site", "data-verdict=\"INDETERMINATE\""]);
}

#[tokio::test]
async fn uploads_of_documents_that_take_every_place_stop_no_sign_in() {
    let desk = Desk::open();
    let cms = desk.maker(&["person"]).make();
    let (mut checks, mut signs_in) = (desk.browser().await, desk.house.browser());
    signs_in.go("/login").await;
    let form = checks.page.clone();
    let signatures = &desk.house.site.office.signatures;
    let uploads: Vec<_> = (0..UPLOADS_MAX)
        .map(|number| {
            let address = IpAddr::from([10, 0, 0, u8::try_from(number).unwrap()]);
            signatures.upload(address).unwrap()
        })
        .collect();
    let busy = checks.submit_files("/signature", &[], &[("cms", "a.cms", &cms)]).await;
    assert_eq!((busy.status.as_u16(), header_of(&busy, "retry-after")), (503, "5"));
    let refused = signs_in.submit("/login/certificate", &[("signature", "none")]).await;
    assert_eq!(refused.status, 422, "it was judged: {}", refused.text);
    drop(uploads);
    checks.page = form;
    assert_eq!(checks.submit_files("/signature", &[], &[("cms", "a.cms", &cms)]).await.status, 200);
}

#[tokio::test]
async fn a_form_without_our_token_is_not_taken() {
    let desk = Desk::open();
    let kind = [("content-type", "multipart/form-data; boundary=B")];
    let body = "--B\r\nContent-Disposition: form-data; name=\"cms\"; filename=\"x\"\r\n\r\nabc\r\n--B--\r\n";
    for uri in ["/signature", "/signature/document"] {
        let answer = desk.browser().await.send("POST", uri, &kind, Bytes::from(body)).await;
        assert_eq!(answer.status, 403, "{uri}");
    }
}

#[tokio::test]
async fn the_pages_are_whole_in_every_language() {
    let desk = Desk::open();
    let cms = desk.maker(&["person", "expired"]).make();
    for language in Language::ALL {
        let mut browser = desk.house.browser();
        browser.language = language.code().into();
        let form = browser.go("/signature").await;
        let result = browser.submit_files("/signature", &[], &[("cms", "a.cms", &cms)]).await;
        for answer in [form, result] {
            let body = answer.text.split("<body>").nth(1).unwrap();
            assert!(!body.contains("{ $") && !body.contains(">signature-"), "{}", language.code());
            for tag in ["<h1></h1>", "<h2></h2>", "<dt></dt>", "<dd></dd>", "<label></label>"] {
                assert!(!body.contains(tag), "{tag} in {}", language.code());
            }
        }
    }
}

#[tokio::test]
async fn a_verdict_looks_like_what_it_is_in_every_language() {
    let desk = Desk::open();
    let good = desk.maker(&["person"]).make();
    let bad = desk.maker(&["expired"]).make();
    let open = desk.maker(&["foreign"]).make();
    for (cms, card, badge, words) in [
        (&good, "card good", "badge ", ["Действительна", "Жарамды", "Valid"]),
        (&bad, "card bad", "badge bad", ["Недействительна", "Жарамсыз", "Not valid"]),
        (
            &open,
            "card notice",
            "badge warn",
            ["Не проверена до конца", "Толық тексерілмеген", "Not fully checked"],
        ),
    ] {
        for (language, word) in
            [Language::Russian, Language::Kazakh, Language::English].into_iter().zip(words)
        {
            let mut browser = desk.browser().await;
            browser.language = language.code().into();
            let answer = browser.submit_files("/signature", &[], &[("cms", "a.pdf.cms", cms)]).await;
            let badge = format!("<span class=\"{badge}\">{word}</span>");
            assert_shows(&answer, &[&format!("<section class=\"{card}\""), &badge]);
            for code in [">VALID<", ">INVALID<", ">INDETERMINATE<"] {
                assert!(!answer.text.contains(code), "{code} is no word of {}", language.code());
            }
        }
    }
}

#[tokio::test]
async fn a_verdict_names_the_files_and_when_and_where_they_were_checked() {
    let desk = Desk::open();
    let detached = desk.maker(&["person"]).detached().make();
    let mut browser = desk.browser().await;
    let files = [("cms", "договор №1.pdf.p7s", &detached[..]), ("document", "договор №1.pdf", TEXT)];
    let answer = browser.submit_files("/signature", &[], &files).await;
    assert_shows(
        &answer,
        &[">договор №1.pdf.p7s<", ">договор №1.pdf<", "2026, 17:09:18", ">https://ofd.example<"],
    );
    // What is no part of the verdict is not printed.
    assert_shows(&answer, &["<p class=\"card screen\"><a href=\"/signature\">"]);
}
