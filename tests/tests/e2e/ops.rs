//! What the operator looks at: metrics, health, logs.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use ofd_loadtest::{Document, Fault};
use ofd_stand::{Pki, serve, system_clock};
use ofd_tests::api::Api;
use ofd_tests::device::{Device, Way};
use ofd_tests::http::{Request, get};
use ofd_tests::process::{API_TOKEN, Setup, eventually, free_ports, local, within};
use ofd_tests::raw::{RawFrame, say};
use serde_json::Value;
use tokio::net::TcpListener;

/// A page of metrics: of every family its type and the names of labels of each sample.
type Families = BTreeMap<String, (String, Vec<BTreeSet<String>>)>;

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// Reads the Prometheus text format as strictly as Prometheus does.
fn parse(page: &str) -> Families {
    let mut families = Families::new();
    for line in page.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(name) && ["counter", "gauge", "histogram", "summary"].contains(&kind), "{line}");
            assert!(
                families.insert(name.to_owned(), (kind.to_owned(), Vec::new())).is_none(),
                "twice: {line}"
            );
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(value.parse::<f64>().is_ok(), "no number: {line}");
        let (name, labels) = match sample.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap_or_else(|| panic!("{line}"))),
            None => (sample, ""),
        };
        let mut names = BTreeSet::new();
        for label in labels.split("\",").filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(name) && !value.trim_end_matches('"').contains('"'), "{line}");
            if !["le", "quantile"].contains(&name) {
                names.insert(name.to_owned());
            }
        }
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
        let family = family.filter(|family| families.contains_key(*family)).unwrap_or(name);
        let (_, samples) =
            families.get_mut(family).unwrap_or_else(|| panic!("a sample before its TYPE: {line}"));
        samples.push(names);
    }
    families
}

/// Something of everything that is counted.
async fn traffic(setup: &Setup, api: Api) {
    let fleet = setup.fleet.registers();
    for (identity, way) in fleet.zip([Way::Plain, Way::Tls, Way::Sim]) {
        let mut device = Device::new(identity, 203, way.endpoint(setup));
        device.info().await;
        let sale = device.register.draw_sale();
        device.send_with(sale, Fault::Discard).await;
        device.retry().await.accepted();
        let qr = device.sell().await.ticket.expect("it has a number").qr;
        // The lane has the head in memory: it learns of the block by a conflict.
        api.change(device.id(), "block", Some("x")).await;
        let sale = device.register.draw_sale();
        assert_eq!(device.send(sale).await.code(), Some(15));
        api.change(device.id(), "unblock", None).await;
        device.close_shift().await;
        let (_, query) = qr.split_once('?').unwrap();
        let site = local(setup.ports.site);
        get(site, &format!("/?{query}")).await.unwrap().expect(200);
        get(site, &format!("/api/tickets/get-by-url?{query}")).await.unwrap().expect(200);
        device.client.close();
    }
    say(local(setup.ports.tls), b"no TLS at all", Duration::from_secs(2)).await;
}

/// A test PKI that answers for its certificates and that the site trusts.
async fn pki(setup: &mut Setup) -> Arc<Pki> {
    let clock = system_clock();
    let pki = Arc::new(Pki::new([7; 32], clock()));
    let revocation = local(free_ports(1));
    setup.extra = format!("[site.signatures]\ntrust = \"trust\"\nocsp = [\"http://{revocation}/ocsp\"]\n");
    setup.write();
    pki.write_trust(&setup.path("trust")).unwrap();
    let listener = TcpListener::bind(revocation).await.unwrap();
    tokio::spawn(serve(listener, Arc::clone(&pki), Arc::default(), clock, pending()));
    pki
}

