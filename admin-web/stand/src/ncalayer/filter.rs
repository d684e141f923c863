//! Which keys a page admits.

use ofd_eds::Certificate;

use super::request::{JsonFault, Members};
use crate::Key;

/// The storage that the emulated person's keys lie in.
pub(super) const STORAGE: &str = "PKCS12";

/// Every storage that NCALayer knows.
pub(super) const STORAGES: &[&str] = &[
    STORAGE,
    "JKS",
    "AKKaztokenStore",
    "AKKZIDCardStore",
    "AKEToken72KStore",
    "AKEToken5110Store",
    "AKJaCartaStore",
    "AKAKEYStore",
];

/// The CAs whose keys are admitted.
#[derive(Clone, Debug)]
enum Chain {
    /// Those of the national CA, which no key of a stand is.
    Production,
    /// Any key will do.
    Any,
    /// Those below one of these.
    Below(Vec<Certificate>),
}

/// What a page asks of the key.
#[derive(Clone, Debug)]
pub(super) struct Filter<'a> {
    storages: Option<Vec<&'a str>>,
    purposes: Vec<&'a str>,
    iin: Option<&'a str>,
    bin: Option<&'a str>,
    serial: Option<&'a str>,
    chain: Chain,
}

impl<'a> Filter<'a> {
    /// Reads the arguments of `basics.sign`.
    pub(super) fn read(args: Members<'a>) -> Result<Self, JsonFault> {
        let mut filter = Self {
            storages: args.texts("allowedStorages")?,
            purposes: Vec::new(),
            iin: None,
            bin: None,
            serial: None,
            chain: Chain::Production,
        };
        let Some(signer) = args.object("signerParams")? else { return Ok(filter) };
        filter.purposes = signer.texts("extKeyUsageOids")?.unwrap_or_default();
        (filter.iin, filter.bin) = (signer.text("iin")?, signer.text("bin")?);
        filter.serial = signer.text("serialNumber")?;
        filter.chain = match signer.texts("chain")? {
            None => Chain::Production,
            Some(list) if list.is_empty() => Chain::Any,
            Some(list) => Chain::Below(list.into_iter().map(certificate).collect::<Result<_, _>>()?),
        };
        Ok(filter)
    }

    /// Why `key` is not offered to the person; `None`: it is.
    pub(super) fn excludes(&self, key: &Key) -> Option<&'static str> {
        if self.storages.as_ref().is_some_and(|storages| !storages.contains(&STORAGE)) {
            return Some("allowedStorages has no PKCS12");
        }
        match &self.chain {
            Chain::Production => {
                return Some("signerParams has no chain, so it admits production keys alone");
            }
            Chain::Below(above) if !above.iter().any(|one| key.is_below(one)) => {
                return Some("chain names other CAs");
            }
            Chain::Any | Chain::Below(_) => {}
        }
        if !self.purposes.iter().all(|purpose| is_for(key, purpose)) {
            return Some("extKeyUsageOids asks for what the certificate is not for");
        }
        if self.iin.is_some_and(|iin| key.iin() != Some(iin)) {
            return Some("iin is another person's");
        }
        if self.bin.is_some_and(|bin| key.bin() != Some(bin)) {
            return Some("bin is another organisation's");
        }
        if self.serial.is_some_and(|serial| !serial.eq_ignore_ascii_case(&key.serial())) {
            return Some("serialNumber is another certificate's");
        }
        None
    }
}

fn certificate(pem: &str) -> Result<Certificate, JsonFault> {
    // Whose words NCALayer has for this is not recorded.
    Certificate::read(pem.as_bytes()).map_err(|_| JsonFault::is_not("chain", "a list of certificates"))
}

/// Whether a certificate's extKeyUsage has the purpose.
pub(super) fn is_for(key: &Key, purpose: &str) -> bool {
    key.extended_usage().iter().any(|one| one.to_string() == purpose)
}
