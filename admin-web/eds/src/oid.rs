//! The object identifiers that are understood.

use der::asn1::ObjectIdentifier;

const fn oid(text: &'static str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

// Algorithms.
pub(crate) const RSA_KEY: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(crate) const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub(crate) const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub(crate) const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub(crate) const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
pub(crate) const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
pub(crate) const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
pub(crate) const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
pub(crate) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub(crate) const GOST_2015_512_KEY: ObjectIdentifier = oid("1.2.398.3.10.1.1.2.2");
pub(crate) const GOST_2015_512_CURVE_A: ObjectIdentifier = oid("1.2.398.3.10.1.1.2.2.1");
pub(crate) const GOST_2015_512_SIGNATURE: ObjectIdentifier = oid("1.2.398.3.10.1.1.2.3.2");
pub(crate) const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub(crate) const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
pub(crate) const STREEBOG_512: ObjectIdentifier = oid("1.2.398.3.10.1.3.3");
pub(crate) const GOST_2004_KEY: ObjectIdentifier = oid("1.2.398.3.10.1.1.1.1");
pub(crate) const GOST_2004_CURVE: ObjectIdentifier = oid("1.2.398.3.10.1.1.1.1.1");
pub(crate) const GOST_2004_SIGNATURE: ObjectIdentifier = oid("1.2.398.3.10.1.1.1.2");
pub(crate) const GOST_94: ObjectIdentifier = oid("1.2.398.3.10.1.3.1");
/// The S-box that the registry calls the test parameter. TumarCSP names the hash by it.
pub(crate) const GOST_94_PARAMETER: ObjectIdentifier = oid("1.2.398.3.10.1.3.1.1.0");

// Names.
pub(crate) const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
pub(crate) const SURNAME: ObjectIdentifier = oid("2.5.4.4");
pub(crate) const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
pub(crate) const ORGANISATION: ObjectIdentifier = oid("2.5.4.10");
pub(crate) const ORGANISATION_UNIT: ObjectIdentifier = oid("2.5.4.11");
/// In this country's certificates the patronymic, not the given name.
pub(crate) const PATRONYMIC: ObjectIdentifier = oid("2.5.4.42");
pub(crate) const EMAIL: ObjectIdentifier = oid("1.2.840.113549.1.9.1");

// Extensions.
pub(crate) const SUBJECT_KEY: ObjectIdentifier = oid("2.5.29.14");
pub(crate) const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
pub(crate) const SUBJECT_ALTERNATIVE: ObjectIdentifier = oid("2.5.29.17");
pub(crate) const ISSUER_ALTERNATIVE: ObjectIdentifier = oid("2.5.29.18");
pub(crate) const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
pub(crate) const CRL_NUMBER: ObjectIdentifier = oid("2.5.29.20");
pub(crate) const DELTA_CRL: ObjectIdentifier = oid("2.5.29.27");
pub(crate) const REASON_CODE: ObjectIdentifier = oid("2.5.29.21");
pub(crate) const NAME_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.30");
pub(crate) const CRL_POINTS: ObjectIdentifier = oid("2.5.29.31");
pub(crate) const POLICIES: ObjectIdentifier = oid("2.5.29.32");
pub(crate) const ANY_POLICY: ObjectIdentifier = oid("2.5.29.32.0");
pub(crate) const POLICY_MAPPINGS: ObjectIdentifier = oid("2.5.29.33");
pub(crate) const AUTHORITY_KEY: ObjectIdentifier = oid("2.5.29.35");
pub(crate) const POLICY_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.36");
pub(crate) const EXTENDED_USAGE: ObjectIdentifier = oid("2.5.29.37");
pub(crate) const FRESHEST_CRL: ObjectIdentifier = oid("2.5.29.46");
pub(crate) const INHIBIT_ANY_POLICY: ObjectIdentifier = oid("2.5.29.54");
pub(crate) const EXPIRED_ON_CRL: ObjectIdentifier = oid("2.5.29.60");
pub(crate) const AUTHORITY_INFO: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.1");
pub(crate) const KEY_STORAGE: ObjectIdentifier = oid("1.2.398.3.3.5");

// Purposes of keys.
pub(crate) const CLIENT_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.2");
pub(crate) const EMAIL_PROTECTION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.4");
pub(crate) const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");
pub(crate) const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");

// CMS.
pub(crate) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(crate) const TIME_STAMP_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
pub(crate) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub(crate) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub(crate) const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub(crate) const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
pub(crate) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub(crate) const TIME_STAMP_TOKEN: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");

// OCSP.
pub(crate) const OCSP_BASIC: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.1");
pub(crate) const OCSP_NONCE: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.2");
