## Words of the contract

token-state-present = being read
token-state-ready = ready
token-state-logged-in = logged in
token-state-uninitialized = not initialized
token-state-module-failed = its module does not work

pin-state-ok = ok
pin-state-low = wrong PINs were entered
pin-state-final-try = one try left
pin-state-locked = locked
pin-state-to-be-changed = has to be changed
pin-state-not-set = never set
pin-state-unknown = unknown

module-state-starting = starting
module-state-ready = ready
module-state-failed = failed
module-state-quarantined = switched off after repeated failures

validity-valid = valid
validity-expiring = expiring
validity-expired = expired
validity-not-yet-valid = not yet valid

key-use-signature = signature
key-use-encryption = encryption
key-use-both = both

## Titles

title-algorithms = Algorithms
title-caller = Bus name
title-certificate = Certificate
title-certificate-chain = Issued by
title-certificate-dates = Dates
title-certificate-revocation = Revocation
title-days = Days
title-digest = Digest
title-ended = Ended
title-fingerprint = SHA-256
title-holder = Holder
title-holder-id = USCC
title-issuer = Issuer
title-key = Key
title-key-type = Key type
title-kind = Kind
title-label = Label
title-library = Library
title-manufacturer = Manufacturer
title-message-algorithms = Algorithms
title-message-certificate-reference = Certificate named
title-message-content-type = Content type
title-message-digest = Content
title-message-key-use = Key use
title-message-signature = Signature
title-model = Model
title-module = Module
title-not-after = Valid to
title-not-before = Valid from
title-partner = Other of the pair
title-pid = Process
title-pin = PIN
title-program = Program
title-reason = Reason
title-record = Record
title-record-hash = Hash in the chain
title-restarts = Restarts
title-result = Result
title-serial = Serial number
title-signing-time = Signed, by the signer's clock
title-so-pin = SO PIN
title-so-tries = SO PIN tries left
title-state = State
title-subject = Subject
title-tries = Tries left
title-trusted = Trusted
title-unblock = Can be unlocked
title-unit = Unit
title-use = Use
title-user = User
title-validity = Validity

## Status

status-service = ukeyd { $version }
status-module = Module { $name }
status-key = Key { $name }
status-advice = What to do
tries-unknown = unknown
until = until { $date }
days-left = { $days ->
    [0] ends today
    [one] 1 day left
   *[other] { $days } days left
}
days-ago = { $days ->
    [0] ended today
    [one] 1 day ago
   *[other] { $days } days ago
}
yes = yes
no = no

## Advice

advice-no-modules = No vendor module is configured. Put a module file into /etc/ukeyd/modules.d and restart ukeyd.
advice-no-keys = No Key is plugged in. If one is, try another USB port, and check that its vendor's module is in the list above.
advice-module-starting = Module { $name } is starting. Wait a moment.
advice-module-failed = Module { $name } does not work; its reason stands above. It is started again by itself. If that does not help, check that the vendor's software is installed.
advice-module-quarantined = Module { $name } failed too often and stays off. Check the vendor's software and its version, then restart ukeyd.
advice-key-present = { $name }: being read. If it stays so, pull the Key out and plug it in again.
advice-key-uninitialized = { $name }: holds nothing. Have it issued by your CA's service point.
advice-key-module-failed = { $name }: wait until its module has been started again; else pull the Key out and plug it in again.
advice-pin-low = { $name }: a wrong PIN was entered. Make sure of the PIN before the next try; a right one clears the count.
advice-pin-final-try = { $name }: one PIN try is left, and one more wrong PIN locks the Key. If you are not certain of the PIN, do not try: ask your CA's service point.
advice-pin-locked = { $name }: the PIN is locked. A technician with the SO PIN can unlock it; else take the Key and the application form (ticked: unlock) to your CA's service point: ukeyctl what-to-do.
advice-pin-locked-for-good = { $name }: the PIN is locked, and this Key can't be unlocked. Take it to your CA's service point for a replacement.
advice-pin-to-be-changed = { $name }: the PIN is the one from the factory and has to be changed first.
advice-pin-not-set = { $name }: no PIN was ever set. Take the Key to your CA's service point.
advice-so-pin-final-try = { $name }: one SO PIN try is left. If it is wrong too, the Key can never be unlocked again.
advice-so-pin-locked = { $name }: the SO PIN is locked. The Key works, but if its PIN locks it has to be replaced.
advice-no-certificates = { $name }: has no certificate. If it should, ask your CA's service point.
advice-certificate-expiring = { $name }: the certificate expires { $days ->
    [0] today
    [one] in 1 day
   *[other] in { $days } days
}. Renew it now, within its last month, with this Key at the service point that issued it.
advice-certificate-expired = { $name }: the certificate expired { $days ->
    [0] today
    [one] 1 day ago
   *[other] { $days } days ago
} and can't sign any more. Take the Key to the service point that issued it.
advice-certificate-not-yet-valid = { $name }: the certificate is not valid yet. Check the computer's date.

