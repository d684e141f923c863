//! Pages on which people edit what is kept, whatever it is: a form with the revision it was opened at, and the question
//! before something is deleted. Who was slower loses nothing typed, and is told who was faster and what is kept now.
//!
//! A form says what it is about as an [`EditorForm`]; what can be deleted is [`Deletable`] besides. What has them is their
//! [`Owner`], which knows how it is found for a request and changed.

mod part_paths;
mod stale;

use std::future::Future;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ofd_office::part::{Changed, PartRefusal};
use ofd_office::revision::Revision;
use ofd_office::typed::Errors;
use ofd_storage::accounts::AuditEntry;
use ofd_storage::store::StreamId;

use super::{Access, Ask, At, Failure, Fields, Form, Pages, see_other};
use crate::page::Shell;
use crate::site::Site;
use crate::words::Words;

pub use crate::part_paths;
pub use part_paths::PartPaths;
pub use stale::{Stored, same, stale_text, tell_stored};

/// What people edit pieces of, and how it is reached.
pub trait Owner: Send + Sync + 'static {
    /// The owner as it is kept.
    type Whole: Clone + Send + Sync + 'static;

    /// The key of the name of its page, where one goes back to.
    const HOME: &'static str;

    /// The one that the address names.
    fn of(ask: &Ask) -> Result<&Self::Whole, Failure>;

    /// Where its page is.
    fn home(ask: &Ask) -> String;

    /// Whose audit tells who changed it.
    fn stream(ask: &Ask) -> Result<StreamId, Failure>;

    /// Changes it by a rule that says what it becomes, with the audit of whatever differs. A refusal comes back with the
    /// owner that it was made on.
    fn change(
        site: &Site,
        ask: &Ask,
        rule: impl Fn(&Self::Whole) -> Changed<Self::Whole> + Send + Sync,
    ) -> impl Future<Output = Result<(Self::Whole, Result<(), PartRefusal>), Failure>> + Send;
}

/// What a form is read and shown with.
pub struct Here<'a, O: Owner, K> {
    /// The texts in the language of who asks.
    pub words: Words<'a>,
    /// What the form is a piece of, as it is kept.
    pub owner: &'a O::Whole,
    /// What the form has to know besides.
    pub known: &'a K,
}

/// What a form says.
pub enum Read<D> {
    /// All that is needed.
    Right(D),
    /// Something is searched for, in this field: the form is shown again with what was found, and nothing is wrong yet.
    Search(&'static str),
    /// What is wrong, all at once.
    Wrong(Errors),
}

impl<D> Read<D> {
    /// What was read, unless something is wrong with it.
    pub fn of((draft, errors): (D, Errors)) -> Self {
        if errors.is_empty() { Self::Right(draft) } else { Self::Wrong(errors) }
    }
}

/// The owner of what a form is about, as it is kept.
pub type WholeOf<F> = <<F as EditorForm>::Owner as Owner>::Whole;

/// Which thing a form is about, where there are several, and its revision when the form was opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// None where there is just one, or where it is a new one.
    pub id: Option<u32>,
    /// At which state of it the form was opened.
    pub revision: Revision,
}

/// What every page with a form shows beside its fields.
pub struct Edit {
    /// Values of its fields, and what is wrong with them.
    pub form: Form,
    /// The address that it is sent to.
    pub action: String,
    /// Where one goes back to without saving.
    pub back: String,
    /// What the link back says.
    pub back_text: String,
    /// What the form is about, and since when it was open.
    pub opened: Opened,
    /// Where it is deleted, of what can be.
    pub delete: Option<String>,
}

