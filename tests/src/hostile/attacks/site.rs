//! Attacks on the site, from whom registers must never suffer.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::means::{Attack, COME_AGAIN, Means, PATIENCE, Tally, address, connect, count_link, crowd, hold};
use crate::hostile::place::{BALANCER, PASSWORD};
use crate::hostile::visitor::{FORM, Visitor};
use crate::http::{Request, Response};

/// Tries at once of one address: about as many as may wait for their turn.
const TRIES: usize = 60;

/// Uploads at once.
const UPLOADS: usize = 8;

/// What an upload brings as a signature and as a document: 39 MiB.
const UPLOAD_PARTS: [(&str, usize); 2] = [("cms", 8 << 20), ("document", 31 << 20)];

/// Slow bodies at once of one visitor behind the balancer.
const SLOW_POSTS: usize = 124;

/// Connections that the balancer keeps to one server. As many as the shipped one kept when this attack was found, and
/// like it then it passes bodies on as slowly as they come: the server must not depend on a better one.
const BALANCER_CONNECTIONS: usize = 100;

/// How long a request waits there for one (`timeout queue`).
const BALANCER_QUEUE: Duration = Duration::from_secs(3);

/// Silent connections of one address, and the addresses.
const SILENT: (usize, usize) = (128, 8);

/// Slow forms with a signature at once.
const SLOW_FORMS: usize = 16;

/// Between two bytes of who is slow.
const SLOW_BYTE: Duration = Duration::from_secs(1);

/// Who signs in meanwhile from an address of his own.
const HOME: &str = "the owner by certificate";

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack {
            name: "passwords",
            what: "60 wrong passwords at once, one address",
            run: |means| Box::pin(wrong_passwords(means, 1)),
            ..Attack::USUAL
        },
        Attack {
            name: "passwords-many",
            what: "the same from 8 addresses",
            run: |means| Box::pin(wrong_passwords(means, 8)),
            ..Attack::USUAL
        },
        Attack {
            name: "uploads",
            what: "8 uploads of 39 MiB at once",
            run: |means| Box::pin(crowd(UPLOADS, move |index| upload(means.clone(), index))),
            ..Attack::USUAL
        },
        Attack {
            name: "slow-posts",
            what: "124 slow POSTs of one visitor behind the balancer",
            seconds: 15,
            run: |means| Box::pin(slow_posts(means)),
            judge: |tally, _| most(tally, "visitors behind the balancer"),
            ..Attack::USUAL
        },
        Attack {
            name: "silent-site",
            what: "8 addresses with 128 silent connections to the site",
            run: |means| Box::pin(crowd(SILENT.0 * SILENT.1, move |index| silent(means.clone(), index))),
            ..Attack::USUAL
        },
        Attack {
            name: "slow-forms",
            what: "16 slow forms with a certificate",
            seconds: 15,
            run: |means| Box::pin(slow_forms(means)),
            judge: |tally, _| most(tally, HOME),
            ..Attack::USUAL
        },
        Attack {
            name: "lock-out",
            what: "5 wrong passwords under a BIN, then the owner",
            seconds: 8,
            run: |means| Box::pin(lock_out(means)),
            judge: |tally, _| most(tally, "the owner by password on a known device"),
            ..Attack::USUAL
        },
    ]
}

/// Somebody honest must be served nine times of ten.
fn most(tally: &Tally, who: &str) -> Vec<String> {
    let (served, all) = (tally.of(&served(who)), tally.of(who));
    if all > 0 && served * 10 >= all * 9 {
        return Vec::new();
    }
    vec![format!("{who}: served {served} times of {all}")]
}

fn served(who: &str) -> String {
    format!("{who}, served")
}

/// Counts one try of somebody honest.
fn count_honest(tally: &Tally, who: &str, is_served: bool, instead: &str) {
    tally.add(who);
    if is_served {
        tally.add(&served(who));
    } else {
        tally.add(&format!("{who}: {instead}"));
    }
}

fn instead(answer: &io::Result<Response>) -> String {
    match answer {
        Ok(answer) => answer.status.to_string(),
        Err(error) => error.kind().to_string(),
    }
}

async fn wrong_passwords(means: Means, addresses: usize) {
    crowd(addresses, move |index| {
        let (means, from) = (means.clone(), address(1, 1 + index as u8));
        async move {
            for round in 0.. {
                let next = Instant::now() + COME_AGAIN * 2;
                let mut visitor = Visitor::new(means.target.site(), from);
                match visitor.open("/login").await {
                    Ok(page) if page.status == 200 => {
                        let (means, visitor) = (means.clone(), Arc::new(visitor));
                        let knock =
                            move |index| knock(means.clone(), Arc::clone(&visitor), from, (round, index));
                        crowd(TRIES, knock).await;
                    }
                    _ => means.tally.add("no page to try on"),
                }
                tokio::time::sleep_until(next).await;
            }
        }
    })
    .await;
}