/// One signature is checked at the page, as a browser sends it there.
async fn check_signature(setup: &Setup, pki: &Pki) {
    const BOUNDARY: &str = "the-boundary-of-parts";
    let site = local(setup.ports.site);
    let page = get(site, "/signature").await.unwrap().expect(200);
    let cookie = page.header("set-cookie").and_then(|line| line.split(';').next()).unwrap().to_owned();
    let text = page.text();
    let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let cms = pki.key("head").unwrap().sign_cms(b"a document", true, pki.made_at(), None);
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"cms\"; filename=\"a.cms\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&cms);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut request = Request::post("/signature", &kind, body);
    request.headers = vec![("Cookie", cookie)];
    let answer = request.send(site).await.unwrap().expect(200).text();
    assert!(answer.contains("data-verdict=\"VALID\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_prometheus_text_and_hold_every_name_after_traffic() {
    within(60, async {
        let mut setup = Setup::new(3);
        let pki = pki(&mut setup).await;
        let server = setup.start().await;
        traffic(&setup, Api::of(&server)).await;
        check_signature(&setup, &pki).await;
        let metrics = local(setup.ports.metrics);
        eventually("the store's counters are copied", Duration::from_secs(10), || async {
            let page = get(metrics, "/metrics").await.unwrap().text();
            page.lines()
                .any(|line| line.starts_with("ofd_gateway_store_appends_total") && !line.ends_with(" 0"))
        })
        .await;
        eventually("jobs have said how it is", Duration::from_secs(20), || async {
            let page = get(metrics, "/metrics").await.unwrap().text();
            ["ofd_gateway_charging_owed", "ofd_gateway_ledger_breaks"].iter().all(|name| page.contains(name))
        })
        .await;
        let answer = get(metrics, "/metrics").await.unwrap().expect(200);
        assert!(
            answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4"))
        );
        let families = parse(&answer.text());
        let tables = ofd_gateway::metrics::METRICS.iter().chain(ofd_admin_web::every_metric());
        for (name, labels) in tables {
            let (kind, samples) = families.get(*name).unwrap_or_else(|| panic!("{name} is not on the page"));
            let expected: BTreeSet<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            assert!(
                !samples.is_empty() && samples.iter().all(|labels| *labels == expected),
                "{name}: {samples:?}"
            );
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name} is a {kind}");
        }
        for name in families.keys() {
            let mut tables = ofd_gateway::metrics::METRICS.iter().chain(ofd_admin_web::every_metric());
            assert!(tables.any(|(known, _)| known == name), "{name} is in no table");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_readiness_are_on_both_addresses() {
    within(60, async {
        let setup = Setup::new(1);
        let _server = setup.start().await;
        for port in [setup.ports.site, setup.ports.metrics] {
            for target in ["/healthz", "/readyz"] {
                get(local(port), target).await.unwrap().expect(200);
            }
        }
        get(local(setup.ports.site), "/metrics").await.unwrap().expect(404);
    })
    .await;
}

/// Numbers in a text that stand by themselves.
fn numbers(text: &str) -> BTreeSet<&str> {
    text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| word.len() > 5).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_most_talkative_log_tells_no_token_and_no_query() {
    within(60, async {
        let setup = Setup::new(4).log("trace");
        let mut server = setup.start().await;
        let api = Api::of(&server);
        let mut tokens: BTreeSet<u32> = setup.fleet.registers().map(|identity| identity.token.0).collect();
        let mut told = Vec::new();
        for (identity, way) in
            setup.fleet.registers().zip([Way::Plain, Way::Tls, Way::Sim, Way::PlainPerRequest])
        {
            let mut device = Device::new(identity, 203, way.endpoint(&setup));
            device.info().await;
            for _ in 0..3 {
                let qr = device.sell().await.ticket.expect("it has a number").qr;
                tokens.insert(device.token().0);
                told.push(qr);
            }
            device.send(Document::Cancel).await.accepted();
            tokens.insert(device.token().0);
            // A wrong token, a frame that cannot be read, a token reset.
            let mut guess = device.ping_frame();
            guess[12..16].copy_from_slice(&1_234_567_891_u32.to_le_bytes());
            device.ask(&guess).await.unwrap();
            guess[4] = 0;
            device.ask(&guess).await.unwrap();
            device.client.close();
            let new = api.reset_token(device.id()).await;
            tokens.extend([new, 1_234_567_891]);
            device.register.reset_token(ofd_protocol::types::Token(new));
            device.sell().await;
            tokens.insert(device.token().0);
        }
        let strange = RawFrame { token: 1_987_654_321, ..RawFrame::NOBODY };
        say(local(setup.ports.plain), &strange.with(&[8, 0]), Duration::from_millis(200)).await;
        tokens.insert(strange.token);
        let site = local(setup.ports.site);
        for qr in &told {
            let (_, query) = qr.split_once('?').unwrap();
            get(site, &format!("/?{query}")).await.unwrap();
            get(site, &format!("/api/tickets/get-by-url?{query}")).await.unwrap();
            get(site, &format!("/metrics?{query}")).await.unwrap();
        }
        Request::authorised("/api/v1/registers/1", "wrong-bearer-5512", None)
            .send(site)
            .await
            .unwrap()
            .expect(401);
        server.stop().await;

        let log = server.log();
        let words = numbers(&log);
        for token in &tokens {
            for form in [token.to_string(), format!("{token:x}"), format!("{token:08X}")] {
                assert!(!words.contains(form.as_str()), "token {form} is in the log");
            }
        }
        for qr in &told {
            let number = qr.split(['=', '&']).nth(1).unwrap();
            assert!(!log.contains(number), "the query of receipt {number} is in the log");
        }
        for secret in [API_TOKEN, "wrong-bearer-5512", "BEGIN PRIVATE", "&f=", "?i="] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret:?} is in the log");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_for_machines_are_a_json_object_a_line() {
    within(60, async {
        let mut setup = Setup::new(1);
        setup.extra = "[registers]\nrotate_tokens = false\n".to_owned();
        let text = setup.config_text().replace("[log]", "[log]\nformat = \"json\"");
        std::fs::write(setup.config(), text).unwrap();
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        let token = device.token();
        device.info().await;
        device.sell().await;
        assert_eq!(device.token(), token, "the rotation is switched off");
        Api::of(&server).change(device.id(), "block", Some("x")).await;
        server.stop().await;
        let log = server.log();
        assert!(log.lines().count() > 5, "{log}");
        for line in log.lines() {
            let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
        }
        assert!(log.contains("\"register.id\""), "registers are fields:\n{log}");
    })
    .await;
}
