# Қолтаңбаны тексеру.
signature-title = Қолтаңбаны тексеру
signature-intro = Электрондық қолтаңба файлын таңдаңыз: кім не нәрсеге қол қойғанын, сертификаттың жарамды екенін және қайтарып алынбағанын біліңіз. Файлдар еш жерде сақталмайды.
signature-cms = Қолтаңба файлы
signature-cms-hint = CMS: әдетте .cms, .p7s немесе .sig, 8 МБ-қа дейін.
signature-document = Құжат
signature-document-hint = Қолтаңба құжаттан бөлек тұрса керек. 32 МБ-қа дейін.
signature-check = Тексеру
signature-extract = Құжатты шығарып алу
signature-extract-hint = Құжат қолтаңба файлының ішінде болса, оны бөлек сақтауға болады. Бұл кезде қолтаңба тексерілмейді.
signature-again = Басқа файлды тексеру
signature-off = Бұл сайтта сертификаттарды тексеру бапталмаған: бірде-бір қолтаңба жарамды деп танылмайды.
signature-test-stage = Бұл сынақ стенді: сертификаттар сынақтық және ештеңені дәлелдемейді.

# Файлдарда не дұрыс емес.
signature-no-file = Қолтаңба файлын таңдаңыз.
signature-damaged = Бұл қолтаңба файлы емес немесе файл бүлінген, толық жүктелмеген. Қолтаңба мен құжат орындары ауысып кеткен болуы мүмкін.
signature-trailing = Файлда қолтаңбадан кейін артық деректер бар. Мұндай файл қабылданбайды: оны қайта сұраңыз.
signature-over-limit = Бұл файлды тексеру мүмкін емес: { $what }, шегі — { $limit }. Бұл қолтаңба дұрыс емес дегенді білдірмейді. Үлкен құжатқа бөлек қол қойылады.
signature-limit-size = қолтаңба файлы тым үлкен (байтпен)
signature-limit-signers = қолтаңба тым көп
signature-limit-certificates = сертификат тым көп
signature-limit-attributes = бір қолтаңбаның мәліметтері тым көп
signature-limit-nesting = кірістіру тым терең
signature-limit-parts = бөліктер тым көп
signature-too-large = Қолтаңба файлы осы сайттың жады жететін { $value } МБ-тан үлкен. Үлкен құжатқа бөлек қол қойылады; бұл файлды өз компьютеріңіздегі бағдарламамен тексеріңіз.
signature-unsupported = Файлдың мұндай түріне қолдау жоқ. CMS қолтаңбасы керек; XML және PDF ішіндегі қолтаңбалар мұнда тексерілмейді.
signature-document-missing = Қолтаңба құжаттан бөлек тұр. Қол қойылған құжатты да таңдаңыз.
signature-document-too-large = Құжат 32 МБ-тан үлкен. Оны өз компьютеріңіздегі бағдарламамен тексеріңіз.
signature-nothing-inside = Бұл файлда құжат жоқ: қолтаңба одан бөлек тұр.

# Қорытынды.
signature-valid = { $count ->
    [1] Қолтаңба жарамды
   *[other] Барлық қолтаңба жарамды
}
signature-valid-text = Бәрі тексерілді: қолтаңбаның өзі, құжат, сертификат және оның қайтарып алынуы.
signature-invalid = { $count ->
    [1] Қолтаңба жарамсыз
   *[other] Қолтаңбалардың ішінде жарамсызы бар
}
signature-invalid-text = Себебі анықталғанша бұл құжатқа сенбеңіз.
signature-open = Бәрін тексеру мүмкін болмады
signature-open-text = Қате табылған жоқ, бірақ қолтаңбаны толық растау да мүмкін болмады. Не жетіспейтіні төменде айтылған.
signature-none = Файлда бірде-бір қолтаңба жоқ
signature-none-text = Файл оқылады, бірақ оған ешкім қол қоймаған. Қол қойылған файлды сұраңыз.
signature-inside = Құжат файлдың ішінде: { $value } байт.
signature-apart = Құжат қолтаңбадан бөлек тұрды.

