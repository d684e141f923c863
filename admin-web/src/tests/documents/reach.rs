//! How far lists and returns are looked for, and what is said where that is not everywhere.

use super::*;

#[tokio::test]
async fn documents_shifts_and_cash_lead_to_each_other_over_the_same_period() {
    let (_house, _market, mut browser) = open().await;
    let shared = "from=20.01.2026&to=22.01.2026&shop=abc&register=203539";
    let lists = [("documents", "cashier=x"), ("shifts", "after=x"), ("cash", "operation=cash_in")];
    for (here, own) in lists {
        let html = browser.go(&format!("/c/{BIN}/{here}?{own}&{shared}")).await.text;
        for (list, _) in lists {
            let current = if list == here { " aria-current=\"page\"" } else { "" };
            let link = format!("<a href=\"/c/{BIN}/{list}?{}\"{current}>", shared.replace('&', "&#38;"));
            assert!(html.contains(&link), "{link} is not in {html}");
        }
    }
}

#[tokio::test]
async fn that_registers_may_be_missing_is_said_on_pages_and_at_the_end_of_files() {
    let (house, market, mut browser) = open().await;
    market.shop.accept(&Ticket::usual().payload()).await;
    market.shop.accept(&close_shift(at(17, 10, 0))).await;
    for is_complete in [false, true] {
        if is_complete {
            house.list_holdings().await;
        }
        for list in ["documents", "shifts", "cash"] {
            let page = browser.go(&format!("/c/{BIN}/{list}")).await.text;
            let file = browser.go(&format!("/c/{BIN}/{list}.csv")).await.text;
            assert_eq!(page.contains("Some registers may be missing"), !is_complete, "{list}: {page}");
            let last = file.lines().last().unwrap();
            assert_eq!(last.starts_with("\"Some registers may be missing"), !is_complete, "{list}: {file}");
        }
    }
}

#[tokio::test]
async fn a_document_that_came_late_says_when() {
    let (_house, market, mut browser) = open().await;
    // Accepted at 17:09:18.
    for (minute, second, offline) in [(4, 17, 1), (4, 19, 2), (9, 0, 3)] {
        let ticket = Ticket { date_time: at(17, minute, second), offline, ..Ticket::usual() };
        market.shop.accept(&ticket.payload()).await;
    }
    for list in [LIST, "/c/151140001234/registers/203539/shifts/1/documents"] {
        let page = visible(&browser.go(list).await.text);
        assert!(page.contains("17:04:17 accepted 22 Jan 2026, 17:09:18"), "{page}");
        assert_eq!(page.matches("accepted 22 Jan").count(), 1, "five minutes apart are near: {page}");
        let file = browser.go(&format!("{list}.csv")).await.text.replace('\u{a0}', " ");
        assert_eq!(file.matches("(accepted 22 Jan 2026, 17:09:18)").count(), 1, "{file}");
    }
}

#[tokio::test]
async fn a_return_in_another_shop_is_found_and_what_was_not_looked_at_is_said() {
    let (house, market, mut browser) = open().await;
    let sold = market.shop.accept(&Ticket::usual().payload()).await;
    let other = market.registers[2];
    let page = format!("/c/{BIN}/registers/{ID}/shifts/1/documents/1");
    let text = visible(&browser.go(&page).await.text);
    let limits = "Returned by Not known. Registers that were looked in, those of the same shop first: 3.";
    assert!(text.contains(limits), "the list is still being made: {text}");
    house.list_holdings().await;
    let text = visible(&browser.go(&page).await.text);
    assert!(
        text.contains("Returned by no return of it was found in any register of the organisation"),
        "{text}"
    );
    let parent = Some((sold.i.clone(), at(17, 9, 16), 69_690));
    let back = |minute, second| Ticket {
        operation: Operation::SellReturn,
        date_time: at(17, minute, second),
        parent: parent.clone(),
        ..Ticket::usual()
    };
    let now = UnixMillis(NOW.0 + 60_000);
    // What is given back in cash is there before.
    market.shop.accept_at(other, now, &placement(at(17, 9, 59), 10_000_000)).await.unwrap();
    market.shop.accept_at(other, now, &back(10, 0).payload()).await.unwrap();
    market.shop.accept_at(other, now, &close_shift(at(17, 11, 0))).await.unwrap();
    for counted in [false, true] {
        if counted {
            market.count(&market.registers).await;
        }
        let html = browser.go(&page).await.text;
        let text = visible(&html);
        assert!(text.contains("Returned by register 203541, shift 1, document 2"), "{counted}: {text}");
        assert!(html.contains(&format!("/c/{BIN}/registers/203541/shifts/1/documents/2\"")), "{html}");
        assert!(!text.contains("There may be more."), "{text}");
    }
    // Of more returns than are told it is said that there may be others.
    let now = UnixMillis(now.0 + 180_000);
    for second in 0..21 {
        market.shop.accept_at(other, now, &back(12, second).payload()).await.unwrap();
    }
    let text = visible(&browser.go(&page).await.text);
    assert!(text.contains("There may be more. What was accepted before"), "{text}");
}