## Messages and certificates: what each check found

message-digest-ok = is what was signed
message-digest-differs = is not what was signed
message-digest-in-signature = is in the signature itself
message-digest-missing = the signer did not protect it: its digest is missing
message-digest-unsupported = its hash is not known, or too weak
message-digest-no-content = there is no content to check
message-signature-ok = right
message-signature-invalid = wrong
message-signature-no-certificate = the signer's certificate is not in the message: name it with --certificate
message-signature-unsupported = its algorithm is not known, or too weak
message-signature-another-hash = made with another hash than the message says
message-signature-no-content = there is no content to check
message-content-type-ok = right
message-content-type-not-needed = not needed
message-content-type-differs = another than that of the message
message-content-type-missing = none is stated
message-certificate-reference-ok = right
message-certificate-reference-absent = none is named
message-certificate-reference-differs = the signer named another certificate
message-certificate-reference-malformed = can't be read
message-certificate-reference-unsupported = its hash is not known, or too weak
message-certificate-reference-no-certificate = the certificate is not there
message-algorithms-ok = right
message-algorithms-absent = not protected
message-algorithms-differ = others than those that the signer protected
message-key-use-ok = for signatures
message-key-use-not-allowed = the certificate is not for signatures
message-key-use-no-certificate = the certificate is not there
message-deviation-version = The message states a wrong version.
message-deviation-signer-version = A signature in it states a wrong version.
message-deviation-digest-algorithms = Its list of hash functions does not fit its signatures.
message-deviation-certificates = Its certificates can't all be read.
message-deviation-other = Something outside of what is signed is wrong.
certificate-dates-ok = in force
certificate-dates-not-yet-valid = the certificate was not yet valid
certificate-dates-expired = the certificate had expired
certificate-dates-issuer-not-yet-valid = a CA's certificate was not yet valid
certificate-dates-issuer-expired = a CA's certificate had expired
certificate-chain-ok = a trusted CA
certificate-chain-no-anchors = nobody can tell: no CA is configured as trusted
certificate-chain-issuer-unknown = a CA that is not known here
certificate-chain-loop = CAs that certify each other in a circle
certificate-chain-algorithm-unsupported = signed with an algorithm that is not known, or too weak
certificate-chain-bad-signature = a CA that did not sign it: the certificate is forged or damaged
certificate-chain-not-a-ca = somebody who is no CA
certificate-chain-path-too-long = more CAs than one of them allows
certificate-chain-name-constraints = a CA that may not certify this name
certificate-chain-unknown-critical-extension = a certificate has a critical extension that is not known
certificate-chain-malformed-extension = a certificate has an extension that can't be read
certificate-chain-too-many-candidates = too many CAs may have issued it
certificate-revocation-ok = not revoked
certificate-revocation-revoked = REVOKED
certificate-revocation-issuer-revoked = a CA's certificate is REVOKED
certificate-revocation-no-crl = not known: there is no revocation list of its CA
certificate-revocation-crl-expired = not known: the revocation list is out of date
certificate-revocation-crl-bad-signature = not known: the revocation list is not its CA's
certificate-revocation-crl-unsupported = not known: the revocation list is of a kind that can't be used
certificate-revocation-unchecked = not looked up, since its CA is not trusted

## Results

