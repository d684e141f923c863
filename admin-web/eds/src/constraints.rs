//! Which names a CA's certificate lets it certify (RFC 5280 sections 4.2.1.6 and 4.2.1.10).

use crate::limits::CONSTRAINTS_MAX;
use crate::name::Name;
use crate::tlv::{FormatError, Items, SEQUENCE, Tlv, context, context_primitive};

const WHAT: &str = "a certificate";

/// Bytes of an address of IPv4 or IPv6 with its mask.
const IP_SUBTREES: [usize; 2] = [8, 32];

/// A GeneralName, of the kinds that name constraints speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GeneralName {
    Mail(String),
    Dns(String),
    Uri(String),
    Directory(Name),
    Ip(Vec<u8>),
    /// A form that is not compared here, by its tag.
    Other(u8),
}

impl GeneralName {
    fn read(item: &Tlv<'_>) -> Result<Self, FormatError> {
        let text = || String::from_utf8_lossy(item.value).trim().to_ascii_lowercase();
        Ok(match item.tag {
            tag if tag == context_primitive(1) => Self::Mail(text()),
            tag if tag == context_primitive(2) => Self::Dns(text()),
            tag if tag == context_primitive(6) => Self::Uri(text()),
            tag if tag == context_primitive(7) => Self::Ip(item.value.to_vec()),
            tag if tag == context(4) => Self::Directory(Name::read(item.value)?),
            other => Self::Other(other),
        })
    }

    /// Reads a SEQUENCE OF GeneralName.
    pub(crate) fn read_all(der: &[u8]) -> Result<Vec<Self>, FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        let mut found = Vec::new();
        while !items.is_empty() {
            if found.len() == CONSTRAINTS_MAX {
                return Err(FormatError::TooMuch { what: WHAT, limit: CONSTRAINTS_MAX });
            }
            found.push(Self::read(&items.any()?)?);
        }
        Ok(found)
    }

    /// Whether both are of one form.
    fn is_like(&self, base: &Self) -> bool {
        match (self, base) {
            (Self::Other(tag), Self::Other(other)) => tag == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(base),
        }
    }

    /// Whether it lies in the subtree of `base`, which is of its form; `None`: that cannot be said.
    fn is_within(&self, base: &Self) -> Option<bool> {
        match (self, base) {
            (Self::Directory(name), Self::Directory(base)) => Some(name.is_within(base)),
            (Self::Mail(mail), Self::Mail(base)) => {
                let (_, host) = mail.rsplit_once('@')?;
                Some(if base.contains('@') { mail == base } else { is_host_within(host, base) })
            }
            (Self::Dns(name), Self::Dns(base)) => {
                let base = base.trim_start_matches('.');
                let is_below = name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'));
                Some(base.is_empty() || name == base || is_below)
            }
            (Self::Uri(uri), Self::Uri(base)) => {
                let (_, rest) = uri.split_once("://")?;
                let authority = rest.split(['/', '?', '#']).next()?;
                let host = authority.rsplit('@').next()?.split(':').next()?;
                (!host.is_empty()).then(|| is_host_within(host, base))
            }
            (Self::Ip(address), Self::Ip(base)) => {
                if !IP_SUBTREES.contains(&base.len()) {
                    return None;
                }
                let (net, mask) = base.split_at_checked(base.len() / 2)?;
                let is_same = |((byte, net), mask): ((&u8, &u8), &u8)| byte & mask == net & mask;
                Some(address.len() == net.len() && address.iter().zip(net).zip(mask).all(is_same))
            }
            _ => None,
        }
    }
}

/// A host by itself, or with a leading dot all hosts of a domain.
fn is_host_within(host: &str, base: &str) -> bool {
    if base.starts_with('.') { host.ends_with(base) } else { host == base }
}

/// The extension NameConstraints, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameConstraints {
    permitted: Vec<GeneralName>,
    excluded: Vec<GeneralName>,
}

