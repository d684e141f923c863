//! Claims of names.

use bytes::Bytes;

use super::case::{Backend, Case};
use crate::claims::ClaimedName;
use crate::store::{CLAIM_OWNER_LEN_MAX, Claim, RECORD_KEY_LEN_MAX, RecordKind, Store, Version};

pub(super) async fn all<B: Backend>(backend: &mut B) {
    a_name_belongs_to_who_claimed_it_first(&backend.fresh().await).await;
    a_repeated_claim_is_granted_and_keeps_its_time(&backend.fresh().await).await;
    families_of_names_are_apart(&backend.fresh().await).await;
    a_name_is_taken_over_from_the_owner_named_only(&backend.fresh().await).await;
    a_claim_is_readable_as_a_record(&backend.fresh().await).await;
    claims_that_are_too_large_are_refused(&backend.fresh().await).await;
}

fn taken(owner: &'static str, since_ms: u64) -> Claim {
    Claim::Taken { owner: owner.into(), since_ms }
}

async fn a_name_belongs_to_who_claimed_it_first<S: Store>(store: &S) {
    let case = Case::new("a name belongs to who claimed it first", store);
    case.same(
        "the first",
        case.ok("claim", store.claim("login", "asel", b"u1", 5, None).await),
        Claim::Granted,
    );
    case.same(
        "another",
        case.ok("claim", store.claim("login", "asel", b"u2", 6, None).await),
        taken("u1", 5),
    );
}

async fn a_repeated_claim_is_granted_and_keeps_its_time<S: Store>(store: &S) {
    let case = Case::new("a repeated claim is granted and keeps its time", store);
    for now_ms in [5, 9] {
        let claim = case.ok("claim", store.claim("login", "asel", b"u1", now_ms, None).await);
        case.same("the owner's", claim, Claim::Granted);
    }
    case.same(
        "another",
        case.ok("claim", store.claim("login", "asel", b"u2", 9, None).await),
        taken("u1", 5),
    );
}

async fn families_of_names_are_apart<S: Store>(store: &S) {
    let case = Case::new("families of names are apart", store);
    for (family, owner) in [("login", b"u1"), ("bin", b"o1")] {
        let claim = case.ok("claim", store.claim(family, "asel", owner, 5, None).await);
        case.same(family, claim, Claim::Granted);
    }
    let claim = case.ok("claim", store.claim("login", "asel2", b"u2", 5, None).await);
    case.same("another name", claim, Claim::Granted);
}

async fn a_name_is_taken_over_from_the_owner_named_only<S: Store>(store: &S) {
    let case = Case::new("a name is taken over from the owner named only", store);
    let claim = async |owner: &[u8], now_ms, from: Option<&[u8]>| {
        case.ok("claim", store.claim("login", "asel", owner, now_ms, from).await)
    };
    case.same("of nobody", claim(b"u1", 5, Some(b"u9")).await, Claim::Granted);
    case.same("of a stranger", claim(b"u2", 6, Some(b"u9")).await, taken("u1", 5));
    case.same("of the owner", claim(b"u2", 7, Some(b"u1")).await, Claim::Granted);
    case.same("of the former owner", claim(b"u3", 8, Some(b"u1")).await, taken("u2", 7));
    case.same("repeated", claim(b"u2", 9, Some(b"u1")).await, Claim::Granted);
    case.same("of the former owner again", claim(b"u1", 10, None).await, taken("u2", 7));
}

async fn a_claim_is_readable_as_a_record<S: Store>(store: &S) {
    let case = Case::new("a claim is readable as a record", store);
    case.ok("claim", store.claim("login", "asel", b"u1", 5, None).await);
    case.ok("claim", store.claim("login", "asel", b"u2", 7, Some(b"u1")).await);
    let record = case.ok("record", store.record(RecordKind::Name, b"login/asel").await);
    case.same("version", record.as_ref().map(|record| record.version), Some(Version(2)));
    let name = record.and_then(|record| ClaimedName::decode(&record.bytes));
    case.same("name", name, Some(ClaimedName { since_ms: 7, owner: Bytes::from_static(b"u2") }));
    let names = case.ok("records", store.records(RecordKind::Name, b"login/", None, 9).await);
    case.same("names", names.len(), 1);
}

async fn claims_that_are_too_large_are_refused<S: Store>(store: &S) {
    let case = Case::new("claims that are too large are refused", store);
    let name = "n".repeat(RECORD_KEY_LEN_MAX);
    let len = "login/".len() + name.len();
    case.too_large("the name", store.claim("login", &name, b"u1", 5, None).await, len);
    let owner = vec![b'u'; CLAIM_OWNER_LEN_MAX + 1];
    case.too_large("the owner", store.claim("login", "asel", &owner, 5, None).await, owner.len());
    case.same("nothing", case.ok("records", store.records(RecordKind::Name, b"", None, 9).await), vec![]);
}
