# Сотрудники и приглашения.
staff-title = Сотрудники
staff-title-operator = Персонал оператора
staff-person = Сотрудник
staff-invite = Пригласить
staff-name = ФИО
staff-email = Электронная почта
staff-iin = ИИН
staff-role = Роль
staff-roles = Роли
staff-state = Состояние
staff-any-role = Любая
staff-any-state = Любое
staff-state-active = Работает
staff-state-blocked = Заблокирован
staff-find = Найти
staff-show-all = Показать всех
staff-me = это вы
staff-none-found = Никто не подошёл. Измените условия поиска.
staff-count = { $count ->
    [one] { $count } человек
    [few] { $count } человека
   *[many] { $count } человек
}
staff-invited = Приглашённые
staff-invited-by = Пригласил
staff-holds-until = Действует до
staff-expired = Срок истёк
staff-actions = Действия
staff-cancel = Отозвать
staff-alone = Пока здесь только вы. Пригласите коллег: им придёт письмо со ссылкой.
staff-nobody-invited = Никто не ждёт ответа на приглашение.
staff-since = Здесь с
staff-rights = Права сотрудника
staff-rights-blocked = Сейчас ничего: сотрудник заблокирован. После разблокировки снова можно:
staff-change-roles = Изменить роли
staff-roles-hint = Можно выбрать несколько ролей. Права складываются.
staff-save = Сохранить
staff-done-roles = Роли сохранены. Они действуют уже сейчас.
staff-done-blocked = Сотрудник заблокирован.
staff-done-unblocked = Сотрудник снова может работать.
staff-done-invited = Приглашение отправлено. Ссылка в письме действует 7 дней.
staff-done-cancelled = Приглашение отозвано, его ссылка больше не работает.

# Роли.
staff-role-administrator = Администратор
staff-role-administrator-hint = всё в организации: данные, договор и заявки, магазины и кассы, чеки, сотрудники, токены API, журнал
staff-role-accountant = Бухгалтер
staff-role-accountant-hint = меняет данные организации и банковские счета, присоединяется к договору и подписывает заявки, подключает магазины и кассы; видит чеки, смены и отчёты, сотрудников
staff-role-cashier-manager = Старший кассир
staff-role-cashier-manager-hint = видит данные организации, магазины и кассы, чеки, смены и отчёты, сотрудников; ничего не меняет
staff-role-reader = Только чтение
staff-role-reader-hint = видит данные организации, магазины и кассы; ничего не меняет
staff-role-operator-administrator = Администратор оператора
staff-role-operator-administrator-hint = персонал, организации и их журналы, кассы и их блокировка, регистрация касс, выезды, тексты на чеках, заявки на банки
staff-role-support = Поддержка
staff-role-support-hint = видит организации, их журналы, кассы и чеки; вносит ответы по регистрации касс, закрывает выезды, блокирует кассы, составляет тексты на чеках
staff-role-billing = Расчёты
staff-role-billing-hint = видит организации, платежи и лицевые счета, принимает банковские выписки, решает по заявкам на банки
staff-role-tax-inspector = Налоговый инспектор
staff-role-tax-inspector-hint = видит организации, кассы и чеки; ничего не меняет

# Права простыми словами.
staff-right-see-company = Видеть данные организации
staff-right-edit-company = Менять данные, адреса и банковские счета
staff-right-join-contract = Присоединение к договору и подписание заявок
staff-right-apply-for-bank = Подавать заявки на новые банки
staff-right-see-registers = Видеть магазины и кассы организации и чем они заняты
staff-right-manage-registers = Создавать, менять и удалять магазины и кассы
staff-right-see-documents = Видеть чеки, смены и отчёты касс
staff-right-see-employees = Видеть список сотрудников
staff-right-manage-employees = Приглашать и блокировать сотрудников, менять их роли
staff-right-manage-tokens = Создавать и отзывать токены API
staff-right-see-audit = Читать журнал действий
staff-right-see-any-company = Видеть данные любой организации. Каждый просмотр записывается в её журнал
staff-right-see-any-audit = Читать журнал любой организации
staff-right-decide-banks = Решать по заявкам на новые банки
staff-right-manage-staff = Управлять персоналом оператора и читать его журнал

# Блокировка.
staff-block = Заблокировать
staff-block-title = Заблокировать сотрудника
staff-block-short = Сотрудник сразу потеряет доступ. Вы сможете вернуть его в любой момент.
staff-block-text = Сотрудник сразу потеряет доступ к этой организации, даже если сейчас работает на сайте. Роли сохранятся. Разблокировать можно в любой момент. Причину увидит сам сотрудник, она останется в журнале.
staff-block-me = Вы блокируете себя. Вернуть доступ сможет только другой администратор.
staff-invited-end = Приглашения этого сотрудника, которые ещё не приняты, будут отозваны: { $count }. Ссылки в письмах перестанут работать.
staff-reason = Причина
staff-reason-hint = Например: уволен с 1 марта.
staff-unblock = Разблокировать
staff-unblock-text = Сотрудник сразу сможет работать с прежними ролями.
staff-blocked-text = Доступ закрыт с { $since }, закрыл: { $by }. Причина: { $reason }

