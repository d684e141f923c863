//! Limits: what bounds each register, each address, and all together. Defaults stop no honest fleet.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

use super::problems::Problems;
use crate::budget::{Allowance, StrangerLimits};
use crate::lane::{LaneLimits, quota};

/// How patient a listener is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerProfile {
    /// Cable and Wi-Fi.
    #[default]
    Wired,
    /// SIM cards: slow links, many behind one address.
    Sim,
}

/// `[limits]` of the config.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections overall. Each takes a file descriptor and some 10 KiB.
    pub connections_max: usize,
    /// Connections of one address; a SIM fleet shares one.
    pub connections_per_address_max: usize,
    /// How many of all connections may have shown no good token yet.
    pub unproven_connections_max: usize,
    /// Connections beyond the cap that are still read once, to be answered 254.
    pub reserve_max: usize,
    /// Seconds a TLS handshake may take.
    pub handshake_seconds: u64,
    /// Seconds within which a wired connection must show a good token.
    pub good_token_seconds: u64,
    /// The same on listeners of profile sim.
    pub sim_good_token_seconds: u64,
    /// Seconds from a frame's first byte to the end of its header.
    pub header_seconds: u64,
    /// Seconds from the header to the end of the payload.
    pub payload_seconds: u64,
    /// The same two on listeners of profile sim.
    pub sim_frame_seconds: u64,
    /// Seconds a wired connection may be silent between requests.
    pub idle_seconds: u64,
    /// The same on listeners of profile sim.
    pub sim_idle_seconds: u64,
    /// Seconds a peer may take to read an answer.
    pub write_seconds: u64,
    /// Milliseconds within which every request is answered, with 254 if need be. Devices wait 5 seconds.
    pub answer_milliseconds: u64,
    /// Requests per second of one register.
    pub register_requests_per_second: NonZeroU32,
    /// Requests of one register at once: a queue that is drained comes in a burst.
    pub register_requests_burst: NonZeroU32,
    /// Bytes of one register that are stored in an hour, MiB, so that none can fill the disk.
    pub register_mib_per_hour: NonZeroU32,
    /// Tokens per second from one address that are not known and must be judged by the store.
    pub unknown_tokens_per_second: NonZeroU32,
    /// Such tokens at once: after a restart a whole fleet comes from one address.
    pub unknown_tokens_burst: NonZeroU32,
    /// Wrong tokens per second from one address, over all registers, so that tokens cannot be tried through.
    pub wrong_tokens_per_second: NonZeroU32,
    /// Wrong tokens at once.
    pub wrong_tokens_burst: NonZeroU32,
    /// Unknown ids per second from one address.
    pub unknown_ids_per_second: NonZeroU32,
    /// Unknown ids at once.
    pub unknown_ids_burst: NonZeroU32,
    /// Memory for all frames that have not come whole, or wait for their answer, MiB.
    pub unfinished_frames_mib: NonZeroU32,
    /// Requests that may wait for one register.
    pub lane_depth_max: u32,
    /// Registers kept in memory; about 2 KiB each.
    pub lanes_max: usize,
    /// Free space of the store's disk below which documents are answered 254, MiB.
    pub free_space_min_mib: u64,
    /// Seconds a shutdown may take.
    pub shutdown_seconds: u64,
}

const fn number(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(value) => value,
        None => NonZeroU32::MIN,
    }
}

const MIB: u32 = 1024 * 1024;

/// A quarter of it is for strangers: less than so much would not hold one frame of theirs beside a few others.
const UNFINISHED_FRAMES_MIB_MIN: NonZeroU32 = number(4);

/// As many bytes as can be counted.
const UNFINISHED_FRAMES_MIB_MAX: NonZeroU32 = number(4095);

/// As many bytes as can be counted.
const REGISTER_MIB_MAX: NonZeroU32 = number(4095);

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 50_000,
            connections_per_address_max: 20_000,
            unproven_connections_max: 12_000,
            reserve_max: 512,
            handshake_seconds: 10,
            good_token_seconds: 10,
            sim_good_token_seconds: 30,
            header_seconds: 5,
            payload_seconds: 10,
            sim_frame_seconds: 30,
            idle_seconds: 300,
            sim_idle_seconds: 1800,
            write_seconds: 10,
            answer_milliseconds: 4000,
            register_requests_per_second: number(2000),
            register_requests_burst: number(10_000),
            register_mib_per_hour: number(64),
            unknown_tokens_per_second: number(1000),
            unknown_tokens_burst: number(20_000),
            wrong_tokens_per_second: number(1),
            wrong_tokens_burst: number(20),
            unknown_ids_per_second: number(100),
            unknown_ids_burst: number(1000),
            unfinished_frames_mib: number(64),
            lane_depth_max: 64,
            lanes_max: 200_000,
            free_space_min_mib: 256,
            shutdown_seconds: 8,
        }
    }
}

