//! From the front door to a valid Application No. 1: what a stranger does whose organisation joins the contract.

use ofd_tests::browser::{Place, Size, browse};

use super::steps::{SIGN, fill_account, fill_company, letters_code, sign_out};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_joins_the_contract_in_russian() {
    browse("ru", Size::DESK, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_joins_the_contract_in_kazakh_on_a_phone() {
    browse("kk", Size::PHONE, flow).await;
}

async fn flow(place: &mut Place) {
    let window = place.window().await;
    place.takes("head");
    window.go("/").await;
    window.go("/login").await;
    window.follow("/sign-up").await;
    window.click(SIGN).await;
    window.sees("signup-account-title").await;
    fill_account(&window, "arman@example.kz").await;
    window.send("/sign-up").await;
    window.arrives("/sign-up/company").await;
    fill_company(&window).await;
    window.send("/sign-up/company").await;
    let bin = place.bin("head");
    let contract = format!("/c/{bin}/contract");
    window.arrives(&contract).await;
    window.sees("contract-done-welcome").await;
    window.sees("contract-sample").await;
    window.inspect("contract").await;

    // The address is confirmed on the way, and nothing that was ticked is lost by it.
    window.tick("read").await;
    window.send(&contract).await;
    window.sees("contract-confirm-first").await;
    window.inspect("contract-wrong").await;
    window.fill("code", &letters_code(&window).await).await;
    window.send(&format!("{contract}/code")).await;
    window.sees("contract-done-confirmed").await;
    window.tick("read").await;
    window.send(&contract).await;
    window.arrives(&format!("/c/{bin}/application")).await;
    window.inspect("application").await;
    window.inspect_dark("application").await;

    // Left and taken up again, by who signs in anew.
    sign_out(&window).await;
    window.go("/login").await;
    window.click(SIGN).await;
    window.arrives("/cabinet").await;
    window.sees("agreement-waits-signature").await;
    window.follow(&format!("/c/{bin}/application")).await;
    place.person.set(|person| person.ignores_filters = true);
    place.takes("employee");
    window.click(SIGN).await;
    window.sees("paper-fault-no-right").await;
    window.inspect("application-refused").await;
    place.takes("head");
    window.click(SIGN).await;
    window.sees("application-done-valid").await;
    window.inspect("application-valid").await;
    let signed = window.fetch_path(&format!("/c/{bin}/papers/1/signature.cms")).await;
    let paper = window.fetch_path(&format!("/c/{bin}/papers/1/application.pdf")).await;
    assert!(paper.starts_with(b"%PDF-") && !signed.is_empty());
    window.go(&format!("/c/{bin}")).await;
    window.does_not_see("agreement-waits-signature").await;
    window.close().await;
}
