//! A network that can be cut: every connection to a node goes through here.
//!
//! A node listens on an address of its own and tells everybody another one, where this relay listens. A cut node's
//! packets are swallowed in both directions: connections stay open and silent, new ones are not answered, and what was
//! on its way arrives after the cut, when both ends still want it. That is what a broken cable looks like, up to one
//! thing: the kernel acknowledges what the relay does not read, so TCP itself notices nothing.
//!
//! Nodes do not bind the connections they make to an address, so the relay reads from the first bytes who speaks.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle as TaskHandle;

use super::{CQL_PORT, STORAGE_PORT};

/// Connections that wait to be accepted, as usual servers have it.
const BACKLOG: u32 = 1024;

/// A queue for one connection is full after this many; one more shows it.
const FILLERS_MAX: usize = 4;

/// A connection within one machine that is not made by then is not answered at all.
const ANSWERED_WITHIN: Duration = Duration::from_millis(50);

/// Read at once and not yet passed on, for each direction of a connection.
const BUFFER_LEN: usize = 64 * 1024;

/// The first bytes between two nodes: a mark, flags, the length of an address with port, the address.
const GREETING_LEN: usize = 13;
const GREETING_MARK: [u8; 4] = [0xCA, 0x55, 0x2D, 0xFA];
const GREETING_ADDRESS_LEN: u8 = 6;

/// A node as the relay knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// Where the relay listens for it.
    pub(super) public: Ipv4Addr,
    /// Where it listens itself.
    pub(super) own: Ipv4Addr,
}

/// Which nodes are cut off.
type Cuts = Vec<bool>;

/// What is wrong, for messages.
type Problems = Arc<Mutex<Vec<String>>>;

#[derive(Clone, Copy, Debug)]
enum Order {
    Open(usize),
    Close(usize),
    Cut(usize),
    Join(usize),
}

type Answer = oneshot::Sender<Result<(), String>>;

/// The relay, on a thread of its own: it outlives the runtime of the test that started it. Dropped, it ends.
#[derive(Debug)]
pub(super) struct Relay {
    orders: Option<mpsc::UnboundedSender<(Order, Answer)>>,
    thread: Option<JoinHandle<()>>,
    problems: Problems,
}

