//! A verdict as JSON for programs and as text for people.

use ofd_eds::{
    Chain, FormatError, Moment, Overall, Reason, Revocation, SignerVerdict, TimeStamp, Validity, Verdict,
};
use serde::Serialize;

#[derive(Serialize)]
struct JsonVerdict {
    overall: &'static str,
    signers: Vec<JsonSigner>,
    /// Why there is no signer that was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The limit that the file is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
}

#[derive(Serialize)]
struct JsonSigner {
    iin: Option<String>,
    bin: Option<String>,
    name: Option<String>,
    organisation: Option<String>,
    serial: Option<String>,
    not_before: Option<String>,
    not_after: Option<String>,
    template: Option<&'static str>,
    roles: Vec<&'static str>,
    signature: &'static str,
    digest: &'static str,
    chain: &'static str,
    validity: Option<&'static str>,
    revocation: &'static str,
    time_stamp: Option<JsonTimeStamp>,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonTimeStamp {
    time: Option<String>,
    ok: bool,
}

fn line_of(verdict: &JsonVerdict) -> String {
    // Texts and words only: nothing in it can fail to be written.
    serde_json::to_string(verdict).unwrap_or_default()
}

/// The verdict on a file whose signatures were not checked.
pub(super) fn json_of_nothing(overall: Overall, error: &FormatError) -> String {
    let is_over_limit = matches!(error, FormatError::TooMuch { .. });
    let reason = is_over_limit.then_some(Reason::OverLimit.as_str());
    let limit = is_over_limit.then(|| error.to_string());
    line_of(&JsonVerdict { overall: overall.as_str(), signers: Vec::new(), reason, limit })
}

/// A verdict as one line of JSON.
pub(super) fn json(verdict: &Verdict) -> String {
    let signers = verdict.signers.iter().map(json_signer).collect();
    let reason = verdict.reason().map(Reason::as_str);
    line_of(&JsonVerdict { overall: verdict.overall().as_str(), signers, reason, limit: None })
}

fn json_signer(signer: &SignerVerdict) -> JsonSigner {
    let certificate = signer.certificate.as_ref();
    let subject = certificate.map(ofd_eds::Certificate::subject);
    JsonSigner {
        iin: subject.and_then(|subject| subject.iin.clone()),
        bin: subject.and_then(|subject| subject.bin.clone()),
        name: subject.and_then(ofd_eds::Subject::full_name),
        organisation: subject.and_then(|subject| subject.organisation.clone()),
        serial: certificate.map(ofd_eds::Certificate::serial),
        not_before: certificate.map(|certificate| certificate.not_before().to_string()),
        not_after: certificate.map(|certificate| certificate.not_after().to_string()),
        template: subject.map(|subject| subject.owner().as_str()),
        roles: certificate
            .map_or(Vec::new(), |one| one.roles().into_iter().map(|role| role.as_str()).collect()),
        signature: signer.signature.as_str(),
        digest: signer.digest.as_str(),
        chain: signer.chain.as_str(),
        validity: signer.validity.map(Validity::as_str),
        revocation: signer.revocation.as_str(),
        time_stamp: signer.time_stamp.map(|stamp| JsonTimeStamp {
            time: stamp.time.map(|time| time.to_string()),
            ok: stamp.is_good(),
        }),
        reason: signer.reason.map(Reason::as_str),
    }
}

/// The verdict on a file whose signatures were not checked, for people.
pub(super) fn text_of_nothing(overall: Overall, error: &FormatError) -> Vec<String> {
    vec![format!("{}: {error}", overall.as_str())]
}

/// A verdict for people.
pub(super) fn text(verdict: &Verdict) -> Vec<String> {
    let mut lines = vec![match verdict.signers.len() {
        0 => {
            let reason = verdict.reason().unwrap_or(Reason::NoSigners);
            format!("{}: {}", verdict.overall().as_str(), explain(reason))
        }
        1 => format!("{}, 1 signer", verdict.overall().as_str()),
        count => format!("{}, {count} signers", verdict.overall().as_str()),
    }];
    for (index, signer) in verdict.signers.iter().enumerate() {
        lines.push(String::new());
        lines.push(format!("signer {}: {}", index + 1, signer.overall().as_str()));
        if let Some(reason) = signer.reason {
            lines.push(format!("  reason         {}: {}", reason.as_str(), explain(reason)));
        }
        lines.extend(owner(signer).into_iter().map(|(name, value)| format!("  {name:<14} {value}")));
        lines.extend(facts(signer).into_iter().map(|(name, value)| format!("  {name:<14} {value}")));
    }
    lines
}

fn owner(signer: &SignerVerdict) -> Vec<(&'static str, String)> {
    let Some(certificate) = &signer.certificate else { return Vec::new() };
    let subject = certificate.subject();
    let roles = certificate.roles().into_iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let known = [
        ("name", subject.full_name()),
        ("IIN", subject.iin.clone()),
        ("BIN", subject.bin.clone()),
        ("organisation", subject.organisation.clone()),
        ("template", Some(subject.owner().as_str().to_owned())),
        ("roles", Some(roles).filter(|roles| !roles.is_empty())),
        ("serial", Some(certificate.serial())),
        ("valid", Some(format!("{} to {}", certificate.not_before(), certificate.not_after()))),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn facts(signer: &SignerVerdict) -> Vec<(&'static str, String)> {
    let chain = match (signer.chain, signer.authorities.is_empty()) {
        (Chain::Ok, false) => format!("ok: {}", signer.authorities.join(" < ")),
        (chain, _) => chain.as_str().to_owned(),
    };
    let revocation = match signer.revocation {
        Revocation::Good => "good".to_owned(),
        Revocation::Revoked(since) => format!("revoked since {since}"),
        Revocation::Unknown(why) => format!("unknown: {why}"),
    };
    vec![
        ("signature", signer.signature.as_str().to_owned()),
        ("digest", signer.digest.as_str().to_owned()),
        ("chain", chain),
        ("validity", signer.validity.map_or("unknown: there is no certificate", Validity::as_str).to_owned()),
        ("revocation", revocation),
        ("time stamp", signer.time_stamp.map_or_else(|| "none".to_owned(), |stamp| time_stamp(&stamp))),
        ("judged at", signer.judged_at.to_string()),
    ]
}

fn time_stamp(stamp: &TimeStamp) -> String {
    let time = stamp.time.as_ref().map_or_else(|| "without a time".to_owned(), Moment::to_string);
    match stamp.fault {
        None => format!("ok: {time}"),
        Some(fault) => format!("bad: {time}: {fault}"),
    }
}

/// What a reason means and what can be done about it.
fn explain(reason: Reason) -> &'static str {
    match reason {
        Reason::NoSigners => "nobody signed this file",
        Reason::CertificatesOnly => "this file only holds certificates: nobody signed anything in it",
        Reason::SignerCertificateUnreadable => {
            "a certificate in the file cannot be read, and the signer's is not among the others"
        }
        Reason::NoSignerCertificate => {
            "the signer's certificate is not in the file; ask for a file that holds it"
        }
        Reason::NoSignedAttributes => "the signature does not say what it is over",
        Reason::AttributesMalformed => "what the signature says about itself cannot be read or comes twice",
        Reason::ContentTypeMismatch => "the signature is over another kind of content",
        Reason::AlgorithmNotAllowed => {
            "hash or signature algorithm prove nothing or do not belong together, so nothing was checked"
        }
        Reason::AlgorithmUnknown => "hash or signature algorithm are not known here, so nothing was checked",
        Reason::KeyTooWeak => "the key, or that of a CA, is so short that its signatures can be forged",
        Reason::OverLimit => "the check takes more work than one file may cost; it is not known to be wrong",
        Reason::AlgorithmHistorical => "GOST 34.310-2004 counts only in documents stamped up to 2025-06-25",
        Reason::SignatureBad => "the signature was not made with this certificate's key, or was changed",
        Reason::DigestBad => "the document is not the one that was signed",
        Reason::SigningCertificateMismatch => "the signer named another certificate than the one in the file",
        Reason::WrongPurpose => "the certificate is not for signing documents",
        Reason::ChainUntrusted => "the certificate's chain does not lead to a trusted root",
        Reason::CertificateRevoked => "the certificate was revoked",
        Reason::AuthorityRevoked => "the certificate of a CA in the chain was revoked",
        Reason::TimeStampBad => "the time stamp proves nothing, so the time of signing is not known",
        Reason::AuthorityNotValid => "the certificate of a CA in the chain was not valid at that time",
        Reason::CertificateExpired => "the certificate had expired",
        Reason::CertificateNotYetValid => "the certificate was not valid yet",
        Reason::RevokedAfterTimeStamp => {
            "the certificate was revoked after the time stamp, and its key is in doubt"
        }
        Reason::ChainIncomplete => "a CA is not known; add its certificate to the trust directory",
        Reason::RevocationUnknown => {
            "it is not known whether the certificate is revoked; add a fresh list of its CA"
        }
        Reason::AuthorityRevocationUnknown => {
            "it is not known whether a CA is revoked; add a fresh list of its root"
        }
    }
}
