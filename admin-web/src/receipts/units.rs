//! Names of measure units by their codes in the classifier (ОКЕИ and the codes that tills use beside it).

/// The key of the text that names a unit; `None` for a code that is shown as it is.
pub(super) fn text_key(code: &str) -> Option<&'static str> {
    match code.trim() {
        "796" => Some("unit-piece"),
        "166" => Some("unit-kilogram"),
        "163" => Some("unit-gram"),
        "168" => Some("unit-tonne"),
        "112" => Some("unit-litre"),
        "111" => Some("unit-millilitre"),
        "006" => Some("unit-metre"),
        "004" => Some("unit-centimetre"),
        "055" => Some("unit-square-metre"),
        "113" => Some("unit-cubic-metre"),
        "356" => Some("unit-hour"),
        "778" => Some("unit-pack"),
        "704" => Some("unit-set"),
        "715" => Some("unit-pair"),
        "5114" => Some("unit-service"),
        _ => None,
    }
}
