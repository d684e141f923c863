//! Addresses as they are counted: whoever has one address of an IPv6 network has them all.

use std::net::{IpAddr, Ipv6Addr};

/// A network whose machines count as one: an IPv4 address, an IPv6 /64, or the /48 around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

/// What one subscriber has at least.
const NEAR_BITS: u32 = 64;

/// What one site may have: 65536 of them.
const WIDE_BITS: u32 = 48;

fn first_of(address: Ipv6Addr, bits: u32) -> IpAddr {
    let mask = u128::MAX.checked_shl(Ipv6Addr::BITS.saturating_sub(bits)).unwrap_or(0);
    IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
}

impl Network {
    /// The /48 around an IPv6 address. Around an IPv4 address there is none: its neighbours are strangers to it.
    pub fn around(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self { first: first_of(address, WIDE_BITS), bits: WIDE_BITS }),
        }
    }
}

/// The address itself, or its /64.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Self { first: address, bits: 32 },
            IpAddr::V6(address) => Self { first: first_of(address, NEAR_BITS), bits: NEAR_BITS },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let near = |text: &str| Network::from(address(text));
        assert_eq!(near("2a00:1:2:3::1"), near("2a00:1:2:3:ffff::9"));
        assert_ne!(near("2a00:1:2:3::1"), near("2a00:1:2:4::1"));
        assert_eq!(near("::ffff:10.0.0.1"), near("10.0.0.1"));
        assert_ne!(near("10.0.0.1"), near("10.0.0.2"));
        let wide = |text: &str| Network::around(address(text));
        assert_eq!(wide("2a00:1:2:3::1"), wide("2a00:1:2:ffff::1"));
        assert_ne!(wide("2a00:1:2::1"), wide("2a00:1:3::1"));
        assert_ne!(wide("2a00:1:2::1"), Some(near("2a00:1:2::1")), "the /48 and its first /64 are two");
        assert_eq!(wide("::ffff:10.0.0.1"), None);
    }
}
