//! What the operator's people keep for all, and what they find of an organisation that sells.

use ofd_tests::browser::Window;
use ofd_tests::device::Device;

use super::registering::Registered;
use super::selling::{number_of, sum};

/// Where they land, the directory of models, the versions of the contract.
pub(crate) async fn directories(operator: &Window) {
    operator.go("/operator/start").await;
    operator.sees("operator-queues").await;
    operator.inspect("operator-start").await;
    operator.press("menu-models").await;
    operator.sees("models-sample").await;
    operator.fill("q", "нет такой").await;
    operator.press("list-find").await;
    operator.sees("models-none").await;
    operator.go("/operator/models").await;
    operator.inspect("operator-models").await;
    operator.press("menu-contracts").await;
    operator.inspect("operator-contracts").await;
    operator.follow("/operator/contracts/").await;
    operator.sees("contracts-begins").await;
    operator.inspect("operator-contract").await;
}

/// A text for receipts of one organisation is made, changed and deleted.
pub(crate) async fn texts_on_receipts(operator: &Window, bin: &str) {
    let new = "/operator/ticket-texts/new";
    operator.go(new).await;
    operator.fill("text", "Спасибо за покупку!").await;
    operator.choose("kind", "org").await;
    operator.fill("whose", "990940003176").await;
    let today = operator.value("from").await;
    operator.fill("to", &today).await;
    operator.send(new).await;
    operator.sees("ticket-text-wrong-whose").await;
    assert_eq!(operator.value("text").await, "Спасибо за покупку!", "what was typed stays");
    operator.inspect("ticket-text-wrong").await;
    operator.fill("whose", bin).await;
    operator.send(new).await;
    operator.sees("ticket-text-added").await;
    operator.sees("ticket-text-holds").await;
    operator.inspect("ticket-texts").await;
    operator.click("main tbody a").await;
    operator.sees("ticket-text-intro").await;
    let text = operator.path().await;
    operator.fill("text", "Сізге рахмет!").await;
    operator.send(&text).await;
    operator.sees("ticket-text-changed").await;
    operator.go(&format!("{text}/delete")).await;
    operator.reads("Сізге рахмет!").await;
    operator.send(&format!("{text}/delete")).await;
    operator.sees("ticket-text-deleted").await;
}

/// The registers of an organisation, what one of them sold, and its receipt by its fiscal sign.
pub(crate) async fn what_was_sold(operator: &Window, (bin, one): (&str, &Registered), till: &Device) {
    operator.go(&format!("/operator/companies/{bin}")).await;
    operator.press_in("main", "operator-registers-of").await;
    operator.inspect("operator-registers").await;
    operator.follow(&format!("/operator/registers/{bin}/{}", one.id)).await;
    operator.press_in("main", "shops-x").await;
    operator.reads(sum(operator)).await;
    operator.go("/operator/find").await;
    operator.fill("q", &number_of(till)).await;
    operator.press("list-find").await;
    operator.sees("operator-find-whose").await;
    operator.fill("in", bin).await;
    operator.press("list-find").await;
    operator.sees("documents-frame").await;
    operator.reads(&number_of(till)).await;
    operator.inspect("operator-document").await;
}
