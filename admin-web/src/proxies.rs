//! Which proxies are believed when they say whose request they pass on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;

/// The header in which proxies name the client, each adding the address it was asked from at the right.
pub(crate) const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address or a network whose machines say truly from where they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TrustedProxy {
    first: IpAddr,
    /// Bits that all addresses of the network share.
    prefix: u32,
}

/// Why a text names no proxies that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustedProxyError {
    /// It is no address.
    #[error("{0:?} is no IP address and no network; write one such as \"10.0.0.1\" or \"10.1.0.0/16\"")]
    Form(String),
    /// The network has more bits than its address.
    #[error("{entry:?}: after the / stands a number from 1 to {max}")]
    Prefix {
        /// What was written.
        entry: String,
        /// The bits of an address.
        max: u32,
    },
    /// The network takes in every address.
    #[error("{0:?} trusts everybody, so anybody could name any address; name the proxies alone")]
    Everybody(String),
    /// The address lies inside the network, so either it or the number is a slip.
    #[error("{entry:?} is no first address of a network; write \"{first}/{prefix}\", or the address alone")]
    Inside {
        /// What was written.
        entry: String,
        /// Where the network begins.
        first: IpAddr,
        /// Its bits.
        prefix: u32,
    },
}

/// How many bits addresses of its family have.
const fn width_of(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => Ipv4Addr::BITS,
        IpAddr::V6(_) => Ipv6Addr::BITS,
    }
}

/// Where the network of so many shared bits begins in which an address lies.
fn first_of(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(Ipv4Addr::BITS.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(Ipv6Addr::BITS.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (entry, None),
        };
        let address: IpAddr = address.parse().map_err(|_| TrustedProxyError::Form(entry.to_owned()))?;
        let width = width_of(address);
        let prefix = match prefix {
            None => width,
            Some(digits) => {
                let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
                let prefix = digits.parse().ok().filter(|prefix| are_digits && *prefix <= width);
                prefix.ok_or_else(|| TrustedProxyError::Prefix { entry: entry.to_owned(), max: width })?
            }
        };
        // Addresses are compared in their canonical form, so IPv4 networks written as IPv6 ones take it as well.
        let (address, prefix) = match (address.to_canonical(), prefix.checked_sub(96)) {
            (canonical @ IpAddr::V4(_), Some(prefix)) if address.is_ipv6() => (canonical, prefix),
            _ => (address, prefix),
        };
        if prefix == 0 {
            return Err(TrustedProxyError::Everybody(entry.to_owned()));
        }
        let first = first_of(address, prefix);
        if first != address {
            return Err(TrustedProxyError::Inside { entry: entry.to_owned(), first, prefix });
        }
        Ok(Self { first, prefix })
    }
}

impl TryFrom<String> for TrustedProxy {
    type Error = TrustedProxyError;

    fn try_from(entry: String) -> Result<Self, Self::Error> {
        entry.parse()
    }
}

impl TrustedProxy {
    /// Whether it takes in an address in its canonical form.
    fn contains(self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4() && first_of(address, self.prefix) == self.first
    }
}

/// The proxies that are believed; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TrustedProxies(Vec<TrustedProxy>);

impl FromIterator<TrustedProxy> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = TrustedProxy>>(proxies: I) -> Self {
        Self(proxies.into_iter().collect())
    }
}

impl TrustedProxies {
    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether what comes from an address comes from a proxy that is believed.
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|proxy| proxy.contains(address))
    }

    /// Whose request it is that came from `peer` with these values of [`FORWARDED_FOR`], in their order.
    ///
    /// Each entry was added by the machine to its right, so entries are believed from the right for as long as those
    /// machines are trusted. What stands left of the client was written by the client.
    pub(crate) fn client<'a>(
        &self,
        peer: IpAddr,
        forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trust(peer) {
            return peer;
        }
        // If all are trusted, one of them asked on its own behalf.
        let mut farthest = peer;
        for entry in forwarded_for.rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
            let Some(address) = address_of(entry) else { return peer };
            if !self.trust(address) {
                return address;
            }
            farthest = address;
        }
        farthest
    }
}

