//! The disk: full, read-only, held by another process, damaged.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ofd_tests::api::{Api, count};
use ofd_tests::device::{Device, Heard};
use ofd_tests::http::get;
use ofd_tests::process::{Ports, Server, Setup, binary, eventually, local, within, without_rights};

/// More than any disk has free.
const IMPOSSIBLE: &str = "free_space_min_mib = 1000000000";

async fn readiness(setup: &Setup) -> [(u16, String); 2] {
    let Ports { site, metrics, .. } = setup.ports;
    let mut found = Vec::new();
    for port in [site, metrics] {
        let ready = get(local(port), "/readyz").await.unwrap();
        found.push((ready.status, ready.text()));
        get(local(port), "/healthz").await.unwrap().expect(200);
    }
    found.try_into().unwrap()
}

/// Starts a server that will not be ready, and waits until it listens.
async fn start_unready(setup: &Setup) -> Server {
    let mut server = setup.spawn(setup.serve_command());
    eventually("the server listens", Duration::from_secs(20), || async {
        get(local(setup.ports.metrics), "/healthz").await.is_ok_and(|health| health.status == 200)
    })
    .await;
    assert!(server.is_running(), "{}", server.log());
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn below_the_watermark_documents_get_254_and_all_else_goes_on() {
    within(60, async {
        let mut setup = Setup::new(2);
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        let (asked, heard) = (device.asked.clone(), device.heard.clone());
        server.stop().await;

        setup = setup.limits(IMPOSSIBLE);
        let mut server = start_unready(&setup).await;
        device.client.close();
        let sale = device.register.draw_sale();
        assert_eq!(device.send(sale).await.code(), Some(254));
        device.ask(&asked).await.unwrap();
        assert_eq!(device.heard, heard, "what is stored is still told");
        let mut other = Device::fleet(&setup, 203).swap_remove(1);
        other.info().await;
        other.ping().await;
        let id = device.id();
        assert_eq!(Api::of(&server).documents(id).await.len(), 1);
        for (status, text) in readiness(&setup).await {
            assert_eq!(status, 503, "{text}");
            for word in ["MiB free", "resume by themselves"] {
                assert!(text.contains(word), "no {word:?} in {text:?}");
            }
        }
        server.stop().await;

        setup = setup.limits("free_space_min_mib = 1");
        let server = setup.start().await;
        device.client.close();
        device.retry().await.accepted();
        device.close_shift().await;
        device.expect_no_differences();
        assert_eq!(count(&Api::of(&server).documents(id).await, "ticket"), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_without_room_says_so() {
    within(60, async {
        let setup = Setup::new(1).limits(IMPOSSIBLE);
        let ended = setup.run_command(setup.serve_command()).await;
        ended.expect_refusal(&["data", "MiB free"]);
    })
    .await;
}

/// A disk of its own for a store.
struct Disk {
    at: PathBuf,
}

impl Disk {
    /// `None` when this user may not mount: then only the injected variants of these tests tell something.
    fn mount(at: PathBuf, mib: u32) -> Option<Self> {
        fs::create_dir_all(&at).expect("a folder to mount on");
        let size = format!("size={mib}m,mode=0755");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { at }),
            refused => {
                // Not by a macro, whose text would be kept back as long as the test passes.
                let _ = writeln!(
                    std::io::stderr(),
                    "NOT TESTED with a real disk, as mount is refused ({refused:?}): a full and a read-only disk are \
                     tested with injected errors in durability.rs alone"
                );
                None
            }
        }
    }

    fn remount(&self, how: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.at).output();
        assert!(done.as_ref().is_ok_and(|output| output.status.success()), "{done:?}");
    }

    /// Fills the disk but for so many KiB.
    fn fill(&self, leave_kib: u64) -> PathBuf {
        let stat = rustix::fs::statvfs(&self.at).expect("the disk is mounted");
        let free = stat.f_bavail * stat.f_frsize;
        let ballast = self.at.join("ballast");
        let len = usize::try_from(free.saturating_sub(leave_kib * 1024)).unwrap();
        fs::write(&ballast, vec![0xBA; len]).expect("there is as much room as the disk said");
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, should a process that is being killed still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Sells until a sale gets 254; how many were acknowledged.
async fn sell_until_full(device: &mut Device) -> usize {
    for sold in 0..20_000 {
        let sale = device.register.draw_sale();
        match device.send(sale).await {
            Heard::Accepted(_) => {}
            Heard::Later(_) => return sold,
            other => panic!("after {sold} sales: {other:?}"),
        }
    }
    panic!("the disk never gets full");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_runs_full_loses_nothing_and_recovers_when_there_is_room() {
    within(90, async {
        let mut setup = Setup::new(2);
        setup.store = "disk/data".to_owned();
        // No watermark: the engine itself runs into the end of the disk.
        let setup = setup.limits("free_space_min_mib = 0");
        let Some(disk) = Disk::mount(setup.path("disk"), 64) else { return };
        let server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        let ballast = disk.fill(1_500);
        let sold = sell_until_full(&mut device).await;
        assert!(sold > 100, "only {sold} sales fit");
        let mut other = Device::fleet(&setup, 203).swap_remove(1);
        other.info().await;
        for (status, text) in readiness(&setup).await {
            assert_eq!(status, 503, "{text}");
            assert!(text.contains("space"), "{text:?}");
        }
        fs::remove_file(&ballast).unwrap();
        eventually("ready again without a restart", Duration::from_secs(10), || async {
            get(local(setup.ports.metrics), "/readyz").await.unwrap().status == 200
        })
        .await;
        device.retry().await.accepted();
        device.sell().await;

        // Again, but this time the process dies while the disk is full, and is started while it is.
        let ballast = disk.fill(400);
        let more = sell_until_full(&mut device).await;
        let mut server = server;
        server.kill().await;
        let mut full = setup.spawn(setup.serve_command());
        tokio::time::sleep(Duration::from_secs(2)).await;
        if full.is_running() {
            device.client.close();
            let refused = device.retry().await;
            assert!(matches!(refused.code(), Some(0 | 254)), "{refused:?}");
            full.kill().await;
        } else {
            let log = full.log();
            assert!(log.contains("space") && !log.contains("panicked"), "{log}");
        }
        fs::remove_file(&ballast).unwrap();
        let mut server = setup.start().await;
        device.client.close();
        if device.register.flight().is_some() {
            device.retry().await.accepted();
        }
        device.close_shift().await;
        device.expect_no_differences();
        let kept = Api::of(&server).documents(device.id()).await;
        assert_eq!(count(&kept, "ticket"), 1 + sold + 1 + 1 + more + 1, "{sold} and {more}");
        server.stop().await;
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_mounted_read_only_is_told_at_the_start() {
    within(60, async {
        let mut setup = Setup::new(1);
        setup.store = "disk/data".to_owned();
        setup.write();
        let Some(disk) = Disk::mount(setup.path("disk"), 512) else { return };
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.sell().await;
        server.stop().await;
        disk.remount("ro");
        let place = setup.store_path();
        let refused = setup.run_command(setup.serve_command()).await;
        refused.expect_refusal(&[place.to_str().unwrap(), "Read-only file system"]);
        disk.remount("rw");
        let mut server = setup.start().await;
        device.client.close();
        device.sell().await;
        server.stop().await;
        setup.verify().await;
    })
    .await;
}

/// Sets the mode of a folder and of all below it.
fn change_modes(folder: &Path, of_folders: u32, of_files: u32) {
    fs::set_permissions(folder, fs::Permissions::from_mode(of_folders | 0o200)).unwrap();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            change_modes(&entry.path(), of_folders, of_files);
        } else {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(of_files)).unwrap();
        }
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(of_folders)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_may_not_be_written_is_told_at_the_start() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.sell().await;
        server.stop().await;
        // As root nothing is read-only: the server runs as nobody, who must find binary and config.
        let copy = setup.path("ofd");
        fs::copy(binary(), &copy).unwrap();
        let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        open(copy.parent().unwrap(), 0o755);
        let data = setup.store_path();
        change_modes(&data, 0o555, 0o444);
        let serve = |store: &str| {
            let text = setup.config_text().replace("path = \"data\"", &format!("path = \"{store}\""));
            fs::write(setup.config(), text).unwrap();
            let mut command = Command::new(&copy);
            command.arg("serve").arg("--config").arg(setup.config());
            without_rights(&mut command);
            command
        };
        let refused = setup.run_command(serve("data")).await;
        refused.expect_refusal(&[data.to_str().unwrap(), "Permission denied"]);
        open(copy.parent().unwrap(), 0o555);
        let refused = setup.spawn_elsewhere(serve("fresh")).await;
        refused.expect_refusal(&["fresh", "Permission denied"]);
        open(copy.parent().unwrap(), 0o755);
        change_modes(&data, 0o755, 0o644);
        fs::remove_file(&copy).unwrap();
        setup.write();
        setup.start().await.stop().await;
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_use_is_told_to_whoever_comes_second() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let mut text = setup.config_text();
        let (ours, others) = (setup.ports, Ports::free());
        for (from, to) in [
            (ours.plain, others.plain),
            (ours.tls, others.tls),
            (ours.sim, others.sim),
            (ours.site, others.site),
            (ours.metrics, others.metrics),
        ] {
            text = text.replace(&format!(":{from}"), &format!(":{to}"));
        }
        fs::write(setup.path("second.toml"), text).unwrap();
        for arguments in [
            ["serve", "--config", "second.toml"],
            ["verify", "--config", "ofd.toml"],
            ["verify", "--store", "data"],
            ["export", "--config", "ofd.toml"],
            ["export", "--store", "data"],
        ] {
            setup.run(&arguments).await.expect_refusal(&["in use", "data"]);
        }
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        server.stop().await;
        setup.verify().await;
        assert_eq!(setup.export().await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_look_at_a_store_do_not_make_one() {
    within(60, async {
        let setup = Setup::new(1);
        fs::create_dir(setup.path("empty")).unwrap();
        fs::create_dir(setup.path("photos")).unwrap();
        fs::write(setup.path("photos/cat.jpg"), b"meow").unwrap();
        for command in ["verify", "export"] {
            for store in ["missing", "empty", "photos"] {
                setup.run(&[command, "--store", store]).await.expect_refusal(&[store]);
            }
        }
        assert!(!setup.path("missing").exists());
        assert_eq!(fs::read_dir(setup.path("empty")).unwrap().count(), 0);
        let text = setup.config_text().replace("path = \"data\"", "path = \"photos\"");
        fs::write(setup.config(), text).unwrap();
        setup.run_command(setup.serve_command()).await.expect_refusal(&["photos", "no store"]);
    })
    .await;
}
