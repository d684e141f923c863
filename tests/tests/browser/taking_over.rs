//! An organisation whose registers were served before anybody of it came: its head takes it over, and registers another
//! one, which is given up once and refused once on the way.

use ofd_loadtest::Fleet;
use ofd_stand::{Key, Pki};
use ofd_tests::browser::{Place, Size, Window, browse_prepared};
use ofd_tests::device::Device;
use ofd_tests::process::Setup;

use super::phone_signing::{Habits, Means};
use super::registering::{SERIAL, fills_in, serves};
use super::steps::{
    confirm_address, create_account, fill_account, fill_company, read_contract, rows, sign_out,
};

/// The kind of activity that the fleet file names.
const OKED: &str = "56100";

/// Registers of the organisation before anybody of it came.
const REGISTERS: u32 = 2;

/// Why the tax authority refuses, and what is put right.
const WHY: &str = "Заводской номер не совпадает с паспортом";
const RIGHT_SERIAL: &str = "SWK-0000418";

/// The number that the tax authority gives in the end.
const RNM: &str = "010100000418";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_takes_over_what_is_served_already_and_registers_more_by_phone_in_russian() {
    browse_prepared("ru", Size::PHONE, of_the_head, by_phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_takes_over_what_is_served_already_and_registers_more_in_kazakh() {
    browse_prepared("kk", Size::DESK, of_the_head, by_ncalayer).await;
}

/// The fleet file has the organisation of a head.
fn of_the_head(pki: &Pki, setup: &mut Setup) {
    let mut fleet = Fleet::generate(1, 1, REGISTERS, 20_260_417);
    for organisation in &mut fleet.organisations {
        organisation.bin = pki.key("head").and_then(Key::bin).expect("a head has an organisation").to_owned();
        OKED.clone_into(&mut organisation.okved);
    }
    fleet.write(&setup.fleet_file()).expect("the fleet is written");
    setup.fleet = fleet;
}

async fn by_phone(place: &mut Place) {
    let means = Means::phone(place);
    flow(place, &means).await;
}

async fn by_ncalayer(place: &mut Place) {
    flow(place, &Means::Ncalayer).await;
}

async fn flow(place: &mut Place, means: &Means) {
    let mut till = place.till(place.setup().fleet.registers().next().expect("the fleet has registers"));
    till.sell().await;
    let (window, operator) = tokio::join!(place.window(), place.window());
    let bin = place.bin("head");
    only_the_head_takes_it_over(place, &window).await;
    takes_it_over(place, &window, (means, &bin)).await;
    keeps_its_registers(&window, &bin, &mut till).await;
    is_asked_to_join_first(place, &window, (means, &bin)).await;
    gives_up_a_draft(&window, &bin).await;
    create_account(place, &operator, "staff", "zhanar@example.kz").await;
    operator.arrives("/cabinet").await;
    place.takes("head");
    is_refused_and_corrects(place, (&window, &operator), (means, &bin)).await;
    serves(&mut till, std::time::Instant::now()).await;
    window.close().await;
    operator.close().await;
}

/// Whoever else has a certificate of the organisation is told who opens its cabinet.
async fn only_the_head_takes_it_over(place: &Place, window: &Window) {
    create_account(place, window, "accountant", "bota@example.kz").await;
    window.arrives("/cabinet").await;
    window.sees("cabinet-done-ask-head").await;
    window.inspect("cabinet-ask-head").await;
    sign_out(window).await;
}

/// The head comes by the steps of everybody, and finds what is known already.
async fn takes_it_over(place: &Place, window: &Window, (means, bin): (&Means, &str)) {
    place.takes("head");
    window.go("/sign-up").await;
    means.identifies(place, window, "/sign-up", Habits::default()).await;
    window.sees("signup-account-title").await;
    fill_account(window, "arman@example.kz").await;
    window.send("/sign-up").await;
    window.arrives("/sign-up/company").await;
    assert_eq!(window.value("oked").await, OKED, "what is known is not asked for again");
    fill_company(window).await;
    window.send("/sign-up/company").await;
    window.arrives(&format!("/c/{bin}/contract")).await;
    window.sees("contract-done-welcome").await;
}

/// Its registers and what they sold are there, and they go on selling.
async fn keeps_its_registers(window: &Window, bin: &str, till: &mut Device) {
    window.go(&format!("/c/{bin}/registers")).await;
    window.sees("agreement-waits-contract").await;
    window.reads(&till.register.identity().serial_number).await;
    let registers = window.run("return document.querySelectorAll('section.shop ul.lines > li').length").await;
    assert_eq!(registers, u64::from(REGISTERS), "all of them are there");
    window.inspect("registers-taken-over").await;
    window.follow(&format!("/c/{bin}/registers/{}", till.id())).await;
    window.reads(&till.register.identity().fns_kkm_id).await;
    till.sell().await;
    till.expect_no_differences();
    window.go(&format!("/c/{bin}/documents")).await;
    let sold = window.run("return document.querySelectorAll('main tbody tr').length").await;
    assert_eq!(sold, 2, "one receipt of before, one of after:\n{}", rows(window).await);
}

/// Application No. 1 is asked for like of everybody, and until it is signed no register is added.
async fn is_asked_to_join_first(place: &Place, window: &Window, (means, bin): (&Means, &str)) {
    let new = format!("/c/{bin}/registrations/new");
    window.go(&new).await;
    fills_in(window, "").await;
    window.send(&new).await;
    window.sees("registration-no-contract").await;
    assert_eq!(window.value("serial_number").await, SERIAL, "what was typed stays");
    window.inspect("registration-no-contract").await;
    window.go(&format!("/c/{bin}/start")).await;
    window.sees("agreement-waits-contract").await;
    window.press("agreement-to-contract").await;
    confirm_address(window, bin).await;
    read_contract(window, bin).await;
    means.signs(place, window, &format!("/c/{bin}/application")).await;
    window.sees("application-done-valid").await;
    window.go(&format!("/c/{bin}/registers")).await;
    window.does_not_see("agreement-waits-contract").await;
}

/// A registration that was only saved is given up: its name and its factory number are free again.
async fn gives_up_a_draft(window: &Window, bin: &str) {
    let (new, list) = (format!("/c/{bin}/registrations/new"), format!("/c/{bin}/registers"));
    window.go(&new).await;
    fills_in(window, "").await;
    window.send(&new).await;
    window.sees("registration-next-sign").await;
    let draft = window.path().await;
    window.go(&list).await;
    window.sees("registration-under-way").await;
    window.inspect("registers-with-a-draft").await;
    window.follow(&draft).await;
    window.press("registration-drop").await;
    window.sees("registration-done-dropped").await;
    window.sees("registration-next-dropped").await;
    assert!(!window.shows("main form").await, "nothing is to be done about it any more");
    window.inspect("registration-dropped").await;
    window.go(&format!("{draft}/edit")).await;
    window.sees("registration-done-closed").await;
    window.go(&list).await;
    // The word stands among the choices of the filter as well.
    assert!(!window.shows("#under-way").await);
}

/// The tax authority refuses; what is wrong is put right, signed and sent once more, and the register is on the books.
async fn is_refused_and_corrects(
    place: &Place,
    (window, operator): (&Window, &Window),
    (means, bin): (&Means, &str),
) {
    let new = format!("/c/{bin}/registrations/new");
    window.go(&new).await;
    // By the name and the number of the one that was given up.
    fills_in(window, "").await;
    window.send(&new).await;
    window.sees("registration-next-sign").await;
    let at = window.path().await;
    means.signs(place, window, &at).await;
    window.sees("registration-done-sent").await;
    let decide = at.replace(&format!("/c/{bin}/registrations/"), &format!("/operator/registrations/{bin}/"));
    operator.go(&decide).await;
    operator.reads(SERIAL).await;
    operator.click("button[name=decision][value=refuse]").await;
    operator.sees("company-wrong-empty").await;
    operator.inspect("registration-decide-wrong").await;
    operator.fill("reason", WHY).await;
    operator.click("button[name=decision][value=refuse]").await;
    operator.sees("registration-queue-refused").await;

    window.go(&format!("/c/{bin}/start")).await;
    window.sees("start-registrations-link").await;
    window.inspect("start-refused").await;
    window.press("start-registrations-link").await;
    window.follow(&at).await;
    window.sees("registration-state-refused").await;
    window.sees("registration-next-refused").await;
    window.reads(WHY).await;
    window.inspect("registration-refused").await;
    window.press("registration-edit").await;
    assert_eq!(window.value("serial_number").await, SERIAL, "what was said is there to be put right");
    window.fill("serial_number", RIGHT_SERIAL).await;
    window.send(&format!("{at}/edit")).await;
    window.sees("registration-next-sign").await;
    means.signs(place, window, &at).await;
    window.sees("registration-done-sent").await;

    operator.go(&decide).await;
    operator.reads(RIGHT_SERIAL).await;
    operator.fill("rnm", RNM).await;
    operator.click("button[name=decision][value=accept]").await;
    operator.sees("registration-queue-accepted").await;
    window.go(&at).await;
    window.sees("registration-next-registered").await;
    window.does_not_see("registration-state-refused").await;
    window.reads(RNM).await;
    window.sees("registration-token-text").await;
    window.inspect("registration-after-refusal").await;
}
