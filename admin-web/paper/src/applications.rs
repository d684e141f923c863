//! Applications No. 1, No. 2 and No. 3.

use std::collections::BTreeMap;

use ofd_edge::{Imprint, Language};
use time::Date;

use crate::decoration::decorated;
use crate::error::PaperError;
use crate::faces::Faces;
use crate::flow::{self, Block};
use crate::papers::{ApplicationOne, ApplicationTwo, JoinedContract, Party, Signer};
use crate::pdf::{self, About};
use crate::template::{Part, Placed, Template, filled};
use crate::words::{self, named_by_operator};

const ONE: &str = include_str!("../texts/application-one/1.txt");
const TWO: &str = include_str!("../texts/application-two/1.txt");
const THREE: &str = include_str!("../texts/application-three/1.txt");

/// What stands in the place of `{name}`.
type Values = BTreeMap<&'static str, String>;

/// Application No. 1 as PDF.
pub fn application_one(paper: &ApplicationOne) -> Result<Vec<u8>, PaperError> {
    let values = common(Common {
        language: paper.language,
        number: &paper.number,
        date: paper.date,
        contract: &paper.contract,
        organisation: &paper.organisation,
        signer: &paper.signer,
        operator: &paper.operator,
    });
    let made = Made { language: paper.language, date: paper.date, is_sample: paper.contract.is_sample };
    made.written(ONE, &values, &paper.operator, &paper.check_url)
}

/// Application No. 2 as PDF.
pub fn application_two(paper: &ApplicationTwo) -> Result<Vec<u8>, PaperError> {
    about_register(paper, (TWO, String::new()))
}

/// Application No. 3 as PDF: as No. 2, of a register that is on the books; `asked` says what is asked for.
pub fn application_three(paper: &ApplicationTwo, asked: &str) -> Result<Vec<u8>, PaperError> {
    about_register(paper, (THREE, asked.to_owned()))
}

fn about_register(paper: &ApplicationTwo, (text, asked): (&str, String)) -> Result<Vec<u8>, PaperError> {
    let mut values = common(Common {
        language: paper.language,
        number: &paper.number,
        date: paper.date,
        contract: &paper.contract,
        organisation: &paper.organisation,
        signer: &paper.signer,
        operator: &paper.operator,
    });
    let (language, register) = (paper.language, &paper.register);
    let connected = register.connected_on.map(words::day);
    let connected = connected.unwrap_or_else(|| words::from_first_receipt(language).to_owned());
    values.extend([
        ("registered-on", words::day(register.registered_on)),
        ("system-id", register.system_id.clone()),
        ("alias", register.alias.clone()),
        ("kgd-number", register.kgd_number.clone()),
        ("model", register.model.clone()),
        ("serial-number", register.serial_number.clone()),
        ("year", register.year.clone()),
        ("connection", words::connection(language, register.connection).to_owned()),
        ("tariff", register.tariff.clone()),
        ("connected-on", connected),
        ("trade-point", register.trade_point.clone()),
        ("trade-point-address", register.address.clone()),
        ("asked", asked),
    ]);
    let made = Made { language, date: paper.date, is_sample: paper.contract.is_sample };
    made.written(text, &values, &paper.operator, &paper.check_url)
}

/// What all applications say.
struct Common<'a> {
    language: Language,
    number: &'a str,
    date: Date,
    contract: &'a JoinedContract,
    organisation: &'a Party,
    signer: &'a Signer,
    operator: &'a Imprint,
}

fn common(said: Common<'_>) -> Values {
    let Common { language, organisation, signer, .. } = said;
    let operator = |name| named_by_operator(name, language, said.operator).unwrap_or_default();
    let mut values = Values::from([
        ("number", said.number.to_owned()),
        ("date", words::day(said.date)),
        ("contract-version", said.contract.version.clone()),
        ("contract-date", words::day(said.contract.begins_on)),
        ("bin", organisation.bin.clone()),
        ("title", organisation.title.clone()),
        ("legal-address", organisation.legal_address.clone()),
        ("actual-address", organisation.actual_address.clone()),
        ("bank", organisation.bank.bank.clone()),
        ("bic", organisation.bank.bic.clone()),
        ("iik", organisation.bank.iik.clone()),
        ("head-position", organisation.head.position.clone()),
        ("head-name", organisation.head.name.clone()),
        ("oked", organisation.oked.clone()),
        ("email", organisation.email.clone()),
        ("phone", organisation.phone.clone()),
        ("signer-name", signer.name.clone()),
        ("signer-iin", signer.iin.clone()),
        ("signer-capacity", words::capacity(language, signer.capacity).to_owned()),
    ]);
    values.extend(OPERATOR.iter().map(|name| (*name, operator(name))));
    values
}

/// What texts name of the operator.
const OPERATOR: &[&str] =
    &["operator", "operator-bin", "operator-address", "operator-phone", "operator-email", "operator-site"];

/// What is made of a text.
struct Made {
    language: Language,
    date: Date,
    is_sample: bool,
}

impl Made {
    fn written(
        &self,
        text: &str,
        values: &Values,
        operator: &Imprint,
        check_url: &str,
    ) -> Result<Vec<u8>, PaperError> {
        let damaged = PaperError::Damaged { what: "a text" };
        let template = Template::parse(text).map_err(|_| PaperError::Damaged { what: "a text" })?;
        let parts = template.language(self.language).ok_or(damaged)?;
        let faces = Faces::new()?;
        let (title, mut blocks) = blocks(parts, values)?;
        if !check_url.is_empty() {
            let text = format!("{} {check_url}", words::check(self.language));
            blocks.push(Block::Qr { content: check_url.to_owned(), text });
        }
        let pages = flow::pages(&faces, &blocks)?;
        let pages = decorated(&faces, pages, self.language, &title, self.is_sample);
        let about = About { language: self.language, title, author: operator.title.clone(), date: self.date };
        pdf::written(&faces, &pages, &about)
    }
}

/// A text's parts with everything filled in, and its title.
fn blocks(parts: &[Placed], values: &Values) -> Result<(String, Vec<Block>), PaperError> {
    let fill = |text: &str| {
        let value = |name: &str| values.get(name).map(|value| words::or_dash(value));
        filled(text, value).map_err(|_| PaperError::Damaged { what: "a text" })
    };
    let (mut title, mut blocks) = (String::new(), Vec::new());
    for Placed { part, .. } in parts {
        let block = match part {
            Part::Title(text) => {
                title = fill(text)?;
                Block::Title(title.clone())
            }
            Part::Heading(text) => Block::Heading(fill(text)?),
            Part::Clause { number, text } => Block::Clause { number: number.clone(), text: fill(text)? },
            Part::Paragraph(text) => Block::Paragraph(fill(text)?),
            Part::Centred(text) => Block::Centred(fill(text)?),
            Part::Field { label, value } => {
                let field = (label.clone(), words::facts(&fill(value)?));
                if let Some(Block::Fields(fields)) = blocks.last_mut() {
                    fields.push(field);
                    continue;
                }
                Block::Fields(vec![field])
            }
        };
        blocks.push(block);
    }
    Ok((title, blocks))
}
