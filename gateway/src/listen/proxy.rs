//! The PROXY protocol, version 2: a balancer's word for whom a connection comes, before its first byte.
//!
//! ```text
//!  0            12     13     14       16
//!  +------------+------+------+--------+--------------------+-------- - -
//!  | signature  | 2|cmd| fam  | length | addresses and ports | TLVs
//!  +------------+------+------+--------+--------------------+-------- - -
//!                              big-endian; counts what follows it
//! ```

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use nom::bytes::complete::{tag, take};
use nom::number::complete::{be_u16, be_u32, be_u128, u8};
use nom::{IResult, Parser};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// How every header begins; no frame, no TLS and no HTTP does.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, command, family and length.
const HEAD_LEN: usize = 16;

/// What may follow them: addresses have at most 216 bytes, the rest is for TLVs, which are skipped.
const BODY_LEN_MAX: usize = 2048;

/// Version 2, a connection of the balancer's own.
const LOCAL: u8 = 0x20;

/// Version 2, a connection on behalf of a client.
const PROXY: u8 = 0x21;

/// Why a connection of a balancer is not served.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyError {
    /// The peer is not trusted to speak for others.
    #[error(
        "it is none of the trusted_proxies and this listener has proxy_protocol = true; name it there if it is a balancer of yours"
    )]
    Untrusted,
    /// Something else came.
    #[error("it sent no PROXY header of version 2; let the balancer send one (in HAProxy: send-proxy-v2)")]
    Foreign,
    /// The header cannot be read.
    #[error("it sent a PROXY header of version 2 that cannot be read: {0}")]
    Malformed(&'static str),
    /// It came too slowly.
    #[error("its PROXY header did not come within {0:?}")]
    Slow(Duration),
    /// The link broke.
    #[error("the link broke before its PROXY header was whole")]
    Broken(#[from] io::Error),
}

/// The first bytes of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    is_local: bool,
    family: Family,
    body_len: usize,
}

/// What kind of addresses follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Unknown, or a socket of the balancer's machine: nobody is named.
    Nameless,
    V4,
    V6,
}

fn head_fields(input: &[u8]) -> IResult<&[u8], (u8, u8, u16)> {
    let (input, _) = tag(SIGNATURE)(input)?;
    (u8, u8, be_u16).parse(input)
}

fn head(input: &[u8; HEAD_LEN]) -> Result<Head, ProxyError> {
    let (_, (command, kind, body_len)) = head_fields(input).map_err(|_| ProxyError::Foreign)?;
    let is_local = match command {
        LOCAL => true,
        PROXY => false,
        _ => return Err(ProxyError::Malformed("its version and command are neither 0x20 nor 0x21")),
    };
    // The lower half says stream or datagram, which does not matter here.
    let family = match kind >> 4 {
        0 | 3 => Family::Nameless,
        1 => Family::V4,
        2 => Family::V6,
        _ if is_local => Family::Nameless,
        _ => return Err(ProxyError::Malformed("its address family is none")),
    };
    let body_len = usize::from(body_len);
    if body_len > BODY_LEN_MAX {
        return Err(ProxyError::Malformed("it is longer than 2048 bytes"));
    }
    Ok(Head { is_local, family, body_len })
}

fn v4(input: &[u8]) -> IResult<&[u8], IpAddr> {
    // Source and destination, then their ports.
    let (input, (source, _, _)) = (be_u32, be_u32, take(4_usize)).parse(input)?;
    Ok((input, IpAddr::V4(Ipv4Addr::from_bits(source))))
}

fn v6(input: &[u8]) -> IResult<&[u8], IpAddr> {
    let (input, (source, _, _)) = (be_u128, be_u128, take(4_usize)).parse(input)?;
    Ok((input, IpAddr::V6(Ipv6Addr::from_bits(source))))
}

/// For whom the connection comes; `None`: for the balancer itself, or nobody is named.
fn client(head: Head, body: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
    if head.is_local {
        return Ok(None);
    }
    let read = match head.family {
        Family::Nameless => return Ok(None),
        Family::V4 => v4(body),
        Family::V6 => v6(body),
    };
    let (_, address) = read.map_err(|_| ProxyError::Malformed("its addresses are cut short"))?;
    Ok(Some(address.to_canonical()))
}