impl Relay {
    /// Starts it with all nodes closed.
    pub(super) fn start(routes: Vec<Route>) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        let problems = Problems::default();
        let told = Arc::clone(&problems);
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("the relay's runtime starts").block_on(Switch::new(routes, told).run(taken));
        };
        let thread = std::thread::Builder::new().name("relay".to_owned()).spawn(work);
        Self { orders: Some(orders), thread: Some(thread.expect("a thread starts")), problems }
    }

    /// Listens for a node.
    pub(super) async fn open(&self, node: usize) {
        self.order(Order::Open(node)).await;
    }

    /// Listens for a node no more: connections are refused, as those to a machine without the program.
    pub(super) async fn close(&self, node: usize) {
        self.order(Order::Close(node)).await;
    }

    /// Swallows what comes to a node and from it. After this returned nothing passes.
    pub(super) async fn cut(&self, node: usize) {
        self.order(Order::Cut(node)).await;
    }

    /// Ends a cut.
    pub(super) async fn join(&self, node: usize) {
        self.order(Order::Join(node)).await;
    }

    /// What went wrong so far, for messages.
    pub(super) fn problems(&self) -> String {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    async fn order(&self, order: Order) {
        let (answer, answered) = oneshot::channel();
        let sent = self.orders.as_ref().is_some_and(|orders| orders.send((order, answer)).is_ok());
        assert!(sent, "the relay ended: {}", self.problems());
        let done = answered.await.unwrap_or_else(|_| Err("the relay ended".to_owned()));
        done.unwrap_or_else(|error| panic!("{order:?}: {error}"));
        assert!(self.problems().is_empty(), "{}", self.problems());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What listens for a node.
struct Door {
    listener: Arc<TcpListener>,
    accepting: TaskHandle<()>,
    /// Connections that nobody will accept: they keep the queue full while the node is cut.
    fillers: Vec<TcpStream>,
}

impl Door {
    /// Makes the kernel drop attempts to connect, as if nobody were there: the queue is made short and filled.
    async fn block(&mut self) -> Result<(), String> {
        rustix::net::listen(&self.listener, 0)
            .map_err(|error| format!("cannot shorten the queue: {error}"))?;
        let address = self.listener.local_addr().map_err(|error| error.to_string())?;
        for _ in 0..FILLERS_MAX {
            let socket = TcpSocket::new_v4().map_err(|error| error.to_string())?;
            match tokio::time::timeout(ANSWERED_WITHIN, socket.connect(address)).await {
                Ok(Ok(filler)) => self.fillers.push(filler),
                Ok(Err(error)) => return Err(format!("cannot fill the queue of {address}: {error}")),
                Err(_) => return Ok(()),
            }
        }
        Err(format!("{address} still answers after {FILLERS_MAX} connections that nobody accepts"))
    }

    fn unblock(&mut self) -> Result<(), String> {
        self.fillers.clear();
        let backlog = i32::try_from(BACKLOG).unwrap_or(i32::MAX);
        rustix::net::listen(&self.listener, backlog)
            .map_err(|error| format!("cannot lengthen the queue: {error}"))
    }
}

struct Switch {
    routes: Arc<Vec<Route>>,
    cuts: watch::Sender<Cuts>,
    doors: Vec<Vec<Door>>,
    problems: Problems,
}

impl Switch {
    fn new(routes: Vec<Route>, problems: Problems) -> Self {
        let cuts = watch::Sender::new(vec![false; routes.len()]);
        let doors = routes.iter().map(|_| Vec::new()).collect();
        Self { routes: Arc::new(routes), cuts, doors, problems }
    }

    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<(Order, Answer)>) {
        while let Some((order, answer)) = orders.recv().await {
            let done = match order {
                Order::Open(node) => self.open(node).await,
                Order::Close(node) => {
                    self.close(node).await;
                    Ok(())
                }
                Order::Cut(node) => self.cut(node).await,
                Order::Join(node) => self.join(node),
            };
            let _ = answer.send(done);
        }
    }

    async fn open(&mut self, node: usize) -> Result<(), String> {
        self.close(node).await;
        for port in [STORAGE_PORT, CQL_PORT] {
            let address = SocketAddrV4::new(self.routes[node].public, port);
            let listener = listen(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
            let listener = Arc::new(listener);
            let entrance = Entrance {
                node,
                port,
                routes: Arc::clone(&self.routes),
                cuts: self.cuts.subscribe(),
                problems: Arc::clone(&self.problems),
            };
            let accepting = tokio::spawn(entrance.accept(Arc::clone(&listener)));
            let mut door = Door { listener, accepting, fillers: Vec::new() };
            let is_cut = self.cuts.borrow()[node];
            if is_cut {
                door.block().await?;
            }
            self.doors[node].push(door);
        }
        Ok(())
    }

    async fn close(&mut self, node: usize) {
        for door in self.doors[node].drain(..) {
            door.accepting.abort();
            // Its handle of the listener is gone only then.
            let _ = door.accepting.await;
        }
    }

    async fn cut(&mut self, node: usize) -> Result<(), String> {
        self.cuts.send_modify(|cuts| cuts[node] = true);
        for door in &mut self.doors[node] {
            door.block().await?;
        }
        Ok(())
    }

    fn join(&mut self, node: usize) -> Result<(), String> {
        for door in &mut self.doors[node] {
            door.unblock()?;
        }
        self.cuts.send_modify(|cuts| cuts[node] = false);
        Ok(())
    }
}

fn listen(address: SocketAddrV4) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Connections of the time before linger on after their end.
    socket.set_reuseaddr(true)?;
    socket.bind(address.into())?;
    socket.listen(BACKLOG)
}

/// One port of one node.
#[derive(Clone)]
struct Entrance {
    node: usize,
    port: u16,
    routes: Arc<Vec<Route>>,
    cuts: watch::Receiver<Cuts>,
    problems: Problems,
}

impl Entrance {
    async fn accept(mut self, listener: Arc<TcpListener>) {
        loop {
            Gate { cuts: self.cuts.clone(), ends: vec![self.node] }.opened().await;
            self.cuts.mark_unchanged();
            tokio::select! {
                // A cut comes before the connections that fill the queue because of it.
                biased;
                changed = self.cuts.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        // Whichever side breaks the connection, the other one sees it broken.
                        tokio::spawn(self.clone().relay(stream));
                    }
                }
            }
        }
    }

    async fn relay(self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (mut from, to) = stream.into_split();
        let mut ends = vec![self.node];
        let mut greeting = [0; GREETING_LEN];
        let first: &[u8] = if self.port == STORAGE_PORT {
            from.read_exact(&mut greeting).await?;
            ends.push(self.speaker(greeting)?);
            &greeting
        } else {
            &[]
        };
        let gate = Gate { cuts: self.cuts, ends };
        gate.clone().opened().await;
        let own = SocketAddrV4::new(self.routes[self.node].own, self.port);
        let server = match TcpStream::connect(own).await {
            Ok(server) => server,
            Err(error) => {
                // The next best to a refusal.
                let stream = from.reunite(to).map_err(io::Error::other)?;
                stream.set_zero_linger()?;
                return Err(error);
            }
        };
        server.set_nodelay(true)?;
        let (back, mut there) = server.into_split();
        pass(&mut there, first, &mut gate.clone()).await?;
        tokio::try_join!(pump(from, there, gate.clone()), pump(back, to, gate))?;
        Ok(())
    }

    /// Which node sent a greeting.
    fn speaker(&self, greeting: [u8; GREETING_LEN]) -> io::Result<usize> {
        let [m0, m1, m2, m3, _, _, _, _, len, a, b, c, d] = greeting;
        let address = Ipv4Addr::new(a, b, c, d);
        let speaker = self.routes.iter().position(|route| route.public == address);
        match speaker {
            Some(speaker) if [m0, m1, m2, m3] == GREETING_MARK && len == GREETING_ADDRESS_LEN => Ok(speaker),
            _ => {
                let told =
                    format!("a connection to node {} begins with {greeting:02x?}: whose is it?", self.node);
                self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(told.clone());
                Err(io::Error::new(io::ErrorKind::InvalidData, told))
            }
        }
    }
}

