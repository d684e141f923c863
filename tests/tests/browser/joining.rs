//! From the front door to a valid Application No. 1: what a stranger does whose organisation joins the contract.

use ofd_tests::browser::{Place, Window};

use super::phone_signing::{Habits, Means};
use super::steps::{SIGN, fill_account, fill_company, letters_code, sign_out};

/// Signs up the head of the organisation and the organisation, and returns its number.
pub(crate) async fn signs_up(place: &Place, window: &Window, means: &Means) -> String {
    window.go("/").await;
    window.go("/login").await;
    window.follow("/sign-up").await;
    let habits = Habits { loses_answers: true, ..Habits::default() };
    means.identifies(place, window, "/sign-up", habits).await;
    window.sees("signup-account-title").await;
    fill_account(window, "arman@example.kz").await;
    window.send("/sign-up").await;
    window.arrives("/sign-up/company").await;
    fill_company(window).await;
    window.send("/sign-up/company").await;
    let bin = place.bin("head");
    window.arrives(&format!("/c/{bin}/contract")).await;
    window.sees("contract-done-welcome").await;
    bin
}

/// Reads the contract, confirms the address on the way, and signs the application.
pub(crate) async fn joins(place: &Place, window: &Window, (means, bin): (&Means, &str)) {
    let contract = format!("/c/{bin}/contract");
    window.sees("contract-sample").await;
    window.inspect("contract").await;

    // The address is confirmed on the way, and nothing that was ticked is lost by it.
    window.tick("read").await;
    window.send(&contract).await;
    window.sees("contract-confirm-first").await;
    window.inspect("contract-wrong").await;
    window.fill("code", &letters_code(window).await).await;
    window.send(&format!("{contract}/code")).await;
    window.sees("contract-done-confirmed").await;
    window.tick("read").await;
    window.send(&contract).await;
    let application = format!("/c/{bin}/application");
    window.arrives(&application).await;
    window.inspect("application").await;
    if means.is_ncalayer() {
        window.inspect_dark("application").await;
        is_left_and_taken_up(place, window, &application).await;
    }
    means.signs(place, window, &application).await;
    window.sees("application-done-valid").await;
    window.inspect("application-valid").await;
    let signed = window.fetch_path(&format!("/c/{bin}/papers/1/signature.cms")).await;
    let paper = window.fetch_path(&format!("/c/{bin}/papers/1/application.pdf")).await;
    assert!(paper.starts_with(b"%PDF-") && !signed.is_empty());
    window.go(&format!("/c/{bin}")).await;
    window.does_not_see("agreement-waits-signature").await;
}

/// The application waits for who signs in anew, and is not taken from an employee without the right.
async fn is_left_and_taken_up(place: &Place, window: &Window, application: &str) {
    sign_out(window).await;
    window.go("/login").await;
    window.click(SIGN).await;
    window.arrives("/cabinet").await;
    window.sees("agreement-waits-signature").await;
    window.follow(application).await;
    place.person.set(|person| person.ignores_filters = true);
    place.takes("employee");
    window.click(SIGN).await;
    window.sees("paper-fault-no-right").await;
    window.inspect("application-refused").await;
    place.takes("head");
}
