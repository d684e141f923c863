# The signature check.
signature-title = Signature check
signature-intro = Choose an electronic signature file to see who signed what, and whether the certificate is valid and not revoked. No file is kept.
signature-cms = Signature file
signature-cms-hint = CMS: usually .cms, .p7s or .sig, up to 8 MB.
signature-document = Document
signature-document-hint = Needed when the signature is kept apart from the document. Up to 32 MB.
signature-check = Check
signature-extract = Extract the document
signature-extract-hint = If the document is inside the signature file, it can be saved on its own. This does not check the signature.
signature-again = Check another file
signature-off = Certificates cannot be checked on this site: no signature will be found valid.
signature-test-stage = This is a test stand: its certificates prove nothing.

# What is wrong with the files.
signature-no-file = Choose the signature file.
signature-damaged = This is no signature file, or it is damaged or incomplete. The signature and the document may have been swapped.
signature-trailing = The file has extra data behind the signature. Such a file is not accepted: ask for it again.
signature-over-limit = This file cannot be checked: { $what }, the limit is { $limit }. That does not mean that the signature is wrong. Sign large documents apart.
signature-limit-size = the signature file is too large (in bytes)
signature-limit-signers = there are too many signatures
signature-limit-certificates = there are too many certificates
signature-limit-attributes = one signature says too much about itself
signature-limit-nesting = it is nested too deeply
signature-limit-parts = it has too many parts
signature-too-large = The signature file is larger than the { $value } MB that this site has memory for. Sign large documents apart, or check the file with a program on your computer.
signature-unsupported = This kind of file is not supported. A CMS signature is needed; signatures inside XML and PDF are not checked here.
signature-document-missing = The signature is kept apart from the document. Choose the signed document as well.
signature-document-too-large = The document is larger than 32 MB. Check it with a program on your computer.
signature-nothing-inside = There is no document in this file: the signature is kept apart from it.

# The outcome.
signature-valid = { $count ->
    [1] The signature is valid
   *[other] All signatures are valid
}
signature-valid-text = Everything was checked: the signature itself, the document, the certificate and its revocation.
signature-invalid = { $count ->
    [1] The signature is not valid
   *[other] One of the signatures is not valid
}
signature-invalid-text = Do not rely on this document until the cause is clear.
signature-open = Not everything could be checked
signature-open-text = Nothing wrong was found, but the signature could not be confirmed either. See below what is missing.
signature-none = There is no signature in the file
signature-none-text = The file can be read, but nobody signed it. Ask for a signed one.
signature-inside = The document is inside the file: { $value } bytes.
signature-apart = The document was kept apart from the signature.

# The signer.
signature-signer = Signer
signature-signer-of = Signer { $number } of { $count }
signature-checked-at = Checked
signature-checked-on = Site
signature-state-good = Valid
signature-state-bad = Not valid
signature-state-open = Not fully checked
signature-passed = Passed
signature-failed = Failed
signature-undecided = Could not be checked
signature-reason = Reason
signature-name = Full name
signature-iin = IIN
signature-bin = BIN
signature-organisation = Organisation
signature-template = Certificate template
signature-roles = Roles
signature-serial = Certificate serial number
signature-term = Certificate validity
signature-term-text = { $from } to { $until }
signature-issuer = Issuer
signature-signed-at = Signed at
signature-signed-unknown = unknown: there is no time stamp
signature-signed-unproven = unknown: the time stamp proves nothing
signature-judged-at = Checked as of
signature-result = Signature check
signature-result-document = Document check
signature-result-certificate = Certificate check
signature-result-chain = Chain to a root certificate
signature-result-term = Validity period
signature-result-revocation = Revocation
signature-result-stamp = Time stamp (TSP) check
signature-stamp-absent = There is no time stamp
signature-stamp-good = Passed: { $value }
signature-chain-incomplete = a certificate authority is missing
signature-chain-untrusted = does not lead to a trusted root
signature-expired = over
signature-not-yet = not begun yet
signature-no-certificate = there is no certificate
signature-not-revoked = not revoked
signature-revoked = revoked { $value }
signature-by-ocsp = OCSP answer of { $value }
signature-by-crl = revocation list (CRL) of { $value }