signed = { $file }  ({ $algorithm }, { $holder })
signature-right = The signature is right ({ $algorithm }).
signature-wrong = The signature is WRONG ({ $algorithm }).
signature-wrong-because = The signature is WRONG ({ $algorithm }): { $reason }
message-right = The message is right.
message-wrong = The message is NOT right.
message-unsigned = Nobody signed this message.
message-signer = Signed by { $name }
message-content-written = Its content is in { $file }.
batch-reason = { $count } signatures at once
batch-signed = { $signed } of { $total } signed  ({ $algorithm }, { $holder })
batch-more = and { $count } more
exported = { $file }  ({ $holder })
form-written = { $file }  (one A4 page)
form-next = Print it at 100 %, fill in the rest, stamp it. "ukeyctl what-to-do" tells where to take it.
what-to-do-nothing = Nothing needs doing at the CA. For a service of your choice: ukeyctl what-to-do --service renew (or reissue, unlock, revoke, change, new).
what-to-do-form = The form, filled in: ukeyctl form --service { $service } --out form.pdf
ca-file-left-out = A file with a CA's texts is left out: { $problem }
logged-in = Logged in to { $key }.
logged-in-until = Logged in to { $key }, until { $time } at the latest.
logged-in-and-out = Logged in to { $key }, and logged out again since.
logged-out = Logged out of { $key }.

## Changing PINs, unlocking, releasing

pin-changed = The user PIN of { $key } is changed.
so-pin-changed = The SO PIN (admin PIN) of { $key } is changed. Keep it well.
released = { $key } is released: other software can use it.
unblocked = { $key } is unlocked. Its user uses the new PIN from now on.
unblock-cost = A wrong SO PIN (admin PIN) uses one of its tries. When the SO PIN locks, this Key can never be unlocked again and has to be replaced by its CA.
unblock-steps = The steps: the technician enters the SO PIN in a dialog, then the user chooses a new user PIN (technicians, please look away).
unblock-question = Go on? [y/N]{" "}

## Checking one Key after another

check-next = Plug in the next Key. Ctrl-C ends.
check-good = GOOD
check-attention = ATTENTION
check-bad = BAD
check-nothing = Nothing to do.
check-pull = You can pull it out.

## Examination

title-system = System
title-time = Time
doctor-healthy = Nothing is wrong.
doctor-unreachable = ukeyd can't be reached: { $name }
doctor-unreachable-do = Look at "systemctl status ukeyd". If it is not installed or not started, install it and run "systemctl enable --now ukeyd".
doctor-file-missing = A file of the installation is missing: { $name }.
doctor-file-missing-do = Install the package again: without it the bus or the policy refuses every call.
doctor-library-missing = A vendor's library is not there or can't be reached: { $name }
doctor-library-missing-do = Install the vendor's software, or correct "library" in /etc/ukeyd/modules.d, then run "systemctl reload ukeyd".
doctor-library-no-library = Not a shared library, or not readable: { $name }
doctor-library-no-library-do = Install the vendor's software again; "library" has to name the .so file itself.
doctor-library-wrong-architecture = A vendor's library is for another kind of processor: { $name }
doctor-library-wrong-architecture-do = Install the vendor's software for this system (32 or 64 bit).
doctor-library-unsafe = A vendor's library, or a folder above it, does not belong to root or can be written by others: { $name }
doctor-library-unsafe-do = Correct the file and every folder above it with "chown root" and "chmod go-w"; ukeyd refuses it otherwise.
doctor-library-shared = Other programs have a vendor's library loaded: { $name }
doctor-library-shared-do = They may hold the Key. Before you use a CA's own software or a browser, run "ukeyctl release"; if a Key is shown as busy, end those programs.
doctor-pcscd-refuses = The socket of pcscd is there but takes no connection.
doctor-pcscd-refuses-do = Run "systemctl restart pcscd.socket pcscd". Keys with smart-card chips don't work without it.
doctor-pcscd-absent = pcscd does not run.
doctor-pcscd-absent-do = Most Keys don't need it. Those of the smart-card kind (OpenSC) do: install pcscd and run "systemctl enable --now pcscd.socket".
doctor-no-polkit = polkit is not installed or can't be started.
doctor-no-polkit-do = Install polkitd: without it every use of a Key is refused.
doctor-pcscd-rule-missing = pcscd asks polkit who may use smart cards, and the rule for ukeyd is missing.
doctor-pcscd-rule-missing-do = Install the package again, or put 50-ukeyd-pcscd.rules into /usr/share/polkit-1/rules.d: Keys with smart-card chips stay closed to ukeyd otherwise.
doctor-usb-closed = ukeyd may not open what is plugged in: { $name }
doctor-usb-closed-do = Pull the Key out and plug it in again. If that does not help, put a udev rule with these numbers and GROUP="ukeyd", MODE="0660" into /etc/udev/rules.d (see keys.md of the documentation).
doctor-no-tray = This desktop shows no tray icons.
doctor-no-tray-do = PIN dialogs and notices work all the same. GNOME shows icons with the extension AppIndicator (package gnome-shell-extension-appindicator).
doctor-no-agent = No ukey-agent of this user runs.
doctor-no-agent-do = Programs on the desktop can't have you asked for the PIN: start ukey-agent in the desktop session. On a terminal ukeyctl asks by itself.
doctor-no-logind = There is no logind on the bus.
doctor-no-logind-do = Logins end by logout, 15 minutes without use and 8 hours only, not when the screen is locked or the computer sleeps: pull the Key out when you leave.
doctor-versions-differ = ukeyd and ukeyctl are of different versions: ukeyd { $name }.
doctor-versions-differ-do = Update both, then run "systemctl restart ukeyd".
doctor-clock = The computer's clock can't be right: { $name }.
doctor-clock-do = Set date and time ("timedatectl set-ntp true"): else certificates are taken for expired or not yet valid.
doctor-usb-unused = On USB is what looks like a Key, and no module knows it: { $name }
doctor-usb-unused-do = Install that vendor's software and put its module into /etc/ukeyd/modules.d.
doctor-key-twice = Two modules show the same Key: { $name }
doctor-key-twice-do = Keep the module of the version that fits this Key, and take the other out of /etc/ukeyd/modules.d: they disturb each other.
doctor-module-unconfined = A library can reach more than it needs. { $name }
doctor-module-unconfined-do = Take "confine = false" out of the module's file and name with "read" and "write" what the library needs; or use a kernel with Landlock.
doctor-module-unverified = Nobody has run the file of module { $name } on real hardware yet.
doctor-module-unverified-do = Each signature is checked all the same. If it works, write "verified = true" into the module's file.

