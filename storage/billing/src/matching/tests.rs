use time::macros::date;

use super::*;
use crate::iban::Iban;
use crate::personal_account::PersonalAccount;
use crate::statements::{Direction, Entry, Party, Place, read};
use crate::tiyn::Tiyn;

const ROMASHKA: &str = "051340000011";
const CENTRE: &str = "081340007778";
const BANK: &str = "971340001319";
const US: &str = "061340000013";

fn iban(text: &str) -> Iban {
    text.parse().expect("an IBAN")
}

fn tiyn(tiyn: i64) -> Tiyn {
    Tiyn::new(tiyn).expect("a sum")
}

fn own() -> Iban {
    iban("KZ86125KZT5004100100")
}

/// The account of this serial: 10000004, 10000012, 10000020.
fn account(serial: u32) -> PersonalAccount {
    PersonalAccount::of_serial(serial).expect("an account")
}

fn holder(bin: &str) -> Holder {
    Holder { bin: bin.to_owned(), is_closed: false }
}

fn invoice(number: &str, account: PersonalAccount, left: i64) -> OpenInvoice {
    OpenInvoice { number: number.to_owned(), account, left: tiyn(left) }
}

/// Romashka has account 0, the Centre account 1; each has an open invoice.
fn book() -> Book {
    let mut book = Book::new([US.to_owned()], [own()]);
    book.add_account(account(0), holder(ROMASHKA));
    book.add_account(account(1), holder(CENTRE));
    book.add_invoice(invoice("OFD-2026-000123", account(0), 100_000));
    book.add_invoice(invoice("124", account(1), 250_000));
    book.add_payer(iban("KZ12601A861000123456"), account(1));
    book.add_collector(BANK.to_owned());
    book
}

/// A payment of 700 tenge with this purpose, by this payer.
fn payment(purpose: &str, payer_bin: Option<&str>) -> Entry {
    Entry {
        place: Place::Line(1),
        direction: Direction::In,
        is_reversal: false,
        sum: tiyn(70_000),
        day: date!(2026 - 11 - 30),
        number: None,
        bank_reference: None,
        payer: Party { bin: payer_bin.map(str::to_owned), ..Party::default() },
        payee: Party { iban: Some(own()), ..Party::default() },
        knp: None,
        purpose: purpose.to_owned(),
        is_of_batch: false,
    }
}

fn sure(entry: &Entry, book: &Book) -> (u32, Vec<Why>) {
    match decide(entry, book) {
        Match::Sure { account, why } => (account.get(), why),
        other => panic!("«{}» is not sure: {other:?}", entry.purpose),
    }
}

fn suggested(entry: &Entry, book: &Book) -> Vec<(u32, Vec<Doubt>)> {
    match decide(entry, book) {
        Match::Suggestions(all) => all.into_iter().map(|one| (one.account.get(), one.doubts)).collect(),
        other => panic!("«{}» is more than suggested: {other:?}", entry.purpose),
    }
}

fn bin(bin: &str) -> String {
    bin.to_owned()
}

#[test]
fn a_number_of_an_account_in_the_purpose_is_sure() {
    let labelled = [Why::AccountInPurpose { is_labelled: true }];
    for purpose in [
        "Оплата услуг ОФД, лицевой счёт 10000004, без НДС",
        "л/с10000004",
        "Л/С № 1000 0004",
        "ЖШ 10-00-00-04 төлем",
        "лс 1000\u{a0}0004.",
        "Oplata, ls 10000004",
        "лицевой счет 10000004 и ещё раз 10000004 от 30.11.2026",
    ] {
        assert_eq!(sure(&payment(purpose, None), &book()), (10_000_004, labelled.to_vec()), "{purpose}");
    }
    let bare = payment("За услуги 10000004", None);
    assert_eq!(sure(&bare, &book()), (10_000_004, vec![Why::AccountInPurpose { is_labelled: false }]));
}

#[test]
fn a_number_that_is_wrong_unknown_or_of_something_else_is_nothing() {
    for purpose in [
        "лицевой счёт 10000005",
        "лицевой счёт 01000004",
        "лицевой счёт 10000020",
        "сумма 10000004,50",
        "код 110000004",
        "за 1000 0004 штук",
        "№ X10000004",
        "",
    ] {
        assert_eq!(suggested(&payment(purpose, None), &book()), [], "{purpose}");
    }
}

