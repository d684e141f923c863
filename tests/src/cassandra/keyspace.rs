//! A folder whose store is a keyspace of a cluster; a second folder of the same keyspace is a second gateway.

use std::fs;

use super::Cluster;
use crate::process::{Ended, Setup};

impl Setup {
    /// Puts the store into a keyspace, which [`Setup::migrate`] creates.
    #[must_use]
    pub fn in_keyspace(mut self, cluster: &Cluster, keyspace: &str) -> Self {
        let (nodes, copies) = (cluster.nodes(), cluster.replication());
        let access = cluster.credentials().map(|(user, password)| {
            fs::write(self.path("password"), format!("{password}\n")).expect("the password is written");
            format!("user = \"{user}\"\npassword_file = \"password\"\n")
        });
        let tls = cluster.certificate().map(|path| format!("tls = {{ ca = {path:?} }}\n"));
        let (access, tls) = (access.unwrap_or_default(), tls.unwrap_or_default());
        self.cluster = Some(format!(
            "kind = \"cql\"\nnodes = {nodes:?}\nkeyspace = \"{keyspace}\"\nreplication = {copies}\n{access}{tls}"
        ));
        self.write();
        self
    }

    /// `ofd migrate`, which must succeed.
    pub async fn migrate(&self) -> Ended {
        let ended = self.run(&["migrate", "--config", "ofd.toml"]).await;
        ended.expect_success();
        ended
    }
}
