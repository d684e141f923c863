# Ұйымның бастапқы беті.
menu-start = Басты бет
start-title = Басты бет
start-waits = Не істеу керек
start-nothing-waits = Бәрі жасалды.
start-no-legal-address = Заңды мекенжай көрсетілмеген, ал чектер мен құжаттар оны атайды.
start-no-shops = Әзірге дүкендер жоқ. Касса дүкенде тіркеледі.
start-trouble = Назар аударуды қажет ететін кассалар
start-no-trouble = Барлық касса дұрыс.
start-blocked = Бұғатталған
start-unpaid = Қызмет төленбеген
start-shift-over = Ауысым { $value } ашылды: 24 сағаттан асты, оны жабыңыз
start-shift-ends = Ауысым { $value } ашылды: жақында 24 сағат болады, уақытында жабыңыз
start-warnings = { $count ->
   *[other] Кешеден бері хаттамадан ауытқулар: { $count }
}
start-more = { $count ->
   *[other] Тағы { $count } касса
}
start-incomplete = Барлық касса көрсетілмеген: тізім әлі жасалуда немесе кассалар тым көп.
start-sales = Сату
start-today = Бүгін осы сәтке дейін
start-week-ago = Бір апта бұрын осы күні, { $value } дейін
start-sales-about = Сату: { $sales }, қайтару: { $returns }, { $returned }
start-sales-hint = Сомалар чектен кейін бір минуттан соң шығады. Бір апта бұрынғы күннің дәл осы сағаттары қосылған.
start-sales-of-some = Бұл { $count } кассаның сатылымы, бәрінікі емес.
start-registrations-unsigned = { $count ->
    [one] { $count } касса тіркеуі сақталды, қол қоюыңызды күтуде.
   *[other] { $count } касса тіркеуі сақталды, қол қоюыңызды күтуде.
}
start-registrations-refused = { $count ->
    [one] { $count } касса бойынша салық органы бас тартты: деректерді түзетіп, қайта қол қойыңыз.
   *[other] { $count } касса бойынша салық органы бас тартты: деректерді түзетіп, қайта қол қойыңыз.
}
start-registrations-asked = { $count ->
    [one] { $count } тіркеу үдерісте: қолтаңбаны тексеруді немесе салық органының жауабын күтудеміз.
   *[other] { $count } тіркеу үдерісте: қолтаңбаны тексеруді немесе салық органының жауабын күтудеміз.
}
start-registrations-link = Тіркеулерді көрсету
start-visits = { $count ->
    [one] Кассаны қосу үшін { $count } шығу күтілуде.
   *[other] Кассаларды қосу үшін { $count } шығу күтілуде.
}
start-company-email = Ұйым поштасы расталмаған: { $value }.
start-visits-link = Шығуларды көрсету
start-registrations-tokens = { $count ->
    [one] { $count } касса тіркелді: токенін алыңыз.
   *[other] { $count } касса тіркелді: токендерін алыңыз.
}
