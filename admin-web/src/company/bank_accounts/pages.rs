//! Pages of bank accounts.

use askama::Template;
use ofd_office::banks::{KnownBank, known_banks};
use ofd_office::company::bank_accounts::{CURRENT, derived_kbe, next_default, read_bank_account};
use ofd_storage::accounts::{BankAccount, Company};

use super::view::{BankView, bank_name, kind_name};
use crate::cabinet::editor::{Edit, Item, PartPaths, Read, Stored, part_paths, same};
use crate::cabinet::{Ask, Failure, Fields};
use crate::company::parts::{InCompany, PartPages, PartTexts};
use crate::directories::Iik;
use crate::page::Shell;
use crate::part::find;
use crate::site::Site;
use crate::typed::ticked;
use crate::words::Words;

#[derive(Template)]
#[template(path = "bank_account.html")]
pub(in crate::company) struct BankAccountPage<'a> {
    shell: Shell<'a>,
    edit: Edit,
    banks: String,
    attributes: String,
    view: BankView,
    /// The default account stays it until another becomes it; the first one becomes it by itself.
    may_become_default: bool,
}

/// An account number in groups, as on paper.
fn grouped(iik: &str) -> String {
    Iik::parse(iik).map_or_else(|_| iik.to_owned(), |iik| iik.grouped())
}

/// Bank accounts as pages.
pub(in crate::company) struct BankAccountPages;

impl PartPages for BankAccountPages {
    type Part = BankAccount;
    type Known = Vec<KnownBank>;
    type Page<'a> = BankAccountPage<'a>;

    const NAME: &'static str = "account";
    const PATHS: PartPaths = part_paths!("/c/{bin}/bank-accounts", "bank_account");
    const TEXTS: PartTexts = PartTexts {
        list: ["company-accounts", "company-accounts-empty"],
        form: ["company-account-add", "company-account-new", "company-account-title"],
        many: "company-account-many",
        delete: ["company-account-delete", "company-account-delete-text"],
        stays: Some("company-account-only"),
        done: ["company-done-account-added", "company-done-account-changed", "company-done-account-deleted"],
    };

    async fn known(site: &Site, ask: &Ask) -> Result<Vec<KnownBank>, Failure> {
        Ok(known_banks(&site.office.store, ask.language()).await?)
    }

    fn blank(_: &InCompany<'_, Vec<KnownBank>>) -> Vec<Stored> {
        vec![same("account_kind", CURRENT)]
    }

    fn stored(account: &BankAccount, here: &InCompany<'_, Vec<KnownBank>>) -> Vec<Stored> {
        let (words, language) = (&here.words, here.words.language);
        let bank = format!("{} ({})", bank_name(account, language), account.bic);
        let tick = |field, is: bool| {
            Stored::new(field, ticked(is), words.say(if is { "company-yes" } else { "company-no" }))
        };
        let mut stored = vec![
            same("iik", &account.iik),
            Stored::new("bic", &account.bic, bank),
            Stored::new("account_kind", &account.kind, kind_name(account, language)),
            tick("is_guarantee", account.is_guarantee),
        ];
        // The KBe that is derived is no field; the default account has no box.
        if derived_kbe(&here.owner.profile.attributes).is_none() {
            stored.push(same("kbe", &account.kbe));
        }
        if !account.is_default {
            stored.push(tick("is_default", false));
        }
        stored
    }

    fn read(fields: &Fields, here: &InCompany<'_, Vec<KnownBank>>) -> Read<BankAccount> {
        Read::of(read_bank_account(fields, here.known, derived_kbe(&here.owner.profile.attributes)))
    }

    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &InCompany<'_, Vec<KnownBank>>) -> BankAccountPage<'a> {
        let company = here.owner;
        let known = |id| find::<BankAccount>(company, id).is_some_and(|account| account.is_default);
        BankAccountPage {
            shell,
            banks: format!("{}/banks", edit.back),
            attributes: format!("{}/attributes", edit.back),
            view: BankView::of(&here.words, here.known, derived_kbe(&company.profile.attributes)),
            may_become_default: match edit.opened.id {
                Some(id) => !known(id),
                None => !company.bank_accounts.is_empty(),
            },
            edit,
        }
    }

    fn item(words: &Words<'_>, account: &BankAccount) -> Item {
        let marks = [
            (account.is_default, "company-account-default"),
            (account.is_guarantee, "company-account-guarantee-badge"),
        ];
        Item {
            heading: grouped(&account.iik),
            badges: marks.iter().filter(|(is, _)| *is).map(|(_, key)| words.say(key)).collect(),
            text: bank_name(account, words.language),
            notes: vec![
                words.say_with("company-bic-is", &account.bic),
                words.say_with("company-kbe-is", &account.kbe),
                kind_name(account, words.language),
            ],
        }
    }

    fn with_it(words: &Words<'_>, company: &Company, account: &BankAccount) -> Option<(String, String)> {
        let next = next_default(company, account.id)?;
        Some((words.say("company-account-next-default"), grouped(&next.iik)))
    }
}
