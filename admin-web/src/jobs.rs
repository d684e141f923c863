//! What the site does beside answering, as long as it runs.

use std::sync::Arc;

use crate::money::keep_standing;
use crate::site::Site;

/// Asks again about signatures under papers of which something could not be found out, and goes on with registrations of
/// registers, and looks at who owes what, until `shutdown` is done.
pub async fn recheck_papers(site: Arc<Site>, shutdown: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown => {}
        () = ofd_office::papers::keep_rechecking(&site.office) => {}
        () = ofd_office::registrations::keep_going(&site.office) => {}
        () = ofd_office::registrations::keep_exchanging(&site.office) => {}
        () = keep_standing(Arc::clone(&site)) => {}
    }
}
