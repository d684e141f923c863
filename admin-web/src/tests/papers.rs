//! Papers of an organisation: the list of all, the files, and the check of what was signed.

use std::sync::Arc;

use ofd_storage::accounts::{PaperState, Role};
use ofd_storage::samples;

use super::agreement::{at_application, done, gate, pdf, sign};
use super::support::people::{House, location};
use super::support::{ID, Shop, Ticket, at, close_shift, visible};

#[tokio::test]
async fn the_list_has_every_paper_with_who_signed_it_its_files_and_the_check() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    let bytes = pdf(&browser).await;
    let list = format!("/c/{bin}/papers");
    let page = browser.go(&list).await.text;
    assert!(visible(&page).contains(&format!("Application No. 1, {bin}-1 Waits for a signature")), "{page}");
    assert!(!page.contains("signature.cms") && !page.contains("/check\""), "nobody has signed it: {page}");
    let to_accept = format!("href=\"/c/{bin}/contract\">Contract, version ");
    assert!(page.contains(&to_accept) && page.contains("Not accepted yet"), "{page}");
    assert_eq!(browser.open(&format!("{list}/1/check")).await.status, 404);

    browser.go(&format!("/c/{bin}/application")).await;
    let head = gate.key("head");
    assert_eq!(location(&sign(&gate, &mut browser, &bin, head).await), done(&bin, "valid"));
    let page = browser.go(&list).await.text;
    for part in ["The signature is valid", &format!("{}, first head", head.full_name())] {
        assert!(visible(&page).contains(part), "{part}: {page}");
    }
    // The contract is a row of its own, with the signature by which it was accepted.
    let agreement = gate.house.company_of(&bin).await.agreement.unwrap();
    let contract = format!("Contract, version {} Accepted, in force", agreement.version);
    assert!(visible(&page).contains(&contract) && !page.contains("Not accepted yet"), "{page}");
    let alone = browser.go(&format!("{list}?kind=contract")).await.text;
    assert!(visible(&alone).contains(&contract) && !alone.contains("/application.pdf"), "{alone}");
    for part in ["/1/contract.pdf\"", "/1/signature.cms\"", "/1/check\"", head.full_name()] {
        assert!(alone.contains(part), "{part}: {alone}");
    }
    let applications = browser.go(&format!("{list}?kind=applications")).await.text;
    assert!(applications.contains("/1/application.pdf\"") && !applications.contains("Accepted, in force"));
    assert!(applications.contains(&format!("href=\"{list}.csv?kind=applications\"")), "{applications}");
    assert!(browser.go(&format!("{list}?kind=visits")).await.text.contains("There are no papers yet"));
    let mut files = Vec::new();
    for (file, kind) in [
        ("application.pdf", "application/pdf"),
        ("contract.pdf", "application/pdf"),
        ("signature.cms", "application/pkcs7-signature"),
    ] {
        let path = format!("{list}/1/{file}");
        assert!(page.contains(&format!("href=\"{path}\"")), "{file}: {page}");
        let answer = browser.open(&path).await;
        assert_eq!((answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap()), (200, kind));
        files.push(answer.body);
    }
    assert_eq!(files[0], bytes, "what is given out is what was signed");
    assert!(files[1].starts_with(b"%PDF-") && files[1] != files[0]);
    // One click, and nothing to upload.
    let href = format!("href=\"{list}/1/check\"");
    assert!(page.contains(&href), "{page}");
    assert!(browser.go(&format!("/c/{bin}/application")).await.text.contains(&href));
    let checked = browser.go(&format!("{list}/1/check")).await.text;
    let names = [format!("application-{bin}-1.pdf"), format!("application-{bin}-1.pdf.cms")];
    for part in ["data-verdict=\"VALID\"", head.full_name(), &names[0], &names[1]] {
        assert!(checked.contains(part), "{part}: {checked}");
    }
    for (language, title) in [("ru", "Документы и подписи"), ("kk", "Құжаттар мен қолтаңбалар")]
    {
        browser.language = language.into();
        assert!(browser.go(&list).await.text.contains(&format!("<h1>{title}</h1>")), "{language}");
        let contract = browser.open(&format!("{list}/1/contract.pdf")).await.body;
        assert_ne!(contract, files[1], "the contract is in the language of who asks");
    }
}

