# The start page of an organisation.
menu-start = Home
start-title = Home
start-waits = What waits
start-nothing-waits = All is done.
start-no-legal-address = There is no legal address; receipts and documents name it.
start-no-shops = There are no shops yet. A register is registered in a shop.
start-trouble = Registers that need attention
start-no-trouble = All registers are well.
start-blocked = Blocked
start-unpaid = The service is not paid for
start-shift-over = The shift was opened { $value }: more than 24 hours ago, close it
start-shift-ends = The shift was opened { $value }: 24 hours are near, close it in time
start-warnings = { $count ->
    [one] { $count } departure from the protocol since yesterday
   *[other] { $count } departures from the protocol since yesterday
}
start-more = { $count ->
    [one] And { $count } more register
   *[other] And { $count } more registers
}
start-incomplete = Not all registers are shown: the list is still being made, or there are too many.
start-sales = Sales
start-today = Today so far
start-week-ago = The same day a week ago, until { $value }
start-sales-about = Sales: { $sales }, returns: { $returns }, { $returned }
start-sales-hint = Sums appear a minute after the receipt. Of a week ago the same hours of the day are added up.
start-sales-of-some = { $count ->
    [one] These are the sales of { $count } register, not of all.
   *[other] These are the sales of { $count } registers, not of all.
}
start-registrations-unsigned = { $count ->
    [one] { $count } registration of a register is saved and waits for your signature.
   *[other] { $count } registrations of registers are saved and wait for your signature.
}
start-registrations-refused = { $count ->
    [one] The tax authority refused what was asked for of { $count } register: correct the data and sign again.
   *[other] The tax authority refused what was asked for of { $count } registers: correct the data and sign again.
}
start-registrations-asked = { $count ->
    [one] { $count } registration is in process: its signature is being checked, or the tax authority has not answered.
   *[other] { $count } registrations are in process: their signatures are being checked, or the tax authority has not answered.
}
start-registrations-link = Show registrations
start-visits = { $count ->
    [one] { $count } visit to connect a register is awaited.
   *[other] { $count } visits to connect registers are awaited.
}
start-company-email = The organisation’s e-mail is not confirmed: { $value }.
start-visits-link = Show visits
start-registrations-tokens = { $count ->
    [one] { $count } register is on the books: fetch its token.
   *[other] { $count } registers are on the books: fetch their tokens.
}
