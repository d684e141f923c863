//! The tool that attacks a release (`scripts/hostile`), shortly and on the binary of the tests: that it measures.

use ofd_tests::hostile::attacks::Attack;
use ofd_tests::hostile::{crew, measure, table};
use ofd_tests::process::binary;
use tokio::runtime::Runtime;

#[test]
fn the_tool_of_hostile_peers_measures_sales_memory_visits_and_what_attackers_see() {
    let mut attacks = Attack::all();
    attacks.retain(|attack| ["quiet", "lock-out"].contains(&attack.name));
    for attack in &mut attacks {
        // Time enough for six passwords on a machine that builds something else.
        attack.seconds = if attack.name == "lock-out" { 20 } else { 4 };
    }
    let (crew, runtime) = (crew().unwrap(), Runtime::new().unwrap());
    let measured = runtime.block_on(measure(&binary(), &attacks, crew.handle())).unwrap();
    crew.shutdown_background();
    assert_eq!(measured.rows.len(), 2);
    for row in &measured.rows {
        assert!(row.sold > 0 && row.p99_ms >= row.p50_ms && row.p50_ms > 0.0, "{row:?}");
        assert!(row.quiet_p99_ms > 0.0 && row.peak_bytes > 5_000_000 && row.end.is_none(), "{row:?}");
        assert!(row.sign_in.asked > 0 && row.health.asked > 0, "{row:?}");
    }
    let tally = &measured.rows[1].tally;
    assert!(tally.contains("strangers answered"), "{tally}");
    assert!(tally.contains("the owner by password on a known device: 1"), "{tally}");
    let table = table::table(None, &measured);
    assert_eq!(table.lines().count(), 4, "{table}");
}