# Қол қойған адам.
signature-signer = Қол қоюшы
signature-signer-of = Қол қоюшы: { $count } ішінен { $number }
signature-checked-at = Тексерілді
signature-checked-on = Сайт
signature-state-good = Жарамды
signature-state-bad = Жарамсыз
signature-state-open = Толық тексерілмеген
signature-passed = Сәтті
signature-failed = Өтпеді
signature-undecided = Тексеру мүмкін болмады
signature-reason = Себебі
signature-name = Аты-жөні
signature-iin = ЖСН
signature-bin = БСН
signature-organisation = Ұйымның атауы
signature-template = Сертификат үлгісі
signature-roles = Рөлдер
signature-serial = Сертификаттың сериялық нөмірі
signature-term = Сертификаттың қолданылу мерзімі
signature-term-text = { $from } – { $until }
signature-issuer = Беруші
signature-signed-at = Қол қойылған күні
signature-signed-unknown = белгісіз: уақыт белгісі жоқ
signature-signed-unproven = белгісіз: уақыт белгісі ештеңені дәлелдемейді
signature-judged-at = Қай сәтке тексерілді
signature-result = Қолтаңбаны тексеру нәтижесі
signature-result-document = Құжатты тексеру нәтижесі
signature-result-certificate = Сертификатты тексеру нәтижесі
signature-result-chain = Түбірлік сертификатқа дейінгі тізбек
signature-result-term = Қолданылу мерзімі
signature-result-revocation = Қайтарып алыну
signature-result-stamp = TSP тексеру нәтижесі
signature-stamp-absent = Уақыт белгісі жоқ
signature-stamp-good = Сәтті: { $value }
signature-chain-incomplete = куәландырушы орталықтың сертификаты жоқ
signature-chain-untrusted = сенімді түбірге апармайды
signature-expired = өтіп кеткен
signature-not-yet = әлі басталмаған
signature-no-certificate = сертификат жоқ
signature-not-revoked = қайтарып алынбаған
signature-revoked = қайтарып алынған: { $value }
signature-by-ocsp = OCSP жауабы, { $value }
signature-by-crl = қайтарып алынғандар тізімі (CRL), { $value }

# Үлгілер мен рөлдер.
signature-owner-individual = Жеке тұлға
signature-owner-organisation-person = Заңды тұлғаның өкілі
signature-owner-system = Ақпараттық жүйе
signature-owner-other = Басқа
signature-role-individual = жеке тұлға
signature-role-individual-system = жеке тұлғаның ақпараттық жүйесі
signature-role-organisation = заңды тұлға
signature-role-head = бірінші басшы
signature-role-signatory = қол қою құқығы
signature-role-financial-signatory = қаржы құжаттарына қол қою құқығы
signature-role-personnel = кадр бөлімінің қызметкері
signature-role-employee = ұйым қызметкері
signature-role-organisation-system = ұйымның ақпараттық жүйесі
signature-role-authority-staff = куәландырушы орталықтың қызметкері
signature-role-identification = қашықтан сәйкестендіру
signature-role-treasury = «Қазынашылық-Клиент»

