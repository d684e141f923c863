//! Migrations of the keyspace: first expand, and contract only when no program that needs the old is left.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use scylla::client::session::Session;
use scylla::errors::ExecutionError;
use scylla::policies::load_balancing::{
    LoadBalancingPolicy, NodeIdentifier, SingleTargetLoadBalancingPolicy,
};
use scylla::policies::retry::FallthroughRetryPolicy;
use scylla::response::query_result::QueryResult;
use scylla::serialize::row::SerializeRow;
use scylla::statement::unprepared::Statement;
use scylla::statement::{Consistency, SerialConsistency};
use tokio::time::Instant;

use crate::store::HeadFormat;

use super::options::{CqlError, CqlOptions, Replication, check_keyspace};
use super::read::all;
use super::write::applied;
use super::{connect, server};

/// One step of the schema. Steps never change once released.
struct Migration {
    version: i32,
    name: &'static str,
    /// Programs that know at least this version may use the keyspace after the step. A step that only adds leaves it
    /// as it was; one that takes something away raises it.
    oldest_program: i32,
    /// Whether the step waits until somebody says that no older program serves any more (`ofd migrate --finish`).
    waits_for_finish: bool,
    statements: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "streams and records",
        oldest_program: 1,
        waits_for_finish: false,
        statements: include_str!("schema/0001_streams_and_records.cql"),
    },
    Migration {
        version: TAGGED_HEADS,
        name: "heads with tagged parts",
        oldest_program: TAGGED_HEADS,
        waits_for_finish: true,
        statements: "",
    },
    Migration {
        version: NOTES,
        name: "notes",
        oldest_program: 1,
        waits_for_finish: false,
        statements: include_str!("schema/0003_notes.cql"),
    },
];

/// From this version on heads hold what programs that know only version 1 cannot read.
const TAGGED_HEADS: i32 = 2;

/// From this version on there is a table of notes.
const NOTES: i32 = 3;

/// The newest version this program knows.
const KNOWN: i32 = 3;

/// The version whose tables this program needs.
const NEEDED: i32 = NOTES;

/// Tables that the migrations themselves need. `IF NOT EXISTS` makes them safe to repeat.
const BASE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS {keyspace}.schema_changes (\
     version int PRIMARY KEY, name text, oldest_program int, applied_at_ms bigint)",
    "CREATE TABLE IF NOT EXISTS {keyspace}.schema_lock (name text PRIMARY KEY, holder blob)",
];

/// A migration that died is forgotten after this long.
const LOCK_SECONDS: i32 = 120;

/// Another migration is waited for this long: longer than it can hold the lock without a sign of life.
const LOCK_WITHIN: Duration = Duration::from_secs(180);

/// Changes of the schema take longer than other statements.
const CHANGE_WITHIN: Duration = Duration::from_secs(60);

/// What a migration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; `None`: there was nothing.
    pub from: Option<i32>,
    /// The version now.
    pub to: i32,
    /// The version that steps lead to which wait for [`Extent::Finish`]; `None`: none waits.
    pub waits: Option<i32>,
}

/// How far a migration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// As far as the programs of before can serve on. A keyspace that is new has none of them: it gets every step.
    Expand,
    /// All the way: no program of before serves any more, and none may from now on.
    Finish,
}

/// Creates the keyspace and its tables, or brings them to the version of this program. Safe to repeat, and to run twice
/// at once. `say` gets a line about every step.
///
/// # Errors
/// [`CqlError`]; what was done so far stays, and a repeat goes on from there.
pub async fn migrate(
    options: &CqlOptions,
    extent: Extent,
    mut say: impl FnMut(&str),
) -> Result<Migrated, CqlError> {
    check_name(&options.keyspace)?;
    let session = connect::connect(options).await?;
    let keyspace = options.keyspace.as_str();
    let changer = Changer::new(&session, keyspace);
    let server = server::detect(&session).await;
    if !changer.has_keyspace().await? {
        say(&format!("creating keyspace {keyspace} on {server}"));
        changer.change(&create_keyspace(keyspace, &options.replication, &server)).await?;
    }
    for statement in BASE {
        changer.change(statement).await?;
    }
    let lock = changer.lock(&mut say).await?;
    let migrated = changer.apply(&lock, extent, &server, &mut say).await;
    // Without it the next migration would wait until the lock runs out.
    let released = changer.unlock(&lock).await;
    let migrated = migrated?;
    released?;
    Ok(migrated)
}