/// One wrong password.
async fn knock(means: Means, visitor: Arc<Visitor>, from: IpAddr, (round, index): (u64, usize)) {
    // Nobody has this login, so nobody is locked out; the work is the same.
    let login = format!("nobody-{round}-{index}@example.kz");
    let Ok(body) = visitor.form("/login/password", &[("login", &login), ("password", "Wrong1234")]) else {
        return means.tally.add("no form");
    };
    let request = Request::post("/login/password", FORM, body.into_bytes());
    let request = Request { headers: vec![("Cookie", visitor.cookie())], from, ..request };
    match request.send(means.target.site()).await {
        Ok(answer) => means.tally.add(&format!("answered {}", answer.status)),
        Err(error) => means.tally.add(&error.kind().to_string()),
    }
}

async fn upload(means: Means, index: usize) {
    // An address has a share of the places: as many addresses as it takes to have them all.
    let from = address(2, 1 + (index / 2) as u8);
    loop {
        let next = Instant::now() + COME_AGAIN * 3;
        match upload_once(&means, from).await {
            Ok(status) => means.tally.add(&format!("answered {status}")),
            Err(error) => means.tally.add(&error.kind().to_string()),
        }
        tokio::time::sleep_until(next).await;
    }
}

async fn upload_once(means: &Means, from: IpAddr) -> io::Result<u16> {
    const BOUNDARY: &str = "the-boundary-of-parts";
    const ZEROS: &[u8] = &[0; 64 * 1024];
    let mut visitor = Visitor::new(means.target.site(), from);
    visitor.open("/signature").await?;
    let csrf = visitor.hidden_field("/signature", "csrf")?;
    let part = |name: &str, more: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
    };
    let first = format!("{}{csrf}\r\n", part("csrf", ""));
    let heads = UPLOAD_PARTS.map(|(name, _)| part(name, "; filename=\"a.bin\""));
    let last = format!("--{BOUNDARY}--\r\n");
    let parts: usize =
        UPLOAD_PARTS.iter().zip(&heads).map(|((_, len), head)| head.len() + len + "\r\n".len()).sum();
    let len = first.len() + parts + last.len();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut stream = connect(means.target.site(), from).await?;
    let head = head_of(&means.target.site().to_string(), "/signature", (&kind, len), &visitor.cookie(), "");
    let sent = async {
        stream.write_all(format!("{head}{first}").as_bytes()).await?;
        for ((_, len), head) in UPLOAD_PARTS.iter().zip(&heads) {
            stream.write_all(head.as_bytes()).await?;
            for _ in 0..len / ZEROS.len() {
                stream.write_all(ZEROS).await?;
            }
            stream.write_all(b"\r\n").await?;
        }
        stream.write_all(last.as_bytes()).await
    };
    // Whoever is turned away early is told why all the same.
    let _ = sent.await;
    status(&mut stream).await
}

/// Request line and headers of a POST.
fn head_of(host: &str, target: &str, (kind, len): (&str, usize), cookie: &str, more: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\n\
         Content-Length: {len}\r\n{more}\r\n"
    )
}

/// The status of the answer that comes.
async fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < 12 && stream.read_buf(&mut bytes).await? > 0 {}
        io::Result::Ok(())
    };
    timeout(PATIENCE, read).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let text = String::from_utf8_lossy(&bytes);
    let code = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    code.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
}

/// Sends a head, then its body byte by byte until an answer comes or the link ends.
async fn dribble(means: &Means, from: IpAddr, head: &str) -> io::Result<()> {
    let mut stream = connect(means.target.site(), from).await?;
    stream.write_all(head.as_bytes()).await?;
    let (mut reader, mut writer) = stream.split();
    let mut buffer = [0; 1024];
    let read = loop {
        tokio::select! {
            read = reader.read(&mut buffer) => break read,
            () = tokio::time::sleep(SLOW_BYTE) => {
                if writer.write_all(b"a").await.is_err() {
                    break Ok(0);
                }
            }
        }
    };
    // How a slow one is ended is not what is looked at, only what it is told.
    let text = String::from_utf8_lossy(&buffer[..read.unwrap_or(0)]).into_owned();
    if let Some(code) = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)) {
        means.tally.add(&format!("answered {code}"));
    }
    Ok(())
}

