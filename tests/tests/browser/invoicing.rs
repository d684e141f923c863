//! Documents of money: an organisation makes a bill and looks at its settlement, the operator's people find the bill.

use ofd_tests::browser::Window;

/// A bill is made for a sum, opened and downloaded; the settlement is looked at.
pub(crate) async fn bills(window: &Window, bin: &str) -> String {
    let money = format!("/c/{bin}/money");
    window.go(&format!("{money}/invoices")).await;
    window.sees("invoices-none").await;
    window.inspect("invoices-none").await;
    let make = format!("{money}/bill");
    window.go(&make).await;
    window.fill("sum", "0").await;
    window.send(&make).await;
    window.sees("bill-sum-wrong").await;
    assert_eq!(window.value("sum").await, "0", "what was typed stays");
    window.inspect("bill-wrong").await;
    window.fill("sum", "1500,50").await;
    window.send(&make).await;
    window.sees("bill-qr").await;
    window.inspect("bill").await;
    window.print("bill").await;
    let bill = window.path().await;
    for file in ["ru.pdf", "kk.pdf"] {
        let pdf = window.fetch_path(&format!("{bill}/{file}")).await;
        assert!(pdf.starts_with(b"%PDF-1.7"), "{file}");
    }
    window.go(&format!("{money}/invoices")).await;
    window.sees("invoices-kind-bill").await;
    window.inspect("invoices").await;
    window.go(&format!("{money}/settlement")).await;
    window.sees("settle-months").await;
    window.sees("settle-nobody").await;
    window.inspect("settlement").await;
    let act = window.fetch_path(&format!("{money}/settlement/kk.pdf")).await;
    assert!(act.starts_with(b"%PDF-1.7"));
    bill
}

/// The operator's people find a bill among all documents, and look at it and at the settlement.
pub(crate) async fn finds(operator: &Window, bin: &str, bill: &str) {
    let number = bill.rsplit('/').next().expect("a path");
    operator.go(&format!("/operator/invoices?q={number}")).await;
    operator.reads(number).await;
    operator.inspect("operator-invoices").await;
    let money = format!("/operator/companies/{bin}/money");
    operator.follow(&format!("{money}/invoices/{number}")).await;
    operator.sees("invoice-lines").await;
    operator.inspect("operator-invoice").await;
    operator.go(&format!("{money}/settlement")).await;
    operator.sees("settle-act").await;
    operator.inspect("operator-settlement").await;
}