/// Refuses a keyspace that this program cannot use, and tells how heads are written in it.
pub(super) async fn check(session: &Session, keyspace: &str) -> Result<HeadFormat, CqlError> {
    check_name(keyspace)?;
    let changer = Changer::new(session, keyspace);
    let unmigrated = || CqlError::Unmigrated { keyspace: keyspace.to_owned() };
    if !changer.has_changes_table().await? {
        return Err(unmigrated());
    }
    let applied = changer.applied().await?;
    let (found, oldest) = newest(&applied).ok_or_else(unmigrated)?;
    let keyspace = keyspace.to_owned();
    // A later step is no sign that an earlier one was made: some wait.
    if !applied.contains_key(&NEEDED) {
        return Err(CqlError::TooOld { keyspace, found, needed: NEEDED });
    }
    if oldest > KNOWN {
        return Err(CqlError::TooNew { keyspace, found, oldest, known: KNOWN });
    }
    Ok(head_format(&applied))
}

/// Heads stay as old programs read them for as long as one may serve.
fn head_format(applied: &BTreeMap<i32, i32>) -> HeadFormat {
    if applied.contains_key(&TAGGED_HEADS) { HeadFormat::Tagged } else { HeadFormat::First }
}

fn check_name(keyspace: &str) -> Result<(), CqlError> {
    match check_keyspace(keyspace) {
        Some(problem) => Err(CqlError::Keyspace { keyspace: keyspace.to_owned(), problem }),
        None => Ok(()),
    }
}

/// The newest version that was applied, and the oldest program that may use what came of all of them.
fn newest(applied: &BTreeMap<i32, i32>) -> Option<(i32, i32)> {
    let (newest, _) = applied.last_key_value()?;
    Some((*newest, applied.values().copied().max().unwrap_or(*newest)))
}

/// Numbers are written as they are, names of data centres in quotes.
fn create_keyspace(keyspace: &str, replication: &Replication, server: &server::Server) -> String {
    let copies = match replication {
        Replication::Everywhere(copies) => format!("'replication_factor': {copies}"),
        Replication::PerDataCentre(centres) => {
            let centre =
                |(name, copies): (&String, &u32)| format!("'{}': {copies}", name.replace('\'', "''"));
            centres.iter().map(centre).collect::<Vec<_>>().join(", ")
        }
    };
    let tablets = if server.must_do_without_tablets() { " AND tablets = {'enabled': false}" } else { "" };
    format!(
        "CREATE KEYSPACE IF NOT EXISTS {keyspace} \
         WITH replication = {{'class': 'NetworkTopologyStrategy', {copies}}}{tablets}"
    )
}

/// The statements of a file: comments go, `;` ends each.
fn statements(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split(';').map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

/// Changes the schema by way of one node: two that change it by way of different nodes at once make a table twice.
struct Changer<'a> {
    session: &'a Session,
    keyspace: &'a str,
    node: Option<Arc<dyn LoadBalancingPolicy>>,
}

impl<'a> Changer<'a> {
    fn new(session: &'a Session, keyspace: &'a str) -> Self {
        let state = session.get_cluster_state();
        // Whoever migrates at the same time finds the same node.
        let up = state.get_nodes_info().iter().filter(|node| node.is_connected());
        let first = up.min_by_key(|node| node.host_id);
        let node = first.map(|node| {
            SingleTargetLoadBalancingPolicy::new(NodeIdentifier::HostId(node.host_id), None)
                as Arc<dyn LoadBalancingPolicy>
        });
        Self { session, keyspace, node }
    }

