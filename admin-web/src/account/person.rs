//! Personal data: what a certificate said, and what the person says.

use axum::response::Response;
use ofd_office::change::ChangeError;
use ofd_storage::accounts::{Account, AuditAction, AuditEntry, AuditField, AuditSubject, FieldChange};

use super::rules::{PersonSent, PersonWrong, change_person};
use super::view::{EmailCard, PersonPage, frame, notice};
use super::whose::signed;
use crate::cabinet::{Ask, Choice};
use crate::cabinet::{At, Failure, Form, see_other};
use crate::language::Language;
use crate::site::Site;

pub(super) async fn show(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    Ok(page(&site, &ask, account, filled(account), Form::default()))
}

pub(super) fn filled(account: &Account) -> Form {
    Form::filled([
        ("name", account.name.clone()),
        ("phone", account.phone.clone()),
        ("language", account.language.clone()),
    ])
}

/// The page with both of its forms, as they stand.
pub(super) fn page(site: &Site, ask: &Ask, account: &Account, form: Form, code: Form) -> Response {
    let (form, code) = (ask.again(form), ask.again_in("code", code));
    let status = if form.is_right() { code.status() } else { form.status() };
    let languages = Language::ALL.map(|language| Choice::new(language.code(), language.own_name())).to_vec();
    let mut shell = frame(site, ask, "account-title", "/account");
    shell.is_typed = true;
    let page = PersonPage {
        shell,
        notice: notice(&site.texts(ask), ask.parameter("done")),
        iin: account.iin.clone(),
        name: account.name.clone(),
        languages,
        email: EmailCard::of(account),
        form,
        code,
    };
    site.show(ask, status, &page)
}

pub(super) async fn change(site: At, ask: Ask) -> Result<Response, Failure> {
    let account = &signed(&ask)?.account.state;
    let fields = ask.fields();
    let sent = PersonSent {
        name: fields.text("name").to_owned(),
        phone: fields.text("phone").to_owned(),
        language: fields.text("language").to_owned(),
    };
    let (kept, wrong) = site
        .office
        .change_account(account.id, |account| match change_person(account, &sent) {
            Ok(after) => {
                let changes: Vec<FieldChange> = changes(account, &after);
                let row = ask.by().entry(AuditAction::PersonChanged, AuditSubject::Account, changes);
                let is_same = after == *account;
                Ok(((!is_same).then(|| (after, vec![row])), Vec::new()))
            }
            Err(wrong) => Ok((None, wrong)),
        })
        .await?;
    if wrong.is_empty() {
        if kept.state.name != account.name {
            tell_companies(&site, &ask, &kept.state).await?;
        }
        // The language of the letters is the language of the pages.
        return Ok(see_other(&format!("/account?lang={}&done=saved", kept.state.language)));
    }
    let (words, mut form) = (site.texts(&ask), Form::sent(fields));
    for wrong in wrong {
        let text = words.say(match wrong {
            PersonWrong::NameEmpty => "account-name-empty",
            PersonWrong::Name => "account-name-wrong",
            PersonWrong::Phone => "account-phone-wrong",
            PersonWrong::Language => "account-language-wrong",
        });
        form.wrong(wrong.field(), text);
    }
    Ok(page(&site, &ask, account, form, Form::default()))
}

fn changes(before: &Account, after: &Account) -> Vec<FieldChange> {
    let fields = [
        AuditField::Name.change(&before.name, &after.name),
        AuditField::Phone.change(&before.phone, &after.phone),
        AuditField::Language.change(&before.language, &after.language),
    ];
    fields.into_iter().flatten().collect()
}

/// Writes name and address of a person into the companies the person works for, where their colleagues see them. Where
/// this is cut off, the next change of either writes both again.
pub(super) async fn tell_companies(site: &Site, ask: &Ask, account: &Account) -> Result<(), Failure> {
    let address = account.email.as_ref().map_or("", |email| email.address.as_str());
    for membership in &account.companies {
        let told = site.office.change_company(&membership.bin, |company| {
            let mut after = company.clone();
            let mut rows: Vec<AuditEntry> = Vec::new();
            for member in after.members.iter_mut().filter(|member| member.account == account.id) {
                let changes = [
                    AuditField::Name.change(&member.name, &account.name),
                    AuditField::Email.change(&member.email, address),
                ];
                let changes: Vec<FieldChange> = changes.into_iter().flatten().collect();
                if changes.is_empty() {
                    continue;
                }
                account.name.clone_into(&mut member.name);
                address.clone_into(&mut member.email);
                let subject = AuditSubject::Person(account.id).called(account.name.as_str());
                rows.push(ask.by().entry_of(account, AuditAction::PersonChanged, subject, changes));
            }
            Ok(((!rows.is_empty()).then_some((after, rows)), ()))
        });
        match told.await {
            // The company of an unfinished sign-up is not there yet; it takes the name as it is then.
            Ok(_) | Err(ChangeError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
