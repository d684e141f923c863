//! A store that was damaged while it lay still: refused at the start, or told by `ofd verify`; never passed over.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ofd_tests::device::Device;
use ofd_tests::http::get;
use ofd_tests::process::{Ended, Setup, eventually, local, within};
use ofd_tests::random::Random;

const REGISTERS: u32 = 3;

const SALES: usize = 40;

/// A stopped store with documents in it, and how many.
async fn store() -> (Setup, usize) {
    let (setup, documents, _) = sold().await;
    (setup, documents)
}

/// The same, with the devices that sold, one after the other.
async fn sold() -> (Setup, usize, Vec<Device>) {
    let setup = Setup::new(REGISTERS);
    let mut server = setup.start().await;
    let mut documents = 0;
    let mut devices = Device::fleet(&setup, 203);
    for device in &mut devices {
        device.info().await;
        for _ in 0..SALES {
            device.sell().await;
        }
        device.close_shift().await;
        device.expect_no_differences();
        documents += SALES + 1;
    }
    server.stop().await;
    (setup, documents, devices)
}

/// All files below a folder, with their length.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path, entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    for (path, _) in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&path, &target).unwrap();
    }
}

/// `ofd verify` of a copy in which `damage` was done to one file.
async fn verify_damaged(setup: &Setup, file: &Path, damage: impl FnOnce(&mut Vec<u8>)) -> Ended {
    let (store, damaged) = (setup.store_path(), setup.path("copy"));
    copy(&store, &damaged);
    let target = damaged.join(file.strip_prefix(&store).unwrap());
    let mut bytes = fs::read(&target).unwrap();
    damage(&mut bytes);
    fs::write(&target, bytes).unwrap();
    setup.run(&["verify", "--store", "copy"]).await
}