    fn statement(&self, text: &str) -> Statement {
        let mut statement = Statement::new(text.replace("{keyspace}", self.keyspace));
        statement.set_consistency(Consistency::Quorum);
        statement.set_serial_consistency(Some(SerialConsistency::Serial));
        statement.set_request_timeout(Some(CHANGE_WITHIN));
        statement.set_retry_policy(Some(Arc::new(FallthroughRetryPolicy::new())));
        statement
    }

    async fn change(&self, text: &str) -> Result<(), CqlError> {
        let mut statement = self.statement(text);
        statement.set_load_balancing_policy(self.node.clone());
        self.send(statement, ()).await.map(|_| ())
    }

    async fn query(&self, text: &str, values: impl SerializeRow) -> Result<QueryResult, CqlError> {
        self.send(self.statement(text), values).await
    }

    async fn send(&self, statement: Statement, values: impl SerializeRow) -> Result<QueryResult, CqlError> {
        let action = statement.contents.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        let failed = |error: ExecutionError| CqlError::Statement { action, reason: error.to_string() };
        self.session.query_unpaged(statement, values).await.map_err(failed)
    }

    async fn has_keyspace(&self) -> Result<bool, CqlError> {
        let text = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
        Ok(!rows::<(String,)>(self.query_local(text, (self.keyspace,)).await?)?.is_empty())
    }

    async fn has_changes_table(&self) -> Result<bool, CqlError> {
        let text = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?";
        let found = self.query_local(text, (self.keyspace, "schema_changes")).await?;
        Ok(!rows::<(String,)>(found)?.is_empty())
    }

    /// Every node has its own system tables.
    async fn query_local(&self, text: &str, values: impl SerializeRow) -> Result<QueryResult, CqlError> {
        let mut statement = self.statement(text);
        statement.set_consistency(Consistency::One);
        self.send(statement, values).await
    }

    /// Which versions were applied, with the oldest program that may be used after each.
    async fn applied(&self) -> Result<BTreeMap<i32, i32>, CqlError> {
        let text = "SELECT version, oldest_program FROM {keyspace}.schema_changes";
        let found = self.query(text, ()).await?;
        Ok(rows::<(i32, Option<i32>)>(found)?
            .into_iter()
            .map(|(version, oldest)| (version, oldest.unwrap_or(version)))
            .collect())
    }

