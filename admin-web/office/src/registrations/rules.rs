//! What may become of a registration: one machine for registering, changing and taking off the books. Pure.

use ofd_storage::accounts::{Delivery, PaperFault, RegistrationOrder, RegistrationState};

use crate::papers::Judgement;
use crate::tax_authority::{Answer, Reply};

/// What happens to a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its organisation says something else of the register.
    Edited,
    /// Its organisation gives it up.
    Dropped,
    /// Its organisation wants something else of a register that is on the books, or nothing any more.
    Wanted,
    /// Something is asked for, by a signature; with the answer, where there is one at once.
    Signed(RegistrationOrder, Judgement, Option<Answer>),
    /// The signature by which something is asked for was looked at again.
    Judged(Judgement, Option<Answer>),
    /// Something is known of the message by which the tax authority is asked.
    Replied(Reply),
    /// The tax authority answers.
    Answered(Answer),
}

/// Why a registration stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// A signature is being checked, or the tax authority has not answered.
    Waiting,
    /// It is not on the books, so there is nothing to change there.
    NotRegistered,
    /// It is on the books: its data are changed there.
    Registered,
    /// It was taken off the books.
    Deregistered,
    /// It was given up.
    Dropped,
    /// There is nothing to judge, or nothing to answer.
    Nothing,
    /// The signature does not hold.
    Fault(PaperFault),
}

/// What becomes of a registration. An error leaves it as it is.
pub fn next(state: &RegistrationState, event: Event) -> Result<RegistrationState, Turned> {
    use RegistrationOrder::Register;
    use RegistrationState::{Checking, Deregistered, Draft, Dropped, InProcess, Refused, Registered};
    match (state, event) {
        (Checking { order }, Event::Judged(judgement, at_once)) => Ok(match judgement {
            Judgement::Holds => asked(*order, at_once),
            Judgement::Unknown(_) => Checking { order: *order },
            Judgement::Wrong(_) => before(*order),
        }),
        (InProcess { order, .. }, Event::Answered(answer)) => Ok(asked(*order, Some(answer))),
        (InProcess { order, delivery }, Event::Replied(reply)) => Ok(replied((*order, *delivery), reply)),
        (_, Event::Judged(..) | Event::Answered(_) | Event::Replied(_)) => Err(Turned::Nothing),

        (Checking { .. } | InProcess { .. }, _) => Err(Turned::Waiting),
        (Deregistered, _) => Err(Turned::Deregistered),
        (Dropped, Event::Dropped) => Ok(Dropped),
        (Dropped, _) => Err(Turned::Dropped),

        (Draft | Refused { order: Register, .. }, Event::Edited) => Ok(Draft),
        (Draft | Refused { order: Register, .. }, Event::Dropped) => Ok(Dropped),
        (Draft | Refused { order: Register, .. }, Event::Signed(Register, judgement, at_once)) => {
            signed(Register, judgement, at_once)
        }
        (Draft | Refused { order: Register, .. }, Event::Wanted | Event::Signed(..)) => {
            Err(Turned::NotRegistered)
        }

        (Registered | Refused { .. }, Event::Edited | Event::Dropped | Event::Signed(Register, ..)) => {
            Err(Turned::Registered)
        }
        (Registered | Refused { .. }, Event::Wanted) => Ok(Registered),
        (Registered | Refused { .. }, Event::Signed(order, judgement, at_once)) => {
            signed(order, judgement, at_once)
        }
    }
}

fn signed(
    order: RegistrationOrder,
    judgement: Judgement,
    at_once: Option<Answer>,
) -> Result<RegistrationState, Turned> {
    match judgement {
        Judgement::Holds => Ok(asked(order, at_once)),
        Judgement::Unknown(_) => Ok(RegistrationState::Checking { order }),
        Judgement::Wrong(fault) => Err(Turned::Fault(fault)),
    }
}

/// What is so once the tax authority was asked.
fn asked(order: RegistrationOrder, answer: Option<Answer>) -> RegistrationState {
    match (answer, order) {
        (None, order) => RegistrationState::InProcess { order, delivery: Delivery::Waiting },
        (Some(Answer::Refused(reason)), order) => RegistrationState::Refused { order, reason },
        (Some(Answer::Accepted), RegistrationOrder::Register | RegistrationOrder::Change) => {
            RegistrationState::Registered
        }
        (Some(Answer::Accepted), RegistrationOrder::Deregister) => RegistrationState::Deregistered,
    }
}

