# Employees and invitations.
staff-title = Employees
staff-title-operator = Operator’s staff
staff-person = Employee
staff-invite = Invite
staff-name = Full name
staff-email = E-mail
staff-iin = IIN
staff-role = Role
staff-roles = Roles
staff-state = State
staff-any-role = Any
staff-any-state = Any
staff-state-active = Active
staff-state-blocked = Blocked
staff-find = Find
staff-show-all = Show everybody
staff-me = you
staff-none-found = Nobody fits. Change what you look for.
staff-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
staff-invited = Invited
staff-invited-by = Invited by
staff-holds-until = Valid until
staff-expired = Expired
staff-actions = Actions
staff-cancel = Withdraw
staff-alone = So far you are alone here. Invite your colleagues: they get a letter with a link.
staff-nobody-invited = No invitation waits for an answer.
staff-since = Here since
staff-rights = Employee’s rights
staff-rights-blocked = Nothing now: the employee is blocked. Once unblocked, again:
staff-change-roles = Change roles
staff-roles-hint = Choose as many as fit. Their rights add up.
staff-save = Save
staff-done-roles = The roles are saved. They hold already.
staff-done-blocked = The employee is blocked.
staff-done-unblocked = The employee can work again.
staff-done-invited = The invitation is sent. The link in the letter is valid for 7 days.
staff-done-cancelled = The invitation is withdrawn; its link no longer works.

# Roles.
staff-role-administrator = Administrator
staff-role-administrator-hint = everything of the organisation: its data, contract and applications, shops and registers, receipts, employees, API tokens, audit log
staff-role-accountant = Accountant
staff-role-accountant-hint = changes the organisation’s data and bank accounts, joins the contract and signs applications, connects shops and cash registers; sees receipts, shifts and reports, employees
staff-role-cashier-manager = Head cashier
staff-role-cashier-manager-hint = sees the organisation’s data, its shops and registers, receipts, shifts and reports, and its employees; changes nothing
staff-role-reader = Read only
staff-role-reader-hint = sees the organisation’s data, its shops and registers; changes nothing
staff-role-operator-administrator = Operator’s administrator
staff-role-operator-administrator-hint = staff, organisations and their audit logs, registers and their blocks, registrations, visits, texts on receipts, bank applications
staff-role-support = Support
staff-role-support-hint = sees organisations, their audit logs, registers and receipts; enters answers about registrations, closes visits, blocks registers, makes texts on receipts
staff-role-billing = Billing
staff-role-billing-hint = sees organisations, payments and personal accounts, takes bank statements, decides on bank applications
staff-role-tax-inspector = Tax inspector
staff-role-tax-inspector-hint = sees organisations, registers and receipts; changes nothing

# Rights in plain words.
staff-right-see-company = See the organisation’s data
staff-right-edit-company = Change data, addresses and bank accounts
staff-right-join-contract = Join the contract and sign applications
staff-right-apply-for-bank = Apply for new banks
staff-right-see-registers = See the organisation’s shops and registers, and what they do
staff-right-manage-registers = Make, change and delete shops and registers
staff-right-see-documents = See receipts, shifts and reports of the registers
staff-right-see-employees = See the list of employees
staff-right-manage-employees = Invite and block employees, change their roles
staff-right-manage-tokens = Make and revoke API tokens
staff-right-see-audit = Read the audit log
staff-right-see-any-company = See the data of any organisation. Every look is written in its audit log
staff-right-see-any-audit = Read the audit log of any organisation
staff-right-decide-banks = Decide on applications for new banks
staff-right-manage-staff = Manage the operator’s staff and read its audit log

