//! Attacks on the port of the registers.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use ofd_loadtest::{Client, Document, Endpoint, Operation, Receipt, Register, Till, TillError, clock};
use ofd_protocol::frame::{self, HEADER_LEN};
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::means::{Attack, COME_AGAIN, Means, Tally, address, connect, count_link, crowd, hold};
use crate::hostile::honest::VERSION;
use crate::http;
use crate::oracle::lenient;
use crate::process::local;
use crate::random::Random;
use crate::raw::RawFrame;

/// Connections that guess at once: more than one register's requests may wait for their turn.
const GUESSERS: usize = 100;

/// Guesses of one connection in a second: of all 4 000.
const GUESSES_PER_SECOND: f64 = 40.0;

/// Between two guesses of one connection.
const GUESS_EVERY: Duration = Duration::from_millis(25);

/// Guesses in a handful at most, where an attacker is late: a second's.
const HANDFUL_MAX: usize = 40;

/// Whoever is cut off comes again after this.
const RECONNECT: Duration = Duration::from_millis(250);

/// Half-sent frames at once.
const HALF_FRAMES: usize = 1_100;

/// What a frame may have at most, and half-sent ones promise.
const FRAME_BYTES: u32 = 1 << 20;

/// Idle connections of one address, and the addresses: more than there are places.
const IDLE: (usize, usize) = (2_000, 3);

/// So many of them come a second.
const IDLE_PER_SECOND: u32 = 2_000;

/// Receipts of a mebibyte a second.
const FAT_PER_SECOND: u32 = 30;

/// What a register may bring in an hour.
const REGISTER_BYTES_MAX: u64 = 64 << 20;

/// Who asks whether the server is ready waits so long.
const READY_PATIENCE: Duration = Duration::from_secs(3);

/// Files of the server that has few.
const FEW_FILES: u32 = 64;

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack {
            name: "storm",
            what: "4 000 frames/s under a register's id, random tokens",
            seconds: 15,
            run: |means| {
                let id = means.target.registers.first().map(|register| register.id.0);
                Box::pin(guess(means, id.into_iter().collect(), 1))
            },
            ..Attack::USUAL
        },
        Attack {
            name: "guesses",
            what: "4 000 guesses/s over 364 ids, 2 addresses",
            run: |means| {
                let ids = means.target.idle_ids().iter().map(|id| id.0).collect();
                Box::pin(guess(means, ids, 2))
            },
            // Twenty at once and one a second of each address; the rest is for the clocks of two programs.
            judge: |tally, seconds| at_most(tally, "guesses judged", 2 * (20 + seconds) + 20),
            ..Attack::USUAL
        },
        Attack {
            name: "half-frames",
            what: "1 100 half-sent frames of 1 MiB",
            run: |means| Box::pin(crowd(HALF_FRAMES, move |index| half_frame(means.clone(), index))),
            ..Attack::USUAL
        },
        Attack {
            name: "idle-sim",
            what: "3 addresses with 2 000 idle connections to the SIM port",
            run: |means| Box::pin(crowd(IDLE.0 * IDLE.1, move |index| idle(means.clone(), index))),
            ..Attack::USUAL
        },
        Attack {
            name: "fat-receipts",
            what: "one register with receipts of 1 MB",
            run: |means| Box::pin(fat_receipts(means)),
            judge: |tally, _| at_most(tally, "KiB taken", REGISTER_BYTES_MAX / 1024),
            ..Attack::USUAL
        },
        Attack {
            name: "few-files",
            what: "ulimit -n 64 and 96 silent strangers",
            registers: 6,
            files: Some(FEW_FILES),
            spares_site: false,
            run: |means| Box::pin(few_files(means)),
            ..Attack::USUAL
        },
    ]
}

fn at_most(tally: &Tally, what: &str, most: u64) -> Vec<String> {
    let found = tally.of(what);
    if found <= most { Vec::new() } else { vec![format!("{what}: {found}, over {most}")] }
}

