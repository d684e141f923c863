//! The tariff plan of a register: chosen with the form about it, on its own page, and by an application where its contract says so.

use ofd_billing::tariffs::{Choosers, KindPrice, Plan, PlanData, Price, Signing, Step, TakesEffect, Tls};
use ofd_billing::{Day, Tiyn};
use ofd_storage::accounts::PaperKind;
use ofd_storage::tariffs::free;

use super::super::support::visible;
use super::*;
use crate::day::today;

/// A plan for wired registers, 1 500 tenge a month, without TLS.
fn plan(id: &str, title: &str, signing: Signing) -> Plan {
    let free = free().unwrap().data().clone();
    let mut version = free.versions[0].clone();
    let steps = vec![Step { registers: 1, price: Price::Tiyn(Tiyn::new(150_000).unwrap()) }];
    version.prices.truncate(1);
    version.prices[0] = KindPrice { steps, ..version.prices[0].clone() };
    let mut titles = free.titles.clone();
    (titles.ru, titles.en) = (title.to_owned(), title.to_owned());
    let data = PlanData {
        id: id.parse().unwrap(),
        titles,
        kinds: free.kinds[..1].to_vec(),
        tls: Tls::Excluded,
        takes_effect: TakesEffect::NextDay,
        signing,
        versions: vec![version],
        ..free
    };
    Plan::new(data).unwrap()
}

impl Joined {
    async fn offers(&self, plans: &[Plan]) {
        for plan in plans {
            assert!(model::create(&*self.gate.house.store, plan).await.unwrap());
        }
    }

    fn day(&self) -> Day {
        Day::new(today(self.gate.house.now(), super::super::support::ZONE)).unwrap()
    }
}

#[tokio::test]
async fn a_register_comes_on_the_books_with_the_plan_that_its_form_says_and_the_port_goes_by_it() {
    let mut joined = Joined::open().await;
    joined.offers(&[plan("basic", "Basic", Signing::Unsigned)]).await;
    let path = joined.new_path();
    let form = visible(&joined.browser.go(&path).await.text);
    assert!(form.contains("\u{20b8}1,500.00 a month") && form.contains("(1): \u{20b8}1,500.00"), "{form}");
    let wrong = Joined::send(&mut joined.browser, &path, &[("tariff", "basic"), ("connection", "sim")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("not for registers that are connected so"));
    let id = joined.saved(&[("tariff", "basic")]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let kept = joined.kept(id).await;
    assert_eq!(kept.plans.on(joined.day()).unwrap().as_str(), "basic", "from this day on");
    assert!(!joined.record(id).await.unwrap().is_tls_allowed);
    assert!(joined.actions().await.contains(&AuditAction::PlanChosen));
}

#[tokio::test]
async fn another_plan_is_chosen_with_a_click_and_holds_from_the_next_day() {
    let mut joined = Joined::open().await;
    let mut theirs = plan("theirs", "Theirs", Signing::Unsigned).data().clone();
    theirs.choosers = Choosers::Listed(["020202500123".to_owned()].into());
    joined.offers(&[plan("basic", "Basic", Signing::Unsigned), Plan::new(theirs).unwrap()]).await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let at = format!("/c/{}/registers/{id}/tariff", joined.bin);
    let page = visible(&joined.browser.go(&at).await.text);
    assert!(page.contains("Basic") && page.contains("may not come over TLS"), "{page}");
    assert!(!page.contains("Theirs"), "{page}");
    let mut late = joined.browser.clone();
    for wrong in ["theirs", "free", "none", "", "<b>"] {
        let answer = joined.browser.clone().submit(&at, &[("plan", wrong)]).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text);
    }
    for _ in 0..2 {
        let answer = joined.browser.clone().submit(&at, &[("plan", "basic")]).await;
        assert_eq!(location(&answer), format!("{at}?done=chosen"));
    }
    let answer = late.submit(&at, &[("plan", "free")]).await;
    assert_eq!(answer.status, 422, "a page from before the choice: {}", answer.text);
    let (today, kept) = (joined.day(), joined.kept(id).await);
    assert_eq!(kept.plans.on(today).unwrap().as_str(), "free");
    assert_eq!(kept.plans.on(today.next().unwrap()).unwrap().as_str(), "basic");
    let page = visible(&joined.browser.go(&at).await.text);
    assert!(page.contains("has not begun"), "{page}");

    let office = &joined.gate.house.site.office;
    Box::pin(go_on(office)).await.unwrap();
    assert!(joined.record(id).await.unwrap().is_tls_allowed, "today is still by the plan of before");
    joined.gate.house.wait(24 * 3600);
    Box::pin(go_on(office)).await.unwrap();
    assert!(!joined.record(id).await.unwrap().is_tls_allowed, "the port follows on the first day");
}

#[tokio::test]
async fn a_plan_whose_contract_wants_it_signed_is_asked_for_by_an_application_and_by_nobody_else_answered() {
    let mut joined = Joined::open().await;
    joined.offers(&[plan("signed", "Solid", Signing::Signed)]).await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let at = format!("/c/{}/registers/{id}/tariff", joined.bin);
    joined.browser.go(&at).await;
    let answer = joined.browser.submit(&at, &[("plan", "signed")]).await;
    joined.browser.go(&location(&answer)).await;
    let kept = joined.kept(id).await;
    assert_eq!(kept.paper.as_ref().unwrap().kind, PaperKind::ApplicationThree);
    assert!(kept.plans.is_empty(), "nothing is so before it is signed");
    let page = joined.browser.clone().go(&at).await.text;
    assert!(page.contains("chosen by an application that is not signed yet"), "{page}");
    assert_eq!(joined.sign_as_head(id).await, "done");
    let (kept, tomorrow) = (joined.kept(id).await, joined.day().next().unwrap());
    assert_eq!((kept.state, kept.wanted), (RegistrationState::Registered, None));
    assert_eq!(kept.plans.on(tomorrow).unwrap().as_str(), "signed");
    assert_eq!(joined.actions().await.iter().filter(|one| **one == AuditAction::PlanChosen).count(), 1);
}