async fn slow_posts(means: Means) {
    let places = Arc::new(Semaphore::new(BALANCER_CONNECTIONS));
    let (others, others_places) = (means.clone(), Arc::clone(&places));
    let slow = crowd(SLOW_POSTS, move |_| {
        let (means, places) = (means.clone(), Arc::clone(&places));
        async move {
            let host = means.target.site().to_string();
            let more = "X-Forwarded-For: 10.66.0.1\r\n";
            let head = head_of(&host, "/login/password", (FORM, 60_000), "", more);
            loop {
                if let Ok(Ok(_place)) = timeout(BALANCER_QUEUE, places.acquire()).await {
                    let done = dribble(&means, BALANCER, &head).await;
                    count_link(&means.tally, &done);
                }
                // Whoever wants to stop a site comes again at once.
                tokio::time::sleep(COME_AGAIN / 10).await;
            }
        }
    });
    let visits =
        crowd(20, move |index| visit_behind_balancer(others.clone(), Arc::clone(&others_places), index));
    tokio::join!(slow, visits);
}

/// One visitor of many, who comes through the same balancer at a time of his own.
async fn visit_behind_balancer(means: Means, places: Arc<Semaphore>, index: usize) {
    const WHO: &str = "visitors behind the balancer";
    // The last one has time enough for an answer before the attack ends.
    tokio::time::sleep(Duration::from_millis(1_500 + 400 * index as u64)).await;
    let Ok(Ok(_place)) = timeout(BALANCER_QUEUE, places.acquire()).await else {
        return count_honest(&means.tally, WHO, false, "503 of the balancer");
    };
    let headers = vec![("X-Forwarded-For", format!("10.77.0.{}", index + 1))];
    let request = Request { from: BALANCER, headers, ..Request::get("/login") };
    let answer = request.send(means.target.site()).await;
    let is_served = answer.as_ref().is_ok_and(|answer| answer.status == 200);
    count_honest(&means.tally, WHO, is_served, &instead(&answer));
}

async fn silent(means: Means, index: usize) {
    let from = address(3, 1 + (index / SILENT.0) as u8);
    loop {
        let done = async {
            hold(connect(means.target.site(), from).await?).await;
            Ok(())
        };
        count_link(&means.tally, &done.await);
        tokio::time::sleep(COME_AGAIN).await;
    }
}

async fn slow_forms(means: Means) {
    let from = address(4, 1);
    let owner = means.clone();
    let slow = crowd(SLOW_FORMS, move |_| {
        let means = means.clone();
        async move {
            let host = means.target.site().to_string();
            let kind = "multipart/form-data; boundary=the-boundary";
            let head = head_of(&host, "/login/certificate", (kind, 300_000), "", "");
            loop {
                let done = dribble(&means, from, &head).await;
                count_link(&means.tally, &done);
                tokio::time::sleep(COME_AGAIN).await;
            }
        }
    });
    tokio::join!(slow, certificates(owner, from));
}

/// The owner signs in by certificate, from an address of his own, and from that of who is slow.
async fn certificates(means: Means, slow: IpAddr) {
    let home = address(4, 2);
    let who = [HOME, "the owner by certificate at the same address"];
    for round in 0..6 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let from = if round % 2 == 0 { home } else { slow };
        let who = who[round % 2];
        let Ok(key) = means.target.owner_key() else { return };
        let mut visitor = means.target.owner.clone().moved(from);
        let answer = visitor.sign_in(key).await;
        let is_served = answer.as_ref().is_ok_and(is_let_in);
        count_honest(&means.tally, who, is_served, &instead(&answer));
    }
}

/// Whoever is refused is sent to a page as well, which says why.
fn is_let_in(answer: &Response) -> bool {
    let page = answer.header("location").unwrap_or_default();
    answer.status == 303 && !page.contains("again=")
}

async fn lock_out(means: Means) {
    let Ok(bin) = means.target.owner_key().map(|key| key.bin().unwrap_or_default().to_owned()) else {
        return;
    };
    for host in 1..=5 {
        let mut stranger = Visitor::new(means.target.site(), address(5, host));
        match stranger.sign_in_with(&bin, "Wrong1234").await {
            Ok(answer) => means.tally.add(&format!("strangers answered {}", answer.status)),
            Err(error) => means.tally.add(&error.kind().to_string()),
        }
    }
    let mut owner = means.target.owner.clone();
    let answer = owner.sign_in_with(&bin, PASSWORD).await;
    let is_served = answer.as_ref().is_ok_and(is_let_in);
    count_honest(&means.tally, "the owner by password on a known device", is_served, &instead(&answer));
    std::future::pending().await
}