impl NameConstraints {
    pub(crate) fn read(der: &[u8]) -> Result<Self, FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        let permitted = items.optional(context(0))?.map_or(Ok(Vec::new()), |item| subtrees(item.value))?;
        let excluded = items.optional(context(1))?.map_or(Ok(Vec::new()), |item| subtrees(item.value))?;
        items.finish()?;
        Ok(Self { permitted, excluded })
    }

    /// Whether a certificate with these names may be below. What cannot be compared is not allowed: the standard has
    /// such a certificate refused.
    pub(crate) fn allow(&self, subject: &Name, alternatives: &[GeneralName]) -> bool {
        let own = Some(GeneralName::Directory(subject.clone())).filter(|_| !subject.is_empty());
        let mails = subject.mails().iter().map(|mail| GeneralName::Mail(mail.trim().to_ascii_lowercase()));
        let own: Vec<_> = own.into_iter().chain(mails).collect();
        own.iter().chain(alternatives).all(|name| self.allows(name))
    }

    fn allows(&self, name: &GeneralName) -> bool {
        let mut permitted = self.permitted.iter().filter(|base| name.is_like(base)).peekable();
        let is_permitted =
            permitted.peek().is_none() || permitted.any(|base| name.is_within(base) == Some(true));
        let mut excluded = self.excluded.iter().filter(|base| name.is_like(base));
        is_permitted && excluded.all(|base| name.is_within(base) == Some(false))
    }
}

fn subtrees(body: &[u8]) -> Result<Vec<GeneralName>, FormatError> {
    let mut items = Items::new(body, WHAT)?;
    let mut found = Vec::new();
    while !items.is_empty() {
        if found.len() == CONSTRAINTS_MAX {
            return Err(FormatError::TooMuch { what: WHAT, limit: CONSTRAINTS_MAX });
        }
        let mut subtree = Items::new(items.expect(SEQUENCE)?.value, WHAT)?;
        found.push(GeneralName::read(&subtree.any()?)?);
        // Distances within the tree: the standard allows none but the default.
        subtree.finish()?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::GeneralName;

    fn dns(text: &str) -> GeneralName {
        GeneralName::Dns(text.into())
    }

    fn mail(text: &str) -> GeneralName {
        GeneralName::Mail(text.into())
    }

    fn uri(text: &str) -> GeneralName {
        GeneralName::Uri(text.into())
    }

    #[test]
    fn names_lie_in_subtrees_as_the_standard_has_it() {
        for (name, base, is_within) in [
            (dns("a.kz"), dns("a.kz"), Some(true)),
            (dns("b.a.kz"), dns("a.kz"), Some(true)),
            (dns("ba.kz"), dns("a.kz"), Some(false)),
            (dns("kz"), dns(""), Some(true)),
            (mail("x@a.kz"), mail("x@a.kz"), Some(true)),
            (mail("y@a.kz"), mail("x@a.kz"), Some(false)),
            (mail("y@a.kz"), mail("a.kz"), Some(true)),
            (mail("y@b.a.kz"), mail("a.kz"), Some(false)),
            (mail("y@b.a.kz"), mail(".a.kz"), Some(true)),
            (mail("nobody"), mail("a.kz"), None),
            (uri("http://u@a.kz:80/x"), uri("a.kz"), Some(true)),
            (uri("http://b.a.kz/"), uri(".a.kz"), Some(true)),
            (uri("http://a.kz.evil/"), uri("a.kz"), Some(false)),
            (uri("urn:x"), uri("a.kz"), None),
            (
                GeneralName::Ip(vec![10, 1, 2, 3]),
                GeneralName::Ip(vec![10, 0, 0, 0, 255, 0, 0, 0]),
                Some(true),
            ),
            (
                GeneralName::Ip(vec![11, 1, 2, 3]),
                GeneralName::Ip(vec![10, 0, 0, 0, 255, 0, 0, 0]),
                Some(false),
            ),
            (GeneralName::Other(0xA0), GeneralName::Other(0xA0), None),
        ] {
            assert_eq!(name.is_within(&base), is_within, "{name:?} {base:?}");
        }
    }
}
