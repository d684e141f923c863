//! The scenarios of the embedded store, over a keyspace of a cluster.

use ofd_tests::cassandra;
use ofd_tests::process::{Setup, within};
use ofd_tests::scenarios::{figures, life, live, retries};

/// A cluster on a machine that also runs other tests takes its time.
const SECONDS_MAX: u64 = 120;

/// Runs a scenario over a keyspace of its own, which is whole after it.
async fn in_keyspace(setup: Setup, scenario: impl AsyncFnOnce(&Setup)) {
    let cluster = cassandra::shared().await;
    let setup = setup.in_keyspace(&cluster, &cluster.keyspace_name());
    setup.migrate().await;
    within(SECONDS_MAX, scenario(&setup)).await;
    setup.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_lives_over_every_way_in_every_version() {
    in_keyspace(Setup::new(life::LIVES), life::every_version).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_of_days_equal_a_recount_from_the_raw_frames() {
    in_keyspace(Setup::new(3), figures::equal_a_recount).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_in_a_qr_text_shows_the_receipt_to_its_buyer() {
    in_keyspace(Setup::new(1), life::receipt_page).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shift_of_over_24_hours_must_be_closed_first_but_what_happened_offline_is_taken() {
    in_keyspace(Setup::new(2), life::long_shift).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_found_by_its_offline_number_too_and_after_a_restart() {
    in_keyspace(Setup::new(2), life::offline_numbers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_is_felt_at_once_and_drops_nothing_that_happened_before() {
    in_keyspace(Setup::new(4), live::block).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_and_deregistering_have_codes_by_version() {
    in_keyspace(Setup::new(4), live::disconnected_and_deregistered).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_token_reset_only_the_new_token_is_good_and_the_memory_is_kept() {
    in_keyspace(Setup::new(3), live::token_reset).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_sells_on_while_people_change_it_all_the_time() {
    in_keyspace(Setup::new(1), live::changed_all_the_time).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_api_lists_is_what_was_sent_in_a_chain_that_anyone_can_check() {
    in_keyspace(Setup::new(1), live::listed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_comes_again_gets_the_same_bytes_and_is_stored_once() {
    in_keyspace(Setup::new(2), retries::sent_again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_every_kind_is_made_up_for_by_a_retry() {
    in_keyspace(Setup::new(6), retries::lost_answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_a_busy_server_in_time_and_a_retry_after_the_restart_gets_the_same_bytes() {
    in_keyspace(Setup::new(70), retries::orderly_end).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_after_its_lane_was_evicted_gets_the_same_bytes() {
    in_keyspace(Setup::new(130).limits("lanes_max = 1"), retries::evicted_lanes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_of_one_register_at_once_store_a_document_once() {
    in_keyspace(Setup::new(1), retries::same_at_once).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_documents_of_one_register_at_once_are_all_stored_or_told_apart() {
    in_keyspace(Setup::new(1), retries::different_at_once).await;
}