/// The address of an entry: `10.0.0.1`, `10.0.0.1:5000`, `2a00::1`, `[2a00::1]`, `[2a00::1]:5000`.
///
/// Bytes, since a client may have put anything to the left of what a proxy added in the same header.
fn address_of(entry: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(entry.trim_ascii()).ok()?;
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn trusted() -> TrustedProxies {
        let entries = ["10.0.0.1", "10.1.0.0/16", "2a00:1::/32", "::ffff:10.2.0.0/112"];
        entries.iter().map(|entry| entry.parse::<TrustedProxy>().unwrap()).collect()
    }

    fn client(peer: &str, headers: &[&[u8]]) -> String {
        trusted().client(address(peer), headers.iter().copied()).to_string()
    }

    #[test]
    fn an_entry_is_an_address_or_a_network() {
        let trusted = trusted();
        for inside in [
            "10.0.0.1",
            "::ffff:10.0.0.1",
            "10.1.0.0",
            "10.1.255.255",
            "::ffff:10.1.2.3",
            "2a00:1::",
            "2a00:1:ffff::9",
            "10.2.255.1",
        ] {
            assert!(trusted.trust(address(inside)), "{inside}");
        }
        for outside in ["10.0.0.0", "10.0.0.2", "10.3.0.0", "2a00:2::", "::a01:1"] {
            assert!(!trusted.trust(address(outside)), "{outside}");
        }
        assert!(!TrustedProxies::default().trust(address("127.0.0.1")), "by default nobody is trusted");
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_told_with_the_entry() {
        for (entry, words) in [
            ("", "no IP address"),
            ("proxy.example", "no IP address"),
            ("10.0.0.1:80", "no IP address"),
            ("10.0.0.1 ", "no IP address"),
            ("10.0/16", "no IP address"),
            ("10.0.0.0/33", "from 1 to 32"),
            ("10.0.0.0/", "from 1 to 32"),
            ("10.0.0.0/+8", "from 1 to 32"),
            ("10.0.0.0/-1", "from 1 to 32"),
            ("10.0.0.0/255.0.0.0", "from 1 to 32"),
            ("2a00::/129", "from 1 to 128"),
            ("0.0.0.0/0", "everybody"),
            ("::/0", "everybody"),
            ("::ffff:0:0/96", "everybody"),
            ("::ffff:10.1.0.0/90", "no first address"),
            ("10.1.2.3/16", "\"10.1.0.0/16\""),
            ("2a00:1::5/32", "\"2a00:1::/32\""),
        ] {
            let error = entry.parse::<TrustedProxy>().unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(&format!("{entry:?}")), "{entry}: {error}");
        }
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        assert_eq!(client("203.0.113.9", &[b"198.51.100.7"]), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &[b"198.51.100.7"]), "203.0.113.9");
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_not_trusted() {
        assert_eq!(client("10.0.0.1", &[b"198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.7, 10.1.4.4,10.1.5.5"]), "198.51.100.7");
        // Several headers are one list, in their order.
        assert_eq!(client("10.0.0.1", &[b"192.0.2.1", b"198.51.100.7", b"10.1.4.4"]), "198.51.100.7");
        assert_eq!(client("2a00:1::1", &[b"2a00:2::7"]), "2a00:2::7");
    }

    #[test]
    fn what_a_client_wrote_itself_changes_nothing() {
        for forged in [&b"192.0.2.1"[..], b"10.1.4.4", b"", b",,", b"unknown", b"\xff\xfe", b"\"], [", b"["] {
            let in_one_header = [forged, b", 198.51.100.7"].concat();
            assert_eq!(client("10.0.0.1", &[&in_one_header]), "198.51.100.7", "{forged:?}");
            assert_eq!(client("10.0.0.1", &[forged, b"198.51.100.7"]), "198.51.100.7", "{forged:?}");
        }
    }

    #[test]
    fn an_entry_may_have_a_port_and_brackets() {
        for (entry, client_address) in [
            ("198.51.100.7:5000", "198.51.100.7"),
            ("\t198.51.100.7 ", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[2a00:2::7]:5000", "2a00:2::7"),
            ("[2a00:2::7]", "2a00:2::7"),
            ("[::ffff:198.51.100.7]:5000", "198.51.100.7"),
        ] {
            assert_eq!(client("10.0.0.1", &[entry.as_bytes()]), client_address, "{entry}");
        }
    }

    #[test]
    fn a_proxy_that_names_nobody_is_itself_the_client() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        for garbage in ["", "unknown", "_hidden", "198.51.100.7:99999", "198.51.100", "[198.51.100.7]", "a,"]
        {
            assert_eq!(client("10.0.0.1", &[b"192.0.2.1", garbage.as_bytes()]), "10.0.0.1", "{garbage}");
        }
        // A proxy behind another one asks on its own behalf.
        assert_eq!(client("10.0.0.1", &[b"10.1.4.4, 10.1.5.5"]), "10.1.4.4");
    }
}