#[test]
fn an_invoice_in_the_purpose_is_sure_and_says_how_the_sum_fits() {
    let of = |purpose: &str, sum: i64| {
        let entry = Entry { sum: tiyn(sum), ..payment(purpose, None) };
        sure(&entry, &book())
    };
    let why = |number: &str, fit| Why::InvoiceInPurpose { number: number.to_owned(), fit };
    let number = "OFD-2026-000123";
    assert_eq!(
        of("По счёту № OFD-2026-000123", 100_000),
        (10_000_004, vec![why(number, Fit::Exact), Why::ExactSum { number: number.to_owned() }])
    );
    // Typed in Cyrillic letters that look the same.
    assert_eq!(
        of("счет ОFD-2026/000123", 40_000),
        (10_000_004, vec![why(number, Fit::Part { left: tiyn(60_000) })])
    );
    assert_eq!(of("OFD-2026-000123", 100_001), (10_000_004, vec![why(number, Fit::Over { rest: tiyn(1) })]));
    // Bare digits are an invoice's number only where the words before them say so.
    let bare = "Оплата по счету на оплату № 124 от 01.11.2026";
    assert_eq!(of(bare, 250_000).0, 10_000_012);
    // And sure only with the very sum, or where the payer is its organisation.
    assert_eq!(suggested(&payment(bare, None), &book()), [(10_000_012, vec![])]);
    assert_eq!(sure(&payment(bare, Some(CENTRE)), &book()).0, 10_000_012);
    assert_eq!(suggested(&payment("Договор 124", None), &book()), []);
}

#[test]
fn a_bin_of_the_purpose_or_of_the_payer_is_sure_where_there_is_one_account() {
    let entry = payment("Оплата за ТОО Ромашка, БИН 051340000011", Some(BANK));
    assert_eq!(sure(&entry, &book()), (10_000_004, vec![Why::BinInPurpose { bin: bin(ROMASHKA) }]));
    let entry = payment("За услуги", Some(ROMASHKA));
    assert_eq!(sure(&entry, &book()), (10_000_004, vec![Why::PayerBin { bin: bin(ROMASHKA) }]));
    // Our own BIN says nothing.
    let entry = payment("Получатель БИН 061340000013", Some(ROMASHKA));
    assert_eq!(sure(&entry, &book()).0, 10_000_004);
    let mut two = book();
    two.add_account(account(2), holder(ROMASHKA));
    let entry = payment("За услуги", Some(ROMASHKA));
    assert_eq!(
        suggested(&entry, &two),
        [(10_000_004, vec![Doubt::OneOfSeveral]), (10_000_020, vec![Doubt::OneOfSeveral])]
    );
    // The number says which of the two.
    assert_eq!(sure(&payment("л/с 10000020", Some(ROMASHKA)), &two).0, 10_000_020);
    // One that is closed is not meant.
    two.add_account(account(2), Holder { is_closed: true, ..holder(ROMASHKA) });
    assert_eq!(sure(&entry, &two).0, 10_000_004);
}

#[test]
fn contradictions_are_never_sure() {
    let other_payer = payment("лицевой счёт 10000004", Some(CENTRE));
    assert_eq!(
        suggested(&other_payer, &book()),
        [
            (10_000_004, vec![Doubt::OtherPayer { bin: bin(CENTRE) }]),
            (10_000_012, vec![Doubt::OtherAccountInPurpose { account: account(0) }]),
        ]
    );
    let other_bin = payment("лицевой счёт 10000004, БИН 081340007778", None);
    assert_eq!(suggested(&other_bin, &book())[0].1, [Doubt::OtherBinInPurpose { bin: bin(CENTRE) }]);
    // A BIN that is nobody's here is another's all the same.
    let nobody = payment("лицевой счёт 10000004, БИН 911308400023", None);
    assert_eq!(suggested(&nobody, &book())[0].1, [Doubt::OtherBinInPurpose { bin: bin("911308400023") }]);
    // But whoever pays for another often says who pays.
    let says_who = payment("лицевой счёт 10000004, оплатил 911308400023", Some("911308400023"));
    assert_eq!(sure(&says_who, &book()).0, 10_000_004);
    let two = payment("л/с 10000004, л/с 10000012", None);
    assert_eq!(suggested(&two, &book()).len(), 2);
    let other_invoice = payment("л/с 10000004, счёт № 124", None);
    assert_eq!(
        suggested(&other_invoice, &book())[0].1,
        [Doubt::OtherInvoiceInPurpose { number: bin("124") }]
    );
}

#[test]
fn a_bank_that_pays_for_others_is_no_payer() {
    let mut book = book();
    book.add_account(account(2), holder(BANK));
    assert_eq!(sure(&payment("ЖШ 10000012", Some(BANK)), &book).0, 10_000_012);
    assert_eq!(suggested(&payment("Принятые платежи", Some(BANK)), &book), []);
}

#[test]
fn a_closed_account_is_only_suggested() {
    let mut book = book();
    book.add_account(account(0), Holder { is_closed: true, ..holder(ROMASHKA) });
    assert_eq!(suggested(&payment("л/с 10000004", None), &book), [(10_000_004, vec![Doubt::Closed])]);
}

#[test]
fn digits_that_may_be_a_day_are_only_suggested_unless_words_say_more() {
    // A day of November whose last digit checks the others: a number that is a day as well.
    let day = (1..=30).find_map(|day| format!("202611{day:02}").parse::<PersonalAccount>().ok());
    let day = day.expect("three of thirty hold");
    let mut book = book();
    book.add_account(day, holder("911308400023"));
    assert_eq!(suggested(&payment(&format!("за {day}"), None), &book), [(day.get(), vec![Doubt::MayBeADay])]);
    assert_eq!(sure(&payment(&format!("л/с {day}"), None), &book).0, day.get());
}

