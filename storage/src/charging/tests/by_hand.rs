//! Runs that people make: looked at, posted, taken back, each as a whole and once.

use super::super::by_hand::{
    HandRun, HandStep, RunRefused, Stage, begin_hand_run, bring_hand_run, hand_run, hand_runs, hand_step,
};
use super::*;

const OTHER: &str = "020202500123";

fn at(today: &str) -> Clock {
    clock(today)
}

/// Makes steps until none waits.
async fn goes_on(store: &impl Store, today: &str) -> HandRun {
    while hand_step(store, at(today), draw, &stamp).await.unwrap() == HandStep::More {}
    hand_runs(store).await.unwrap().remove(0)
}

#[test]
fn a_month_is_looked_at_posted_by_a_persons_word_and_taken_back_as_a_whole() {
    let store = operator();
    block_on(async {
        organisation(&store, OTHER).await;
        register(&store, 7, "2026-03-01").await;
        sells(&store, 7, clock("2026-03-11").now).await;
        let march = day("2026-03-01").month();
        let run = begin_hand_run(&store, march, at("2026-04-02"), "АЙГҮЛ").await.unwrap();
        let again = begin_hand_run(&store, march, at("2026-04-02"), "АЙГҮЛ").await.unwrap();
        assert_eq!((run.name(), again), ("2026-03.1".to_owned(), run.clone()), "a second click");
        let id = (march, 1);
        let early = bring_hand_run(&store, id, Stage::Posting, (1, "АЙГҮЛ")).await;
        assert!(matches!(early, Err(RunRefused::Stage)), "nothing is posted that nobody looked at");

        let seen = goes_on(&store, "2026-04-02").await;
        let (preview, sum) = (&seen.preview, 101_613);
        assert_eq!((seen.stage, preview.organisations, preview.changed), (Stage::Previewed, 2, 1));
        assert_eq!((preview.before.get(), preview.after.get()), (0, sum), "21 days of 31 of 1500");
        assert_eq!(has(&store, "2026-04-01").await, 0, "a look posts nothing");

        for _ in 0..2 {
            bring_hand_run(&store, id, Stage::Posting, (2, "АЙГҮЛ")).await.unwrap();
        }
        // It is posted later, and no day more than was looked at.
        let posted = goes_on(&store, "2026-04-20").await;
        assert_eq!((posted.stage, posted.done.after.get()), (Stage::Posted, sum));
        assert_eq!(has(&store, "2026-04-01").await, -sum);

        bring_hand_run(&store, id, Stage::TakingBack, (3, "АЙГҮЛ")).await.unwrap();
        let back = goes_on(&store, "2026-04-20").await;
        assert_eq!((back.stage, back.done.before.get(), back.done.after.get()), (Stage::TakenBack, sum, 0));
        assert_eq!(has(&store, "2026-04-01").await, 0);
        let words: Vec<Stage> = back.said.iter().map(|said| said.stage).collect();
        assert_eq!(words, [Stage::Previewing, Stage::Posting, Stage::TakingBack]);
    });
    is_balanced(&store);
}

#[test]
fn the_month_that_is_goes_as_far_as_its_days_are_over_and_one_to_come_not_at_all() {
    let store = operator();
    block_on(async {
        register(&store, 7, "2026-03-01").await;
        sells(&store, 7, clock("2026-03-11").now).await;
        let month = |text| day(text).month();
        let early = begin_hand_run(&store, month("2026-04-01"), at("2026-03-20"), "А").await;
        assert!(matches!(early, Err(RunRefused::NotOver(_))));
        let run = begin_hand_run(&store, month("2026-03-01"), at("2026-03-20"), "А").await.unwrap();
        assert_eq!(run.up_to, day("2026-03-19"));
        // Whoever makes its steps days later counts what was over when it was begun.
        let seen = goes_on(&store, "2026-03-25").await;
        assert_eq!(seen.preview.after.get(), 43_548, "9 days of 31");
        bring_hand_run(&store, (seen.month, 1), Stage::GivenUp, (2, "А")).await.unwrap();
        let next = begin_hand_run(&store, seen.month, at("2026-03-26"), "А").await.unwrap();
        assert_eq!((next.number, next.up_to), (2, day("2026-03-25")));
        assert_eq!(hand_run(&store, (seen.month, 1)).await.unwrap().unwrap().1.stage, Stage::GivenUp);
        let newest = hand_runs(&store).await.unwrap();
        assert_eq!(newest.iter().map(HandRun::name).collect::<Vec<_>>(), ["2026-03.2", "2026-03.1"]);
    });
}
