//! Sending letters to a mail server of a few lines, and what each of its moods means.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::sink::LETTERS_MAX;
use super::*;

/// How a server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Takes whatever comes.
    Good,
    /// Answers RCPT with this.
    Recipient(&'static str),
    /// Answers the end of the letter with this.
    Letter(&'static str),
    /// Wants a login and refuses it.
    Login,
    /// Accepts the connection and says nothing.
    Silent,
    /// Hangs up instead of a greeting.
    Gone,
    /// Takes everything, each letter after a while.
    Slow,
}

/// What a server got.
#[derive(Default)]
struct Got {
    /// Commands and letters, as they came.
    sessions: Mutex<Vec<String>>,
    /// Sessions now, and the most at one time.
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Starts a server, and a mailer that sends to it.
async fn server(mood: Mood) -> (Mailer, Arc<Got>, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let got = Arc::new(Got::default());
    let keeps = Arc::clone(&got);
    tokio::spawn(async move {
        loop {
            let Ok((socket, _)) = listener.accept().await else { break };
            let got = Arc::clone(&keeps);
            tokio::spawn(async move {
                got.most.fetch_max(got.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // A client may hang up at any moment; what came until then is kept.
                let mut session = String::new();
                let _ = talk(socket, mood, &mut session).await;
                got.sessions.lock().unwrap().push(session);
                got.now.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (mailer(config(port)), got, port)
}

/// One session: SMTP as far as a client of ours needs it.
async fn talk(socket: TcpStream, mood: Mood, session: &mut String) -> std::io::Result<()> {
    let (reader, mut writer) = socket.into_split();
    let mut lines = BufReader::new(reader).lines();
    match mood {
        Mood::Silent => {
            // Until the client gives up.
            lines.next_line().await?;
            return Ok(());
        }
        Mood::Gone => return Ok(()),
        _ => writer.write_all(b"220 test\r\n").await?,
    }
    while let Some(line) = lines.next_line().await? {
        session.push_str(&format!("{line}\n"));
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match (verb.as_str(), mood) {
            ("EHLO", Mood::Login) => "250-test\r\n250 AUTH PLAIN",
            ("EHLO", _) => "250-test\r\n250 8BITMIME",
            ("AUTH", _) => "535 5.7.8 no such user",
            ("RCPT", Mood::Recipient(reply)) => reply,
            ("DATA", _) => {
                writer.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    session.push_str(&format!("{line}\n"));
                }
                if mood == Mood::Slow {
                    tokio::time::sleep(Duration::from_millis(150)).await;
                }
                if let Mood::Letter(reply) = mood { reply } else { "250 taken" }
            }
            ("QUIT", _) => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 fine",
        };
        writer.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// A session that is over.
async fn session(got: &Got) -> String {
    let ended = async {
        loop {
            let session = got.sessions.lock().unwrap().pop();
            if let Some(session) = session {
                break session;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap()
}

fn config(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        login: None,
        from: Email::parse("ofd@example.kz").unwrap(),
        from_name: Some("Оператор фискальных данных".to_owned()),
        deadline: Duration::from_secs(5),
    }
}

fn mailer(config: SmtpConfig) -> Mailer {
    Mailer::Smtp(Arc::new(Smtp::new(config).unwrap()))
}

fn letter() -> Letter {
    Letter {
        to: Email::parse("aigul@example.kz").unwrap(),
        subject: "Код подтверждения".to_owned(),
        text: "Сәлеметсіз бе!\n\nВаш код: K7M2QX\n".to_owned(),
    }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let (mailer, got, _) = server(Mood::Good).await;
    mailer.send(letter()).await.unwrap();
    let session = session(&got).await;
    assert!(session.contains("MAIL FROM:<ofd@example.kz>"), "{session}");
    assert!(session.contains("RCPT TO:<aigul@example.kz>"), "{session}");
    assert!(session.contains("To: aigul@example.kz"), "{session}");
    assert!(session.contains("Auto-Submitted: auto-generated"), "{session}");
    assert!(session.contains("Content-Type: text/plain; charset=utf-8"), "{session}");
    assert!(session.contains("Message-ID: <"), "{session}");
    assert!(session.contains("Date: "), "{session}");
    let (head, body) = session.split_once("\n\n").unwrap();
    assert!(head.is_ascii(), "headers are encoded: {head}");
    let encoded: String = head.split("Subject: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(encoded.starts_with("=?utf-8?b?"), "{encoded}");
    assert!(head.contains("Content-Transfer-Encoding: base64"), "{head}");
    let body: String = body.lines().take_while(|line| *line != "QUIT").collect();
    let text = String::from_utf8(STANDARD.decode(body.trim()).unwrap()).unwrap();
    assert_eq!(text.replace("\r\n", "\n"), letter().text);
}

#[tokio::test]
async fn an_unknown_address_is_told_from_other_refusals() {
    let (mailer, _, _) = server(Mood::Recipient("550 5.1.1 <aigul@example.kz> unknown")).await;
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::AddressRefused { code: 550 }), "{error:?}");
    assert!(error.is_of_the_address() && !error.is_passing());
    assert!(!format!("{error} {error:?}").contains("aigul"), "an error does not show the address");

    let (mailer, _, _) = server(Mood::Letter("554 5.7.1 looks like spam")).await;
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Refused { code: 554 }), "{error:?}");
    assert!(!error.is_of_the_address() && !error.is_passing());
}

#[tokio::test]
async fn a_busy_server_is_worth_another_try() {
    let (mailer, _, _) = server(Mood::Recipient("451 4.3.0 later")).await;
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::PutOff { code: 451 }), "{error:?}");
    assert!(error.is_passing() && !error.is_of_the_address());
}

#[tokio::test]
async fn a_refused_login_is_not_the_addressees_fault() {
    let (_, _, port) = server(Mood::Login).await;
    let login = SmtpLogin { user: "ofd".to_owned(), password: "secret".to_owned() };
    let mailer = mailer(SmtpConfig { login: Some(login), ..config(port) });
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Refused { code: 535 }), "{error:?}");
    assert!(!format!("{mailer:?} {error:?}").contains("secret"));
}

#[tokio::test]
async fn a_silent_server_costs_no_more_than_the_deadline() {
    let (_, _, port) = server(Mood::Silent).await;
    let deadline = Duration::from_millis(200);
    let mailer = mailer(SmtpConfig { deadline, ..config(port) });
    let started = Instant::now();
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::TooSlow(200)), "{error:?}");
    assert!(error.is_passing());
    assert!(started.elapsed() >= deadline && started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_hangs_up_is_unreachable() {
    let (gone, _, _) = server(Mood::Gone).await;
    let error = gone.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable(_)) && error.is_passing(), "{error:?}");

    // Bound and dropped: nobody listens there now.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = mailer(config(free)).send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn only_a_few_letters_are_under_way_at_once() {
    let (mailer, got, _) = server(Mood::Slow).await;
    let sending: Vec<_> = (0..10)
        .map(|_| {
            tokio::spawn({
                let mailer = mailer.clone();
                async move { mailer.send(letter()).await }
            })
        })
        .collect();
    for sent in sending {
        sent.await.unwrap().unwrap();
    }
    let most = got.most.load(Ordering::SeqCst);
    // A session may still say goodbye while the next begins.
    assert!((2..=8).contains(&most), "{most} sessions at once");
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_letter_when_tls_is_asked_for() {
    let (_, got, port) = server(Mood::Good).await;
    let mailer = mailer(SmtpConfig { tls: SmtpTls::StartTls, ..config(port) });
    let error = mailer.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable(_)), "{error:?}");
    let session = session(&got).await;
    assert!(session.contains("EHLO") && !session.contains("MAIL FROM"), "{session}");
}

#[test]
fn a_password_never_goes_in_the_open_to_another_machine() {
    let login = Some(SmtpLogin { user: "ofd".to_owned(), password: "secret".to_owned() });
    let open = |host: &str| {
        Smtp::new(SmtpConfig { host: host.to_owned(), login: login.clone(), ..config(25) }).map(drop)
    };
    assert!(matches!(open("mail.example.kz"), Err(SmtpConfigError::PasswordInTheOpen(_))));
    assert!(matches!(open("192.0.2.1"), Err(SmtpConfigError::PasswordInTheOpen(_))));
    assert!(open("127.0.0.1").is_ok() && open("::1").is_ok() && open("LocalHost").is_ok());
    let protected =
        SmtpConfig { host: "mail.example.kz".to_owned(), tls: SmtpTls::Tls, login, ..config(465) };
    assert!(Smtp::new(protected).is_ok());
}

#[tokio::test]
async fn nothing_in_a_letter_becomes_a_header() {
    let (mailer, got, _) = server(Mood::Good).await;
    for subject in
        ["Hi\r\nBcc: b@example.kz", "Hi\nX: y", "Hi\rX: y", "Hi\u{0}", "Hi\u{85}", "Hi\u{2028}X: y"]
    {
        let error = mailer.send(Letter { subject: subject.to_owned(), ..letter() }).await.unwrap_err();
        assert!(matches!(error, MailError::Letter(LetterError::Subject)), "{subject:?}: {error:?}");
    }
    let name = Some("Operator\r\nBcc: b@example.kz".to_owned());
    assert!(matches!(
        Smtp::new(SmtpConfig { from_name: name, ..config(25) }),
        Err(SmtpConfigError::From(LetterError::Subject))
    ));
    assert!(got.sessions.lock().unwrap().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_line_of_one_dot_does_not_end_the_letter() {
    let (mailer, got, _) = server(Mood::Good).await;
    let text = "before\n.\nQUIT\n".to_owned();
    mailer.send(Letter { text, ..letter() }).await.unwrap();
    let session = session(&got).await;
    assert!(session.contains("before\n..\nQUIT\n"), "{session}");
}

#[tokio::test]
async fn empty_and_huge_letters_are_refused_before_anybody_is_asked() {
    let sink = Mailer::Sink(Arc::default());
    for (subject, text, why) in [
        (" ".to_owned(), "text".to_owned(), LetterError::Empty),
        ("subject".to_owned(), "\n".to_owned(), LetterError::Empty),
        ("s".repeat(201), "text".to_owned(), LetterError::TooLong),
        ("subject".to_owned(), "t".repeat(64 * 1024 + 1), LetterError::TooLong),
        ("subject".to_owned(), "\u{1b}[31m".to_owned(), LetterError::Text),
    ] {
        let error = sink.send(Letter { subject, text, ..letter() }).await.unwrap_err();
        assert!(matches!(error, MailError::Letter(found) if found == why), "{error:?}");
    }
    assert!(sink.sink().unwrap().letters().is_empty());
}

#[tokio::test]
async fn the_sink_keeps_the_newest_letters_and_their_numbers() {
    let mailer = Mailer::Sink(Arc::default());
    for number in 1..=LETTERS_MAX + 5 {
        mailer.send(Letter { subject: format!("letter {number}"), ..letter() }).await.unwrap();
    }
    let sink = mailer.sink().unwrap();
    let letters = sink.letters();
    assert_eq!(letters.len(), LETTERS_MAX);
    assert_eq!(letters[0].subject, format!("letter {}", LETTERS_MAX + 5));
    assert_eq!(letters.last().unwrap().number, 6);
    assert_eq!(sink.letter(6).unwrap().subject, "letter 6");
    assert!(sink.letter(5).is_none());
    assert!(!format!("{letters:?} {sink:?}").contains("aigul"), "logs show no letters");
}

#[tokio::test]
async fn letters_of_a_file_are_there_after_a_restart_and_count_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letters.json");
    for number in 1..=3 {
        let mailer = Mailer::Sink(Arc::new(Sink::in_file(file.clone()).unwrap()));
        mailer.send(Letter { subject: format!("letter {number}"), ..letter() }).await.unwrap();
        let subjects: Vec<_> =
            mailer.sink().unwrap().letters().into_iter().map(|letter| letter.subject).collect();
        let expected: Vec<_> = (1..=number).rev().map(|number| format!("letter {number}")).collect();
        assert_eq!(subjects, expected);
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "letters are personal");
    std::fs::write(&file, "{").unwrap();
    assert!(Sink::in_file(file).is_err(), "what cannot be read is not written over");
}

#[tokio::test]
async fn a_mailer_that_is_off_says_so() {
    let error = Mailer::Off.send(letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Off) && !error.is_passing());
    assert!(Mailer::Off.sink().is_none());
}
