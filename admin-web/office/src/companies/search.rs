//! Finds organisations by the first digits of their number and by the beginning of any word of their title.
//!
//! The index leads from one word to the organisations that have it ([`ofd_storage::titles`]). Of several typed words the
//! rarest is walked, and what it leads to is judged by what the organisation is called now: entries of old titles lead
//! to it too. An organisation is given at the first of its words that fit, so no page repeats what another has.

use std::cmp::Reverse;

use bytes::Bytes;
use futures::future::{try_join, try_join_all};
use futures::{StreamExt, TryStreamExt, stream};
use ofd_protocol::types::UnixMillis;
use ofd_storage::accounts::{self, Company, CompanyKind};
use ofd_storage::erased::DynStore;
use ofd_storage::model::{self, Organisation};
use ofd_storage::store::{RecordKind, Store, StoreError};
use ofd_storage::titles::{TitleWord, Titled, Word, words, words_of};

/// Organisations on a page; whoever gets more types one more letter.
pub const PAGE: usize = 50;

/// Of so many typed words it is looked up how rare they are; the rest only has to fit.
const COUNTED_WORDS_MAX: usize = 8;

/// A word is counted so far: with more organisations than these it is common.
const COUNTED_MAX: usize = 128;

/// A search looks at so many entries of the index before it gives what it has, and where to go on.
const ENTRIES_MAX: usize = 512;

/// Entries are read in pages.
const ENTRIES_PAGE: usize = 64;

/// So many organisations are read at a time.
const TOGETHER: usize = 16;

/// Organisations with or without people on the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum People {
    /// With people or without.
    #[default]
    Any,
    /// Those whose people have come to the site.
    Here,
    /// Those with registers alone.
    Absent,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Each is the beginning of a word; without any, every organisation fits.
    words: Vec<Word>,
    people: People,
}

impl Query {
    /// Reads what was typed. Digits alone are a number, and blanks between them are forgiven.
    pub fn new(typed: &str, people: People) -> Self {
        let is_number = typed.chars().all(|char| char.is_ascii_digit() || char.is_whitespace());
        let typed: String = typed.chars().filter(|char| !is_number || !char.is_whitespace()).collect();
        Self { words: words(&typed), people }
    }

    /// Whether nothing was typed that could be found: every organisation fits.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn fits(&self, row: &OrganisationRow) -> bool {
        let has = words_of(row.titled());
        let is_named = self.words.iter().all(|typed| has.iter().any(|word| word.begins_with(typed)));
        is_named
            && match self.people {
                People::Any => true,
                People::Here => row.has_people,
                People::Absent => !row.has_people,
            }
    }
}

/// An organisation that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Its BIN or IIN.
    pub bin: String,
    /// Its title: as it calls itself on the site, else as receipts name it.
    pub title: String,
    /// Of one on the site, what it is.
    pub kind: Option<CompanyKind>,
    /// Of one on the site, since when.
    pub since: Option<UnixMillis>,
    /// Whether it has people on the site.
    pub has_people: bool,
}

impl OrganisationRow {
    fn titled(&self) -> Titled<'_> {
        Titled { bin: &self.bin, title: &self.title }
    }
}

/// Where a search goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The beginning of the word that is walked, as the index has it; empty: all organisations by number.
    walked: String,
    /// The last entry that was judged.
    after: String,
}

impl Cursor {
    /// The cursor as a text for an address.
    pub fn text(&self) -> String {
        format!("{}/{}", self.walked, self.after)
    }

    /// Reads what [`Cursor::text`] wrote. `None` for anything else: then the search begins anew.
    pub fn read(text: &str) -> Option<Self> {
        let (walked, after) = text.split_once('/')?;
        let entry = TitleWord::of_key(after.as_bytes())?;
        let fits = entry.word.starts_with(walked);
        fits.then(|| Self { walked: walked.to_owned(), after: after.to_owned() })
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundOrganisations {
    /// In the order of the word by which they were found, then of their numbers.
    pub rows: Vec<OrganisationRow>,
    /// Where to go on, when there are more or may be: of rare words after many common ones a page may be short.
    pub next: Option<Cursor>,
}

/// Finds up to `limit` organisations behind `after`. Whoever writes a file of all goes on from cursor to cursor.
///
/// # Errors
/// Those of the store.
pub async fn search(
    store: &DynStore,
    query: &Query,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<FoundOrganisations, StoreError> {
    let mut walk = match after.and_then(|cursor| Walk::going_on(query, cursor)) {
        Some(walk) => walk,
        None => Walk::begin(store, query).await?,
    };
    let (mut rows, mut looked_at): (Vec<OrganisationRow>, usize) = (Vec::new(), 0);
    loop {
        // Behind the last row that is given, or what was looked at behind it.
        let mut last = walk.cursor();
        let Some(page) = walk.page(store).await? else { return Ok(FoundOrganisations { rows, next: None }) };
        looked_at = looked_at.saturating_add(ENTRIES_PAGE);
        let judged = stream::iter(page).map(|entry| walk.judge(store, query, entry)).buffered(TOGETHER);
        for (entry, row) in judged.try_collect::<Vec<_>>().await? {
            match row {
                Some(_) if rows.len() >= limit => return Ok(FoundOrganisations { rows, next: last }),
                Some(row) => rows.push(row),
                None => {}
            }
            last = Some(Cursor { walked: walk.prefix.clone(), after: entry.key() });
        }
        if looked_at >= ENTRIES_MAX {
            return Ok(FoundOrganisations { rows, next: walk.cursor() });
        }
    }
}

/// The index walked from one word on.
struct Walk<'a> {
    /// The typed word; `None`: all organisations by their number.
    typed: Option<&'a Word>,
    /// It as the index has it.
    prefix: String,
    /// The key of the last entry that was read.
    after: Option<Bytes>,
}

impl<'a> Walk<'a> {
    /// Chooses the typed word that leads to the fewest organisations.
    async fn begin(store: &DynStore, query: &'a Query) -> Result<Self, StoreError> {
        let typed = match &query.words[..] {
            [] => None,
            [one] => Some(one),
            several => {
                let counts = several.iter().take(COUNTED_WORDS_MAX).map(|word| async move {
                    let prefix = word.folded();
                    let found =
                        store.records(RecordKind::TitleWord, prefix.as_bytes(), None, COUNTED_MAX).await?;
                    // Of two that are common the longer one is the rarer, most often.
                    Ok::<_, StoreError>(((found.len(), Reverse(prefix.len())), word))
                });
                let counts = try_join_all(counts).await?;
                counts.into_iter().min_by_key(|(count, _)| *count).map(|(_, word)| word)
            }
        };
        let prefix = typed.map(Word::folded).unwrap_or_default();
        Ok(Self { typed, prefix, after: None })
    }

    /// Goes on where a search with the same words stopped; `None` when the words are others.
    fn going_on(query: &'a Query, cursor: &Cursor) -> Option<Self> {
        let typed = query.words.iter().find(|word| word.folded() == cursor.walked);
        let is_same = typed.is_some() || query.is_empty() && cursor.walked.is_empty();
        is_same.then(|| Self {
            typed,
            prefix: cursor.walked.clone(),
            after: Some(cursor.after.clone().into()),
        })
    }

    fn cursor(&self) -> Option<Cursor> {
        let after = String::from_utf8(self.after.as_ref()?.to_vec()).ok()?;
        Some(Cursor { walked: self.prefix.clone(), after })
    }

    /// The next entries; `None` behind the last.
    async fn page(&mut self, store: &DynStore) -> Result<Option<Vec<TitleWord>>, StoreError> {
        let (prefix, after) = (self.prefix.as_bytes(), self.after.as_deref());
        let records = store.records(RecordKind::TitleWord, prefix, after, ENTRIES_PAGE).await?;
        let Some(last) = records.last() else { return Ok(None) };
        self.after = Some(last.key.clone());
        let entries = records.iter().filter_map(|record| TitleWord::of_key(&record.key));
        if self.typed.is_some() {
            return Ok(Some(entries.collect()));
        }
        // Numbers come before all other words.
        let is_behind = records.first().is_none_or(|first| first.key.first() > Some(&b'9'));
        Ok((!is_behind).then(|| entries.filter(|entry| entry.word == entry.bin).collect()))
    }

    /// Reads what an entry leads to; an organisation if it fits, and is not found by an earlier entry.
    async fn judge(
        &self,
        store: &DynStore,
        query: &Query,
        entry: TitleWord,
    ) -> Result<(TitleWord, Option<OrganisationRow>), StoreError> {
        let found = organisation(store, &entry.bin).await?;
        let found = found.filter(|row| self.first_word(row).as_ref() == Some(&entry.word) && query.fits(row));
        Ok((entry, found))
    }

    /// The word by which the walk finds an organisation first.
    fn first_word(&self, row: &OrganisationRow) -> Option<String> {
        let Some(typed) = self.typed else { return Some(row.bin.clone()) };
        let words = words_of(row.titled()).into_iter().filter(|word| word.begins_with(typed));
        words.map(|word| word.folded()).min()
    }
}

/// An organisation as it is now; `None` when an entry came before it and it never did.
async fn organisation(store: &DynStore, bin: &str) -> Result<Option<OrganisationRow>, StoreError> {
    let company = async {
        match Company::stream_of(bin) {
            Some(stream) => accounts::load::<Company>(store, stream).await,
            None => Ok(None),
        }
    };
    let record = model::load::<Organisation>(store, bin.as_bytes());
    let (record, company) = try_join(record, company).await?;
    let company = company.map(|kept| kept.state);
    let title = company.as_ref().map(|company| company.title.clone());
    let Some(title) = title.or_else(|| record.map(|(_, record)| record.title)) else { return Ok(None) };
    // Of one whose people have not come there is an audit at most.
    let company = company.filter(Company::is_joined);
    Ok(Some(OrganisationRow {
        bin: bin.to_owned(),
        title,
        kind: company.as_ref().map(|company| company.kind),
        since: company.as_ref().map(|company| company.since),
        has_people: company.is_some(),
    }))
}

#[cfg(test)]
mod tests;
