//! The token of a register, and what is typed into its till beside it.

use std::sync::Arc;

use super::*;
use crate::{Mailer, TillPort};

#[tokio::test]
async fn a_till_is_told_where_to_connect_as_the_config_names_it() {
    let sink = Arc::new(Sink::default());
    let mailer = Mailer::Sink(Arc::clone(&sink));
    let named = |host: &str, port, is_for_sim| TillPort {
        host: Some(host.to_owned()),
        port,
        is_tls: is_for_sim,
        is_for_sim,
    };
    let gate = Gate::with(|config, _| {
        config.people.mailer = mailer;
        config.till_ports = vec![named("kkm.example.kz", 7001, false), named("sim.example.kz", 7002, true)];
    });
    let mut joined = Joined::with(gate, &sink).await;
    let id = joined.saved(&[]).await;
    assert_eq!(joined.sign_as_head(id).await, "registered");
    let at = joined.path(id);
    joined.browser.go(&at).await;
    let shown = joined.browser.submit(&format!("{at}/token"), &[]).await.text;
    let main = shown.split("<main").nth(1).unwrap();
    assert!(main.contains("kkm.example.kz") && main.contains("7001"), "{main}");
    assert!(!main.contains("sim.example.kz") && !main.contains("<dd>ofd.example"), "{main}");
}