/// Open as long as neither end of a connection is cut off.
#[derive(Clone)]
struct Gate {
    cuts: watch::Receiver<Cuts>,
    ends: Vec<usize>,
}

impl Gate {
    fn is_open(&self) -> bool {
        let cuts = self.cuts.borrow();
        self.ends.iter().all(|end| !cuts[*end])
    }

    async fn opened(&mut self) {
        while !self.is_open() {
            if self.cuts.changed().await.is_err() {
                // The relay ends, and all tasks with it.
                return std::future::pending().await;
            }
        }
    }
}

async fn pump(from: OwnedReadHalf, mut to: OwnedWriteHalf, mut gate: Gate) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_LEN];
    loop {
        gate.opened().await;
        from.readable().await?;
        // All orders are carried out on this thread, so between this look and the next await nothing is cut.
        if !gate.is_open() {
            continue;
        }
        match from.try_read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => pass(&mut to, &buffer[..len], &mut gate).await?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    gate.opened().await;
    to.shutdown().await
}

async fn pass(to: &mut OwnedWriteHalf, mut bytes: &[u8], gate: &mut Gate) -> io::Result<()> {
    while !bytes.is_empty() {
        gate.opened().await;
        to.writable().await?;
        if !gate.is_open() {
            continue;
        }
        match to.try_write(bytes) {
            Ok(len) => bytes = &bytes[len..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
