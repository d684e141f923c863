//! Z reports among the papers of an organisation: those of the shifts that its registers closed within a year.

use ofd_office::documents::{Cursor, DocumentQuery, ShiftOfRegister, shifts};
use ofd_protocol::register::{Day, Telling};

use crate::cabinet::Failure;
use crate::cabinet::list::Piece;
use crate::site::Site;

/// The latest first. How much is read for a page the list of shifts bounds, of which these are the closed ones.
pub(super) async fn reports(
    site: &Site,
    bin: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Piece<ShiftOfRegister>, Failure> {
    let (now, zone_offset_seconds) = (site.office.now(), site.config.zone_offset_seconds);
    let query = DocumentQuery::lately(Day::of(now.wall(zone_offset_seconds)));
    let telling = Telling { now, zone_offset_seconds };
    let after = after.and_then(Cursor::read);
    let found = shifts(&site.office.store, bin, &query, after, limit, telling).await?;
    let rows = found.shifts.into_iter().filter(|shift| !shift.line.is_open).collect();
    Ok(Piece { rows, next: found.next.map(|next| next.text()) })
}