# Blocking.
staff-block = Block
staff-block-title = Block an employee
staff-block-short = The employee loses access at once. You can give it back at any time.
staff-block-text = The employee loses access to this organisation at once, even while working on the site. The roles are kept. You can unblock at any time. The employee sees the reason, and it stays in the audit log.
staff-block-me = You are blocking yourself. Only another administrator can give you access again.
staff-invited-end = Invitations from this employee that nobody has taken yet will be withdrawn: { $count }. The links in the letters will stop working.
staff-reason = Reason
staff-reason-hint = For example: left on 1 March.
staff-unblock = Unblock
staff-unblock-text = The employee can work with the same roles at once.
staff-blocked-text = Access is closed since { $since }, by { $by }. Reason: { $reason }

# Giving up administration.
staff-sure-title = Give up the administrator’s role?
staff-sure-text = You will no longer manage employees. Only another administrator can give the role back.
staff-sure-left = Your roles after that:
staff-sure-yes = Give up the role

# Why it is not saved.
staff-no-member = There is no such employee here. Go back to the list.
staff-no-role = Choose at least one role. To close access altogether, block the employee.
staff-no-role-invited = Choose at least one role.
staff-foreign-role = There is no such role here. Reload the page and choose the roles again.
staff-last-administrator = This is the last administrator. First give the administrator’s role to another employee.
staff-now = Now: { $value }
staff-no-reason = Give the reason: the employee will see it.
staff-reason-too-long = The reason is longer than { $count } characters. Shorten it.
staff-no-address = Enter an address such as name@example.kz.
staff-member-already = The person with this address is an employee already. Roles are changed on that person’s page.
staff-invited-already = This address is invited already. To send the letter again, withdraw the invitation and invite anew.
staff-members-full = No more than 200 people can be added, the invited ones included. Withdraw invitations you do not need, or ask support.
staff-invitations-full = 50 invitations wait for an answer already. Withdraw those you do not need.
staff-too-often = Too many letters went to this address or from your organisation within a day. Try again tomorrow.

# The invitation.
staff-invite-title = Invite an employee
staff-invite-text = A letter with a link goes to the address. By the link the person signs in or creates an account; no e-signature is needed. The link is valid for 7 days and once.
staff-invite-email-hint = The person’s own work address, not a shared mailbox: whoever opens the letter can join.
staff-invite-send = Send the invitation
staff-cancel-title = Withdraw the invitation?
staff-cancel-text = The link in the letter to { $value } will stop working. You can invite the address again.
staff-invitation-title = You are invited
staff-invitation-company = Organisation
staff-invitation-as = You are signed in as
staff-invitation-join = Join
staff-invitation-not-me = Not you? Sign out and open the link in the letter again.
staff-invitation-known = I have an account
staff-invitation-known-text = Sign in with your e-signature or password: this page opens again afterwards.
staff-invitation-new = I am new here
staff-invitation-new-text = Create an account. The address is confirmed already: you opened the link in the letter.
staff-full-name = Full name
staff-full-name-hint = As in the identity card.
staff-no-name = Enter surname and first name, no longer than { $count } characters.
staff-password = Password
staff-password-hint = 8 to 64 characters: a small and a capital Latin letter and a digit.
staff-repeat = Password again
staff-not-the-same = The passwords differ. Enter the same one twice.
staff-invitation-create = Create the account and join
staff-address-has-account = This address has an account already. Sign in with it: the button “Sign in” above.
staff-invitation-expired = The invitation has expired
staff-invitation-expired-text = The link was valid for 7 days. Ask an administrator of the organisation to invite you again.
staff-invitation-taken = The invitation is taken already
staff-invitation-taken-text = Somebody joined by this link already. If that was you, just sign in. If not, tell an administrator of the organisation.
staff-invitation-cancelled = The invitation is withdrawn
staff-invitation-cancelled-text = An administrator of the organisation withdrew this invitation. If that is a mistake, ask to be invited again.
staff-invitation-gone = There is no such invitation
staff-invitation-gone-text = Open the whole link from the letter, without anything added. If that does not help, ask to be invited again.
staff-right-manage-tariffs = Make tariff plans and their versions
staff-right-manage-ticket-texts = Make texts that registers print on receipts
staff-right-see-any-register = Look at any register and what it sold; the buyer is hidden. Every look is written in the organisation’s audit log
