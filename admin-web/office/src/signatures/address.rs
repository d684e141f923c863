//! Addresses of responders and lists. Only those of the config are asked, never one that a certificate names: whoever
//! sends us a file must not choose whom we call.

use std::fmt;

use hyper::Uri;

/// Where revocation data is: `http://host[:port]/path`. It is signed, so it needs no TLS, and TLS would need it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    uri: Uri,
    /// Host in lower case, and port.
    host: (String, u16),
}

/// Why a text is no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address of revocation data; write it like http://ocsp.pki.gov.kz/")]
pub struct AddressError(String);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

/// Who is asked over the network.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    pub(super) responders: Vec<Address>,
    pub(super) lists: Vec<Address>,
    pub(super) stampers: Vec<Address>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let is_plain = uri.scheme_str() == Some("http")
            && !authority.as_str().contains('@')
            && !authority.host().is_empty()
            && !text.contains('#');
        if !is_plain {
            return Err(wrong());
        }
        let host = (authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(80));
        Ok(Self { uri, host })
    }

    /// Where a redirect from here leads, if it may be followed: to a host and port among `known`.
    pub(super) fn redirected(&self, location: &str, known: &[Self]) -> Option<Self> {
        let target = if location.starts_with('/') && !location.starts_with("//") {
            format!("http://{}{location}", self.uri.authority()?)
        } else {
            location.to_owned()
        };
        let target = Self::parse(&target).ok()?;
        known.iter().any(|one| one.host == target.host).then_some(target)
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn only_plain_http_with_a_host_is_an_address() {
        for good in ["http://ocsp.pki.gov.kz", "http://127.0.0.1:13581/ocsp", "http://h/a?b=c"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "ocsp.pki.gov.kz",
            "https://h/",
            "ftp://h/",
            "file:///etc/passwd",
            "/ocsp",
            "http://",
            "http://u@h/",
            "http://h/#x",
            "http://h h/",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn redirects_lead_to_hosts_of_the_config_only() {
        let known = [address("http://ocsp.kz/a"), address("http://crl.kz:8080/b")];
        let from = |location: &str| known[0].redirected(location, &known).map(|target| target.to_string());
        assert_eq!(from("/c?d"), Some("http://ocsp.kz/c?d".to_owned()));
        assert_eq!(from("http://CRL.kz:8080/c"), Some("http://CRL.kz:8080/c".to_owned()));
        for wrong in [
            "http://evil.kz/",
            "http://ocsp.kz:81/",
            "http://crl.kz/",
            "https://ocsp.kz/",
            "//evil.kz/",
            "c",
            "",
            "http://ocsp.kz@evil.kz/",
        ] {
            assert_eq!(from(wrong), None, "{wrong}");
        }
    }
}
