//! X and Z reports as pages: the counters of a shift as the law's report has them, to be read and printed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::address_in;
use ofd_protocol::message::answer::{ByOperation, TaxLine, TicketLine, ZxReport};
use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::PaymentType;
use ofd_storage::accounts::AuditPage;
use ofd_storage::model::{RegisterRecord, TradePoint, load};
use ofd_storage::{accounts, registers};

use super::here::{Whose, id_of, telling};
use crate::cabinet::{Ask, At, Failure};
use crate::format;
use crate::page::Shell;
use crate::receipts::{operation_key, payment_key};
use crate::typed::plain_number;
use crate::words::Words;

/// A line of a report: what is counted, how many, what it comes to.
struct Line {
    label: String,
    count: Option<u32>,
    sum: String,
}

/// Lines under one heading.
struct Block {
    heading: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "shop_report.html")]
struct ReportPage<'a> {
    shell: Shell<'a>,
    back: (String, String),
    heading: String,
    organisation: String,
    bin: String,
    address: String,
    register: RegisterRecord,
    times: Vec<(String, String)>,
    cash: String,
    revenue: String,
    blocks: Vec<Block>,
}

/// Makes the blocks of a report.
struct Composer<'a> {
    words: Words<'a>,
    report: &'a ZxReport,
}

impl Composer<'_> {
    fn sum(&self, sum: Tiyn) -> String {
        format::sum(self.words.language, sum.get())
    }

    fn line(&self, label: String, count: Option<u32>, sum: Tiyn) -> Line {
        Line { label, count, sum: self.sum(sum) }
    }

    fn block(&self, key: &str, lines: Vec<Line>) -> Option<Block> {
        (!lines.is_empty()).then(|| Block { heading: self.words.say(key), lines })
    }

    fn operation(&self, operation: Operation) -> String {
        self.words.say(operation_key(operation))
    }

    /// Receipts of each operation that has any, with how they were paid.
    fn tickets(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (operation, line) in Operation::ALL.into_iter().zip(&self.report.ticket_operations) {
            let TicketLine { count, sum, payments, offline_count, change_sum, .. } = line;
            if *count == 0 {
                continue;
            }
            let name = self.operation(operation);
            let part = |key: &str| format!("{name}: {}", self.words.say(key));
            lines.push(self.line(name.clone(), Some(*count), *sum));
            for (way, paid) in PaymentType::ALL.iter().zip(payments).filter(|(_, paid)| paid.count > 0) {
                lines.push(self.line(part(payment_key(*way)), Some(paid.count), paid.sum));
            }
            if *change_sum > Tiyn::ZERO {
                lines.push(self.line(part("change"), None, *change_sum));
            }
            if *offline_count > 0 {
                let label = part("shops-made-offline");
                lines.push(Line { label, count: Some(*offline_count), sum: String::new() });
            }
        }
        lines
    }

    /// One line for each operation that moved a counter.
    fn by_operation(&self, counters: &ByOperation, label: impl Fn(String) -> String) -> Vec<Line> {
        let moved = Operation::ALL.into_iter().zip(counters).filter(|(_, counter)| counter.count > 0);
        moved
            .map(|(operation, counter)| {
                self.line(label(self.operation(operation)), Some(counter.count), counter.sum)
            })
            .collect()
    }

    fn sections(&self) -> Vec<Line> {
        let of = |(code, counters): &(String, ByOperation)| {
            let section = self.words.say_with("shops-section", code);
            self.by_operation(counters, |operation| format!("{section}: {operation}"))
        };
        self.report.sections.iter().flat_map(of).collect()
    }

    fn taxes(&self) -> Vec<Line> {
        let of = |TaxLine { percent, operations, .. }: &TaxLine| {
            let rate = format::percent(self.words.language, *percent);
            let moved =
                Operation::ALL.into_iter().zip(operations).filter(|(_, tax)| tax.turnover > Tiyn::ZERO);
            let lines = moved.flat_map(|(operation, tax)| {
                let name = format!("{rate}, {}", self.operation(operation));
                let part = |key: &str| format!("{name}: {}", self.words.say(key));
                [
                    self.line(part("shops-turnover"), None, tax.turnover),
                    self.line(part("shops-tax"), None, tax.sum),
                ]
            });
            lines.collect::<Vec<_>>()
        };
        self.report.taxes.iter().flat_map(of).collect()
    }

    fn cash(&self) -> Vec<Line> {
        let placements = PlacementOperation::ALL.into_iter().zip(&self.report.money_placements);
        let moved = placements.filter(|(_, line)| line.count > 0);
        moved
            .map(|(operation, line)| {
                let key = match operation {
                    PlacementOperation::Deposit => "shops-document-deposit",
                    PlacementOperation::Withdrawal => "shops-document-withdrawal",
                };
                self.line(self.words.say(key), Some(line.count), line.sum)
            })
            .collect()
    }

    fn non_nullable(&self, sums: &[Tiyn; 4]) -> Vec<Line> {
        let each = Operation::ALL.into_iter().zip(sums);
        each.map(|(operation, sum)| self.line(self.operation(operation), None, *sum)).collect()
    }

    fn blocks(&self) -> Vec<Block> {
        let (report, same) = (self.report, |name: String| name);
        let blocks = [
            self.block("shops-report-tickets", self.tickets()),
            self.block("shops-report-cash", self.cash()),
            self.block("shops-report-sections", self.sections()),
            self.block("shops-report-discounts", self.by_operation(&report.discounts, same)),
            self.block("shops-report-markups", self.by_operation(&report.markups, same)),
            self.block("shops-report-results", self.by_operation(&report.total_result, same)),
            self.block("shops-report-taxes", self.taxes()),
            self.block("shops-report-start", self.non_nullable(&report.start_shift_non_nullable_sums)),
            self.block("shops-report-end", self.non_nullable(&report.non_nullable_sums)),
        ];
        blocks.into_iter().flatten().collect()
    }
}

/// Which of both reports.
#[derive(Clone, Copy)]
enum Which {
    X,
    Z,
}

async fn show(
    site: &At,
    ask: &Ask,
    register: RegisterRecord,
    (which, report): (Which, &ZxReport),
) -> Result<Response, Failure> {
    let (words, store) = (site.texts(ask), &site.office.store);
    let organisation = accounts::organisation(store, &register.bin).await?;
    let shop = load::<TradePoint>(store, register.trade_point.0.as_bytes()).await?;
    let moment = |at| format::moment(words.language, at);
    let (title, made, back) = match which {
        Which::X => ("shops-x-of", "shops-made", Whose::of(ask).register_path(register.id)),
        Which::Z => ("shops-z-of", "shops-closed", Whose::of(ask).register_path(register.id)),
    };
    let number = report.shift_number.to_string();
    let of = [("shift", number.as_str()), ("register", ask.part("register"))];
    let heading = words.say_values(title, &of);
    let mut shell = site.page(ask);
    shell.title.clone_from(&heading);
    let composer = Composer { words, report };
    let words = &composer.words;
    let page = ReportPage {
        shell,
        back: (back, words.say_with("shops-register", ask.part("register"))),
        organisation: organisation.map_or_else(String::new, |known| words.organisation(&known.title)),
        bin: register.bin.clone(),
        address: shop.map_or_else(String::new, |(_, shop)| address_in(&shop, words.language).to_owned()),
        times: vec![
            (words.say("shops-opened"), moment(report.open_shift_time)),
            (words.say(made), moment(report.close_shift_time.unwrap_or(report.date_time))),
        ],
        cash: composer.sum(report.cash_sum),
        revenue: format::sum(words.language, report.revenue),
        blocks: composer.blocks(),
        heading,
        register,
    };
    Ok(site.show(ask, StatusCode::OK, &page))
}

/// The X report of the register as of now.
pub(crate) async fn x(site: At, ask: Ask) -> Result<Response, Failure> {
    let register = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Documents).await?;
    let newest = registers::newest(&site.office.store, register.id).await?.ok_or(Failure::Busy)?;
    let telling = telling(&site);
    let report = newest.register.x_report(telling.now.wall(telling.zone_offset_seconds), telling);
    show(&site, &ask, register, (Which::X, &report)).await
}

/// The Z report of a closed shift; of an open one there is none yet.
pub(crate) async fn z(site: At, ask: Ask) -> Result<Response, Failure> {
    let register = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Documents).await?;
    let shift = plain_number(ask.part("shift")).ok_or(Failure::NotFound)?;
    let shift = registers::shift(&site.office.store, register.id, shift).await?.ok_or(Failure::NotFound)?;
    let report = shift.register.z_report(telling(&site)).ok_or(Failure::NotFound)?;
    show(&site, &ask, register, (Which::Z, &report)).await
}