# Отказ от роли администратора.
staff-sure-title = Отказаться от роли администратора?
staff-sure-text = Вы больше не сможете управлять сотрудниками. Вернуть роль сможет только другой администратор.
staff-sure-left = Ваши роли после этого:
staff-sure-yes = Отказаться от роли

# Почему не сохранено.
staff-no-member = Такого сотрудника здесь нет. Вернитесь к списку.
staff-no-role = Выберите хотя бы одну роль. Чтобы закрыть доступ совсем, заблокируйте сотрудника.
staff-no-role-invited = Выберите хотя бы одну роль.
staff-foreign-role = Такой роли здесь нет. Обновите страницу и выберите роли заново.
staff-last-administrator = Это последний администратор. Сначала дайте роль администратора другому сотруднику.
staff-now = Сейчас: { $value }
staff-no-reason = Укажите причину: её увидит сотрудник.
staff-reason-too-long = Причина длиннее { $count } знаков. Сократите её.
staff-no-address = Введите адрес вида name@example.kz.
staff-member-already = Человек с этим адресом уже сотрудник. Роли меняются на его странице.
staff-invited-already = Этот адрес уже приглашён. Чтобы послать письмо ещё раз, отзовите приглашение и пригласите снова.
staff-members-full = Больше 200 человек с приглашёнными добавить нельзя. Отзовите лишние приглашения или обратитесь в поддержку.
staff-invitations-full = Ответа ждут уже 50 приглашений. Отзовите ненужные.
staff-too-often = На этот адрес или от вашей организации за сутки ушло слишком много писем. Попробуйте завтра.

# Приглашение.
staff-invite-title = Пригласить сотрудника
staff-invite-text = На адрес придёт письмо со ссылкой. По ней человек войдёт или заведёт учётную запись, электронная подпись ему не нужна. Ссылка действует 7 дней и один раз.
staff-invite-email-hint = Личный рабочий адрес, а не общий ящик: войти сможет тот, кто откроет письмо.
staff-invite-send = Отправить приглашение
staff-cancel-title = Отозвать приглашение?
staff-cancel-text = Ссылка из письма на { $value } перестанет работать. Пригласить этот адрес можно будет снова.
staff-invitation-title = Вас приглашают
staff-invitation-company = Организация
staff-invitation-as = Вы вошли как
staff-invitation-join = Присоединиться
staff-invitation-not-me = Это не вы? Выйдите и откройте ссылку из письма ещё раз.
staff-invitation-known = У меня есть учётная запись
staff-invitation-known-text = Войдите с ЭЦП или паролем: после входа эта страница откроется снова.
staff-invitation-new = Я здесь впервые
staff-invitation-new-text = Создайте учётную запись. Адрес уже подтверждён: вы открыли ссылку из письма.
staff-full-name = ФИО полностью
staff-full-name-hint = Как в удостоверении личности.
staff-no-name = Введите фамилию и имя, не длиннее { $count } знаков.
staff-password = Пароль
staff-password-hint = От 8 до 64 знаков: строчная и заглавная латинские буквы и цифра.
staff-repeat = Пароль ещё раз
staff-not-the-same = Пароли не совпали. Введите один и тот же дважды.
staff-invitation-create = Создать учётную запись и присоединиться
staff-address-has-account = У этого адреса уже есть учётная запись. Войдите с ней: кнопка «Войти» выше.
staff-invitation-expired = Срок приглашения истёк
staff-invitation-expired-text = Ссылка действовала 7 дней. Попросите администратора организации пригласить вас ещё раз.
staff-invitation-taken = Приглашение уже принято
staff-invitation-taken-text = По этой ссылке уже присоединились. Если это были вы, просто войдите. Если нет, сообщите администратору организации.
staff-invitation-cancelled = Приглашение отозвано
staff-invitation-cancelled-text = Администратор организации отозвал это приглашение. Если это ошибка, попросите пригласить вас ещё раз.
staff-invitation-gone = Такого приглашения нет
staff-invitation-gone-text = Откройте ссылку из письма целиком, без лишних знаков. Если не помогло, попросите пригласить вас ещё раз.
staff-right-manage-tariffs = Составлять тарифные планы и их версии
staff-right-manage-ticket-texts = Составлять тексты, которые кассы печатают на чеках
staff-right-see-any-register = Смотреть любую кассу и что она продала; покупатель скрыт. Каждый просмотр записывается в журнал организации
