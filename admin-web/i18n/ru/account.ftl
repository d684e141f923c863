# Личные страницы, письма и восстановление пароля.
account-title = Личные данные
account-name = ФИО
account-name-hint = Фамилия, имя и отчество
account-name-empty = Укажите фамилию и имя.
account-name-wrong = Укажите имя без знаков <, >, @, / и скобок, не длиннее 120 знаков.
account-iin = ИИН
account-proven = ФИО и ИИН взяты из сертификата ЭЦП, здесь их изменить нельзя.
account-phone = Телефон
account-phone-hint = Например, +7 7172 123-456. Можно указать несколько через запятую.
account-phone-wrong = Это не похоже на номер телефона. Допустимы цифры, пробелы и знаки + - ( ) , например +7 7172 123-456.
account-language = Язык
account-language-hint = На этом языке будут страницы сайта и письма.
account-language-wrong = Выберите язык из списка.
account-save = Сохранить
account-done-saved = Данные сохранены.
account-email = Электронная почта
account-email-confirmed = Подтверждён
account-email-waits = Ждёт подтверждения
account-email-none = Адрес не указан. С ним можно входить по почте и паролю, получать приглашения и восстановить пароль.
account-email-add = Указать адрес
account-email-other = Изменить адрес
account-email-title = Адрес электронной почты
account-email-now = Сейчас
account-email-stays = Прежний адрес действует, пока не подтверждён новый.
account-email-new = Новый адрес
account-email-hint = Пришлём письмо со ссылкой и кодом. Адрес начнёт действовать, когда вы его подтвердите.
account-email-send = Отправить письмо
account-email-same = Этот адрес уже подтверждён. Укажите другой.
account-email-taken = Этот адрес уже подтверждён в другой учётной записи. Укажите другой адрес или освободите этот там.
account-email-empty = Укажите адрес электронной почты, например name@example.kz.
account-email-long = Адрес слишком длинный. Проверьте его.
account-email-at = В адресе должен быть один знак @, например name@example.kz.
account-email-character = В адресе есть недопустимый знак: { $value }. Допустимы латинские буквы, цифры и точки.
account-email-dot = В адресе лишняя точка: в начале, в конце или две подряд.
account-email-domain = После @ должно стоять имя сервера, например example.kz.
account-code = Код из письма
account-code-hint = Шесть букв и цифр. Можно вводить строчными буквами.
account-code-send = Подтвердить адрес
account-code-wrong = Код не подходит. Введите код из последнего письма.
account-code-expired = Письмо устарело. Отправьте его ещё раз.
account-code-spent = Код больше не действует: слишком много неверных попыток. Откройте ссылку из письма или отправьте письмо ещё раз.
account-letter-again = Отправить письмо ещё раз
account-letter-wait = { $count ->
        [one] Письмо уже отправлено. Следующее можно отправить через { $count } секунду.
        [few] Письмо уже отправлено. Следующее можно отправить через { $count } секунды.
       *[other] Письмо уже отправлено. Следующее можно отправить через { $count } секунд.
    }