/// How long each part of a connection's life may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The TLS handshake.
    pub handshake: Duration,
    /// From the beginning of the connection to a good token.
    pub good_token: Duration,
    /// From a frame's first byte to its header.
    pub header: Duration,
    /// From the header to the payload's end.
    pub payload: Duration,
    /// The longest pause between two requests.
    pub idle: Duration,
    /// How long a peer may take to read an answer.
    pub write: Duration,
}

impl Limits {
    pub(super) fn check(&self, problems: &mut Problems) {
        let mut wrong = |key: &str, problem: String| problems.add(format!("limits.{key}"), problem);
        let positive = [
            ("connections_max", self.connections_max > 0),
            ("connections_per_address_max", self.connections_per_address_max > 0),
            ("unproven_connections_max", self.unproven_connections_max > 0),
            ("good_token_seconds", self.good_token_seconds > 0),
            ("sim_good_token_seconds", self.sim_good_token_seconds > 0),
            ("handshake_seconds", self.handshake_seconds > 0),
            ("header_seconds", self.header_seconds > 0),
            ("payload_seconds", self.payload_seconds > 0),
            ("sim_frame_seconds", self.sim_frame_seconds > 0),
            ("idle_seconds", self.idle_seconds > 0),
            ("sim_idle_seconds", self.sim_idle_seconds > 0),
            ("write_seconds", self.write_seconds > 0),
            ("lane_depth_max", self.lane_depth_max > 0),
            ("lanes_max", self.lanes_max > 0),
        ];
        for (key, _) in positive.into_iter().filter(|(_, is_positive)| !is_positive) {
            wrong(key, "it must be 1 or more".into());
        }
        if !(UNFINISHED_FRAMES_MIB_MIN..=UNFINISHED_FRAMES_MIB_MAX).contains(&self.unfinished_frames_mib) {
            let bounds = format!("{UNFINISHED_FRAMES_MIB_MIN} to {UNFINISHED_FRAMES_MIB_MAX}");
            wrong("unfinished_frames_mib", format!("it must be {bounds}: a frame may have 1 MiB"));
        }
        if self.register_mib_per_hour > REGISTER_MIB_MAX {
            wrong("register_mib_per_hour", format!("it must be 1 to {REGISTER_MIB_MAX}"));
        }
        if !(100..5000).contains(&self.answer_milliseconds) {
            wrong("answer_milliseconds", "it must be 100 to 4999: devices wait 5 seconds".into());
        }
        if !(1..=9).contains(&self.shutdown_seconds) {
            wrong("shutdown_seconds", "it must be 1 to 9: the process is to end within 10".into());
        }
    }

    /// The deadlines of a listener.
    pub fn patience(&self, profile: ListenerProfile) -> Patience {
        let (header, payload, idle, good_token) = match profile {
            ListenerProfile::Wired => {
                (self.header_seconds, self.payload_seconds, self.idle_seconds, self.good_token_seconds)
            }
            ListenerProfile::Sim => (
                self.sim_frame_seconds,
                self.sim_frame_seconds,
                self.sim_idle_seconds,
                self.sim_good_token_seconds,
            ),
        };
        Patience {
            handshake: Duration::from_secs(self.handshake_seconds),
            good_token: Duration::from_secs(good_token),
            header: Duration::from_secs(header),
            payload: Duration::from_secs(payload),
            idle: Duration::from_secs(idle),
            write: Duration::from_secs(self.write_seconds),
        }
    }

    /// What bounds lanes.
    pub fn lanes(&self) -> LaneLimits {
        LaneLimits {
            lanes_max: self.lanes_max,
            depth_max: self.lane_depth_max,
            requests: quota(self.register_requests_per_second, self.register_requests_burst),
            stored: Allowance::per_hour(self.register_mib_per_hour.get().saturating_mul(MIB)),
        }
    }

    /// What addresses may spend.
    pub fn strangers(&self) -> StrangerLimits {
        let allowance =
            |per_second: NonZeroU32, burst: NonZeroU32| Allowance::per_second(per_second.get(), burst.get());
        StrangerLimits {
            unknown_tokens: allowance(self.unknown_tokens_per_second, self.unknown_tokens_burst),
            wrong_tokens: allowance(self.wrong_tokens_per_second, self.wrong_tokens_burst),
            unknown_ids: allowance(self.unknown_ids_per_second, self.unknown_ids_burst),
        }
    }

    /// Bytes for all frames that have not come whole, or wait for their answer.
    pub fn unfinished_frames_bytes(&self) -> usize {
        let bytes = self.unfinished_frames_mib.get().saturating_mul(MIB);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}
