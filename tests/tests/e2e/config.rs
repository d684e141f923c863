//! The config and the fleet file: what is wrong is told with its place, and nothing is started or changed.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use ofd_loadtest::ReportKind;
use ofd_stand::{Pki, system_clock};
use ofd_tests::device::{Device, Way};
use ofd_tests::http::{Request, get};
use ofd_tests::process::{API_TOKEN, Ended, Setup, local, within};
use ofd_tests::tree;

/// Blocks of a language in a text of Markdown.
fn blocks<'a>(text: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

/// A sample with what is commented out in it, save the placeholder of a secret.
fn uncommented(config: &str) -> String {
    const KEYS: [&str; 8] = [
        "[[listeners]]",
        "name =",
        "address =",
        "profile =",
        "tls =",
        "proxy_protocol =",
        "trusted_proxies =",
        "api_token_file =",
    ];
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if KEYS.iter().any(|key| rest.starts_with(key)) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    config.lines().map(line).collect()
}

async fn check(setup: &Setup, token: Option<&str>) -> Ended {
    let mut command = std::process::Command::new(ofd_tests::process::binary());
    command.arg("check-config").arg("--config").arg(setup.config());
    setup.run_with_token(command, token).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_config_and_fleet_in_the_documents_is_good() {
    within(60, async {
        let setup = Setup::new(1);
        fs::copy(setup.certificate(), setup.path("cert.pem")).unwrap();
        fs::copy(setup.certificate(), setup.path("ca.pem")).unwrap();
        fs::write(setup.path("api-token"), "a-token-of-a-file").unwrap();
        fs::write(setup.path("password"), "a-password-of-a-file\n").unwrap();
        let documents: Vec<_> = tree::files()
            .into_iter()
            .filter(|file| file.path == "README.md" || file.path.starts_with("docs/"))
            .collect();
        let mut configs = 0;
        for file in &documents {
            let whole = file.path.ends_with("ofd.toml").then_some(file.text.as_str());
            for config in blocks(&file.text, "toml").chain(whole).filter(|text| text.contains("[store]")) {
                configs += 1;
                fs::write(setup.config(), config).unwrap();
                let checked = check(&setup, Some("a-token-of-the-environment")).await;
                assert!(checked.status.success(), "{}: {}\n{config}", file.path, checked.text);
                fs::write(setup.config(), uncommented(config)).unwrap();
                let checked = check(&setup, Some("a-token-of-the-environment")).await;
                assert!(checked.status.success(), "{}: {}\n{config}", file.path, checked.text);
            }
        }
        assert!(configs >= 4, "only {configs} configs were found in README and docs");
        let mut fleets = 0;
        setup.write();
        for file in &documents {
            let whole = file.path.ends_with("fleet.json").then_some(file.text.as_str());
            for fleet in
                blocks(&file.text, "json").chain(whole).filter(|text| text.contains("\"organisations\""))
            {
                fleets += 1;
                fs::write(setup.fleet_file(), fleet).unwrap();
                let checked = check(&setup, None).await;
                assert!(checked.status.success(), "{}: {}\n{fleet}", file.path, checked.text);
            }
        }
        assert!(fleets >= 2, "only {fleets} fleet files were found in README and docs");
    })
    .await;
}

/// A part of the good config, what stands in its place, and the words that tell what is wrong.
const WRONG: &[(&str, &str, &[&str])] = &[
    ("bootstrap =", "colour = 1\nbootstrap =", &["colour", "line 1"]),
    ("kind = \"embedded\"", "kind = \"embedded\"\nsize = 5", &["size", "line"]),
    ("kind = \"embedded\"", "kind = \"cloud\"", &["cloud", "embedded", "line"]),
    ("[log]", "[limits]\nconnections = 5\n[log]", &["connections", "line"]),
    ("[log]", "[registers]\nstrict_versions = [205]\n[log]", &["205", "204"]),
    ("[log]", "[registers]\nmalformed_receipt = 14\n[log]", &["14", "13 or 15"]),
    ("[log]", "[limits]\nanswer_milliseconds = 5000\n[log]", &["answer_milliseconds", "4999"]),
    ("[log]", "[limits]\nshutdown_seconds = 10\n[log]", &["shutdown_seconds", "10"]),
    ("[log]", "[limits]\nconnections_max = 0\n[log]", &["connections_max", "1 or more"]),
    ("[log]", "[limits]\nwrong_tokens_burst = 0\n[log]", &["wrong_tokens_burst", "line"]),
    ("[log]", "[limits]\nunfinished_frames_mib = 3\n[log]", &["unfinished_frames_mib", "4 to 4095"]),
    ("[log]", "[limits]\nregister_mib_per_hour = 4096\n[log]", &["register_mib_per_hour", "1 to 4095"]),
    ("[log]", "[limits]\ngood_token_seconds = 0\n[log]", &["good_token_seconds", "1 or more"]),
    (
        "profile = \"sim\"",
        "profile = \"sim\"\nproxy_protocol = true",
        &["proxy_protocol", "nobody is trusted"],
    ),
    (
        "profile = \"sim\"",
        "profile = \"sim\"\ntrusted_proxies = [\"10.0.0.1\"]",
        &["listeners[2].trusted_proxies", "proxy_protocol"],
    ),
    ("[log]", "[log]\nformat = \"xml\"\n", &["xml", "line"]),
    ("filter = \"info\"", "filter = \"info,,=\"", &["filter", "info,,="]),
    ("bootstrap =", "time_zone = \"Asia/Almaty\"\nbootstrap =", &["Asia/Almaty", "+05:00"]),
    ("name = \"sim\"", "name = \"wired\"", &["listeners", "name"]),
    ("name = \"sim\"", "name = \" \"", &["listeners", "name"]),
    ("profile = \"sim\"", "profile = \"satellite\"", &["satellite", "wired"]),
    ("public_url = \"http://", "public_url = \"ftp://", &["public_url", "https://"]),
    (
        "public_url =",
        "till_addresses = [{ host = \"http://kkm\", port = 7777 }]\npublic_url =",
        &["site.till_addresses[0].host", "kkm.example.kz"],
    ),
    (
        "public_url =",
        "till_addresses = [{ host = \"kkm\", port = 0 }]\npublic_url =",
        &["till_addresses", "line"],
    ),
    (
        "public_url =",
        "trusted_proxies = [\"10.0.0.1\", \"10.1.0.0/33\"]\npublic_url =",
        &["10.1.0.0/33", "from 1 to 32", "trusted_proxies", "line"],
    ),
    ("public_url =", "staff_second_factor = 1\npublic_url =", &["staff_second_factor", "line"]),
    ("public_url =", "lookups_missed_per_minute = 0\npublic_url =", &["lookups_missed_per_minute", "line"]),
    ("key = \"key.pem\"", "key = \"lost.pem\"", &["lost.pem"]),
    ("certificate = \"certificate.pem\"", "certificate = \"fleet.json\"", &["fleet.json", "PEM"]),
    ("key = \"key.pem\"", "key = \"certificate.pem\"", &["certificate.pem"]),
    ("bootstrap = \"fleet.json\"", "bootstrap = \"lost.json\"", &["lost.json", "cannot be read"]),
    ("[log]", "[operator]\nbin = \"990940003177\"\n[log]", &["operator.bin"]),
    ("[log]", "[operator]\nsupport_phone = \"none\"\n[log]", &["operator.support_phone", "+7 7172"]),
    ("[log]", "[operator]\nsupport_email = \"help\"\n[log]", &["operator.support_email", "help@example.kz"]),
    ("[log]", "[operator]\noffer_url = \"offer.pdf\"\n[log]", &["operator.offer_url", "https://"]),
    ("[log]", "[operator]\nprivacy_url = \"https://\"\n[log]", &["operator.privacy_url", "https://"]),
    ("[store]", "[stoer]", &["stoer"]),
    ("address = \"127.0.0.1:", "address = \"localhost:", &["address", "line", "127.0.0.1:8080"]),
    ("api_token = \"", "api_token = \"secret\" # ", &["site.api_token", "guessed", "openssl rand -hex 32"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_config_is_told_and_nothing_starts() {
    within(60, async {
        let setup = Setup::new(1);
        let good = setup.config_text();
        for (from, to, words) in WRONG {
            assert!(good.contains(from), "{from}");
            let mut text = good.replacen(from, to, 1);
            if *to == "[log]\nformat = \"xml\"\n" {
                text = text.replace("filter = \"info\"", "");
            }
            fs::write(setup.config(), text).unwrap();
            let words: Vec<&str> = words.iter().copied().chain(["ofd"]).collect();
            check(&setup, None).await.expect_refusal(&words);
            setup.run_command(setup.serve_command()).await.expect_refusal(&words);
        }
        fs::write(setup.config(), "[store]\nkind = \"embedded\"\npath = \"data\"\n").unwrap();
        check(&setup, None).await.expect_refusal(&["listeners", "no register could connect"]);
        fs::remove_file(setup.config()).unwrap();
        check(&setup, None).await.expect_refusal(&["ofd.toml", "cannot be read"]);
        assert!(!setup.store_path().exists(), "a wrong config leaves no store behind");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_is_told_at_once() {
    within(60, async {
        let setup = Setup::new(1);
        let text = setup
            .config_text()
            .replacen("bootstrap = \"fleet.json\"", "colour = 1\nbootstrap = \"lost.json\"", 1)
            .replacen("profile = \"sim\"", "profile = \"satellite\"", 1)
            .replacen("name = \"sim\"", "name = \"wired\"", 1)
            .replacen("key = \"key.pem\"", "key = \"lost.pem\"", 1)
            .replacen("public_url = \"http://", "public_url = \"ftp://", 1)
            .replacen(
                "[log]",
                "[limits]\nanswer_milliseconds = 5000\nconnections_max = 0\nlanes = 5\n[log]",
                1,
            )
            .replace(API_TOKEN, "secret");
        fs::write(setup.config(), text).unwrap();
        let words = [
            "colour",
            "satellite",
            "lanes",
            "listeners[2].name",
            "site.public_url",
            "site.api_token",
            "limits.answer_milliseconds",
            "limits.connections_max",
        ];
        setup.run_command(setup.serve_command()).await.expect_refusal(&words);
        // Whoever only checks is also told what is wrong with the files.
        let words = [&words[..], &["lost.json", "lost.pem", "docs/config.md"]].concat();
        check(&setup, None).await.expect_refusal(&words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_addresses_that_meet_are_refused() {
    within(60, async {
        let setup = Setup::new(1);
        let (good, ports) = (setup.config_text(), setup.ports);
        let plain = format!("\"127.0.0.1:{}\"", ports.plain);
        for (other, key) in [
            (ports.tls, "listeners[1].address"),
            (ports.site, "site.address"),
            (ports.metrics, "metrics.address"),
        ] {
            // The same address, and one of every interface.
            for text in [
                good.replace(&format!("address = \"127.0.0.1:{other}\""), &format!("address = {plain}")),
                good.replace(
                    &format!("address = \"127.0.0.1:{other}\""),
                    &format!("address = \"0.0.0.0:{}\"", ports.plain),
                ),
            ] {
                assert_ne!(text, good);
                fs::write(setup.config(), text).unwrap();
                check(&setup, None).await.expect_refusal(&[key, "listeners[0].address", "another port"]);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_told_before_anything_is_changed() {
    within(60, async {
        let setup = Setup::new(1);
        let ports = setup.ports;
        for (name, port) in [
            ("listener wired", ports.plain),
            ("listener wired-tls", ports.tls),
            ("listener sim", ports.sim),
            ("the site", ports.site),
            ("metrics", ports.metrics),
        ] {
            let holder = TcpListener::bind(local(port)).unwrap();
            let ended = setup.run_command(setup.serve_command()).await;
            ended.expect_refusal(&[name, &local(port).to_string(), "another program has this port"]);
            drop(holder);
        }
        assert!(!setup.store_path().exists(), "whoever finds a port taken has changed nothing");
        setup.start().await.stop().await;
    })
    .await;
}

/// `[store]` of a cluster that nobody needs to run.
const CLUSTER: &str = r#"kind = "cql"
nodes = ["127.0.0.1:1", "localhost:1"]
keyspace = "ofd"
replication = { dc1 = 3, dc2 = 3 }
user = "ofd"
password_file = "password"
consistency = "local_quorum"
tls = { ca = "certificate.pem", certificate = "certificate.pem", key = "key.pem" }
"#;

/// The config of a folder with this in place of its `[store]`.
fn on_cluster(setup: &Setup, store: &str) -> String {
    setup.config_text().replace("kind = \"embedded\"\npath = \"data\"\n", store)
}

/// A part of [`CLUSTER`], what stands in its place, and the words that tell what is wrong.
const WRONG_CLUSTER: &[(&str, &str, &[&str])] = &[
    ("keyspace = \"ofd\"\n", "", &["keyspace", "missing"]),
    ("keyspace = \"ofd\"", "keyspace = \"ofd\"\npath = \"data\"", &["path", "line"]),
    ("nodes = [\"127.0.0.1:1\", \"localhost:1\"]", "nodes = []", &["store.nodes", "127.0.0.1:9042"]),
    ("localhost:1", "localhost", &["store.nodes[1]", "localhost", "host:9042"]),
    ("localhost:1", "localhost:0", &["store.nodes[1]", "9042"]),
    ("localhost:1", "127.0.0.1:1", &["store.nodes[1]", "twice"]),
    ("\"ofd\"\nreplication", "\"Ofd\"\nreplication", &["store.keyspace", "Ofd", "a-z"]),
    ("{ dc1 = 3, dc2 = 3 }", "0", &["store.replication", "3 is usual"]),
    ("{ dc1 = 3, dc2 = 3 }", "-1", &["replication", "-1"]),
    ("{ dc1 = 3, dc2 = 3 }", "\"3\"", &["{ dc1 = 3, dc2 = 3 }", "line"]),
    ("{ dc1 = 3, dc2 = 3 }", "{}", &["store.replication", "no data centre"]),
    ("dc2 = 3", "dc2 = 0", &["store.replication.dc2", "3 is usual"]),
    ("dc2 = 3", "\"d c\" = 3", &["store.replication.d c", "nodetool"]),
    ("dc2 = 3", "replication_factor = 3", &["store.replication.replication_factor", "replication = 3"]),
    ("user = \"ofd\"\n", "", &["store.user", "password_file"]),
    ("user = \"ofd\"", "user = \" \"", &["store.user", "empty"]),
    ("password_file = \"password\"\n", "", &["store.password_file", "user"]),
    ("password_file = \"password\"", "password_file = \"lost\"", &["store.password_file", "lost"]),
    ("password_file = \"password\"", "password_file = \"empty\"", &["store.password_file", "empty"]),
    ("\"local_quorum\"", "\"one\"", &["consistency", "one", "quorum"]),
    ("tls = { ca = \"certificate.pem\", ", "tls = { ", &["ca", "missing"]),
    ("ca = \"certificate.pem\"", "ca = \"lost.pem\"", &["store.tls", "lost.pem"]),
    ("ca = \"certificate.pem\"", "ca = \"fleet.json\"", &["store.tls", "fleet.json", "PEM"]),
    (", key = \"key.pem\"", "", &["store.tls.key", "certificate"]),
    ("certificate = \"certificate.pem\", key", "key", &["store.tls.certificate", "key"]),
    ("key = \"key.pem\"", "key = \"certificate.pem\"", &["store.tls", "certificate.pem"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_cluster_is_told_and_nothing_starts() {
    within(60, async {
        let setup = Setup::new(1);
        fs::write(setup.path("password"), "4f1c8a7e93\n").unwrap();
        fs::write(setup.path("empty"), "\r\n").unwrap();
        fs::write(setup.config(), on_cluster(&setup, CLUSTER)).unwrap();
        let checked = check(&setup, None).await;
        checked.expect_success();
        let warnings = checked.text.lines().filter(|line| line.contains("warning"));
        // The files of tests are open to everybody, which is told too.
        let others: Vec<&str> = warnings.filter(|line| !line.contains("can be read by everybody")).collect();
        assert!(others.is_empty(), "{others:?}");
        for (from, to, words) in WRONG_CLUSTER {
            assert!(CLUSTER.contains(from), "{from}");
            let text = on_cluster(&setup, &CLUSTER.replacen(from, to, 1));
            fs::write(setup.config(), text).unwrap();
            check(&setup, None).await.expect_refusal(words);
            let ended = setup.run_command(setup.serve_command()).await;
            ended.expect_refusal(words);
            assert!(!ended.text.contains("4f1c8a7e93"), "{}", ended.text);
        }
        for (copies, words) in
            [("2", "2 copies let 0"), ("1", "1 copy"), ("{ dc1 = 4 }", "replication.dc1: 4")]
        {
            let text = on_cluster(&setup, &CLUSTER.replace("{ dc1 = 3, dc2 = 3 }", copies));
            fs::write(setup.config(), text).unwrap();
            let checked = check(&setup, None).await;
            checked.expect_success();
            assert!(checked.text.contains("warning: store.replication"), "{}", checked.text);
            assert!(checked.text.contains(words), "{}", checked.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_whose_operators_people_need_no_second_factor_is_warned_of() {
    within(60, async {
        let mut setup = Setup::new(1);
        for (line, is_warned) in
            [("", false), ("staff_second_factor = true\n", false), ("staff_second_factor = false\n", true)]
        {
            setup.site = line.to_owned();
            setup.write();
            let checked = check(&setup, None).await;
            checked.expect_success();
            let warning = "warning: site.staff_second_factor is false";
            assert_eq!(checked.text.contains(warning), is_warned, "{line}: {}", checked.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_be_signed_with_by_phone_is_told_what_that_takes() {
    within(60, async {
        let mut setup = Setup::new(1);
        Pki::new([7; 32], system_clock()()).write_trust(&setup.path("trust")).unwrap();
        let (list, http) = ("on its list of allowed ones", "nobody can sign by an app on a phone");
        for (signs, url, emulated, said) in [
            (false, "https", true, None),
            (true, "https", false, Some(list)),
            (true, "http", false, Some(http)),
            (true, "http", true, None),
        ] {
            setup.extra = if signs {
                "[site.signatures]\ntrust = \"trust\"\nocsp = [\"http://ocsp.example.kz/\"]\n".to_owned()
            } else {
                String::new()
            };
            let text = setup.config_text().replace("public_url = \"http", &format!("public_url = \"{url}"));
            let text = text.replace("emulated = true", &format!("emulated = {emulated}"));
            fs::write(setup.config(), text).unwrap();
            let checked = check(&setup, None).await;
            checked.expect_success();
            for warning in [list, http] {
                let is_said = checked.text.contains(warning);
                assert_eq!(is_said, said == Some(warning), "{signs} {url} {emulated}: {}", checked.text);
            }
        }
    })
    .await;
}

/// `[site.mail]` and `[site.signatures]`.
const PEOPLE: &str = r#"[site.mail]
kind = "smtp"
host = "mail.example.kz"
from = "ofd@example.kz"
user = "ofd"
password_file = "password"

[site.signatures]
trust = "trust"
ocsp = ["http://ocsp.example.kz/"]
crls = ["http://crl.example.kz/ca.crl"]
revocation = "require"
"#;

/// A part of [`PEOPLE`], what stands in its place, and the words that tell what is wrong.
const WRONG_PEOPLE: &[(&str, &str, &[&str])] = &[
    ("\"ofd@example.kz\"", "\"ofd\"", &["site.mail.from", "\"ofd\"", "name@example.kz"]),
    ("from = \"ofd@example.kz\"\n", "", &["from", "missing", "line"]),
    ("kind = \"smtp\"", "kind = \"post\"", &["post", "smtp", "sink", "line"]),
    ("kind = \"smtp\"", "kind = \"smtp\"\npassword = \"x\"", &["password", "line"]),
    ("password_file = \"password\"\n", "", &["site.mail.user", "password_file", "set both or none"]),
    ("user = \"ofd\"\n", "", &["site.mail.user", "password_file", "set both or none"]),
    ("= \"password\"", "= \"lost\"", &["site.mail.password_file", "lost", "cannot be read"]),
    ("= \"password\"", "= \"trust\"", &["site.mail.password_file", "trust", "cannot be read"]),
    ("user =", "tls = \"none\"\nuser =", &["site.mail", "mail.example.kz", "starttls"]),
    ("trust = \"trust\"", "trust = \"lost\"", &["site.signatures", "lost", "cannot be read"]),
    ("trust = \"trust\"\n", "", &["trust", "missing", "line"]),
    (
        "http://ocsp",
        "https://ocsp",
        &["site.signatures", "https://ocsp.example.kz/", "write it like http://"],
    ),
    ("http://crl", "ftp://crl", &["site.signatures", "ftp://crl.example.kz/ca.crl", "write it like http://"]),
    ("ocsp = [\"http://ocsp.example.kz/\"]\n", "", &["site.signatures", "responder", "cached_crl"]),
    ("\"require\"", "\"perhaps\"", &["perhaps", "cached_crl", "line"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_letters_and_signatures_is_told_and_nothing_starts() {
    within(60, async {
        let mut setup = Setup::new(1);
        fs::write(setup.path("password"), "4f1c8a7e93\n").unwrap();
        Pki::new([7; 32], system_clock()()).write_trust(&setup.path("trust")).unwrap();
        setup.extra = PEOPLE.to_owned();
        setup.write();
        check(&setup, None).await.expect_success();
        for (from, to, words) in WRONG_PEOPLE {
            assert!(PEOPLE.contains(from), "{from}");
            setup.extra = PEOPLE.replacen(from, to, 1);
            setup.write();
            for ended in [check(&setup, None).await, setup.run_command(setup.serve_command()).await] {
                ended.expect_refusal(words);
                assert!(!ended.text.contains("4f1c8a7e93"), "{}", ended.text);
            }
            assert!(!setup.store_path().exists(), "{to}: it left a store behind");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_store_needs_no_migration() {
    within(60, async {
        let setup = Setup::new(1);
        let ended = setup.run(&["migrate", "--config", "ofd.toml"]).await;
        ended.expect_success();
        assert!(ended.text.contains("nothing to migrate"), "{}", ended.text);
        assert!(!setup.store_path().exists(), "a migration of nothing leaves no store behind");
    })
    .await;
}

/// Status of a request to the API with a token.
async fn status(setup: &Setup, token: &str) -> u16 {
    let id = setup.fleet.registers().next().unwrap().id;
    let target = format!("/api/v1/registers/{id}");
    Request::authorised(&target, token, None).send(local(setup.ports.site)).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_token_comes_from_the_environment_a_file_or_the_config() {
    within(60, async {
        let setup = Setup::new(1);
        let good = setup.config_text();
        let line = format!("api_token = \"{API_TOKEN}\"");
        for placeholder in ["", "…", "...", "  "] {
            fs::write(setup.config(), good.replace(&line, &format!("api_token = \"{placeholder}\"")))
                .unwrap();
            let words = ["api_token", "OFD_API_TOKEN"];
            check(&setup, None).await.expect_refusal(&words);
            setup.run_command(setup.serve_command()).await.expect_refusal(&words);
        }
        // The environment wins over a placeholder and over a token.
        for (text, token) in [("…", "from-the-environment-1"), (API_TOKEN, "from-the-environment-2")] {
            fs::write(setup.config(), good.replace(&line, &format!("api_token = \"{text}\""))).unwrap();
            let mut server = setup.start_with_token(token).await;
            assert_eq!((status(&setup, token).await, status(&setup, "wrong").await), (200, 401));
            assert_eq!(status(&setup, API_TOKEN).await, 401);
            assert!(!server.log().contains(token));
            server.stop().await;
        }
        fs::write(setup.config(), &good).unwrap();
        let ended = setup.run_with_token(setup.serve_command(), Some("")).await;
        ended.expect_refusal(&["OFD_API_TOKEN"]);
        // A file, with a line break at its end as editors leave it.
        fs::write(setup.path("secret"), "from-the-file-7f3a\n").unwrap();
        fs::write(setup.config(), good.replace(&line, "api_token_file = \"secret\"")).unwrap();
        let mut server = setup.start().await;
        assert_eq!((status(&setup, "from-the-file-7f3a").await, status(&setup, API_TOKEN).await), (200, 401));
        server.stop().await;
        fs::write(setup.path("secret"), "\n").unwrap();
        check(&setup, None).await.expect_refusal(&["api_token"]);
        fs::remove_file(setup.path("secret")).unwrap();
        check(&setup, None).await.expect_refusal(&["api_token_file", "secret"]);
        // Without one there is no API, but there is a site.
        fs::write(setup.config(), good.replace(&line, "")).unwrap();
        let _server = setup.start().await;
        assert_eq!(status(&setup, API_TOKEN).await, 404);
        get(local(setup.ports.site), "/").await.unwrap().expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_fleet_file_is_told_with_its_line() {
    within(60, async {
        let setup = Setup::new(2);
        let good = fs::read_to_string(setup.fleet_file()).unwrap();
        let line_of = |text: &str, what: &str| text[..text.rfind(what).unwrap()].lines().count().max(1);
        for (from, to, word) in [
            ("\"id\": 200001", "\"id\": 0", "id is 0"),
            ("\"id\": 200002", "\"id\": 200001", "200001 stands twice"),
            ("\"year\"", "\"colour\": 1, \"year\"", "colour"),
            ("\"fns_kkm_id\": \"64", "\"fns_kkm_id\": \"x4", "12 digits"),
            ("\"organisations\"", "\"organizations\"", "organizations"),
            ("\"connection\": \"wired\"", "\"connection\": \"pigeon\"", "pigeon"),
            ("\"okved\"", "okved", "line"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            fs::write(setup.fleet_file(), &text).unwrap();
            // Of what stands twice the second place is told.
            let line = line_of(&text, to);
            let line = format!("line {line}");
            for ended in [check(&setup, None).await, setup.run_command(setup.serve_command()).await] {
                ended.expect_refusal(&["fleet.json", word, &line]);
            }
        }
        assert!(!setup.store_path().exists(), "a wrong fleet file leaves no store behind");
        // A wrong check digit happens in life.
        let bin = setup.fleet.organisations[0].bin.clone();
        let wrong = format!("{}{}", &bin[..11], (bin.as_bytes()[11] - b'0' + 1) % 10);
        fs::write(setup.fleet_file(), good.replace(&bin, &wrong)).unwrap();
        let checked = check(&setup, None).await;
        checked.expect_success();
        assert!(checked.text.contains("warning") && checked.text.contains(&wrong), "{}", checked.text);
        setup.start().await.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_whose_tariff_excludes_tls_gets_7_over_it() {
    within(60, async {
        let setup = Setup::new(1);
        let text = fs::read_to_string(setup.fleet_file()).unwrap();
        fs::write(setup.fleet_file(), text.replacen("\"year\"", "\"tls\": false, \"year\"", 1)).unwrap();
        let _server = setup.start().await;
        let identity = setup.fleet.registers().next().unwrap();
        let mut over_tls = Device::new(identity.clone(), 203, Way::Tls.endpoint(&setup));
        let refused = over_tls.send(ofd_loadtest::Document::Info).await;
        assert_eq!(refused.code(), Some(7), "{refused:?}");
        let mut plain = Device::new(identity, 203, Way::Plain.endpoint(&setup));
        plain.info().await;
        plain.sell().await;
        plain.report(ReportKind::X).await;
        plain.expect_no_differences();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_in_a_config_begin_at_the_config() {
    within(60, async {
        let setup = Setup::new(1);
        let mut command = setup.serve_command();
        command.current_dir(Path::new("/"));
        let mut server = setup.start_with(command).await;
        Device::first(&setup, 203).info().await;
        assert!(setup.store_path().join("FORMAT").exists());
        server.stop().await;
    })
    .await;
}
