# Notices of certificates that end

title-days = { $name }: the certificate expires in { $days } days
title-tomorrow = { $name }: the certificate expires tomorrow
title-today = { $name }: the certificate expires today
title-ended-today = { $name }: the certificate expired today
title-ended = { $name }: the certificate expired { $days ->
    [one] 1 day ago
   *[other] { $days } days ago
 }

line-key = Key: { $label } (serial number { $serial })
line-end = { $kind }, valid until { $date } { $time }
line-renew = Have it renewed before that: within the month before it expires, with this Key, at the service point that issued it. If it is late, no order can be signed any more.
line-ended = It can't sign any more. Take this Key to the service point that issued it as soon as you can.
line-place = Where: { $place }
line-hotline = Hotline: { $hotline }

kind-signature = Signature certificate
kind-encryption = Encryption certificate
kind-pair = Signature and encryption certificate
kind-both = Certificate

button-advice = What to do
button-tomorrow = Remind me tomorrow
button-copy = Copy binding information
advice-title = Renewing the certificate
without-buttons = The menu of the Key's icon says more: What to do.