account-done-letter = Письмо отправлено. Откройте ссылку из него или введите код. Если письма нет, проверьте папку «Спам».
account-done-confirmed = Адрес подтверждён.
account-mail-off = Сайт сейчас не отправляет писем. Обратитесь к оператору; войти с ЭЦП можно и без писем.
account-mail-address = Почтовый сервер не принимает этот адрес. Проверьте его.
account-mail-failed = Письмо отправить не удалось. Попробуйте ещё раз через минуту; если не поможет, обратитесь к оператору.
account-confirm-title = Подтверждение адреса
account-confirm-text = Нажмите кнопку, чтобы подтвердить, что этот адрес ваш. Если вы его не указывали, просто закройте страницу.
account-confirm = Подтвердить адрес
account-confirmed-title = Адрес подтверждён
account-confirmed-text = Теперь с ним можно входить и получать письма.
account-link-title = Ссылка не действует
account-link-wrong = Ссылка уже использована, заменена более новым письмом или скопирована не полностью. Если адрес в личных данных отмечен как подтверждённый, делать ничего не нужно; иначе отправьте письмо ещё раз.
account-link-expired = Письмо устарело. Войдите и отправьте его ещё раз со страницы личных данных.
account-security-title = Вход и безопасность
account-password = Пароль
account-password-since = Пароль действует с { $value }.
account-password-none = Пароля нет: вход только с ЭЦП. С паролем можно входить и без ключа.
account-password-set = Задать пароль
account-password-change = Поменять пароль
account-logins = Логин
account-password-ends = После смены пароля вход на всех других устройствах будет завершён.
account-password-current = Текущий пароль
account-password-new = Новый пароль
account-password-hint = От 8 до 64 знаков: строчные и заглавные латинские буквы и цифры. Можно добавить любые другие знаки.
account-password-repeat = Повторите пароль
account-password-save = Сохранить пароль
account-password-differs = Пароли не совпадают. Введите новый пароль дважды одинаково.
account-password-too-short = Пароль слишком короткий: нужно не меньше { $value } знаков.
account-password-too-long = Пароль слишком длинный: не больше { $value } знаков.
account-password-no-lower = Добавьте строчную латинскую букву (a–z).
account-password-no-upper = Добавьте заглавную латинскую букву (A–Z).
account-password-no-digit = Добавьте цифру.
account-password-is-login = Пароль не должен совпадать с логином или адресом почты.
account-password-locked = Слишком много ошибок подряд. Попробуйте после { $value } или войдите с ЭЦП.
account-current-wrong = { $count ->
        [one] Текущий пароль не подходит. Осталась { $count } попытка, затем вход по паролю закроется на десять минут.
        [few] Текущий пароль не подходит. Осталось { $count } попытки, затем вход по паролю закроется на десять минут.
       *[other] Текущий пароль не подходит. Осталось { $count } попыток, затем вход по паролю закроется на десять минут.
    }
account-done-password = Пароль сохранён. Вход на других устройствах завершён.
account-done-password-first = Одноразовые коды защищают вход по паролю. Сначала задайте пароль.
account-sessions = Где выполнен вход
account-session-here = Это устройство
account-session-address = Адрес в сети
account-session-method = Способ входа
account-session-since = Вход
account-session-seen = Последнее действие
account-session-end = Завершить
account-sessions-end = Завершить все, кроме этого
account-sessions-one = Больше нигде вход не выполнен.
account-by-certificate = ЭЦП
account-by-password = Пароль
account-agent-none = Неизвестный браузер
account-done-ended = Вход на том устройстве завершён.
account-done-ended-others = Вход на всех других устройствах завершён.
account-totp-title = Одноразовые коды
account-totp-text = После пароля сайт спросит ещё и код из приложения на телефоне. Чужой человек не войдёт, даже если узнает пароль. Вход с ЭЦП не меняется.
account-totp-on = Включены
account-totp-is-on = Одноразовые коды включены
account-totp-begin = Включить одноразовые коды
account-totp-step-app = Установите на телефон любое приложение для одноразовых кодов (TOTP).
account-totp-step-scan = Отсканируйте им этот QR-код.
account-totp-step-code = Введите шесть цифр, которые покажет приложение.
account-totp-qr = QR-код для приложения одноразовых кодов
account-totp-secret = Если сканировать не получается, введите в приложение этот ключ:
account-totp-open = Открыть в приложении на этом устройстве
account-totp-code = Код
account-totp-code-hint = Шесть цифр из приложения
account-totp-or-recovery = Шесть цифр из приложения или один из запасных кодов
account-totp-turn-on = Включить
account-totp-wrong = Код не подходит. Дождитесь нового кода и проверьте время на телефоне.
account-totp-wrong-left = { $count ->
        [one] Код не подходит. Осталась { $count } попытка, затем вход по паролю закроется на десять минут.
        [few] Код не подходит. Осталось { $count } попытки, затем вход по паролю закроется на десять минут.
       *[other] Код не подходит. Осталось { $count } попыток, затем вход по паролю закроется на десять минут.
    }
account-totp-off = Выключить
account-totp-off-title = Выключить одноразовые коды?
account-totp-off-text = Для входа снова будет достаточно пароля. Запасные коды перестанут действовать.
account-done-totp-off = Одноразовые коды выключены.
account-codes-title = Новые запасные коды
account-codes-text = Это запасные коды на случай, если телефона нет под рукой. Каждый действует один раз. Сохраните или распечатайте их сейчас: больше они не покажутся.
account-codes-for = Запасные коды для
account-codes-kept = Я сохранил коды
account-codes-left = { $count ->
        [one] Остался { $count } запасной код.
        [few] Осталось { $count } запасных кода.
       *[other] Осталось { $count } запасных кодов.
    }
