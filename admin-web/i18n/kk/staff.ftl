# Қызметкерлер мен шақырулар.
staff-title = Қызметкерлер
staff-title-operator = Оператор қызметкерлері
staff-person = Қызметкер
staff-invite = Шақыру
staff-name = Аты-жөні
staff-email = Электрондық пошта
staff-iin = ЖСН
staff-role = Рөл
staff-roles = Рөлдер
staff-state = Күйі
staff-any-role = Кез келген
staff-any-state = Кез келген
staff-state-active = Жұмыс істейді
staff-state-blocked = Бұғатталған
staff-find = Табу
staff-show-all = Барлығын көрсету
staff-me = бұл сіз
staff-none-found = Ешкім сәйкес келмеді. Іздеу шарттарын өзгертіңіз.
staff-count = { $count ->
   *[other] { $count } адам
}
staff-invited = Шақырылғандар
staff-invited-by = Шақырған
staff-holds-until = Жарамдылық мерзімі
staff-expired = Мерзімі өтті
staff-actions = Әрекеттер
staff-cancel = Қайтарып алу
staff-alone = Әзірге мұнда тек сізсіз. Әріптестеріңізді шақырыңыз: оларға сілтемесі бар хат барады.
staff-nobody-invited = Жауап күтіп тұрған шақыру жоқ.
staff-since = Осында қосылған күні
staff-rights = Қызметкердің құқықтары
staff-rights-blocked = Қазір ештеңе: қызметкер бұғатталған. Бұғаттан шығарылған соң қайтадан:
staff-change-roles = Рөлдерді өзгерту
staff-roles-hint = Бірнеше рөл таңдауға болады. Құқықтары қосылады.
staff-save = Сақтау
staff-done-roles = Рөлдер сақталды. Олар қазірден бастап күшінде.
staff-done-blocked = Қызметкер бұғатталды.
staff-done-unblocked = Қызметкер қайтадан жұмыс істей алады.
staff-done-invited = Шақыру жіберілді. Хаттағы сілтеме 7 күн жарамды.
staff-done-cancelled = Шақыру қайтарып алынды, оның сілтемесі енді жұмыс істемейді.

# Рөлдер.
staff-role-administrator = Әкімші
staff-role-administrator-hint = ұйымның барлық деректері, қызметкерлер және журнал
staff-role-accountant = Бухгалтер
staff-role-accountant-hint = ұйым деректері мен банк шоттарын көреді және өзгертеді, сауда нүктелері мен кассаларды қосады
staff-role-cashier-manager = Аға кассир
staff-role-cashier-manager-hint = ұйым деректері мен қызметкерлерді көреді
staff-role-reader = Тек оқу
staff-role-reader-hint = ұйым деректерін көреді, ештеңе өзгертпейді
staff-role-operator-administrator = Оператор әкімшісі
staff-role-operator-administrator-hint = қызметкерлер, журналдар, ұйымдар, банк өтінімдері
staff-role-support = Қолдау қызметі
staff-role-support-hint = ұйымдарды және олардың журналдарын көреді
staff-role-billing = Есеп айырысу
staff-role-billing-hint = ұйымдарды көреді, банк өтінімдері бойынша шешім қабылдайды
staff-role-tax-inspector = Салық инспекторы
staff-role-tax-inspector-hint = ұйымдарды көреді, ештеңе өзгертпейді

# Құқықтар қарапайым тілмен.
staff-right-see-company = Ұйым деректерін көру
staff-right-edit-company = Деректерді, мекенжайларды және банк шоттарын өзгерту
staff-right-join-contract = Шартқа қосылу және өтінімдерге қол қою
staff-right-apply-for-bank = Жаңа банктерге өтінім беру
staff-right-see-registers = Ұйымның дүкендері мен кассаларын және олардың күйін көру
staff-right-manage-registers = Дүкендер мен кассаларды құру, өзгерту және жою
staff-right-see-documents = Кассалардың чектерін, ауысымдары мен есептерін көру
staff-right-see-employees = Қызметкерлер тізімін көру
staff-right-manage-employees = Қызметкерлерді шақыру, бұғаттау, рөлдерін өзгерту
staff-right-manage-tokens = API токендерін жасау және қайтарып алу
staff-right-see-audit = Әрекеттер журналын оқу
staff-right-see-any-company = Кез келген ұйымның деректерін көру. Әр қарау сол ұйымның журналына жазылады
staff-right-see-any-audit = Кез келген ұйымның журналын оқу
staff-right-decide-banks = Жаңа банк өтінімдері бойынша шешім қабылдау
staff-right-manage-staff = Оператор қызметкерлерін басқару және оның журналын оқу

# Бұғаттау.
staff-block = Бұғаттау
staff-block-title = Қызметкерді бұғаттау
staff-block-short = Қызметкер қолжетімділіктен бірден айырылады. Оны кез келген уақытта қайтара аласыз.
staff-block-text = Қызметкер қазір сайтта жұмыс істеп отырса да, бұл ұйымға қолжетімділіктен бірден айырылады. Рөлдері сақталады. Кез келген уақытта бұғаттан шығаруға болады. Себебін қызметкердің өзі көреді, ол журналда қалады.
staff-block-me = Сіз өзіңізді бұғаттап жатырсыз. Қолжетімділікті тек басқа әкімші қайтара алады.
staff-invited-end = Осы қызметкердің әлі қабылданбаған шақырулары қайтарып алынады: { $count }. Хаттардағы сілтемелер жұмысын тоқтатады.
staff-reason = Себебі
staff-reason-hint = Мысалы: 1 наурыздан бастап жұмыстан шықты.
staff-unblock = Бұғаттан шығару
staff-unblock-text = Қызметкер бұрынғы рөлдерімен бірден жұмыс істей алады.
staff-blocked-text = Қолжетімділік { $since } бастап жабық, жапқан: { $by }. Себебі: { $reason }

