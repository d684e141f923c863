use super::*;

#[tokio::test]
async fn a_bank_account_is_added_by_its_number_alone() {
    let office = office().await;
    let mut browser = office.browser().await;
    let new = format!("{HOME}/bank-accounts/new");
    browser.go(&new).await;
    let answer = browser.submit(&new, &[("iik", "KZ87125KZT5004100100"), ("kbe", "17")]).await;
    assert!(answer.status == 422 && answer.text.contains("its check digits do not fit"), "{}", answer.text);
    assert!(answer.text.contains("value=\"KZ87125KZT5004100100\""));
    let other = browser.submit(&new, &[("iik", IIK), ("bic", "HSBKKZKX"), ("kbe", "17")]).await;
    assert!(other.status == 422 && other.text.contains("another bank, BIC NBRKKZKX"), "{}", other.text);
    let answer = browser.submit(&new, &[("iik", "kz86 125k zt50 0410 0100"), ("kbe", "17")]).await;
    assert_eq!(location(&answer), format!("{HOME}?done=account-added"));
    let account = &office.company().await.bank_accounts[0];
    assert_eq!((account.iik.as_str(), account.bic.as_str(), account.is_default), (IIK, "NBRKKZKX", true));
    assert!(browser.go(HOME).await.text.contains("KZ86 125K ZT50 0410 0100"));
}

#[tokio::test]
async fn the_only_account_stays_and_one_is_the_default() {
    let office = office().await;
    let first = office.with_account(IIK, true).await;
    let mut browser = office.browser().await;
    let delete = |id: u32| format!("{HOME}/bank-accounts/{id}/delete");
    let page = browser.go(&delete(first)).await;
    assert!(page.text.contains("cannot be deleted") && !page.text.contains("Yes, delete"));
    let second = office.with_account("KZ75125KZT1001300335", false).await;
    let one = format!("{HOME}/bank-accounts/{second}");
    browser.go(&one).await;
    let typed =
        [("iik", "KZ75125KZT1001300335"), ("kbe", "17"), ("account_kind", "current"), ("is_default", "yes")];
    let answer = browser.submit(&one, &typed).await;
    assert_eq!(location(&answer), format!("{HOME}?done=account-changed"), "{}", answer.text);
    let defaults: Vec<bool> = office.company().await.bank_accounts.iter().map(|one| one.is_default).collect();
    assert_eq!(defaults, [false, true]);
    let page = browser.go(&delete(second)).await;
    assert!(page.text.contains("KZ86 125K ZT50 0410 0100"), "it says which becomes the default");
    assert_eq!(location(&browser.submit(&delete(second), &[]).await), format!("{HOME}?done=account-deleted"));
    let left = office.company().await.bank_accounts;
    assert!(left.len() == 1 && left[0].is_default);
}

#[tokio::test]
async fn a_bank_account_that_changed_meanwhile_is_not_overwritten() {
    let office = office().await;
    let id = office.with_account(IIK, true).await;
    let (mut first, mut second) = (office.browser().await, office.browser().await);
    let one = format!("{HOME}/bank-accounts/{id}");
    first.go(&one).await;
    second.go(&one).await;
    let typed = [("iik", IIK), ("bic", "NBRKKZKX"), ("kbe", "17"), ("account_kind", "current")];
    first.submit(&one, &with(&typed, &[("is_guarantee", "yes")])).await;
    let answer = second.submit(&one, &with(&typed, &[("account_kind", "savings")])).await;
    assert!(answer.status == 409 && answer.text.contains("Stored now: Current account"), "{}", answer.text);
    assert!(
        answer.text.contains("<option value=\"savings\" selected>")
            && answer.text.contains("Stored now: yes")
    );
    assert_eq!(office.company().await.bank_accounts[0].kind, "current");
}
