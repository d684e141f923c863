//! The tokens of an organisation as pages: the list, a new one, which is shown once, and the end of one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::programs::{self, TOKENS_MAX, TokenRefusal};
use ofd_storage::accounts::{Company, ProgramToken, TokenScope, load};

use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, At, Choice, Failure, Form, see_other};
use crate::company::OfCompany;
use crate::page::Shell;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

struct TokenRow {
    name: String,
    scopes: String,
    made: String,
    used: String,
    revoke: String,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage<'a> {
    shell: Shell<'a>,
    form: Form,
    scopes: Vec<Choice>,
    rows: Vec<TokenRow>,
    /// What is said of a token that was made just now, and it.
    made: Option<(String, String)>,
    notice: Option<String>,
    at: String,
    api: String,
}

#[derive(Template)]
#[template(path = "token_revoke.html")]
struct RevokePage<'a> {
    shell: Shell<'a>,
    list: String,
    at: String,
    text: String,
}

fn row(site: &Site, ask: &Ask, token: &ProgramToken) -> TokenRow {
    let words = site.texts(ask);
    TokenRow {
        name: token.name.clone(),
        scopes: token.scopes.iter().map(|scope| scope.text(&words)).collect::<Vec<_>>().join(", "),
        made: words
            .say_values("programs-made-by", &[("at", &site.day(ask, token.at)), ("by", token.by.as_str())]),
        used: token.used_at.map_or_else(|| words.say("programs-never"), |at| site.day(ask, at)),
        revoke: format!("/c/{}/tokens/{}/revoke", ask.bin(), token.id),
    }
}

/// What a person reads whose token was not made.
fn tell(words: &Words<'_>, form: &mut Form, refusal: TokenRefusal) {
    match refusal {
        TokenRefusal::MayNot => form.error = Some(words.say("forbidden-text")),
        TokenRefusal::Name(wrong) => form.wrong("name", words.wrong(wrong)),
        TokenRefusal::NameTaken => form.wrong("name", words.say("programs-name-taken")),
        TokenRefusal::NoScope => form.wrong("scope", words.say("programs-no-scope")),
        TokenRefusal::TooMany => {
            form.error = Some(words.say_with("programs-too-many", &TOKENS_MAX.to_string()));
        }
    }
}

async fn show(
    site: &Site,
    ask: &Ask,
    form: Form,
    made: Option<(String, String)>,
) -> Result<Response, Failure> {
    let (words, at) = (site.texts(ask), format!("/c/{}/tokens", ask.bin()));
    // A token that was made a moment ago is in the list already.
    let stream = Company::stream_of(ask.bin()).ok_or(Failure::NotFound)?;
    let company = load::<Company>(&site.office.store, stream).await?.ok_or(Failure::NotFound)?;
    // A token is in the answer to the form alone: what is shown again at the page's own address must not have it.
    let (form, shell) = if made.is_some() {
        (form, site.frame(ask, "programs-title", &at))
    } else {
        (ask.again(form), site.form_frame(ask, "programs-title", &at))
    };
    let page = TokensPage {
        shell,
        scopes: TokenScope::ALL
            .into_iter()
            .map(|scope| Choice::new(scope.name(), format!("{} ({})", scope.text(&words), scope.told())))
            .collect(),
        rows: company.state.program_tokens.iter().map(|token| row(site, ask, token)).collect(),
        made,
        notice: (ask.parameter("done") == "revoked").then(|| words.say("programs-revoked")),
        api: format!("{}/api/v1/organisations/{}/registers", site.config.public_url, ask.bin()),
        at,
        form,
    };
    Ok(site.show(ask, page.form.status(), &page))
}

/// Shows the list.
pub(super) async fn list(site: At, ask: Ask) -> Result<Response, Failure> {
    show(&site, &ask, Form::default(), None).await
}

/// Makes a token and shows it, this once.
pub(super) async fn make(site: At, ask: Ask) -> Result<Response, Failure> {
    let (words, mut form) = (site.texts(&ask), Form::sent(ask.fields()));
    let scopes: Option<Vec<TokenScope>> = ask.fields().all("scope").map(TokenScope::from_name).collect();
    let Some(scopes) = scopes else {
        form.wrong("scope", words.say("programs-no-scope"));
        return show(&site, &ask, form, None).await;
    };
    match programs::make(&site.office, ask.by(), ask.bin(), ask.fields().text("name"), &scopes).await? {
        Ok(made) => {
            let said = words.say_with("programs-made-text", &made.name);
            show(&site, &ask, Form::default(), Some((said, made.text))).await
        }
        Err(TokenRefusal::MayNot) => Err(Failure::Forbidden),
        Err(refusal) => {
            tell(&words, &mut form, refusal);
            show(&site, &ask, form, None).await
        }
    }
}

fn token_in(ask: &Ask) -> Result<u32, Failure> {
    ask.part("token").parse().map_err(|_| Failure::NotFound)
}

/// Asks before a token is ended.
pub(super) async fn ask_revoke(site: At, ask: Ask) -> Result<Response, Failure> {
    let (id, company) = (token_in(&ask)?, OfCompany::of(&ask)?);
    let token = company.program_tokens.iter().find(|token| token.id == id).ok_or(Failure::NotFound)?;
    let list = format!("/c/{}/tokens", ask.bin());
    let at = format!("{list}/{id}/revoke");
    let text = site.texts(&ask).say_with("programs-revoke-text", &token.name);
    let page = RevokePage { shell: site.frame(&ask, "programs-revoke-title", &at), list, at, text };
    Ok(site.show(&ask, StatusCode::OK, &page))
}

/// Ends a token. One that is gone stays gone.
pub(super) async fn revoke(site: At, ask: Ask) -> Result<Response, Failure> {
    match programs::revoke(&site.office, ask.by(), ask.bin(), token_in(&ask)?).await? {
        Ok(()) => Ok(see_other(&format!("/c/{}/tokens?done=revoked", ask.bin()))),
        Err(_) => Err(Failure::Forbidden),
    }
}
