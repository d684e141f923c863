//! A till that queues what was not answered, lets other documents pass, and sends the queue later (WIRE 13.3).

use std::collections::VecDeque;

use ofd_protocol::register::{Change, DocumentKind};
use proptest::prelude::*;

use crate::harness::{Draft, FIRST_TOKEN, Outcome, Server, close, sale};
use crate::random::check;

/// What becomes of a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Answered,
    AnswerLost,
    RequestLost,
}

/// What a till does next.
#[derive(Clone, Debug)]
enum Happens {
    /// It sells; without an answer it tries once more at once, or queues the sale.
    Sale { luck: Luck, again: Option<Luck> },
    /// It sends its queue, until an answer is missing.
    Drain { lucks: Vec<Luck>, keeps_request: bool },
    /// The shift is closed, at once or after tries without an answer, and some hours pass.
    Close { lucks: Vec<Luck>, hours: u64 },
    /// A person gives it a new token.
    NewToken,
}

fn a_luck() -> impl Strategy<Value = Luck> {
    prop_oneof![3 => Just(Luck::Answered), 3 => Just(Luck::AnswerLost), 1 => Just(Luck::RequestLost)]
}

fn a_happening() -> impl Strategy<Value = Happens> {
    let lucks = || prop::collection::vec(a_luck(), 0..4);
    prop_oneof![
        8 => (a_luck(), prop::option::of(a_luck())).prop_map(|(luck, again)| Happens::Sale { luck, again }),
        3 => (lucks(), any::<bool>())
            .prop_map(|(lucks, keeps_request)| Happens::Drain { lucks, keeps_request }),
        1 => (lucks(), 0..8_u64).prop_map(|(lucks, hours)| Happens::Close { lucks, hours }),
        1 => Just(Happens::NewToken),
    ]
}

struct Till {
    server: Server,
    token: u32,
    request: u16,
    /// Sales with the offline number and the REQNUM they were made with.
    queue: VecDeque<(Draft, u16)>,
    seconds: u64,
    sold: u32,
}

/// The queue is sent within the time for which documents are unconfirmed.
const HOURS_MAX: u64 = 60;

impl Till {
    fn new(rotates: bool) -> Self {
        let mut server = Server::new();
        server.policy.rotate_tokens = rotates;
        Self { server, token: FIRST_TOKEN, request: 0, queue: VecDeque::new(), seconds: 0, sold: 0 }
    }

    fn pass(&mut self, seconds: u64) -> String {
        self.seconds += seconds;
        let (day, rest) = ((self.seconds + 36_000) / 86_400, (self.seconds + 36_000) % 86_400);
        let now = format!("{:02}:{:02}:{:02}+{day}", rest / 3600, rest / 60 % 60, rest % 60);
        self.server.at(&now);
        now
    }

    fn next_request(&mut self) -> u16 {
        self.request += 1;
        self.request
    }

    /// Whether it was answered.
    fn send(&mut self, draft: Draft, luck: Luck) -> bool {
        if luck == Luck::RequestLost {
            return false;
        }
        let reply = self.server.send(draft.token(self.token));
        assert!(!matches!(reply.outcome, Outcome::Refused(_)), "{:?}", reply.outcome);
        if luck == Luck::Answered {
            self.token = reply.token;
        }
        luck == Luck::Answered
    }

    fn take(&mut self, happens: &Happens) {
        let now = self.pass(1);
        match happens {
            Happens::Sale { luck, again } => {
                self.sold += 1;
                let request = self.next_request();
                let draft = sale(&format!("{}.00", self.sold)).at(&now).req(request);
                if self.send(draft.clone(), *luck)
                    || again.is_some_and(|again| self.send(draft.clone(), again))
                {
                    return;
                }
                self.queue.push_back((draft.offline(1_000_000 + self.sold), request));
            }
            Happens::Drain { lucks, keeps_request } => self.drain(lucks, *keeps_request),
            Happens::Close { lucks, hours } => {
                let request = self.next_request();
                let draft = close().at(&now).label(u32::from(request)).req(request);
                for luck in lucks.iter().chain([&Luck::Answered]) {
                    if self.send(draft.clone(), *luck) {
                        break;
                    }
                }
                if self.seconds / 3600 + hours <= HOURS_MAX {
                    self.pass(hours * 3600);
                }
            }
            Happens::NewToken => {
                self.server.change(&Change::ResetToken).unwrap();
                self.token = self.server.register.tokens.current.0;
            }
        }
    }

    fn drain(&mut self, lucks: &[Luck], keeps_request: bool) {
        for luck in lucks {
            let Some((draft, first)) = self.queue.pop_front() else { return };
            let request = if keeps_request { first } else { self.next_request() };
            if !self.send(draft.clone().req(request), *luck) {
                self.queue.push_front((draft, first));
                return;
            }
        }
    }

    /// Everything in the queue is answered at last, and everything sold is stored once.
    fn end(mut self) {
        let left = vec![Luck::Answered; self.queue.len()];
        self.drain(&left, false);
        let stored = self.server.documents.values().filter(|stored| stored.kind == DocumentKind::Ticket);
        assert_eq!(stored.count(), self.sold as usize);
        let expected: i64 = (1..=i64::from(self.sold)).map(|sum| sum * 100).sum();
        assert_eq!(self.server.cash(), expected);
    }
}

#[test]
fn whatever_answers_are_lost_everything_sold_is_stored_once() {
    check(400, prop::collection::vec(a_happening(), 0..40), |happenings| {
        let mut till = Till::new(true);
        happenings.iter().for_each(|happens| till.take(happens));
        till.end();
    });
}

#[test]
fn where_rotation_is_off_a_short_queue_is_stored_once() {
    // Only the last 16 documents tell anything there, and a queue is not sent under numbers that were used since.
    check(400, prop::collection::vec(a_happening(), 0..14), |happenings| {
        let mut till = Till::new(false);
        for happens in &happenings {
            match happens {
                Happens::Drain { lucks, .. } => till.drain(lucks, false),
                Happens::NewToken => {}
                Happens::Sale { .. } | Happens::Close { .. } => till.take(happens),
            }
        }
        till.end();
    });
}
