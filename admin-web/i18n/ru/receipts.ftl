# Все страницы.
skip = К содержанию
language = Язык
to-form = Проверить другой чек
no-page-title = Такой страницы нет
no-page-text = Проверьте адрес. Чек открывается по QR-коду или по его номерам.
method-title = Так эту страницу не открыть
method-text = Страница чека только показывает: откройте её обычной ссылкой.
too-many-title = Слишком много запросов
too-many-text = С вашего адреса открыто слишком много чеков сразу. { $count ->
    [one] Подождите { $count } секунду и обновите страницу.
    [few] Подождите { $count } секунды и обновите страницу.
   *[many] Подождите { $count } секунд и обновите страницу.
}
too-many-pages-text = Страницы открываются слишком часто. { $count ->
    [one] Подождите { $count } секунду и обновите страницу.
    [few] Подождите { $count } секунды и обновите страницу.
   *[many] Подождите { $count } секунд и обновите страницу.
}
unavailable-title = Сейчас не получается
unavailable-text = Сервис перегружен или обслуживается. Чеки сохранены; обновите страницу через несколько секунд.
failed-title = Ошибка на нашей стороне
failed-text = Мы записали её и разберёмся. Чеки сохранены; попробуйте открыть страницу позже.

# Форма проверки.
form-title = Проверка чека
form-text = Наведите камеру телефона на QR-код чека или введите его данные. Все четыре значения напечатаны на чеке.
form-i = Фискальный признак
form-i-hint = ФП или «Фискальный признак», внизу рядом с QR-кодом. У чека со словом «Автономный» введите автономный признак.
form-f = Регистрационный номер кассы
form-f-hint = РНМ, 12 цифр, например 640300014538.
form-s = Сумма, ₸
form-s-hint = «Итого» с тиынами, например 696,90.
form-t = Дата и время
form-t-hint = Как напечатано на чеке.
form-submit = Показать чек
form-empty = Заполните поле, как напечатано на чеке.
form-no-digits = Здесь нужны только цифры, пробелы между ними не мешают.
form-number-length = Проверьте число цифр: в фискальном признаке их от 12 до 18, в автономном до 10.
form-register-length = В номере кассы 12 цифр. Проверьте, не введено ли лишнее.
form-no-sum = Это не сумма. Введите её цифрами, например 696,90.
form-no-time = Это не дата со временем. Введите их, как напечатано на чеке.
not-found-title = Чек не найден
not-found-text = Чека с такими номером, кассой, суммой и временем у нас нет. Должно совпасть всё.
not-found-hint = Если касса работала без связи, чек появится, когда она его передаст: на это отводится до 72 часов. Чек мог быть передан и через другого оператора: его сайт напечатан на чеке.

# Чек.
receipt-title = Чек от { $value }
operation-sell = Продажа
operation-sell-return = Возврат продажи
operation-buy = Покупка
operation-buy-return = Возврат покупки
offline = Оформлен без связи
items = { $count ->
    [one] { $count } позиция
    [few] { $count } позиции
   *[many] { $count } позиций
}
storno = Сторно
discount = Скидка
markup = Наценка
storno-discount = Сторно скидки
storno-markup = Сторно наценки
quantity-unclear = количество в чеке указано с ошибкой
no-name = Без наименования
receipt-discount = Скидка на чек
receipt-markup = Наценка на чек
vat-included = в т. ч. НДС { $value }
vat-added = НДС { $value } сверх цены
tax-included = в т. ч. налог { $value }
tax-added = налог { $value } сверх цены
ntin = NTIN { $value }
barcode = Штрихкод { $value }
marking = Маркировка { $value }
total = Итого
paid = Оплата
payment-cash = Наличные
payment-card = Банковская карта
payment-credit = Кредит
payment-tare = Тара
payment-mobile = Мобильный платёж
taken = Получено
change = Сдача
parent = Основание возврата
parent-link = Открыть исходный чек
details = Реквизиты
bin = БИН/ИИН
fns-kkm-id = РНМ
serial-number = Заводской номер
kkm-id = ИНК
fiscal-sign = Фискальный признак
offline-number = Автономный признак
receipt-number = Номер чека
shift = Смена
cashier = Кассир
date-time = Дата и время
accepted-at = Принят оператором
qr = QR-код для проверки этого чека
operator = Оператор фискальных данных
check-site = Сайт для проверки чека

# Единицы измерения.
unit-piece = шт.
unit-kilogram = кг
unit-gram = г
unit-tonne = т
unit-litre = л
unit-millilitre = мл
unit-metre = м
unit-centimetre = см
unit-square-metre = м²
unit-cubic-metre = м³
unit-hour = ч
unit-pack = упак.
unit-set = { $count ->
    [one] набор
    [few] набора
    [many] наборов
   *[other] набора
}
unit-pair = { $count ->
    [one] пара
    [few] пары
    [many] пар
   *[other] пары
}
unit-service = { $count ->
    [one] услуга
    [few] услуги
    [many] услуг
   *[other] услуги
}
unit-other = (ед. { $value })