# Templates and roles.
signature-owner-individual = Individual
signature-owner-organisation-person = Representative of an organisation
signature-owner-system = Information system
signature-owner-other = Other
signature-role-individual = individual
signature-role-individual-system = information system of an individual
signature-role-organisation = organisation
signature-role-head = first head
signature-role-signatory = right to sign
signature-role-financial-signatory = right to sign financial documents
signature-role-personnel = personnel department
signature-role-employee = employee
signature-role-organisation-system = information system of an organisation
signature-role-authority-staff = staff of the certificate authority
signature-role-identification = remote identification
signature-role-treasury = Treasury client

# Why it is not valid.
signature-why-no-signers = Nobody signed the file.
signature-why-certificates-only = The file only holds certificates: it is no signature. Ask for the signature file.
signature-why-no-signer-certificate = The signer’s certificate is not in the file. Ask for a file that holds it.
signature-why-certificate-unreadable = There is a certificate in the file that cannot be read; without the signer’s certificate the signature cannot be checked.
signature-why-no-signed-attributes = The signature does not say what it is over.
signature-why-attributes-malformed = What the signature says about itself is damaged or comes twice.
signature-why-content-type = The signature is over another kind of content.
signature-why-algorithm = The signature was made by an algorithm that is not accepted.
signature-why-algorithm-unknown = The signature’s algorithm is not known here, so it was not checked. That does not mean that it is wrong.
signature-why-key-weak = The key is too short: such a signature can be forged, so it proves nothing.
signature-why-over-limit = The check would take more work than one file may cost. That does not mean that the signature is wrong.
signature-why-algorithm-historical = Signatures by the old GOST 34.310-2004 count only in documents stamped by 25 June 2025.
signature-why-signature-bad = The signature does not fit the certificate, or was changed.
signature-why-digest-bad = The document is not the one that was signed, or was changed afterwards.
signature-why-other-certificate = The signer named another certificate than the one in the file.
signature-why-purpose = The certificate is not for signing documents.
signature-why-untrusted = The certificate was issued by nobody who is trusted here.
signature-why-revoked = The certificate was revoked, and nothing proves that the signature was made before.
signature-why-authority-revoked = The certificate of a certificate authority was revoked.
signature-why-stamp = The time stamp proves nothing, so the time of signing is unknown.
signature-why-authority-term = The certificate of a certificate authority was not valid at that moment.
signature-why-expired = The certificate has expired, and nothing proves that the signature was made before.
signature-why-not-yet = The certificate is not valid yet.
signature-why-revoked-later = The certificate was revoked after the time stamp for a cause that puts earlier signatures in doubt as well.
signature-why-incomplete = The certificate authority that issued the certificate is not known.
signature-why-revocation-unknown = It could not be found out whether the certificate is revoked. That does not mean it is: check again later.
signature-why-authority-unknown = It could not be found out whether the certificate of an authority is revoked. Check again later.

# Why nothing is known of revocation.
signature-unknown-no-data = there is neither an OCSP answer nor a revocation list
signature-unknown-no-answer = the OCSP service did not answer
signature-unknown-unreadable = the OCSP answer or revocation list cannot be read
signature-unknown-refused = the OCSP service asks to come back later
signature-unknown-unchecked = the signature of the OCSP answer or revocation list cannot be checked
signature-unknown-list-not-entitled = there is a revocation list that this CA did not sign
signature-unknown-list-not-understood = there is a revocation list that limits itself in a way that cannot be used
signature-unknown-not-entitled = the OCSP answer is not signed by whoever may
signature-unknown-out-of-date = the OCSP answer or revocation list is out of date
signature-unknown-expired-before = the revocation list is newer than the certificate and leaves out expired ones
signature-unknown-not-known = the OCSP service does not know this certificate

# What is wrong with a time stamp.
signature-stamp-malformed = the stamp cannot be read
signature-stamp-other = the stamp is over another signature
signature-stamp-no-certificate = the certificate of the stamping service is missing
signature-stamp-algorithm = the stamp’s algorithm is not known or not accepted here
signature-stamp-key-weak = the key of the stamping service is too short
signature-stamp-over-limit = the check of the stamp would take too much work
signature-stamp-signature = the stamp’s own signature does not hold
signature-stamp-purpose = the certificate is not for time stamps
signature-stamp-incomplete = the stamp’s certificate authority is not known
signature-stamp-untrusted = the stamp was made by nobody who is trusted here
signature-stamp-term = the stamp service’s certificate was not valid then
signature-stamp-revoked = the stamp service’s certificate was revoked
signature-stamp-future = the stamp’s time has not come yet
