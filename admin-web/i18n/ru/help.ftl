## Справка.
door-help = Справка
help-title = Справка
help-topics = Другие страницы справки
help-code = Код
help-shows = Что показывает касса
help-sign = Не получается подписать?
help-sign-ncalayer = NCALayer не отвечает
help-sign-phone = Как подписать на телефоне
help-sign-keys = Какой ключ нужен
help-register = Помощь с кассой
help-register-till = Что ввести в кассу
help-register-refusals = Что значит отказ
help-register-offline = Работа без связи и 72 часа
