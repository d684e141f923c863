//! Random conversations, and a runner that says its seed.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use ofd_protocol::register::Change;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::harness::{Draft, Reply, Server, cancel, close, deposit, receipt, withdraw};

/// What may happen to a register.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Receipt(Made),
    Placement { is_deposit: bool, sum: u32, is_offline: bool },
    Close { takes_all: bool, is_offline: bool, label: u32 },
    Cancel,
    BlockAndUnblock,
    ResetToken,
}

/// A receipt: its lines need not make its total, its payments do.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    operation: u32,
    lines: Vec<Line>,
    /// Counted only when no line has one: both would be one tax twice.
    tax: Option<Tax>,
    modifier: Option<(bool, u32)>,
    payments: [Option<u32>; 3],
    change: u32,
    is_offline: bool,
}

#[derive(Clone, Debug)]
struct Line {
    kind: u32,
    section: usize,
    sum: u32,
    tax: Option<Tax>,
}

#[derive(Clone, Debug)]
struct Tax {
    percent: u32,
    sum: u32,
    is_included: bool,
}

const SECTIONS: [&str; 6] = ["1", " 1", "2", "", " ", "Бакалея"];

fn tenge(tiyn: u32) -> String {
    format!("{}.{:02}", tiyn / 100, tiyn % 100)
}

fn a_sum() -> impl Strategy<Value = u32> {
    prop_oneof![0..3_u32, 0..1_000_000_u32]
}

fn a_tax() -> impl Strategy<Value = Tax> {
    let percent = prop::sample::select(vec![0, 5, 12, 16, 12_000, 16_000]);
    (percent, a_sum(), any::<bool>()).prop_map(|(percent, sum, is_included)| Tax {
        percent,
        sum,
        is_included,
    })
}

fn a_line() -> impl Strategy<Value = Line> {
    let kind = prop_oneof![4 => Just(1), 1 => 1..=6_u32];
    (kind, 0..SECTIONS.len(), a_sum(), prop::option::of(a_tax())).prop_map(|(kind, section, sum, tax)| Line {
        kind,
        section,
        sum,
        tax,
    })
}

pub(crate) fn a_receipt() -> impl Strategy<Value = Made> {
    let operation = prop_oneof![3 => Just(2), 1 => 0..4_u32];
    let payment = || prop::option::weighted(0.7, a_sum());
    (
        (operation, prop::collection::vec(a_line(), 1..6), prop::option::of(a_tax())),
        (prop::option::of((any::<bool>(), a_sum())), [payment(), payment(), payment()]),
        (a_sum(), prop::bool::weighted(0.2)),
    )
        .prop_map(|((operation, lines, tax), (modifier, payments), (change, is_offline))| Made {
            operation,
            lines,
            tax,
            modifier,
            payments,
            change,
            is_offline,
        })
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => a_receipt().prop_map(Step::Receipt),
        2 => (any::<bool>(), a_sum(), any::<bool>())
            .prop_map(|(is_deposit, sum, is_offline)| Step::Placement { is_deposit, sum, is_offline }),
        2 => (any::<bool>(), any::<bool>(), 0..4_u32)
            .prop_map(|(takes_all, is_offline, label)| Step::Close { takes_all, is_offline, label }),
        2 => Just(Step::Cancel),
        1 => Just(Step::BlockAndUnblock),
        1 => Just(Step::ResetToken),
    ]
}

pub(crate) fn steps(len: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(a_step(), 0..len)
}

impl Made {
    /// As a request; `number` tells one offline receipt from the next.
    pub(crate) fn draft(&self, number: u32) -> Draft {
        let mut draft = self.lines.iter().fold(receipt(self.operation), |draft, line| line.put(draft));
        if let Some(tax) = self.tax.as_ref().filter(|_| self.lines.iter().all(|line| line.tax.is_none())) {
            draft = if tax.is_included {
                draft.receipt_tax(tax.percent, &tenge(tax.sum))
            } else {
                draft.receipt_tax_on_top(tax.percent, &tenge(tax.sum))
            };
        }
        if let Some((is_discount, sum)) = self.modifier {
            let sum = tenge(sum);
            draft = if is_discount { draft.receipt_discount(&sum) } else { draft.receipt_markup(&sum) };
        }
        for (kind, payment) in [0, 1, 4].into_iter().zip(self.payments) {
            if let Some(sum) = payment {
                draft = draft.paid(kind, &tenge(sum));
            }
        }
        let total: u32 = self.payments.iter().flatten().sum();
        let draft = draft.change(&tenge(self.change)).total(&tenge(total));
        if self.is_offline { draft.offline(number) } else { draft }
    }
}

impl Line {
    fn put(&self, draft: Draft) -> Draft {
        let (section, sum) = (SECTIONS[self.section], tenge(self.sum));
        let draft = match self.kind {
            1 => draft.goods(section, &sum),
            2 => draft.storno(section, &sum),
            3 => draft.markup(&sum),
            4 => draft.storno_markup(&sum),
            5 => draft.discount(&sum),
            _ => draft.storno_discount(&sum),
        };
        match &self.tax {
            Some(tax) if tax.is_included => draft.tax(tax.percent, &tenge(tax.sum)),
            Some(tax) => draft.tax_on_top(tax.percent, &tenge(tax.sum)),
            None => draft,
        }
    }
}

impl Step {
    /// Does it; `number` is different for every step of a conversation. `None` when nothing was sent.
    pub(crate) fn take(&self, server: &mut Server, number: u32) -> Option<(Draft, Reply)> {
        let draft = match self {
            Self::Receipt(made) => made.draft(number),
            Self::Placement { is_deposit, sum, is_offline } => {
                let sum = tenge(*sum);
                let draft = if *is_deposit { deposit(&sum) } else { withdraw(&sum) };
                if *is_offline { draft.offline(number) } else { draft }
            }
            Self::Close { takes_all, is_offline, label } => {
                let draft = if *takes_all { close().take_all() } else { close() };
                let draft = if *is_offline { draft.offline(number) } else { draft };
                draft.label(*label)
            }
            Self::Cancel => cancel(),
            Self::BlockAndUnblock => {
                server.block("a while");
                server.change(&Change::Unblock { reason: String::new() }).unwrap();
                return None;
            }
            Self::ResetToken => {
                server.change(&Change::ResetToken).unwrap();
                return None;
            }
        };
        let draft = draft.token(server.register.tokens.current.0).req(u16::try_from(number).unwrap());
        let reply = server.send(draft.clone());
        Some((draft, reply))
    }
}

/// Takes all steps on a new register.
pub(crate) fn after(steps: &[Step]) -> Server {
    let mut server = Server::new();
    for (number, step) in (1..).zip(steps) {
        step.take(&mut server, number);
    }
    server
}

/// Runs a property with a fresh seed, or with that of `CONVERSATION_SEED`, and names the seed when it fails.
pub(crate) fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value)) {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let seed =
        env::var("CONVERSATION_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()).unwrap_or_else(now);
    println!("CONVERSATION_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("CONVERSATION_SEED={seed} finds: {error}");
    }
}
