use super::*;

#[tokio::test]
async fn a_form_with_a_damaged_revision_overwrites_nothing() {
    let office = office().await;
    office.with_address(AddressKind::Legal, "1").await;
    let address = office.with_address(AddressKind::Postal, "2").await;
    let account = office.with_account(IIK, true).await;
    let mut browser = office.browser().await;
    let before = office.company().await;
    browser.go(HOME).await;
    let csrf = browser.hidden("/sign-out")[0].1.clone();
    for (path, typed) in [
        ("contacts", "email=a@example.kz".to_owned()),
        ("attributes", "document_number=7".to_owned()),
        ("head", "name=B&position=C".to_owned()),
        (&format!("addresses/{address}"), "kind=postal&country=KZ&settlement=710000000&street=3".to_owned()),
        (&format!("addresses/{address}/delete"), String::new()),
        (&format!("bank-accounts/{account}"), format!("iik={IIK}&kbe=17&account_kind=savings")),
    ] {
        for revision in ["", "x", "-1", "4294967296"] {
            let body = format!("csrf={csrf}&revision={revision}&{typed}");
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            let again = location(&browser.send("POST", &format!("{HOME}/{path}"), &kind, body).await);
            assert_eq!(browser.open(&again).await.status, 409, "{path} at {revision:?}: {again}");
        }
    }
    assert_eq!(office.company().await, before);
}
