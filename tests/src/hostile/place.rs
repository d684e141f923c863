//! What is attacked: a server of its own in a folder of its own, with a fleet, a company and its owner.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ofd_loadtest::Identity;
use ofd_protocol::types::RegisterId;
use ofd_stand::{Key, Pki, Switches, serve, system_clock};
use tokio::net::TcpListener;

use super::cage::Cage;
use super::visitor::Visitor;
use crate::http;
use crate::process::{Ports, Server, Setup, free_ports, local};

/// Registers of the fleet; most of them never sell, and strangers guess at their tokens.
const REGISTERS: u32 = 400;

/// The keys of people are the same in every run.
const SEED: [u8; 32] = [11; 32];

/// The key of who brings the company and has a password.
const OWNER: &str = "head";

/// The owner's password.
pub const PASSWORD: &str = "Qwerty123";

/// The balancer before the site.
pub const BALANCER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 5));

/// Where the owner's browser is.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 8, 1));

/// Caps a tenth of the usual ones, in their proportion: so strangers reach them within the files that a process may open.
const LIMITS: &str = "connections_max = 5000\nconnections_per_address_max = 2000";

/// A server that does not answer after so long will not.
const UP_WITHIN: Duration = Duration::from_secs(30);

/// What is attacked.
pub struct Place {
    /// Config, fleet and store.
    pub setup: Setup,
    program: PathBuf,
    pki: Arc<Pki>,
    /// The owner's browser, in which he or she has been signed in by password.
    owner: Option<Visitor>,
}

/// What an attacker knows of the place.
#[derive(Clone)]
pub struct Target {
    /// The ports that it listens on.
    pub ports: Ports,
    /// Its registers: who sells first, the others behind.
    pub registers: Arc<Vec<Identity>>,
    /// The people's keys.
    pub pki: Arc<Pki>,
    /// The owner's browser.
    pub owner: Visitor,
}

impl Target {
    /// Where wired registers connect.
    pub fn plain(&self) -> SocketAddr {
        local(self.ports.plain)
    }

    /// Where the site is.
    pub fn site(&self) -> SocketAddr {
        local(self.ports.site)
    }

    /// The ids of registers that never sell.
    pub fn idle_ids(&self) -> Vec<RegisterId> {
        self.registers.iter().skip(super::honest::REGISTERS).map(|register| register.id).collect()
    }

    /// The owner's key.
    pub fn owner_key(&self) -> io::Result<&Key> {
        self.pki.key(OWNER).ok_or_else(|| io::Error::other("the stand has no such key"))
    }
}

impl Place {
    /// Prepares a folder for a program; nothing runs yet but the authority that says whether the owner's key holds.
    ///
    /// # Errors
    /// When the folder or the port cannot be had.
    pub async fn prepare(program: &Path) -> io::Result<Self> {
        Self::prepare_with(program, |_| Setup::new(REGISTERS).limits(LIMITS)).await
    }

    /// The same for another fleet, which may know the number of the owner's organisation.
    ///
    /// # Errors
    /// As [`Place::prepare`].
    pub async fn prepare_with(program: &Path, setup: impl FnOnce(&str) -> Setup) -> io::Result<Self> {
        let program = program.canonicalize()?;
        let clock = system_clock();
        let pki = Arc::new(Pki::new(SEED, clock()));
        let revocation = local(free_ports(1));
        let mut setup = setup(pki.key(OWNER).and_then(Key::bin).unwrap_or_default());
        setup.site = format!("trusted_proxies = [\"{BALANCER}\"]\n");
        setup.extra.push_str(&format!(
            "\n[site.signatures]\ntrust = \"trust\"\nocsp = [\"http://{revocation}/ocsp\"]\n\n[site.mail]\nkind = \"sink\"\n"
        ));
        setup.write();
        pki.write_trust(&setup.path("trust"))?;
        let listener = TcpListener::bind(revocation).await?;
        let switches = Arc::new(Switches::default());
        tokio::spawn(serve(listener, Arc::clone(&pki), switches, clock, std::future::pending::<()>()));
        Ok(Self { setup, program, pki, owner: None })
    }