# Әкімші рөлінен бас тарту.
staff-sure-title = Әкімші рөлінен бас тартасыз ба?
staff-sure-text = Бұдан былай қызметкерлерді басқара алмайсыз. Рөлді тек басқа әкімші қайтара алады.
staff-sure-left = Содан кейінгі рөлдеріңіз:
staff-sure-yes = Рөлден бас тарту

# Неге сақталмады.
staff-no-member = Мұнда ондай қызметкер жоқ. Тізімге қайтыңыз.
staff-no-role = Кемінде бір рөл таңдаңыз. Қолжетімділікті мүлде жабу үшін қызметкерді бұғаттаңыз.
staff-no-role-invited = Кемінде бір рөл таңдаңыз.
staff-foreign-role = Мұнда ондай рөл жоқ. Бетті жаңартып, рөлдерді қайта таңдаңыз.
staff-last-administrator = Бұл соңғы әкімші. Алдымен әкімші рөлін басқа қызметкерге беріңіз.
staff-now = Қазір: { $value }
staff-no-reason = Себебін жазыңыз: оны қызметкер көреді.
staff-reason-too-long = Себебі { $count } таңбадан ұзын. Қысқартыңыз.
staff-no-address = name@example.kz түріндегі мекенжайды енгізіңіз.
staff-member-already = Бұл мекенжайдағы адам қазірдің өзінде қызметкер. Рөлдері оның бетінде өзгертіледі.
staff-invited-already = Бұл мекенжай шақырылған. Хатты қайта жіберу үшін шақыруды қайтарып алып, жаңадан шақырыңыз.
staff-members-full = Шақырылғандармен бірге 200 адамнан артық қосуға болмайды. Артық шақыруларды қайтарып алыңыз немесе қолдау қызметіне жүгініңіз.
staff-invitations-full = 50 шақыру жауап күтіп тұр. Керек еместерін қайтарып алыңыз.
staff-too-often = Бір тәулікте бұл мекенжайға немесе сіздің ұйымнан тым көп хат жіберілді. Ертең қайталап көріңіз.

# Шақыру.
staff-invite-title = Қызметкерді шақыру
staff-invite-text = Мекенжайға сілтемесі бар хат барады. Сол арқылы адам кіреді немесе тіркелгі жасайды, оған электрондық қолтаңба керек емес. Сілтеме 7 күн және бір рет жарамды.
staff-invite-email-hint = Ортақ жәшік емес, адамның өз жұмыс мекенжайы: хатты ашқан адам кіре алады.
staff-invite-send = Шақыру жіберу
staff-cancel-title = Шақыруды қайтарып аласыз ба?
staff-cancel-text = { $value } мекенжайына барған хаттағы сілтеме жұмысын тоқтатады. Бұл мекенжайды қайта шақыруға болады.
staff-invitation-title = Сізді шақырады
staff-invitation-company = Ұйым
staff-invitation-as = Сіз мына атпен кірдіңіз:
staff-invitation-join = Қосылу
staff-invitation-not-me = Бұл сіз емессіз бе? Шығып, хаттағы сілтемені қайта ашыңыз.
staff-invitation-known = Менің тіркелгім бар
staff-invitation-known-text = ЭЦҚ немесе құпиясөзбен кіріңіз: кіргеннен кейін бұл бет қайта ашылады.
staff-invitation-new = Мен мұнда бірінші рет
staff-invitation-new-text = Тіркелгі жасаңыз. Мекенжай расталған: сіз хаттағы сілтемені аштыңыз.
staff-full-name = Толық аты-жөні
staff-full-name-hint = Жеке куәліктегідей.
staff-no-name = Тегі мен атын енгізіңіз, { $count } таңбадан аспасын.
staff-password = Құпиясөз
staff-password-hint = 8-ден 64 таңбаға дейін: латынның кіші және бас әрпі мен цифр.
staff-repeat = Құпиясөз тағы бір рет
staff-not-the-same = Құпиясөздер бірдей емес. Біреуін екі рет енгізіңіз.
staff-invitation-create = Тіркелгі жасап, қосылу
staff-address-has-account = Бұл мекенжайдың тіркелгісі бар. Сонымен кіріңіз: жоғарыдағы «Кіру» түймесі.
staff-invitation-expired = Шақыру мерзімі өтті
staff-invitation-expired-text = Сілтеме 7 күн жарамды болды. Ұйым әкімшісінен сізді қайта шақыруын сұраңыз.
staff-invitation-taken = Шақыру қабылданған
staff-invitation-taken-text = Бұл сілтемемен қосылған. Егер ол сіз болсаңыз, жай ғана кіріңіз. Әйтпесе ұйым әкімшісіне хабарлаңыз.
staff-invitation-cancelled = Шақыру қайтарып алынған
staff-invitation-cancelled-text = Ұйым әкімшісі бұл шақыруды қайтарып алды. Бұл қателік болса, қайта шақыруды сұраңыз.
staff-invitation-gone = Ондай шақыру жоқ
staff-invitation-gone-text = Хаттағы сілтемені толық, артық таңбасыз ашыңыз. Көмектеспесе, сізді қайта шақыруды сұраңыз.
staff-right-manage-ticket-texts = Кассалар чекте басып шығаратын мәтіндерді жасау
staff-right-see-any-register = Кез келген кассаны және ол не сатқанын көру; сатып алушы жасырын. Әр қарау ұйымның журналына жазылады
