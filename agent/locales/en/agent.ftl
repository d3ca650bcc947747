# The window that asks for the PIN. Lines are at most 60 columns long: not every pinentry wraps them.
pin-title = Enter the PIN of the Key
pin-heading = A program wants to use your Key. Please check:
pin-consequence =
    By entering the PIN you let this program sign with this
    Key; its signatures count as acts of your unit.
    The PIN is not kept. Tell it to nobody.
pin-prompt = PIN:

warning-low = The PIN was wrong before. Wrong entries lock the Key.
warning-final-try = Last try! One more wrong PIN locks the Key.

# Who, what for, which Key
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

# Confirmation of the last try
final-title = The Key may lock
final-heading = One PIN try is left. A wrong PIN now locks the Key!
final-heading-unknown =
    The PIN was wrong several times. How many tries are left
    is unknown: one more wrong PIN may lock the Key!
final-cost =
    A locked Key signs nothing and places no orders. The clerk
    has to take it to the service point that issued it, with the
    stamped application form, to have it unlocked.
final-advice = If you are not sure of the PIN, do not try now.
final-button-ok = _Try anyway
final-button-cancel = Do _not try

button-ok = OK
button-cancel = Cancel
tooltip-show = Show the PIN
tooltip-hide = Hide the PIN
hint-caps-lock = Caps Lock is on
