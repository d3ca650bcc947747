# The texts of the dialogs. Lines are at most 60 columns long: not every pinentry wraps them.
# User PIN (the user's) and SO PIN (the technicians') differ in title, heading and prompt, so that none is typed for
# the other.

## The user PIN, to log in

user-pin-title = Enter the user PIN of the Key
user-pin-heading = A program wants to use your Key. Please check:
user-pin-note =
    By entering the PIN you let this program sign with this
    Key; its signatures count as acts of your unit.
    The PIN is not kept. Tell it to nobody.
user-pin-prompt = User PIN:

## The user PIN, for one signature

signature-pin-title = One signature: enter the user PIN
signature-pin-heading = A program wants one signature. Please check:
signature-pin-note =
    This key wants the PIN for each signature. What you enter
    serves this one only; it counts as an act of your unit.
signature-pin-prompt = User PIN:

## Changing the user PIN

current-pin-title = Change the user PIN: first the present one
current-pin-heading = To change the PIN, first enter the PRESENT user PIN:
current-pin-note = A wrong one uses a try. The new PIN is asked for next.
current-pin-prompt = Present user PIN:

new-pin-title = Choose a new user PIN
new-pin-heading = User of the Key: please choose a NEW user PIN:
new-pin-note =
    Only the user should type it; technicians and others,
    please look away. Take no birthday, telephone number or
    123456: those are easy to guess.
new-pin-prompt = New user PIN:
new-pin-again-title = The new user PIN once more
new-pin-again-heading = Please enter the NEW user PIN AGAIN:
new-pin-again-prompt = New user PIN again:

## The SO PIN (technicians)

so-pin-title = Unlock: SO PIN of the technician
so-pin-heading = Unlocking. TECHNICIAN: please enter the SO PIN (admin PIN):
so-pin-note =
    This is NOT the user PIN of every day: clerks, please do
    not type here. A wrong one uses a try; when the SO PIN
    locks, the Key has to be replaced.
so-pin-prompt = SO PIN (admin PIN):

current-so-pin-title = Change the SO PIN (admin PIN): first the present one
current-so-pin-heading = TECHNICIAN: please enter the PRESENT SO PIN (admin PIN):
current-so-pin-note =
    This is NOT the user PIN of every day: clerks, please do
    not type here. A wrong one uses a try; when the SO PIN
    locks, the Key can never be unlocked again.
current-so-pin-prompt = Present SO PIN (admin PIN):

new-so-pin-title = Choose a new SO PIN (admin PIN)
new-so-pin-heading = TECHNICIAN: please choose a NEW SO PIN (admin PIN):
new-so-pin-note =
    Do not take the user PIN, and keep it well: without it, a
    Key whose user PIN locks has to be replaced.
new-so-pin-prompt = New SO PIN (admin PIN):
new-so-pin-again-title = The new SO PIN (admin PIN) once more
new-so-pin-again-heading = Please enter the NEW SO PIN (admin PIN) AGAIN:
new-so-pin-again-prompt = New SO PIN again:

warning-low = The PIN was wrong before. Wrong entries lock the Key.
warning-final-try = Last try! One more wrong PIN locks the Key.
warning-so-low = The SO PIN was wrong before. When it locks, the Key is lost!
warning-so-final-try = Last try! A wrong SO PIN ends this Key.

remark-differed = The two entries differ. Please choose again.
remark-empty = Nothing was entered. Please choose again.
remark-too-short = Too short: at least { $min } characters. Please choose again.
remark-too-long = Too long: at most { $max } characters. Please choose again.

## Who, what for, which Key

line-step = Step { $step } of { $steps }
line-program = Program: { $program } (in { $folder })
line-program-claimed = Program: unknown (calls itself "{ $program }")
line-program-unknown = Program: unknown
line-script = Script (the program says): { $script }
line-user = User: { $user }
line-reason = Purpose (the program says): { $reason }
line-reason-none = Purpose: the program gives none
line-key = Key: { $label } (serial { $serial })
line-holder = Unit: { $holder }
line-holder-id = USCC: { $id }
line-tries = PIN tries left: { $tries }
line-tries-unknown = PIN tries left: unknown (the Key does not tell)
line-so-tries = SO PIN tries left: { $tries }
line-so-tries-unknown = SO PIN tries left: unknown (the Key does not tell)
line-count = Signatures wanted now: { $count }
line-length = Length: { $min } to { $max } characters

## Questions

final-try-title = The Key may lock
final-try-heading = One PIN try is left. A wrong PIN now locks the Key!
unknown-tries-title = The Key may lock
unknown-tries-heading =
    The PIN was wrong several times. How many tries are left
    is unknown: one more wrong PIN may lock the Key!
cost =
    A locked Key signs nothing and places no orders. The clerk
    has to take it to the service point that issued it, with the
    stamped application form, to have it unlocked.
    If you are not sure of the PIN, do not try now.

so-final-try-title = The SO PIN is about to lock
so-final-try-heading = One SO PIN try is left. A wrong one now ends this Key!
so-unknown-tries-title = The SO PIN may lock
so-unknown-tries-heading =
    The SO PIN was wrong several times. How many tries are
    left is unknown!
so-cost =
    Once the SO PIN locks, this Key can never be unlocked: the
    service point that issued it has to replace it, for a fee.
    If you are not certain, do not try now.

unblock-title = Unlock the Key
unblock-heading = The user PIN of this Key is to be unlocked. Please note:
unblock-cost =
    The technician enters the SO PIN (admin PIN), then the user
    chooses a new user PIN. A wrong SO PIN uses a try; when it
    locks, this Key can never be unlocked and has to be replaced.

pinpad-title = The PIN is typed on the Key
pinpad-heading = This Key has its own keypad. Check, press Continue,
pinpad-note = then type the PIN ON THE KEY, not on the computer.

consent-title = Another program wants to use the Key
consent-heading = ANOTHER program wants to sign with your login:
consent-note =
    Allow: it may sign until you log out or remove the
    Key; its signatures count as acts of your unit.
    Refuse: it signs nothing. If in doubt, refuse.
consent-allow = _Allow
consent-refuse = _Refuse

factory-choice-title = This PIN is too common
factory-choice-heading =
    You chose a PIN that Keys are sold with (like 123456):
    whoever finds the Key tries it first. Better take another.
factory-choice-use = _Use it anyway
factory-choice-another = _Another PIN

button-try = _Try anyway
button-try-not = Do _not try
button-continue = _Continue
button-continue-not = _Not now

## Messages

token-removed-title = The Key was removed
token-removed-heading =
    The Key was pulled out in use: nothing was completed.
    Plug it in again, and repeat what you were doing.
press-title = Press the button on the Key
press-heading =
    Please check, then press the button ON THE KEY to complete
    the signature. If you do not agree, do not press it.
pinpad-notice-title = Type the PIN on the Key
pinpad-notice-heading = Please type the PIN now ON THE KEYPAD OF THE KEY.
factory-pin-title = Please change the PIN
factory-pin-heading =
    The PIN of this Key is still the one it was issued with.
    Please change it soon: click the Key in the panel, then
    "Change PIN". Where there is none, ask a technician
    ("ukeyctl change-pin").
factory-user =
    Note: your PIN is one that Keys are sold with. Whoever gets
    the Key could sign for your unit. Please change it soon:
    click the Key in the panel, then "Change PIN". Where there
    is none, ask a technician ("ukeyctl change-pin").
factory-so =
    Technician: the SO PIN is one that Keys are sold with.
    Please change it ("ukeyctl change-pin --so").
pin-changed-title = The PIN is changed
pin-changed-heading = The user PIN is changed. Use the new one from now on.
so-pin-changed-title = The SO PIN is changed
so-pin-changed-heading = The SO PIN (admin PIN) is changed. Keep it well.
unblocked-title = The Key is unlocked
unblocked-heading = The Key is unlocked. Use the new PIN from now on.

## Buttons and hints

button-ok = OK
button-cancel = Cancel
button-read = I see
tooltip-show = Show the PIN
tooltip-hide = Hide the PIN
hint-caps-lock = Caps Lock is on
