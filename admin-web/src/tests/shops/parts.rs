//! Pages and lists that are long by what they show: in parts, and none of it is out of reach.

use ofd_storage::accounts::Role;

use super::{REGISTER, Street};
use crate::tests::longest::every_part;
use crate::tests::support::{Goods, Ticket, at, close_shift, placement, visible};

#[tokio::test]
async fn a_receipt_of_a_thousand_lines_is_shown_in_parts_and_none_of_it_is_out_of_reach() {
    let street = Street::open().await;
    let line = |number: usize| Goods {
        section: format!("отдел-{number}"),
        ..Goods::new(&format!("Товар «{number}» <&'>"), 1_000, 10_000, 10_000)
    };
    let ticket = Ticket::of((0..1_000).map(line).collect(), 10_000_000);
    street.shop.accept(&ticket.payload()).await;
    street.shop.accept(&close_shift(at(17, 15, 0))).await;
    let mut browser = street.browser(Role::CashierManager).await;
    let one = format!("{REGISTER}/shifts/1/documents/1");
    for language in ["ru", "kk", "en"] {
        browser.language = language.into();
        let parts = every_part(&mut browser, &one).await;
        assert!(parts.len() > 10);
        let whole = parts.concat();
        for number in 0..1_000 {
            let name = format!("ticket.items[{number}].commodity.name<");
            assert_eq!(whole.matches(&name).count(), 1, "{name} in {language}");
        }
    }
    let parts = every_part(&mut browser, &format!("{REGISTER}/shifts/1/z")).await;
    assert!(parts.len() > 1 && parts[0].contains("Checksum"));
    let whole = parts.concat();
    for number in 0..1_000 {
        let section = format!("отдел-{number}:");
        assert_eq!(whole.matches(&section).count(), 1, "{section}");
    }
    let behind = browser.go(&format!("{one}?from=99999999")).await.text;
    assert!(behind.contains("ticket.items[0].commodity.name<"), "behind the end it begins anew");
}

#[tokio::test]
async fn a_list_of_a_shift_that_got_tired_says_how_far_it_got_and_goes_on() {
    let street = Street::open().await;
    street.shop.accept(&Ticket::usual().payload()).await;
    for _ in 0..5_100 {
        street.shop.accept(&placement(at(17, 10, 0), 100)).await;
    }
    street.shop.accept(&Ticket::usual().payload()).await;
    let mut browser = street.browser(Role::CashierManager).await;
    let html = browser.go(&format!("{REGISTER}/shifts/1/documents?kind=sell")).await.text;
    let seen = visible(&html);
    assert!(seen.contains("Documents read: 5") && seen.contains("The list goes on"), "{seen}");
    assert!(html.contains(&format!("{REGISTER}/shifts/1/documents/1\"")), "{html}");
    let next =
        html.split_once("\" rel=\"next\"").unwrap().0.rsplit_once('"').unwrap().1.replace("&#38;", "&");
    let html = browser.go(&next).await.text;
    assert!(html.contains(&format!("{REGISTER}/shifts/1/documents/5102\"")), "{html}");
    assert!(!visible(&html).contains("Documents read"), "it came to its end");
}