    async fn lock(&self, say: &mut impl FnMut(&str)) -> Result<Bytes, CqlError> {
        let mut holder = [0; 16];
        getrandom::fill(&mut holder).map_err(|error| CqlError::Statement {
            action: "drawing a name for the lock".into(),
            reason: error.to_string(),
        })?;
        let holder = Bytes::copy_from_slice(&holder);
        let text = format!(
            "INSERT INTO {{keyspace}}.schema_lock (name, holder) VALUES ('migration', ?) IF NOT EXISTS \
             USING TTL {LOCK_SECONDS}"
        );
        let begun = Instant::now();
        let mut was_told = false;
        loop {
            let taken = self.query(&text, (&holder,)).await;
            match &taken {
                Ok(result) if applied(result) == Some(true) => return Ok(holder),
                // Another one holds it, or the outcome is not known: then ours may have landed.
                Ok(_) | Err(_) if self.holds(&holder).await? => return Ok(holder),
                Ok(_) => {}
                Err(_) if begun.elapsed() < LOCK_WITHIN => {}
                Err(_) => {
                    taken?;
                }
            }
            if begun.elapsed() >= LOCK_WITHIN {
                return Err(CqlError::Statement {
                    action: format!("waiting for another migration of {}", self.keyspace),
                    reason: format!("it was not over after {LOCK_WITHIN:?}; run this again"),
                });
            }
            if !was_told {
                say("another migration is under way, waiting for it");
                was_told = true;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn holds(&self, holder: &Bytes) -> Result<bool, CqlError> {
        let mut statement =
            self.statement("SELECT holder FROM {keyspace}.schema_lock WHERE name = 'migration'");
        statement.set_consistency(Consistency::Serial);
        let found = rows::<(Option<Bytes>,)>(self.send(statement, ()).await?)?;
        Ok(found.into_iter().any(|(found,)| found.as_ref() == Some(holder)))
    }

    /// Holds on to the lock for one more step.
    async fn relock(&self, holder: &Bytes) -> Result<(), CqlError> {
        let text = format!(
            "UPDATE {{keyspace}}.schema_lock USING TTL {LOCK_SECONDS} SET holder = ? \
             WHERE name = 'migration' IF holder = ?"
        );
        let result = self.query(&text, (holder, holder)).await?;
        match applied(&result) {
            Some(true) => Ok(()),
            Some(false) | None => Err(CqlError::Statement {
                action: "holding the lock of the migration".into(),
                reason: "it ran out and another migration took it; run this again".into(),
            }),
        }
    }

    async fn unlock(&self, holder: &Bytes) -> Result<(), CqlError> {
        let text = "DELETE FROM {keyspace}.schema_lock WHERE name = 'migration' IF holder = ?";
        self.query(text, (holder,)).await.map(|_| ())
    }

    async fn apply(
        &self,
        lock: &Bytes,
        extent: Extent,
        server: &server::Server,
        say: &mut impl FnMut(&str),
    ) -> Result<Migrated, CqlError> {
        let applied = self.applied().await?;
        let from = newest(&applied).map(|(found, _)| found);
        if let Some((found, oldest)) = newest(&applied).filter(|(_, oldest)| *oldest > KNOWN) {
            let keyspace = self.keyspace.to_owned();
            return Err(CqlError::TooNew { keyspace, found, oldest, known: KNOWN });
        }
        let (steps, waiting) = steps(&applied, extent);
        for migration in &steps {
            let Migration { version, name, oldest_program, .. } = migration;
            say(&format!("schema {version}: {name}"));
            for statement in statements(migration.statements) {
                self.relock(lock).await?;
                self.change(&statement.replace("{compression}", server.compression())).await?;
            }
            let text = "INSERT INTO {keyspace}.schema_changes (version, name, oldest_program, applied_at_ms) \
                        VALUES (?, ?, ?, ?)";
            self.query(text, (*version, *name, *oldest_program, now_ms())).await?;
        }
        let made = steps.last().map_or(0, |last| last.version);
        let waits = waiting.last().map(|last| last.version);
        Ok(Migrated { from, to: from.unwrap_or(made).max(made), waits })
    }
}

/// The steps to be made, in their order, and those that wait until no older program serves. A step that waits shuts out old
/// programs and adds no table, so none that follows rests on it.
fn steps(applied: &BTreeMap<i32, i32>, extent: Extent) -> (Vec<&'static Migration>, Vec<&'static Migration>) {
    let absent = MIGRATIONS.iter().filter(|migration| !applied.contains_key(&migration.version));
    let is_new = applied.is_empty();
    absent.partition(|step| match extent {
        Extent::Expand => is_new || !step.waits_for_finish,
        Extent::Finish => true,
    })
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

fn rows<R>(result: QueryResult) -> Result<Vec<R>, CqlError>
where
    R: for<'f, 'm> scylla::deserialize::row::DeserializeRow<'f, 'm>,
{
    all(result).map_err(|failure| CqlError::Statement {
        action: "reading the schema".into(),
        reason: failure.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::server::Server;
    use super::*;

    #[test]
    fn versions_follow_each_other_and_the_last_is_the_known_one() {
        let versions: Vec<i32> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=KNOWN).collect::<Vec<_>>());
        assert!((1..=KNOWN).contains(&NEEDED));
    }

    #[test]
    fn a_file_is_cut_into_its_statements() {
        let found = statements("-- a; comment\nCREATE a (\n  -- another\n  b int\n);\n\nCREATE c;\n");
        assert_eq!(found, ["CREATE a (\n  b int\n)", "CREATE c"]);
    }

    #[test]
    fn every_statement_can_be_repeated() {
        for statement in MIGRATIONS.iter().flat_map(|migration| statements(migration.statements)) {
            assert!(
                statement.contains(" IF NOT EXISTS ") && statement.contains("{keyspace}."),
                "{statement}"
            );
        }
    }

    #[test]
    fn replication_is_by_data_centre() {
        let cassandra = Server::Cassandra("5.0.9".into());
        let text = create_keyspace("ofd", &Replication::Everywhere(3), &cassandra);
        let want = "CREATE KEYSPACE IF NOT EXISTS ofd \
                    WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 3}";
        assert_eq!(text, want);
        let centres = [("dc1".to_owned(), 3), ("dc'2".to_owned(), 2)].into_iter().collect();
        let text = create_keyspace("ofd", &Replication::PerDataCentre(centres), &cassandra);
        assert!(text.contains("'dc''2': 2, 'dc1': 3"), "{text}");
    }

    #[test]
    fn scylla_without_conditional_writes_on_tablets_does_without_tablets() {
        let text = create_keyspace("ofd", &Replication::Everywhere(3), &Server::Scylla("2025.1.4".into()));
        assert!(text.ends_with(" AND tablets = {'enabled': false}"), "{text}");
    }

    #[test]
    fn a_step_that_shuts_out_old_programs_waits_until_somebody_says_that_none_serves() {
        let versions = |steps: Vec<&Migration>| steps.iter().map(|step| step.version).collect::<Vec<_>>();
        let told = |applied: &[i32], extent| {
            let applied = applied.iter().map(|version| (*version, 1)).collect();
            let (made, waiting) = steps(&applied, extent);
            (versions(made), versions(waiting))
        };
        assert_eq!(told(&[1], Extent::Expand), (vec![3], vec![2]), "a table more shuts nobody out");
        assert_eq!(told(&[1], Extent::Finish), (vec![2, 3], vec![]));
        assert_eq!(told(&[1, 3], Extent::Expand), (vec![], vec![2]));
        assert_eq!(told(&[1, 3], Extent::Finish), (vec![2], vec![]));
        assert_eq!(told(&[1, 2], Extent::Expand), (vec![3], vec![]));
        assert_eq!(told(&[1, 2, 3], Extent::Finish), (vec![], vec![]));
        assert_eq!(told(&[], Extent::Expand), (vec![1, 2, 3], vec![]), "a new keyspace has no old programs");
    }

    #[test]
    fn heads_hold_tagged_parts_only_after_the_step_that_shuts_out_old_programs() {
        assert_eq!(head_format(&BTreeMap::from([(1, 1)])), HeadFormat::First);
        assert_eq!(head_format(&BTreeMap::from([(1, 1), (2, 2)])), HeadFormat::Tagged);
        let tagged = MIGRATIONS.iter().find(|step| step.version == TAGGED_HEADS).expect("the step");
        assert_eq!(tagged.oldest_program, TAGGED_HEADS);
    }

    #[test]
    fn a_step_that_waits_adds_no_table_that_a_later_step_could_rest_on() {
        for step in MIGRATIONS.iter().filter(|step| step.waits_for_finish) {
            assert_eq!(step.statements, "", "step {}", step.version);
        }
    }

    #[test]
    fn an_old_program_may_use_what_was_only_added_to() {
        assert_eq!(newest(&BTreeMap::from([(1, 1), (2, 1)])), Some((2, 1)));
        assert_eq!(newest(&BTreeMap::from([(1, 1), (2, 1), (3, 3)])), Some((3, 3)));
        assert_eq!(newest(&BTreeMap::new()), None);
    }
}
