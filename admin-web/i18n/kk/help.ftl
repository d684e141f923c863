## Анықтама.
door-help = Анықтама
help-title = Анықтама
help-topics = Анықтаманың басқа беттері
help-code = Код
help-shows = Касса не көрсетеді
help-sign = Қол қою мүмкін болмай тұр ма?
help-sign-ncalayer = NCALayer жауап бермейді
help-sign-phone = Телефонмен қалай қол қою керек
help-sign-keys = Қандай кілт керек
help-register = Касса бойынша көмек
help-register-till = Кассаға не енгізу керек
help-register-refusals = Бас тарту нені білдіреді
help-register-offline = Байланыссыз жұмыс және 72 сағат
