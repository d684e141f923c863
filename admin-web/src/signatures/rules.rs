//! What the page of the signature check decides.

use ofd_eds::limits::{self, CMS_BYTES_MAX};
use ofd_eds::{Chain, Fact, FormatError, Reason, Revocation, SignerVerdict, Validity};
use ofd_office::signatures::TEXT_FACTOR;
use ofd_office::signatures::limits::DOCUMENT_BYTES_MAX;

/// The longest form: both files, the first of them perhaps as text, and what a form adds.
pub(super) const FORM_BYTES_MAX: usize = TEXT_FACTOR * CMS_BYTES_MAX + DOCUMENT_BYTES_MAX + (64 << 10);

/// The longest name of a file that is given back, in characters. Systems take 255 bytes.
const FILE_NAME_LEN_MAX: usize = 100;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckResult {
    Passed,
    Failed,
    /// It could not be found out.
    Open,
}

impl CheckResult {
    pub(super) fn of(is_good: bool) -> Self {
        if is_good { Self::Passed } else { Self::Failed }
    }

    pub(super) fn of_fact(fact: Fact) -> Self {
        match fact {
            Fact::Ok => Self::Passed,
            Fact::Bad => Self::Failed,
            Fact::Unchecked => Self::Open,
        }
    }
}

/// The certificate as a whole: chain, term, revocation and what it is for, at the judged moment.
pub(super) fn certificate_result(signer: &SignerVerdict) -> CheckResult {
    let is_wrong = match signer.reason {
        Some(
            Reason::NoSignerCertificate
            | Reason::WrongPurpose
            | Reason::ChainUntrusted
            | Reason::AuthorityNotValid
            | Reason::AuthorityRevoked
            | Reason::CertificateRevoked,
        ) => true,
        // The moment that counts is not known, or the state at it is in doubt: then neither is proven.
        Some(Reason::TimeStampBad | Reason::RevokedAfterTimeStamp | Reason::SignerCertificateUnreadable) => {
            return CheckResult::Open;
        }
        Some(_) | None => false,
    };
    if is_wrong || signer.certificate.is_none() {
        return CheckResult::Failed;
    }
    let chain = match signer.chain {
        Chain::Ok => CheckResult::Passed,
        Chain::Incomplete => CheckResult::Open,
        Chain::Untrusted => CheckResult::Failed,
    };
    let revocation = match signer.revocation {
        Revocation::Good => CheckResult::Passed,
        Revocation::Revoked(_) => CheckResult::Failed,
        Revocation::Unknown(_) => CheckResult::Open,
    };
    let term = CheckResult::of(signer.validity == Some(Validity::Ok));
    let all = [chain, revocation, term];
    if all.contains(&CheckResult::Failed) {
        CheckResult::Failed
    } else if all.contains(&CheckResult::Open) {
        CheckResult::Open
    } else {
        CheckResult::Passed
    }
}

/// The text that explains why a file cannot be read.
pub(super) fn format_text(error: &FormatError) -> &'static str {
    match error {
        FormatError::Malformed { .. } => "signature-damaged",
        FormatError::Trailing { .. } => "signature-trailing",
        FormatError::TooMuch { .. } => "signature-over-limit",
        FormatError::Unsupported { .. } => "signature-unsupported",
    }
}

/// The text that names what is over a limit.
pub(super) fn limit_text(what: &str) -> &'static str {
    match what {
        limits::FILE_SIZE => "signature-limit-size",
        limits::SIGNERS => "signature-limit-signers",
        limits::CERTIFICATES => "signature-limit-certificates",
        limits::ATTRIBUTES => "signature-limit-attributes",
        limits::NESTING => "signature-limit-nesting",
        _ => "signature-limit-parts",
    }
}

/// What the document inside a signature file is called: the file's name without the ending that signing added. Of a
/// name from elsewhere only what no system misreads is kept.
pub(super) fn document_name(file_name: &str) -> String {
    let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = last.to_ascii_lowercase();
    let ending = [".cms", ".p7s", ".p7m", ".sig", ".sign"].into_iter().find(|ending| lower.ends_with(ending));
    let kept = last.get(..last.len() - ending.map_or(0, str::len)).unwrap_or(last);
    let is_plain = |char: &char| char.is_alphanumeric() || " .,-_()№+".contains(*char);
    let kept: String = kept.chars().filter(is_plain).take(FILE_NAME_LEN_MAX).collect();
    let kept = kept.trim_matches([' ', '.']);
    if kept.is_empty() { "document".to_owned() } else { kept.to_owned() }
}

/// A file's name as a page shows it: without folders, and not without end.
pub(super) fn shown_name(file_name: &str) -> String {
    let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let mut shown: String = last.chars().take(FILE_NAME_LEN_MAX).collect();
    if last.chars().nth(FILE_NAME_LEN_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// The header that has a browser save an answer under a name (RFC 6266, RFC 8187).
pub(super) fn disposition(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"document\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_called_as_before_it_was_signed() {
        for (file, document) in [
            ("договор.pdf.cms", "договор.pdf"),
            ("Договор №1.pdf.P7S", "Договор №1.pdf"),
            ("report.sig", "report"),
            ("report", "report"),
            (".cms", "document"),
            ("", "document"),
            ("../../etc/passwd.cms", "passwd"),
            ("C:\\temp\\a.docx.sig", "a.docx"),
            ("a\r\nSet-Cookie: x=y;\".cms", "aSet-Cookie xy"),
            ("\u{202e}fdp.exe.cms", "fdp.exe"),
        ] {
            assert_eq!(document_name(file), document, "{file:?}");
        }
        assert_eq!(document_name(&"ы".repeat(500)).chars().count(), FILE_NAME_LEN_MAX);
    }

    #[test]
    fn a_page_shows_the_name_of_a_file_and_not_where_it_lay() {
        assert_eq!(shown_name("C:\\Документы\\договор №1.pdf.cms"), "договор №1.pdf.cms");
        assert_eq!(shown_name("folder/a/b.cms"), "b.cms");
        assert_eq!(shown_name(""), "");
        assert_eq!(shown_name(&"ы".repeat(500)).chars().count(), FILE_NAME_LEN_MAX + 1);
    }

    #[test]
    fn a_name_goes_into_the_header_as_plain_letters() {
        let header = disposition("акт 1.pdf");
        assert_eq!(header, "attachment; filename=\"document\"; filename*=UTF-8''%D0%B0%D0%BA%D1%82%201.pdf");
        assert!(header.is_ascii());
    }
}
