use super::*;

/// One of each kind of part under number 1, which may be deleted, and what it takes for that.
pub(in crate::tests) fn furnish_parts(company: &mut Company) {
    let (id, revision, email, phone) = (1, 1, String::new(), String::new());
    let address = Address {
        id,
        revision,
        kind: AddressKind::Legal,
        country: "KZ".into(),
        settlement: String::new(),
        place: "Астана".into(),
        street: "Сарайшық, 44".into(),
        email,
        phone,
    };
    let legal = Address { id: 2, ..address.clone() };
    // The first may be deleted, since it is not the only legal one.
    company.addresses = vec![Address { kind: AddressKind::Actual, ..address }, legal];
    let account = BankAccount {
        id,
        revision,
        iik: "KZ86125KZT5004100100".into(),
        bic: "HSBKKZKX".into(),
        bank: "Народный банк".into(),
        kbe: "17".into(),
        kind: "current".into(),
        is_default: false,
        is_guarantee: false,
    };
    company.bank_accounts = vec![account.clone(), BankAccount { id: 2, is_default: true, ..account }];
}
