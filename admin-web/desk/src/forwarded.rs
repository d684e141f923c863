//! Whose request it is that proxies pass on.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ofd_edge::TrustedProxies;

/// The header in which proxies name the client, each adding the address it was asked from at the right.
pub(crate) const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whose request it is that came from `peer` with these values of [`FORWARDED_FOR`], in their order.
///
/// Each entry was added by the machine to its right, so entries are believed from the right for as long as those
/// machines are trusted. What stands left of the client was written by the client.
pub(crate) fn client<'a>(
    proxies: &TrustedProxies,
    peer: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> IpAddr {
    let peer = peer.to_canonical();
    if !proxies.trust(peer) {
        return peer;
    }
    // If all are trusted, one of them asked on its own behalf.
    let mut farthest = peer;
    for entry in forwarded_for.rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
        let Some(address) = address_of(entry) else { return peer };
        if !proxies.trust(address) {
            return address;
        }
        farthest = address;
    }
    farthest
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

    fn client(peer: &str, headers: &[&[u8]]) -> String {
        let entries = ["10.0.0.1", "10.1.0.0/16", "2a00:1::/32"];
        let trusted: TrustedProxies = entries.iter().map(|entry| entry.parse().unwrap()).collect();
        super::client(&trusted, address(peer), headers.iter().copied()).to_string()
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