## The journal of the Keys' use

audit-kind-login = login
audit-kind-logout = logout
audit-kind-sign = signature
audit-kind-sign-with-pin = signature with its own PIN entry
audit-kind-change-pin = PIN change
audit-kind-change-so-pin = SO PIN change
audit-kind-unblock-pin = unlock
audit-kind-checkpoint = old records removed
audit-kind-recovered = new database begun
audit-result-ok = ok
audit-result-outcome-unknown = outcome unknown
audit-result-none = under way
audit-whole = Nothing was changed, removed or moved: rows { $first } to { $last } form one chain.
audit-not-whole = The records are NOT as they were written, row { $row }: { $problem }
audit-not-whole-do = Find out who could write the database. Copy it for evidence, then "ukeyctl audit recover" puts it aside where it is broken.
audit-problem-no-extent = it is not known any more where the chain begins and ends
audit-problem-gap = a row is missing, or there is one too many
audit-problem-unreadable = the row can't be read
audit-problem-hash = a row was changed, or moved
audit-problem-head = rows were removed from the end, or added
audit-problem-base = older records were removed, and no checkpoint says so
audit-problem-journal-missing = the system's journal knows this row, and it is gone
audit-problem-journal-differs = the system's journal was told another hash of this row: the chain was made anew
audit-problem-journal-replaced = by the system's journal another chain was in use, and the service told of no recovery
audit-compared = Compared with the system's journal: { $compared } of { $heads } places that it knows.
audit-older = { $older } of them are of records that were removed by age; the checkpoint after them holds their last hash.
audit-earlier-chains = { $count ->
    [one] The system's journal also has 1 earlier chain, which was put aside.
   *[other] The system's journal also has { $count } earlier chains, which were put aside.
}
audit-exported = { $file }  ({ $count ->
    [one] 1 record
   *[other] { $count } records
})
audit-recover-question = A database that can't be used or was changed is put aside, and a new one is begun. Go on? [y/N]{" "}
audit-recovered = A new database is begun. The old one is { $file } in the service's state folder (/var/lib/ukeyd).
audit-recover-nothing = Nothing is wrong with the database; nothing was done.
audit-only-mine-do = Your own records need no right: "ukeyctl audit list --mine", also "export". All records and the verification are for administrators and technicians.

## Events

kind-key = Key
kind-certificate = Certificate
kind-module = Module
kind-service = ukeyd
event-added = { $kind } { $name } is there
event-removed = { $kind } { $name } removed
event-changed = { $kind } { $name }: { $changes }
event-expiry-warning = { $kind } { $name } expires within { $days ->
    [one] 1 day
   *[other] { $days } days
}
event-expired = { $kind } { $name } has expired
event-started = { $kind } started
event-stopped = { $kind } stopped

## Errors: what each means, and what to do

service-says = The service says: { $message }

