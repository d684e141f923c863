# Every page.
skip = Skip to content
language = Language
to-form = Check another receipt
no-page-title = There is no such page
no-page-text = Check the address. A receipt opens by its QR code or by its numbers.
method-title = This page does not open that way
method-text = The receipt page only shows: open it by an ordinary link.
too-many-title = Too many requests
too-many-text = Too many receipts were opened from your address at once. { $count ->
    [one] Wait { $count } second and reload the page.
   *[other] Wait { $count } seconds and reload the page.
}
too-many-pages-text = Pages are opened too often. { $count ->
    [one] Wait { $count } second and reload the page.
   *[other] Wait { $count } seconds and reload the page.
}
unavailable-title = Not right now
unavailable-text = The service is overloaded or under maintenance. Receipts are safe; reload the page in a few seconds.
failed-title = Our mistake
failed-text = We have noted it and will look into it. Receipts are safe; try to open the page later.

# The form.
form-title = Check a receipt
form-text = Point your phone's camera at the QR code of the receipt, or enter what it says. All four values are printed on it.
form-i = Fiscal sign
form-i-hint = “ФП” or “Фискальный признак”, at the bottom beside the QR code. Of a receipt with the word “Автономный” enter the offline number.
form-f = Registration number of the cash register
form-f-hint = “РНМ”, 12 digits, for example 640300014538.
form-s = Total, ₸
form-s-hint = “Итого”, with tiyn, for example 696.90.
form-t = Date and time
form-t-hint = As printed on the receipt.
form-submit = Show the receipt
form-empty = Fill in the field as printed on the receipt.
form-no-digits = Only digits go here; blanks between them do no harm.
form-number-length = Check the number of digits: a fiscal sign has 12 to 18, an offline one up to 10.
form-register-length = A register number has 12 digits. Check that nothing is typed twice.
form-no-sum = This is no sum. Type it in digits, such as 696.90.
form-no-time = This is no date with a time. Type them as printed on the receipt.
not-found-title = Receipt not found
not-found-text = We have no receipt with this number, cash register, total and time. All of them must match.
not-found-hint = If the cash register had no link, the receipt appears once it has been sent: up to 72 hours are allowed for that. It may also have gone through another operator: the receipt names that operator's site.

# The receipt.
receipt-title = Receipt of { $value }
operation-sell = Sale
operation-sell-return = Return of a sale
operation-buy = Purchase
operation-buy-return = Return of a purchase
offline = Issued offline
items = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
storno = Voided
discount = Discount
markup = Markup
storno-discount = Voided discount
storno-markup = Voided markup
quantity-unclear = the quantity is stated wrongly
no-name = No name
receipt-discount = Discount on the receipt
receipt-markup = Markup on the receipt
vat-included = incl. VAT { $value }
vat-added = VAT { $value } on top
tax-included = incl. tax { $value }
tax-added = tax { $value } on top
ntin = NTIN { $value }
barcode = Barcode { $value }
marking = Marking { $value }
total = Total
paid = Payment
payment-cash = Cash
payment-card = Bank card
payment-credit = Credit
payment-tare = Returned packaging
payment-mobile = Mobile payment
taken = Received
change = Change
parent = Returned receipt
parent-link = Open the original receipt
details = Details
bin = BIN/IIN
fns-kkm-id = Registration number (РНМ)
serial-number = Serial number
kkm-id = Register ID (ИНК)
fiscal-sign = Fiscal sign
offline-number = Offline number
receipt-number = Receipt number
shift = Shift
cashier = Cashier
date-time = Date and time
accepted-at = Accepted by the operator
qr = QR code to check this receipt
operator = Fiscal data operator
check-site = Site for checking receipts

# Units.
unit-piece = { $count ->
    [one] pc
   *[other] pcs
}
unit-kilogram = kg
unit-gram = g
unit-tonne = t
unit-litre = l
unit-millilitre = ml
unit-metre = m
unit-centimetre = cm
unit-square-metre = m²
unit-cubic-metre = m³
unit-hour = h
unit-pack = { $count ->
    [one] pack
   *[other] packs
}
unit-set = { $count ->
    [one] set
   *[other] sets
}
unit-pair = { $count ->
    [one] pair
   *[other] pairs
}
unit-service = { $count ->
    [one] service
   *[other] services
}
unit-other = (unit { $value })
