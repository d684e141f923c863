//! What strangers set off on the site takes neither memory nor answers from registers that share the process.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ofd_tests::device::Device;
use ofd_tests::http::{Request, Response, get};
use ofd_tests::process::{Setup, eventually, local, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// All that costly work may take, and what serving hundreds of requests takes beside it.
const GROWTH_MAX_KIB: u64 = 128 * 1024;

/// What must not be passed in all of it.
const PEAK_MAX_KIB: u64 = 300 * 1024;

/// What a page leaves in a browser: its cookie, and the token of its form.
struct Visit {
    cookie: String,
    csrf: String,
}

async fn visit(site: SocketAddr, page: &str) -> Visit {
    let page = get(site, page).await.unwrap().expect(200);
    let cookie = page.header("set-cookie").expect("a visit has a mark").split(';').next().unwrap().to_owned();
    let text = page.text();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).expect("a form has a token");
    Visit { cookie, csrf: csrf.split('"').next().unwrap().to_owned() }
}

/// An answer that says when to come again, where it is none to what was asked.
#[track_caller]
fn is_judged(answer: &Response) -> bool {
    if [429, 503].contains(&answer.status) {
        assert!(answer.header("retry-after").is_some(), "{}", answer.text());
        return false;
    }
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = answer.header("location").unwrap_or_default();
    assert!(page.contains("again="), "{page} is no page that says what was wrong");
    true
}

/// A register that sells until it is told to stop; how often it did. Every sale must be accepted.
async fn sells(mut device: Device, stop: Arc<AtomicBool>, sold: Arc<AtomicU64>) -> Device {
    while !stop.load(Ordering::Relaxed) {
        device.sell().await;
        sold.fetch_add(1, Ordering::Relaxed);
    }
    device
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_that_come_at_once_take_the_memory_of_one_and_stop_no_sale() {
    within(120, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let site = local(setup.ports.site);
        let (stop, sold) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut device = Device::first(&setup, 203);
        device.info().await;
        let seller = tokio::spawn(sells(device, Arc::clone(&stop), Arc::clone(&sold)));
        let visit = visit(site, "/login").await;
        let before = server.resident_kib();
        let mut tries = JoinSet::new();
        // Sixty from one address, and as many from ten others.
        for number in 0..120_u8 {
            let (cookie, csrf) = (visit.cookie.clone(), visit.csrf.clone());
            tries.spawn(async move {
                let body = format!("csrf={csrf}&login=15114000{number:04}&password=Wrong{number}pass");
                let kind = "application/x-www-form-urlencoded";
                let mut request = Request::post("/login/password", kind, body.into_bytes());
                request.headers.push(("Cookie", cookie));
                let from = if number < 60 { 1 } else { 2 + number % 10 };
                request.from(from).send(site).await.unwrap()
            });
        }
        let answers = tries.join_all().await;
        let judged = answers.iter().filter(|answer| is_judged(answer)).count();
        assert!(
            (1..120).contains(&judged),
            "{judged} were judged: sixty from one address are more than its share"
        );
        let peak = server.peak_resident_kib();
        assert!(peak < before + GROWTH_MAX_KIB, "{before} KiB before, {peak} KiB at most");
        assert!(peak < PEAK_MAX_KIB, "{peak} KiB");
        stop.store(true, Ordering::Relaxed);
        let mut device = seller.await.unwrap();
        assert!(sold.load(Ordering::Relaxed) > 10, "the register went on selling");
        device.close_shift().await;
        device.expect_no_differences();
        server.stop().await;
    })
    .await;
}

/// A form with a signature file and a document, sent from an address of this machine.
async fn upload(site: SocketAddr, from: u8, visit: &Visit, files: &[(&str, usize)]) -> io::Result<u16> {
    let (mut parts, mut len) = (Vec::new(), 0);
    let field = format!("--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n", visit.csrf);
    parts.push((field, 0));
    for (name, bytes) in files {
        let head =
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
        parts.push((head, *bytes));
        parts.push(("\r\n".to_owned(), 0));
    }
    parts.push(("--B--\r\n".to_owned(), 0));
    for (text, bytes) in &parts {
        len += text.len() + bytes;
    }
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 2, from)), 0))?;
    let mut stream: TcpStream = socket.connect(site).await?;
    let head = format!(
        "POST /signature HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\nCookie: {}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {len}\r\n\r\n",
        visit.cookie
    );
    stream.write_all(head.as_bytes()).await?;
    // A SEQUENCE of zeros: no signature, and no text.
    let piece = [&[0x30][..], &[0; 64 * 1024 - 1]].concat();
    let (mut reader, mut writer) = stream.split();
    let send = async {
        for (text, bytes) in &parts {
            writer.write_all(text.as_bytes()).await?;
            let mut left = *bytes;
            while left > 0 {
                let next = left.min(piece.len());
                writer.write_all(&piece[..next]).await?;
                left -= next;
            }
        }
        Ok::<_, io::Error>(())
    };
    let mut answer = Vec::new();
    let hear = reader.read_to_end(&mut answer);
    // Whoever is sent away hears so before all was sent.
    let (_, heard) = tokio::join!(send, hear);
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok());
    match status.and_then(|status| status.parse().ok()) {
        Some(status) => Ok(status),
        None => Err(heard.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_uploads_that_come_at_once_lie_on_the_disk_and_leave_no_memory_behind() {
    const MIB: usize = 1024 * 1024;
    within(180, async {
        let mut setup = Setup::new(1);
        let uploads = setup.path("uploads");
        std::fs::create_dir(&uploads).unwrap();
        setup.site = "upload_directory = \"uploads\"\n".to_owned();
        setup.write();
        let mut server = setup.start().await;
        let site = local(setup.ports.site);
        let visit = Arc::new(visit(site, "/signature").await);
        let before = server.resident_kib();
        let mut sent = JoinSet::new();
        for number in 0..8_u8 {
            let visit = Arc::clone(&visit);
            let files = [("cms", 7 * MIB), ("document", 14 * MIB)];
            sent.spawn(async move { upload(site, number / 2 + 1, &visit, &files).await.unwrap() });
        }
        let statuses = sent.join_all().await;
        assert!(statuses.iter().all(|status| [303, 503].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&303), "one at least was looked at: {statuses:?}");
        let peak = server.peak_resident_kib();
        assert!(peak < before + GROWTH_MAX_KIB, "{before} KiB before, {peak} KiB at most");
        assert!(peak < PEAK_MAX_KIB, "{peak} KiB");
        eventually("the memory is given back", Duration::from_secs(30), || {
            let resident = server.resident_kib();
            async move { resident < before + 48 * 1024 }
        })
        .await;
        assert_eq!(std::fs::read_dir(&uploads).unwrap().count(), 0, "files have no names");
        let in_use = setup.metric("ofd_admin_web_work_memory_bytes{part=\"documents\"}").await;
        assert_eq!(in_use, Some(0.0));
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_sends_slowly_stops_neither_the_site_nor_its_sign_in() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let site = local(setup.ports.site);
        let visit = visit(site, "/login").await;
        let form = |path: &str, kind: &str, len: usize| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: {site}\r\nCookie: {}\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\n\r\n-",
                visit.cookie
            )
        };
        let mut slow = Vec::new();
        for number in 0..140 {
            let mut stream = TcpStream::connect(site).await.unwrap();
            let (kind, pairs) = ("multipart/form-data; boundary=B", "application/x-www-form-urlencoded");
            let head = match number % 2 {
                0 => form("/login/certificate", kind, 20_000),
                _ => form("/login/password", pairs, 200),
            };
            stream.write_all(head.as_bytes()).await.unwrap();
            slow.push(stream);
        }
        // From another address at once, and whether the process is well.
        for page in ["/login", "/healthz", "/readyz"] {
            let answer = Request::get(page).from(9).send(site).await.unwrap();
            assert_eq!(answer.status, 200, "{page}");
        }
        let body = format!("csrf={}&login=151140001234&password=Wrong1pass", visit.csrf).into_bytes();
        let mut signs_in = Request::post("/login/password", "application/x-www-form-urlencoded", body);
        signs_in.headers.push(("Cookie", visit.cookie.clone()));
        assert!(is_judged(&signs_in.clone().from(9).send(site).await.unwrap()), "somebody else signs in");
        // From the same address, once the slow ones have been slow for a second.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert!(is_judged(&signs_in.send(site).await.unwrap()), "a neighbour signs in");
        let mut ended = Vec::new();
        for mut stream in slow {
            let mut answer = Vec::new();
            let _reset = stream.read_to_end(&mut answer).await;
            ended.extend(answer.get(9..12).map(|status| String::from_utf8_lossy(status).into_owned()));
        }
        assert!(ended.iter().all(|status| ["408", "429", "503"].contains(&status.as_str())), "{ended:?}");
        assert!(ended.iter().any(|status| status == "408"), "{ended:?}");
        assert!(server.is_running());
    })
    .await;
}
