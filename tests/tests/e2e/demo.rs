//! `ofd demo`: one command, a whole operator, and a second start that goes on.

use std::process::Command;
use std::time::{Duration, Instant};

use ofd_tests::hostile::visitor::Visitor;
use ofd_tests::http::get;
use ofd_tests::process::{Server, Setup, binary, free_ports, local, within};

/// The demo takes so many ports in a row.
const PORTS: u16 = 8;

/// How many days the first start of these tests sells through: more than the one register is silent that is.
const DAYS: u32 = 5;

/// What thirty days may take at the first start.
const DAYS_WITHIN_SECONDS: f64 = 60.0;

fn demo(setup: &Setup, base: u16, seconds: Option<u32>) -> Command {
    let mut command = Command::new(binary());
    command
        .args(["demo", "--days", &DAYS.to_string(), "--port-base", &base.to_string(), "--directory"])
        .arg(setup.path("demo"));
    if let Some(seconds) = seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
    command
}

/// The address of a receipt, once the demo has printed one.
async fn link(demo: &mut Server) -> String {
    let since = Instant::now();
    loop {
        let log = demo.log();
        let found =
            log.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:") && word.contains("?i="));
        if let Some(link) = found {
            return link.to_owned();
        }
        assert!(demo.is_running() && since.elapsed() < Duration::from_secs(20), "no receipt:\n{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The first start says how long its days took. A build of tests on a busy machine is no measure of a release, in which thirty
/// days take some seconds; a demo that came to wait for the clock of the machine would be found all the same.
fn expect_quick_days(log: &str) {
    let told = log.split_once(&format!("{DAYS} days took ")).and_then(|(_, rest)| rest.split_once(" s."));
    let (seconds, _) = told.unwrap_or_else(|| panic!("the demo does not say how long its days took:\n{log}"));
    let seconds: f64 = seconds.parse().unwrap_or_else(|error| panic!("{seconds}: {error}"));
    assert!(seconds < DAYS_WITHIN_SECONDS, "{DAYS} days took {seconds} s");
}

/// How many documents and shifts the demo's store holds.
async fn held(setup: &Setup) -> (u64, u64) {
    let verified = setup.run(&["verify", "--config", "demo/ofd.toml"]).await;
    verified.expect_success();
    let line =
        verified.text.lines().find(|line| line.contains(" documents of ")).expect("verify counts documents");
    assert!(line.contains(" 0 breaks"), "{line}");
    let count = |before: &str| {
        let count = line.split(before).next().and_then(|start| start.rsplit(' ').next());
        count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{line}"))
    };
    (count(" documents of "), count(" shifts of "))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_runs_ends_and_goes_on_where_it_stopped() {
    within(90, async {
        let setup = Setup::new(1);
        let base = free_ports(PORTS);
        // The first run is asked for pages, however long a busy machine takes for them; then it is told to end.
        let mut asked = setup.spawn(demo(&setup, base, None));
        let link = link(&mut asked).await;
        let target =
            link.strip_prefix(&format!("http://127.0.0.1:{}", base + 3)).expect("the link is at the site");
        let page = get(local(base + 3), target).await.unwrap().expect(200);
        assert!(page.text().contains("<html"), "{}", page.text());
        get(local(base + 4), "/metrics").await.unwrap().expect(200);
        expect_quick_days(&asked.log());
        end_in_order(asked).await;
        // Each register closed the shift of each day that lay before, but for the one whose shift is long.
        let (before, shifts) = held(&setup).await;
        assert!(
            before > shifts && shifts >= u64::from((DAYS - 1) * 5),
            "{before} documents of {shifts} shifts"
        );
        // The second goes on there, and ends by itself.
        let mut bounded = setup.spawn(demo(&setup, base, Some(8)));
        let status = bounded.wait(Duration::from_secs(40)).await;
        let log = bounded.log();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("Stopped in order") && !log.contains("DIFFERENCE"), "{log}");
        let (after, _) = held(&setup).await;
        assert!(before < after, "{before} documents became {after}");
    })
    .await;
}

/// Lines of the log that speak of people: where they sign up, who signs, where letters are, and the keys.
async fn introduction(demo: &mut Server) -> Vec<String> {
    link(demo).await;
    let log = demo.log();
    let lines =
        log.lines().skip_while(|line| !line.contains("sign up  ")).take_while(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The introduction names the pages where they are, and the keys that the emulated NCALayer has.
async fn expect_people(base: u16, told: &[String]) {
    let (site, control) = (local(base + 3), local(base + 6));
    let of =
        |words: &str| told.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{told:?}"));
    assert!(of("sign up  ").contains(&format!("http://{site}/login ")), "{told:?}");
    assert!(of("who signs ").contains(&format!("http://{control}/")), "{told:?}");
    assert!(of("letters  ").contains(&format!("http://{site}/demo/letters ")), "{told:?}");
    let desk = get(control, "/").await.unwrap().expect(200).text();
    for label in ["head", "employee", "entrepreneur", "staff"] {
        // Label, full name, number: who that is.
        let line = of(&format!("    {label} "));
        let (person, _) = line.split_once(": ").unwrap();
        let (name, number) = person.trim().split_once(' ').unwrap().1.trim().rsplit_once(' ').unwrap();
        let row = desk
            .split("<tr>")
            .find(|row| row.contains(&format!(">{label}<")))
            .unwrap_or_else(|| panic!("{desk}"));
        assert!(row.contains(name) && row.contains(number), "{name} {number} is not in {row}");
    }
    let login = get(site, "/login").await.unwrap().expect(200).text();
    assert!(login.contains(&format!("data-ncalayer=\"ws://{}/\"", local(base + 5))), "{login}");
    tokio::net::TcpStream::connect(local(base + 5)).await.expect("the emulated NCALayer listens");
    get(site, "/demo/letters").await.unwrap().expect(200);
}

/// The first organisation registered a register of its own: it is among its registers, and the signed application among its
/// papers.
async fn expect_registered(base: u16, told: &[String]) {
    let login = told.iter().find(|line| line.contains(" password ")).expect("logins are told");
    let words: Vec<&str> = login.split_whitespace().collect();
    let (bin, password) = (words[0], words[2]);
    let site = local(base + 3);
    let mut visitor = Visitor::new(site, site.ip());
    visitor.sign_in_with(bin, password).await.unwrap().expect(303);
    let papers = visitor.open(&format!("/c/{bin}/papers")).await.unwrap().expect(200).text();
    for text in ["Application No. 1", "Application No. 2", "The signature is valid"] {
        assert!(papers.contains(text), "{text}: {papers}");
    }
    let registers = visitor.open(&format!("/c/{bin}/registers?q=SWK-DEMO")).await.unwrap();
    let register = registers.expect(303).header("location").expect("one is found").to_owned();
    let register = visitor.open(&register).await.unwrap().expect(200).text();
    assert!(register.contains("SWK-DEMO-0007") && register.contains("640399000007"), "{register}");
}

/// The start pages of the demo's organisations name the registers that somebody should look after: the one that is silent, the
/// one whose clock is ahead and whose documents therefore depart from the protocol, and the one whose shift nears its end.
async fn expect_troubles(base: u16, told: &[String]) {
    let site = local(base + 3);
    let mut pages = String::new();
    for login in told.iter().filter(|line| line.contains(" password ")) {
        let words: Vec<&str> = login.split_whitespace().collect();
        let (bin, password) = (words[0], words[2]);
        let mut visitor = Visitor::new(site, site.ip());
        visitor.sign_in_with(bin, password).await.unwrap().expect(303);
        let page = visitor.open(&format!("/c/{bin}/start")).await.unwrap();
        // The operator's administrator has no such page.
        if page.status != 200 {
            continue;
        }
        let page = page.text();
        pages.push_str(page.split_once("Registers that need attention").map_or("", |(_, rest)| rest));
    }
    for trouble in ["Silent since", "from the protocol since yesterday", "24 hours are near"] {
        assert!(pages.contains(trouble), "{trouble} is not in {pages}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_people_who_sign_and_they_are_the_same_at_the_next_start() {
    within(60, async {
        let setup = Setup::new(1);
        let base = free_ports(PORTS);
        let mut told = Vec::new();
        for run in 0..2 {
            let mut demo = setup.spawn(demo(&setup, base, None));
            let introduction = introduction(&mut demo).await;
            expect_people(base, &introduction).await;
            expect_registered(base, &introduction).await;
            if run == 0 {
                expect_troubles(base, &introduction).await;
            }
            let letters = get(local(base + 3), "/demo/letters").await.unwrap().expect(200).text();
            assert_eq!(letters.contains("Код для входа"), run == 1, "letters are kept: {letters}");
            if run == 0 {
                // As the site keeps them, in its own words.
                let kept = r#"{"letters":[{"number":1,"at":1795000000000,"to":"a@example.kz","subject":"Код для входа","text":"1"}],"next":1}"#;
                std::fs::write(setup.path("demo/letters.json"), kept).unwrap();
            }
            told.push(introduction);
            end_in_order(demo).await;
        }
        assert_eq!(told[0], told[1]);
    })
    .await;
}

/// Ctrl-C, then exit code 0 in time, with nothing that differs.
async fn end_in_order(mut demo: Server) {
    let since = Instant::now();
    demo.interrupt();
    let status = demo.wait(Duration::from_secs(12)).await;
    let log = demo.log();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert!(!log.contains("DIFFERENCE"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_the_demo_in_order() {
    within(60, async {
        let setup = Setup::new(1);
        let mut demo = setup.spawn(demo(&setup, free_ports(PORTS), None));
        link(&mut demo).await;
        end_in_order(demo).await;
        assert!(held(&setup).await.0 > 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_that_was_killed_goes_on_at_the_next_start() {
    within(60, async {
        let setup = Setup::new(1);
        let base = free_ports(PORTS);
        let mut killed = setup.spawn(demo(&setup, base, None));
        link(&mut killed).await;
        killed.kill().await;
        let (before, _) = held(&setup).await;
        let mut again = setup.spawn(demo(&setup, base, None));
        link(&mut again).await;
        end_in_order(again).await;
        assert!(held(&setup).await.0 > before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_says_which_port_is_taken() {
    within(60, async {
        let setup = Setup::new(1);
        let base = free_ports(PORTS);
        for offset in 0..PORTS {
            let _holder = std::net::TcpListener::bind(local(base + offset)).unwrap();
            let ended = setup.run_command(demo(&setup, base, Some(1))).await;
            ended.expect_refusal(&[
                &format!("127.0.0.1:{}", base + offset),
                "another program has this port",
                "--port-base",
            ]);
            assert!(!setup.path("demo").exists(), "a start that failed leaves nothing behind");
        }
        // What an earlier demo left there stays.
        std::fs::create_dir(setup.path("demo")).unwrap();
        std::fs::write(setup.path("demo/mine"), "").unwrap();
        let _holder = std::net::TcpListener::bind(local(base)).unwrap();
        setup.run_command(demo(&setup, base, Some(1))).await.expect_refusal(&["--port-base"]);
        assert!(setup.path("demo/mine").exists());
    })
    .await;
}