#[test]
fn sum_and_payer_together_are_sure_and_each_alone_is_a_suggestion() {
    let from = |purpose: &str, sum: i64, iban: Option<Iban>| {
        let entry = payment(purpose, None);
        Entry { sum: tiyn(sum), payer: Party { iban, ..Party::default() }, ..entry }
    };
    let known = || Some(iban("KZ12601A861000123456"));
    let number = "124".to_owned();
    assert_eq!(
        sure(&from("за услуги", 250_000, known()), &book()),
        (10_000_012, vec![Why::KnownPayer { iban: iban("KZ12601A861000123456") }, Why::ExactSum { number }])
    );
    assert_eq!(suggested(&from("за услуги", 1, known()), &book()), [(10_000_012, vec![])]);
    assert_eq!(suggested(&from("за услуги", 100_000, None), &book()), [(10_000_004, vec![])]);
    // Of two that are suggested the one with more for it comes first.
    let both: Vec<_> =
        suggested(&from("за услуги", 100_000, known()), &book()).into_iter().map(|one| one.0).collect();
    assert_eq!(both, [10_000_012, 10_000_004]);
}

#[test]
fn suggestions_are_bounded() {
    let mut book = book();
    for serial in 10..200 {
        book.add_account(account(serial), holder("911308400023"));
        book.add_invoice(invoice(&format!("N{serial}"), account(serial), 70_000));
    }
    assert_eq!(suggested(&payment("за услуги", None), &book).len(), SUGGESTIONS_MAX);
}

#[test]
fn what_is_no_payment_to_us_is_told_apart() {
    let out =
        |purpose: &str, payee: Party| Entry { direction: Direction::Out, payee, ..payment(purpose, None) };
    let of = |bin: &str| Party { bin: Some(bin.to_owned()), ..Party::default() };
    let foreign = |entry: &Entry| match decide(entry, &book()) {
        Match::Foreign(why) => why,
        other => panic!("a payment to us: {other:?}"),
    };
    assert_eq!(foreign(&out("Комиссия за обслуживание", of(BANK))), NotOurs::BankFee);
    assert_eq!(foreign(&out("Аренда", of("911308400023"))), NotOurs::Outgoing);
    assert_eq!(foreign(&out("Возврат", of(ROMASHKA))), NotOurs::Refund { bin: bin(ROMASHKA) });
    let ourselves = Party { iban: Some(own()), ..Party::default() };
    assert_eq!(foreign(&out("Перевод", ourselves.clone())), NotOurs::OwnTransfer);
    let came = Entry { payer: ourselves, ..payment("л/с 10000004", None) };
    assert_eq!(foreign(&came), NotOurs::OwnTransfer);
    let taken_back = Entry { is_reversal: true, ..payment("л/с 10000004", None) };
    assert_eq!(foreign(&taken_back), NotOurs::Reversal);
}

#[test]
fn the_samples_find_their_accounts_in_each_format() {
    let samples: [&[u8]; 3] = [
        include_bytes!("../../samples/1c-windows-1251.txt"),
        include_bytes!("../../samples/mt940.sta"),
        include_bytes!("../../samples/camt.053.xml"),
    ];
    for bytes in samples {
        let statements = read(bytes).expect("a sample");
        // Entries that wait for a person are kept.
        let text = serde_json::to_string(&statements[0].entries).expect("text");
        assert_eq!(serde_json::from_str::<Vec<Entry>>(&text).expect("entries"), statements[0].entries);
        let decisions: Vec<Match> =
            statements.iter().flat_map(|one| &one.entries).map(|entry| decide(entry, &book())).collect();
        let accounts: Vec<_> = decisions
            .iter()
            .map(|decision| match decision {
                Match::Sure { account, .. } => account.get(),
                Match::Foreign(_) => 0,
                Match::Suggestions(_) => 1,
            })
            .collect();
        assert_eq!(accounts[..5], [10_000_004, 10_000_012, 10_000_004, 10_000_004, 0]);
        assert_eq!(decisions[4], Match::Foreign(NotOurs::BankFee));
        let text = serde_json::to_string(&decisions).expect("text");
        assert_eq!(serde_json::from_str::<Vec<Match>>(&text).expect("decisions"), decisions);
    }
}

#[test]
fn no_purpose_is_too_odd() {
    let odd =
        ["—", "№", "л/с", "л/с ", "л/с 1", "🧾 10000004", "10000004🧾", "/-/", "л/с 1000-", "é10000004"];
    for purpose in
        odd.iter().map(|odd| (*odd).to_owned()).chain([odd.concat().repeat(50), "1 ".repeat(2_000)])
    {
        let clues = Clues::of(&payment(&purpose, None));
        assert!(clues.accounts.len() + clues.bins.len() + clues.invoices.len() < 100);
        let _ = decide(&payment(&purpose, None), &book());
    }
}
