//! From the front door to a register whose first receipt shows in the cabinet, in the figures of the day and in the export:
//! what a stranger does who has a key and a cash register. On the way every page of the cabinet is opened once.

use ofd_tests::browser::{Place, Size, Window, browse};
use ofd_tests::device::Device;

use super::around::{help, papers, tokens};
use super::charging::{a_plan_is_made, a_run_is_looked_at, moves_to_a_plan};
use super::grouping::groups;
use super::joining::{joins, signs_up};
use super::later::{asks_for_a_visit, has_moved, moves, sets, the_operator_answers, the_operator_blocks};
use super::leaving::{gets_another_token, leaves};
use super::operators::{directories, texts_on_receipts, what_was_sold};
use super::phone_signing::{Means, refuses};
use super::registering::{Registered, Rnm, makes_a_shop, registers, takes_the_token};
use super::selling::{closes, counts, looks_at_the_receipt, narrows, returns, sells};
use super::steps::{create_account, sign_out};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_comes_to_a_register_that_sells_in_russian() {
    browse("ru", Size::DESK, by_ncalayer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_with_a_phone_alone_comes_to_a_register_that_sells_in_kazakh() {
    browse("kk", Size::PHONE, by_phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_comes_to_a_register_that_sells_in_english() {
    browse("en", Size::TABLET, the_short_way).await;
}

/// With NCALayer on this computer, and a register whose number the tax authority has given already.
async fn by_ncalayer(place: &mut Place) {
    let window = place.window().await;
    let means = Means::Ncalayer;
    place.takes("head");
    let bin = signs_up(place, &window, &means).await;
    joins(place, &window, (&means, &bin)).await;
    let shop = makes_a_shop(&window, &bin).await;
    groups(&window, &bin, &shop).await;
    let one = registers(place, &window, (&means, &bin), Rnm::Known).await;
    let mut till = takes_the_token(place, &window, &one).await;
    let operator = place.window().await;
    create_account(place, &operator, "staff", "zhanar@example.kz").await;
    operator.arrives("/cabinet").await;
    place.takes("head");
    lives(place, (&window, &operator), (&means, &bin, &one), (&shop, &mut till)).await;
    window.close().await;
    operator.close().await;
}

/// By the app on a phone alone, and a register that the tax authority has still to give its number.
async fn by_phone(place: &mut Place) {
    place.stop_ncalayer().await;
    let window = place.window().await;
    let means = Means::phone(place);
    let bin = signs_up(place, &window, &means).await;
    joins(place, &window, (&means, &bin)).await;
    sign_out(&window).await;
    refuses(place, &window, &means).await;
    means.signs_in(place, &window).await;
    window.arrives("/cabinet").await;
    let shop = makes_a_shop(&window, &bin).await;
    groups(&window, &bin, &shop).await;
    let mut one = registers(place, &window, (&means, &bin), Rnm::Awaited).await;
    place.start_ncalayer().await;
    let operator = place.window().await;
    create_account(place, &operator, "staff", "zhanar@example.kz").await;
    operator.arrives("/cabinet").await;
    place.stop_ncalayer().await;
    one.since = the_operator_answers(&operator, (&bin, &one), &one.rnm).await;
    window.go(&one.at).await;
    window.sees("registration-next-registered").await;
    let mut till = takes_the_token(place, &window, &one).await;
    lives(place, (&window, &operator), (&means, &bin, &one), (&shop, &mut till)).await;
    window.close().await;
    operator.close().await;
}

/// What comes of a register from its first receipt to its end.
async fn lives(
    place: &Place,
    (window, operator): (&Window, &Window),
    (means, bin, one): (&Means, &str, &Registered),
    (shop, till): (&str, &mut Device),
) {
    sells(window, bin, till).await;
    // Everything else happens while the receipt finds its way into the figures of the day.
    sets(window, (bin, one), till).await;
    gets_another_token(window, one, till).await;
    asks_for_a_visit(window, one).await;
    moves(place, window, (means, one), shop).await;
    the_operator_answers(operator, (bin, one), "").await;
    has_moved(window, one).await;
    tokens(place, window, (bin, one)).await;
    papers(window, bin).await;
    help(window).await;
    directories(operator).await;
    texts_on_receipts(operator, bin).await;
    a_plan_is_made(operator).await;
    moves_to_a_plan(window, (bin, one)).await;
    a_run_is_looked_at(operator).await;
    what_was_sold(operator, (bin, one), till).await;
    looks_at_the_receipt(window, bin, till).await;
    counts(window, bin, till).await;
    narrows(window, bin).await;
    returns(window, bin, till).await;
    closes(window, (bin, one), till).await;
    the_operator_blocks(operator, (bin, one), till).await;
    leaves(place, (window, operator), (means, bin, one), till).await;
}

/// No more than the way itself.
async fn the_short_way(place: &mut Place) {
    let window = place.window().await;
    let means = Means::Ncalayer;
    place.takes("head");
    let bin = signs_up(place, &window, &means).await;
    joins(place, &window, (&means, &bin)).await;
    let one = registers(place, &window, (&means, &bin), Rnm::Known).await;
    let mut till = takes_the_token(place, &window, &one).await;
    sells(&window, &bin, &mut till).await;
    looks_at_the_receipt(&window, &bin, &till).await;
    counts(&window, &bin, &till).await;
    window.close().await;
}
