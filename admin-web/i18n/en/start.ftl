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
    [one] { $count } departure from the protocol in a week
   *[other] { $count } departures from the protocol in a week
}
start-more = { $count ->
    [one] And { $count } more register
   *[other] And { $count } more registers
}
start-incomplete = Not all registers are shown: the list is still being made, or there are too many.
start-sales = Sales
start-today = Today
start-week-ago = The same day a week ago
start-sales-about = Sales: { $sales }, returns: { $returns }, { $returned }
start-sales-hint = Sums appear a minute after the receipt. Of a week ago the whole day is shown.
