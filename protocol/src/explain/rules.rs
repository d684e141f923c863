//! By which part of docs/wire.md each field is read, and which fields tell of people.

/// The section that says what a message is.
const MESSAGES: &[(&str, &str)] = &[
    ("Request", "5"),
    ("Date", "6"),
    ("Time", "6"),
    ("DateTime", "6"),
    ("Money", "6"),
    ("Operator", "6"),
    ("KeyValuePair", "6"),
    ("TicketAdInfo", "6"),
    ("TicketRequest", "7"),
    ("Item", "7"),
    ("Commodity", "7"),
    ("StornoCommodity", "7"),
    ("Modifier", "7"),
    ("Tax", "7"),
    ("Payment", "7"),
    ("Card", "7"),
    ("Mobile", "7"),
    ("Amounts", "7"),
    ("ExtensionOptions", "7"),
    ("ParentTicket", "7"),
    ("Domain", "7"),
    ("ServicesDomain", "7"),
    ("GasoilDomain", "7"),
    ("TaxiDomain", "7"),
    ("ParkingDomain", "7"),
    ("CloseShiftRequest", "8"),
    ("MoneyPlacementRequest", "9"),
    ("ReportRequest", "10"),
    ("ZXReport", "10"),
    ("Section", "10"),
    ("Operation", "10"),
    ("TaxCounters", "10"),
    ("TaxOperation", "10"),
    ("NonNullableSum", "10"),
    ("TicketOperation", "10"),
    ("PaymentCounters", "10"),
    ("MoneyPlacementCounters", "10"),
    ("Revenue", "10"),
    ("NomenclatureRequest", "11"),
];

/// Whatever else a request can hold: the service part, logins, payment by QR.
const OTHERS: &str = "12";

/// Fields of which a rule of the conversation says more than the section of their message.
const FIELDS: &[(&str, &str, &str)] = &[
    ("TicketRequest", "date_time", "13.5"),
    ("TicketRequest", "offline_ticket_number", "13.4"),
    ("TicketRequest", "printed_document_number_old", "13.6"),
    ("TicketRequest", "shift_document_number", "13.6"),
    ("TicketRequest", "printed_document_number", "13.6"),
    ("TicketRequest", "fr_shift_number", "13.5"),
    ("TicketRequest", "extension_options", "13.10"),
    ("TicketRequest", "items", "13.8"),
    ("TicketRequest", "payments", "13.8"),
    ("TicketRequest", "taxes", "13.8"),
    ("TicketRequest", "amounts", "13.8"),
    ("ExtensionOptions", "customer_iin_or_bin", "13.10"),
    ("CloseShiftRequest", "close_time", "13.5"),
    ("CloseShiftRequest", "fr_shift_number", "13.5"),
    ("CloseShiftRequest", "printed_document_number", "13.6"),
    ("MoneyPlacementRequest", "date_time", "13.5"),
    ("MoneyPlacementRequest", "printed_document_number", "13.6"),
];

/// Messages all of whose fields tell of the buyer, or of who may sign in.
const PERSONAL_MESSAGES: &[&str] = &["ExtensionOptions", "AuthRequest"];

/// Fields that may: a receipt as it was printed names the buyer where paper does; the account that a service is paid for is
/// the buyer's phone or contract, a card and a car are the buyer's.
const PERSONAL_FIELDS: &[(&str, &str)] = &[
    ("TicketRequest", "printed_ticket"),
    ("ServicesDomain", "account_number"),
    ("GasoilDomain", "card_number"),
    ("TaxiDomain", "car_number"),
];

/// Fields that cashiers type as they like: what looks like a person in them is hidden.
const TYPED_FIELDS: &[(&str, &str)] =
    &[("Commodity", "name"), ("StornoCommodity", "name"), ("Modifier", "name"), ("Operator", "name")];

/// Whether anything may have been typed into a field.
pub(super) fn is_typed(message: &str, field: &str) -> bool {
    TYPED_FIELDS.contains(&(message, field))
}

/// The part of docs/wire.md by which a field is read; of a field that is not known that of its message.
pub(super) fn section(message: &str, field: &str) -> &'static str {
    let by_field = FIELDS.iter().find(|(of, name, _)| *of == message && *name == field);
    let by_message = || MESSAGES.iter().find(|(name, _)| *name == message);
    match by_field {
        Some((.., section)) => section,
        None => by_message().map_or(OTHERS, |(_, section)| section),
    }
}

/// Whether what stands in a field is shown to nobody who may only look at documents.
pub(super) fn is_personal(message: &str, field: &str) -> bool {
    PERSONAL_MESSAGES.contains(&message) || PERSONAL_FIELDS.contains(&(message, field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::schema::SCHEMA;

    #[test]
    fn every_rule_is_of_a_field_that_is_there_and_a_section_that_is_written() {
        let document = include_str!("../../../docs/wire.md");
        let is_written = |section: &str| {
            document.lines().any(|line| {
                line.starts_with(&format!("## {section}. ")) || line.starts_with(&format!("### {section} "))
            })
        };
        for (message, section) in MESSAGES {
            assert!(SCHEMA.messages.contains_key(message), "{message}");
            assert!(is_written(section), "section {section} of {message}");
        }
        for (message, field, section) in FIELDS {
            let fields = &SCHEMA.messages[message];
            assert!(fields.iter().any(|known| known.name == *field), "{message}.{field}");
            assert!(is_written(section), "section {section} of {message}.{field}");
        }
        for message in PERSONAL_MESSAGES {
            assert!(SCHEMA.messages.contains_key(message), "{message}");
        }
        for (message, field) in PERSONAL_FIELDS {
            assert!(SCHEMA.messages[message].iter().any(|known| known.name == *field), "{message}.{field}");
        }
        assert!(is_written(OTHERS));
    }
}
