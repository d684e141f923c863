//! Retries: an answer is lost, the server restarts, memory is forgotten, two speak for one register at once.

use ofd_tests::process::{Setup, within};
use ofd_tests::scenarios::retries;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_comes_again_gets_the_same_bytes_and_is_stored_once() {
    within(60, retries::sent_again(&Setup::new(2))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_every_kind_is_made_up_for_by_a_retry() {
    within(60, retries::lost_answers(&Setup::new(6))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_a_busy_server_in_time_and_a_retry_after_the_restart_gets_the_same_bytes() {
    within(90, retries::orderly_end(&Setup::new(70))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_after_its_lane_was_evicted_gets_the_same_bytes() {
    within(60, retries::evicted_lanes(&Setup::new(130).limits("lanes_max = 1"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_of_one_register_at_once_store_a_document_once() {
    within(60, retries::same_at_once(&Setup::new(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_documents_of_one_register_at_once_are_all_stored_or_told_apart() {
    within(60, retries::different_at_once(&Setup::new(1))).await;
}
