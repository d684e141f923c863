//! What papers are made of beside the company.

use ofd_office::papers::Around;

use crate::site::Site;

/// What of a site stands on papers.
pub(crate) fn around(site: &Site) -> Around {
    Around {
        operator: site.config.imprint.clone(),
        check_url: format!("{}/signature", site.config.public_url),
        zone_offset_seconds: site.config.zone_offset_seconds,
    }
}