/// Reads a balancer's header off the front of a connection, and no byte more.
pub(super) async fn read(stream: &mut TcpStream, within: Duration) -> Result<Option<IpAddr>, ProxyError> {
    let reading = async {
        let mut first = [0; HEAD_LEN];
        stream.read_exact(&mut first).await?;
        let head = head(&first)?;
        let mut body = vec![0; head.body_len];
        stream.read_exact(&mut body).await?;
        client(head, &body)
    };
    tokio::time::timeout(within, reading).await.unwrap_or(Err(ProxyError::Slow(within)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, kind: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap();
        [SIGNATURE, &[command, kind], &len.to_be_bytes(), body].concat()
    }

    fn parse(bytes: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
        let (first, body) = bytes.split_first_chunk().unwrap();
        let head = head(first)?;
        assert_eq!(head.body_len, body.len());
        client(head, body)
    }

    const V4: [u8; 12] = [203, 0, 113, 9, 10, 0, 0, 1, 0xD4, 0x31, 0x1E, 0x61];

    fn v6_body(source: &str) -> Vec<u8> {
        let source = source.parse::<Ipv6Addr>().unwrap().octets();
        [source.as_slice(), &[0; 16], &[0xD4, 0x31, 0x1E, 0x61]].concat()
    }

    #[test]
    fn a_header_names_the_client() {
        let named = |kind, body: &[u8]| parse(&header(PROXY, kind, body)).unwrap().unwrap().to_string();
        assert_eq!(named(0x11, &V4), "203.0.113.9");
        assert_eq!(named(0x21, &v6_body("2a00:1::9")), "2a00:1::9");
        assert_eq!(named(0x21, &v6_body("::ffff:203.0.113.9")), "203.0.113.9");
        // TLVs behind the addresses are skipped, however they look.
        assert_eq!(named(0x11, &[V4.as_slice(), &[0x20, 0xFF, 0xFF, 1, 2, 3]].concat()), "203.0.113.9");
    }

    #[test]
    fn a_balancer_that_comes_for_itself_or_names_nobody_is_taken_for_itself() {
        for (command, kind, body) in [
            (LOCAL, 0x00, [].as_slice()),
            (LOCAL, 0x11, &V4),
            (LOCAL, 0xFF, &[1, 2, 3]),
            (PROXY, 0x00, &[]),
            (PROXY, 0x00, &[7; 300]),
            (PROXY, 0x31, &[b'/'; 216]),
        ] {
            assert_eq!(parse(&header(command, kind, body)).unwrap(), None, "{command:X} {kind:X}");
        }
    }

    #[test]
    fn what_is_no_header_or_a_broken_one_is_told_apart() {
        let foreign = |bytes: &[u8]| matches!(parse(bytes), Err(ProxyError::Foreign));
        assert!(foreign(&[0xA2; 16]));
        assert!(foreign(b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n".first_chunk::<16>().unwrap()));
        let malformed = |bytes: &[u8]| matches!(parse(bytes), Err(ProxyError::Malformed(_)));
        for command in [0x00, 0x11, 0x22, 0x2F, 0x31, 0xFF] {
            assert!(malformed(&header(command, 0x11, &V4)), "{command:X}");
        }
        assert!(malformed(&header(PROXY, 0x41, &V4)) && malformed(&header(PROXY, 0xF1, &V4)));
        assert!(malformed(&header(PROXY, 0x11, &V4[..11])) && malformed(&header(PROXY, 0x21, &V4)));
        let long = header(PROXY, 0x11, &[0; BODY_LEN_MAX + 1]);
        assert!(matches!(head(long.first_chunk().unwrap()), Err(ProxyError::Malformed(_))));
        assert!(head(header(PROXY, 0x11, &[0; BODY_LEN_MAX]).first_chunk().unwrap()).is_ok());
    }

    #[test]
    fn no_header_makes_it_panic_and_none_names_an_address_that_is_not_in_it() {
        for kind in 0..=u8::MAX {
            for command in [LOCAL, PROXY] {
                for len in (0..40).chain([216, 300]) {
                    let body: Vec<u8> = (0..len).map(|at| 0x11 ^ at as u8).collect();
                    if let Ok(Some(address)) = parse(&header(command, kind, &body)) {
                        let octets = match address {
                            IpAddr::V4(address) => address.octets().to_vec(),
                            IpAddr::V6(address) => address.octets().to_vec(),
                        };
                        assert!(body.starts_with(&octets), "{command:X} {kind:X} {len}");
                    }
                }
            }
        }
    }

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), accepted.unwrap().0)
    }

    #[tokio::test]
    async fn not_a_byte_behind_the_header_is_taken() {
        use tokio::io::AsyncWriteExt;
        let (mut client, mut stream) = pair().await;
        let sent =
            [header(PROXY, 0x11, &[V4.as_slice(), &[4, 0, 1, 0]].concat()), b"frame".to_vec()].concat();
        // Byte by byte, as the worst of links would.
        let sending = async {
            for byte in &sent {
                client.write_all(&[*byte]).await.unwrap();
            }
        };
        let (read, ()) = tokio::join!(read(&mut stream, Duration::from_secs(9)), sending);
        assert_eq!(read.unwrap(), Some(IpAddr::from([203, 0, 113, 9])));
        let mut rest = [0; 5];
        stream.read_exact(&mut rest).await.unwrap();
        assert_eq!(&rest, b"frame");
    }

    #[tokio::test]
    async fn a_header_that_does_not_come_is_not_waited_for() {
        let (client, mut stream) = pair().await;
        let slow = read(&mut stream, Duration::from_millis(50)).await;
        assert!(matches!(slow, Err(ProxyError::Slow(_))), "{slow:?}");
        drop(client);
        let broken = read(&mut stream, Duration::from_secs(9)).await;
        assert!(matches!(broken, Err(ProxyError::Broken(_))), "{broken:?}");
    }
}