    /// Starts the server, in the cage where there is one, and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start(&self, cage: Option<&Cage>, files: Option<u32>) -> io::Result<Server> {
        let mut script = String::from("set -e\n");
        if let Some(cage) = cage {
            script.push_str(&format!("echo $$ > {}\n", cage.door().display()));
        }
        if let Some(files) = files {
            script.push_str(&format!("ulimit -n {files}\n"));
        }
        script.push_str("exec \"$@\"\n");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").arg(&self.program).arg("serve").arg("--config");
        command.arg(self.setup.config());
        let mut server = self.setup.spawn(command);
        let since = Instant::now();
        loop {
            if !server.is_running() {
                return Err(io::Error::other(format!("the server does not start:\n{}", server.log())));
            }
            // Not /readyz: a server that lacks something says so there, and is attacked all the same.
            let health = http::get(local(self.setup.ports.metrics), "/healthz").await;
            let site = http::get(local(self.setup.ports.site), "/healthz").await;
            if health.is_ok_and(|health| health.status == 200) && site.is_ok_and(|site| site.status == 200) {
                return Ok(server);
            }
            if since.elapsed() > UP_WITHIN {
                return Err(io::Error::other(format!("the server does not answer:\n{}", server.log())));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The owner signs up with the company, and signs in by password once: this browser is known from then on.
    ///
    /// # Errors
    /// What did not go as it should.
    pub async fn settle(&mut self) -> io::Result<()> {
        let key = self.pki.key(OWNER).ok_or_else(|| io::Error::other("the stand has no such key"))?;
        let iin = key.iin().unwrap_or_default().to_owned();
        let mut owner = Visitor::new(local(self.setup.ports.site), HOME);
        let answer = told("the signature", owner.sign_in(key).await?, 303)?;
        let sign_up = answer.header("location").unwrap_or_default().to_owned();
        told("the page of signing up", owner.open(&sign_up).await?, 200)?;
        let account = [("email", "owner@example.kz"), ("password", PASSWORD), ("repeat", PASSWORD)];
        let account = [&account[..], &[("agree", "yes")]].concat();
        let answer = told("signing up", owner.submit("/sign-up", &account).await?, 303)?;
        let company = answer.header("location").unwrap_or_default().to_owned();
        told("the page of the company", owner.open(&company).await?, 200)?;
        let fields = [
            ("legal_settlement", "710000000"),
            ("legal_street", "ул. Абая, 1"),
            ("same_address", "yes"),
            ("company_email", "info@example.kz"),
            ("company_phone", "+7 7172 123-456"),
            ("oked", "47111"),
            ("position", "Директор"),
        ];
        told("the company", owner.submit("/sign-up/company", &fields).await?, 303)?;
        told("the cabinet", owner.open("/account").await?, 200)?;
        told("signing out", owner.submit("/sign-out", &[]).await?, 303)?;
        told("signing in by password", owner.sign_in_with(&iin, PASSWORD).await?, 303)?;
        told("the cabinet", owner.open("/account").await?, 200)?;
        told("signing out", owner.submit("/sign-out", &[]).await?, 303)?;
        self.owner = Some(owner);
        Ok(())
    }

    /// The owner's browser, signed in.
    ///
    /// # Errors
    /// Before [`Place::settle`], and when signing in does not go as it should.
    pub async fn signed_in(&self) -> io::Result<Visitor> {
        let mut owner = self.owner.clone().ok_or_else(|| io::Error::other("the owner has not signed up"))?;
        let key = self.pki.key(OWNER).ok_or_else(|| io::Error::other("the stand has no such key"))?;
        told("signing in", owner.sign_in_with(key.iin().unwrap_or_default(), PASSWORD).await?, 303)?;
        Ok(owner)
    }

    /// What attackers get to know.
    ///
    /// # Errors
    /// Before [`Place::settle`].
    pub fn target(&self) -> io::Result<Target> {
        let owner = self.owner.clone().ok_or_else(|| io::Error::other("the owner has not signed up"))?;
        let registers = Arc::new(self.setup.fleet.registers().collect());
        Ok(Target { ports: self.setup.ports, registers, pki: Arc::clone(&self.pki), owner })
    }
}

/// The same answer when it has this status.
fn told(what: &str, answer: http::Response, status: u16) -> io::Result<http::Response> {
    if answer.status == status {
        return Ok(answer);
    }
    Err(io::Error::other(format!("{what} was answered {}, not {status}: {}", answer.status, answer.text())))
}
