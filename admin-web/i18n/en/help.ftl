## Help.
door-help = Help
help-title = Help
help-topics = Other pages of help
help-code = Code
help-shows = What the till shows
help-sign = Trouble with signing?
help-sign-ncalayer = NCALayer does not answer
help-sign-phone = How to sign on a phone
help-sign-keys = Which key is needed
help-register = Help with the register
help-register-till = What to type in the till
help-register-refusals = What a refusal means
help-register-offline = Working offline and the 72 hours
