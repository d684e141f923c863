//! A cluster that is away when the server starts: everybody is told so, nothing hangs, and the server can be stopped.

use std::fs;
use std::time::{Duration, Instant};

use ofd_loadtest::Document;
use ofd_tests::device::{Device, Way};
use ofd_tests::http::{Request, Response, get};
use ofd_tests::process::{API_TOKEN, Server, Setup, eventually, free_ports, local, within};
use tokio::net::TcpListener;

/// Writes the config of a cluster with these nodes.
fn on_cluster(setup: &Setup, nodes: &[String]) {
    let store = format!("kind = \"cql\"\nnodes = {nodes:?}\nkeyspace = \"ofd\"\nreplication = 1\n");
    let text = setup.config_text().replace("kind = \"embedded\"\npath = \"data\"\n", &store);
    fs::write(setup.config(), text).unwrap();
}

async fn readiness(server: &Server) -> Response {
    get(local(server.ports.metrics), "/readyz").await.unwrap()
}

/// Waits until `/readyz` gives a reason that holds `words`.
async fn expect_reason(server: &Server, words: &[&str]) {
    eventually("the reason is told", Duration::from_secs(20), || async {
        let ready = readiness(server).await;
        assert_eq!(ready.status, 503, "{}", ready.text());
        words.iter().all(|word| ready.text().contains(word))
    })
    .await;
}

/// What must hold whatever ails the cluster.
async fn expect_service_of_those_who_wait(setup: &Setup, server: &Server) {
    let (site, metrics) = (local(server.ports.site), local(server.ports.metrics));
    for address in [site, metrics] {
        get(address, "/healthz").await.unwrap().expect(200);
    }
    let text = get(metrics, "/metrics").await.unwrap().expect(200).text();
    assert!(text.contains("ofd_gateway_store_ready 0"), "{text}");
    assert_eq!(get(site, "/readyz").await.unwrap().expect(503).json()["ready"], false);
    for page in ["/", "/consumer", "/?i=1&f=640300014538&s=1.00&t=20260122T170916"] {
        let answer = get(site, page).await.unwrap().expect(503);
        assert_eq!(answer.header("retry-after"), Some("5"), "{page}");
        assert!(answer.text().contains("<html"), "{page}: {}", answer.text());
    }
    let register = format!("/api/v1/registers/{}", setup.fleet.registers().next().unwrap().id);
    let asked = Request::authorised(&register, API_TOKEN, None);
    for answer in [asked.send(site).await.unwrap(), get(site, "/api/tickets/get-by-url?i=1").await.unwrap()] {
        assert_eq!(answer.header("retry-after"), Some("5"), "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.expect(503).json()["type"], "urn:ofd:problem:unavailable");
    }
    for way in [Way::Plain, Way::Tls, Way::Sim] {
        let identity = setup.fleet.registers().next().unwrap();
        let mut device = Device::new(identity, 203, way.endpoint(setup));
        let since = Instant::now();
        assert_eq!(device.send(Document::Info).await.code(), Some(254), "{way:?}");
        // On the same connection: a register that comes back need not connect anew.
        assert_eq!(device.retry().await.code(), Some(254), "{way:?}");
        assert!(since.elapsed() < Duration::from_secs(2), "{way:?} took {:?}", since.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_no_node_answers_everybody_is_told_so_and_a_stop_is_heeded() {
    within(60, async {
        let setup = Setup::new(1);
        let ports = [free_ports(1), free_ports(1)];
        on_cluster(&setup, &ports.map(|port| local(port).to_string()));
        let mut server = setup.spawn(setup.serve_command());
        eventually("it listens", Duration::from_secs(20), || async {
            get(local(setup.ports.metrics), "/healthz").await.is_ok()
        })
        .await;
        let nodes = ports.map(|port| format!("{}: Connection refused", local(port)));
        let words: Vec<&str> =
            nodes.iter().map(String::as_str).chain(["not open yet", "keyspace ofd"]).collect();
        expect_reason(&server, &words).await;
        expect_service_of_those_who_wait(&setup, &server).await;
        // Long enough for some more tries, which are not told: nothing changed.
        tokio::time::sleep(Duration::from_secs(4)).await;
        let log = server.log();
        assert_eq!(log.matches("not open yet").count(), 1, "{log}");
        assert!(words.iter().all(|word| log.contains(word)), "{log}");
        let took = server.stop().await;
        assert!(took < Duration::from_secs(2), "a server that waits takes {took:?} to stop");
        assert!(!setup.store_path().exists());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_silent_holds_neither_requests_nor_a_stop() {
    within(60, async {
        let setup = Setup::new(1);
        let silent = TcpListener::bind(local(0)).await.unwrap();
        on_cluster(&setup, &[silent.local_addr().unwrap().to_string()]);
        let mut server = setup.spawn(setup.serve_command());
        eventually("it listens", Duration::from_secs(20), || async {
            get(local(setup.ports.metrics), "/healthz").await.is_ok()
        })
        .await;
        expect_service_of_those_who_wait(&setup, &server).await;
        assert!(readiness(&server).await.text().contains("it is being opened"));
        let took = server.stop().await;
        assert!(took < Duration::from_secs(2), "a server that waits takes {took:?} to stop");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_need_the_cluster_say_which_nodes_they_tried() {
    within(60, async {
        let setup = Setup::new(1);
        let node = local(free_ports(1)).to_string();
        on_cluster(&setup, std::slice::from_ref(&node));
        for command in ["verify", "export"] {
            let ended = setup.run(&[command, "--config", "ofd.toml"]).await;
            ended.expect_refusal(&["keyspace ofd", &node, "Connection refused"]);
        }
        let mut migration = setup.spawn({
            let mut command = std::process::Command::new(ofd_tests::process::binary());
            command.arg("migrate").arg("--config").arg(setup.config());
            command
        });
        eventually("it tries again", Duration::from_secs(20), || async {
            migration.log().matches("trying again in").count() >= 2
        })
        .await;
        let log = migration.log();
        assert!(log.contains(&node) && log.contains("Connection refused"), "{log}");
        migration.kill().await;
    })
    .await;
}
