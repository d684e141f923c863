# Страницы оператора.
operator-companies = Организации
operator-company = Организация
operator-organisation = Организация
operator-search = БИН, ИИН или название
operator-search-hint = Первые цифры номера или начало любого слова названия.
operator-looks-are-kept = Каждое открытие карточки, касс или журнала организации записывается в её журнал с вашим именем.
operator-none-found = Таких организаций нет. Проверьте номер или название.
operator-people-filter = Кабинет
operator-people-any = Все
operator-people-here = Есть сотрудники
operator-people-absent = Ещё нет
operator-done-joined = Вы присоединились к персоналу оператора.
operator-look-written = Этот просмотр записан в журнал организации.
operator-kind = Вид
operator-kind-legal-entity = Юридическое лицо
operator-kind-entrepreneur = Индивидуальный предприниматель
operator-since = На сайте с
operator-head = Руководитель
operator-email = Электронная почта
operator-phones = Телефоны
operator-site = Сайт
operator-audit = Журнал действий
operator-audit-of = Журнал действий: { $value }
operator-people = Сотрудники
operator-no-people = Сотрудников нет.
operator-name = ФИО
operator-roles = Роли
operator-blocked = Заблокирован
operator-addresses = Адреса
operator-no-addresses = Адреса не указаны.
operator-address-legal = Юридический адрес
operator-address-actual = Фактический адрес
operator-address-postal = Почтовый адрес
operator-accounts = Банковские счета
operator-no-accounts = Счета не указаны.
operator-default = Основной
operator-absent = Кабинета ещё нет
operator-absent-text = { $value }: кассы этой организации известны, но её сотрудники ещё не зарегистрировались на сайте.

# Главная страница сотрудников оператора.
menu-operator-start = Главная
operator-start-title = Главная
operator-queues = Ждут вас
operator-checked = Подписи на проверке: { $value }. Делать ничего не нужно: проверка повторяется каждую минуту.
operator-ill = Что не в порядке
operator-ill-none = Неполадок, о которых известно этому процессу, нет.
operator-ill-hint = Здесь то, что известно хранилищу и процессу, который вам отвечает. За другими процессами следят метрики и оповещения.
operator-ill-lag = { $count ->
    [one] Суммы по дням отстают на { $count } минуту: на главных страницах они старее.
    [few] Суммы по дням отстают на { $count } минуты: на главных страницах они старее.
   *[other] Суммы по дням отстают на { $count } минут: на главных страницах они старее.
}
operator-ill-titles = Указатель названий организаций ещё составляется: поиск по названию может найти не всё.
operator-ill-holdings = Списки касс и магазинов организаций ещё составляются: в них может чего-то не хватать.
operator-ill-damage = Последняя проверка хранилища, { $when }, нашла повреждённые места: { $breaks }. Их называет лог процесса, подробнее — «ofd verify».

