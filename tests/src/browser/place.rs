//! An operator with everything that people meet: the real binary, a test PKI, an NCALayer, letters.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ofd_loadtest::Identity;
use ofd_stand::ncalayer::{Emulator, Handle};
use ofd_stand::{Key, Pki, Stamping, Switches, serve, system_clock};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Driver, Findings, Size, Texts, Window};
use crate::device::{Device, Way};
use crate::process::{Server, Setup, free_ports, local, within};

/// The keys are the same in every test.
const SEED: [u8; 32] = [7; 32];

/// Whose certificate makes the operator's first administrator.
const ADMINISTRATOR: &str = "staff";

/// What simulated registers speak.
const TILL_VERSION: u16 = 203;

/// The language in which every flow is walked, and pages are looked at in full.
const IN_FULL: &str = "ru";

/// A flow that takes longer hangs.
const FLOW_SECONDS: u64 = 300;

/// Everything that a flow of pages needs.
pub struct Place {
    /// The site's texts in the language of the flow.
    pub texts: Arc<Texts>,
    /// What the person at NCALayer does.
    pub person: Handle,
    /// What goes wrong with the PKI's services.
    pub services: Arc<Switches>,
    /// The size of windows.
    pub size: Size,
    /// Windows look at pages lightly, since the same flow looks at them in full in another language: with one picture, and
    /// without the rules that no language changes.
    is_light: bool,
    /// The window of the first person, which opens while the server starts.
    first: Mutex<Option<Window>>,
    pki: Arc<Pki>,
    ncalayer: SocketAddr,
    emulator: Emulator,
    serving: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    findings: Findings,
    driver: Driver,
    server: Server,
    setup: Setup,
}

impl Place {
    async fn start(language: &'static str, size: Size, prepare: impl FnOnce(&Pki, &mut Setup)) -> Self {
        let clock = system_clock();
        let pki = Arc::new(Pki::new(SEED, clock()));
        let base = free_ports(2);
        let (ncalayer, revocation) = (local(base), local(base + 1));
        let administrator = pki.key(ADMINISTRATOR).and_then(Key::iin).unwrap_or_default();
        let mut setup = Setup::new(1);
        setup.site = format!("ncalayer = \"ws://{ncalayer}/\"\nadministrators = [\"{administrator}\"]\n");
        setup.extra = format!(
            "[site.signatures]\ntrust = \"trust\"\nocsp = [\"http://{revocation}/ocsp\"]\ntsa = [\"http://{revocation}/tsp\"]\n\n[site.mail]\nkind = \"sink\"\n"
        );
        prepare(&pki, &mut setup);
        setup.write();
        pki.write_trust(&setup.path("trust")).expect("the trust directory is written");
        let services = Arc::new(Switches::default());
        let listener = TcpListener::bind(revocation).await.expect("the port of the PKI is free");
        let serving = serve(
            listener,
            Arc::clone(&pki),
            Arc::clone(&services),
            Arc::clone(&clock),
            std::future::pending::<()>(),
        );
        tokio::spawn(serving);
        let (emulator, person) = Emulator::new(Arc::clone(&pki), clock);
        let (texts, findings) = (Arc::new(Texts::of(language)), Findings::default());
        let is_light = language != IN_FULL;
        let site = format!("http://{}", local(setup.ports.site));
        // A browser takes as long to start as the server does.
        let browser = async {
            let driver = Driver::start().await;
            let window = Window::open(&driver, &site, Arc::clone(&texts), size, Arc::clone(&findings)).await;
            (driver, Window { is_light, ..window })
        };
        let ((driver, first), server) = tokio::join!(browser, setup.start());
        let mut place = Self {
            texts,
            person,
            services,
            size,
            is_light,
            first: Mutex::new(Some(first)),
            pki,
            ncalayer,
            emulator,
            serving: None,
            findings,
            driver,
            server,
            setup,
        };
        place.start_ncalayer().await;
        place
    }

