# Проверка подписи.
signature-title = Проверка подписи
signature-intro = Выберите файл электронной подписи и узнайте, кто и что подписал, действителен ли сертификат и не отозван ли он. Файлы нигде не сохраняются.
signature-cms = Файл подписи
signature-cms-hint = CMS: обычно .cms, .p7s или .sig, до 8 МБ.
signature-document = Документ
signature-document-hint = Нужен, если подпись лежит отдельно от документа. До 32 МБ.
signature-check = Проверить
signature-extract = Извлечь документ
signature-extract-hint = Если документ внутри файла подписи, его можно сохранить отдельно. Подпись при этом не проверяется.
signature-again = Проверить другой файл
signature-off = Проверка сертификатов на этом сайте не настроена: ни одна подпись не будет признана действительной.
signature-test-stage = Это испытательный стенд: сертификаты тестовые и ничего не доказывают.

# Что не так с файлами.
signature-no-file = Выберите файл подписи.
signature-damaged = Это не файл подписи, либо он повреждён или загружен не полностью. Возможно, файлы подписи и документа перепутаны местами.
signature-trailing = После подписи в файле есть лишние данные. Такой файл не принимается: попросите его заново.
signature-over-limit = Этот файл нельзя проверить: { $what }, предел — { $limit }. Это не значит, что подпись неверна. Большой документ подписывают отдельно от него.
signature-limit-size = файл подписи слишком велик (в байтах)
signature-limit-signers = слишком много подписей
signature-limit-certificates = слишком много сертификатов
signature-limit-attributes = слишком много сведений при одной подписи
signature-limit-nesting = слишком глубокая вложенность
signature-limit-parts = слишком много частей
signature-too-large = Файл подписи больше { $value } МБ, на которые хватает памяти этого сайта. Большой документ подписывают отдельно от него; этот файл проверьте программой на своём компьютере.
signature-unsupported = Такой вид файла не поддерживается. Нужна подпись CMS; подписи внутри XML и PDF здесь не проверяются.
signature-document-missing = Подпись лежит отдельно от документа. Выберите и документ, который подписан.
signature-document-too-large = Документ больше 32 МБ. Проверьте его программой на своём компьютере.
signature-nothing-inside = Документа в этом файле нет: подпись лежит отдельно от него.

# Итог.
signature-valid = { $count ->
    [1] Подпись действительна
   *[other] Все подписи действительны
}
signature-valid-text = Проверено всё: сама подпись, документ, сертификат и его отзыв.
signature-invalid = { $count ->
    [1] Подпись недействительна
   *[other] Среди подписей есть недействительная
}
signature-invalid-text = Не полагайтесь на этот документ, пока причина не выяснена.
signature-open = Проверить удалось не всё
signature-open-text = Ошибок не найдено, но и подтвердить подпись полностью не удалось. Ниже сказано, чего не хватает.
signature-none = В файле нет ни одной подписи
signature-none-text = Файл читается, но его никто не подписал. Попросите подписанный файл.
signature-inside = Документ внутри файла: { $value } байт.
signature-apart = Документ лежал отдельно от подписи.

# Подписавший.
signature-signer = Подписавший
signature-signer-of = Подписавший { $number } из { $count }
signature-checked-at = Проверено
signature-checked-on = Сайт
signature-state-good = Действительна
signature-state-bad = Недействительна
signature-state-open = Не проверена до конца
signature-passed = Успешно
signature-failed = Не пройдена
signature-undecided = Не удалось проверить
signature-reason = Причина
signature-name = ФИО
signature-iin = ИИН
signature-bin = БИН
signature-organisation = Наименование организации
signature-template = Шаблон сертификата
signature-roles = Роли
signature-serial = Серийный номер сертификата
signature-term = Срок действия сертификата
signature-term-text = с { $from } по { $until }
signature-issuer = Издатель
signature-signed-at = Дата подписания
signature-signed-unknown = неизвестна: метки времени нет
signature-signed-unproven = неизвестна: метка времени ничего не доказывает
signature-judged-at = Проверено на момент
signature-result = Результат проверки подписи
signature-result-document = Результат проверки документа
signature-result-certificate = Результат проверки сертификата
signature-result-chain = Цепочка до корневого сертификата
signature-result-term = Срок действия
signature-result-revocation = Отзыв
signature-result-stamp = Результат проверки TSP
signature-stamp-absent = Метки времени нет
signature-stamp-good = Успешно: { $value }
signature-chain-incomplete = нет сертификата удостоверяющего центра
signature-chain-untrusted = не ведёт к доверенному корню
signature-expired = истёк
signature-not-yet = ещё не начался
signature-no-certificate = нет сертификата
signature-not-revoked = не отозван
signature-revoked = отозван { $value }
signature-by-ocsp = ответ OCSP от { $value }
signature-by-crl = список отозванных (CRL) от { $value }