error-TokenRemoved = The Key is not plugged in any more.
error-TokenRemoved-do = Plug it in and call again.
error-TokenBusy = Another program uses the Key alone.
error-TokenBusy-do = Wait until it has finished, or end it, and call again.
error-ModuleFailed = The vendor's module failed.
error-ModuleFailed-do = It is restarted by itself: call again in a moment. If it goes on, look at the service's log and check the vendor's software.
error-ModuleTimeout = The vendor's module did not answer in time.
error-ModuleTimeout-do = It is restarted by itself: call again in a moment. If it goes on, pull the Key out and plug it in again.
error-LoginRequired = Nobody, or another user, is logged in to the Key, and no dialog was wanted.
error-LoginRequired-do = Run "ukeyctl login" first, or call without --no-prompt. If another user is logged in, that user has to log out.
error-PinIncorrect = The PIN was wrong. One try is used.
error-PinIncorrect-do = Make sure of the PIN before you try again; "ukeyctl status" shows the tries left where the Key tells.
error-PinFinalTry = One try is left and its use was not confirmed. The Key was not asked.
error-PinFinalTry-do = If you are certain of the PIN, call again and confirm. If not, ask your CA's service point: one more wrong PIN locks the Key.
error-PinLocked = The PIN is locked.
error-PinLocked-do = A technician with the SO PIN can unlock it (ukeyctl unblock); else take the Key and the application form to your CA's service point. "ukeyctl what-to-do" tells where and with what, "ukeyctl form --service unlock --out form.pdf" makes the form.
error-SoPinIncorrect = The SO PIN was wrong. One try is used.
error-SoPinIncorrect-do = Make sure of the SO PIN before you try again: when it locks, the Key can never be unlocked.
error-SoPinFinalTry = One SO PIN try is left and its use was not confirmed. The Key was not asked.
error-SoPinFinalTry-do = Do not try unless you are certain: a wrong one ends the Key's life.
error-SoPinLocked = The SO PIN is locked.
error-SoPinLocked-do = The Key can't be unlocked any more. Have it replaced by its CA: ukeyctl what-to-do --service reissue.
error-PinInvalid = This can't be a PIN: it is empty, too long, or the Key does not take its length. Nothing was counted.
error-PinInvalid-do = Call again and enter the PIN.
error-PinOutcomeUnknown = The PIN was given to the Key, but its answer was lost. One try may be used.
error-PinOutcomeUnknown-do = Look at "ukeyctl status" before you try again.
error-UnblockUnsupported = This Key can't be unlocked with an SO PIN.
error-UnblockUnsupported-do = Take it to your CA's service point for a replacement: ukeyctl what-to-do --service reissue.
error-NoAgent = Nobody can show you the PIN dialog.
error-NoAgent-do = Start ukey-agent on your desktop, or run ukeyctl on a terminal.
error-ConsentDenied = Another program logged in, and this one was not allowed to use its login.
error-ConsentDenied-do = If you want the use, wait a minute, call again and agree; or log out, and log in with this program.
error-Cancelled = The dialog was closed or the request cancelled.
error-Cancelled-do = Call again when you are ready. No PIN was used.
error-Timeout = Nobody acted in time.
error-Timeout-do = Call again: a dialog that is still open is joined. --timeout allows more time.
error-TooManyRequests = Too much is under way at once.
error-TooManyRequests-do = Wait until some of it is done, and call again.
error-NotAuthorized = You may not do this.
error-NotAuthorized-do = Use it from the desktop session in front of the computer, or ask the administrator for the right.
error-CertificateExpired = The certificate has expired.
error-CertificateExpired-do = Take the Key to the service point that issued it: ukeyctl what-to-do. If it has been renewed, choose the new one: "ukeyctl list".
error-CertificateNotYetValid = The certificate is not valid yet.
error-CertificateNotYetValid-do = Check the computer's date and time.
error-WrongKeyUse = This certificate is not for signatures.
error-WrongKeyUse-do = Choose another with --certificate: "ukeyctl list" shows their use.
error-AlgorithmUnsupported = The certificate's key can't do this algorithm.
error-AlgorithmUnsupported-do = Choose one of those that "ukeyctl show --certificate" lists.
error-InvalidArgument = An argument is not right.
error-InvalidArgument-do = Correct it as the service says. A file to sign has to be an ordinary file.
error-SignatureInvalid = The Key made a signature that does not fit its certificate. It was thrown away.
error-SignatureInvalid-do = Key, certificate or module do not belong together: ask your CA's service point.
error-AuditUnavailable = The service could not write its record, so it did nothing or kept the result back.
error-AuditUnavailable-do = Make room on the disk, look at the service's log, and call again.
error-Internal = A fault of the service itself.
error-Internal-do = Please report it, with the lines of the service's log.

