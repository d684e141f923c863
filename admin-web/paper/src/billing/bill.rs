//! The bill for payment (счёт на оплату), with what a payment order needs at its top.

use ofd_billing::invoices::{Bill, BillFor, PaperLanguage};

use super::said::{contract, number_line, party, said, sum, text, to_sign, words};
use super::{titled, written};
use crate::error::PaperError;
use crate::flow::Block;
use crate::grid::{Column, Grid};
use crate::words::{day, or_dash};

/// A bill, and what its QR code says.
#[derive(Clone, Copy, Debug)]
pub struct BillPaper<'a> {
    /// What it says.
    pub bill: &'a Bill,
    /// What its QR code says; `None`: it has none.
    pub qr: Option<&'a str>,
}

/// A bill as PDF.
///
/// # Errors
/// [`PaperError`].
pub fn bill(paper: BillPaper<'_>, of: PaperLanguage) -> Result<Vec<u8>, PaperError> {
    let BillPaper { bill, qr } = paper;
    let head = &bill.head;
    let title = titled(said(of, ["Төлем шоты", "Счёт на оплату"]), head, of);
    let mut blocks = vec![Block::Strong(notice(bill, of))];
    blocks.extend(order(bill, of));
    blocks.push(Block::Title(title.clone()));
    let mut fields = vec![
        (text(of, ["Өнім беруші", "Поставщик"]), party(&head.supplier, of)),
        (text(of, ["Сатып алушы", "Покупатель"]), party(&head.recipient, of)),
        (text(of, ["Шарт", "Договор"]), contract(head.contract.as_ref(), of)),
        (text(of, ["Дербес шот", "Лицевой счёт"]), bill.account.clone()),
    ];
    fields.extend(bill.pay_by.map(|last| (text(of, ["Төлеу мерзімі", "Оплатить до"]), day(last.date()))));
    blocks.push(Block::Fields(fields));
    blocks.push(Block::Grid(lines(bill, of)));
    let count = bill.lines.len();
    let (total, spelled) = (sum(bill.total), words(bill.total, of));
    blocks.push(Block::Paragraph(match of {
        PaperLanguage::Russian => format!("Всего наименований {count}, на сумму {total} KZT"),
        PaperLanguage::Kazakh => format!("Барлығы {count} атау, {total} KZT сомасына"),
    }));
    blocks.push(Block::Strong(format!("{}: {spelled}", said(of, ["Барлығы төлеуге", "Всего к оплате"]))));
    blocks.push(Block::Pair {
        left: vec![to_sign(said(of, ["Орындаушы", "Исполнитель"]), of)],
        right: Vec::new(),
    });
    if let Some(content) = qr {
        let how = [
            "Төлеу үшін осы кодты банк қосымшасымен немесе телефон камерасымен оқыңыз.",
            "Чтобы оплатить, наведите на код камеру телефона или приложение банка.",
        ];
        blocks.push(Block::Qr { content: content.to_owned(), text: text(of, how) });
    }
    written(&blocks, of, (title, &head.supplier.title), head.day.date())
}

/// By what the money finds its account.
fn notice(bill: &Bill, of: PaperLanguage) -> String {
    let account = &bill.account;
    match of {
        PaperLanguage::Russian => {
            format!(
                "Укажите в назначении платежа номер лицевого счёта {account}: тогда деньги поступят на него сразу."
            )
        }
        PaperLanguage::Kazakh => {
            format!(
                "Төлем мақсатында дербес шоттың {account} нөмірін көрсетіңіз: сонда ақша оған бірден түседі."
            )
        }
    }
}

/// What a payment order needs; nothing while the operator's account is not known.
fn order(bill: &Bill, of: PaperLanguage) -> Vec<Block> {
    let supplier = &bill.head.supplier;
    let Some(bank) = &supplier.bank else { return Vec::new() };
    let bin = said(of, ["БСН", "БИН"]);
    let beneficiary = format!("{}, {bin} {}", supplier.title, supplier.bin);
    let column = |texts, share| Column::left(said(of, texts), share);
    let row = |values: [&str; 3]| vec![values.iter().map(|value| or_dash(value)).collect()];
    vec![
        Block::Paragraph(text(of, ["Төлем тапсырмасының үлгісі", "Образец платёжного поручения"])),
        Block::Grid(Grid {
            columns: vec![
                column(["Бенефициар", "Бенефициар"], 250.0),
                column(["ЖСК", "ИИК"], 160.0),
                column(["Кбе", "Кбе"], 80.0),
            ],
            rows: row([&beneficiary, &bank.iik, bank.kbe.as_deref().unwrap_or_default()]),
            totals: Vec::new(),
        }),
        Block::Grid(Grid {
            columns: vec![
                column(["Бенефициардың банкі", "Банк бенефициара"], 250.0),
                column(["БСК", "БИК"], 160.0),
                column(["Дербес шот", "Лицевой счёт"], 80.0),
            ],
            rows: row([&bank.bank, &bank.bic, &bill.account]),
            totals: Vec::new(),
        }),
    ]
}

fn lines(bill: &Bill, of: PaperLanguage) -> Grid {
    let what = |what: &BillFor| match (what, of) {
        (BillFor::TopUp, PaperLanguage::Russian) => {
            "Услуги оператора фискальных данных: пополнение лицевого счёта".to_owned()
        }
        (BillFor::TopUp, PaperLanguage::Kazakh) => {
            "Фискалдық деректер операторының қызметі: дербес шотты толтыру".to_owned()
        }
        (BillFor::Advance(month), PaperLanguage::Russian) => {
            format!("Услуги оператора фискальных данных за {month}")
        }
        (BillFor::Advance(month), PaperLanguage::Kazakh) => {
            format!("Фискалдық деректер операторының қызметі, {month} айы үшін")
        }
        (BillFor::Invoice(of_invoice), _) => {
            let number = number_line(&of_invoice.number.to_string(), of_invoice.day.date(), of);
            format!("{} {number}", said(of, ["Шот-фактура бойынша", "По счёту-фактуре"]))
        }
    };
    let rows = bill.lines.iter().zip(1_u32..).map(|(line, number)| {
        let (unit, one) = (text(of, ["қызмет", "услуга"]), "1".to_owned());
        vec![number.to_string(), what(&line.what), one, unit, sum(line.sum), sum(line.sum)]
    });
    let total = |texts, value| {
        vec![String::new(), text(of, texts), String::new(), String::new(), String::new(), value]
    };
    Grid {
        columns: vec![
            Column::right("№", 22.0),
            Column::left(said(of, ["Атауы", "Наименование"]), 235.0),
            Column::right(said(of, ["Саны", "Кол-во"]), 44.0),
            Column::left(said(of, ["Бірл.", "Ед."]), 46.0),
            Column::right(said(of, ["Бағасы", "Цена"]), 72.0),
            Column::right(said(of, ["Сомасы", "Сумма"]), 72.0),
        ],
        rows: rows.collect(),
        totals: vec![
            total(["Жиыны", "Итого"], sum(bill.total)),
            total(["Оның ішінде ҚҚС", "В том числе НДС"], sum(bill.vat)),
        ],
    }
}
