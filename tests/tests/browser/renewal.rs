//! What an organisation keeps up to date: its address for letters, and the contract, of which a later version is read and
//! accepted again.

use std::time::{Duration, Instant};

use ofd_tests::browser::{Place, Size, Window, browse_prepared};
use ofd_tests::process::Setup;

use super::steps::{
    SIGN, code_said, confirm_address, create_account, create_company, read_contract, rows, sign_in, sign_out,
};

/// A version of the contract, with what only it says in each language.
struct Version {
    file: &'static str,
    says: [(&'static str, &'static str); 2],
    text: &'static str,
}

/// The version that holds when the organisation joins.
const FIRST: Version = Version {
    file: "1.txt",
    says: [("ru", "Счёт приходит по почте на бумаге."), ("kk", "Шот поштамен қағаз түрінде келеді.")],
    text: "version: 7\nbegins on: 2020-01-01\n
[ru]
# Договор присоединения
## 1. Предмет
1.1. {operator} принимает, хранит и передаёт фискальные данные касс Пользователя.
1.2. Пользователь присоединяется к Договору, подписав Заявку № 1.
## 2. Оплата
2.1. Услуга оплачивается до десятого числа следующего месяца.
2.2. Счёт приходит по почте на бумаге.

[kk]
# Қосылу шарты
## 1. Мәні
1.1. {operator} Пайдаланушы кассаларының фискалдық деректерін қабылдайды, сақтайды және береді.
1.2. Пайдаланушы № 1 өтінімге қол қойып, Шартқа қосылады.
## 2. Төлем
2.1. Қызмет ақысы келесі айдың оныншы күніне дейін төленеді.
2.2. Шот поштамен қағаз түрінде келеді.
",
};

/// A later one: a clause says something else, one is gone, one is new.
const LATER: Version = Version {
    file: "2.txt",
    says: [
        ("ru", "Услуга оплачивается до двадцатого числа следующего месяца."),
        ("kk", "Қызмет ақысы келесі айдың жиырмасыншы күніне дейін төленеді."),
    ],
    text: "version: 8\nbegins on: 2021-01-01\n
[ru]
# Договор присоединения
## 1. Предмет
1.1. {operator} принимает, хранит и передаёт фискальные данные касс Пользователя.
1.2. Пользователь присоединяется к Договору, подписав Заявку № 1.
## 2. Оплата
2.1. Услуга оплачивается до двадцатого числа следующего месяца.
2.3. Счёт лежит в кабинете Пользователя.

[kk]
# Қосылу шарты
## 1. Мәні
1.1. {operator} Пайдаланушы кассаларының фискалдық деректерін қабылдайды, сақтайды және береді.
1.2. Пайдаланушы № 1 өтінімге қол қойып, Шартқа қосылады.
## 2. Төлем
2.1. Қызмет ақысы келесі айдың жиырмасыншы күніне дейін төленеді.
2.3. Шот Пайдаланушының кабинетінде жатады.
",
};

