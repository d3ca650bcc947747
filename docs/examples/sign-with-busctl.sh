#!/bin/sh
# Signs a file with the RSA-2048 key of the first Key that has one, by nothing but systemd's busctl and OpenSSL.
#
#   sign-with-busctl.sh FILE SIGNATURE
#
# busctl can't pass an open file, so the digest is made here and SignDigest signs it. The call waits for the PIN that the
# agent asks; the library gives up after 25 s, ukeyd answers "Timeout" before, and calling again joins the open dialog.
# To check the result:  openssl dgst -sha256 -verify public-key.pem -signature SIGNATURE FILE
set -eu
file=$1 signature=$2
service=org.ukeyd.UKey1 interface=org.ukeyd.UKey1.Certificate

certificate=
for object in $(busctl --system --list tree "$service" | grep '/certificate/[0-9a-f]*$'); do
    if [ "$(busctl --system get-property "$service" "$object" "$interface" KeyType)" = 's "rsa-2048"' ]; then
        certificate=$object
        break
    fi
done
[ -n "$certificate" ] || { echo "no Key with an RSA-2048 certificate is plugged in" >&2; exit 1; }

digest=$(openssl dgst -sha256 -binary "$file" | od -An -v -tu1)
# Types: algorithm s, digest ay (count, then bytes), options a{sv} (count, then key, type, value).
# shellcheck disable=SC2086 # the digest is a list of numbers
answer=$(busctl --system call "$service" "$certificate" "$interface" SignDigest 'saya{sv}' \
    RSA-PKCS1-SHA256 32 $digest 1 reason s "Sign $(basename "$file")")

# "ay 256 18 52 …": each number becomes a byte.
for number in ${answer#ay * }; do
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o "$number")"
done >"$signature"
