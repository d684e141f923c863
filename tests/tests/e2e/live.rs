//! The API against registers that are at work: every change is felt at once, on connections that are open.

use ofd_tests::api::Api;
use ofd_tests::http::Request;
use ofd_tests::process::{Setup, local, within};
use ofd_tests::scenarios::live;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_is_felt_at_once_and_drops_nothing_that_happened_before() {
    within(90, live::block(&Setup::new(4))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reason_of_a_block_never_makes_a_till_take_it_for_a_broken_link() {
    within(60, live::reasons_of_a_block(&Setup::new(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_and_deregistering_have_codes_by_version() {
    within(60, live::disconnected_and_deregistered(&Setup::new(4))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_token_reset_only_the_new_token_is_good_and_the_memory_is_kept() {
    within(60, live::token_reset(&Setup::new(3))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_sells_on_while_people_change_it_all_the_time() {
    within(60, live::changed_all_the_time(&Setup::new(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_api_lists_is_what_was_sent_in_a_chain_that_anyone_can_check() {
    within(60, live::listed(&Setup::new(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_closed_to_whoever_lacks_the_token() {
    within(60, async {
        let setup = Setup::new(1);
        let server = setup.start().await;
        let id = setup.fleet.registers().next().unwrap().id;
        let site = local(setup.ports.site);
        let (register, block) = (format!("/api/v1/registers/{id}"), format!("/api/v1/registers/{id}/block"));
        for token in ["", "x", "e2e-3f1c9a7d5b2e804", "e2e-3f1c9a7d5b2e80466"] {
            let refused = Request::authorised(&register, token, None).send(site).await.unwrap().expect(401);
            assert!(refused.header("www-authenticate").is_some());
            let body = Some(json!({"reason": "x"}).to_string());
            Request::authorised(&block, token, body).send(site).await.unwrap().expect(401);
        }
        Request::get(&register).send(site).await.unwrap().expect(401);
        let api = Api::of(&server);
        assert_eq!(api.register(id.0).await["status"], "active");
        for missing in
            ["/api/v1/registers/4000000", "/api/v1/registers/0", "/api/v1/registers/x", "/api/v1/nothing"]
        {
            let problem = api.get(missing).await.expect(404);
            assert_eq!(problem.header("content-type"), Some("application/problem+json"), "{missing}");
        }
        let openapi = Request::get("/api/v1/openapi.json").send(site).await.unwrap().expect(200).json();
        assert!(openapi["paths"]["/api/v1/registers/{id}/block"]["post"].is_object(), "{openapi}");
    })
    .await;
}