/// What is so once more is known of the message that asks.
fn replied((order, delivery): (RegistrationOrder, Delivery), reply: Reply) -> RegistrationState {
    match reply {
        Reply::Nothing => RegistrationState::InProcess { order, delivery },
        Reply::Delivered => RegistrationState::InProcess { order, delivery: Delivery::Delivered },
        Reply::Lost => RegistrationState::InProcess { order, delivery: Delivery::Unknown },
        Reply::Answered { answer, .. } => asked(order, Some(answer)),
    }
}

/// What was before something was asked for by a signature that does not hold.
fn before(order: RegistrationOrder) -> RegistrationState {
    match order {
        RegistrationOrder::Register => RegistrationState::Draft,
        RegistrationOrder::Change | RegistrationOrder::Deregister => RegistrationState::Registered,
    }
}

#[cfg(test)]
mod tests {
    use RegistrationOrder::{Change, Deregister, Register};
    use RegistrationState::{Checking, Deregistered, Draft, Dropped, InProcess, Refused, Registered};

    use super::*;

    fn refused(order: RegistrationOrder) -> RegistrationState {
        Refused { order, reason: "no".into() }
    }

    fn sent(order: RegistrationOrder, delivery: Delivery) -> RegistrationState {
        InProcess { order, delivery }
    }

    fn states() -> [RegistrationState; 13] {
        [
            Draft,
            Checking { order: Register },
            sent(Register, Delivery::Waiting),
            refused(Register),
            Registered,
            Checking { order: Change },
            sent(Change, Delivery::Waiting),
            refused(Change),
            Checking { order: Deregister },
            sent(Deregister, Delivery::Waiting),
            refused(Deregister),
            Deregistered,
            Dropped,
        ]
    }

    fn short(order: RegistrationOrder) -> char {
        match order {
            Register => 'R',
            Change => 'C',
            Deregister => 'D',
        }
    }

    /// What becomes of a state, as the table has it.
    fn outcome(state: &RegistrationState, event: Event) -> String {
        match next(state, event) {
            Ok(Draft) => "draft".into(),
            Ok(Checking { order }) => format!("check {}", short(order)),
            Ok(InProcess { order, delivery: Delivery::Waiting }) => format!("asked {}", short(order)),
            Ok(InProcess { order, delivery: Delivery::Delivered }) => format!("there {}", short(order)),
            Ok(InProcess { order, delivery: Delivery::Unknown }) => format!("lost {}", short(order)),
            Ok(Refused { order, .. }) => format!("no {}", short(order)),
            Ok(Registered) => "on".into(),
            Ok(Deregistered) => "off".into(),
            Ok(Dropped) => "dropped".into(),
            Err(Turned::Waiting) => "wait".into(),
            Err(Turned::NotRegistered) => "not on".into(),
            Err(Turned::Registered) => "is on".into(),
            Err(Turned::Deregistered) => "gone".into(),
            Err(Turned::Dropped) => "up".into(),
            Err(Turned::Nothing) => "-".into(),
            Err(Turned::Fault(_)) => "fault".into(),
        }
    }

