//! The invoice (счёт-фактура).

use ofd_billing::TiynError;
use ofd_billing::invoices::{Content, Invoice, InvoiceSort, PaperLanguage};

use super::said::{bank, bin_and_address, contract, number_line, said, sum, text, to_sign, words};
use super::{PlanTitles, line_of, titled, written};
use crate::error::PaperError;
use crate::flow::Block;
use crate::grid::{Column, Grid};
use crate::words::{day, or_dash};

/// An invoice as PDF.
///
/// # Errors
/// [`PaperError`].
pub fn invoice(invoice: &Invoice, titles: &PlanTitles, of: PaperLanguage) -> Result<Vec<u8>, PaperError> {
    let (title, blocks) = blocks(invoice, titles, of)?;
    written(&blocks, of, (title, &invoice.head.supplier.title), invoice.head.day.date())
}

/// Its title, and what stands on it.
pub(super) fn blocks(
    invoice: &Invoice,
    titles: &PlanTitles,
    of: PaperLanguage,
) -> Result<(String, Vec<Block>), PaperError> {
    let head = &invoice.head;
    let title = titled(said(of, ["Шот-фактура", "Счёт-фактура"]), head, of);
    let mut blocks = vec![Block::Title(title.clone())];
    blocks.extend(beside(&invoice.sort, of).map(Block::Centred));
    let certificate = head.supplier.vat_certificate.as_ref();
    let certificate = certificate.map(|one| format!("{} № {}", one.series, one.number));
    let field = |texts, value: String| (text(of, texts), or_dash(&value));
    blocks.push(Block::Fields(vec![
        field(["Айналым жасалған күн", "Дата совершения оборота"], day(invoice.turnover.date())),
        field(["Өнім беруші", "Поставщик"], head.supplier.title.clone()),
        field(
            ["Өнім берушінің БСН-і және мекенжайы", "БИН и адрес поставщика"],
            bin_and_address(&head.supplier),
        ),
        field(["Өнім берушінің шоты", "Счёт поставщика"], bank(head.supplier.bank.as_ref(), of)),
        field(["ҚҚС бойынша куәлік", "Свидетельство по НДС"], certificate.unwrap_or_default()),
        field(["Шарт", "Договор (контракт)"], contract(head.contract.as_ref(), of)),
        field(["Алушы", "Получатель"], head.recipient.title.clone()),
        field(
            ["Алушының БСН/ЖСН және мекенжайы", "БИН/ИИН и адрес получателя"],
            bin_and_address(&head.recipient),
        ),
        field(["Алушының шоты", "Счёт получателя"], bank(head.recipient.bank.as_ref(), of)),
    ]));
    let grid = lines(&invoice.content, titles, of)
        .map_err(|_| PaperError::Damaged { what: "the sums of an invoice" })?;
    blocks.push(Block::Grid(grid));
    let total = words(invoice.content.total, of);
    let payable = said(of, ["Барлығы төлеуге", "Всего к оплате"]);
    blocks.push(Block::Strong(format!("{payable}: {total}")));
    let signs = |texts| to_sign(said(of, texts), of);
    blocks.push(Block::Pair {
        left: vec![
            signs(["Басшы", "Руководитель"]),
            signs(["Бас бухгалтер", "Главный бухгалтер"]),
            text(of, ["М.О.", "М.П."]),
        ],
        right: vec![signs([
            "Берген (өнім берушінің жауапты тұлғасы)",
            "Выдал (ответственное лицо поставщика)",
        ])],
    });
    Ok((title, blocks))
}

/// What an invoice is to the first one; nothing of the first itself.
fn beside(sort: &InvoiceSort, of: PaperLanguage) -> Option<String> {
    let line = |number: &ofd_billing::invoices::Reference| {
        number_line(&number.number.to_string(), number.day.date(), of)
    };
    match (sort, of) {
        (InvoiceSort::First, _) => None,
        (InvoiceSort::Corrected(first), PaperLanguage::Russian) => {
            Some(format!("Исправленный, вместо счёта-фактуры {}", line(first)))
        }
        (InvoiceSort::Corrected(first), PaperLanguage::Kazakh) => {
            Some(format!("Түзетілген, мына шот-фактураның орнына: {}", line(first)))
        }
        (InvoiceSort::Additional(first), PaperLanguage::Russian) => {
            Some(format!("Дополнительный к счёту-фактуре {}", line(first)))
        }
        (InvoiceSort::Additional(first), PaperLanguage::Kazakh) => {
            Some(format!("Мына шот-фактураға қосымша: {}", line(first)))
        }
    }
}

/// The lines, what they come to at each rate, and all of them.
fn lines(content: &Content, titles: &PlanTitles, of: PaperLanguage) -> Result<Grid, TiynError> {
    let mut rows = Vec::with_capacity(content.lines.len());
    for one in &content.lines {
        rows.push(vec![
            one.number.to_string(),
            line_of(&one.line, titles, of),
            text(of, ["қызмет", "услуга"]),
            "1".to_owned(),
            sum(one.net()?),
            format!("{} %", one.line.basis.rate.percent()),
            sum(one.vat),
            sum(one.line.sum),
        ]);
    }
    let mut totals = Vec::new();
    // One rate is the whole.
    for rate in content.rates.iter().filter(|_| content.rates.len() > 1) {
        let (net, percent) = (rate.sum.minus(rate.vat)?, format!("{} %", rate.rate.percent()));
        let all = text(of, ["Мөлшерлеме бойынша жиыны", "Итого по ставке"]);
        totals.push(vec![
            String::new(),
            all,
            String::new(),
            String::new(),
            sum(net),
            percent,
            sum(rate.vat),
            sum(rate.sum),
        ]);
    }
    let whole = text(of, ["Шот бойынша барлығы", "Всего по счёту"]);
    let net = content.total.minus(content.vat)?;
    totals.push(vec![
        String::new(),
        whole,
        String::new(),
        String::new(),
        sum(net),
        String::new(),
        sum(content.vat),
        sum(content.total),
    ]);
    let column = |texts, share| Column::left(said(of, texts), share);
    Ok(Grid {
        columns: vec![
            Column::right("№", 22.0),
            column(["Тауардың (жұмыстың, қызметтің) атауы", "Наименование товаров (работ, услуг)"], 166.0),
            column(["Өлш. бірл.", "Ед. изм."], 40.0),
            Column::right(said(of, ["Саны", "Кол-во"]), 44.0),
            Column::right(said(of, ["Құны ҚҚС-сыз", "Стоимость без НДС"]), 62.0),
            Column::right(said(of, ["ҚҚС мөлш.", "Ставка НДС"]), 40.0),
            Column::right(said(of, ["ҚҚС сомасы", "Сумма НДС"]), 54.0),
            Column::right(said(of, ["Барлық құны ҚҚС-пен", "Всего с НДС"]), 63.0),
        ],
        rows,
        totals,
    })
}
