//! X and Z reports as pages: the counters of a shift as the law's report has them, to be read and printed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::shops::address_in;
use ofd_protocol::message::answer::{ByOperation, TaxLine, ZxReport};
use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::register::Register;
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::{PaymentType, Version};
use ofd_storage::accounts::AuditPage;
use ofd_storage::model::{RegisterRecord, TradePoint, load};
use ofd_storage::{accounts, registers};

use super::here::{Whose, id_of, telling};
use crate::cabinet::{Ask, At, Failure};
use crate::format;
use crate::long_page::{Part, PartView, asked_from, fitting, len_on_page};
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
    alias: String,
    times: Vec<(String, String)>,
    cash: String,
    revenue: String,
    blocks: Vec<Block>,
    part: Option<PartView>,
    checksum: String,
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

    /// Receipts of each operation, with how they were paid.
    fn tickets(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (operation, line) in Operation::ALL.into_iter().zip(&self.report.ticket_operations) {
            let name = self.operation(operation);
            let part = |key: &str| format!("{name}: {}", self.words.say(key));
            lines.push(self.line(name.clone(), Some(line.count), line.sum));
            for (way, paid) in PaymentType::ALL.iter().zip(&line.payments).filter(|(_, paid)| paid.count > 0)
            {
                lines.push(self.line(part(payment_key(*way)), Some(paid.count), paid.sum));
            }
            let sums = [
                ("shops-report-discounts", line.discount_sum),
                ("shops-report-markups", line.markup_sum),
                ("change", line.change_sum),
            ];
            let moved = sums.into_iter().filter(|(_, sum)| *sum > Tiyn::ZERO);
            lines.extend(moved.map(|(key, sum)| self.line(part(key), None, sum)));
            if line.offline_count > 0 {
                lines.push(self.counted(part("shops-made-offline"), line.offline_count));
            }
            lines.push(self.counted(part("shops-report-ever"), line.total_count));
        }
        lines
    }

    /// What is counted and comes to no sum.
    fn counted(&self, label: String, count: u32) -> Line {
        Line { label, count: Some(count), sum: String::new() }
    }

    /// One line for each operation, with nothing where there was none.
    fn each_operation(&self, counters: &ByOperation) -> Vec<Line> {
        let each = Operation::ALL.into_iter().zip(counters);
        each.map(|(operation, counter)| {
            self.line(self.operation(operation), Some(counter.count), counter.sum)
        })
        .collect()
    }

    /// Of a section the operations that there were: some shops have hundreds of sections.
    fn sections(&self) -> Vec<Line> {
        let of = |(code, counters): &(String, ByOperation)| {
            let section = self.words.say_with("shops-section", code);
            let moved = Operation::ALL.into_iter().zip(counters).filter(|(_, counter)| counter.count > 0);
            let line = moved.map(|(operation, counter)| {
                let label = format!("{section}: {}", self.operation(operation));
                self.line(label, Some(counter.count), counter.sum)
            });
            line.collect::<Vec<_>>()
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
                    self.line(part("shops-turnover-without-tax"), None, tax.turnover_without_tax),
                    self.line(part("shops-tax"), None, tax.sum),
                ]
            });
            lines.collect::<Vec<_>>()
        };
        self.report.taxes.iter().flat_map(of).collect()
    }

    fn cash(&self) -> Vec<Line> {
        let placements = PlacementOperation::ALL.into_iter().zip(&self.report.money_placements);
        let lines = placements.flat_map(|(operation, line)| {
            let name = self.words.say(match operation {
                PlacementOperation::Deposit => "shops-document-deposit",
                PlacementOperation::Withdrawal => "shops-document-withdrawal",
            });
            let part = |key: &str| format!("{name}: {}", self.words.say(key));
            let offline = (line.offline_count > 0)
                .then(|| self.counted(part("shops-made-offline"), line.offline_count));
            let ever = self.counted(part("shops-report-ever"), line.total_count);
            [Some(self.line(name.clone(), Some(line.count), line.sum)), offline, Some(ever)]
        });
        lines.flatten().collect()
    }

    fn non_nullable(&self, sums: &[Tiyn; 4]) -> Vec<Line> {
        let each = Operation::ALL.into_iter().zip(sums);
        each.map(|(operation, sum)| self.line(self.operation(operation), None, *sum)).collect()
    }

    fn blocks(&self) -> Vec<Block> {
        let report = self.report;
        let blocks = [
            self.block("shops-report-tickets", self.tickets()),
            self.block("shops-report-cash", self.cash()),
            self.block("shops-report-sections", self.sections()),
            self.block("shops-report-operations", self.each_operation(&report.operations)),
            self.block("shops-report-discounts", self.each_operation(&report.discounts)),
            self.block("shops-report-markups", self.each_operation(&report.markups)),
            self.block("shops-report-results", self.each_operation(&report.total_result)),
            self.block("shops-report-taxes", self.taxes()),
            self.block("shops-report-start", self.non_nullable(&report.start_shift_non_nullable_sums)),
            self.block("shops-report-end", self.non_nullable(&report.non_nullable_sums)),
        ];
        blocks.into_iter().flatten().collect()
    }
}