# Шаблоны и роли.
signature-owner-individual = Физическое лицо
signature-owner-organisation-person = Представитель юридического лица
signature-owner-system = Информационная система
signature-owner-other = Другой
signature-role-individual = физическое лицо
signature-role-individual-system = информационная система физического лица
signature-role-organisation = юридическое лицо
signature-role-head = первый руководитель
signature-role-signatory = право подписи
signature-role-financial-signatory = право подписи финансовых документов
signature-role-personnel = сотрудник отдела кадров
signature-role-employee = сотрудник организации
signature-role-organisation-system = информационная система организации
signature-role-authority-staff = персонал удостоверяющего центра
signature-role-identification = удалённая идентификация
signature-role-treasury = «Казначейство-Клиент»

# Почему не действительна.
signature-why-no-signers = Файл никто не подписал.
signature-why-certificates-only = В файле только сертификаты: это не подпись. Попросите файл подписи.
signature-why-no-signer-certificate = В файле нет сертификата подписавшего. Попросите файл, в котором он есть.
signature-why-certificate-unreadable = В файле есть сертификат, который не читается; без сертификата подписавшего подпись не проверить.
signature-why-no-signed-attributes = Подпись не говорит, к чему она относится.
signature-why-attributes-malformed = Сведения, которые подпись сообщает о себе, повреждены или повторяются.
signature-why-content-type = Подпись относится к содержимому другого вида.
signature-why-algorithm = Подпись сделана алгоритмом, который не принимается.
signature-why-algorithm-unknown = Алгоритм подписи здесь неизвестен, поэтому она не проверена. Это не значит, что она неверна.
signature-why-key-weak = Ключ слишком короткий: такую подпись можно подделать, поэтому она ничего не доказывает.
signature-why-over-limit = Проверка потребовала бы больше работы, чем допускает один файл. Это не значит, что подпись неверна.
signature-why-algorithm-historical = Подпись по старому ГОСТ 34.310-2004 действует только в документах с меткой времени не позже 25 июня 2025 года.
signature-why-signature-bad = Подпись не соответствует сертификату или изменена.
signature-why-digest-bad = Документ не тот, который подписан, или изменён после подписания.
signature-why-other-certificate = Подписавший указал другой сертификат, а не тот, что лежит в файле.
signature-why-purpose = Сертификат не предназначен для подписания документов.
signature-why-untrusted = Сертификат выдан не тем удостоверяющим центром, которому здесь доверяют.
signature-why-revoked = Сертификат отозван, и ничто не доказывает, что подпись сделана раньше.
signature-why-authority-revoked = Отозван сертификат удостоверяющего центра.
signature-why-stamp = Метка времени ничего не доказывает, поэтому время подписания неизвестно.
signature-why-authority-term = Сертификат удостоверяющего центра в тот момент не действовал.
signature-why-expired = Срок действия сертификата истёк, и ничто не доказывает, что подпись сделана раньше.
signature-why-not-yet = Срок действия сертификата ещё не начался.
signature-why-revoked-later = Сертификат отозван после метки времени по причине, которая ставит под сомнение и прежние подписи.
signature-why-incomplete = Неизвестен удостоверяющий центр, выдавший сертификат.
signature-why-revocation-unknown = Не удалось узнать, отозван ли сертификат. Это не значит, что он отозван: повторите проверку позже.
signature-why-authority-unknown = Не удалось узнать, отозван ли сертификат удостоверяющего центра. Повторите проверку позже.

# Почему об отзыве ничего не известно.
signature-unknown-no-data = нет ни ответа OCSP, ни списка отозванных
signature-unknown-no-answer = служба OCSP не ответила
signature-unknown-unreadable = ответ OCSP или список отозванных не читается
signature-unknown-refused = служба OCSP просит повторить запрос позже
signature-unknown-unchecked = подпись ответа OCSP или списка отозванных нельзя проверить
signature-unknown-list-not-entitled = список отозванных есть, но его подписал не этот удостоверяющий центр
signature-unknown-list-not-understood = список отозванных есть, но он ограничен так, что пользоваться им нельзя
signature-unknown-not-entitled = ответ OCSP подписан не тем, кто вправе
signature-unknown-out-of-date = ответ OCSP или список отозванных устарел
signature-unknown-expired-before = список отозванных новее сертификата и истёкших не содержит
signature-unknown-not-known = служба OCSP не знает этого сертификата

# Что не так с меткой времени.
signature-stamp-malformed = метка не читается
signature-stamp-other = метка поставлена на другую подпись
signature-stamp-no-certificate = нет сертификата службы меток
signature-stamp-algorithm = алгоритм метки здесь неизвестен или не принимается
signature-stamp-key-weak = ключ службы меток слишком короткий
signature-stamp-over-limit = проверка метки потребовала бы слишком много работы
signature-stamp-signature = подпись самой метки неверна
signature-stamp-purpose = сертификат не предназначен для меток времени
signature-stamp-incomplete = неизвестен удостоверяющий центр метки
signature-stamp-untrusted = метку поставил не тот, кому здесь доверяют
signature-stamp-term = сертификат службы меток тогда не действовал
signature-stamp-revoked = сертификат службы меток отозван
signature-stamp-future = время метки ещё не наступило