/// Either the damage is told, or every document was found all the same.
fn expect_told(what: &str, ended: &Ended, documents: usize) -> Result<(), String> {
    let has_own_word = ["damaged", "stopped in a panic"].iter().any(|word| ended.text.contains(word));
    if ended.text.contains("panicked at") && !has_own_word {
        return Err(format!("{what}: a panic without a word of its own:\n{}", ended.text));
    }
    let is_whole = ended.text.contains(&format!(": {documents} documents of"));
    match ended.status.code() {
        Some(0) if is_whole => Ok(()),
        Some(1) if !ended.text.contains(" 0 breaks") => Ok(()),
        _ => {
            let last: Vec<&str> = ended.text.lines().filter(|line| !line.contains(" INFO ")).collect();
            Err(format!("{what}: {} with {:?}", ended.status, last))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_anywhere_is_told_or_harmless() {
    const TRIALS: usize = 60;
    within(120, async {
        let (setup, documents) = store().await;
        let mut random = Random::new(20_260_122);
        let files: Vec<_> = files(&setup.store_path()).into_iter().filter(|(_, len)| *len > 0).collect();
        let mut wrong = Vec::new();
        for trial in 0..TRIALS {
            let (file, len) = &files[trial % files.len()];
            let at = random.below(usize::try_from(*len).unwrap());
            let bit = random.below(8);
            let ended = verify_damaged(&setup, file, |bytes| bytes[at] ^= 1 << bit).await;
            let name = file.strip_prefix(setup.store_path()).unwrap().display().to_string();
            wrong.extend(expect_told(&format!("{name} byte {at} bit {bit}"), &ended, documents).err());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

/// Where in the journal a batch begins: its tag, and after it the number of its items and its sequence number.
fn batches(journal: &[u8]) -> Vec<usize> {
    let begins = |at: &usize| {
        let window = &journal[*at..*at + 18];
        window[0] == 1
            && window[1] < 40
            && window[2..5] == [0; 3]
            && window[8..13] == [0; 5]
            && window[13] == 2
    };
    (0..journal.len() - 18).filter(begins).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_in_the_middle_of_the_journal_is_not_taken_for_its_torn_end() {
    within(90, async {
        let (setup, documents) = store().await;
        let journal = setup.store_path().join("data/0.jnl");
        let bytes = fs::read(&journal).unwrap();
        let begins = batches(&bytes);
        assert!(begins.len() > documents / 2, "only {} batches were found", begins.len());
        let middle = begins[begins.len() / 2];
        let mut wrong = Vec::new();
        for (what, at, len) in [
            ("the tag of a batch", middle, 1),
            ("the tag of an item", middle + 13, 1),
            ("a sector of zeros", middle / 512 * 512, 512),
            ("a page of zeros", middle / 4096 * 4096, 4096),
        ] {
            let ended = verify_damaged(&setup, &journal, |bytes| bytes[at..at + len].fill(0)).await;
            wrong.extend(expect_told(what, &ended, documents).err());
            let left = fs::metadata(setup.path("copy/data/0.jnl")).unwrap().len();
            let before = u64::try_from(bytes.len()).unwrap();
            if left != before {
                wrong.push(format!(
                    "{what}: the journal of {before} bytes was cut to {left}, the rest is gone for good"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_in_the_head_of_any_batch_is_told_or_harmless() {
    const SAMPLES: usize = 5;
    /// Tag, number of items, sequence number, and the first item's tag, kind and compression.
    const HEAD_LEN: usize = 16;
    within(120, async {
        let (setup, documents) = store().await;
        let journal = setup.store_path().join("data/0.jnl");
        let begins = batches(&fs::read(&journal).unwrap());
        let mut wrong = Vec::new();
        // Not the last batch: that one may have been torn by a crash, and nobody was told that it is stored.
        for sample in 0..SAMPLES {
            let begin = begins[sample * (begins.len() - 2) / (SAMPLES - 1)];
            for offset in 0..HEAD_LEN {
                let ended = verify_damaged(&setup, &journal, |bytes| bytes[begin + offset] ^= 0x55).await;
                wrong.extend(
                    expect_told(&format!("byte {offset} of the batch at {begin}"), &ended, documents).err(),
                );
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_end_of_the_journal_is_dropped_and_told_where_it_was_acknowledged() {
    within(60, async {
        let (setup, documents) = store().await;
        let journal = setup.store_path().join("data/0.jnl");
        for torn in [1, 7, 100, 300] {
            let ended = verify_damaged(&setup, &journal, |bytes| bytes.truncate(bytes.len() - torn)).await;
            ended.expect_refusal(&["broken: the journal: acknowledged documents are missing", " 1 breaks"]);
            let found = (documents - 2..=documents)
                .any(|left| ended.text.contains(&format!(": {left} documents of")));
            assert!(found, "{torn} bytes torn off {documents} documents: {}", ended.text);
        }
        // A batch of which only the beginning was written. The first may be short: all of it would be no torn one.
        let ended = verify_damaged(&setup, &journal, |bytes| {
            let second = batches(bytes)[1];
            let begin = bytes[..second.min(200) - 1].to_vec();
            bytes.extend(begin);
        })
        .await;
        ended.expect_success();
        assert!(ended.text.contains(&format!(": {documents} documents of")), "{}", ended.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_store_is_refused_at_the_start_with_its_place_and_the_command_that_helps() {
    within(60, async {
        let (setup, _) = store().await;
        let journal = setup.store_path().join("data/0.jnl");
        let whole = fs::read(&journal).unwrap();
        let mut bytes = whole.clone();
        let middle = batches(&bytes)[SALES] + 40;
        bytes[middle] ^= 0x55;
        fs::write(&journal, &bytes).unwrap();
        let data = setup.store_path().join("data");
        let place = data.to_str().unwrap();
        setup.run_command(setup.serve_command()).await.expect_refusal(&[
            place,
            "damaged",
            "ofd verify",
            "backup",
        ]);
        assert_eq!(fs::read(&journal).unwrap(), bytes, "a refused start changes nothing");
        fs::write(&journal, &whole).unwrap();

        fs::write(setup.store_path().join("FORMAT"), "ofd-store format 99\n").unwrap();
        setup.run_command(setup.serve_command()).await.expect_refusal(&["FORMAT", "format 99", "newer"]);
        fs::write(setup.store_path().join("FORMAT"), "ofd-store format 1\n").unwrap();
        setup.start().await.stop().await;
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lost_any_file_is_refused_with_its_place_and_the_command_that_helps() {
    within(60, async {
        let (setup, documents) = store().await;
        let store = setup.store_path();
        let mut wrong = Vec::new();
        for (path, len) in files(&store) {
            let name = path.strip_prefix(&store).unwrap().to_str().unwrap().to_owned();
            // A lock is made anew, and a creation that was cut off before FORMAT is finished; nothing is lost by either.
            if len == 0 || name == "FORMAT" {
                continue;
            }
            let damaged = setup.path("copy");
            copy(&store, &damaged);
            fs::remove_file(damaged.join(&name)).unwrap();
            let text = setup.config_text().replace("path = \"data\"", "path = \"copy\"");
            fs::write(setup.config(), text).unwrap();
            let mut server = setup.spawn(setup.serve_command());
            let since = Instant::now();
            while server.is_running() && since.elapsed() < Duration::from_secs(2) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let log = server.log();
            if server.is_running() {
                // Where it starts all the same, nothing may be missing.
                server.stop().await;
                let verified = setup.run(&["verify", "--config", "ofd.toml"]).await;
                wrong.extend(expect_told(&format!("without {name}"), &verified, documents).err());
                continue;
            }
            let told: Vec<&str> = log.lines().filter(|line| !line.contains(" INFO ")).collect();
            let words = [damaged.to_str().unwrap(), "damaged", "backup"];
            if words.iter().any(|word| !log.contains(word)) {
                wrong.push(format!("without {name}: {told:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_cut_short_is_told_and_the_store_takes_documents_again_only_when_a_person_says_so() {
    within(90, async {
        let (setup, documents, mut devices) = sold().await;
        let journal = setup.store_path().join("data/0.jnl");
        let bytes = fs::read(&journal).unwrap();
        // The first device sold before the others: all of it lies in the half that is left.
        fs::write(&journal, &bytes[..bytes.len() / 2]).unwrap();
        let device = &mut devices[0];
        device.client.close();

        let mut server = setup.spawn(setup.serve_command());
        eventually("the server listens", Duration::from_secs(20), || async {
            get(local(setup.ports.metrics), "/healthz").await.is_ok_and(|health| health.status == 200)
        })
        .await;
        let ready = get(local(setup.ports.metrics), "/readyz").await.unwrap().expect(503).text();
        for word in ["acknowledged documents are missing", "backup", "ofd serve --accept-loss"] {
            assert!(ready.contains(word), "no {word:?} in {ready:?}");
        }
        let sale = device.register.draw_sale();
        assert_eq!(device.send(sale).await.code(), Some(254), "nothing is written over a loss");
        eventually("the loss is counted", Duration::from_secs(10), || async {
            setup.metric("ofd_gateway_store_lost_writes").await.is_some_and(|lost| lost > 20.0)
        })
        .await;
        assert!(server.log().contains("acknowledged documents are missing"), "{}", server.log());
        server.stop().await;

        let told = setup.run(&["verify", "--config", "ofd.toml"]).await;
        told.expect_refusal(&["broken: the journal: acknowledged documents are missing"]);
        let left = documents_of(&told.text);
        assert!(left > documents / 4 && left < documents, "{left} of {documents}");
        setup
            .run(&["export", "--config", "ofd.toml", "--out", "left.jsonl"])
            .await
            .expect_refusal(&[&format!("{left} documents exported"), "acknowledged documents are missing"]);

        let mut accepting = setup.serve_command();
        accepting.arg("--accept-loss");
        let mut server = setup.start_with(accepting).await;
        device.client.close();
        device.retry().await.accepted();
        assert!(server.log().contains("the store goes on without them"), "{}", server.log());
        server.stop().await;
        let mut server = setup.start().await;
        device.client.close();
        device.sell().await;
        server.stop().await;
        assert_eq!(documents_of(&setup.verify().await.text), left + 2);
    })
    .await;
}

/// How many documents `ofd verify` walked.
fn documents_of(text: &str) -> usize {
    let before = text.split(" documents of ").next().and_then(|before| before.rsplit(' ').next());
    before
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no number of documents in {text}"))
}
