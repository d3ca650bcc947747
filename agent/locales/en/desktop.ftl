# Texts of the tray, its menu and the notices.

## The states of the tray

state-no-key = No Key is plugged in
state-no-service = The Key service is not running
state-ready = The Key is ready
state-logged-in = Logged in to the Key
state-expiring = A certificate expires soon
state-expired = A certificate is not valid today
state-pin-low = Mind the PIN of the Key
state-locked = The Key is locked
state-failed = A Key driver does not work

## The menu. An underscore stands before the letter that chooses an entry

menu-no-key = No Key is plugged in
menu-no-service = The Key service is not running; ask a technician
menu-key = { $unit }
menu-key-with-label = { $unit } ({ $label })
menu-key-with-days = { $key } · { $days }
menu-more =
    { $count ->
        [one] One more Key is not listed
       *[other] { $count } more Keys are not listed
    }
menu-module = The driver “{ $module }” does not work
menu-log-out = _Log Out
menu-change-pin = Change _PIN…
menu-copy = _Copy Binding Information
menu-copy-of = Copy Binding Information: { $kind }
menu-form = Application _Form
menu-form-of = Application Form: { $kind }
menu-advice = _What to Do…
menu-details = _Details…

days-left =
    { $days ->
        [one] 1 day left
       *[other] { $days } days left
    }
days-last = expires today
days-over-today = expired today
days-over =
    { $days ->
        [one] expired 1 day ago
       *[other] expired { $days } days ago
    }
days-not-yet = not valid yet

kind-sm2 = SM2
kind-other = { $type }

## The state of one Key

key-ready = ready
key-present = being read
key-logged-in = logged in (you)
key-logged-in-other = logged in (another user)
key-module-failed = its driver does not work
key-low = the PIN was entered wrongly before
key-low-tries =
    { $tries ->
        [one] the PIN was entered wrongly, 1 try left
       *[other] the PIN was entered wrongly, { $tries } tries left
    }
key-final-try = only one try of the PIN is left
key-locked = the PIN is locked and has to be unlocked
key-locked-for-good = the PIN is locked for good, the Key has to be replaced
key-to-be-changed = still the PIN it came with: please change it
key-expired = its certificates are not valid today, so it can't sign
key-not-set = no PIN is set yet

## The window with the details

window-heading = About your Key:
window-heading-page = About your Key (page { $number } of { $count }):
details-title = Details of the Key
details-unit = Unit: { $unit }
details-holder-id = USCC: { $id }
details-key = Key: { $label } (serial number { $serial })
details-maker = Model: { $maker }
details-state = State: { $state }
details-tries = Tries left of the PIN: { $tries }
details-tries-unknown = unknown (the Key does not say)
details-certificate = { $use } ({ $kind }): { $from } to { $to }, { $days }
details-serial = {"    "}Serial: { $serial }
details-issuer = {"    "}Issued by: { $issuer }
details-none = There is no certificate on this Key.
details-nothing = No Key is plugged in.
details-failed = The driver “{ $module }” does not work. Ask a technician (ukeyctl doctor says why).
use-signature = Signature certificate
use-encryption = Encryption certificate
use-both = Certificate for signatures and encryption

## What to do

advice-title = What to do
advice-ready = This Key works. There is nothing to do.
advice-no-key =
    Plug the Key in. When it does not appear, take another
    USB port and wait a few seconds; then ask a technician.
advice-expiring =
    Renew within the month before expiry: the clerk takes
    the Key and the stamped application form to the service
    point that issued it. Not earlier: what was encrypted to
    the old certificate may become unreadable, and platforms
    have to be bound anew.
advice-expired =
    The certificate has expired or is not valid yet, so it
    can't sign. When it has expired, take the Key and the
    stamped application form to the service point that
    issued it. When the dates look wrong, check the
    computer's clock first.
advice-pin-low =
    Look before you enter the PIN: is it the PIN of this
    Key, and is Caps Lock off? When you aren't sure, don't
    try: the Key locks after too many. If it is still the
    PIN that the Key came with, choose “Change PIN” in the
    menu.
