//! From a certificate to a colleague with roles, and back: what the site is for, without reading a manual.

use ofd_tests::browser::{Place, Size, Window, browse};

use super::steps::{PASSWORD, SIGN, fill_account, fill_company, rows, sign_in_by_password, sign_out};

const COLLEAGUE: &str = "bota@example.kz";

/// What the head writes when blocking, and the colleague reads.
const REASON: &str = "Перешла в другую компанию 1 марта";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_is_invited_gets_roles_and_is_blocked_again_in_russian() {
    browse("ru", Size::PHONE, flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_is_invited_gets_roles_and_is_blocked_again_in_kazakh() {
    browse("kk", Size::DESK, flow).await;
}

async fn flow(place: &mut Place) {
    let (head, colleague) = tokio::join!(place.window(), place.window());
    let bin = sign_up(place, &head).await;
    invite(&head, &bin).await;
    join(&colleague, &bin).await;
    change_roles(&head, &colleague, &bin).await;
    block(&head, &colleague, &bin).await;
    read_audit(&head, &bin).await;
    head.close().await;
    colleague.close().await;
}

/// The head of a company signs it up.
async fn sign_up(place: &Place, head: &Window) -> String {
    head.go("/sign-up").await;
    head.inspect("sign-up").await;
    place.takes("head");
    head.click(SIGN).await;
    head.sees("signup-account-title").await;
    head.inspect("sign-up-account").await;
    fill_account(head, "arman@example.kz").await;
    head.fill("repeat", "Another77stone").await;
    head.send("/sign-up").await;
    head.sees("signup-repeat-wrong").await;
    head.inspect("sign-up-account-wrong").await;
    fill_account(head, "arman@example.kz").await;
    head.send("/sign-up").await;
    head.arrives("/sign-up/company").await;
    head.inspect("sign-up-company").await;
    fill_company(head).await;
    head.inspect("sign-up-company-filled").await;
    head.send("/sign-up/company").await;
    let bin = place.bin("head");
    head.arrives(&format!("/c/{bin}/contract")).await;
    head.sees("contract-done-welcome").await;
    head.go(&format!("/c/{bin}?done=welcome")).await;
    head.sees("company-done-welcome").await;
    head.reads("ТОО «ТЕСТ АЛЬФА»").await;
    head.inspect("company-new").await;
    bin
}

/// The head invites a colleague by e-mail, with a role.
async fn invite(head: &Window, bin: &str) {
    head.press("menu-employees").await;
    head.sees("staff-alone").await;
    head.inspect("employees-alone").await;
    head.press("staff-invite").await;
    head.inspect("invite").await;
    head.fill("email", COLLEAGUE).await;
    head.send_to("/invite").await;
    head.sees("staff-no-role-invited").await;
    head.inspect("invite-wrong").await;
    head.choose("role", "accountant").await;
    head.send_to("/invite").await;
    head.sees("staff-done-invited").await;
    head.reads(COLLEAGUE).await;
    head.inspect("employees-invited").await;

    head.go(&format!("/c/{bin}/employees/invite")).await;
    head.fill("email", COLLEAGUE).await;
    head.choose("role", "reader").await;
    head.send_to("/invite").await;
    head.sees("staff-invited-already").await;
}

/// The colleague opens the letter's link, sets a password, and is in.
async fn join(colleague: &Window, bin: &str) {
    colleague.go("/demo/letters").await;
    colleague.inspect("letters").await;
    colleague.click("main a[href*=\"/invitation?\"]").await;
    colleague.sees("staff-invitation-title").await;
    colleague.reads("ТОО «ТЕСТ АЛЬФА»").await;
    colleague.inspect("invitation").await;
    let link = colleague.path().await;
    colleague.fill("name", "Тестова Бота").await;
    colleague.fill("password", PASSWORD).await;
    colleague.fill("repeat", PASSWORD).await;
    colleague.send("/invitation").await;
    colleague.sees("signup-agree-wrong").await;
    colleague.inspect("invitation-wrong").await;
    colleague.fill("password", PASSWORD).await;
    colleague.fill("repeat", PASSWORD).await;
    colleague.tick("agree").await;
    colleague.send("/invitation").await;
    colleague.arrives(&format!("/c/{bin}")).await;
    colleague.inspect("company-of-accountant").await;
    sign_out(colleague).await;
    colleague.go(&link).await;
    colleague.sees("staff-invitation-taken").await;
    colleague.inspect("invitation-taken").await;
    sign_in_by_password(colleague, COLLEAGUE, PASSWORD).await;
    colleague.arrives("/cabinet").await;
    colleague.inspect("cabinet").await;
    colleague.follow(&format!("/c/{bin}/start")).await;
    colleague.go(&format!("/c/{bin}/employees/invite")).await;
    colleague.sees("forbidden-title").await;
    colleague.inspect("forbidden").await;
    colleague.go(&format!("/c/{bin}/contacts")).await;
    colleague.sees("company-save").await;
}

/// An accountant may change the company's data; who only reads may not, from the moment the head says so.
async fn change_roles(head: &Window, colleague: &Window, bin: &str) {
    open_colleague(head, bin).await;
    head.inspect("employee").await;
    head.choose("role", "accountant").await;
    head.choose("role", "reader").await;
    head.choose("role", "cashier_manager").await;
    head.press("staff-save").await;
    head.sees("staff-done-roles").await;
    colleague.go(&format!("/c/{bin}/contacts")).await;
    colleague.sees("forbidden-title").await;
    colleague.go(&format!("/c/{bin}/employees")).await;
    colleague.sees("staff-title").await;
}

/// A block takes effect at once, and says why.
async fn block(head: &Window, colleague: &Window, bin: &str) {
    open_colleague(head, bin).await;
    head.click("main a[href$=\"/block\"]").await;
    head.inspect("employee-block").await;
    head.fill("reason", "   ").await;
    head.send_to("/block").await;
    head.sees("staff-no-reason").await;
    head.fill("reason", REASON).await;
    head.send_to("/block").await;
    head.sees("staff-done-blocked").await;
    head.inspect("employee-blocked").await;

    colleague.go(&format!("/c/{bin}/employees")).await;
    colleague.reads(REASON).await;
    colleague.inspect("blocked").await;
    let company = format!("/c/{bin}");
    for page in ["", "/contacts", "/employees", "/banks", "/audit"] {
        colleague.go(&format!("{company}{page}")).await;
        let text = colleague.text().await;
        assert!(
            !text.contains("office@example.kz") && !text.contains("ТЕСТОВ АРМАН"),
            "{page} shows data:\n{text}"
        );
    }
    colleague.go("/cabinet").await;
    colleague.reads(REASON).await;
    colleague.inspect("cabinet-blocked").await;

    open_colleague(head, bin).await;
    head.send_to("/unblock").await;
    head.sees("staff-done-unblocked").await;
    colleague.go(&format!("/c/{bin}/employees")).await;
    colleague.sees("staff-title").await;
}

async fn open_colleague(head: &Window, bin: &str) {
    head.go(&format!("/c/{bin}/employees?email={COLLEAGUE}")).await;
    head.click(&format!("main tbody a[href^=\"/c/{bin}/employees/\"]")).await;
    head.sees("staff-rights").await;
}

/// Everything of it is in the audit.
async fn read_audit(head: &Window, bin: &str) {
    head.press("menu-audit").await;
    let all = rows(head).await;
    for action in [
        "audit-company-created",
        "audit-invited",
        "audit-joined",
        "audit-roles-changed",
        "audit-blocked",
        "audit-unblocked",
    ] {
        let action = head.texts().say(action);
        assert!(all.contains(action), "{action} is not in the audit:\n{all}");
    }
    head.inspect("audit").await;
    head.unfold_in("main tbody").await;
    head.reads(REASON).await;
    head.print("audit").await;

    head.choose("action", "blocked").await;
    head.press("audit-find").await;
    head.arrives(&format!("/c/{bin}/audit?")).await;
    head.unfold_in("main tbody").await;
    head.reads(REASON).await;
    let count = head.run("return document.querySelectorAll('tbody tr').length").await;
    assert_eq!(count, 1, "one row tells of the block");
    head.inspect("audit-filtered").await;
    head.fill("person", "Никто").await;
    head.press("audit-find").await;
    head.sees("audit-none-found").await;
    head.inspect("audit-nothing").await;
    let file = head.fetch_path(&format!("/c/{bin}/audit.csv")).await;
    assert!(String::from_utf8_lossy(&file).contains(REASON), "the file holds what the page shows");
}