/// Letters of a line on the page beside what is in it.
const LINE_LEN: usize = 320;

/// The lines of a report from one on, as many as a page takes: a shop may have hundreds of sections.
fn part_of(blocks: Vec<Block>, from: usize) -> (Vec<Block>, Part) {
    let of = blocks.iter().map(|block| block.lines.len()).fold(0, usize::saturating_add);
    let from = if from < of { from } else { 0 };
    let len = |block: &Block, line: &Line| {
        [&block.heading, &line.label, &line.sum]
            .into_iter()
            .fold(LINE_LEN, |len, text| len.saturating_add(len_on_page(text)))
    };
    let lens = blocks.iter().flat_map(|block| block.lines.iter().map(|line| len(block, line)));
    let count = fitting(lens.skip(from)).min(of.saturating_sub(from));
    let (mut skipped, mut left) = (from, count);
    let cut = |Block { heading, lines }: Block| {
        let skips = skipped.min(lines.len());
        skipped = skipped.saturating_sub(skips);
        let lines: Vec<Line> = lines.into_iter().skip(skips).take(left).collect();
        left = left.saturating_sub(lines.len());
        Block { heading, lines }
    };
    let blocks = blocks.into_iter().map(cut).filter(|block| !block.lines.is_empty()).collect();
    (blocks, Part { from, count, of })
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
    (which, report, version): (Which, &ZxReport, Version),
) -> Result<Response, Failure> {
    let (words, store) = (site.texts(ask), &site.office.store);
    let organisation = accounts::organisation(store, &register.bin).await?;
    let shop = load::<TradePoint>(store, register.trade_point.0.as_bytes()).await?;
    let alias = register.alias.clone();
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
    let (blocks, part) = part_of(composer.blocks(), asked_from(ask));
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
        blocks,
        part: part.view(words, ask),
        checksum: report.checksum(version),
        alias,
        heading,
        register,
    };
    Ok(site.show(ask, StatusCode::OK, &page))
}

/// The version that the register speaks: its checksum is over the report as the register is told it.
fn version_of(register: &Register) -> Version {
    register.protocol_version.and_then(Version::from_code).unwrap_or(Version::V203)
}

/// The X report of the register as of now.
pub(crate) async fn x(site: At, ask: Ask) -> Result<Response, Failure> {
    let register = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Documents).await?;
    let newest = registers::newest(&site.office.store, register.id).await?.ok_or(Failure::Busy)?;
    let telling = telling(&site);
    let report = newest.register.x_report(telling.now.wall(telling.zone_offset_seconds), telling);
    show(&site, &ask, register, (Which::X, &report, version_of(&newest.register))).await
}

/// The Z report of a closed shift; of an open one there is none yet.
pub(crate) async fn z(site: At, ask: Ask) -> Result<Response, Failure> {
    let register = Whose::of(&ask).register(&site, id_of(&ask)?, AuditPage::Documents).await?;
    let shift = plain_number(ask.part("shift")).ok_or(Failure::NotFound)?;
    let shift = registers::shift(&site.office.store, register.id, shift).await?.ok_or(Failure::NotFound)?;
    let report = shift.register.z_report(telling(&site)).ok_or(Failure::NotFound)?;
    show(&site, &ask, register, (Which::Z, &report, version_of(&shift.register))).await
}
