# Начальная страница организации.
menu-start = Главная
start-title = Главная
start-waits = Что нужно сделать
start-nothing-waits = Всё сделано.
start-no-legal-address = Юридический адрес не указан, а его называют чеки и документы.
start-no-shops = Магазинов пока нет. Касса регистрируется в магазине.
start-trouble = Кассы, которые требуют внимания
start-no-trouble = Все кассы в порядке.
start-blocked = Заблокирована
start-unpaid = Услуга не оплачена
start-shift-over = Смена открыта { $value }: прошло больше 24 часов, закройте её
start-shift-ends = Смена открыта { $value }: скоро 24 часа, закройте её вовремя
start-warnings = { $count ->
    [one] { $count } отступление от протокола за неделю
    [few] { $count } отступления от протокола за неделю
   *[other] { $count } отступлений от протокола за неделю
}
start-more = { $count ->
    [one] И ещё { $count } касса
    [few] И ещё { $count } кассы
   *[other] И ещё { $count } касс
}
start-incomplete = Показаны не все кассы: список ещё составляется или касс слишком много.
start-sales = Продажи
start-today = Сегодня
start-week-ago = В тот же день неделю назад
start-sales-about = Продаж: { $sales }, возвратов: { $returns } на { $returned }
start-sales-hint = Суммы появляются через минуту после чека. Неделю назад показан весь день.