error-Unreachable = ukeyd can't be reached.
error-Unreachable-do = Check that it runs ("systemctl status ukeyd") and that --bus names its bus.
error-NoKeys = No Key is plugged in.
error-NoKeys-do = Plug one in. "ukeyctl status" shows whether its module works.
error-UnknownKey = No Key is called so.
error-UnknownKey-do = "ukeyctl list keys" shows what there is.
error-SeveralKeys = Several Keys fit.
error-SeveralKeys-do = Say which with --key and its id, serial number or label.
error-NoCertificates = No certificate on the Keys that are plugged in can sign.
error-NoCertificates-do = "ukeyctl list" shows what there is. Perhaps the right Key is not plugged in.
error-UnknownCertificate = No certificate is called so.
error-UnknownCertificate-do = "ukeyctl list" shows what there is; its first column is what --certificate takes.
error-SeveralCertificates = Several certificates fit.
error-SeveralCertificates-do = Say which with --certificate and the start of its first column.
error-Interrupted = You pressed Ctrl-C, or the program was told to end.
error-Interrupted-do = The request was cancelled.
error-Declined = You chose not to go on.
error-Declined-do = Nothing was asked of the Key.
error-FileUnreadable = A file can't be read.
error-FileUnreadable-do = Check its name and your right to read it.
error-FileUnwritable = A file can't be written.
error-FileUnwritable-do = Check its folder, your right to write there, and the free space.
error-FileExists = The file exists and was left as it is.
error-FileExists-do = Use --force to replace it, or name another.
error-NotACertificate = The file is no certificate.
error-NotACertificate-do = It has to be DER or PEM. "ukeyctl export" writes one.
error-UnknownRecord = No record has this number.
error-UnknownRecord-do = "ukeyctl audit list" lists the records; the first column is the number. Old ones are removed after a time.
error-NoHeads = The system's journal says nothing of the chain of records.
error-NoHeads-do = Run it as root, or as a member of the group systemd-journal. Lines that were collected elsewhere: --journal-file.
error-NoFont = No font with Chinese characters is installed, and the form needs one.
error-NoFont-do = Install one: apt install fonts-wqy-zenhei (or fonts-noto-cjk).
error-MissingCharacter = No installed font has a character of the unit's name.
error-MissingCharacter-do = Install one that has it (apt install fonts-noto-cjk), or leave the name out and write it by hand: --blank.
error-FormFailed = The form could not be made.
error-FormFailed-do = Try with another font: apt install fonts-wqy-zenhei (or fonts-noto-cjk).
error-Usage = The options do not go together.
error-Usage-do = "ukeyctl help" and the verb tell more.
error-TerminalAgent = ukeyctl could not ask for the PIN on this terminal.
error-TerminalAgent-do = Install a pinentry program (pinentry-curses, pinentry-tty), name one with --pinentry, or start ukey-agent on your desktop. No PIN was asked.

usage-out-is-for-one = --out is for one file only.
usage-out-is-needed = Say with --out where the signature goes (- for standard output).
usage-signature-to-terminal = A signature is binary: send standard output to a file or a pipe.
usage-signature-is-needed = Say with --signature where the signature of standard input is.
usage-algorithm-is-needed = Say with --algorithm which algorithm made the signature.
usage-yes-is-needed = Nobody can be asked on this terminal: say --yes (the dialogs still ask).
usage-yes-to-recover = There is no terminal to confirm on: add --yes.
usage-message-in-json = With --json a message goes to a file: name one with --out.
usage-message-is-detached = The message has no content in it that could be written.
usage-content-is-needed = The message has no content in it: name the file that was signed.
usage-nothing-to-sign = The list is empty.
usage-batch-takes-files = A batch takes files; to sign standard input use "ukeyctl sign".
usage-form-to-terminal = A PDF is binary: send standard output to a file or a pipe, or name a file with --out.
usage-form-in-json = With --json the form has to go to a file: name it with --out.
usage-uscc-is-wrong = The code (USCC) is not right: 18 characters whose check character fits.
usage-der-to-terminal = DER is binary: send standard output to a file or a pipe.
usage-random-to-terminal = Random bytes are binary: send standard output to a file or a pipe, or leave --raw out.