/// A signature of which something is not known is asked about every minute.
const ASKED_WITHIN: Duration = Duration::from_secs(150);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_contract_is_read_with_what_changed_and_accepted_again_in_russian() {
    browse_prepared("ru", Size::DESK, |_, setup| with_contracts(setup), flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_contract_is_read_with_what_changed_and_accepted_again_in_kazakh() {
    browse_prepared("kk", Size::PHONE, |_, setup| with_contracts(setup), flow).await;
}

/// The operator has its own contract, of one version so far.
fn with_contracts(setup: &mut Setup) {
    std::fs::create_dir(setup.path("contracts")).expect("the folder of contracts is made");
    FIRST.write(setup);
    setup.site.push_str("contract = \"contracts\"\n");
}

impl Version {
    fn write(&self, setup: &Setup) {
        let path = setup.path("contracts").join(self.file);
        std::fs::write(path, self.text).expect("a version of the contract is written");
    }

    /// What only this version says, in the language of a window.
    fn own_words(&self, window: &Window) -> &'static str {
        let own = self.says.iter().find(|(language, _)| *language == window.texts().language());
        own.expect("the contract is there in every language that is walked").1
    }
}

async fn flow(place: &mut Place) {
    let window = place.window().await;
    let bin = create_company(place, &window, "head", "arman@example.kz").await;
    joins_as_soon_as_all_is_known(place, &window, &bin).await;
    LATER.write(place.setup());
    place.restart().await;
    accepts_again(&window, &bin).await;
    sign_out(&window).await;
    the_operator_reads_both(place, &window).await;
    window.close().await;
}

/// The time stamper is silent when the application is signed: that is nobody's fault, and is asked about again. Meanwhile
/// the address of the organisation is confirmed.
async fn joins_as_soon_as_all_is_known(place: &Place, window: &Window, bin: &str) {
    let application = format!("/c/{bin}/application");
    confirm_address(window, bin).await;
    window.reads(FIRST.own_words(window)).await;
    window.does_not_see("contract-sample-text").await;
    read_contract(window, bin).await;
    place.services.change(|settings| settings.is_time_stamper_down = true);
    window.click(SIGN).await;
    window.sees("application-done-checking").await;
    window.sees("paper-fault-no-time-stamp").await;
    window.inspect("application-checking").await;
    assert!(!window.shows(SIGN).await, "nobody signs twice");
    place.services.change(|settings| settings.is_time_stamper_down = false);
    let since = Instant::now();
    window.go(&format!("/c/{bin}")).await;
    window.sees("agreement-waits-check").await;
    confirms_its_address(window, bin).await;
    window.go(&application).await;
    while window.text().await.contains(&window.texts().pieces("application-checking")[0]) {
        assert!(
            since.elapsed() < ASKED_WITHIN,
            "the signature is still being checked after {ASKED_WITHIN:?}"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
        window.press("application-look-again").await;
    }
    window.sees("application-valid").await;
}

/// The organisation's own address is confirmed by the code of a letter; until then it stands in no paper.
async fn confirms_its_address(window: &Window, bin: &str) {
    let page = format!("/c/{bin}/contacts/email");
    window.sees("company-email-unconfirmed").await;
    window.follow(&page).await;
    window.sees("company-email-text").await;
    window.inspect("company-email").await;
    window.send(&format!("{page}/letter")).await;
    window.sees("company-email-done-letter").await;
    window.fill("code", "000000").await;
    window.send(&page).await;
    window.sees("account-code-wrong").await;
    window.inspect("company-email-wrong").await;
    window.fill("code", &code_said(window, "company-letter-code").await).await;
    window.send(&page).await;
    window.sees("company-done-email-confirmed").await;
    window.does_not_see("company-email-unconfirmed").await;
    // What is confirmed is not asked for again.
    window.go(&page).await;
    window.arrives(&format!("/c/{bin}")).await;
    window.sees("company-addresses").await;
}

/// The later version is told on every page, with what it says differently, and is accepted by a new application.
async fn accepts_again(window: &Window, bin: &str) {
    window.go(&format!("/c/{bin}/start")).await;
    window.sees("agreement-waits-version").await;
    window.inspect("start-later-contract").await;
    window.press("agreement-to-contract").await;
    window.sees("contract-before").await;
    for change in ["contract-change-changed", "contract-change-removed", "contract-change-added"] {
        window.sees(change).await;
    }
    let both =
        window.run("return [...document.querySelectorAll('main del, main ins')].map(it => it.innerText)");
    let both = both.await.to_string();
    assert!(both.contains(FIRST.own_words(window)) && both.contains(LATER.own_words(window)), "{both}");
    window.inspect("contract-changes").await;
    window.inspect_dark("contract-changes").await;
    window.send(&format!("/c/{bin}/contract")).await;
    window.sees("contract-read-wrong").await;
    read_contract(window, bin).await;
    window.click(SIGN).await;
    window.sees("application-done-valid").await;
    window.go(&format!("/c/{bin}/contract")).await;
    window.sees("contract-joined").await;
    window.does_not_see("contract-before").await;
    window.go(&format!("/c/{bin}/papers")).await;
    window.sees("papers-contract-former").await;
    window.sees("papers-contract-accepted").await;
    let listed = rows(window).await;
    let signed = listed.matches(window.texts().say("papers-valid")).count();
    assert!(signed >= 2, "both applications stay:\n{listed}");
    window.inspect("papers-two-contracts").await;
}

/// The operator's people read every version, and what each says differently.
async fn the_operator_reads_both(place: &Place, window: &Window) {
    create_account(place, window, "staff", "zhanar@example.kz").await;
    window.arrives("/cabinet").await;
    window.go("/operator/contracts").await;
    window.sees("contracts-in-force").await;
    window.sees("contracts-former").await;
    window.follow("/operator/contracts/2").await;
    window.sees("contract-change-removed").await;
    window.reads(FIRST.own_words(window)).await;
    window.inspect("operator-contract-later").await;
    let paper = window.fetch_path("/operator/contracts/2/contract.pdf").await;
    assert!(paper.starts_with(b"%PDF-"));
    sign_out(window).await;
    sign_in(place, window, "head").await;
    window.arrives("/cabinet").await;
    window.does_not_see("agreement-waits-version").await;
}
