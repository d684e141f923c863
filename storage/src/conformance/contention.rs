//! Many at once.

use bytes::Bytes;
use futures::future::join_all;

use super::case::{Backend, Case, append, shift};
use crate::store::{Claim, RecordKind, Stamp, Store, StoreError, Version};

/// Callers that meet in a case.
const CALLERS: u8 = 64;

pub(super) async fn all<B: Backend>(backend: &mut B) {
    of_appends_that_meet_exactly_one_wins(&backend.fresh().await).await;
    copies_of_one_append_that_meet_all_succeed(&backend.fresh().await).await;
    many_streams_advance_at_once(&backend.fresh().await).await;
    of_records_that_meet_exactly_one_wins(&backend.fresh().await).await;
    of_claims_that_meet_exactly_one_is_granted(&backend.fresh().await).await;
    a_read_after_an_answer_sees_the_write(&backend.fresh().await).await;
}

async fn of_appends_that_meet_exactly_one_wins<S: Store>(store: &S) {
    let case = Case::new("of appends that meet exactly one wins", store);
    for round in 0..3_u8 {
        let mut rivals = Vec::new();
        for caller in 0..CALLERS {
            let mut rival = append(shift(1, 1), round, &[(&[round, caller], b"row")]);
            rival.stamp = Stamp([caller + 1; 16]);
            rival.stamp.0[0] = round;
            rivals.push(store.append(rival));
        }
        let (mut won, found) = (0, Version(u64::from(round) + 1));
        for outcome in join_all(rivals).await {
            match outcome {
                Ok(version) => {
                    case.same("the winner's version", version, found);
                    won += 1;
                }
                Err(StoreError::Conflict { found: there, .. }) => {
                    case.same("what the losers found", there, Some(found));
                }
                Err(other) => case.ok("append", Err(other)),
            }
        }
        case.same("winners", won, 1);
        case.same("rows", case.keys(shift(1, 1), &[round], None, 9).await.len(), 1);
    }
}

async fn copies_of_one_append_that_meet_all_succeed<S: Store>(store: &S) {
    let case = Case::new("copies of one append that meet all succeed", store);
    let copies = (0..CALLERS).map(|_| store.append(append(shift(1, 1), 0, &[(b"d", b"row")])));
    for outcome in join_all(copies).await {
        case.same("version", case.ok("append", outcome), Version(1));
    }
    case.head_is(shift(1, 1), Some(1)).await;
}

async fn many_streams_advance_at_once<S: Store>(store: &S) {
    let case = Case::new("many streams advance at once", store);
    let each = (0..u64::from(CALLERS)).map(async |owner| {
        for version in 0..20_u8 {
            let told = case.appends(append(shift(owner, 1), version, &[(&[version], b"row")])).await;
            case.same("version", told, Version(u64::from(version) + 1));
        }
    });
    join_all(each).await;
    for owner in 0..u64::from(CALLERS) {
        case.head_is(shift(owner, 1), Some(20)).await;
        case.same("rows", case.keys(shift(owner, 1), b"", None, 99).await.len(), 20);
    }
}

async fn of_records_that_meet_exactly_one_wins<S: Store>(store: &S) {
    let case = Case::new("of records that meet exactly one wins", store);
    let put = |_| store.put_record(RecordKind::Register, b"k", None, Bytes::from_static(b"record"));
    let outcomes = join_all((0..CALLERS).map(put)).await;
    case.same("winners", outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        case.is_conflict(outcome, (None, Some(1)));
    }
}

async fn of_claims_that_meet_exactly_one_is_granted<S: Store>(store: &S) {
    let case = Case::new("of claims that meet exactly one is granted", store);
    let owners: Vec<[u8; 1]> = (0..CALLERS).map(|owner| [owner]).collect();
    let claims = join_all(owners.iter().map(|owner| store.claim("bin", "123", owner, 5, None))).await;
    let mut granted = Vec::new();
    let mut taken_by = Vec::new();
    for (claim, owner) in claims.into_iter().zip(&owners) {
        match case.ok("claim", claim) {
            Claim::Granted => granted.push(Bytes::copy_from_slice(owner)),
            Claim::Taken { owner, .. } => taken_by.push(owner),
        }
    }
    case.same("granted", granted.len(), 1);
    case.check(
        "all others are told the same owner",
        taken_by.iter().all(|owner| Some(owner) == granted.first()),
    );
}

async fn a_read_after_an_answer_sees_the_write<S: Store>(store: &S) {
    let case = Case::new("a read after an answer sees the write", store);
    let each = (0..u64::from(CALLERS)).map(async |owner| {
        for version in 0..10_u8 {
            let told = case.appends(append(shift(owner, 2), version, &[(b"last", &[version])])).await;
            case.head_is(shift(owner, 2), Some(told.0)).await;
            let row = case.ok("row", store.row(shift(owner, 2), b"last").await);
            case.same("row", row, Some(Bytes::copy_from_slice(&[version])));
        }
    });
    join_all(each).await;
}
