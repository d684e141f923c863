//! Judging the service part that rides on every command.

use super::Notes;
use crate::message::ServiceRequest;
use crate::version::Version;
use crate::warning::Warning;
use crate::wire::Text;

/// What tills send as their serial number before their first INFO begins so.
const PLACEHOLDER: &str = "TEMP_REG";

/// Notes what the service part of a fiscal command lacks, and whose it is when it is not this register's. It is
/// information, never a reason to refuse by itself.
pub(in crate::register) fn judge_service(
    service: Option<&ServiceRequest<'_>>,
    version: Version,
    serial_number: &str,
    notes: &mut Notes,
) {
    let features = version.features();
    let Some(service) = service else {
        if features.requires_service {
            notes.missing(Warning::ServicePartMissing, "service");
        }
        return;
    };
    if features.requires_security_stats && service.security_stats.is_none() {
        notes.missing(Warning::SecurityStatsMissing, "service.security_stats");
    }
    if features.requires_service && service.reg_info.is_none() {
        notes.missing(Warning::RegInfoMissing, "service.reg_info");
    }
    if let Some(came) = service.serial_number().filter(|came| is_foreign(*came, serial_number)) {
        notes.add(Warning::SerialNumberDiffers, "service.reg_info.kkm.serial_number", came.lossy());
    }
}

/// Whether a register says the serial number of another one. Placeholders are none, and what is not on record cannot
/// be compared.
fn is_foreign(came: Text<'_>, on_record: &str) -> bool {
    let (came, on_record) = (came.lossy().trim().to_ascii_uppercase(), on_record.trim());
    let is_said = |text: &str| text.chars().any(|character| !"0-. ".contains(character));
    is_said(&came)
        && is_said(on_record)
        && !came.starts_with(PLACEHOLDER)
        && came != on_record.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_foreign_when_it_is_said_and_another() {
        let is_foreign = |came: &str, on_record| is_foreign(Text(came.as_bytes()), on_record);
        assert!(is_foreign("SWK00032686", "SWK00032685"));
        assert!(!is_foreign(" swk00032685", "SWK00032685 "));
        for placeholder in ["", " ", "TEMP_REG_17", "temp_reg_17", "0000000", "-"] {
            assert!(!is_foreign(placeholder, "SWK00032685"), "{placeholder}");
        }
        assert!(!is_foreign("SWK00032686", ""), "none is on record");
    }
}
