use super::support::*;
use ofd_protocol::message::Operation;
#[tokio::test]
async fn dump() {
    let out = std::path::Path::new("/tmp/pages");
    std::fs::create_dir_all(out).unwrap();
    let shop = Shop::open().await;
    let sold = shop.accept(&Ticket { offline: 4228143549, ..Ticket::usual() }.payload()).await;
    let mut cheese = Goods::new(
        "Сыр «Голландский» 45 %, весовой, производитель ТОО «Молочный двор Акмолинской области»",
        1_234,
        345_678,
        426_567,
    );
    cheese.unit = "166";
    cheese.vat = Some(58_837);
    let mut cig = Goods::new("Сигареты", 2_000, 95_000, 190_000);
    cig.stamps = vec!["010487000123456721A1B2C3D4E5F6G7H8I9J0", "010487000123456721ZZZZZZZZZZZZZZZZZZZZ"];
    cig.barcode = Some("4870001234567");
    cig.vat = Some(26_207);
    let storno = Goods { vat: Some(13_103), ..Goods::new("Сигареты", 1_000, 95_000, 95_000) }.storno();
    let big = Ticket {
        discount: Some(("по карте постоянного покупателя", 10_000, None)),
        receipt_discount: Some(1_567),
        card: 300_000,
        taken: Some(250_000),
        change: Some(40_000),
        ..Ticket::of(vec![cheese, cig, storno], 510_000)
    };
    let big = shop.accept(&big.payload()).await;
    let back = Ticket {
        operation: Operation::SellReturn,
        date_time: at(17, 20, 0),
        parent: Some((sold.i.clone(), at(17, 9, 16), 69_690)),
        ..Ticket::usual()
    };
    let back = shop.accept(&back.payload()).await;
    let site = shop.site();
    for (name, uri) in [
        ("sale", sold.page()),
        ("big", big.page()),
        ("return", back.page()),
        ("form", "/?".into()),
        ("none", "/not-found?".into()),
        ("lost", "/nothing?".into()),
    ] {
        for lang in ["ru", "kk", "en"] {
            let answer = get(&site, &format!("{uri}&lang={lang}"), &[]).await;
            eprintln!("{name} {lang} {}", answer.text.len());
            std::fs::write(out.join(format!("{name}-{lang}.html")), answer.text).unwrap();
        }
    }
}
