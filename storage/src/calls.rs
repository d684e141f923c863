//! The calls of a store, as a list for whoever passes them on.

/// Hands every call of [`Store`](crate::store::Store) that may fail to a macro: those that read, the one that appends, which
/// some treat apart, and those that write otherwise, each with its arguments and what it returns. Stores over other stores
/// make their methods of it: a new call of the contract is one line here for all of them, beside the contract itself, the
/// backends, and what boxes or delays each call.
///
/// The types are those of [`crate::store`], which whoever uses the list has to import.
#[macro_export]
macro_rules! every_call {
    ($pass_on:ident) => {
        $pass_on! {
            reads {
                head(stream: StreamId) -> Option<Head>;
                row(stream: StreamId, key: &[u8]) -> Option<Bytes>;
                rows(stream: StreamId, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Row>;
                streams(kind: StreamKind, after: Option<StreamId>, limit: usize) -> Vec<StreamId>;
                record(kind: RecordKind, key: &[u8]) -> Option<Record>;
                records(kind: RecordKind, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Record>;
                noted(kind: NoteKind, key: &[u8], now_ms: u64) -> Option<Note>;
                notes(
                    kind: NoteKind, prefix: &[u8], after: Option<&[u8]>, limit: usize, now_ms: u64
                ) -> Vec<Note>;
            }
            appends {
                append(append: Append) -> Version;
            }
            writes {
                put_record(kind: RecordKind, key: &[u8], expected: Option<Version>, bytes: Bytes) -> Version;
                claim(
                    family: &str, name: &str, owner: &[u8], now_ms: u64, take_over_from: Option<&[u8]>
                ) -> Claim;
                note(note: Note) -> ();
            }
        }
    };
}