advice-locked =
    A locked Key can't sign or order. Don't try again. The
    clerk takes the Key and the stamped application form
    (service: unlock) to the service point that issued it;
    or a technician of your unit unlocks it with the SO PIN.
advice-locked-for-good =
    This Key can't be unlocked. The clerk takes the Key and
    the stamped application form (service: reissue) to the
    service point that issued it; there is a fee.
advice-failed =
    The vendor's driver does not work, so its Keys can't
    sign for the time being. Unplug the Key and plug it in
    again; then ask a technician (ukeyctl doctor).

## Notices

notice-locked-title = Key locked: { $key }
notice-locked-text = It can't sign or order any more. Don't try the PIN again: have it unlocked.
notice-locked-for-good-text = It can't sign or order any more and can't be unlocked: it has to be replaced.
separator = {"; "}
notice-locked-bring = Bring: { $things }
notice-final-title = Only one try left: { $key }
notice-final-text = One more wrong PIN locks the Key. When you aren't sure, don't try.
notice-low-title = Wrong PIN: { $key }
notice-low-text = Too many wrong PINs lock the Key.
notice-low-tries =
    { $tries ->
        [one] 1 try is left; too many wrong PINs lock the Key.
       *[other] { $tries } tries are left; too many wrong PINs lock the Key.
    }
notice-factory-title = Please change the PIN: { $key }
notice-factory-text = The PIN is still the one that the Key came with. Whoever gets the Key can sign as your unit.
notice-failed-title = Key driver does not work: { $module }
notice-failed-text = Keys of this driver can't sign for the time being. It is tried again.
notice-copied-title = Binding information copied
notice-copied-text = Paste it into the platform:
notice-not-copied-title = Nothing was copied
notice-not-copied-text = The clipboard of this desktop can't be used. Please write it down:
notice-form-title = The application form is ready: { $service }
notice-no-form-title = The application form was not made: { $service }
form-shown =
    It is being opened. Print it at 100 %, fill in the rest and stamp it.
    File: { $file }
form-kept =
    No program can open it here. Open it yourself and print it at 100 %.
    File: { $file }
form-no-font = This computer has no Chinese font. Have a technician install fonts-wqy-zenhei.
form-no-character = No font has the character “{ $character }” of the unit's name. Have a technician install fonts-noto-cjk.
form-no-folder = Your documents folder was not found. Ask a technician (ukeyctl form).
form-not-saved = It can't be saved in “{ $folder }”: no permission, or the disk is full. Ask a technician (ukeyctl form).
form-not-made = Ask a technician (ukeyctl form): { $error }
notice-rest-title =
    { $count ->
        [one] One more notice about Keys
       *[other] { $count } more notices about Keys
    }
notice-log-out-failed-title = Not logged out: { $key }
notice-change-failed-title = PIN not changed: { $key }
notice-without-buttons = What to do: click the Key in the panel.

button-advice = What to do
button-change-pin = Change PIN
button-details = Details
button-retry = Try again
button-next = _Next page
button-close = _Close

failure-PinIncorrect = The current PIN was wrong; one try is used up.
failure-PinLocked = The PIN is locked and has to be unlocked first.
failure-PinFinalTry = Only one try is left; it was not used.
failure-PinInvalid = The Key does not take this new PIN (too short, too long or too simple).
failure-PinOutcomeUnknown = It is not known whether it worked: try the new PIN first, then the old one.
failure-TokenRemoved = The Key was unplugged.
failure-TokenBusy = The Key is busy. Try again in a while.
failure-ModuleFailed = The vendor's driver failed. Try again in a while.
failure-ModuleTimeout = The Key does not react. Unplug it and plug it in again.
failure-NotAuthorized = You may not do this now: log in to the desktop of this computer first.
failure-AuditUnavailable = The record can't be written (the disk may be full). Ask a technician.
failure-other = The service could not do it. Try again in a while, then ask a technician.
