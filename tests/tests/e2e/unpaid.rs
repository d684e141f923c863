//! Registers that are stopped for a debt: what the till shows, and how soon it sells after a payment.

use std::time::Duration;

use ofd_loadtest::{Document, Fleet};
use ofd_tests::api::Api;
use ofd_tests::debtors::{DEBT_TEXT, pay_and_sell, stop_all};
use ofd_tests::device::Device;
use ofd_tests::process::{Setup, eventually, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_register_shows_its_debt_and_sells_as_soon_as_a_bank_tells_of_the_payment() {
    within(90, async {
        let setup = Setup::new(4);
        let (accounts, bank) = stop_all(&setup).await;
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        let sale = device.register.draw_sale();
        let refused = device.send(sale).await;
        let answer = refused.answer().expect("an answer");
        let text = answer.text.clone().unwrap_or_default();
        assert_eq!(answer.code, 15, "{text}");
        assert!(text.contains(DEBT_TEXT) && text.contains(&accounts[0].to_string()), "{text}");

        // The server that takes the payment ends at once: before it, or whoever else, told the register.
        bank.pay("half", accounts[0], "1000.00", 1).await.expect(200);
        let sale = device.register.draw_sale();
        assert_eq!(device.send(sale).await.code(), Some(15), "a part of the debt ends nothing");
        bank.pay("rest", accounts[0], "500.00", 1).await.expect(200);
        server.kill().await;
        let server = setup.start().await;
        let sale = device.register.draw_sale();
        let mut heard = device.send(sale).await;
        if heard.answer().is_none() {
            // The connection went with the server: a till comes again.
            heard = device.retry().await;
        }
        heard.accepted();

        let api = Api::of(&server);
        let id = device.id();
        let is_told = || async { api.register(id).await["status"] == "active" };
        eventually("the state says so", Duration::from_secs(30), is_told).await;
        device.send(Document::Info).await.accepted();

        let again = bank.pay("rest", accounts[0], "500.00", 1).await.expect(200).json();
        assert_eq!(again["balance"], "0.00", "{again}");
        bank.pay("rest", accounts[0], "500.01", 1).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_call_of_a_bank_to_the_first_receipt_it_takes_less_than_two_seconds() {
    within(90, async {
        let setup = Setup::with_fleet(Fleet::generate(5, 1, 1, 20_261_201));
        let (accounts, bank) = stop_all(&setup).await;
        let _server = setup.start().await;
        for (number, (mut device, account)) in
            Device::fleet(&setup, 203).into_iter().zip(accounts).enumerate()
        {
            let took = pay_and_sell(&bank, &format!("n{number}"), account, &mut device, 1).await;
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
    })
    .await;
}
