//! What the first release wrote is read by this one.

use ofd_tests::process::within;
use ofd_tests::scenarios::first_release;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_of_the_first_release_is_opened_and_its_registers_sell_on() {
    let setup = first_release::setup();
    first_release::lay(&setup.store_path());
    let walked = setup.verify().await;
    assert!(walked.text.contains("88 documents of 12 shifts of 3 registers"), "{}", walked.text);
    within(60, first_release::sells_on(&setup)).await;
}
