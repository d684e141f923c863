# Барлық беттер.
skip = Мазмұнына өту
language = Тіл
to-form = Басқа чекті тексеру
no-page-title = Мұндай бет жоқ
no-page-text = Мекенжайды тексеріңіз. Чек QR-код немесе нөмірлері арқылы ашылады.
method-title = Бұл бет осылай ашылмайды
method-text = Чек беті тек көрсетеді: оны кәдімгі сілтеме арқылы ашыңыз.
too-many-title = Сұраныс тым көп
too-many-text = Сіздің мекенжайыңыздан бірден тым көп чек ашылды. { $count ->
    [one] { $count } секунд күтіп, бетті жаңартыңыз.
   *[other] { $count } секунд күтіп, бетті жаңартыңыз.
}
too-many-pages-text = Беттер тым жиі ашылуда. { $count ->
   *[other] { $count } секунд күтіп, бетті жаңартыңыз.
}
unavailable-title = Қазір мүмкін болмай тұр
unavailable-text = Сервис шамадан тыс жүктелген немесе оған қызмет көрсетілуде. Чектер сақталған; бірнеше секундтан кейін бетті жаңартыңыз.
failed-title = Біздің тарапымыздағы қате
failed-text = Қатені жазып алдық, анықтаймыз. Чектер сақталған; бетті кейінірек ашып көріңіз.

# Тексеру нысаны.
form-title = Чекті тексеру
form-text = Телефон камерасын чектің QR-кодына бағыттаңыз немесе деректерін енгізіңіз. Төрт мән де чекке басылған.
form-i = Фискалдық белгі
form-i-hint = ФБ немесе «Фискалдық белгі», төменде QR-кодтың жанында. «Автономды» деген сөзі бар чек үшін автономды белгіні енгізіңіз.
form-f = Кассаның тіркеу нөмірі
form-f-hint = КТН (РНМ), 12 цифр, мысалы 640300014538.
form-s = Сома, ₸
form-s-hint = «Барлығы», тиындарымен, мысалы 696,90.
form-t = Күні мен уақыты
form-t-hint = Чекке басылғандай.
form-submit = Чекті көрсету
form-empty = Өрісті чекке басылғандай толтырыңыз.
form-no-digits = Мұнда тек цифрлар керек, арасындағы бос орындар кедергі емес.
form-number-length = Цифрлар санын тексеріңіз: фискалдық белгіде 12–18, автономды белгіде 10-ға дейін.
form-register-length = Касса нөмірінде 12 цифр бар. Артық енгізілмегенін тексеріңіз.
form-no-sum = Бұл сома емес. Оны цифрлармен енгізіңіз, мысалы 696,90.
form-no-time = Бұл күн мен уақыт емес. Оларды чекке басылғандай енгізіңіз.
not-found-title = Чек табылмады
not-found-text = Мұндай нөмірі, кассасы, сомасы және уақыты бар чек бізде жоқ. Барлығы сәйкес келуі керек.
not-found-hint = Касса байланыссыз жұмыс істесе, чек ол берілгеннен кейін пайда болады: бұған 72 сағатқа дейін уақыт беріледі. Чек басқа оператор арқылы да берілген болуы мүмкін: оның сайты чекке басылған.

# Чек.
receipt-title = { $value } чегі
operation-sell = Сату
operation-sell-return = Сатуды қайтару
operation-buy = Сатып алу
operation-buy-return = Сатып алуды қайтару
offline = Байланыссыз рәсімделген
items = { $count ->
    [one] { $count } позиция
   *[other] { $count } позиция
}
storno = Сторно
discount = Жеңілдік
markup = Үстеме баға
storno-discount = Жеңілдік сторносы
storno-markup = Үстеме баға сторносы
quantity-unclear = чекте мөлшер қате көрсетілген
no-name = Атауы жоқ
receipt-discount = Чекке жеңілдік
receipt-markup = Чекке үстеме баға
vat-included = оның ішінде ҚҚС { $value }
vat-added = бағаға қосылған ҚҚС { $value }
tax-included = оның ішінде салық { $value }
tax-added = бағаға қосылған салық { $value }
ntin = NTIN { $value }
barcode = Штрихкод { $value }
marking = Таңбалау { $value }
total = Барлығы
paid = Төлем
payment-cash = Қолма-қол ақша
payment-card = Банк картасы
payment-credit = Несие
payment-tare = Ыдыс
payment-mobile = Мобильді төлем
taken = Алынды
change = Қайтарым
parent = Қайтару негізі
parent-link = Бастапқы чекті ашу
details = Деректемелер
bin = БСН/ЖСН
fns-kkm-id = КТН (РНМ)
serial-number = Зауыттық нөмірі
kkm-id = ИНК
fiscal-sign = Фискалдық белгі
offline-number = Автономды белгі
receipt-number = Чек нөмірі
shift = Ауысым
cashier = Кассир
date-time = Күні мен уақыты
accepted-at = Оператор қабылдаған уақыт
qr = Осы чекті тексеруге арналған QR-код
operator = Фискалдық деректер операторы
check-site = Чекті тексеру сайты

# Өлшем бірліктері.
unit-piece = дана
unit-kilogram = кг
unit-gram = г
unit-tonne = т
unit-litre = л
unit-millilitre = мл
unit-metre = м
unit-centimetre = см
unit-square-metre = м²
unit-cubic-metre = м³
unit-hour = сағ
unit-pack = қаптама
unit-set = жинақ
unit-pair = жұп
unit-service = қызмет
unit-other = (бірл. { $value })
