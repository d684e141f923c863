//! What several flows begin with.

use ofd_tests::browser::{Place, Window};

/// A password that follows the rules.
pub(crate) const PASSWORD: &str = "Korund77stone";

/// The button of signing.
pub(crate) const SIGN: &str = "[data-sign-button]";

/// Astana in the directory of places.
pub(crate) const ASTANA: &str = "710000000";

/// The first letters by which one finds it.
pub(crate) const ASTANA_TYPED: &str = "Астана";

/// Opens the page of signing in and signs with a key: what a person who has one does.
pub(crate) async fn sign_in(place: &Place, window: &Window, key: &str) {
    place.takes(key);
    window.go("/login").await;
    window.click(SIGN).await;
}

/// Signs in by login and password.
pub(crate) async fn sign_in_by_password(window: &Window, login: &str, password: &str) {
    window.go("/login").await;
    window.fill("login", login).await;
    window.fill("password", password).await;
    window.send("/login/password").await;
}

/// Leaves by the button in the frame.
pub(crate) async fn sign_out(window: &Window) {
    window.send("/sign-out").await;
    window.sees("login-done-signed-out").await;
}

/// Signs somebody up as far as the account.
pub(crate) async fn create_account(place: &Place, window: &Window, key: &str, email: &str) {
    sign_in(place, window, key).await;
    window.sees("signup-account-title").await;
    fill_account(window, email).await;
    window.send("/sign-up").await;
}

/// Fills in the form of the account.
pub(crate) async fn fill_account(window: &Window, email: &str) {
    window.fill("email", email).await;
    window.fill("password", PASSWORD).await;
    window.fill("repeat", PASSWORD).await;
    window.tick("agree").await;
}

/// Fills in the form of the company, whose legal address is the actual one.
pub(crate) async fn fill_company(window: &Window) {
    window.fill("legal_settlement_query", ASTANA_TYPED).await;
    window.click("button[name=legal_find]").await;
    window.choose("legal_settlement", ASTANA).await;
    window.fill("legal_street", "ул. Сарайшық, 44, офис 3").await;
    window.tick("same_address").await;
    window.fill("company_email", "office@example.kz").await;
    window.fill("company_phone", "+7 7172 123-456").await;
    window.fill("oked", "47111").await;
}

/// Signs up a company with its head; the window shows the company's page.
pub(crate) async fn create_company(place: &Place, window: &Window, key: &str, email: &str) -> String {
    create_account(place, window, key, email).await;
    window.arrives("/sign-up/company").await;
    fill_company(window).await;
    window.send("/sign-up/company").await;
    let bin = place.bin(key);
    window.arrives(&format!("/c/{bin}/contract")).await;
    window.go(&format!("/c/{bin}")).await;
    bin
}

/// Joins the contract for a company, whose head the window and NCALayer are: the address is confirmed, the application signed.
pub(crate) async fn join_contract(window: &Window, bin: &str) {
    confirm_address(window, bin).await;
    read_contract(window, bin).await;
    window.click(SIGN).await;
    window.sees("application-done-valid").await;
}

/// Confirms the person's own address on the way to the contract.
pub(crate) async fn confirm_address(window: &Window, bin: &str) {
    let contract = format!("/c/{bin}/contract");
    window.go(&contract).await;
    window.fill("code", &letters_code(window).await).await;
    window.send(&format!("{contract}/code")).await;
    window.sees("contract-done-confirmed").await;
}

/// Reads the contract that the window shows, and comes to the application.
pub(crate) async fn read_contract(window: &Window, bin: &str) {
    window.tick("read").await;
    window.send(&format!("/c/{bin}/contract")).await;
    window.arrives(&format!("/c/{bin}/application")).await;
}

/// The code in the letter, as the demo's page of letters shows it.
pub(crate) async fn letters_code(window: &Window) -> String {
    code_said(window, "account-letter-code").await
}

/// The code in the newest letter that says it by the text of a key.
pub(crate) async fn code_said(window: &Window, key: &str) -> String {
    let letters = String::from_utf8(window.fetch_path("/demo/letters").await).expect("a page is text");
    let begins = &window.texts().pieces(key)[0];
    let (_, rest) = letters.split_once(begins).expect("a letter with a code");
    rest.trim_start().split(['<', ' ']).next().unwrap_or_default().to_owned()
}

/// What the rows of the page's table say.
pub(crate) async fn rows(window: &Window) -> String {
    let rows = window.run("return document.querySelector('main tbody').innerText").await;
    rows.as_str().unwrap_or_default().to_owned()
}