    /// Opens a window for another person.
    pub async fn window(&self) -> Window {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(first) = first {
            return first;
        }
        let site = format!("http://{}", self.site());
        let (texts, findings) = (Arc::clone(&self.texts), Arc::clone(&self.findings));
        let window = Window::open(&self.driver, &site, texts, self.size, findings).await;
        Window { is_light: self.is_light, ..window }
    }

    /// The person's NCALayer starts.
    pub async fn start_ncalayer(&mut self) {
        let listener = TcpListener::bind(self.ncalayer).await.expect("the port of NCALayer is free");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = self.emulator.clone().serve(listener, async {
            let _ = stopped.await;
        });
        self.serving = Some((stop, tokio::spawn(serving)));
    }

    /// The person's NCALayer ends.
    pub async fn stop_ncalayer(&mut self) {
        if let Some((stop, serving)) = self.serving.take() {
            drop(stop);
            let _ = serving.await;
        }
    }

    /// The person takes this key from now on, whatever the page asks for.
    #[track_caller]
    pub fn takes(&self, label: &str) {
        self.person.choose_key(label).unwrap_or_else(|error| panic!("{error}"));
    }

    /// The key of somebody whom the stand knows.
    #[track_caller]
    pub fn key(&self, label: &str) -> &Key {
        self.pki.key(label).unwrap_or_else(|| panic!("the stand has no key {label}"))
    }

    /// The number of the organisation in a key.
    #[track_caller]
    pub fn bin(&self, label: &str) -> String {
        self.key(label).bin().unwrap_or_else(|| panic!("{label} has no BIN")).to_owned()
    }

    /// A simulated register at the port for wired ones, which has spoken with nobody yet.
    pub fn till(&self, identity: Identity) -> Device {
        Device::new(identity, TILL_VERSION, Way::Plain.endpoint(&self.setup))
    }

    /// The operator's folder: its config, its fleet file, and what lies beside them.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The operator's program ends in order and is started again, with what changed in its folder meanwhile.
    pub async fn restart(&mut self) {
        self.server.stop().await;
        let complaints = self.complaints();
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).extend(complaints);
        self.server = self.setup.start().await;
    }

    /// Where the site is.
    pub fn site(&self) -> SocketAddr {
        local(self.setup.ports.site)
    }

    /// Time stamps of this moment.
    pub fn stamping(&self) -> Stamping<'_> {
        self.pki.stamping(self.person.now())
    }

    /// A folder of the test.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.setup.path(name);
        std::fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Writes a file to be uploaded.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.setup.path(name);
        std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// What was found on the pages, and what the server complained of.
    fn findings(&self) -> Vec<String> {
        let mut findings = std::mem::take(&mut *self.findings.lock().unwrap_or_else(PoisonError::into_inner));
        findings.extend(self.complaints());
        findings.dedup();
        findings
    }

    /// What the server that runs complained of.
    fn complaints(&self) -> Vec<String> {
        let log = self.server.log();
        log.lines().filter(|line| line.contains(" ERROR ")).map(str::to_owned).collect()
    }

    /// Nothing is wrong with any page.
    fn judge(&self) {
        let findings = self.findings();
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A flow that breaks off says what it had found till then.
            for finding in self.findings() {
                eprintln!("found: {finding}");
            }
        }
    }
}

/// Walks a flow in a language on windows of a size.
///
/// # Panics
/// When the flow does, or when something is wrong with a page it came by.
pub async fn browse(language: &'static str, size: Size, flow: impl AsyncFnOnce(&mut Place)) {
    browse_prepared(language, size, |_, _| (), flow).await;
}

/// The same where something is prepared in the operator's folder, for people whose keys are known, before it starts.
///
/// # Panics
/// As [`browse`].
pub async fn browse_prepared(
    language: &'static str,
    size: Size,
    prepare: impl FnOnce(&Pki, &mut Setup),
    flow: impl AsyncFnOnce(&mut Place),
) {
    within(FLOW_SECONDS, async {
        let mut place = Place::start(language, size, prepare).await;
        flow(&mut place).await;
        place.judge();
        place.stop_ncalayer().await;
    })
    .await;
}
