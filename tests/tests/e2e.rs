//! End to end: the real binary as a child process, real sockets, simulated registers, and all that can go wrong.

#![allow(clippy::inconsistent_digit_grouping, reason = "sums read as tenge and tiyn: 180_00")]

#[path = "e2e/away.rs"]
mod away;
#[path = "e2e/backup.rs"]
mod backup;
#[path = "e2e/bootstrap.rs"]
mod bootstrap;
#[path = "e2e/clock.rs"]
mod clock;
#[path = "e2e/config.rs"]
mod config;
#[path = "e2e/copy.rs"]
mod copy;
#[path = "e2e/crash.rs"]
mod crash;
#[path = "e2e/damage.rs"]
mod damage;
#[path = "e2e/demo.rs"]
mod demo;
#[path = "e2e/disk.rs"]
mod disk;
#[path = "e2e/durability.rs"]
mod durability;
#[path = "e2e/first_release.rs"]
mod first_release;
#[path = "e2e/fleet.rs"]
mod fleet;
#[path = "e2e/hostile.rs"]
mod hostile;
#[path = "e2e/hostile_site.rs"]
mod hostile_site;
#[path = "e2e/life.rs"]
mod life;
#[path = "e2e/live.rs"]
mod live;
#[path = "e2e/models.rs"]
mod models;
#[path = "e2e/ops.rs"]
mod ops;
#[path = "e2e/peers.rs"]
mod peers;
#[path = "e2e/proxy.rs"]
mod proxy;
#[path = "e2e/retries.rs"]
mod retries;
#[path = "e2e/signature.rs"]
mod signature;
#[path = "e2e/stop.rs"]
mod stop;
#[path = "e2e/strangers.rs"]
mod strangers;
#[path = "e2e/unpaid.rs"]
mod unpaid;
