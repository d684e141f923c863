//! What several flows begin with.

use ofd_tests::browser::{Place, Window};

/// A password that follows the rules.
pub(crate) const PASSWORD: &str = "Korund77stone";

/// The button of signing.
pub(crate) const SIGN: &str = "[data-sign-button]";

/// Opens the page of signing in and signs with a key: what a person who has one does.
pub(crate) async fn sign_in(place: &Place, window: &Window, key: &str) {
    place.takes(key);
    window.go("/login").await;
    window.click(SIGN).await;
}

/// Signs somebody up as far as the account.
pub(crate) async fn create_account(place: &Place, window: &Window, key: &str, email: &str) {
    sign_in(place, window, key).await;
    window.arrives("/sign-up").await;
    window.fill("email", email).await;
    window.fill("password", PASSWORD).await;
    window.fill("repeat", PASSWORD).await;
    window.choose("agree", "yes").await;
    window.send("/sign-up").await;
}
