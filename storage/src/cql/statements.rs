//! Every statement of the store, prepared.

use scylla::client::session::Session;
use scylla::errors::PrepareError;
use scylla::statement::Consistency;
use scylla::statement::prepared::PreparedStatement;

use super::options::ReadConsistency;
use crate::store::RecordKind;

/// An append of at most so many rows is one prepared text, so that ScyllaDB sees a conditional statement and sends it to
/// the partition's first replica. A receipt with all that leads to it has three rows.
const ROWS_IN_TEXT_MAX: usize = 8;

pub(super) struct Statements {
    /// By the number of rows.
    pub(super) appends: Vec<PreparedStatement>,
    pub(super) write_head: PreparedStatement,
    pub(super) write_row: PreparedStatement,
    pub(super) write_record: PreparedStatement,
    pub(super) add_owner: PreparedStatement,
    pub(super) add_ordinal: PreparedStatement,
    pub(super) add_group: PreparedStatement,
    pub(super) head: PreparedStatement,
    pub(super) has_head: PreparedStatement,
    pub(super) row: Fallback,
    pub(super) rows: PreparedStatement,
    pub(super) record: Fallback,
    pub(super) record_serial: PreparedStatement,
    records: PreparedStatement,
    records_of_all: PreparedStatement,
    pub(super) owners: PreparedStatement,
    pub(super) ordinals: PreparedStatement,
    pub(super) groups: PreparedStatement,
    pub(super) write_note: PreparedStatement,
    pub(super) note: PreparedStatement,
    pub(super) notes: PreparedStatement,
}

/// A read of one row at the configured consistency, and once more at a quorum of all when nothing is found there.
pub(super) struct Fallback {
    pub(super) first: PreparedStatement,
    pub(super) on_miss: Option<PreparedStatement>,
}

const WRITE_HEAD: &str = "UPDATE {ks}.streams SET version = ?, stamp = ?, head = ? WHERE kind = ? AND owner = ? AND ordinal = ? IF version = ?";
const WRITE_ROW: &str = "INSERT INTO {ks}.streams (kind, owner, ordinal, key, value) VALUES (?, ?, ?, ?, ?)";
const WRITE_RECORD: &str = "UPDATE {ks}.records SET version = ?, stamp = ?, content = ? WHERE kind = ? AND group_key = ? AND key = ? IF version = ?";
const ADD_OWNER: &str = "INSERT INTO {ks}.stream_owners (kind, shard, owner) VALUES (?, ?, ?)";
const ADD_ORDINAL: &str = "INSERT INTO {ks}.stream_ordinals (kind, owner, ordinal) VALUES (?, ?, ?)";
const ADD_GROUP: &str = "INSERT INTO {ks}.record_groups (kind, shard, group_key) VALUES (?, ?, ?)";
const HEAD: &str =
    "SELECT version, stamp, head FROM {ks}.streams WHERE kind = ? AND owner = ? AND ordinal = ? LIMIT 1";
const HAS_HEAD: &str =
    "SELECT version FROM {ks}.streams WHERE kind = ? AND owner = ? AND ordinal = ? LIMIT 1";
const ROW: &str = "SELECT value FROM {ks}.streams WHERE kind = ? AND owner = ? AND ordinal = ? AND key = ?";
const ROWS: &str = "SELECT key, value FROM {ks}.streams \
    WHERE kind = ? AND owner = ? AND ordinal = ? AND key >= ? AND key < ? LIMIT ?";
const RECORD: &str =
    "SELECT version, stamp, content FROM {ks}.records WHERE kind = ? AND group_key = ? AND key = ?";
const RECORDS: &str = "SELECT key, version, content FROM {ks}.records \
    WHERE kind = ? AND group_key = ? AND key >= ? AND key < ? LIMIT ?";
const OWNERS: &str =
    "SELECT owner FROM {ks}.stream_owners WHERE kind = ? AND shard = ? AND owner >= ? AND owner <= ? LIMIT ?";
const ORDINALS: &str =
    "SELECT ordinal FROM {ks}.stream_ordinals WHERE kind = ? AND owner = ? AND ordinal > ? LIMIT ?";
const GROUPS: &str = "SELECT group_key FROM {ks}.record_groups \
    WHERE kind = ? AND shard = ? AND group_key >= ? AND group_key < ? LIMIT ?";

const WRITE_NOTE: &str = "INSERT INTO {ks}.notes (kind, group_key, key, content) VALUES (?, ?, ?, ?) \
    USING TIMESTAMP ? AND TTL ?";
const NOTE: &str = "SELECT content FROM {ks}.notes WHERE kind = ? AND group_key = ? AND key = ?";
const NOTES: &str = "SELECT key, content FROM {ks}.notes \
    WHERE kind = ? AND group_key = ? AND key >= ? AND key < ? LIMIT ?";