# Неге жарамсыз.
signature-why-no-signers = Файлға ешкім қол қоймаған.
signature-why-certificates-only = Файлда тек сертификаттар бар: бұл қолтаңба емес. Қолтаңба файлын сұраңыз.
signature-why-no-signer-certificate = Файлда қол қоюшының сертификаты жоқ. Ол бар файлды сұраңыз.
signature-why-certificate-unreadable = Файлда оқылмайтын сертификат бар; қол қоюшының сертификатынсыз қолтаңбаны тексеру мүмкін емес.
signature-why-no-signed-attributes = Қолтаңба өзінің неге қатысты екенін айтпайды.
signature-why-attributes-malformed = Қолтаңбаның өзі туралы мәліметтері бүлінген немесе қайталанады.
signature-why-content-type = Қолтаңба басқа түрдегі мазмұнға қатысты.
signature-why-algorithm = Қолтаңба қабылданбайтын алгоритммен жасалған.
signature-why-algorithm-unknown = Қолтаңба алгоритмі мұнда белгісіз, сондықтан ол тексерілмеді. Бұл оның дұрыс еместігін білдірмейді.
signature-why-key-weak = Кілт тым қысқа: мұндай қолтаңбаны қолдан жасауға болады, сондықтан ол ештеңе дәлелдемейді.
signature-why-over-limit = Тексеру бір файлға рұқсат етілгеннен көп жұмысты талап етер еді. Бұл қолтаңба дұрыс емес дегенді білдірмейді.
signature-why-algorithm-historical = Ескі МЕМСТ 34.310-2004 бойынша қолтаңба уақыт белгісі 2025 жылғы 25 маусымнан кеш емес құжаттарда ғана жарамды.
signature-why-signature-bad = Қолтаңба сертификатқа сәйкес келмейді немесе өзгертілген.
signature-why-digest-bad = Құжат қол қойылған құжат емес немесе кейін өзгертілген.
signature-why-other-certificate = Қол қоюшы файлдағыдан басқа сертификатты көрсеткен.
signature-why-purpose = Сертификат құжаттарға қол қоюға арналмаған.
signature-why-untrusted = Сертификатты мұнда сенім білдірілген куәландырушы орталық бермеген.
signature-why-revoked = Сертификат қайтарып алынған, қолтаңбаның бұған дейін қойылғанын ештеңе дәлелдемейді.
signature-why-authority-revoked = Куәландырушы орталықтың сертификаты қайтарып алынған.
signature-why-stamp = Уақыт белгісі ештеңені дәлелдемейді, сондықтан қол қойылған уақыт белгісіз.
signature-why-authority-term = Куәландырушы орталықтың сертификаты сол сәтте жарамсыз болған.
signature-why-expired = Сертификаттың қолданылу мерзімі өтіп кеткен, қолтаңбаның бұған дейін қойылғанын ештеңе дәлелдемейді.
signature-why-not-yet = Сертификаттың қолданылу мерзімі әлі басталмаған.
signature-why-revoked-later = Сертификат уақыт белгісінен кейін бұрынғы қолтаңбаларға да күмән келтіретін себеппен қайтарып алынған.
signature-why-incomplete = Сертификатты берген куәландырушы орталық белгісіз.
signature-why-revocation-unknown = Сертификаттың қайтарып алынғанын білу мүмкін болмады. Бұл ол қайтарып алынды дегенді білдірмейді: кейінірек қайта тексеріңіз.
signature-why-authority-unknown = Куәландырушы орталық сертификатының қайтарып алынғанын білу мүмкін болмады. Кейінірек қайта тексеріңіз.

# Қайтарып алыну неге белгісіз.
signature-unknown-no-data = OCSP жауабы да, қайтарып алынғандар тізімі де жоқ
signature-unknown-no-answer = OCSP қызметі жауап бермеді
signature-unknown-unreadable = OCSP жауабы немесе қайтарып алынғандар тізімі оқылмайды
signature-unknown-refused = OCSP қызметі кейінірек қайталауды сұрайды
signature-unknown-unchecked = OCSP жауабының немесе кері қайтарылғандар тізімінің қолтаңбасын тексеру мүмкін емес
signature-unknown-list-not-entitled = кері қайтарылғандар тізімі бар, бірақ оған бұл куәландырушы орталық қол қоймаған
signature-unknown-list-not-understood = кері қайтарылғандар тізімі бар, бірақ ол пайдалануға болмайтындай шектелген
signature-unknown-not-entitled = OCSP жауабына құқығы бар тұлға қол қоймаған
signature-unknown-out-of-date = OCSP жауабы немесе қайтарып алынғандар тізімі ескірген
signature-unknown-expired-before = қайтарып алынғандар тізімі сертификаттан жаңа және мерзімі өткендерді қамтымайды
signature-unknown-not-known = OCSP қызметі бұл сертификатты білмейді

# Уақыт белгісінде не дұрыс емес.
signature-stamp-malformed = белгі оқылмайды
signature-stamp-other = белгі басқа қолтаңбаға қойылған
signature-stamp-no-certificate = белгі қызметінің сертификаты жоқ
signature-stamp-algorithm = белгі алгоритмі мұнда белгісіз немесе қабылданбайды
signature-stamp-key-weak = белгі қызметінің кілті тым қысқа
signature-stamp-over-limit = белгіні тексеру тым көп жұмысты талап етер еді
signature-stamp-signature = белгінің өз қолтаңбасы дұрыс емес
signature-stamp-purpose = сертификат уақыт белгілеріне арналмаған
signature-stamp-incomplete = белгінің куәландырушы орталығы белгісіз
signature-stamp-untrusted = белгіні мұнда сенім білдірілген тұлға қоймаған
signature-stamp-term = белгі қызметінің сертификаты ол кезде жарамсыз болған
signature-stamp-revoked = белгі қызметінің сертификаты қайтарып алынған
signature-stamp-future = белгінің уақыты әлі келген жоқ
