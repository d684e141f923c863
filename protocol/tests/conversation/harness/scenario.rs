//! Scenarios as tables, one line per request:
//!
//! ```text
//! // server   request token  what is sent                          answer  document  token
//!    10:00    #1      t0     sale 500.00 at 09:59 offline 77   ->  ok      1/1       t1
//!    10:01    #1      t0     sale 500.00 at 09:59              ->  replay  1/1       t1
//!    10:02    block unpaid
//! ```
//!
//! `ok` is result 0: with a document, one that was stored. `replay` is a stored answer again, `again` that of a document
//! that was not confirmed and comes again, under a new token. A number is the
//! result code of a refusal. What an answer's line leaves out is not judged. The device's clock shows the server's
//! time unless `at` says otherwise. `t0` is the first token, `t1` the first one that was handed out.

use ofd_protocol::register::Change;
use ofd_protocol::ticket_number::DocumentRef;

use super::draft::{Draft, auth, cancel, close, deposit, info, nomenclature, system, withdraw, x, z};
use super::receipt::{buy, buy_return, card_sale, sale, sale_return};
use super::server::{FIRST_TOKEN, Outcome, Reply, Server};

/// Plays a table on a new register.
pub(crate) fn scenario(table: &str) -> Server {
    let mut server = Server::new();
    play(&mut server, table);
    server
}

/// Plays a table.
pub(crate) fn play(server: &mut Server, table: &str) {
    for line in table.lines() {
        let line = line.split("//").next().unwrap().trim();
        if line.is_empty() {
            continue;
        }
        let (asked, expected) = match line.split_once("->") {
            Some((asked, expected)) => (asked, Some(expected)),
            None => (line, None),
        };
        let words: Vec<&str> = asked.split_whitespace().collect();
        server.at(words[0]);
        match expected {
            None => change(server, &words[1..], line),
            Some(expected) => {
                let reply = server.send(request(&words[1..], line));
                judge(&reply, expected, line);
            }
        }
    }
}

fn change(server: &mut Server, words: &[&str], line: &str) {
    let reason = words[1..].join(" ");
    let change = match words[0] {
        "block" => Change::Block { reason },
        "unblock" => Change::Unblock { reason },
        "unpaid" => Change::Unpaid { reason: String::new() },
        "paid" => Change::Paid,
        "disconnect" => Change::Disconnect,
        "connect" => Change::Connect,
        "deregister" => Change::Deregister { reason },
        "reset-token" => Change::ResetToken,
        "stored-as-before" => return server.store_as_before(),
        "rotation" => {
            server.policy.rotate_tokens = words[1] == "on";
            return;
        }
        _ => panic!("what is this? {line}"),
    };
    server.change(&change).unwrap();
}

fn request(words: &[&str], line: &str) -> Draft {
    let request = words[0].trim_start_matches('#').parse().expect(line);
    let mut rest = words[2..].iter().copied().peekable();
    let command = rest.next().expect(line);
    let mut sum = || rest.next().expect(line);
    let mut draft = match command {
        "sale" => sale(sum()),
        "card-sale" => card_sale(sum()),
        "sale-return" => sale_return(sum()),
        "buy" => buy(sum()),
        "buy-return" => buy_return(sum()),
        "deposit" => deposit(sum()),
        "withdraw" => withdraw(sum()),
        "close" => close(),
        "x" => x(),
        "z" => z(),
        "info" => info(),
        "system" => system(),
        "cancel" => cancel(),
        "nomenclature" => nomenclature(),
        "auth" => auth(),
        _ => panic!("what is {command}? {line}"),
    };
    while let Some(word) = rest.next() {
        let mut next = || rest.next().expect(line);
        draft = match word {
            "at" => draft.at(next()),
            "offline" => draft.offline(next().parse().expect(line)),
            "mark" => draft.offline(1), // the offline mark of a document that has no number for it
            "printed" => draft.printed(next().parse().expect(line)),
            "label" => draft.label(next().parse().expect(line)),
            "text" => draft.text(next()),
            "buyer" => draft.buyer(next()),
            "take-all" => draft.take_all(),
            "reg-info" => draft.reg_info(),
            "tls" => draft.tls(),
            "without" => draft.without(next()),
            version => draft.version(version.trim_start_matches('v').parse().expect(line)),
        };
    }
    draft.req(request).token(token(words[1], line))
}

fn token(word: &str, line: &str) -> u32 {
    FIRST_TOKEN + word.strip_prefix('t').and_then(|number| number.parse::<u32>().ok()).expect(line)
}

fn judge(reply: &Reply, expected: &str, line: &str) {
    let mut words = expected.split_whitespace().peekable();
    let kind = words.next().expect(line);
    let place = words.next_if(|word| word.contains('/')).map(|word| {
        let (shift, number) = word.split_once('/').unwrap();
        DocumentRef { shift: shift.parse().unwrap(), number: number.parse().unwrap() }
    });
    let found = &reply.outcome;
    let fits = match (kind, found) {
        ("ok", Outcome::Accepted(document)) => Some(*document) == place,
        ("ok", Outcome::Answered) => place.is_none(),
        ("replay", Outcome::Replayed(document)) | ("again", Outcome::Confirmed(document)) => {
            place.is_none_or(|place| place == *document)
        }
        (code, Outcome::Refused(_)) => code == reply.answer.result.to_string(),
        (_, Outcome::Accepted(_) | Outcome::Replayed(_) | Outcome::Confirmed(_) | Outcome::Answered) => false,
    };
    assert!(fits, "\n  {line}\n  but: {found:?}");
    if let Some(word) = words.next() {
        let found = reply.token.wrapping_sub(FIRST_TOKEN);
        assert_eq!(reply.token, token(word, line), "\n  {line}\n  but the token is t{found}");
    }
    assert_eq!(words.next(), None, "{line}");
}
