//! Which proxies and balancers are believed when they say for whom they ask.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;

/// An address or a network whose machines say truly from where they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TrustedProxy(IpNet);

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
        max: u8,
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
        /// How many of its bits count.
        prefix: u8,
    },
}

/// What an entry says, as it is written: an address alone is the network of all its bits.
fn network(entry: &str) -> Result<IpNet, TrustedProxyError> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().map_err(|_| TrustedProxyError::Form(entry.to_owned()))?;
    let alone = IpNet::from(address);
    let Some(digits) = prefix else { return Ok(alone) };
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = digits.parse().ok().filter(|_| are_digits);
    prefix
        .and_then(|prefix| IpNet::new(address, prefix).ok())
        .ok_or_else(|| TrustedProxyError::Prefix { entry: entry.to_owned(), max: alone.max_prefix_len() })
}

/// Addresses are compared in their canonical form, so IPv4 networks written as IPv6 ones take it as well.
fn canonical(network: IpNet) -> IpNet {
    let prefix = network.prefix_len().checked_sub(96).filter(|_| network.addr().is_ipv6());
    match (network.addr().to_canonical(), prefix) {
        (address @ IpAddr::V4(_), Some(prefix)) => IpNet::new(address, prefix).unwrap_or(network),
        _ => network,
    }
}

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let network = canonical(network(entry)?);
        let prefix = network.prefix_len();
        if prefix == 0 {
            return Err(TrustedProxyError::Everybody(entry.to_owned()));
        }
        if network != network.trunc() {
            let first = network.network();
            return Err(TrustedProxyError::Inside { entry: entry.to_owned(), first, prefix });
        }
        Ok(Self(network))
    }
}

impl TryFrom<String> for TrustedProxy {
    type Error = TrustedProxyError;

    fn try_from(entry: String) -> Result<Self, Self::Error> {
        entry.parse()
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
        self.0.iter().any(|proxy| proxy.0.contains(&address))
    }
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
}