impl Statements {
    pub(super) async fn prepare(
        session: &Session,
        keyspace: &str,
        reads: ReadConsistency,
    ) -> Result<Self, PrepareError> {
        let of = Preparer { session, keyspace };
        let mut appends = Vec::with_capacity(ROWS_IN_TEXT_MAX);
        for rows in 0..=ROWS_IN_TEXT_MAX {
            appends.push(of.prepare(&append_text(rows), Consistency::Quorum, false).await?);
        }
        Ok(Self {
            appends,
            write_head: of.conditional(WRITE_HEAD).await?,
            write_row: of.conditional(WRITE_ROW).await?,
            write_record: of.conditional(WRITE_RECORD).await?,
            add_owner: of.repeatable(ADD_OWNER, Consistency::Quorum).await?,
            add_ordinal: of.repeatable(ADD_ORDINAL, Consistency::Quorum).await?,
            add_group: of.repeatable(ADD_GROUP, Consistency::Quorum).await?,
            head: of.repeatable(HEAD, Consistency::Serial).await?,
            has_head: of.repeatable(HAS_HEAD, consistency(reads)).await?,
            row: of.fallback(ROW, reads).await?,
            rows: of.repeatable(ROWS, consistency(reads)).await?,
            record: of.fallback(RECORD, reads).await?,
            record_serial: of.repeatable(RECORD, Consistency::Serial).await?,
            records: of.repeatable(RECORDS, consistency(reads)).await?,
            records_of_all: of.repeatable(RECORDS, Consistency::Quorum).await?,
            owners: of.repeatable(OWNERS, consistency(reads)).await?,
            ordinals: of.repeatable(ORDINALS, consistency(reads)).await?,
            groups: of.repeatable(GROUPS, consistency(reads)).await?,
            write_note: of.repeatable(WRITE_NOTE, Consistency::Quorum).await?,
            // Notes are written over, and nothing else tells a later one from an earlier: so no local quorum will do.
            note: of.repeatable(NOTE, Consistency::Quorum).await?,
            notes: of.repeatable(NOTES, Consistency::Quorum).await?,
        })
    }

    /// Lists records of a kind.
    pub(super) fn records(&self, kind: RecordKind) -> &PreparedStatement {
        if decides(kind) { &self.records_of_all } else { &self.records }
    }
}

/// Whether documents are decided by lists of this kind. By the summaries of shifts it is known where an offline receipt
/// may be stored already: with one of them missed it would be stored twice, so no local quorum will do.
fn decides(kind: RecordKind) -> bool {
    match kind {
        RecordKind::ShiftSummary => true,
        RecordKind::Store
        | RecordKind::Organisation
        | RecordKind::TradePoint
        | RecordKind::Register
        | RecordKind::FnsKkmIdHistory
        | RecordKind::Name
        | RecordKind::BankApplication
        | RecordKind::Bank
        | RecordKind::RegisterModel
        | RecordKind::TitleWord
        | RecordKind::Lease
        | RecordKind::RegisterOfOrganisation
        | RecordKind::TradePointOfOrganisation
        | RecordKind::RegisterOfSerial
        | RecordKind::PersonalAccount
        | RecordKind::Payment
        | RecordKind::Plan
        | RecordKind::ChargingRun
        | RecordKind::ServiceOfOrganisation
        | RecordKind::ChargeOwed
        | RecordKind::PerhapsKnown
        | RecordKind::InvoiceOfOrganisation
        | RecordKind::InvoiceOfMonth
        | RecordKind::Standing
        | RecordKind::StoppedOrganisation
        | RecordKind::PaymentKey
        | RecordKind::CallAnswer
        | RecordKind::PaymentOfMonth => false,
    }
}

fn consistency(reads: ReadConsistency) -> Consistency {
    match reads {
        ReadConsistency::LocalQuorum => Consistency::LocalQuorum,
        ReadConsistency::Quorum => Consistency::Quorum,
    }
}

struct Preparer<'a> {
    session: &'a Session,
    keyspace: &'a str,
}

impl Preparer<'_> {
    async fn prepare(
        &self,
        text: &str,
        consistency: Consistency,
        is_idempotent: bool,
    ) -> Result<PreparedStatement, PrepareError> {
        let mut statement = self.session.prepare(text.replace("{ks}", self.keyspace)).await?;
        statement.set_consistency(consistency);
        statement.set_is_idempotent(is_idempotent);
        Ok(statement)
    }

    async fn conditional(&self, text: &str) -> Result<PreparedStatement, PrepareError> {
        self.prepare(text, Consistency::Quorum, false).await
    }

    async fn repeatable(&self, text: &str, at: Consistency) -> Result<PreparedStatement, PrepareError> {
        self.prepare(text, at, true).await
    }

    async fn fallback(&self, text: &str, reads: ReadConsistency) -> Result<Fallback, PrepareError> {
        // Also with one data centre: a second one may be added while this process runs.
        let may_miss = reads == ReadConsistency::LocalQuorum;
        let on_miss = if may_miss { Some(self.repeatable(text, Consistency::Quorum).await?) } else { None };
        Ok(Fallback { first: self.repeatable(text, consistency(reads)).await?, on_miss })
    }
}

fn append_text(rows: usize) -> String {
    let mut text = format!("BEGIN BATCH {WRITE_HEAD};");
    for _ in 0..rows {
        text.push(' ');
        text.push_str(WRITE_ROW);
        text.push(';');
    }
    text.push_str(" APPLY BATCH");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_append_is_one_text() {
        let text = append_text(2);
        assert!(text.starts_with("BEGIN BATCH UPDATE {ks}.streams"), "{text}");
        assert_eq!(text.matches("INSERT INTO {ks}.streams").count(), 2, "{text}");
        assert!(text.ends_with("; APPLY BATCH"), "{text}");
    }

    #[test]
    fn where_an_offline_receipt_may_be_is_read_so_that_no_write_is_missed() {
        assert!(decides(RecordKind::ShiftSummary));
        assert!(!decides(RecordKind::FnsKkmIdHistory) && !decides(RecordKind::Organisation));
    }
}