#[tokio::test]
async fn many_papers_go_on_from_page_to_page_and_come_whole_as_a_file() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    for number in 2..=55 {
        let now = gate.house.now();
        let replaced = samples::paper(now, PaperState::Replaced { at: now });
        gate.house
            .change_company(&bin, |company| {
                company.papers = vec![ofd_storage::accounts::Paper { number, ..replaced }];
                company.papers_last = number;
            })
            .await;
    }
    let list = format!("/c/{bin}/papers");
    let numbers = |page: &str| -> Vec<u32> {
        let cells = page.split("/application.pdf\">").skip(1);
        cells.map(|cell| cell.split(['-', '<']).nth(1).unwrap().parse().unwrap()).collect()
    };
    let first = browser.go(&list).await.text;
    assert_eq!(numbers(&first), (6..=55).rev().collect::<Vec<_>>(), "the newest first");
    let next = format!("{list}?after=6");
    assert!(first.contains(&format!("href=\"{next}\"")), "{first}");
    assert_eq!(numbers(&browser.go(&next).await.text), [5, 4, 3, 2, 1]);
    for strange in ["x", "-1", "99999999999", "0"] {
        assert_eq!(browser.open(&format!("{list}?after={strange}")).await.status, 200, "{strange}");
    }
    let file = browser.open(&format!("{list}.csv")).await.text;
    assert_eq!(
        file.lines().count(),
        57,
        "the heading, the contract that is not accepted yet, and all: {file}"
    );
    let of_contract = browser.go(&format!("{list}?kind=contract")).await.text;
    assert!(
        of_contract.contains("Not accepted yet") && !of_contract.contains("application.pdf"),
        "{of_contract}"
    );
}

#[tokio::test]
async fn z_reports_of_closed_shifts_are_looked_at_by_themselves_by_who_may_see_receipts() {
    let house = House::open();
    let shop = Shop::on(Arc::clone(&house.store), "ТОО «Көктем»").await;
    let (keeper, reader) = (house.person("БУХГАЛТЕР").await, house.person("ОҚЫРМАН").await);
    let people: [(_, &[Role]); 2] = [(keeper, &[Role::Accountant]), (reader, &[Role::Reader])];
    house.company("151140001234", "ТОО «Көктем»", &people).await;
    for hour in [15, 16, 17] {
        shop.accept(&Ticket { date_time: at(hour, 0, 0), ..Ticket::usual() }.payload()).await;
        if hour < 17 {
            shop.accept(&close_shift(at(hour, 30, 0))).await;
        }
    }
    let list = "/c/151140001234/papers";
    let z = |shift: u32| format!("href=\"/c/151140001234/registers/{ID}/shifts/{shift}/z\"");
    let mut browser = house.sign_in(keeper).await;
    let page = browser.go(&format!("{list}?kind=reports")).await.text;
    let (first, second) = (page.find(&z(1)).unwrap(), page.find(&z(2)).unwrap());
    assert!(second < first && !page.contains(&z(3)), "the latest first, and none of an open shift: {page}");
    assert!(visible(&page).contains("Shift closed") && page.contains("within the last 366 days"), "{page}");
    assert!(!browser.go(list).await.text.contains("/z\""), "they do not bury the rest");
    let file = browser.go(&format!("{list}.csv?kind=reports")).await.text;
    assert_eq!(file.lines().count(), 3, "{file}");
    let report = format!("/c/151140001234/registers/{ID}/shifts/2/z");
    assert_eq!(browser.open(&report).await.status, 200);
    let mut reads = house.sign_in(reader).await;
    for path in [format!("{list}?kind=reports"), format!("{list}.csv?kind=reports")] {
        let answer = reads.open(&path).await;
        assert!(answer.status == 200 && !answer.text.contains("Shift closed"), "{path}: {}", answer.text);
    }
    let page = reads.go(&format!("{list}?kind=reports")).await.text;
    assert!(page.contains("seen by who may see receipts"), "{page}");
}

#[tokio::test]
async fn who_only_reads_sees_and_checks_papers_and_strangers_do_not() {
    let (gate, sink) = gate();
    let (mut browser, bin) = at_application(&gate, &sink, "head").await;
    assert_eq!(location(&sign(&gate, &mut browser, &bin, gate.key("head")).await), done(&bin, "valid"));
    let reader = gate.house.person("ОҚЫРМАН").await;
    gate.house
        .change_company(&bin, |company| {
            let mut member = company.members[0].clone();
            (member.account, member.roles) = (reader, vec![Role::Reader]);
            company.members.push(member);
        })
        .await;
    let stranger = gate.house.person("БӨТЕН").await;
    gate.house.company("990940003176", "ТОО «Басқа»", &[(stranger, &[Role::Administrator])]).await;
    let mut reads = gate.house.sign_in(reader).await;
    let mut other = gate.house.sign_in(stranger).await;
    for path in ["papers", "papers.csv", "papers/1/contract.pdf", "papers/1/check", "papers/1/signature.cms"]
    {
        assert_eq!(reads.open(&format!("/c/{bin}/{path}")).await.status, 200, "{path}");
        assert_eq!(other.open(&format!("/c/{bin}/{path}")).await.status, 404, "{path}");
        if path.contains("/1/") {
            assert_eq!(other.open(&format!("/c/990940003176/{path}")).await.status, 404, "{path}");
        }
    }
}