/// A form over a piece of an owner.
pub trait EditorForm: Sized + Send + Sync + 'static {
    /// What the thing belongs to.
    type Owner: Owner;
    /// What the form has to know beside the owner.
    type Known: Send + Sync;
    /// What the form says, as it is kept.
    type Draft: Send + Sync;
    /// The page around the fields.
    type Page<'a>: Template;

    /// The key of the page's title.
    fn title(id: Option<u32>) -> &'static str;

    /// What the owner's page says was done.
    fn done(id: Option<u32>) -> String;

    /// The key of what is said where there are as many as may be; of a single thing there never are.
    fn many() -> &'static str {
        ""
    }

    /// Reads what the form has to know beside the owner.
    fn known(site: &Site, ask: &Ask) -> impl Future<Output = Result<Self::Known, Failure>> + Send;

    /// What is kept, and its revision; `None` where there is nothing. Of a new one what its form begins with.
    fn stored(here: &Here<'_, Self::Owner, Self::Known>, id: Option<u32>) -> Option<(u32, Vec<Stored>)>;

    /// What the form says, as it is to be kept.
    fn read(fields: &Fields, here: &Here<'_, Self::Owner, Self::Known>) -> Read<Self::Draft>;

    /// The owner with what the form said.
    fn apply(owner: &WholeOf<Self>, opened: Opened, draft: &Self::Draft) -> Changed<WholeOf<Self>>;

    /// Whether a row of the audit tells of a change of it.
    fn is_told_by(row: &AuditEntry, owner: &WholeOf<Self>, id: Option<u32>) -> bool;

    /// The page with the form.
    fn page<'a>(shell: Shell<'a>, edit: Edit, here: &Here<'_, Self::Owner, Self::Known>) -> Self::Page<'a>;
}

/// What stands on a page about one of several things.
pub struct Item {
    /// What it is called.
    pub heading: String,
    /// Marks on it.
    pub badges: Vec<String>,
    /// What it says, in one line.
    pub text: String,
    /// More about it.
    pub notes: Vec<String>,
}

/// What is asked before something is deleted.
pub struct Question {
    /// The state that is asked about.
    pub revision: u32,
    /// The key of the title.
    pub title: &'static str,
    /// What would be deleted.
    pub item: Item,
    /// What deleting it means; why it stays where it cannot be deleted.
    pub text: String,
    /// What happens beside, and with what.
    pub note: Option<(String, String)>,
    /// It cannot be deleted: there is no button.
    pub stays: bool,
}

/// What can be deleted.
pub trait Deletable: EditorForm {
    /// What the owner's page says was done.
    fn deleted() -> String;

    /// The question; `None` where the thing is gone.
    fn question(words: &Words<'_>, owner: &WholeOf<Self>, id: u32) -> Option<Question>;

    /// The owner without it.
    fn delete(owner: &WholeOf<Self>, id: u32, revision: Revision) -> Changed<WholeOf<Self>>;
}

/// Adds the page of a form over the only thing of its kind.
pub fn single_page<F: EditorForm>(
    pages: Pages,
    (path, name): (&'static str, &'static str),
    access: Access,
) -> Pages {
    pages.get(path, name, access, show::<F>).post(path, name, access, take::<F>)
}

/// Adds the pages of several things of a kind: a new one, each of them, and the question before one is deleted.
pub fn part_pages<F: Deletable>(pages: Pages, paths: &PartPaths, access: Access) -> Pages {
    let [new, one, delete] = paths.pages;
    single_page::<F>(single_page::<F>(pages, new, access), one, access)
        .get(delete.0, delete.1, access, ask_delete::<F>)
        .post(delete.0, delete.1, access, take_delete::<F>)
}

/// The revision that a form was opened at.
pub fn revision_in(ask: &Ask) -> Revision {
    Revision::read(ask.fields().text("revision"))
}

/// The number in the address; none where the address names none.
fn id_in(ask: &Ask) -> Result<Option<u32>, Failure> {
    match ask.part("id") {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| Failure::NotFound),
    }
}

/// Back to the owner's page, which says what was done.
fn done<O: Owner>(ask: &Ask, what: &str) -> Response {
    see_other(&format!("{}?done={what}", O::home(ask)))
}

fn page<F: EditorForm>(
    (site, ask): (&Site, &Ask),
    here: &Here<'_, F::Owner, F::Known>,
    form: Form,
    opened: Opened,
    status: StatusCode,
) -> Response {
    let shell = site.form_frame(ask, F::title(opened.id), ask.path());
    let edit = Edit {
        form: ask.again(form),
        action: ask.path().to_owned(),
        back: F::Owner::home(ask),
        back_text: shell.say(F::Owner::HOME),
        opened: Opened { revision: ask.again_revision(opened.revision), ..opened },
        delete: opened.id.map(|_| format!("{}/delete", ask.path())),
    };
    site.show(ask, status, &F::page(shell, edit, here))
}

async fn show<F: EditorForm>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (id, known) = (id_in(&ask)?, F::known(&site, &ask).await?);
    let here = Here { words: site.texts(&ask), owner: F::Owner::of(&ask)?, known: &known };
    let (revision, stored) = F::stored(&here, id).ok_or(Failure::NotFound)?;
    let form = Form::filled(stored.into_iter().map(|stored| (stored.field, stored.value)));
    let opened = Opened { id, revision: revision.into() };
    Ok(page::<F>((&site, &ask), &here, form, opened, StatusCode::OK))
}

