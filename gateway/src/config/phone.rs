//! Apps that sign on a phone.

use ofd_admin_web::AppLinks;
use serde::Deserialize;

use super::problems::Problems;

/// How the apps are opened that sign on a phone: links in which `{link}` stands for what is signed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneApps {
    /// eGov Mobile, which holds keys of people.
    pub mobile: String,
    /// eGov Business, which holds keys of organisations.
    pub business: String,
    /// Whether an emulated app on this machine signs, as in the demo.
    pub emulated: bool,
}

impl Default for PhoneApps {
    fn default() -> Self {
        let AppLinks { mobile, business, is_emulated: emulated } = AppLinks::default();
        Self { mobile, business, emulated }
    }
}

impl PhoneApps {
    /// As the site takes it.
    pub fn to_site(&self) -> AppLinks {
        let Self { mobile, business, emulated } = self.clone();
        AppLinks { mobile, business, is_emulated: emulated }
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        for (key, pattern) in [("mobile", &self.mobile), ("business", &self.business)] {
            if let Err(error) = AppLinks::check(pattern) {
                problems.add(format!("site.phone_apps.{key}"), error.to_string());
            }
        }
    }
}