async fn guess(means: Means, ids: Vec<u32>, addresses: u8) {
    let ids = Arc::new(ids);
    crowd(GUESSERS, move |index| {
        let (means, ids) = (means.clone(), Arc::clone(&ids));
        async move {
            let from = address(6, 1 + index as u8 % addresses);
            let mut random = Random::new(index as u64);
            // Evenly spread over all connections: then no honest sale slips through between two handfuls.
            tokio::time::sleep(GUESS_EVERY.mul_f64(index as f64 / GUESSERS as f64)).await;
            loop {
                guess_until_cut(&means, &ids, from, &mut random).await;
                tokio::time::sleep(RECONNECT).await;
            }
        }
    })
    .await;
}

async fn guess_until_cut(means: &Means, ids: &[u32], from: IpAddr, random: &mut Random) {
    let Ok(stream) = connect(means.target.plain(), from).await else {
        return means.tally.add("no connection");
    };
    let (reader, mut writer) = stream.into_split();
    let write = async {
        let (since, mut sent) = (Instant::now(), 0);
        loop {
            tokio::time::sleep(GUESS_EVERY).await;
            let due = (since.elapsed().as_secs_f64() * GUESSES_PER_SECOND) as usize;
            let handful = due.saturating_sub(sent).min(HANDFUL_MAX);
            // What was missed is made up for once; a server that is slow to read is not sent more afterwards.
            sent = due;
            let mut bytes = Vec::new();
            for _ in 0..handful {
                let token = random.draw() as u32 >> 1;
                let frame = RawFrame {
                    id: *random.pick(ids),
                    token,
                    request: random.draw() as u16,
                    ..RawFrame::NOBODY
                };
                // TICKET, with nothing in it: who judges the token never looks at that.
                bytes.extend_from_slice(&frame.with(&[8, 1]));
            }
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
            means.tally.add_many("guesses sent", handful as u64);
        }
    };
    tokio::select! { () = write => {}, () = count_codes(&means.tally, reader) => {} }
    means.tally.add("ended by the server");
}

/// Counts the result codes of all answers that come.
async fn count_codes(tally: &Tally, mut reader: OwnedReadHalf) {
    let mut bytes = BytesMut::new();
    while reader.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        while let Ok(Some(header)) = frame::header(&bytes)
            && bytes.len() >= header.size as usize
        {
            match code(&bytes[HEADER_LEN..header.size as usize]) {
                Some(2) => tally.add("guesses judged"),
                Some(code) => tally.add(&format!("answered {code}")),
                None => tally.add("answered without a code"),
            }
            bytes.advance(header.size as usize);
        }
    }
}

fn code(payload: &[u8]) -> Option<u32> {
    lenient::Response::decode(payload).ok()?.result?.result_code
}

async fn half_frame(means: Means, index: usize) {
    const CHUNK: &[u8] = &[0; 64 * 1024];
    const CHUNKS: usize = 15;
    // All of it in seven seconds, before the server's patience with a frame is over.
    const CHUNK_EVERY: Duration = Duration::from_millis(450);
    let ids = means.target.idle_ids();
    let Some(id) = ids.get(index % ids.len().max(1)) else { return };
    let promise = RawFrame { size: Some(FRAME_BYTES), id: id.0, token: index as u32 + 1, ..RawFrame::NOBODY };
    // Not all in the same moment.
    tokio::time::sleep(CHUNK_EVERY.mul_f64(index as f64 / HALF_FRAMES as f64)).await;
    loop {
        let done = async {
            let mut stream = connect(means.target.plain(), address(7, 1)).await?;
            let _ = stream.write_all(&promise.with(&[])).await;
            for _ in 0..CHUNKS {
                if stream.write_all(CHUNK).await.is_err() {
                    break;
                }
                means.tally.add_many("KiB sent", CHUNK.len() as u64 / 1024);
                tokio::time::sleep(CHUNK_EVERY).await;
            }
            hold(stream).await;
            Ok(())
        };
        count_link(&means.tally, &done.await);
        tokio::time::sleep(COME_AGAIN).await;
    }
}

