# What to do where no file of ca.d fits, and when to renew. Each line of a list is an item.

service-new = new certificate
service-renew = renewal
service-reissue = replacement
service-unlock = unlocking
service-revoke = revocation
service-change = change

## Titles

title-when = When
title-where = Where
title-bring = What to bring
title-steps = What to do
title-consequences = Mind
title-hotline = Hotline
title-website = Website
line-item = { $title }: { $text }
line-title = { $title }:
line-hotline = { $number } ({ $hours })
short-where = Where: { $place }
short-hotline = Hotline: { $hotline }

## When to renew

timing-early = { $days ->
    [one] Too early to renew: the certificate has one day left.
   *[other] Too early to renew: the certificate has { $days } days left. Renew it within the { $window } days before it expires, which begin in { $opens ->
        [one] one day
       *[other] { $opens } days
     }.
 }
timing-open = { $days ->
    [0] The certificate expires today: have it renewed at once.
    [one] The certificate expires in one day: have it renewed at once.
   *[other] The certificate expires in { $days } days: it can be renewed now, and soon should be.
 }
timing-expired = { $days ->
    [0] The certificate has expired and can sign no more: have it renewed at once.
    [one] The certificate expired one day ago and can sign no more: have it renewed at once.
   *[other] The certificate expired { $days } days ago and can sign no more: have it renewed at once.
 }
early-harm =
    Renewed too early: what was encrypted to the old certificate may become unreadable.
    Renewed too early: platforms bind an account to the certificate's serial number, which changes; the account has to be bound again, and open business suffers.

## In general: new

new-summary = Apply for the unit's first certificate.
new-when = When the unit has no certificate yet.
new-where = A service point of the CA; the procurement platform says which CAs it accepts.
new-bring =
    The CA's application form, stamped
    A stamped copy of the unit's USCC certificate or business licence
    A stamped copy of the clerk's identity card
new-steps =
    Ask the procurement platform which CAs it accepts, and get that CA's form.
    Fill in and stamp the form, take the papers there and receive the Key.
    Change the initial PIN.
new-consequences =
    Whatever is done with the certificate counts as done by the unit: tell nobody the PIN.

## Renew

renew-summary = When the certificate is about to expire, the CA renews it.
renew-when = Within the month before it expires.
renew-where = The service point of the CA that issued this Key.
renew-bring =
    This Key
    The CA's form for a renewal, stamped
    Stamped copies of the unit's papers and of the clerk's identity card
renew-steps =
    Call the CA first, and ask where to go and what to bring.
    Decrypt and keep what was encrypted to the old certificate.
    Take the Key and the papers there.
    The serial number changes: bind the account on the procurement platform again.
renew-consequences =
    An expired certificate can sign no order.

## Reissue

reissue-summary = A lost or broken Key is replaced by the CA, usually for a fee.
reissue-when = As soon as you notice. If it is lost, call the CA first, so that nobody can use it in your name.
reissue-where = A service point of the CA that issued the certificate.
reissue-bring =
    The CA's form for a replacement, stamped
    Stamped copies of the unit's papers and of the clerk's identity card
    The broken Key, unless it is lost
reissue-steps =
    If it is lost, call the CA at once.
    Take the papers there.
    The serial number changes: bind the account on the procurement platform again.
reissue-consequences =
    Until the CA has been told, whatever is done with a lost Key is at the unit's own cost.

## Unlock

unlock-summary = The PIN is locked; the Key can be used again once it is unlocked.
unlock-when = Any time; while it is locked nothing can be signed.
unlock-where = A service point of the CA that issued the certificate, or a technician who has the admin PIN.
unlock-bring =
    This Key
    The CA's form for unlocking, stamped
    Stamped copies of the unit's papers and of the clerk's identity card
unlock-steps =
    Don't try the PIN again, and don't format the Key.
    Call the CA first, ask where to go and what to bring, then have it unlocked.
    When it is unlocked, the user chooses the new PIN in person and tells nobody.
unlock-consequences =
    Unlocking leaves the certificate as it is: no account has to be bound again.

## Revoke

revoke-summary = If the private key may be known to others, the Key is lost or the certificate is no longer wanted, have it revoked at once.
revoke-when = At once.
revoke-where = The CA that issued the certificate; call first.
revoke-bring =
    The CA's form for a revocation, stamped
    Stamped copies of the unit's papers and of the clerk's identity card
revoke-steps =
    Call the CA at once, say that the certificate is to be revoked, and why.
    Hand in the papers.
revoke-consequences =
    Until it is revoked, whatever is done with the certificate counts as the unit's: be quick.
    A revoked certificate can't be used again.

## Change

change-summary = When the unit's name or other facts in the certificate have changed, the CA changes the certificate.
change-when = Soon after the change.
change-where = A service point of the CA that issued the certificate.
change-bring =
    This Key
    The CA's form for a change, stamped
    Proof of the change
    Stamped copies of the unit's papers and of the clerk's identity card
change-steps =
    Call the CA first, and ask which proof it wants.
    Take the Key and the papers there.
    Check what the new certificate says, and bind the account on the procurement platform again.
change-consequences =
    With a certificate that is no longer true, platforms may refuse.
