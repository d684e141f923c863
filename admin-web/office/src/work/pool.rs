//! The threads of costly work, and what waits for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use ofd_edge::AddressKey;
use tokio::sync::oneshot;

use super::blocks::PasswordBlocks;
use super::queue::{FairQueue, Pushed};
use super::refused::{Busy, Reason, none_refused, refused};

/// Who waits to sign in. A password takes some tens of milliseconds, so the last of them waits two or three seconds; more
/// are asked to come back.
const SIGN_INS_WAIT_MAX: usize = 64;

/// Of these, of one address: an office in which everybody signs in at nine has fewer on the way at once.
const SIGN_INS_WAIT_PER_ADDRESS_MAX: usize = 16;

/// Documents that wait.
const DOCUMENTS_WAIT_MAX: usize = 8;

/// Of these, of one address.
const DOCUMENTS_WAIT_PER_ADDRESS_MAX: usize = 2;

/// Where one thread does everything, a document that waits has its turn after so many sign-ins.
const SIGN_INS_IN_A_ROW_MAX: u32 = 4;

/// Threads that judge people who sign in run after everything that serves registers.
const FRONT_NICE: i32 = 10;

/// And those for documents after these.
const BACK_NICE: i32 = 19;

/// What kind of work it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A password or a signature of somebody who signs in.
    SignIn,
    /// A document, which anybody may send.
    Document,
}

impl Class {
    const ALL: [Self; 2] = [Self::SignIn, Self::Document];

    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Document => "document",
        }
    }
}

type Job = Box<dyn FnOnce(&mut PasswordBlocks) + Send>;

struct Waiting {
    sign_ins: FairQueue<Job>,
    documents: FairQueue<Job>,
    sign_ins_in_a_row: u32,
    is_over: bool,
}

struct Shared {
    waiting: Mutex<Waiting>,
    came: Condvar,
    /// Whether documents have a thread that does nothing else.
    has_backs: bool,
    /// Memory of passwords that is there, in numbers of passwords.
    blocks: Arc<AtomicUsize>,
}

pub(super) struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts so many threads for people who sign in, and so many for documents alone, which give way to others or not.
    pub(super) fn start(fronts: usize, backs: usize, gives_way: bool) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Waiting {
                sign_ins: FairQueue::new(SIGN_INS_WAIT_MAX, SIGN_INS_WAIT_PER_ADDRESS_MAX),
                documents: FairQueue::new(DOCUMENTS_WAIT_MAX, DOCUMENTS_WAIT_PER_ADDRESS_MAX),
                sign_ins_in_a_row: 0,
                is_over: false,
            }),
            came: Condvar::new(),
            has_backs: backs > 0,
            blocks: Arc::default(),
        });
        for class in Class::ALL {
            none_refused(class.name(), &Reason::OF_POOL);
        }
        let pool = Self { shared: Arc::clone(&shared) };
        for _ in 0..fronts {
            let shared = Arc::clone(&shared);
            // Here, not on the thread: it is part of what the process takes from its start.
            let mut blocks = PasswordBlocks::new(Arc::clone(&shared.blocks));
            thread::Builder::new().name("ofd-sign-in".to_owned()).spawn(move || {
                if gives_way {
                    step_back(FRONT_NICE);
                }
                shared.work(&mut blocks, Waiting::next_of_front);
            })?;
        }
        for _ in 0..backs {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("ofd-documents".to_owned()).spawn(move || {
                if gives_way {
                    step_back(BACK_NICE);
                }
                shared.work(&mut PasswordBlocks::none(), |waiting, _| waiting.documents.pop());
            })?;
        }
        Ok(pool)
    }

    pub(super) async fn run<R: Send + 'static>(
        &self,
        class: Class,
        address: AddressKey,
        work: impl FnOnce(&mut PasswordBlocks) -> R + Send + 'static,
    ) -> Result<R, Busy> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |blocks| {
            // Whoever asked may be gone: then nobody reads what comes of it.
            if !answer.is_closed() {
                let _gone = answer.send(work(blocks));
            }
        });
        self.shared.push(class, address, job)?;
        // A job that is sent away for another's sake, or panics, is dropped with its answer.
        answered.await.map_err(|_| Busy)
    }

    /// How many passwords have memory.
    pub(super) fn live_blocks(&self) -> usize {
        self.shared.blocks.load(Ordering::SeqCst)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.came.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No job runs under the lock, so a panic leaves it whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, class: Class, address: AddressKey, job: Job) -> Result<(), Busy> {
        let mut waiting = self.lock();
        let pushed = match class {
            Class::SignIn => waiting.sign_ins.push(address, job),
            Class::Document => waiting.documents.push(address, job),
        };
        drop(waiting);
        match pushed {
            Pushed::Waits => {}
            Pushed::InsteadOf(_) => refused(class.name(), Reason::Displaced),
            Pushed::Full(_) => {
                refused(class.name(), Reason::Queue);
                return Err(Busy);
            }
            Pushed::AddressFull(_) => {
                refused(class.name(), Reason::Address);
                return Err(Busy);
            }
        }
        // All of them: who wakes may be one that does not do this kind of work.
        self.came.notify_all();
        Ok(())
    }

    /// Does what waits, until the pool is dropped.
    fn work(&self, blocks: &mut PasswordBlocks, next: impl Fn(&mut Waiting, bool) -> Option<Job>) {
        loop {
            let mut waiting = self.lock();
            let job = loop {
                if waiting.is_over {
                    return;
                }
                if let Some(job) = next(&mut waiting, self.has_backs) {
                    break job;
                }
                waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            };
            drop(waiting);
            // The thread and its memory outlive a fault in one job; the asker is told that it failed.
            if catch_unwind(AssertUnwindSafe(|| job(blocks))).is_err() {
                tracing::error!(
                    "a piece of the site's work stopped in a panic, see the log before this line"
                );
            }
        }
    }
}