    #[test]
    fn every_state_takes_every_event_as_the_table_says() {
        let holds = |order, answer| Event::Signed(order, Judgement::Holds, answer);
        let unknown = Judgement::Unknown(PaperFault::RevocationUnknown);
        let wrong = Judgement::Wrong(PaperFault::Revoked);
        let yes = || Some(Answer::Accepted);
        let no = || Some(Answer::Refused("no".into()));
        #[rustfmt::skip]
        let table: [(&str, Event, &str); 22] = [
            //                          draft  chkR  askR  noR    on     chkC  askC  noC    chkD  askD  noD    off  dropped
            ("edited", Event::Edited, "draft|wait|wait|draft|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("dropped", Event::Dropped, "dropped|wait|wait|dropped|is on|wait|wait|is on|wait|wait|is on|gone|dropped"),
            ("wanted", Event::Wanted, "not on|wait|wait|not on|on|wait|wait|on|wait|wait|on|gone|up"),
            ("register", holds(Register, None), "asked R|wait|wait|asked R|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("register, yes", holds(Register, yes()), "on|wait|wait|on|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("register, no", holds(Register, no()), "no R|wait|wait|no R|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("register, unknown", Event::Signed(Register, unknown, None), "check R|wait|wait|check R|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("register, wrong", Event::Signed(Register, wrong, None), "fault|wait|wait|fault|is on|wait|wait|is on|wait|wait|is on|gone|up"),
            ("change", holds(Change, None), "not on|wait|wait|not on|asked C|wait|wait|asked C|wait|wait|asked C|gone|up"),
            ("change, yes", holds(Change, yes()), "not on|wait|wait|not on|on|wait|wait|on|wait|wait|on|gone|up"),
            ("change, unknown", Event::Signed(Change, unknown, yes()), "not on|wait|wait|not on|check C|wait|wait|check C|wait|wait|check C|gone|up"),
            ("change, wrong", Event::Signed(Change, wrong, None), "not on|wait|wait|not on|fault|wait|wait|fault|wait|wait|fault|gone|up"),
            ("deregister", holds(Deregister, None), "not on|wait|wait|not on|asked D|wait|wait|asked D|wait|wait|asked D|gone|up"),
            ("deregister, yes", holds(Deregister, yes()), "not on|wait|wait|not on|off|wait|wait|off|wait|wait|off|gone|up"),
            ("deregister, no", holds(Deregister, no()), "not on|wait|wait|not on|no D|wait|wait|no D|wait|wait|no D|gone|up"),
            ("judged: holds", Event::Judged(Judgement::Holds, None), "-|asked R|-|-|-|asked C|-|-|asked D|-|-|-|-"),
            ("judged: holds, yes", Event::Judged(Judgement::Holds, yes()), "-|on|-|-|-|on|-|-|off|-|-|-|-"),
            ("judged: unknown", Event::Judged(unknown, yes()), "-|check R|-|-|-|check C|-|-|check D|-|-|-|-"),
            ("judged: wrong", Event::Judged(wrong, yes()), "-|draft|-|-|-|on|-|-|on|-|-|-|-"),
            ("answered: yes", Event::Answered(Answer::Accepted), "-|-|on|-|-|-|on|-|-|off|-|-|-"),
            ("answered: no", Event::Answered(Answer::Refused("no".into())), "-|-|no R|-|-|-|no C|-|-|no D|-|-|-"),
            ("judged: holds, no", Event::Judged(Judgement::Holds, no()), "-|no R|-|-|-|no C|-|-|no D|-|-|-|-"),
        ];
        for (name, event, expected) in table {
            let found: Vec<String> = states().iter().map(|state| outcome(state, event.clone())).collect();
            assert_eq!(found.join("|"), expected, "{name}");
        }
    }

    #[test]
    fn what_is_known_of_a_message_is_as_the_table_says_and_a_lost_reply_is_no_refusal() {
        let answered = |answer| Reply::Answered { rnm: String::new(), answer };
        let yes = answered(Answer::Accepted);
        let no = answered(Answer::Refused("no".into()));
        #[rustfmt::skip]
        let table: [(&str, Reply, [&str; 3]); 5] = [
            //                             waiting    delivered  unknown
            ("nothing", Reply::Nothing,     ["asked R", "there R", "lost R"]),
            ("arrived", Reply::Delivered,   ["there R", "there R", "there R"]),
            ("lost",    Reply::Lost,        ["lost R",  "lost R",  "lost R"]),
            ("yes",     yes,                ["on",      "on",      "on"]),
            ("no",      no,                 ["no R",    "no R",    "no R"]),
        ];
        for (name, reply, expected) in table {
            let told = |order| {
                Delivery::ALL.map(|known| outcome(&sent(order, known), Event::Replied(reply.clone())))
            };
            assert_eq!(told(Register), expected, "{name}");
            assert_eq!(told(Change), expected.map(|text| text.replace('R', "C")), "{name}");
            let off = |text: &str| if text == "on" { "off".to_owned() } else { text.replace('R', "D") };
            assert_eq!(told(Deregister), expected.map(off), "{name}");
            // What is not asked for, or was answered, learns nothing by a message: it came twice, or late.
            for state in states().iter().filter(|state| !matches!(state, InProcess { .. })) {
                assert_eq!(outcome(state, Event::Replied(reply.clone())), "-", "{name} {state:?}");
            }
        }
    }

    #[test]
    fn whatever_is_known_of_a_message_people_wait_and_may_be_answered() {
        let signed = || Event::Signed(Register, Judgement::Holds, None);
        for delivery in Delivery::ALL {
            let state = sent(Register, delivery);
            for event in [Event::Edited, Event::Dropped, Event::Wanted, signed()] {
                assert_eq!(outcome(&state, event), "wait", "{delivery:?}");
            }
            assert_eq!(outcome(&state, Event::Answered(Answer::Accepted)), "on", "{delivery:?}");
        }
    }
}
