//! How the pages of this family change a company, and its parts as the editor takes them.

use ofd_storage::accounts::Company;
use ofd_storage::store::StreamId;

use super::differences::differences;
use crate::cabinet::editor::Owner;
use crate::cabinet::{Ask, Failure, change_company, entry};
use crate::part::{Changed, PartRefusal, Whole};
use crate::site::Site;

impl Whole for Company {
    fn take_id(&mut self) -> u32 {
        Company::take_id(self)
    }
}

impl Owner for Company {
    const HOME: &'static str = "menu-company";

    fn of(ask: &Ask) -> Result<&Self, Failure> {
        Ok(&ask.acting().ok_or(Failure::NotFound)?.company.state)
    }

    fn home(ask: &Ask) -> String {
        format!("/c/{}", ask.bin())
    }

    fn stream(ask: &Ask) -> Result<StreamId, Failure> {
        Self::stream_of(ask.bin()).ok_or(Failure::NotFound)
    }

    async fn change(
        site: &Site,
        ask: &Ask,
        rule: impl Fn(&Self) -> Changed<Self> + Send + Sync,
    ) -> Result<(Self, Result<(), PartRefusal>), Failure> {
        let (kept, outcome) = change_company(site, ask.bin(), |company| {
            Ok(match rule(company) {
                Ok(None) => (None, Ok(())),
                Ok(Some(changed)) => {
                    let rows = differences(company, &changed)
                        .into_iter()
                        .map(|difference| {
                            entry(ask, difference.action, difference.subject, difference.changes)
                        })
                        .collect();
                    (Some((changed, rows)), Ok(()))
                }
                Err(refusal) => (None, Err(refusal)),
            })
        })
        .await?;
        Ok((kept.state, outcome))
    }
}