async fn take<F: EditorForm>(site: At, ask: Ask) -> Result<Response, Failure> {
    let opened = Opened { id: id_in(&ask)?, revision: revision_in(&ask) };
    let known = F::known(&site, &ask).await?;
    let here = Here { words: site.texts(&ask), owner: F::Owner::of(&ask)?, known: &known };
    let mut form = Form::sent(ask.fields());
    let draft = match F::read(ask.fields(), &here) {
        Read::Right(draft) => draft,
        Read::Search(part) => {
            ask.shown_part(part);
            return Ok(page::<F>((&site, &ask), &here, form, opened, StatusCode::OK));
        }
        Read::Wrong(errors) => {
            form.tell(&here.words, &errors);
            let status = form.status();
            return Ok(page::<F>((&site, &ask), &here, form, opened, status));
        }
    };
    let rule = |owner: &WholeOf<F>| F::apply(owner, opened, &draft);
    let (now, outcome) = F::Owner::change(&site, &ask, rule).await?;
    let here = Here { owner: &now, ..here };
    match outcome {
        Ok(()) => return Ok(done::<F::Owner>(&ask, &F::done(opened.id))),
        // What may not be deleted is said on a page of its own.
        Err(PartRefusal::Gone | PartRefusal::Stays) => return Ok(done::<F::Owner>(&ask, "gone")),
        Err(PartRefusal::TooMany) => form.error = Some(here.words.say(F::many())),
        Err(PartRefusal::Wrong(field, wrong)) => form.wrong(field, here.words.wrong(wrong)),
        Err(PartRefusal::Stale) => {
            let (revision, stored) = F::stored(&here, opened.id).ok_or(Failure::NotFound)?;
            let is_it = |row: &AuditEntry| F::is_told_by(row, &now, opened.id);
            form.error = Some(stale_text(&site, &ask, F::Owner::stream(&ask)?, is_it).await?);
            tell_stored(&here.words, &mut form, &stored);
            let opened = Opened { revision: revision.into(), ..opened };
            return Ok(page::<F>((&site, &ask), &here, form, opened, StatusCode::CONFLICT));
        }
    }
    let status = form.status();
    Ok(page::<F>((&site, &ask), &here, form, opened, status))
}

#[derive(Template)]
#[template(path = "editor_delete.html")]
struct DeletePage<'a> {
    shell: Shell<'a>,
    form: Form,
    action: String,
    back: String,
    back_text: String,
    question: Question,
}

/// The page that asks before something is deleted, or says why it stays; `back` is where one goes without, and what the
/// link there says.
pub fn question_page(
    (site, ask): (&Site, &Ask),
    question: Question,
    form: Form,
    (back, back_text): (String, String),
    status: StatusCode,
) -> Response {
    let shell = site.frame(ask, question.title, ask.path());
    let page =
        DeletePage { shell, form: ask.again(form), action: ask.path().to_owned(), back, back_text, question };
    site.show(ask, status, &page)
}

fn delete_page<O: Owner>(
    (site, ask): (&Site, &Ask),
    question: Question,
    form: Form,
    status: StatusCode,
) -> Response {
    let back = (O::home(ask), site.texts(ask).say(O::HOME));
    question_page((site, ask), question, form, back, status)
}

async fn ask_delete<F: Deletable>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (id, owner) = (id_in(&ask)?.ok_or(Failure::NotFound)?, F::Owner::of(&ask)?);
    let question = F::question(&site.texts(&ask), owner, id).ok_or(Failure::NotFound)?;
    Ok(delete_page::<F::Owner>((&site, &ask), question, Form::default(), StatusCode::OK))
}

async fn take_delete<F: Deletable>(site: At, ask: Ask) -> Result<Response, Failure> {
    let (id, revision) = (id_in(&ask)?.ok_or(Failure::NotFound)?, revision_in(&ask));
    let rule = |owner: &WholeOf<F>| F::delete(owner, id, revision);
    let (now, outcome) = F::Owner::change(&site, &ask, rule).await?;
    let Err(refusal) = outcome else { return Ok(done::<F::Owner>(&ask, &F::deleted())) };
    let words = site.texts(&ask);
    let Some(question) = F::question(&words, &now, id) else { return Ok(done::<F::Owner>(&ask, "gone")) };
    let mut form = Form::sent(ask.fields());
    form.error = (refusal == PartRefusal::Stale).then(|| words.say("stale-delete"));
    Ok(delete_page::<F::Owner>((&site, &ask), question, form, StatusCode::CONFLICT))
}
