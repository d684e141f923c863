//! Addresses as they are counted: whoever has one address of an IPv6 network has them all.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

/// A network whose machines count as one: an IPv4 address, an IPv6 /64, or the /48 around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(IpNet);

/// What one subscriber has at least.
const NEAR_BITS: u8 = 64;

/// What one site may have: 65536 of them.
const WIDE_BITS: u8 = 48;

impl AddressKey {
    /// The /48 around an IPv6 address. Around an IPv4 address there is none: its neighbours are strangers to it.
    pub fn around(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self(Ipv6Net::new_assert(address, WIDE_BITS).trunc().into())),
        }
    }
}

/// The address itself, or its /64.
impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            address @ IpAddr::V4(_) => address.into(),
            IpAddr::V6(address) => Ipv6Net::new_assert(address, NEAR_BITS).trunc().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let near = |text: &str| AddressKey::from(address(text));
        assert_eq!(near("2a00:1:2:3::1"), near("2a00:1:2:3:ffff::9"));
        assert_ne!(near("2a00:1:2:3::1"), near("2a00:1:2:4::1"));
        assert_eq!(near("::ffff:10.0.0.1"), near("10.0.0.1"));
        assert_ne!(near("10.0.0.1"), near("10.0.0.2"));
        let wide = |text: &str| AddressKey::around(address(text));
        assert_eq!(wide("2a00:1:2:3::1"), wide("2a00:1:2:ffff::1"));
        assert_ne!(wide("2a00:1:2::1"), wide("2a00:1:3::1"));
        assert_ne!(wide("2a00:1:2::1"), Some(near("2a00:1:2::1")), "the /48 and its first /64 are two");
        assert_eq!(wide("::ffff:10.0.0.1"), None);
    }
}