async fn idle(means: Means, index: usize) {
    tokio::time::sleep(Duration::from_secs(1) * index as u32 / IDLE_PER_SECOND).await;
    let from = address(10, 1 + (index % IDLE.1) as u8);
    loop {
        let done = async {
            hold(connect(local(means.target.ports.sim), from).await?).await;
            Ok(())
        };
        count_link(&means.tally, &done.await);
        tokio::time::sleep(COME_AGAIN).await;
    }
}

/// A receipt that nearly fills a frame.
fn fat_receipt() -> Receipt {
    const LINES: usize = 5_200;
    let mut receipt = Receipt::new(Operation::Sell);
    for number in 0..LINES {
        let name = format!(
            "Тауар № {number}: әрқайсысының аты ұзын, қағазға сыймайтындай, бірақ рас болуы мүмкін атау"
        );
        receipt = receipt.item(name, "1", 1_000, 100);
    }
    let total = receipt.total;
    receipt.pay_rest_in_cash(total)
}

/// The bytes of its frame.
fn frame_len(mut register: Register, receipt: Receipt) -> Option<usize> {
    register.begin(Document::Receipt(receipt), clock::now()).ok()?;
    register.request(clock::now()).map(<[u8]>::len)
}

async fn fat_receipts(means: Means) {
    let Some(identity) = means.target.registers.last().cloned() else { return };
    let receipt = fat_receipt();
    let Some(len) = frame_len(Register::new(identity.clone(), VERSION, 7), receipt.clone()) else { return };
    let client = Client::new(Endpoint::plain(means.target.plain()));
    let mut till = Till::new(Register::new(identity, VERSION, 7), client);
    let mut tick = tokio::time::interval(Duration::from_secs(1) / FAT_PER_SECOND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let is_under_way = till.register.flight().is_some();
        let sold = if is_under_way { till.retry().await } else { till.sale(receipt.clone()).await };
        match sold {
            Ok(_) => means.tally.add_many("KiB taken", len as u64 / 1024),
            Err(TillError::Later(answer) | TillError::Refused(answer)) => {
                means.tally.add(&format!("answered {}", answer.code));
            }
            Err(TillError::Lost(_)) => means.tally.add("no answer"),
            Err(_) => means.tally.add("not to be read"),
        }
    }
}

async fn few_files(means: Means) {
    let readiness = means.clone();
    let silent = crowd(96, move |index| {
        let means = means.clone();
        async move {
            // Two of three at the registers' port, the others at the site.
            let to = if index % 3 == 2 { means.target.site() } else { means.target.plain() };
            let from = address(11, 1 + index as u8 / 32);
            loop {
                let done = async {
                    hold(connect(to, from).await?).await;
                    Ok(())
                };
                count_link(&means.tally, &done.await);
                tokio::time::sleep(COME_AGAIN).await;
            }
        }
    });
    let asked = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let asked = http::get(local(readiness.target.ports.metrics), "/readyz");
        readiness.tally.add(&match timeout(READY_PATIENCE, asked).await {
            Ok(Ok(said)) => {
                let text = said.text().trim().replace(['\n', '|'], "; ");
                format!("/readyz {} ({text})", said.status)
            }
            Ok(Err(error)) => format!("/readyz {}", error.kind()),
            Err(_) => "/readyz without an answer".to_owned(),
        });
    };
    tokio::join!(silent, asked);
}

#[cfg(test)]
mod tests {
    use ofd_loadtest::Fleet;

    use super::*;

    #[test]
    fn a_fat_receipt_fills_a_frame_and_no_more() {
        let identity = Fleet::of_size(1, 7).registers().next().unwrap();
        let len = frame_len(Register::new(identity, VERSION, 7), fat_receipt()).unwrap();
        assert!((900_000..=FRAME_BYTES as usize).contains(&len), "{len}");
    }
}
