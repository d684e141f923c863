//! The life of a till: every command, every version, every way to the server, and its receipts at the site.

use std::time::Duration;

use ofd_protocol::frame;
use ofd_tests::device::{Device, Way, read_answer};
use ofd_tests::oracle::lenient::Command;
use ofd_tests::process::{Setup, within};
use ofd_tests::scenarios::{figures, life};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_lives_over_every_way_in_every_version() {
    within(120, life::every_version(&Setup::new(life::LIVES))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_in_a_qr_text_shows_the_receipt_to_its_buyer() {
    within(60, life::receipt_page(&Setup::new(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_of_days_equal_a_recount_from_the_raw_frames() {
    within(120, figures::equal_a_recount(&Setup::new(3))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_frames_in_one_write_get_two_answers_in_turn() {
    within(60, async {
        let setup = Setup::new(3);
        let _server = setup.start().await;
        for (identity, way) in setup.fleet.registers().zip([Way::Plain, Way::Tls, Way::Sim]) {
            let mut device = Device::new(identity, 203, way.endpoint(&setup));
            let ping = device.ping_frame();
            let sale = device.sale_frame();
            let again = device.ping_frame();
            let sent = [ping, sale, again].concat();
            let mut got = device.client.send_bytes(&sent, Duration::from_secs(1)).await.unwrap();
            let mut codes = Vec::new();
            while !got.is_empty() {
                let size = frame::header(&got).unwrap().expect("answers are whole").size;
                let rest = got.split_off(usize::try_from(size).unwrap());
                let read = read_answer(&got).unwrap();
                codes.push((read.response.command(), read.code()));
                got = rest;
            }
            let expected = [Command::System, Command::Ticket, Command::System].map(|command| (command, 0));
            assert_eq!(codes, expected, "{way:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shift_of_over_24_hours_must_be_closed_first_but_what_happened_offline_is_taken() {
    within(60, life::long_shift(&Setup::new(2))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_found_by_its_offline_number_too_and_after_a_restart() {
    within(60, life::offline_numbers(&Setup::new(2))).await;
}
