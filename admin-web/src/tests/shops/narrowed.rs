//! The list of shops and registers, narrowed to one shop.

use super::*;

#[tokio::test]
async fn one_shop_is_looked_at_alone_on_the_page_from_page_to_page_and_in_the_file() {
    let street = Street::open().await;
    let mut browser = street.browser(Role::Reader).await;
    assert!(!browser.go(LIST).await.text.contains("name=\"shop\""), "there is one shop alone");
    let second = street.other_shop("Дүкен-2").await;
    for id in 203_540..203_660 {
        street.shop.record(RegisterId(id), second.clone()).await;
    }
    street.house.list_holdings().await;
    let of_second = format!("shop={}", second.0);
    let page = browser.go(LIST).await.text;
    assert!(page.contains(&format!("href=\"{LIST}?{of_second}\">Дүкен-2")), "its name leads there: {page}");
    assert!(page.contains(&format!("<option value=\"{}\">Дүкен-2", second.0)), "{page}");
    let page = browser.go(&format!("{LIST}?{of_second}")).await.text;
    assert!(page.contains(&format!("<option value=\"{}\" selected>Дүкен-2", second.0)), "{page}");
    assert!(page.contains("203540") && !page.contains("203539") && !page.contains("203659"), "{page}");
    assert!(page.len() < 100 * 1024, "{}", page.len());
    let next = page.split("href=\"").find(|part| part.contains("after=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert!(next.contains(&of_second), "{next}");
    let page = browser.go(&next).await.text;
    assert!(page.contains("203659") && !page.contains("203540") && !page.contains("203539"), "{page}");
    let file = browser.go(&format!("{LIST}.csv?{of_second}")).await.text;
    assert!(file.lines().count() == 121 && !file.contains("203539"), "{file}");
    let file = browser.go(&format!("{LIST}.csv?{of_second}&q=203541")).await.text;
    assert!(file.lines().count() == 2 && file.contains("203541"), "{file}");
    // Of another organisation, of nobody, or no id at all.
    let foreign = TradePointId::derive(OTHER, "Бөтен дүкен", "Шымкент");
    street.foreign_register().await;
    let page = browser.go(&format!("{LIST}?shop={}", foreign.0)).await.text;
    assert!(page.contains("This shop is not there") && page.contains("Nothing was found"), "{page}");
    assert!(!page.contains("777001") && !page.contains("Бөтен"), "{page}");
    let page = browser.go(&format!("{LIST}?shop=x")).await.text;
    assert!(page.contains("2 shops, 121 registers") && page.contains("203540"), "it narrows nothing: {page}");
}

#[tokio::test]
async fn of_too_many_shops_to_choose_from_one_is_chosen_by_its_name_in_the_list() {
    let street = Street::open().await;
    let mut last = None;
    for number in 0..50 {
        last = Some(street.other_shop(&format!("Дүкен {number}")).await);
    }
    let (last, mut browser) = (last.unwrap(), street.browser(Role::Reader).await);
    let page = browser.go(LIST).await.text;
    assert!(page.contains("too many shops to list them here"), "{page}");
    assert!(!page.contains(&format!("<option value=\"{}\"", last.0)), "{page}");
    let page = browser.go(&format!("{LIST}?shop={}", last.0)).await.text;
    assert!(page.contains(&format!("<option value=\"{}\" selected>Дүкен 49", last.0)), "{page}");
    assert_eq!(page.matches("class=\"card shop\"").count(), 1, "{page}");
}