account-codes-new = Новые запасные коды
account-codes-new-title = Выпустить новые запасные коды?
account-codes-new-text = Прежние запасные коды перестанут действовать. Новые покажутся один раз.
account-history-title = История
account-history-text = Что происходило с вашей учётной записью. Если вы чего-то не делали, поменяйте пароль и завершите вход на других устройствах.
account-history-none = Пока ничего не происходило.
account-history-at = Когда
account-history-what = Что
account-history-who = Кто
account-history-from = Откуда
account-history-nobody = Без входа
account-history-pages = Страницы истории
account-history-newest = К последним
account-history-older = Раньше
account-forgot-title = Восстановление пароля
account-forgot-text = Введите логин. На подтверждённый адрес почты придёт письмо со ссылкой и кодом.
account-forgot-login = Логин
account-forgot-login-hint = ИИН, БИН или адрес электронной почты
account-forgot-empty = Введите ИИН, БИН или адрес электронной почты.
account-forgot-send = Отправить письмо
account-forgot-certificate = Если почта не подтверждена, войдите с ЭЦП и задайте пароль на странице «Вход и безопасность».
account-forgot-sent = Если такая учётная запись есть и её почта подтверждена, письмо уже в пути. Откройте ссылку из него или введите код здесь. Если за пять минут ничего не пришло, проверьте логин и папку «Спам».
account-forgot-link = Забыли текущий пароль?
account-forgot-again = Отправить письмо ещё раз
account-recover-title = Новый пароль
account-recover-text = После этого вход на всех устройствах будет завершён. Одноразовые коды, если они включены, останутся включёнными.
account-recover-code-wrong = Логин и код не подходят друг к другу, либо код устарел или его слишком часто вводили неверно. Проверьте их или отправьте письмо ещё раз.
account-recover-wrong = Ссылка уже использована, заменена более новым письмом или скопирована не полностью. Если пароль вы уже сменили, войдите с новым.
account-recover-expired = Ссылка действовала один час. Отправьте письмо ещё раз.
account-letters-title = Письма
account-letters-text = Здесь письма, которые сайт отправил бы по почте. В этой установке они никуда не уходят.
account-letters-none = Писем пока нет. Они появятся, когда сайт что-нибудь отправит: например, после приглашения сотрудника.
account-letters-to = Кому
account-letters-at = Когда
account-letter-greeting = Здравствуйте, { $value }!
account-letter-greeting-nobody = Здравствуйте!
account-letter-code = Или введите код на странице, где вы просили письмо: { $value }
account-letter-holds-hours = { $count ->
        [one] Ссылка и код действуют { $count } час.
        [few] Ссылка и код действуют { $count } часа.
       *[other] Ссылка и код действуют { $count } часов.
    }
account-letter-holds-until = Приглашение действует до { $value }.
account-letter-ignore = Если вы этого не ждали, ничего не делайте.
account-letter-ignore-recover = Если вы этого не просили, ничего не делайте: пароль останется прежним.
account-letter-confirm-subject = Подтвердите адрес: { $value }
account-letter-confirm = Чтобы подтвердить, что этот адрес ваш, откройте ссылку и нажмите кнопку на странице:
account-letter-recover-subject = Восстановление пароля: { $value }
account-letter-recover = Чтобы задать новый пароль, откройте ссылку:
account-letter-invitation-subject = Приглашение: { $value }
account-letter-invitation = { $inviter } приглашает вас в организацию { $company }. Чтобы принять приглашение, откройте ссылку:
account-letter-password-subject = Пароль изменён: { $value }
account-letter-password = Пароль вашей учётной записи изменён: { $value }.
account-letter-not-you = Если это были не вы, войдите с ЭЦП и задайте новый пароль или восстановите его по ссылке:
account-letter-email-changing-subject = Меняется адрес электронной почты: { $value }
account-letter-email-changing = Из вашей учётной записи запросили другой адрес электронной почты: { $value }. Этот адрес действует, пока не подтверждён другой.
account-letter-email-changing-not-you = Если это были не вы, задайте новый пароль — это отменит смену адреса. Войдите с ЭЦП или восстановите пароль по ссылке:
account-letter-email-changed-subject = Адрес электронной почты изменён: { $value }
account-letter-email-changed = Адрес электронной почты вашей учётной записи изменён: { $value }. Письма сюда больше не приходят.
account-letter-email-changed-not-you = Если это были не вы, сразу напишите оператору. С ЭЦП вы можете войти и задать новый пароль:
