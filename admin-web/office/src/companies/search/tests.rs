use std::collections::BTreeSet;
use std::sync::Arc;

use ofd_storage::accounts::{AccountId, Member, create, load, save};
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::Stamp;

use super::*;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

fn empty() -> DynStore {
    DynStore::from(Arc::new(MemoryStore::new()))
}

fn bin(number: usize) -> String {
    format!("{:012}", 150_000_000_000 + number)
}

/// An organisation that a fleet file brought.
async fn with_registers(store: &DynStore, bin: &str, title: &str) {
    let organisation = Organisation {
        bin: bin.into(),
        title: title.into(),
        address: String::new(),
        address_kz: None,
        okved: String::new(),
    };
    let kept = model::load::<Organisation>(store, bin.as_bytes()).await.unwrap();
    match kept {
        Some((version, _)) => drop(model::replace(store, version, &organisation).await.unwrap()),
        None => assert!(model::create(store, &organisation).await.unwrap()),
    }
}

/// A company that people brought, or its new title.
async fn on_site(store: &DynStore, bin: &str, title: &str) {
    match load::<Company>(store, Company::stream_of(bin).unwrap()).await.unwrap() {
        Some(kept) => {
            let renamed = Company { title: title.into(), ..kept.state.clone() };
            drop(save(store, &kept, renamed, Vec::new(), next_stamp()).await.unwrap());
        }
        None => {
            let mut company = Company::new(bin.into(), title.into(), CompanyKind::LegalEntity, NOW);
            company.members.push(Member {
                account: AccountId(1),
                name: "ТЕСТОВА ЖАНАР".into(),
                iin: None,
                email: String::new(),
                roles: Vec::new(),
                block: None,
                since: NOW,
                revision: 1,
            });
            drop(create(store, company, Vec::new(), next_stamp()).await.unwrap());
        }
    }
}

fn next_stamp() -> Stamp {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Stamp(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

/// All that a query finds, page by page.
async fn all(store: &DynStore, query: &Query, limit: usize) -> Vec<OrganisationRow> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let found = search(store, query, after.as_ref(), limit).await.unwrap();
        assert!(found.rows.len() <= limit, "{} rows on a page of {limit}", found.rows.len());
        rows.extend(found.rows);
        let Some(next) = found.next else { return rows };
        // As an address carries it.
        let read = Cursor::read(&next.text());
        assert_eq!(read.as_ref(), Some(&next));
        assert_ne!(read, after, "no page stops where it began");
        after = read;
    }
}

async fn titles(store: &DynStore, typed: &str) -> Vec<String> {
    let rows = all(store, &Query::new(typed, People::Any), PAGE).await;
    rows.into_iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn an_organisation_is_found_by_its_number_and_by_the_beginning_of_any_word() {
    let store = empty();
    with_registers(&store, "151140001234", "ТОО «Көктем»").await;
    on_site(&store, "880101300123", "ИП ТЕСТОВА ЖАНАР").await;
    for typed in ["1511", " 1511 4000 1234 ", "көк", "кок", "«КОКТЕМ»", "коктем тоо", "т к"]
    {
        assert_eq!(titles(&store, typed).await, ["ТОО «Көктем»"], "{typed}");
    }
    assert_eq!(titles(&store, "8801").await, ["ИП ТЕСТОВА ЖАНАР"], "it has no registers");
    assert_eq!(titles(&store, "жан ип").await, ["ИП ТЕСТОВА ЖАНАР"]);
    assert_eq!(titles(&store, "т").await.len(), 2);
    assert_eq!(titles(&store, "").await, ["ТОО «Көктем»", "ИП ТЕСТОВА ЖАНАР"], "all, by their numbers");
    for typed in ["ктем", "коктемм", "1512", "тоо жанар", "15114000123456"] {
        assert_eq!(titles(&store, typed).await, [""; 0], "{typed}");
    }
}

#[tokio::test]
async fn the_title_of_the_site_counts_and_old_ones_lead_nowhere() {
    let store = empty();
    with_registers(&store, "151140001234", "ТОО «Старое»").await;
    on_site(&store, "151140001234", "ТОО «Новое»").await;
    assert_eq!(titles(&store, "старое").await, [""; 0]);
    assert_eq!(titles(&store, "новое").await, ["ТОО «Новое»"]);
    on_site(&store, "151140001234", "ТОО «Новейшее»").await;
    assert_eq!(titles(&store, "новое").await, [""; 0]);
    assert_eq!(titles(&store, "нов").await, ["ТОО «Новейшее»"]);
}

#[tokio::test]
async fn organisations_with_people_are_told_from_those_without() {
    let store = empty();
    with_registers(&store, &bin(1), "ТОО «Один»").await;
    with_registers(&store, &bin(2), "ТОО «Два»").await;
    on_site(&store, &bin(2), "ТОО «Два»").await;
    let nobody = Company::new(bin(3), "ТОО «Три»".into(), CompanyKind::LegalEntity, NOW);
    create(&store, nobody, Vec::new(), Stamp([9; 16])).await.unwrap();
    let found = async |people| {
        let rows = all(&store, &Query::new("тоо", people), PAGE).await;
        rows.iter().map(|row| (row.title.clone(), row.since.is_some())).collect::<Vec<_>>()
    };
    let (one, two, three) =
        (("ТОО «Один»".to_owned(), false), ("ТОО «Два»".to_owned(), true), ("ТОО «Три»".to_owned(), false));
    assert_eq!(found(People::Here).await, [two]);
    assert_eq!(found(People::Absent).await, [one, three]);
}

#[tokio::test]
async fn a_page_says_that_there_are_more_only_when_there_are() {
    let store = empty();
    for number in 0..PAGE {
        with_registers(&store, &bin(number), "ТОО").await;
    }
    let query = Query::new("тоо", People::Any);
    let found = search(&store, &query, None, PAGE).await.unwrap();
    assert_eq!((found.rows.len(), found.next), (PAGE, None));
    with_registers(&store, &bin(PAGE), "ТОО").await;
    let found = search(&store, &query, None, PAGE).await.unwrap();
    assert_eq!(found.rows.len(), PAGE);
    let rest = search(&store, &query, found.next.as_ref(), PAGE).await.unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    // Pages are made on any thread.
    fn is_sent<T: Send>(_: T) {}
    is_sent(search(&store, &query, None, PAGE));
}

#[tokio::test]
async fn of_common_words_a_bounded_number_is_looked_at_and_the_next_page_goes_on() {
    let store = empty();
    for number in 0..2 * ENTRIES_MAX {
        with_registers(&store, &bin(number), if number % 2 == 0 { "ТОО Астана" } else { "ИП Алматы" }).await;
    }
    with_registers(&store, &bin(5000), "ТОО Алматы").await;
    let query = Query::new("тоо алматы", People::Any);
    let found = search(&store, &query, None, PAGE).await.unwrap();
    assert!(found.rows.is_empty() && found.next.is_some(), "{found:?}");
    let rows = all(&store, &query, PAGE).await;
    assert_eq!(rows.iter().map(|row| row.bin.clone()).collect::<Vec<_>>(), [bin(5000)]);
}

#[test]
fn what_is_no_cursor_begins_anew() {
    for wrong in
        ["", "/", "тоо", "тоо/ип/151140001234", "тоо/тоо/1", "ТОО/тоо/151140001234", "тоо/тоо/151140001234/"]
    {
        assert_eq!(Cursor::read(wrong), None, "{wrong}");
    }
    let cursor = Cursor::read("тоо/тоо/151140001234").unwrap();
    assert!(
        Walk::going_on(&Query::new("ип", People::Any), &cursor).is_none(),
        "it is that of another search"
    );
    assert!(Walk::going_on(&Query::new("ип тоо", People::Any), &cursor).is_some());
}

/// SplitMix64: small, and the same for a seed everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn text(&mut self, parts: &[&str], most: usize) -> String {
        (0..=self.below(most)).map(|_| self.one_of(parts)).collect()
    }
}

const PARTS: &[&str] =
    &["а", "к", "қ", "о", "ө", "ко", "е", "ё", "Е", "тоо", "ТОО ", " ", " ", "-", "«", "»", "1", "15", "2 "];

/// What must be found: every organisation, judged by itself.
fn plain_scan(now: &[Option<String>], typed: &str) -> BTreeSet<String> {
    let typed: String = match typed.chars().all(|char| char.is_ascii_digit() || char.is_whitespace()) {
        true => typed.split_whitespace().collect(),
        false => typed.to_owned(),
    };
    let typed = words(&typed);
    let fits = |bin: &str, title: &str| {
        let has: Vec<Word> = words(title).into_iter().chain(words(bin)).collect();
        typed.iter().all(|typed| has.iter().any(|word| word.begins_with(typed)))
    };
    let all = now.iter().enumerate().filter_map(|(number, title)| Some((bin(number), title.as_ref()?)));
    all.filter(|(bin, title)| fits(bin, title)).map(|(bin, _)| bin).collect()
}

/// `OFD_SEARCH_SEED` repeats a run.
#[tokio::test]
async fn a_search_finds_what_a_plain_scan_finds_and_each_organisation_once() {
    let drawn = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(1, |since| since.as_nanos() as u64)
    };
    let seed = std::env::var("OFD_SEARCH_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    eprintln!("OFD_SEARCH_SEED={seed}");
    let mut random = Random(seed);
    for _ in 0..20 {
        let store = empty();
        let count = 1 + random.below(120);
        // What each is called now: on the site, else by its record.
        let (mut on_the_site, mut now) = (vec![false; count], vec![None; count]);
        for _ in 0..count * 3 {
            let (number, title) = (random.below(count), random.text(PARTS, 9));
            if random.below(2) == 0 {
                on_site(&store, &bin(number), &title).await;
                (on_the_site[number], now[number]) = (true, Some(title));
            } else {
                with_registers(&store, &bin(number), &title).await;
                if !on_the_site[number] {
                    now[number] = Some(title);
                }
            }
        }
        for _ in 0..20 {
            let (typed, limit) = (random.text(PARTS, 5), 1 + random.below(60));
            let rows = all(&store, &Query::new(&typed, People::Any), limit).await;
            let found: BTreeSet<String> = rows.iter().map(|row| row.bin.clone()).collect();
            assert_eq!(found.len(), rows.len(), "seed {seed}: {typed:?} finds one twice");
            assert_eq!(found, plain_scan(&now, &typed), "seed {seed}: {typed:?}");
            assert!(
                rows.iter()
                    .all(|row| Some(&row.title) == now[row.bin[3..].parse::<usize>().unwrap()].as_ref())
            );
        }
    }
}
