//! The control socket: a store is backed up while somebody serves from it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};

use ofd_storage::any::AnyStore;
use ofd_storage::note::{CHANGE_LIFE_MS, change_key};
use ofd_storage::store::{Note, NoteKind};
use tokio_util::sync::CancellationToken;

use super::super::remote::Remote;
use super::*;
use crate::control::Control;
use crate::control_talk::{CONTROL_SOCKET, short_path};
use crate::opening::ServedStore;
use crate::testing;

/// A process that serves from the store `data`.
struct Serving {
    store: Arc<ServedStore>,
    stop: CancellationToken,
}

impl Serving {
    async fn start(place: &Place) -> Self {
        let store = EmbeddedStore::open(EmbeddedOptions::new(place.path("data"))).unwrap();
        let store = Arc::new(ServedStore::from(Arc::new(AnyStore::from(store))));
        let (control, stop) = (Control::listen(&place.path("data")).unwrap(), CancellationToken::new());
        tokio::spawn(control.serve(Arc::clone(&store), stop.clone()));
        Self { store, stop }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn filled(place: &Place) {
    let shop = testing::fill(place.store("data")).await;
    shop.store.close().await.unwrap();
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_through_the_socket_is_the_store() {
    let place = Place::new();
    filled(&place).await;
    let serving = Serving::start(&place).await;
    let notes = [0_u32, 1, 2].map(|register| {
        let (now_ms, key) = (crate::clock::now().0, change_key(29_484_000, register));
        let bytes = Bytes::from_static(b"changed");
        Note { kind: NoteKind::Change, key, bytes, at_ms: now_ms, expires_ms: now_ms + CHANGE_LIFE_MS }
    });
    for note in &notes {
        serving.store.note(note.clone()).await.unwrap();
    }
    let (data, to) = (place.path("data"), place.path("to"));
    let made = blocking(move || {
        back_up_source(&to, crate::clock::now(), || Ok(Remote::connect(&data)?.expect("somebody serves")))
    });
    let made = made.await.unwrap();
    assert_eq!(made.backup.manifest.written.streams, made.backup.manifest.held.streams);
    place.restore("new", None).await.unwrap();
    let restored = place.store("new");
    assert_eq!(content(&*restored).await, content(&*serving.store).await);
    // Registers that were created announced themselves besides.
    let restored = restored.moment().unwrap().notes(None, ALL).unwrap();
    assert!(notes.iter().all(|note| restored.contains(note)), "{restored:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_is_for_this_user_alone_and_replaces_one_that_was_left() {
    let place = Place::new();
    filled(&place).await;
    let path = place.path("data").join(CONTROL_SOCKET);
    // A process that was killed leaves its socket behind.
    drop(UnixListener::bind(&path).unwrap());
    let data = place.path("data");
    assert!(blocking(move || Remote::connect(&data)).await.unwrap().is_none());
    let serving = Serving::start(&place).await;
    let found = path.metadata().unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    let data = place.path("data");
    assert!(blocking(move || Remote::connect(&data)).await.unwrap().is_some());
    serving.stop.cancel();
    for _ in 0..1000 {
        if !path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("an orderly stop leaves the socket behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_backups_at_once_are_one_too_many_and_the_place_comes_back() {
    let place = Place::new();
    filled(&place).await;
    let _serving = Serving::start(&place).await;
    let data = place.path("data");
    let first = blocking(move || Remote::connect(&data)).await.unwrap().unwrap();
    let data = place.path("data");
    let second = blocking(move || Remote::connect(&data).map(drop)).await.unwrap_err();
    let told = crate::causes::with_causes(&second);
    assert!(told.contains("another backup is under way"), "{told}");
    drop(first);
    for _ in 0..1000 {
        let data = place.path("data");
        if blocking(move || Remote::connect(&data)).await.is_ok_and(|found| found.is_some()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the place of a backup that ended never comes back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_requests_are_refused_and_end_nothing_else() {
    let place = Place::new();
    filled(&place).await;
    let _serving = Serving::start(&place).await;
    let path = place.path("data").join(CONTROL_SOCKET);
    let said = blocking(move || {
        let mut stream = UnixStream::connect(path).unwrap();
        let mut reading = BufReader::new(stream.try_clone().unwrap());
        let requests = [
            "heads - 5",
            "moment",
            "heads zz 5",
            "heads - 513",
            "heads - 0",
            "heads 0102 5",
            "rows - - 5",
            "drop",
            "",
        ];
        requests.map(|request| {
            stream.write_all(format!("{request}\n").as_bytes()).unwrap();
            let mut line = String::new();
            reading.read_line(&mut line).unwrap();
            line
        })
    });
    let said = said.await;
    assert!(said[0].contains("no moment yet"), "{said:?}");
    assert!(said[1].contains("\"entries\":0"), "{said:?}");
    assert!(said[2..].iter().all(|line| line.contains("refused")), "{said:?}");
    let path = place.path("data").join(CONTROL_SOCKET);
    let is_over = blocking(move || {
        let mut stream = UnixStream::connect(path).unwrap();
        stream.write_all(&[b'x'; 5000]).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).map_or(true, |len| len == 0)
    });
    assert!(is_over.await, "a line without an end ends the connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_is_too_long_for_a_socket_is_reached_all_the_same() {
    let place = Place::new();
    let deep = place.path(&"d".repeat(90)).join("e".repeat(90));
    std::fs::create_dir_all(&deep).unwrap();
    let control = Control::listen(&deep).unwrap();
    let (short, _directory) = short_path(&deep.join(CONTROL_SOCKET)).unwrap();
    UnixStream::connect(short).unwrap();
    drop(control);
    assert!(!deep.join(CONTROL_SOCKET).exists());
}