# Тексты, которые кассы печатают на чеках.
menu-ticket-texts = Тексты на чеках
ticket-texts-title = Тексты на чеках
ticket-texts-none = Текстов нет.
ticket-texts-note = Новый или изменённый текст касса получает со следующим ответом, через 10 секунд или раньше, а после его последнего дня не получает. Касса, у которой он уже есть, хранит его, пока не получит другой того же вида: отозвать текст протокол не позволяет.
ticket-texts-search = Текст или чей он
ticket-texts-search-hint = Часть текста либо БИН или номер целиком.
ticket-text-add = Новый текст
ticket-text-new = Новый текст на чеках
ticket-text-title = Текст на чеках
ticket-text-intro = Этот текст кассы печатают на чеках или показывают. В один день у кассы не больше одного текста каждого вида.
ticket-text-text = Текст
ticket-text-text-hint = Одна строка, не больше 200 знаков.
ticket-text-kind = Для каких касс
ticket-text-kind-hint = Касса может получить сразу по одному тексту каждого вида.
ticket-text-kind-ofd = Все кассы
ticket-text-kind-org = Кассы организации
ticket-text-kind-pos = Кассы магазина
ticket-text-kind-kkm = Одна касса
ticket-text-whose = Чьих
ticket-text-whose-hint = БИН организации, код магазина или номер кассы в системе. Для всех касс оставьте пустым.
ticket-text-from = Первый день
ticket-text-from-hint = Кассы получают текст с 00:00.
ticket-text-to = Последний день
ticket-text-to-hint = День считается целиком. Кассы, у которых есть текст, печатают его и после этого дня, пока не получат другой того же вида.
ticket-text-phase = Состояние
ticket-text-to-come = Ещё не начался
ticket-text-holds = Передаётся кассам
ticket-text-over = Закончился
ticket-text-days = с { $from } по { $to }
ticket-text-added = Текст сохранён.
ticket-text-changed = Текст изменён.
ticket-text-deleted = Текст удалён.
ticket-text-gone = Этого текста больше нет.
ticket-text-many = Текстов уже 100, больше не хранится. Удалите закончившиеся.
ticket-text-delete = Удалить текст?
ticket-text-delete-text = Кассы больше не получат его. Те, у которых он есть, печатают его, пока не получат другой того же вида.
ticket-text-wrong-word = Слово «{ $value }» некоторые кассы принимают за обрыв связи. Напишите иначе.
ticket-text-wrong-whose = Такой организации, магазина или кассы нет.
ticket-text-wrong-far = Выберите день в пределах года.
ticket-text-wrong-turned = Последний день раньше первого.
ticket-text-wrong-over = Этот текст закончился. Создайте новый.
ticket-text-wrong-holds = Этот текст уже у касс: изменить можно только сам текст и последний день.
ticket-text-wrong-meet = В некоторые из этих дней у тех же касс есть другой текст.

# Справочник моделей касс.
menu-models = Модели касс
models-title = Модели касс
models-id = № в перечне
models-name = Модель
models-kind = Вид
models-state = Регистрация
models-since = В перечне с
models-any = Все
models-used = Можно регистрировать
models-unused = Больше не регистрируются
models-is-used = можно регистрировать
models-is-unused = больше не регистрируется
models-search = Модель
models-search-hint = Часть названия или вида либо первые цифры номера.
models-none = Такой модели нет.
models-note = Здесь модели из перечня налогового органа. Его обновляет команда «ofd import-models».
models-sample = Перечень ещё не загружен: показан образец.

# Редакции договора.
menu-contracts = Редакции договора
contracts-title = Редакции договора
contracts-version = Редакция
contracts-begins = Действует с
contracts-state = Состояние
contracts-mark = Пометка
contracts-none = Редакций нет.
contracts-note = Редакции — файлы из папки, указанной в настройках. Кто присоединился к редакции, всегда может её прочитать.
contracts-in-force = к ней присоединяются сейчас
contracts-first = к ней присоединяются сейчас, действует позже
contracts-to-come = ещё не действует
contracts-former = прежняя
contracts-pdf = Текст в PDF
contracts-changes = Что изменилось после редакции { $value }

# Поле, в котором находится всё.
menu-operator-find = Поиск
operator-find-title = Поиск
operator-find-what = Организация, касса или чек
operator-find-what-hint = БИН, ИИН или название; идентификатор, регистрационный (РНМ) или заводской номер кассы; адрес из QR-кода чека, фискальный признак или номер автономного чека.
operator-find-in = Чей чек
operator-find-in-hint = Для чека по фискальному признаку или автономному номеру: касса (идентификатор, РНМ, заводской номер) или БИН организации.
operator-find-none = Ничего не найдено.
operator-find-whose = По фискальному признаку или автономному номеру чек находится, только если известно, чей он. Укажите кассу или организацию либо вставьте адрес из QR-кода.
operator-find-not-there = Кассы или организации с таким номером нет.
operator-find-receipts = Чеки
operator-find-registers = Кассы
operator-find-more = Другие организации
operator-trade-point = Код магазина
operator-ill-serials = Указатель заводских номеров ещё составляется: поиск по ним может найти не все кассы.
operator-ill-waits = Ещё просматривается, что ждёт проверки, ответа или выезда: в очередях может быть не всё.
operator-registers-of = Кассы
operator-registers-of-bin = Кассы организации { $value }
operator-registers-of-none = Касс у этой организации нет.
operator-register-unblock-hint = Зачем снимается блокировка: это увидит организация в журнале.
ticket-text-wrong-for-all = Вы указали, для кого текст, но выбрали все кассы. Выберите, для каких касс он, или оставьте поле пустым.