impl Waiting {
    fn next_of_front(&mut self, has_backs: bool) -> Option<Job> {
        let is_documents_turn = !has_backs && self.sign_ins_in_a_row >= SIGN_INS_IN_A_ROW_MAX;
        if !is_documents_turn && let Some(job) = self.sign_ins.pop() {
            self.sign_ins_in_a_row = self.sign_ins_in_a_row.saturating_add(1);
            return Some(job);
        }
        self.sign_ins_in_a_row = 0;
        let document = if has_backs { None } else { self.documents.pop() };
        document.or_else(|| self.sign_ins.pop())
    }
}

/// Has the system run this thread after others that want the processor, the more so the greater the number, up to 19.
pub fn step_back(nice: i32) {
    // Of no process means of the thread that asks.
    if let Err(error) = rustix::process::setpriority_process(None, nice) {
        tracing::warn!(%error, "a thread of the site keeps its priority: registers may wait for it");
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn address(number: usize) -> AddressKey {
        IpAddr::from([10, 0, 0, u8::try_from(number).unwrap()]).into()
    }

    /// A pool of one thread that is at work until told.
    async fn busy_pool() -> (Arc<Pool>, mpsc::Sender<()>) {
        let pool = Arc::new(Pool::start(1, 0, false).unwrap());
        let (go_on, told) = mpsc::channel::<()>();
        let (begins, begun) = oneshot::channel();
        let worker = Arc::clone(&pool);
        tokio::spawn(async move {
            let work = move |_: &mut PasswordBlocks| {
                let _ = begins.send(());
                let _over = told.recv();
            };
            worker.run(Class::SignIn, address(200), work).await
        });
        begun.await.unwrap();
        (pool, go_on)
    }

    /// Puts work that says its name into the queue; what comes of it can be waited for.
    fn put(
        pool: &Pool,
        class: Class,
        from: usize,
        name: &'static str,
        done: &mpsc::Sender<&'static str>,
    ) -> Result<(), Busy> {
        let done = done.clone();
        pool.shared.push(class, address(from), Box::new(move |_| done.send(name).unwrap()))
    }

    #[tokio::test]
    async fn one_address_cannot_take_all_the_waiting_places_of_sign_ins() {
        let (pool, _go_on) = busy_pool().await;
        let (done, _all) = mpsc::channel();
        let put_from = |from| put(&pool, Class::SignIn, from, "", &done);
        for _ in 0..SIGN_INS_WAIT_PER_ADDRESS_MAX {
            put_from(1).unwrap();
        }
        assert_eq!(put_from(1), Err(Busy), "that is its share");
        for attacker in 2..=SIGN_INS_WAIT_MAX / SIGN_INS_WAIT_PER_ADDRESS_MAX {
            while put_from(attacker).is_ok() {}
        }
        assert!(pool.shared.lock().sign_ins.pop().is_some());
        assert_eq!(put_from(100), Ok(()), "an honest one finds a place though four addresses took them all");
        assert_eq!(put_from(101), Ok(()), "at the cost of those who hold most");
    }

    #[tokio::test]
    async fn sign_ins_go_before_documents_and_documents_are_not_forgotten() {
        let (pool, go_on) = busy_pool().await;
        let (done, all) = mpsc::channel();
        put(&pool, Class::Document, 1, "document", &done).unwrap();
        for from in 1..=6 {
            put(&pool, Class::SignIn, from, "sign-in", &done).unwrap();
        }
        go_on.send(()).unwrap();
        let order: Vec<_> = (0..7).map(|_| all.recv_timeout(Duration::from_secs(20)).unwrap()).collect();
        assert_eq!(order.iter().position(|name| *name == "document"), Some(3), "{order:?}");
    }

    #[tokio::test]
    async fn where_documents_have_a_thread_of_their_own_no_sign_in_waits_behind_one() {
        let pool = Arc::new(Pool::start(1, 1, false).unwrap());
        let (go_on, told) = mpsc::channel::<()>();
        let long = Arc::clone(&pool);
        let document =
            tokio::spawn(async move { long.run(Class::Document, address(1), move |_| told.recv()).await });
        assert_eq!(pool.run(Class::SignIn, address(1), |_| 7).await, Ok(7));
        go_on.send(()).unwrap();
        document.await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_done() {
        let (pool, go_on) = busy_pool().await;
        let (done, all) = mpsc::channel();
        let (worker, tells) = (Arc::clone(&pool), done.clone());
        let asker = tokio::spawn(async move {
            worker.run(Class::SignIn, address(1), move |_| tells.send("for nobody").unwrap()).await
        });
        while pool.shared.lock().sign_ins.is_empty() {
            tokio::task::yield_now().await;
        }
        asker.abort();
        assert!(asker.await.unwrap_err().is_cancelled());
        put(&pool, Class::SignIn, 2, "for somebody", &done).unwrap();
        go_on.send(()).unwrap();
        assert_eq!(all.recv_timeout(Duration::from_secs(20)).unwrap(), "for somebody");
    }

    #[tokio::test]
    async fn a_fault_in_one_job_ends_neither_the_thread_nor_the_next_job() {
        let pool = Pool::start(1, 0, false).unwrap();
        let failed: Result<(), Busy> = pool.run(Class::SignIn, address(1), |_| panic!("a fault")).await;
        assert_eq!(failed, Err(Busy));
        assert_eq!(pool.run(Class::SignIn, address(1), |_| 7).await, Ok(7));
    }
}
