#!/bin/sh
# Signs a file with the P-256 key of the first Key that has one, by nothing but GLib's gdbus and OpenSSL.
#
#   sign-with-gdbus.sh FILE SIGNATURE
#
# gdbus can't pass an open file, so the digest is made here and SignDigest signs it. The call waits for the PIN that the
# agent asks; the library gives up after 25 s, ukeyd answers "Timeout" before, and calling again joins the open dialog.
# To check the result:  openssl dgst -sha256 -verify public-key.pem -signature SIGNATURE FILE
set -eu
file=$1 signature=$2
service=org.ukeyd.UKey1

# Lines "node PATH {" and "readonly s KeyType = 'ec-p256';".
certificate=$(gdbus introspect --system --dest "$service" --object-path /org/ukeyd/UKey1 --recurse --only-properties |
    awk '$1 == "node" { path = $2 } $3 == "KeyType" && /ec-p256/ && found == "" { found = path } END { print found }')
[ -n "$certificate" ] || { echo "no Key with a P-256 certificate is plugged in" >&2; exit 1; }

digest=$(openssl dgst -sha256 -binary "$file" | od -An -v -tx1 | sed 's/ \(..\)/0x\1, /g' | tr -d '\n')
sign() {
    gdbus call --system --dest "$service" --object-path "$certificate" \
        --method org.ukeyd.UKey1.Certificate.SignDigest ECDSA-SHA256 "[byte ${digest%, }]" \
        "{'reason': <'Sign $(basename "$file" | tr -d "'\\\\")'>}"
}
answer=$(sign)
# gdbus writes bytes that happen to end with their only zero as text. Another signature looks different.
while [ "${answer#([byte }" = "$answer" ]; do
    answer=$(sign)
done

# "([byte 0x30, 0x45, …],)": each number becomes a byte.
for number in $(printf '%s' "$answer" | grep -o '0x[0-9a-f]*'); do
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o "$number")"
done >"$signature"
